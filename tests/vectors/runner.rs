//! Runs the vectors against anything that can be driven: the engine itself, or a client with one of its stores. Included
//! by the tests of both crates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use serde_json::{Map, Value, json};

/// What is driven. Presentations are spoken of by their real ids.
pub(crate) trait Driver {
    /// Opens with a new owner; what was open is closed first.
    fn open(&mut self, playbook: &str, consent: &[String]);
    /// Sets the clock.
    fn at(&mut self, now: DateTime<FixedOffset>);
    /// Does one thing other than opening; answers with the verdict and the rejection's code.
    fn act(&mut self, act: &Act) -> (String, Option<String>);
    /// What came of the last `open` or `act`.
    fn seen(&mut self) -> Seen;
    /// The inbox, as JSON.
    fn inbox(&mut self) -> Value;
    /// The success report, as JSON.
    fn success(&mut self) -> Value;
    /// `explain`, as JSON.
    fn why(&mut self, campaign: &str) -> Value;
    /// Whether records are seen only through the export.
    fn sees_the_export(&self) -> bool;
    /// The person's locale, from the next `open` on.
    fn locale(&mut self, _: &str) {}
    /// When the last step wants to be woken; nothing where that is not seen.
    fn next_wakeup(&mut self) -> Option<Value> {
        None
    }
}

/// One thing to do, with real ids.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Track {
        name: String,
        properties: Map<String, Value>,
    },
    Attribute {
        name: String,
        value: Value,
    },
    Consent(Vec<String>),
    CanDisplay(bool),
    Install(String),
    Displaying(String),
    Visible(String),
    Dismiss(String),
    Click {
        presentation: String,
        target: String,
    },
    Ended {
        presentation: String,
        cause: String,
    },
    Answer {
        presentation: String,
        answer: String,
    },
    Tick,
    /// Any other input of the engine, as its JSON.
    Input(Value),
}

/// What came of a step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Records as the export prints them: all of them, or the exported ones.
    pub(crate) records: Vec<Value>,
    /// As JSON: `presentation_id`, `campaign`, `channel`, `variant`, `placement`, `message`.
    pub(crate) offered: Vec<Value>,
    /// (id, cause)
    pub(crate) withdrawn: Vec<(String, String)>,
    /// As JSON.
    pub(crate) decisions: Vec<Value>,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors")
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every case of the index.
pub(crate) fn cases() -> Vec<Value> {
    let index = read(&folder().join("index.json"));
    let names = index["cases"].as_array().expect("a list of cases");
    assert!(names.len() >= 10, "the index names the cases");
    names.iter().map(|name| read(&folder().join(format!("{}.json", name.as_str().expect("a name"))))).collect()
}

fn document(source: &Value) -> String {
    match source {
        Value::String(path) => std::fs::read_to_string(folder().join(path)).expect("the playbook"),
        document => document.to_string(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

/// Runs one case; every difference is a line of the answer.
pub(crate) fn run(case: &Value, driver: &mut dyn Driver) -> Vec<String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    let playbook = document(&case["playbook"]);
    let consent = match &case["consent"] {
        Value::Null => texts(&json!(["analytics", "personalization", "messaging"])),
        purposes => texts(purposes),
    };
    for (number, step) in case["steps"].as_array().expect("steps").iter().enumerate() {
        let mut differs = |what: &str, expected: &Value, seen: &Value| {
            if expected != seen {
                wrong.push(format!("step {number}: {what}: expected {expected}, seen {seen}"));
            }
        };
        let expect = &step["expect"];
        driver.at(DateTime::parse_from_rfc3339(&text(&step["now"])).expect("an instant"));
        let (verb, with) = step["do"].as_object().and_then(|object| object.iter().next()).expect("one thing to do");
        let (verdict, rejection) = if verb == "open" {
            driver.locale(with["locale"].as_str().unwrap_or("en"));
            driver.open(&playbook, &consent);
            ("accepted".to_owned(), None)
        } else {
            driver.act(&act(verb, with, &names))
        };
        let seen = driver.seen();
        differs("verdict", &json!(expect["verdict"].as_str().unwrap_or("accepted")), &json!(verdict));
        if !expect["rejection"].is_null() {
            differs("rejection", &expect["rejection"], &json!(rejection));
        }
        let kinds: Vec<&Value> = seen.records.iter().map(|record| &record["type"]).collect();
        let records = if driver.sees_the_export() && !expect["exported"].is_null() { "exported" } else { "records" };
        differs(records, &expect[records], &json!(kinds));
        for (kind, fields) in expect["data"].as_object().into_iter().flatten() {
            let record = seen.records.iter().find(|record| record["type"] == json!(kind));
            for (field, value) in fields.as_object().expect("fields") {
                let seen = record.map_or(&Value::Null, |record| &record["data"][field]);
                differs(&format!("{kind}.{field}"), value, seen);
            }
        }
        let none = Vec::new();
        let expected = expect["offered"].as_array().unwrap_or(&none);
        for (expected, offer) in expected.iter().zip(&seen.offered) {
            // A name that is known stays with its presentation: what is offered again has to be the same.
            names.entry(text(&expected["as"])).or_insert_with(|| text(&offer["presentation_id"]));
        }
        let name = |id: &str| names.iter().find(|(_, known)| *known == id).map_or("?", |(name, _)| name);
        // Of each offer only what the vector speaks of.
        let offered: Vec<Value> = seen
            .offered
            .iter()
            .enumerate()
            .map(|(n, offer)| {
                let mut offered = json!({"as": name(&text(&offer["presentation_id"])), "campaign": offer["campaign"], "channel": offer["channel"]});
                for (field, value) in expected.get(n).and_then(Value::as_object).into_iter().flatten() {
                    if !matches!(field.as_str(), "as" | "campaign" | "channel") {
                        offered[field] = spoken_of(value, &offer[field]);
                    }
                }
                offered
            })
            .collect();
        differs("offered", &or_empty(&expect["offered"]), &json!(offered));
        let withdrawn: Vec<Value> =
            seen.withdrawn.iter().map(|(id, cause)| json!({"presentation": name(id), "cause": cause})).collect();
        differs("withdrawn", &or_empty(&expect["withdrawn"]), &json!(withdrawn));
        if !expect["decisions"].is_null() {
            let expected = expect["decisions"].as_array().unwrap_or(&none);
            let decisions: Vec<Value> = seen
                .decisions
                .iter()
                .enumerate()
                .map(|(n, seen)| decision(seen, &expected.get(n).map_or(Value::Null, |one| one["with"].clone())))
                .collect();
            differs("decisions", &expect["decisions"], &json!(decisions));
        }
        if let (Some(expected), Some(seen)) = (expect.get("next_wakeup"), driver.next_wakeup()) {
            let expected = expected.as_str().map(|text| instant(text).timestamp_millis());
            differs("next_wakeup", &json!(expected), &seen);
        }
        for (metric, expected) in expect["success"].as_object().into_iter().flatten() {
            let report = driver.success();
            let metrics = report["metrics"].as_array().into_iter().flatten();
            let none = Value::Null;
            let found = metrics.into_iter().find(|of| of["metric"] == metric.as_str()).unwrap_or(&none);
            differs(&format!("success of {metric}"), expected, &spoken_of(expected, found));
        }
        if !expect["inbox"].is_null() {
            let inbox = driver.inbox();
            for (n, expected) in expect["inbox"]["cards"].as_array().into_iter().flatten().enumerate() {
                names.entry(text(&expected["as"])).or_insert_with(|| text(&inbox["cards"][n]["card"]));
            }
            let seen = json!({
                "cards": inbox["cards"].as_array().into_iter().flatten().enumerate().map(|(n, card)| {
                    let mut seen = spoken_of(&expect["inbox"]["cards"][n], card);
                    let known = names.iter().find(|(_, known)| **known == card["card"]);
                    seen["as"] = json!(known.map_or("?", |(name, _)| name));
                    seen["campaign"] = card["campaign"].clone();
                    seen
                }).collect::<Vec<_>>(),
                "unread": inbox["unread"],
            });
            differs("inbox", &expect["inbox"], &seen);
        }
        for (campaign, fields) in expect["why"].as_object().into_iter().flatten() {
            let why = driver.why(campaign);
            for (field, value) in fields.as_object().expect("fields") {
                let seen = match field.as_str() {
                    "reason" => &why["reason"]["code"],
                    field => &why[field],
                };
                let value = match field.as_str() {
                    "next_eligible_at" => {
                        json!(DateTime::parse_from_rfc3339(&text(value)).expect("an instant").timestamp_millis())
                    }
                    _ => value.clone(),
                };
                differs(&format!("why {campaign}.{field}"), &value, seen);
            }
        }
    }
    wrong
}

/// The part of `seen` that `expected` speaks of: its fields, one by one; a list only as a whole, item by item.
fn spoken_of(expected: &Value, seen: &Value) -> Value {
    match (expected, seen) {
        (Value::Object(expected), Value::Object(seen)) => expected
            .iter()
            .map(|(name, value)| (name.clone(), spoken_of(value, seen.get(name).unwrap_or(&Value::Null))))
            .collect(),
        (Value::Array(expected), Value::Array(seen)) if expected.len() == seen.len() => {
            expected.iter().zip(seen).map(|(expected, seen)| spoken_of(expected, seen)).collect()
        }
        _ => seen.clone(),
    }
}

/// Names of presentations and cards become ids, wherever an input speaks of one.
fn with_ids(with: &Value, names: &BTreeMap<String, String>) -> Value {
    let mut with = with.clone();
    for field in ["presentation_id", "card"] {
        if let Some(id) = with.get(field).and_then(Value::as_str).and_then(|name| names.get(name)) {
            with[field] = json!(id);
        }
    }
    with
}

fn or_empty(value: &Value) -> Value {
    if value.is_null() { json!([]) } else { value.clone() }
}

/// A decision, with those fields of its reason that a case speaks of.
fn decision(seen: &Value, with: &Value) -> Value {
    let mut decision = json!({"campaign": seen["campaign"], "outcome": seen["outcome"]});
    if let Some(reason) = seen.get("reason") {
        decision["stage"] = seen["stage"].clone();
        decision["reason"] = reason["code"].clone();
        if with.is_object() {
            decision["with"] = spoken_of(with, reason);
            // An instant is written as the case writes it.
            for (name, expected) in with.as_object().into_iter().flatten() {
                let same = expected.as_str().is_some_and(|text| {
                    DateTime::parse_from_rfc3339(text)
                        .is_ok_and(|instant| json!(instant.timestamp_millis()) == reason[name])
                });
                if same {
                    decision["with"][name] = expected.clone();
                }
            }
        }
    }
    decision
}

fn instant(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("an instant")
}

fn act(verb: &str, with: &Value, names: &BTreeMap<String, String>) -> Act {
    let id = |name: &Value| names.get(&text(name)).unwrap_or_else(|| panic!("{name} was not offered")).clone();
    match verb {
        "track" if with["at"].is_null() => Act::Track {
            name: text(&with["name"]),
            properties: with["properties"].as_object().cloned().unwrap_or_default(),
        },
        "attribute" if with["op"].is_null() => {
            Act::Attribute { name: text(&with["name"]), value: with["value"].clone() }
        }
        "consent" if with.is_array() => Act::Consent(texts(with)),
        "can_display" => Act::CanDisplay(with.as_bool().expect("true or false")),
        "install" => Act::Install(document(with)),
        "displaying" => Act::Displaying(id(with)),
        "visible" => Act::Visible(id(with)),
        "dismiss" => Act::Dismiss(id(with)),
        "click" => Act::Click { presentation: id(&with["presentation"]), target: text(&with["target"]) },
        "ended" => Act::Ended { presentation: id(&with["presentation"]), cause: text(&with["cause"]) },
        "answer" => Act::Answer { presentation: id(&with["presentation"]), answer: text(&with["answer"]) },
        "tick" => Act::Tick,
        other => {
            let mut input = Map::new();
            input.insert(other.to_owned(), with_ids(with, names));
            Act::Input(Value::Object(input))
        }
    }
}
