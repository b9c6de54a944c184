//! The document as a whole: plan, holdout, success definition, texts.

use std::path::Path;

use crate::report::Problems;
use crate::tree::{Content, Node};

use super::{campaign, markup, message, percent};

/// Expands every short form. What has no short form, and what cannot be understood, stays as it is.
pub(crate) fn expand(mut tree: Node, folder: &Path, problems: &mut Problems) -> Node {
    without_nulls(&mut tree);
    if let Some(plan) = tree.get_mut("plan") {
        expand_plan(plan);
    }
    if let Some(holdout) = tree.get_mut("holdout") {
        percent::holdout(holdout, problems);
    }
    if let Some(success) = tree.get_mut("success") {
        inline_success(success, folder, problems);
    }
    for campaign in tree.get_mut("campaigns").and_then(Node::items_mut).into_iter().flatten() {
        campaign::expand(campaign, problems);
    }
    for (_, message) in tree.get_mut("messages").and_then(Node::fields_mut).into_iter().flatten() {
        message::expand(message);
    }
    for (_, texts) in tree.get_mut("text").and_then(Node::fields_mut).into_iter().flatten() {
        for (_, text) in texts.fields_mut().into_iter().flatten() {
            if let Some(written) = text.as_text() {
                *text = markup::expand(written, text.span);
            }
        }
    }
    tree
}

/// A field without a value is as if it were not there.
pub(super) fn without_nulls(node: &mut Node) {
    if let Some(fields) = node.fields_mut() {
        fields.retain(|(_, value)| value.content != Content::Null);
    }
}

fn expand_plan(plan: &mut Node) {
    without_nulls(plan);
    for (_, event) in plan.get_mut("events").and_then(Node::fields_mut).into_iter().flatten() {
        if event.content == Content::Null {
            event.content = Content::Map(Vec::new());
        }
        without_nulls(event);
        expand_properties(event.get_mut("properties"));
        listed(event, "purpose");
    }
    expand_properties(plan.get_mut("attributes"));
}

fn expand_properties(properties: Option<&mut Node>) {
    for (_, property) in properties.and_then(Node::fields_mut).into_iter().flatten() {
        if property.as_text().is_some() {
            *property = Node::map(property.span, [("type", property.clone())]);
        }
        listed(property, "purpose");
    }
}

/// One thing instead of a list.
pub(super) fn listed(node: &mut Node, field: &str) {
    if let Some(value) = node.get_mut(field)
        && value.as_list().is_none()
    {
        *value = Node::list(value.span, vec![value.clone()]);
    }
}

fn inline_success(success: &mut Node, folder: &Path, problems: &mut Problems) {
    let Some(name) = success.as_text() else { return };
    let span = success.span;
    match super::inlined(&folder.join(name)) {
        Ok(value @ serde_json::Value::Object(_)) => {
            *success = Node::from_value(span, &value);
        }
        Ok(_) => problems.span(
            "HK0114",
            span,
            format!("`{name}` is not an object"),
            "a success definition has `facts` and `metrics`",
        ),
        Err(why) => problems.span(
            "HK0114",
            span,
            format!("`{name}` cannot be used: {why}"),
            "put it beside the playbook and make it right",
        ),
    }
    if success.as_text().is_some() {
        success.content = Content::Map(Vec::new());
    }
}
