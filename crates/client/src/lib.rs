#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod builder;
mod client;
mod clock;
mod encoding;
mod error;
mod export;
mod host;
mod inbox;
mod inner;
mod memory;
mod opening;
mod person;
mod playbooks;
mod presentation;
mod retention;
mod setup;
mod signature;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod worker;

pub use builder::Builder;
pub use client::{Client, Observer};
pub use clock::{Clock, Manual, System};
pub use encoding::Encoding;
pub use error::{Error, PlaybookProblem};
pub use export::{Cursor, Export, ExportOptions};
/// The engine's own words: inputs and records, for whoever binds the client to another language.
pub use hearken_core as engine;
pub use hearken_core::success::{GroupReport, MetricReport, SuccessReport};
pub use hearken_core::{
    Action, Block, Button, ButtonRole, Choice, Decision, Departure, Diagnostic, EndCause, Explanation, Field,
    FieldKind, Image, Inline, Layout, Message, Needs, Outcome, Page, Person, Preference, PresentationId, ProfileId,
    ProgressBar, Properties, Purpose, Purposes as Consent, Reason, Rejection, Span, Stage, Timestamp, TouchKind, Track,
    Value,
};
pub use host::Touch;
pub use inbox::{Card, Inbox};
pub use memory::Memory;
pub use person::Receipt;
pub use presentation::{Drawn, Presentation};
pub use retention::Retention;
#[cfg(feature = "sqlite")]
pub use sqlite::{Sqlite, StoredJournal};

/// Properties of an event, as JSON.
///
/// ```
/// let properties = hearken::props! { "items": 2, "top_item": "Lamp" };
/// assert_eq!(properties["items"], 2);
/// ```
#[macro_export]
macro_rules! props {
    ($($content:tt)*) => {
        match $crate::__json!({ $($content)* }) {
            $crate::Value::Object(properties) => properties,
            _ => $crate::Properties::new(),
        }
    };
}

#[doc(hidden)]
pub use serde_json::json as __json;
