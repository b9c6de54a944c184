//! The Big List of Naughty Strings: each of them in every place that takes a text. It is kept as it is, through the journal and
//! back, compared and shown as it is; or it is refused.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use hearken_core::{
    AttributeOp, Body, CardAction, Context, Engine, Input, Playbook, Properties, Purposes, Record, Row, Step,
    Timestamp, TouchKind, Value, Verdict,
};
use serde_json::json;

use super::report::Report;

pub(super) fn run(path: &Path) -> Result<Report> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let strings: Vec<String> = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let mut report = Report::default();
    for (place, naughty) in strings.iter().enumerate() {
        let case = format!("{place} {naughty:?}");
        match said_everywhere(naughty).and_then(|()| shown_and_compared(naughty)).and_then(|()| authored(naughty)) {
            Ok(()) => report.passed.push(case),
            Err(error) => report.failed.push((case, format!("{error:#}"))),
        }
    }
    Ok(report)
}

/// A device, and the rows that its store would keep.
struct Device {
    engine: Engine,
    rows: Vec<Row>,
    n: u64,
}

impl Device {
    fn with(playbook: &str) -> Result<Self> {
        let mut device = Self { engine: Engine::new("owner", ["in_app"])?, rows: Vec::new(), n: 0 };
        device.say(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None });
        device.say(Input::InstallPlaybook { document: playbook.to_owned(), history: Vec::new() });
        Ok(device)
    }

    fn say(&mut self, input: Input) -> Step {
        self.n += 1;
        let ctx = Context {
            now: Timestamp(1_795_248_000_000 + 1_000 * self.n as i64),
            entropy: u128::from(self.n).to_be_bytes(),
            locale: "en".into(),
            can_display: true,
            ..Context::default()
        };
        let step = self.engine.handle(input, &ctx);
        self.rows.extend(step.row.clone());
        step
    }

    fn track(&mut self, name: &str, properties: Value) -> Result<Step> {
        let Value::Object(properties) = properties else { anyhow::bail!("properties are an object") };
        Ok(self.say(Input::Track { name: name.to_owned(), properties, at: None }))
    }

    /// What was written reads back, and folds to what lives.
    fn keeps_what_it_was_told(&self) -> Result<()> {
        let mut again = Engine::new("owner", ["in_app"])?;
        for row in &self.rows {
            let back = Row::from_json(&row.to_json())?;
            ensure!(back == *row, "a row reads back as another: {}", row.to_json());
            for record in &row.records {
                let line = record.export_line(true);
                ensure!(!line.contains('\n'), "a line is not one line: {line}");
                ensure!(Record::from_line(&line)? == *record, "a line reads back as another record: {line}");
            }
            again.fold(&back)?;
        }
        ensure!(again.checkpoint_json() == self.engine.checkpoint_json(), "the journal folds to another state");
        Ok(())
    }
}

fn is_taken(step: &Step) -> bool {
    step.verdict == Verdict::Accepted
}

/// The text as a name and as a value of everything that an app says.
fn said_everywhere(text: &str) -> Result<()> {
    let mut device = Device::with(&playbook("plain", json!({})))?;
    let text_of = || text.to_owned();
    for input in [
        Input::Track { name: text_of(), properties: Properties::new(), at: None },
        Input::Screen { name: text_of() },
        Input::Attribute { op: AttributeOp::Set, name: text_of(), value: json!(1) },
        Input::Attribute { op: AttributeOp::Append, name: "list".into(), value: json!(text) },
        Input::Cue { cue: text_of(), value: Some(json!(text)) },
        Input::Mount { placement: text_of(), mounted: true },
        Input::Card { card: text_of(), action: CardAction::Seen, target: None, lasts: None },
        Input::Touch {
            kind: TouchKind::Delivered,
            delivery_id: text_of(),
            channel: text_of(),
            campaign: Some(text_of()),
            target: Some(text_of()),
        },
        Input::OwnersGone { owners: vec![text_of()] },
    ] {
        device.say(input);
    }
    // A value is taken whatever it is, and is the value that was given.
    let step = device.track("e", json!({"t": text}))?;
    ensure!(is_taken(&step), "as a property: {:?}", step.verdict);
    let kept = step.row.iter().flat_map(|row| &row.records).find_map(|record| match &record.body {
        Body::Event { properties, .. } => properties.get("t").cloned(),
        _ => None,
    });
    ensure!(kept == Some(json!(text)), "as a property it was kept as {kept:?}");
    let step = device.say(Input::Attribute { op: AttributeOp::Set, name: "a".into(), value: json!(text) });
    ensure!(is_taken(&step), "as an attribute: {:?}", step.verdict);
    let identified = is_taken(&device.say(Input::Identify { user: text_of() }));
    let person: Value = serde_json::from_str(&device.engine.person_json())?;
    ensure!(person["attributes"]["a"] == json!(text), "as an attribute it was kept as {}", person["attributes"]["a"]);
    ensure!(identified == (person["user"] == json!(text)), "as a user it was kept as {}", person["user"]);
    device.keeps_what_it_was_told()
}

/// A text of an event is shown as it is, and a condition that asks for it holds for it and for no other.
fn shown_and_compared(text: &str) -> Result<()> {
    let playbook = playbook("{{ event.t }}", json!({"t": text}));
    let mut device = Device::with(&playbook)?;
    let other = device.track("e", json!({"t": format!("{text}x")}))?;
    ensure!(other.offered.is_empty(), "a condition that asks for it holds for another text");
    let step = device.track("e", json!({"t": text}))?;
    let heading = heading(&step);
    ensure!(heading.as_deref() == Some(text), "it was shown as {heading:?}");
    device.keeps_what_it_was_told()
}

/// The text written into a playbook: shown as it is, or, where it is a template, rendered or told as a problem.
fn authored(text: &str) -> Result<()> {
    let document = playbook(text, json!({}));
    let compiled = Playbook::compile(&document)?;
    let is_template = text.contains("{{") || text.contains("{%");
    ensure!(is_template || compiled.problems().is_empty(), "in a playbook: {:?}", compiled.problems());
    let mut device = Device::with(&document)?;
    let step = device.track("e", json!({}))?;
    let heading = heading(&step);
    ensure!(is_template || heading.as_deref() == Some(text), "from a playbook it was shown as {heading:?}");
    device.keeps_what_it_was_told()?;
    // As a name, an id and a pattern it is used, or told with its place.
    let used = json!({"spec": 1, "id": text, "revision": 1, "plan": {"mode": "open", "events": {text: {"properties": {text: {"type": "string"}}}}},
        "segments": {text: {text: {"$regex": text}}}, "caps": {text: {"max": 1, "per": "1d"}},
        "messages": {text: {"layout": "modal", "pages": [[{"heading": text}, {"button": {"label": text, "actions": [{"deep_link": text}]}}]]}},
        "campaigns": [{"id": text, "channel": ["in_app"], "trigger": {"event": text, "where": {text: text}}, "audience": {"$segment": text},
            "caps": [text], "message": text}]});
    if let Ok(playbook) = Playbook::compile(&used.to_string()) {
        for problem in playbook.problems() {
            ensure!(!problem.path.is_empty() && !problem.message.is_empty(), "a problem without a place: {problem:?}");
        }
        let mut device = Device::with(&used.to_string())?;
        device.track(text, json!({text: text}))?;
        device.keeps_what_it_was_told()?;
    }
    Ok(())
}

/// A campaign that shows `heading` after each event `e` that meets `filter`.
fn playbook(heading: &str, filter: Value) -> String {
    json!({"spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"},
        "messages": {"m": {"layout": "modal", "pages": [[{"heading": heading}]]}},
        "campaigns": [{"id": "c", "channel": ["in_app"], "trigger": {"event": "e", "where": filter}, "message": "m"}]})
    .to_string()
}

fn heading(step: &Step) -> Option<String> {
    let offer = step.offered.first()?;
    offer
        .message
        .pointer("/pages/0/blocks/0/heading")
        .or_else(|| offer.message.pointer("/pages/0/0/heading"))?
        .as_str()
        .map(str::to_owned)
}
