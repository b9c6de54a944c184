//! `$history`: counts, sums and the age of the newest event of a rolling window (engine.md 3.2, 3.3).

use sha2::{Digest, Sha256};

use super::comparison::{Order, Test};
use super::{Condition, Operands, Reading, Truth};
use crate::Value;
use crate::id::hex;
use crate::time::Span;
use crate::wire::{Object, to_json};

/// The most timestamps that a counter keeps (engine.md 3.2).
pub(super) const MOST_KEPT: u32 = 1_000;

/// A rolling ring over the events of one name, shared by every condition that asks for the same.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counter {
    /// Hex of the first 16 bytes of SHA-256 of what it counts: a counter that a new playbook has too goes on.
    pub(crate) key: String,
    /// The event.
    pub(crate) event: String,
    /// Which of them; all, if nothing is said.
    pub(crate) filter: Option<Condition>,
    /// The same as authored.
    pub(crate) filter_source: Value,
    pub(crate) keep: Keep,
    /// The largest window that is asked for.
    pub(crate) within: Span,
}

/// What a counter keeps of each event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Keep {
    /// The instants of the newest.
    Count {
        /// How many, 1 to 1,000.
        newest: u32,
    },
    /// The instants of the newest 1,000, with the value of a property.
    Sum {
        /// The property.
        property: String,
    },
}

impl Counter {
    pub(super) fn new(
        event: String,
        filter: Option<Condition>,
        filter_source: Value,
        keep: Keep,
        within: Span,
    ) -> Self {
        let mut what = Object::new();
        what.insert("event".to_owned(), Value::from(event.as_str()));
        if !filter_source.is_null() {
            what.insert("where".to_owned(), filter_source.clone());
        }
        if let Keep::Sum { property } = &keep {
            what.insert("sum".to_owned(), Value::from(property.as_str()));
        }
        let digest = Sha256::digest(to_json(&what).as_bytes());
        let key = hex(digest.get(..16).unwrap_or_default());
        Self { key, event, filter, filter_source, keep, within }
    }
}

/// Adds a counter, or widens the one that counts the same; answers with its slot.
pub(super) fn share(counters: &mut Vec<Counter>, counter: Counter) -> usize {
    for (slot, known) in counters.iter_mut().enumerate() {
        if known.key == counter.key {
            known.within = known.within.max(counter.within);
            if let (Keep::Count { newest }, Keep::Count { newest: needed }) = (&mut known.keep, &counter.keep) {
                *newest = (*newest).max(*needed);
            }
            return slot;
        }
    }
    counters.push(counter);
    counters.len() - 1
}

/// A test on a counter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct History {
    pub(super) slot: usize,
    pub(super) event: String,
    pub(super) within: Span,
    pub(super) of: Of,
    pub(super) test: Test,
}

/// What of a counter is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Count,
    /// The age of the newest event in milliseconds; missing if there is none.
    Last,
    Sum,
}

impl History {
    pub(super) fn name(&self) -> String {
        ["$history.", &self.event].concat()
    }

    pub(super) fn truth(&self, operands: &dyn Operands) -> Truth {
        let reading = operands.history(self.slot, self.within);
        let seen = self.value(&reading, operands);
        let open = Truth::Unknown { complete_at: reading.complete_at };
        match self.of {
            Of::Count if !reading.complete => at_least(&self.test, reading.count, open),
            // It is the newest, whatever lies further back.
            Of::Last if !reading.complete && seen.is_none() => open,
            // A sum may fall again, so that no comparison is settled early.
            Of::Sum if !reading.complete || reading.overflowed => open,
            _ => self.test.holds(seen.as_ref()).into(),
        }
    }

    pub(super) fn seen(&self, operands: &dyn Operands) -> Option<Value> {
        self.value(&operands.history(self.slot, self.within), operands)
    }

    fn value(&self, reading: &Reading, operands: &dyn Operands) -> Option<Value> {
        match self.of {
            Of::Count => Some(reading.count.into()),
            Of::Sum => Some(reading.sum.into()),
            Of::Last => {
                let age = operands.now_ms().since(reading.newest?);
                (age < self.within).then(|| age.0.max(0).into())
            }
        }
    }
}

/// What a test says of a count that can only be too low: only a lower bound that is reached already is known.
fn at_least(test: &Test, count: u32, open: Truth) -> Truth {
    match test {
        Test::All(tests) => {
            let mut all = Truth::True;
            for test in tests {
                all = all.and(at_least(test, count, open));
            }
            all
        }
        Test::Not(test) => at_least(test, count, open).not(),
        Test::NumberIs(Order::Greater | Order::GreaterOrEqual, _) if test.holds(Some(&count.into())) => Truth::True,
        _ => open,
    }
}
