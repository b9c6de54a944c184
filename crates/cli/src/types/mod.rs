//! The tracking plan as types of a host language, so that a compiler knows what may be recorded.

mod kotlin;
mod swift;
mod typescript;

use std::collections::BTreeSet;

use serde_json::Value;

/// A language that types are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// For `createClient<ShopPlan>()`.
    Typescript,
    /// A sealed class of events.
    Kotlin,
    /// A struct for each event.
    Swift,
}

/// A tracking plan.
struct Plan {
    /// The playbook's id in words, such as `Shop`.
    name: String,
    events: Vec<Event>,
    attributes: Vec<Property>,
}

struct Event {
    /// The name in the plan.
    name: String,
    properties: Vec<Property>,
}

struct Property {
    /// The name in the plan.
    name: String,
    /// The type in the plan.
    kind: String,
    required: bool,
    one_of: Vec<Value>,
}

/// Writes the types of a canonical playbook's plan.
pub(crate) fn generate(playbook: &Value, language: Language) -> String {
    let plan = read(playbook);
    match language {
        Language::Typescript => typescript::write(&plan),
        Language::Kotlin => kotlin::write(&plan),
        Language::Swift => swift::write(&plan),
    }
}

fn read(playbook: &Value) -> Plan {
    let id = playbook.get("id").and_then(Value::as_str).unwrap_or("");
    let plan = playbook.get("plan").unwrap_or(&Value::Null);
    let fields = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let properties =
        |value: Option<&Value>| fields(value).into_iter().map(|(name, value)| property(name, &value)).collect();
    let events = fields(plan.get("events"));
    let event = |(name, value): (String, Value)| Event { name, properties: properties(value.get("properties")) };
    let name = pascal(id);
    Plan {
        name: if name.is_empty() { "Hearken".into() } else { name },
        events: events.into_iter().map(event).collect(),
        attributes: properties(plan.get("attributes")),
    }
}

fn property(name: String, value: &Value) -> Property {
    Property {
        name,
        kind: value.get("type").and_then(Value::as_str).unwrap_or("").to_owned(),
        required: value.get("required").and_then(Value::as_bool).unwrap_or(false),
        one_of: value.get("one_of").and_then(Value::as_array).cloned().unwrap_or_default(),
    }
}

/// The words of a name: at everything that is no letter or digit, and where small letters meet a capital.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut small = false;
    let mut apart = true;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            apart = true;
            continue;
        }
        if apart || (small && c.is_uppercase()) {
            words.push(String::new());
        }
        apart = false;
        small = c.is_lowercase() || c.is_numeric();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `cart_updated` as `CartUpdated`.
fn pascal(name: &str) -> String {
    let name: String = words(name).iter().map(|word| capital(word)).collect();
    if name.starts_with(|c: char| c.is_numeric()) { format!("N{name}") } else { name }
}

/// `cart_updated` as `cartUpdated`.
fn camel(name: &str) -> String {
    let words = words(name);
    let Some((first, rest)) = words.split_first() else { return "unnamed".into() };
    let name: String = std::iter::once(first.clone()).chain(rest.iter().map(|word| capital(word))).collect();
    if name.starts_with(|c: char| c.is_numeric()) { format!("n{name}") } else { name }
}

/// Names in one scope, each only once.
struct Names(BTreeSet<String>);

impl Names {
    fn new(taken: &[&str]) -> Self {
        Self(taken.iter().map(|name| (*name).to_owned()).collect())
    }

    fn one(&mut self, wanted: String) -> String {
        let wanted = if wanted.is_empty() { "Unnamed".to_owned() } else { wanted };
        let mut name = wanted.clone();
        let mut n = 2;
        while !self.0.insert(name.clone()) {
            name = format!("{wanted}{n}");
            n += 1;
        }
        name
    }
}

/// A text in double quotes with the escapes that all three languages know; `also` is escaped too.
fn quoted(text: &str, also: &[char]) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' => out.extend(['\\', c]),
            c if also.contains(&c) => out.extend(['\\', c]),
            // What cannot be seen has no place in code, and breaks it in some languages.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text within a comment, where it cannot end the comment.
fn comment(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '*' | '/' | '`' | '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn odd() -> Value {
        json!({"id": "my shop", "plan": {"events": {
            "cart_updated": {"properties": {"items": {"type": "int", "required": true}, "top-item": {"type": "string"},
                "class": {"type": "number"}, "tags": {"type": "list"}, "extra": {"type": "object"}, "gift": {"type": "bool"}}},
            "Cart Updated": {}, "2nd \"visit\"*/": {"properties": {"$odd": {"type": "string"}, "": {"type": "int"}}}},
            "attributes": {"2nd tier": {"type": "string", "one_of": ["none", "gold${x}\\(y)"]}, "a b": {"type": "int", "one_of": [1, 2]}}}})
    }

    /// What is expected stands where a compiler of its language sees it.
    fn snapshot(language: Language, file: &str) {
        let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = generate(&odd(), language);
        if std::env::var_os("HEARKEN_WRITE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(
            text,
            std::fs::read_to_string(&path).unwrap(),
            "run the tests once with HEARKEN_WRITE=1 and read the difference"
        );
    }

    #[test]
    fn odd_names_become_names_of_each_language() {
        snapshot(Language::Typescript, "tests/types/odd.ts");
        snapshot(Language::Kotlin, "../../bindings/kotlin/hearken/src/test/kotlin/plan/Odd.kt");
        snapshot(Language::Swift, "../../bindings/swift/Tests/HearkenTests/Plan/Odd.swift");
    }

    #[test]
    fn words_are_found_in_names_of_every_style() {
        assert_eq!(pascal("cart_updated"), "CartUpdated");
        assert_eq!(pascal("cartUpdated v2"), "CartUpdatedV2");
        assert_eq!(camel("Order Completed"), "orderCompleted");
        assert_eq!((pascal("2x"), camel("2x"), camel("--")), ("N2x".into(), "n2x".into(), "unnamed".into()));
    }
}
