//! The only uniffi component of Hearken: one object, otherwise records and enums. It wraps the `hearken` crate and
//! decides nothing. The Swift and Kotlin packages hide it behind a layer written by hand; apps never see it.
//!
//! Calls that wait for the disk say so; hosts make them off their main thread. Every call returns an error instead of
//! letting a panic through: an app never goes down with its SDK.

mod clock;
mod error;
mod host;
mod inbox;
mod message;
mod person;
mod presentation;
mod records;
mod renderer;
mod success;
mod value;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hearken::engine::Input;
use hearken::{
    Client, Cursor, Diagnostic, EndCause, ExportOptions, Observer, PresentationId, Properties, Retention, Span,
};

pub use clock::ManualTime;
pub use error::CoreError;
pub use message::{Action, Block, ButtonRole, Choice, FieldKind, FormField, Layout, Message, Page, TextSpan};
pub use records::{
    AttributeChange, Card, CardAction, Config, Decision, Encoding, Explanation, ExportPart, HostAnswer, Inbox,
    Interaction, Leaving, Offer, Outcome, Purposes, Receipt, StageLine, Stop, StorePlace, Touch, TouchKind, Verdict,
};
pub use renderer::{Needs, Person};
pub use success::{GroupReport, MetricReport, SuccessReport};
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
    /// The inbox is another one now.
    ///
    /// # Errors
    /// A foreign exception; it is swallowed.
    fn inbox_changed(&self) -> Result<(), CoreError>;
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
        let _ = self.0.offered((&presentation).into());
    }

    fn inbox_changed(&self) {
        let _ = self.0.inbox_changed();
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
        if config.retention_ms.is_some() || config.retention_bytes.is_some() {
            let most = Retention::default();
            builder = builder.retention(Retention {
                age: config.retention_ms.map_or(most.age, Span),
                bytes: config.retention_bytes.unwrap_or(most.bytes),
            });
        }
        if let Some(key) = config.public_key {
            let key = key.try_into().map_err(|_| CoreError::InvalidOption {
                option: "public_key".into(),
                details: "32 bytes are needed".into(),
            })?;
            builder = builder.verify_with(key);
        }
        if let Some(signature) = config.signature {
            builder = builder.signature(signature);
        }
        builder = match config.manual {
            // A test gives the same result on every machine: there the host is what the test says.
            Some(manual) => builder.seed(manual.seed),
            None => builder.host(known(config.platform)),
        };
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

    /// Installs a playbook, with its detached signature if the client asks for one. Reads the document on the calling
    /// thread, and may wait for the disk.
    ///
    /// # Errors
    /// What is wrong with it, and where; the last good one stays.
    pub fn install(&self, playbook: String, signature: Option<Vec<u8>>) -> Result<(), CoreError> {
        let client = self.client()?;
        let installed = match signature {
            Some(signature) => client.install_signed(playbook, &signature),
            None => client.install(playbook),
        };
        Ok(installed?)
    }

    /// What a campaign would show this person, whatever holds it back. Nothing is recorded. Waits for the store to be open.
    ///
    /// # Errors
    /// Why nothing would be shown.
    pub fn preview(&self, campaign: String, variant: Option<String>) -> Result<Message, CoreError> {
        Ok(Message::read(self.client()?.preview_json(&campaign, variant.as_deref())?))
    }

    /// Hands one of the engine's inputs in, as JSON: for tests of the bindings only, whose vectors speak of inputs.
    ///
    /// # Errors
    /// No such input, or as `track`.
    #[doc(hidden)]
    pub fn handle_input(&self, json: String) -> Result<Verdict, CoreError> {
        let input = Input::from_json(&json)
            .map_err(|error| CoreError::Rejected { code: "input".into(), details: error.to_string() })?;
        self.say(input)
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
        // The writer tells its observer first, and answers whoever flushes then.
        Ok(self.client()?.flush()?)
    }

    /// The records after the last acknowledged one; nothing if there are none. Waits for the disk.
    ///
    /// # Errors
    /// The store failed, or this process does not own it.
    pub fn export_part(&self, max: u32, encoding: Encoding, with_pii: bool) -> Result<Option<ExportPart>, CoreError> {
        let options = ExportOptions { max: max as usize, encoding: encoding.into(), with_pii };
        let part = self.client()?.export_with(options)?;
        Ok(part.map(|part| ExportPart {
            body: part.body(),
            content_type: part.encoding.content_type().to_owned(),
            lines: part.lines,
            through: part.cursor.through,
            journal: part.cursor.journal,
        }))
    }

    /// Says that everything of this journal up to `through` has arrived. Waits for the disk.
    ///
    /// # Errors
    /// The store failed; the records come again.
    pub fn acknowledge(&self, journal: String, through: u64) -> Result<(), CoreError> {
        Ok(self.client()?.acknowledge(&Cursor { journal, through })?)
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
    pub(crate) fn say(&self, input: Input) -> Result<Verdict, CoreError> {
        verdict(self.client_or_closed().and_then(|client| client.handle(input)))
    }

    fn held(&self) -> MutexGuard<'_, Option<Client>> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn client_or_closed(&self) -> Result<Client, hearken::Error> {
        self.held().clone().ok_or(hearken::Error::Closed)
    }

    pub(crate) fn client(&self) -> Result<Client, CoreError> {
        Ok(self.client_or_closed()?)
    }
}

/// What conditions may ask of every host.
fn known(platform: Option<String>) -> Properties {
    let mut host = Properties::new();
    host.insert("sdk_version".into(), env!("CARGO_PKG_VERSION").into());
    if let Some(platform) = platform {
        host.insert("platform".into(), platform.into());
    }
    host
}

pub(crate) fn verdict(recorded: Result<(), hearken::Error>) -> Result<Verdict, CoreError> {
    match recorded {
        Ok(()) => Ok(Verdict::Accepted),
        Err(hearken::Error::NotConsented) => Ok(Verdict::NotConsented),
        Err(hearken::Error::Disabled) => Ok(Verdict::Disabled),
        Err(hearken::Error::Rejected(rejection)) => {
            Ok(Verdict::Rejected { code: error::code_of(&rejection), details: rejection.to_string() })
        }
        Err(other) => Err(other.into()),
    }
}
