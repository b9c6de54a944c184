//! What all handles of a client share: an engine behind a lock that is never held across the disk.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hearken_core::{
    Body, Checkpoint, Context, Decision, Diagnostic, Engine, Input, Offer, ProfileId, Row, Span, Step, Timestamp,
    Verdict, Withdrawn,
};

use crate::client::Observer;
use crate::clock::{Clock, Entropy};
use crate::error::Error;
use crate::setup::{Host, Setup};
use crate::signature::Verifier;
use crate::store::{Pending, Store, StoreError};

/// How many steps may wait to be stored.
const QUEUE: usize = 10_000;
/// Places of the queue that are kept for what follows from messages already given, and for consent.
const KEPT: usize = 1_000;
/// A checkpoint is written at the latest after so many records (engine.md 1.4).
const CHECKPOINT_EVERY: u64 = 1_000;
/// How many decisions are remembered until somebody takes them.
const DECISIONS: usize = 256;

pub(crate) struct Inner {
    pub(crate) shared: Mutex<Shared>,
    /// Wakes the writer.
    pub(crate) work: Condvar,
    /// Wakes whoever waits for the writer.
    pub(crate) done: Condvar,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) verifier: Option<Verifier>,
}

pub(crate) enum Phase {
    /// The store is being opened; inputs wait with their own moment.
    Opening,
    Open,
    /// Another process owns the store.
    Guest,
    Failed(Error),
    Closed,
}

pub(crate) struct Shared {
    pub(crate) phase: Phase,
    pub(crate) engine: Option<Engine>,
    pub(crate) setup: Setup,
    pub(crate) entropy: Entropy,
    pub(crate) locale: String,
    pub(crate) can_display: bool,
    /// Inputs that came before the store was open, or for the process that owns it.
    pub(crate) early: VecDeque<(Input, Context)>,
    /// Something was refused because another process owns the store, which may have gone meanwhile.
    pub(crate) is_owner_asked_for: bool,
    pub(crate) outbox: VecDeque<Outgoing>,
    pub(crate) asks: VecDeque<Ask>,
    /// Steps handled, steps stored: `flush` waits until the second reaches the first.
    pub(crate) handled: u64,
    pub(crate) stored: u64,
    /// How often steps could not be stored and were given up.
    pub(crate) losses: u64,
    pub(crate) checkpoint_at: u64,
    /// The journal may have rows that nobody needs any more: the writer looks after its next write.
    pub(crate) prune: bool,
    /// Steps with offers that are not stored yet.
    pub(crate) offers_on_their_way: usize,
    pub(crate) offers: VecDeque<Offer>,
    pub(crate) decisions: VecDeque<Decision>,
    pub(crate) wakeup: Option<Timestamp>,
    pub(crate) failure: Option<StoreError>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) reports: Vec<String>,
    /// The journal's id, once the store is open.
    pub(crate) journal: String,
    /// The document of the playbook in force: installed again once everything was erased.
    pub(crate) document: Option<String>,
    /// The document of one that came while the library was switched off.
    pub(crate) held_back: Option<String>,
    /// Whose data the last erasure deleted.
    pub(crate) erased: Vec<ProfileId>,
    pub(crate) closing: bool,
    /// The writer sleeps: who has work for it wakes it. Waking takes a system call, sleeping or not.
    pub(crate) asleep: bool,
}

/// A step on its way to the store.
#[derive(Default)]
pub(crate) struct Outgoing {
    pub(crate) row: Option<Row>,
    pub(crate) blob: Option<(String, String)>,
    pub(crate) head: Option<Checkpoint>,
    pub(crate) taken: Option<i64>,
    /// Everything stored before goes in the same write.
    pub(crate) erased: bool,
    pub(crate) offered: Vec<Offer>,
    pub(crate) withdrawn: Vec<Withdrawn>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) inbox_changed: bool,
}

/// Something to be done with the store, on the writer's thread.
pub(crate) type Ask = Box<dyn FnOnce(Result<&mut dyn Store, Error>) + Send>;

impl Inner {
    pub(crate) fn new(setup: Setup, host: Host) -> Self {
        let Host { clock, entropy, locale, can_display, observer, verifier } = host;
        Self {
            shared: Mutex::new(Shared {
                phase: Phase::Opening,
                engine: None,
                setup,
                entropy,
                locale,
                can_display,
                early: VecDeque::new(),
                is_owner_asked_for: false,
                outbox: VecDeque::new(),
                asks: VecDeque::new(),
                handled: 0,
                stored: 0,
                losses: 0,
                checkpoint_at: 0,
                prune: false,
                offers_on_their_way: 0,
                offers: VecDeque::new(),
                decisions: VecDeque::new(),
                wakeup: None,
                failure: None,
                observer,
                reports: Vec::new(),
                journal: String::new(),
                document: None,
                held_back: None,
                erased: Vec::new(),
                closing: false,
                asleep: false,
            }),
            work: Condvar::new(),
            done: Condvar::new(),
            clock,
            verifier,
        }
    }

    /// A panic while the lock was held poisons it; the state behind it is folded from records and stays usable.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long until `at`, or nothing if time does not pass by itself.
    pub(crate) fn left_until(&self, at: Timestamp) -> Option<Span> {
        self.clock.runs().then(|| at.since(self.clock.now()))
    }

    pub(crate) fn moment(&self, shared: &mut Shared) -> Context {
        Context {
            now: self.clock.now(),
            offset_min: self.clock.offset_min(),
            entropy: shared.entropy.next(),
            locale: shared.locale.clone(),
            can_display: shared.can_display,
            ..Context::default()
        }
    }

    /// Hands an input to the engine, or to the queue while there is none yet.
    fn submit(&self, input: Input) -> Result<Verdict, Error> {
        let mut shared = self.lock();
        if shared.closing {
            return Err(Error::Closed);
        }
        let limit = if is_kept_for(&input) { QUEUE } else { QUEUE - KEPT };
        match &shared.phase {
            Phase::Failed(error) => return Err(error.clone()),
            Phase::Closed => return Err(Error::Closed),
            Phase::Opening | Phase::Guest => {
                if shared.early.len() >= limit {
                    return Err(Error::Backpressure);
                }
                if matches!(shared.phase, Phase::Guest) && !matches!(input, Input::Track { .. }) {
                    return Err(self.not_owner(&mut shared));
                }
                let ctx = self.moment(&mut shared);
                shared.early.push_back((input, ctx));
                self.work.notify_all();
                return Ok(Verdict::Accepted);
            }
            Phase::Open => {}
        }
        if shared.outbox.len() >= limit {
            return Err(Error::Backpressure);
        }
        let ctx = self.moment(&mut shared);
        Ok(self.handle(&mut shared, input, &ctx, None))
    }

    /// This process is no owner now; the writer looks whether it can be one for the next that asks.
    pub(crate) fn not_owner(&self, shared: &mut Shared) -> Error {
        shared.is_owner_asked_for = true;
        self.work.notify_all();
        Error::NotOwner
    }

    /// One step, and its way into the outbox.
    pub(crate) fn handle(&self, shared: &mut Shared, input: Input, ctx: &Context, taken: Option<&Pending>) -> Verdict {
        shared.setup.keep(&input);
        let Some(engine) = &mut shared.engine else { return Verdict::Accepted };
        let document = match &input {
            Input::InstallPlaybook { document, .. } => Some(document.clone()),
            _ => None,
        };
        let switched_on = matches!(input, Input::Switch { enabled: true });
        let purged = engine.purged();
        let step = engine.handle(input, ctx);
        if step.erased {
            shared.checkpoint_at = 0;
        }
        let due = engine.seq() >= shared.checkpoint_at + CHECKPOINT_EVERY;
        let head = due.then(|| engine.checkpoint());
        if let Some(head) = &head {
            shared.checkpoint_at = head.seq;
        }
        shared.prune |= due || engine.purged() > purged;
        let Step { verdict, erased, .. } = &step;
        let (verdict, erased) = (verdict.clone(), *erased);
        if erased {
            shared.erased = erased_profiles(step.row.as_ref());
        }
        self.send(shared, step, head, taken);
        match (document, &verdict) {
            (Some(document), Verdict::Accepted) => {
                shared.document = Some(document);
                shared.held_back = None;
            }
            (Some(document), Verdict::Disabled) => shared.held_back = Some(document),
            _ => {}
        }
        // An erased journal has no playbook, and one that came while the library was off was not taken.
        let again = if erased { shared.document.take() } else { None };
        let again = if switched_on { shared.held_back.take() } else { again };
        if let Some(document) = again {
            let ctx = Context { entropy: shared.entropy.next(), ..ctx.clone() };
            self.handle(shared, Input::InstallPlaybook { document, history: Vec::new() }, &ctx, None);
        }
        verdict
    }

    fn send(&self, shared: &mut Shared, step: Step, head: Option<Checkpoint>, taken: Option<&Pending>) {
        let Step { row, blob, offered, withdrawn, decisions, diagnostics, inbox_changed, erased, next_wakeup, .. } =
            step;
        let sooner = next_wakeup.is_some_and(|next| shared.wakeup.is_none_or(|known| next < known));
        shared.wakeup = next_wakeup;
        shared.decisions.extend(decisions);
        let surplus = shared.decisions.len().saturating_sub(DECISIONS);
        shared.decisions.drain(..surplus);
        let silent = withdrawn.is_empty() && offered.is_empty() && diagnostics.is_empty() && !inbox_changed;
        if row.is_none() && taken.is_none() && silent {
            // There is nothing to write, but the writer may have to sleep for less.
            if sooner {
                self.wake(shared);
            }
            return;
        }
        shared.offers_on_their_way += usize::from(!offered.is_empty());
        shared.handled += 1;
        shared.outbox.push_back(Outgoing {
            row,
            blob: blob.map(|blob| (blob.hash, blob.content)),
            head,
            taken: taken.map(|pending| pending.id),
            erased,
            offered,
            withdrawn,
            diagnostics,
            inbox_changed,
        });
        self.wake(shared);
    }

    /// Wakes the writer if it sleeps.
    fn wake(&self, shared: &Shared) {
        if shared.asleep {
            self.work.notify_all();
        }
    }

    /// Waits until everything handled so far is stored.
    pub(crate) fn flush(&self) -> Result<(), Error> {
        let mut shared = self.lock();
        let losses = shared.losses;
        let mut target = None;
        loop {
            match &shared.phase {
                Phase::Failed(error) => return Err(error.clone()),
                Phase::Closed => return Err(Error::Closed),
                _ if shared.losses > losses => {
                    let message = "what was not stored yet is lost: the store would not take it".to_owned();
                    return Err(StoreError::Unavailable { path: "journal".into(), message }.into());
                }
                Phase::Guest if shared.early.is_empty() && shared.stored == shared.handled => return Ok(()),
                Phase::Open => {
                    let target = *target.get_or_insert(shared.handled);
                    if shared.stored >= target {
                        return Ok(());
                    }
                }
                Phase::Guest | Phase::Opening => {}
            }
            if let Some(failure) = &shared.failure {
                return Err(failure.clone().into());
            }
            shared = self.wait(shared);
        }
    }

    /// Hands an input in; what it is refused for is the error.
    pub(crate) fn tell(&self, input: Input) -> Result<(), Error> {
        taken(self.submit(input)?)
    }

    /// Waits until the writer changed something.
    pub(crate) fn wait<'a>(&self, shared: MutexGuard<'a, Shared>) -> MutexGuard<'a, Shared> {
        // Bounded, so that a writer that is gone is noticed.
        let waited = self.done.wait_timeout(shared, Duration::from_secs(1));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Waits until the store is open.
    pub(crate) fn ready(&self) -> Result<(), Error> {
        let mut shared = self.lock();
        loop {
            match &shared.phase {
                Phase::Open | Phase::Guest => return Ok(()),
                Phase::Failed(error) => return Err(error.clone()),
                Phase::Closed => return Err(Error::Closed),
                Phase::Opening => shared = self.wait(shared),
            }
        }
    }

    /// Reads something of the engine at this moment; waits until the store is open.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Engine, &Context) -> T) -> Result<T, Error> {
        self.ready()?;
        let mut shared = self.lock();
        let moment = self.moment(&mut shared);
        let read = shared.engine.as_ref().map(|engine| read(engine, &moment));
        read.ok_or_else(|| self.not_owner(&mut shared))
    }

    /// Runs `work` with the store on the writer's thread, and waits for its answer.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = std::sync::mpsc::sync_channel(1);
        {
            let mut shared = self.lock();
            match &shared.phase {
                Phase::Closed => return Err(Error::Closed),
                Phase::Failed(error) => return Err(error.clone()),
                Phase::Guest => return Err(self.not_owner(&mut shared)),
                Phase::Opening | Phase::Open => {}
            }
            shared.asks.push_back(Box::new(move |store| {
                let result = store.and_then(|store| work(store).map_err(Error::from));
                // Nobody waits any more: there is nobody to tell.
                let _ = answer.send(result);
            }));
        }
        self.work.notify_all();
        answered.recv().unwrap_or(Err(Error::Closed))
    }
}

/// A verdict as a caller gets it.
pub(crate) fn taken(verdict: Verdict) -> Result<(), Error> {
    match verdict {
        Verdict::Accepted => Ok(()),
        Verdict::NotConsented => Err(Error::NotConsented),
        Verdict::Disabled => Err(Error::Disabled),
        Verdict::Rejected { rejection } => Err(rejection.into()),
    }
}

fn erased_profiles(row: Option<&Row>) -> Vec<ProfileId> {
    let records = row.into_iter().flat_map(|row| &row.records);
    records
        .filter_map(|record| match &record.body {
            Body::Erase(erase) => Some(erase.profiles.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}

/// Inputs that follow from messages already given, consent and erasure find room when others no longer do
/// (engine.md 1.9).
fn is_kept_for(input: &Input) -> bool {
    matches!(
        input,
        Input::Displaying { .. }
            | Input::Visible { .. }
            | Input::Ended { .. }
            | Input::Interaction { .. }
            | Input::HostAnswer { .. }
            | Input::Consent { .. }
            | Input::Erase
    )
}
