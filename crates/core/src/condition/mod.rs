//! Conditions in MongoDB style (engine.md 3), compiled once and total.
//!
//! A condition compares fields of a subject (an event's properties, a person's attributes) and, where its [`Scope`] allows it,
//! operands of ours: segments, history, the local time, the host, the inbox. History may not reach back far enough yet, so
//! the answer is a [`Truth`], not a `bool`.

mod comparison;
mod compile;
mod compile_operands;
mod evaluate;
mod growthbook;
mod history;
mod operands;
mod pattern;
mod segments;
mod version;

#[cfg(feature = "authoring")]
pub(crate) use compile::{GROUPS, OPERATORS, OURS};
pub(crate) use evaluate::Failing;
#[cfg(feature = "conformance")]
pub(crate) use growthbook::{text, truthy};
pub(crate) use history::{Counter, Keep};
pub(crate) use operands::{HostKey, InboxCounts, LocalNow, Operands, Reading, member};
pub(crate) use segments::Segments;
#[cfg(feature = "conformance")]
pub(crate) use version::padded;

use crate::time::Timestamp;
use crate::wire::Object;
use crate::{Properties, Value};

/// A compiled condition.
///
/// ```
/// use hearken_core::Condition;
/// use serde_json::json;
/// let at_least_one = Condition::compile(&json!({"items": {"$gte": 1}}), "where")?;
/// assert!(at_least_one.holds(json!({"items": 2}).as_object().unwrap()));
/// assert!(!at_least_one.holds(json!({"items": "2"}).as_object().unwrap()));
/// # Ok::<(), Vec<hearken_core::ConditionError>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(evaluate::Node);

/// A condition that cannot be used, by its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct ConditionError {
    /// Where it stands, such as `campaigns[3].audience.tier.$in`.
    pub path: String,
    /// What is wrong, and what to write.
    pub message: String,
}

/// What a condition says. Unknown is what a history that is not complete yet leaves open (engine.md 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    Unknown {
        /// When it will be known, if that is an instant: the earliest among what is open.
        complete_at: Option<Timestamp>,
    },
}

impl Truth {
    /// Kleene's AND: false wins over unknown.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, known) | (known, Self::True) => known,
            (Self::Unknown { complete_at: a }, Self::Unknown { complete_at: b }) => {
                Self::Unknown { complete_at: earliest(a, b) }
            }
        }
    }

    /// Kleene's OR: true wins over unknown.
    pub(crate) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// Kleene's NOT: unknown stays unknown.
    #[must_use]
    pub(crate) fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            unknown => unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// How comparisons read their operands; chosen per playbook (engine.md 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Semantics {
    /// No coercion; what is missing fails.
    #[default]
    Native,
    /// As GrowthBook's SDKs publish it, for imports.
    Growthbook,
}

/// What the conditions of a playbook may name, and the counters that they need together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    semantics: Semantics,
    /// Whether more than the subject's fields can be asked for. A trigger's `where` sees the event only (engine.md 4.4).
    operands: bool,
    /// Segments by slot.
    segments: Vec<String>,
    /// Segments that exist and cannot be used.
    broken: Vec<String>,
    /// Saved groups, which only `growthbook` knows.
    groups: Object,
    /// The metrics of the success definition, by place.
    pub(crate) metrics: Vec<KnownMetric>,
    /// What `$history` counts, by slot.
    pub(crate) counters: Vec<Counter>,
}

/// What a condition may know of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownMetric {
    pub(crate) name: String,
    pub(crate) is_split: bool,
    pub(crate) is_goal: bool,
}

impl Scope {
    /// For a trigger's `where` in the same playbook.
    pub(crate) fn of_event(&self) -> Self {
        Self { semantics: self.semantics, groups: self.groups.clone(), ..Self::default() }
    }

    /// For a trigger's `where`: the fields of an event, nothing else.
    pub(crate) fn event(semantics: Semantics) -> Self {
        Self { semantics, ..Self::default() }
    }

    /// For audiences and segments: attributes and every operand of ours.
    pub(crate) fn full(semantics: Semantics) -> Self {
        Self { semantics, operands: true, ..Self::default() }
    }

    /// The same with saved groups, for `$inGroup` and `$notInGroup`.
    #[cfg(feature = "conformance")]
    pub(crate) fn with_groups(mut self, groups: Object) -> Self {
        self.groups = groups;
        self
    }
}

impl Default for Condition {
    /// The condition that always holds.
    fn default() -> Self {
        Self(evaluate::Node::All(Vec::new()))
    }
}

impl Condition {
    /// Compiles a condition on an event's properties; `path` is where it stands, for the errors.
    ///
    /// # Errors
    /// Every unknown operator, and every operand that its operator cannot use, named by its path.
    pub fn compile(source: &Value, path: &str) -> Result<Self, Vec<ConditionError>> {
        Self::compile_in(source, path, &mut Scope::event(Semantics::Native))
    }

    /// Compiles a condition in a scope, which takes up the counters that it needs.
    pub(crate) fn compile_in(source: &Value, path: &str, scope: &mut Scope) -> Result<Self, Vec<ConditionError>> {
        compile::condition(source, path, scope).map(Self)
    }

    /// Whether the condition holds for an event with these properties.
    #[must_use]
    pub fn holds(&self, subject: &Properties) -> bool {
        self.truth(subject) == Truth::True
    }

    /// What it says.
    pub(crate) fn truth(&self, operands: &dyn Operands) -> Truth {
        self.0.truth(operands)
    }

    /// The first test that keeps it from holding, with what was seen there: what `explain` shows. Nothing iff it holds.
    pub(crate) fn failing(&self, operands: &dyn Operands) -> Option<Failing> {
        match self.truth(operands) {
            Truth::True => None,
            truth => Some(self.0.failing(operands, truth)),
        }
    }
}

#[cfg(test)]
mod tests;
