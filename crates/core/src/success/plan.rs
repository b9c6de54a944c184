//! What a definition needs to keep of one user, worked out once: metrics that ask for the same share it.

use std::sync::Arc;

use super::canonical::short;
use super::definition::{
    AfterSpan, By, Definition, Distinct, Kind, Metric, Operator, Place, Range, Selection, Take, Term,
};
use super::filter::Filter;
use super::grid::DAY;
use crate::Value;
use crate::list::Listed as _;
use crate::time::Span;

/// A definition, compiled for folding: which event concerns which facts, and what is kept of them.
///
/// One `Plan` serves any number of users; each has a [`Person`](super::Person).
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) definition: Arc<Definition>,
    /// The events that facts ask for, in order.
    pub(super) events: Vec<String>,
    /// For each of them, the facts with events of their own.
    pub(super) concerned: Vec<Vec<usize>>,
    /// For each fact, those that are `of` it.
    pub(super) derived: Vec<Vec<usize>>,
    /// For each fact, the cells that count it.
    pub(super) counted: Vec<Vec<usize>>,
    pub(super) starts: Vec<Start>,
    pub(super) cells: Vec<Cell>,
    pub(super) follows: Vec<Follow>,
    /// How each metric is read.
    pub(super) metrics: Vec<MetricPlan>,
    /// What campaigns can have as their goal: each cell once, with the most that is asked of it.
    pub(super) goals: Vec<Goal>,
    /// The touches that conversions are credited to, and the property that splits by them.
    pub(super) touch: Option<Touch>,
}

#[derive(Clone, Debug)]
pub(super) struct Touch {
    pub(super) fact: usize,
    pub(super) property: usize,
    pub(super) window: Span,
}

/// From one event of each user on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) fact: usize,
    pub(super) span: AfterSpan,
}

/// Over which stretch of time a cell is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// All history.
    Ever,
    /// By days of the grid.
    Days,
    /// After a start, by its place.
    After(usize),
}

/// What splits a cell into groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Split {
    No,
    By(By),
    /// By a property of the last touch.
    Touch,
}

/// Events of a fact, counted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) fact: usize,
    pub(super) filter: Filter,
    pub(super) distinct: Distinct,
    pub(super) split: Split,
    pub(super) frame: Frame,
    /// How many days back it is read.
    pub(super) days: i64,
}

impl Cell {
    fn same(&self, other: &Self) -> bool {
        Self { days: other.days, ..self.clone() } == *other
    }
}

/// Events of one fact, and which of another followed each.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Follow {
    pub(super) anchor: usize,
    pub(super) then: usize,
    pub(super) matching: Option<usize>,
    pub(super) within: Span,
    pub(super) split: Split,
    /// How early, for each count of those that were reached; `within` is one.
    pub(super) edges: Vec<Span>,
    /// How many days back it is read.
    pub(super) days: i64,
}

/// A metric whose numerator is `has`, as a campaign's goal (engine.md 5.2).
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    pub(super) cell: usize,
    pub(super) at_least: u32,
    /// For how long an event counts.
    pub(super) within: Option<Span>,
}

#[derive(Clone, Debug)]
pub(super) struct MetricPlan {
    pub(super) given: Option<Source>,
    pub(super) num: [Option<(i64, Source)>; 2],
    /// None of a total.
    pub(super) den: Option<[Option<(i64, Source)>; 2]>,
    pub(super) split: bool,
    /// The start whose window and maturity decide whether there is anything.
    pub(super) start: Option<usize>,
}

/// Where an operator's number comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    One,
    /// From the events that a cell counted.
    Cell {
        cell: usize,
        days: Option<(i64, i64)>,
        of: Of,
    },
    /// From what followed the anchors: how many, how many reached by the edge, and after how long.
    Follow {
        follow: usize,
        days: i64,
        of: OfFollow,
    },
}

/// What of a cell.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    Count,
    Sum,
    Span,
    AtLeast(u32),
    Fewer(u32),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum OfFollow {
    Each,
    Reached(usize),
    Elapsed,
}

impl Plan {
    /// Compiles a definition.
    #[must_use]
    pub fn new(definition: Arc<Definition>) -> Self {
        Self::compile(definition, None)
    }

    /// The same with numerators split by a property of the touch that each conversion is credited to (success.md 3.19); the
    /// denominator of a group is its conversions. Nothing where the definition says no `attribution`, or none of its facts
    /// or metrics asks for a property of this name. [`Self::is_attributed`] says which metrics that concerns.
    #[must_use]
    pub fn attributed(definition: Arc<Definition>, property: &str) -> Option<Self> {
        let attribution = definition.attribution.as_ref()?;
        let mut with = (*definition).clone();
        let known = definition.properties.iter().position(|known| known == property);
        let place = known.unwrap_or_else(|| {
            with.properties.push(property.to_owned());
            with.properties.len() - 1
        });
        let touch = Touch { fact: attribution.touch, property: place, window: attribution.window };
        Some(Self::compile(Arc::new(with), Some(touch)))
    }

    /// Whether a metric's numerator can be credited: one sum or count, without `minus`.
    #[must_use]
    pub fn is_attributed(metric: &Metric) -> bool {
        matches!(metric.num, Term { operator: Operator::Count(_) | Operator::Sum(_), minus: None, .. })
            && metric.given.is_none()
            && !matches!(metric.range, Range::Each(_))
    }

    fn compile(definition: Arc<Definition>, touch: Option<Touch>) -> Self {
        let facts = &definition.facts;
        let of = |place: usize| {
            (0..facts.len()).filter(move |other| facts.get(*other).and_then(|fact| fact.of) == Some(place))
        };
        let mut events: Vec<String> =
            facts.iter().filter(|fact| fact.of.is_none()).flat_map(|fact| fact.events.iter().cloned()).listed();
        events.sort_unstable();
        events.dedup();
        let asks = |event: &String| {
            let own = |(_, fact): &(usize, &super::Fact)| fact.of.is_none() && fact.events.contains(event);
            facts.iter().enumerate().filter(own).map(|(place, _)| place).listed()
        };
        let mut plan = Self {
            concerned: events.iter().map(asks).listed(),
            derived: (0..facts.len()).map(|place| of(place).listed()).listed(),
            counted: vec![Vec::new(); facts.len()],
            events,
            starts: Vec::new(),
            cells: Vec::new(),
            follows: Vec::new(),
            metrics: Vec::new(),
            goals: Vec::new(),
            touch,
            definition: Arc::clone(&definition),
        };
        for metric in &definition.metrics {
            let metric = plan.metric(metric);
            plan.metrics.push(metric);
        }
        for goal in (0..plan.metrics.len()).filter_map(|metric| plan.goal(metric)).listed() {
            match plan.goals.iter_mut().find(|known| known.cell == goal.cell) {
                Some(known) => known.at_least = known.at_least.max(goal.at_least),
                None => plan.goals.push(goal),
            }
        }
        for (place, cell) in plan.cells.iter().enumerate() {
            if let Some(counted) = plan.counted.get_mut(cell.fact) {
                counted.push(place);
            }
        }
        plan
    }

    fn metric(&mut self, metric: &Metric) -> MetricPlan {
        let credited = self.touch.is_some() && Self::is_attributed(metric);
        let split = match metric.by {
            _ if credited => Split::Touch,
            Some(by) => Split::By(by),
            None => Split::No,
        };
        let start = match &metric.range {
            Range::After { anchor, span, .. } => {
                Some(share(&mut self.starts, Start { fact: *anchor, span: *span }, |a, b| a == b))
            }
            _ => None,
        };
        let den = if credited {
            let selection = metric.num.operator.selection().cloned();
            selection.map(|selection| Term { times: 1, operator: Operator::Count(selection), minus: None })
        } else {
            (metric.kind != Kind::Total).then(|| metric.den.clone())
        };
        MetricPlan {
            given: metric.given.as_ref().map(|given| self.source(given, metric, Split::No, start)),
            num: self.term(&metric.num, metric, split, start),
            den: den.map(|den| self.term(&den, metric, split, start)),
            split: split != Split::No,
            start,
        }
    }

    fn term(&mut self, term: &Term, metric: &Metric, split: Split, start: Option<usize>) -> [Option<(i64, Source)>; 2] {
        let of = self.source(&term.operator, metric, split, start);
        let minus = term.minus.as_ref().map(|(times, minus)| (*times, self.source(minus, metric, split, start)));
        [Some((term.times, of)), minus]
    }

    fn source(&mut self, operator: &Operator, metric: &Metric, split: Split, start: Option<usize>) -> Source {
        let (selection, of) = match operator {
            Operator::One => return Source::One,
            Operator::Each => return self.follow(metric, split, |_| OfFollow::Each),
            Operator::Reached => return self.follow(metric, split, OfFollow::Reached),
            Operator::Elapsed => return self.follow(metric, split, |_| OfFollow::Elapsed),
            Operator::Has(selection, least) => (selection, Of::AtLeast(*least)),
            Operator::Lacks(selection, least) => (selection, Of::Fewer(*least)),
            Operator::Count(selection) => (selection, Of::Count),
            Operator::Sum(selection) => (selection, Of::Sum),
            Operator::Span(selection) => (selection, Of::Span),
        };
        let window = match &metric.range {
            Range::Window { days } => Some(i64::from(*days)),
            Range::Each(each) => Some(i64::from(each.window)),
            Range::Ever | Range::After { .. } => None,
        };
        let (frame, days) = match (selection.place, start, window) {
            (Place::Ever, ..) | (_, None, None) => (Frame::Ever, None),
            (_, Some(start), _) => (Frame::After(start), None),
            (Place::Current, None, Some(days)) => (Frame::Days, Some((days, 0))),
            (Place::Previous, None, Some(days)) => (Frame::Days, Some((2 * days, days))),
        };
        let Selection { fact, filter, distinct, .. } = selection.clone();
        let cell = Cell { fact, filter, distinct, split, frame, days: days.map_or(0, |(from, _)| from) };
        let place = share(&mut self.cells, cell, Cell::same);
        if let Some(cell) = self.cells.get_mut(place) {
            cell.days = cell.days.max(days.map_or(0, |(from, _)| from));
        }
        Source::Cell { cell: place, days, of }
    }

    fn follow(&mut self, metric: &Metric, split: Split, of: impl Fn(usize) -> OfFollow) -> Source {
        let Range::Each(each) = &metric.range else { return Source::One };
        let days = i64::from(each.window);
        let fresh = Follow {
            anchor: each.anchor,
            then: each.then,
            matching: each.matching,
            within: each.within,
            split,
            edges: Vec::new(),
            days,
        };
        let place = share(&mut self.follows, fresh, |known, new| {
            Follow { edges: Vec::new(), days: new.days, ..known.clone() } == *new
        });
        let mut edge = 0;
        if let Some(follow) = self.follows.get_mut(place) {
            follow.days = follow.days.max(days);
            edge = share(&mut follow.edges, each.edge, |a, b| a == b);
        }
        Source::Follow { follow: place, days, of: of(edge) }
    }

    /// A metric as a campaign's goal: its numerator is `has`, of plain events.
    pub(super) fn goal(&self, metric: usize) -> Option<Goal> {
        let MetricPlan { num: [Some((1, source)), None], given: None, split: false, .. } = self.metrics.get(metric)?
        else {
            return None;
        };
        let Source::Cell { cell, days, of: Of::AtLeast(at_least) } = source else { return None };
        let within = match days {
            Some((_, to)) if *to != 0 => return None,
            Some((days, _)) => Some(Span(days * DAY)),
            None => None,
        };
        let plain = self.cells.get(*cell)?.distinct == Distinct::No;
        plain.then_some(Goal { cell: *cell, at_least: *at_least, within })
    }

    /// The definition that it was compiled from.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// The names of the events that its facts ask for, in order.
    #[must_use]
    pub fn events(&self) -> &[String] {
        &self.events
    }

    pub(super) fn take(&self, fact: usize) -> Take {
        self.definition.facts.get(fact).map_or(Take::All, |fact| fact.take)
    }

    /// Names what is kept of a fact itself: which keys it saw, and its first event.
    pub(super) fn fact_key(&self, fact: usize) -> String {
        self.definition.facts.get(fact).map_or_else(String::new, |fact| short(&self.definition.fact(fact)))
    }

    /// Names what a cell counts: the same in two definitions is the same state (success.md 3.25).
    pub(super) fn cell_key(&self, cell: &Cell) -> String {
        let start = match cell.frame {
            Frame::Ever => Value::Null,
            Frame::Days => Value::Bool(true),
            Frame::After(start) => self.starts.get(start).map_or(Value::Null, |start| {
                let span = match start.span {
                    AfterSpan::Within(span) => vec![span.0],
                    AfterSpan::Days(first, last) => vec![first.into(), last.into()],
                };
                Value::from(vec![Value::from(self.fact_key(start.fact)), Value::from(span)])
            }),
        };
        let distinct = match cell.distinct {
            Distinct::No => Value::Null,
            Distinct::Day => Value::from(1),
            Distinct::Session => Value::from(2),
            Distinct::Property(place) => self.property(place),
        };
        let filter = cell.filter.canonical(&self.definition.properties);
        short(&Value::from(vec![
            Value::from(self.definition.offset_min),
            Value::from(self.fact_key(cell.fact)),
            filter,
            distinct,
            self.split_key(cell.split),
            start,
        ]))
    }

    /// The same of what followed, whatever its edges.
    pub(super) fn follow_key(&self, follow: &Follow) -> String {
        short(&Value::from(vec![
            Value::from(self.definition.offset_min),
            Value::from(self.fact_key(follow.anchor)),
            Value::from(self.fact_key(follow.then)),
            follow.matching.map_or(Value::Null, |place| self.property(place)),
            Value::from(follow.within.0),
            self.split_key(follow.split),
        ]))
    }

    fn property(&self, place: usize) -> Value {
        Value::from(self.definition.properties.get(place).map_or("", String::as_str))
    }

    fn split_key(&self, split: Split) -> Value {
        match split {
            Split::By(by) => self.definition.by(by),
            Split::No | Split::Touch => Value::Null,
        }
    }
}

/// The place of one like it; it is added if there is none.
fn share<T>(list: &mut Vec<T>, new: T, same: impl Fn(&T, &T) -> bool) -> usize {
    list.iter().position(|known| same(known, &new)).unwrap_or_else(|| {
        list.push(new);
        list.len() - 1
    })
}
