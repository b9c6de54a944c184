//! What no reading from a day of the grid on will ask for any more: what a seal leaves out (success.md 4).

use super::grid::day;
use super::person::{Closed, Person};
use super::plan::{Frame, Plan};

impl Plan {
    /// Sums up and drops what is older than every window, for readings as of this day's midnight or later.
    pub(super) fn forget(&self, person: &mut Person, today: i64, midnight: i64) {
        for (fact, state) in self.definition.facts.iter().zip(&mut person.facts) {
            state.keys.retain(|_, ts| midnight - *ts < fact.horizon.0);
        }
        for (cell, state) in self.cells.iter().zip(&mut person.cells) {
            if cell.frame != Frame::Days {
                continue;
            }
            for (_, counted) in &mut state.groups {
                counted.days.retain(|count| count.day >= today - cell.days);
                counted.keys.retain(|_, day| *day >= today - cell.days);
            }
            // `last` counts nothing in a group that is gone; the others begin anew.
            state.groups.retain(|(_, counted)| !counted.days.is_empty() || !counted.keys.is_empty());
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
            state.waiting.retain(|_, numbers| {
                numbers.retain(|number| *number >= base);
                !numbers.is_empty()
            });
        }
    }
}
