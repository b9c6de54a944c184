//! The tracking plan, for looking up, and what is wrong with itself.

use crate::report::Problems;
use crate::tree::{At, Content, Node};

use super::names::instead;

/// The library's own events: the purposes, any of which lets them be recorded, and their properties.
const OWN: [(&str, &[&str], &[&str]); 15] = [
    ("$session_start", &["analytics", "messaging"], &["session"]),
    ("$session_end", &["analytics", "messaging"], &["session"]),
    ("$app_open", &["analytics", "messaging"], &["session"]),
    ("$screen", &["analytics", "messaging"], &["screen"]),
    ("$cue", &["analytics", "messaging"], &["cue", "value"]),
    ("$attribute", &["personalization"], &["op", "name", "value"]),
    ("$delivered", &["messaging"], TOUCH),
    ("$opened", &["messaging"], TOUCH),
    ("$unsubscribed", &["messaging"], TOUCH),
    ("$shown", &["messaging"], SHOWN),
    ("$dismissed", &["messaging"], SHOWN),
    ("$submitted", &["messaging"], SHOWN),
    ("$snoozed", &["messaging"], SHOWN),
    ("$page", &["messaging"], SHOWN),
    ("$clicked", &["messaging"], &["presentation_id", "delivery_id", "campaign", "variant", "channel", "target"]),
];
const TOUCH: &[&str] = &["delivery_id", "channel", "campaign"];
const SHOWN: &[&str] = &["presentation_id", "campaign", "variant", "channel", "target"];

/// A tracking plan.
#[derive(Clone, Copy)]
pub(crate) struct Plan<'a> {
    root: &'a Node,
}

/// What is known of a property or an attribute.
#[derive(Clone, Debug)]
pub(crate) enum Known<'a> {
    /// The plan says its type, and perhaps more.
    Planned(&'a Node),
    /// It may exist; nothing is said of it.
    Open,
    /// It cannot exist; these can.
    Unknown(Vec<&'a str>),
}

impl<'a> Plan<'a> {
    pub(crate) fn of(root: &'a Node) -> Self {
        Self { root }
    }

    fn plan(self) -> Option<&'a Node> {
        self.root.get("plan")
    }

    fn is_open(self) -> bool {
        self.plan().and_then(|plan| plan.get("mode")).and_then(Node::as_text) == Some("open")
    }

    pub(crate) fn event(self, name: &str) -> Option<&'a Node> {
        self.plan()?.get("events")?.get(name)
    }

    pub(crate) fn event_names(self) -> Vec<&'a str> {
        names(self.plan().and_then(|plan| plan.get("events")))
    }

    pub(crate) fn attribute(self, name: &str) -> Known<'a> {
        let attributes = self.plan().and_then(|plan| plan.get("attributes"));
        match attributes.and_then(|attributes| attributes.get(name)) {
            Some(planned) => Known::Planned(planned),
            None if self.is_open() => Known::Open,
            None => Known::Unknown(names(attributes)),
        }
    }

    pub(crate) fn property(self, event: &str, name: &str) -> Known<'a> {
        if let Some((_, _, properties)) = OWN.iter().find(|own| own.0 == event) {
            return if properties.contains(&name) { Known::Open } else { Known::Unknown(properties.to_vec()) };
        }
        let Some(event) = self.event(event) else { return Known::Open };
        match event.get("properties").and_then(|properties| properties.get(name)) {
            Some(planned) => Known::Planned(planned),
            None if self.is_open() => Known::Open,
            None => Known::Unknown(names(event.get("properties"))),
        }
    }

    /// The purposes, any of which lets an event be recorded (engine.md 2.4). For `$attribute`, the attribute's.
    pub(crate) fn purposes(self, event: &str, filter: Option<&Node>) -> Vec<&'a str> {
        let listed = |node: &'a Node| -> Option<Vec<&'a str>> {
            Some(node.get("purpose")?.as_list()?.iter().filter_map(Node::as_text).collect())
        };
        if event == "$attribute"
            && let Some(name) = filter.and_then(|filter| filter.get("name")).and_then(Node::as_text)
            && let Known::Planned(planned) = self.attribute(name)
            && let Some(purposes) = listed(planned)
        {
            return purposes;
        }
        if let Some((_, purposes, _)) = OWN.iter().find(|own| own.0 == event) {
            return purposes.to_vec();
        }
        self.event(event).and_then(listed).unwrap_or_else(|| vec!["analytics"])
    }

    /// Tells of an event that cannot be recorded.
    pub(crate) fn known_event(self, at: &At<'_>, problems: &mut Problems) {
        let Some(name) = at.text() else { return };
        if name.starts_with('$') {
            if !OWN.iter().any(|own| own.0 == name) {
                let help = instead(name, OWN.iter().map(|own| own.0), "");
                problems.at("HK0201", at, format!("the library records no event `{name}`"), help);
            }
        } else if !self.is_open() && self.event(name).is_none() {
            let help = instead(name, self.event_names(), "add it to `plan.events`");
            problems.at("HK0201", at, format!("the tracking plan has no event `{name}`"), help);
        }
    }
}

fn names(node: Option<&Node>) -> Vec<&str> {
    node.and_then(Node::as_map).unwrap_or_default().iter().map(|(key, _)| key.name.as_str()).collect()
}

/// The plan's type of a property.
pub(crate) fn kind(planned: &Node) -> &str {
    planned.get("type").and_then(Node::as_text).unwrap_or("")
}

/// Whether a value can be of a type; whether it is known at all.
pub(crate) fn admits(kind: &str, value: &Node) -> bool {
    match (kind, &value.content) {
        (_, Content::Null)
        | ("string", Content::Text(_))
        | ("int" | "number", Content::Number(_))
        | ("bool", Content::Bool(_))
        | ("list", Content::List(_))
        | ("object", Content::Map(_)) => true,
        ("string" | "int" | "number" | "bool" | "list" | "object", _) => false,
        _ => true,
    }
}

/// A type with its article.
pub(crate) fn article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}

/// How to write a value so that it fits.
pub(crate) fn rewrite(kind: &str, value: &Node) -> String {
    match (kind, &value.content) {
        ("int" | "number", Content::Text(text)) if text.parse::<f64>().is_ok() => {
            format!("write {text} without quotes")
        }
        ("bool", Content::Text(text)) if text == "true" || text == "false" => format!("write {text} without quotes"),
        ("string", Content::Number(_) | Content::Bool(_)) => format!("write \"{}\" in quotes", value.to_value()),
        ("string", _) => "write a text".into(),
        ("int", _) => "write a whole number".into(),
        ("number", _) => "write a number".into(),
        ("bool", _) => "write true or false".into(),
        _ => format!("write {}", article(kind)),
    }
}

pub(crate) fn lint(root: &At<'_>, problems: &mut Problems) {
    let plan = root.get("plan");
    let of = |name: &str| plan.as_ref().map(|plan| plan.fields_of(name)).unwrap_or_default();
    let properties =
        of("events").into_iter().flat_map(|(_, event)| event.fields_of("properties")).chain(of("attributes"));
    for (name, property) in properties {
        let kind = kind(property.node);
        for value in property.items_of("one_of") {
            if !admits(kind, value.node) {
                let message = format!("`{name}` is {}, so it can never be {}", article(kind), value.node.to_value());
                problems.at("HK0216", &value, message, rewrite(kind, value.node));
            }
        }
    }
    for (name, event) in of("events") {
        for (property, at) in event.fields_of("properties") {
            if let Some(purpose) = at.get("purpose") {
                let message = format!("`{name}.{property}` cannot have a purpose of its own");
                problems.at_key("HK0105", &purpose, message, "a purpose belongs to the event as a whole");
            }
        }
    }
}
