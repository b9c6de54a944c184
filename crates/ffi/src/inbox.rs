//! The inbox, and what a person does with its cards.

use hearken::Span;
use hearken::engine::{self, Input};

use crate::records::{CardAction, Inbox, Verdict};
use crate::{CoreError, HearkenCore};

#[uniffi::export]
impl HearkenCore {
    /// The inbox now. Waits for the store to be open.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn inbox(&self) -> Result<Inbox, CoreError> {
        Ok(Inbox::read(&self.inbox_document()?))
    }

    /// The inbox as the engine prints it, as JSON.
    ///
    /// # Errors
    /// As `inbox`.
    pub fn inbox_document(&self) -> Result<String, CoreError> {
        Ok(self.client()?.inbox_json()?)
    }

    /// The person did something with a card. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn card(&self, card: String, action: CardAction) -> Result<Verdict, CoreError> {
        let (action, target, lasts) = match action {
            CardAction::Seen => (engine::CardAction::Seen, None, None),
            CardAction::Read => (engine::CardAction::Read, None, None),
            CardAction::Archive => (engine::CardAction::Archive, None, None),
            CardAction::Dismiss => (engine::CardAction::Dismiss, None, None),
            CardAction::Snooze { lasts_ms } => (engine::CardAction::Snooze, None, Some(Span(lasts_ms))),
            CardAction::Click { target } => (engine::CardAction::Click, Some(target), None),
        };
        self.say(Input::Card { card, action, target, lasts })
    }
}
