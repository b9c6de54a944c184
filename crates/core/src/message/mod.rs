//! Messages as documents (DESIGN: headless first): checked and completed once, when the playbook is compiled.
//!
//! The engine keeps a message as JSON: it only renders texts, runs a button's actions and hands the rest on. Typed views
//! for native hosts are in `view.rs`.

mod address;
mod shape;

use crate::wire::{Fault, items};
use crate::{Properties, Value};

#[cfg(feature = "authoring")]
pub(crate) use address::scheme;
pub(crate) use address::unsafe_address;
#[cfg(feature = "schema")]
pub(crate) use shape::MessageSchema;
use shape::{Check, MESSAGE};

/// Checks a message as it is authored and completes it: pages become objects with ids, buttons get an id, actions and a
/// role, the first heading becomes the label. Every fault is found.
pub(crate) fn complete(source: &Value, path: &str, schemes: &[String]) -> Result<Value, Vec<Fault>> {
    let mut check = Check { schemes, faults: Vec::new() };
    check.value(source, &MESSAGE, path);
    let mut message = source.as_object().cloned().unwrap_or_default();
    let mut heading = None;
    let mut pages = Vec::new();
    for (p, page) in items(source.get("pages")).iter().enumerate() {
        let mut whole = page.as_object().cloned().unwrap_or_default();
        let mut blocks = page.get("blocks").unwrap_or(page).as_array().cloned().unwrap_or_default();
        for (b, block) in blocks.iter_mut().enumerate() {
            if heading.is_none() {
                heading = block.get("heading").cloned();
            }
            complete_button(block, p, b);
        }
        let named = whole.contains_key("id");
        if !named {
            whole.insert("id".to_owned(), Value::String((p + 1).to_string()));
        }
        whole.insert("blocks".to_owned(), Value::Array(blocks));
        pages.push(Value::Object(whole));
    }
    let layout = message.get("layout").and_then(Value::as_str);
    let blocks = pages.iter().filter_map(|page| page.get("blocks")?.as_array()).any(|blocks| !blocks.is_empty());
    if !blocks && layout != Some("custom") {
        check.fault(&[path, ".pages"].concat(), "a message needs at least one page with a block".into());
    }
    message.insert("pages".to_owned(), Value::Array(pages));
    if !message.contains_key("label") {
        message.insert("label".to_owned(), heading.unwrap_or_else(|| Value::String(String::new())));
    }
    if check.faults.is_empty() { Ok(Value::Object(message)) } else { Err(check.faults) }
}

fn complete_button(block: &mut Value, page: usize, place: usize) {
    let Some(button) = block.get_mut("button") else { return };
    let turns = actions(button).any(|(name, _)| matches!(name, "next" | "previous"));
    let Some(button) = button.as_object_mut() else { return };
    for (name, value) in [
        ("id", Value::String(format!("{page}.{place}"))),
        ("role", Value::String("secondary".to_owned())),
        ("actions", Value::Array(Vec::new())),
        ("stay", Value::Bool(turns)),
    ] {
        if !button.contains_key(name) {
            button.insert(name.to_owned(), value);
        }
    }
}

/// How a message stands on the screen.
pub(crate) fn layout(message: &Value) -> &str {
    message.get("layout").and_then(Value::as_str).unwrap_or_default()
}

/// Whether a layout interrupts: such messages share one slot and the interval (engine.md 5.3).
pub(crate) fn interrupts(layout: &str) -> bool {
    !matches!(layout, "inline" | "card")
}

/// The button that a click's target names.
pub(crate) fn button<'a>(message: &'a Value, id: &str) -> Option<&'a Value> {
    buttons(message).into_iter().find(|button| button.get("id").and_then(Value::as_str) == Some(id))
}

/// The buttons of a message, in their order.
pub(crate) fn buttons(message: &Value) -> Vec<&Value> {
    let mut buttons = Vec::new();
    for page in items(message.get("pages")) {
        for block in items(page.get("blocks")) {
            buttons.extend(block.get("button"));
        }
    }
    buttons
}

/// The actions of a button, each by its name and content.
pub(crate) fn actions(button: &Value) -> impl Iterator<Item = (&str, &Value)> {
    items(button.get("actions")).iter().filter_map(|action| match action {
        Value::String(name) => Some((name.as_str(), &Value::Null)),
        Value::Object(object) => object.iter().next().map(|(name, content)| (name.as_str(), content)),
        _ => None,
    })
}

/// Whether a click on the button closes its message.
pub(crate) fn closes(button: &Value) -> bool {
    button.get("stay") != Some(&Value::Bool(true))
}

/// The page that follows another, given the answers: the first branch whose condition holds, else the one after.
pub(crate) fn next_page(message: &Value, page: &str, answers: &Properties) -> Option<String> {
    let pages = message.get("pages")?.as_array()?;
    let id = |page: &Value| page.get("id").and_then(Value::as_str).map(str::to_owned);
    let place = pages.iter().position(|known| id(known).as_deref() == Some(page))?;
    for branch in items(pages.get(place)?.get("next")) {
        let holds = match branch.get("where") {
            None => true,
            Some(source) => crate::condition::Condition::compile(source, "").is_ok_and(|test| test.holds(answers)),
        };
        if holds {
            return branch.get("page").and_then(Value::as_str).map(str::to_owned);
        }
    }
    id(pages.get(place + 1)?)
}

#[cfg(test)]
mod tests {
    use super::shape::tests::with;
    use super::*;
    use serde_json::json;

    #[test]
    fn pages_buttons_and_the_message_get_names() {
        let message = with(json!([{"heading": "Hello"}, {"button": {"label": "Go"}}])).unwrap();
        assert_eq!(message["label"], "Hello");
        assert_eq!(message["pages"][0]["id"], "1");
        assert_eq!(button(&message, "0.1").unwrap()["label"], "Go");
        assert_eq!(button(&message, "0.1").unwrap()["role"], "secondary");
    }

    #[test]
    fn a_button_closes_unless_it_turns_a_page_or_says_otherwise() {
        let closes = |mut button: Value| {
            button["label"] = json!("x");
            let message = with(json!([{ "button": button }])).unwrap();
            super::closes(super::button(&message, "0.0").unwrap())
        };
        assert!(closes(json!({})));
        assert!(closes(json!({"actions": [{"track": {"event": "e"}}]})));
        assert!(!closes(json!({"actions": ["submit", "next"]})));
        assert!(!closes(json!({"actions": ["dismiss"], "stay": true})));
        assert!(closes(json!({"actions": ["next"], "stay": false})));
    }

    #[test]
    fn a_page_may_branch_on_an_answer() {
        let message = complete(
            &json!({"layout": "modal", "pages": [
                {"id": "score", "blocks": ["divider"], "next": [{"where": {"score": {"$lt": 7}}, "page": "sorry"}, {"page": "thanks"}]},
                {"id": "sorry", "blocks": ["divider"]}, {"id": "thanks", "blocks": ["divider"]}
            ]}),
            "m",
            &[],
        )
        .unwrap();
        let next = |page: &str, answers: Value| next_page(&message, page, answers.as_object().unwrap());
        assert_eq!(next("score", json!({"score": 3})).as_deref(), Some("sorry"));
        assert_eq!(next("score", json!({"score": 9})).as_deref(), Some("thanks"));
        assert_eq!(next("sorry", json!({})).as_deref(), Some("thanks"));
        assert_eq!(next("thanks", json!({})), None);
    }
}
