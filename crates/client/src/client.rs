//! The client: what every host calls. Its other parts stand by topic: `person`, `host`, `playbooks`, `inbox`, `export`.

use std::sync::Arc;

use hearken_core::{Decision, Diagnostic, EndCause, Input, PresentationId, Properties};

use crate::builder::Builder;
use crate::error::Error;
use crate::inner::{Inner, Phase};
use crate::presentation::Presentation;
use crate::setup::{Host, Setup};
use crate::store::Store;

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

    /// The inbox is another one now: read it again.
    fn inbox_changed(&self) {}

    /// Something that a developer should know.
    fn diagnostic(&self, diagnostic: &Diagnostic) {
        let _ = diagnostic;
    }

    /// Something about the store that a developer should know.
    fn report(&self, report: &str) {
        let _ = report;
    }
}

struct Handle(Arc<Inner>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.lock().closing = true;
        self.0.work.notify_all();
    }
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

    pub(crate) fn start(setup: Setup, store: Box<dyn Store>, host: Host) -> Self {
        let inner = Arc::new(Inner::new(setup, host));
        crate::worker::spawn(Arc::clone(&inner), store);
        Self { _handle: Arc::new(Handle(Arc::clone(&inner))), inner }
    }

    /// Waits until the store is open.
    ///
    /// # Errors
    /// It could not be opened.
    pub fn ready(&self) -> Result<(), Error> {
        self.inner.ready()
    }

    /// Whether another process owns the store: events are handed over to it, and no message is shown here. Known once the
    /// store is open. Whatever is asked of a guest makes it look whether the owner has gone; then it owns the store itself.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        matches!(self.inner.lock().phase, Phase::Guest)
    }

    /// Records an event. Checked against the tracking plan at once, stored in the background. Before the store is open it
    /// waits for that, and what is refused then is in [`Self::take_reports`].
    ///
    /// # Errors
    /// [`Error::Rejected`] names the property and why; [`Error::NotConsented`]; [`Error::Disabled`]; [`Error::Backpressure`];
    /// [`Error::Closed`].
    pub fn track(&self, name: impl Into<String>, properties: Properties) -> Result<(), Error> {
        self.inner.tell(Input::Track { name: name.into(), properties, at: None })
    }

    /// Lets time pass now instead of at the next wake-up. A host with its own [`crate::Clock`] calls it after moving that.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn tick(&self) -> Result<(), Error> {
        self.inner.tell(Input::Tick)
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
                Phase::Guest => {
                    self.inner.not_owner(&mut shared);
                    return Ok(None);
                }
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
    /// [`Error::Store`]: the store failed. What waits is tried again, and a later `flush` tells; what the store would not take
    /// after all attempts is lost, which its report and `$journal_gap` say.
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
    /// presentations by their ids. A playbook goes the way of [`Self::install`]; nothing else waits.
    ///
    /// # Errors
    /// What the input is refused for.
    pub fn handle(&self, input: Input) -> Result<(), Error> {
        match input {
            Input::InstallPlaybook { document, .. } => self.install(document),
            input => self.inner.tell(input),
        }
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
