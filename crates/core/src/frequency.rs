//! Frequency constraints (engine.md 6.1): named, rolling, shared by name; spent by a reservation, kept by a commit,
//! given back by a refund.

use crate::PresentationId;
use crate::list::Listed as _;
use crate::presentation::Use;
use crate::time::{Span, Timestamp};
use crate::wire::wire;

/// The most uses that one constraint may allow, and that are remembered.
pub(crate) const MOST: usize = 1_000;

wire! {
    /// A constraint: at most `max` uses within any `per`.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct FrequencyConstraint [deny_unknown_fields] {
        /// How many uses, 1 to 1,000.
        pub(crate) max: u32,
        /// Within how long; rolling.
        pub(crate) per: Span,
        /// Channels whose every presentation spends it, whether its campaign lists it or not.
        pub(crate) counts: Vec<String> = Vec::new(),
    }

    /// The uses that spent one constraint: the newest 1,000.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Uses {
        spent: Vec<Spent>,
    }

    #[derive(Clone, Debug, PartialEq)]
    struct Spent {
        presentation: PresentationId,
        /// Of the reservation, then of the commit.
        at: Timestamp,
    }
}

impl FrequencyConstraint {
    pub(crate) fn problem(&self) -> Option<&'static str> {
        if self.max == 0 || self.max as usize > MOST {
            Some("`max` is 1 to 1,000")
        } else if self.per.0 == 0 {
            Some("`per` is longer than nothing")
        } else {
            None
        }
    }

    /// Whether there is room: over iff `now - t[n - max] < per` over the uses by time. The error is the instant at
    /// which the use that blocks leaves the window; from that instant on there is room.
    pub(crate) fn room(&self, uses: &Uses, now: Timestamp, except: Option<PresentationId>) -> Result<(), Timestamp> {
        let mut instants: Vec<Timestamp> =
            uses.spent.iter().filter(|one| Some(one.presentation) != except).map(|one| one.at).listed();
        instants.sort_unstable();
        let blocking = instants.len().checked_sub(self.max as usize).and_then(|place| instants.get(place));
        match blocking {
            Some(at) if now.since(*at) < self.per => Err(at.plus(self.per)),
            _ => Ok(()),
        }
    }
}

impl Uses {
    pub(crate) fn reserve(&mut self, presentation: PresentationId, at: Timestamp) {
        self.spent.push(Spent { presentation, at });
        if self.spent.len() > MOST
            && let Some(oldest) = (0..self.spent.len()).min_by_key(|place| self.spent.get(*place).map(|spent| spent.at))
        {
            self.spent.remove(oldest);
        }
    }

    pub(crate) fn settle(&mut self, presentation: PresentationId, to: Use, at: Timestamp) {
        if to == Use::Refunded {
            self.spent.retain(|spent| spent.presentation != presentation);
        } else if let Some(spent) = self.spent.iter_mut().find(|spent| spent.presentation == presentation) {
            spent.at = at;
        }
    }

    pub(crate) fn step_back(&mut self, to: Timestamp) {
        for spent in &mut self.spent {
            spent.at = spent.at.min(to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RecordId;

    fn id(n: i64) -> PresentationId {
        RecordId::next(RecordId::default(), Timestamp(n), &[0; 16], 0)
    }

    fn uses(at: &[i64]) -> Uses {
        let mut uses = Uses::default();
        for at in at {
            uses.reserve(id(*at), Timestamp(*at));
        }
        uses
    }

    fn constraint(max: u32, per: i64) -> FrequencyConstraint {
        FrequencyConstraint { max, per: Span(per), counts: Vec::new() }
    }

    #[test]
    fn a_constraint_allows_1_to_1_000_uses_within_some_time() {
        for (max, per, fine) in [(1, 1, true), (1_000, 1, true), (0, 1, false), (1_001, 1, false), (1, 0, false)] {
            assert_eq!(constraint(max, per).problem().is_none(), fine, "{max} per {per}");
        }
    }

    #[test]
    fn a_use_blocks_up_to_its_window_and_no_longer_at_its_edge() {
        let one = constraint(1, 100);
        assert_eq!(one.room(&uses(&[1_000]), Timestamp(1_099), None), Err(Timestamp(1_100)));
        assert_eq!(one.room(&uses(&[1_000]), Timestamp(1_100), None), Ok(()));
    }

    #[test]
    fn the_use_that_blocks_is_the_one_max_places_from_the_newest() {
        let two = constraint(2, 100);
        assert_eq!(two.room(&uses(&[10]), Timestamp(20), None), Ok(()));
        assert_eq!(two.room(&uses(&[10, 60]), Timestamp(70), None), Err(Timestamp(110)));
        assert_eq!(two.room(&uses(&[10, 60]), Timestamp(110), None), Ok(()));
        assert_eq!(two.room(&uses(&[90, 10, 60]), Timestamp(100), None), Err(Timestamp(160)), "in order of time");
    }

    #[test]
    fn a_refund_gives_back_and_a_commit_counts_from_its_own_instant() {
        let one = constraint(1, 100);
        let mut uses = uses(&[1_000]);
        uses.settle(id(1_000), Use::Committed, Timestamp(1_050));
        assert_eq!(one.room(&uses, Timestamp(1_120), None), Err(Timestamp(1_150)));
        assert_eq!(one.room(&uses, Timestamp(1_120), Some(id(1_000))), Ok(()), "its own use is left out");
        uses.settle(id(1_000), Use::Refunded, Timestamp(1_060));
        assert_eq!(one.room(&uses, Timestamp(1_060), None), Ok(()));
    }

    #[test]
    fn what_lies_ahead_of_a_clock_that_was_set_back_is_now() {
        let mut uses = uses(&[10, 500]);
        uses.step_back(Timestamp(100));
        let one = constraint(1, 50);
        assert_eq!(one.room(&uses, Timestamp(149), None), Err(Timestamp(150)));
        assert_eq!(constraint(2, 100).room(&uses, Timestamp(100), None), Err(Timestamp(110)), "what lies behind stays");
    }

    #[test]
    fn the_newest_thousand_are_kept() {
        let many = uses(&(0..1_500).collect::<Vec<_>>());
        assert_eq!(many.spent.len(), MOST);
        assert_eq!(constraint(1_000, 10_000).room(&many, Timestamp(1_500), None), Err(Timestamp(10_500)));
    }
}
