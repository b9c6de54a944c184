//! What `build` adds: the plural rules and the library's own words, for the playbook's locales only.

use std::sync::LazyLock;

use serde_json::{Map, Value};

type Object = Map<String, Value>;

static PLURALS: LazyLock<Object> =
    LazyLock::new(|| match parsed(include_str!("../../data/plurals.json")).remove("cardinal") {
        Some(Value::Object(rules)) => rules,
        _ => Object::new(),
    });
static WORDS: LazyLock<Object> = LazyLock::new(|| parsed(include_str!("../../data/words.json")));

fn parsed(text: &str) -> Object {
    serde_json::from_str(text).unwrap_or_default()
}

/// The locales that a playbook names, its default first.
pub(crate) fn locales(playbook: &Value) -> Vec<String> {
    let named = |value: &Value| value.as_str().map(str::to_owned);
    let locales = playbook.get("locales");
    let default = locales.and_then(|locales| locales.get("default")).and_then(named).unwrap_or_else(|| "en".to_owned());
    let also = locales.and_then(|locales| locales.get("also")).and_then(Value::as_array);
    let mut all = vec![default];
    for locale in also.into_iter().flatten().filter_map(named) {
        if !all.contains(&locale) {
            all.push(locale);
        }
    }
    all
}

/// Looks a locale up exactly, then ever shorter: `pt-BR`, `pt`.
fn lookup<'a>(table: &'a Object, locale: &str) -> Option<&'a Value> {
    let mut tag = locale;
    loop {
        if let Some(found) = table.get(tag) {
            return Some(found);
        }
        tag = tag.rsplit_once('-')?.0;
    }
}

/// The CLDR rules of a locale, by category; nothing if CLDR does not have it.
pub(crate) fn plural_rules(locale: &str) -> Option<&'static Object> {
    lookup(&PLURALS, locale)?.as_object()
}

/// Whether a key is one of the library's own words.
pub(crate) fn is_word(key: &str) -> bool {
    WORDS.get("en").is_some_and(|words| words.get(key).is_some())
}

/// The keys of the library's own words.
pub(crate) fn words() -> Vec<&'static str> {
    WORDS.get("en").and_then(Value::as_object).into_iter().flat_map(Map::keys).map(String::as_str).collect()
}

/// Adds both to a canonical playbook. What it says itself stays.
pub(crate) fn embed(playbook: &mut Value) {
    let locales = locales(playbook);
    let Some(playbook) = playbook.as_object_mut() else { return };
    let object = |value: &mut Value| {
        if !value.is_object() {
            *value = Value::Object(Object::new());
        }
    };
    for locale in &locales {
        if let Some(rules) = plural_rules(locale) {
            let plurals = playbook.entry("plurals").or_insert_with(|| Value::Object(Object::new()));
            object(plurals);
            if let Some(plurals) = plurals.as_object_mut() {
                plurals.entry(locale).or_insert_with(|| Value::Object(rules.clone()));
            }
        }
        if let Some(words) = lookup(&WORDS, locale).and_then(Value::as_object) {
            let text = playbook.entry("text").or_insert_with(|| Value::Object(Object::new()));
            object(text);
            let Some(texts) = text.as_object_mut() else { continue };
            let of_locale = texts.entry(locale).or_insert_with(|| Value::Object(Object::new()));
            for (key, word) in words {
                if let Some(of_locale) = of_locale.as_object_mut() {
                    of_locale.entry(key).or_insert_with(|| word.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_playbooks_locales_come_along_and_what_it_says_stays() {
        let mut playbook =
            json!({"locales": {"default": "en", "also": ["pt-PT", "xx"]}, "text": {"en": {"$sdk.close": "Shut"}}});
        embed(&mut playbook);
        assert_eq!(playbook["text"]["en"]["$sdk.close"], "Shut");
        assert_eq!(playbook["text"]["pt-PT"]["$sdk.close"], "Fechar");
        assert_eq!(playbook["plurals"]["en"]["one"], "i = 1 and v = 0");
        assert_eq!(playbook["plurals"].as_object().unwrap().len(), 2);
        assert_eq!(playbook["text"].as_object().unwrap().len(), 2);
    }

    #[test]
    fn every_language_has_every_word() {
        let english: Vec<_> = WORDS["en"].as_object().unwrap().keys().collect();
        assert_eq!(WORDS.len(), 24);
        for (language, words) in WORDS.iter() {
            assert_eq!(words.as_object().unwrap().keys().collect::<Vec<_>>(), english, "{language}");
            assert!(plural_rules(language).is_some(), "{language}");
        }
    }
}
