//! What a device keeps of one profile (success.md 3.17, 3.24 to 3.26, 4): a sealed part, in which everything before an
//! instant is folded, and a tail of the events since. Readings fold the tail on top, so that an event that comes late, a clock
//! that steps and a reading as of midnight need no rebuilding.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::grid::{day, midnight};
use super::pack::Packed;
use super::person::{Faults, FollowState, MOST_EVENTS, Observed, Person};
use super::plan::{Goal, Plan};
use super::reading::Reading;
use super::scalar::Scalar;
use super::standard::{Compiled, Standard};
use crate::list::Listed as _;
use crate::record::{Body, Record};
use crate::state::Start;
use crate::table::Table;
use crate::time::{Span, Timestamp};
use crate::wire::{At, Blank, Object, Read, Write, to_json, wire};
use crate::{RecordId, SessionId, Value};

/// From so many events on the older half of the tail is sealed, as far as it lies two days back.
const SEAL_AT: usize = 128;
/// So many are never kept: the older half is sealed whatever its age. What is read as of an instant before it is then absent
/// until the next midnight.
const MOST_NOTED: usize = 1_024;
/// How much of a profile is kept, in bytes of its checkpoint (success.md 4).
const MOST_BYTES: usize = 256 * 1024;

wire! {
    without schema;

    /// What is kept.
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Kept {
        /// Everything before this instant is folded into the parts.
        sealed_to: Timestamp => Timestamp(0),
        /// Something happened that the definition of then did not ask for: another one needs the journal's help.
        missed: bool => false,
        /// The sealed parts, by what they count.
        parts: Table<String, Value> = Table::new(),
        /// From when on a part knows everything; from the beginning, where nothing is said.
        since: Table<String, Timestamp> = Table::new(),
        /// The same for parts that grew too large and began anew.
        limited: Table<String, Timestamp> = Table::new(),
        /// The newest record.
        newest: Timestamp => Timestamp(0),
        /// The newest before the clock was set back.
        ahead: Timestamp => Timestamp(0),
        /// The events since, in their order.
        tail: Vec<Noted> => Vec::new(),
        /// The newest events that goals count, by fact and condition.
        hits: Table<String, Vec<Hit>> = Table::new(),
    }

    /// An event that some fact asks for, with the properties that are asked for.
    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct Noted {
        id: RecordId,
        ts: Timestamp,
        offset: i32 = 0,
        pub(super) event: String,
        session: Option<SessionId>,
        properties as "data": Object => Object::new(),
    }

    /// An event that a goal counts (engine.md 5.2).
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Hit {
        /// Whose it is.
        pub(crate) device: RecordId,
        /// Its place in that device's journal.
        pub(crate) seq: u64,
        /// When.
        pub(crate) ts: Timestamp,
        /// Its record.
        pub(crate) id: RecordId,
    }
}

/// What a device keeps of one profile.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    kept: Kept,
    /// The tail folded on top of the sealed parts; made when it is needed, never stored.
    live: OnceLock<Box<Live>>,
}

#[derive(Clone, Debug)]
struct Live {
    all: Person,
    /// The day of the newest event, and everything before that day's midnight.
    today: i64,
    before_today: Person,
}

impl PartialEq for Tally {
    fn eq(&self, other: &Self) -> bool {
        self.kept == other.kept
    }
}

impl Blank for Tally {
    fn is_blank(&self) -> bool {
        self.kept == Kept::default()
    }
}

impl Read for Tally {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        Self { kept: Kept::read(value, at), live: OnceLock::new() }
    }
}

impl Write for Tally {
    fn write(&self, to: &mut String) {
        self.kept.write(to);
    }
}

/// Why a device does not say a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// The range that it reads began before everything was kept (success.md 3.25).
    HistoryIncomplete,
    /// More is asked for than is kept (success.md 4).
    StateLimit,
    /// The clock stands before what is sealed (success.md 3.24).
    Clock,
    /// More than 10^6 events of a fact (success.md 3.16).
    Excluded,
}

impl Unavailable {
    /// The code in reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::HistoryIncomplete => "history_incomplete",
            Self::StateLimit => "state_limit",
            Self::Clock => "clock",
            Self::Excluded => "excluded",
        }
    }
}

impl Tally {
    /// Whether an event of this instant comes too late to count (success.md 3.17).
    pub(crate) fn is_late(&self, ts: Timestamp) -> bool {
        ts < self.kept.sealed_to
    }

    /// Takes up a record that is exported.
    pub(crate) fn observe(&mut self, standard: &Standard, device: RecordId, record: &Record, now: Timestamp) {
        self.kept.newest = self.kept.newest.max(record.ts);
        let (Some(compiled), Some(event)) = (&standard.0, standard.event(record.body.kind())) else {
            self.kept.missed |= !matches!(record.body, Body::Consent(_) | Body::PlaybookInstalled(_));
            return;
        };
        if self.is_late(record.ts) {
            return;
        }
        let Some(noted) = Noted::of(&compiled.plan, record) else { return };
        let mut live = self.live.take().unwrap_or_else(|| Box::new(self.kept.live(compiled)));
        let hit = Hit { device, seq: record.seq, ts: record.ts, id: record.id };
        noted.observed(&compiled.plan, event, &mut |observed| {
            for goal in compiled.plan.goals_of(&live.all, observed) {
                self.kept.hit(compiled, goal, &hit);
            }
        });
        let place = self.kept.tail.partition_point(|known| (known.ts, known.id) < (noted.ts, noted.id));
        if place < self.kept.tail.len() {
            self.kept.tail.insert(place, noted);
        } else {
            live.push(&compiled.plan, event, &noted);
            self.kept.tail.push(noted);
            self.live = OnceLock::from(live);
        }
        if self.kept.tail.len() >= SEAL_AT {
            self.seal(compiled, now);
        }
    }

    /// The clock was set back.
    pub(crate) fn stepped_back(&mut self) {
        self.kept.ahead = self.kept.newest;
    }

    /// Whether what a goal counts has happened often enough after the campaign's start, or ever where there is none
    /// (engine.md 5.2). Nothing where the metric is no goal.
    pub(crate) fn reached(
        &self,
        standard: &Standard,
        metric: usize,
        start: Option<&Start>,
        device: RecordId,
        now: Timestamp,
    ) -> Option<bool> {
        let compiled = standard.0.as_ref()?;
        let goal = compiled.plan.goal(metric)?;
        let key = compiled.cells.get(goal.cell)?;
        let counts = |hit: &&Hit| {
            let after = start.is_none_or(|start| match hit.device == device {
                true => hit.seq > start.seq,
                false => (hit.ts, hit.id) > (start.at, start.id),
            });
            let recent = goal.within.is_none_or(|within| now.since(hit.ts.min(now)) < within);
            after && recent
        };
        let hits = self.kept.hits.get(key).map_or(0, |hits| hits.iter().filter(counts).count());
        Some(hits >= goal.at_least as usize)
    }

    /// Nothing of what was is exported any more, so that nothing of it counts (success.md 3.26). The seal stays (3.17).
    pub(crate) fn purge(&mut self, standard: &Standard, at: Timestamp) {
        let Kept { sealed_to, newest, ahead, .. } = self.kept;
        *self =
            Self { kept: Kept { sealed_to, newest, ahead, missed: true, ..Kept::default() }, live: OnceLock::new() };
        let Some(compiled) = &standard.0 else { return };
        for key in compiled.keys() {
            // What was recorded before the clock was set back is gone too, and what was in this very millisecond.
            self.kept.since.insert(key.clone(), at.max(newest).plus(Span(1)));
        }
    }

    fn seal(&mut self, compiled: &Compiled, now: Timestamp) {
        let offset = compiled.plan.definition.offset_min;
        let tail = &self.kept.tail;
        let Some(middle) = tail.get(tail.len() / 2) else { return };
        let before = |ts: i64| tail.partition_point(|noted| noted.ts.0 < ts);
        let before_two_days = day(now.0, offset) - 2;
        let mut to = midnight(day(middle.ts.0, offset).min(before_two_days), offset);
        if tail.len() >= MOST_NOTED {
            // A midnight can be read as of it; and what lies ahead of the clock waits, as long as there is room.
            let ends = [midnight(day(now.0, offset), offset), middle.ts.0.min(now.0 + 1), middle.ts.0];
            to = ends.into_iter().find(|end| before(*end) >= MOST_NOTED / 4).unwrap_or(middle.ts.0).max(to);
        }
        if to <= self.kept.sealed_to.0 {
            return;
        }
        let count = before(to);
        let mut person = self.kept.sealed(compiled);
        for noted in self.kept.tail.drain(..count) {
            compiled.fold(&mut person, &noted);
        }
        let today = day(to, offset);
        compiled.plan.forget(&mut person, today, midnight(today, offset));
        self.kept.sealed_to = Timestamp(to);
        self.kept.parts = compiled.packed(&mut person);
        self.kept.limit(Timestamp(to));
        self.live = OnceLock::new();
    }

    /// The same for another definition: parts that both have go on, new ones start with what the journal still has of
    /// this profile: from its beginning where no `oldest` is said, otherwise from there on, and after all that was recorded
    /// before a clock was set back (success.md 3.25).
    pub(crate) fn moved(
        &self,
        from: &Standard,
        to: &Standard,
        history: &[&Record],
        oldest: Option<Timestamp>,
        device: RecordId,
        now: Timestamp,
    ) -> Self {
        let Kept { sealed_to, missed, newest, ahead, .. } = self.kept;
        // Nothing happened yet: not of what the definition before asked for either, which asked for less of it.
        let nothing = !missed && sealed_to == Timestamp(0) && self.kept.tail.is_empty();
        let mut kept = Kept { sealed_to, missed: !nothing, newest, ahead, ..Kept::default() };
        let Some(compiled) = &to.0 else { return Self { kept, live: OnceLock::new() } };
        let known: Vec<&String> = from.0.iter().flat_map(|compiled| compiled.keys()).listed();
        let began = oldest.filter(|_| !nothing);
        let complete = began.is_none();
        let mut noted: Vec<Noted> = Vec::new();
        for record in history {
            if record.is_exported() && !record.late && to.event(record.body.kind()).is_some() {
                noted.extend(Noted::of(&compiled.plan, record));
            }
        }
        for old in &self.kept.tail {
            if to.event(&old.event).is_some() && !noted.iter().any(|new| new.id == old.id) {
                noted.push(old.clone());
            }
        }
        noted.sort_unstable_by_key(|noted| (noted.ts, noted.id));
        let goes_on = |key: &String| known.contains(&key) && !complete;
        let mut anew = compiled.plan.person();
        let mut fold = |noted: &Noted, anew: &mut Person| {
            let record = history.binary_search_by_key(&noted.id, |record| record.id).ok();
            if let (Some(record), Some(event)) = (record.and_then(|place| history.get(place)), to.event(&noted.event)) {
                let hit = Hit { device, seq: record.seq, ts: record.ts, id: record.id };
                noted.observed(&compiled.plan, event, &mut |observed| {
                    for goal in compiled.plan.goals_of(anew, observed) {
                        if compiled.cells.get(goal.cell).is_some_and(|key| !goes_on(key)) {
                            kept.hit(compiled, goal, &hit);
                        }
                    }
                });
            }
            compiled.fold(anew, noted);
        };
        let sealed = noted.partition_point(|noted| noted.ts < sealed_to);
        let tail = noted.split_off(sealed);
        noted.iter().for_each(|noted| fold(noted, &mut anew));
        let mut parts = compiled.packed(&mut anew);
        tail.iter().for_each(|noted| fold(noted, &mut anew));
        kept.tail = tail;
        for key in compiled.keys() {
            if known.contains(&key) {
                parts.remove(key);
                if let Some(part) = self.kept.parts.get(key) {
                    parts.insert(key.clone(), part.clone());
                }
                let forgotten = from.0.as_ref().and_then(|from| compiled.forgotten(from, key, sealed_to));
                if let Some(since) = self.kept.since.get(key).copied().max(forgotten) {
                    kept.since.insert(key.clone(), since);
                }
                if let Some(since) = self.kept.limited.get(key) {
                    kept.limited.insert(key.clone(), *since);
                }
            } else if let Some(oldest) = began {
                kept.since.insert(key.clone(), oldest.max(ahead).plus(Span(1)));
            }
        }
        for (place, key) in compiled.follows.iter().enumerate() {
            if let Some(old) = from.0.as_ref().and_then(|from| from.edges(key)) {
                self.move_edges(key, old, compiled.edges_of(place), &mut parts, &mut kept.since);
            }
        }
        kept.parts = parts;
        for (key, hits) in self.kept.hits.iter() {
            if goes_on(key) && compiled.cells.contains(key) {
                kept.hits.insert(key.clone(), hits.clone());
            }
        }
        let mut moved = Self { kept, live: OnceLock::new() };
        // The journal may have more than is kept one by one.
        let mut before = usize::MAX;
        while moved.kept.tail.len() >= SEAL_AT && moved.kept.tail.len() < before {
            before = moved.kept.tail.len();
            moved.seal(compiled, now);
        }
        moved
    }

    /// Counts of edges go on; an edge that is new is known of all anchors that were not summed up yet.
    fn move_edges(
        &self,
        key: &str,
        (old, old_keys): (&[Span], &[String]),
        (new, new_keys): (&[Span], &[String]),
        parts: &mut Table<String, Value>,
        since: &mut Table<String, Timestamp>,
    ) {
        let place = |edge: &Span| old.iter().position(|known| known == edge);
        for (edge, edge_key) in new.iter().zip(new_keys) {
            let known = place(edge).and_then(|place| self.kept.since.get(old_keys.get(place)?).copied());
            let began = known.or_else(|| place(edge).is_none().then_some(self.kept.sealed_to));
            if let Some(began) = began.filter(|began| *began > Timestamp(0)) {
                since.insert(edge_key.clone(), began);
            }
        }
        if old != new
            && let Some(part) = parts.get_mut(key)
        {
            let mut state = FollowState::read(part);
            for closed in state.closed.iter_mut().flat_map(|(_, days)| days) {
                let count = |edge: &Span| place(edge).and_then(|place| closed.reached.get(place).copied());
                closed.reached = new.iter().map(|edge| count(edge).unwrap_or_default()).listed();
            }
            *part = state.written();
        }
    }

    /// Everything before this instant is folded for good.
    pub(crate) fn sealed_to(&self) -> Timestamp {
        self.kept.sealed_to
    }

    /// The instant up to which a metric is read.
    pub(crate) fn as_of(&self, standard: &Standard, metric: usize, now: Timestamp) -> i64 {
        standard.0.as_ref().map_or(now.0, |compiled| compiled.as_of(metric, now))
    }

    /// Reads a metric.
    ///
    /// # Errors
    /// Why there is no number.
    pub(crate) fn read(&self, standard: &Standard, metric: usize, now: Timestamp) -> Result<Reading, Unavailable> {
        let Some(compiled) = &standard.0 else { return Err(Unavailable::HistoryIncomplete) };
        let as_of = compiled.as_of(metric, now);
        if as_of < self.kept.sealed_to.0 {
            // Too much happened since midnight; or the clock is wrong.
            let early = now.0 < self.kept.sealed_to.0 - 1;
            return Err(if early { Unavailable::Clock } else { Unavailable::StateLimit });
        }
        for (key, needed) in compiled.sources(metric, as_of) {
            let began = |since: &Table<String, Timestamp>| {
                since.get(key).is_some_and(|since| needed.is_none_or(|needed| needed < since.0))
            };
            if began(&self.kept.since) {
                return Err(Unavailable::HistoryIncomplete);
            }
            if began(&self.kept.limited) {
                return Err(Unavailable::StateLimit);
            }
        }
        match compiled.plan.read(&self.person(compiled, as_of), metric, as_of) {
            Reading::Excluded => Err(Unavailable::Excluded),
            Reading::StateLimit => Err(Unavailable::StateLimit),
            reading => Ok(reading),
        }
    }

    fn person<'a>(&'a self, compiled: &Compiled, as_of: i64) -> Cow<'a, Person> {
        let newest = self.kept.tail.last().map_or(i64::MIN, |noted| noted.ts.0);
        let live = self.live.get_or_init(|| Box::new(self.kept.live(compiled)));
        if newest < as_of {
            return Cow::Borrowed(&live.all);
        }
        if as_of == midnight(live.today, compiled.plan.definition.offset_min) {
            return Cow::Borrowed(&live.before_today);
        }
        // The clock was set back.
        let mut person = self.kept.sealed(compiled);
        for noted in self.kept.tail.iter().take_while(|noted| noted.ts.0 < as_of) {
            compiled.fold(&mut person, noted);
        }
        Cow::Owned(person)
    }
}

impl Kept {
    fn sealed(&self, compiled: &Compiled) -> Person {
        let mut person = compiled.plan.person();
        fn unpack<T: Packed>(states: &mut [T], keys: &[String], parts: &Table<String, Value>) {
            for (state, key) in states.iter_mut().zip(keys) {
                if let Some(part) = parts.get(key) {
                    *state = T::read(part);
                }
            }
        }
        unpack(&mut person.facts, &compiled.facts, &self.parts);
        unpack(&mut person.cells, &compiled.cells, &self.parts);
        unpack(&mut person.follows, &compiled.follows, &self.parts);
        person.excluded = person.facts.iter().any(|fact| fact.count.unsigned_abs() > MOST_EVENTS);
        person
    }

    fn live(&self, compiled: &Compiled) -> Live {
        let sealed = self.sealed(compiled);
        let today = self.tail.first().map_or(i64::MIN, |noted| day(noted.ts.0, compiled.plan.definition.offset_min));
        let mut live = Live { before_today: sealed.clone(), all: sealed, today };
        for noted in &self.tail {
            if let Ok(event) = compiled.plan.events().binary_search(&noted.event) {
                live.push(&compiled.plan, event, noted);
            }
        }
        live
    }

    /// Keeps the newest that a goal may need.
    fn hit(&mut self, compiled: &Compiled, goal: Goal, hit: &Hit) {
        let Some(key) = compiled.cells.get(goal.cell) else { return };
        let hits = self.hits.entry(key.as_str());
        let place = hits.partition_point(|known| (known.ts, known.id) < (hit.ts, hit.id));
        hits.insert(place, hit.clone());
        let surplus = hits.len().saturating_sub(goal.at_least as usize);
        hits.drain(..surplus);
    }

    /// Over the budget, the largest part begins anew (success.md 4).
    fn limit(&mut self, at: Timestamp) {
        let size = |part: &Value| to_json(part).len();
        let mut bytes: usize = self.parts.values().map(size).sum();
        while bytes > MOST_BYTES {
            let largest = self.parts.iter().max_by_key(|(_, part)| size(part));
            let Some((key, part)) = largest.map(|(key, part)| (key.clone(), size(part))) else { return };
            bytes -= part;
            self.parts.remove(&key);
            self.limited.insert(key, at);
        }
    }
}

impl Live {
    fn push(&mut self, plan: &Plan, event: usize, noted: &Noted) {
        let today = day(noted.ts.0, plan.definition.offset_min);
        if today > self.today {
            self.before_today = self.all.clone();
            self.today = today;
        }
        noted.observed(plan, event, &mut |observed| plan.observe(&mut self.all, observed, &mut Faults::default()));
    }
}

impl Noted {
    /// Nothing if its body carries no properties that can be asked for.
    fn of(plan: &Plan, record: &Record) -> Option<Self> {
        let (event, all) = record.body.fact()?;
        let asked = |name: &&String| all.get(*name).is_some_and(|value| !value.is_null());
        let names = plan.definition.properties.iter().filter(asked);
        let properties = names.filter_map(|name| Some((name.clone(), all.get(name)?.clone()))).collect();
        Some(Self {
            id: record.id,
            ts: record.ts,
            offset: record.offset_min,
            event: event.to_owned(),
            session: record.session,
            properties,
        })
    }

    pub(super) fn observed(&self, plan: &Plan, event: usize, with: &mut dyn FnMut(&Observed<'_>)) {
        let names = &plan.definition.properties;
        let scalar = |name: &String| self.properties.get(name).map_or(Scalar::Absent, Scalar::of);
        let properties: Vec<Scalar<'_>> = names.iter().map(scalar).listed();
        let session = self.session.map(|session| session.to_string());
        with(&Observed {
            event,
            ts: self.ts.0,
            offset_min: self.offset,
            session: session.as_deref(),
            properties: &properties,
        });
    }
}

#[cfg(test)]
mod tests;
