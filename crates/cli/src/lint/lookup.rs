//! Texts that are looked up, by `{$t: key}` or by a template's `t`: which are there, and none in a circle.

use std::collections::{BTreeMap, BTreeSet};

use hearken_core::authoring::Prepared;

use crate::report::Problems;
use crate::tree::At;

use super::text::locales;
use super::{Book, segment};

/// The texts of each locale, by their keys.
pub(super) type Texts<'a> = BTreeMap<&'a str, BTreeMap<&'a str, At<'a>>>;

/// One look-up: where it stands, and its key.
type Lookup<'a> = (At<'a>, String);

/// Every look-up of a playbook.
#[derive(Default)]
pub(super) struct Lookups<'a> {
    of_messages: Vec<Lookup<'a>>,
    /// Those of the texts, by locale and key.
    of_texts: BTreeMap<(&'a str, &'a str), Vec<Lookup<'a>>>,
    /// Whether a template makes a key while it is rendered, so that any text may be meant.
    pub(super) made: bool,
}

/// The keys that are looked up anywhere below a node, also in what a host or an event gets; and whether a template makes one
/// while it is rendered.
fn looked_up<'a>(at: &At<'a>, found: &mut Vec<Lookup<'a>>) -> bool {
    if let Some(key) = super::text::key(at) {
        found.extend(key.text().map(|name| (key.clone(), name.to_owned())));
        return false;
    }
    let Some(text) = at.text() else {
        // All are looked at, also after one that makes keys.
        let mut made = false;
        for inner in at.fields().into_iter().map(|(_, inner)| inner).chain(at.items()) {
            made |= looked_up(&inner, found);
        }
        return made;
    };
    // What is no template is told elsewhere.
    let Some(template) = text.contains('{').then(|| Prepared::read(text).ok()).flatten() else { return false };
    let (keys, made) = template.text_keys();
    found.extend(keys.into_iter().map(|key| (at.clone(), key)));
    made
}

impl<'a> Lookups<'a> {
    pub(super) fn of(book: &Book<'a>, texts: &Texts<'a>) -> Self {
        let mut lookups = Self::default();
        for (_, message) in book.root.fields_of("messages") {
            lookups.made |= looked_up(&message, &mut lookups.of_messages);
        }
        for (locale, keys) in texts {
            for (key, at) in keys {
                let mut found = Vec::new();
                lookups.made |= looked_up(at, &mut found);
                if !found.is_empty() {
                    lookups.of_texts.insert((locale, key), found);
                }
            }
        }
        lookups
    }

    /// Every key that is looked up.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.of_messages.iter().chain(self.of_texts.values().flatten()).map(|(_, key)| key.as_str())
    }

    /// What only a text of the default locale can answer. One in another language may be answered in its own.
    pub(super) fn unanswered(&self, book: &Book<'a>, texts: &Texts<'a>) -> Vec<&Lookup<'a>> {
        let mut left: Vec<&Lookup<'a>> = self.of_messages.iter().collect();
        for ((locale, _), lookups) in &self.of_texts {
            let tags = chain(book, locale);
            let has = |key: &str| tags.iter().any(|tag| texts.get(tag).is_some_and(|texts| texts.contains_key(key)));
            left.extend(lookups.iter().filter(|(_, key)| !has(key)));
        }
        left
    }

    /// Texts that look themselves up, also by way of others: nobody could ever read them to the end.
    pub(super) fn circles(&self, book: &Book<'a>, texts: &Texts<'a>, problems: &mut Problems) {
        // Only those that look others up can be part of a circle.
        let keys: BTreeSet<&'a str> = self.of_texts.keys().map(|(_, key)| *key).collect();
        for locale in locales(book).into_iter().chain(texts.keys().copied()).filter(|_| !keys.is_empty()) {
            let tags = chain(book, locale);
            let find = |key: &'a str| tags.iter().find_map(|tag| Some((*tag, texts.get(tag)?.get(key)?)));
            // What a person with this locale reads under each key, and in which locale.
            let read: BTreeMap<&str, (&str, &At<'_>)> =
                keys.iter().filter_map(|key| Some((*key, find(key)?))).collect();
            let called = |tag: &'a str, key: &'a str| -> BTreeSet<&str> {
                self.of_texts.get(&(tag, key)).into_iter().flatten().map(|(_, called)| called.as_str()).collect()
            };
            let names = read.iter().map(|(key, (tag, _))| (*key, called(tag, key))).collect();
            for key in segment::circles(&names) {
                if let Some((_, at)) = read.get(key) {
                    let message = format!("text `{key}` is made of itself");
                    problems.at_key("HK0302", at, message, "take it out of the texts that it looks up by `t`");
                }
            }
        }
    }
}

/// Where a text is looked for: the locale itself, then its parent or what is shorter, then the default.
fn chain<'a>(book: &Book<'a>, locale: &'a str) -> Vec<&'a str> {
    let mut tags = vec![locale];
    while let Some(last) = tags.last().filter(|_| tags.len() < 16).copied() {
        let parent = book.root.dig(&["locales", "parents", last]).and_then(|at| at.text());
        match parent.or_else(|| last.rsplit_once('-').map(|(shorter, _)| shorter)) {
            Some(next) => tags.push(next),
            None => break,
        }
    }
    tags.extend(locales(book).first());
    tags
}
