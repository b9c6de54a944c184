//! Segments: their conditions, circles, and those that nobody uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::Problems;
use crate::tree::At;

use super::Book;
use super::condition::{self, Scope, Sees};

pub(crate) fn lint(book: &Book<'_>, problems: &mut Problems) {
    let segments = book.root.fields_of("segments");
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, at) in &segments {
        let scope = Scope { plan: book.plan, root: book.root.node, sees: Sees::Person, what: "segment" };
        condition::lint(at, scope, problems);
        let mut used = BTreeSet::new();
        named(at, &mut used);
        names.insert(name, used);
    }
    for (name, at) in &segments {
        if reaches(&names, name, name) {
            let message = format!("segment `{name}` is made of itself");
            problems.at_key("HK0208", at, message, "take it out of the segments that it names");
        }
    }
    let mut used = BTreeSet::new();
    for campaign in &book.campaigns {
        if let Some(audience) = campaign.get("audience") {
            named(&audience, &mut used);
        }
    }
    for inner in names.values() {
        used.extend(inner);
    }
    for (name, at) in &segments {
        if !used.contains(name) {
            problems.at_key(
                "HK0212",
                at,
                format!("no campaign uses segment `{name}`"),
                "use it in an audience, or delete it",
            );
        }
    }
}

/// The names of the segments that a condition uses.
pub(crate) fn named<'a>(at: &At<'a>, used: &mut BTreeSet<&'a str>) {
    for (name, inner) in at.fields() {
        match inner.text() {
            Some(segment) if name == "$segment" => {
                used.insert(segment);
            }
            _ => named(&inner, used),
        }
    }
    for inner in at.items() {
        named(&inner, used);
    }
}

/// Whether one segment leads to another through those that it names.
fn reaches(names: &BTreeMap<&str, BTreeSet<&str>>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        for next in names.get(name).into_iter().flatten() {
            if *next == to {
                return true;
            }
            if seen.insert(*next) {
                open.push(next);
            }
        }
    }
    false
}
