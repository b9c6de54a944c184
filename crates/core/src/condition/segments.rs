//! Segments: named conditions that others use. They are compiled after those they name, so that one pass over them in the
//! order of their slots knows every answer.

use super::{Condition, ConditionError, Scope};
use crate::Value;
use crate::wire::{Object, listed};

/// Segments by slot: each stands after those that it names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Segments {
    pub(crate) conditions: Vec<(String, Condition)>,
}

impl Segments {
    /// Compiles a table of segments into a scope. One that cannot be used is left out, and so are those that name it.
    pub(crate) fn compile(sources: &Object, path: &str, scope: &mut Scope) -> (Self, Vec<ConditionError>) {
        let mut segments = Self::default();
        let mut faults = Vec::new();
        let mut left: Vec<(&String, &Value, Vec<&str>)> = Vec::new();
        for (name, source) in sources {
            let mut named = Vec::new();
            references(source, &mut named);
            left.push((name, source, named));
        }
        while !left.is_empty() {
            let ready =
                left.iter().position(|(_, _, named)| !left.iter().any(|(name, ..)| named.contains(&name.as_str())));
            if let Some(ready) = ready {
                let (name, source, _) = left.remove(ready);
                match Condition::compile_in(source, &[path, ".", name].concat(), scope) {
                    Ok(condition) => {
                        scope.segments.push(name.clone());
                        segments.conditions.push((name.clone(), condition));
                    }
                    Err(more) => {
                        scope.broken.push(name.clone());
                        faults.extend(more);
                    }
                }
                continue;
            }
            // Each that is left names another that is left: following the names ends in a circle.
            let circle = circle(&left);
            let message = ["the segments ", &listed(&circle), " name each other in a circle"].concat();
            for name in &circle {
                faults.push(ConditionError { path: [path, ".", name].concat(), message: message.clone() });
                scope.broken.push((*name).to_owned());
            }
            let circle: Vec<String> = circle.iter().map(|name| (*name).to_owned()).collect();
            left.retain(|(name, ..)| !circle.contains(name));
        }
        (segments, faults)
    }
}

fn circle<'a>(left: &[(&'a String, &'a Value, Vec<&'a str>)]) -> Vec<&'a str> {
    let mut way: Vec<&str> = Vec::new();
    let mut at = left.first();
    while let Some((name, _, named)) = at {
        if let Some(start) = way.iter().position(|known| *known == name.as_str()) {
            return way.split_off(start);
        }
        way.push(name);
        at = left.iter().find(|(other, ..)| named.contains(&other.as_str()));
    }
    way
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
