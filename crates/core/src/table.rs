//! A map in one sorted list.
//!
//! The engine has a dozen maps of different types, most of them short. `BTreeMap` is made anew for each and took 130 KB
//! of the web module; this takes a tenth (docs/decisions/0002). Looking up is a binary search, adding moves what comes
//! after.

use std::borrow::Borrow;

use crate::Value;
use crate::wire::{At, Read, Write, fields, object};

/// Keys to values, in the order of the keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Table<K, V> {
    entries: Vec<(K, V)>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> Table<K, V> {
    /// An empty table.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// How many entries it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The entries, their values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values, in the order of the keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// The values, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }
}

impl<K: Ord, V> Table<K, V> {
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.entries.binary_search_by(|(known, _)| known.borrow().cmp(key))
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(self.place(key).ok()?).map(|(_, value)| value)
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        self.entries.get_mut(place).map(|(_, value)| value)
    }

    /// Whether a key is there.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: K, value: V) {
        match self.place(&key) {
            Ok(place) => {
                if let Some(entry) = self.entries.get_mut(place) {
                    entry.1 = value;
                }
            }
            Err(place) => self.entries.insert(place, (key, value)),
        }
    }

    /// Removes a key.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if let Ok(place) = self.place(key) {
            self.entries.remove(place);
        }
    }
}

impl<K: Ord + Clone, V: Default> Table<K, V> {
    /// The value of a key, made if it is not there.
    pub fn entry<Q: Ord + ?Sized + ToOwned<Owned = K>>(&mut self, key: &Q) -> &mut V
    where
        K: Borrow<Q>,
    {
        let place = match self.place(key) {
            Ok(place) => place,
            Err(place) => {
                self.entries.insert(place, (key.to_owned(), V::default()));
                place
            }
        };
        // The place was just found or filled.
        #[allow(clippy::indexing_slicing)]
        &mut self.entries[place].1
    }
}

impl<K, V> IntoIterator for Table<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

/// A key of a table that stands in a document.
pub(crate) trait Key: Ord + Sized {
    fn from_text(text: &str) -> Option<Self>;
    fn put(&self, to: &mut String);
}

impl Key for String {
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn put(&self, to: &mut String) {
        self.write(to);
    }
}

impl<K, V> crate::wire::Blank for Table<K, V> {
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl<K: Key, V: Read> Read for Table<K, V> {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        let mut table = Self::new();
        // Names come in order, so this adds at the end.
        each_field(value, at, &mut |name, value, at| match K::from_text(name) {
            Some(key) => table.insert(key, V::read(Some(value), at)),
            None => at.fault("this is no key"),
        });
        table
    }
}

/// One for tables of every type.
fn each_field(value: Option<&Value>, at: &At<'_>, read: &mut dyn FnMut(&str, &Value, &At<'_>)) {
    for (name, value) in fields(object(value, at)) {
        read(name, value, &at.field(name));
    }
}

impl<K: Key, V: Write> Write for Table<K, V> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn write(&self, to: &mut String) {
        to.push('{');
        for (key, value) in &self.entries {
            if !to.ends_with('{') {
                to.push(',');
            }
            key.put(to);
            to.push(':');
            value.write(to);
        }
        to.push('}');
    }
}

#[cfg(feature = "schema")]
impl<K, V: schemars::JsonSchema> schemars::JsonSchema for Table<K, V> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Table_of_{}", V::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = generator.subschema_for::<V>();
        schemars::json_schema!({ "type": "object", "additionalProperties": value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn a_table_is_a_map(steps in proptest::collection::vec((0..3u8, 0..20u32, any::<u8>()), 0..200)) {
            let (mut table, mut map) = (Table::new(), BTreeMap::new());
            for (step, key, value) in steps {
                match step {
                    0 => { table.insert(key, value); map.insert(key, value); }
                    1 => { table.remove(&key); map.remove(&key); }
                    _ => { *table.entry(&key) = value; *map.entry(key).or_default() = value; }
                }
                prop_assert_eq!(table.get(&key), map.get(&key));
                prop_assert_eq!(table.contains_key(&key), map.contains_key(&key));
            }
            prop_assert!(table.iter().eq(map.iter()));
            prop_assert_eq!(table.keys().count(), table.len());
            prop_assert_eq!(crate::wire::Blank::is_blank(&table), map.is_empty());
        }
    }
}
