//! Playbooks: the one document that an app loads (engine.md 10.1). A campaign that cannot be used is disabled alone.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::condition::{ConditionError, Scope, Segments, Semantics};
use crate::experiment::Holdout;
use crate::frequency::FrequencyConstraint;
use crate::history::Counter;
use crate::id::hex;
use crate::json::{self, JsonError};
use crate::list::Listed as _;
use crate::plan::Plan;
use crate::resolve::Resolver;
use crate::schedule::Window;
use crate::success::{Definition, DefinitionError, Standard};
use crate::table::Table;
use crate::texts::Texts;
use crate::wire::{Fault, Read, fields, to_json};
use crate::{CampaignId, Value};

mod campaign;
mod needs;
mod source;

pub(crate) use campaign::{After, Campaign, Draft, Variant};
pub use needs::Needs;
pub(crate) use source::{Channel, Document, PatternSource, Settings};

use source::Dialect;

/// The version of the playbook format that this library reads.
const SPEC: u32 = 1;
const MAX_ID_BYTES: usize = 255;

/// A playbook, compiled.
///
/// ```
/// use hearken_core::Playbook;
/// let playbook = Playbook::compile(r#"{"spec": 1, "id": "shop", "revision": 3}"#)?;
/// assert_eq!((playbook.id(), playbook.revision()), ("shop", 3));
/// # Ok::<(), hearken_core::PlaybookError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Playbook {
    id: String,
    revision: u64,
    hash: String,
    pub(crate) development: bool,
    pub(crate) plan: Plan,
    pub(crate) settings: Settings,
    pub(crate) caps: Table<String, FrequencyConstraint>,
    pub(crate) quiet_hours: Option<Window>,
    pub(crate) schemes: Vec<String>,
    /// The success definition.
    pub(crate) success: Standard,
    /// Campaigns whose messages and cards go at once.
    pub(crate) retract: Vec<CampaignId>,
    pub(crate) texts: Texts,
    texts_speak_of_event: bool,
    texts_speak_of_metrics: bool,
    /// The global holdout if there is one, then the campaigns' own.
    pub(crate) holdouts: Vec<Holdout>,
    pub(crate) has_holdout: bool,
    pub(crate) segments: Segments,
    /// The counter of each slot, by its key.
    pub(crate) slots: Vec<String>,
    /// What its conditions count, in the order of the events' names.
    pub(crate) counters: Vec<Counter>,
    pub(crate) campaigns: Vec<Arc<Campaign>>,
    by_id: Index,
    by_event: Index,
    needs: Needs,
    problems: Vec<Problem>,
}

/// A document that cannot be used at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaybookError {
    /// Not JSON.
    #[error("line {line}, column {column}: {message}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser says.
        message: String,
    },
    /// JSON, but its head is not a playbook's.
    #[error("{path}: {message}")]
    Document {
        /// Where.
        path: String,
        /// What is wrong.
        message: String,
    },
    /// Of a version that this library does not read.
    #[error("spec: this library reads spec {SPEC}, the playbook says {seen}")]
    Spec {
        /// What it says.
        seen: u64,
    },
}

/// Something wrong with one part, which is disabled alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, such as `campaigns[3].trigger.where.items.$gte`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// The campaign that it disables, if it has a readable id.
    pub campaign: Option<CampaignId>,
}

impl Playbook {
    /// Reads and compiles a document. Campaigns that cannot be used are left out and named in [`Self::problems`].
    ///
    /// # Errors
    /// Where the document as a whole cannot be used; the last good one stays in force.
    pub fn compile(document: &str) -> Result<Self, PlaybookError> {
        let unusable = |mut faults: Faults| {
            let Fault { path, message } = faults.swap_remove(0);
            PlaybookError::Document { path: if path.is_empty() { "document".into() } else { path }, message }
        };
        let mut value = json::parse(document).map_err(|JsonError { line, column, message }| PlaybookError::Json {
            line,
            column,
            message,
        })?;
        match value.get("spec").and_then(Value::as_u64) {
            Some(seen) if seen != u64::from(SPEC) => return Err(PlaybookError::Spec { seen }),
            _ => {}
        }
        // What is large is moved out rather than copied.
        let campaigns = value.get_mut("campaigns").and_then(Value::as_array_mut).map(std::mem::take);
        let messages = value.get_mut("messages").and_then(Value::as_object_mut).map(std::mem::take);
        let (success, text) = (taken(&mut value, "success"), taken(&mut value, "text"));
        let mut head: Document = decode(&value, "").map_err(unusable)?;
        head.campaigns = campaigns.unwrap_or_default();
        for (name, message) in messages.unwrap_or_default() {
            head.messages.insert(name, message);
        }
        (head.success, head.text) = (success, text);
        check_id("id", &head.id).map_err(unusable)?;
        let needs = Needs::of(head.theme, head.settings.impression, &head.campaigns);
        let mut playbook = Self {
            id: head.id,
            revision: head.revision,
            hash: hash(document),
            development: head.development,
            plan: head.plan,
            settings: head.settings,
            caps: Table::new(),
            quiet_hours: head.quiet_hours,
            schemes: head.schemes,
            success: Standard::default(),
            retract: head.retract,
            texts: Texts::default(),
            texts_speak_of_event: false,
            texts_speak_of_metrics: false,
            holdouts: Vec::new(),
            has_holdout: false,
            segments: Segments::default(),
            slots: Vec::new(),
            counters: Vec::new(),
            campaigns: Vec::new(),
            by_id: Index::default(),
            by_event: Index::default(),
            needs,
            problems: Vec::new(),
        };
        if let Some(source) = &head.success {
            let (definition, errors) = Definition::compile_leniently(source, "success");
            playbook.success = Standard::new(source, definition);
            let fault = |error: DefinitionError| Fault { path: error.path, message: error.message };
            playbook.disable(errors.into_iter().map(fault).listed(), None);
        }
        let mut bad_caps = Vec::new();
        for (name, source) in head.caps {
            match cap(&name, &source) {
                Ok(constraint) => playbook.caps.insert(name, constraint),
                Err(faults) => {
                    playbook.disable(faults, None);
                    bad_caps.push(name);
                }
            }
        }
        let named = |(place, source): (usize, &Value)| Some((source.get("id")?.as_str()?.to_owned(), place));
        let ids = Index::of(head.campaigns.iter().enumerate().filter_map(named).listed());
        let semantics = match head.semantics {
            Dialect::Native => Semantics::Native,
            Dialect::Growthbook => Semantics::Growthbook,
        };
        let mut scope = Scope::full(semantics);
        scope.metrics = playbook.success.known_metrics();
        let (segments, errors) = Segments::compile(&head.segments, "segments", &mut scope);
        playbook.segments = segments;
        playbook.disable(condition_faults(errors), None);
        if let Some(source) = &head.holdout {
            match Holdout::compile(source, "holdout") {
                Ok(holdout) => playbook.holdouts.push(holdout),
                Err(faults) => playbook.disable(faults, None),
            }
        }
        playbook.has_holdout = !playbook.holdouts.is_empty();
        let none = Value::Null;
        let text = head.text.as_ref().unwrap_or(&none);
        let locales = head.locales.as_ref().unwrap_or(&none);
        let (texts, faults) = Texts::compile(text, locales, head.plurals.as_ref().unwrap_or(&none));
        playbook.texts = texts;
        playbook.disable(faults, None);
        let written = to_json(text);
        playbook.texts_speak_of_event = written.contains("event.");
        playbook.texts_speak_of_metrics = written.contains("metrics.");
        let mut messages = Messages::new();
        for (name, source) in head.messages {
            let message = playbook.draft(&name, &source);
            messages.insert(name, message);
        }
        let mut events = Vec::new();
        for (place, source) in head.campaigns.iter().enumerate() {
            let id = source.get("id").and_then(Value::as_str);
            let earlier = id.and_then(|id| ids.all(id).next()).filter(|first| *first < place);
            match playbook.read_campaign(place, source, earlier, &messages, &bad_caps, &mut scope) {
                Ok(campaign) => {
                    let (place, before) = (playbook.campaigns.len(), events.len());
                    for event in campaign.events() {
                        let known = events.iter().skip(before).any(|(known, _): &(String, usize)| known == event);
                        if !known {
                            events.push((event.to_owned(), place));
                        }
                    }
                    playbook.holdouts.extend(campaign.holdout.clone());
                    playbook.campaigns.push(Arc::new(campaign));
                }
                Err(faults) => playbook.disable(faults, id),
            }
        }
        for counter in scope.counters {
            playbook.slots.push(counter.key.clone());
            playbook.counters.push(Counter::of(counter));
        }
        playbook.counters.sort_unstable_by(|a, b| (&a.event, &a.key).cmp(&(&b.event, &b.key)));
        let ids = playbook.campaigns.iter().enumerate().map(|(place, campaign)| (campaign.id.clone(), place));
        playbook.by_id = Index::of(ids.listed());
        playbook.by_event = Index::of(events);
        Ok(playbook)
    }

    fn disable(&mut self, faults: Faults, campaign: Option<&str>) {
        let problem = |Fault { path, message }| Problem { path, message, campaign: campaign.map(str::to_owned) };
        self.problems.extend(faults.into_iter().map(problem));
    }

    /// The playbook's own id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its revision.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// SHA-256 of the document's bytes, in hex.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// What it asks of its host.
    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.needs
    }

    /// What it asks of its host, as JSON: the theme, how long an impression takes, and the cues to watch for.
    #[must_use]
    pub fn needs_json(&self) -> String {
        self.needs.to_json()
    }

    /// What was disabled, and why.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The ids of the campaigns that can be used, in authored order.
    pub fn campaigns(&self) -> impl Iterator<Item = &str> {
        self.campaigns.iter().map(|campaign| campaign.id.as_str())
    }

    pub(crate) fn campaign(&self, id: &str) -> Option<&Arc<Campaign>> {
        self.campaigns.get(self.by_id.all(id).next()?)
    }

    /// The campaigns that an event's name concerns: the only ones that it costs anything (engine.md 3.4).
    pub(crate) fn concerned_by(&self, event: &str) -> impl Iterator<Item = &Arc<Campaign>> {
        self.by_event.all(event).filter_map(|place| self.campaigns.get(place))
    }

    /// The constraints that a presentation on this channel spends, or a touch: those that its campaign lists, and those that
    /// count the channel (engine.md 6.1).
    pub(crate) fn spent_by(&self, listed: &[String], channel: &str) -> Vec<String> {
        let mut spent = Vec::new();
        for (name, constraint) in self.caps.iter() {
            if listed.contains(name) || constraint.counts.iter().any(|counted| counted == channel) {
                spent.push(name.clone());
            }
        }
        spent
    }

    /// The constraints that a card spends: those that its campaign lists.
    pub(crate) fn listed_caps(&self, listed: &[String]) -> Vec<String> {
        self.spent_by(listed, "")
    }

    /// A message, checked, completed, and its texts compiled.
    fn draft(&self, name: &str, source: &Value) -> Result<Arc<Draft>, Faults> {
        let path = ["messages.", name].concat();
        let message = crate::message::complete(source, &path, &self.schemes)?;
        let resolver = Resolver::compile(&message, &path, &self.texts)?;
        let written = to_json(&message);
        let has_texts = written.contains("\"$t\"");
        let speaks_of = |root: &str, texts: bool| written.contains(root) || (texts && has_texts);
        Ok(Arc::new(Draft {
            fingerprint: campaign::short_hash(&written),
            speaks_of_event: speaks_of("event.", self.texts_speak_of_event),
            speaks_of_metrics: speaks_of("metrics.", self.texts_speak_of_metrics),
            message,
            resolver,
        }))
    }

    /// A campaign that a host brings, with the messages that come with it.
    pub(crate) fn compile_offer(&self, document: &str) -> Result<Arc<Campaign>, String> {
        let tell = |faults: Faults| {
            let told: Vec<String> =
                faults.into_iter().map(|fault| [&fault.path, ": ", &fault.message].concat()).listed();
            told.join("; ")
        };
        let mut value = json::parse(document)
            .map_err(|error| format!("line {}, column {}: {}", error.line, error.column, error.message))?;
        let mut messages = Messages::new();
        let Some(object) = value.as_object_mut() else { return Err("an object is needed".to_owned()) };
        let sources = object.insert("messages".to_owned(), Value::Null);
        let mut campaign = Value::Object(
            object
                .iter()
                .filter(|(name, _)| *name != "messages")
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        );
        for (name, source) in fields(sources.as_ref().and_then(Value::as_object)) {
            messages.insert(name.clone(), self.draft(name, source));
        }
        if let Some(campaign) = campaign.as_object_mut() {
            campaign.insert("trigger".to_owned(), serde_json::json!({ "event": "$offer" }));
        }
        // What only the playbook's own conditions count is not counted for it.
        let mut scope = Scope::event(Semantics::Native);
        self.read_campaign(0, &campaign, None, &messages, &[], &mut scope).map(Arc::new).map_err(tell)
    }
}

/// Places in a list by a name that several may share: sorted, so that a name costs a binary search.
#[derive(Clone, Debug, Default, PartialEq)]
struct Index(Vec<(String, usize)>);

impl Index {
    fn of(mut entries: Vec<(String, usize)>) -> Self {
        entries.sort_unstable();
        Self(entries)
    }

    /// The places of a name, in their order.
    fn all(&self, name: &str) -> impl Iterator<Item = usize> {
        let first = self.0.partition_point(|(known, _)| known.as_str() < name);
        self.0.iter().skip(first).take_while(move |(known, _)| known == name).map(|(_, place)| *place)
    }
}

type Faults = Vec<Fault>;
/// Messages by name; one is read once, however many campaigns show it.
type Messages = Table<String, Result<Arc<Draft>, Faults>>;

fn fault(at: &str, path: &str, message: &[&str]) -> Faults {
    vec![Fault { path: [at, path].concat(), message: message.concat() }]
}

fn condition_faults(errors: Vec<ConditionError>) -> Faults {
    let mut faults = Faults::new();
    for ConditionError { path, message } in errors {
        faults.push(Fault { path, message });
    }
    faults
}

/// What a document is known by: SHA-256 of its bytes, in hex.
pub(crate) fn hash(document: &str) -> String {
    hex(&Sha256::digest(document.as_bytes()))
}

/// A member, moved out of a document.
fn taken(document: &mut Value, member: &str) -> Option<Value> {
    document.get_mut(member).map(std::mem::take).filter(|value| !value.is_null())
}

fn decode<T: Read>(source: &Value, at: &str) -> Result<T, Faults> {
    crate::wire::read(source, at)
}

fn cap(name: &str, source: &Value) -> Result<FrequencyConstraint, Faults> {
    let at = ["caps.", name].concat();
    let constraint: FrequencyConstraint = decode(source, &at)?;
    match constraint.problem() {
        Some(problem) => Err(fault(&at, "", &[problem])),
        None => Ok(constraint),
    }
}

fn check_id(path: &str, id: &str) -> Result<(), Faults> {
    if id.is_empty() || id.len() > MAX_ID_BYTES {
        return Err(fault(path, "", &["an id needs 1 to 255 bytes"]));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
