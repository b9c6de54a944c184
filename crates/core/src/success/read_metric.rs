//! Reads one metric: its range, its operators, its edges.

use super::definition::{
    AfterSpan, AsOf, By, Distinct, Each, Kind, Metric, Operator, Place, Range, Selection, Take, Term,
};
use super::filter::Filter;
use super::grid::DAY;
use super::read::{MAX_WINDOW_DAYS, MAX_WITHIN, Reader};
use super::source::{MetricSource, OperatorSource};
use crate::Value;
use crate::list::Listed as _;
use crate::time::Span;
use crate::wire::{At, Read};

impl Reader {
    pub(super) fn metric(&mut self, name: &str, source: &Value, at: &At<'_>) -> Vec<Metric> {
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
        std::iter::once(metric).chain(edges).listed()
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
        edges.iter().map(of_edge).listed()
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
}

/// A span in the largest unit that it is whole in.
pub(super) fn short(span: Span) -> String {
    const UNITS: [(i64, &str); 5] = [(DAY, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| span.0 % unit == 0).unwrap_or((1, "ms"));
    [&(span.0 / unit).to_string(), name].concat()
}
