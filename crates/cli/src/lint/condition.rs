//! Conditions (engine.md 3.1): operators, operands, and every field against the tracking plan.

use hearken_core::authoring::{GROUPS, OPERANDS, OPERATORS};

use crate::report::Problems;
use crate::tree::{At, Content, Node};

use super::names::{self, instead};
use super::operands;
use super::plan::{self, Known, Plan};
use super::shape::milliseconds;

/// What a condition sees.
#[derive(Clone, Copy)]
pub(crate) enum Sees<'a> {
    /// The properties of one event.
    Event(&'a str),
    /// The attributes of the person, and the operands of ours.
    Person,
    /// The answers of a form, by the names of its fields.
    Answers(&'a [&'a str]),
}

/// What a condition is checked against.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) plan: Plan<'a>,
    pub(crate) root: &'a Node,
    pub(crate) sees: Sees<'a>,
    /// What the condition is, for people: `where`, `audience`.
    pub(crate) what: &'a str,
}

impl<'a> Scope<'a> {
    fn known(&self, field: &str) -> Known<'a> {
        let first = field.split('.').next().unwrap_or(field);
        let known = match self.sees {
            Sees::Event(event) => self.plan.property(event, first),
            Sees::Person => self.plan.attribute(first),
            Sees::Answers(names) if names.contains(&first) => Known::Open,
            Sees::Answers(names) => Known::Unknown(names.to_vec()),
        };
        // What lies inside of an object is not planned.
        match known {
            Known::Planned(_) if first.len() < field.len() => Known::Open,
            known => known,
        }
    }
}

pub(crate) fn lint(at: &At<'_>, scope: Scope<'_>, problems: &mut Problems) {
    if at.node.as_map().is_none() {
        let message = format!("a condition is an object, not {}", at.node.words());
        return problems.at("HK0206", at, message, "write for example {items: {$gte: 1}}");
    }
    for (name, operand) in at.fields() {
        match name {
            "$and" | "$or" | "$nor" => {
                if operand.node.as_list().is_none() {
                    let message = format!("`{name}` takes a list of conditions");
                    problems.at("HK0206", &operand, message, format!("write {name}: [{{...}}, {{...}}]"));
                }
                for one in operand.items() {
                    lint(&one, scope, problems);
                }
            }
            "$not" => lint(&operand, scope, problems),
            ours if OPERANDS.contains(&ours) => match scope.sees {
                Sees::Person => operands::lint(ours, &operand, scope, problems),
                _ => {
                    let message = format!("`{ours}` cannot stand in `{}`, which sees the event only", scope.what);
                    problems.at_key("HK0205", &operand, message, "move it to the campaign's `audience`");
                }
            },
            operator if operator.starts_with('$') => {
                let help = if OPERATORS.contains(&operator) {
                    format!("write it after a field, as in {{items: {{{operator}: ...}}}}")
                } else {
                    instead(operator, GROUPS.iter().chain(OPERANDS).copied(), "")
                };
                problems.at_key("HK0205", &operand, format!("`{operator}` cannot stand here"), help);
            }
            field => lint_field(field, &operand, scope, problems),
        }
    }
}

fn lint_field(field: &str, operand: &At<'_>, scope: Scope<'_>, problems: &mut Problems) {
    let planned = match scope.known(field) {
        Known::Planned(planned) => Some(planned),
        Known::Open => None,
        Known::Unknown(known) => {
            let help = instead(field, known, "add it to the tracking plan");
            match scope.sees {
                Sees::Event(event) => {
                    problems.at_key("HK0202", operand, format!("`{event}` has no property `{field}`"), help);
                }
                Sees::Person => {
                    problems.at_key("HK0203", operand, format!("the tracking plan has no attribute `{field}`"), help);
                }
                Sees::Answers(_) => {
                    problems.at_key("HK0202", operand, format!("no form field is named `{field}`"), help)
                }
            }
            None
        }
    };
    test(&Field { name: field, planned, scope }, operand, problems);
}

/// A field that is tested.
struct Field<'a> {
    name: &'a str,
    planned: Option<&'a Node>,
    scope: Scope<'a>,
}

fn test(field: &Field<'_>, operand: &At<'_>, problems: &mut Problems) {
    let operators = operand.fields();
    if !operators.iter().any(|(name, _)| name.starts_with('$')) {
        return field.fits(operand, problems);
    }
    for (name, value) in &operators {
        operator(field, name, value, problems);
    }
    bounds(field, &operators, problems);
}

fn operator(field: &Field<'_>, name: &str, value: &At<'_>, problems: &mut Problems) {
    let needs = |problems: &mut Problems, what: &str| {
        problems.at(
            "HK0206",
            value,
            format!("`{name}` takes {what}, not {}", value.node.words()),
            format!("write {what}"),
        );
    };
    let text = value.node.as_text();
    match name {
        "$eq" | "$ne" => field.fits(value, problems),
        "$lt" | "$lte" | "$gt" | "$gte" => {
            if matches!(value.node.content, Content::Number(_) | Content::Text(_)) {
                field.fits(value, problems);
            } else {
                needs(problems, "a number or a text");
            }
        }
        "$in" | "$nin" | "$ini" | "$nini" => match value.node.as_list() {
            None => needs(problems, "a list of values"),
            Some([]) if name == "$in" || name == "$ini" => {
                problems.at("HK0213", value, format!("`{name}` with an empty list never holds"), "list what it may be");
            }
            Some(_) => value.items().iter().for_each(|one| field.fits(one, problems)),
        },
        "$all" | "$alli" if value.node.as_list().is_none() => needs(problems, "a list of values"),
        "$exists" if value.node.as_bool().is_none() => needs(problems, "true or false"),
        "$not" => test(field, value, problems),
        "$regex" | "$regexi" | "$notRegex" | "$notRegexi" => match text {
            Some(pattern) => regex(pattern, value, problems),
            None => needs(problems, "a regular expression in quotes"),
        },
        "$veq" | "$vne" | "$vlt" | "$vlte" | "$vgt" | "$vgte" if text.is_none() => {
            needs(problems, "a version in quotes")
        }
        "$type" if text.is_none() => needs(problems, "the name of a type"),
        known if OPERATORS.contains(&known) => {}
        unknown => {
            let help = instead(unknown, OPERATORS.iter().copied(), "");
            problems.at_key("HK0205", value, format!("there is no operator `{unknown}`"), help);
        }
    }
}

impl Field<'_> {
    /// Tells of a value that the field can never have.
    fn fits(&self, value: &At<'_>, problems: &mut Problems) {
        let Some(planned) = self.planned else { return };
        let kind = plan::kind(planned);
        if !plan::admits(kind, value.node) {
            let (what, name, seen) = (self.scope.what, self.name, value.node.words());
            let message = format!(
                "`{what}` compares `{name}` with {seen}, but the tracking plan says it is {}",
                plan::article(kind)
            );
            return problems.at("HK0204", value, message, rewrite(kind, value.node));
        }
        let listed = planned.get("one_of").and_then(Node::as_list).unwrap_or_default();
        let known = |listed: &Node| listed.content == value.node.content;
        if !listed.is_empty() && value.node.content != Content::Null && !listed.iter().any(known) {
            let seen = value.node.to_value();
            let help = instead(
                value.text().unwrap_or(""),
                listed.iter().filter_map(Node::as_text),
                "write one of the plan's values",
            );
            problems.at("HK0209", value, format!("the tracking plan says that `{}` is never {seen}", self.name), help);
        }
    }
}

/// An operator without its `$`, or a value that would fit.
fn rewrite(kind: &str, value: &Node) -> String {
    let names = value.as_map().unwrap_or_default().iter().map(|(key, _)| format!("${}", key.name));
    let meant = names.into_iter().find_map(|name| names::nearest(&name, OPERATORS.iter().copied()));
    meant.map_or_else(|| plan::rewrite(kind, value), |meant| format!("did you mean `{meant}`?"))
}

/// A number that is above one bound and below another.
fn bounds(field: &Field<'_>, operators: &[(&str, At<'_>)], problems: &mut Problems) {
    let bound = |names: [&str; 2]| {
        operators
            .iter()
            .find(|(name, _)| names.contains(name))
            .and_then(|(name, at)| Some((*name, at, at.node.as_f64()?)))
    };
    let (Some((above, _, low)), Some((below, at, high))) = (bound(["$gt", "$gte"]), bound(["$lt", "$lte"])) else {
        return;
    };
    let possible = if above == "$gte" && below == "$lte" { low <= high } else { low < high };
    if !possible {
        let message = format!("`{}` cannot be `{above}` {low} and `{below}` {high} at once", field.name);
        problems.at("HK0213", at, message, "this never holds; change one of the two");
    }
}

fn regex(pattern: &str, at: &At<'_>, problems: &mut Problems) {
    for around in ["(?=", "(?!", "(?<=", "(?<!"] {
        if pattern.contains(around) {
            let message = format!("`{around}` looks around, which takes more than linear time");
            return problems.at("HK0210", at, message, "split it into two conditions");
        }
    }
    if let Err(error) = regex_lite::Regex::new(pattern) {
        problems.at(
            "HK0210",
            at,
            format!("this is no regular expression: {error}"),
            "correct it, or escape what is meant as it is",
        );
    }
}

/// What a count, a sum or an age is compared with: numbers, or for an age lengths of time. Whether there is an age at all may be
/// asked too.
pub(super) fn numeric(at: &At<'_>, age: bool, problems: &mut Problems) {
    if is_constant(at, age) {
        return;
    }
    if at.node.as_map().is_none_or(<[_]>::is_empty) {
        let (what, seen) = (constant(age), at.node.words());
        let message = format!("this compares with {what}, not {seen}");
        return problems.at("HK0206", at, message, "write for example {$gte: 1}");
    }
    for (name, value) in at.fields() {
        let fits = match name {
            "$eq" | "$ne" => is_constant(&value, age),
            "$lt" | "$lte" | "$gt" | "$gte" => counts(&value, age),
            "$in" | "$nin" => value.node.as_list().is_some() && value.items().iter().all(|one| counts(one, age)),
            "$exists" if age => value.node.as_bool().is_some(),
            "$not" => {
                numeric(&value, age, problems);
                true
            }
            _ => {
                let known = ["$eq", "$ne", "$lt", "$lte", "$gt", "$gte", "$in", "$nin", "$not"];
                let known = known.into_iter().chain(age.then_some("$exists"));
                let message = format!("`{name}` cannot compare {}", constant(age));
                problems.at_key("HK0205", &value, message, instead(name, known, ""));
                true
            }
        };
        if !fits {
            let what = match name {
                "$in" | "$nin" => "a list of these",
                "$exists" => "true or false",
                _ => constant(age),
            };
            let message = format!("`{name}` compares with {what} here, not {}", value.node.words());
            problems.at("HK0206", &value, message, format!("write {what}"));
        }
    }
}

fn constant(age: bool) -> &'static str {
    if age { "a length of time such as 30d" } else { "a number" }
}

fn counts(at: &At<'_>, age: bool) -> bool {
    if age { milliseconds(at).is_some() } else { at.node.as_f64().is_some() }
}

/// A constant to be equal to; of an age also none.
fn is_constant(at: &At<'_>, age: bool) -> bool {
    counts(at, age) || (age && at.node.content == Content::Null)
}
