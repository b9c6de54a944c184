//! Facts go out through an acknowledged cursor (engine.md 11.4): at least once, in order, and never again after the
//! acknowledgement.

use std::sync::Arc;

use crate::client::Client;
use crate::encoding::Encoding;
use crate::error::Error;
use crate::inner::Inner;
use crate::retention::{ROWS, prune, read_row};
use crate::store::{Store, StoreError};

/// A part of the journal, to be sent wherever the host sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// One JSON document per record, in order. A record that is exported again in the same way has the very same bytes.
    pub lines: Vec<String>,
    /// How the lines are written.
    pub encoding: Encoding,
    /// Up to where this part reaches; hand it to [`Client::acknowledge`] once it has arrived.
    pub cursor: Cursor,
}

impl Export {
    /// The whole part as the body of one request, of [`Encoding::content_type`].
    #[must_use]
    pub fn body(&self) -> String {
        self.encoding.body(&self.lines)
    }
}

/// A place in a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The journal's id: new whenever a journal starts.
    pub journal: String,
    /// The last record before it.
    pub through: u64,
}

/// What an export delivers, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportOptions {
    /// At most so many records; what one step wrote stays together.
    pub max: usize,
    /// How they are written.
    pub encoding: Encoding,
    /// Whether properties that the plan marks as personal are part of it.
    pub with_pii: bool,
}

impl Default for ExportOptions {
    /// 500 records as JSON Lines, without what is personal.
    fn default() -> Self {
        Self { max: 500, encoding: Encoding::Native, with_pii: false }
    }
}

impl Client {
    /// The records after the last acknowledged one as JSON Lines, at most `max` of them (at least one step's); nothing if
    /// there are none. Until they are acknowledged, the same records come again. Waits for the disk.
    ///
    /// # Errors
    /// The store failed, or this process does not own it.
    pub fn export(&self, max: usize) -> Result<Option<Export>, Error> {
        self.export_with(ExportOptions { max, ..ExportOptions::default() })
    }

    /// As [`Self::export`], in another encoding, or with what is personal.
    ///
    /// ```
    /// use hearken::{Client, Consent, Encoding, ExportOptions};
    /// # let hearken = Client::builder(r#"{"spec": 1, "id": "shop", "revision": 1}"#).consent(Consent::all()).open()?;
    /// let options = ExportOptions { encoding: Encoding::CloudEvents, ..ExportOptions::default() };
    /// while let Some(part) = hearken.export_with(options)? {
    ///     println!("POST {}: {}", part.encoding.content_type(), part.body());
    ///     hearken.acknowledge(&part.cursor)?;
    /// }
    /// # Ok::<(), hearken::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Self::export`].
    pub fn export_with(&self, options: ExportOptions) -> Result<Option<Export>, Error> {
        self.flush()?;
        let inner = Arc::clone(&self.inner);
        self.inner.ask(move |store| part(store, &inner, options))
    }

    /// Says that everything up to the cursor has arrived: it never comes again. A cursor of a journal that is no longer
    /// there, because everything was erased, means nothing any more. Waits for the disk.
    ///
    /// # Errors
    /// The store failed; the records come again.
    pub fn acknowledge(&self, cursor: &Cursor) -> Result<(), Error> {
        let (inner, Cursor { journal, through }) = (Arc::clone(&self.inner), cursor.clone());
        self.inner.ask(move |store| {
            // Asked on the writer's thread, where a journal is replaced.
            let current = inner.lock().journal == journal;
            if current { store.acknowledge(through) } else { Ok(()) }
        })
    }

    /// Removes what was exported and acknowledged from the store now, instead of at the next checkpoint. Answers with the
    /// place up to which the journal is gone. Waits for the disk.
    ///
    /// # Errors
    /// The store failed; nothing was removed.
    pub fn prune_exported(&self) -> Result<u64, Error> {
        self.flush()?;
        let inner = Arc::clone(&self.inner);
        self.inner.ask(move |store| {
            let setup = inner.lock().setup.clone();
            let through = delivered(store, &inner)?;
            prune(store, &setup, through)
        })
    }
}

/// Up to where nobody asks for the journal any more: it has arrived, or the person asked that it does not.
pub(crate) fn delivered(store: &mut dyn Store, inner: &Inner) -> Result<u64, StoreError> {
    let purged = inner.lock().engine.as_ref().map_or(0, hearken_core::Engine::purged);
    Ok(store.acknowledged()?.max(purged))
}

fn part(store: &mut dyn Store, inner: &Inner, options: ExportOptions) -> Result<Option<Export>, StoreError> {
    let ExportOptions { max, encoding, with_pii } = options;
    let journal = inner.lock().journal.clone();
    let after = delivered(store, inner)?;
    let mut lines = Vec::new();
    let mut through = store.acknowledged()?;
    let acknowledged = through;
    'rows: loop {
        let bodies = store.rows(through, ROWS)?;
        if bodies.is_empty() {
            break;
        }
        for body in bodies {
            let row = read_row(&body)?;
            let fresh = row.records.iter().filter(|record| record.seq > after && record.is_exported());
            let exported: Vec<String> =
                fresh.map(|record| encoding.line(&record.export_line(with_pii), &journal)).collect();
            if !lines.is_empty() && lines.len() + exported.len() > max {
                break 'rows;
            }
            lines.extend(exported);
            through = row.last;
        }
    }
    Ok((through > acknowledged).then_some(Export { lines, encoding, cursor: Cursor { journal, through } }))
}
