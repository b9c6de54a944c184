//! Reads a success definition, and refuses what would not be the same number everywhere (success.md 2): every problem by
//! its path.

use super::canonical;
use super::definition::{
    Attribution, Definition, DefinitionError, Distinct, Fact, Goal, Money, Operator, Reach, Take, ValueRule,
};
use super::filter::Filter;
use super::grid::{DAY, MAX_OFFSET};
use super::source::{AttributionSource, DefinitionSource, FactSource, GoalSource, ReachSource, ValueSource};
use crate::Value;
use crate::list::Listed as _;
use crate::table::Table;
use crate::time::Span;
use crate::wire::{At, Fault, Read, listed, outermost};

/// The version of the format that this library reads.
const SPEC: u32 = 1;
pub(super) const MAX_WINDOW_DAYS: i64 = 800;
pub(super) const MAX_WITHIN: Span = Span(400 * DAY);
const HORIZON: Span = Span(400 * DAY);
const MAX_NAME_BYTES: usize = 255;

/// The properties that a definition asks for, by place.
#[derive(Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn property(&mut self, name: &str) -> usize {
        self.0.iter().position(|known| known == name).unwrap_or_else(|| {
            self.0.push(name.to_owned());
            self.0.len() - 1
        })
    }
}

impl Definition {
    /// Reads a definition; `path` is what its paths begin with.
    ///
    /// # Errors
    /// Every problem, by its path.
    pub fn compile(source: &Value, path: &str) -> Result<Self, Vec<DefinitionError>> {
        let (definition, errors) = Self::compile_leniently(source, path);
        if errors.is_empty() { Ok(definition) } else { Err(errors) }
    }

    /// The same for a device: facts and metrics that cannot be used are left out, and named.
    #[must_use]
    pub fn compile_leniently(source: &Value, path: &str) -> (Self, Vec<DefinitionError>) {
        let faults = std::cell::RefCell::new(Vec::new());
        let at = At::document(path, &faults);
        let definition = document(source, &at);
        let error = |Fault { path, message }| DefinitionError { path, message };
        (definition, outermost(faults.into_inner()).into_iter().map(error).listed())
    }
}

fn document(source: &Value, at: &At<'_>) -> Definition {
    let head = DefinitionSource::read(Some(source), at);
    if head.spec != SPEC {
        at.field("spec").fault(&["this library reads spec ", &SPEC.to_string()].concat());
    }
    if head.id.is_empty() || head.id.len() > MAX_NAME_BYTES {
        at.field("id").fault("an id has 1 to 255 bytes");
    }
    if head.unit != "user" {
        at.field("unit").fault("the unit is `user`: one pair per user");
    }
    let calendar = at.field("calendar");
    if head.calendar.offset.abs() > MAX_OFFSET {
        calendar.field("offset").fault("an offset is -1080 to 1080 minutes");
    }
    let money = head.money.map(|money| {
        let here = at.field("money");
        if money.digits > 6 {
            here.field("digits").fault("digits are 0 to 6");
        }
        if money.currency.is_empty() {
            here.field("currency").fault("a currency is a code such as `USD`");
        }
        Money { currency: money.currency, digits: money.digits.min(6) as u8 }
    });
    let mut reader = Reader {
        names: Names::default(),
        definition: Definition {
            id: head.id,
            version: head.version,
            offset_min: head.calendar.offset,
            money,
            facts: Vec::new(),
            metrics: Vec::new(),
            properties: Vec::new(),
            attribution: None,
            reach: None,
            goals: Vec::new(),
        },
        broken: Vec::new(),
    };
    reader.facts(&head.facts, &at.field("facts"));
    for (name, source) in head.metrics.iter() {
        let metrics = at.field("metrics");
        let here = metrics.field(name);
        check_name(name, &here);
        let before = here.faults();
        let metrics = reader.metric(name, source, &here);
        if here.faults() == before {
            reader.definition.metrics.extend(metrics);
        }
    }
    if let Some(source) = &head.attribution {
        reader.definition.attribution = reader.attribution(source, &at.field("attribution"));
    }
    if let Some(source) = &head.reach {
        reader.definition.reach = reader.reach(source, &at.field("reach"));
    }
    let goals = at.field("goals");
    for (place, source) in head.goals.iter().enumerate() {
        if let Some(goal) = reader.goal(source, &goals.item(place), |name| head.metrics.contains_key(name)) {
            reader.definition.goals.push(goal);
        }
    }
    let mut definition = reader.definition;
    definition.properties = reader.names.0;
    canonical::fingerprint(&mut definition);
    definition
}

pub(super) struct Reader {
    pub(super) names: Names,
    pub(super) definition: Definition,
    /// Facts that exist and cannot be used: who names them is not told a second time.
    broken: Vec<String>,
}

fn check_name(name: &str, at: &At<'_>) {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(letters) {
        at.fault("a name has letters, digits, `_` and `-`");
    }
}

impl Reader {
    fn facts(&mut self, sources: &Table<String, Value>, at: &At<'_>) {
        // First those with events of their own, so that `of` finds them.
        for derived in [false, true] {
            for (name, source) in sources.iter() {
                if source.get("of").is_some() != derived {
                    continue;
                }
                let here = at.field(name);
                let before = here.faults();
                check_name(name, &here);
                let fact = self.fact(name, source, &here);
                match fact.filter(|_| here.faults() == before) {
                    Some(fact) => self.definition.facts.push(fact),
                    None => self.broken.push(name.clone()),
                }
            }
        }
        // The order of a document's names must not decide on anything: facts stand sorted.
        let mut order: Vec<usize> = (0..self.definition.facts.len()).listed();
        let facts = &self.definition.facts;
        order.sort_unstable_by_key(|place| facts.get(*place).map(|fact| fact.name.clone()));
        let sorted = order.iter().filter_map(|place| facts.get(*place).cloned()).map(|mut fact| {
            fact.of = fact.of.and_then(|of| order.iter().position(|place| *place == of));
            fact
        });
        self.definition.facts = sorted.listed();
    }

    fn fact(&mut self, name: &str, source: &Value, at: &At<'_>) -> Option<Fact> {
        let source = FactSource::read(Some(source), at);
        if let Some(of) = &source.of {
            for (field, there) in [
                ("event", source.event.is_some()),
                ("where", source.filter.is_some()),
                ("key", source.key.is_some()),
                ("horizon", source.horizon.is_some()),
                ("value", source.value.is_some()),
            ] {
                if there {
                    at.field(field).fault("a fact `of` another has that one's, and none of its own");
                }
            }
            let base = self.fact_named(of, &at.field("of"))?;
            let mut fact = self.definition.facts.get(base)?.clone();
            if fact.of.is_some() || fact.take != Take::All {
                at.field("of").fault("this has to be a fact with events of its own, of which all are taken");
            }
            if source.take == Take::All {
                at.field("take").fault("`first` or `last` is needed here");
            }
            fact.name = name.to_owned();
            fact.take = source.take;
            fact.of = Some(base);
            return Some(fact);
        }
        let mut events = source.event.map_or(Vec::new(), |events| events.0);
        if events.is_empty() || events.iter().any(String::is_empty) {
            at.field("event").fault("the name of an event is needed here, or `of` with another fact");
        }
        if events.iter().any(|event| event == "$identify") {
            // It is never late (success.md 3.17): a warehouse would count what a device has folded for good.
            at.field("event").fault("`$identify` says who a person is and is no fact: track an event of its own");
        }
        events.sort_unstable();
        events.dedup();
        let filter = Filter::read(source.filter.as_ref(), &at.field("where"), &mut self.names);
        if filter.asks_for_value() {
            at.field("where").fault("`$value` is read after this: ask for the property, or in an operator's `where`");
        }
        if source.key.is_none() && source.horizon.is_some() {
            at.field("horizon").fault("a horizon is that of a `key`");
        }
        let horizon = source.horizon.unwrap_or(HORIZON);
        if horizon.0 <= 0 {
            at.field("horizon").fault("a horizon is longer than nothing");
        }
        Some(Fact {
            name: name.to_owned(),
            events,
            filter,
            value: source.value.map(|value| self.value(&value, &at.field("value"))),
            key: source.key.map(|key| self.property(&key, &at.field("key"))),
            horizon,
            take: source.take,
            of: None,
        })
    }

    fn value(&mut self, source: &ValueSource, at: &At<'_>) -> ValueRule {
        if source.scale > 6 {
            at.field("scale").fault("a scale is 0 to 6");
        }
        if let (Some(min), Some(max)) = (source.min, source.max)
            && min > max
        {
            at.field("min").fault("`min` is at most `max`");
        }
        if source.currency.is_some() && self.definition.money.is_none() {
            at.field("currency").fault("the definition says no `money`");
        }
        ValueRule {
            property: self.property(&source.property, &at.field("property")),
            scale: source.scale.min(6) as u8,
            currency: source.currency.as_ref().map(|name| self.property(name, &at.field("currency"))),
            min: source.min,
            max: source.max,
        }
    }

    pub(super) fn property(&mut self, name: &str, at: &At<'_>) -> usize {
        if name.is_empty() || name.starts_with('$') {
            at.fault("this has to be the name of a property");
        }
        self.names.property(name)
    }

    pub(super) fn fact_named(&self, name: &str, at: &At<'_>) -> Option<usize> {
        let place = self.definition.facts.iter().position(|fact| fact.name == name);
        if place.is_none() {
            if self.broken.iter().any(|broken| broken == name) {
                at.fault(&["the fact `", name, "` cannot be used"].concat());
            } else {
                let known: Vec<&str> = self.definition.facts.iter().map(|fact| fact.name.as_str()).listed();
                at.unknown("fact", name, &known);
            }
        }
        place
    }

    fn attribution(&mut self, source: &AttributionSource, at: &At<'_>) -> Option<Attribution> {
        if source.model != "last_touch" {
            at.field("model").unknown("model", &source.model, &["last_touch"]);
        }
        if source.window.0 <= 0 || source.window > MAX_WITHIN {
            at.field("window").fault("a window is longer than nothing and up to 400 days");
        }
        let touch = self.fact_named(&source.touch, &at.field("touch"))?;
        Some(Attribution { touch, window: source.window })
    }

    fn reach(&mut self, source: &ReachSource, at: &At<'_>) -> Option<Reach> {
        let here = at.field("touch");
        let mut touch = Vec::new();
        for name in &source.touch.0 {
            touch.push(self.fact_named(name, &here)?);
        }
        let population = self.fact_named(&source.population, &at.field("population"))?;
        let days = |field, span: Span| {
            if span.0 % DAY != 0 || !(1..=MAX_WINDOW_DAYS).contains(&(span.0 / DAY)) {
                at.field(field).fault("this is 1 to 800 whole days");
            }
            (span.0 / DAY).clamp(1, MAX_WINDOW_DAYS) as u32
        };
        let (expose, outcome) = (days("expose", source.expose), days("outcome", source.outcome));
        let by = self.property(&source.by, &at.field("by"));
        Some(Reach { touch, by, in_product: source.in_product.clone(), population, expose, outcome })
    }

    fn goal(&self, source: &GoalSource, at: &At<'_>, named: impl Fn(&str) -> bool) -> Option<Goal> {
        let here = at.field("metric");
        let Some(metric) = self.definition.metric(&source.metric) else {
            if named(&source.metric) {
                here.fault(&["the metric `", &source.metric, "` cannot be used"].concat());
            } else {
                let known: Vec<&str> = self.definition.metrics.iter().map(|metric| metric.name.as_str()).listed();
                here.fault(&["unknown metric `", &source.metric, "`; known are ", &listed(&known)].concat());
            }
            return None;
        };
        let distinct = metric.operators().filter_map(Operator::selection).any(|of| of.distinct != Distinct::No);
        if distinct {
            here.fault("a goal cannot be a metric that counts something `distinct`");
        }
        let target = source.target.as_ref().map(|target| {
            if target.den <= 0 {
                at.field("target").field("den").fault("above 0");
            }
            (target.num, target.den)
        });
        Some(Goal {
            metric: source.metric.clone(),
            role: source.role,
            direction: source.direction,
            target,
            margin_bp: source.margin_bp,
            min_den: source.min_den.unwrap_or_default(),
        })
    }
}
