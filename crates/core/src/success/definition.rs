//! The success definition (success.md 1, 2): facts, metrics, goals.

use super::Filter;
use super::scalar::{Scalar, ValueFault};
use crate::time::Span;
use crate::wire::names;

/// A success definition that can be used.
///
/// ```
/// use hearken_core::success::Definition;
/// use serde_json::json;
/// let definition = Definition::compile(&json!({
///     "spec": 1, "id": "shop", "version": 1,
///     "facts": { "order": { "event": "order_completed" } },
///     "metrics": { "buyers": { "window": "30d", "num": { "has": "order" }, "den": "one", "read": "total" } },
/// }), "success")?;
/// assert_eq!(definition.metrics[0].name, "buyers");
/// # Ok::<(), Vec<hearken_core::success::DefinitionError>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Its id.
    pub id: String,
    /// Its version: raised when the meaning changes.
    pub version: u32,
    /// Minutes that the grid of days is ahead of UTC (success.md 3.7).
    pub offset_min: i32,
    /// The currency that values with one must have.
    pub money: Option<Money>,
    /// Facts, in the order of their names.
    pub facts: Vec<Fact>,
    /// Metrics, in the order of their names; each is followed by one for each of its `edges`.
    pub metrics: Vec<Metric>,
    /// The properties that facts and metrics ask for, by the places that they name.
    pub properties: Vec<String>,
    /// Which touch a conversion is credited to.
    pub attribution: Option<Attribution>,
    /// Channels side by side.
    pub reach: Option<Reach>,
    /// What the metrics are held against.
    pub goals: Vec<Goal>,
}

/// Something wrong in a success definition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct DefinitionError {
    /// Where, such as `success.metrics.aov.num.sum`.
    pub path: String,
    /// What is wrong, and what to write.
    pub message: String,
}

/// A currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// Its code, such as `USD`.
    pub currency: String,
    /// How many digits of its minor unit, 0 to 6.
    pub digits: u8,
}

/// Events of one meaning.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Its name.
    pub name: String,
    /// The events' names, in order.
    pub events: Vec<String>,
    /// Which events.
    pub filter: Filter,
    /// The value of an event.
    pub value: Option<ValueRule>,
    /// The property by which an event counts once.
    pub key: Option<usize>,
    /// For how long a key is remembered.
    pub horizon: Span,
    /// Whether one of them is taken.
    pub take: Take,
    /// The fact whose events these are.
    pub of: Option<usize>,
}

names! {
    /// Whether one event of a fact is taken, or all.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Take {
        /// All.
        #[default]
        All = "all",
        /// The first of all history.
        First = "first",
        /// The last of the range that is read.
        Last = "last",
    }

    /// What a metric's number is printed as. It changes no integer.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Kind {
        /// num / den.
        Ratio = "ratio",
        /// num; den is neither computed nor printed.
        Total = "total",
        /// num / den milliseconds.
        Ms = "ms",
        /// num / den - 1.
        Change = "change",
    }

    /// What a goal is for.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Role {
        /// What is to be moved.
        Primary = "primary",
        /// What is watched besides.
        #[default]
        Secondary = "secondary",
        /// What must not suffer.
        Guardrail = "guardrail",
    }

    /// Which way is better.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Direction {
        /// More.
        #[default]
        Up = "up",
        /// Less.
        Down = "down",
    }

    /// Up to which instant a device reads a metric (success.md 3.6). `measure` reads both alike.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum AsOf {
        /// Up to now.
        #[default]
        Live = "live",
        /// Up to the last midnight of the grid.
        Midnight = "midnight",
    }
}

/// How an event's value is read (success.md 3.13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueRule {
    /// The property.
    pub property: usize,
    /// Ten to this power units make one.
    pub scale: u8,
    /// The property that names the currency.
    pub currency: Option<usize>,
    /// The least that counts; 0 if nothing is said.
    pub min: Option<i64>,
    /// The most that counts.
    pub max: Option<i64>,
}

impl ValueRule {
    /// What counts: from 0, unless `min` says otherwise, and never more than 10^12 either way (success.md 3.16).
    #[must_use]
    pub fn bounds(&self) -> std::ops::RangeInclusive<i64> {
        const MOST: i64 = super::scalar::MAX_VALUE;
        self.min.unwrap_or(0).max(-MOST)..=self.max.unwrap_or(MOST).min(MOST)
    }

    /// The value of an event.
    ///
    /// # Errors
    /// Why it has none and leaves the fact.
    pub fn read<'a>(&self, money: Option<&Money>, property: impl Fn(usize) -> Scalar<'a>) -> Result<i64, ValueFault> {
        let value = property(self.property).scaled(self.scale)?;
        if !self.bounds().contains(&value) {
            return Err(ValueFault::Range);
        }
        if let Some(currency) = self.currency
            && let Some(money) = money
            && property(currency) != Scalar::Text(&money.currency)
        {
            return Err(ValueFault::Currency);
        }
        Ok(value)
    }
}

/// One pair of whole numbers per user (success.md, head).
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name; one that an edge made is named `metric[edge]`, such as `response_time[5m]`.
    pub name: String,
    /// Its name for people.
    pub title: Option<String>,
    /// The events that it looks at.
    pub range: Range,
    /// Who counts at all: without it (0, 0).
    pub given: Option<Operator>,
    /// The numerator.
    pub num: Term,
    /// The denominator.
    pub den: Term,
    /// What splits it.
    pub by: Option<By>,
    /// How it is printed.
    pub kind: Kind,
    /// What a ratio is multiplied by when it is printed.
    pub scale: u32,
    /// How a device reads it.
    pub as_of: AsOf,
    /// SHA-256 of what it means, in hex (success.md 3.22).
    pub fingerprint: String,
}

/// Which events a metric looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Range {
    /// All history before as_of.
    Ever,
    /// `window`: so many days of the grid, and today.
    Window {
        /// How many.
        days: u32,
    },
    /// `after`: from one event of each user on.
    After {
        /// The fact, with `take: first`.
        anchor: usize,
        /// How long, or which days.
        span: AfterSpan,
        /// The window that the anchors lie in, moved back by the horizon.
        window: Option<u32>,
    },
    /// `each`: what follows each event of a fact.
    Each(Each),
}

/// How long after an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterSpan {
    /// `within`: from the anchor on, up to this, exclusive.
    Within(Span),
    /// `days: [first, last]` after the anchor's own local day.
    Days(u32, u32),
}

impl AfterSpan {
    /// From the anchor until it is mature (success.md 3.8).
    #[must_use]
    pub fn horizon(self) -> Span {
        match self {
            Self::Within(span) => span,
            Self::Days(_, last) => Span((i64::from(last) + 1) * super::grid::DAY),
        }
    }
}

/// What follows each event of a fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Each {
    /// The fact whose events are the anchors.
    pub anchor: usize,
    /// The fact that may follow.
    pub then: usize,
    /// The property in which both agree.
    pub matching: Option<usize>,
    /// How long after.
    pub within: Span,
    /// `reached` and `elapsed` count what came this early; it is `within` but for a metric that an edge made.
    pub edge: Span,
    /// The window that the anchors lie in, moved back by `within`.
    pub window: u32,
}

/// A numerator or denominator: times x operator - (times x operator).
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// A factor.
    pub times: i64,
    /// What is counted.
    pub operator: Operator,
    /// What is taken off.
    pub minus: Option<(i64, Operator)>,
}

/// What is counted for one user (success.md 2).
#[derive(Clone, Debug, PartialEq)]
pub enum Operator {
    /// 1.
    One,
    /// 1 iff at least so many.
    Has(Selection, u32),
    /// 1 iff not.
    Lacks(Selection, u32),
    /// How many.
    Count(Selection),
    /// The sum of the values.
    Sum(Selection),
    /// From the first to the last, in milliseconds.
    Span(Selection),
    /// How many anchors are mature.
    Each,
    /// How many of them were followed.
    Reached,
    /// How long that took, in milliseconds, summed.
    Elapsed,
}

impl Operator {
    /// The events that it counts.
    #[must_use]
    pub fn selection(&self) -> Option<&Selection> {
        match self {
            Self::Has(selection, _)
            | Self::Lacks(selection, _)
            | Self::Count(selection)
            | Self::Sum(selection)
            | Self::Span(selection) => Some(selection),
            Self::One | Self::Each | Self::Reached | Self::Elapsed => None,
        }
    }
}

/// Events of a fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The fact.
    pub fact: usize,
    /// Which of them.
    pub filter: Filter,
    /// What is counted once.
    pub distinct: Distinct,
    /// Which stretch of time.
    pub place: Place,
}

/// What of several events counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Distinct {
    /// Each event counts.
    No,
    /// A day of the grid.
    Day,
    /// A session; events outside any are passed over.
    Session,
    /// A value of a property; events without are passed over.
    Property(usize),
}

names! {
    /// Which stretch of time an operator reads.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Place {
        /// The metric's own.
        #[default]
        Current = "current",
        /// The window before.
        Previous = "previous",
        /// All history before as_of.
        Ever = "ever",
    }
}

/// What splits a metric into groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// A property, as the text of an id.
    Property(usize),
    /// The event's name.
    Event,
}

/// Which touch a conversion is credited to: the last (success.md 3.19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// The fact of the touches.
    pub touch: usize,
    /// How long before the conversion.
    pub window: Span,
}

/// Channels side by side (success.md 5): a description, no cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    /// The facts of the touches.
    pub touch: Vec<usize>,
    /// The property that names the channel.
    pub by: usize,
    /// The channels of the product itself.
    pub in_product: Vec<String>,
    /// The fact of those who are looked at.
    pub population: usize,
    /// How many days touches are counted.
    pub expose: u32,
    /// How many days after these outcomes are counted.
    pub outcome: u32,
}

/// What a metric is held against (success.md 3.23).
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// The metric's name.
    pub metric: String,
    /// What it is for.
    pub role: Role,
    /// Which way is better.
    pub direction: Direction,
    /// The ratio to be reached.
    pub target: Option<(i64, i64)>,
    /// How much a guardrail may lose, in basis points.
    pub margin_bp: Option<u32>,
    /// Below this denominator nothing is said.
    pub min_den: i64,
}

/// How a goal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoalStatus {
    /// Reached.
    Met,
    /// Not reached.
    Missed,
    /// The denominator is too small to say.
    NoData,
    /// It has no target: it is judged in the read-out of an experiment only.
    NoTarget,
}

impl GoalStatus {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::NoData => "no_data",
            Self::NoTarget => "no_target",
        }
    }
}

impl Goal {
    /// How it stands at these sums: before rounding, and before anything that concerns printing.
    #[must_use]
    pub fn status(&self, num: i128, den: i128) -> GoalStatus {
        let Some((target_num, target_den)) = self.target else { return GoalStatus::NoTarget };
        if den <= 0 || den < i128::from(self.min_den) {
            return GoalStatus::NoData;
        }
        let (Some(seen), Some(wanted)) = (num.checked_mul(target_den.into()), i128::from(target_num).checked_mul(den))
        else {
            return GoalStatus::NoData;
        };
        let met = match self.direction {
            Direction::Up => seen >= wanted,
            Direction::Down => seen <= wanted,
        };
        if met { GoalStatus::Met } else { GoalStatus::Missed }
    }
}

impl Definition {
    /// A metric by its name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }
}

impl Metric {
    /// From an anchor until it is mature; nothing where there are no anchors.
    #[must_use]
    pub fn horizon(&self) -> Option<Span> {
        match &self.range {
            Range::After { span, .. } => Some(span.horizon()),
            Range::Each(each) => Some(each.within),
            Range::Ever | Range::Window { .. } => None,
        }
    }

    /// Its operators: of `given`, numerator and denominator, but of no denominator that is not computed.
    pub fn operators(&self) -> impl Iterator<Item = &Operator> {
        let den = (self.kind != Kind::Total).then_some(&self.den);
        let terms = [Some(&self.num), den].into_iter().flatten();
        let of_terms =
            terms.flat_map(|term| std::iter::once(&term.operator).chain(term.minus.as_ref().map(|(_, op)| op)));
        self.given.iter().chain(of_terms)
    }
}
