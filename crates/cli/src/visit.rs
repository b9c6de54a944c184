//! A recorded visit, played through the engine: the inputs that a host would hand over, each with its moment.
//!
//! One JSON object a line: `{"now": "2026-11-21T10:00:00+02:00", "do": {INPUT: FIELDS}}`. An input without fields is its name
//! alone. Where a host has a presentation's or a card's id, a visit names the campaign: the newest of it is meant. `show` is
//! `displaying`, and `visible` a second later; `can_display` is `host_state` with the context's flag.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, FixedOffset};
use hearken_core::{Context, Engine, Explanation, Input, Playbook, Purposes, Step, Timestamp, authoring};
use serde_json::{Map, Value, json};

use crate::author::embed;
use crate::codes::Severity;
use crate::commands::Failure;
use crate::commands::check::check;
use crate::jsonl;
use crate::lint::{HOST, instead};

/// A second: how long a message has to be visible to count as seen.
const IMPRESSION: i64 = 1_000;

/// An engine that is visited.
pub(crate) struct Visit {
    engine: Engine,
    /// The newest presentation or card of each campaign.
    newest: BTreeMap<String, String>,
    can_display: bool,
    locale: String,
    handled: u64,
}

/// What one line of a visit came to: a step for each input that it stands for.
pub(crate) struct Played {
    pub(crate) at: DateTime<FixedOffset>,
    pub(crate) what: String,
    pub(crate) step: Step,
}

/// The playbook as an app would load it: built from what people write, or built already.
pub(crate) fn playbook(path: &Path) -> Result<String, Failure> {
    let (tree, report) = check(path);
    match tree {
        Some(tree) if report.count(Severity::Error) == 0 => {
            let mut value = tree.to_value();
            embed::embed(&mut value);
            Ok(hearken_measure::jcs::to_string(&value))
        }
        _ => Err(Failure::Unusable(format!("{}: run `hearken check` on it first", path.display()))),
    }
}

/// The lines of a visit, each with its number. Whatever a line says and nobody would read is an error.
pub(crate) fn lines(path: &Path) -> Result<Vec<(usize, Value)>, Failure> {
    let bytes = std::fs::read(path).map_err(|source| Failure::Read { path: path.display().to_string(), source })?;
    let mut lines = Vec::new();
    for (number, line) in jsonl::lines(&bytes) {
        let wrong = |why: String| Failure::Unusable(format!("{}:{number}{why}", path.display()));
        let value = jsonl::value(line).map_err(|(column, message)| wrong(format!(":{column}: {message}")))?;
        checked(&value).map_err(|why| wrong(format!(": {why}")))?;
        lines.push((number, value));
    }
    Ok(lines)
}

/// What a line may say.
const FIELDS: [&str; 3] = ["now", "do", "locale"];
/// Inputs that only a visit has, and those that may name a campaign alone.
const SHOW: &str = "show";
const CAN_DISPLAY: &str = "can_display";
const OF_CAMPAIGN: [&str; 3] = [SHOW, "displaying", "visible"];

fn checked(line: &Value) -> Result<(), String> {
    let fields = line.as_object().ok_or("a line is an object such as {\"now\": INSTANT, \"do\": \"tick\"}")?;
    known("", fields, &FIELDS)?;
    if let Some(locale) = fields.get("locale").filter(|locale| !locale.is_string()) {
        return Err(format!("`locale`: a text such as \"en\" is needed here, not {locale}"));
    }
    let (name, content) = input(line)?;
    match (name, content) {
        (CAN_DISPLAY, Some(Value::Bool(_))) => Ok(()),
        (CAN_DISPLAY, _) => Err("`do.can_display`: true or false is needed here".to_owned()),
        (name, Some(Value::String(_))) if OF_CAMPAIGN.contains(&name) => Ok(()),
        (SHOW, _) => Err("`do.show`: the id of a campaign is needed here".to_owned()),
        (name, content) => {
            let Some(own) = authoring::input_fields(name) else {
                let names = Input::NAMES.iter().copied().chain([SHOW, CAN_DISPLAY]);
                return Err(format!("`do`: there is no input `{name}`; {}", instead(name, names, "")));
            };
            let place = format!("do.{name}");
            match content {
                None | Some(Value::Null) => Ok(()),
                Some(Value::Object(fields)) => {
                    known(&place, fields, own)?;
                    let host = fields.get("host").and_then(Value::as_object);
                    host.map_or(Ok(()), |host| known(&format!("{place}.host"), host, &HOST))
                }
                Some(other) => Err(format!("`{place}`: an object is needed here, not {other}")),
            }
        }
    }
}

/// Tells of a field that nobody would read.
fn known(place: &str, fields: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let path = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
            let help = instead(name, known.iter().copied(), "it takes no fields");
            Err(format!("`{path}` is not known here; {help}"))
        }
    }
}

/// The input of a line, and what it says.
fn input(line: &Value) -> Result<(&str, Option<&Value>), String> {
    match line.get("do") {
        Some(Value::String(name)) => Ok((name, None)),
        Some(Value::Object(one)) if one.len() == 1 => {
            one.iter().next().map(|(name, fields)| (name.as_str(), Some(fields))).ok_or_else(String::new)
        }
        _ => Err("`do` is the name of an input, or an object with that one field".to_owned()),
    }
}

impl Visit {
    /// Opens an empty store with this playbook.
    pub(crate) fn open(document: &str, at: DateTime<FixedOffset>) -> Result<(Self, Vec<Played>), Failure> {
        let unusable = |error: String| Failure::Unusable(error);
        Playbook::compile(document).map_err(|error| unusable(error.to_string()))?;
        let engine = Engine::new("visit", ["in_browser", "in_app"]).map_err(|error| unusable(error.to_string()))?;
        let mut visit =
            Self { engine, newest: BTreeMap::new(), can_display: true, locale: "en".to_owned(), handled: 0 };
        let open = Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None };
        let install = Input::InstallPlaybook { document: document.to_owned(), history: Vec::new() };
        let played = vec![visit.handle(open, "open", at), visit.handle(install, "install_playbook", at)];
        Ok((visit, played))
    }

    /// Plays one line.
    pub(crate) fn play(&mut self, line: &Value) -> Result<Vec<Played>, String> {
        let at = instant(line)?;
        if let Some(locale) = line.get("locale").and_then(Value::as_str) {
            locale.clone_into(&mut self.locale);
        }
        let (name, fields) = input(line)?;
        let fields = fields.cloned().unwrap_or_default();
        match name {
            SHOW => {
                let id = self.id(&fields)?;
                let displaying = self.input("displaying", json!({ "presentation_id": id }))?;
                let visible = self.input("visible", json!({ "presentation_id": id }))?;
                let seen = at + chrono::Duration::milliseconds(IMPRESSION);
                Ok(vec![self.handle(displaying, name, at), self.handle(visible, "seen", seen)])
            }
            CAN_DISPLAY => {
                self.can_display = fields == Value::Bool(true);
                let input = self.input("host_state", Value::Null)?;
                Ok(vec![self.handle(input, name, at)])
            }
            _ => {
                let fields = match fields {
                    Value::String(campaign) if name == "displaying" || name == "visible" => {
                        json!({ "presentation_id": self.id(&Value::String(campaign))? })
                    }
                    fields => self.with_ids(fields)?,
                };
                let input = self.input(name, fields)?;
                Ok(vec![self.handle(input, name, at)])
            }
        }
    }

    fn input(&self, name: &str, fields: Value) -> Result<Input, String> {
        let json =
            if fields.is_null() { json!(name) } else { Value::Object(Map::from_iter([(name.to_owned(), fields)])) };
        Input::from_json(&json.to_string()).map_err(|error| error.to_string())
    }

    fn with_ids(&self, mut fields: Value) -> Result<Value, String> {
        for name in ["presentation_id", "card"] {
            if let Some(campaign) = fields.get(name).cloned() {
                fields[name] = json!(self.id(&campaign)?);
            }
        }
        Ok(fields)
    }

    fn id(&self, campaign: &Value) -> Result<String, String> {
        let campaign = campaign.as_str().unwrap_or_default();
        self.newest.get(campaign).cloned().ok_or_else(|| format!("nothing of `{campaign}` was shown so far"))
    }

    fn context(&mut self, at: DateTime<FixedOffset>) -> Context {
        self.handled += 1;
        let mut entropy = [0; 16];
        entropy[..8].copy_from_slice(&self.handled.to_be_bytes());
        Context {
            now: Timestamp(at.timestamp_millis()),
            offset_min: at.offset().local_minus_utc() / 60,
            entropy,
            locale: self.locale.clone(),
            can_display: self.can_display,
            ..Context::default()
        }
    }

    fn handle(&mut self, input: Input, what: &str, at: DateTime<FixedOffset>) -> Played {
        let ctx = self.context(at);
        let step = self.engine.handle(input, &ctx);
        for offer in &step.offered {
            self.newest.insert(offer.campaign.clone(), offer.presentation_id.to_string());
        }
        if step.inbox_changed {
            let inbox: Value = serde_json::from_str(&self.engine.inbox_json(ctx.now)).unwrap_or_default();
            for card in inbox["cards"].as_array().into_iter().flatten().rev() {
                if let (Some(campaign), Some(id)) = (card["campaign"].as_str(), card["card"].as_str()) {
                    self.newest.insert(campaign.to_owned(), id.to_owned());
                }
            }
        }
        Played { at, what: what.to_owned(), step }
    }

    /// Why a campaign is, or is not, shown at an instant.
    pub(crate) fn explain(&mut self, campaign: &str, at: DateTime<FixedOffset>) -> Explanation {
        let ctx = self.context(at);
        self.engine.explain(campaign, &ctx)
    }
}

/// The moment of a line.
pub(crate) fn instant(line: &Value) -> Result<DateTime<FixedOffset>, String> {
    let now = line.get("now").and_then(Value::as_str).ok_or("`now` is an instant such as 2026-11-21T10:00:00+02:00")?;
    DateTime::parse_from_rfc3339(now).map_err(|error| format!("`now`: {error}"))
}

/// The first words of a message, for people.
pub(crate) fn says(message: &Value) -> String {
    let layout = message["layout"].as_str().unwrap_or_default();
    let label = message["label"].as_str().unwrap_or_default();
    let text = || {
        let blocks = message["pages"][0]["blocks"].as_array()?;
        blocks.iter().find_map(|block| block.get("text")).map(|text| match text {
            Value::Array(spans) => spans.iter().filter_map(|span| span["text"].as_str()).collect(),
            text => text.as_str().unwrap_or_default().to_owned(),
        })
    };
    let said = if label.is_empty() { text().unwrap_or_default() } else { label.to_owned() };
    format!("{layout} “{said}”")
}
