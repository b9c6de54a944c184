//! `hearken diff`: what changed between two success definitions (success.md 3.22).

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use hearken_core::success::{Definition, Metric};
use serde_json::{Value, json};

use super::measure::Format;
use super::{Outcome, put};
use crate::success::{self, Loaded};

/// Tells which metrics were added, removed, or changed their meaning.
#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// The definition before.
    old: PathBuf,
    /// The definition after.
    new: PathBuf,
    /// How to tell it.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// What became of a metric.
#[derive(Debug, PartialEq)]
enum Change {
    Added,
    Removed,
    /// Its meaning, by the paths in what it means.
    Meaning(Vec<String>),
    /// Only how it is printed, or what people call it.
    Print(Vec<String>),
}

pub(crate) fn run(arguments: &Diff) -> Outcome {
    let (old, new) = (success::load(&arguments.old)?, success::load(&arguments.new)?);
    let changes = changes(&old, &new);
    let (before, after) = (old.definition.version, new.definition.version);
    let unraised = after <= before && changes.iter().any(|(_, change)| matches!(change, Change::Meaning(_)));
    let text = match arguments.format {
        Format::Table => text(&old.definition, &new.definition, &changes, unraised),
        Format::Json => format!("{}\n", json(&old.definition, &new.definition, &changes, unraised)),
    };
    put(&text, None)?;
    Ok(u8::from(unraised))
}

fn changes(old: &Loaded, new: &Loaded) -> Vec<(String, Change)> {
    let names: BTreeSet<&str> =
        old.definition.metrics.iter().chain(&new.definition.metrics).map(|metric| metric.name.as_str()).collect();
    let change = |name: &str| match (old.definition.metric(name), new.definition.metric(name)) {
        (None, _) => Some(Change::Added),
        (_, None) => Some(Change::Removed),
        (Some(before), Some(after)) if before.fingerprint != after.fingerprint => {
            let mut paths = Vec::new();
            differences(&old.definition.closure(before), &new.definition.closure(after), "", &mut paths);
            Some(Change::Meaning(paths))
        }
        (Some(before), Some(after)) => {
            let (before, after) = (printing(old, before), printing(new, after));
            let mut paths = Vec::new();
            differences(&before, &after, "", &mut paths);
            (!paths.is_empty()).then_some(Change::Print(paths))
        }
    };
    names.into_iter().filter_map(|name| Some((name.to_owned(), change(name)?))).collect()
}

/// What of a metric stays outside its fingerprint.
fn printing(loaded: &Loaded, metric: &Metric) -> Value {
    let written = loaded.source.get("metrics").and_then(|metrics| metrics.get(&metric.name));
    let field = |name: &str| written.and_then(|metric| metric.get(name)).cloned().unwrap_or_default();
    let goals = loaded.source.get("goals").and_then(Value::as_array).into_iter().flatten();
    let goals: Vec<&Value> =
        goals.filter(|goal| goal.get("metric").and_then(Value::as_str) == Some(&metric.name)).collect();
    json!({"title": field("title"), "description": field("description"), "read": field("read"), "as_of": field("as_of"), "goals": goals})
}

/// The paths at which two values differ.
fn differences(old: &Value, new: &Value, path: &str, to: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                differences(
                    before.get(name).unwrap_or(&Value::Null),
                    after.get(name).unwrap_or(&Value::Null),
                    &path,
                    to,
                );
            }
        }
        _ if old == new => {}
        _ => to.push(format!("{path}: {} -> {}", shown(old), shown(new))),
    }
}

fn shown(value: &Value) -> String {
    if value.is_null() { "-".to_owned() } else { value.to_string() }
}

fn text(old: &Definition, new: &Definition, changes: &[(String, Change)], unraised: bool) -> String {
    let mut text = format!("{} v{} -> {} v{}\n", old.id, old.version, new.id, new.version);
    for (name, change) in changes {
        let (what, paths): (&str, &[String]) = match change {
            Change::Added => ("added", &[]),
            Change::Removed => ("removed", &[]),
            Change::Meaning(paths) => ("changed", paths),
            Change::Print(paths) => ("printed", paths),
        };
        let print = |definition: &Definition| {
            definition.metric(name).and_then(|metric| metric.fingerprint.get(..8)).unwrap_or_default().to_owned()
        };
        let prints = if matches!(change, Change::Meaning(_)) {
            format!("  fp {} -> {}", print(old), print(new))
        } else {
            String::new()
        };
        text.push_str(&format!("{what:8}{name}{prints}\n"));
        for path in paths {
            text.push_str(&format!("          {path}\n"));
        }
    }
    if changes.is_empty() {
        text.push_str("the same numbers\n");
    }
    if unraised {
        text.push_str(&format!("error: the meaning changed: `version` has to be above {}\n", old.version));
    }
    text
}

fn json(old: &Definition, new: &Definition, changes: &[(String, Change)], unraised: bool) -> Value {
    let of = |wanted: fn(&Change) -> bool| -> Vec<&str> {
        changes.iter().filter(|(_, change)| wanted(change)).map(|(name, _)| name.as_str()).collect()
    };
    let paths = |wanted: fn(&Change) -> Option<&Vec<String>>| -> Value {
        let with = changes.iter().filter_map(|(name, change)| Some((name.clone(), json!(wanted(change)?))));
        Value::Object(with.collect())
    };
    json!({
        "old": {"id": old.id, "version": old.version},
        "new": {"id": new.id, "version": new.version},
        "added": of(|change| *change == Change::Added),
        "removed": of(|change| *change == Change::Removed),
        "changed": paths(|change| if let Change::Meaning(paths) = change { Some(paths) } else { None }),
        "printed": paths(|change| if let Change::Print(paths) = change { Some(paths) } else { None }),
        "version_must_rise": unraised,
    })
}
