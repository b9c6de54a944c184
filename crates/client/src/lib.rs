#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod builder;
mod client;
mod clock;
mod error;
mod export;
mod memory;
mod presentation;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod worker;

pub use builder::Builder;
pub use client::{Client, Observer};
pub use clock::{Clock, Manual, System};
pub use error::{Error, PlaybookProblem};
pub use export::Export;
/// The engine's own words: inputs and records, for whoever binds the client to another language.
pub use hearken_core as engine;
pub use hearken_core::{
    Action, Block, Button, ButtonRole, Decision, Departure, Diagnostic, EndCause, Explanation, Image, Layout, Message,
    Outcome, PresentationId, Properties, Purpose, Purposes as Consent, Reason, Rejection, Span, Stage, Timestamp,
    Track, Value,
};
pub use memory::Memory;
pub use presentation::{Drawn, Presentation};
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;

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
