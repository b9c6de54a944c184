//! Where two rows differ first. They are held against each other as JSON, so that nothing that is stored is passed over.

use crate::journal::Row;
use crate::wire::to_json;
use crate::{Body, Value};

/// The first difference between a row as stored and as decided again.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The record, by its place in the journal; nothing for the row itself.
    pub record: Option<u64>,
    /// The record's kind, as stored, or as decided again if it is not stored.
    pub kind: Option<String>,
    /// The field, such as `data.campaign`; empty for a whole record.
    pub field: String,
    /// What is stored; nothing where there is nothing.
    pub stored: Option<Value>,
    /// What the engine writes.
    pub redecided: Option<Value>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.record, &self.kind) {
            (Some(record), Some(kind)) => write!(to, "record {record} ({kind})")?,
            _ => write!(to, "the row")?,
        }
        match (&self.stored, &self.redecided) {
            (Some(_), None) if self.field.is_empty() => return write!(to, " is stored, and not decided again"),
            (None, Some(_)) if self.field.is_empty() => return write!(to, " is decided again, and not stored"),
            _ => {}
        }
        let told = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), to_json);
        write!(to, " {}: stored {}, re-decided {}", self.field, told(&self.stored), told(&self.redecided))
    }
}

impl Difference {
    /// How far two rows are the same: of several attempts the one that comes furthest says most.
    pub(super) fn reach(&self) -> u64 {
        self.record.unwrap_or(u64::MAX)
    }

    /// It lies in what counters and metrics start from.
    pub(super) fn is_of_history(&self) -> bool {
        let starts = ["data.seeds", "data.tally"].iter().any(|start| self.field.starts_with(start));
        starts && self.kind.as_deref() == Some("$playbook_installed")
    }

    /// An event comes of it that is not stored.
    pub(super) fn is_of_answers(&self) -> bool {
        let kind = self.redecided.as_ref().and_then(|record| record.get("type")?.as_str());
        self.field.is_empty() && self.stored.is_none() && kind.is_some_and(|kind| !kind.starts_with('$'))
    }
}

/// What of a stored row this version does not know, if anything: it was written by a newer one.
pub(super) fn unknown(stored: &Value, read: &Row) -> Option<String> {
    for (place, record) in read.records.iter().enumerate() {
        if let Body::Unknown { kind, .. } = &record.body {
            return Some(["records[", &place.to_string(), "] ", kind].concat());
        }
    }
    let known = parsed(read);
    lost(stored, &known, String::new())
}

/// The first place of `stored` that is not in `known`, and says something.
fn lost(stored: &Value, known: &Value, path: String) -> Option<String> {
    match (stored, known) {
        (Value::Object(stored), Value::Object(known)) => stored.iter().find_map(|(name, value)| {
            let path = join(&path, name);
            match known.get(name) {
                Some(known) => lost(value, known, path),
                None => (!is_blank(value)).then_some(path),
            }
        }),
        (Value::Array(stored), Value::Array(known)) => {
            stored.iter().zip(known).enumerate().find_map(|(place, (stored, known))| {
                lost(stored, known, [&path, "[", &place.to_string(), "]"].concat())
            })
        }
        _ => None,
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// The first difference: records in the order of their places, then what was on the screen, then the row's header.
pub(super) fn first(stored: &Value, again: Option<&Row>) -> Option<Difference> {
    let again = again.map(parsed).unwrap_or_default();
    let (theirs, ours) = (by_place(stored), by_place(&again));
    let mut places: Vec<u64> = theirs.iter().chain(&ours).map(|(place, _)| *place).collect();
    places.sort_unstable();
    places.dedup();
    for place in places {
        let at = |records: &[(u64, &Value)]| {
            records.iter().find(|(other, _)| *other == place).map(|(_, record)| (*record).clone())
        };
        let (stored, redecided) = (at(&theirs), at(&ours));
        let either = stored.as_ref().or(redecided.as_ref());
        let kind = either.and_then(|record| Some(record.get("type")?.as_str()?.to_owned()));
        let told =
            |field: String, stored, redecided| Difference { record: Some(place), kind, field, stored, redecided };
        match (&stored, &redecided) {
            (Some(theirs), Some(ours)) => {
                // What it is and what it carries says more than when it was.
                for name in ["type", "data"] {
                    if let Some((field, stored, redecided)) = within(theirs.get(name), ours.get(name), name.to_owned())
                    {
                        return Some(told(field, stored, redecided));
                    }
                }
                if let Some((field, stored, redecided)) = within(Some(theirs), Some(ours), String::new()) {
                    return Some(told(field, stored, redecided));
                }
            }
            _ => return Some(told(String::new(), stored, redecided)),
        }
    }
    // A row that has not all of its records says so in its header.
    let header = ["messages", "activity", "first", "last", "owner", "ctx"];
    let of_row = |(field, stored, redecided)| Difference { record: None, kind: None, field, stored, redecided };
    let difference = |name: &&str| within(stored.get(*name), again.get(*name), (*name).to_owned());
    header.iter().find_map(difference).map(of_row)
}

fn parsed(row: &Row) -> Value {
    crate::json::parse(&row.to_json()).unwrap_or_default()
}

fn by_place(row: &Value) -> Vec<(u64, &Value)> {
    let records = row.get("records").and_then(Value::as_array);
    records
        .into_iter()
        .flatten()
        .map(|record| (record.get("seq").and_then(Value::as_u64).unwrap_or(0), record))
        .collect()
}

type Found = (String, Option<Value>, Option<Value>);

/// The first place at which two values differ; nothing and what is blank are the same.
fn within(stored: Option<&Value>, redecided: Option<&Value>, path: String) -> Option<Found> {
    match (stored, redecided) {
        (Some(Value::Object(theirs)), Some(Value::Object(ours))) => {
            let mut names: Vec<&String> = theirs.keys().chain(ours.keys()).collect();
            names.sort_unstable();
            names.dedup();
            names.into_iter().find_map(|name| within(theirs.get(name), ours.get(name), join(&path, name)))
        }
        (Some(Value::Array(theirs)), Some(Value::Array(ours))) if theirs.len() == ours.len() => theirs
            .iter()
            .zip(ours)
            .enumerate()
            .find_map(|(n, (a, b))| within(Some(a), Some(b), [&path, "[", &n.to_string(), "]"].concat())),
        (Some(theirs), Some(ours)) if theirs == ours => None,
        (Some(value), None) | (None, Some(value)) if is_blank(value) => None,
        (None, None) => None,
        (stored, redecided) => Some((path, stored.cloned(), redecided.cloned())),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { [path, ".", name].concat() }
}
