//! Errors by what a caller can do about them.

use hearken_core::{PlaybookError, Reason, Rejection};

use crate::store::StoreError;

/// What can go wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The playbook cannot be used: mend it. The last good one stays in force.
    #[error("playbook: {0}")]
    Playbook(#[from] PlaybookProblem),
    /// The playbook is not signed as [`crate::Builder::verify_with`] asks. The last good one stays in force.
    #[error("the playbook's signature: {message}")]
    Signature {
        /// What is wrong with it.
        message: String,
    },
    /// The campaign would show nothing, and why.
    #[error("nothing would be shown: {}", reason.name())]
    NotShown {
        /// Why.
        reason: Reason,
    },
    /// The input was refused: mend the call. Nothing of it was kept.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The person has not agreed to any purpose that would let it be recorded. Nothing changed.
    #[error("the person has not agreed to a purpose that would let this be recorded")]
    NotConsented,
    /// The library is switched off: nothing is recorded, and nothing changed.
    #[error("the library is switched off")]
    Disabled,
    /// Too much waits to be stored: try again later. Nothing changed.
    #[error("too much waits to be stored; the input was refused before anything changed")]
    Backpressure,
    /// The store failed: what it says, and whether trying again can help.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// Another process owns the store: this one hands its events over and decides nothing.
    #[error("another process owns the store; this one only hands events over")]
    NotOwner,
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
    /// The operating system gave no entropy.
    #[error("no entropy: {message}")]
    Entropy {
        /// What it said.
        message: String,
    },
    /// An option of the builder that cannot be used.
    #[error("{option}: {message}")]
    Option {
        /// Which.
        option: String,
        /// Why.
        message: String,
    },
}

/// What is wrong with a playbook, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct PlaybookProblem {
    /// A path such as `plan.events.e.type`, or `line 3, column 7`.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

impl From<PlaybookError> for Error {
    fn from(error: PlaybookError) -> Self {
        let (path, message) = match error {
            PlaybookError::Json { line, column, message } => (format!("line {line}, column {column}"), message),
            PlaybookError::Document { path, message } => (path, message),
            PlaybookError::Spec { .. } => ("spec".to_owned(), error.to_string()),
            _ => ("".to_owned(), error.to_string()),
        };
        Self::Playbook(PlaybookProblem { path, message })
    }
}
