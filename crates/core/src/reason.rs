//! Why a campaign may or may not be shown. Every stage answers with a reason, never with a bare no (engine.md 5.1).

use crate::time::Timestamp;
use crate::wire::{names, tagged};
use crate::{CampaignId, Value};

names! {
    /// The stages of the walk, in their order; the first that fails is the reason (engine.md 5.1).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Stage {
        /// Its trigger has fired.
        Triggered = "triggered",
        /// The playbook has it, without a problem, and says `enabled`.
        Enabled = "enabled",
        /// Between its start and its end.
        Schedule = "schedule",
        /// The person agreed to messaging.
        Consent = "consent",
        /// This host can draw one of its channels, now.
        Channel = "channel",
        /// Its goal is not reached yet.
        Success = "success",
        /// The person is in its audience.
        Audience = "audience",
        /// Not shown too often, or too recently, for itself.
        Limit = "limit",
        /// Its frequency constraints have room.
        Frequency = "frequency",
        /// No other interruptive message stands, or stood a moment ago.
        Slot = "slot",
        /// No other campaign goes first.
        Arbitration = "arbitration",
        /// Its texts can be made.
        Render = "render",
    }
}

tagged! {
    /// Why a stage failed: what failed, what was seen, and when it can pass again where that is known.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub enum Reason tagged "code" {
        /// Nothing has triggered it.
        NotTriggered = "not_triggered",
        /// The playbook does not have this campaign.
        Unknown = "unknown",
        /// Switched off, or invalid and disabled alone.
        Disabled = "disabled" {
            /// The problem, by its path, if it is invalid.
            problem: Option<String>,
        },
        /// The host switched the library off.
        SwitchedOff = "switched_off",
        /// Its trigger fired, and its delay is not over.
        Delayed = "delayed" {
            /// When it is.
            until: Timestamp,
        },
        /// What it waited for took too long.
        Expired = "expired",
        /// An event that takes it back happened.
        Cancelled = "cancelled",
        /// A new playbook does not have it any more, or with another trigger.
        Changed = "changed",
        /// Its schedule has not begun.
        NotStarted = "not_started" {
            /// When it begins.
            until: Timestamp,
        },
        /// Its schedule is over.
        CampaignEnded = "campaign_ended" {
            /// When it ended.
            at: Timestamp,
        },
        /// Outside of its days or hours, in local time.
        Window = "window" {
            /// When the next ones begin.
            until: Timestamp,
        },
        /// Quiet hours.
        QuietHours = "quiet_hours" {
            /// When they end.
            until: Timestamp,
        },
        /// The person has not agreed to messaging.
        Consent = "consent",
        /// This host draws none of its channels.
        Channel = "channel",
        /// Nothing can be kept, so nothing is given that would count (engine.md 1.9).
        StoreUnavailable = "store_unavailable",
        /// The host cannot draw at this moment: hidden, in the background, or paused.
        CannotDisplay = "cannot_display",
        /// The host holds messages back.
        Paused = "paused",
        /// The place that it fills is not there, or filled.
        Placement = "placement" {
            /// The place.
            placement: String,
        },
        /// Not on the screen where the person is.
        Screen = "screen" {
            /// Where the person is, if the host said so.
            seen: Option<String>,
        },
        /// The host just answered `later`; it is asked again at the next step.
        PutOff = "put_off",
        /// Its goal is reached, on this device (engine.md 5.2).
        Success = "success" {
            /// The metric.
            goal: String,
        },
        /// The person is not in its audience.
        Audience = "audience" {
            /// The field whose test failed.
            field: String,
            /// What was seen there; nothing if it is absent.
            seen: Option<Value>,
        },
        /// Its audience asks for more of the past than is known.
        HistoryIncomplete = "history_incomplete" {
            /// When enough will be known, if time alone brings that.
            complete_at: Option<Timestamp>,
        },
        /// Shown as often as it may be.
        Limit = "limit" {
            /// How often it may be shown.
            times: u32,
        },
        /// Shown too recently.
        AgainAfter = "again_after" {
            /// When it may be shown again.
            until: Timestamp,
        },
        /// A frequency constraint is full.
        Frequency = "frequency" {
            /// Its name.
            cap: String,
            /// How many uses it allows.
            max: u32,
            /// When the use that blocks it leaves the window.
            until: Timestamp,
        },
        /// Another interruptive message stands in this tab or app.
        Slot = "slot",
        /// Another interruptive message stands elsewhere, or ended less than the minimum interval ago.
        Interval = "interval" {
            /// When the interval is over; nothing while a message still stands.
            until: Option<Timestamp>,
        },
        /// A text of it could not be made, or said that it is not to be shown.
        Render = "render" {
            /// Why.
            message: String,
        },
        /// Another campaign went first.
        LostArbitration = "lost_arbitration" {
            /// The winner.
            to: CampaignId,
        },
    }
}

impl Reason {
    /// Whether a trigger that meets it waits; otherwise the trigger drops, at no cost (engine.md 4.3).
    #[must_use]
    pub fn waits(&self) -> bool {
        match self {
            Self::NotTriggered
            | Self::Unknown
            | Self::Disabled { .. }
            | Self::SwitchedOff
            | Self::Expired
            | Self::Cancelled
            | Self::Changed
            | Self::CampaignEnded { .. }
            | Self::Consent
            | Self::Success { .. }
            | Self::Audience { .. }
            | Self::HistoryIncomplete { .. }
            | Self::Limit { .. }
            | Self::Render { .. } => false,
            Self::Delayed { .. }
            | Self::NotStarted { .. }
            | Self::Window { .. }
            | Self::QuietHours { .. }
            | Self::Channel
            | Self::StoreUnavailable
            | Self::CannotDisplay
            | Self::Paused
            | Self::Placement { .. }
            | Self::Screen { .. }
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
            Self::Delayed { until }
            | Self::NotStarted { until }
            | Self::Window { until }
            | Self::QuietHours { until }
            | Self::AgainAfter { until }
            | Self::Frequency { until, .. } => Some(*until),
            Self::Interval { until } | Self::HistoryIncomplete { complete_at: until } => *until,
            _ => None,
        }
    }
}

tagged! {
    /// What became of a campaign in a step or at an instant.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Outcome tagged "outcome" {
        /// It won: it is offered to the host.
        Offered = "offered",
        /// It is on the screen.
        Displaying = "displaying",
        /// It was triggered and waits for this stage to pass.
        Waiting = "waiting" {
            /// The stage that holds it back.
            stage: Stage,
            /// Why.
            reason: Reason,
        },
        /// Its trigger dropped, or nothing has triggered it.
        Stopped = "stopped" {
            /// The stage that failed.
            stage: Stage,
            /// Why.
            reason: Reason,
        },
        /// Nothing would hold it back: it would be offered if it were triggered now.
        Eligible = "eligible",
    }
}

impl Outcome {
    pub(crate) fn of(stage: Stage, reason: Reason) -> Self {
        if reason.waits() { Self::Waiting { stage, reason } } else { Self::Stopped { stage, reason } }
    }
}
