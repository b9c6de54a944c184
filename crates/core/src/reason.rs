//! Why a campaign may or may not be shown. Every stage answers with a reason, never with a bare no (engine.md 5.1).

use serde::Serialize;

use crate::time::Timestamp;
use crate::{CampaignId, Value};

/// The stages of the walk, in their order; the first that fails is the reason (engine.md 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its trigger has fired.
    Triggered,
    /// The playbook has it, without a problem, and says `enabled`.
    Enabled,
    /// Between its start and its end.
    Schedule,
    /// The person agreed to messaging.
    Consent,
    /// This host can draw one of its channels, now.
    Channel,
    /// The person is in its audience.
    Audience,
    /// Not shown too often, or too recently, for itself.
    Limit,
    /// Its frequency constraints have room.
    Frequency,
    /// No other interruptive message stands, or stood a moment ago.
    Slot,
    /// No other campaign goes first.
    Arbitration,
}

/// Why a stage failed: what failed, what was seen, and when it can pass again where that is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// Nothing has triggered it.
    NotTriggered,
    /// The playbook does not have this campaign.
    Unknown,
    /// Switched off, or invalid and disabled alone.
    Disabled {
        /// The problem, by its path, if it is invalid.
        problem: Option<String>,
    },
    /// Its schedule has not begun.
    NotStarted {
        /// When it begins.
        until: Timestamp,
    },
    /// Its schedule is over.
    CampaignEnded {
        /// When it ended.
        at: Timestamp,
    },
    /// The person has not agreed to messaging.
    Consent,
    /// This host draws none of its channels.
    Channel,
    /// The host cannot draw at this moment: hidden, in the background, or paused.
    CannotDisplay,
    /// The host just answered `later`; it is asked again at the next step.
    PutOff,
    /// The person is not in its audience.
    Audience {
        /// The field whose test failed.
        field: String,
        /// What was seen there; nothing if it is absent.
        seen: Option<Value>,
    },
    /// Shown as often as it may be.
    Limit {
        /// How often it may be shown.
        times: u32,
    },
    /// Shown too recently.
    AgainAfter {
        /// When it may be shown again.
        until: Timestamp,
    },
    /// A frequency constraint is full.
    Frequency {
        /// Its name.
        cap: String,
        /// How many uses it allows.
        max: u32,
        /// When the use that blocks it leaves the window.
        until: Timestamp,
    },
    /// Another interruptive message stands in this tab or app.
    Slot,
    /// Another interruptive message stands elsewhere, or ended less than the minimum interval ago.
    Interval {
        /// When the interval is over; nothing while a message still stands.
        until: Option<Timestamp>,
    },
    /// Another campaign went first.
    LostArbitration {
        /// The winner.
        to: CampaignId,
    },
}

impl Reason {
    /// The name in vectors and reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotTriggered => "not_triggered",
            Self::Unknown => "unknown",
            Self::Disabled { .. } => "disabled",
            Self::NotStarted { .. } => "not_started",
            Self::CampaignEnded { .. } => "campaign_ended",
            Self::Consent => "consent",
            Self::Channel => "channel",
            Self::CannotDisplay => "cannot_display",
            Self::PutOff => "put_off",
            Self::Audience { .. } => "audience",
            Self::Limit { .. } => "limit",
            Self::AgainAfter { .. } => "again_after",
            Self::Frequency { .. } => "frequency",
            Self::Slot => "slot",
            Self::Interval { .. } => "interval",
            Self::LostArbitration { .. } => "lost_arbitration",
        }
    }

    /// Whether a trigger that meets it waits; otherwise the trigger drops, at no cost (engine.md 4.3).
    #[must_use]
    pub fn waits(&self) -> bool {
        match self {
            Self::NotTriggered
            | Self::Unknown
            | Self::Disabled { .. }
            | Self::CampaignEnded { .. }
            | Self::Consent
            | Self::Audience { .. }
            | Self::Limit { .. } => false,
            Self::NotStarted { .. }
            | Self::Channel
            | Self::CannotDisplay
            | Self::PutOff
            | Self::AgainAfter { .. }
            | Self::Frequency { .. }
            | Self::Slot
            | Self::Interval { .. }
            | Self::LostArbitration { .. } => true,
        }
    }

    /// When the failing stage can pass, where that is known.
    #[must_use]
    pub fn next_eligible_at(&self) -> Option<Timestamp> {
        match self {
            Self::NotStarted { until } | Self::AgainAfter { until } | Self::Frequency { until, .. } => Some(*until),
            Self::Interval { until } => *until,
            _ => None,
        }
    }
}

/// What became of a campaign in a step or at an instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It won: it is offered to the host.
    Offered,
    /// It is on the screen.
    Displaying,
    /// It was triggered and waits for this stage to pass.
    Waiting {
        /// The stage that holds it back.
        stage: Stage,
        /// Why.
        reason: Reason,
    },
    /// Its trigger dropped, or nothing has triggered it.
    Stopped {
        /// The stage that failed.
        stage: Stage,
        /// Why.
        reason: Reason,
    },
    /// Nothing would hold it back: it would be offered if it were triggered now.
    Eligible,
}

impl Outcome {
    pub(crate) fn of(stage: Stage, reason: Reason) -> Self {
        if reason.waits() { Self::Waiting { stage, reason } } else { Self::Stopped { stage, reason } }
    }
}
