//! The operands of ours in conditions (engine.md 3.2).

use crate::report::Problems;
use crate::tree::{At, Node, Step};

use super::condition::{self, Scope, Sees, numeric};
use super::names::instead;
use super::shape::milliseconds;

/// What a host tells about itself: a closed table.
pub(crate) const HOST: [&str; 12] = [
    "platform",
    "os_version",
    "app_version",
    "sdk_version",
    "device_class",
    "locale",
    "screen",
    "url.host",
    "url.path",
    "url.query",
    "url.hash",
    "first_seen_ms",
];

pub(super) fn lint(name: &str, operand: &At<'_>, scope: Scope<'_>, problems: &mut Problems) {
    match name {
        "$segment" => segment(operand, scope, problems),
        "$history" => history(operand, scope, problems),
        "$host" => host(operand, problems),
        "$now" => now(operand, problems),
        "$metric" => {
            if let Some(named) = operand.get("metric")
                && let Some(metric) = named.text()
            {
                known_metric(metric, &named, scope.root, problems);
            }
        }
        "$success" => {
            if let Some(metric) = operand.text() {
                known_metric(metric, operand, scope.root, problems);
            }
        }
        _ => {}
    }
}

/// Tells of a metric that the success definition does not have; silent without a definition.
pub(super) fn known_metric(metric: &str, at: &At<'_>, root: &Node, problems: &mut Problems) {
    let metrics = root.get("success").and_then(|success| success.get("metrics")).and_then(Node::as_map);
    let Some(metrics) = metrics.filter(|metrics| !metrics.iter().any(|(key, _)| key.name == metric)) else { return };
    let help = instead(metric, metrics.iter().map(|(key, _)| key.name.as_str()), "add it to the success definition");
    let message = format!("the success definition has no metric `{metric}`");
    problems.at("HK0509", at, message, help);
}

fn segment(operand: &At<'_>, scope: Scope<'_>, problems: &mut Problems) {
    let Some(name) = operand.text() else {
        let message = format!("`$segment` takes the name of a segment, not {}", operand.node.words());
        return problems.at("HK0206", operand, message, "write for example {$segment: loyal}");
    };
    let segments = scope.root.get("segments").and_then(Node::as_map).unwrap_or_default();
    if !segments.iter().any(|(key, _)| key.name == name) {
        let help = instead(name, segments.iter().map(|(key, _)| key.name.as_str()), "add it to `segments`");
        problems.at("HK0207", operand, format!("there is no segment `{name}`"), help);
    }
}

fn history(operand: &At<'_>, scope: Scope<'_>, problems: &mut Problems) {
    let known = ["event", "where", "within", "count", "last", "sum"];
    if operand.node.as_map().is_none() {
        let message = format!("`$history` takes an object, not {}", operand.node.words());
        return problems.at(
            "HK0206",
            operand,
            message,
            "write for example {event: bought, within: 30d, count: {$gte: 1}}",
        );
    }
    for (name, at) in operand.fields() {
        if !known.contains(&name) {
            problems.at_key("HK0105", &at, format!("`$history` has no field `{name}`"), instead(name, known, ""));
        }
    }
    match operand.get("event") {
        Some(event) if event.text().is_some() => {
            scope.plan.known_event(&event, problems);
            if let Some(filter) = operand.get("where") {
                let sees = Sees::Event(event.text().unwrap_or(""));
                condition::lint(&filter, Scope { sees, what: "where", ..scope }, problems);
            }
        }
        _ => {
            let at = missing(operand, "event");
            problems.at("HK0107", &at, "`event` is missing here", "name the event that counts");
        }
    }
    match operand.get("within") {
        Some(within) if milliseconds(&within).is_some() => {}
        Some(within) => {
            let message = format!("{} is not a length of time", within.node.to_value());
            problems.at("HK0112", &within, message, "write for example 30d");
        }
        None => {
            let help = "say how far it looks back, such as within: 30d";
            problems.at("HK0107", &missing(operand, "within"), "`within` is missing here", help);
        }
    }
    let counted: Vec<_> =
        ["count", "last", "sum"].into_iter().filter_map(|name| Some((name, operand.get(name)?))).collect();
    match counted.as_slice() {
        [("count", at)] => numeric(at, false, problems),
        [("last", at)] => numeric(at, true, problems),
        [("sum", at)] => {
            for (property, test) in at.fields() {
                if let Some(event) = operand.text_of("event")
                    && let super::plan::Known::Unknown(known) = scope.plan.property(event, property)
                {
                    let help = instead(property, known, "add it to the tracking plan");
                    problems.at_key("HK0202", &test, format!("`{event}` has no property `{property}`"), help);
                }
                numeric(&test, false, problems);
            }
        }
        _ => problems.at(
            "HK0206",
            operand,
            "`$history` takes exactly one of `count`, `last` and `sum`",
            "write for example count: {$gte: 1}",
        ),
    }
}

/// Where a field would stand: its place is that of the object, its path its own.
fn missing<'a>(operand: &At<'a>, name: &str) -> At<'a> {
    At { path: operand.path.with(Step::Field(name.to_owned())), ..operand.clone() }
}

fn host(operand: &At<'_>, problems: &mut Problems) {
    for (name, at) in operand.fields() {
        if !HOST.contains(&name) {
            problems.at_key(
                "HK0217",
                &at,
                format!("a host tells nothing of the name `{name}`"),
                instead(name, HOST, ""),
            );
        }
    }
}

fn now(operand: &At<'_>, problems: &mut Problems) {
    for (name, at) in operand.fields() {
        if !["weekday", "minute"].contains(&name) {
            problems.at_key("HK0217", &at, format!("`$now` has no `{name}`"), "known are weekday, minute");
        }
    }
}
