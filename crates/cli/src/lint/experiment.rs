//! Experiments (engine.md 7.1): shares, variants, and arms that differ in more than their words.

use std::collections::BTreeSet;

use crate::report::Problems;
use crate::tree::{At, Node};

use super::Book;
use super::names::instead;

pub(crate) fn lint(book: &Book<'_>, campaign: &At<'_>, problems: &mut Problems) {
    let Some(experiment) = campaign.get("experiment") else { return };
    let variants = experiment.items_of("variants");
    if let Some(list) = experiment.get("variants").filter(|_| variants.is_empty()) {
        problems.at("HK0610", &list, "the experiment has no variants", "list at least one");
    }
    let mut ids = BTreeSet::new();
    for variant in &variants {
        if let Some(id) = variant.get("id")
            && let Some(text) = id.text()
            && !ids.insert(text)
        {
            problems.at("HK0610", &id, format!("`{text}` is the id of an earlier variant"), "choose another id");
        }
    }
    shares(&experiment, &variants, problems);
    if let Some(force) = experiment.get("force") {
        for (unit, variant) in force.fields() {
            if let Some(text) = variant.text()
                && !ids.contains(text)
                && text != "control"
            {
                let help = instead(text, ids.iter().copied(), "");
                problems.at("HK0610", &variant, format!("`{unit}` is forced into `{text}`, which is no variant"), help);
            }
        }
    }
    alike(book, campaign, &variants, problems);
}

fn points(node: &Node, name: &str) -> Option<i64> {
    node.get(name).and_then(Node::as_i64)
}

fn percent(points: i64) -> String {
    format!("{} %", points as f64 / 100.0)
}

fn shares(experiment: &At<'_>, variants: &[At<'_>], problems: &mut Problems) {
    let weights: Vec<i64> = variants.iter().filter_map(|variant| points(variant.node, "weight_bp")).collect();
    let sum: i64 = weights.iter().fold(0, |sum, weight| sum.saturating_add(*weight));
    if let Some(list) = experiment.get("variants").filter(|_| weights.len() == variants.len() && !variants.is_empty()) {
        let at = variants.last().and_then(|last| last.get("weight_bp")).unwrap_or(list);
        if sum > 10_000 || sum == 0 {
            problems.at("HK0606", &at, format!("the weights add up to {}", percent(sum)), "make them add up to 100 %");
        } else if sum < 10_000 {
            let message = format!("the weights add up to {}; each gets its share of what they add up to", percent(sum));
            problems.at("HK0611", &at, message, "make them add up to 100 %, so that they say what happens");
        }
    }
    if let Some(control) = experiment.get("control_bp").filter(|control| control.node.as_i64() == Some(10_000)) {
        problems.at("HK0606", &control, "control takes everybody, so nobody sees a message", "lower it");
    }
    if let Some(coverage) = experiment.get("coverage_bp").filter(|coverage| coverage.node.as_i64() == Some(0)) {
        problems.at("HK0606", &coverage, "the experiment covers nobody", "raise it");
    }
    if let Some(namespace) = experiment.get("namespace")
        && let (Some(start), Some(end)) = (points(namespace.node, "start_bp"), points(namespace.node, "end_bp"))
        && end <= start
    {
        let at = namespace.get("end_bp").unwrap_or(namespace);
        problems.at("HK0606", &at, "this part of the namespace is empty", "let it end after it starts");
    }
}

/// What a layout does to everything else.
fn class(layout: &str) -> &'static str {
    match layout {
        "modal" | "fullscreen" | "banner" | "toast" | "tooltip" => "interruptive",
        "inline" => "inline",
        "card" => "a card",
        "custom" => "custom",
        _ => "",
    }
}

/// Arms may differ in what they say, not in when and where they may be shown (engine.md 5.3).
fn alike(book: &Book<'_>, campaign: &At<'_>, variants: &[At<'_>], problems: &mut Problems) {
    let layout = |variant: &At<'_>| -> Option<&str> {
        let layout = book.message(variant.text_of("message")?)?.text_of("layout")?;
        super::LAYOUTS.into_iter().find(|known| *known == layout)
    };
    let Some(first) = variants.iter().find_map(layout) else { return };
    let interrupts = campaign.node.get("interruptive").and_then(Node::as_bool) != Some(false);
    let class = |layout| if class(layout) == "custom" && interrupts { "interruptive" } else { class(layout) };
    for variant in variants {
        let Some(other) = layout(variant).filter(|other| class(other) != class(first)) else { continue };
        let at = variant.get("message").unwrap_or_else(|| variant.clone());
        let message = format!("this variant is {} ({other}), the first is {} ({first})", class(other), class(first));
        problems.at("HK0607", &at, message, "give all variants one kind of layout, or the arms cannot be compared");
    }
    for variant in variants {
        for field in ["channel", "placement", "layout"] {
            if let Some(own) = variant.get(field) {
                problems.at_key(
                    "HK0607",
                    &own,
                    format!("a variant cannot have a `{field}` of its own"),
                    "it belongs to the campaign",
                );
            }
        }
    }
}
