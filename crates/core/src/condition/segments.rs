//! Segments: named conditions that others use. They are compiled after those they name, so that one pass over them in the
//! order of their slots knows every answer.

use super::{Condition, ConditionError, Scope};
use crate::Value;
use crate::list::Listed as _;
use crate::wire::{Object, listed};

/// Segments by slot: each stands after those that it names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Segments {
    pub(crate) conditions: Vec<(String, Condition)>,
}

/// How many segments may stand inside each other.
const DEPTH: usize = 32;

/// A segment that is not compiled yet.
struct Left<'a> {
    name: &'a str,
    source: &'a Value,
    /// The places of those that it names, and of those that name it.
    names: Vec<usize>,
    named_by: Vec<usize>,
    /// How many of those that it names are not compiled.
    waits_for: usize,
    depth: usize,
}

impl Segments {
    /// Compiles a table of segments into a scope. One that cannot be used is left out, and so are those that name it.
    pub(crate) fn compile(sources: &Object, path: &str, scope: &mut Scope) -> (Self, Vec<ConditionError>) {
        let mut segments = Self::default();
        let mut faults = Vec::new();
        let mut left = graph(sources);
        let mut ready: Vec<usize> = Vec::new();
        for (place, segment) in left.iter().enumerate().rev() {
            if segment.waits_for == 0 {
                ready.push(place);
            }
        }
        let mut first = 0;
        loop {
            let Some(place) = ready.pop() else {
                // Whatever is left waits for a circle, or is part of one.
                let waits = |place: usize| left.get(place).is_some_and(|segment| segment.waits_for > 0);
                while first < left.len() && !waits(first) {
                    first += 1;
                }
                let circle = circle(&left, first);
                if circle.is_empty() {
                    break;
                }
                let names: Vec<&str> = circle.iter().filter_map(|place| left.get(*place)).map(|one| one.name).listed();
                let told = listed(names.get(..names.len().min(8)).unwrap_or_default());
                let message = ["the segments ", &told, " name each other in a circle"].concat();
                for name in names {
                    faults.push(ConditionError { path: [path, ".", name].concat(), message: message.clone() });
                    scope.broken.push(name.to_owned());
                }
                for place in &circle {
                    if let Some(segment) = left.get_mut(*place) {
                        segment.waits_for = 0;
                    }
                }
                for place in circle {
                    release(&mut left, place, 0, &mut ready);
                }
                continue;
            };
            let Some(segment) = left.get(place) else { break };
            let (name, depth) = (segment.name, segment.depth);
            let at = [path, ".", name].concat();
            let compiled = if depth > DEPTH {
                let message = "segments stand inside each other more than 32 deep".to_owned();
                Err(vec![ConditionError { path: at, message }])
            } else {
                Condition::compile_in(segment.source, &at, scope)
            };
            match compiled {
                Ok(condition) => {
                    scope.segments.push(name.to_owned());
                    segments.conditions.push((name.to_owned(), condition));
                }
                Err(more) => {
                    scope.broken.push(name.to_owned());
                    faults.extend(more);
                }
            }
            // A chain that is too deep is told once: what names it is not deeper.
            release(&mut left, place, if depth > DEPTH { 0 } else { depth + 1 }, &mut ready);
        }
        (segments, faults)
    }
}

/// One is done: those that name it wait for one less.
fn release(left: &mut [Left<'_>], place: usize, depth: usize, ready: &mut Vec<usize>) {
    let named_by = left.get(place).map(|segment| segment.named_by.clone()).unwrap_or_default();
    for other in named_by {
        if let Some(segment) = left.get_mut(other).filter(|segment| segment.waits_for > 0) {
            segment.waits_for -= 1;
            segment.depth = segment.depth.max(depth);
            if segment.waits_for == 0 {
                ready.push(other);
            }
        }
    }
}

/// Following names from one that waits ends in a circle.
fn circle(left: &[Left<'_>], first: usize) -> Vec<usize> {
    let mut way: Vec<usize> = Vec::new();
    let mut at = Some(first);
    while let Some((place, segment)) = at.and_then(|place| Some((place, left.get(place)?))) {
        if let Some(start) = way.iter().position(|known| *known == place) {
            return way.split_off(start);
        }
        way.push(place);
        at = segment.names.iter().copied().find(|other| left.get(*other).is_some_and(|other| other.waits_for > 0));
    }
    Vec::new()
}

/// Which segment names which. Their names stand in order.
fn graph(sources: &Object) -> Vec<Left<'_>> {
    let mut left: Vec<Left<'_>> = Vec::with_capacity(sources.len());
    for (name, source) in sources {
        left.push(Left { name, source, names: Vec::new(), named_by: Vec::new(), waits_for: 0, depth: 1 });
    }
    for place in 0..left.len() {
        let mut named = Vec::new();
        if let Some(segment) = left.get(place) {
            references(segment.source, &mut named);
        }
        for name in named {
            let Ok(other) = left.binary_search_by(|segment| segment.name.cmp(name)) else { continue };
            let fresh = left.get(place).is_some_and(|segment| !segment.names.contains(&other));
            if fresh {
                if let Some(segment) = left.get_mut(place) {
                    segment.names.push(other);
                    segment.waits_for += 1;
                }
                if let Some(segment) = left.get_mut(other) {
                    segment.named_by.push(place);
                }
            }
        }
    }
    left
}

/// The segments that a condition names.
fn references<'a>(source: &'a Value, to: &mut Vec<&'a str>) {
    match source {
        Value::Object(fields) => {
            for (name, operand) in fields {
                match (name.as_str(), operand) {
                    ("$segment", Value::String(segment)) => to.push(segment),
                    ("$and" | "$or" | "$nor" | "$not", operand) => references(operand, to),
                    _ => {}
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                references(item, to);
            }
        }
        _ => {}
    }
}
