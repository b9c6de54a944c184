//! Facts go out through an acknowledged cursor (engine.md 11.4): at least once, in order, and never again after the
//! acknowledgement.

use hearken_core::Row;

use crate::client::Client;
use crate::error::Error;
use crate::store::{Checkpoint, Store, StoreError};

/// A part of the journal, to be sent wherever the host sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// JSON lines, one per record, in order. A record that is exported again has the very same bytes.
    pub lines: Vec<String>,
    /// The place up to which this part reaches; hand it to [`Client::acknowledge`] once it has arrived.
    pub through: u64,
    /// The journal's id: with a place in it, the cursor.
    pub journal: String,
}

/// Rows read at once.
const ROWS: usize = 500;

impl Client {
    /// The records after the last acknowledged one, at most `max` of them (at least one step's); nothing if there are
    /// none. Until they are acknowledged, the same records come again. Waits for the disk.
    ///
    /// # Errors
    /// The store failed, or this process does not own it.
    pub fn export(&self, max: usize) -> Result<Option<Export>, Error> {
        self.flush()?;
        let journal = self.inner.lock().journal.clone();
        let part = self.inner.ask(move |store| part(store, max))?;
        Ok(part.map(|(lines, through)| Export { lines, through, journal }))
    }

    /// Says that everything up to `through` has arrived: it never comes again. Waits for the disk.
    ///
    /// # Errors
    /// The store failed; the records come again.
    pub fn acknowledge(&self, through: u64) -> Result<(), Error> {
        self.inner.ask(move |store| store.acknowledge(through))
    }

    /// Removes what was exported and acknowledged from the store, as far as the newest checkpoint reaches. Answers
    /// with the place up to which the journal is gone. Waits for the disk.
    ///
    /// # Errors
    /// The store failed; nothing was removed.
    pub fn prune_exported(&self) -> Result<u64, Error> {
        self.flush()?;
        // A fresh checkpoint, so that everything acknowledged can go.
        let checkpoint = {
            let shared = self.inner.lock();
            let quiet = shared.outbox.is_empty() && shared.stored == shared.handled;
            shared.engine.as_ref().filter(|_| quiet).map(hearken_core::Engine::checkpoint)
        };
        self.inner.ask(move |store| {
            let acknowledged = store.acknowledged()?;
            let fresh = checkpoint.map(|fresh| Checkpoint { seq: fresh.seq, body: fresh.to_json() });
            let candidates = [fresh, store.head()?];
            let Some(base) = candidates.into_iter().flatten().find(|base| base.seq <= acknowledged) else {
                return Ok(0);
            };
            store.prune(&base)?;
            Ok(base.seq)
        })
    }
}

fn part(store: &mut dyn Store, max: usize) -> Result<Option<(Vec<String>, u64)>, StoreError> {
    let acknowledged = store.acknowledged()?;
    let mut lines = Vec::new();
    let mut through = acknowledged;
    loop {
        let bodies = store.rows(through, ROWS)?;
        if bodies.is_empty() {
            break;
        }
        for body in bodies {
            let row = Row::from_json(&body)
                .map_err(|error| StoreError::Damaged { path: "journal".into(), message: error.to_string() })?;
            let fresh = row.records.iter().filter(|record| record.seq > acknowledged);
            let exported: Vec<String> =
                fresh.filter(|record| record.is_exported()).map(|record| record.export_line(false)).collect();
            if !lines.is_empty() && lines.len() + exported.len() > max {
                return Ok(Some((lines, through)));
            }
            lines.extend(exported);
            through = row.last;
        }
    }
    Ok((through > acknowledged).then_some((lines, through)))
}
