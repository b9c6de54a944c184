//! The store that apps use (engine.md 11.2): SQLite with a write-ahead log, one owner by an operating system lock.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior};

use self::tables::{Boundary, Failure, checkpoint, journal, put_batch, put_checkpoint, rows};
use crate::store::{Batch, Checkpoint, Opened, Pending, Role, Store, StoreError};

pub use self::reader::StoredJournal;

mod reader;
mod tables;

/// The schema, one text per `user_version`.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE rows (last INTEGER PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE checkpoints (kind TEXT PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE blobs (hash TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE pending (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
"];

/// The journal in one SQLite file.
///
/// The first process that opens a file owns it, by an operating system lock on the file `….lock` beside it; others
/// hand their events over and decide nothing. A damaged file is renamed to `….damaged-<ms>` and a new one is started; a
/// file of a newer format is refused and left as it is.
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    connection: Option<Connection>,
    lock: Option<File>,
    #[cfg(feature = "testing")]
    hook: Option<crate::testing::Hook>,
}

impl Sqlite {
    /// A store in the file at `path`. Nothing is read or written before a client opens it.
    ///
    /// # Errors
    /// The path has no file name.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        if path.file_name().is_none() {
            let message = "a file's path is needed".to_owned();
            return Err(StoreError::Unavailable { path: path.display().to_string(), message });
        }
        Ok(Self {
            path,
            connection: None,
            lock: None,
            #[cfg(feature = "testing")]
            hook: None,
        })
    }

    /// Calls `hook` at every write boundary; an error of it is the store's.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn hooked(mut self, hook: crate::testing::Hook) -> Self {
        self.hook = Some(hook);
        self
    }

    #[cfg_attr(not(feature = "testing"), allow(clippy::unused_self, clippy::unnecessary_wraps))]
    fn boundary(&mut self, _place: &'static str) -> Result<(), StoreError> {
        #[cfg(feature = "testing")]
        if let Some(hook) = &mut self.hook {
            let path = self.path.display().to_string();
            hook.call(_place).map_err(|message| StoreError::Unavailable { path, message })?;
        }
        Ok(())
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(suffix);
        PathBuf::from(name)
    }

    fn unavailable(&self, error: impl std::fmt::Display) -> StoreError {
        StoreError::Unavailable { path: self.path.display().to_string(), message: error.to_string() }
    }

    fn failed(&self, error: rusqlite::Error) -> StoreError {
        let path = self.path.display().to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Damaged { path, message: error.to_string() }
            }
            _ => StoreError::Unavailable { path, message: error.to_string() },
        }
    }

    fn connection(&mut self) -> Result<&mut Connection, StoreError> {
        let path = self.path.display().to_string();
        let message = "the store is not open".to_owned();
        self.connection.as_mut().ok_or(StoreError::Unavailable { path, message })
    }

    /// Runs `work` in one transaction; its boundaries are the store's.
    fn write(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &mut Boundary<'_>) -> Result<(), Failure>,
    ) -> Result<(), StoreError> {
        self.boundary("begin")?;
        let mut connection = self.connection.take().ok_or_else(|| self.unavailable("the store is not open"))?;
        let result = (|| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            work(&transaction, &mut |place| self.boundary(place))?;
            self.boundary("commit")?;
            transaction.commit()?;
            Ok(())
        })();
        self.connection = Some(connection);
        result.map_err(|failure| match failure {
            Failure::Store(error) => error,
            Failure::Sqlite(error) => self.failed(error),
        })
    }

    fn connect(&self) -> Result<Connection, rusqlite::Error> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        Ok(connection)
    }

    /// The format of the file, 0 if it is new. A newer one is refused before anything is written.
    fn format(&self) -> Result<u32, StoreError> {
        if !self.path.exists() {
            return Ok(0);
        }
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let seen: u32 = Connection::open_with_flags(&self.path, flags)
            .and_then(|connection| connection.pragma_query_value(None, "user_version", |row| row.get(0)))
            .map_err(|error| self.failed(error))?;
        let known = MIGRATIONS.len() as u32;
        if seen > known {
            return Err(StoreError::Newer { path: self.path.display().to_string(), seen, known });
        }
        Ok(seen)
    }

    fn migrate(connection: &mut Connection) -> Result<(), rusqlite::Error> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let seen: usize = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        for migration in MIGRATIONS.iter().skip(seen) {
            transaction.execute_batch(migration)?;
        }
        transaction.pragma_update(None, "user_version", MIGRATIONS.len())?;
        transaction.commit()
    }

    /// Connects, migrates and reads what is there.
    fn start(&mut self) -> Result<Opened, StoreError> {
        self.format()?;
        let read = (|| {
            let mut connection = self.connect()?;
            Self::migrate(&mut connection)?;
            let head = checkpoint(&connection, "head")?;
            let after = head.as_ref().map_or(0, |head| head.seq);
            let tail = rows(&connection, after, usize::MAX)?;
            let journal = journal(&connection)?;
            Ok((connection, Opened { journal, head, tail, lost: None }))
        })();
        let (connection, opened) = read.map_err(|error| self.failed(error))?;
        self.connection = Some(connection);
        Ok(opened)
    }

    /// The files that were set aside as damaged.
    fn damaged_copies(&self) -> std::io::Result<Vec<PathBuf>> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let prefix = self.beside(".damaged-");
        let prefix = prefix.file_name().unwrap_or_default().as_encoded_bytes();
        let mut copies = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(prefix) {
                copies.push(entry.path());
            }
        }
        Ok(copies)
    }

    /// Keeps a damaged file, with its log, under another name.
    fn set_aside(&mut self) -> Result<PathBuf, StoreError> {
        self.connection = None;
        let ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let aside = self.beside(&format!(".damaged-{ms}"));
        for suffix in ["", "-wal", "-shm"] {
            let from = self.beside(suffix);
            let mut to = aside.clone().into_os_string();
            to.push(suffix);
            if from.exists() {
                std::fs::rename(&from, Path::new(&to)).map_err(|error| self.unavailable(error))?;
            }
        }
        Ok(aside)
    }
}

impl Drop for Sqlite {
    /// Lets the lock go by name: a process that is being started at this very moment holds a copy of the file until
    /// it runs its own program, and merely closing ours would leave the lock with it.
    fn drop(&mut self) {
        self.connection = None;
        if let Some(lock) = &self.lock {
            // If it cannot be let go here, closing the file does.
            let _ = lock.unlock();
        }
    }
}

impl Store for Sqlite {
    fn open(&mut self) -> Result<Role, StoreError> {
        self.format().or_else(|error| match error {
            StoreError::Damaged { .. } => Ok(0),
            other => Err(other),
        })?;
        if self.lock.is_none() {
            let lock = self.beside(".lock");
            let opened = File::options().create(true).truncate(false).write(true).open(&lock);
            let file = opened.map_err(|error| self.unavailable(error))?;
            match file.try_lock() {
                Ok(()) => self.lock = Some(file),
                Err(TryLockError::WouldBlock) if self.connection.is_some() => return Ok(Role::Guest),
                Err(TryLockError::WouldBlock) => {
                    // The owner may still be making the file.
                    let mut connection = self.connect().map_err(|error| self.failed(error))?;
                    Self::migrate(&mut connection).map_err(|error| self.failed(error))?;
                    self.connection = Some(connection);
                    return Ok(Role::Guest);
                }
                Err(TryLockError::Error(error)) => return Err(self.unavailable(error)),
            }
        }
        match self.start() {
            Err(StoreError::Damaged { message, .. }) => self.restart(&message).map(Role::Owner),
            other => other.map(Role::Owner),
        }
    }

    fn restart(&mut self, why: &str) -> Result<Opened, StoreError> {
        let aside = self.set_aside()?;
        let opened = self.start()?;
        Ok(Opened { lost: Some(format!("damaged, kept as {}: {why}", aside.display())), ..opened })
    }

    fn append(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.write(|transaction, boundary| put_batch(transaction, boundary, batch))
    }

    fn erase(&mut self, batch: &Batch) -> Result<String, StoreError> {
        let copies = self.damaged_copies().map_err(|error| self.unavailable(error))?;
        let failed = |error: std::io::Error| self.unavailable(error);
        for copy in &copies {
            std::fs::remove_file(copy).map_err(failed)?;
        }
        // What is deleted is overwritten, in the file and in its log.
        let secure = |connection: &Connection, on: bool| connection.pragma_update(None, "secure_delete", on);
        let before = self.connection()?;
        secure(before, true).map_err(|error| self.failed(error))?;
        let erased = self.write(|transaction, boundary| {
            for table in ["rows", "checkpoints", "blobs", "pending", "meta"] {
                boundary("empty")?;
                transaction.execute(&format!("DELETE FROM {table}"), [])?;
            }
            journal(transaction)?;
            put_batch(transaction, boundary, batch)
        });
        let connection = self.connection()?;
        // Only housekeeping: where it fails, the next checkpoint of the log does the same.
        let _ = secure(connection, false);
        erased?;
        let connection = self.connection()?;
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        let read = journal(connection);
        read.map_err(|error| self.failed(error))
    }

    fn base(&mut self) -> Result<Option<Checkpoint>, StoreError> {
        let read = checkpoint(self.connection()?, "base");
        read.map_err(|error| self.failed(error))
    }

    fn size(&mut self) -> Result<u64, StoreError> {
        let connection = self.connection()?;
        let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
        let read = (|| Ok((pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")?))();
        read.map_err(|error| self.failed(error))
    }

    fn rows(&mut self, after: u64, limit: usize) -> Result<Vec<String>, StoreError> {
        let read = rows(self.connection()?, after, limit);
        read.map_err(|error| self.failed(error))
    }

    fn prune(&mut self, base: &Checkpoint) -> Result<(), StoreError> {
        self.write(|transaction, boundary| {
            transaction.execute("DELETE FROM rows WHERE last <= ?1", [base.seq])?;
            boundary("base")?;
            put_checkpoint(transaction, "base", base)?;
            let head = checkpoint(transaction, "head")?;
            if head.is_none_or(|head| head.seq < base.seq) {
                boundary("head")?;
                put_checkpoint(transaction, "head", base)?;
            }
            Ok(())
        })
    }

    fn head(&mut self) -> Result<Option<Checkpoint>, StoreError> {
        let read = checkpoint(self.connection()?, "head");
        read.map_err(|error| self.failed(error))
    }

    fn acknowledged(&mut self) -> Result<u64, StoreError> {
        let select = "SELECT value FROM meta WHERE key = 'acknowledged'";
        let read = self.connection()?.query_row(select, [], |row| row.get(0));
        read.map_err(|error| self.failed(error))
    }

    fn acknowledge(&mut self, seq: u64) -> Result<(), StoreError> {
        self.write(|transaction, boundary| {
            boundary("acknowledge")?;
            transaction.execute("UPDATE meta SET value = max(value, ?1) WHERE key = 'acknowledged'", [seq])?;
            Ok(())
        })
    }

    fn blob(&mut self, hash: &str) -> Result<Option<String>, StoreError> {
        let select = "SELECT body FROM blobs WHERE hash = ?1";
        let read = self.connection()?.query_row(select, [hash], |row| row.get(0)).optional();
        read.map_err(|error| self.failed(error))
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.boundary("sync")?;
        let connection = self.connection()?;
        // The log is flushed to the disk itself, and then into the file.
        let synced = connection.pragma_update(None, "synchronous", "FULL").and_then(|()| {
            let kept = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            connection.pragma_update(None, "synchronous", "NORMAL").and(kept)
        });
        synced.map_err(|error| self.failed(error))
    }

    fn hand_over(&mut self, pending: &[String]) -> Result<(), StoreError> {
        self.write(|transaction, boundary| {
            let mut insert = transaction.prepare_cached("INSERT INTO pending (body) VALUES (?1)")?;
            for body in pending {
                boundary("hand_over")?;
                insert.execute([body])?;
            }
            Ok(())
        })
    }

    fn pending(&mut self) -> Result<Vec<Pending>, StoreError> {
        let connection = self.connection()?;
        let read = (|| {
            let mut select = connection.prepare_cached("SELECT id, body FROM pending ORDER BY id")?;
            let left = select.query_map([], |row| Ok(Pending { id: row.get(0)?, body: row.get(1)? }))?;
            left.collect::<Result<Vec<_>, _>>()
        })();
        read.map_err(|error| self.failed(error))
    }
}
