//! A store in memory: for tests, and for hosts that keep nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::{Batch, Checkpoint, Opened, Pending, Role, Store, StoreError, StoredRow};

/// A store in memory. Clones share what they hold, so that a test can close a client and open another on the same
/// past. One owner at a time: the first that opened, until it is dropped.
#[derive(Debug, Default)]
pub struct Memory {
    held: Arc<Mutex<Held>>,
    owns: bool,
    #[cfg(feature = "testing")]
    hook: Option<crate::testing::Hook>,
}

#[derive(Debug, Default, Clone)]
struct Held {
    journal: String,
    owned: bool,
    rows: BTreeMap<u64, String>,
    head: Option<Checkpoint>,
    base: Option<Checkpoint>,
    blobs: BTreeMap<String, String>,
    acknowledged: u64,
    pending: BTreeMap<i64, String>,
    handed_over: i64,
}

impl Clone for Memory {
    fn clone(&self) -> Self {
        Self {
            held: Arc::clone(&self.held),
            owns: false,
            #[cfg(feature = "testing")]
            hook: None,
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if self.owns {
            self.lock().owned = false;
        }
    }
}

impl Memory {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `hook` at every write boundary; an error of it is the store's.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn hooked(mut self, hook: crate::testing::Hook) -> Self {
        self.hook = Some(hook);
        self
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a batch into what is to be held from here on.
    fn keep(&mut self, mut next: Held, batch: &Batch) -> Result<(), StoreError> {
        self.boundary("begin")?;
        for StoredRow { last, body } in &batch.rows {
            self.boundary("row")?;
            next.rows.insert(*last, body.clone());
        }
        for (hash, body) in &batch.blobs {
            self.boundary("blob")?;
            next.blobs.insert(hash.clone(), body.clone());
        }
        for id in &batch.taken {
            self.boundary("taken")?;
            next.pending.remove(id);
        }
        if let Some(head) = &batch.head {
            self.boundary("head")?;
            next.head = Some(head.clone());
        }
        self.boundary("commit")?;
        self.commit(next);
        Ok(())
    }

    /// Holds this from here on, and what guests handed over since it was begun.
    fn commit(&self, mut next: Held) {
        let mut held = self.lock();
        let since = held.pending.range(next.handed_over + 1..).map(|(id, body)| (*id, body.clone()));
        next.pending.extend(since);
        next.handed_over = held.handed_over;
        *held = next;
    }

    #[cfg_attr(not(feature = "testing"), allow(clippy::unused_self, clippy::unnecessary_wraps))]
    fn boundary(&mut self, _place: &'static str) -> Result<(), StoreError> {
        #[cfg(feature = "testing")]
        if let Some(hook) = &mut self.hook {
            hook.call(_place).map_err(|message| StoreError::Unavailable { path: "memory".into(), message })?;
        }
        Ok(())
    }
}

fn new_journal() -> String {
    crate::clock::Entropy::random().map_or_else(|_| "memory".into(), |mut entropy| entropy.id())
}

impl Store for Memory {
    fn open(&mut self) -> Result<Role, StoreError> {
        let owns = self.owns;
        let mut held = self.lock();
        if held.owned && !owns {
            return Ok(Role::Guest);
        }
        held.owned = true;
        if held.journal.is_empty() {
            held.journal = new_journal();
        }
        let after = held.head.as_ref().map_or(0, |head| head.seq);
        let tail = held.rows.range(after + 1..).map(|(_, body)| body.clone()).collect();
        let opened = Opened { journal: held.journal.clone(), head: held.head.clone(), tail, lost: None };
        drop(held);
        self.owns = true;
        Ok(Role::Owner(opened))
    }

    fn restart(&mut self, why: &str) -> Result<Opened, StoreError> {
        *self.lock() = Held { owned: true, ..Held::default() };
        match self.open()? {
            Role::Owner(opened) => Ok(Opened { lost: Some(format!("damaged: {why}")), ..opened }),
            Role::Guest => Err(StoreError::Unavailable { path: "memory".into(), message: "not the owner".into() }),
        }
    }

    fn append(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let next = self.lock().clone();
        self.keep(next, batch)
    }

    fn erase(&mut self, batch: &Batch) -> Result<String, StoreError> {
        let handed_over = self.lock().handed_over;
        let journal = new_journal();
        // Numbers that other processes were given are not given again.
        let next = Held { owned: true, journal: journal.clone(), handed_over, ..Held::default() };
        self.keep(next, batch)?;
        Ok(journal)
    }

    fn base(&mut self) -> Result<Option<Checkpoint>, StoreError> {
        Ok(self.lock().base.clone())
    }

    fn size(&mut self) -> Result<u64, StoreError> {
        let held = self.lock();
        let checkpoints = held.head.iter().chain(&held.base).map(|checkpoint| checkpoint.body.len());
        let documents = held.blobs.values().chain(held.pending.values()).chain(held.rows.values()).map(String::len);
        Ok(checkpoints.chain(documents).sum::<usize>() as u64)
    }

    fn rows(&mut self, after: u64, limit: usize) -> Result<Vec<String>, StoreError> {
        Ok(self.lock().rows.range(after + 1..).take(limit).map(|(_, body)| body.clone()).collect())
    }

    fn prune(&mut self, base: &Checkpoint) -> Result<(), StoreError> {
        let mut next = self.lock().clone();
        self.boundary("begin")?;
        next.rows.retain(|last, _| *last > base.seq);
        self.boundary("base")?;
        next.base = Some(base.clone());
        if next.head.as_ref().is_none_or(|head| head.seq < base.seq) {
            next.head = Some(base.clone());
        }
        self.boundary("commit")?;
        self.commit(next);
        Ok(())
    }

    fn head(&mut self) -> Result<Option<Checkpoint>, StoreError> {
        Ok(self.lock().head.clone())
    }

    fn acknowledged(&mut self) -> Result<u64, StoreError> {
        Ok(self.lock().acknowledged)
    }

    fn acknowledge(&mut self, seq: u64) -> Result<(), StoreError> {
        self.boundary("acknowledge")?;
        let mut held = self.lock();
        held.acknowledged = held.acknowledged.max(seq);
        Ok(())
    }

    fn blob(&mut self, hash: &str) -> Result<Option<String>, StoreError> {
        Ok(self.lock().blobs.get(hash).cloned())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.boundary("sync")
    }

    fn hand_over(&mut self, pending: &[String]) -> Result<(), StoreError> {
        self.boundary("hand_over")?;
        let mut held = self.lock();
        for body in pending {
            held.handed_over += 1;
            let id = held.handed_over;
            held.pending.insert(id, body.clone());
        }
        Ok(())
    }

    fn pending(&mut self) -> Result<Vec<Pending>, StoreError> {
        Ok(self.lock().pending.iter().map(|(id, body)| Pending { id: *id, body: body.clone() }).collect())
    }
}
