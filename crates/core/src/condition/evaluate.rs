//! Evaluating conditions: Kleene logic over tests (engine.md 3.3).

use super::comparison::Test;
use super::growthbook::Check;
use super::history::History;
use super::operands::WEEKDAYS;
use super::{HostKey, Operands, Truth};
use crate::Value;
use crate::list::Listed as _;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Field(Place, Test),
    /// A field as GrowthBook's SDKs compare it.
    Published(Place, Check),
    Segment {
        slot: usize,
        name: String,
    },
    History(Box<History>),
    /// A bit for each weekday on which it holds.
    Weekday(u8),
    Minute(Test),
    Host(HostKey, Test),
    Unread(Test),
    Cards(Test),
    Metric(Box<OfMetric>),
    /// A metric that is reached, as a goal.
    Success(usize, String),
}

/// A test on a metric's pair (engine.md 3.2).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OfMetric {
    pub(super) metric: usize,
    pub(super) name: String,
    pub(super) part: Part,
    pub(super) test: Test,
}

/// What of a pair is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Num,
    Den,
    /// num / den; missing where den is 0.
    Value,
}

impl OfMetric {
    fn seen(&self, operands: &dyn Operands) -> Option<Value> {
        let pair = operands.metric(self.metric)?;
        match self.part {
            Part::Num => Some(pair.num.into()),
            Part::Den => Some(pair.den.into()),
            Part::Value => (pair.den != 0).then(|| crate::value::number(pair.num as f64 / pair.den as f64)),
        }
    }

    fn truth(&self, operands: &dyn Operands) -> Truth {
        match operands.metric(self.metric) {
            Some(_) => self.test.holds(self.seen(operands).as_ref()).into(),
            None => Truth::Unknown { complete_at: None },
        }
    }
}

/// The place of a field: its name, and the way inside of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    name: String,
    inside: Vec<String>,
}

impl Place {
    pub(super) fn of(dotted: &str) -> Self {
        let mut names = dotted.split('.').map(str::to_owned);
        Self { name: names.next().unwrap_or_default(), inside: names.listed() }
    }

    fn dotted(&self) -> String {
        let mut dotted = self.name.clone();
        for name in &self.inside {
            dotted.push('.');
            dotted.push_str(name);
        }
        dotted
    }

    fn look_up<'a>(&self, operands: &'a dyn Operands) -> Option<&'a Value> {
        let mut value = operands.field(&self.name)?;
        for name in &self.inside {
            value = Operands::field(value, name)?;
        }
        Some(value)
    }
}

/// What keeps a condition from holding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failing {
    /// The field, or the operand such as `$history.purchase`.
    pub(crate) field: String,
    /// What was seen there.
    pub(crate) seen: Option<Value>,
    /// What the whole condition says: false or unknown.
    pub(crate) truth: Truth,
}

impl Node {
    pub(super) fn truth(&self, operands: &dyn Operands) -> Truth {
        match self {
            Self::All(nodes) => {
                let mut all = Truth::True;
                for node in nodes {
                    // Most are fields, which need no turn through the whole of this.
                    if let Self::Field(place, test) = node {
                        if !test.holds(place.look_up(operands)) {
                            return Truth::False;
                        }
                        continue;
                    }
                    match node.truth(operands) {
                        Truth::True => {}
                        Truth::False => return Truth::False,
                        unknown => all = all.and(unknown),
                    }
                }
                all
            }
            Self::Any(nodes) => {
                let mut any = Truth::False;
                for node in nodes {
                    match node.truth(operands) {
                        Truth::True => return Truth::True,
                        Truth::False => {}
                        unknown => any = any.or(unknown),
                    }
                }
                any
            }
            Self::Not(node) => node.truth(operands).not(),
            Self::Field(place, test) => test.holds(place.look_up(operands)).into(),
            Self::Published(place, check) => check.holds(place.look_up(operands).unwrap_or(&Value::Null)).into(),
            Self::Segment { slot, .. } => operands.segment(*slot),
            Self::History(history) => history.truth(operands),
            Self::Weekday(days) => {
                operands.now().is_some_and(|now| days.checked_shr(now.weekday.into()).unwrap_or(0) & 1 == 1).into()
            }
            Self::Host(key, test) => test.holds(operands.host(*key).as_ref()).into(),
            Self::Metric(metric) => metric.truth(operands),
            Self::Success(metric, _) => operands.succeeded(*metric).into(),
            Self::Minute(test) | Self::Unread(test) | Self::Cards(test) => {
                test.holds(self.seen(operands).as_ref()).into()
            }
        }
    }

    /// The first leaf that says what the whole says, which is not true.
    pub(super) fn failing(&self, operands: &dyn Operands, truth: Truth) -> Failing {
        let nodes = match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.as_slice(),
            _ => &[],
        };
        for node in nodes {
            let leaf = node.truth(operands);
            if leaf != Truth::True && (leaf == Truth::False) == (truth == Truth::False) {
                return node.failing(operands, truth);
            }
        }
        Failing { field: self.name(), seen: self.seen(operands), truth }
    }

    fn name(&self) -> String {
        match self {
            Self::All(_) => "$and".to_owned(),
            Self::Any(_) => "$or".to_owned(),
            Self::Not(_) => "$not".to_owned(),
            Self::Field(place, _) | Self::Published(place, _) => place.dotted(),
            Self::Segment { name, .. } => ["$segment.", name].concat(),
            Self::History(history) => history.name(),
            Self::Weekday(_) => "$now.weekday".to_owned(),
            Self::Minute(_) => "$now.minute".to_owned(),
            Self::Host(key, _) => ["$host.", key.name()].concat(),
            Self::Unread(_) => "$inbox.unread".to_owned(),
            Self::Cards(_) => "$inbox.total".to_owned(),
            Self::Metric(metric) => ["$metric.", &metric.name].concat(),
            Self::Success(_, name) => ["$success.", name].concat(),
        }
    }

    fn seen(&self, operands: &dyn Operands) -> Option<Value> {
        match self {
            Self::All(_) | Self::Any(_) | Self::Not(_) | Self::Segment { .. } => None,
            Self::Field(place, _) | Self::Published(place, _) => place.look_up(operands).cloned(),
            Self::History(history) => history.seen(operands),
            Self::Weekday(_) => {
                let day = WEEKDAYS.get(usize::from(operands.now()?.weekday))?;
                Some(Value::from(*day))
            }
            Self::Minute(_) => Some(operands.now()?.minute.into()),
            Self::Host(key, _) => operands.host(*key),
            Self::Unread(_) => Some(operands.inbox()?.unread.into()),
            Self::Cards(_) => Some(operands.inbox()?.total.into()),
            Self::Metric(metric) => metric.seen(operands),
            Self::Success(metric, _) => Some(operands.succeeded(*metric).into()),
        }
    }
}
