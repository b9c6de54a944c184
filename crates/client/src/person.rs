//! What a host says of the person: who they are, what they agreed to, what is known of them (engine.md 2, 9.3).

use hearken_core::{AttributeOp, Input, Person, ProfileId, Purposes, Value};

use crate::client::Client;
use crate::error::Error;
use crate::store::StoreError;

/// What an erasure deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The profiles of which nothing is left: by these ids a warehouse deletes what was exported of them. The new journal
    /// says the same in `$erase`.
    pub profiles: Vec<ProfileId>,
    /// The id of the journal that begins here.
    pub journal: String,
}

impl Client {
    /// The person has a name: an id of the host's own. An anonymous profile gets it; where somebody else was known, that
    /// person's profile becomes current, and what was open for the one before is taken back.
    ///
    /// ```
    /// # use hearken::{Client, Consent};
    /// # let hearken = Client::builder(r#"{"spec": 1, "id": "shop", "revision": 1}"#).consent(Consent::all()).open()?;
    /// hearken.identify("u-1001")?;
    /// // … and when that person signs out:
    /// hearken.reset()?;
    /// # Ok::<(), hearken::Error>(())
    /// ```
    ///
    /// # Errors
    /// A name that is empty, longer than 255 bytes or starts with `$`; the client is closed, or not the owner.
    pub fn identify(&self, user: impl Into<String>) -> Result<(), Error> {
        self.inner.tell(Input::Identify { user: user.into() })
    }

    /// The person left: a new, anonymous profile is current from here on.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn reset(&self) -> Result<(), Error> {
        self.inner.tell(Input::Reset)
    }

    /// Who is there now: what a preference centre shows before anything is changed. Waits until the store is open.
    ///
    /// ```
    /// # use hearken::{Client, Consent, Purpose};
    /// # let hearken = Client::builder(r#"{"spec": 1, "id": "shop", "revision": 1}"#).consent(Consent::all()).open()?;
    /// let agreed = hearken.person()?.consent;
    /// // One switch of three: the others stay as they are.
    /// hearken.set_consent(agreed.without(Purpose::Messaging))?;
    /// # Ok::<(), hearken::Error>(())
    /// ```
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn person(&self) -> Result<Person, Error> {
        self.inner.read(|engine, _| engine.person())
    }

    /// Sets an attribute of the person; `null` removes it.
    ///
    /// # Errors
    /// As [`Self::track`].
    pub fn set_attribute(&self, name: impl Into<String>, value: impl Into<Value>) -> Result<(), Error> {
        self.attribute(AttributeOp::Set, name.into(), value.into())
    }

    /// Removes an attribute.
    ///
    /// # Errors
    /// As [`Self::track`].
    pub fn unset_attribute(&self, name: impl Into<String>) -> Result<(), Error> {
        self.attribute(AttributeOp::Unset, name.into(), Value::Null)
    }

    /// Adds to an attribute that is a number; one that is not there counts as 0.
    ///
    /// # Errors
    /// As [`Self::track`]; the attribute, or `by`, is no number.
    pub fn increment(&self, name: impl Into<String>, by: impl Into<Value>) -> Result<(), Error> {
        self.attribute(AttributeOp::Increment, name.into(), by.into())
    }

    /// Adds a value to an attribute that is a list, if it is not there yet.
    ///
    /// # Errors
    /// As [`Self::track`]; the attribute is no list.
    pub fn append(&self, name: impl Into<String>, value: impl Into<Value>) -> Result<(), Error> {
        self.attribute(AttributeOp::Append, name.into(), value.into())
    }

    /// Takes a value out of an attribute that is a list.
    ///
    /// # Errors
    /// As [`Self::track`]; the attribute is no list.
    pub fn remove(&self, name: impl Into<String>, value: impl Into<Value>) -> Result<(), Error> {
        self.attribute(AttributeOp::Remove, name.into(), value.into())
    }

    fn attribute(&self, op: AttributeOp, name: String, value: Value) -> Result<(), Error> {
        self.inner.tell(Input::Attribute { op, name, value })
    }

    /// The person's choice of purposes. Without messaging, what is open is taken back at once.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn set_consent(&self, purposes: Purposes) -> Result<(), Error> {
        self.inner.tell(Input::Consent { purposes, purge: false })
    }

    /// As [`Self::set_consent`], and nothing that was recorded before is exported any more: it leaves the store.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn set_consent_and_purge(&self, purposes: Purposes) -> Result<(), Error> {
        self.inner.tell(Input::Consent { purposes, purge: true })
    }

    /// Switches the library off: it records nothing and shows nothing, also after a restart, until [`Self::enable`].
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn disable(&self) -> Result<(), Error> {
        self.inner.tell(Input::Switch { enabled: false })
    }

    /// Switches the library on again.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn enable(&self) -> Result<(), Error> {
        self.inner.tell(Input::Switch { enabled: true })
    }

    /// What this device knows of the person and another may take over, as JSON: attributes, consent, arms, uses and cards.
    /// Waits for the store to be open.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn export_state(&self) -> Result<String, Error> {
        self.inner.read(|engine, _| engine.export_state())
    }

    /// Takes over what [`Self::export_state`] gave on another device, or before the storage was lost. The newer of two
    /// statements wins, and no use counts twice.
    ///
    /// # Errors
    /// [`Error::Rejected`]: it is another person's, so identify first; or no such document. Nothing changed.
    pub fn import_state(&self, document: impl Into<String>) -> Result<(), Error> {
        self.inner.tell(Input::Import { document: document.into() })
    }

    /// Deletes everything: profiles, journal, inbox, what was not exported, damaged copies. A new journal begins in the
    /// same write, with the receipt and the consent in force; the playbook is installed again. Waits for the disk.
    ///
    /// ```
    /// # use hearken::{Client, Consent};
    /// # let hearken = Client::builder(r#"{"spec": 1, "id": "shop", "revision": 1}"#).consent(Consent::all()).open()?;
    /// let receipt = hearken.erase()?;
    /// for profile in receipt.profiles {
    ///     println!("delete where profile = {profile}");
    /// }
    /// # Ok::<(), hearken::Error>(())
    /// ```
    ///
    /// # Errors
    /// The store failed: nothing is deleted yet, or ever if it goes on failing; erase again to know. The client is closed, or
    /// not the owner.
    pub fn erase(&self) -> Result<Receipt, Error> {
        self.ready()?;
        let before = self.inner.lock().journal.clone();
        self.inner.tell(Input::Erase)?;
        let profiles = self.inner.lock().erased.clone();
        self.flush()?;
        let journal = self.inner.lock().journal.clone();
        if journal == before {
            let message = "nothing was erased: the store would not take it".to_owned();
            return Err(StoreError::Unavailable { path: "journal".into(), message }.into());
        }
        Ok(Receipt { profiles, journal })
    }
}
