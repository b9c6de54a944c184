//! The life of a presentation and of the use that it holds (engine.md 6.2): one visible table.
//!
//! Two states are kept apart. The *use* is what frequency constraints count: reserved, then committed or refunded.
//! The *presentation* is what stands on the screen: offered, displaying, ended.

use serde::{Deserialize, Serialize};

use crate::message::Message;
use crate::time::{Span, Timestamp};
use crate::{CampaignId, OwnerId, PresentationId, ProfileId};

/// How long an offer may stay undrawn (engine.md 6.2).
pub(crate) const LEASE: Span = Span::seconds(60);
/// How many ended presentations are remembered, so that late interactions stay idempotent (engine.md 6.3).
pub(crate) const REMEMBERED: usize = 100;

/// What a use counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// Counted, and given back if the message is never seen.
    Reserved,
    /// Counted for good.
    Committed,
    /// Given back.
    Refunded,
}

/// Where a presentation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Handed to the host, not drawn yet.
    Offered,
    /// The host said that it draws it.
    Displaying,
    /// Over.
    Ended,
}

/// Why a presentation ended; written exactly once (engine.md 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// The person closed it.
    Dismissed,
    /// The person used a button that closes it.
    Action,
    /// Its time on the screen was over.
    Auto,
    /// The host removed it from the screen, or could not draw it.
    Unmounted,
    /// The host refused the offer.
    Discarded,
    /// The host put the offer off; its trigger waits.
    Later,
    /// The offer stayed undrawn for 60 s.
    Lease,
    /// The engine took it back.
    Withdrawn,
    /// Its owner, a process or a tab, is gone.
    Orphan,
}

/// What happens to a presentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// The host is about to draw it, and it is still eligible.
    Draw,
    /// The host is about to draw it, but a stage now fails for good.
    Refuse,
    /// A stage now fails for a while, or the host answered `later`.
    Postpone,
    /// The host answered `discard`.
    Discard,
    /// 60 s went by undrawn.
    LeaseOver,
    /// Really seen: visible for a second.
    Seen,
    /// The person did something that leaves it open.
    Touch,
    /// The person did something that closes it.
    Close,
    /// It left the screen without the person's doing.
    Vanish,
    /// The engine takes it back: consent, campaign gone.
    Withdraw,
    /// Its owner is gone.
    OwnerGone,
}

/// Where a presentation and its use stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Offered; the use is reserved.
    Offered,
    /// Displaying; the use is reserved.
    Drawn,
    /// Displaying; the use is committed.
    Seen,
    /// Ended, whatever became of the use.
    Ended,
}

/// What a signal does to the use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UseEffect {
    Keep,
    /// Committed, with `$shown`: a real impression.
    Commit,
    /// Committed without `$shown`: it may have been seen.
    Assume,
    /// Refunded; the trigger drops.
    Refund,
    /// Refunded; the trigger waits again.
    RefundKeepTrigger,
}

/// One row of the table: from, signal, to. What a vector has to cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Transition {
    /// Where it stood.
    pub from: Place,
    /// What happened.
    pub signal: Signal,
    /// Where it stands now.
    pub to: Place,
}

use Place::{Drawn, Ended, Offered, Seen};
use Signal as S;
use UseEffect as U;

/// Every transition there is. A (place, signal) without a row changes nothing.
pub(crate) const TABLE: &[(Place, Signal, UseEffect, Place)] = &[
    (Offered, S::Draw, U::Keep, Drawn),
    (Offered, S::Refuse, U::Refund, Ended),
    (Offered, S::Postpone, U::RefundKeepTrigger, Ended),
    (Offered, S::Discard, U::Refund, Ended),
    (Offered, S::LeaseOver, U::Refund, Ended),
    (Offered, S::Touch, U::Commit, Seen),
    (Offered, S::Close, U::Commit, Ended),
    (Offered, S::Vanish, U::Refund, Ended),
    (Offered, S::Withdraw, U::Refund, Ended),
    (Offered, S::OwnerGone, U::RefundKeepTrigger, Ended),
    (Drawn, S::Seen, U::Commit, Seen),
    (Drawn, S::Touch, U::Commit, Seen),
    (Drawn, S::Close, U::Commit, Ended),
    (Drawn, S::Vanish, U::Refund, Ended),
    (Drawn, S::Withdraw, U::Refund, Ended),
    (Drawn, S::OwnerGone, U::Assume, Ended),
    (Seen, S::Touch, U::Keep, Seen),
    (Seen, S::Close, U::Keep, Ended),
    (Seen, S::Vanish, U::Keep, Ended),
    (Seen, S::Withdraw, U::Keep, Ended),
    (Seen, S::OwnerGone, U::Keep, Ended),
    (Ended, S::Touch, U::Keep, Ended),
    (Ended, S::Close, U::Keep, Ended),
];

pub(crate) fn transition(from: Place, signal: Signal) -> Option<(UseEffect, Place)> {
    TABLE.iter().find(|row| row.0 == from && row.1 == signal).map(|row| (row.2, row.3))
}

impl Transition {
    /// Every transition there is, for whoever checks that each is covered.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(from, signal, _, to)| Self { from: *from, signal: *signal, to: *to })
    }
}

/// One presentation, as the journal tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Presentation {
    pub(crate) id: PresentationId,
    pub(crate) profile: ProfileId,
    pub(crate) campaign: CampaignId,
    pub(crate) channel: String,
    pub(crate) owner: OwnerId,
    pub(crate) interruptive: bool,
    pub(crate) phase: Phase,
    pub(crate) uses: Use,
    /// When it was reserved: the lease runs from here.
    pub(crate) reserved_at: Timestamp,
    /// Set by a refund that lets the trigger wait again.
    #[serde(default)]
    pub(crate) trigger_waits: bool,
    /// Interactions already recorded, as `type target` (engine.md 6.3).
    #[serde(default)]
    pub(crate) interactions: Vec<String>,
    /// What is on the screen, from `displaying` to the end.
    #[serde(default)]
    pub(crate) message: Option<Message>,
}

impl Presentation {
    pub(crate) fn place(&self) -> Place {
        match (self.phase, self.uses) {
            (Phase::Ended, _) => Ended,
            (Phase::Offered, _) => Offered,
            (Phase::Displaying, Use::Committed) => Seen,
            (Phase::Displaying, _) => Drawn,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.phase != Phase::Ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pair_of_place_and_signal_stands_twice() {
        for (index, row) in TABLE.iter().enumerate() {
            assert!(!TABLE[..index].iter().any(|other| (other.0, other.1) == (row.0, row.1)), "{row:?}");
        }
    }

    #[test]
    fn a_use_that_was_seen_is_never_refunded_and_one_never_drawn_is_never_assumed() {
        for (from, _, effect, to) in TABLE {
            let refunds = matches!(effect, U::Refund | U::RefundKeepTrigger);
            assert!(!(refunds && matches!(from, Seen | Ended)), "{from:?}");
            assert!(!(refunds && *to != Ended), "a refund ends the presentation");
            assert!(!(*effect == U::Assume && *from != Drawn));
        }
    }
}
