//! One user's state as a list of numbers and texts, for a checkpoint: one function for each type both writes and reads it,
//! so that the two cannot differ.

use super::keyed::Keyed;
use super::person::{Anchor, CellState, Closed, Counted, DayCount, FactState, FollowState, Key};
use crate::Value;
use crate::list::Listed as _;

/// A list that is written, or read from its beginning.
pub(super) struct Pack {
    values: Vec<Value>,
    /// The next value to read; nothing while writing.
    next: Option<usize>,
}

/// What can be packed.
pub(super) trait Packed: Default {
    fn pack(&mut self, to: &mut Pack);

    fn written(&mut self) -> Value {
        let mut pack = Pack { values: Vec::new(), next: None };
        self.pack(&mut pack);
        Value::Array(pack.values)
    }

    /// What cannot be read is as if it had not been there.
    fn read(value: &Value) -> Self {
        let mut read = Self::default();
        if let Value::Array(values) = value {
            read.pack(&mut Pack { values: values.clone(), next: Some(0) });
        }
        read
    }
}

impl Pack {
    fn take(&mut self) -> Option<&Value> {
        let next = self.next.as_mut()?;
        *next += 1;
        self.values.get(*next - 1)
    }

    fn int(&mut self, int: &mut i64) {
        if self.next.is_none() {
            self.values.push(Value::from(*int));
        } else {
            *int = self.take().and_then(Value::as_i64).unwrap_or_default();
        }
    }

    fn maybe(&mut self, int: &mut Option<i64>) {
        if self.next.is_none() {
            self.values.push(int.map_or(Value::Null, Value::from));
        } else {
            *int = self.take().and_then(Value::as_i64);
        }
    }

    fn text(&mut self, text: &mut Option<String>) {
        if self.next.is_none() {
            self.values.push(text.as_deref().map_or(Value::Null, Value::from));
        } else {
            *text = self.take().and_then(Value::as_str).map(str::to_owned);
        }
    }

    fn key(&mut self, key: &mut Key) {
        let (mut high, mut low) = ((*key >> 64) as i64, *key as i64);
        self.int(&mut high);
        self.int(&mut low);
        *key = Key::from(high as u64) << 64 | Key::from(low as u64);
    }

    fn list<T: Default>(&mut self, list: &mut Vec<T>, each: impl Fn(&mut T, &mut Self)) {
        let mut length = list.len() as i64;
        self.int(&mut length);
        if let Some(next) = self.next {
            // No list is longer than what is left to read.
            let left = self.values.len().saturating_sub(next);
            list.resize_with(usize::try_from(length).unwrap_or_default().min(left), T::default);
        }
        for item in list {
            each(item, self);
        }
    }

    fn keyed(&mut self, keyed: &mut Keyed) {
        self.list(keyed.entries(), |(key, number), pack| {
            pack.key(key);
            pack.int(number);
        });
        if self.next.is_some() {
            // Whoever wrote it may have had no order.
            keyed.entries().sort_unstable();
            keyed.entries().dedup_by_key(|(key, _)| *key);
        }
    }
}

impl Packed for FactState {
    fn pack(&mut self, to: &mut Pack) {
        to.int(&mut self.count);
        let (mut ts, mut offset) = (self.first.map(|(ts, _)| ts), self.first.map_or(0, |(_, offset)| offset));
        to.maybe(&mut ts);
        to.int(&mut offset);
        self.first = ts.map(|ts| (ts, offset));
        to.keyed(&mut self.keys);
    }
}

impl Packed for CellState {
    fn pack(&mut self, to: &mut Pack) {
        to.maybe(&mut self.overflowed);
        to.list(&mut self.groups, |(name, counted), to| {
            to.text(name);
            counted.pack(to);
        });
    }
}

impl Packed for Counted {
    fn pack(&mut self, to: &mut Pack) {
        let total = &mut self.total;
        for int in [&mut total.count, &mut total.sum, &mut total.first, &mut total.last] {
            to.int(int);
        }
        to.maybe(&mut total.last_day);
        to.list(&mut self.days, |DayCount { day, count, sum }, to| {
            to.int(day);
            to.int(count);
            to.int(sum);
        });
        to.keyed(&mut self.keys);
    }
}

impl Packed for FollowState {
    fn pack(&mut self, to: &mut Pack) {
        to.list(&mut self.closed, |(name, days), to| {
            to.text(name);
            to.list(days, |Closed { day, each, elapsed, reached }, to| {
                to.int(day);
                to.int(each);
                to.int(elapsed);
                to.list(reached, |count, to| to.int(count));
            });
        });
        let mut open: Vec<Anchor> = self.open.drain(..).listed();
        to.list(&mut open, |Anchor { ts, group, waited, before }, to| {
            to.int(ts);
            to.text(group);
            to.maybe(waited);
            to.int(before);
        });
        self.open = open.into();
        to.int(&mut self.base);
        to.int(&mut self.asked);
        to.keyed(&mut self.waiting);
    }
}

#[cfg(test)]
mod tests {
    use super::super::person::Total;
    use super::*;

    fn reads_back<T: Packed + Clone + PartialEq + std::fmt::Debug>(state: &T) {
        let written = state.clone().written();
        assert_eq!(T::read(&written), *state);
        // What is cut off is as if it had not been there, and nothing panics.
        let Value::Array(values) = written else { panic!("a list") };
        for length in 0..values.len() {
            T::read(&Value::Array(values.iter().take(length).cloned().collect()));
        }
        T::read(&Value::Array(vec![Value::from(i64::MAX); values.len()]));
        assert_eq!(T::read(&Value::from("nothing")), T::default());
    }

    #[test]
    fn every_part_reads_back() {
        let keyed = |entries: &[(Key, i64)]| {
            let mut keyed = Keyed::default();
            for (key, number) in entries {
                keyed.set(*key, *number);
            }
            keyed
        };
        let keys = || keyed(&[(0, 1), (Key::MAX, i64::MIN), (1 << 127, i64::MAX), (u128::from(u64::MAX), 0)]);
        for first in [None, Some((0, -300))] {
            reads_back(&FactState { count: 7, first, keys: keys() });
        }
        let counted = Counted {
            total: Total { count: 1, sum: -2, first: 3, last: 4, last_day: None },
            days: vec![DayCount { day: 20_000, count: 5, sum: -6 }, DayCount { day: 20_001, count: 7, sum: 8 }],
            keys: keys(),
        };
        let empty = Counted { total: Total { last_day: Some(-1), ..Total::default() }, ..Counted::default() };
        let groups = vec![(None, counted), (Some(String::new()), empty), (Some("é".into()), Counted::default())];
        for overflowed in [None, Some(0), Some(20_001)] {
            reads_back(&CellState { groups: groups.clone(), overflowed });
        }
        let closed = Closed { day: 20_000, each: 3, elapsed: 99, reached: vec![1, 0, 2] };
        let anchor =
            |waited, group: Option<&str>| Anchor { ts: 5, group: group.map(str::to_owned), waited, before: -1 };
        reads_back(&FollowState {
            closed: vec![(None, vec![closed.clone()]), (Some("email".into()), vec![closed, Closed::default()])],
            open: [anchor(None, None), anchor(Some(0), Some("email")), anchor(Some(7), Some(""))].into(),
            base: 12,
            asked: 14,
            waiting: keyed(&[(Key::MAX, 14), (3, 13)]),
        });
    }
}
