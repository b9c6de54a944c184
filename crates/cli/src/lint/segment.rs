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
    let circles = circles(&names);
    for (name, at) in &segments {
        if circles.contains(name) {
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

/// Names that are part of a circle, or stand between two: what is left when those that name none, and those that none
/// names, are taken away again and again.
pub(super) fn circles<'a>(names: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut back: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, inner) in names {
        for one in inner {
            back.entry(one).or_default().insert(name);
        }
    }
    let mut left: BTreeSet<&str> = names.keys().copied().collect();
    for (forth, back) in [(names, &back), (&back, names)] {
        let mut degree: BTreeMap<&str, usize> = left
            .iter()
            .map(|name| (*name, forth.get(name).into_iter().flatten().filter(|one| left.contains(**one)).count()))
            .collect();
        let mut free: Vec<&str> = degree.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
        while let Some(name) = free.pop() {
            left.remove(name);
            for one in back.get(name).into_iter().flatten().filter(|one| left.contains(**one)) {
                let count = degree.entry(one).or_default();
                *count = count.saturating_sub(1);
                if *count == 0 {
                    free.push(one);
                }
            }
        }
    }
    left
}
