//! The success definition in force on a device, compiled: what the parts of a profile's state are called, and which of them
//! a metric reads.

use std::sync::Arc;

use super::definition::{AsOf, Definition, Take};
use super::grid::{day, midnight};
use super::pack::Packed;
use super::person::{Faults, Person};
use super::plan::{Follow, OfFollow, Plan, Source};
use super::tally::Noted;
use crate::Value;
use crate::condition::KnownMetric;
use crate::list::Listed as _;
use crate::table::Table;
use crate::time::{Span, Timestamp};
use crate::wire::{At, Blank, Read, Write};

/// The success definition in force: it stands in the journal, in `$playbook_installed`, so that folding needs no playbook.
#[derive(Clone, Debug, Default)]
pub struct Standard(pub(super) Option<Arc<Compiled>>);

#[derive(Debug)]
pub(super) struct Compiled {
    source: Value,
    pub(super) plan: Plan,
    pub(super) facts: Vec<String>,
    pub(super) cells: Vec<String>,
    pub(super) follows: Vec<String>,
    /// For each of them, one for each edge: an edge may be newer than the rest.
    pub(super) edges: Vec<Vec<String>>,
}

impl Standard {
    pub(crate) fn new(source: &Value, definition: Definition) -> Self {
        let plan = Plan::new(Arc::new(definition));
        let facts = (0..plan.definition.facts.len()).map(|fact| plan.fact_key(fact)).listed();
        let cells = plan.cells.iter().map(|cell| plan.cell_key(cell)).listed();
        let follows: Vec<String> = plan.follows.iter().map(|follow| plan.follow_key(follow)).listed();
        let edges_of = |(follow, key): (&Follow, &String)| {
            let edge_key = |edge: &Span| [key, "/", &edge.0.to_string()].concat();
            follow.edges.iter().map(edge_key).listed()
        };
        let edges = plan.follows.iter().zip(&follows).map(edges_of).listed();
        Self(Some(Arc::new(Compiled { source: source.clone(), plan, facts, cells, follows, edges })))
    }

    pub(crate) fn definition(&self) -> Option<&Definition> {
        Some(self.0.as_ref()?.plan.definition())
    }

    /// The events that it asks for.
    pub(crate) fn events(&self) -> &[String] {
        self.0.as_ref().map_or(&[], |compiled| compiled.plan.events())
    }

    /// What conditions may know of its metrics.
    pub(crate) fn known_metrics(&self) -> Vec<KnownMetric> {
        let metrics = self.definition().map_or(&[][..], |definition| &definition.metrics);
        let known = |(place, metric): (usize, &super::Metric)| KnownMetric {
            name: metric.name.clone(),
            is_split: metric.by.is_some(),
            is_goal: self.is_goal(place),
        };
        metrics.iter().enumerate().map(known).listed()
    }

    /// The place of a metric, by its name.
    pub(crate) fn metric(&self, name: &str) -> Option<usize> {
        self.definition()?.metrics.iter().position(|metric| metric.name == name)
    }

    /// The fingerprint of a metric.
    pub(crate) fn fingerprint(&self, metric: usize) -> String {
        let metric = self.definition().and_then(|definition| definition.metrics.get(metric));
        metric.map_or_else(String::new, |metric| metric.fingerprint.clone())
    }

    /// Whether a metric can be a campaign's goal: its numerator is `has`, of plain events (engine.md 5.2).
    pub(crate) fn is_goal(&self, metric: usize) -> bool {
        self.0.as_ref().is_some_and(|compiled| compiled.plan.goal(metric).is_some())
    }

    /// The place of an event that it asks for.
    pub(super) fn event(&self, name: &str) -> Option<usize> {
        self.events().binary_search_by(|known| known.as_str().cmp(name)).ok()
    }
}

impl PartialEq for Standard {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a.source == b.source,
            (None, None) => true,
            _ => false,
        }
    }
}

impl Blank for Standard {
    fn is_blank(&self) -> bool {
        self.0.is_none()
    }
}

impl Read for Standard {
    fn read(value: Option<&Value>, _: &At<'_>) -> Self {
        // What could not be used was said when the playbook was installed.
        value.map_or_else(Self::default, |source| Self::new(source, Definition::compile_leniently(source, "").0))
    }
}

impl Write for Standard {
    fn write(&self, to: &mut String) {
        match &self.0 {
            Some(compiled) => compiled.source.write(to),
            None => to.push_str("null"),
        }
    }
}

impl Compiled {
    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.facts.iter().chain(&self.cells).chain(&self.follows)
    }

    /// From when on a part of another definition is known, where a longer window reads it now; nothing where it is not.
    pub(super) fn forgotten(&self, from: &Self, key: &str, sealed_to: Timestamp) -> Option<Timestamp> {
        let offset = self.plan.definition.offset_min;
        let is_key = |known: &String| known == key;
        let cell = |of: &Self| Some((of.plan.cells.get(of.cells.iter().position(is_key)?)?.days, Span(0)));
        let follow = |of: &Self| {
            let follow = of.plan.follows.get(of.follows.iter().position(is_key)?)?;
            Some((follow.days, follow.within))
        };
        let days = |of: &Self| cell(of).or_else(|| follow(of));
        let ((before, within), (now, _)) = (days(from)?, days(self)?);
        let known = midnight(day(sealed_to.0, offset) - before, offset) - within.0;
        (now > before && sealed_to > Timestamp(0)).then_some(Timestamp(known))
    }

    /// The edges of a follow, by its key, each with its own key.
    pub(super) fn edges(&self, key: &str) -> Option<(&[Span], &[String])> {
        Some(self.edges_of(self.follows.iter().position(|known| known == key)?))
    }

    pub(super) fn edges_of(&self, place: usize) -> (&[Span], &[String]) {
        let edges = self.plan.follows.get(place).map_or(&[][..], |follow| &follow.edges);
        (edges, self.edges.get(place).map_or(&[][..], Vec::as_slice))
    }

    pub(super) fn fold(&self, person: &mut Person, noted: &Noted) {
        if let Ok(event) = self.plan.events().binary_search(&noted.event) {
            noted.observed(&self.plan, event, &mut |observed| {
                self.plan.observe(person, observed, &mut Faults::default());
            });
        }
    }

    pub(super) fn packed(&self, person: &mut Person) -> Table<String, Value> {
        let mut parts = Table::new();
        fn pack<T: Packed + PartialEq>(states: &mut [T], keys: &[String], parts: &mut Table<String, Value>) {
            for (state, key) in states.iter_mut().zip(keys) {
                if *state != T::default() {
                    parts.insert(key.clone(), state.written());
                }
            }
        }
        pack(&mut person.facts, &self.facts, &mut parts);
        pack(&mut person.cells, &self.cells, &mut parts);
        pack(&mut person.follows, &self.follows, &mut parts);
        parts
    }

    /// Up to which instant a metric is read on a device (success.md 3.6).
    pub(super) fn as_of(&self, metric: usize, now: Timestamp) -> i64 {
        let definition = &self.plan.definition;
        match definition.metrics.get(metric).map(|metric| metric.as_of) {
            Some(AsOf::Midnight) => midnight(day(now.0, definition.offset_min), definition.offset_min),
            _ => now.0 + 1,
        }
    }

    /// The parts that a metric reads, each with the instant from which it has to be complete; nothing for all history.
    pub(super) fn sources<'a>(&'a self, metric: usize, as_of: i64) -> Vec<(&'a str, Option<i64>)> {
        let offset = self.plan.definition.offset_min;
        let today = day(as_of, offset);
        let mut needed: Vec<(&'a str, Option<i64>)> = Vec::new();
        let fact = |place: usize, from: Option<i64>, needed: &mut Vec<(&'a str, Option<i64>)>| {
            let Some(fact) = self.plan.definition.facts.get(place) else { return from };
            let from = from.filter(|_| fact.take != Take::First);
            let from = from.map(|from| if fact.key.is_some() { from - fact.horizon.0 } else { from });
            for place in std::iter::once(place).chain(fact.of) {
                needed.extend(self.facts.get(place).map(|key| (key.as_str(), from)));
            }
            from
        };
        let Some(plan) = self.plan.metrics.get(metric) else { return needed };
        let terms = plan.num.iter().chain(plan.den.iter().flatten()).flatten().map(|(_, source)| *source);
        for source in terms.chain(plan.given) {
            match source {
                Source::One => {}
                Source::Cell { cell, days, .. } => {
                    let Some(of) = self.plan.cells.get(cell) else { continue };
                    let from = days.map(|(from, _)| midnight(today - from, offset));
                    let from = fact(of.fact, from, &mut needed);
                    needed.extend(self.cells.get(cell).map(|key| (key.as_str(), from)));
                }
                Source::Follow { follow, days, of: what } => {
                    let Some(of) = self.plan.follows.get(follow) else { continue };
                    let from = Some(midnight(today - days, offset) - of.within.0);
                    let from = fact(of.anchor, from, &mut needed).min(fact(of.then, from, &mut needed));
                    needed.extend(self.follows.get(follow).map(|key| (key.as_str(), from)));
                    if let OfFollow::Reached(edge) = what {
                        let key = self.edges.get(follow).and_then(|keys| keys.get(edge));
                        needed.extend(key.map(|key| (key.as_str(), from)));
                    }
                }
            }
        }
        if let Some(start) = plan.start.and_then(|start| self.plan.starts.get(start)) {
            fact(start.fact, None, &mut needed);
        }
        needed
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Standard {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Success".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<super::source::DefinitionSource>()
    }
}
