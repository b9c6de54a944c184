//! Playbooks: installing one while the app runs, what it would show, and why (engine.md 3.3, 10.1).

use std::collections::BTreeMap;
use std::sync::Arc;

use hearken_core::success::SuccessReport;
use hearken_core::{Body, Explanation, Input, Message, Needs, Playbook, Record, Row};

use crate::client::Client;
use crate::error::Error;
use crate::inner::{Phase, taken};
use crate::retention::{ROWS, read_row};
use crate::store::{Store, StoreError};

impl Client {
    /// Installs a playbook while the app runs. Reads the document on the calling thread; waits for the disk only where its
    /// conditions count what the one before did not, and the journal is asked for it.
    ///
    /// # Errors
    /// [`Error::Playbook`] names what is wrong and where; [`Error::Rejected`] if its revision is lower, or the same with
    /// another content; [`Error::Signature`] if signatures are asked for. The last good one stays.
    pub fn install(&self, playbook: impl Into<String>) -> Result<(), Error> {
        self.install_checked(playbook.into(), None)
    }

    /// As [`Self::install`], with the document's detached signature.
    ///
    /// # Errors
    /// As [`Self::install`].
    pub fn install_signed(&self, playbook: impl Into<String>, signature: &[u8]) -> Result<(), Error> {
        self.install_checked(playbook.into(), Some(signature))
    }

    fn install_checked(&self, document: String, signature: Option<&[u8]>) -> Result<(), Error> {
        if let Some(verifier) = &self.inner.verifier {
            verifier.check(&document, signature)?;
        }
        let needed = {
            let mut shared = self.inner.lock();
            let is_open = matches!(shared.phase, Phase::Open);
            match shared.engine.as_mut().filter(|_| is_open) {
                Some(engine) => engine.history_needed(&document)?,
                None => Playbook::compile(&document).map(|_| Vec::new())?,
            }
        };
        if needed.is_empty() {
            return self.inner.tell(Input::InstallPlaybook { document, history: Vec::new() });
        }
        let inner = Arc::clone(&self.inner);
        let verdict = self.inner.ask(move |store| {
            // Whoever asks the store is its only writer: nothing moves from the outbox into it meanwhile.
            let mut history = History::stored(store, needed)?;
            let mut shared = inner.lock();
            shared.outbox.iter().filter_map(|step| step.row.as_ref()).for_each(|row| history.add(row));
            let moment = inner.moment(&mut shared);
            let install = Input::InstallPlaybook { document, history: history.records };
            Ok(inner.handle(&mut shared, install, &moment, None))
        })?;
        taken(verdict)
    }

    /// What a campaign would show this person, whatever holds it back; its first variant, unless one is named. Nothing is
    /// recorded. Waits for the store to be open.
    ///
    /// # Errors
    /// [`Error::NotShown`]: unknown, disabled, or a text that fails; the client is closed, or not the owner.
    pub fn preview(&self, campaign: &str, variant: Option<&str>) -> Result<Message, Error> {
        let message = self.inner.read(|engine, moment| engine.preview(campaign, variant, moment))?;
        message.map(|message| Message::of(&message)).map_err(|reason| Error::NotShown { reason })
    }

    /// Every metric of the playbook's success definition for the person of this device, now (success.md 4). Its numbers are
    /// this device's alone. Waits for the store to be open.
    ///
    /// ```
    /// # use hearken::{Client, Consent};
    /// # let hearken = Client::builder(r#"{"spec": 1, "id": "shop", "revision": 1}"#).consent(Consent::all()).open()?;
    /// for metric in hearken.success()?.metrics {
    ///     println!("{}: {:?} of {:?}", metric.metric, metric.num, metric.den);
    /// }
    /// # Ok::<(), hearken::Error>(())
    /// ```
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn success(&self) -> Result<SuccessReport, Error> {
        self.inner.read(|engine, moment| engine.success_report(moment.now))
    }

    /// What the playbook in force asks of whoever draws its messages: how they look, how long one has to be seen before
    /// [`crate::Drawn::visible`] is said, and the cues to watch for. Nothing if no playbook is in force.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn needs(&self) -> Result<Option<Needs>, Error> {
        self.inner.read(|engine, _| engine.playbook().map(|playbook| playbook.needs().clone()))
    }

    /// The words that a renderer needs beside those of a message, in the person's locale: `close`, `back`, `next`, `send`,
    /// `required`, `email`, `other`, `unread`, `pinned`, `inbox`, `empty`, `remove`; in English where the playbook brings no
    /// others.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn words(&self) -> Result<BTreeMap<String, String>, Error> {
        let words = self.inner.read(|engine, moment| engine.words_json(&moment.locale))?;
        Ok(serde_json::from_str(&words).unwrap_or_default())
    }

    /// Why a campaign is, or is not, shown now. Waits for the store to be open.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn explain(&self, campaign: &str) -> Result<Explanation, Error> {
        self.inner.read(|engine, moment| engine.explain(campaign, moment))
    }
}

/// What the journal still has of some events: its oldest record, whatever it is, and these events after it. What lies
/// before a gap is not looked at: nobody knows what is missing there.
pub(crate) struct History {
    events: Vec<String>,
    pub(crate) records: Vec<Record>,
}

impl History {
    /// Reads the stored rows.
    pub(crate) fn stored(store: &mut dyn Store, events: Vec<String>) -> Result<Self, StoreError> {
        let mut history = Self { events, records: Vec::new() };
        let mut after = 0;
        loop {
            let bodies = store.rows(after, ROWS)?;
            if bodies.is_empty() {
                return Ok(history);
            }
            for body in bodies {
                let row = read_row(&body)?;
                history.add(&row);
                after = row.last;
            }
        }
    }

    fn add(&mut self, row: &Row) {
        for record in &row.records {
            if matches!(record.body, Body::JournalGap(_)) {
                self.records.clear();
            }
            if self.records.is_empty() || self.events.iter().any(|event| event == record.body.kind()) {
                self.records.push(record.clone());
            }
        }
    }
}
