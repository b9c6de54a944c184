//! What no reading from a day of the grid on will ask for any more: what a seal leaves out (success.md 4).

use super::grid::day;
use super::person::{Closed, Person};
use super::plan::Plan;

impl Plan {
    /// Sums up and drops what is older than every window, for readings as of this day's midnight or later.
    pub(super) fn forget(&self, person: &mut Person, today: i64, midnight: i64) {
        for (fact, state) in self.definition.facts.iter().zip(&mut person.facts) {
            state.keys.retain(|ts| midnight - ts < fact.horizon.0);
        }
        for (cell, state) in self.cells.iter().zip(&mut person.cells) {
            state.forget(cell, today);
        }
        for (follow, state) in self.follows.iter().zip(&mut person.follows) {
            while let Some(anchor) = state.open.front() {
                let mature = day(anchor.ts + follow.within.0, self.definition.offset_min);
                if mature >= today {
                    break;
                }
                let Some(anchor) = state.open.pop_front() else { break };
                state.base += 1;
                let place = match state.closed.binary_search_by(|(known, _)| known.cmp(&anchor.group)) {
                    Ok(place) => place,
                    Err(place) => {
                        state.closed.insert(place, (anchor.group, Vec::new()));
                        place
                    }
                };
                let Some((_, days)) = state.closed.get_mut(place) else { break };
                if days.last().is_none_or(|last| last.day != mature) {
                    days.push(Closed { day: mature, reached: vec![0; follow.edges.len()], ..Closed::default() });
                }
                let Some(closed) = days.last_mut() else { break };
                closed.each += 1;
                closed.elapsed += anchor.waited.unwrap_or_default();
                for (edge, reached) in follow.edges.iter().zip(&mut closed.reached) {
                    *reached += i64::from(anchor.waited.is_some_and(|waited| waited < edge.0));
                }
            }
            for (_, days) in &mut state.closed {
                days.retain(|closed| closed.day >= today - follow.days);
            }
            state.closed.retain(|(_, days)| !days.is_empty());
            let base = state.base;
            state.waiting.retain(|newest| newest >= base);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::{DAY, Definition, Faults, Observed, Scalar};
    use super::*;

    #[test]
    fn nothing_that_is_forgotten_is_asked_for_from_that_midnight_on() {
        let source = json!({
            "spec": 1, "id": "d", "version": 1,
            "facts": {
                "a": { "event": "a", "key": "k", "horizon": "2d" },
                "b": { "event": "b" },
            },
            "metrics": {
                "days": { "window": "3d", "num": { "count": "a" }, "den": { "count": "a", "in": "previous" } },
                "keys": { "window": "3d", "num": { "count": "b", "distinct": "k" }, "den": { "count": "b" } },
                "each": { "window": "3d", "each": "a", "then": "b", "within": "30h", "num": "elapsed", "den": "reached", "by": "k", "edges": ["1h", "20h"] },
                "match": { "window": "2d", "each": "a", "then": "b", "match": "k", "within": "30h", "num": "reached", "den": "each" },
            },
        });
        let plan = Plan::new(Arc::new(Definition::compile(&source, "").unwrap()));
        let mut whole = plan.person();
        let observe = |person: &mut Person, n: i64| {
            // One key after the other; each comes again when its horizon is over.
            let key = ["s", "t", "u", "v", "w", "x", "y", "z"][(n / 40 % 8) as usize];
            let properties = [Scalar::Text(key)];
            let event = (n % 3 != 0).into();
            let observed = Observed { event, ts: n * 5_000_000, offset_min: 0, session: None, properties: &properties };
            plan.observe(person, &observed, &mut Faults::default());
        };
        let (mut smaller, mut sealed) = (0, plan.person());
        for n in 0..400 {
            let today = day(n * 5_000_000, 0) - 2;
            if n % 10 == 0 && today > 0 {
                // As of two days ago, then all that came since.
                let since = (today * DAY + 4_999_999) / 5_000_000;
                sealed = plan.person();
                (0..since).for_each(|n| observe(&mut sealed, n));
                let before = sealed.clone();
                plan.forget(&mut sealed, today, today * DAY);
                smaller += usize::from(before != sealed);
                (since..n).for_each(|n| observe(&mut sealed, n));
            }
            observe(&mut whole, n);
            observe(&mut sealed, n);
            if n >= 100 {
                for metric in 0..plan.definition().metrics.len() {
                    for as_of in [n * 5_000_000 + 1, n * 5_000_000 + 3 * DAY] {
                        assert_eq!(
                            plan.read(&sealed, metric, as_of),
                            plan.read(&whole, metric, as_of),
                            "{n}, {metric}"
                        );
                    }
                }
            }
        }
        assert!(smaller > 20, "{smaller}");
        assert!(sealed.facts.iter().map(|fact| fact.keys.numbers().count()).sum::<usize>() <= 3);
        let today = day(400 * 5_000_000, 0) + 10;
        plan.forget(&mut sealed, today, today * DAY);
        assert!(sealed.facts.iter().all(|fact| fact.keys.is_empty()), "in the end nothing is kept");
        assert!(sealed.cells.iter().all(|cell| cell.groups.is_empty()));
        assert!(sealed.follows.iter().all(|follow| follow.open.is_empty() && follow.closed.is_empty()));
    }
}
