//! What a store keeps: one row per step, and checkpoints (engine.md 1.4, 11.1).

use crate::input::{Context, Input};
use crate::record::Record;
use crate::state::State;
use crate::table::Table;
use crate::wire::{Fault, Read, put, to_json, told, wire};
use crate::{OwnerId, RecordId, Value};

/// The version of the row and checkpoint formats. A newer one is refused, untouched.
pub const FORMAT: u32 = 1;

wire! {
    without schema;

    /// One step as the store keeps it: its records, and what folding and replaying them needs.
    #[derive(Clone, Debug, PartialEq)]
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
        pub activity: bool = false,
        /// The input's moment, with `now` as the step used it.
        pub ctx: Context,
        /// The input, without what the records hold already.
        pub input: Input,
        /// The messages that went on the screen, by presentation, and what cards show, by their records. Never exported.
        pub messages: Table<RecordId, Value> = Table::new(),
        /// The records.
        pub records: Vec<Record>,
    }

    /// The whole state after a record; truth is a checkpoint and the rows after it (engine.md 1.4).
    #[derive(Clone, Debug, PartialEq)]
    pub struct Checkpoint {
        /// The format's version.
        pub v: u32,
        /// The last record that it holds.
        pub seq: u64,
        pub(crate) state: State,
    }
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

/// Reads a stored document; a newer format is told apart from damage.
pub(crate) fn read<T: Read>(json: &str, place: &str) -> Result<T, JournalError> {
    read_value(&parse(json, place)?, place)
}

pub(crate) fn read_value<T: Read>(value: &Value, place: &str) -> Result<T, JournalError> {
    crate::wire::read(value, place).map_err(|faults| damaged(place, &faults))
}

pub(crate) fn parse(json: &str, place: &str) -> Result<Value, JournalError> {
    let value = crate::wire::parse(json, place).map_err(|fault| damaged(place, &[fault]))?;
    match value.get("v").and_then(Value::as_u64) {
        Some(seen) if seen > u64::from(FORMAT) => {
            Err(JournalError::Newer { seen: u32::try_from(seen).unwrap_or(u32::MAX) })
        }
        _ => Ok(value),
    }
}

fn damaged(place: &str, faults: &[Fault]) -> JournalError {
    JournalError::Damaged { place: place.to_owned(), message: told(faults) }
}

impl Row {
    /// Reads a row as a store keeps it.
    ///
    /// # Errors
    /// [`JournalError::Newer`] or [`JournalError::Damaged`].
    pub fn from_json(json: &str) -> Result<Self, JournalError> {
        read(json, "row")
    }

    /// The row as a store keeps it.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

pub(crate) fn checkpoint_json(seq: u64, state: &State) -> String {
    let mut to = String::from("{");
    put(&mut to, "v", &FORMAT);
    put(&mut to, "seq", &seq);
    put(&mut to, "state", state);
    to.push('}');
    to
}

impl Checkpoint {
    /// Reads a checkpoint as a store keeps it.
    ///
    /// # Errors
    /// [`JournalError::Newer`] or [`JournalError::Damaged`].
    pub fn from_json(json: &str) -> Result<Self, JournalError> {
        read(json, "checkpoint")
    }

    /// The checkpoint as a store keeps it.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_is_told_by_every_place() {
        let told = |json: &str| Row::from_json(json).unwrap_err().to_string();
        assert_eq!(told("{"), "the journal is damaged at row: row: line 1, column 2: a key in quotes is expected");
        let row = include_str!("../../../tests/vectors/journal/v1/rows.jsonl").lines().next().unwrap();
        assert!(Row::from_json(row).is_ok());
        let bad = row.replacen("\"first\":1,\"last\":2,", "\"first\":true,\"last\":\"x\",", 1);
        let number = "a whole number from 0 to 9223372036854775807 is needed here, not";
        assert_eq!(
            told(&bad),
            format!("the journal is damaged at row: row.first: {number} true; row.last: {number} \"x\"")
        );
    }

    #[test]
    fn a_newer_format_is_told_apart_from_damage() {
        let newer = |v: &str, seen| {
            assert_eq!(Row::from_json(&format!("{{\"v\": {v}}}")), Err(JournalError::Newer { seen }));
            assert_eq!(Checkpoint::from_json(&format!("{{\"v\": {v}}}")), Err(JournalError::Newer { seen }));
        };
        newer("2", 2);
        newer("4294967296", u32::MAX);
        assert!(matches!(Row::from_json(r#"{"v": 1}"#), Err(JournalError::Damaged { .. })));
    }
}
