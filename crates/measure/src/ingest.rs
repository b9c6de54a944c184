//! Rows as they come, into chunks: what cannot count is counted by its reason (success.md 3.2, up to the ids).

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use hearken_core::success::{Plan, Scalar};

use crate::cell::Cell;
use crate::draft::{Draft, Good};
use crate::keys::{Keys, Kind, NONE};
use crate::reason::{Place, Reason, Skipped};
use crate::row::{Row, UNASKED, put_id, put_scalars};
use crate::source::{Failure, Input, Sink, Spec};
use crate::store::{Chunk, Store};

/// The event that gives a profile its user (success.md 3.18).
const IDENTIFY: &str = "$identify";

/// What every block of rows is read with.
#[derive(Debug)]
pub(crate) struct Ingest {
    pub(crate) keys: Keys,
    pub(crate) store: Store,
    asked: HashMap<String, u16, RandomState>,
    properties: HashMap<String, usize, RandomState>,
    hash: RandomState,
    as_of: i64,
    history_from: Option<i64>,
    counts: Mutex<(u64, Skipped)>,
}

impl Ingest {
    pub(crate) fn new(plan: &Plan, as_of: i64, history_from: Option<i64>, budget: usize) -> Self {
        let asked = plan.events().iter().enumerate();
        let properties = plan.definition().properties.iter().enumerate();
        Self {
            keys: Keys::default(),
            store: Store::new(budget),
            asked: asked.filter_map(|(place, name)| Some((name.clone(), u16::try_from(place).ok()?))).collect(),
            properties: properties.map(|(place, name)| (name.clone(), place)).collect(),
            hash: RandomState::default(),
            as_of,
            history_from,
            counts: Mutex::default(),
        }
    }

    /// Reads a file.
    pub(crate) fn read(
        &self,
        input: &Input,
        spec: Option<&Spec>,
        progress: &dyn crate::progress::Progress,
    ) -> Result<(), Failure> {
        input.read(spec, progress, &|| Block::new(self), &|block: Block<'_>| block.close())
    }

    /// How many rows there were, and which of them were left out.
    pub(crate) fn counts(&self) -> (u64, Skipped) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The place of a property that is asked for; one more is `merged`.
    fn property(&self, name: &str) -> Option<usize> {
        self.properties.get(name).copied()
    }
}

/// A block of rows.
struct Block<'i> {
    ingest: &'i Ingest,
    chunk: Chunk,
    read: u64,
    skipped: Skipped,
}

impl<'i> Block<'i> {
    fn new(ingest: &'i Ingest) -> Self {
        Self { ingest, chunk: Chunk::default(), read: 0, skipped: Skipped::default() }
    }

    fn close(self) -> Result<(), Failure> {
        let mut counts = self.ingest.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.0 += self.read;
        counts.1.merge(self.skipped);
        drop(counts);
        self.ingest.store.push(self.chunk)
    }

    fn keep(&mut self, place: Place, row: Good<'_>) -> Result<(), Reason> {
        let ingest = self.ingest;
        let identifies = row.event == IDENTIFY;
        let asked = ingest.asked.get(row.event.as_ref()).copied().unwrap_or(UNASKED);
        // Nothing of a row that is left out may stay in the chunk, so what can fail comes first.
        let (mut merged, mut cells) = ([Cell::Absent], Vec::new());
        if asked != UNASKED {
            cells.resize(ingest.properties.len(), Cell::Absent);
            row.payload.read(&|name| ingest.property(name), &mut cells)?;
        }
        let merges = identifies && {
            row.payload.read(&|name| (name == "merged").then_some(0), &mut merged)?;
            row.merged || merged == [Cell::Bool(true)]
        };
        in_range(&row, ingest.as_of, ingest.history_from)?;
        let at = u32::try_from(self.chunk.heap.len()).unwrap_or(u32::MAX);
        let id = row.id.unwrap_or_else(|| Cow::Owned(id_of(place)));
        put_id(&id, &mut self.chunk.heap);
        put_id(row.session.as_deref().unwrap_or_default(), &mut self.chunk.heap);
        put_scalars(
            cells.iter().map(|cell| if asked == UNASKED { Scalar::Absent } else { cell.scalar() }),
            &mut self.chunk.heap,
        );
        let key = |kind, text: Option<&str>| text.map_or(NONE, |text| ingest.keys.intern(kind, text));
        self.chunk.rows.push(Row {
            ts: row.ts,
            hash: ingest.hash.hash_one(id.as_ref()),
            payload: ingest.hash.hash_one((row.payload.hash(&ingest.hash), row.profile.as_deref())),
            line: place.line,
            at,
            part: place.part,
            user: key(Kind::User, row.user.as_deref()),
            profile: key(Kind::Profile, row.profile.as_deref().filter(|_| merges || row.user.is_none())),
            event: key(Kind::Event, Some(&row.event)),
            asked,
            offset: row.offset,
            file: place.file,
            merges,
        });
        Ok(())
    }
}

/// Whether a row is one of those that are measured (success.md 3.2).
pub(crate) fn in_range(row: &Good<'_>, as_of: i64, history_from: Option<i64>) -> Result<(), Reason> {
    if row.late && row.event != IDENTIFY {
        return Err(Reason::Late);
    }
    if history_from.is_some_and(|from| row.ts < from) {
        return Err(Reason::History);
    }
    if row.ts >= as_of {
        return Err(Reason::Future);
    }
    Ok(())
}

/// The id of a row that has none: its place (success.md 3.1).
pub(crate) fn id_of(place: Place) -> String {
    let Place { file, line, part } = place;
    if part == 0 { format!("{file:05}#{line:012}") } else { format!("{file:05}#{line:012}.{part:010}") }
}

impl Sink for Block<'_> {
    fn take(&mut self, place: Place, row: Result<Draft<'_>, Reason>) {
        self.read += 1;
        if let Err(reason) = row.and_then(Draft::check).and_then(|row| self.keep(place, row)) {
            self.skipped.add(reason, place);
        }
    }
}
