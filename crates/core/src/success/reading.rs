//! Pairs, read from one user's state (success.md 2, 3.6 to 3.11).

use super::definition::{Distinct, Range};
use super::grid::{day, midnight};
use super::person::{Closed, Counted, FollowState, MOST_GROUPS, Person};
use super::plan::{Frame, MetricPlan, Of, OfFollow, Plan, Source};

/// What a metric is for one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Numerator and denominator.
    Pair(Pair),
    /// The same for each group that has anything; `None` is that of an absent property.
    Groups(Vec<(Option<String>, Pair)>),
    /// The user has more than 10^6 events of a fact and is left out (success.md 3.16).
    Excluded,
    /// There are more groups than are kept.
    StateLimit,
}

/// Numerator and denominator of one user. Pairs add across users; never across devices or time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// The numerator.
    pub num: i64,
    /// The denominator; 0 of a total, which has none.
    pub den: i64,
}

type Group<'a> = Option<&'a str>;

impl Plan {
    /// Reads a metric, by its place in the definition, as of an instant that is later than every event that was taken up.
    #[must_use]
    pub fn read(&self, person: &Person, metric: usize, as_of: i64) -> Reading {
        if person.excluded {
            return Reading::Excluded;
        }
        let Some(plan) = self.metrics.get(metric) else { return Reading::Pair(Pair::default()) };
        let look = Look { plan: self, person, as_of, today: day(as_of, self.definition.offset_min) };
        let counts = look.is_mature(metric, plan) && plan.given.is_none_or(|given| look.value(given, None) != 0);
        if !plan.split {
            return Reading::Pair(if counts { look.pair(plan, None) } else { Pair::default() });
        }
        if !counts {
            return Reading::Groups(Vec::new());
        }
        let mut groups: Vec<Group<'_>> = Vec::new();
        for source in sources(plan) {
            if look.groups(source, &mut groups) {
                return Reading::StateLimit;
            }
        }
        groups.sort_unstable();
        groups.dedup();
        let mut pairs = Vec::new();
        for group in groups {
            let pair = look.pair(plan, group);
            if pair != Pair::default() {
                pairs.push((group.map(str::to_owned), pair));
            }
        }
        if pairs.len() > MOST_GROUPS { Reading::StateLimit } else { Reading::Groups(pairs) }
    }
}

fn sources(plan: &MetricPlan) -> impl Iterator<Item = Source> {
    let terms = plan.num.iter().chain(plan.den.iter().flatten());
    terms.flatten().map(|(_, source)| *source)
}

struct Look<'a> {
    plan: &'a Plan,
    person: &'a Person,
    as_of: i64,
    /// The day of `as_of` on the grid.
    today: i64,
}

impl<'a> Look<'a> {
    /// Whether the metric's start, if it has one, lies in its window and is old enough.
    fn is_mature(&self, metric: usize, plan: &MetricPlan) -> bool {
        let Some(start) = plan.start.and_then(|start| self.plan.starts.get(start)) else { return true };
        let Some((ts, _)) = self.person.facts.get(start.fact).and_then(|fact| fact.first) else { return false };
        let window = match self.plan.definition.metrics.get(metric).map(|metric| &metric.range) {
            Some(Range::After { window, .. }) => *window,
            _ => None,
        };
        let matures = ts + start.span.horizon().0;
        matures < self.as_of && window.is_none_or(|days| matures >= self.midnight(i64::from(days)))
    }

    /// The midnight so many days before today's.
    fn midnight(&self, days_ago: i64) -> i64 {
        midnight(self.today - days_ago, self.plan.definition.offset_min)
    }

    fn pair(&self, plan: &MetricPlan, group: Group<'_>) -> Pair {
        let term = |term: &[Option<(i64, Source)>; 2]| {
            let [of, minus] =
                term.map(|part| part.map_or(0, |(times, source)| times.saturating_mul(self.value(source, group))));
            of.saturating_sub(minus)
        };
        Pair { num: term(&plan.num), den: plan.den.as_ref().map_or(0, term) }
    }

    fn value(&self, source: Source, group: Group<'_>) -> i64 {
        match source {
            Source::One => 1,
            Source::Cell { cell, days, of } => self.of_cell(cell, days, of, group),
            Source::Follow { follow, days, of } => {
                let Some(state) = self.person.follows.get(follow) else { return 0 };
                let closed =
                    state.closed.iter().filter(|(name, _)| name.as_deref() == group).flat_map(|(_, days)| days);
                let closed = closed.filter(|closed| closed.day >= self.today - days).map(|closed| of.of_closed(closed));
                let Some(spec) = self.plan.follows.get(follow) else { return 0 };
                let edge = match of {
                    OfFollow::Reached(edge) => spec.edges.get(edge).map_or(0, |edge| edge.0),
                    _ => spec.within.0,
                };
                let open = self.open(state, spec.within.0, days).filter(|anchor| anchor.group.as_deref() == group);
                let open = open.map(|anchor| of.of_anchor(anchor.waited.filter(|waited| *waited < edge)));
                closed.chain(open).sum()
            }
        }
    }

    /// The anchors that are not summed up yet, in the window and mature.
    fn open(&self, state: &'a FollowState, within: i64, days: i64) -> impl Iterator<Item = &'a super::person::Anchor> {
        let (from, to) = (self.midnight(days), self.as_of);
        state.open.iter().filter(move |anchor| (from..to).contains(&(anchor.ts + within)))
    }

    fn of_cell(&self, cell: usize, days: Option<(i64, i64)>, of: Of, group: Group<'_>) -> i64 {
        let state = self.person.cells.get(cell);
        let counted = state.and_then(|state| state.groups.iter().find(|(name, _)| name.as_deref() == group));
        let (count, sum, span) = match (counted, self.plan.cells.get(cell)) {
            (Some((_, counted)), Some(cell)) => self.number(counted, cell.distinct, cell.frame, days),
            _ => (0, 0, 0),
        };
        match of {
            Of::Count => count,
            Of::Sum => sum,
            Of::Span => span,
            Of::AtLeast(least) => i64::from(count >= i64::from(least)),
            Of::Fewer(least) => i64::from(count < i64::from(least)),
        }
    }

    /// How many, their sum, and from the first to the last.
    fn number(&self, counted: &Counted, distinct: Distinct, frame: Frame, days: Option<(i64, i64)>) -> (i64, i64, i64) {
        let (from, to) = days.map_or((i64::MIN, i64::MAX), |(from, to)| {
            (self.today - from, if to == 0 { i64::MAX } else { self.today - to })
        });
        match (distinct, frame) {
            (Distinct::Session | Distinct::Property(_), _) => {
                (counted.keys.numbers().filter(|day| (from..to).contains(day)).count() as i64, 0, 0)
            }
            (_, Frame::Days) => {
                let (mut number, mut count, mut sum) = (0, 0, 0i64);
                for day in counted.days.iter().filter(|day| (from..to).contains(&day.day)) {
                    number += 1;
                    count += day.count;
                    sum = sum.saturating_add(day.sum);
                }
                (if distinct == Distinct::Day { number } else { count }, sum, 0)
            }
            _ => (counted.total.count, counted.total.sum, counted.total.last - counted.total.first),
        }
    }

    /// Adds the groups of a source; true if there are more than are kept.
    fn groups(&self, source: Source, to: &mut Vec<Group<'a>>) -> bool {
        match source {
            Source::One => false,
            Source::Cell { cell, days, .. } => {
                let Some(state) = self.person.cells.get(cell) else { return false };
                to.extend(state.groups.iter().map(|(name, _)| name.as_deref()));
                state.overflowed.is_some_and(|day| days.is_none_or(|(from, _)| day >= self.today - from))
            }
            Source::Follow { follow, days, .. } => {
                let (Some(state), Some(spec)) = (self.person.follows.get(follow), self.plan.follows.get(follow)) else {
                    return false;
                };
                to.extend(state.closed.iter().map(|(name, _)| name.as_deref()));
                to.extend(self.open(state, spec.within.0, days).map(|anchor| anchor.group.as_deref()));
                false
            }
        }
    }
}

impl OfFollow {
    fn of_closed(self, closed: &Closed) -> i64 {
        match self {
            Self::Each => closed.each,
            Self::Reached(edge) => closed.reached.get(edge).copied().unwrap_or_default(),
            Self::Elapsed => closed.elapsed,
        }
    }

    fn of_anchor(self, waited: Option<i64>) -> i64 {
        match self {
            Self::Each => 1,
            Self::Reached(_) => i64::from(waited.is_some()),
            Self::Elapsed => waited.unwrap_or_default(),
        }
    }
}
