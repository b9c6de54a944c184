//! What conditions count (engine.md 3.2, 3.3): rolling rings of the newest matching events, kept for each profile.
//!
//! The definitions stand in the journal, in `$playbook_installed`, so that folding needs no playbook.

use std::sync::Arc;

use crate::condition::{self, Condition, Keep, Reading};
use crate::table::Table;
use crate::time::{Span, Timestamp};
use crate::wire::{At, Read, Write, wire};
use crate::{Properties, Value};

/// How many entries a sum keeps.
const MOST: u32 = 1_000;

wire! {
    /// What is counted: the events of one name for which a condition holds.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Counter {
        /// Names the definition: a hash of event, condition and property.
        pub key: String,
        /// The event.
        pub event: String,
        /// The condition on its properties.
        pub filter as "where": Filter => Filter::default(),
        /// The property that is summed; otherwise events are counted.
        pub sum: Option<String>,
        /// How many of the newest are kept.
        pub newest: u32,
        /// The longest window that is asked for.
        pub within: Span,
    }

    /// The newest events that one counter saw.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Ring {
        /// Every event from here on was seen.
        pub complete_since: Timestamp,
        /// The newest, by time.
        pub entries: Vec<Entry> => Vec::new(),
        /// How many it can hold.
        pub newest: u32,
    }

    /// One event in a ring.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Entry {
        /// When.
        pub at: Timestamp,
        /// The property that is summed.
        pub value: Option<f64>,
    }
}

impl Counter {
    /// What a condition asks for, as the journal keeps it.
    pub(crate) fn of(asked: condition::Counter) -> Self {
        let (sum, newest) = match asked.keep {
            Keep::Count { newest } => (None, newest),
            Keep::Sum { property } => (Some(property), MOST),
        };
        let filter = Filter::new(asked.filter_source, asked.filter);
        Self { key: asked.key, event: asked.event, filter, sum, newest, within: asked.within }
    }
}

/// A condition on an event's properties that is kept as it was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    source: Value,
    /// Shared: what holds a filter is copied with the state, and conditions are long.
    condition: Arc<Condition>,
}

impl Filter {
    pub(crate) fn new(source: Value, condition: Option<Condition>) -> Self {
        Self { source, condition: condition.map(Arc::new).unwrap_or_default() }
    }

    pub(crate) fn holds(&self, properties: &Properties) -> bool {
        self.condition.holds(properties)
    }
}

impl crate::wire::Blank for Filter {
    fn is_blank(&self) -> bool {
        self.source.is_null()
    }
}

impl Read for Filter {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        let Some(source) = value.filter(|value| !value.is_null()) else { return Self::default() };
        match Condition::compile(source, "") {
            Ok(condition) => Self { source: source.clone(), condition: Arc::new(condition) },
            Err(errors) => {
                for error in errors {
                    at.fault(&error.message);
                }
                Self::default()
            }
        }
    }
}

impl Write for Filter {
    fn write(&self, to: &mut String) {
        self.source.write(to);
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Filter {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Filter".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "A condition.", "type": "object" })
    }
}

impl Ring {
    pub(crate) fn starting(at: Timestamp, newest: u32) -> Self {
        Self { complete_since: at, entries: Vec::new(), newest }
    }

    pub(crate) fn add(&mut self, at: Timestamp, value: Option<f64>) {
        let place = self.entries.partition_point(|entry| entry.at <= at);
        self.entries.insert(place, Entry { at, value });
        if self.entries.len() > self.newest as usize {
            self.entries.remove(0);
        }
    }

    /// The same ring for a definition that keeps another number. One that was full knows nothing before its oldest.
    pub(crate) fn resized(mut self, newest: u32) -> Self {
        if newest > self.newest && self.entries.len() >= self.newest as usize {
            self.complete_since =
                self.complete_since.max(self.entries.first().map_or(self.complete_since, |one| one.at));
        }
        let surplus = self.entries.len().saturating_sub(newest as usize);
        self.entries.drain(..surplus);
        self.newest = newest;
        self
    }

    /// What happened within the last `within`: a thing at t is in iff now - t < within (engine.md 1.10).
    pub(crate) fn read(&self, now: Timestamp, within: Span) -> Reading {
        let mut reading = Reading { complete: true, ..Reading::default() };
        for entry in &self.entries {
            if now.since(entry.at) < within {
                reading.count += 1;
                reading.sum += entry.value.unwrap_or_default();
                reading.newest = reading.newest.max(Some(entry.at));
            }
        }
        // More than it holds may lie in the window.
        reading.overflowed = reading.count >= self.newest;
        if now.since(self.complete_since) < within {
            reading.complete = false;
            reading.complete_at = Some(self.complete_since.plus(within));
        }
        reading
    }

    pub(crate) fn step_back(&mut self, to: Timestamp) {
        self.complete_since = self.complete_since.min(to);
        for entry in &mut self.entries {
            entry.at = entry.at.min(to);
        }
    }
}

/// Counts one event in the rings of a profile. Counters stand in the order of their events.
pub(crate) fn count(
    counters: &[Counter],
    rings: &mut Table<String, Ring>,
    created: Timestamp,
    event: &str,
    properties: &Properties,
    at: Timestamp,
) {
    let first = counters.partition_point(|counter| counter.event.as_str() < event);
    for counter in counters.iter().skip(first) {
        if counter.event != event {
            break;
        }
        if !counter.filter.holds(properties) {
            continue;
        }
        let value = counter.sum.as_ref().map(|name| properties.get(name).and_then(Value::as_f64));
        if value != Some(None) {
            ring(rings, counter, created).add(at, value.flatten());
        }
    }
}

/// The ring of a counter; a profile that is newer than the definition has seen everything since it was made.
fn ring<'a>(rings: &'a mut Table<String, Ring>, counter: &Counter, created: Timestamp) -> &'a mut Ring {
    let fresh = !rings.contains_key(&counter.key);
    let ring = rings.entry(counter.key.as_str());
    if fresh {
        *ring = Ring::starting(created, counter.newest);
    }
    ring
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ring(newest: u32, since: i64, at: &[i64]) -> Ring {
        let mut ring = Ring::starting(Timestamp(since), newest);
        for at in at {
            ring.add(Timestamp(*at), Some(1.5));
        }
        ring
    }

    #[test]
    fn an_event_leaves_the_window_at_its_edge() {
        let ring = ring(3, 0, &[1_000]);
        assert_eq!(ring.read(Timestamp(1_099), Span(100)).count, 1);
        assert_eq!(ring.read(Timestamp(1_100), Span(100)).count, 0);
    }

    #[test]
    fn a_window_is_complete_once_the_ring_has_seen_all_of_it() {
        let ring = ring(3, 1_000, &[1_010]);
        let reading = ring.read(Timestamp(1_099), Span(100));
        assert_eq!((reading.complete, reading.complete_at), (false, Some(Timestamp(1_100))));
        assert!(ring.read(Timestamp(1_100), Span(100)).complete);
    }

    #[test]
    fn a_full_ring_knows_only_that_there_were_at_least_so_many() {
        let ring = ring(2, 0, &[1_000, 1_010, 1_020]);
        let reading = ring.read(Timestamp(1_030), Span(100));
        assert_eq!((reading.count, reading.overflowed, reading.sum), (2, true, 3.0));
        assert_eq!(reading.newest, Some(Timestamp(1_020)));
        assert!(!ring.read(Timestamp(1_115), Span(100)).overflowed, "the oldest left the window: the rest is known");
    }

    #[test]
    fn a_ring_that_grows_after_it_was_full_starts_at_its_oldest() {
        assert_eq!(ring(2, 0, &[5, 6, 7]).resized(4).complete_since, Timestamp(6));
        assert_eq!(ring(2, 0, &[5]).resized(4).complete_since, Timestamp(0), "it was not full: nothing was lost");
        assert_eq!(ring(3, 0, &[5, 6, 7]).resized(1).entries.len(), 1);
        assert_eq!(ring(2, 0, &[5, 6, 7]).resized(2), ring(2, 0, &[5, 6, 7]), "as many as before: nothing changes");
    }

    #[test]
    fn what_lies_ahead_of_a_clock_that_was_set_back_is_now() {
        let mut ring = ring(3, 400, &[90, 500]);
        ring.step_back(Timestamp(100));
        let reading = ring.read(Timestamp(109), Span(10));
        assert_eq!(
            (reading.count, reading.newest, reading.complete_at),
            (1, Some(Timestamp(100)), Some(Timestamp(110)))
        );
    }

    #[test]
    fn each_event_is_counted_by_its_own_counters() {
        let counter = |key: &str, event: &str| Counter {
            key: key.into(),
            event: event.into(),
            filter: Filter::default(),
            sum: None,
            newest: 10,
            within: Span(100),
        };
        let counters = [counter("1", "a"), counter("2", "b"), counter("3", "b"), counter("4", "c")];
        let mut rings = Table::new();
        for event in ["b", "c", "b", "d"] {
            count(&counters, &mut rings, Timestamp(1), event, &Properties::new(), Timestamp(9));
        }
        let counted: Vec<_> = rings.iter().map(|(key, ring)| (key.as_str(), ring.entries.len())).collect();
        assert_eq!(counted, [("2", 2), ("3", 2), ("4", 1)]);
        assert!(rings.values().all(|ring| ring.complete_since == Timestamp(1)));
    }

    #[test]
    fn a_counter_is_written_with_its_condition_where_it_has_one() {
        let json = r#"{"key":"k","event":"e","where":{"paid":true},"newest":2,"within":100}"#;
        for json in [json, &json.replace(r#""where":{"paid":true},"#, "")] {
            let counter: Counter = crate::wire::read(&crate::json::parse(json).unwrap(), "").unwrap();
            assert_eq!(crate::wire::to_json(&counter), json);
        }
    }

    #[test]
    fn only_events_for_which_the_condition_holds_count_and_sums_need_a_number() {
        let filter = json!({"paid": true});
        let counter = Counter {
            key: "k".into(),
            event: "order".into(),
            filter: Filter::new(filter.clone(), Condition::compile(&filter, "w").ok()),
            sum: Some("minor".into()),
            newest: 10,
            within: Span(100),
        };
        let mut rings = Table::new();
        for properties in [json!({"paid": true, "minor": 5}), json!({"paid": false, "minor": 7}), json!({"paid": true})]
        {
            count(
                std::slice::from_ref(&counter),
                &mut rings,
                Timestamp(1),
                "order",
                properties.as_object().unwrap(),
                Timestamp(9),
            );
        }
        count(&[counter], &mut rings, Timestamp(1), "other", &Properties::new(), Timestamp(9));
        let reading = rings.get("k").unwrap().read(Timestamp(10), Span(5));
        assert_eq!((reading.count, reading.sum), (1, 5.0));
    }
}
