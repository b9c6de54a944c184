//! What a host says of itself: where the person is, what it can show, what reached the person through other channels.

use hearken_core::{CampaignId, Input, Properties, TouchKind, Value};

use crate::client::Client;
use crate::error::Error;

/// A touch through another channel: an email, a push, a text message. It spends the frequency constraints that count its
/// channel, and triggers may wait for it.
///
/// ```
/// use hearken::{Touch, TouchKind};
/// let touch = Touch::new(TouchKind::Clicked, "push", "d-17").campaign("spring").target("https://example.com/");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// What happened with it.
    pub kind: TouchKind,
    /// Its channel, such as `email` or `push`.
    pub channel: String,
    /// Its id at whoever sent it: the same kind of touch counts once for each.
    pub delivery_id: String,
    /// The campaign that it belongs to.
    pub campaign: Option<CampaignId>,
    /// The link that was used.
    pub target: Option<String>,
}

impl Touch {
    /// A touch.
    pub fn new(kind: TouchKind, channel: impl Into<String>, delivery_id: impl Into<String>) -> Self {
        Self { kind, channel: channel.into(), delivery_id: delivery_id.into(), campaign: None, target: None }
    }

    /// With its campaign.
    #[must_use]
    pub fn campaign(mut self, campaign: impl Into<CampaignId>) -> Self {
        self.campaign = Some(campaign.into());
        self
    }

    /// With the link that was used.
    #[must_use]
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }
}

impl Client {
    /// The person came to a screen of the app.
    ///
    /// # Errors
    /// As [`Self::track`].
    pub fn screen(&self, name: impl Into<String>) -> Result<(), Error> {
        self.inner.tell(Input::Screen { name: name.into() })
    }

    /// Sets off the campaigns that wait for this cue of the app's own: the trigger `{manual: NAME}`.
    ///
    /// # Errors
    /// As [`Self::track`].
    pub fn manual(&self, name: impl Into<String>) -> Result<(), Error> {
        self.cue("manual", Some(Value::String(name.into())))
    }

    /// What only the host can see: `manual`, `route`, `visible`, `dwell`, `scroll`, `exit_intent`, each with its value.
    /// Recorded only where a campaign waits for it.
    ///
    /// # Errors
    /// As [`Self::track`].
    pub fn cue(&self, cue: impl Into<String>, value: Option<Value>) -> Result<(), Error> {
        self.inner.tell(Input::Cue { cue: cue.into(), value })
    }

    /// A touch through another channel.
    ///
    /// # Errors
    /// As [`Self::track`].
    pub fn touch(&self, touch: Touch) -> Result<(), Error> {
        let Touch { kind, channel, delivery_id, campaign, target } = touch;
        self.inner.tell(Input::Touch { kind, delivery_id, channel, campaign, target })
    }

    /// A message or card that the host brings, such as from a push payload: a campaign without a trigger, with its
    /// `messages`, `text` and `locales`. It goes the same way as the playbook's own.
    ///
    /// # Errors
    /// [`Error::Rejected`]: the document cannot be used, and why.
    pub fn offer(&self, document: impl Into<String>) -> Result<(), Error> {
        self.inner.tell(Input::Offer { document: document.into() })
    }

    /// A place on the screen is there: what fills it is offered.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn mount(&self, placement: impl Into<String>) -> Result<(), Error> {
        self.inner.tell(Input::Mount { placement: placement.into(), mounted: true })
    }

    /// A place on the screen is gone.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn unmount(&self, placement: impl Into<String>) -> Result<(), Error> {
        self.inner.tell(Input::Mount { placement: placement.into(), mounted: false })
    }

    /// Values that conditions may ask for by `$host`: `app_version`, `device_class` and so on. What is not named stays.
    ///
    /// ```
    /// # use hearken::{Client, Consent, props};
    /// # let hearken = Client::builder(r#"{"spec": 1, "id": "shop", "revision": 1}"#).consent(Consent::all()).open()?;
    /// hearken.set_host(props! { "app_version": "4.2.0", "device_class": "tablet" })?;
    /// # Ok::<(), hearken::Error>(())
    /// ```
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn set_host(&self, values: Properties) -> Result<(), Error> {
        self.inner.tell(Input::HostState { host: values, paused: None })
    }

    /// Holds every message back but the cards of the inbox, until [`Self::resume`]: for a checkout, or a call.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn pause(&self) -> Result<(), Error> {
        self.inner.tell(Input::HostState { host: Properties::new(), paused: Some(true) })
    }

    /// Lets messages come again.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn resume(&self) -> Result<(), Error> {
        self.inner.tell(Input::HostState { host: Properties::new(), paused: Some(false) })
    }

    /// Says whether the host's screen can be seen: no message is offered while it cannot.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn set_can_display(&self, can_display: bool) -> Result<(), Error> {
        self.inner.lock().can_display = can_display;
        self.inner.tell(Input::HostState { host: Properties::new(), paused: None })
    }

    /// The person's locale from here on, a BCP 47 tag.
    pub fn set_locale(&self, locale: impl Into<String>) {
        self.inner.lock().locale = locale.into();
    }
}
