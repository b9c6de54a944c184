//! What becomes of an offer.

use std::collections::HashMap;

use hearken::engine::{Answer, Input, InteractionKind, RecordId};
use hearken::{Departure, Span};

use crate::records::{HostAnswer, Interaction, Leaving};
use crate::value::{self, PropertyValue};
use crate::{CoreError, HearkenCore};

#[uniffi::export]
impl HearkenCore {
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
        let (answer, after) = match answer {
            HostAnswer::Later { after_ms } => (Answer::Later, after_ms.map(Span)),
            HostAnswer::Discard => (Answer::Discard, None),
        };
        Ok(self.client()?.handle(Input::HostAnswer { presentation_id: id(&presentation_id)?, answer, after })?)
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
        let (kind, target, answers) = match interaction {
            Interaction::Click { target, answers } => (InteractionKind::Click, Some(target), answers),
            Interaction::Dismiss => (InteractionKind::Dismiss, None, HashMap::new()),
            Interaction::Page { page, answers } => (InteractionKind::Page, Some(page), answers),
        };
        let (presentation_id, answers) = (id(&presentation_id)?, value::properties(answers, "answers")?);
        Ok(self.client()?.handle(Input::Interaction { presentation_id, kind, target, answers })?)
    }

    /// The page that follows `page`, given the answers so far; nothing after the last. Waits for the store to be open.
    ///
    /// # Errors
    /// The presentation is unknown.
    pub fn next_page(
        &self,
        presentation_id: String,
        page: String,
        answers: HashMap<String, PropertyValue>,
    ) -> Result<Option<String>, CoreError> {
        let answers = value::properties(answers, "answers")?;
        Ok(self.client()?.next_page(id(&presentation_id)?, &page, &answers)?)
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
}

fn id(text: &str) -> Result<RecordId, CoreError> {
    text.parse().map_err(|_| CoreError::Rejected {
        code: "presentation".into(),
        details: format!("`{text}` is no presentation's id"),
    })
}
