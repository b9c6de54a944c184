//! How a client is opened.

use std::sync::Arc;

use hearken_core::{Engine, Properties, Purposes};

use crate::client::{Client, Observer};
use crate::clock::{Clock, Entropy, System};
use crate::error::Error;
use crate::memory::Memory;
use crate::retention::Retention;
use crate::setup::{Host, Setup};
use crate::signature::Verifier;
use crate::store::Store;

/// Options of a client. Made by [`Client::builder`].
pub struct Builder {
    pub(crate) playbook: String,
    pub(crate) store: Box<dyn Store>,
    pub(crate) consent: Option<Purposes>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seed: Option<String>,
    pub(crate) locale: String,
    pub(crate) channels: Vec<String>,
    pub(crate) host: Properties,
    pub(crate) can_display: bool,
    pub(crate) attempts: u32,
    pub(crate) retention: Retention,
    pub(crate) public_key: Option<[u8; 32]>,
    pub(crate) signature: Option<Vec<u8>>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
}

impl Builder {
    pub(crate) fn new(playbook: String) -> Self {
        Self {
            playbook,
            store: Box::new(Memory::new()),
            consent: None,
            clock: Arc::new(System),
            seed: None,
            locale: "en".into(),
            channels: vec!["in_app".into()],
            host: Properties::new(),
            can_display: true,
            attempts: 10,
            retention: Retention::default(),
            public_key: None,
            signature: None,
            observer: None,
        }
    }

    /// Where the journal is kept; in memory if nothing is said.
    #[must_use]
    pub fn store(mut self, store: impl Store + 'static) -> Self {
        self.store = Box::new(store);
        self
    }

    /// The purposes that the person granted so far. There is no default; it serves only the first profile of a store,
    /// later choices are kept there.
    #[must_use]
    pub fn consent(mut self, consent: Purposes) -> Self {
        self.consent = Some(consent);
        self
    }

    /// The clock; the machine's if nothing is said.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Makes every id a function of `seed` and the inputs: for tests only.
    #[must_use]
    pub fn seed(mut self, seed: impl Into<String>) -> Self {
        self.seed = Some(seed.into());
        self
    }

    /// The person's locale, a BCP 47 tag; `en` if nothing is said.
    #[must_use]
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = locale.into();
        self
    }

    /// What the host can draw: `in_app`, `in_browser`; `in_app` if nothing is said. Every host has an inbox.
    #[must_use]
    pub fn channels<C: Into<String>>(mut self, channels: impl IntoIterator<Item = C>) -> Self {
        self.channels = channels.into_iter().map(Into::into).collect();
        self
    }

    /// Values that conditions may ask for by `$host` from the first decision on, such as `app_version`; those that
    /// [`Client::set_host`] says later replace them one by one.
    ///
    /// ```
    /// # use hearken::{Client, Consent, props};
    /// # let playbook = r#"{"spec": 1, "id": "shop", "revision": 1}"#;
    /// let hearken = Client::builder(playbook).consent(Consent::all()).host(props! { "app_version": "2.1.0" }).open()?;
    /// # Ok::<(), hearken::Error>(())
    /// ```
    #[must_use]
    pub fn host(mut self, values: Properties) -> Self {
        self.host = values;
        self
    }

    /// Whether the host's screen can be seen from the start; yes if nothing is said.
    #[must_use]
    pub fn can_display(mut self, can_display: bool) -> Self {
        self.can_display = can_display;
        self
    }

    /// How often a write that fails is tried, with pauses from 20 ms that double up to 5 s; 10 times if nothing is
    /// said, at least once. Then the engine is folded anew from what the store kept, and a `$journal_gap` recorded
    /// (engine.md 1.9).
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// How long, and how much, is kept of what no export has taken; 90 days or 50 MB if nothing is said. Looked at when the
    /// store opens, and every 1,000 records. What is given up is recorded as `$journal_gap`.
    ///
    /// ```
    /// use hearken::{Client, Retention, Span};
    /// let builder = Client::builder("{}").retention(Retention { age: Span(30 * 86_400_000), ..Retention::default() });
    /// ```
    #[must_use]
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Takes only playbooks that are signed for this Ed25519 key, here and by [`Client::install_signed`]. The signature is
    /// detached, of the document's bytes.
    #[cfg(feature = "signatures")]
    #[must_use]
    pub fn verify_with(mut self, public_key: [u8; 32]) -> Self {
        self.public_key = Some(public_key);
        self
    }

    /// The signature of the builder's playbook: 64 bytes.
    #[must_use]
    pub fn signature(mut self, signature: impl Into<Vec<u8>>) -> Self {
        self.signature = Some(signature.into());
        self
    }

    /// Told what happens from the very start, as by [`Client::observe`].
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Opens the store and waits until it is read.
    ///
    /// # Errors
    /// A playbook that cannot be used, or is not signed as [`Self::verify_with`] asks, while the store has no good one
    /// either; a store of a newer format, or one that cannot be read.
    pub fn open(self) -> Result<Client, Error> {
        let client = self.spawn()?;
        client.ready()?;
        Ok(client)
    }

    /// Returns at once; the store is opened on the client's own thread, and inputs queue until it is.
    ///
    /// # Errors
    /// No consent, a channel or key that does not exist, or no entropy.
    pub fn spawn(self) -> Result<Client, Error> {
        let consent = self.consent.ok_or_else(|| Error::Option {
            option: "consent".into(),
            message: "say what the person agreed to; there is no default".into(),
        })?;
        let (owner, entropy) = match self.seed {
            Some(seed) => (Entropy::seeded(format!("{seed}/owner")).id(), Entropy::seeded(seed)),
            None => (Entropy::random()?.id(), Entropy::random()?),
        };
        Engine::new(owner.clone(), &self.channels)
            .map_err(|error| Error::Option { option: "channels".into(), message: error.to_string() })?;
        let verifier = verifier(self.public_key)?;
        let checked = verifier.as_ref().map(|verifier| verifier.check(&self.playbook, self.signature.as_deref()));
        let setup = Setup {
            owner,
            channels: self.channels,
            playbook: checked.unwrap_or(Ok(())).map(|()| self.playbook),
            consent,
            host: self.host,
            paused: None,
            mounted: Vec::new(),
            attempts: self.attempts,
            retention: self.retention,
        };
        let host = Host {
            clock: self.clock,
            entropy,
            locale: self.locale,
            can_display: self.can_display,
            observer: self.observer,
            verifier,
        };
        Ok(Client::start(setup, self.store, host))
    }
}

#[cfg(feature = "signatures")]
fn verifier(public_key: Option<[u8; 32]>) -> Result<Option<Verifier>, Error> {
    public_key.map(Verifier::new).transpose()
}

#[cfg(not(feature = "signatures"))]
fn verifier(_: Option<[u8; 32]>) -> Result<Option<Verifier>, Error> {
    Ok(None)
}
