//! Reads a success definition, and refuses what would not be the same number everywhere (success.md 2): every problem by
//! its path.

use super::canonical;
use super::definition::{
    AfterSpan, AsOf, Attribution, By, Definition, DefinitionError, Distinct, Each, Fact, Goal, Kind, Metric, Money,
    Operator, Place, Range, Reach, Selection, Take, Term, ValueRule,
};
use super::filter::Filter;
use super::grid::{DAY, MAX_OFFSET};
use super::source::{
    AttributionSource, DefinitionSource, FactSource, GoalSource, MetricSource, OperatorSource, ReachSource, ValueSource,
};
use crate::Value;
use crate::table::Table;
use crate::time::Span;
use crate::wire::{At, Fault, Read, listed, outermost};

/// The version of the format that this library reads.
const SPEC: u32 = 1;
const MAX_WINDOW_DAYS: i64 = 800;
const MAX_WITHIN: Span = Span(400 * DAY);
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
        (definition, outermost(faults.into_inner()).into_iter().map(error).collect())
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

struct Reader {
    names: Names,
    definition: Definition,
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
        let mut order: Vec<usize> = (0..self.definition.facts.len()).collect();
        let facts = &self.definition.facts;
        order.sort_by_key(|place| facts.get(*place).map(|fact| fact.name.clone()));
        let sorted = order.iter().filter_map(|place| facts.get(*place).cloned()).map(|mut fact| {
            fact.of = fact.of.and_then(|of| order.iter().position(|place| *place == of));
            fact
        });
        self.definition.facts = sorted.collect();
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
        events.sort();
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

    fn property(&mut self, name: &str, at: &At<'_>) -> usize {
        if name.is_empty() || name.starts_with('$') {
            at.fault("this has to be the name of a property");
        }
        self.names.property(name)
    }

    fn fact_named(&self, name: &str, at: &At<'_>) -> Option<usize> {
        let place = self.definition.facts.iter().position(|fact| fact.name == name);
        if place.is_none() {
            if self.broken.iter().any(|broken| broken == name) {
                at.fault(&["the fact `", name, "` cannot be used"].concat());
            } else {
                let known: Vec<&str> = self.definition.facts.iter().map(|fact| fact.name.as_str()).collect();
                at.unknown("fact", name, &known);
            }
        }
        place
    }

    fn metric(&mut self, name: &str, source: &Value, at: &At<'_>) -> Vec<Metric> {
        let source = MetricSource::read(Some(source), at);
        let Some(range) = self.range(&source, at) else { return Vec::new() };
        let given = source.given.as_ref().map(|given| self.operator(given, &at.field("given"), &range));
        if given.is_some() && matches!(range, Range::After { .. } | Range::Each(_)) {
            at.field("given").fault("`given` has no place beside `after` or `each`");
        }
        let given = given.flatten().map(|(times, operator, minus)| {
            if times != 1
                || minus.is_some()
                || matches!(operator, Operator::Each | Operator::Reached | Operator::Elapsed)
            {
                at.field("given").fault("`given` is one operator that is 0 or more, without `times` and `minus`");
            }
            operator
        });
        let (num, den) = (
            self.term(source.num.as_ref(), &at.field("num"), &range),
            self.term(source.den.as_ref(), &at.field("den"), &range),
        );
        let (Some(num), Some(den)) = (num, den) else { return Vec::new() };
        let by = source.by.as_ref().map(|by| match by.as_str() {
            "$event" => By::Event,
            by => By::Property(self.property(by, &at.field("by"))),
        });
        let total = source.read.kind == Kind::Total;
        let standing = matches!(range, Range::After { .. }) || matches!(given, Some(Operator::Has(..))) || total;
        for (field, term) in [("num", &num), ("den", &den)] {
            let here = at.field(field);
            let unmeasured = field == "den" && total;
            for operator in std::iter::once(&term.operator).chain(term.minus.as_ref().map(|(_, operator)| operator)) {
                if matches!(operator, Operator::One | Operator::Lacks(..)) && !standing {
                    here.fault(
                        "`one` and `lacks` count people: they need `after`, a `given` that is `has`, or `read: total`",
                    );
                }
                let splits = !matches!(operator, Operator::One | Operator::Lacks(..) | Operator::Span(_));
                if by.is_some() && !splits && !unmeasured {
                    here.fault("`by` splits count, sum, has, each, reached and elapsed");
                }
            }
        }
        let midnight = source.as_of.unwrap_or_else(|| {
            let terms = || [&num, &den].into_iter();
            let operators = || {
                terms()
                    .flat_map(|term| std::iter::once(&term.operator).chain(term.minus.as_ref().map(|(_, op)| op)))
                    .chain(&given)
            };
            let times =
                terms().any(|term| term.times != 1 || term.minus.as_ref().is_some_and(|(times, _)| *times != 1));
            let selects = operators()
                .filter_map(Operator::selection)
                .any(|selection| selection.place == Place::Previous || selection.distinct == Distinct::Day);
            if times || selects { AsOf::Midnight } else { AsOf::Live }
        });
        let metric = Metric {
            name: name.to_owned(),
            title: source.title,
            range,
            given,
            num,
            den,
            by,
            kind: source.read.kind,
            scale: source.read.scale,
            as_of: midnight,
            fingerprint: String::new(),
        };
        let edges = self.edges(&metric, &source.edges, &at.field("edges"));
        std::iter::once(metric).chain(edges).collect()
    }

    fn range(&mut self, source: &MetricSource, at: &At<'_>) -> Option<Range> {
        let window = source.window.map(|window| {
            if window.0 % DAY != 0 || !(1..=MAX_WINDOW_DAYS).contains(&(window.0 / DAY)) {
                at.field("window").fault("a window is 1 to 800 whole days");
            }
            (window.0 / DAY).clamp(1, MAX_WINDOW_DAYS) as u32
        });
        let stray = |fields: &[(&str, bool)], why: &str| {
            for (field, there) in fields {
                if *there {
                    at.field(field).fault(why);
                }
            }
        };
        if let Some(within) = source.within
            && (within > MAX_WITHIN || within.0 <= 0)
        {
            at.field("within").fault("`within` is longer than nothing and up to 400 days");
        }
        let (matching, then, days) = (source.matching.is_some(), source.then.is_some(), source.days.is_some());
        match (&source.after, &source.each) {
            (Some(_), Some(_)) => {
                at.field("each").fault("`after` and `each` exclude one another");
                None
            }
            (Some(after), None) => {
                stray(&[("then", then), ("match", matching)], "this goes with `each`");
                let here = at.field("after");
                let anchor = self.fact_named(after, &here)?;
                if self.definition.facts.get(anchor)?.take != Take::First {
                    here.fault("`after` needs one start for each user: a fact with `take: first`");
                }
                let span = match (source.within, &source.days) {
                    (Some(within), None) => AfterSpan::Within(within),
                    (None, Some(days)) => self.days(days, &at.field("days"))?,
                    _ => {
                        at.fault("`after` needs either `within` or `days`");
                        return None;
                    }
                };
                Some(Range::After { anchor, span, window })
            }
            (None, Some(each)) => {
                stray(&[("days", days)], "this goes with `after`");
                let anchor = self.fact_named(each, &at.field("each"));
                let then = match &source.then {
                    Some(then) => self.fact_named(then, &at.field("then")),
                    None => {
                        at.field("then").expected("the fact that may follow `each`", None);
                        None
                    }
                };
                let Some(within) = source.within else {
                    at.field("within").expected("how long after each, such as `1d`,", None);
                    return None;
                };
                let Some(window) = window else {
                    at.field("window").fault("`each` needs a window");
                    return None;
                };
                for (field, place) in [("each", anchor), ("then", then)] {
                    if place
                        .and_then(|place| self.definition.facts.get(place))
                        .is_some_and(|fact| fact.take == Take::Last)
                    {
                        at.field(field)
                            .fault("which event is the last depends on when one asks: take all of them, or the first");
                    }
                }
                let matching = source.matching.as_ref().map(|name| self.property(name, &at.field("match")));
                Some(Range::Each(Each { anchor: anchor?, then: then?, matching, within, edge: within, window }))
            }
            (None, None) => {
                stray(&[("then", then), ("match", matching)], "this goes with `each`");
                stray(&[("days", days), ("within", source.within.is_some())], "this goes with `after` or `each`");
                Some(window.map_or(Range::Ever, |days| Range::Window { days }))
            }
        }
    }

    fn days(&self, days: &[u32], at: &At<'_>) -> Option<AfterSpan> {
        let [first, last] = days else {
            at.fault("two days are needed here: the first and the last");
            return None;
        };
        if *first < 1 || first > last || i64::from(*last) >= MAX_WITHIN.0 / DAY {
            at.fault("days are counted from 1, the first is not after the last, and the last is below 400");
            return None;
        }
        Some(AfterSpan::Days(*first, *last))
    }

    /// One metric for each edge: how many were reached that early.
    fn edges(&self, metric: &Metric, edges: &[Span], at: &At<'_>) -> Vec<Metric> {
        let Range::Each(each) = &metric.range else {
            if !edges.is_empty() {
                at.fault("edges go with `each`");
            }
            return Vec::new();
        };
        let ascending = edges.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        if !ascending || edges.iter().any(|edge| edge.0 <= 0 || *edge > each.within) {
            at.fault("edges ascend, each longer than nothing and at most `within`");
            return Vec::new();
        }
        let term = |operator| Term { times: 1, operator, minus: None };
        let of_edge = |edge: &Span| Metric {
            name: [&metric.name, "[", &short(*edge), "]"].concat(),
            title: None,
            range: Range::Each(Each { edge: *edge, ..each.clone() }),
            num: term(Operator::Reached),
            den: term(Operator::Each),
            kind: Kind::Ratio,
            scale: 1,
            ..metric.clone()
        };
        edges.iter().map(of_edge).collect()
    }

    fn term(&mut self, source: Option<&Value>, at: &At<'_>, range: &Range) -> Option<Term> {
        let Some(source) = source else {
            at.expected("an operator", None);
            return None;
        };
        let (times, operator, minus) = self.operator(source, at, range)?;
        Some(Term { times, operator, minus })
    }

    #[allow(clippy::type_complexity)]
    fn operator(
        &mut self,
        source: &Value,
        at: &At<'_>,
        range: &Range,
    ) -> Option<(i64, Operator, Option<(i64, Operator)>)> {
        if let Value::String(name) = source {
            let operator = match name.as_str() {
                "one" => Operator::One,
                "each" => Operator::Each,
                "reached" => Operator::Reached,
                "elapsed" => Operator::Elapsed,
                _ => {
                    let known = [
                        "one",
                        "each",
                        "reached",
                        "elapsed",
                        "{has: ..}",
                        "{lacks: ..}",
                        "{count: ..}",
                        "{sum: ..}",
                        "{span: ..}",
                    ];
                    at.unknown("operator", name, &known);
                    return None;
                }
            };
            if operator != Operator::One && !matches!(range, Range::Each(_)) {
                at.fault(&["`", name, "` needs the metric's `each`"].concat());
            }
            return Some((1, operator, None));
        }
        let before = at.faults();
        let written = OperatorSource::read(Some(source), at);
        let operators = [
            ("has", &written.has),
            ("lacks", &written.lacks),
            ("count", &written.count),
            ("sum", &written.sum),
            ("span", &written.span),
        ];
        let mut named = operators.into_iter().filter_map(|(name, fact)| Some((name, fact.as_ref()?)));
        let (Some((name, fact)), None) = (named.next(), named.next()) else {
            if at.faults() == before {
                at.expected("exactly one of has, lacks, count, sum and span", Some(source));
            }
            return None;
        };
        let fact = self.fact_named(fact, &at.field(name))?;
        let selection = Selection {
            fact,
            filter: Filter::read(written.filter.as_ref(), &at.field("where"), &mut self.names),
            distinct: match written.distinct.as_deref() {
                None => Distinct::No,
                Some("day") => Distinct::Day,
                Some("session") => Distinct::Session,
                Some(property) => Distinct::Property(self.property(property, &at.field("distinct"))),
            },
            place: written.place.unwrap_or_default(),
        };
        self.check_selection(name, &selection, at, range);
        if written.at_least.is_some() && !matches!(name, "has" | "lacks") {
            at.field("at_least").fault("`at_least` goes with `has` and `lacks`");
        }
        let at_least = written.at_least.unwrap_or(1);
        if at_least == 0 {
            at.field("at_least").fault("at least 1");
        }
        if let Some(times) = written.times {
            if !matches!(name, "has" | "count") {
                at.field("times").fault("`times` goes with `has` and `count`");
            }
            if !(1..=1_000).contains(&times) {
                at.field("times").fault("a factor is 1 to 1,000");
            }
        }
        let operator = match name {
            "has" => Operator::Has(selection, at_least),
            "lacks" => Operator::Lacks(selection, at_least),
            "count" => Operator::Count(selection),
            "sum" => Operator::Sum(selection),
            _ => Operator::Span(selection),
        };
        let minus = written.minus.as_ref().and_then(|minus| {
            let here = at.field("minus");
            // It is read over the same stretch of time, said or not.
            let mut minus = minus.clone();
            if let (Some(fields), Some(place)) = (minus.as_object_mut(), written.place) {
                fields.entry("in").or_insert_with(|| place.name().into());
            }
            let (times, operator, deeper) = self.operator(&minus, &here, range)?;
            if deeper.is_some() {
                here.field("minus").fault("one operator is taken off, not more");
            }
            if operator.selection().map(|taken| taken.place) != Some(written.place.unwrap_or_default()) {
                here.fault("what is taken off is read over the same range: with the same `in`, and of a fact");
            }
            Some((times, operator))
        });
        Some((written.times.unwrap_or(1), operator, minus))
    }

    fn check_selection(&self, name: &str, selection: &Selection, at: &At<'_>, range: &Range) {
        let windowed = matches!(range, Range::Window { .. } | Range::Each(_));
        let Some(fact) = self.definition.facts.get(selection.fact) else { return };
        let bounded = fact.value.as_ref().is_some_and(|value| value.min.is_some() && value.max.is_some());
        if name == "sum" && !bounded {
            at.field("sum").fault("a sum needs bounds: the fact's `value` with `min` and `max`");
        }
        if selection.filter.asks_for_value() && fact.value.is_none() {
            at.field("where").fault("`$value` needs a fact with a `value`");
        }
        if name == "span" && *range != Range::Ever {
            at.field("span").fault("a span is that of all history: without `window`, `after` and `each`");
        }
        if matches!(name, "sum" | "span") && selection.distinct != Distinct::No {
            at.field("distinct").fault("`distinct` goes with `has`, `lacks` and `count`");
        }
        match selection.distinct {
            Distinct::Property(_) if !windowed || selection.place == Place::Ever => {
                at.field("distinct").fault("a distinct property needs a window");
            }
            _ => {}
        }
        let here = at.field("in");
        if selection.place == Place::Previous {
            if !matches!(range, Range::Window { .. }) {
                here.fault("`previous` is the window before: of a metric with a `window`, without `after` and `each`");
            }
            if fact.take == Take::Last {
                here.fault("`previous` cannot be read of a fact with `take: last`");
            }
            if matches!(selection.distinct, Distinct::Session | Distinct::Property(_)) {
                here.fault("`previous` cannot be read of distinct sessions or properties");
            }
        }
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
                let known: Vec<&str> = self.definition.metrics.iter().map(|metric| metric.name.as_str()).collect();
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

/// A span in the largest unit that it is whole in.
pub(super) fn short(span: Span) -> String {
    const UNITS: [(i64, &str); 5] = [(DAY, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| span.0 % unit == 0).unwrap_or((1, "ms"));
    [&(span.0 / unit).to_string(), name].concat()
}
