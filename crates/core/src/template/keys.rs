//! Which texts a template looks up by `t`: for the tools of authors, never on a device.

use super::expression::{Expr, Filtered};
use super::filter::Filter;
use super::parse::Node;

/// What a template looks up.
#[derive(Default)]
pub(crate) struct Keys {
    /// The keys that stand in it.
    pub(crate) written: Vec<String>,
    /// Whether it makes others while it is rendered.
    pub(crate) made: bool,
}

impl Keys {
    pub(super) fn block(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(_) | Node::Break | Node::Continue => {}
                Node::Output(value) | Node::Assign(_, value) | Node::Abort(value) => self.value(value),
                Node::Capture(_, body) => self.block(body),
                Node::If { branches, .. } => branches.iter().for_each(|(_, body)| self.block(body)),
                Node::Case(_, branches) => branches.iter().for_each(|(_, body)| self.block(body)),
                Node::For(each) => {
                    self.block(&each.body);
                    self.block(&each.otherwise);
                }
            }
        }
    }

    /// Only the first filter sees the text as it is written.
    fn value(&mut self, value: &Filtered) {
        for (place, call) in value.filters.iter().enumerate() {
            match (&value.value, call.filter, place) {
                (Expr::Text(key), Filter::T, 0) => self.written.push(key.to_string()),
                (_, Filter::T, _) => self.made = true,
                _ => {}
            }
        }
    }
}
