//! The rows that may count, in the order in which they came: in memory while they fit, then on disk.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use crate::row::{Bytes, Row, Text};
use crate::source::Failure;

/// Some rows with their bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) rows: Vec<Row>,
    pub(crate) heap: Vec<u8>,
}

impl Chunk {
    pub(crate) fn size(&self) -> usize {
        self.rows.len() * size_of::<Row>() + self.heap.len()
    }

    /// The bytes of a row, from its id on.
    pub(crate) fn bytes(&self, row: &Row) -> Bytes<'_> {
        Bytes(self.heap.get(row.at as usize..).unwrap_or_default())
    }

    pub(crate) fn id(&self, row: &Row) -> Text<'_> {
        self.bytes(row).text().unwrap_or(Text::Plain(&[]))
    }

    fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&(self.rows.len() as u64).to_le_bytes());
        to.extend_from_slice(&(self.heap.len() as u64).to_le_bytes());
        for row in &self.rows {
            row.write(to);
        }
        to.extend_from_slice(&self.heap);
    }

    /// The length in the file.
    fn length(rows: usize, heap: usize) -> u64 {
        (16 + rows * Row::SIZE + heap) as u64
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (rows, bytes) = bytes.split_first_chunk::<8>()?;
        let (heap, bytes) = bytes.split_first_chunk::<8>()?;
        let (rows, heap) = (u64::from_le_bytes(*rows) as usize, u64::from_le_bytes(*heap) as usize);
        let (fixed, bytes) = bytes.split_at_checked(rows * Row::SIZE)?;
        let rows = fixed.chunks_exact(Row::SIZE).map(Row::read).collect::<Option<_>>()?;
        Some(Self { rows, heap: bytes.get(..heap)?.to_vec() })
    }
}

/// A file that goes away with the run, with chunks in it.
#[derive(Debug)]
pub(crate) struct Scratch {
    file: File,
    end: u64,
}

/// Where a chunk is in a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    start: u64,
    length: u64,
    rows: usize,
}

impl Scratch {
    pub(crate) fn new() -> Result<Self, Failure> {
        Ok(Self { file: tempfile::tempfile()?, end: 0 })
    }

    pub(crate) fn put(&mut self, chunk: &Chunk) -> Result<Kept, Failure> {
        let mut bytes = Vec::with_capacity(chunk.size());
        chunk.write(&mut bytes);
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&bytes)?;
        let kept = Kept { start: self.end, length: bytes.len() as u64, rows: chunk.rows.len() };
        debug_assert_eq!(kept.length, Chunk::length(chunk.rows.len(), chunk.heap.len()));
        self.end += kept.length;
        Ok(kept)
    }

    pub(crate) fn get(&mut self, kept: Kept) -> Result<Chunk, Failure> {
        let mut bytes = vec![0; usize::try_from(kept.length).unwrap_or(usize::MAX)];
        self.file.seek(SeekFrom::Start(kept.start))?;
        self.file.read_exact(&mut bytes)?;
        let cut = || Failure::Scratch(std::io::Error::from(std::io::ErrorKind::InvalidData));
        Chunk::read(&bytes).ok_or_else(cut)
    }
}

/// A chunk, wherever it is.
#[derive(Debug)]
pub(crate) enum Held {
    Memory(Chunk),
    Disk(Kept),
}

impl Held {
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Memory(chunk) => chunk.rows.len(),
            Self::Disk(kept) => kept.rows,
        }
    }
}

/// Every row that may count.
#[derive(Debug)]
pub(crate) struct Store {
    budget: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    held: Vec<Held>,
    scratch: Option<Scratch>,
    size: usize,
}

impl Store {
    /// One that keeps so many bytes in memory.
    pub(crate) fn new(budget: usize) -> Self {
        Self { budget, inner: Mutex::default() }
    }

    /// Adds a chunk; from the budget on, all of them move to disk.
    pub(crate) fn push(&self, mut chunk: Chunk) -> Result<(), Failure> {
        if chunk.rows.is_empty() {
            return Ok(());
        }
        chunk.rows.shrink_to_fit();
        chunk.heap.shrink_to_fit();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *inner;
        inner.size += chunk.size();
        inner.held.push(Held::Memory(chunk));
        if inner.size > self.budget {
            if inner.scratch.is_none() {
                inner.scratch = Some(Scratch::new()?);
            }
            for held in &mut inner.held {
                if let (Held::Memory(chunk), Some(scratch)) = (&*held, &mut inner.scratch) {
                    inner.size -= chunk.size();
                    *held = Held::Disk(scratch.put(chunk)?);
                }
            }
        }
        Ok(())
    }

    /// All chunks, and the file that those on disk are in.
    pub(crate) fn close(self) -> (Vec<Held>, Option<Scratch>) {
        let inner = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        (inner.held, inner.scratch)
    }
}

/// Every row that was kept, to be gone through from the first to the last any number of times.
#[derive(Debug)]
pub(crate) struct Rows {
    held: Vec<Held>,
    scratch: Option<Scratch>,
}

impl Rows {
    pub(crate) fn new(store: Store) -> Self {
        let (held, scratch) = store.close();
        Self { held, scratch }
    }

    pub(crate) fn len(&self) -> usize {
        self.held.iter().map(Held::rows).sum()
    }

    /// Whether some of them are on disk.
    pub(crate) fn spilled(&self) -> bool {
        self.held.iter().any(|held| matches!(held, Held::Disk(_)))
    }

    /// Goes through the chunks; each comes with the number of its first row.
    pub(crate) fn each(&mut self, mut see: impl FnMut(usize, &Chunk) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut first = 0;
        for held in &self.held {
            match (held, &mut self.scratch) {
                (Held::Memory(chunk), _) => see(first, chunk)?,
                (Held::Disk(kept), Some(scratch)) => see(first, &scratch.get(*kept)?)?,
                (Held::Disk(_), None) => {}
            }
            first += held.rows();
        }
        Ok(())
    }

    /// The chunks, if all of them are in memory.
    pub(crate) fn into_chunks(self) -> Vec<Chunk> {
        let in_memory = |held| if let Held::Memory(chunk) = held { Some(chunk) } else { None };
        self.held.into_iter().filter_map(in_memory).collect()
    }
}

/// Which rows are left out, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dropped(Vec<u64>);

impl Dropped {
    pub(crate) fn add(&mut self, row: usize) {
        let word = row / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << (row % 64);
        }
    }

    pub(crate) fn has(&self, row: usize) -> bool {
        self.0.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(from: i64) -> Chunk {
        let mut chunk = Chunk::default();
        for ts in from..from + 3 {
            let at = chunk.heap.len() as u32;
            crate::row::put_id(&ts.to_string(), &mut chunk.heap);
            chunk.rows.push(Row {
                ts,
                hash: 0,
                payload: 0,
                line: 0,
                at,
                part: 0,
                user: 0,
                profile: 0,
                event: 0,
                asked: 0,
                offset: 0,
                file: 0,
                merges: false,
            });
        }
        chunk
    }

    #[test]
    fn rows_come_back_from_memory_and_from_disk() {
        for budget in [0, 500, usize::MAX] {
            let store = Store::new(budget);
            for from in [0, 3, 6] {
                store.push(chunk(from)).unwrap();
            }
            let mut rows = Rows::new(store);
            assert_eq!((rows.len(), rows.spilled()), (9, budget < usize::MAX));
            let mut seen = Vec::new();
            rows.each(|first, chunk| {
                for (place, row) in chunk.rows.iter().enumerate() {
                    assert_eq!(chunk.id(row).as_str(&mut [0; 36]), row.ts.to_string());
                    seen.push((first + place, row.ts));
                }
                Ok(())
            })
            .unwrap();
            assert_eq!(seen, (0..9).map(|row| (row as usize, row)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn dropped_rows_are_known() {
        let mut dropped = Dropped::default();
        assert!(!dropped.has(1_000));
        dropped.add(130);
        assert_eq!((dropped.has(129), dropped.has(130), dropped.has(131)), (false, true, false));
    }
}
