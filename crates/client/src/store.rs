//! What a client needs of a store (engine.md 11.1). Every store passes the same suite, `hearken::testing`.
//!
//! | call | atomic | survives |
//! |---|---|---|
//! | [`Store::append`] | rows, documents, checkpoint and what was taken over: all or nothing | the end of the process |
//! | [`Store::prune`] | rows go and the base checkpoint stands, or neither | the end of the process |
//! | [`Store::erase`] | everything goes and a new journal begins with the batch, or nothing happens | the end of the process |
//! | [`Store::sync`] | - | a loss of power: everything before it |

/// A store: the journal's rows, its checkpoints, documents, and the export cursor.
pub trait Store: Send {
    /// Opens the store, or joins the process that owns it.
    ///
    /// # Errors
    /// [`StoreError::Newer`] leaves everything untouched. A damaged store is set aside, and opens empty with
    /// [`Opened::lost`].
    fn open(&mut self) -> Result<Role, StoreError>;

    /// Sets aside what is there, because it cannot be read as a journal, and starts empty. Only the owner calls it.
    ///
    /// # Errors
    /// Nothing was changed.
    fn restart(&mut self, why: &str) -> Result<Opened, StoreError>;

    /// Writes a batch, all or nothing. It survives the end of the process once this returns.
    ///
    /// # Errors
    /// Nothing of the batch is kept.
    fn append(&mut self, batch: &Batch) -> Result<(), StoreError>;

    /// Rows whose last record lies after `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// The store could not be read.
    fn rows(&mut self, after: u64, limit: usize) -> Result<Vec<String>, StoreError>;

    /// Removes every row up to the checkpoint's place, and keeps it as the base, all or nothing.
    ///
    /// # Errors
    /// Nothing is removed.
    fn prune(&mut self, base: &Checkpoint) -> Result<(), StoreError>;

    /// The checkpoint at which the journal begins, once something was pruned: it and the rows after it tell the whole state,
    /// should the newest checkpoint be damaged.
    ///
    /// # Errors
    /// The store could not be read.
    fn base(&mut self) -> Result<Option<Checkpoint>, StoreError>;

    /// How large the store is, in bytes; what is free inside it does not count.
    ///
    /// # Errors
    /// The store could not be read.
    fn size(&mut self) -> Result<u64, StoreError>;

    /// Deletes everything: rows, checkpoints, documents, the export cursor, what other processes left, and the copies of
    /// damaged stores; and begins a new journal with `batch`, all or nothing. Answers with the new journal's id. Only the
    /// owner calls it.
    ///
    /// # Errors
    /// Nothing of what [`Store`] keeps is deleted.
    fn erase(&mut self, batch: &Batch) -> Result<String, StoreError>;

    /// The newest checkpoint.
    ///
    /// # Errors
    /// The store could not be read.
    fn head(&mut self) -> Result<Option<Checkpoint>, StoreError>;

    /// The last record that an export was acknowledged for; 0 at first.
    ///
    /// # Errors
    /// The store could not be read.
    fn acknowledged(&mut self) -> Result<u64, StoreError>;

    /// Moves the export cursor. It never goes back.
    ///
    /// # Errors
    /// The cursor stays.
    fn acknowledge(&mut self, seq: u64) -> Result<(), StoreError>;

    /// A document by its hash.
    ///
    /// # Errors
    /// The store could not be read.
    fn blob(&mut self, hash: &str) -> Result<Option<String>, StoreError>;

    /// Makes everything before it survive a loss of power.
    ///
    /// # Errors
    /// It may not survive.
    fn sync(&mut self) -> Result<(), StoreError>;

    /// Leaves something for the process that owns the store. Allowed in every role.
    ///
    /// # Errors
    /// Nothing was left.
    fn hand_over(&mut self, pending: &[String]) -> Result<(), StoreError>;

    /// What other processes left, in order. It stays until a batch names it in [`Batch::taken`].
    ///
    /// # Errors
    /// The store could not be read.
    fn pending(&mut self) -> Result<Vec<Pending>, StoreError>;
}

/// Who this process is to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The one that decides.
    Owner(Opened),
    /// Another process owns the store: only [`Store::hand_over`] is of use.
    Guest,
}

/// What a store holds when it is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The journal's id: new whenever a journal starts.
    pub journal: String,
    /// The newest checkpoint.
    pub head: Option<Checkpoint>,
    /// The rows after it, in order.
    pub tail: Vec<String>,
    /// What was lost and set aside, if the store was damaged.
    pub lost: Option<String>,
}

/// One atomic write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Rows, in order.
    pub rows: Vec<StoredRow>,
    /// Documents by hash.
    pub blobs: Vec<(String, String)>,
    /// A checkpoint of the state after the last row.
    pub head: Option<Checkpoint>,
    /// What was taken over from other processes with these rows.
    pub taken: Vec<i64>,
}

/// A row and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRow {
    /// The place of its last record: its key.
    pub last: u64,
    /// The row, as the engine wrote it.
    pub body: String,
}

/// A checkpoint and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last record that it holds.
    pub seq: u64,
    /// The checkpoint, as the engine wrote it.
    pub body: String,
}

/// Something that another process left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its number in the store.
    pub id: i64,
    /// What it is.
    pub body: String,
}

/// What went wrong in a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Written by a newer version of the library: update it. Nothing was touched.
    #[error("{path} is of format {seen}, newer than this library's {known}; nothing was touched")]
    Newer {
        /// The file or database.
        path: String,
        /// Its format.
        seen: u32,
        /// The newest format that this library reads.
        known: u32,
    },
    /// Damaged.
    #[error("{path} is damaged: {message}")]
    Damaged {
        /// The file or database.
        path: String,
        /// How.
        message: String,
    },
    /// The disk is full, the folder cannot be written, or the like: trying again can help.
    #[error("{path}: {message}")]
    Unavailable {
        /// The file or database.
        path: String,
        /// What the system says.
        message: String,
    },
}
