//! Texts that many rows share, each kept once: users, profiles, names of events.

use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// A text that is kept.
pub(crate) type Key = u32;
/// No text.
pub(crate) const NONE: Key = u32::MAX;

/// What a text is; the same text of two kinds is two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    User = b'u',
    Profile = b'p',
    Event = b'e',
}

const SHARDS: usize = 64;

#[derive(Debug, Default)]
struct Shard {
    places: HashTable<u32>,
    /// Kind and text, one after the other.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Shard {
    fn text(&self, place: usize) -> &[u8] {
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let end = self.ends.get(place).copied().unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default()
    }
}

/// Texts, added from any thread.
#[derive(Debug)]
pub(crate) struct Keys {
    state: RandomState,
    shards: Vec<Mutex<Shard>>,
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Keys {
    fn default() -> Self {
        Self { state: RandomState::default(), shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl Keys {
    /// The key of a text.
    pub(crate) fn intern(&self, kind: Kind, text: &str) -> Key {
        let hash = self.state.hash_one((kind as u8, text));
        let number = hash as usize % SHARDS;
        let Some(shard) = self.shards.get(number) else { return NONE };
        let mut shard = lock(shard);
        let same = |place: &u32| matches!(shard.text(*place as usize), [of, known @ ..] if *of == kind as u8 && known == text.as_bytes());
        if let Some(place) = shard.places.find(hash, same) {
            return *place * SHARDS as u32 + number as u32;
        }
        let place = shard.ends.len() as u32;
        shard.bytes.push(kind as u8);
        shard.bytes.extend_from_slice(text.as_bytes());
        let end = shard.bytes.len();
        shard.ends.push(end);
        let Shard { places, bytes, ends } = &mut *shard;
        places.insert_unique(hash, place, |place| {
            let place = *place as usize;
            let start = place.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or_default();
            match bytes.get(start..ends.get(place).copied().unwrap_or(start)) {
                Some([kind, text @ ..]) => self.state.hash_one((*kind, std::str::from_utf8(text).unwrap_or_default())),
                _ => 0,
            }
        });
        place * SHARDS as u32 + number as u32
    }

    /// No more are added from here on.
    pub(crate) fn freeze(self) -> Frozen {
        let shards = self.shards.into_iter().map(|shard| {
            let mut shard = shard.into_inner().unwrap_or_else(PoisonError::into_inner);
            shard.places = HashTable::new();
            shard
        });
        Frozen { shards: shards.collect() }
    }
}

/// Texts that can be read.
#[derive(Debug)]
pub(crate) struct Frozen {
    shards: Vec<Shard>,
}

impl Frozen {
    fn bytes(&self, key: Key) -> &[u8] {
        let (place, number) = (key as usize / SHARDS, key as usize % SHARDS);
        self.shards.get(number).map_or(&[], |shard| shard.text(place))
    }

    /// The text; empty for none.
    pub(crate) fn text(&self, key: Key) -> &str {
        if key == NONE {
            return "";
        }
        self.bytes(key).get(1..).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }

    /// Whether it is a user's.
    pub(crate) fn is_user(&self, key: Key) -> bool {
        self.bytes(key).first() == Some(&(Kind::User as u8))
    }

    /// One more than the largest key.
    pub(crate) fn end(&self) -> usize {
        self.shards.iter().map(|shard| shard.ends.len()).max().unwrap_or_default() * SHARDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_key_for_each_kind() {
        let keys = Keys::default();
        let all: Vec<(Kind, String, Key)> = (0..5_000)
            .flat_map(|number| [(Kind::User, number), (Kind::Profile, number)])
            .map(|(kind, number)| (kind, format!("é{number}"), keys.intern(kind, &format!("é{number}"))))
            .collect();
        for (kind, text, key) in &all {
            assert_eq!(keys.intern(*kind, text), *key);
        }
        let frozen = keys.freeze();
        for (kind, text, key) in &all {
            assert_eq!((frozen.text(*key), frozen.is_user(*key)), (text.as_str(), *kind == Kind::User));
            assert!((*key as usize) < frozen.end());
        }
        let distinct: std::collections::BTreeSet<Key> = all.iter().map(|(.., key)| *key).collect();
        assert_eq!(distinct.len(), 10_000);
    }
}
