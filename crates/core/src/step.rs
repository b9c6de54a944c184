//! What an engine answers to an input (engine.md 1.1).

use std::sync::Arc;

use crate::journal::Row;
use crate::plan::Rejection;
use crate::presentation::Transition;
use crate::reason::Outcome;
use crate::time::Timestamp;
use crate::wire::{Write, put, serialize_as_written, tagged, wire, write_list};
use crate::{CampaignId, EndCause, Message, PresentationId, Value};

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
    /// Whether the inbox is to be read again.
    pub inbox_changed: bool,
    /// Everything that was stored before this step goes, in the write that stores its row (engine.md 2.5).
    pub erased: bool,
    /// When the engine wants a [`crate::Input::Tick`]; strictly later than now.
    pub next_wakeup: Option<Timestamp>,
    /// How many campaigns this step visited, and how many conditions it evaluated (engine.md 3.4).
    pub cost: Cost,
}

/// What a step cost, counted: what tests assert instead of times (engine.md 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Cost {
    /// Campaigns looked at.
    pub campaigns: u32,
    /// Conditions evaluated.
    pub conditions: u32,
}

tagged! {
    /// What became of an input.
    #[derive(Clone, Debug, PartialEq, Default)]
    pub enum Verdict tagged "verdict" {
        /// It was handled.
        #[default]
        Accepted = "accepted",
        /// The person has not agreed to any purpose that would let it be recorded. Nothing changed.
        NotConsented = "not_consented",
        /// The host switched the library off. Nothing changed.
        Disabled = "disabled",
        /// It was refused. Nothing changed.
        Rejected = "rejected" {
            /// Why.
            rejection: Rejection,
        },
    }
}

/// A document to store beside the journal, by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// SHA-256 of the content, in hex.
    pub hash: String,
    /// The content.
    pub content: String,
}

wire! {
    without schema;

    /// A message for one person, offered to the host.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Offer {
        /// Its id, the same on the screen, in the journal and in the warehouse.
        pub presentation_id: PresentationId,
        /// The campaign.
        pub campaign: CampaignId,
        /// The variant of its experiment.
        pub variant: Option<String>,
        /// The channel.
        pub channel: String,
        /// The place in the page that it fills.
        pub placement: Option<String>,
        /// Whether it stood on the screen before a reload: the host draws it again, and nothing is spent.
        pub resumed: bool,
        /// What to draw; [`Offer::view`] is typed.
        pub message: Arc<Value>,
    }

    /// A message that the host takes off the screen, or out of its queue.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Withdrawn {
        /// Which.
        pub presentation_id: PresentationId,
        /// Why.
        pub cause: EndCause,
    }
}

/// What became of one campaign in a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The campaign.
    pub campaign: CampaignId,
    /// What became of it.
    pub outcome: Outcome,
}

impl Write for Decision {
    fn write(&self, to: &mut String) {
        to.push('{');
        put(to, "campaign", &self.campaign);
        self.outcome.write_fields(to);
        to.push('}');
    }
}

serialize_as_written!(Offer, Withdrawn, Decision);

impl Offer {
    /// What to draw, typed.
    #[must_use]
    pub fn view(&self) -> Message {
        Message::of(&self.message)
    }
}

impl Withdrawn {
    /// A list of them, as JSON.
    #[must_use]
    pub fn list_json(list: &[Self]) -> String {
        let mut to = String::new();
        write_list(&mut to, list.iter());
        to
    }
}

impl Step {
    /// What a host in another language has to know of the step, as JSON: everything but the row and the blob, which it
    /// takes as they are; `row` gives their places, `blob` the document's hash.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut to = String::from("{");
        self.verdict.write_fields(&mut to);
        put(&mut to, "row", &self.row.as_ref().map(|row| vec![row.first, row.last]));
        put(&mut to, "blob", &self.blob.as_ref().map(|blob| blob.hash.clone()));
        put(&mut to, "offered", &self.offered);
        put(&mut to, "withdrawn", &self.withdrawn);
        put(&mut to, "decisions", &self.decisions);
        put(&mut to, "diagnostics", &self.diagnostics);
        put(&mut to, "inbox_changed", &self.inbox_changed);
        if self.erased {
            put(&mut to, "erased", &true);
        }
        put(&mut to, "next_wakeup", &self.next_wakeup);
        to.push('}');
        to
    }
}

tagged! {
    /// Something that a developer should know; nothing was lost by it beyond what it says.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Diagnostic tagged "code" {
        /// A campaign is disabled alone.
        CampaignDisabled = "campaign_disabled" {
            /// Where the problem stands.
            path: String,
            /// What it is.
            message: String,
        },
        /// Something of a playbook is wrong that by itself disables no campaign, such as a text in one of its languages.
        PlaybookProblem = "playbook_problem" {
            /// Where the problem stands.
            path: String,
            /// What it is.
            message: String,
        },
        /// A playbook was refused; the last good one stays.
        PlaybookRefused = "playbook_refused" {
            /// Why.
            message: String,
        },
        /// The clock was set back.
        ClockStep = "clock_step" {
            /// How far, in milliseconds.
            back_ms: i64,
        },
        /// A button's event was refused by the tracking plan.
        ActionRefused = "action_refused" {
            /// Why.
            rejection: Rejection,
        },
    }
}
