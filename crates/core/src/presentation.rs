//! The life of a presentation and of the use that it holds (engine.md 6.2): one visible table.
//!
//! Two states are kept apart. The *use* is what frequency constraints count: reserved, then committed or refunded.
//! The *presentation* is what stands on the screen: offered, displaying, ended.

use serde::Serialize;

use crate::time::{Span, Timestamp};
use crate::wire::{names, wire};
use crate::{CampaignId, OwnerId, PresentationId, ProfileId, Value};

/// How long an offer may stay undrawn (engine.md 6.2).
pub(crate) const LEASE: Span = Span::seconds(60);
/// How many ended presentations are remembered, so that late interactions stay idempotent (engine.md 6.3).
pub(crate) const REMEMBERED: usize = 100;

names! {
    /// What a use counts as.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Use {
        /// Counted, and given back if the message is never seen.
        Reserved = "reserved",
        /// Counted for good.
        Committed = "committed",
        /// Given back.
        Refunded = "refunded",
    }
}

names! {
    /// Where a presentation stands.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Phase {
        /// Handed to the host, not drawn yet.
        Offered = "offered",
        /// The host said that it draws it.
        Displaying = "displaying",
        /// Over.
        Ended = "ended",
    }
}

names! {
    /// Why a presentation ended; written exactly once (engine.md 6.2).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum EndCause {
        /// The person closed it.
        Dismissed = "dismissed",
        /// The person used a button that closes it.
        Action = "action",
        /// The person handed in its form.
        Submitted = "submitted",
        /// The person put it off; it returns.
        Snoozed = "snoozed",
        /// Its time on the screen was over.
        Auto = "auto",
        /// The host removed it from the screen, or could not draw it.
        Unmounted = "unmounted",
        /// The host refused the offer.
        Discarded = "discarded",
        /// The host put the offer off; its trigger waits.
        Later = "later",
        /// The offer stayed undrawn for 60 s.
        Lease = "lease",
        /// The engine took it back.
        Withdrawn = "withdrawn",
        /// Its owner, a process or a tab, is gone.
        Orphan = "orphan",
        /// It was never drawn: the person is in the control group or a holdout.
        Ghost = "ghost",
    }
}

names! {
    /// What happens to a presentation.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Signal {
        /// The host is about to draw it, and it is still eligible.
        Draw = "draw",
        /// The host is about to draw it, but a stage now fails for good.
        Refuse = "refuse",
        /// A stage now fails for a while, or the host answered `later`.
        Postpone = "postpone",
        /// The host answered `discard`.
        Discard = "discard",
        /// 60 s went by undrawn.
        LeaseOver = "lease_over",
        /// Really seen: visible for a second.
        Seen = "seen",
        /// The person did something that leaves it open.
        Touch = "touch",
        /// The person did something that closes it.
        Close = "close",
        /// It left the screen without the person's doing.
        Vanish = "vanish",
        /// The engine takes it back: consent, campaign gone.
        Withdraw = "withdraw",
        /// Its owner is gone.
        OwnerGone = "owner_gone",
    }
}

names! {
    /// Where a presentation and its use stand together.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Place {
        /// Offered; the use is reserved.
        Offered = "offered",
        /// Displaying; the use is reserved.
        Drawn = "drawn",
        /// Displaying; the use is committed.
        Seen = "seen",
        /// Ended, whatever became of the use.
        Ended = "ended",
    }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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

wire! {
    without schema;

    /// One presentation, as the journal tells it.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Presentation {
        pub(crate) id: PresentationId,
        pub(crate) profile: ProfileId,
        pub(crate) campaign: CampaignId,
        /// The variant of its experiment.
        pub(crate) variant: Option<String>,
        pub(crate) channel: String,
        pub(crate) owner: OwnerId,
        pub(crate) interruptive: bool,
        /// The place in the page that it fills.
        pub(crate) placement: Option<String>,
        pub(crate) phase: Phase,
        pub(crate) uses: Use,
        /// When it was reserved: the lease runs from here.
        pub(crate) reserved_at: Timestamp,
        /// It was snoozed before, and counts no further time.
        pub(crate) returns: bool => false,
        /// Set by a refund that lets the trigger wait again.
        pub(crate) trigger_waits: bool = false,
        /// Interactions already recorded, as `type target` (engine.md 6.3).
        pub(crate) interactions: Vec<String> = Vec::new(),
        /// What is on the screen, from `displaying` to the end.
        pub(crate) message: Option<Value>,
    }
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
