//! The text table of a playbook: one text per key and locale (engine.md 8.2), and the SDK's own words.

use crate::Value;
use crate::locale::{chain, normal};
use crate::plural::{self, Plural, Rules};
use crate::resolve::{Faults, Node};
use crate::template::Template;
use crate::wire::{self, Fault, Fields, put};

/// One text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Text {
    Plain(Template),
    /// A form for each category; `count` is a path into the scope.
    Plural {
        count: String,
        forms: Vec<(Plural, Template)>,
    },
    /// Spans of a paragraph.
    Spans(Node),
}

/// The texts of a playbook. The default locale comes first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Texts {
    locales: Vec<Locale>,
    /// Tags and their parents, in normal form.
    parents: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Locale {
    /// In normal form.
    tag: String,
    /// As the playbook writes it.
    written: String,
    /// In the order of their keys.
    texts: Vec<(String, Text)>,
    /// Nothing where the playbook carries none for the language.
    rules: Option<Rules>,
}

/// The SDK's own words. A playbook overrides them with texts of these keys; `hearken build` adds other languages.
pub(crate) const WORDS: [(&str, &str); 12] = [
    ("$sdk.close", "Close"),
    ("$sdk.back", "Back"),
    ("$sdk.next", "Next"),
    ("$sdk.send", "Send"),
    ("$sdk.required", "Required"),
    ("$sdk.email", "Enter an email address"),
    ("$sdk.other", "Other"),
    ("$sdk.unread", "Unread"),
    ("$sdk.pinned", "Pinned"),
    ("$sdk.inbox", "Inbox"),
    ("$sdk.empty", "Nothing here yet"),
    ("$sdk.remove", "Remove"),
];

/// The words as a JSON object, without the `$sdk.` before their names.
pub(crate) fn words(texts: Option<&Texts>, locale: &str) -> String {
    let order = texts.map(|texts| texts.order(locale)).unwrap_or_default();
    let mut to = String::from("{");
    for (key, word) in WORDS {
        let found = texts.and_then(|texts| texts.find(&order, key));
        let own = match found {
            Some((_, Text::Plain(template))) => template.literal(),
            _ => None,
        };
        put(&mut to, key.trim_start_matches("$sdk."), &own.unwrap_or(word));
    }
    to.push('}');
    to
}

impl Texts {
    /// Reads `text: {locale: {key: text}}`, `locales: {default, also, parents}` and the plural rules
    /// `{locale: {category: rule}}`; each may be null. A text that cannot be read is left out and noted by its path.
    pub(crate) fn compile(text: &Value, locales: &Value, plurals: &Value) -> (Self, Vec<Fault>) {
        let mut faults = Faults::new("");
        let mut texts = Self::locales(locales, &mut faults);
        for (tag, rules) in fields(plurals, "plurals", &mut faults) {
            let start = faults.enter("plurals");
            texts.add_rules(tag, rules, &mut faults);
            faults.leave(start);
        }
        if let Some(default) = texts.locales.first_mut() {
            for (key, word) in WORDS {
                if let Some(text) = faults.template(word).map(Text::Plain) {
                    default.set(key, text);
                }
            }
        }
        for (tag, table) in fields(text, "text", &mut faults) {
            let start = faults.enter("text");
            let within = faults.enter(tag);
            let tag = normal(tag);
            match texts.locales.iter_mut().find(|locale| locale.tag == tag) {
                Some(locale) => {
                    for (key, text) in fields(table, "", &mut faults) {
                        let length = faults.enter(key);
                        if let Some(text) = Text::compile(text, &mut faults) {
                            locale.set(key, text);
                        }
                        faults.leave(length);
                    }
                }
                None => faults.note(&["this locale is not among the playbook's `locales`"]),
            }
            faults.leave(within);
            faults.leave(start);
        }
        (texts, faults.list)
    }

    fn locales(value: &Value, faults: &mut Faults) -> Self {
        let mut texts = Self::default();
        let start = faults.enter("locales");
        let default = value.get("default").map_or(Some("en"), Value::as_str);
        match default {
            Some(tag) => texts.add(tag),
            None => {
                faults.note(&["`default` is the tag of a language, such as `en`"]);
                texts.add("en");
            }
        }
        match value.get("also") {
            Some(Value::Array(tags)) if tags.iter().all(Value::is_string) => {
                for tag in tags {
                    texts.add(tag.as_str().unwrap_or_default());
                }
            }
            None => {}
            Some(_) => faults.note(&["`also` is a list of tags, such as `[el, pt-BR]`"]),
        }
        for (tag, parent) in fields(value.get("parents").unwrap_or(&Value::Null), "parents", faults) {
            match parent.as_str() {
                Some(parent) => texts.parents.push((normal(tag), normal(parent))),
                None => faults.note(&["a parent is the tag of a language"]),
            }
        }
        faults.leave(start);
        texts
    }

    fn add(&mut self, written: &str) {
        let tag = normal(written);
        if !self.locales.iter().any(|locale| locale.tag == tag) {
            self.locales.push(Locale { tag, written: written.to_owned(), ..Locale::default() });
        }
    }

    /// The rules of a language hold for its regions too, unless those have their own.
    fn add_rules(&mut self, tag: &str, value: &Value, faults: &mut Faults) {
        let mut rules = Rules::default();
        let start = faults.enter(tag);
        for (category, rule) in fields(value, "", faults) {
            let length = faults.enter(category);
            match (Plural::from_name(category), rule.as_str()) {
                (Some(category), Some(rule)) => {
                    if let Err(message) = rules.add(category, rule) {
                        faults.note(&[&message]);
                    }
                }
                _ => faults.note(&["a rule has a category (zero, one, two, few, many, other) and is a text"]),
            }
            faults.leave(length);
        }
        faults.leave(start);
        let tag = normal(tag);
        for locale in &mut self.locales {
            let within = locale.tag.strip_prefix(&*tag).is_some_and(|rest| rest.starts_with('-'));
            if locale.tag == tag || (within && locale.rules.is_none()) {
                locale.rules = Some(rules.clone());
            }
        }
    }

    /// The playbook's default locale.
    pub(crate) fn default_locale(&self) -> &str {
        self.locales.first().map_or("en", |locale| &locale.written)
    }

    /// The locales to look in for a person, by their places.
    pub(crate) fn order(&self, locale: &str) -> Vec<usize> {
        let mut order = Vec::new();
        for tag in chain(locale, &self.parents, self.default_locale()) {
            order.extend(self.locales.iter().position(|locale| locale.tag == tag));
        }
        order
    }

    /// The tag of the locale at a place, as the playbook writes it.
    pub(crate) fn tag(&self, place: usize) -> &str {
        self.locales.get(place).map_or(self.default_locale(), |locale| &locale.written)
    }

    /// The first text of a key, with the place of its locale.
    pub(crate) fn find(&self, order: &[usize], key: &str) -> Option<(usize, &Text)> {
        for place in order {
            let Some(locale) = self.locales.get(*place) else { continue };
            if let Some((_, text)) = locale.place(key).ok().and_then(|place| locale.texts.get(place)) {
                return Some((*place, text));
            }
        }
        None
    }

    /// Whether everybody has a text of this key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.find(&[0], key).is_some()
    }

    /// The category of a number in the language of a locale.
    pub(crate) fn category(&self, place: usize, number: &Value) -> Plural {
        match self.locales.get(place).and_then(|locale| locale.rules.as_ref()) {
            Some(rules) => rules.category(number),
            None => plural::english(number),
        }
    }
}

impl Locale {
    fn place(&self, key: &str) -> Result<usize, usize> {
        self.texts.binary_search_by(|(known, _)| known.as_str().cmp(key))
    }

    fn set(&mut self, key: &str, text: Text) {
        match self.place(key) {
            Ok(place) => {
                if let Some(known) = self.texts.get_mut(place) {
                    known.1 = text;
                }
            }
            Err(place) => self.texts.insert(place, (key.to_owned(), text)),
        }
    }
}

impl Text {
    fn compile(value: &Value, faults: &mut Faults) -> Option<Self> {
        let known = faults.list.len();
        let text = match value {
            Value::String(source) => Self::Plain(faults.template(source)?),
            Value::Array(_) => Self::Spans(Node::compile(value, faults)),
            Value::Object(object) => {
                let mut forms = Vec::new();
                for (name, form) in object {
                    match (Plural::from_name(name), form) {
                        (Some(category), Value::String(source)) => {
                            let length = faults.enter(name);
                            forms.extend(faults.template(source).map(|template| (category, template)));
                            faults.leave(length);
                        }
                        _ if name == "count" => {}
                        _ => {
                            faults.note(&["`", name, "` is no category with a text (zero, one, two, few, many, other)"])
                        }
                    }
                }
                let count = object.get("count").and_then(Value::as_str).unwrap_or_default();
                if count.is_empty() || count.split('.').any(str::is_empty) {
                    faults.note(&["`count` is the path of a number, such as `event.items`"]);
                }
                if !object.contains_key("other") {
                    faults.note(&["a form for `other` is needed"]);
                }
                Self::Plural { count: count.to_owned(), forms }
            }
            _ => {
                faults.note(&["a text, its plural forms or a list of spans is needed here"]);
                return None;
            }
        };
        (faults.list.len() == known).then_some(text)
    }
}

/// The fields of an object; none, with a fault, if it is something else than null.
fn fields<'a>(value: &'a Value, name: &str, faults: &mut Faults) -> Fields<'a> {
    let object = value.as_object();
    if object.is_none() && !value.is_null() {
        let length = if name.is_empty() { faults.path.len() } else { faults.enter(name) };
        faults.note(&["an object is needed here"]);
        faults.leave(length);
    }
    wire::fields(object)
}
