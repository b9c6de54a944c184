//! Checks the canonical tree against its shape: fields, types, closed lists of names.

use hearken_core::Span as Length;

use crate::report::Problems;
use crate::tree::{At, Content, Step};

use super::names::instead;

/// What may stand at a place.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Anything.
    Any,
    Text,
    Bool,
    /// A whole number within a range.
    Whole(i64, i64),
    /// Basis points. Nothing stands in for a percentage that was told already.
    Points,
    Number,
    /// A length of time: text with a unit, or milliseconds.
    Length,
    /// `HH:MM`.
    Clock,
    /// Text, a number, or true or false.
    Scalar,
    /// An object of any fields.
    Object,
    /// One of a few names.
    OneOf(&'static [&'static str]),
    List(&'static Shape),
    /// An object of named things of one shape.
    Map(&'static Shape),
    Record(&'static [Field]),
    /// A text that people read: a template, `{$t: key}`, by plural, and where allowed a list of spans.
    Words {
        spans: bool,
    },
    /// A text or a number.
    NumberOrWords,
    /// One field that names what it is, or a text where nothing else is to be said.
    Variant {
        what: &'static str,
        code: &'static str,
        kinds: &'static [(&'static str, Option<Shape>)],
    },
    /// A page: a list of blocks, or an object with them.
    Page {
        blocks: &'static Shape,
        record: &'static Shape,
    },
}

/// A field of a record.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
}

pub(crate) const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: false }
}

pub(crate) const fn needed(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: true }
}

/// Plural categories of CLDR.
pub(crate) const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

pub(crate) fn check(at: &At<'_>, shape: &Shape, problems: &mut Problems) {
    match shape {
        Shape::Any => {}
        Shape::Text => {
            if at.text().is_none() {
                wrong(at, "a text", problems);
            }
        }
        Shape::Bool => {
            if at.node.as_bool().is_none() {
                wrong(at, "true or false", problems);
            }
        }
        Shape::Whole(least, most) => match at.node.as_i64() {
            Some(number) if (*least..=*most).contains(&number) => {}
            _ if *most > 1_000_000_000 => wrong(at, &format!("a whole number from {least}"), problems),
            _ => wrong(at, &format!("a whole number from {least} to {most}"), problems),
        },
        Shape::Points if at.node.content == Content::Null => {}
        Shape::Points => check(at, &Shape::Whole(0, 10_000), problems),
        Shape::Number => {
            if at.node.as_f64().is_none() {
                wrong(at, "a number", problems);
            }
        }
        Shape::Scalar => {
            if matches!(at.node.content, Content::List(_) | Content::Map(_) | Content::Null) {
                wrong(at, "a text, a number, true or false", problems);
            }
        }
        Shape::Object => {
            if at.node.as_map().is_none() {
                wrong(at, "an object", problems);
            }
        }
        Shape::Length => length(at, problems),
        Shape::Clock => clock(at, problems),
        Shape::OneOf(names) => match at.text() {
            Some(name) if names.contains(&name) => {}
            Some(name) => {
                let help = instead(name, names.iter().copied(), "");
                problems.at("HK0108", at, format!("`{name}` is not known here"), help);
            }
            None => wrong(at, &format!("one of {}", names.join(", ")), problems),
        },
        Shape::List(item) => {
            if at.node.as_list().is_none() {
                wrong(at, "a list", problems);
            }
            for one in at.items() {
                check(&one, item, problems);
            }
        }
        Shape::Map(value) => {
            if at.node.as_map().is_none() {
                wrong(at, "an object", problems);
            }
            for (_, one) in at.fields() {
                check(&one, value, problems);
            }
        }
        Shape::Record(fields) => record(at, fields, problems),
        Shape::Words { spans } => words(at, *spans, problems),
        Shape::NumberOrWords => {
            if at.node.as_f64().is_none() {
                words(at, false, problems);
            }
        }
        Shape::Variant { what, code, kinds } => variant(at, what, code, kinds, problems),
        Shape::Page { blocks, record } => {
            check(at, if at.node.as_list().is_some() { blocks } else { record }, problems)
        }
    }
}

fn wrong(at: &At<'_>, wanted: &str, problems: &mut Problems) {
    let seen = match &at.node.content {
        Content::Number(number) => number.to_string(),
        Content::Text(text) => format!("`{}`", text.chars().take(40).collect::<String>()),
        _ => at.node.words().to_owned(),
    };
    problems.at("HK0106", at, format!("{wanted} is needed here, not {seen}"), format!("write {wanted}"));
}

fn record(at: &At<'_>, fields: &[Field], problems: &mut Problems) {
    if at.node.as_map().is_none() {
        return wrong(at, "an object", problems);
    }
    for (name, one) in at.fields() {
        match fields.iter().find(|field| field.name == name) {
            Some(field) => check(&one, &field.shape, problems),
            None => {
                let help = instead(name, fields.iter().map(|field| field.name), "delete it");
                problems.at_key("HK0105", &one, format!("there is no field `{name}` here"), help);
            }
        }
    }
    for field in fields.iter().filter(|field| field.required && at.node.get(field.name).is_none()) {
        let mut here = at.clone();
        // The object as a whole may be long: its first line says enough.
        let first =
            at.fields().first().map(|(_, first)| first.name_span()).filter(|span| span.start >= at.node.span.start);
        let pointed = crate::tree::Node::new(first.unwrap_or(at.node.span), Content::Null);
        here.key = Some(pointed.span);
        here.path = at.path.with(Step::Field(field.name.to_owned()));
        problems.at_key("HK0107", &here, format!("`{}` is missing here", field.name), format!("add `{}`", field.name));
    }
}

fn length(at: &At<'_>, problems: &mut Problems) {
    let fine = match &at.node.content {
        Content::Number(number) => number.as_i64().is_some_and(|ms| (0..=MOST).contains(&ms)),
        Content::Text(text) => text.parse::<Length>().is_ok(),
        _ => false,
    };
    if !fine {
        let seen = at.node.to_value();
        let help = "write a whole number with ms, s, m, h or d, such as 30m or 7d";
        problems.at("HK0112", at, format!("{seen} is not a length of time"), help);
    }
}

/// 100 years of 365 days, in milliseconds.
const MOST: i64 = 100 * 365 * 86_400_000;

/// A length of time in milliseconds.
pub(crate) fn milliseconds(at: &At<'_>) -> Option<i64> {
    match &at.node.content {
        Content::Number(number) => number.as_i64(),
        Content::Text(text) => text.parse::<Length>().ok().map(|length| length.0),
        _ => None,
    }
}

/// Minutes of the day.
pub(crate) fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |text: &str| (text.len() == 2).then(|| text.parse::<u32>().ok()).flatten();
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

fn clock(at: &At<'_>, problems: &mut Problems) {
    if at.text().and_then(minutes).is_none() {
        let seen = at.node.to_value();
        problems.at(
            "HK0113",
            at,
            format!("{seen} is not a time of day"),
            "write hours and minutes in quotes, such as \"09:30\"",
        );
    }
}

fn words(at: &At<'_>, spans: bool, problems: &mut Problems) {
    match &at.node.content {
        Content::Text(_) => {}
        Content::List(_) if spans => {
            for span in at.items() {
                record(&span, SPAN, problems);
            }
        }
        Content::Map(fields) if fields.iter().any(|(key, _)| key.name == "$t") => {
            record(at, &[needed("$t", Shape::Text)], problems);
        }
        Content::Map(fields) if fields.iter().any(|(key, _)| key.name == "count") => {
            for (name, one) in at.fields() {
                if name != "count" && !CATEGORIES.contains(&name) {
                    let help = instead(name, CATEGORIES, "");
                    problems.at_key("HK0105", &one, format!("`{name}` is no plural category"), help);
                } else if one.text().is_none() {
                    wrong(&one, "a text", problems);
                }
            }
        }
        _ => wrong(at, "a text, or {$t: key}", problems),
    }
}

const SPAN: &[Field] = &[
    field("text", Shape::Text),
    field("bold", Shape::Bool),
    field("italic", Shape::Bool),
    field("link", Shape::Text),
    field("break", Shape::Bool),
];

fn variant(
    at: &At<'_>,
    what: &str,
    code: &'static str,
    kinds: &[(&'static str, Option<Shape>)],
    problems: &mut Problems,
) {
    let (name, content) = match (&at.node.content, at.fields().as_slice()) {
        (Content::Text(name), _) => (name.as_str(), None),
        (_, [(name, content)]) => (*name, Some(content.clone())),
        _ => {
            return wrong(
                at,
                &format!("one {what}, such as {{{}: ...}},", kinds.first().map_or("", |kind| kind.0)),
                problems,
            );
        }
    };
    let place = content.clone().unwrap_or_else(|| at.clone());
    match (kinds.iter().find(|kind| kind.0 == name), content) {
        (None, _) => {
            let help = instead(name, kinds.iter().map(|kind| kind.0), "");
            problems.at_key(code, &place, format!("there is no {what} `{name}`"), help);
        }
        (Some((_, Some(shape))), Some(content)) => check(&content, shape, problems),
        (Some((_, Some(_))), None) => {
            problems.at("HK0106", at, format!("`{name}` needs something to say"), format!("write {{{name}: ...}}"));
        }
        (Some((_, None)), None) => {}
        (Some((_, None)), Some(_)) => {
            problems.at_key("HK0106", &place, format!("`{name}` takes nothing"), format!("write just {name}"))
        }
    }
}
