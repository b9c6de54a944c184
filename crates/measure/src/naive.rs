//! One metric of one user, evaluated from its text alone: every operator walks the user's events again. It is slow, shares
//! nothing with the fold but the definition, and says of each event what became of it.

use std::collections::BTreeSet;

use hearken_core::success::{
    AfterSpan, By, DAY, Definition, Distinct, Each, Kind, Metric, Operand, Operator, Pair, Place as Stretch, Range,
    Scalar, Selection, Take, Term, ValueFault, day, midnight,
};

use crate::explain::{Event, Verdict};

/// What an event is in a metric: its part, and what became of it there.
pub(crate) type Traces = Vec<Vec<(String, Verdict)>>;

/// An event of a fact.
#[derive(Clone, Copy, Debug)]
struct Member {
    /// Its place among the user's events.
    at: usize,
    value: i64,
}

/// One metric of one user.
pub(crate) struct Naive<'n> {
    definition: &'n Definition,
    metric: &'n Metric,
    events: &'n [Event],
    as_of: i64,
    pub(crate) traces: Traces,
}

/// A stretch of time, and the first event that may count.
#[derive(Clone, Copy, Debug, Default)]
struct Frame {
    start: Option<i64>,
    end: Option<i64>,
    since: usize,
    /// Whether it begins with an anchor.
    anchored: bool,
}

/// The pair of a metric, or those of its groups.
pub(crate) type Pairs = Vec<(Option<Option<String>>, Pair)>;

impl<'n> Naive<'n> {
    /// Of the user's events, in their order, all of them before `as_of`.
    pub(crate) fn new(definition: &'n Definition, metric: &'n Metric, events: &'n [Event], as_of: i64) -> Self {
        Self { definition, metric, events, as_of, traces: vec![Vec::new(); events.len()] }
    }

    fn property(&self, event: &'n Event, place: usize) -> Scalar<'n> {
        event.properties.get(place).map_or(Scalar::Absent, |cell| cell.scalar())
    }

    fn holds(&self, filter: &hearken_core::success::Filter, event: &'n Event, value: Scalar<'n>) -> bool {
        filter.holds(&|operand| match operand {
            Operand::Property(place) => self.property(event, place),
            Operand::Value => value,
            Operand::Event => Scalar::Text(&event.event),
        })
    }

    fn trace(&mut self, part: &str, at: usize, verdict: Verdict) {
        if let Some(trace) = self.traces.get_mut(at) {
            trace.push((part.to_owned(), verdict));
        }
    }

    /// The events of a fact, from `where` to `first` (success.md 3.2).
    fn fact(&mut self, place: usize, part: &str) -> Vec<Member> {
        let definition = self.definition;
        let Some(fact) = definition.facts.get(place) else { return Vec::new() };
        let mut seen: Vec<(String, i64)> = Vec::new();
        let mut members = Vec::new();
        for (at, event) in self.events.iter().enumerate() {
            if !fact.events.contains(&event.event) {
                self.trace(part, at, Verdict::new("event", format!("it is none of {}", fact.name)));
                continue;
            }
            if !self.holds(&fact.filter, event, Scalar::Absent) {
                self.trace(part, at, Verdict::new("where", format!("the `where` of {} does not hold", fact.name)));
                continue;
            }
            let value = fact
                .value
                .as_ref()
                .map(|rule| rule.read(definition.money.as_ref(), |place| self.property(event, place)));
            let value = match value {
                Some(Err(fault)) => {
                    self.trace(
                        part,
                        at,
                        Verdict::new(ValueFault::code(fault), format!("its value leaves {}", fact.name)),
                    );
                    continue;
                }
                value => value.and_then(Result::ok).unwrap_or_default(),
            };
            if let Some(key) = fact.key.and_then(|key| self.property(event, key).id()) {
                let before = seen.iter().rev().find(|(known, _)| *known == key).map(|(_, ts)| *ts);
                seen.push((key.clone().into_owned(), event.ts));
                if before.is_some_and(|before| event.ts - before < fact.horizon.0) {
                    self.trace(
                        part,
                        at,
                        Verdict::new("duplicate.key", format!("the key `{key}` of {} was there before", fact.name)),
                    );
                    continue;
                }
            }
            if fact.take == Take::First && !members.is_empty() {
                self.trace(part, at, Verdict::new("not_first", format!("{} takes the first only", fact.name)));
                continue;
            }
            members.push(Member { at, value });
        }
        members
    }

    fn window(&self, days: u32) -> Frame {
        let grid = self.definition.offset_min;
        let start = midnight(day(self.as_of, grid) - i64::from(days), grid);
        Frame { start: Some(start), end: Some(self.as_of), ..Frame::default() }
    }

    /// Where the metric's operators look; nothing if its anchor is missing or immature.
    fn frame(&mut self) -> Option<Frame> {
        match self.metric.range.clone() {
            Range::Ever => Some(Frame::default()),
            Range::Window { days } => Some(self.window(days)),
            Range::Each(Each { window, .. }) => Some(self.window(window)),
            Range::After { anchor, span, window } => {
                let members = self.fact(anchor, "after");
                let first = members.first()?;
                let event = self.events.get(first.at)?;
                let matures = event.ts + span.horizon().0;
                if matures >= self.as_of {
                    self.trace(
                        "after",
                        first.at,
                        Verdict::new("anchor.immature", format!("it is old enough {matures} ms, after as_of")),
                    );
                    return None;
                }
                if let Some(start) = window.and_then(|days| self.window(days).start)
                    && matures < start
                {
                    self.trace(
                        "after",
                        first.at,
                        Verdict::new(
                            "anchor.outside",
                            format!("it is old enough before the window, which starts at {start}"),
                        ),
                    );
                    return None;
                }
                self.trace("after", first.at, Verdict::counted("it is the anchor".to_owned()));
                let (since, anchored) = (first.at, true);
                Some(match span {
                    AfterSpan::Within(within) => {
                        Frame { start: Some(event.ts), end: Some(event.ts + within.0), since, anchored }
                    }
                    AfterSpan::Days(from, to) => {
                        let offset = event.offset.into();
                        let of = day(event.ts, offset);
                        let start = midnight(of + i64::from(from), offset);
                        Frame {
                            start: Some(start),
                            end: Some(midnight(of + i64::from(to) + 1, offset)),
                            since: 0,
                            anchored,
                        }
                    }
                })
            }
        }
    }

    /// The events that an operator counts (success.md 3.2, from the window to `distinct`).
    fn selected(&mut self, selection: &Selection, frame: Frame, part: &str) -> Vec<Member> {
        let members = self.fact(selection.fact, part);
        let frame = match selection.place {
            Stretch::Current => frame,
            Stretch::Ever => Frame::default(),
            Stretch::Previous => {
                let days = match self.metric.range {
                    Range::Window { days } => i64::from(days) * DAY,
                    _ => 0,
                };
                Frame { start: frame.start.map(|start| start - days), end: frame.start, ..Frame::default() }
            }
        };
        let mut inside = Vec::new();
        for member in members {
            let Some(event) = self.events.get(member.at) else { continue };
            if member.at < frame.since {
                self.trace(part, member.at, Verdict::new("before_anchor", "it is before the anchor".to_owned()));
            } else if frame.start.is_some_and(|start| event.ts < start) || frame.end.is_some_and(|end| event.ts >= end)
            {
                let edge = |edge: Option<i64>| edge.map_or_else(|| "..".to_owned(), |edge| edge.to_string());
                let code = if frame.anchored { "outside_anchor" } else { "outside" };
                self.trace(
                    part,
                    member.at,
                    Verdict::new(code, format!("it is outside [{}, {})", edge(frame.start), edge(frame.end))),
                );
            } else {
                inside.push(member);
            }
        }
        let last = self.definition.facts.get(selection.fact).is_some_and(|fact| fact.take == Take::Last);
        if let (true, Some(newest)) = (last, inside.last().copied()) {
            for member in inside.iter().filter(|member| member.at != newest.at) {
                self.trace(part, member.at, Verdict::new("not_last", "another one is the last".to_owned()));
            }
            inside = vec![newest];
        }
        let mut counted: Vec<Member> = Vec::new();
        let mut distinct = BTreeSet::new();
        for member in inside {
            let Some(event) = self.events.get(member.at) else { continue };
            if !self.holds(&selection.filter, event, Scalar::Int(member.value)) {
                self.trace(
                    part,
                    member.at,
                    Verdict::new("operator.where", "the operator's `where` does not hold".to_owned()),
                );
                continue;
            }
            match self.distinct(selection.distinct, event) {
                Some(None) => {
                    self.trace(
                        part,
                        member.at,
                        Verdict::new("distinct.absent", "it has nothing that could be distinct".to_owned()),
                    );
                    continue;
                }
                Some(Some(of)) if !distinct.insert(of.clone()) => {
                    self.trace(
                        part,
                        member.at,
                        Verdict::new("distinct.again", "an event before it counts for the same".to_owned()),
                    );
                }
                _ => self.trace(part, member.at, Verdict::counted(value_of(selection, self.definition, member.value))),
            }
            counted.push(member);
        }
        counted
    }

    /// What has to be distinct; nothing where everything counts.
    fn distinct(&self, distinct: Distinct, event: &'n Event) -> Option<Option<String>> {
        match distinct {
            Distinct::No => None,
            Distinct::Day => Some(Some(day(event.ts, self.definition.offset_min).to_string())),
            Distinct::Session => Some(event.session.clone()),
            Distinct::Property(place) => Some(self.property(event, place).id().map(|id| id.into_owned())),
        }
    }

    fn number(&self, selection: &Selection, members: &[Member]) -> i64 {
        if selection.distinct == Distinct::No {
            return members.len() as i64;
        }
        let of = members.iter().filter_map(|member| self.distinct(selection.distinct, self.events.get(member.at)?)?);
        of.collect::<BTreeSet<_>>().len() as i64
    }

    fn of_selection(&self, operator: &Operator, members: &[Member]) -> i64 {
        let ts =
            |member: Option<&Member>| member.and_then(|member| self.events.get(member.at)).map_or(0, |event| event.ts);
        match operator {
            Operator::Has(selection, least) => i64::from(self.number(selection, members) >= i64::from(*least)),
            Operator::Lacks(selection, least) => i64::from(self.number(selection, members) < i64::from(*least)),
            Operator::Count(selection) => self.number(selection, members),
            Operator::Sum(_) => members.iter().map(|member| member.value).sum(),
            Operator::Span(_) => ts(members.last()) - ts(members.first()),
            _ => 0,
        }
    }

    fn group(&self, at: usize) -> Option<String> {
        let event = self.events.get(at)?;
        match self.metric.by? {
            By::Event => Some(event.event.clone()),
            By::Property(place) => self.property(event, place).id().map(|id| id.into_owned()),
        }
    }

    /// The mature anchors of `each` with how long they waited.
    fn anchors(&mut self, each: &Each, part: &str) -> Vec<(usize, Option<i64>)> {
        let Frame { start, end, .. } = self.window(each.window);
        let anchors = self.fact(each.anchor, part);
        let then = self.fact(each.then, "then");
        let mut found = Vec::new();
        for anchor in anchors {
            let Some(event) = self.events.get(anchor.at) else { continue };
            let matures = event.ts + each.within.0;
            if end.is_some_and(|end| matures >= end) {
                self.trace(
                    part,
                    anchor.at,
                    Verdict::new("anchor.immature", "its time is not over at as_of".to_owned()),
                );
                continue;
            }
            if start.is_some_and(|start| matures < start) {
                self.trace(
                    part,
                    anchor.at,
                    Verdict::new("anchor.outside", "its time was over before the window".to_owned()),
                );
                continue;
            }
            let follows = then.iter().find(|member| {
                self.events.get(member.at).is_some_and(|follower| {
                    let same = each.matching.is_none_or(|place| {
                        let wanted = self.property(event, place).id();
                        wanted.is_some() && wanted == self.property(follower, place).id()
                    });
                    member.at > anchor.at && follower.ts < matures && same
                })
            });
            let waited = follows.and_then(|member| self.events.get(member.at)).map(|follower| follower.ts - event.ts);
            let says = waited.map_or_else(
                || "it was not followed".to_owned(),
                |waited| format!("it was followed after {waited} ms"),
            );
            self.trace(part, anchor.at, Verdict::counted(says));
            if let Some(member) = follows {
                self.trace("then", member.at, Verdict::counted(format!("it follows the anchor {}", event.id)));
            }
            found.push((anchor.at, waited));
        }
        found
    }

    /// The metric's pair, or those of its groups.
    pub(crate) fn pairs(&mut self) -> Pairs {
        let metric = self.metric;
        let none = || if metric.by.is_some() { Vec::new() } else { vec![(None, Pair::default())] };
        let Some(frame) = self.frame() else { return none() };
        if let Some(given) = &metric.given {
            let members = given.selection().map(|selection| self.selected(selection, frame, "given"));
            if *given != Operator::One && self.of_selection(given, &members.unwrap_or_default()) == 0 {
                return none();
            }
        }
        let anchors = if let Range::Each(each) = &metric.range { self.anchors(each, "each") } else { Vec::new() };
        let num = self.parts(&metric.num, frame, "num");
        let den = (metric.kind != Kind::Total).then(|| self.parts(&metric.den, frame, "den"));
        let value = |parts: &[Part<'_>], keep: &dyn Fn(usize) -> bool| {
            let [of, minus] = [0, 1].map(|place| parts.get(place).map_or(0, |part| self.amount(part, &anchors, keep)));
            of - minus
        };
        let pair = |keep: &dyn Fn(usize) -> bool| Pair {
            num: value(&num, keep),
            den: den.as_ref().map_or(0, |den| value(den, keep)),
        };
        if metric.by.is_none() {
            return vec![(None, pair(&|_| true))];
        }
        let mut groups = BTreeSet::new();
        for part in num.iter().chain(den.iter().flatten()) {
            groups.extend(part.members.iter().map(|member| self.group(member.at)));
            if matches!(part.operator, Operator::Each | Operator::Reached | Operator::Elapsed) {
                groups.extend(anchors.iter().map(|(at, _)| self.group(*at)));
            }
        }
        let of_group = |group: Option<String>| {
            let pair = pair(&|at| self.group(at) == group);
            (Some(group), pair)
        };
        groups.into_iter().map(of_group).filter(|(_, pair)| *pair != Pair::default()).collect()
    }

    fn parts<'t>(&mut self, term: &'t Term, frame: Frame, name: &str) -> Vec<Part<'t>> {
        let minus = term.minus.as_ref().map(|(times, operator)| (*times, operator, format!("{name}.minus")));
        let of = [Some((term.times, &term.operator, name.to_owned())), minus];
        let part = |(times, operator, name): (i64, &'t Operator, String)| {
            let members =
                operator.selection().map(|selection| self.selected(selection, frame, &name)).unwrap_or_default();
            Part { times, operator, members }
        };
        of.into_iter().flatten().map(part).collect()
    }

    fn amount(&self, part: &Part<'_>, anchors: &[(usize, Option<i64>)], keep: &dyn Fn(usize) -> bool) -> i64 {
        let mine = || anchors.iter().filter(|(at, _)| keep(*at));
        let edge = if let Range::Each(each) = &self.metric.range { each.edge.0 } else { 0 };
        part.times
            * match part.operator {
                Operator::One => 1,
                Operator::Each => mine().count() as i64,
                Operator::Reached => {
                    mine().filter(|(_, waited)| waited.is_some_and(|waited| waited < edge)).count() as i64
                }
                Operator::Elapsed => mine().filter_map(|(_, waited)| *waited).sum(),
                operator => {
                    let members: Vec<Member> = part.members.iter().filter(|member| keep(member.at)).copied().collect();
                    self.of_selection(operator, &members)
                }
            }
    }
}

/// An operator with the events that it counts.
struct Part<'t> {
    times: i64,
    operator: &'t Operator,
    members: Vec<Member>,
}

fn value_of(selection: &Selection, definition: &Definition, value: i64) -> String {
    let fact = definition.facts.get(selection.fact);
    let name = fact.map_or("", |fact| fact.name.as_str());
    if fact.is_some_and(|fact| fact.value.is_some()) {
        format!("it counts for {name}: {value}")
    } else {
        format!("it counts for {name}")
    }
}
