//! The client: an engine behind a lock that is never held across the disk, and one thread that writes.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hearken_core::{
    AttributeOp, Context, Decision, Diagnostic, EndCause, Engine, Explanation, Input, Offer, PresentationId,
    Properties, Purposes, Row, Span, Step, Timestamp, Value, Verdict,
};

use crate::builder::Builder;
use crate::clock::{Clock, Entropy};
use crate::error::Error;
use crate::presentation::Presentation;
use crate::store::{Pending, Store, StoreError};

/// How many steps may wait to be stored.
const QUEUE: usize = 10_000;
/// Places of the queue that are kept for what follows from messages already given, and for consent.
const KEPT: usize = 1_000;
/// A checkpoint is written at the latest after so many records (engine.md 1.4).
const CHECKPOINT_EVERY: u64 = 1_000;

/// A Hearken client. Clones are handles on the same one; it closes when the last is dropped.
///
/// No method but those that say so waits for the disk.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
    /// Counts the handles: the last one that goes closes the client.
    _handle: Arc<Handle>,
}

/// Told what happens, on the client's own thread. Every method has an empty body to start from.
pub trait Observer: Send + Sync {
    /// A message is offered.
    fn offered(&self, presentation: Presentation) {
        let _ = presentation;
    }

    /// A message is to be taken off the screen, or out of the host's queue.
    fn withdrawn(&self, presentation: PresentationId, cause: EndCause) {
        let _ = (presentation, cause);
    }

    /// Something that a developer should know.
    fn diagnostic(&self, diagnostic: &Diagnostic) {
        let _ = diagnostic;
    }

    /// Something about the store that a developer should know.
    fn report(&self, report: &str) {
        let _ = report;
    }
}

pub(crate) struct Inner {
    pub(crate) shared: Mutex<Shared>,
    /// Wakes the writer.
    pub(crate) work: Condvar,
    /// Wakes whoever waits for the writer.
    pub(crate) done: Condvar,
    clock: Arc<dyn Clock>,
}

/// What every new engine of this client needs.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) owner: String,
    pub(crate) channels: Vec<String>,
    pub(crate) playbook: String,
    pub(crate) consent: Purposes,
    /// How often a write that fails is tried.
    pub(crate) attempts: u32,
}

/// What the host brings.
pub(crate) struct Host {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Entropy,
    pub(crate) locale: String,
    pub(crate) can_display: bool,
    pub(crate) observer: Option<Arc<dyn Observer>>,
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
    pub(crate) outbox: VecDeque<Outgoing>,
    pub(crate) asks: VecDeque<Ask>,
    /// Steps handled, steps stored: `flush` waits until the second reaches the first.
    pub(crate) handled: u64,
    pub(crate) stored: u64,
    pub(crate) checkpoint_at: u64,
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
    pub(crate) closing: bool,
}

/// A step on its way to the store.
pub(crate) struct Outgoing {
    pub(crate) row: Option<Row>,
    pub(crate) blob: Option<(String, String)>,
    pub(crate) head: Option<hearken_core::Checkpoint>,
    pub(crate) taken: Option<i64>,
    pub(crate) offered: Vec<Offer>,
    pub(crate) withdrawn: Vec<hearken_core::Withdrawn>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Something to be done with the store, on the writer's thread.
pub(crate) type Ask = Box<dyn FnOnce(Result<&mut dyn Store, Error>) + Send>;

struct Handle(Arc<Inner>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.lock().closing = true;
        self.0.work.notify_all();
    }
}

impl Inner {
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
                    return Err(Error::NotOwner);
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

    /// One step, and its way into the outbox.
    pub(crate) fn handle(&self, shared: &mut Shared, input: Input, ctx: &Context, taken: Option<&Pending>) -> Verdict {
        let Some(engine) = &mut shared.engine else { return Verdict::Accepted };
        let Step { verdict, row, blob, offered, withdrawn, decisions, diagnostics, next_wakeup, .. } =
            engine.handle(input, ctx);
        let due = engine.seq() >= shared.checkpoint_at + CHECKPOINT_EVERY;
        let head = due.then(|| engine.checkpoint());
        if let Some(head) = &head {
            shared.checkpoint_at = head.seq;
        }
        shared.wakeup = next_wakeup;
        shared.decisions.extend(decisions);
        let surplus = shared.decisions.len().saturating_sub(256);
        shared.decisions.drain(..surplus);
        if row.is_none() && taken.is_none() && withdrawn.is_empty() && offered.is_empty() && diagnostics.is_empty() {
            return verdict;
        }
        shared.offers_on_their_way += usize::from(!offered.is_empty());
        shared.handled += 1;
        shared.outbox.push_back(Outgoing {
            row,
            blob: blob.map(|blob| (blob.hash, blob.content)),
            head,
            taken: taken.map(|pending| pending.id),
            offered,
            withdrawn,
            diagnostics,
        });
        self.work.notify_all();
        verdict
    }

    /// Waits until everything handled so far is stored.
    pub(crate) fn flush(&self) -> Result<(), Error> {
        let mut shared = self.lock();
        let mut target = None;
        loop {
            match &shared.phase {
                Phase::Failed(error) => return Err(error.clone()),
                Phase::Closed => return Err(Error::Closed),
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
        match self.submit(input)? {
            Verdict::Accepted => Ok(()),
            Verdict::NotConsented => Err(Error::NotConsented),
            Verdict::Disabled => Err(Error::Disabled),
            Verdict::Rejected { rejection } => Err(rejection.into()),
        }
    }

    /// Waits until the writer changed something.
    pub(crate) fn wait<'a>(&self, shared: MutexGuard<'a, Shared>) -> MutexGuard<'a, Shared> {
        // Bounded, so that a writer that is gone is noticed.
        let waited = self.done.wait_timeout(shared, Duration::from_secs(1));
        waited.unwrap_or_else(PoisonError::into_inner).0
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
                Phase::Guest => return Err(Error::NotOwner),
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

/// Inputs that follow from messages already given, and consent, find room when others no longer do (engine.md 1.9).
fn is_kept_for(input: &Input) -> bool {
    matches!(
        input,
        Input::Displaying { .. }
            | Input::Visible { .. }
            | Input::Ended { .. }
            | Input::Interaction { .. }
            | Input::HostAnswer { .. }
            | Input::Consent { .. }
    )
}

impl Client {
    /// Options for a client with this playbook, the JSON document that an app ships.
    ///
    /// ```
    /// use hearken::{Client, Consent, props};
    /// # let playbook = r#"{"spec": 1, "id": "shop", "revision": 1, "plan": {"events": {"cart_updated": {"properties": {"items": {"type": "int"}}}}}}"#;
    /// let hearken = Client::builder(playbook).consent(Consent::all()).open()?;
    /// hearken.track("cart_updated", props! { "items": 2 })?;
    /// hearken.flush()?;
    /// # Ok::<(), hearken::Error>(())
    /// ```
    pub fn builder(playbook: impl Into<String>) -> Builder {
        Builder::new(playbook.into())
    }

    pub(crate) fn start(
        setup: Setup,
        store: Box<dyn Store>,
        Host { clock, entropy, locale, can_display, observer }: Host,
    ) -> Self {
        let inner = Arc::new(Inner {
            shared: Mutex::new(Shared {
                phase: Phase::Opening,
                engine: None,
                setup,
                entropy,
                locale,
                can_display,
                early: VecDeque::new(),
                outbox: VecDeque::new(),
                asks: VecDeque::new(),
                handled: 0,
                stored: 0,
                checkpoint_at: 0,
                offers_on_their_way: 0,
                offers: VecDeque::new(),
                decisions: VecDeque::new(),
                wakeup: None,
                failure: None,
                observer,
                reports: Vec::new(),
                journal: String::new(),
                closing: false,
            }),
            work: Condvar::new(),
            done: Condvar::new(),
            clock,
        });
        crate::worker::spawn(Arc::clone(&inner), store);
        Self { _handle: Arc::new(Handle(Arc::clone(&inner))), inner }
    }

    /// Waits until the store is open.
    ///
    /// # Errors
    /// It could not be opened.
    pub fn ready(&self) -> Result<(), Error> {
        let mut shared = self.inner.lock();
        loop {
            match &shared.phase {
                Phase::Open | Phase::Guest => return Ok(()),
                Phase::Failed(error) => return Err(error.clone()),
                Phase::Closed => return Err(Error::Closed),
                Phase::Opening => shared = self.inner.wait(shared),
            }
        }
    }

    /// Whether another process owns the store: events are handed over to it, and no message is shown here.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        matches!(self.inner.lock().phase, Phase::Guest)
    }

    /// Records an event. Checked against the tracking plan at once, stored in the background.
    ///
    /// # Errors
    /// [`Error::Rejected`] names the property and why; [`Error::NotConsented`]; [`Error::Backpressure`].
    pub fn track(&self, name: impl Into<String>, properties: Properties) -> Result<(), Error> {
        self.inner.tell(Input::Track { name: name.into(), properties, at: None })
    }

    /// Sets an attribute of the person; `null` removes it.
    ///
    /// # Errors
    /// As [`Self::track`].
    pub fn set_attribute(&self, name: impl Into<String>, value: impl Into<Value>) -> Result<(), Error> {
        self.inner.tell(Input::Attribute { op: AttributeOp::Set, name: name.into(), value: value.into() })
    }

    /// The person's choice of purposes. Without messaging, what is open is taken back at once.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn set_consent(&self, purposes: Purposes) -> Result<(), Error> {
        self.inner.tell(Input::Consent { purposes, purge: false })
    }

    /// Says whether the host's screen can be seen: no message is offered while it cannot.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn set_can_display(&self, can_display: bool) -> Result<(), Error> {
        self.inner.lock().can_display = can_display;
        self.inner.tell(Input::HostState { host: Properties::new(), paused: None })
    }

    /// Installs a playbook while the app runs. Reads the document on the calling thread.
    ///
    /// # Errors
    /// [`Error::Playbook`] names what is wrong and where; [`Error::Rejected`] if its revision is lower, or the same with
    /// another content. The last good one stays.
    pub fn install(&self, playbook: impl Into<String>) -> Result<(), Error> {
        let document = playbook.into();
        hearken_core::Playbook::compile(&document)?;
        self.inner.tell(Input::InstallPlaybook { document, history: Vec::new() })
    }

    /// Lets time pass now instead of at the next wake-up. A host with its own [`Clock`] calls it after moving that.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn tick(&self) -> Result<(), Error> {
        self.inner.tell(Input::Tick)
    }

    /// Why a campaign is, or is not, shown now.
    ///
    /// # Errors
    /// The client is not open, or not the owner.
    pub fn explain(&self, campaign: &str) -> Result<Explanation, Error> {
        self.ready()?;
        let mut shared = self.inner.lock();
        let moment = self.inner.moment(&mut shared);
        shared.engine.as_ref().map(|engine| engine.explain(campaign, &moment)).ok_or(Error::NotOwner)
    }

    /// The inbox, as JSON: `{"cards": [..], "unread": n}`, pinned first, then the newest.
    ///
    /// # Errors
    /// The client is not open, or not the owner.
    pub fn inbox_json(&self) -> Result<String, Error> {
        self.ready()?;
        let mut shared = self.inner.lock();
        let moment = self.inner.moment(&mut shared);
        shared.engine.as_ref().map(|engine| engine.inbox_json(moment.now)).ok_or(Error::NotOwner)
    }

    /// The latest decisions, at most 256, oldest first; they are handed out once.
    #[must_use]
    pub fn take_decisions(&self) -> Vec<Decision> {
        self.inner.lock().decisions.drain(..).collect()
    }

    /// The next message to show, or nothing. Waits for the store to keep what is on its way; never for a person.
    ///
    /// # Errors
    /// The store failed, or the client is closed.
    pub fn next_presentation(&self) -> Result<Option<Presentation>, Error> {
        let mut shared = self.inner.lock();
        loop {
            if let Some(offer) = shared.offers.pop_front() {
                drop(shared);
                return Ok(Some(Presentation::new(Arc::clone(&self.inner), offer)));
            }
            match &shared.phase {
                Phase::Failed(error) => return Err(error.clone()),
                Phase::Closed => return Err(Error::Closed),
                Phase::Guest => return Ok(None),
                Phase::Open if shared.offers_on_their_way == 0 => return Ok(None),
                Phase::Open | Phase::Opening => {}
            }
            if let Some(failure) = &shared.failure {
                return Err(failure.clone().into());
            }
            shared = self.inner.wait(shared);
        }
    }

    /// Tells `observer` what happens from now on, on the client's own thread. Messages then go to it, and no longer to
    /// [`Self::next_presentation`].
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        self.inner.lock().observer = Some(observer);
        self.inner.work.notify_all();
    }

    /// What was reported of the store so far; handed out once.
    #[must_use]
    pub fn take_reports(&self) -> Vec<String> {
        std::mem::take(&mut self.inner.lock().reports)
    }

    /// Returns when everything before it survives the end of the process, events that other processes handed over
    /// included.
    ///
    /// # Errors
    /// The store failed; what was not kept is tried again.
    pub fn flush(&self) -> Result<(), Error> {
        self.inner.flush()?;
        // A question wakes the writer, which first takes over what others left.
        match self.inner.ask(|_| Ok(())) {
            Err(Error::NotOwner) => Ok(()),
            other => other,
        }
    }

    /// Returns when everything before it survives a loss of power.
    ///
    /// # Errors
    /// As [`Self::flush`].
    pub fn flush_durable(&self) -> Result<(), Error> {
        self.flush()?;
        self.inner.ask(|store| store.sync())
    }

    /// Hands one of the engine's own inputs in: for whoever binds the client to another language, and speaks of
    /// presentations by their ids. Waits for nothing.
    ///
    /// # Errors
    /// What the input is refused for.
    pub fn handle(&self, input: Input) -> Result<(), Error> {
        self.inner.tell(input)
    }

    /// Stores what is left and closes. Other handles get [`Error::Closed`] from here on.
    ///
    /// # Errors
    /// Something could not be stored.
    pub fn close(self) -> Result<(), Error> {
        let flushed = self.flush();
        let mut shared = self.inner.lock();
        shared.closing = true;
        self.inner.work.notify_all();
        while !matches!(shared.phase, Phase::Closed | Phase::Failed(_)) {
            shared = self.inner.wait(shared);
        }
        flushed
    }
}
