//! Texts: translations, plurals, and keys that are missing or that nobody uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::author::embed;
use crate::report::Problems;
use crate::tree::{At, Content, Node};

use super::Book;
use super::lookup::{Lookups, Texts};
use super::names::instead;

/// Languages by their English names, for messages.
const LANGUAGES: [(&str, &str); 32] = [
    ("ar", "Arabic"),
    ("bg", "Bulgarian"),
    ("ca", "Catalan"),
    ("cs", "Czech"),
    ("da", "Danish"),
    ("de", "German"),
    ("el", "Greek"),
    ("en", "English"),
    ("es", "Spanish"),
    ("et", "Estonian"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("hr", "Croatian"),
    ("hu", "Hungarian"),
    ("id", "Indonesian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("lt", "Lithuanian"),
    ("lv", "Latvian"),
    ("nb", "Norwegian"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("sv", "Swedish"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("zh", "Chinese"),
];

fn language(locale: &str) -> String {
    let tag = locale.split('-').next().unwrap_or(locale);
    match LANGUAGES.iter().find(|(known, _)| *known == tag) {
        Some((_, name)) if tag == locale => (*name).to_owned(),
        Some((_, name)) => format!("{name} ({locale})"),
        None => format!("`{locale}`"),
    }
}

/// The playbook's locales, its default first.
pub(crate) fn locales<'a>(book: &Book<'a>) -> Vec<&'a str> {
    let mut locales = vec![book.root.dig(&["locales", "default"]).and_then(|at| at.text()).unwrap_or("en")];
    for also in book.root.get("locales").map(|at| at.items_of("also")).unwrap_or_default() {
        locales.extend(also.text().filter(|also| !locales.contains(also)));
    }
    locales
}

/// Everything below a node that people read: texts, `{$t: key}` and plurals; not what a host or an event gets.
pub(crate) fn words<'a>(at: &At<'a>, found: &mut Vec<At<'a>>) {
    match &at.node.content {
        Content::Text(_) => found.push(at.clone()),
        Content::Map(fields) if fields.iter().any(|(key, _)| key.name == "$t" || key.name == "count") => {
            found.push(at.clone())
        }
        Content::Map(_) => {
            for (name, inner) in at.fields() {
                if !["data", "properties", "where", "layout", "kind", "name", "custom", "track", "set_attribute"]
                    .contains(&name)
                {
                    words(&inner, found);
                }
            }
        }
        Content::List(_) => at.items().iter().for_each(|inner| words(inner, found)),
        _ => {}
    }
}

/// The key that `{$t: key}` names.
pub(crate) fn key<'a>(at: &At<'a>) -> Option<At<'a>> {
    at.get("$t")
}

pub(crate) fn lint(book: &Book<'_>, problems: &mut Problems) {
    lint_locales(book, problems);
    let locales = locales(book);
    let default = locales.first().copied().unwrap_or("en");
    let texts: Texts<'_> = book
        .root
        .fields_of("text")
        .into_iter()
        .map(|(locale, at)| (locale, at.fields().into_iter().collect()))
        .collect();
    let lookups = Lookups::of(book, &texts);
    let used: BTreeSet<&str> = lookups.keys().collect();
    for (_, message) in book.root.fields_of("messages") {
        let mut found = Vec::new();
        words(&message, &mut found);
        for one in &found {
            plural(one, default, problems);
            html(one, problems);
        }
    }
    for (at, key) in lookups.unanswered(book, &texts) {
        used_key(at, key, default, &texts, problems);
    }
    lookups.circles(book, &texts, problems);
    let parent = |locale: &str| book.root.dig(&["locales", "parents", locale]).and_then(|at| at.text());
    if let Some(originals) = texts.get(default) {
        for locale in locales.iter().skip(1) {
            for (key, original) in originals.iter().filter(|(key, _)| used.contains(**key)) {
                if !translated(locale, key, default, &texts, &parent) {
                    let message = format!(
                        "text `{key}` has no {}; people with `{locale}` will read it in {}",
                        language(locale),
                        language(default)
                    );
                    problems.at_key("HK0311", original, message, format!("add `{key}` to text.{locale}"));
                }
            }
        }
    }
    for (locale, keys) in &texts {
        for (key, at) in keys {
            plural(at, locale, problems);
            html(at, problems);
            if key.starts_with("$sdk.") {
                if !embed::is_word(key) {
                    let help = instead(key, embed::words(), "");
                    problems.at_key("HK0310", at, format!("the library has no word `{key}`"), help);
                }
            } else if !used.contains(*key) && !lookups.made {
                problems.at_key("HK0312", at, format!("no message uses text `{key}`"), "use it, or delete it");
            }
        }
    }
}

fn lint_locales(book: &Book<'_>, problems: &mut Problems) {
    let well_formed = |tag: &str| {
        let mut parts = tag.split('-');
        let first = parts.next().unwrap_or("");
        (2..=3).contains(&first.len())
            && first.bytes().all(|b| b.is_ascii_alphabetic())
            && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    let also = book.root.get("locales").map(|at| at.items_of("also")).unwrap_or_default();
    for at in book.root.dig(&["locales", "default"]).into_iter().chain(also) {
        if let Some(tag) = at.text().filter(|tag| !well_formed(tag)) {
            let help = format!(
                "write a tag of BCP 47, such as {}",
                if tag.contains('_') { tag.replace('_', "-") } else { "pt-BR".into() }
            );
            problems.at("HK0303", &at, format!("`{tag}` is no locale"), help);
        }
    }
    let locales = locales(book);
    for (locale, at) in book.root.fields_of("text") {
        // A shorter tag serves the longer ones: `pt` for `pt-BR`.
        let serves =
            |known: &&str| *known == locale || known.strip_prefix(locale).is_some_and(|rest| rest.starts_with('-'));
        if !locales.iter().any(serves) && !is_parent(book, locale) {
            let help = instead(locale, locales.iter().copied(), "add it to locales.also");
            problems.at_key("HK0308", &at, format!("`{locale}` is not among the playbook's locales"), help);
        }
    }
}

fn is_parent(book: &Book<'_>, locale: &str) -> bool {
    let parents = book.root.dig(&["locales", "parents"]).map(|at| at.fields()).unwrap_or_default();
    parents.iter().any(|(_, parent)| parent.text() == Some(locale))
}

/// Exact, then ever shorter, then by the parent map; the default does not count.
fn translated<'a>(
    locale: &'a str,
    key: &str,
    default: &str,
    texts: &BTreeMap<&str, BTreeMap<&str, At<'_>>>,
    parent: &impl Fn(&str) -> Option<&'a str>,
) -> bool {
    let mut tag = locale;
    for _ in 0..16 {
        let own = tag != default && texts.get(tag).is_some_and(|texts| texts.contains_key(key));
        // `en-GB` beside a default of `en` needs nothing of its own.
        if own || (tag == default && locale.starts_with(default)) {
            return true;
        }
        match parent(tag).or_else(|| tag.rsplit_once('-').map(|(shorter, _)| shorter)) {
            Some(next) => tag = next,
            None => return false,
        }
    }
    false
}

fn used_key(key: &At<'_>, name: &str, default: &str, texts: &Texts<'_>, problems: &mut Problems) {
    if name.starts_with("$sdk.") {
        if !embed::is_word(name) {
            problems.at("HK0310", key, format!("the library has no word `{name}`"), instead(name, embed::words(), ""));
        }
        return;
    }
    if texts.get(default).is_some_and(|texts| texts.contains_key(name)) {
        return;
    }
    let known = texts.get(default).into_iter().flat_map(BTreeMap::keys).copied();
    let help = instead(name, known, "");
    let help = if help.starts_with("did") { help } else { format!("add it to text.{default}") };
    problems.at("HK0301", key, format!("there is no text `{name}` in `{default}`, the default locale"), help);
}

fn plural(at: &At<'_>, locale: &str, problems: &mut Problems) {
    let Some(count) = at.get("count") else { return };
    if at.node.get("other").is_none() {
        problems.at_key(
            "HK0304",
            &count,
            "a text by plural needs `other`",
            "add `other`: it is used where no rule holds",
        );
    }
    let Some(rules) = embed::plural_rules(locale) else { return };
    // Some rules are for millions and for compact numbers only: `other` does for these.
    let rare = |rule: &str| rule.contains("1000000");
    let missing =
        |(name, rule): &(&String, &serde_json::Value)| at.node.get(name).is_none() && !rule.as_str().is_some_and(rare);
    let missing: Vec<String> = rules.iter().filter(missing).map(|(name, _)| format!("`{name}`")).collect();
    if !missing.is_empty() {
        let message = format!("{} counts differently: without {}", language(locale), missing.join(" and "));
        problems.at_key("HK0305", &count, message, "add what is missing, or people read `other` where it is wrong");
    }
}

/// Markup of the web is shown as it is written.
fn html(at: &At<'_>, problems: &mut Problems) {
    let shows_tag = |node: &Node| {
        node.as_text().is_some_and(|text| {
            text.match_indices('<').any(|(place, _)| {
                let rest = text.get(place + 1..).unwrap_or("");
                let name = rest.strip_prefix('/').unwrap_or(rest);
                name.starts_with(|c: char| c.is_ascii_alphabetic()) && rest.contains('>') && !name.starts_with("https:")
            })
        })
    };
    let told = match &at.node.content {
        Content::Text(_) => shows_tag(at.node),
        Content::Map(fields) => fields.iter().any(|(_, node)| shows_tag(node)),
        Content::List(items) => items.iter().any(|item| item.get("text").is_some_and(shows_tag)),
        _ => false,
    };
    if told {
        problems.at("HK0309", at, "HTML is shown as it is written", "write **bold**, *italic* or [label](url)");
    }
}
