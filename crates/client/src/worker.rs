//! The writer: one thread that opens the store, writes whole groups of steps in one transaction, and releases what a
//! step offers only once it is stored (engine.md 1.1, 11.2).

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use hearken_core::{Checkpoint, Input, Row, Span, Timestamp};

use crate::error::Error;
use crate::export::delivered;
use crate::inner::{Inner, Outgoing, Phase, Shared};
use crate::presentation::Presentation;
use crate::retention::{cut, prune};
use crate::store::{self, Batch, Store, StoreError, StoredRow};

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How many steps one transaction takes.
const GROUP: usize = 1_000;

pub(crate) fn spawn(inner: Arc<Inner>, store: Box<dyn Store>) {
    let failed = Arc::clone(&inner);
    let thread = std::thread::Builder::new().name("hearken".into());
    let spawned = thread.spawn(move || {
        let mut worker = Worker { inner, store, spare: VecDeque::new() };
        let ended = worker.run();
        // Whoever is told that it ended can open the store again at once.
        drop(worker.store);
        worker.inner.lock().end(ended.err());
        worker.inner.done.notify_all();
    });
    if let Err(error) = spawned {
        let message = error.to_string();
        failed.lock().phase = Phase::Failed(StoreError::Unavailable { path: "thread".into(), message }.into());
        failed.done.notify_all();
    }
}

impl Shared {
    fn end(&mut self, failed: Option<Error>) {
        let answer = failed.clone().unwrap_or(Error::Closed);
        self.phase = failed.map_or(Phase::Closed, Phase::Failed);
        // Whoever still waits for an answer gets one.
        for ask in self.asks.drain(..) {
            ask(Err(answer.clone()));
        }
    }
}

pub(crate) struct Worker {
    pub(crate) inner: Arc<Inner>,
    pub(crate) store: Box<dyn Store>,
    /// An empty list with room, which becomes the outbox when that is taken.
    spare: VecDeque<Outgoing>,
}

enum Woken {
    Work,
    Timer,
    Closing,
}

impl Worker {
    /// Until the client closes; the error is the store's, which could not be opened, or not again.
    fn run(&mut self) -> Result<(), Error> {
        self.open(None)?;
        loop {
            let woken = self.sleep();
            if matches!(woken, Woken::Timer) {
                let mut shared = self.inner.lock();
                shared.wakeup = None;
                let moment = self.inner.moment(&mut shared);
                self.inner.handle(&mut shared, Input::Tick, &moment, None);
            }
            // Who asks from here on waits for the next time, which takes over what was left before it asked.
            let asked = self.inner.lock().asks.len();
            self.promote()?;
            self.take_over();
            let written = self.write().and_then(|()| self.tidy());
            self.tell();
            written?;
            self.answer(asked);
            if matches!(woken, Woken::Closing) {
                return Ok(());
            }
        }
    }

    /// Sleeps until there is something to write or to answer, the engine's next wake-up, or the end.
    fn sleep(&self) -> Woken {
        let mut shared = self.inner.lock();
        loop {
            let undelivered = shared.observer.is_some() && !(shared.offers.is_empty() && shared.reports.is_empty());
            if !shared.outbox.is_empty() || !shared.asks.is_empty() || undelivered || shared.prune {
                return Woken::Work;
            }
            if matches!(shared.phase, Phase::Guest) && (!shared.early.is_empty() || shared.is_owner_asked_for) {
                return Woken::Work;
            }
            if shared.closing {
                return Woken::Closing;
            }
            let Some(left) = shared.wakeup.and_then(|at| self.inner.left_until(at)) else {
                shared.asleep = true;
                shared = self.inner.work.wait(shared).unwrap_or_else(PoisonError::into_inner);
                shared.asleep = false;
                continue;
            };
            if left <= Span(0) {
                return Woken::Timer;
            }
            let pause = Duration::from_millis(left.0.unsigned_abs());
            shared.asleep = true;
            let waited = self.inner.work.wait_timeout(shared, pause).unwrap_or_else(PoisonError::into_inner);
            shared = waited.0;
            shared.asleep = false;
        }
    }

    /// Takes over what other processes left. Their events keep their own time (engine.md 11.2).
    fn take_over(&mut self) {
        if !matches!(self.inner.lock().phase, Phase::Open) {
            return;
        }
        let left = match self.store.pending() {
            Ok(left) if left.is_empty() => return,
            Ok(left) => left,
            Err(error) => {
                self.inner.lock().reports.push(error.to_string());
                return;
            }
        };
        let mut shared = self.inner.lock();
        let taken: Vec<i64> = shared.outbox.iter().filter_map(|step| step.taken).collect();
        for pending in left.iter().filter(|pending| !taken.contains(&pending.id)) {
            let moment = self.inner.moment(&mut shared);
            match Input::from_json(&pending.body) {
                Ok(input @ Input::Track { at: Some(_), .. }) => {
                    self.inner.handle(&mut shared, input, &moment, Some(pending));
                }
                _ => {
                    shared.reports.push(format!("what another process left cannot be read: pending {}", pending.id));
                    self.inner.handle(&mut shared, Input::Tick, &moment, Some(pending));
                }
            }
        }
    }

    /// Writes what waits, group by group, and releases it.
    fn write(&mut self) -> Result<(), Error> {
        self.hand_over();
        loop {
            let mut group = self.next_group();
            if group.is_empty() {
                return Ok(());
            }
            if !self.store_group(group.make_contiguous()) {
                return self.start_over(group.len());
            }
            self.release(&mut group);
            self.spare = group;
        }
    }

    /// What one transaction takes. The lists change places, so that whoever says something waits for no copying.
    fn next_group(&mut self) -> VecDeque<Outgoing> {
        let mut group = std::mem::take(&mut self.spare);
        let mut shared = self.inner.lock();
        // What erases everything is written by itself.
        let count = match shared.outbox.iter().take(GROUP).position(|step| step.erased) {
            Some(0) => 1,
            Some(before) => before,
            None => shared.outbox.len().min(GROUP),
        };
        if count == shared.outbox.len() {
            std::mem::swap(&mut shared.outbox, &mut group);
        } else {
            group.extend(shared.outbox.drain(..count));
        }
        group
    }

    /// A guest's events go to the process that owns the store.
    fn hand_over(&mut self) {
        let mut shared = self.inner.lock();
        if !matches!(shared.phase, Phase::Guest) || shared.early.is_empty() {
            return;
        }
        let events: Vec<_> = shared.early.drain(..).collect();
        shared.handled += 1;
        drop(shared);
        let bodies: Vec<String> = events.into_iter().map(|(input, ctx)| left_behind(input, ctx.now)).collect();
        let inner = Arc::clone(&self.inner);
        let kept = self.insist(&inner, |store| store.hand_over(&bodies));
        let mut shared = self.inner.lock();
        shared.stored += 1;
        if !kept {
            shared.reports.push(format!("{} events could not be handed over", bodies.len()));
        }
        drop(shared);
        self.inner.done.notify_all();
    }

    fn store_group(&mut self, group: &[Outgoing]) -> bool {
        let batch = Batch {
            rows: group.iter().filter_map(|step| step.row.as_ref()).map(stored_row).collect(),
            blobs: group.iter().filter_map(|step| step.blob.clone()).collect(),
            head: group.iter().rev().find_map(|step| step.head.as_ref()).map(stored_checkpoint),
            taken: group.iter().filter_map(|step| step.taken).collect(),
        };
        if batch == Batch::default() {
            return true;
        }
        let inner = Arc::clone(&self.inner);
        let erases = group.iter().any(|step| step.erased);
        self.insist(&inner, |store| {
            if erases {
                let journal = store.erase(&batch)?;
                inner.lock().journal = journal;
                return Ok(());
            }
            store.append(&batch)
        })
    }

    /// Tries a write again and again, with longer and longer pauses; meanwhile `flush` errs and inputs queue.
    fn insist(&mut self, inner: &Inner, mut write: impl FnMut(&mut dyn Store) -> Result<(), StoreError>) -> bool {
        let attempts = inner.lock().setup.attempts;
        let mut pause = Duration::from_millis(20);
        for attempt in 1..=attempts {
            match write(self.store.as_mut()) {
                Ok(()) => {
                    inner.lock().failure = None;
                    return true;
                }
                Err(error) => {
                    let mut shared = inner.lock();
                    if attempt == 1 {
                        shared.reports.push(error.to_string());
                    }
                    shared.failure = Some(error);
                    inner.done.notify_all();
                    if shared.closing && attempt >= 3 {
                        return false;
                    }
                }
            }
            if attempt < attempts {
                std::thread::sleep(pause);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        false
    }

    /// The store would not take what the engine says: the engine is discarded and folded anew, and the gap recorded.
    fn start_over(&mut self, lost: usize) -> Result<(), Error> {
        let mut shared = self.inner.lock();
        let lost = lost + shared.outbox.len();
        shared.outbox.clear();
        shared.offers_on_their_way = 0;
        shared.stored = shared.handled;
        shared.losses += 1;
        shared.engine = None;
        if shared.closing {
            return Ok(());
        }
        shared.phase = Phase::Opening;
        drop(shared);
        self.open(Some(format!("{lost} steps could not be stored")))?;
        self.inner.done.notify_all();
        Ok(())
    }

    /// Removes what nobody needs any more, and what is too old or too much; the latter is recorded first.
    fn tidy(&mut self) -> Result<(), Error> {
        let (setup, now) = {
            let mut shared = self.inner.lock();
            if !std::mem::take(&mut shared.prune) || !matches!(shared.phase, Phase::Open) {
                return Ok(());
            }
            (shared.setup.clone(), self.inner.clock.now())
        };
        let mut written = Ok(());
        let tidied = delivered(self.store.as_mut(), &self.inner).and_then(|free| {
            let cut = cut(self.store.as_mut(), setup.retention, free, now)?;
            if let Some((from, to)) = cut.lost {
                let mut shared = self.inner.lock();
                let moment = self.inner.moment(&mut shared);
                let gap = Input::Gap { reason: "retention".into(), from: Some(from), to: Some(to) };
                self.inner.handle(&mut shared, gap, &moment, None);
                shared.reports.push(format!("given up for room, and exported to nobody: records {from} to {to}"));
                drop(shared);
                let losses = self.inner.lock().losses;
                written = self.write();
                if written.is_err() || self.inner.lock().losses > losses {
                    // It is not recorded: nothing is given up.
                    return Ok(());
                }
            }
            prune(self.store.as_mut(), &setup, cut.through).map(drop)
        });
        if let Err(error) = tidied {
            self.inner.lock().reports.push(format!("what is no longer needed could not be removed: {error}"));
        }
        written
    }

    /// What stored steps offer, withdraw and say.
    fn release(&mut self, group: &mut VecDeque<Outgoing>) {
        for step in group.iter_mut() {
            // It is stored: it goes here, and not while the lock is held.
            (step.row, step.blob, step.head) = (None, None, None);
        }
        let mut shared = self.inner.lock();
        let observer = shared.observer.clone();
        let mut withdrawn = Vec::new();
        let mut diagnostics = Vec::new();
        let mut inbox_changed = false;
        for step in group.drain(..) {
            shared.stored += 1;
            shared.offers_on_their_way -= usize::from(!step.offered.is_empty());
            shared.offers.extend(step.offered);
            for gone in &step.withdrawn {
                shared.offers.retain(|offer| offer.presentation_id != gone.presentation_id);
            }
            withdrawn.extend(step.withdrawn);
            diagnostics.extend(step.diagnostics);
            inbox_changed |= step.inbox_changed;
        }
        drop(shared);
        self.inner.done.notify_all();
        if let Some(observer) = observer {
            for gone in withdrawn {
                observer.withdrawn(gone.presentation_id, gone.cause);
            }
            if inbox_changed {
                observer.inbox_changed();
            }
            for diagnostic in &diagnostics {
                observer.diagnostic(diagnostic);
            }
        }
    }

    /// Hands offers and reports to the observer, without the lock.
    fn tell(&self) {
        let (observer, offers, reports) = {
            let mut shared = self.inner.lock();
            match shared.observer.clone() {
                Some(observer) => {
                    (Some(observer), std::mem::take(&mut shared.offers), std::mem::take(&mut shared.reports))
                }
                None => (None, VecDeque::new(), Vec::new()),
            }
        };
        if let Some(observer) = observer {
            for report in &reports {
                observer.report(report);
            }
            for offer in offers {
                observer.offered(Presentation::new(Arc::clone(&self.inner), offer));
            }
        }
    }

    /// Answers the first that asked something of the store, without the lock: who asks after a flush has been told everything
    /// before it.
    fn answer(&mut self, asked: usize) {
        let asks: Vec<_> = self.inner.lock().asks.drain(..asked).collect();
        for ask in asks {
            ask(Ok(self.store.as_mut()));
        }
    }
}

/// An event that another process will take over: it keeps its own time.
fn left_behind(mut input: Input, now: Timestamp) -> String {
    if let Input::Track { at, .. } = &mut input {
        at.get_or_insert(now);
    }
    input.to_json()
}

fn stored_row(row: &Row) -> StoredRow {
    StoredRow { last: row.last, body: row.to_json() }
}

fn stored_checkpoint(checkpoint: &Checkpoint) -> store::Checkpoint {
    store::Checkpoint { seq: checkpoint.seq, body: checkpoint.to_json() }
}
