//! One user's state: the events of the facts, folded in their order.

use std::collections::VecDeque;

use sha2::{Digest, Sha256};

use super::AfterSpan;
use super::definition::{By, Distinct, Fact, Take};
use super::filter::Operand;
use super::grid::{day, midnight};
use super::keyed::Keyed;
use super::plan::{Cell, Follow, Frame, Goal, Plan, Split, Start};
use super::report::ABSENT;
use super::scalar::{Scalar, ValueFault};

/// The most events of one fact that a user may have (success.md 3.16).
pub const MOST_EVENTS: u64 = 1_000_000;
/// The most groups of one metric for a user (success.md 2).
pub const MOST_GROUPS: usize = 256;
/// The most groups that are kept, whether or not a reading still asks for them.
const MOST_KEPT_GROUPS: usize = 4_096;

/// An event, as it concerns a success definition.
#[derive(Clone, Copy, Debug)]
pub struct Observed<'a> {
    /// Which: a place in [`Plan::events`].
    pub event: usize,
    /// When, in milliseconds since the Unix epoch.
    pub ts: i64,
    /// Minutes that local time was ahead of UTC.
    pub offset_min: i32,
    /// Its session.
    pub session: Option<&'a str>,
    /// Its properties, by their places in [`Definition::properties`](super::Definition::properties).
    pub properties: &'a [Scalar<'a>],
}

/// Events that left a fact, counted by fact and reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    counts: Vec<(usize, &'static str, u64)>,
}

impl Faults {
    /// Counts one.
    pub fn add(&mut self, fact: usize, code: &'static str) {
        self.add_many(fact, code, 1);
    }

    fn add_many(&mut self, fact: usize, code: &'static str, more: u64) {
        match self.counts.binary_search_by_key(&(fact, code), |(fact, code, _)| (*fact, *code)) {
            Ok(place) => {
                if let Some((_, _, count)) = self.counts.get_mut(place) {
                    *count += more;
                }
            }
            Err(place) => self.counts.insert(place, (fact, code, more)),
        }
    }

    /// Adds those of another.
    pub fn merge(&mut self, other: &Self) {
        for (fact, code, count) in &other.counts {
            self.add_many(*fact, code, *count);
        }
    }

    /// Each fact, by its place, with a reason and how many.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &'static str, u64)> {
        self.counts.iter().copied()
    }
}

/// The first 16 bytes of SHA-256 of a key.
pub(super) type Key = u128;

fn key(text: &str) -> Key {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(16).fold(0, |key, byte| key << 8 | Key::from(*byte))
}

/// What is known of one user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    pub(super) facts: Vec<FactState>,
    pub(super) cells: Vec<CellState>,
    pub(super) follows: Vec<FollowState>,
    /// The last touch, and what it is credited as.
    touch: Option<(i64, Option<String>)>,
    /// More events of a fact than one person can have.
    pub(super) excluded: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FactState {
    pub(super) count: i64,
    /// When, and how far ahead of UTC, the first event was.
    pub(super) first: Option<(i64, i64)>,
    /// When each key was seen last, kept or not.
    pub(super) keys: Keyed,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct CellState {
    /// Groups by name; the only one is `None` where nothing splits it.
    pub(super) groups: Vec<(Option<String>, Counted)>,
    /// The last day on which there were more groups than are kept.
    pub(super) overflowed: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Counted {
    pub(super) total: Total,
    pub(super) days: Vec<DayCount>,
    /// The last day on which each distinct key was seen.
    pub(super) keys: Keyed,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Total {
    pub(super) count: i64,
    pub(super) sum: i64,
    pub(super) first: i64,
    pub(super) last: i64,
    /// With `distinct: day`: the last day that counted.
    pub(super) last_day: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct DayCount {
    pub(super) day: i64,
    pub(super) count: i64,
    pub(super) sum: i64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FollowState {
    /// Anchors that are mature, by group and day.
    pub(super) closed: Vec<(Option<String>, Vec<Closed>)>,
    /// Anchors in their order, from number `base` on.
    pub(super) open: VecDeque<Anchor>,
    pub(super) base: i64,
    /// Without `match`: every anchor before this number has been asked.
    pub(super) asked: i64,
    /// With `match`: the newest anchor that waits for a key, which names the one before it; [`NOBODY`] once it was reached.
    pub(super) waiting: Keyed,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Anchor {
    pub(super) ts: i64,
    pub(super) group: Option<String>,
    /// After how long it was reached.
    pub(super) waited: Option<i64>,
    /// With `match`: the number of the anchor that waited for the same key before, or [`NOBODY`].
    pub(super) before: i64,
}

/// Stands for the number of an anchor where there is none.
const NOBODY: i64 = -1;

/// Anchors that became mature on one day.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Closed {
    pub(super) day: i64,
    pub(super) each: i64,
    pub(super) elapsed: i64,
    /// For each edge, how many were reached by then.
    pub(super) reached: Vec<i64>,
}

impl Plan {
    /// A user of whom nothing is known yet.
    #[must_use]
    pub fn person(&self) -> Person {
        Person {
            facts: vec![FactState::default(); self.definition.facts.len()],
            cells: vec![CellState::default(); self.cells.len()],
            follows: vec![FollowState::default(); self.follows.len()],
            touch: None,
            excluded: false,
        }
    }

    /// Takes up one event. Events come in the order of (ts, id), each once, all before the instant of reading.
    pub fn observe(&self, person: &mut Person, event: &Observed<'_>, faults: &mut Faults) {
        let Some(concerned) = self.concerned.get(event.event) else { return };
        let mut accepted: Vec<(usize, i64)> = Vec::with_capacity(4);
        for fact in concerned {
            self.accept(*fact, person, event, faults, &mut accepted);
        }
        if accepted.is_empty() {
            return;
        }
        for (place, follow) in self.follows.iter().enumerate() {
            if accepted.iter().any(|(fact, _)| *fact == follow.then)
                && let Some(state) = person.follows.get_mut(place)
            {
                state.reach(follow, event);
            }
        }
        for (fact, value) in &accepted {
            let Some(places) = self.counted.get(*fact) else { continue };
            for place in places {
                self.count(*place, *value, person, event);
            }
        }
        for (place, follow) in self.follows.iter().enumerate() {
            if accepted.iter().any(|(fact, _)| *fact == follow.anchor)
                && let Some(state) = person.follows.get_mut(place)
            {
                state.anchor(follow, event, self.group(follow.split, event, None));
            }
        }
        if let Some(touch) = &self.touch
            && accepted.iter().any(|(fact, _)| *fact == touch.fact)
        {
            person.touch = Some((event.ts, named(event.property(touch.property))));
        }
    }

    /// Whether an event is one of a fact, and of those that are `of` it (success.md 3.2).
    fn accept(
        &self,
        place: usize,
        person: &mut Person,
        event: &Observed<'_>,
        faults: &mut Faults,
        accepted: &mut Vec<(usize, i64)>,
    ) {
        let (Some(fact), Some(state)) = (self.definition.facts.get(place), person.facts.get_mut(place)) else { return };
        let operand = |operand| self.operand(event, operand, Scalar::Absent);
        if !fact.filter.holds(&operand) {
            return;
        }
        let value = match &fact.value {
            None => 0,
            Some(rule) => match rule.read(self.definition.money.as_ref(), |property| event.property(property)) {
                Ok(value) => value,
                Err(fault) => return faults.add(place, ValueFault::code(fault)),
            },
        };
        if !state.is_new(fact, event) {
            return faults.add(place, "duplicate.key");
        }
        state.count += 1;
        person.excluded |= state.count.unsigned_abs() > MOST_EVENTS;
        if state.take(fact.take, event) {
            accepted.push((place, value));
        }
        let Some(derived) = self.derived.get(place) else { return };
        for derived in derived {
            let Some(state) = person.facts.get_mut(*derived) else { continue };
            if state.take(self.take(*derived), event) {
                accepted.push((*derived, value));
            }
        }
    }

    fn count(&self, place: usize, value: i64, person: &mut Person, event: &Observed<'_>) {
        let Some(cell) = self.cells.get(place) else { return };
        if let Frame::After(start) = cell.frame {
            let range = self.starts.get(start).and_then(|start| start.range(person));
            if !range.is_some_and(|(from, to)| (from..to).contains(&event.ts)) {
                return;
            }
        }
        let last = self.take(cell.fact) == Take::Last;
        let operand = |operand| self.operand(event, operand, Scalar::Int(value));
        let mut holds = cell.filter.holds(&operand);
        let distinct = match cell.distinct {
            Distinct::No | Distinct::Day => None,
            Distinct::Session => Some(event.session.filter(|session| !session.is_empty()).map(key)),
            Distinct::Property(property) => Some(event.property(property).id().map(|id| key(&id))),
        };
        holds &= distinct != Some(None);
        if !holds && !last {
            return;
        }
        let group = self.group(cell.split, event, person.touch.as_ref());
        let Some(state) = person.cells.get_mut(place) else { return };
        if last {
            // Only the newest stands, and where the condition does not hold for it, nothing counts.
            state.groups.clear();
        }
        if !holds {
            return;
        }
        let today = day(event.ts, self.definition.offset_min);
        let Some(counted) = state.group(cell, group, today) else { return };
        counted.add(cell, value, event.ts, today, distinct.flatten());
    }

    /// The goals that an event counts for, if it came now.
    pub(super) fn goals_of<'a>(
        &'a self,
        person: &'a Person,
        event: &'a Observed<'_>,
    ) -> impl Iterator<Item = Goal> + 'a {
        self.goals.iter().copied().filter(move |goal| {
            let Some(cell) = self.cells.get(goal.cell) else { return false };
            self.value_if_counted(cell, person, event).is_some()
        })
    }

    /// The value of an event that a cell would count.
    fn value_if_counted(&self, cell: &Cell, person: &Person, event: &Observed<'_>) -> Option<i64> {
        let fact = self.definition.facts.get(cell.fact)?;
        let own = fact.of.unwrap_or(cell.fact);
        if !self.concerned.get(event.event)?.contains(&own) {
            return None;
        }
        let (state, base) = (person.facts.get(cell.fact)?, person.facts.get(own)?);
        let mut facts = Vec::new();
        let mut alone = Person { facts: vec![FactState::default(); self.definition.facts.len()], ..Person::default() };
        self.accept(own, &mut alone, event, &mut Faults::default(), &mut facts);
        let (_, value) = facts.into_iter().find(|(place, _)| *place == cell.fact)?;
        let id = fact.key.and_then(|place| event.property(place).id());
        let seen = id.and_then(|id| base.keys.get(key(&id)));
        let anew = seen.is_none_or(|before| event.ts - before >= fact.horizon.0);
        let taken = fact.take != Take::First || state.first.is_none();
        let in_range = match cell.frame {
            Frame::After(start) => {
                // An event may be its own start.
                let range =
                    self.starts.get(start).and_then(|start| start.range(person).or_else(|| start.range(&alone)));
                range.is_some_and(|(from, to)| (from..to).contains(&event.ts))
            }
            Frame::Ever | Frame::Days => true,
        };
        let operand = |operand| self.operand(event, operand, Scalar::Int(value));
        (anew && taken && in_range && cell.filter.holds(&operand)).then_some(value)
    }

    fn operand<'a>(&'a self, event: &Observed<'a>, operand: Operand, value: Scalar<'a>) -> Scalar<'a> {
        match operand {
            Operand::Property(place) => event.property(place),
            Operand::Value => value,
            Operand::Event => self.events.get(event.event).map_or(Scalar::Absent, |name| Scalar::Text(name)),
        }
    }

    fn group(&self, split: Split, event: &Observed<'_>, touch: Option<&(i64, Option<String>)>) -> Option<String> {
        match split {
            Split::No => None,
            Split::By(By::Event) => self.events.get(event.event).cloned(),
            Split::By(By::Property(place)) => named(event.property(place)),
            Split::Touch => {
                let window = self.touch.as_ref().map_or(0, |touch| touch.window.0);
                match touch.filter(|(ts, _)| *ts > event.ts - window) {
                    Some((_, group)) => group.clone(),
                    None => Some(UNTOUCHED.to_owned()),
                }
            }
        }
    }
}

/// The name of a group; nothing for that of events without the property, and for one that calls itself so.
fn named(property: Scalar<'_>) -> Option<String> {
    property.id().filter(|id| id != ABSENT).map(|id| id.into_owned())
}

/// The group of conversions that no touch went before.
pub(super) const UNTOUCHED: &str = "(none)";

impl<'a> Observed<'a> {
    pub(super) fn property(&self, place: usize) -> Scalar<'a> {
        self.properties.get(place).copied().unwrap_or_default()
    }
}

impl Start {
    /// From when to when this user's events count, the end not included.
    pub(super) fn range(&self, person: &Person) -> Option<(i64, i64)> {
        let (ts, offset) = person.facts.get(self.fact)?.first?;
        let offset = offset as i32;
        Some(match self.span {
            AfterSpan::Within(span) => (ts, ts + span.0),
            AfterSpan::Days(first, last) => {
                let start = day(ts, offset);
                (midnight(start + i64::from(first), offset), midnight(start + i64::from(last) + 1, offset))
            }
        })
    }
}

impl FactState {
    /// Whether the event's key was not seen lately (success.md 3.4); remembers it.
    fn is_new(&mut self, fact: &Fact, event: &Observed<'_>) -> bool {
        let Some(id) = fact.key.and_then(|place| event.property(place).id()) else { return true };
        let before = self.keys.set(key(&id), event.ts);
        before.is_none_or(|before| event.ts - before >= fact.horizon.0)
    }

    fn take(&mut self, take: Take, event: &Observed<'_>) -> bool {
        let first = self.first.is_none();
        if first {
            self.first = Some((event.ts, event.offset_min.into()));
        }
        take != Take::First || first
    }
}

impl CellState {
    /// The group of an event; nothing if there are too many.
    fn group(&mut self, cell: &Cell, group: Option<String>, today: i64) -> Option<&mut Counted> {
        let mut place = self.groups.binary_search_by(|(known, _)| known.cmp(&group));
        if place.is_err() && self.groups.len() >= MOST_KEPT_GROUPS {
            self.forget(cell, today);
            place = self.groups.binary_search_by(|(known, _)| known.cmp(&group));
        }
        let place = match place {
            Ok(place) => place,
            Err(_) if self.groups.len() >= MOST_KEPT_GROUPS => {
                self.overflowed = Some(today);
                return None;
            }
            Err(place) => {
                self.groups.insert(place, (group, Counted::default()));
                place
            }
        };
        self.groups.get_mut(place).map(|(_, counted)| counted)
    }

    /// Drops what no reading from this day on asks for.
    pub(super) fn forget(&mut self, cell: &Cell, today: i64) {
        if cell.frame != Frame::Days {
            return;
        }
        let from = today - cell.days;
        for (_, counted) in &mut self.groups {
            counted.days.retain(|count| count.day >= from);
            counted.keys.retain(|day| day >= from);
        }
        // `last` counts nothing in a group that is gone; the others begin anew.
        self.groups.retain(|(_, counted)| !counted.days.is_empty() || !counted.keys.is_empty());
        self.overflowed = self.overflowed.filter(|day| *day >= from);
    }
}

impl Counted {
    fn add(&mut self, cell: &Cell, value: i64, ts: i64, day: i64, distinct: Option<Key>) {
        if let Some(key) = distinct {
            self.keys.set(key, day);
            return;
        }
        if cell.frame == Frame::Days {
            match self.days.last_mut().filter(|last| last.day == day) {
                Some(last) => {
                    last.count += 1;
                    last.sum = last.sum.saturating_add(value);
                }
                None => self.days.push(DayCount { day, count: 1, sum: value }),
            }
            return;
        }
        let total = &mut self.total;
        if total.count == 0 {
            total.first = ts;
        }
        total.last = ts;
        if cell.distinct != Distinct::Day || total.last_day != Some(day) {
            total.count += 1;
        }
        total.last_day = Some(day);
        total.sum = total.sum.saturating_add(value);
    }
}

impl FollowState {
    /// An event that may reach anchors: those before it, first come (success.md 3.11).
    fn reach(&mut self, follow: &Follow, event: &Observed<'_>) {
        let end = self.base + self.open.len() as i64;
        let (mut number, first) = match follow.matching {
            None => (end - 1, std::mem::replace(&mut self.asked, end)),
            Some(place) => {
                let waiting = event.property(place).id().map(|id| key(&id));
                let Some((key, newest)) = waiting.and_then(|key| Some((key, self.waiting.get(key)?))) else { return };
                self.waiting.set(key, NOBODY);
                (newest, self.base)
            }
        };
        // From the newest back: all of them, or those that wait for the key.
        while number >= first.max(self.base) {
            let place = usize::try_from(number - self.base).ok();
            let Some(anchor) = place.and_then(|place| self.open.get_mut(place)) else { return };
            if event.ts < anchor.ts + follow.within.0 {
                anchor.waited = Some(event.ts - anchor.ts);
            }
            number = if follow.matching.is_some() { anchor.before.min(number - 1) } else { number - 1 };
        }
    }

    fn anchor(&mut self, follow: &Follow, event: &Observed<'_>, group: Option<String>) {
        let mut before = NOBODY;
        if let Some(id) = follow.matching.and_then(|place| event.property(place).id()) {
            let number = self.base + self.open.len() as i64;
            before = self.waiting.set(key(&id), number).unwrap_or(NOBODY);
        }
        self.open.push_back(Anchor { ts: event.ts, group, waited: None, before });
    }
}
