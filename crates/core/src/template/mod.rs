//! Templates: a subset of Liquid (engine.md 8.1, docs/templates.md). Read once, rendered many times, always within bounds.

mod date;
mod expression;
mod filter;
#[cfg(feature = "authoring")]
mod keys;
mod list;
mod number;
mod parse;
mod render;
#[cfg(test)]
mod tests;
mod text;
mod token;
mod value;

#[cfg(feature = "conformance")]
pub(crate) use {date::reads as is_date, filter::names as filters, parse::TAGS};

use crate::plural::{self, Plural};
use crate::{Timestamp, Value};

/// How long a template may be, in bytes.
const SOURCE: usize = 64 * 1024;

/// A template, ready to be rendered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    nodes: parse::Block,
}

/// A text that is no template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplateError {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column in characters, from 1.
    pub(crate) column: usize,
    pub(crate) message: String,
}

/// Why a template has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RenderError {
    /// The template says itself that it should not be shown (`abort_message`).
    Abort(String),
    /// More than this was needed.
    Limit(&'static str),
    /// There is no text of this key.
    Text(String),
    /// Something that has no answer, such as a division by zero.
    Wrong(String),
}

/// What a template reads.
pub(crate) trait Scope {
    /// A variable such as `event` or `user`.
    fn root(&self, name: &str) -> Option<&Value>;

    /// The current instant, and the person's minutes east of UTC.
    fn now(&self) -> (Timestamp, i32);

    /// Writes the text of a key, [`RenderError::Text`] where there is none.
    fn text(&self, key: &str, _count: Option<&Value>, _to: &mut String) -> Result<(), RenderError> {
        Err(RenderError::Text(key.to_owned()))
    }

    /// The plural category of a number in the person's language.
    fn category(&self, number: &Value) -> Plural {
        plural::english(number)
    }
}

/// The fields of an object as variables, at the epoch: for tools and suites, which have no person.
#[cfg(any(feature = "authoring", feature = "conformance"))]
impl Scope for Value {
    fn root(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }

    fn now(&self) -> (Timestamp, i32) {
        (Timestamp(0), 0)
    }
}

impl Template {
    /// Reads a template. What is wrong is named by line and column.
    pub(crate) fn parse(source: &str) -> Result<Self, TemplateError> {
        let wrong = |at: usize, message: String| {
            let before = source.get(..at).unwrap_or(source);
            let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            TemplateError { line, column, message }
        };
        if source.len() > SOURCE {
            return Err(wrong(0, "a template is at most 64 KiB long".to_owned()));
        }
        let faults = expression::Faults::default();
        let nodes = parse::parse(source, &faults);
        match faults.first() {
            None => Ok(Self { nodes }),
            Some((at, message)) => Err(wrong(at, message)),
        }
    }

    /// Adds the result to a text. After an error part of it may have been added.
    pub(crate) fn render(&self, scope: &dyn Scope, to: &mut String) -> Result<(), RenderError> {
        let from = to.len();
        let mut render = render::Render::new(scope);
        render.block(&self.nodes, from, to);
        match render.failure {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    /// The text, if it is the same for everybody.
    pub(crate) fn literal(&self) -> Option<&str> {
        match &*self.nodes {
            [] => Some(""),
            [parse::Node::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// What it looks up by `t`.
    #[cfg(feature = "authoring")]
    pub(crate) fn keys(&self) -> keys::Keys {
        let mut keys = keys::Keys::default();
        keys.block(&self.nodes);
        keys
    }

    /// Whether it is the same for everybody.
    #[cfg(test)]
    pub(crate) fn is_literal(&self) -> bool {
        self.literal().is_some()
    }
}
