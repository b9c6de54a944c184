//! Messages: layouts, pages, blocks, and what buttons do.

use std::collections::BTreeSet;

use crate::report::Problems;
use crate::tree::{At, Content, Node};

use super::names::{self, instead};
use super::plan::{self, Known};
use super::url::{self, Role};
use super::{Book, LAYOUTS, form};

/// The blocks of a page.
pub(super) fn blocks<'a>(page: &At<'a>) -> Vec<At<'a>> {
    if page.node.as_list().is_some() { page.items() } else { page.items_of("blocks") }
}

/// A block's name and what it holds.
pub(super) fn block<'a>(at: &At<'a>) -> Option<(&'a str, At<'a>)> {
    at.fields().into_iter().next()
}

/// An action's name and what it holds, if anything.
pub(super) fn action<'a>(at: &At<'a>) -> (&'a str, Option<At<'a>>) {
    match at.text() {
        Some(name) => (name, None),
        None => at.fields().into_iter().next().map_or(("", None), |(name, content)| (name, Some(content))),
    }
}

pub(crate) fn lint(book: &Book<'_>, problems: &mut Problems) {
    let schemes: Vec<&str> = book.root.items_of("schemes").iter().filter_map(At::text).collect();
    for (name, message) in book.root.fields_of("messages") {
        if book.shown_by(name).is_empty() {
            problems.at_key(
                "HK0412",
                &message,
                format!("no campaign shows message `{name}`"),
                "name it in a campaign, or delete it",
            );
        }
        layout(&message, problems);
        let pages = message.items_of("pages");
        if pages.is_empty() && message.text_of("layout") != Some("custom") {
            problems.at_key("HK0407", &message, format!("message `{name}` has no pages"), "add a page with a block");
        }
        for page in &pages {
            if blocks(page).is_empty() {
                problems.at("HK0407", page, "this page is empty", "add a block, or delete it");
            }
            for one in blocks(page) {
                if let Some((kind, content)) = block(&one) {
                    lint_block(book, kind, &content, &schemes, problems);
                }
            }
        }
        form::lint(book, &message, problems);
    }
    for (_, at) in book.root.fields_of("text").iter().flat_map(|(_, locale)| locale.fields()) {
        links(&at, &schemes, problems);
    }
}

fn layout(message: &At<'_>, problems: &mut Problems) {
    let Some(layout) = message.get("layout") else { return };
    let Some(name) = layout.text() else { return };
    if !LAYOUTS.contains(&name) {
        return problems.at("HK0404", &layout, format!("there is no layout `{name}`"), instead(name, LAYOUTS, ""));
    }
    for (field, of) in [("position", "banner"), ("anchor", "tooltip"), ("data", "custom")] {
        if let Some(at) = message.get(field).filter(|_| name != of) {
            problems.at_key(
                "HK0416",
                &at,
                format!("`{field}` is for the layout {of}, and this is a {name}"),
                "delete it",
            );
        }
    }
    if name == "tooltip" && message.node.get("anchor").is_none() {
        problems.at(
            "HK0416",
            &layout,
            "a tooltip points at nothing without `anchor`",
            "add the id of what it points at",
        );
    }
    let headings = message.items_of("pages").iter().flat_map(blocks).any(|one| one.node.get("heading").is_some());
    if !headings && message.node.get("label").is_none() && !["inline", "toast", "custom"].contains(&name) {
        let help = "add a heading, or `label` for those who hear it";
        problems.at("HK0406", &layout, "the message has no accessible name", help);
    }
}

fn lint_block(book: &Book<'_>, kind: &str, content: &At<'_>, schemes: &[&str], problems: &mut Problems) {
    match kind {
        "image" => {
            if content.node.as_map().is_some() && content.node.get("alt").is_none() {
                let help = "add `alt`: what it shows; \"\" if it only decorates";
                problems.at_key("HK0401", content, "the image has no alternative text", help);
            }
            if let Some(src) = content.get("src")
                && let Some(address) = src.text()
            {
                url::lint(address, &src, Role::Image, schemes, problems);
            }
        }
        "text" => links(content, schemes, problems),
        "button" => {
            if let Some(label) =
                content.get("label").filter(|label| label.text().is_some_and(|text| text.trim().is_empty()))
            {
                problems.at("HK0415", &label, "the button says nothing", "write what it does");
            }
            for one in content.items_of("actions") {
                lint_action(book, &one, schemes, problems);
            }
        }
        "preference" => {
            if let Some(name) = content.get("attribute") {
                preference(book, &name, content, problems);
            }
            if content.node.get("consent").is_some() == content.node.get("attribute").is_some()
                && content.node.as_map().is_some()
            {
                let help = "write either consent: messaging, or attribute: newsletter";
                problems.at_key("HK0413", content, "a preference is either for a purpose or for an attribute", help);
            }
        }
        _ => {}
    }
}

/// The links of a list of spans.
fn links(at: &At<'_>, schemes: &[&str], problems: &mut Problems) {
    for link in at.items().iter().filter_map(|span| span.get("link")) {
        if let Some(address) = link.text() {
            url::lint(address, &link, Role::Open, schemes, problems);
        }
    }
}

fn lint_action(book: &Book<'_>, at: &At<'_>, schemes: &[&str], problems: &mut Problems) {
    let (name, content) = action(at);
    let Some(content) = content else { return };
    match name {
        "open_url" | "deep_link" => {
            let role = if name == "open_url" { Role::Open } else { Role::Deep };
            if let Some(address) = content.text() {
                url::lint(address, &content, role, schemes, problems);
            }
        }
        "track" => {
            let Some(event) = content.get("event") else { return };
            own_event(book, &event, problems);
            track(book, &event, &content, problems);
        }
        "submit" => {
            if let Some(event) = content.get("event") {
                own_event(book, &event, problems);
            }
        }
        "set_attribute" => {
            if let Some(name) = content.get("name") {
                attribute(book, &name, content.get("value"), problems);
            }
        }
        _ => {}
    }
}

/// An app records its own events, never the library's.
fn own_event(book: &Book<'_>, event: &At<'_>, problems: &mut Problems) {
    if names::recordable(event, problems) {
        book.plan.known_event(event, problems);
    }
}

fn track(book: &Book<'_>, event: &At<'_>, content: &At<'_>, problems: &mut Problems) {
    let Some(name) = event.text() else { return };
    let mut properties = content.fields_of("properties");
    properties.retain(|(property, value)| names::property(property, value, problems));
    let Some(planned) = book.plan.event(name) else { return };
    for (property, value) in properties {
        match book.plan.property(name, property) {
            Known::Unknown(known) => {
                let help = instead(property, known, "add it to the tracking plan");
                problems.at_key("HK0202", &value, format!("`{name}` has no property `{property}`"), help);
            }
            // What a template gives is text, or what it renders to.
            Known::Planned(_) if value.text().is_some_and(|text| text.contains("{{")) => {}
            Known::Planned(of) => fits(&format!("{name}.{property}"), of, &value, problems),
            Known::Open => {}
        }
    }
    for (property, of) in planned.get("properties").and_then(Node::as_map).unwrap_or_default() {
        let required = of.get("required").and_then(Node::as_bool) == Some(true);
        if required && content.node.get("properties").is_none_or(|given| given.get(&property.name).is_none()) {
            let message = format!("`{name}.{}` is required, and this does not record it", property.name);
            problems.at("HK0218", event, message, format!("add properties: {{{}: ...}}", property.name));
        }
    }
}

pub(super) fn fits(name: &str, planned: &Node, value: &At<'_>, problems: &mut Problems) {
    let kind = plan::kind(planned);
    if !plan::admits(kind, value.node) {
        let message = format!(
            "`{name}` is set to {}, but the tracking plan says it is {}",
            value.node.words(),
            plan::article(kind)
        );
        problems.at("HK0204", value, message, plan::rewrite(kind, value.node));
    } else if let Some(listed) = planned.get("one_of").and_then(Node::as_list)
        && value.node.content != Content::Null
        && !listed.iter().any(|one| one.content == value.node.content)
    {
        let message = format!("the tracking plan says that `{name}` is never {}", value.node.to_value());
        let help = instead(
            value.text().unwrap_or(""),
            listed.iter().filter_map(Node::as_text),
            "write one of the plan's values",
        );
        problems.at("HK0209", value, message, help);
    }
}

/// The switch sets its attribute to one of two values.
fn preference(book: &Book<'_>, name: &At<'_>, content: &At<'_>, problems: &mut Problems) {
    for (field, absent) in [("on", true), ("off", false)] {
        let node = Node::new(name.node.span, Content::Bool(absent));
        let stands_in = At { node: &node, path: content.path.clone(), key: None };
        attribute(book, name, Some(content.get(field).unwrap_or(stands_in)), problems);
    }
}

fn attribute(book: &Book<'_>, name: &At<'_>, value: Option<At<'_>>, problems: &mut Problems) {
    let Some(text) = name.text().filter(|_| names::recordable(name, problems)) else { return };
    match book.plan.attribute(text) {
        Known::Unknown(known) => {
            let help = instead(text, known, "add it to `plan.attributes`");
            problems.at("HK0203", name, format!("the tracking plan has no attribute `{text}`"), help);
        }
        Known::Planned(planned) => {
            if let Some(value) = value.filter(|value| value.text().is_none_or(|text| !text.contains("{{"))) {
                fits(text, planned, &value, problems);
            }
        }
        Known::Open => {}
    }
}

/// Ids that stand twice among some places.
pub(super) fn twice(places: &[At<'_>], what: &str, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for at in places {
        if let Some(text) = at.text()
            && !seen.insert(text)
        {
            problems.at(
                "HK0411",
                at,
                format!("`{text}` is the {what} of two things in this message"),
                "choose another one",
            );
        }
    }
}
