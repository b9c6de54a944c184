//! The `source` block: how a table that somebody has is read as events (docs/measure.md).

use serde_json::{Map, Value};

/// Something wrong in a `source` block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct SpecError {
    /// Where, such as `source.ts.format`.
    pub path: String,
    /// What is wrong, and what to write.
    pub message: String,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON Lines: native, Segment or CloudEvents, told apart line by line; or rows, with a `source` block.
    Json,
    /// Fields by a delimiter.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// Where a column is: by its name, or from 1 on by its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Named(String),
    Placed(usize),
}

/// A column, or the same in every row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum From {
    Column(Column),
    Constant(Value),
}

/// How an instant is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum TimeFormat {
    /// Whole milliseconds, or a text by RFC 3339.
    #[default]
    Auto,
    /// Ticks since the Unix epoch, so many of them a second.
    Ticks(i64),
    /// A pattern of `strftime`, in UTC.
    Pattern(String),
}

/// What the text of a column is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Type {
    /// What the file says; in CSV a text.
    #[default]
    AsIs,
    Text,
    Number,
    Bool,
    Json,
}

/// A column that is a property.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PropertyColumn {
    pub(crate) name: String,
    pub(crate) from: From,
    pub(crate) kind: Type,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PropertiesFrom {
    /// A column with JSON objects.
    Json(Column),
    Columns(Vec<PropertyColumn>),
}

/// How a table is read as events.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    pub(crate) format: Option<Format>,
    /// `None`: runs of blanks.
    pub(crate) delimiter: Option<u8>,
    pub(crate) header: bool,
    pub(crate) fields: [Option<From>; FIELDS.len()],
    pub(crate) ts_format: TimeFormat,
    pub(crate) properties: Option<PropertiesFrom>,
}

/// The parts of an event that a column can be.
pub(crate) const FIELDS: [&str; 9] = ["id", "event", "ts", "offset", "user", "profile", "session", "late", "merged"];
pub(crate) const ID: usize = 0;
pub(crate) const EVENT: usize = 1;
pub(crate) const TS: usize = 2;
pub(crate) const OFFSET: usize = 3;
pub(crate) const USER: usize = 4;
pub(crate) const PROFILE: usize = 5;
pub(crate) const SESSION: usize = 6;
pub(crate) const LATE: usize = 7;
pub(crate) const MERGED: usize = 8;

struct Reader {
    path: String,
    errors: Vec<SpecError>,
}

impl Reader {
    fn fault(&mut self, field: &str, message: impl Into<String>) {
        let path = if field.is_empty() { self.path.clone() } else { format!("{}.{field}", self.path) };
        self.errors.push(SpecError { path, message: message.into() });
    }

    fn column(&mut self, value: &Value, field: &str) -> Option<Column> {
        match value {
            Value::String(name) if !name.is_empty() => Some(Column::Named(name.clone())),
            Value::Number(place) if place.as_u64().is_some_and(|place| place > 0) => {
                Some(Column::Placed(place.as_u64().unwrap_or(1) as usize))
            }
            _ => {
                self.fault(field, "a column is named by its header, or by its place from 1 on");
                None
            }
        }
    }

    fn only(&mut self, object: &Map<String, Value>, field: &str, known: &[&str]) {
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            let at = if field.is_empty() { name.clone() } else { format!("{field}.{name}") };
            self.fault(&at, format!("unknown; known are {}", known.join(", ")));
        }
    }

    fn from(&mut self, value: &Value, field: &str, besides: &[&str]) -> Option<From> {
        let Value::Object(object) = value else { return self.column(value, field).map(From::Column) };
        let mut known = vec!["column", "constant"];
        known.extend(besides);
        self.only(object, field, &known);
        match (object.get("column"), object.get("constant")) {
            (Some(column), None) => self.column(column, &format!("{field}.column")).map(From::Column),
            (None, Some(constant)) if !constant.is_array() && !constant.is_object() => {
                Some(From::Constant(constant.clone()))
            }
            _ => {
                self.fault(field, "either a `column` or a `constant` is needed here");
                None
            }
        }
    }

    fn time_format(&mut self, value: Option<&Value>) -> TimeFormat {
        let Some(value) = value else { return TimeFormat::Auto };
        match value.as_str() {
            Some("s") => TimeFormat::Ticks(1),
            Some("ms") => TimeFormat::Ticks(1_000),
            Some("us") => TimeFormat::Ticks(1_000_000),
            Some("ns") => TimeFormat::Ticks(1_000_000_000),
            Some("rfc3339") => TimeFormat::Auto,
            Some(pattern) if pattern.contains('%') => TimeFormat::Pattern(pattern.to_owned()),
            _ => {
                self.fault("ts.format", "a format is `ms`, `s`, `us`, `ns`, `rfc3339` or a pattern such as `%Y%m%d`");
                TimeFormat::Auto
            }
        }
    }

    fn properties(&mut self, value: &Value) -> Option<PropertiesFrom> {
        let Value::Object(object) = value else {
            return self.column(value, "properties").map(PropertiesFrom::Json);
        };
        let mut columns = Vec::new();
        for (name, value) in object {
            let field = format!("properties.{name}");
            let kind = match value.get("type").map(|kind| kind.as_str().unwrap_or_default()) {
                None => Type::AsIs,
                Some("text") => Type::Text,
                Some("number") => Type::Number,
                Some("bool") => Type::Bool,
                Some("json") => Type::Json,
                Some(_) => {
                    self.fault(&format!("{field}.type"), "a type is `text`, `number`, `bool` or `json`");
                    Type::AsIs
                }
            };
            if let Some(from) = self.from(value, &field, &["type"]) {
                columns.push(PropertyColumn { name: name.clone(), from, kind });
            }
        }
        Some(PropertiesFrom::Columns(columns))
    }
}

impl Spec {
    /// Reads a `source` block; `path` is what its paths begin with.
    ///
    /// # Errors
    /// Every problem, by its path.
    pub fn read(source: &Value, path: &str) -> Result<Self, Vec<SpecError>> {
        let mut reader = Reader { path: path.to_owned(), errors: Vec::new() };
        let empty = Map::new();
        let object = source.as_object().unwrap_or_else(|| {
            reader.fault("", "an object of columns is needed here");
            &empty
        });
        let mut known: Vec<&str> = vec!["format", "delimiter", "header", "properties"];
        known.extend(FIELDS);
        reader.only(object, "", &known);
        let format = object.get("format").and_then(|format| match format.as_str() {
            Some("json") => Some(Format::Json),
            Some("csv") => Some(Format::Csv),
            Some("parquet") => Some(Format::Parquet),
            _ => {
                reader.fault("format", "a format is `json`, `csv` or `parquet`");
                None
            }
        });
        let delimiter = match object.get("delimiter").map(|text| text.as_str().unwrap_or_default()) {
            None => Some(b','),
            Some("blanks") => None,
            Some(text) if text.len() == 1 => text.bytes().next(),
            Some(_) => {
                reader.fault("delimiter", "a delimiter is one ASCII character, or `blanks` for runs of blanks");
                Some(b',')
            }
        };
        let header = object.get("header").is_none_or(|header| {
            header.as_bool().unwrap_or_else(|| {
                reader.fault("header", "true or false");
                true
            })
        });
        let fields = FIELDS.map(|name| {
            let besides: &[&str] = if name == "ts" { &["format"] } else { &[] };
            object.get(name).and_then(|value| reader.from(value, name, besides))
        });
        for name in ["event", "ts"] {
            if object.get(name).is_none() {
                reader.fault(name, "a column or a constant is needed here");
            }
        }
        if object.get("user").is_none() && object.get("profile").is_none() {
            reader.fault("user", "a column is needed here, or `profile`");
        }
        let ts_format = reader.time_format(object.get("ts").and_then(|ts| ts.get("format")));
        let properties = object.get("properties").and_then(|value| reader.properties(value));
        if reader.errors.is_empty() {
            Ok(Self { format, delimiter, header, fields, ts_format, properties })
        } else {
            Err(reader.errors)
        }
    }

    /// The columns of a table that is named like the native line.
    #[must_use]
    pub fn native(names: &[&str]) -> Self {
        let named = |wanted: &[&str]| {
            let name = wanted.iter().find(|wanted| names.contains(wanted))?;
            Some(From::Column(Column::Named((*name).to_owned())))
        };
        let fields = [
            named(&["id"]),
            named(&["type", "event"]),
            named(&["ts"]),
            named(&["offset"]),
            named(&["user"]),
            named(&["profile"]),
            named(&["session"]),
            named(&["late"]),
            named(&["merged"]),
        ];
        let properties = ["data", "properties"].into_iter().find(|name| names.contains(name));
        let properties = properties.map(|name| PropertiesFrom::Json(Column::Named(name.to_owned())));
        Self { format: None, delimiter: Some(b','), header: true, fields, ts_format: TimeFormat::Auto, properties }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_problem_is_told_by_its_path() {
        let source = json!({
            "format": "xml", "delimiter": ";;", "header": 1, "usr": "a", "event": {"constant": [1]},
            "ts": {"column": "t", "format": "weeks"}, "id": 0,
            "properties": {"a": {"column": "b", "type": "float"}, "c": {}},
        });
        let errors = Spec::read(&source, "source").unwrap_err();
        let mut paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(
            paths,
            [
                "source.delimiter",
                "source.event",
                "source.format",
                "source.header",
                "source.id",
                "source.properties.a.type",
                "source.properties.c",
                "source.ts.format",
                "source.user",
                "source.usr"
            ]
        );
    }

    #[test]
    fn a_block_says_columns_constants_and_formats() {
        let source = json!({
            "format": "csv", "header": false, "delimiter": "blanks", "user": 1, "event": {"constant": "order"},
            "ts": {"column": 2, "format": "%Y%m%d"}, "properties": {"value": {"column": 4, "type": "number"}},
        });
        let spec = Spec::read(&source, "").unwrap();
        assert_eq!((spec.delimiter, spec.header, spec.format), (None, false, Some(Format::Csv)));
        assert_eq!(spec.fields[USER], Some(From::Column(Column::Placed(1))));
        assert_eq!(spec.fields[EVENT], Some(From::Constant(json!("order"))));
        assert_eq!(spec.ts_format, TimeFormat::Pattern("%Y%m%d".into()));
    }
}
