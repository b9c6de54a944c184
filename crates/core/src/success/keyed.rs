//! Keys of one person with a whole number each: when a key was seen last, or who waits for it.

use super::person::Key;

/// How many entries the short list may have, whatever the long one.
const FRESH: usize = 64;

/// Keys to whole numbers, in the order of the keys.
///
/// Two sorted lists: what is new goes into the short one, which is merged into the long one once it is longer than eight times
/// the root of that one's length. So a new key moves few entries, merging is rare, and a page does not carry a map of trees
/// for it (docs/decisions/0004).
#[derive(Clone, Debug, Default)]
pub(super) struct Keyed {
    long: Vec<(Key, i64)>,
    short: Vec<(Key, i64)>,
}

fn place(list: &[(Key, i64)], key: Key) -> Result<usize, usize> {
    list.binary_search_by(|(known, _)| known.cmp(&key))
}

impl Keyed {
    pub(super) fn get(&self, key: Key) -> Option<i64> {
        let found = |list: &[(Key, i64)]| list.get(place(list, key).ok()?).map(|(_, number)| *number);
        found(&self.short).or_else(|| found(&self.long))
    }

    /// Sets the number of a key, and gives the one before it.
    pub(super) fn set(&mut self, key: Key, number: i64) -> Option<i64> {
        for list in [&mut self.long, &mut self.short] {
            if let Some((_, known)) = place(list, key).ok().and_then(|place| list.get_mut(place)) {
                return Some(std::mem::replace(known, number));
            }
        }
        let newest = |list: &[(Key, i64)]| list.last().is_none_or(|(last, _)| *last < key);
        if self.short.is_empty() && newest(&self.long) {
            self.long.push((key, number));
        } else {
            let place = self.short.partition_point(|(known, _)| *known < key);
            self.short.insert(place, (key, number));
            if self.short.len() > FRESH && self.short.len() * self.short.len() > self.long.len() * 64 {
                self.entries();
            }
        }
        None
    }

    /// All entries, in the order of the keys.
    pub(super) fn entries(&mut self) -> &mut Vec<(Key, i64)> {
        if !self.short.is_empty() {
            self.long.append(&mut self.short);
            self.long.sort_unstable();
        }
        &mut self.long
    }

    /// Drops the keys whose numbers do not hold.
    pub(super) fn retain(&mut self, holds: impl Fn(i64) -> bool) {
        self.entries().retain(|(_, number)| holds(*number));
    }

    /// The numbers, in no order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = i64> {
        self.long.iter().chain(&self.short).map(|(_, number)| *number)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.long.is_empty() && self.short.is_empty()
    }
}

impl PartialEq for Keyed {
    fn eq(&self, other: &Self) -> bool {
        let all = |keyed: &Self| std::mem::take(keyed.clone().entries());
        self.long.len() + self.short.len() == other.long.len() + other.short.len() && all(self) == all(other)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map(steps in proptest::collection::vec((0..40u8, 0..3_000u32, any::<i64>()), 0..3_000)) {
            let (mut keyed, mut map) = (Keyed::default(), BTreeMap::new());
            for (step, key, number) in steps {
                // Spread, and some in order.
                let key = Key::from(key) << if key % 2 == 0 { 100 } else { 0 };
                match step {
                    0 => {
                        keyed.retain(|known| known < number);
                        map.retain(|_, known| *known < number);
                    }
                    1 => prop_assert!(keyed.clone().entries().iter().copied().eq(map.clone())),
                    _ => prop_assert_eq!(keyed.set(key, number), map.insert(key, number)),
                }
                prop_assert_eq!(keyed.get(key), map.get(&key).copied());
                prop_assert_eq!(keyed.is_empty(), map.is_empty());
            }
            let mut numbers: Vec<i64> = keyed.numbers().collect();
            let mut wanted: Vec<i64> = map.values().copied().collect();
            numbers.sort_unstable();
            wanted.sort_unstable();
            prop_assert_eq!(numbers, wanted);
            let mut same = Keyed::default();
            for (key, number) in &map {
                same.set(*key, *number);
            }
            prop_assert_eq!(&same, &keyed);
            prop_assert_eq!(&keyed, &same);
            if let Some((key, number)) = map.iter().next() {
                same.set(*key, number.wrapping_add(1));
                prop_assert_ne!(&same, &keyed);
                same.set(*key, *number);
            }
            same.set(Key::MAX, 0);
            prop_assert_ne!(&same, &keyed);
        }
    }
}
