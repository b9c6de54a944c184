//! What a run found, and the same as JSON.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hearken_core::success::{Definition, Faults, Goal, Kind, Metric, Plan, Reading};
use serde_json::{Map, Value, json};

use crate::reason::Skipped;
use crate::totals::{Sum, Total};

/// The numbers of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The definition, with the property that splits by touches.
    pub definition: Definition,
    /// The property of touches that conversions are split by.
    pub attributed_by: Option<String>,
    /// The first instant that does not count any more.
    pub as_of: i64,
    /// Rows before this instant did not count.
    pub history_from: Option<i64>,
    /// The files, in the order of [`Place::file`](crate::Place::file).
    pub files: Vec<PathBuf>,
    /// Users with at least one event.
    pub users: u64,
    /// Rows that counted.
    pub events: u64,
    /// Rows that were there.
    pub read: u64,
    /// Rows that did not count.
    pub skipped: Skipped,
    /// Events that left a fact.
    pub faults: Faults,
    /// Users with more events than one person can have.
    pub excluded: u64,
    /// For each metric of the definition.
    pub metrics: Vec<Total>,
}

/// The group of an absent property.
pub const ABSENT: &str = "(absent)";

/// The name of a group.
#[must_use]
pub fn group_name(group: Option<&str>) -> &str {
    group.unwrap_or(ABSENT)
}

impl Report {
    /// Each metric with its numbers.
    pub fn metrics(&self) -> impl Iterator<Item = (&Metric, &Total)> {
        self.definition.metrics.iter().zip(&self.metrics)
    }

    /// Whether a metric's denominator is computed.
    #[must_use]
    pub fn has_den(&self, metric: &Metric) -> bool {
        self.is_attributed(metric) || metric.kind != Kind::Total
    }

    /// Whether a metric is split by touches here.
    #[must_use]
    pub fn is_attributed(&self, metric: &Metric) -> bool {
        self.attributed_by.is_some() && Plan::is_attributed(metric)
    }

    /// Whether a metric is split at all.
    #[must_use]
    pub fn is_split(&self, metric: &Metric) -> bool {
        self.is_attributed(metric) || metric.by.is_some()
    }

    /// What the number means, as a hash (success.md 3.22).
    #[must_use]
    pub fn fingerprint(&self, metric: &Metric) -> String {
        match self.definition.attribution.as_ref().filter(|_| self.is_attributed(metric)) {
            Some(attribution) => self.definition.attributed_fingerprint(metric, attribution),
            None => metric.fingerprint.clone(),
        }
    }

    /// The goals of a metric. A metric that is split has none here: a goal is about all of it.
    pub fn goals(&self, metric: &Metric) -> impl Iterator<Item = &Goal> {
        let split = self.is_split(metric);
        self.definition.goals.iter().filter(move |goal| !split && goal.metric == metric.name)
    }

    /// Why rows did not count, and events left a fact: each code with how many.
    #[must_use]
    pub fn codes(&self) -> BTreeMap<String, u64> {
        let rows = self.skipped.iter().map(|(reason, count, _)| (reason.code().to_owned(), count));
        let mut codes: BTreeMap<String, u64> = rows.collect();
        for (_, code, count) in self.faults.iter() {
            *codes.entry(code.to_owned()).or_default() += count;
        }
        codes
    }

    /// The report as JSON. Sums are texts, for they may pass 2^53.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut facts: Map<String, Value> = Map::new();
        for (fact, code, count) in self.faults.iter() {
            let name = self.definition.facts.get(fact).map_or("", |fact| fact.name.as_str());
            let codes = facts.entry(name.to_owned()).or_insert_with(|| json!({}));
            if let Value::Object(codes) = codes {
                codes.insert(code.to_owned(), count.into());
            }
        }
        let skipped: Map<String, Value> =
            self.skipped.iter().map(|(reason, count, _)| (reason.code().to_owned(), count.into())).collect();
        let mut report = json!({
            "definition": {"id": self.definition.id, "version": self.definition.version},
            "as_of": self.as_of,
            "users": self.users,
            "events": self.events,
            "rows": {"read": self.read, "skipped": skipped},
            "facts": facts,
            "excluded": self.excluded,
            "metrics": self.metrics().map(|(metric, total)| self.metric(metric, total)).collect::<Vec<_>>(),
        });
        if let Some(from) = self.history_from {
            report["history_from"] = from.into();
        }
        report
    }

    fn metric(&self, metric: &Metric, total: &Total) -> Value {
        let mut written = Map::new();
        written.insert("metric".to_owned(), metric.name.as_str().into());
        if let Some(title) = &metric.title {
            written.insert("title".to_owned(), title.as_str().into());
        }
        if self.is_split(metric) {
            let groups: Map<String, Value> = total
                .groups
                .iter()
                .map(|(group, sum)| (group_name(group.as_deref()).to_owned(), Value::Object(self.sum(metric, *sum))))
                .collect();
            written.insert("groups".to_owned(), Value::Object(groups));
        } else {
            written.extend(self.sum(metric, total.sum));
        }
        written.insert("fingerprint".to_owned(), self.fingerprint(metric).into());
        let goals: Vec<Value> = self.goals(metric).map(|goal| self.goal(goal, total.sum)).collect();
        if let Some(goal) = goals.first() {
            written.insert("goal".to_owned(), goal.clone());
        }
        for (name, count) in [("excluded", total.excluded), ("state_limit", total.state_limit)] {
            if count > 0 {
                written.insert(name.to_owned(), count.into());
            }
        }
        Value::Object(written)
    }

    fn sum(&self, metric: &Metric, sum: Sum) -> Map<String, Value> {
        let mut written = Map::new();
        written.insert("num".to_owned(), sum.num.to_string().into());
        if self.has_den(metric) {
            written.insert("den".to_owned(), sum.den.to_string().into());
        }
        if let Some(value) = value(metric, sum, self.has_den(metric)) {
            written.insert("value".to_owned(), value.into());
        }
        written
    }

    fn goal(&self, goal: &Goal, sum: Sum) -> Value {
        let mut written = json!({
            "status": goal.status(sum.num, sum.den).name(),
            "role": goal.role.name(),
            "direction": goal.direction.name(),
        });
        if let Some((num, den)) = goal.target {
            written["target"] = json!({"num": num, "den": den});
        }
        written
    }
}

/// What is printed of a sum: one division, and nothing where there is nothing to divide by.
#[must_use]
pub fn value(metric: &Metric, sum: Sum, has_den: bool) -> Option<f64> {
    if !has_den {
        return Some(sum.num as f64);
    }
    if sum.den == 0 {
        return None;
    }
    let ratio = sum.num as f64 / sum.den as f64;
    Some(match metric.kind {
        Kind::Change => ratio - 1.0,
        _ => ratio * f64::from(metric.scale),
    })
}

/// One user's pairs as a line of JSON.
pub(crate) fn user_line(plan: &Plan, user: &str, readings: &[Reading]) -> String {
    let mut metrics = Map::new();
    for (metric, reading) in plan.definition().metrics.iter().zip(readings) {
        let den = metric.kind != Kind::Total || (plan_splits(reading) && metric.by.is_none());
        let pair = |pair: &hearken_core::success::Pair| {
            if den {
                json!({"num": pair.num.to_string(), "den": pair.den.to_string()})
            } else {
                json!({"num": pair.num.to_string()})
            }
        };
        let written = match reading {
            Reading::Pair(of) => pair(of),
            Reading::Groups(groups) => {
                let groups = groups.iter().map(|(group, of)| (group_name(group.as_deref()).to_owned(), pair(of)));
                json!({"groups": groups.collect::<Map<_, _>>()})
            }
            // Left out, and counted in the report.
            Reading::Excluded | Reading::StateLimit => continue,
        };
        metrics.insert(metric.name.clone(), written);
    }
    format!("{}\n", json!({"user": user, "metrics": metrics}))
}

/// Groups where the metric itself says none are those of touches.
fn plan_splits(reading: &Reading) -> bool {
    matches!(reading, Reading::Groups(_))
}
