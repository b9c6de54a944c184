//! One file a command.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod explain_metric;
pub(crate) mod key;
pub(crate) mod keygen;
pub(crate) mod measure;
pub(crate) mod preset;
mod redecide;
pub(crate) mod replay;
pub(crate) mod schema;
pub(crate) mod sign;
pub(crate) mod sql;
pub(crate) mod types;
pub(crate) mod verify;

use std::io::Write as _;
use std::path::Path;

/// Why a command ended early: a message for people, and an exit code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Failure {
    /// A file that cannot be read.
    #[error("{path}: {source}")]
    Read { path: String, source: std::io::Error },
    /// A file that cannot be written.
    #[error("{path}: {source}")]
    Write { path: String, source: std::io::Error },
    /// A journal whose rows cannot be read, or do not follow each other.
    #[error("{place}: {source}")]
    Journal { place: String, source: hearken_core::JournalError },
    /// A journal's file that cannot be read.
    #[error(transparent)]
    Store(#[from] hearken::store::StoreError),
    /// Something that the person can put right.
    #[error("{0}")]
    Refused(String),
    /// Something that cannot be used at all.
    #[error("{0}")]
    Unusable(String),
}

impl Failure {
    pub(crate) fn exit(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Read { .. } | Self::Write { .. } | Self::Journal { .. } | Self::Store(_) | Self::Unusable(_) => 2,
        }
    }
}

/// An exit code, or why it ended early.
pub(crate) type Outcome = Result<u8, Failure>;

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|source| Failure::Read { path: path.display().to_string(), source })
}

/// Writes to a file, or to the standard output.
fn put(text: &str, to: Option<&Path>) -> Result<(), Failure> {
    match to {
        Some(path) => {
            std::fs::write(path, text).map_err(|source| Failure::Write { path: path.display().to_string(), source })
        }
        None => {
            // A reader that has seen enough closes the pipe; that is no failure of ours.
            let _ = std::io::stdout().lock().write_all(text.as_bytes());
            Ok(())
        }
    }
}
