//! The success report of a device: every metric of the definition for the current profile, with what it rests on.

use super::definition::{AsOf, Definition, Goal, Kind, Metric, Role};
use super::reading::{Pair, Reading};
use super::standard::Standard;
use super::tally::{Tally, Unavailable};
use crate::time::Timestamp;
use crate::wire::{serialize_as_written, to_json, wire};

wire! {
    without schema;

    /// What a device says of its own person. Its numbers are those of this device alone; they are never added to another's.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct SuccessReport {
        /// The definition's id; nothing where the playbook brings none.
        pub definition: Option<String>,
        /// Its version.
        pub version: Option<u32>,
        /// Always `this_device`.
        pub scope: String,
        /// The instant of the report.
        pub at: Timestamp,
        /// The currency of values, such as `USD`.
        pub currency: Option<String>,
        /// How many digits its minor unit has.
        pub digits: Option<u32>,
        /// Everything before this instant is folded for good; an event that is older comes too late.
        pub sealed_to: Timestamp,
        /// The metrics, in the order of their names.
        pub metrics: Vec<MetricReport>,
    }

    /// One metric.
    #[derive(Clone, Debug, PartialEq)]
    pub struct MetricReport {
        /// Its name.
        pub metric: String,
        /// Its name for people.
        pub title: Option<String>,
        /// SHA-256 of what it means: equal fingerprints are the same number (success.md 3.22).
        pub fingerprint: String,
        /// How the value is to be read: `ratio`, `total`, `ms` or `change`.
        pub kind: String,
        /// The instant up to which it counts, exclusive.
        pub as_of: Timestamp,
        /// Whether that is now rather than the last midnight of the grid, which a warehouse reads.
        pub live: bool,
        /// The numerator; nothing where the metric is unavailable or split.
        pub num: Option<i64>,
        /// The denominator; a total has none.
        pub den: Option<i64>,
        /// num / den, as the definition says to print it; nothing where den is 0.
        pub value: Option<f64>,
        /// The same by group, where the metric is split.
        pub groups: Vec<GroupReport> => Vec::new(),
        /// How its goal stands: `met`, `missed`, `no_data` or `no_target`.
        pub goal: Option<String>,
        /// What the goal is for: `primary`, `secondary` or `guardrail`.
        pub role: Option<String>,
        /// Why there is no number: `history_incomplete`, `state_limit`, `clock` or `excluded`.
        pub unavailable: Option<String>,
    }

    /// One group of a metric.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GroupReport {
        /// Its name; `(absent)` for events without the property.
        pub group: String,
        /// The numerator.
        pub num: i64,
        /// The denominator; a total has none.
        pub den: Option<i64>,
        /// num / den, as the definition says to print it.
        pub value: Option<f64>,
    }
}

serialize_as_written!(SuccessReport, MetricReport, GroupReport);

/// The group of events without the property that splits.
pub const ABSENT: &str = "(absent)";

impl SuccessReport {
    /// The report as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    pub(crate) fn of(tally: &Tally, standard: &Standard, now: Timestamp) -> Self {
        let mut report = Self { scope: "this_device".to_owned(), at: now, ..Self::default() };
        let Some(definition) = standard.definition() else { return report };
        report.definition = Some(definition.id.clone());
        report.version = Some(definition.version);
        report.currency = definition.money.as_ref().map(|money| money.currency.clone());
        report.digits = definition.money.as_ref().map(|money| money.digits.into());
        report.sealed_to = tally.sealed_to();
        for (place, metric) in definition.metrics.iter().enumerate() {
            let reading = tally.read(standard, place, now);
            report.metrics.push(MetricReport::of(definition, metric, tally.as_of(standard, place, now), reading));
        }
        report
    }
}

impl MetricReport {
    fn of(definition: &Definition, metric: &Metric, as_of: i64, reading: Result<Reading, Unavailable>) -> Self {
        let goal: Option<&Goal> = definition.goals.iter().find(|goal| goal.metric == metric.name);
        let mut report = Self {
            metric: metric.name.clone(),
            title: metric.title.clone(),
            fingerprint: metric.fingerprint.clone(),
            kind: metric.kind.name().to_owned(),
            as_of: Timestamp(as_of),
            live: metric.as_of == AsOf::Live,
            num: None,
            den: None,
            value: None,
            groups: Vec::new(),
            goal: None,
            role: goal.map(|goal| Role::name(goal.role).to_owned()),
            unavailable: None,
        };
        match reading {
            Ok(Reading::Pair(pair)) => {
                report.num = Some(pair.num);
                report.den = metric.den_of(pair);
                report.value = metric.value(pair);
                let status = |goal: &Goal| goal.status(pair.num.into(), pair.den.into()).name().to_owned();
                report.goal = goal.map(status);
            }
            Ok(Reading::Groups(groups)) => {
                for (group, pair) in groups {
                    report.groups.push(GroupReport {
                        group: group.unwrap_or_else(|| ABSENT.to_owned()),
                        num: pair.num,
                        den: metric.den_of(pair),
                        value: metric.value(pair),
                    });
                }
            }
            Ok(Reading::Excluded) => report.unavailable = Some(Unavailable::Excluded.code().to_owned()),
            Ok(Reading::StateLimit) => report.unavailable = Some(Unavailable::StateLimit.code().to_owned()),
            Err(why) => report.unavailable = Some(why.code().to_owned()),
        }
        report
    }
}

impl Metric {
    fn den_of(&self, pair: Pair) -> Option<i64> {
        (self.kind != Kind::Total).then_some(pair.den)
    }

    /// What a pair is printed as; nothing where the denominator is 0 (success.md 3.15).
    #[must_use]
    pub fn value(&self, pair: Pair) -> Option<f64> {
        if self.kind == Kind::Total {
            return Some(pair.num as f64);
        }
        let ratio = (pair.den != 0).then(|| pair.num as f64 / pair.den as f64)?;
        Some(match self.kind {
            Kind::Change => ratio - 1.0,
            _ => ratio * f64::from(self.scale),
        })
    }
}
