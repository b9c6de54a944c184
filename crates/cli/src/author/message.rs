//! A message's short forms.

use crate::tree::{Content, Key, Node};

use super::document::{listed, without_nulls};
use super::{action, markup};

/// The kinds of form fields that may be written as a block's name.
const FIELDS: [&str; 5] = ["nps", "rating", "single", "multi", "email"];

pub(crate) fn expand(message: &mut Node) {
    without_nulls(message);
    for page in message.get_mut("pages").and_then(Node::items_mut).into_iter().flatten() {
        without_nulls(page);
        listed(page, "next");
        let blocks = if page.as_list().is_some() { Some(page) } else { page.get_mut("blocks") };
        for block in blocks.and_then(Node::items_mut).into_iter().flatten() {
            expand_block(block);
        }
    }
}

fn expand_block(block: &mut Node) {
    let span = block.span;
    // `- divider` is a block without anything to say.
    if let Some(name @ ("divider" | "spacer")) = block.as_text() {
        let name = name.to_owned();
        *block = Node::map(span, []);
        block.put(Key { name, span }, Node::map(span, []));
    }
    let Some([(key, content)]) = block.fields_mut().map(Vec::as_mut_slice) else { return };
    let at = content.span;
    match key.name.as_str() {
        "divider" if content.content == Content::Null => *content = Node::map(at, []),
        "spacer" => match content.content {
            Content::Null => *content = Node::map(at, []),
            Content::Number(_) => *content = Node::map(at, [("size", content.clone())]),
            _ => {}
        },
        // `text` is a paragraph, and a form field if it is an object with a name.
        "text" if content.get("name").is_some() => expand_field(key, content, "text"),
        "text" => {
            if let Some(text) = content.as_text() {
                *content = markup::expand(text, at);
            }
        }
        "list" if content.as_list().is_some() => *content = Node::map(at, [("items", content.clone())]),
        "button" => {
            without_nulls(content);
            if let Some((mut key, action)) = content.take("action") {
                "actions".clone_into(&mut key.name);
                let span = action.span;
                let actions = if action.as_list().is_some() { action } else { Node::list(span, vec![action]) };
                content.put(key, actions);
            }
            listed(content, "actions");
            for action in content.get_mut("actions").and_then(Node::items_mut).into_iter().flatten() {
                action::expand(action);
            }
        }
        "field" => expand_options(content),
        kind => {
            if let Some(kind) = FIELDS.into_iter().find(|known| *known == kind) {
                expand_field(key, content, kind);
            }
        }
    }
}

fn expand_field(key: &mut Key, content: &mut Node, kind: &str) {
    without_nulls(content);
    content.put(Key { name: "kind".into(), span: key.span }, Node::text(key.span, kind));
    "field".clone_into(&mut key.name);
    expand_options(content);
}

fn expand_options(field: &mut Node) {
    for option in field.get_mut("options").and_then(Node::items_mut).into_iter().flatten() {
        if option.as_map().is_none() {
            *option = Node::map(option.span, [("value", option.clone()), ("label", label(option))]);
        }
    }
}

/// A number may be an option's value; its label is a text.
fn label(option: &Node) -> Node {
    match option.as_text() {
        Some(_) => option.clone(),
        None => Node::text(option.span, option.to_value().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Span;
    use serde_json::{Value, json};

    fn block(written: Value) -> Value {
        let mut node = Node::from_value(Span::default(), &json!({"layout": "modal", "pages": [[written]]}));
        expand(&mut node);
        node.to_value()["pages"][0][0].clone()
    }

    #[test]
    fn blocks_expand() {
        for (written, canonical) in [
            (json!("divider"), json!({"divider": {}})),
            (json!({"spacer": 8}), json!({"spacer": {"size": 8}})),
            (json!({"list": ["a", "b"]}), json!({"list": {"items": ["a", "b"]}})),
            (json!({"text": "a *b*"}), json!({"text": [{"text": "a "}, {"text": "b", "italic": true}]})),
            (json!({"text": "a"}), json!({"text": "a"})),
            (
                json!({"text": {"name": "why", "label": "Why?"}}),
                json!({"field": {"kind": "text", "name": "why", "label": "Why?"}}),
            ),
            (
                json!({"single": {"name": "n", "label": "l", "options": ["a", {"value": "b", "label": "B"}, 3]}}),
                json!({"field": {"kind": "single", "name": "n", "label": "l", "options": [
                    {"value": "a", "label": "a"}, {"value": "b", "label": "B"}, {"value": 3, "label": "3"}]}}),
            ),
            (
                json!({"button": {"label": "Go", "action": {"submit": "nps_answered"}}}),
                json!({"button": {"label": "Go", "actions": [{"submit": {"event": "nps_answered"}}]}}),
            ),
            (
                json!({"button": {"label": "Go", "actions": ["submit", "dismiss"]}}),
                json!({"button": {"label": "Go", "actions": [{"submit": {}}, "dismiss"]}}),
            ),
        ] {
            assert_eq!(block(written), canonical);
        }
    }
}
