//! Pages and forms: where one leads, and where the answers go.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::Problems;
use crate::tree::{At, Content, Node};

use super::Book;
use super::condition::{self, Scope, Sees};
use super::message::{self, action, block, blocks, twice};
use super::names::{self, instead};
use super::plan::{self, Known};

/// A page and what is on it.
struct Page<'a> {
    at: At<'a>,
    id: String,
    fields: Vec<At<'a>>,
    actions: Vec<&'a str>,
}

pub(crate) fn lint(book: &Book<'_>, message: &At<'_>, problems: &mut Problems) {
    let pages: Vec<Page<'_>> =
        message.items_of("pages").into_iter().enumerate().map(|(place, at)| page(place, at)).collect();
    let fields: Vec<&At<'_>> = pages.iter().flat_map(|page| &page.fields).collect();
    let names: Vec<&str> = fields.iter().filter_map(|field| field.text_of("name")).collect();
    twice(&fields.iter().filter_map(|field| field.get("name")).collect::<Vec<_>>(), "field name", problems);
    twice(&pages.iter().filter_map(|page| page.at.get("id")).collect::<Vec<_>>(), "page id", problems);
    let buttons = pages.iter().flat_map(|page| blocks(&page.at)).filter_map(|one| one.dig(&["button", "id"]));
    twice(&buttons.collect::<Vec<_>>(), "button id", problems);
    for field in &fields {
        options(field, problems);
    }
    let sends = |page: &Page<'_>| page.actions.contains(&"submit");
    if let Some(first) = fields.first()
        && !pages.iter().any(sends)
    {
        problems.at_key(
            "HK0409",
            first,
            "nobody gets these answers: no button submits them",
            "add a button with action: submit",
        );
    }
    for page in &pages {
        let asks = page.actions.iter().any(|action| ["submit", "next"].contains(action));
        for field in page.fields.iter().filter(|_| !asks) {
            if let Some(required) = field.get("required").filter(|required| required.node.as_bool() == Some(true)) {
                let message = "nothing asks for this answer: no button on the page submits or goes on";
                problems.at_key("HK0414", &required, message, "add action: submit or next to a button of the page");
            }
        }
    }
    let named = |field: &&At<'_>| field.get("name").is_some_and(|name| names::recordable(&name, problems));
    let named: Vec<&At<'_>> = fields.iter().copied().filter(named).collect();
    answers(book, &pages, &named, problems);
    reach(book, &pages, &names, problems);
}

fn page(place: usize, at: At<'_>) -> Page<'_> {
    let (mut fields, mut actions) = (Vec::new(), Vec::new());
    for one in blocks(&at) {
        match block(&one) {
            Some(("field", content)) => fields.push(content),
            Some(("button", content)) => actions.extend(content.items_of("actions").iter().map(|one| action(one).0)),
            _ => {}
        }
    }
    // A list of blocks is named by its place, from 1.
    let id = at.text_of("id").map_or_else(|| (place + 1).to_string(), str::to_owned);
    Page { at, id, fields, actions }
}

fn options(field: &At<'_>, problems: &mut Problems) {
    let kind = field.text_of("kind").unwrap_or("");
    let chooses = ["single", "multi"].contains(&kind);
    let name = field.text_of("name").unwrap_or("");
    if chooses && field.items_of("options").is_empty() {
        problems.at_key("HK0413", field, format!("`{name}` has nothing to choose from"), "add `options`");
    }
    if let Some(options) = field.get("options").filter(|_| !chooses && !kind.is_empty()) {
        problems.at_key(
            "HK0413",
            &options,
            format!("`{name}` is of the kind {kind}, which has no options"),
            "delete them, or write single",
        );
    }
    let mut seen = BTreeSet::new();
    for value in field.items_of("options").iter().filter_map(|option| option.get("value")) {
        if !seen.insert(value.node.to_value().to_string()) {
            problems.at(
                "HK0411",
                &value,
                format!("{} stands among the options twice", value.node.to_value()),
                "delete one",
            );
        }
    }
}

/// The answers become the properties of the event that hands them in.
fn answers(book: &Book<'_>, pages: &[Page<'_>], fields: &[&At<'_>], problems: &mut Problems) {
    let submits = pages.iter().flat_map(|page| blocks(&page.at)).filter_map(|one| one.get("button"));
    let events: Vec<&str> = submits
        .flat_map(|button| button.items_of("actions"))
        .filter_map(|one| one.dig(&["submit", "event"])?.text())
        .collect();
    for event in events.into_iter().filter(|event| book.plan.event(event).is_some()) {
        for field in fields {
            let Some(name) = field.get("name") else { continue };
            let Some(text) = name.text() else { continue };
            match book.plan.property(event, text) {
                Known::Unknown(known) => {
                    let help = instead(text, known, "add it to the tracking plan");
                    let message = format!("`{event}`, which gets the answers, has no property `{text}`");
                    problems.at("HK0202", &name, message, help);
                }
                Known::Planned(planned) => answer(&format!("{event}.{text}"), planned, field, problems),
                Known::Open => {}
            }
        }
    }
}

/// Answers that the plan refuses, whatever a person says.
fn answer(property: &str, planned: &Node, field: &At<'_>, problems: &mut Problems) {
    let given = match field.text_of("kind") {
        Some("nps" | "rating") => Content::Number(0.into()),
        Some("multi") => Content::List(Vec::new()),
        Some("text" | "email") => Content::Text(String::new()),
        Some("single") => {
            // Each option is an answer by itself.
            for value in field.items_of("options").iter().filter_map(|option| option.get("value")) {
                message::fits(property, planned, &value, problems);
            }
            return;
        }
        _ => return,
    };
    let given = Node::new(field.node.span, given);
    let kind = plan::kind(planned);
    if let (false, Some(name)) = (plan::admits(kind, &given), field.get("name")) {
        let (seen, is) = (given.words(), plan::article(kind));
        let message = format!("this answer is {seen}, but the tracking plan says that `{property}` is {is}");
        problems.at("HK0204", &name, message, "change its type in the plan, or hand in another event");
    }
}

/// Which pages can be reached from the first.
fn reach(book: &Book<'_>, pages: &[Page<'_>], names: &[&str], problems: &mut Problems) {
    let places: BTreeMap<&str, usize> =
        pages.iter().enumerate().rev().map(|(place, page)| (page.id.as_str(), place)).collect();
    for page in pages {
        for branch in page.at.items_of("next") {
            if let Some(to) = branch.get("page")
                && let Some(text) = to.text()
                && !places.contains_key(text)
            {
                problems.at(
                    "HK0410",
                    &to,
                    format!("there is no page `{text}`"),
                    instead(text, places.keys().copied(), ""),
                );
            }
            if let Some(filter) = branch.get("where") {
                let scope = Scope { plan: book.plan, root: book.root.node, sees: Sees::Answers(names), what: "where" };
                condition::lint(&filter, scope, problems);
            }
        }
    }
    let mut reached = BTreeSet::new();
    let mut open = vec![0];
    while let Some(place) = open.pop() {
        let Some(page) = pages.get(place) else { continue };
        if !reached.insert(place) || !page.actions.contains(&"next") {
            continue;
        }
        let branches = page.at.items_of("next");
        open.extend(branches.iter().filter_map(|branch| places.get(branch.text_of("page")?).copied()));
        let always = |branch: &At<'_>| {
            branch.node.get("where").is_none_or(|filter| filter.as_map().is_some_and(<[_]>::is_empty))
        };
        if !branches.iter().any(always) {
            open.push(place + 1);
        }
    }
    for (place, page) in pages.iter().enumerate() {
        if !reached.contains(&place) {
            let at = first_line(&page.at);
            let help = "let a button before it have action: next, or a page lead here by `next`";
            problems.at_key("HK0408", &at, format!("nothing leads to page `{}`", page.id), help);
        }
    }
}

/// A page may be long: its first block, or its id, says which it is.
fn first_line<'a>(page: &At<'a>) -> At<'a> {
    let first = page.get("id").or_else(|| blocks(page).into_iter().next());
    let mut at = page.clone();
    at.key = first.map(|first| first.node.span).filter(|span| *span != Node::list(page.node.span, Vec::new()).span);
    at
}
