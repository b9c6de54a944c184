//! Playbooks: the one document that an app loads (engine.md 10.1). A campaign that cannot be used is disabled alone.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::condition::{Condition, ConditionError};
use crate::frequency::FrequencyConstraint;
use crate::id::hex;
use crate::json::{self, JsonError};
use crate::message::Message;
use crate::plan::Plan;
use crate::table::Table;
use crate::time::{Span, Timestamp};
use crate::wire::{Fault, Read, names, wire};
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
    pub(crate) caps: Table<String, FrequencyConstraint>,
    pub(crate) campaigns: Vec<Campaign>,
    by_id: Index,
    by_event: Index,
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

wire! {
    /// The document as it is written: for the JSON Schema, and the head of the decoder.
    #[cfg_attr(feature = "schema", schemars(title = "Hearken playbook"))]
    pub(crate) struct Document {
        /// The version of the format: 1.
        spec: u32,
        /// The playbook's own id.
        id: String,
        /// Rises with every change; a lower one is refused.
        revision: u64,
        /// Accepts another document of the same revision, while one writes it.
        development: bool = false,
        /// What may be recorded, and for which purpose.
        plan: Plan = Plan::default(),
        /// Settings of the whole playbook.
        settings: Settings = Settings::default(),
        /// Frequency constraints by name.
        #[cfg_attr(feature = "schema", schemars(with = "Table<String, FrequencyConstraint>"))]
        caps: Table<String, Value> = Table::new(),
        /// Campaigns.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<CampaignSource>"))]
        campaigns: Vec<Value> = Vec::new(),
        /// Messages by name.
        #[cfg_attr(feature = "schema", schemars(with = "Table<String, Message>"))]
        messages: Table<String, Value> = Table::new(),
    }

    /// Settings of a playbook.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Settings [deny_unknown_fields] {
        /// From the end of one interruptive message to the start of the next.
        pub(crate) interval: Span = Span::seconds(30),
    }

    /// A campaign as it is written. A field that this version does not know disables the campaign: it may be what keeps
    /// the message from the wrong person.
    pub(crate) struct CampaignSource [deny_unknown_fields] {
        /// Its id; what is known of it stays with the id.
        id: CampaignId,
        /// A name for people.
        _name as "name": Option<String>,
        /// Whether it runs.
        enabled: bool = true,
        /// Where it may be shown.
        channel: Vec<Channel>,
        /// What sets it off.
        trigger: TriggerSource,
        /// Who it is for: a condition on attributes.
        audience: Option<Value>,
        /// When it runs.
        schedule: Schedule = Schedule::default(),
        /// The frequency constraints that stop it, and that it spends.
        caps: Vec<String> = Vec::new(),
        /// How often one person may see it.
        limit: Limit = Limit::default(),
        /// Lower goes first.
        priority: u32 = 100,
        /// The name of its message.
        message: String,
    }

    /// What sets a campaign off.
    struct TriggerSource [deny_unknown_fields] {
        /// The event.
        event: String,
        /// A condition on its properties.
        filter as "where": Option<Value>,
    }

    /// When a campaign runs: `[start, end)`, milliseconds since the Unix epoch.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Schedule [deny_unknown_fields] {
        /// Its first instant.
        pub(crate) start: Option<Timestamp>,
        /// The first instant at which it no longer runs.
        pub(crate) end: Option<Timestamp>,
    }

    /// How often one person may see a campaign; once, if nothing is said.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Limit [deny_unknown_fields] {
        /// How often in all.
        pub(crate) times: u32 = 1,
        /// How long after it was seen it may come again.
        pub(crate) again_after: Option<Span>,
    }
}

names! {
    /// Where a message may be shown.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Channel {
        /// In an app.
        InApp = "in_app",
        /// In a web page.
        InBrowser = "in_browser",
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { interval: Span::seconds(30) }
    }
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
    pub(crate) message: Arc<Message>,
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
        let value = json::parse(document).map_err(|JsonError { line, column, message }| PlaybookError::Json {
            line,
            column,
            message,
        })?;
        match value.get("spec").and_then(Value::as_u64) {
            Some(seen) if seen != u64::from(SPEC) => return Err(PlaybookError::Spec { seen }),
            _ => {}
        }
        let head: Document = decode(&value, "").map_err(unusable)?;
        check_id("id", &head.id).map_err(unusable)?;
        let mut playbook = Self {
            id: head.id,
            revision: head.revision,
            hash: hash(document),
            development: head.development,
            plan: head.plan,
            settings: head.settings,
            caps: Table::new(),
            campaigns: Vec::new(),
            by_id: Index::default(),
            by_event: Index::default(),
            problems: Vec::new(),
        };
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
        let ids = Index::of(head.campaigns.iter().enumerate().filter_map(named).collect());
        let mut messages = Table::new();
        for (name, source) in head.messages {
            let message = message(&name, &source).map(Arc::new);
            messages.insert(name, message);
        }
        let mut events = Vec::new();
        for (place, source) in head.campaigns.iter().enumerate() {
            let id = source.get("id").and_then(Value::as_str);
            let earlier = id.and_then(|id| ids.all(id).next()).filter(|first| *first < place);
            match playbook.campaign_at(place, source, earlier, &messages, &bad_caps) {
                Ok((campaign, event)) => {
                    events.push((event, playbook.campaigns.len()));
                    playbook.campaigns.push(campaign);
                }
                Err(faults) => playbook.disable(faults, id),
            }
        }
        let ids = playbook.campaigns.iter().enumerate().map(|(place, campaign)| (campaign.id.clone(), place));
        playbook.by_id = Index::of(ids.collect());
        playbook.by_event = Index::of(events);
        Ok(playbook)
    }

    fn disable(&mut self, faults: Faults, campaign: Option<&str>) {
        let problem = |Fault { path, message }| Problem { path, message, campaign: campaign.map(str::to_owned) };
        self.problems.extend(faults.into_iter().map(problem));
    }

    /// Reads one campaign; answers with it and the event that sets it off.
    fn campaign_at(
        &self,
        place: usize,
        source: &Value,
        earlier: Option<usize>,
        messages: &Table<String, Result<Arc<Message>, Faults>>,
        bad_caps: &[String],
    ) -> Result<(Campaign, String), Faults> {
        let at = format!("campaigns[{place}]");
        let source: CampaignSource = decode(source, &at)?;
        check_id(&format!("{at}.id"), &source.id)?;
        if earlier.is_some() {
            return Err(fault(&at, ".id", &["`", &source.id, "` is the id of an earlier campaign"]));
        }
        if source.channel.is_empty() {
            return Err(fault(&at, ".channel", &["at least one channel is needed"]));
        }
        for (n, cap) in source.caps.iter().enumerate() {
            let path = format!(".caps[{n}]");
            if bad_caps.contains(cap) {
                return Err(fault(&at, &path, &["`", cap, "` cannot be used: see caps.", cap]));
            }
            if !self.caps.contains_key(cap) {
                return Err(fault(&at, &path, &["`", cap, "` is not a frequency constraint of this playbook"]));
            }
        }
        let Some(message) = messages.get(&source.message) else {
            return Err(fault(&at, ".message", &["`", &source.message, "` is not a message of this playbook"]));
        };
        let message = message.clone()?;
        let condition = |source: Option<Value>, path: &str| match source {
            Some(source) => Condition::compile(&source, &[&at, path].concat()).map_err(|errors| {
                let mut faults = Vec::new();
                for ConditionError { path, message } in errors {
                    faults.push(Fault { path, message });
                }
                faults
            }),
            None => Ok(Condition::default()),
        };
        let campaign = Campaign {
            filter: condition(source.trigger.filter, ".trigger.where")?,
            audience: condition(source.audience, ".audience")?,
            id: source.id,
            enabled: source.enabled,
            channels: source.channel,
            schedule: source.schedule,
            caps: source.caps,
            limit: source.limit,
            priority: source.priority,
            message,
        };
        Ok((campaign, source.trigger.event))
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
        self.campaigns.get(self.by_id.all(id).next()?)
    }

    /// The campaigns that an event's name can set off: the only ones that it costs anything (engine.md 3.4).
    pub(crate) fn triggered_by(&self, event: &str) -> impl Iterator<Item = &Campaign> {
        self.by_event.all(event).filter_map(|place| self.campaigns.get(place))
    }

    /// The constraints that a presentation of this campaign on this channel spends (engine.md 6.1).
    pub(crate) fn spends(&self, campaign: &Campaign, channel: &str) -> Vec<String> {
        let spent = |(name, constraint): &(&String, &FrequencyConstraint)| {
            campaign.caps.contains(*name) || constraint.counts.iter().any(|counted| counted == channel)
        };
        self.caps.iter().filter(spent).map(|(name, _)| name.clone()).collect()
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

fn fault(at: &str, path: &str, message: &[&str]) -> Faults {
    vec![Fault { path: [at, path].concat(), message: message.concat() }]
}

fn hash(document: &str) -> String {
    hex(&Sha256::digest(document.as_bytes()))
}

fn decode<T: Read>(source: &Value, at: &str) -> Result<T, Faults> {
    crate::wire::read(source, at)
}

/// A message is read once, however many campaigns show it.
fn message(name: &str, source: &Value) -> Result<Message, Faults> {
    let at = ["messages.", name].concat();
    let message: Message = decode(source, &at)?;
    message.complete().map_err(|(path, why)| fault(&at, &[".", &path].concat(), &[&why]))
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
            (with("limit", json!({"times": -1})), "campaigns[1].limit.times", "not -1"),
            (with("limit", json!({"again_after": "soon"})), "campaigns[1].limit.again_after", "a span of time"),
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
        assert!(matches!(error(&"[".repeat(100_000)), PlaybookError::Json { line: 1, column: 129, .. }));
        assert!(matches!(error(r#"{"spec":1,"spec":1}"#), PlaybookError::Json { column: 11, .. }));
        assert!(matches!(error("[]"), PlaybookError::Document { .. }));
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
