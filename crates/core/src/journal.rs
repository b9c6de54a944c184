//! What a store keeps: one row per step, and checkpoints (engine.md 1.4, 11.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::input::{Context, Input};
use crate::message::Message;
use crate::record::Record;
use crate::state::State;
use crate::{OwnerId, PresentationId};

/// The version of the row and checkpoint formats. A newer one is refused, untouched.
pub const FORMAT: u32 = 1;

/// One step as the store keeps it: its records, and what folding and replaying them needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The format's version.
    pub v: u32,
    /// The place of the first record.
    pub first: u64,
    /// The place of the last record: the row's key.
    pub last: u64,
    /// Whose step it was.
    pub owner: OwnerId,
    /// Whether it was a person's activity.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub activity: bool,
    /// The input's moment, with `now` as the step used it.
    pub ctx: Context,
    /// The input, without what the records hold already.
    pub input: Input,
    /// The messages that went on the screen, by presentation. Never exported.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub messages: BTreeMap<PresentationId, Message>,
    /// The records.
    pub records: Vec<Record>,
}

/// The whole state after a record; truth is a checkpoint and the rows after it (engine.md 1.4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The format's version.
    pub v: u32,
    /// The last record that it holds.
    pub seq: u64,
    pub(crate) state: State,
}

/// Why stored data cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Written by a newer version: refused, and left as it is.
    #[error("the journal is of format {seen}, newer than {FORMAT}: update the library; nothing was touched")]
    Newer {
        /// Its format.
        seen: u32,
    },
    /// Not readable.
    #[error("the journal is damaged at {place}: {message}")]
    Damaged {
        /// Where.
        place: String,
        /// How.
        message: String,
    },
    /// A row that does not follow the last one.
    #[error("the journal has a gap: after {after} comes {seen}")]
    Gap {
        /// The last record folded.
        after: u64,
        /// The first record of the row.
        seen: u64,
    },
}

#[derive(Deserialize)]
struct Versioned {
    v: u32,
}

/// Reads a stored document; a newer format is told apart from damage.
fn read<'a, T: Deserialize<'a>>(json: &'a str, place: &str) -> Result<T, JournalError> {
    serde_json::from_str(json).map_err(|error| match serde_json::from_str::<Versioned>(json) {
        Ok(Versioned { v }) if v > FORMAT => JournalError::Newer { seen: v },
        _ => JournalError::Damaged { place: place.to_owned(), message: error.to_string() },
    })
}

fn known<T>(v: u32, value: T) -> Result<T, JournalError> {
    if v > FORMAT { Err(JournalError::Newer { seen: v }) } else { Ok(value) }
}

impl Row {
    /// Reads a row as a store keeps it.
    ///
    /// # Errors
    /// [`JournalError::Newer`] or [`JournalError::Damaged`].
    pub fn from_json(json: &str) -> Result<Self, JournalError> {
        let row: Self = read(json, "row")?;
        known(row.v, row)
    }

    /// The row as a store keeps it.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Checkpoint {
    /// Reads a checkpoint as a store keeps it.
    ///
    /// # Errors
    /// [`JournalError::Newer`] or [`JournalError::Damaged`].
    pub fn from_json(json: &str) -> Result<Self, JournalError> {
        let checkpoint: Self = read(json, "checkpoint")?;
        known(checkpoint.v, checkpoint)
    }

    /// The checkpoint as a store keeps it.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
