//! The tables of the file: what is read of them and written into them, inside somebody's transaction.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::store::{Batch, Checkpoint, StoreError, StoredRow};

/// An error inside a transaction: SQLite's, or one that a boundary raised.
pub(super) enum Failure {
    Sqlite(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

pub(super) fn checkpoint(connection: &Connection, kind: &str) -> Result<Option<Checkpoint>, rusqlite::Error> {
    connection
        .query_row("SELECT seq, body FROM checkpoints WHERE kind = ?1", [kind], |row| {
            Ok(Checkpoint { seq: row.get(0)?, body: row.get(1)? })
        })
        .optional()
}

pub(super) fn rows(connection: &Connection, after: u64, limit: usize) -> Result<Vec<String>, rusqlite::Error> {
    let mut select = connection.prepare_cached("SELECT body FROM rows WHERE last > ?1 ORDER BY last LIMIT ?2")?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let bodies = select.query_map(params![after, limit], |row| row.get(0))?;
    bodies.collect()
}

/// The journal's id, made with the file.
pub(super) fn journal(connection: &Connection) -> Result<String, rusqlite::Error> {
    connection.execute(
        "INSERT OR IGNORE INTO meta (key, value) VALUES ('journal', lower(hex(randomblob(16)))), ('acknowledged', 0)",
        [],
    )?;
    connection.query_row("SELECT value FROM meta WHERE key = 'journal'", [], |row| row.get(0))
}

/// A store's write boundaries inside a transaction.
pub(super) type Boundary<'a> = dyn FnMut(&'static str) -> Result<(), StoreError> + 'a;

pub(super) fn put_batch(
    transaction: &Transaction<'_>,
    boundary: &mut Boundary<'_>,
    batch: &Batch,
) -> Result<(), Failure> {
    let mut insert = transaction.prepare_cached("INSERT INTO rows (last, body) VALUES (?1, ?2)")?;
    for StoredRow { last, body } in &batch.rows {
        boundary("row")?;
        insert.execute(params![last, body])?;
    }
    for (hash, body) in &batch.blobs {
        boundary("blob")?;
        transaction.execute("INSERT OR REPLACE INTO blobs (hash, body) VALUES (?1, ?2)", [hash, body])?;
    }
    for id in &batch.taken {
        boundary("taken")?;
        transaction.execute("DELETE FROM pending WHERE id = ?1", [id])?;
    }
    if let Some(head) = &batch.head {
        boundary("head")?;
        put_checkpoint(transaction, "head", head)?;
    }
    Ok(())
}

pub(super) fn put_checkpoint(
    transaction: &Transaction<'_>,
    kind: &str,
    checkpoint: &Checkpoint,
) -> Result<(), rusqlite::Error> {
    let replace = "INSERT OR REPLACE INTO checkpoints (kind, seq, body) VALUES (?1, ?2, ?3)";
    transaction.execute(replace, params![kind, checkpoint.seq, checkpoint.body]).map(drop)
}
