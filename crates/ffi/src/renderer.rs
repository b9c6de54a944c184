//! What a renderer needs beside the messages: who is there, how messages look, and the library's own words.

use std::collections::HashMap;

use crate::records::Purposes;
use crate::value::{PropertyValue, from_json, from_properties};
use crate::{CoreError, HearkenCore};

/// Who is there now.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Person {
    /// The profile's id; nothing before the first record.
    pub profile: Option<String>,
    /// The id that the host identified the person by.
    pub user: Option<String>,
    /// What the person agreed to.
    pub consent: Purposes,
    /// The attributes that are set.
    pub attributes: HashMap<String, PropertyValue>,
}

/// What the playbook in force asks of whoever draws its messages.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Needs {
    /// How messages look: the playbook's `theme`.
    pub theme: Option<PropertyValue>,
    /// How long a message has to be seen to count as shown, in milliseconds.
    pub impression_ms: i64,
}

#[uniffi::export]
impl HearkenCore {
    /// Who is there now. Waits for the store to be open.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn person(&self) -> Result<Person, CoreError> {
        let person = self.client()?.person()?;
        Ok(Person {
            profile: person.profile.map(|profile| profile.to_string()),
            user: person.user,
            consent: person.consent.into(),
            attributes: from_properties(person.attributes),
        })
    }

    /// What the playbook in force asks of a renderer; nothing if none is in force. Waits for the store to be open.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn needs(&self) -> Result<Option<Needs>, CoreError> {
        let needs = self.client()?.needs()?;
        Ok(needs.map(|needs| Needs { theme: needs.theme.map(from_json), impression_ms: needs.impression.0 }))
    }

    /// The library's own words in the person's locale, by name. Waits for the store to be open.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn words(&self) -> Result<HashMap<String, String>, CoreError> {
        Ok(self.client()?.words()?.into_iter().collect())
    }
}
