//! Frequency constraints (engine.md 6.1).

use crate::report::Problems;
use crate::tree::At;

use super::Book;
use super::names::instead;
use super::shape::milliseconds;

/// Channels that may be counted: ours, and those outside of the product.
const COUNTED: [&str; 7] = ["in_app", "in_browser", "inbox", "email", "push", "sms", "whatsapp"];
/// The most uses that one constraint may allow.
const MOST: i64 = 1_000;

pub(crate) fn lint(book: &Book<'_>, problems: &mut Problems) {
    for (name, cap) in book.root.fields_of("caps") {
        if let Some(max) = cap.get("max")
            && let Some(number) = max.node.as_i64()
            && !(1..=MOST).contains(&number)
        {
            let (why, help) = match number {
                0 => ("lets nothing through", "write 1 or more, or disable the campaigns"),
                _ => ("is past what is remembered", "write 1 to 1000"),
            };
            problems.at("HK0602", &max, format!("`max: {number}` {why}"), help);
        }
        if let Some(per) = cap.get("per").filter(|per| milliseconds(per) == Some(0)) {
            problems.at("HK0602", &per, "`per` of no length never counts anything", "write for example 1d");
        }
        for channel in cap.items_of("counts") {
            if let Some(text) = channel.text()
                && !COUNTED.contains(&text)
                && super::names::nearest(text, COUNTED).is_some()
            {
                let help = instead(text, COUNTED, "");
                problems.at("HK0615", &channel, format!("no channel `{text}` is known to the library"), help);
            }
        }
        let listed =
            book.campaigns.iter().flat_map(|campaign| campaign.items_of("caps")).any(|one| one.text() == Some(name));
        if !listed && cap.items_of("counts").is_empty() {
            problems.at_key(
                "HK0604",
                &cap,
                format!("no campaign lists cap `{name}`"),
                "list it in a campaign, or delete it",
            );
        }
    }
}

pub(crate) fn lint_campaign(book: &Book<'_>, campaign: &At<'_>, problems: &mut Problems) {
    let caps = book.root.fields_of("caps");
    let channels: Vec<_> = campaign.items_of("channel").iter().filter_map(At::text).collect();
    let transactional = campaign.node.get("transactional").and_then(crate::tree::Node::as_bool) == Some(true);
    let mut seen = Vec::new();
    for one in campaign.items_of("caps") {
        let Some(name) = one.text() else { continue };
        let Some((_, cap)) = caps.iter().find(|(known, _)| *known == name) else {
            let help = instead(name, caps.iter().map(|(name, _)| *name), "add it to `caps`");
            problems.at("HK0601", &one, format!("there is no cap `{name}`"), help);
            continue;
        };
        if seen.contains(&name) {
            problems.at("HK0613", &one, format!("cap `{name}` is listed twice"), "keep one of the two");
        }
        seen.push(name);
        let counts: Vec<_> = cap.items_of("counts").iter().filter_map(At::text).collect();
        if !counts.is_empty() && !channels.is_empty() && !channels.iter().any(|channel| counts.contains(channel)) {
            let message = format!("cap `{name}` counts {}, and none of the campaign's channels", counts.join(", "));
            problems.at(
                "HK0603",
                &one,
                message,
                "it spends the cap all the same; add its channel to `counts` if that is meant",
            );
        }
        if transactional {
            let message = format!("the campaign is transactional, so cap `{name}` does not stop it");
            problems.at("HK0613", &one, message, "delete the cap, or write transactional: false");
        }
    }
}
