//! A trigger's short forms: everything that can set a campaign off is an event.

use hearken_core::Span as Length;

use crate::report::Problems;
use crate::tree::{Content, Node, Span};

use super::campaign::key;
use super::document::without_nulls;

/// The leaves that are written as a word.
const WORDS: [(&str, &str); 2] = [("session_start", "$session_start"), ("app_open", "$app_open")];
/// What only a host can see, each with a value.
const CUES: [&str; 5] = ["manual", "route", "visible", "dwell", "scroll"];

pub(crate) fn expand(trigger: &mut Node, problems: &mut Problems) {
    without_nulls(trigger);
    for many in ["any", "all", "chain"] {
        for leaf in trigger.get_mut(many).and_then(Node::items_mut).into_iter().flatten() {
            expand_leaf(leaf, problems);
        }
    }
    expand_leaf(trigger, problems);
    expand_events(trigger, "unless", problems);
}

/// `cancel_on`, `unless`, `remove_on`: a name, one leaf, or a list of these.
pub(crate) fn expand_events(node: &mut Node, field: &str, problems: &mut Problems) {
    super::document::listed(node, field);
    for leaf in node.get_mut(field).and_then(Node::items_mut).into_iter().flatten() {
        expand_leaf(leaf, problems);
    }
}

fn expand_leaf(leaf: &mut Node, problems: &mut Problems) {
    let span = leaf.span;
    if let Some(name) = leaf.as_text() {
        *leaf = if name == "exit_intent" {
            Node::map(span, [("event", Node::text(span, "$cue"))])
        } else {
            let known = WORDS.iter().find(|(word, _)| *word == name).map_or(name, |(_, event)| event);
            Node::map(span, [("event", Node::text(span, known))])
        };
        if leaf.get("event").and_then(Node::as_text) == Some("$cue") {
            narrow(leaf, span, &[("cue", Node::text(span, "exit_intent"))]);
        }
        return;
    }
    if let Some((name, screen)) = leaf.take("screen") {
        leaf.put(key("event", name.span), Node::text(name.span, "$screen"));
        narrow(leaf, name.span, &[("screen", screen)]);
    }
    if let Some((name, attribute)) = leaf.take("attribute") {
        leaf.put(key("event", name.span), Node::text(name.span, "$attribute"));
        narrow(leaf, name.span, &[("name", attribute)]);
    }
    for cue in CUES {
        let Some((name, mut value)) = leaf.take(cue) else { continue };
        if cue == "dwell" {
            milliseconds(&mut value, problems);
        }
        leaf.put(key("event", name.span), Node::text(name.span, "$cue"));
        narrow(leaf, name.span, &[("cue", Node::text(name.span, cue)), ("value", value)]);
    }
}

/// Adds tests to a leaf's `where`.
fn narrow(leaf: &mut Node, span: Span, tests: &[(&'static str, Node)]) {
    leaf.put(key("where", span), Node::map(span, []));
    if let Some(filter) = leaf.get_mut("where") {
        for (name, value) in tests {
            filter.put(key(name, span), value.clone());
        }
    }
}

/// A host compares a dwell time as a number.
fn milliseconds(value: &mut Node, problems: &mut Problems) {
    let Some(text) = value.as_text() else { return };
    match text.parse::<Length>() {
        Ok(Length(ms)) => value.content = Content::Number(ms.into()),
        Err(error) => {
            problems.span("HK0112", value.span, error.to_string(), "write for example 30s");
            value.content = Content::Number(0.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn expanded(written: Value) -> Value {
        let mut node = Node::from_value(Span::default(), &written);
        expand(&mut node, &mut Problems::default());
        node.to_value()
    }

    #[test]
    fn every_short_form_is_an_event() {
        for (written, canonical) in [
            (json!("bought"), json!({"event": "bought"})),
            (json!("session_start"), json!({"event": "$session_start"})),
            (json!("app_open"), json!({"event": "$app_open"})),
            (json!({"screen": "cart"}), json!({"event": "$screen", "where": {"screen": "cart"}})),
            (
                json!({"attribute": "tier", "where": {"value": "gold"}}),
                json!({"event": "$attribute", "where": {"name": "tier", "value": "gold"}}),
            ),
            (json!({"manual": "gift"}), json!({"event": "$cue", "where": {"cue": "manual", "value": "gift"}})),
            (json!({"dwell": "30s"}), json!({"event": "$cue", "where": {"cue": "dwell", "value": 30_000}})),
            (json!({"scroll": 50}), json!({"event": "$cue", "where": {"cue": "scroll", "value": 50}})),
            (json!("exit_intent"), json!({"event": "$cue", "where": {"cue": "exit_intent"}})),
            (
                json!({"any": ["a", {"screen": "b"}]}),
                json!({"any": [{"event": "a"}, {"event": "$screen", "where": {"screen": "b"}}]}),
            ),
            (
                json!({"event": "a", "unless": "b", "within": "1h"}),
                json!({"event": "a", "unless": [{"event": "b"}], "within": "1h"}),
            ),
        ] {
            assert_eq!(expanded(written), canonical);
        }
    }
}
