//! Errors by what an app can do about them.

use hearken::Error;
use hearken::store::StoreError;

/// What can go wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error, uniffi::Error)]
pub enum CoreError {
    /// The playbook cannot be used: mend it.
    #[error("playbook: {path}: {details}")]
    Playbook {
        /// Where: a path, or line and column.
        path: String,
        /// What is wrong there.
        details: String,
    },
    /// The call was refused: mend it. Nothing of it was kept.
    #[error("{details}")]
    Rejected {
        /// The rule that it breaks, in snake_case.
        code: String,
        /// What it breaks, by name.
        details: String,
    },
    /// Too much waits to be stored: try again later.
    #[error("too much waits to be stored")]
    Backpressure,
    /// The store is of a newer format: update the app. Nothing was touched.
    #[error("{details}")]
    NewerFormat {
        /// The file and its format.
        details: String,
    },
    /// The store cannot be read or written now: trying again can help.
    #[error("{details}")]
    StoreUnavailable {
        /// What the system says.
        details: String,
    },
    /// Another process owns the store.
    #[error("another process owns the store")]
    NotOwner,
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
    /// An option that cannot be used.
    #[error("{option}: {details}")]
    InvalidOption {
        /// Which.
        option: String,
        /// Why.
        details: String,
    },
    /// A defect of the library, or of a foreign callback. The app goes on.
    #[error("internal: {details}")]
    Internal {
        /// What happened.
        details: String,
    },
}

impl From<Error> for CoreError {
    fn from(error: Error) -> Self {
        let details = error.to_string();
        match error {
            Error::Playbook(problem) => Self::Playbook { path: problem.path, details: problem.message },
            Error::Rejected(rejection) => Self::Rejected { code: code_of(&rejection), details },
            Error::Signature { message } => Self::Playbook { path: "signature".into(), details: message },
            Error::NotShown { reason } => Self::Rejected { code: reason.name().into(), details },
            Error::Disabled => Self::Rejected { code: "disabled".into(), details },
            Error::NotConsented => Self::Rejected { code: "not_consented".into(), details },
            Error::Backpressure => Self::Backpressure,
            Error::Store(StoreError::Newer { .. }) => Self::NewerFormat { details },
            Error::Store(_) => Self::StoreUnavailable { details },
            Error::NotOwner => Self::NotOwner,
            Error::Closed => Self::Closed,
            Error::Option { option, message } => Self::InvalidOption { option, details: message },
            _ => Self::Internal { details },
        }
    }
}

impl From<uniffi::UnexpectedUniFFICallbackError> for CoreError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Internal { details: error.reason }
    }
}

/// The rejection's own code, as its JSON has it.
pub(crate) fn code_of(rejection: &hearken::Rejection) -> String {
    let json = serde_json::to_value(rejection).unwrap_or_default();
    json.get("code").and_then(|code| code.as_str()).unwrap_or("rejected").to_owned()
}
