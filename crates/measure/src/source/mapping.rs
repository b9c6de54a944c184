//! A `source` block that has met the columns of a file: any row of it becomes a draft.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use std::borrow::Cow;

use super::spec::{
    Column, EVENT, From, ID, LATE, MERGED, OFFSET, PROFILE, PropertiesFrom, SESSION, Spec, TS, TimeFormat, Type, USER,
};
use crate::cell::Cell;
use crate::draft::{Draft, Payload};
use crate::reason::Reason;

/// Where a value comes from, once the columns are known.
#[derive(Clone, Debug)]
enum Origin {
    Column(usize),
    Constant(Cell<'static>),
}

/// A spec with the places of its columns.
#[derive(Clone, Debug)]
pub(crate) struct Mapping {
    fields: [Option<Origin>; super::spec::FIELDS.len()],
    ts_format: TimeFormat,
    properties: Properties,
    /// Whether values are texts that stand for numbers.
    texts: bool,
}

#[derive(Clone, Debug)]
enum Properties {
    None,
    Json(usize),
    Named(Vec<(String, Origin, Type)>),
}

/// A row of a table.
pub(crate) trait Columns<'a> {
    /// The value in a column.
    fn cell(&self, column: usize) -> Cell<'a>;
}

impl Mapping {
    /// Finds the columns.
    ///
    /// # Errors
    /// The name of a column that is not there.
    pub(crate) fn new(
        spec: &Spec,
        texts: bool,
        mut find: impl FnMut(&Column) -> Option<usize>,
    ) -> Result<Self, String> {
        let mut origin = |from: &From| match from {
            From::Column(column) => find(column).map(Origin::Column).ok_or_else(|| match column {
                Column::Named(name) => name.clone(),
                Column::Placed(place) => place.to_string(),
            }),
            From::Constant(value) => Ok(Origin::Constant(constant(value))),
        };
        let mut fields = [const { None }; super::spec::FIELDS.len()];
        for (to, from) in fields.iter_mut().zip(&spec.fields) {
            *to = from.as_ref().map(&mut origin).transpose()?;
        }
        let properties = match &spec.properties {
            None => Properties::None,
            Some(PropertiesFrom::Json(column)) => match origin(&From::Column(column.clone()))? {
                Origin::Column(place) => Properties::Json(place),
                Origin::Constant(_) => Properties::None,
            },
            Some(PropertiesFrom::Columns(columns)) => {
                let named = columns.iter().map(|column| Ok((column.name.clone(), origin(&column.from)?, column.kind)));
                Properties::Named(named.collect::<Result<_, String>>()?)
            }
        };
        Ok(Self { fields, ts_format: spec.ts_format.clone(), properties, texts })
    }

    /// The columns that are read.
    pub(crate) fn columns(&self) -> Vec<usize> {
        let named = match &self.properties {
            Properties::Named(named) => named.iter().map(|(_, origin, _)| origin).collect(),
            _ => Vec::new(),
        };
        let json = if let Properties::Json(place) = &self.properties { Some(*place) } else { None };
        let of = |origin: &Origin| if let Origin::Column(place) = origin { Some(*place) } else { None };
        let mut columns: Vec<usize> = self.fields.iter().flatten().chain(named).filter_map(of).chain(json).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// A row as an event.
    pub(crate) fn draft<'a>(&'a self, row: &impl Columns<'a>) -> Result<Draft<'a>, Reason> {
        let field = |place: usize| match self.fields.get(place) {
            Some(Some(Origin::Column(column))) => row.cell(*column),
            Some(Some(Origin::Constant(cell))) => cell.clone(),
            _ => Cell::Absent,
        };
        // An empty field of a table of texts is one that is not there, but for the two that every row has.
        let optional = |place: usize| match field(place) {
            Cell::Text(text) if self.texts && text.is_empty() => Cell::Absent,
            cell => cell,
        };
        let numeric = |cell: Cell<'a>| if self.texts { number(cell) } else { cell };
        Ok(Draft {
            id: field(ID).with_decimal_text(),
            event: field(EVENT).with_decimal_text(),
            ts: self.instant(field(TS)),
            offset: numeric(optional(OFFSET)),
            user: optional(USER),
            profile: optional(PROFILE).with_decimal_text(),
            session: optional(SESSION),
            late: field(LATE).is_true(),
            merged: field(MERGED).is_true(),
            payload: self.payload(row),
        })
    }

    fn payload<'a>(&'a self, row: &impl Columns<'a>) -> Payload<'a> {
        match &self.properties {
            Properties::None => Payload::Nothing,
            Properties::Json(column) => match row.cell(*column) {
                Cell::Absent => Payload::Nothing,
                Cell::Text(text) if text.trim_start().starts_with('{') => Payload::Json(text),
                Cell::Text(text) if text.is_empty() || text.trim() == "null" => Payload::Nothing,
                _ => Payload::Wrong,
            },
            Properties::Named(named) => {
                let cell = |(name, origin, kind): &'a (String, Origin, Type)| {
                    let cell = match origin {
                        Origin::Column(column) => row.cell(*column),
                        Origin::Constant(cell) => cell.clone(),
                    };
                    (name.as_str(), typed(cell, *kind))
                };
                Payload::Named(named.iter().map(cell).collect())
            }
        }
    }

    fn instant<'a>(&self, cell: Cell<'a>) -> Cell<'a> {
        match (&self.ts_format, cell) {
            (TimeFormat::Auto, Cell::Text(text)) => match text.parse() {
                Ok(ms) => Cell::Int(ms),
                Err(_) => rfc3339(&text).map_or(Cell::Text(text), Cell::Int),
            },
            (TimeFormat::Auto, cell) => cell,
            (TimeFormat::Ticks(a_second), cell) => match number(cell) {
                Cell::Int(ticks) => Cell::Int(milliseconds(ticks, *a_second)),
                Cell::Fraction(ticks) => {
                    let ms = ticks * 1_000.0 / *a_second as f64;
                    // Halves of a millisecond are none.
                    if ms.is_finite() && ms.abs() < 1e15 { Cell::Int(ms.floor() as i64) } else { Cell::Structure }
                }
                other => other,
            },
            (TimeFormat::Pattern(pattern), Cell::Text(text)) => by_pattern(&text, pattern),
            (TimeFormat::Pattern(pattern), Cell::Int(int)) => by_pattern(&int.to_string(), pattern),
            (TimeFormat::Pattern(_), cell) => cell,
        }
    }
}

/// Ticks since the Unix epoch in whole milliseconds, rounded down.
pub(crate) fn milliseconds(ticks: i64, a_second: i64) -> i64 {
    if a_second <= 1_000 { ticks.saturating_mul(1_000 / a_second) } else { ticks.div_euclid(a_second / 1_000) }
}

/// An instant by RFC 3339.
pub(crate) fn rfc3339(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.timestamp_millis())
}

fn by_pattern(text: &str, pattern: &str) -> Cell<'static> {
    let text = text.trim();
    let instant = NaiveDateTime::parse_from_str(text, pattern).ok();
    let instant = instant.or_else(|| NaiveDate::parse_from_str(text, pattern).ok()?.and_hms_opt(0, 0, 0));
    instant.map_or(Cell::Structure, |instant| Cell::Int(instant.and_utc().timestamp_millis()))
}

/// A text that is a number as the number.
fn number(cell: Cell<'_>) -> Cell<'_> {
    match cell {
        Cell::Text(text) => match text.trim().parse::<i64>() {
            Ok(int) => Cell::Int(int),
            Err(_) => match text.trim().parse::<f64>() {
                Ok(float) if float.is_finite() => Cell::Fraction(float),
                _ => Cell::Text(text),
            },
        },
        other => other,
    }
}

fn typed(cell: Cell<'_>, kind: Type) -> Cell<'_> {
    match (kind, cell) {
        (Type::Number, cell) => number(cell),
        (Type::Bool, Cell::Text(text)) => match text.as_ref() {
            "true" | "True" | "TRUE" | "t" | "1" => Cell::Bool(true),
            "false" | "False" | "FALSE" | "f" | "0" => Cell::Bool(false),
            _ => Cell::Text(text),
        },
        (Type::Bool, Cell::Int(int @ 0..=1)) => Cell::Bool(int == 1),
        (Type::Text, Cell::Int(int)) => Cell::Text(Cow::Owned(int.to_string())),
        (Type::Json, Cell::Text(text)) => match serde_json::from_str(&text) {
            Ok(value) => constant(&value),
            Err(_) => Cell::Text(text),
        },
        (_, cell) => cell,
    }
}

fn constant(value: &serde_json::Value) -> Cell<'static> {
    match value {
        serde_json::Value::String(text) => Cell::Text(Cow::Owned(text.clone())),
        other => Cell::of_json(&other.to_string()).map_or(Cell::Absent, Cell::into_owned),
    }
}
