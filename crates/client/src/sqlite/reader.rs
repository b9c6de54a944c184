//! A journal that somebody else keeps, read for a diagnostic: nothing of it is written, and no lock is taken that a writer
//! would wait for.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use super::MIGRATIONS;
use super::tables::checkpoint;
use crate::store::{Checkpoint, StoreError, StoredRow};

/// What a file of [`crate::Sqlite`] holds, read only: its base checkpoint, rows and documents at the moment of opening.
///
/// An app may go on writing meanwhile. Where its log lies beside the file, the log is read too, under SQLite's shared locks;
/// where there is none nobody has the file open, and it is read without any lock.
///
/// ```no_run
/// let journal = hearken::StoredJournal::open("shop.db")?;
/// let mut after = journal.base()?.map_or(0, |base| base.seq);
/// while let Some(row) = journal.next(after)? {
///     println!("{}", row.body);
///     after = row.last;
/// }
/// # Ok::<(), hearken::store::StoreError>(())
/// ```
#[derive(Debug)]
pub struct StoredJournal {
    path: PathBuf,
    connection: Connection,
}

impl StoredJournal {
    /// Opens a file.
    ///
    /// # Errors
    /// [`StoreError::Newer`]; [`StoreError::Damaged`] if it is no journal; [`StoreError::Unavailable`] if it cannot be read.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let opened = Connection::open_with_flags(address(&path, Path::new(&log).exists()), flags);
        let connection = opened.map_err(|error| failed(&path, &error))?;
        let journal = Self { path, connection };
        journal.begin()?;
        Ok(journal)
    }

    fn begin(&self) -> Result<(), StoreError> {
        let seen = (|| {
            // Whoever closes a file last moves its log into it, unless told not to.
            self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            // One reading: what is written from here on is not seen.
            self.connection.execute_batch("BEGIN DEFERRED")?;
            self.connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))
        })();
        let (path, known) = (self.path.display().to_string(), MIGRATIONS.len() as u32);
        match self.told(seen)? {
            0 => Err(StoreError::Damaged { path, message: "it is a database, but no journal".to_owned() }),
            seen if seen > known => Err(StoreError::Newer { path, seen, known }),
            _ => Ok(()),
        }
    }

    fn told<T>(&self, read: Result<T, rusqlite::Error>) -> Result<T, StoreError> {
        read.map_err(|error| failed(&self.path, &error))
    }

    /// The checkpoint at which the journal begins, if something was pruned.
    ///
    /// # Errors
    /// The file could not be read.
    pub fn base(&self) -> Result<Option<Checkpoint>, StoreError> {
        self.told(checkpoint(&self.connection, "base"))
    }

    /// The first row whose last record lies after `after`.
    ///
    /// # Errors
    /// The file could not be read.
    pub fn next(&self, after: u64) -> Result<Option<StoredRow>, StoreError> {
        let select = "SELECT last, body FROM rows WHERE last > ?1 ORDER BY last LIMIT 1";
        let read = self.connection.prepare_cached(select).and_then(|mut select| {
            select.query_row([after], |row| Ok(StoredRow { last: row.get(0)?, body: row.get(1)? })).optional()
        });
        self.told(read)
    }

    /// The documents of the playbooks that were installed.
    ///
    /// # Errors
    /// The file could not be read.
    pub fn documents(&self) -> Result<Vec<String>, StoreError> {
        let read = (|| {
            let mut select = self.connection.prepare("SELECT body FROM blobs ORDER BY hash")?;
            let bodies = select.query_map([], |row| row.get(0))?;
            bodies.collect()
        })();
        self.told(read)
    }
}

/// The file as SQLite's address. Without a log nobody has it open: SQLite is to take no lock and make no file.
fn address(path: &Path, has_log: bool) -> String {
    let mut address = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => {
                address.push(char::from(*byte))
            }
            b'\\' if cfg!(windows) => address.push('/'),
            // Writing into a text cannot fail.
            byte => drop(write!(address, "%{byte:02X}")),
        }
    }
    address.push_str(if has_log { "?mode=ro" } else { "?immutable=1" });
    address
}

fn failed(path: &Path, error: &rusqlite::Error) -> StoreError {
    let (path, message) = (path.display().to_string(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged { path, message },
        _ => StoreError::Unavailable { path, message },
    }
}
