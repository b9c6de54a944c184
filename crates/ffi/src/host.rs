//! What a host says of itself, and of other channels.

use std::collections::HashMap;

use hearken::engine::Input;

use crate::records::{Touch, Verdict};
use crate::value::{self, PropertyValue};
use crate::{CoreError, HearkenCore, verdict};

#[uniffi::export]
impl HearkenCore {
    /// The person came to a screen of the app. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn screen(&self, name: String) -> Result<Verdict, CoreError> {
        self.say(Input::Screen { name })
    }

    /// What only the host can see, such as `manual` with a name. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn cue(&self, cue: String, value: Option<PropertyValue>) -> Result<Verdict, CoreError> {
        let value = value.map(|value| value::to_json(value, "value")).transpose();
        verdict(value.and_then(|value| self.client_or_closed()?.cue(cue, value)))
    }

    /// A touch through another channel. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn touch(&self, touch: Touch) -> Result<Verdict, CoreError> {
        verdict(self.client_or_closed().and_then(|client| client.touch(touch.into())))
    }

    /// A message or card that the host brings. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn offer(&self, document: String) -> Result<Verdict, CoreError> {
        self.say(Input::Offer { document })
    }

    /// A place on the screen is there, or gone. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn mount(&self, placement: String, mounted: bool) -> Result<Verdict, CoreError> {
        self.say(Input::Mount { placement, mounted })
    }

    /// Values that conditions may ask the host for; what is not named stays. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn set_host(&self, values: HashMap<String, PropertyValue>) -> Result<Verdict, CoreError> {
        verdict(value::properties(values, "").and_then(|values| self.client_or_closed()?.set_host(values)))
    }

    /// Holds every message back but the cards of the inbox, or lets them come again. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn set_paused(&self, paused: bool) -> Result<Verdict, CoreError> {
        self.say(Input::HostState { host: hearken::Properties::new(), paused: Some(paused) })
    }

    /// The person's locale from here on, a BCP 47 tag. Waits for nothing.
    ///
    /// # Errors
    /// The client is closed.
    pub fn set_locale(&self, locale: String) -> Result<(), CoreError> {
        self.client()?.set_locale(locale);
        Ok(())
    }
}
