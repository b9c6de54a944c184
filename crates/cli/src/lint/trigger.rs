//! Triggers, what cancels them, and under which purposes both are recorded (engine.md 2.4, 4.1).

use std::collections::BTreeSet;

use crate::report::Problems;
use crate::tree::{At, Node};

use super::Book;
use super::condition::{self, Scope, Sees};

/// The leaves of a campaign's trigger: what can set it off.
pub(crate) fn leaves<'a>(campaign: &At<'a>) -> Vec<At<'a>> {
    let Some(trigger) = campaign.get("trigger") else { return Vec::new() };
    let mut leaves: Vec<At<'a>> = ["any", "all", "chain"].iter().flat_map(|many| trigger.items_of(many)).collect();
    if trigger.node.get("event").is_some() {
        leaves.push(trigger);
    }
    leaves
}

pub(crate) fn lint(book: &Book<'_>, campaign: &At<'_>, problems: &mut Problems) {
    let Some(trigger) = campaign.get("trigger").filter(|trigger| trigger.node.as_map().is_some()) else { return };
    let said: Vec<&str> =
        ["event", "any", "all", "chain"].into_iter().filter(|name| trigger.node.get(name).is_some()).collect();
    match said.as_slice() {
        [] => {
            problems.at_key("HK0510", &trigger, "the trigger names no event", "write for example trigger: cart_updated")
        }
        [_] => {}
        [first, second, ..] => {
            problems.at_key(
                "HK0510",
                &trigger,
                format!("the trigger has `{first}` and `{second}`"),
                "keep one of the two",
            );
        }
    }
    for many in ["any", "all", "chain"] {
        if let Some(list) = trigger.get(many).filter(|list| list.node.as_list().is_some_and(<[_]>::is_empty)) {
            problems.at("HK0510", &list, format!("`{many}` lists nothing, so this never happens"), "list the events");
        }
    }
    for leaf in leaves(campaign) {
        event(book, &leaf, problems);
    }
    for list in
        [trigger.get("unless"), campaign.get("cancel_on"), campaign.dig(&["card", "remove_on"])].into_iter().flatten()
    {
        for one in list.items() {
            event(book, &one, problems);
            if !list.path.to_string().ends_with("remove_on") {
                recordable(book, campaign, &one, problems);
            }
        }
    }
    if let Some(unless) = trigger.get("unless")
        && trigger.node.get("within").is_none()
    {
        let help = "say how long to wait for it, such as within: 1h";
        problems.at_key("HK0505", &unless, "`unless` needs `within`", help);
    }
    if let Some(count) = trigger.get("count")
        && count.node.as_i64().is_some_and(|count| count > 1)
        && trigger.node.get("within").is_none()
    {
        problems.at_key(
            "HK0511",
            &count,
            "`count` without `within` counts for ever",
            "say within how long, such as within: 7d",
        );
    }
    if let Some(rearm) = trigger.get("rearm")
        && trigger.node.get("unless").is_none()
    {
        problems.at_key("HK0511", &rearm, "`rearm` does nothing without `unless`", "delete it");
    }
}

/// One `{event, where}`.
pub(crate) fn event(book: &Book<'_>, leaf: &At<'_>, problems: &mut Problems) {
    let Some(name) = leaf.get("event").filter(|name| name.text().is_some()) else { return };
    book.plan.known_event(&name, problems);
    if let Some(filter) = leaf.get("where") {
        let sees = Sees::Event(name.text().unwrap_or(""));
        condition::lint(&filter, Scope { plan: book.plan, root: book.root.node, sees, what: "where" }, problems);
    }
    if name.text() == Some("$attribute")
        && let Some(attribute) = leaf.dig(&["where", "name"])
        && let Some(text) = attribute.text()
        && let super::plan::Known::Unknown(known) = book.plan.attribute(text)
    {
        let help = super::names::instead(text, known, "add it to `plan.attributes`");
        problems.at("HK0203", &attribute, format!("the tracking plan has no attribute `{text}`"), help);
    }
}

/// The purposes under which every trigger of a campaign may be recorded, and act.
fn acts_under<'a>(book: &Book<'a>, campaign: &At<'_>) -> Vec<&'a str> {
    let mut purposes = Vec::new();
    for leaf in leaves(campaign) {
        for purpose in book.plan.purposes(leaf.text_of("event").unwrap_or(""), leaf.node.get("where")) {
            if !purposes.contains(&purpose) {
                purposes.push(purpose);
            }
        }
    }
    purposes
}

/// An event that takes a message back must be recorded wherever the one that brings it is.
fn recordable(book: &Book<'_>, campaign: &At<'_>, one: &At<'_>, problems: &mut Problems) {
    let Some(name) = one.get("event") else { return };
    if let Some(missing) = missing(book, campaign, name.text().unwrap_or(""), one.node.get("where")) {
        let event = name.text().unwrap_or("");
        let message =
            format!("`{event}` is not recorded under `{missing}`, which can record what triggers this campaign");
        problems.at("HK0214", &name, message, format!("add {missing} to the event's `purpose` in the plan"));
    }
}

fn missing<'a>(book: &Book<'a>, campaign: &At<'_>, event: &str, filter: Option<&Node>) -> Option<&'a str> {
    if !event.starts_with('$') && book.plan.event(event).is_none() {
        return None;
    }
    let recorded = book.plan.purposes(event, filter);
    acts_under(book, campaign).into_iter().find(|purpose| !recorded.contains(purpose))
}

/// The events that a metric's numerator counts.
fn counted<'a>(success: &'a Node, metric: &str) -> Vec<&'a str> {
    let Some(numerator) =
        success.get("metrics").and_then(|metrics| metrics.get(metric)).and_then(|metric| metric.get("num"))
    else {
        return Vec::new();
    };
    let mut fact = ["has", "count", "sum"].iter().find_map(|name| numerator.get(name)).and_then(Node::as_text);
    // A fact may be made of another one; a circle ends here.
    for _ in 0..16 {
        let Some(found) = fact.and_then(|fact| success.get("facts")?.get(fact)) else { break };
        if let Some(of) = found.get("of").and_then(Node::as_text) {
            fact = Some(of);
            continue;
        }
        return match found.get("event") {
            Some(event) if event.as_text().is_some() => event.as_text().into_iter().collect(),
            Some(events) => events.as_list().unwrap_or_default().iter().filter_map(Node::as_text).collect(),
            None => Vec::new(),
        };
    }
    Vec::new()
}

pub(crate) fn lint_goal(book: &Book<'_>, campaign: &At<'_>, problems: &mut Problems) {
    let Some(goal) = campaign.get("goal") else { return };
    let Some(metric) = goal.text() else { return };
    let Some(success) = book.root.node.get("success") else {
        let help = "add `success: success.yaml`, or delete the goal";
        return problems.at(
            "HK0509",
            &goal,
            format!("`{metric}` is a metric, but there is no success definition"),
            help,
        );
    };
    super::operands::known_metric(metric, &goal, book.root.node, problems);
    for event in counted(success, metric) {
        if let Some(missing) = missing(book, campaign, event, None) {
            let message = format!(
                "the goal counts `{event}`, which is not recorded under `{missing}` as what triggers this campaign is"
            );
            problems.at("HK0214", &goal, message, format!("add {missing} to the event's `purpose` in the plan"));
        }
    }
}

/// The history that an audience asks for may not be there for everybody whom the trigger reaches.
pub(crate) fn lint_history(book: &Book<'_>, campaign: &At<'_>, problems: &mut Problems) {
    let Some(audience) = campaign.get("audience") else { return };
    for history in histories(book, audience.clone()) {
        let event = history.text_of("event").unwrap_or("");
        if let Some(missing) = missing(book, campaign, event, history.node.get("where")) {
            let message = format!(
                "the audience looks back at `{event}`, which is not recorded under `{missing}` as what triggers this campaign is"
            );
            let at = if history.path.0.first() == audience.path.0.first() {
                history.get("event").unwrap_or(history)
            } else {
                audience.clone()
            };
            problems.at(
                "HK0215",
                &at,
                message,
                format!("people who granted only {missing} have no such history; add it to the event's `purpose`"),
            );
        }
    }
}

/// Every `$history` of a condition and of the segments that it names, each segment once.
fn histories<'a>(book: &Book<'a>, condition: At<'a>) -> Vec<At<'a>> {
    let (mut found, mut seen, mut open) = (Vec::new(), BTreeSet::new(), vec![condition]);
    while let Some(at) = open.pop() {
        for (name, inner) in at.fields() {
            match name {
                "$history" => found.push(inner),
                "$segment" => {
                    let fresh = inner.text().filter(|name| seen.insert(*name));
                    open.extend(fresh.and_then(|name| book.root.get("segments")?.get(name)));
                }
                _ => open.push(inner),
            }
        }
        open.extend(at.items());
    }
    found
}
