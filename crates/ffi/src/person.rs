//! What a host says of the person.

use hearken::engine::{AttributeOp, Input};

use crate::records::{AttributeChange, Purposes, Receipt, Verdict};
use crate::value::{self, PropertyValue};
use crate::{CoreError, HearkenCore, verdict};

#[uniffi::export]
impl HearkenCore {
    /// Changes an attribute. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn change_attribute(&self, name: String, change: AttributeChange) -> Result<Verdict, CoreError> {
        let (op, value) = match change {
            AttributeChange::Set { value } => (AttributeOp::Set, value),
            AttributeChange::Unset => (AttributeOp::Unset, PropertyValue::Null),
            AttributeChange::Increment { by } => (AttributeOp::Increment, by),
            AttributeChange::Append { value } => (AttributeOp::Append, value),
            AttributeChange::Remove { value } => (AttributeOp::Remove, value),
        };
        verdict(
            value::to_json(value, &name)
                .and_then(|value| self.client_or_closed()?.handle(Input::Attribute { op, name, value })),
        )
    }

    /// The person has a name. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn identify(&self, user: String) -> Result<Verdict, CoreError> {
        self.say(Input::Identify { user })
    }

    /// The person left: a new, anonymous profile is current. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn reset(&self) -> Result<Verdict, CoreError> {
        self.say(Input::Reset)
    }

    /// The person's choice of purposes; with `purge` nothing from before is exported any more. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn set_consent(&self, purposes: Purposes, purge: bool) -> Result<Verdict, CoreError> {
        self.say(Input::Consent { purposes: purposes.into(), purge })
    }

    /// Switches the library off, or on again. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn set_enabled(&self, enabled: bool) -> Result<Verdict, CoreError> {
        self.say(Input::Switch { enabled })
    }

    /// What this device knows of the person and another may take over, as JSON. Waits for the store to be open.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn export_state(&self) -> Result<String, CoreError> {
        Ok(self.client()?.export_state()?)
    }

    /// Takes over what `export_state` gave elsewhere. Waits for nothing.
    ///
    /// # Errors
    /// It is another person's, or no such document.
    pub fn import_state(&self, document: String) -> Result<(), CoreError> {
        Ok(self.client()?.import_state(document)?)
    }

    /// Deletes everything and begins a new journal. Waits for the disk.
    ///
    /// # Errors
    /// The store failed.
    pub fn erase(&self) -> Result<Receipt, CoreError> {
        let receipt = self.client()?.erase()?;
        let profiles = receipt.profiles.iter().map(ToString::to_string).collect();
        Ok(Receipt { profiles, journal: receipt.journal })
    }
}
