//! Campaigns: ids, messages, channels, and those that can never run.

use std::collections::BTreeMap;

use crate::report::{Problem, Problems, problem};
use crate::tree::At;

use super::Book;
use super::condition::{self, Scope, Sees};
use super::names::{instead, nearest};

pub(crate) fn lint_playbook(book: &Book<'_>, problems: &mut Problems) {
    match book.root.get("spec") {
        Some(spec) if spec.node.as_i64().is_some_and(|spec| spec != 1) => {
            let message = format!("this is spec {}, which this command does not know", spec.node.to_value());
            problems.at("HK0109", &spec, message, "write spec: 1, or use a newer version of the command");
        }
        _ => {}
    }
    if let Some(semantics) = book.root.get("semantics").filter(|semantics| semantics.text() == Some("growthbook")) {
        let message =
            "conditions follow GrowthBook's published rules: operands of different types are compared by coercion";
        problems.at("HK0211", &semantics, message, "write native unless the conditions were imported");
    }
    let ids: Vec<&str> = book.campaigns.iter().filter_map(|campaign| campaign.text_of("id")).collect();
    let mut seen: BTreeMap<&str, At<'_>> = BTreeMap::new();
    for campaign in &book.campaigns {
        let Some(id) = campaign.get("id") else { continue };
        let Some(text) = id.text() else { continue };
        match seen.get(text) {
            Some(first) => {
                let told = problem(
                    "HK0501",
                    id.node.span,
                    format!("`{text}` is the id of an earlier campaign"),
                    "choose another id",
                );
                problems.add(Problem { path: id.path.clone(), ..told }.also(first.node.span, "the earlier one"));
            }
            None => {
                seen.insert(text, id);
            }
        }
    }
    for retracted in book.root.items_of("retract") {
        let Some(id) = retracted.text() else { continue };
        if !ids.contains(&id) {
            let help = match nearest(id, ids.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? It is right if the campaign was deleted"),
                None => "this is right if the campaign was deleted".to_owned(),
            };
            problems.at("HK0506", &retracted, format!("there is no campaign `{id}`"), help);
        }
    }
}

pub(crate) fn lint(book: &Book<'_>, campaign: &At<'_>, problems: &mut Problems) {
    if let Some(audience) = campaign.get("audience") {
        let scope = Scope { plan: book.plan, root: book.root.node, sees: Sees::Person, what: "audience" };
        condition::lint(&audience, scope, problems);
    }
    if let Some(enabled) = campaign.get("enabled").filter(|enabled| enabled.node.as_bool() == Some(false)) {
        problems.at(
            "HK0508",
            &enabled,
            "this campaign is switched off, so it never runs",
            "write enabled: true, or delete it",
        );
    }
    if let Some(channels) =
        campaign.get("channel").filter(|channels| channels.node.as_list().is_some_and(<[_]>::is_empty))
    {
        problems.at("HK0504", &channels, "the campaign has no channel", "list in_app, in_browser or inbox");
    }
    messages(book, campaign, problems);
}

fn messages(book: &Book<'_>, campaign: &At<'_>, problems: &mut Problems) {
    let named = Book::named_messages(campaign);
    if let (Some(message), true) = (campaign.get("message"), campaign.node.get("experiment").is_some()) {
        problems.at_key("HK0507", &message, "the variants of `experiment` name the messages", "delete `message`");
    }
    if campaign.node.get("message").is_none()
        && campaign.node.get("experiment").is_none()
        && campaign.node.as_map().is_some()
    {
        let at = campaign.get("id").unwrap_or_else(|| campaign.clone());
        problems.at("HK0507", &at, "the campaign has nothing to show", "add `message`, or `experiment` with variants");
    }
    for message in named {
        let Some(name) = message.text() else { continue };
        let Some(found) = book.message(name) else {
            let known: Vec<&str> = book.root.fields_of("messages").iter().map(|(name, _)| *name).collect();
            problems.at(
                "HK0502",
                &message,
                format!("there is no message `{name}`"),
                instead(name, known, "add it to `messages`"),
            );
            continue;
        };
        fits(campaign, &message, &found, problems);
    }
}

/// A message's layout, and where the campaign shows it.
fn fits(campaign: &At<'_>, named: &At<'_>, message: &At<'_>, problems: &mut Problems) {
    let layout = message.text_of("layout").unwrap_or("");
    let channels: Vec<_> = campaign.items_of("channel").iter().filter_map(At::text).collect();
    let name = named.text().unwrap_or("");
    let inbox = channels.contains(&"inbox");
    if inbox && layout != "card" && layout != "custom" && super::LAYOUTS.contains(&layout) {
        problems.at(
            "HK0512",
            named,
            format!("the inbox shows cards, and `{name}` is a {layout}"),
            "write layout: card",
        );
    }
    if layout == "card" && !channels.is_empty() && channels.iter().any(|channel| *channel != "inbox") {
        problems.at(
            "HK0512",
            named,
            format!("`{name}` is a card, which only the inbox shows"),
            "write channel: inbox, or another layout",
        );
    }
    match (layout, campaign.get("placement")) {
        ("inline", None) => {
            let help = "name the place in the page, such as placement: hero";
            problems.at("HK0503", named, format!("`{name}` is inline, and the campaign has no `placement`"), help);
        }
        ("modal" | "fullscreen" | "banner" | "toast" | "tooltip" | "card", Some(placement)) => {
            let message = format!("`placement` is for inline messages, and `{name}` is a {layout}");
            problems.at_key("HK0503", &placement, message, "write layout: inline, or delete `placement`");
        }
        _ => {}
    }
    if let Some(interruptive) = campaign.get("interruptive").filter(|_| layout != "custom" && !layout.is_empty()) {
        let message = format!("`interruptive` is for custom messages, and `{name}` is a {layout}");
        problems.at_key("HK0513", &interruptive, message, "delete it");
    }
    if let Some(card) = campaign.get("card").filter(|_| !inbox) {
        problems.at_key(
            "HK0513",
            &card,
            "`card` is for the inbox, which is not among the channels",
            "add inbox, or delete it",
        );
    }
}
