//! How long the journal is kept (engine.md 11.4). What was exported, or is to be delivered to nobody, goes at the next
//! checkpoint; the rest once it is too old or too much, and then the journal says what was lost.

use hearken_core::{Engine, Row, Span, Timestamp};

use crate::setup::Setup;
use crate::store::{self, Store, StoreError};

/// Rows read at once.
pub(crate) const ROWS: usize = 500;

/// How long, and how much, is kept of what no export has taken: whichever is reached first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How long a step is kept.
    pub age: Span,
    /// How large the store may become, in bytes.
    pub bytes: u64,
}

impl Default for Retention {
    /// 90 days or 50 MB.
    fn default() -> Self {
        Self { age: Span(90 * 86_400_000), bytes: 50_000_000 }
    }
}

/// What is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Everything up to here.
    pub(crate) through: u64,
    /// What of it nobody has got.
    pub(crate) lost: Option<(u64, u64)>,
}

/// Says what has to go now. Nobody asks any more for what lies up to `free`.
pub(crate) fn cut(store: &mut dyn Store, kept: Retention, free: u64, now: Timestamp) -> Result<Cut, StoreError> {
    let size = store.size()?;
    // A tenth more than has to go, so that it does not start again at once.
    let excess = if size > kept.bytes { size - kept.bytes + kept.bytes / 10 } else { 0 };
    let mut cut = Cut { through: free, lost: None };
    let (mut freed, mut after) = (0, 0);
    loop {
        let bodies = store.rows(after, ROWS)?;
        if bodies.is_empty() {
            return Ok(cut);
        }
        for body in bodies {
            let row = read_row(&body)?;
            after = row.last;
            if row.last > free {
                if freed >= excess && now.since(row.ctx.now) < kept.age {
                    return Ok(cut);
                }
                let first = row.first.max(free + 1);
                if row.records.iter().any(|record| record.seq > free && record.is_exported()) {
                    cut.lost = Some((cut.lost.map_or(first, |(from, _)| from), row.last));
                }
                cut.through = row.last;
            }
            freed += body.len() as u64;
        }
    }
}

/// Removes the rows up to `through`, behind a checkpoint that holds what they say. Answers with the place up to which the
/// journal is gone.
pub(crate) fn prune(store: &mut dyn Store, setup: &Setup, through: u64) -> Result<u64, StoreError> {
    let (base, head) = (store.base()?, store.head()?);
    let gone = base.as_ref().map_or(0, |base| base.seq);
    let mut engine = fresh(setup)?;
    let mut folded = 0;
    // The newest checkpoint that lies before the cut and can be read.
    for checkpoint in [head, base].into_iter().flatten().filter(|checkpoint| checkpoint.seq <= through) {
        if let Ok(read) = hearken_core::Checkpoint::from_json(&checkpoint.body) {
            engine.load(read);
            folded = checkpoint.seq;
            break;
        }
    }
    'rows: loop {
        let bodies = store.rows(folded, ROWS)?;
        if bodies.is_empty() {
            break;
        }
        for body in bodies {
            let row = read_row(&body)?;
            if row.last > through {
                break 'rows;
            }
            engine.fold(&row).map_err(damaged)?;
            folded = row.last;
        }
    }
    if folded <= gone {
        return Ok(gone);
    }
    store.prune(&store::Checkpoint { seq: folded, body: engine.checkpoint_json() })?;
    Ok(folded)
}

pub(crate) fn fresh(setup: &Setup) -> Result<Engine, StoreError> {
    Engine::new(setup.owner.clone(), &setup.channels)
        .map_err(|error| StoreError::Unavailable { path: "channels".into(), message: error.to_string() })
}

pub(crate) fn read_row(body: &str) -> Result<Row, StoreError> {
    Row::from_json(body).map_err(damaged)
}

pub(crate) fn damaged(error: hearken_core::JournalError) -> StoreError {
    match error {
        hearken_core::JournalError::Newer { seen } => {
            StoreError::Newer { path: "journal".into(), seen, known: hearken_core::FORMAT }
        }
        other => StoreError::Damaged { path: "journal".into(), message: other.to_string() },
    }
}
