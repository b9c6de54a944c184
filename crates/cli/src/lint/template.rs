//! Templates: tags that are closed, and variables that exist and have something to say when they are empty.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex_lite::Regex;

use crate::report::Problems;
use crate::tree::{At, Content, Node};

use super::Book;
use super::names::instead;
use super::plan::Known;
use super::{text, trigger};

static TAGS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?s)\{\{-?(.*?)-?\}\}|\{%-?(.*?)-?%\}").ok());
static PATHS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b(event|user)\.([A-Za-z_][A-Za-z0-9_-]*)").ok());
static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#""[^"]*"|'[^']*'"#).ok());

/// A variable in a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Variable {
    /// `event` or `user`.
    of: String,
    name: String,
    /// Whether the text does without it: a default, or a test around it.
    safe: bool,
}

pub(crate) fn lint(book: &Book<'_>, problems: &mut Problems) {
    let texts = book.root.fields_of("text");
    for (_, at) in texts.iter().flat_map(|(_, locale)| locale.fields()) {
        syntax(&at, problems);
    }
    for (name, message) in book.root.fields_of("messages") {
        let mut found = Vec::new();
        text::words(&message, &mut found);
        for one in &found {
            if one.node.get("$t").is_none() {
                syntax(one, problems);
            }
        }
        let shown_by = book.shown_by(name);
        for one in found {
            // A key stands for its text in every locale.
            let Some(key) = text::key(&one) else {
                lint_text(book, &shown_by, &one, problems);
                continue;
            };
            for (_, locale) in &texts {
                if let Some(at) = key.text().and_then(|key| locale.get(key)) {
                    lint_text(book, &shown_by, &at, problems);
                }
            }
        }
    }
}

/// What prints nothing and is not read, and what is printed as it stands: no tag in it counts.
static UNREAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let body = |name: &str| format!(r"\{{%-?\s*{name}\s*-?%\}}.*?\{{%-?\s*end{name}\s*-?%\}}");
    Regex::new(&format!("(?s){}|{}|{}", body("raw"), body("doc"), body("comment"))).ok()
});

/// A template without what is not read as one.
fn read(part: &str) -> Cow<'_, str> {
    UNREAD.as_ref().map_or(Cow::Borrowed(part), |unread| unread.replace_all(part, ""))
}

/// The texts of a template: itself, one for each plural, one for each span.
fn parts<'a>(at: &At<'a>) -> Vec<&'a str> {
    match &at.node.content {
        Content::Text(text) => vec![text],
        Content::Map(fields) => {
            fields.iter().filter(|(key, _)| key.name != "count").filter_map(|(_, node)| node.as_text()).collect()
        }
        Content::List(items) => {
            items.iter().filter_map(|item| item.get("text").or(item.get("link"))).filter_map(Node::as_text).collect()
        }
        _ => Vec::new(),
    }
}

fn syntax(at: &At<'_>, problems: &mut Problems) {
    for part in parts(at) {
        let mut open: Vec<String> = Vec::new();
        let part = read(part);
        let mut rest = part.as_ref();
        while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
            let close = if rest.get(start..start + 2) == Some("{{") { "}}" } else { "%}" };
            let inside = rest.get(start + 2..).unwrap_or("");
            let Some(end) = inside.find(close) else {
                let opened = if close == "}}" { "{{" } else { "{%" };
                return problems.at(
                    "HK0307",
                    at,
                    format!("`{opened}` is never closed"),
                    format!("write `{close}` where it ends"),
                );
            };
            let tag = inside.get(..end).unwrap_or("").trim_matches(['-', ' ', '\n', '\t']);
            if close == "%}" {
                let word = tag.split_whitespace().next().unwrap_or("");
                if let Some(ended) = word.strip_prefix("end") {
                    if open.pop().as_deref() != Some(ended) {
                        let help = "bold, italic and links cannot begin inside of a tag and end outside of it";
                        return problems.at("HK0307", at, format!("`{word}` closes nothing that is open here"), help);
                    }
                } else if ["if", "unless", "case", "for", "capture", "comment", "raw"].contains(&word) {
                    open.push(word.to_owned());
                }
            }
            rest = inside.get(end + 2..).unwrap_or("");
        }
        if let Some(word) = open.pop() {
            let help = format!(
                "add {{% end{word} %}}; bold, italic and links cannot begin inside of a tag and end outside of it"
            );
            return problems.at("HK0307", at, format!("`{word}` is never closed"), help);
        }
    }
}

fn variables(at: &At<'_>) -> BTreeSet<Variable> {
    let (Some(tags), Some(paths), Some(quoted)) = (TAGS.as_ref(), PATHS.as_ref(), QUOTED.as_ref()) else {
        return BTreeSet::new();
    };
    let mut found = BTreeSet::new();
    let mut note = |expression: &str, safe: bool| {
        for path in paths.captures_iter(&quoted.replace_all(expression, "")) {
            let part = |group| path.get(group).map_or("", |part: regex_lite::Match<'_>| part.as_str()).to_owned();
            found.insert(Variable { of: part(1), name: part(2), safe });
        }
    };
    if let Some(count) = at.node.get("count").and_then(Node::as_text) {
        note(count, false);
    }
    for part in parts(at) {
        let mut tested = String::new();
        for tag in tags.captures_iter(&read(part)) {
            if let Some(block) = tag.get(2).map(|block| block.as_str()) {
                tested.push_str(block);
                tested.push(' ');
                note(block, true);
            } else if let Some(output) = tag.get(1).map(|output| output.as_str()) {
                let path = output.split('|').next().unwrap_or("").trim();
                let guarded = paths.find_iter(&tested).any(|tested| tested.as_str() == path);
                note(output, guarded || output.contains("default"));
            }
        }
    }
    found
}

fn lint_text(book: &Book<'_>, shown_by: &[&At<'_>], at: &At<'_>, problems: &mut Problems) {
    for variable in variables(at) {
        if variable.of == "user" {
            person(book, at, &variable, problems);
        } else {
            event(book, shown_by, at, &variable, problems);
        }
    }
}

fn person(book: &Book<'_>, at: &At<'_>, variable: &Variable, problems: &mut Problems) {
    let name = &variable.name;
    if let Known::Unknown(known) = book.plan.attribute(name) {
        let help = instead(name, known, "add it to `plan.attributes`");
        problems.at("HK0203", at, format!("the tracking plan has no attribute `{name}`, which this text shows"), help);
    } else if !variable.safe {
        let message = format!("`user.{name}` is shown without a default, and not everybody has it");
        problems.at("HK0313", at, message, format!("write {{{{ user.{name} | default: \"...\" }}}}"));
    }
}

fn event(book: &Book<'_>, shown_by: &[&At<'_>], at: &At<'_>, variable: &Variable, problems: &mut Problems) {
    let name = &variable.name;
    let mut lacking = Vec::new();
    let (mut has, mut known_names) = (false, Vec::new());
    for campaign in shown_by {
        let mut leaves = trigger::leaves(campaign);
        // Of a chain, the last link is what a text sees (engine.md 4.1).
        if campaign.dig(&["trigger", "chain"]).is_some() {
            leaves = leaves.split_off(leaves.len().saturating_sub(1));
        }
        for leaf in leaves {
            let event = leaf.text_of("event").unwrap_or("");
            if !event.starts_with('$') && book.plan.event(event).is_none() {
                has = true;
                continue;
            }
            match book.plan.property(event, name) {
                Known::Unknown(known) => {
                    lacking.push((event, campaign.text_of("id").unwrap_or("")));
                    known_names.extend(known);
                }
                known => {
                    has = true;
                    let required = matches!(known, Known::Planned(planned) if planned.get("required").and_then(Node::as_bool) == Some(true));
                    let tested = leaf.node.get("where").is_some_and(|filter| filter.get(name).is_some());
                    let planned = matches!(known, Known::Planned(_));
                    if planned && !required && !tested && !variable.safe {
                        let message =
                            format!("`event.{name}` is shown without a default, and `{event}` need not have it");
                        problems.at(
                            "HK0313",
                            at,
                            message,
                            format!("write {{{{ event.{name} | default: \"...\" }}}}, or require it in the plan"),
                        );
                    }
                }
            }
        }
    }
    if lacking.is_empty() {
        return;
    }
    for (event, campaign) in lacking {
        if !has {
            let help = instead(name, known_names.iter().copied(), "add it to the tracking plan");
            problems.at("HK0202", at, format!("`{event}` has no property `{name}`, which this text shows"), help);
        } else if !variable.safe {
            let message = format!("`event.{name}` is empty where `{event}` triggers campaign `{campaign}`");
            problems.at("HK0314", at, message, "give it a default, or give that campaign a message of its own");
        }
    }
}
