//! Records and enums across the boundary.

use hearken::{Consent, Purpose, engine};

use crate::clock::ManualTime;
use crate::message::Message;

/// How a client is opened.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Config {
    /// The playbook, as JSON.
    pub playbook: String,
    /// Where the journal is kept.
    pub store: StorePlace,
    /// The purposes that the person granted so far; they serve only the first profile of a store.
    pub consent: Purposes,
    /// The person's locale, a BCP 47 tag.
    pub locale: String,
    /// Minutes that local time is ahead of UTC.
    pub offset_min: i32,
    /// Whether the host's screen can be seen from the start.
    pub can_display: bool,
    /// A time that a test moves, instead of the machine's clock.
    pub manual: Option<ManualTime>,
}

/// Where the journal is kept.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum StorePlace {
    /// Nowhere: gone with the client.
    Memory,
    /// In a SQLite file.
    File {
        /// The file's path.
        path: String,
    },
}

/// What a person agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Purposes {
    /// Measuring: only what is recorded under it is exported.
    pub analytics: bool,
    /// Content that adapts to the person.
    pub personalization: bool,
    /// Messages at all.
    pub messaging: bool,
}

impl From<Purposes> for Consent {
    fn from(purposes: Purposes) -> Self {
        let granted = [
            (purposes.analytics, Purpose::Analytics),
            (purposes.personalization, Purpose::Personalization),
            (purposes.messaging, Purpose::Messaging),
        ];
        granted.into_iter().filter(|(granted, _)| *granted).map(|(_, purpose)| purpose).collect()
    }
}

/// What became of a call that records something.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Verdict {
    /// Recorded, or queued until the client is open.
    Accepted,
    /// The person has not agreed to any purpose that would let it be recorded. Nothing changed.
    NotConsented,
    /// Refused. Nothing of it was kept.
    Rejected {
        /// The rule that it breaks, in snake_case.
        code: String,
        /// What it breaks, by name.
        details: String,
    },
}

/// A message for one person.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Offer {
    /// Its id.
    pub presentation_id: String,
    /// The campaign.
    pub campaign: String,
    /// The channel.
    pub channel: String,
    /// What to draw.
    pub message: Message,
}

/// What a host says to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum HostAnswer {
    /// Not now; asked again when conditions change.
    Later,
    /// Not at all.
    Discard,
}

/// What a person did with a message.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Interaction {
    /// Used a button.
    Click {
        /// The button.
        target: String,
    },
    /// Closed the message.
    Dismiss,
}

/// Why a message left the screen without the person's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Leaving {
    /// Its time was over.
    Auto,
    /// The host removed it, or could not draw it.
    Unmounted,
}

/// A part of the journal, to be sent.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ExportPart {
    /// JSON lines, in order.
    pub lines: Vec<String>,
    /// The place to acknowledge once they have arrived.
    pub through: u64,
    /// The journal's id.
    pub journal: String,
}

/// What became of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Outcome {
    /// It won: it is offered to the host.
    Offered,
    /// It is on the screen.
    Displaying,
    /// Nothing would hold it back.
    Eligible,
    /// It was triggered and waits.
    Waiting {
        /// What holds it back.
        stop: Stop,
    },
    /// Its trigger dropped, or nothing has triggered it.
    Stopped {
        /// What stopped it.
        stop: Stop,
    },
}

/// The stage that failed, and why.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Stop {
    /// The stage, in snake_case.
    pub stage: String,
    /// The reason's code, in snake_case.
    pub reason: String,
    /// What failed, what was seen, and until when: the whole reason, as JSON.
    pub details: String,
}

impl Stop {
    fn new(stage: engine::Stage, reason: &engine::Reason) -> Self {
        let details = serde_json::to_string(reason).unwrap_or_default();
        Self { stage: stage_name(stage), reason: reason.name().to_owned(), details }
    }
}

fn stage_name(stage: engine::Stage) -> String {
    serde_json::to_value(stage).ok().and_then(|stage| stage.as_str().map(str::to_owned)).unwrap_or_default()
}

impl From<&engine::Outcome> for Outcome {
    fn from(outcome: &engine::Outcome) -> Self {
        match outcome {
            engine::Outcome::Offered => Self::Offered,
            engine::Outcome::Displaying => Self::Displaying,
            engine::Outcome::Eligible => Self::Eligible,
            engine::Outcome::Waiting { stage, reason } => Self::Waiting { stop: Stop::new(*stage, reason) },
            engine::Outcome::Stopped { stage, reason } => Self::Stopped { stop: Stop::new(*stage, reason) },
        }
    }
}

/// What became of one campaign in a step.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Decision {
    /// The campaign.
    pub campaign: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// Why a campaign is, or is not, shown.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Explanation {
    /// The campaign.
    pub campaign: String,
    /// The instant, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The stages that passed, in their order.
    pub passed: Vec<StageLine>,
    /// When the failing stage can pass, where that is known.
    pub next_eligible_at_ms: Option<i64>,
    /// What became of its last trigger since the client opened.
    pub last: Option<Outcome>,
}

/// One stage that passed.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct StageLine {
    /// The stage, in snake_case.
    pub stage: String,
    /// What was found there.
    pub details: String,
}

impl From<engine::Explanation> for Explanation {
    fn from(explanation: engine::Explanation) -> Self {
        let passed = explanation.passed.iter().map(|line| StageLine {
            stage: serde_json::to_value(line.stage)
                .ok()
                .and_then(|stage| stage.as_str().map(str::to_owned))
                .unwrap_or_default(),
            details: line.detail.clone(),
        });
        Self {
            outcome: (&explanation.outcome).into(),
            passed: passed.collect(),
            at_ms: explanation.at.0,
            next_eligible_at_ms: explanation.next_eligible_at.map(|at| at.0),
            last: explanation.last.as_ref().map(|last| (&last.outcome).into()),
            campaign: explanation.campaign,
        }
    }
}
