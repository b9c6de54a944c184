//! Sums of pairs over users: exact, in whatever order they come (success.md 3.15, 3.16, 3.21).

use std::collections::BTreeMap;

use hearken_core::success::{Faults, Pair, Reading};

/// A sum of pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Of the numerators.
    pub num: i128,
    /// Of the denominators.
    pub den: i128,
}

impl Sum {
    fn add(&mut self, pair: Pair, times: i128) {
        // A pair is at most 2^63 and there are at most 2^64 users: this cannot overflow.
        self.num += i128::from(pair.num) * times;
        self.den += i128::from(pair.den) * times;
    }

    fn merge(&mut self, other: Self) {
        self.num += other.num;
        self.den += other.den;
    }
}

/// What a metric is over users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Of those that nothing splits.
    pub sum: Sum,
    /// By group; `None` is that of an absent property.
    pub groups: BTreeMap<Option<String>, Sum>,
    /// Users who were left out, having more events than one person can have.
    pub excluded: u64,
    /// Users who were left out, having more groups than are kept.
    pub state_limit: u64,
}

/// What all metrics are over users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) metrics: Vec<Total>,
    pub(crate) faults: Faults,
    pub(crate) excluded: u64,
}

impl Totals {
    pub(crate) fn new(metrics: usize) -> Self {
        Self { metrics: vec![Total::default(); metrics], ..Self::default() }
    }

    /// Adds so many users who read alike.
    pub(crate) fn add(&mut self, readings: &[Reading], users: u64) {
        let times = i128::from(users);
        for (total, reading) in self.metrics.iter_mut().zip(readings) {
            match reading {
                Reading::Pair(pair) => total.sum.add(*pair, times),
                Reading::Groups(groups) => {
                    for (group, pair) in groups {
                        match total.groups.get_mut(group) {
                            Some(sum) => sum.add(*pair, times),
                            None => total.groups.entry(group.clone()).or_default().add(*pair, times),
                        }
                    }
                }
                Reading::Excluded => total.excluded += users,
                Reading::StateLimit => total.state_limit += users,
            }
        }
        if readings.contains(&Reading::Excluded) {
            self.excluded += users;
        }
    }

    pub(crate) fn merge(mut self, other: Self) -> Self {
        for (total, other) in self.metrics.iter_mut().zip(other.metrics) {
            total.sum.merge(other.sum);
            for (group, sum) in other.groups {
                total.groups.entry(group).or_default().merge(sum);
            }
            total.excluded += other.excluded;
            total.state_limit += other.state_limit;
        }
        self.faults.merge(&other.faults);
        self.excluded += other.excluded;
        self
    }
}
