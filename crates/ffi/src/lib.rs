//! The only uniffi component of Hearken: one object, otherwise records and enums. It wraps the `hearken` crate and
//! decides nothing. The Swift and Kotlin packages hide it behind a layer written by hand; apps never see it.
//!
//! Calls that wait for the disk say so; hosts make them off their main thread. Every call returns an error instead of
//! letting a panic through: an app never goes down with its SDK.

mod clock;
mod error;
mod message;
mod records;
mod value;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hearken::engine::{Answer, AttributeChange, Input, InteractionKind, RecordId};
use hearken::{Client, Departure, Diagnostic, EndCause, Observer, PresentationId};

pub use clock::ManualTime;
pub use error::CoreError;
pub use message::{Action, Block, ButtonRole, Layout, Message};
pub use records::{
    Config, Decision, Explanation, ExportPart, HostAnswer, Interaction, Leaving, Offer, Outcome, Purposes, StageLine,
    Stop, StorePlace, Verdict,
};
pub use value::PropertyValue;

uniffi::setup_scaffolding!();

/// Told what happens, on the client's own thread: hosts hop to where they want to be.
#[uniffi::export(foreign)]
pub trait CoreObserver: Send + Sync {
    /// A message is offered.
    ///
    /// # Errors
    /// A foreign exception; it is swallowed.
    fn offered(&self, offer: Offer) -> Result<(), CoreError>;
    /// A message is to be taken off the screen, or out of the host's queue.
    ///
    /// # Errors
    /// A foreign exception; it is swallowed.
    fn withdrawn(&self, presentation_id: String, cause: String) -> Result<(), CoreError>;
    /// Something that a developer should know.
    ///
    /// # Errors
    /// A foreign exception; it is swallowed.
    fn reported(&self, report: String) -> Result<(), CoreError>;
}

/// A client. Everything is safe to call from any thread.
#[derive(uniffi::Object)]
pub struct HearkenCore {
    client: Mutex<Option<Client>>,
    clock: clock::HostClock,
}

struct Forward(Arc<dyn CoreObserver>);

impl Observer for Forward {
    fn offered(&self, presentation: hearken::Presentation) {
        // What a foreign callback throws is the host's own defect; the engine's offer goes back after its lease.
        let _ = self.0.offered(Offer {
            presentation_id: presentation.id().to_string(),
            campaign: presentation.campaign().to_owned(),
            channel: presentation.channel().to_owned(),
            message: presentation.message().clone().into(),
        });
    }

    fn withdrawn(&self, presentation: PresentationId, cause: EndCause) {
        let cause = serde_json::to_value(cause).ok().and_then(|cause| cause.as_str().map(str::to_owned));
        let _ = self.0.withdrawn(presentation.to_string(), cause.unwrap_or_default());
    }

    fn diagnostic(&self, diagnostic: &Diagnostic) {
        let _ = self.0.reported(serde_json::to_string(diagnostic).unwrap_or_default());
    }

    fn report(&self, report: &str) {
        let _ = self.0.reported(report.to_owned());
    }
}

#[uniffi::export]
impl HearkenCore {
    /// Opens a client. Returns at once: the store is opened on the client's own thread, inputs queue until it is.
    ///
    /// # Errors
    /// An option that cannot be used.
    #[uniffi::constructor]
    pub fn open(config: Config, observer: Option<Arc<dyn CoreObserver>>) -> Result<Arc<Self>, CoreError> {
        let clock = clock::HostClock::new(config.manual.as_ref().map(|manual| manual.now_ms), config.offset_min);
        let mut builder = Client::builder(config.playbook)
            .consent(config.consent.into())
            .locale(config.locale)
            .can_display(config.can_display)
            .clock(clock.clone());
        if let Some(manual) = config.manual {
            builder = builder.seed(manual.seed);
        }
        if let StorePlace::File { path } = config.store {
            builder = builder.store(hearken::Sqlite::open(path).map_err(hearken::Error::from)?);
        }
        if let Some(observer) = observer {
            builder = builder.observer(Arc::new(Forward(observer)));
        }
        let client = builder.spawn()?;
        Ok(Arc::new(Self { client: Mutex::new(Some(client)), clock }))
    }

    /// Waits until the store is open.
    ///
    /// # Errors
    /// It could not be opened: a playbook that cannot be used, a newer format, a place that cannot be written.
    pub fn ready(&self) -> Result<(), CoreError> {
        Ok(self.client()?.ready()?)
    }

    /// Whether another process owns the store, so that this one only hands events over.
    ///
    /// # Errors
    /// The client is closed.
    pub fn is_guest(&self) -> Result<bool, CoreError> {
        Ok(self.client()?.is_guest())
    }

    /// Records an event. Waits for nothing.
    ///
    /// # Errors
    /// Too much waits to be stored, or the client is closed. What the plan refuses is a verdict.
    pub fn track(&self, name: String, properties: HashMap<String, PropertyValue>) -> Result<Verdict, CoreError> {
        let recorded = value::properties(properties, &name)
            .and_then(|properties| self.client_or_closed()?.track(name, properties));
        verdict(recorded)
    }

    /// Sets an attribute; null unsets it. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn set_attribute(&self, name: String, value: PropertyValue) -> Result<Verdict, CoreError> {
        let recorded = value::to_json(value, &name)
            .and_then(|value| self.client_or_closed()?.handle(Input::Attribute(AttributeChange { name, value })));
        verdict(recorded)
    }

    /// The person's choice of purposes. Waits for nothing.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn set_consent(&self, purposes: Purposes) -> Result<(), CoreError> {
        Ok(self.client()?.set_consent(purposes.into())?)
    }

    /// Says whether the host's screen can be seen. Waits for nothing.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn set_can_display(&self, can_display: bool) -> Result<(), CoreError> {
        Ok(self.client()?.set_can_display(can_display)?)
    }

    /// Minutes that local time is ahead of UTC, from now on.
    pub fn set_offset(&self, offset_min: i32) {
        self.clock.set_offset(offset_min);
    }

    /// Moves a manual time. Nothing happens by time alone until `tick`.
    ///
    /// # Errors
    /// The client uses the machine's clock.
    pub fn set_now(&self, now_ms: i64) -> Result<(), CoreError> {
        if !self.clock.set_now(now_ms) {
            let details = "only a client with a manual time can be moved".to_owned();
            return Err(CoreError::InvalidOption { option: "manual".into(), details });
        }
        Ok(())
    }

    /// Lets time pass now instead of at the next wake-up.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn tick(&self) -> Result<(), CoreError> {
        Ok(self.client()?.tick()?)
    }

    /// Installs a playbook. Reads the document on the calling thread.
    ///
    /// # Errors
    /// What is wrong with it, and where; the last good one stays.
    pub fn install(&self, playbook: String) -> Result<(), CoreError> {
        Ok(self.client()?.install(playbook)?)
    }

    /// Says that the host is about to draw an offer, and waits until that is stored: draw after it returns.
    ///
    /// # Errors
    /// No longer to be shown, and why.
    pub fn begin(&self, presentation_id: String) -> Result<(), CoreError> {
        let client = self.client()?;
        client.handle(Input::Displaying { presentation_id: id(&presentation_id)? })?;
        Ok(client.flush()?)
    }

    /// Answers an offer. Waits for nothing.
    ///
    /// # Errors
    /// It is no longer offered.
    pub fn answer(&self, presentation_id: String, answer: HostAnswer) -> Result<(), CoreError> {
        let answer = match answer {
            HostAnswer::Later => Answer::Later,
            HostAnswer::Discard => Answer::Discard,
        };
        Ok(self.client()?.handle(Input::HostAnswer { presentation_id: id(&presentation_id)?, answer })?)
    }

    /// The message was really seen: visible for a second. Waits for nothing.
    ///
    /// # Errors
    /// It has ended.
    pub fn visible(&self, presentation_id: String) -> Result<(), CoreError> {
        Ok(self.client()?.handle(Input::Visible { presentation_id: id(&presentation_id)? })?)
    }

    /// The person did something with the message. Waits for nothing.
    ///
    /// # Errors
    /// The presentation is unknown.
    pub fn interact(&self, presentation_id: String, interaction: Interaction) -> Result<(), CoreError> {
        let (kind, target) = match interaction {
            Interaction::Click { target } => (InteractionKind::Click, Some(target)),
            Interaction::Dismiss => (InteractionKind::Dismiss, None),
        };
        Ok(self.client()?.handle(Input::Interaction { presentation_id: id(&presentation_id)?, kind, target })?)
    }

    /// The message left the screen without the person's doing, or could not be drawn. Waits for nothing.
    ///
    /// # Errors
    /// It has ended.
    pub fn ended(&self, presentation_id: String, leaving: Leaving) -> Result<(), CoreError> {
        let cause = match leaving {
            Leaving::Auto => Departure::Auto,
            Leaving::Unmounted => Departure::Unmounted,
        };
        Ok(self.client()?.handle(Input::Ended { presentation_id: id(&presentation_id)?, cause })?)
    }

    /// Why a campaign is, or is not, shown now. Waits for the store to be open.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn explain(&self, campaign: String) -> Result<Explanation, CoreError> {
        Ok(self.client()?.explain(&campaign)?.into())
    }

    /// The latest decisions, oldest first; they are handed out once.
    ///
    /// # Errors
    /// The client is closed.
    pub fn take_decisions(&self) -> Result<Vec<Decision>, CoreError> {
        let decisions = self.client()?.take_decisions();
        Ok(decisions
            .into_iter()
            .map(|decision| Decision { outcome: (&decision.outcome).into(), campaign: decision.campaign })
            .collect())
    }

    /// Waits until everything before it survives the end of the process.
    ///
    /// # Errors
    /// The store failed.
    pub fn flush(&self) -> Result<(), CoreError> {
        Ok(self.client()?.flush()?)
    }

    /// Waits until everything before it survives a loss of power.
    ///
    /// # Errors
    /// The store failed.
    pub fn flush_durable(&self) -> Result<(), CoreError> {
        Ok(self.client()?.flush_durable()?)
    }

    /// Waits until everything before it is stored, and the observer was told what came of it: for tests.
    ///
    /// # Errors
    /// The store failed.
    pub fn settle(&self) -> Result<(), CoreError> {
        let client = self.client()?;
        client.flush()?;
        if client.is_guest() {
            return Ok(());
        }
        // The writer tells its observer first and answers questions then. No cursor moves back to 0.
        Ok(client.acknowledge(0)?)
    }

    /// The records after the last acknowledged one; nothing if there are none. Waits for the disk.
    ///
    /// # Errors
    /// The store failed, or another process owns it.
    pub fn export_part(&self, max: u32) -> Result<Option<ExportPart>, CoreError> {
        let part = self.client()?.export(max as usize)?;
        Ok(part.map(|part| ExportPart { lines: part.lines, through: part.through, journal: part.journal }))
    }

    /// Says that everything up to `through` has arrived. Waits for the disk.
    ///
    /// # Errors
    /// The store failed; the records come again.
    pub fn acknowledge(&self, through: u64) -> Result<(), CoreError> {
        Ok(self.client()?.acknowledge(through)?)
    }

    /// Stores what is left and closes; every later call errs with `Closed`. Waits for the disk.
    ///
    /// # Errors
    /// Something could not be stored.
    pub fn shutdown(&self) -> Result<(), CoreError> {
        let client = self.held().take();
        match client {
            Some(client) => Ok(client.close()?),
            None => Ok(()),
        }
    }
}

impl HearkenCore {
    fn held(&self) -> MutexGuard<'_, Option<Client>> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn client_or_closed(&self) -> Result<Client, hearken::Error> {
        self.held().clone().ok_or(hearken::Error::Closed)
    }

    fn client(&self) -> Result<Client, CoreError> {
        Ok(self.client_or_closed()?)
    }
}

fn id(text: &str) -> Result<RecordId, CoreError> {
    text.parse().map_err(|_| CoreError::Rejected {
        code: "presentation".into(),
        details: format!("`{text}` is no presentation's id"),
    })
}

fn verdict(recorded: Result<(), hearken::Error>) -> Result<Verdict, CoreError> {
    match recorded {
        Ok(()) => Ok(Verdict::Accepted),
        Err(hearken::Error::NotConsented) => Ok(Verdict::NotConsented),
        Err(hearken::Error::Rejected(rejection)) => {
            Ok(Verdict::Rejected { code: error::code_of(&rejection), details: rejection.to_string() })
        }
        Err(other) => Err(other.into()),
    }
}
