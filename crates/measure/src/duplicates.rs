//! One row of each id, whoever's it is; of conflicting ones the least (success.md 3.3).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;
use hashbrown::HashSet;
use rayon::slice::ParallelSliceMut;

use crate::draft::Draft;
use crate::jcs;
use crate::keys::{Frozen, Key};
use crate::progress::Silent;
use crate::reason::{Place, Reason};
use crate::row::Row;
use crate::source::{Failure, Input, Sink, Spec};
use crate::store::{Dropped, Rows};

/// What is found in a first walk over all rows.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Hashes that more than one row's id has.
    twice: HashSet<u64, RandomState>,
    /// Rows by which a profile gets a user.
    pub(crate) merges: Vec<Merge>,
}

/// A row by which a profile gets a user.
#[derive(Clone, Debug)]
pub(crate) struct Merge {
    pub(crate) row: usize,
    pub(crate) ts: i64,
    pub(crate) id: String,
    pub(crate) profile: Key,
    pub(crate) user: Key,
}

/// Looks for ids that may be there twice.
pub(crate) fn find(rows: &mut Rows) -> Result<Found, Failure> {
    let mut found = Found::default();
    let mut hashes = Vec::with_capacity(rows.len());
    rows.each(|first, chunk| {
        for (place, row) in chunk.rows.iter().enumerate() {
            hashes.push(row.hash);
            if row.merges && row.user != crate::keys::NONE && row.profile != crate::keys::NONE {
                let id = chunk.id(row).as_str(&mut [0; 36]).to_owned();
                found.merges.push(Merge { row: first + place, ts: row.ts, id, profile: row.profile, user: row.user });
            }
        }
        Ok(())
    })?;
    hashes.par_sort_unstable();
    found.twice =
        hashes.windows(2).filter_map(|pair| matches!(pair, [a, b] if a == b).then(|| pair.first().copied())?).collect();
    Ok(found)
}

/// A row whose id may be there twice.
struct Candidate {
    number: usize,
    row: Row,
    id: String,
    session: String,
}

/// Decides which rows of the same id are left out.
pub(crate) fn resolve(
    rows: &mut Rows,
    found: &Found,
    keys: &Frozen,
    read_again: impl Fn(BTreeSet<Place>) -> Result<Again, Failure>,
    mut leave_out: impl FnMut(Reason, Place),
) -> Result<Dropped, Failure> {
    let mut dropped = Dropped::default();
    if found.twice.is_empty() {
        return Ok(dropped);
    }
    let mut candidates = Vec::new();
    rows.each(|first, chunk| {
        for (place, row) in chunk.rows.iter().enumerate().filter(|(_, row)| found.twice.contains(&row.hash)) {
            let mut bytes = chunk.bytes(row);
            let mut text = || bytes.text().map(|text| text.as_str(&mut [0; 36]).to_owned()).unwrap_or_default();
            candidates.push(Candidate { number: first + place, row: *row, id: text(), session: text() });
        }
        Ok(())
    })?;
    candidates.par_sort_unstable_by(|a, b| (a.row.hash, &a.id, a.number).cmp(&(b.row.hash, &b.id, b.number)));
    let groups: Vec<&[Candidate]> = candidates.chunk_by(|a, b| a.id == b.id).filter(|group| group.len() > 1).collect();
    let early = |candidate: &Candidate| (candidate.row.ts, keys.text(candidate.row.event));
    // Where the instant and the event do not decide, and the bytes differ, properties and profiles are read again.
    let mut unclear = BTreeSet::new();
    for group in &groups {
        let Some(least) = group.iter().map(early).min() else { continue };
        let tied: Vec<&Candidate> = group.iter().filter(|candidate| early(candidate) == least).collect();
        if tied.windows(2).any(|pair| matches!(pair, [a, b] if a.row.payload != b.row.payload)) {
            unclear.extend(tied.iter().map(|candidate| candidate.row.place()));
        }
    }
    let again = if unclear.is_empty() { Again::new() } else { read_again(unclear)? };
    let order = |candidate: &Candidate| {
        let Row { ts, event, user, offset, .. } = candidate.row;
        // Where nothing was read again, both are alike. A text that is absent is empty here, and none that is there is.
        let (properties, profile) =
            again.get(&candidate.row.place()).map_or(("", ""), |(a, b)| (a.as_str(), b.as_str()));
        (ts, keys.text(event), properties, keys.text(user), profile, offset, candidate.session.clone())
    };
    for group in groups {
        let Some(least) = group.iter().min_by(|a, b| order(a).cmp(&order(b))) else { continue };
        let kept = order(least);
        for candidate in group.iter().filter(|candidate| candidate.number != least.number) {
            dropped.add(candidate.number);
            let same = order(candidate) == kept
                && (candidate.row.payload == least.row.payload || again.contains_key(&candidate.row.place()));
            leave_out(if same { Reason::DuplicateId } else { Reason::DuplicateConflict }, candidate.row.place());
        }
    }
    Ok(dropped)
}

/// What was read again of a row: its canonical properties, and its profile.
pub(crate) type Again = BTreeMap<Place, (String, String)>;

/// Reads some rows again.
pub(crate) fn read_again(inputs: &[Input], spec: Option<&Spec>, wanted: &BTreeSet<Place>) -> Result<Again, Failure> {
    let found = Mutex::new(Again::new());
    for input in inputs.iter().filter(|input| wanted.iter().any(|place| place.file == input.number)) {
        let make = || Reading { wanted, found: Again::new() };
        input.read(spec, &Silent, &make, &|reading: Reading<'_>| {
            found.lock().unwrap_or_else(PoisonError::into_inner).extend(reading.found);
            Ok(())
        })?;
    }
    Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner))
}

struct Reading<'w> {
    wanted: &'w BTreeSet<Place>,
    found: Again,
}

impl Sink for Reading<'_> {
    fn take(&mut self, place: Place, row: Result<Draft<'_>, Reason>) {
        if !self.wanted.contains(&place) {
            return;
        }
        if let Ok(row) = row.and_then(Draft::check) {
            let profile = row.profile.map(|profile| profile.into_owned()).unwrap_or_default();
            self.found.insert(place, (jcs::to_string(&row.payload.object()), profile));
        }
    }
}
