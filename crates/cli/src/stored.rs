//! A stored journal as a file: what `hearken::Sqlite` keeps, or JSON Lines of what a page keeps in IndexedDB.
//!
//! A line is a row, the base checkpoint of a journal that was pruned, or the document of a playbook; as it is, or as a JSON
//! text with it inside. What else a page keeps beside its rows (its head, its cursor) is passed over.

use std::collections::VecDeque;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use hearken::StoredJournal;
use hearken_core::{Checkpoint, JournalError};
use serde_json::Value;

use crate::commands::Failure;
use crate::jsonl;

/// What every SQLite file begins with.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// A journal, and how far it was read.
pub(crate) struct Stored {
    pub(crate) path: PathBuf,
    pub(crate) base: Option<Checkpoint>,
    /// The documents of its playbooks.
    pub(crate) documents: Vec<String>,
    rows: Rows,
}

enum Rows {
    /// After which place the next row comes.
    File(StoredJournal, u64),
    Lines(VecDeque<Result<(usize, String), Failure>>),
}

/// A row as it is stored, and where.
pub(crate) struct StoredRow {
    pub(crate) place: String,
    pub(crate) json: String,
}

impl Stored {
    /// Opens a journal. Nothing of it is ever changed.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |source| Failure::Read { path: path.display().to_string(), source };
        let mut file = std::fs::File::open(path).map_err(failed)?;
        let mut start = Vec::new();
        file.by_ref().take(SQLITE.len() as u64).read_to_end(&mut start).map_err(failed)?;
        if start == SQLITE {
            return Self::of_file(path);
        }
        let mut bytes = start;
        file.read_to_end(&mut bytes).map_err(failed)?;
        Self::of_lines(path, &bytes)
    }

    fn of_file(path: &Path) -> Result<Self, Failure> {
        let journal = StoredJournal::open(path)?;
        let place = || format!("{}: the base checkpoint", path.display());
        let base = journal.base()?.map(|base| checkpoint(&base.body, place)).transpose()?;
        let (documents, after) = (journal.documents()?, base.as_ref().map_or(0, |base| base.seq));
        Ok(Self { path: path.to_owned(), base, documents, rows: Rows::File(journal, after) })
    }

    fn of_lines(path: &Path, bytes: &[u8]) -> Result<Self, Failure> {
        let mut stored =
            Self { path: path.to_owned(), base: None, documents: Vec::new(), rows: Rows::Lines(VecDeque::new()) };
        let mut rows = VecDeque::new();
        let mut checkpoints = Vec::new();
        let mut begins = None;
        for (number, line) in jsonl::lines(bytes) {
            match stored.line(number, line) {
                Ok(Line::Row(first, json)) => {
                    begins.get_or_insert(first);
                    rows.push_back(Ok((number, json)));
                }
                Ok(Line::Checkpoint(checkpoint)) => checkpoints.push(*checkpoint),
                Ok(Line::Document(document)) => stored.documents.push(document),
                Ok(Line::Other) => {}
                Err(failure) => {
                    // The rows before it are told first.
                    rows.push_back(Err(failure));
                    break;
                }
            }
        }
        // A page has a head checkpoint too: the base is the one that the first row follows.
        stored.base = checkpoints.into_iter().find(|checkpoint| Some(checkpoint.seq + 1) == begins);
        stored.rows = Rows::Lines(rows);
        Ok(stored)
    }

    fn line(&self, number: usize, line: &[u8]) -> Result<Line, Failure> {
        let place = || format!("{}:{number}", self.path.display());
        let unusable = |message: String| Failure::Unusable(format!("{}: {message}", place()));
        let value = jsonl::value(line)
            .map_err(|(column, message)| Failure::Unusable(format!("{}:{column}: {message}", place())))?;
        let (value, text) = match value {
            Value::String(inside) => {
                let wrong = |(column, message)| unusable(format!("in its text, column {column}: {message}"));
                (jsonl::value(inside.as_bytes()).map_err(wrong)?, inside)
            }
            value => (value, String::from_utf8_lossy(line).trim().to_owned()),
        };
        let has = |name: &str| value.get(name).is_some();
        if has("records") || has("first") {
            return Ok(Line::Row(value["first"].as_u64().unwrap_or(0), text));
        }
        if has("state") {
            return Ok(Line::Checkpoint(Box::new(checkpoint(&text, place)?)));
        }
        if has("spec") {
            return Ok(Line::Document(text));
        }
        if has("journal") {
            return Ok(Line::Other);
        }
        Err(unusable("it is no row, checkpoint or playbook of a journal".to_owned()))
    }

    /// Whether it is a file of `hearken::Sqlite`.
    pub(crate) fn is_database(&self) -> bool {
        matches!(self.rows, Rows::File(..))
    }

    /// The next row.
    pub(crate) fn next(&mut self) -> Result<Option<StoredRow>, Failure> {
        let file = self.path.display();
        match &mut self.rows {
            Rows::File(journal, after) => {
                let read = journal.next(*after).map_err(|error| match *after {
                    0 => Failure::Store(error),
                    after => Failure::Unusable(format!("{error}, after row {after}")),
                })?;
                let Some(row) = read else { return Ok(None) };
                *after = row.last;
                Ok(Some(StoredRow { place: format!("{file}: row {}", row.last), json: row.body }))
            }
            Rows::Lines(lines) => {
                let Some(line) = lines.pop_front() else { return Ok(None) };
                let (number, json) = line?;
                Ok(Some(StoredRow { place: format!("{file}:{number}"), json }))
            }
        }
    }
}

/// What a line is.
enum Line {
    /// A row and the place of its first record.
    Row(u64, String),
    Checkpoint(Box<Checkpoint>),
    Document(String),
    Other,
}

fn checkpoint(json: &str, place: impl FnOnce() -> String) -> Result<Checkpoint, Failure> {
    Checkpoint::from_json(json).map_err(|source: JournalError| Failure::Journal { place: place(), source })
}
