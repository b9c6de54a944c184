#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod arbitration;
mod assignment;
#[cfg(feature = "authoring")]
pub mod authoring;
mod bucketing;
mod card;
mod condition;
#[cfg(feature = "conformance")]
pub mod conformance;
mod consent;
mod decimal;
mod edits;
mod eligibility;
mod engine;
mod experiment;
mod explain;
mod fold;
mod frequency;
#[cfg(feature = "conformance")]
mod growthbook;
mod history;
mod host;
mod id;
mod inbox;
mod input;
mod install;
mod journal;
mod json;
mod letters;
mod list;
mod locale;
mod merge;
mod message;
mod occur;
mod person;
mod plan;
mod playbook;
mod plural;
mod presentation;
mod reason;
mod record;
mod render;
#[cfg(feature = "replay")]
mod replay;
mod resolve;
mod schedule;
#[cfg(feature = "schema")]
pub mod schema;
mod session;
mod state;
mod step;
mod subject;
pub mod success;
mod table;
mod template;
mod texts;
mod time;
mod timers;
mod trigger;
mod turn;
mod value;
mod view;
mod wire;

pub use card::CardAction;
pub use condition::{Condition, ConditionError};
pub use consent::{Purpose, Purposes};
pub use engine::{Engine, EngineError, Person};
pub use explain::{Decided, Explanation, StageLine};
pub use history::{Counter, Entry, Filter, Ring};
pub use id::{CampaignId, IdError, OwnerId, PresentationId, ProfileId, RecordId, SessionId};
pub use input::{Answer, Context, Departure, Input, InputError, InteractionKind, TouchKind};
pub use journal::{Checkpoint, FORMAT, JournalError, Row};
pub use plan::{Plan, Rejection};
pub use playbook::{Needs, Playbook, PlaybookError, Problem};
pub use presentation::{EndCause, Phase, Place, Signal, Transition, Use};
pub use reason::{Outcome, Reason, Stage};
pub use record::{AttributeOp, Body, ConsentSource, Ghost, KINDS, Record, SessionCause};
#[cfg(feature = "replay")]
pub use replay::{Difference, Given, Missing, Redecided, Redecision, Replay};
pub use step::{Blob, Cost, Decision, Diagnostic, Offer, Step, Verdict, Withdrawn};
pub use table::Table;
pub use time::{Span, SpanError, Timestamp};
pub use value::{Properties, Value};
pub use view::{
    Action, Block, Button, ButtonRole, Choice, Field, FieldKind, Image, Inline, Layout, Message, Page, Preference,
    ProgressBar, Track,
};

/// A text as JSON: in quotes, escaped. For hosts that put JSON together by hand.
#[must_use]
pub fn text_json(text: &str) -> String {
    wire::to_json(text)
}
