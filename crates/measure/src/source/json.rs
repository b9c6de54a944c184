//! JSON Lines: Hearken's own, Segment's, CloudEvents, or rows of a table.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::mapping::{Columns, Mapping, rfc3339};
use super::spec::Column;
use super::{Failure, Sink};
use crate::cell::Cell;
use crate::draft::{Draft, Name, Payload};
use crate::reason::{Place, Reason};

/// The fields of an object as they stand.
pub(crate) struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Deserialize<'a> for Fields<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'a> Visitor<'a> for Object {
            type Value = Fields<'a>;

            fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Fields<'a>, A::Error> {
                let mut fields = Vec::with_capacity(12);
                while let Some(name) = map.next_key_seed(Name)? {
                    fields.push((name, map.next_value()?));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl<'a> Fields<'a> {
    /// The last of that name counts, as everywhere.
    fn raw(&self, name: &str) -> Option<&'a str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, raw)| raw.get())
    }

    fn cell(&self, name: &str) -> Result<Cell<'a>, Reason> {
        self.raw(name).map_or(Ok(Cell::Absent), |raw| Cell::of_json(raw).ok_or(Reason::Json))
    }

    fn payload(&self, name: &str) -> Payload<'a> {
        match self.raw(name) {
            None | Some("null") => Payload::Nothing,
            Some(raw) if raw.starts_with('{') => Payload::Json(Cow::Borrowed(raw)),
            Some(_) => Payload::Wrong,
        }
    }
}

/// The names of the columns that a mapping asks of objects, in the order of their places.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paths(Vec<String>);

impl Paths {
    pub(crate) fn find(&mut self, column: &Column) -> Option<usize> {
        let Column::Named(name) = column else { return None };
        Some(self.0.iter().position(|known| known == name).unwrap_or_else(|| {
            self.0.push(name.clone());
            self.0.len() - 1
        }))
    }
}

/// An object as a row: a column is a field, or fields inside fields by their path with dots.
struct Row<'f, 'a> {
    fields: &'f Fields<'a>,
    paths: &'f Paths,
}

impl<'a> Columns<'a> for Row<'_, 'a> {
    fn cell(&self, column: usize) -> Cell<'a> {
        let Some(path) = self.paths.0.get(column) else { return Cell::Absent };
        let raw = self.fields.raw(path).or_else(|| dig(self.fields, path));
        match raw.and_then(Cell::of_json) {
            // A whole object is what a column of properties holds.
            Some(Cell::Structure) => raw.map_or(Cell::Structure, Cell::text),
            Some(cell) => cell,
            None if raw.is_some() => Cell::Structure,
            None => Cell::Absent,
        }
    }
}

fn dig<'a>(fields: &Fields<'a>, path: &str) -> Option<&'a str> {
    let (first, rest) = path.split_once('.')?;
    let inner: Fields<'a> = serde_json::from_str(fields.raw(first)?).ok()?;
    inner.raw(rest).or_else(|| dig(&inner, rest))
}

/// Reads whole lines, the first of which has this number.
pub(crate) fn lines<S: Sink>(
    bytes: &[u8],
    file: u16,
    first: u64,
    mapping: Option<&(Mapping, Paths)>,
    sink: &mut S,
) -> Result<(), Failure> {
    let mut line = first;
    let mut rest = bytes;
    while !rest.is_empty() {
        let (this, after) = match memchr::memchr(b'\n', rest) {
            Some(end) => (rest.get(..end).unwrap_or_default(), rest.get(end + 1..).unwrap_or_default()),
            None => (rest, <&[u8]>::default()),
        };
        let place = Place { file, line, part: 0 };
        match std::str::from_utf8(this) {
            Ok(text) => one_line(text.trim_start_matches('\u{feff}').trim_ascii(), place, mapping, sink),
            Err(_) => sink.take(place, Err(Reason::Utf8)),
        }
        (rest, line) = (after, line + 1);
    }
    Ok(())
}

fn one_line<S: Sink>(text: &str, place: Place, mapping: Option<&(Mapping, Paths)>, sink: &mut S) {
    if text.is_empty() {
        return;
    }
    if mapping.is_none() && text.starts_with('[') {
        return batch(text, place, sink);
    }
    match serde_json::from_str::<Fields<'_>>(text) {
        Ok(fields) => match (mapping, fields.raw("batch")) {
            (Some((mapping, paths)), _) => sink.take(place, mapping.draft(&Row { fields: &fields, paths })),
            (None, Some(messages)) if messages.starts_with('[') && fields.raw("id").is_none() => {
                batch(messages, place, sink)
            }
            _ => sink.take(place, event(&fields)),
        },
        Err(_) => sink.take(place, Err(not_an_object(text))),
    }
}

fn not_an_object(text: &str) -> Reason {
    if serde_json::from_str::<&RawValue>(text).is_ok() && !text.starts_with('{') {
        Reason::RowType
    } else {
        Reason::Json
    }
}

fn batch<S: Sink>(text: &str, place: Place, sink: &mut S) {
    match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(items) if items.is_empty() => sink.take(place, Err(Reason::RowType)),
        Ok(items) => {
            for (part, item) in items.into_iter().enumerate() {
                let place = Place { part: u32::try_from(part).unwrap_or(u32::MAX), ..place };
                match serde_json::from_str::<Fields<'_>>(item.get()) {
                    Ok(fields) => sink.take(place, event(&fields)),
                    Err(_) => sink.take(place, Err(not_an_object(item.get()))),
                }
            }
        }
        Err(_) => sink.take(place, Err(Reason::Json)),
    }
}

/// One of the three encodings of docs/export.md.
fn event<'a>(fields: &Fields<'a>) -> Result<Draft<'a>, Reason> {
    if fields.raw("specversion").is_some() {
        cloud_event(fields)
    } else if fields.raw("messageId").is_some() || fields.raw("anonymousId").is_some() || fields.raw("userId").is_some()
    {
        segment(fields)
    } else {
        native(fields)
    }
}

fn native<'a>(fields: &Fields<'a>) -> Result<Draft<'a>, Reason> {
    Ok(Draft {
        id: only_text(fields.cell("id")?),
        event: fields.cell("type")?,
        ts: fields.cell("ts")?,
        offset: fields.cell("offset")?,
        user: fields.cell("user")?,
        profile: fields.cell("profile")?,
        session: fields.cell("session")?,
        late: fields.cell("late")? == Cell::Bool(true),
        merged: false,
        payload: fields.payload("data"),
    })
}

/// An event's id is a text in every encoding.
fn only_text(cell: Cell<'_>) -> Cell<'_> {
    if matches!(cell, Cell::Int(_)) { Cell::Structure } else { cell }
}

fn instant(cell: Cell<'_>) -> Cell<'_> {
    match cell {
        Cell::Text(text) => rfc3339(&text).map_or(Cell::Text(text), Cell::Int),
        other => other,
    }
}

fn cloud_event<'a>(fields: &Fields<'a>) -> Result<Draft<'a>, Reason> {
    let event = match fields.cell("type")? {
        Cell::Text(Cow::Borrowed(kind)) => Cell::text(kind.strip_prefix("dev.hearken.").unwrap_or(kind)),
        other => other,
    };
    Ok(Draft { event, ts: instant(fields.cell("time")?), ..native(fields)? })
}

fn segment<'a>(fields: &Fields<'a>) -> Result<Draft<'a>, Reason> {
    let inside = |raw: Option<&'a str>, name: &str| -> Option<&'a str> {
        let inner: Fields<'a> = serde_json::from_str(raw.filter(|raw| raw.starts_with('{'))?).ok()?;
        inner.raw(name)
    };
    let own = inside(fields.raw("context"), "hearken").filter(|own| own.starts_with('{'));
    let own: Fields<'a> = own.and_then(|own| serde_json::from_str(own).ok()).unwrap_or(Fields(Vec::new()));
    let kind = fields.cell("type")?;
    let own_kind = own.cell("type")?;
    let (event, payload) = match (&kind, own_kind) {
        // Identifying messages keep what they say beside the traits; the traits have the value of one attribute.
        (Cell::Text(kind), Cell::Text(own_kind)) if kind == "identify" => {
            (Cell::Text(own_kind), with_trait(own.payload("data"), fields.raw("traits")))
        }
        (_, Cell::Text(own_kind)) => (Cell::Text(own_kind), fields.payload("properties")),
        (Cell::Text(kind), _) => match kind.as_ref() {
            "track" => (fields.cell("event")?, fields.payload("properties")),
            "screen" | "page" => (Cell::text("$screen"), fields.payload("properties")),
            "identify" => (Cell::text("$identify"), fields.payload("traits")),
            _ => (kind_of(kind), fields.payload("properties")),
        },
        (other, _) => (other.clone(), fields.payload("properties")),
    };
    Ok(Draft {
        id: only_text(fields.cell("messageId")?),
        event,
        ts: instant(fields.cell("timestamp")?),
        offset: own.cell("offset")?,
        user: fields.cell("userId")?,
        profile: fields.cell("anonymousId")?,
        session: own.cell("session")?,
        late: own.cell("late")? == Cell::Bool(true),
        merged: false,
        payload,
    })
}

fn kind_of<'a>(kind: &str) -> Cell<'a> {
    Cell::Text(Cow::Owned(format!("${kind}")))
}

/// The data of an attribute with its value, which Segment has among the traits.
fn with_trait<'a>(data: Payload<'a>, traits: Option<&'a str>) -> Payload<'a> {
    let Payload::Json(text) = &data else { return data };
    let Ok(serde_json::Value::Object(mut object)) = serde_json::from_str(text) else { return data };
    let named = object.get("name").and_then(|name| name.as_str()).map(str::to_owned);
    let Some(name) = named.filter(|_| object.get("op").is_some()) else { return data };
    let traits: Option<serde_json::Value> = traits.and_then(|traits| serde_json::from_str(traits).ok());
    if let Some(value) = traits.as_ref().and_then(|traits| traits.get(&name)).filter(|value| !value.is_null()) {
        object.insert("value".to_owned(), value.clone());
    }
    Payload::Json(Cow::Owned(serde_json::Value::Object(object).to_string()))
}
