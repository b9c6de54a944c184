//! Triggers (engine.md 4.1): what sets a campaign off, and how far it has come.
//!
//! Everything that can set a campaign off is a record, so a leaf is an event's name and a condition on what it carries.

use std::sync::Arc;

use crate::condition::Condition;
use crate::time::{Span, Timestamp};
use crate::wire::wire;
use crate::{Properties, RecordId, SessionId};

/// How long a trigger lives that fired outside any session, or that is timed (engine.md 4.3).
pub(crate) const OUTSIDE_SESSION: Span = Span(24 * 3_600_000);
/// The most events that one leaf, or all links of a chain, may ask for.
pub(crate) const MOST_HITS: u32 = 100;

/// A trigger, compiled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trigger {
    pub(crate) kind: TriggerKind,
    pub(crate) leaves: Vec<Leaf>,
    /// For `all` and `chain`: within how long everything has to happen.
    pub(crate) within: Option<Span>,
    /// Inaction: fires this long after its leaf, unless one of `unless` happens.
    pub(crate) silence: Option<Span>,
    /// Each matching event starts the silence anew; otherwise the first does and later ones are ignored.
    pub(crate) rearm_latest: bool,
    pub(crate) unless: Vec<Pattern>,
    /// Names the trigger as it was authored (engine.md 4.4).
    pub(crate) key: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TriggerKind {
    Any,
    All,
    Chain,
}

/// An event, a condition on what it carries, and how often it has to happen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Leaf {
    pub(crate) pattern: Pattern,
    pub(crate) count: u32,
    pub(crate) within: Option<Span>,
}

/// An event and a condition on what it carries.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    pub(crate) event: String,
    pub(crate) filter: Condition,
}

wire! {
    without schema;

    /// How far a trigger has come.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Progress {
        pub(crate) key: String,
        /// For each leaf the newest instants that count; for a chain the latest start of each part of it.
        pub(crate) hits: Vec<Vec<Timestamp>> => Vec::new(),
        /// What matched last.
        pub(crate) event: Option<Held>,
        /// When inaction fires it.
        pub(crate) due: Option<Timestamp>,
    }

    /// An event that is kept while something may still need what it carries.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Held {
        pub(crate) id: RecordId,
        pub(crate) event: String,
        pub(crate) at: Timestamp,
        pub(crate) properties: Arc<Properties> => Arc::default(),
    }

    /// A trigger that fired.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Fired {
        pub(crate) key: String => String::new(),
        /// The record of the newest event that matched.
        pub(crate) event: RecordId,
        /// The event itself.
        pub(crate) held: Option<Held>,
        pub(crate) at: Timestamp,
        pub(crate) seq: u64,
        /// The session with whose end it dies: the one it fired in, or else the next.
        pub(crate) session: Option<SessionId>,
        /// It is walked from here on.
        pub(crate) due: Option<Timestamp>,
        /// It drops by itself here.
        pub(crate) expires: Option<Timestamp>,
        /// It was snoozed: its return skips the limit (engine.md 6.4).
        pub(crate) returns: bool => false,
    }
}

impl Fired {
    /// When it drops of itself, if that is an instant and not the end of a session.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.expires.or_else(|| self.session.is_none().then(|| self.at.plus(OUTSIDE_SESSION)))
    }

    /// Whether it may go on waiting in a session, or outside any.
    pub(crate) fn lives_in(&self, session: Option<SessionId>) -> bool {
        self.expires.is_some() || self.session.is_none() || self.session == session
    }

    /// Whether a host brought it: what set it off has no record (engine.md 9.2).
    pub(crate) fn is_hosts(&self) -> bool {
        self.event == RecordId::default()
    }

    /// Whether it goes with the end of a session.
    pub(crate) fn dies_with(&self, session: SessionId) -> bool {
        self.expires.is_none() && self.session == Some(session)
    }
}

/// What an event did to a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Nothing,
    /// It came closer.
    Closer,
    /// It fired.
    Fired,
}

impl Pattern {
    pub(crate) fn matches(&self, event: &str, properties: &Properties) -> bool {
        self.event == event && self.filter.holds(properties)
    }
}

impl Trigger {
    /// Whether one matching event is all it takes: nothing is to be remembered.
    pub(crate) fn is_simple(&self) -> bool {
        self.silence.is_none() && self.kind == TriggerKind::Any && self.leaves.iter().all(|leaf| leaf.count <= 1)
    }

    /// Advances by one event. The caller resets what has fired.
    pub(crate) fn advance(&self, progress: &mut Progress, event: &str, properties: &Properties, at: Timestamp) -> Step {
        if progress.key != self.key {
            *progress = Progress { key: self.key.clone(), ..Progress::default() };
        }
        let links: usize = self.leaves.iter().map(|leaf| leaf.count as usize).sum();
        progress.hits.resize(if self.kind == TriggerKind::Chain { links } else { self.leaves.len() }, Vec::new());
        if self.kind == TriggerKind::Chain {
            return self.advance_chain(progress, event, properties, at);
        }
        let mut step = Step::Nothing;
        for (leaf, hits) in self.leaves.iter().zip(&mut progress.hits) {
            if !leaf.pattern.matches(event, properties) {
                continue;
            }
            step = if step == Step::Fired { step } else { Step::Closer };
            let place = hits.partition_point(|hit| *hit <= at);
            hits.insert(place, at);
            if hits.len() > leaf.count as usize {
                hits.remove(0);
            }
            if self.kind == TriggerKind::Any && leaf.is_complete(hits) {
                step = Step::Fired;
            }
        }
        if self.kind == TriggerKind::All && step == Step::Closer && self.all_complete(&progress.hits) {
            step = Step::Fired;
        }
        step
    }

    fn all_complete(&self, hits: &[Vec<Timestamp>]) -> bool {
        let complete = self.leaves.iter().zip(hits).all(|(leaf, hits)| leaf.is_complete(hits));
        let first = hits.iter().filter_map(|hits| hits.first()).min();
        let last = hits.iter().filter_map(|hits| hits.last()).max();
        complete && spans_less(first, last, self.within)
    }

    /// Each part of a chain remembers the latest instant at which it can have begun; a link that happens takes over the
    /// start of the part before it. From the last link to the first, so that one event is one link.
    fn advance_chain(&self, progress: &mut Progress, event: &str, properties: &Properties, at: Timestamp) -> Step {
        let mut step = Step::Nothing;
        let mut link = progress.hits.len();
        for leaf in self.leaves.iter().rev() {
            let matches = leaf.pattern.matches(event, properties);
            for _ in 0..leaf.count {
                link = link.saturating_sub(1);
                if !matches {
                    continue;
                }
                let start = match link.checked_sub(1) {
                    None => Some(at),
                    Some(before) => progress.hits.get(before).and_then(|start| start.first().copied()),
                };
                let Some(start) = start.filter(|start| spans_less(Some(start), Some(&at), self.within)) else {
                    continue;
                };
                if link + 1 == progress.hits.len() {
                    return Step::Fired;
                }
                if let Some(hits) = progress.hits.get_mut(link).filter(|hits| hits.first() != Some(&start)) {
                    *hits = vec![start];
                    step = Step::Closer;
                }
            }
        }
        step
    }
}

impl Leaf {
    fn is_complete(&self, hits: &[Timestamp]) -> bool {
        hits.len() >= self.count as usize && spans_less(hits.first(), hits.last(), self.within)
    }
}

/// The newest `count` matching events span less than `within` (engine.md 4.1).
fn spans_less(first: Option<&Timestamp>, last: Option<&Timestamp>, within: Option<Span>) -> bool {
    match (first, last, within) {
        (Some(first), Some(last), Some(within)) => last.since(*first) < within,
        (_, _, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(event: &str, count: u32, within: Option<i64>) -> Leaf {
        let pattern = Pattern { event: event.into(), filter: Condition::default() };
        Leaf { pattern, count, within: within.map(Span) }
    }

    fn trigger(kind: TriggerKind, leaves: Vec<Leaf>, within: Option<i64>) -> Trigger {
        Trigger {
            kind,
            leaves,
            within: within.map(Span),
            silence: None,
            rearm_latest: false,
            unless: Vec::new(),
            key: "k".into(),
        }
    }

    /// The instants at which it fires; it starts over each time.
    fn fires(trigger: &Trigger, events: &[(&str, i64)]) -> Vec<i64> {
        let mut progress = Progress::default();
        let mut fired = Vec::new();
        for (event, at) in events {
            if trigger.advance(&mut progress, event, &Properties::new(), Timestamp(*at)) == Step::Fired {
                fired.push(*at);
                progress = Progress::default();
            }
        }
        fired
    }

    #[test]
    fn a_count_fires_at_its_last_event_and_starts_over() {
        let three = trigger(TriggerKind::Any, vec![leaf("a", 3, None)], None);
        assert_eq!(fires(&three, &[("a", 1), ("b", 2), ("a", 3), ("a", 4), ("a", 5), ("a", 6), ("a", 7)]), [4, 7]);
    }

    #[test]
    fn within_slides_and_its_edge_is_too_late() {
        let two = trigger(TriggerKind::Any, vec![leaf("a", 2, Some(10))], None);
        assert_eq!(fires(&two, &[("a", 0), ("a", 10)]), [0; 0], "10 ms span exactly the window");
        assert_eq!(fires(&two, &[("a", 0), ("a", 10), ("a", 19)]), [19], "the newest two count");
    }

    #[test]
    fn any_fires_at_the_first_and_all_at_the_last_of_its_leaves() {
        let any = trigger(TriggerKind::Any, vec![leaf("a", 1, None), leaf("b", 2, None)], None);
        assert_eq!(fires(&any, &[("b", 1), ("b", 2), ("a", 3)]), [2, 3]);
        let all = trigger(TriggerKind::All, vec![leaf("a", 1, None), leaf("b", 1, None)], Some(10));
        assert_eq!(fires(&all, &[("a", 0), ("b", 10), ("a", 11), ("b", 30)]), [11]);
    }

    #[test]
    fn a_chain_wants_its_links_in_order_and_one_event_is_one_link() {
        let chain = trigger(TriggerKind::Chain, vec![leaf("a", 1, None), leaf("b", 1, None)], None);
        assert_eq!(fires(&chain, &[("b", 1), ("a", 2), ("b", 3)]), [3]);
        let twice = trigger(TriggerKind::Chain, vec![leaf("a", 1, None), leaf("a", 1, None)], None);
        assert_eq!(fires(&twice, &[("a", 1), ("a", 2), ("a", 3), ("a", 4)]), [2, 4]);
        let counted = trigger(TriggerKind::Chain, vec![leaf("a", 2, None), leaf("b", 1, None)], None);
        assert_eq!(fires(&counted, &[("a", 1), ("b", 2), ("a", 3), ("b", 4)]), [4]);
    }

    #[test]
    fn a_chain_counts_from_its_latest_possible_start() {
        let chain = trigger(TriggerKind::Chain, vec![leaf("a", 1, None), leaf("b", 1, None)], Some(10));
        assert_eq!(fires(&chain, &[("a", 0), ("a", 5), ("b", 14)]), [14], "from the second a");
        assert_eq!(fires(&chain, &[("a", 0), ("b", 10)]), [0; 0]);
        let three =
            trigger(TriggerKind::Chain, vec![leaf("a", 1, None), leaf("b", 1, None), leaf("c", 1, None)], Some(10));
        assert_eq!(
            fires(&three, &[("a", 0), ("b", 1), ("a", 6), ("c", 9)]),
            [9],
            "the part before keeps its own start"
        );
        assert_eq!(fires(&three, &[("a", 0), ("b", 1), ("a", 6), ("c", 12)]), [0; 0], "and that one is too old now");
    }
}
