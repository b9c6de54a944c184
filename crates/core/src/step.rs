//! What an engine answers to an input (engine.md 1.1).

use serde::Serialize;

use crate::journal::Row;
use crate::message::Message;
use crate::plan::Rejection;
use crate::presentation::Transition;
use crate::reason::Outcome;
use crate::time::Timestamp;
use crate::{CampaignId, EndCause, PresentationId};

/// The answer to one input. The host stores `row` and `blob` in one atomic write, and only then releases `offered`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Step {
    /// What became of the input itself.
    pub verdict: Verdict,
    /// The records to store, if anything happened.
    pub row: Option<Row>,
    /// A document to store in the same write.
    pub blob: Option<Blob>,
    /// Messages for the host, to release once the row is stored.
    pub offered: Vec<Offer>,
    /// Messages of this owner that the host removes from the screen, or from its queue.
    pub withdrawn: Vec<Withdrawn>,
    /// What became of each campaign that this step looked at.
    pub decisions: Vec<Decision>,
    /// What a developer should know.
    pub diagnostics: Vec<Diagnostic>,
    /// The rows of the presentations' table that this step ran.
    pub transitions: Vec<Transition>,
    /// When the engine wants a [`crate::Input::Tick`]; strictly later than now.
    pub next_wakeup: Option<Timestamp>,
    /// How many campaigns this step visited, and how many conditions it evaluated (engine.md 3.4).
    pub cost: Cost,
}

/// What a step cost, counted: what tests assert instead of times (engine.md 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Cost {
    /// Campaigns looked at.
    pub campaigns: u32,
    /// Conditions evaluated.
    pub conditions: u32,
}

/// What became of an input.
#[derive(Clone, Debug, PartialEq, Default, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It was handled.
    #[default]
    Accepted,
    /// The person has not agreed to any purpose that would let it be recorded. Nothing changed.
    NotConsented,
    /// It was refused. Nothing changed.
    Rejected {
        /// Why.
        rejection: Rejection,
    },
}

/// A document to store beside the journal, by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// SHA-256 of the content, in hex.
    pub hash: String,
    /// The content.
    pub content: String,
}

/// A message for one person, offered to the host.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Offer {
    /// Its id, the same on the screen, in the journal and in the warehouse.
    pub presentation_id: PresentationId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The channel.
    pub channel: String,
    /// Whether it stood on the screen before a reload: the host draws it again, and nothing is spent.
    pub resumed: bool,
    /// What to draw.
    pub message: Message,
}

/// A message that the host takes off the screen, or out of its queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Withdrawn {
    /// Which.
    pub presentation_id: PresentationId,
    /// Why.
    pub cause: EndCause,
}

/// What became of one campaign in a step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// The campaign.
    pub campaign: CampaignId,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Something that a developer should know; nothing was lost by it beyond what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Diagnostic {
    /// A campaign is disabled alone.
    CampaignDisabled {
        /// Where the problem stands.
        path: String,
        /// What it is.
        message: String,
    },
    /// A playbook was refused; the last good one stays.
    PlaybookRefused {
        /// Why.
        message: String,
    },
    /// The clock was set back.
    ClockStep {
        /// How far, in milliseconds.
        back_ms: i64,
    },
    /// A button's event was refused by the tracking plan.
    ActionRefused {
        /// Why.
        message: String,
    },
}
