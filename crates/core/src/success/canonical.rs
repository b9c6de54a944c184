//! What a metric means, written in one way, and its SHA-256 (success.md 3.22): the same fingerprint is the same number.

use sha2::{Digest, Sha256};

use super::definition::{
    AfterSpan, Attribution, By, Definition, Distinct, Each, Fact, Kind, Metric, Operator, Place, Range, Selection,
    Take, Term,
};
use crate::Value;
use crate::id::hex;
use crate::list::Listed as _;
use crate::wire::{Object, to_json};

/// Fills in the fingerprint of each metric.
pub(super) fn fingerprint(definition: &mut Definition) {
    let prints: Vec<String> = definition.metrics.iter().map(|metric| sha256(&definition.closure(metric))).listed();
    for (metric, print) in definition.metrics.iter_mut().zip(prints) {
        metric.fingerprint = print;
    }
}

fn sha256(value: &Value) -> String {
    hex(&Sha256::digest(to_json(value).as_bytes()))
}

/// The first 16 bytes of SHA-256, in hex: names a part of a device's state.
pub(super) fn short(value: &Value) -> String {
    let digest = Sha256::digest(to_json(value).as_bytes());
    hex(digest.get(..16).unwrap_or_default())
}

macro_rules! object {
    ($($name:literal : $value:expr),* $(,)?) => {{
        let mut object = Object::new();
        $( if let Some(value) = $value { object.insert($name.to_owned(), value); } )*
        Value::Object(object)
    }};
}

impl Definition {
    /// Everything that a metric's integers follow from: the metric and the facts that it reads, resolved, the grid, and the
    /// currency where a value has one. Titles, owner, goals, names and `read` stay outside.
    #[must_use]
    pub fn closure(&self, metric: &Metric) -> Value {
        let mut facts: Vec<usize> = Vec::new();
        facts.extend(metric.operators().filter_map(|operator| operator.selection().map(|selection| selection.fact)));
        match &metric.range {
            Range::After { anchor, .. } => facts.push(*anchor),
            Range::Each(each) => facts.extend([each.anchor, each.then]),
            Range::Ever | Range::Window { .. } => {}
        }
        facts.sort_unstable();
        facts.dedup();
        let facts: Vec<&Fact> = facts.into_iter().filter_map(|place| self.facts.get(place)).listed();
        let money = facts.iter().any(|fact| fact.value.as_ref().is_some_and(|value| value.currency.is_some()));
        let mut written = Object::new();
        for fact in &facts {
            written.insert(fact.name.clone(), self.fact(fact));
        }
        object! {
            "spec": Some(Value::from(1)),
            "calendar": (self.offset_min != 0).then(|| Value::from(self.offset_min)),
            "money": self.money.as_ref().filter(|_| money).map(|money| Value::from(money.currency.as_str())),
            "facts": Some(Value::Object(written)),
            "metric": Some(self.metric_canonical(metric)),
        }
    }

    /// The fingerprint of a metric whose numerator is credited to touches (success.md 3.19).
    #[must_use]
    pub fn attributed_fingerprint(&self, metric: &Metric, attribution: &Attribution) -> String {
        let touch = self.facts.get(attribution.touch).map(|fact| self.fact(fact));
        sha256(&object! {
            "metric": Some(self.closure(metric)),
            "touch": touch,
            "window": Some(Value::from(attribution.window.0)),
        })
    }

    fn name(&self, property: usize) -> Value {
        Value::from(self.properties.get(property).map_or("", String::as_str))
    }

    fn fact_name(&self, place: usize) -> Value {
        Value::from(self.facts.get(place).map_or("", |fact| fact.name.as_str()))
    }

    /// A fact, resolved: what it is `of` says nothing more.
    pub(super) fn fact(&self, fact: &Fact) -> Value {
        object! {
            "event": Some(Value::from(fact.events.clone())),
            "where": (!fact.filter.is_open()).then(|| fact.filter.canonical(&self.properties)),
            "value": fact.value.as_ref().map(|value| object! {
                "property": Some(self.name(value.property)),
                "scale": (value.scale != 0).then(|| Value::from(value.scale)),
                "currency": value.currency.map(|currency| self.name(currency)),
                "min": value.min.map(Value::from),
                "max": value.max.map(Value::from),
            }),
            "key": fact.key.map(|key| self.name(key)),
            "horizon": fact.key.map(|_| Value::from(fact.horizon.0)),
            "take": (fact.take != Take::All).then(|| Value::from(fact.take.name())),
        }
    }

    fn metric_canonical(&self, metric: &Metric) -> Value {
        let (mut window, mut after, mut each) = (None, None, None);
        match &metric.range {
            Range::Ever => {}
            Range::Window { days } => window = Some(*days),
            Range::After { anchor, span, window: of_anchors } => {
                window = *of_anchors;
                after = Some(object! {
                    "fact": Some(self.fact_name(*anchor)),
                    "within": match span { AfterSpan::Within(within) => Some(Value::from(within.0)), AfterSpan::Days(..) => None },
                    "days": match span { AfterSpan::Days(first, last) => Some(Value::from(vec![*first, *last])), AfterSpan::Within(_) => None },
                });
            }
            Range::Each(of) => {
                window = Some(of.window);
                each = Some(self.each(of));
            }
        }
        object! {
            "window": window.map(Value::from),
            "after": after,
            "each": each,
            "given": metric.given.as_ref().map(|given| self.operator(1, given, None)),
            "num": Some(self.term(&metric.num)),
            // A total has no denominator.
            "den": (metric.kind != Kind::Total).then(|| self.term(&metric.den)),
            "by": metric.by.map(|by| self.by(by)),
        }
    }

    pub(super) fn each(&self, each: &Each) -> Value {
        object! {
            "fact": Some(self.fact_name(each.anchor)),
            "then": Some(self.fact_name(each.then)),
            "match": each.matching.map(|property| self.name(property)),
            "within": Some(Value::from(each.within.0)),
            "edge": (each.edge != each.within).then(|| Value::from(each.edge.0)),
        }
    }

    pub(super) fn by(&self, by: By) -> Value {
        match by {
            By::Property(property) => self.name(property),
            By::Event => Value::from("$event"),
        }
    }

    fn term(&self, term: &Term) -> Value {
        self.operator(term.times, &term.operator, term.minus.as_ref())
    }

    fn operator(&self, times: i64, operator: &Operator, minus: Option<&(i64, Operator)>) -> Value {
        let (name, at_least) = match operator {
            Operator::One => ("one", None),
            Operator::Each => ("each", None),
            Operator::Reached => ("reached", None),
            Operator::Elapsed => ("elapsed", None),
            Operator::Has(_, at_least) => ("has", Some(*at_least)),
            Operator::Lacks(_, at_least) => ("lacks", Some(*at_least)),
            Operator::Count(_) => ("count", None),
            Operator::Sum(_) => ("sum", None),
            Operator::Span(_) => ("span", None),
        };
        object! {
            "operator": Some(Value::from(name)),
            "of": operator.selection().map(|selection| self.selection(selection)),
            "at_least": at_least.filter(|least| *least != 1).map(Value::from),
            "times": (times != 1).then(|| Value::from(times)),
            "minus": minus.map(|(times, operator)| self.operator(*times, operator, None)),
        }
    }

    fn selection(&self, selection: &Selection) -> Value {
        object! {
            "fact": Some(self.fact_name(selection.fact)),
            "where": (!selection.filter.is_open()).then(|| selection.filter.canonical(&self.properties)),
            "distinct": match selection.distinct {
                Distinct::No => None,
                Distinct::Day => Some(Value::from("$day")),
                Distinct::Session => Some(Value::from("$session")),
                Distinct::Property(property) => Some(self.name(property)),
            },
            "in": (selection.place != Place::Current).then(|| Value::from(selection.place.name())),
        }
    }
}
