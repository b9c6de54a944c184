//! Playbooks: the one document that an app loads (engine.md 10.1). A campaign that cannot be used is disabled alone.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::condition::Condition;
use crate::frequency::FrequencyConstraint;
use crate::message::Message;
use crate::plan::Plan;
use crate::time::{Span, Timestamp};
use crate::{CampaignId, Value};

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
    pub(crate) caps: BTreeMap<String, FrequencyConstraint>,
    pub(crate) campaigns: Vec<Campaign>,
    by_id: HashMap<CampaignId, usize>,
    by_event: HashMap<String, Vec<usize>>,
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
        seen: u32,
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

/// The document as it is written: for the JSON Schema, and the head of the decoder.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(title = "Hearken playbook"))]
pub(crate) struct Document {
    /// The version of the format: 1.
    spec: u32,
    /// The playbook's own id.
    id: String,
    /// Rises with every change; a lower one is refused.
    revision: u64,
    /// Accepts another document of the same revision, while one writes it.
    #[serde(default)]
    development: bool,
    /// What may be recorded, and for which purpose.
    #[serde(default)]
    plan: Plan,
    /// Settings of the whole playbook.
    #[serde(default)]
    settings: Settings,
    /// Frequency constraints by name.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, FrequencyConstraint>"))]
    caps: BTreeMap<String, Value>,
    /// Campaigns.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<CampaignSource>"))]
    campaigns: Vec<Value>,
    /// Messages by name.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, Message>"))]
    messages: BTreeMap<String, Value>,
}

/// Settings of a playbook.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// From the end of one interruptive message to the start of the next.
    pub(crate) interval: Span,
}

impl Default for Settings {
    fn default() -> Self {
        Self { interval: Span::seconds(30) }
    }
}

/// A campaign as it is written. A field that this version does not know disables the campaign: it may be what keeps
/// the message from the wrong person.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignSource {
    /// Its id; what is known of it stays with the id.
    id: CampaignId,
    /// A name for people.
    #[serde(default, rename = "name")]
    _name: Option<String>,
    /// Whether it runs.
    #[serde(default = "yes")]
    enabled: bool,
    /// Where it may be shown.
    channel: Vec<Channel>,
    /// What sets it off.
    trigger: TriggerSource,
    /// Who it is for: a condition on attributes.
    #[serde(default)]
    audience: Option<Value>,
    /// When it runs.
    #[serde(default)]
    schedule: Schedule,
    /// The frequency constraints that stop it, and that it spends.
    #[serde(default)]
    caps: Vec<String>,
    /// How often one person may see it.
    #[serde(default)]
    limit: Limit,
    /// Lower goes first.
    #[serde(default = "usual_priority")]
    priority: u32,
    /// The name of its message.
    message: String,
}

fn yes() -> bool {
    true
}

fn usual_priority() -> u32 {
    100
}

/// What sets a campaign off.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct TriggerSource {
    /// The event.
    event: String,
    /// A condition on its properties.
    #[serde(default, rename = "where")]
    filter: Option<Value>,
}

/// Where a message may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Channel {
    /// In an app.
    InApp,
    /// In a web page.
    InBrowser,
}

impl Channel {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InApp => "in_app",
            Self::InBrowser => "in_browser",
        }
    }
}

/// When a campaign runs: `[start, end)`, milliseconds since the Unix epoch.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Schedule {
    /// Its first instant.
    pub(crate) start: Option<Timestamp>,
    /// The first instant at which it no longer runs.
    pub(crate) end: Option<Timestamp>,
}

/// How often one person may see a campaign; once, if nothing is said.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limit {
    /// How often in all.
    pub(crate) times: u32,
    /// How long after it was seen it may come again.
    pub(crate) again_after: Option<Span>,
}

impl Default for Limit {
    fn default() -> Self {
        Self { times: 1, again_after: None }
    }
}

/// A campaign, compiled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Campaign {
    pub(crate) id: CampaignId,
    pub(crate) enabled: bool,
    pub(crate) channels: Vec<Channel>,
    pub(crate) filter: Condition,
    pub(crate) audience: Condition,
    pub(crate) schedule: Schedule,
    pub(crate) caps: Vec<String>,
    pub(crate) limit: Limit,
    pub(crate) priority: u32,
    pub(crate) message: Message,
}

impl Playbook {
    /// Reads and compiles a document. Campaigns that cannot be used are left out and named in [`Self::problems`].
    ///
    /// # Errors
    /// Where the document as a whole cannot be used; the last good one stays in force.
    pub fn compile(document: &str) -> Result<Self, PlaybookError> {
        let head: Document = parse(document)?;
        if head.spec != SPEC {
            return Err(PlaybookError::Spec { seen: head.spec });
        }
        check_id("id", &head.id).map_err(|(path, message)| PlaybookError::Document { path, message })?;
        let mut playbook = Self {
            id: head.id,
            revision: head.revision,
            hash: hash(document),
            development: head.development,
            plan: head.plan,
            settings: head.settings,
            caps: BTreeMap::new(),
            campaigns: Vec::new(),
            by_id: HashMap::new(),
            by_event: HashMap::new(),
            problems: Vec::new(),
        };
        let mut bad_caps = BTreeMap::new();
        for (name, source) in head.caps {
            match cap(&name, source) {
                Ok(constraint) => drop(playbook.caps.insert(name, constraint)),
                Err((path, message)) => {
                    playbook.problems.push(Problem { path: path.clone(), message: message.clone(), campaign: None });
                    bad_caps.insert(name, path);
                }
            }
        }
        for (place, source) in head.campaigns.into_iter().enumerate() {
            let id = source.get("id").and_then(Value::as_str).map(str::to_owned);
            if let Err((path, message)) = playbook.add(place, source, &head.messages, &bad_caps) {
                playbook.problems.push(Problem { path, message, campaign: id });
            }
        }
        Ok(playbook)
    }

    fn add(
        &mut self,
        place: usize,
        source: Value,
        messages: &BTreeMap<String, Value>,
        bad_caps: &BTreeMap<String, String>,
    ) -> Result<(), Place> {
        let at = format!("campaigns[{place}]");
        let source: CampaignSource = decode(source, &at)?;
        check_id(&format!("{at}.id"), &source.id)?;
        if self.by_id.contains_key(&source.id) {
            return Err((format!("{at}.id"), format!("`{}` is the id of an earlier campaign", source.id)));
        }
        if source.channel.is_empty() {
            return Err((format!("{at}.channel"), "at least one channel is needed".into()));
        }
        for (n, cap) in source.caps.iter().enumerate() {
            let path = format!("{at}.caps[{n}]");
            if let Some(problem) = bad_caps.get(cap) {
                return Err((path, format!("`{cap}` cannot be used: see {problem}")));
            }
            if !self.caps.contains_key(cap) {
                return Err((path, format!("`{cap}` is not a frequency constraint of this playbook")));
            }
        }
        let message = messages.get(&source.message).ok_or_else(|| {
            (format!("{at}.message"), format!("`{}` is not a message of this playbook", source.message))
        })?;
        let message_at = format!("messages.{}", source.message);
        let message = decode::<Message>(message.clone(), &message_at)?
            .complete()
            .map_err(|(path, why)| (format!("{message_at}.{path}"), why))?;
        let condition = |source: Option<Value>, path: String| match source {
            Some(source) => Condition::compile(&source, &path).map_err(|error| (error.path, error.message)),
            None => Ok(Condition::default()),
        };
        let index = self.campaigns.len();
        let campaign = Campaign {
            filter: condition(source.trigger.filter, format!("{at}.trigger.where"))?,
            audience: condition(source.audience, format!("{at}.audience"))?,
            id: source.id,
            enabled: source.enabled,
            channels: source.channel,
            schedule: source.schedule,
            caps: source.caps,
            limit: source.limit,
            priority: source.priority,
            message,
        };
        self.by_id.insert(campaign.id.clone(), index);
        self.by_event.entry(source.trigger.event).or_default().push(index);
        self.campaigns.push(campaign);
        Ok(())
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

    /// What was disabled, and why.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The ids of the campaigns that can be used, in authored order.
    pub fn campaigns(&self) -> impl Iterator<Item = &str> {
        self.campaigns.iter().map(|campaign| campaign.id.as_str())
    }

    pub(crate) fn campaign(&self, id: &str) -> Option<&Campaign> {
        self.campaigns.get(*self.by_id.get(id)?)
    }

    /// The campaigns that an event's name can set off: the only ones that it costs anything (engine.md 3.4).
    pub(crate) fn triggered_by(&self, event: &str) -> impl Iterator<Item = &Campaign> {
        self.by_event.get(event).into_iter().flatten().filter_map(|index| self.campaigns.get(*index))
    }

    /// The constraints that a presentation of this campaign on this channel spends (engine.md 6.1).
    pub(crate) fn spends(&self, campaign: &Campaign, channel: &str) -> Vec<String> {
        let spent = |(name, constraint): &(&String, &FrequencyConstraint)| {
            campaign.caps.contains(*name) || constraint.counts.iter().any(|counted| counted == channel)
        };
        self.caps.iter().filter(spent).map(|(name, _)| name.clone()).collect()
    }
}

type Place = (String, String);

fn hash(document: &str) -> String {
    Sha256::digest(document.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        text
    })
}

fn parse<T: DeserializeOwned>(document: &str) -> Result<T, PlaybookError> {
    let mut reader = serde_json::Deserializer::from_str(document);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() {
            PlaybookError::Document { path, message: error.to_string() }
        } else {
            PlaybookError::Json { line: error.line(), column: error.column(), message: error.to_string() }
        }
    })?;
    reader.end().map_err(|error| PlaybookError::Json {
        line: error.line(),
        column: error.column(),
        message: error.to_string(),
    })?;
    Ok(value)
}

fn decode<T: DeserializeOwned>(source: Value, at: &str) -> Result<T, Place> {
    serde_path_to_error::deserialize(source).map_err(|error| {
        let inner = error.path().to_string();
        let dot = if inner.starts_with('[') { "" } else { "." };
        let path = if inner == "." { at.to_owned() } else { format!("{at}{dot}{inner}") };
        (path, error.into_inner().to_string())
    })
}

fn cap(name: &str, source: Value) -> Result<FrequencyConstraint, Place> {
    let at = format!("caps.{name}");
    let constraint: FrequencyConstraint = decode(source, &at)?;
    match constraint.problem() {
        Some(problem) => Err((at, problem.to_owned())),
        None => Ok(constraint),
    }
}

fn check_id(path: &str, id: &str) -> Result<(), Place> {
    if id.is_empty() || id.len() > MAX_ID_BYTES {
        return Err((path.to_owned(), format!("an id needs 1 to {MAX_ID_BYTES} bytes")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn base() -> Value {
        json!({
            "spec": 1, "id": "shop", "revision": 1,
            "caps": {"gentle": {"max": 1, "per": "1d"}},
            "campaigns": [{"id": "a", "channel": ["in_app"], "trigger": {"event": "e"}, "message": "m"}],
            "messages": {"m": {"layout": "modal", "pages": [[{"text": "Hello"}]]}}
        })
    }

    fn problem(edit: impl FnOnce(&mut Value)) -> (String, String) {
        let mut document = base();
        edit(&mut document);
        let playbook = Playbook::compile(&document.to_string()).unwrap();
        assert_eq!(
            playbook.campaigns().count() + playbook.problems().len(),
            1 + usize::from(document["campaigns"].as_array().unwrap().len() > 1),
            "{:?}",
            playbook.problems()
        );
        let problem = playbook.problems()[0].clone();
        (problem.path, problem.message)
    }

    #[test]
    fn a_bad_campaign_is_disabled_alone_and_named_by_its_place() {
        let second =
            |campaign: Value| move |document: &mut Value| document["campaigns"].as_array_mut().unwrap().push(campaign);
        let good = json!({"id": "b", "channel": ["in_app"], "trigger": {"event": "e"}, "message": "m"});
        let with = |field: &str, value: Value| {
            let mut campaign = good.clone();
            campaign[field] = value;
            campaign
        };
        let cases = [
            (with("channel", json!(["smoke"])), "campaigns[1].channel[0]", "unknown variant `smoke`"),
            (with("channel", json!([])), "campaigns[1].channel", "at least one"),
            (with("trigger", json!({"event": "e", "unless": "f"})), "campaigns[1].trigger.unless", "unknown field"),
            (
                with("trigger", json!({"event": "e", "where": {"n": {"$regexp": 1}}})),
                "campaigns[1].trigger.where.n.$regexp",
                "no operator",
            ),
            (with("audience", json!({"$in": 1})), "campaigns[1].audience.$in", "no operator"),
            (with("caps", json!(["none"])), "campaigns[1].caps[0]", "`none` is not a frequency constraint"),
            (with("message", json!("n")), "campaigns[1].message", "`n` is not a message"),
            (with("id", json!("a")), "campaigns[1].id", "an earlier campaign"),
            (with("id", json!("")), "campaigns[1].id", "1 to 255 bytes"),
            (with("limit", json!({"times": -1})), "campaigns[1].limit.times", "-1"),
            (with("limit", json!({"again_after": "soon"})), "campaigns[1].limit.again_after", "`soon` is not a span"),
            (with("experiment", json!({})), "campaigns[1].experiment", "unknown field"),
        ];
        for (campaign, path, message) in cases {
            let (seen_path, seen_message) = problem(second(campaign));
            assert_eq!(seen_path, path);
            assert!(seen_message.contains(message), "{path}: {seen_message}");
        }
    }

    #[test]
    fn a_bad_cap_or_message_disables_the_campaigns_that_use_it() {
        let mut document = base();
        document["campaigns"][0]["caps"] = json!(["gentle"]);
        document["caps"]["gentle"]["max"] = json!(0);
        let playbook = Playbook::compile(&document.to_string()).unwrap();
        let paths: Vec<&str> = playbook.problems().iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["caps.gentle", "campaigns[0].caps[0]"]);
        assert_eq!(playbook.campaigns().count(), 0);

        let (path, _) = problem(|document| {
            document["messages"]["m"]["pages"][0][0] =
                json!({"button": {"label": "x", "actions": [{"open_url": "javascript:1"}]}})
        });
        assert_eq!(path, "messages.m.pages[0][0].button.actions[0]");
        let (path, _) = problem(|document| document["messages"]["m"]["pages"][0][0] = json!({"script": "x"}));
        assert_eq!(path, "messages.m.pages[0][0]");
    }

    #[test]
    fn a_document_that_cannot_be_used_says_where() {
        let error = |text: &str| Playbook::compile(text).unwrap_err();
        assert!(matches!(error("{\n  \"spec\": 1,\n  oops }"), PlaybookError::Json { line: 3, column: 3, .. }));
        assert!(matches!(error(""), PlaybookError::Json { .. }));
        assert!(matches!(error(&"[".repeat(100_000)), PlaybookError::Document { .. } | PlaybookError::Json { .. }));
        assert!(matches!(error(r#"{"spec":1,"id":"a","revision":1} x"#), PlaybookError::Json { .. }));
        assert_eq!(error(r#"{"spec": 2, "id": "a", "revision": 1}"#), PlaybookError::Spec { seen: 2 });
        let PlaybookError::Document { path, .. } = error(r#"{"spec": 1, "id": "a", "revision": "x"}"#) else {
            panic!()
        };
        assert_eq!(path, "revision");
        let PlaybookError::Document { path, .. } =
            error(r#"{"spec":1,"id":"a","revision":1,"plan":{"events":{"e":{"properties":{"p":{"type":"float"}}}}}}"#)
        else {
            panic!()
        };
        assert_eq!(path, "plan.events.e.properties.p.type");
    }

    #[test]
    fn unknown_fields_of_the_document_are_tolerated() {
        let mut document = base();
        document["theme"] = json!({"accent": "#123456"});
        assert_eq!(Playbook::compile(&document.to_string()).unwrap().problems(), []);
    }

    #[test]
    fn an_event_finds_its_campaigns_without_looking_at_the_others() {
        let playbook = Playbook::compile(&base().to_string()).unwrap();
        assert_eq!(playbook.triggered_by("e").map(|campaign| campaign.id.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(playbook.triggered_by("f").count(), 0);
    }
}
