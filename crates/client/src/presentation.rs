//! A message in the host's hands (engine.md 6.2): offered, then drawn.

use std::sync::Arc;

use hearken_core::{Answer, Departure, Input, InteractionKind, Message, Offer, PresentationId, Properties, Span};

use crate::client::Client;
use crate::error::Error;
use crate::inner::Inner;

/// A message that is offered. Undrawn for 60 seconds, it goes back.
#[derive(Clone)]
pub struct Presentation {
    client: Arc<Inner>,
    offer: Offer,
    message: Message,
}

/// A message that is on the screen.
#[derive(Clone)]
pub struct Drawn {
    client: Arc<Inner>,
    offer: Offer,
    message: Message,
}

impl Client {
    /// The page of a message that follows another, given the answers so far; nothing after the last. As
    /// [`Drawn::next_page`], for whoever speaks of presentations by their ids.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn next_page(&self, of: PresentationId, page: &str, answers: &Properties) -> Result<Option<String>, Error> {
        self.inner.read(|engine, _| engine.next_page(of, page, answers))
    }

    /// What a campaign would show, as [`Self::preview`] does, but as the engine prints it.
    ///
    /// # Errors
    /// As [`Self::preview`].
    pub fn preview_json(&self, campaign: &str, variant: Option<&str>) -> Result<String, Error> {
        let message = self.inner.read(|engine, moment| engine.preview(campaign, variant, moment))?;
        message.map(|message| message.to_string()).map_err(|reason| Error::NotShown { reason })
    }
}

impl Presentation {
    pub(crate) fn new(client: Arc<Inner>, offer: Offer) -> Self {
        let message = offer.view();
        Self { client, offer, message }
    }

    /// Its id, the same on the screen, in the journal and in the warehouse.
    #[must_use]
    pub fn id(&self) -> PresentationId {
        self.offer.presentation_id
    }

    /// The campaign.
    #[must_use]
    pub fn campaign(&self) -> &str {
        &self.offer.campaign
    }

    /// The variant of its experiment.
    #[must_use]
    pub fn variant(&self) -> Option<&str> {
        self.offer.variant.as_deref()
    }

    /// The place on the screen that it fills, for an inline message.
    #[must_use]
    pub fn placement(&self) -> Option<&str> {
        self.offer.placement.as_deref()
    }

    /// The channel.
    #[must_use]
    pub fn channel(&self) -> &str {
        &self.offer.channel
    }

    /// What to draw.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Everything that the engine says of it; its message as a document.
    #[must_use]
    pub fn offer(&self) -> &Offer {
        &self.offer
    }

    /// Says that the host is about to draw, and waits until that is stored: draw after it returns. Everything is asked
    /// again here, so it can still be refused.
    ///
    /// # Errors
    /// [`Error::Rejected`]: no longer to be shown, and why; the store failed.
    pub fn begin(self) -> Result<Drawn, Error> {
        self.client.tell(Input::Displaying { presentation_id: self.offer.presentation_id })?;
        self.client.flush()?;
        Ok(Drawn { client: self.client, offer: self.offer, message: self.message })
    }

    /// Not now: nothing is spent, and it is asked again when conditions change.
    ///
    /// # Errors
    /// It is no longer offered.
    pub fn later(self) -> Result<(), Error> {
        self.answer(Answer::Later)
    }

    /// Not at all: nothing is spent.
    ///
    /// # Errors
    /// It is no longer offered.
    pub fn discard(self) -> Result<(), Error> {
        self.answer(Answer::Discard)
    }

    /// Could not be drawn: nothing is spent.
    ///
    /// # Errors
    /// It is no longer offered.
    pub fn failed(self) -> Result<(), Error> {
        let (presentation_id, cause) = (self.offer.presentation_id, Departure::Unmounted);
        self.client.tell(Input::Ended { presentation_id, cause })
    }

    /// Not now, and not again before so much time has passed: nothing is spent.
    ///
    /// # Errors
    /// It is no longer offered.
    pub fn later_after(self, after: Span) -> Result<(), Error> {
        let presentation_id = self.offer.presentation_id;
        self.client.tell(Input::HostAnswer { presentation_id, answer: Answer::Later, after: Some(after) })
    }

    fn answer(self, answer: Answer) -> Result<(), Error> {
        self.client.tell(Input::HostAnswer { presentation_id: self.offer.presentation_id, answer, after: None })
    }
}

impl Drawn {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> PresentationId {
        self.offer.presentation_id
    }

    /// What to draw.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// It was really seen: visible for a second, or for as long as [`crate::Needs::impression`] says. This is what counts.
    ///
    /// # Errors
    /// It has ended.
    pub fn visible(&self) -> Result<(), Error> {
        self.client.tell(Input::Visible { presentation_id: self.offer.presentation_id })
    }

    /// The person used the button `target`. The engine does the button's own part ([`hearken_core::Action`]), the host the
    /// others.
    ///
    /// # Errors
    /// The client is closed.
    pub fn click(&self, target: impl Into<String>) -> Result<(), Error> {
        self.submit(target, Properties::new())
    }

    /// The person used the button `target` of a form: `answers` by the names of its fields. They are recorded if the button
    /// hands them in.
    ///
    /// # Errors
    /// [`Error::Rejected`]: an answer that is missing or not allowed, and which; the client is closed.
    pub fn submit(&self, target: impl Into<String>, answers: Properties) -> Result<(), Error> {
        self.interaction(InteractionKind::Click, Some(target.into()), answers)
    }

    /// The person came to a page, with these answers so far.
    ///
    /// # Errors
    /// The client is closed.
    pub fn page(&self, page: impl Into<String>, answers: Properties) -> Result<(), Error> {
        self.interaction(InteractionKind::Page, Some(page.into()), answers)
    }

    /// The page that follows `page`, given the answers so far; nothing after the last.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn next_page(&self, page: &str, answers: &Properties) -> Result<Option<String>, Error> {
        self.client.read(|engine, _| engine.next_page(self.id(), page, answers))
    }

    /// The person closed it.
    ///
    /// # Errors
    /// The client is closed.
    pub fn dismiss(&self) -> Result<(), Error> {
        self.interaction(InteractionKind::Dismiss, None, Properties::new())
    }

    /// It left the screen without the person's doing.
    ///
    /// # Errors
    /// It has ended.
    pub fn ended(&self, cause: Departure) -> Result<(), Error> {
        self.client.tell(Input::Ended { presentation_id: self.offer.presentation_id, cause })
    }

    fn interaction(&self, kind: InteractionKind, target: Option<String>, answers: Properties) -> Result<(), Error> {
        let presentation_id = self.offer.presentation_id;
        self.client.tell(Input::Interaction { presentation_id, kind, target, answers })
    }
}
