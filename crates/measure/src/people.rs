//! Whose a row is (success.md 3.18), and the rows of each user.

use std::collections::BTreeMap;

use crate::duplicates::Merge;
use crate::keys::{Frozen, Key, NONE};
use crate::row::Row;
use crate::source::Failure;
use crate::store::{Chunk, Dropped, Kept, Rows, Scratch};

/// Who each key stands for.
#[derive(Debug)]
pub(crate) struct Owners {
    of: BTreeMap<Key, Key>,
}

impl Owners {
    /// Each profile is the user of its first merging event.
    pub(crate) fn new(merges: &[Merge], dropped: &Dropped) -> Self {
        let mut first: BTreeMap<Key, &Merge> = BTreeMap::new();
        for merge in merges.iter().filter(|merge| !dropped.has(merge.row)) {
            let known = first.entry(merge.profile).or_insert(merge);
            if (merge.ts, merge.id.as_bytes()) < (known.ts, known.id.as_bytes()) {
                *known = merge;
            }
        }
        Self { of: first.into_iter().map(|(profile, merge)| (profile, merge.user)).collect() }
    }

    /// The user of each profile that has one.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (Key, Key)> {
        self.of.iter().map(|(profile, user)| (*profile, *user))
    }

    fn table(&self, end: usize) -> Vec<Key> {
        let mut table: Vec<Key> = (0..end as u32).collect();
        for (profile, user) in &self.of {
            if let Some(slot) = table.get_mut(*profile as usize) {
                *slot = *user;
            }
        }
        table
    }
}

/// The users who have rows, in an order, and how many rows each has.
#[derive(Debug)]
pub(crate) struct Users {
    /// The key of each.
    pub(crate) keys: Vec<Key>,
    /// For each key the number of its user.
    number: Vec<u32>,
    /// How many rows.
    pub(crate) rows: Vec<u32>,
}

impl Users {
    /// Finds them; `sorted` by kind and text, otherwise in any order.
    pub(crate) fn new(
        rows: &mut Rows,
        dropped: &Dropped,
        owners: &Owners,
        keys: &Frozen,
        sorted: bool,
    ) -> Result<Self, Failure> {
        let mut number = owners.table(keys.end());
        let mut counts = vec![0u32; number.len()];
        rows.each(|first, chunk| {
            for (place, row) in chunk.rows.iter().enumerate() {
                if !dropped.has(first + place)
                    && let Some(count) = number.get(row.who() as usize).and_then(|key| counts.get_mut(*key as usize))
                {
                    *count += 1;
                }
            }
            Ok(())
        })?;
        let there = counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(key, _)| key as Key);
        let mut users: Vec<Key> = there.collect();
        if sorted {
            users.sort_unstable_by(|a, b| (keys.is_user(*a), keys.text(*a)).cmp(&(keys.is_user(*b), keys.text(*b))));
        }
        let mut place_of = vec![NONE; counts.len()];
        for (place, key) in users.iter().enumerate() {
            if let Some(slot) = place_of.get_mut(*key as usize) {
                *slot = place as u32;
            }
        }
        for key in &mut number {
            *key = place_of.get(*key as usize).copied().unwrap_or(NONE);
        }
        let rows = users.iter().map(|key| counts.get(*key as usize).copied().unwrap_or_default()).collect();
        Ok(Self { keys: users, number, rows })
    }

    fn of(&self, row: &Row) -> usize {
        self.number.get(row.who() as usize).copied().unwrap_or(NONE) as usize
    }
}

/// Rows of some users, each user's together.
#[derive(Debug)]
pub(crate) struct Grouped {
    /// The number of the first user.
    pub(crate) first: usize,
    pub(crate) chunks: Vec<Chunk>,
    /// Chunk and row, user by user.
    rows: Vec<(u32, u32)>,
    /// Where each user's rows end.
    ends: Vec<usize>,
}

impl Grouped {
    /// Groups the rows of all chunks, which are those of the users from `first` on.
    fn new(chunks: Vec<Chunk>, dropped: &Dropped, users: &Users, first: usize, end: usize) -> Self {
        let counts = users.rows.get(first..end).unwrap_or_default();
        let mut at: Vec<usize> = Vec::with_capacity(counts.len());
        let mut total = 0;
        for count in counts {
            at.push(total);
            total += *count as usize;
        }
        let mut rows = vec![(0, 0); total];
        let mut number = 0;
        for (chunk, rows_of) in chunks.iter().enumerate() {
            for (place, row) in rows_of.rows.iter().enumerate() {
                number += 1;
                if dropped.has(number - 1) {
                    continue;
                }
                if let Some(next) = users.of(row).checked_sub(first).and_then(|user| at.get_mut(user))
                    && let Some(slot) = rows.get_mut(*next)
                {
                    *slot = (chunk as u32, place as u32);
                    *next += 1;
                }
            }
        }
        Self { first, chunks, rows, ends: at }
    }

    /// How many users.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The rows of a user in their order (success.md 3.1).
    pub(crate) fn rows<'g>(&'g self, user: usize, to: &mut Vec<(&'g Chunk, &'g Row)>) {
        to.clear();
        let start = user.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let end = self.ends.get(user).copied().unwrap_or(start);
        for (chunk, row) in self.rows.get(start..end).unwrap_or_default() {
            if let Some(chunk) = self.chunks.get(*chunk as usize)
                && let Some(row) = chunk.rows.get(*row as usize)
            {
                to.push((chunk, row));
            }
        }
        to.sort_unstable_by(|(a, one), (b, two)| one.ts.cmp(&two.ts).then_with(|| a.id(one).compare(b.id(two))));
    }
}

/// Hands over the rows of all users in groups that fit into so many bytes; in one group where they are in memory.
pub(crate) fn group(
    mut rows: Rows,
    dropped: &Dropped,
    users: &Users,
    budget: usize,
    mut take: impl FnMut(&Grouped) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let all = users.keys.len();
    if !rows.spilled() {
        return take(&Grouped::new(rows.into_chunks(), dropped, users, 0, all));
    }
    let bins = Bins::new(&mut rows, users, budget)?;
    let mut parts: Vec<(Chunk, Vec<Kept>)> = bins.starts.iter().map(|_| Default::default()).collect();
    let mut scratch = Scratch::new()?;
    rows.each(|first, chunk| {
        for (place, row) in chunk.rows.iter().enumerate() {
            if dropped.has(first + place) {
                continue;
            }
            let bin = bins.starts.partition_point(|start| *start <= users.of(row)).saturating_sub(1);
            let Some((part, kept)) = parts.get_mut(bin) else { continue };
            let at = u32::try_from(part.heap.len()).unwrap_or(u32::MAX);
            part.heap.extend_from_slice(bytes_of(chunk, place));
            part.rows.push(Row { at, ..*row });
            if part.size() > bins.part {
                kept.push(scratch.put(&std::mem::take(part))?);
            }
        }
        Ok(())
    })?;
    drop(rows);
    let none = Dropped::default();
    for (bin, (part, kept)) in parts.into_iter().enumerate() {
        let mut chunks = kept.into_iter().map(|kept| scratch.get(kept)).collect::<Result<Vec<_>, _>>()?;
        chunks.push(part);
        let start = bins.starts.get(bin).copied().unwrap_or_default();
        let end = bins.starts.get(bin + 1).copied().unwrap_or(all);
        take(&Grouped::new(chunks, &none, users, start, end))?;
    }
    Ok(())
}

/// The bytes of a row, which end where those of the next begin.
fn bytes_of(chunk: &Chunk, place: usize) -> &[u8] {
    let start = chunk.rows.get(place).map_or(0, |row| row.at as usize);
    let end = chunk.rows.get(place + 1).map_or(chunk.heap.len(), |row| row.at as usize);
    chunk.heap.get(start..end).unwrap_or_default()
}

/// Users in stretches whose rows fit into memory.
struct Bins {
    /// The first user of each.
    starts: Vec<usize>,
    /// How many bytes of a bin are gathered before they are written.
    part: usize,
}

impl Bins {
    fn new(rows: &mut Rows, users: &Users, budget: usize) -> Result<Self, Failure> {
        let mut bytes = 0;
        rows.each(|_, chunk| {
            bytes += chunk.size();
            Ok(())
        })?;
        let a_row = bytes / rows.len().max(1) + 1;
        let (mut starts, mut size) = (vec![0], 0);
        for (user, count) in users.rows.iter().enumerate() {
            let of_user = *count as usize * a_row;
            if size > 0 && size + of_user > budget / 2 {
                starts.push(user);
                size = 0;
            }
            size += of_user;
        }
        let part = (budget / 4 / starts.len()).clamp(64 << 10, 8 << 20);
        Ok(Self { starts, part })
    }
}
