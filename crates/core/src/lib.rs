#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

// `allow(dead_code)`: not reached by the engine before the playbook carries texts and templates.

mod arbitration;
mod condition;
#[cfg(feature = "conformance")]
pub mod conformance;
mod consent;
mod decimal;
mod eligibility;
mod engine;
mod explain;
mod frequency;
mod host;
mod id;
mod input;
mod journal;
mod json;
#[allow(dead_code)]
mod locale;
mod message;
mod plan;
mod playbook;
#[allow(dead_code)]
mod plural;
mod presentation;
mod reason;
mod record;
#[allow(dead_code)]
mod resolve;
#[cfg(feature = "schema")]
pub mod schema;
mod session;
mod state;
mod step;
mod table;
#[allow(dead_code)]
mod template;
#[allow(dead_code)]
mod texts;
mod time;
mod trigger;
mod turn;
mod value;
mod wire;

pub use condition::{Condition, ConditionError};
pub use consent::{Purpose, Purposes};
pub use engine::{Engine, EngineError};
pub use explain::{Decided, Explanation, StageLine};
pub use id::{CampaignId, IdError, OwnerId, PresentationId, ProfileId, RecordId, SessionId};
pub use input::{Answer, AttributeChange, Context, Departure, Input, InteractionKind};
pub use journal::{Checkpoint, FORMAT, JournalError, Row};
pub use message::{Action, Block, Button, ButtonRole, Image, Layout, Message, Page, Track};
pub use plan::{Plan, Rejection};
pub use playbook::{Playbook, PlaybookError, Problem};
pub use presentation::{EndCause, Phase, Place, Signal, Transition, Use};
pub use reason::{Outcome, Reason, Stage};
pub use record::{AttributeOp, Body, KINDS, Record};
pub use step::{Blob, Cost, Decision, Diagnostic, Offer, Step, Verdict, Withdrawn};
pub use table::Table;
pub use time::{Span, SpanError, Timestamp};
pub use value::{Properties, Value};

/// A text as JSON: in quotes, escaped. For hosts that put JSON together by hand.
#[must_use]
pub fn text_json(text: &str) -> String {
    wire::to_json(text)
}
