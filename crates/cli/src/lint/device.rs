//! What a device would say: the canonical document is compiled by the engine itself, and whatever is left to tell is told
//! where it was written.

use std::collections::BTreeSet;

use hearken_core::{Playbook, PlaybookError};

use crate::author::embed;
use crate::codes::Severity;
use crate::report::{Problem, Problems};
use crate::tree::{At, Node, Path, Step};

use super::run;
use super::shape::CATEGORIES;

const HELP: &str = "a device would leave this out";

/// Only the very same fault is known already, and told better there: an error of a kind that a device finds too, at the same
/// place. Whatever else stands on the line, or at the place, hides nothing.
pub(crate) fn lint(tree: &Node, problems: &mut Problems) {
    run::locate_all(tree, &mut problems.0);
    let faults = faults(tree);
    let mut known = Known::of(&problems.0);
    for fault in &faults {
        if fault.follows(&faults) || known.has(fault) {
            continue;
        }
        problems.at("HK0118", &fault.at, fault.told(), HELP);
        // What is missing is told once, however often the engine comes by.
        if fault.missing.is_some() {
            known.places.insert(fault.place.clone());
        }
    }
}

/// Something that the engine refuses.
struct Fault<'a> {
    /// As deep as the tree goes.
    at: At<'a>,
    /// What the engine looked for there in vain.
    missing: Option<String>,
    /// Both, as a path.
    place: String,
    message: String,
}

fn faults(tree: &Node) -> Vec<Fault<'_>> {
    let mut value = tree.to_value();
    embed::embed(&mut value);
    let found: Vec<(String, String)> = match Playbook::compile(&hearken_measure::jcs::to_string(&value)) {
        Ok(playbook) => {
            playbook.problems().iter().map(|problem| (problem.path.clone(), problem.message.clone())).collect()
        }
        Err(PlaybookError::Document { path, message }) => vec![(path, message)],
        Err(error @ PlaybookError::Spec { .. }) => vec![("spec".to_owned(), error.to_string())],
        Err(error) => vec![(String::new(), error.to_string())],
    };
    found.into_iter().map(|(path, message)| Fault::new(tree, &path, message)).collect()
}

impl<'a> Fault<'a> {
    fn new(tree: &'a Node, path: &str, message: String) -> Self {
        let (at, rest) = At::root(tree).reach(path);
        let missing = (!rest.is_empty()).then(|| rest.to_owned());
        let place = match &missing {
            Some(name) => at.path.with(Step::Field(name.clone())).to_string(),
            None => at.path.to_string(),
        };
        Self { at, missing, place, message }
    }

    /// The engine's message; what is missing has no place of its own that would say what is meant.
    fn told(&self) -> String {
        match &self.missing {
            Some(name) => format!("`{name}`: {}", self.message),
            None => self.message.clone(),
        }
    }

    /// Whether it only says that another one stands elsewhere: its cause is told there.
    fn follows(&self, faults: &[Self]) -> bool {
        let at_or_in = |place: &str| {
            faults.iter().any(|other| {
                other.place.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            })
        };
        let see = self.message.split_once(" cannot be used: see ").is_some_and(|(_, place)| at_or_in(place));
        let text =
            self.message.strip_prefix("there is no text `").and_then(|rest| rest.split_once("` in the default "));
        let text = text.is_some_and(|(key, rest)| {
            let locale = rest.trim_start_matches("locale `").trim_end_matches('`');
            at_or_in(&format!("text.{locale}.{key}"))
        });
        let metric = self.message.contains("` is not a metric of the success definition") && at_or_in("success");
        // A message without a label is given its first heading's.
        let label = self.missing.as_deref() == Some("label")
            && faults.iter().any(|other| {
                let inside = other.place.starts_with(&format!("{}.pages", self.at.path));
                inside && other.message == self.message
            });
        see || text || metric || label
    }
}

/// The codes of errors that a device finds too.
const SHARED: &[&str] = &[
    "HK0105", "HK0106", "HK0107", "HK0108", "HK0109", "HK0110", "HK0112", "HK0113", "HK0114", "HK0205", "HK0206",
    "HK0207", "HK0208", "HK0210", "HK0217", "HK0301", "HK0304", "HK0307", "HK0308", "HK0401", "HK0404", "HK0405",
    "HK0501", "HK0502", "HK0503", "HK0504", "HK0505", "HK0507", "HK0509", "HK0510", "HK0512", "HK0601", "HK0602",
    "HK0606", "HK0607", "HK0610", "HK0701", "HK0702", "HK0703",
];

/// Where a device finds what is told already.
#[derive(Default)]
struct Known {
    places: BTreeSet<String>,
    /// Texts whose tags are not closed.
    unclosed: Vec<String>,
    /// Texts by plural that lack a form.
    plurals: Vec<String>,
    /// Whether the success definition could not be read, so that an empty one stands in for it.
    no_success: bool,
}

impl Known {
    fn of(problems: &[Problem]) -> Self {
        let mut known = Self::default();
        let shared = |problem: &&Problem| problem.severity() == Severity::Error && SHARED.contains(&problem.code);
        for problem in problems.iter().filter(shared) {
            match problem.code {
                // Such a text may have another fault at the same place.
                "HK0304" => known.plurals.push(above(&problem.path, 1).to_string()),
                "HK0307" => known.unclosed.push(problem.path.to_string()),
                code => {
                    known.no_success |= code == "HK0114";
                    known.places.extend(places(problem));
                }
            }
        }
        known
    }

    fn has(&self, fault: &Fault<'_>) -> bool {
        let Fault { place, message, .. } = fault;
        let inside = format!("{place}.");
        let within = || self.places.range(inside.clone()..).next().is_some_and(|known| known.starts_with(&inside));
        self.places.contains(place)
            || (self.no_success && place.starts_with("success."))
            || (message.starts_with("a form for `other`") && self.plurals.contains(place))
            || (is_of_tags(message) && self.unclosed.iter().any(|text| is_part(place, text)))
            // Said of a test as a whole, in which another operator or operand stands.
            || (message.starts_with("numbers are compared here") && within())
    }
}

/// Whether the engine tells of a tag without its end, or of an end without its tag.
fn is_of_tags(message: &str) -> bool {
    message.contains("never closed by `") || message.contains("does not belong to the block that is open here")
}

/// Whether a place is a text, one of its forms, or one of its runs: a device reads each by itself.
fn is_part(place: &str, text: &str) -> bool {
    let Some(rest) = place.strip_prefix(text) else { return false };
    let form = rest.strip_prefix('.').is_some_and(|form| CATEGORIES.contains(&form));
    rest.is_empty() || form || (rest.starts_with('[') && rest.ends_with("].text"))
}

/// A path without its last steps.
fn above(path: &Path, steps: usize) -> Path {
    Path(path.0.iter().take(path.0.len().saturating_sub(steps)).cloned().collect())
}

/// Where a device finds what a problem tells: mostly at the same place.
fn places(problem: &Problem) -> Vec<String> {
    let path = &problem.path;
    let field = |path: Path, name: &str| path.with(Step::Field(name.to_owned()));
    let campaign = || Path(path.0.iter().take(2).cloned().collect());
    let ends = |name: &str| path.0.last() == Some(&Step::Field(name.to_owned()));
    let other = match problem.code {
        "HK0301" if ends("$t") => Some(above(path, 1)),
        "HK0405" | "HK0602" | "HK0701" => Some(above(path, 1)),
        "HK0510" if !ends("trigger") => Some(above(path, 1)),
        "HK0606" if ends("end_bp") => Some(above(path, 1)),
        "HK0606" if ends("weight_bp") => Some(above(path, 2)),
        "HK0607" => Some(above(path, 2)),
        "HK0401" => Some(field(path.clone(), "alt")),
        "HK0503" => Some(field(campaign(), "placement")),
        "HK0505" => Some(field(above(path, 1), "within")),
        "HK0507" => Some(field(campaign(), "message")),
        "HK0512" => Some(field(campaign(), "channel")),
        _ => None,
    };
    [Some(path.clone()), other].into_iter().flatten().map(|path| path.to_string()).collect()
}
