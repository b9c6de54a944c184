use proptest::prelude::*;
use serde_json::json;

use super::*;

/// 2026-11-21 at 23:00 UTC, when it is tomorrow where the person is.
const NOW: Timestamp = Timestamp(1_795_302_000_000);

struct Fixed(Value);

impl Scope for Fixed {
    fn root(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    fn now(&self) -> (Timestamp, i32) {
        (NOW, 120)
    }
}

fn texts() -> Texts {
    let text = json!({
        "en": {
            "cart.title": {"count": "event.items", "one": "One thing is waiting", "other": "{{ count }} things are waiting"},
            "cart.go": "Back to the cart",
            "hello": "Hello {{ user.first_name | default: 'there' }}",
            "rich": [{"text": "{{ 'hello' | t }}, "}, {"bold": "{{ event.items }}"}, {"text": {"$t": "cart.go"}}],
            "things": "{{ 'cart.title' | t: count: event.more }}",
            "whose": {"count": "event.items", "one": "{{ user.name }} has one", "other": "{{ user.name }} has {{ count }}"},
            "when": "{{ 'now' | date: '%Y-%m-%d %H:%M' }}",
            "stop": "{% abort_message 'not now' %}",
            "round": "{{ 'round' | t }}",
            "wide": "{{ 'wider' | t }}{{ 'wider' | t }}", "wider": "{% for i in (1..600) %}{{ 'cart.go' | t }}{% endfor %}"
        },
        "el": {
            "cart.title": {"count": "event.items", "one": "Ένα προϊόν σε περιμένει", "other": "{{ count }} προϊόντα σε περιμένουν"}
        },
        "pl": {"cart.title": {"count": "event.items", "one": "{{ count }} rzecz", "few": "{{ count }} rzeczy", "many": "{{ count }} rzeczy!", "other": "{{ count }} rzeczy?"}}
    });
    let locales = json!({"default": "en", "also": ["el", "pl", "es-419"], "parents": {"cy": "pl"}});
    let plurals = json!({
        "en": {"one": "i = 1 and v = 0"},
        "el": {"one": "n = 1"},
        "pl": {
            "one": "i = 1 and v = 0",
            "few": "v = 0 and i % 10 = 2..4 and i % 100 != 12..14",
            "many": "v = 0 and i != 1 and i % 10 = 0..1 or v = 0 and i % 10 = 5..9 or v = 0 and i % 100 = 12..14",
            "other": ""
        }
    });
    let (texts, faults) = Texts::compile(&text, &locales, &plurals);
    assert_eq!(faults, []);
    texts
}

fn resolved(message: Value, data: Value, locale: &str) -> Result<Value, RenderError> {
    let texts = texts();
    Resolver::compile(&message, "m", &texts).unwrap().resolve(&texts, &Fixed(data), locale).map(|(value, _)| value)
}

fn title(items: Value, locale: &str) -> String {
    let title = resolved(json!({"$t": "cart.title"}), json!({"event": {"items": items}}), locale).unwrap();
    title.as_str().unwrap().to_owned()
}

#[test]
fn a_message_is_the_same_tree_with_its_texts_for_the_person() {
    let message = json!({"layout": "modal", "n": 1.5, "pages": [[
        {"heading": {"$t": "cart.title"}},
        {"text": "{{ event.top_item | default: 'Your pick' }} and more{% if user.first_name %}, {{ user.first_name }}{% endif %}."},
        {"button": {"label": {"$t": "cart.go"}, "actions": ["dismiss"]}}
    ]]});
    let data = json!({"event": {"items": 2, "top_item": "Lamp"}, "user": {"first_name": "Ada"}});
    let expected = json!({"layout": "modal", "n": 1.5, "pages": [[
        {"heading": "2 προϊόντα σε περιμένουν"},
        {"text": "Lamp and more, Ada."},
        {"button": {"label": "Back to the cart", "actions": ["dismiss"]}}
    ]]});
    assert_eq!(resolved(message, data, "el-GR"), Ok(expected));
}

#[test]
fn plural_forms_follow_the_language_of_the_text() {
    for (items, locale, expected) in [
        (json!(1), "en", "One thing is waiting"),
        (json!(2), "en-GB", "2 things are waiting"),
        (json!(1), "EL", "Ένα προϊόν σε περιμένει"),
        (json!(1), "pl", "1 rzecz"),
        (json!(22), "pl-PL", "22 rzeczy"),
        (json!(12), "pl", "12 rzeczy!"),
        (json!(1.5), "pl", "1.5 rzeczy?"),
        (json!(5), "cy", "5 rzeczy!"),
        (json!(1), "es-MX", "One thing is waiting"),
        (json!(null), "en", " things are waiting"),
    ] {
        assert_eq!(title(items.clone(), locale), expected, "{items} {locale}");
    }
}

#[test]
fn a_text_sees_what_its_message_sees() {
    let data = json!({"event": {"items": 2}, "user": {"name": "Ada"}});
    assert_eq!(resolved(json!({"$t": "whose"}), data.clone(), "en"), Ok(json!("Ada has 2")));
    assert_eq!(resolved(json!({"$t": "when"}), data, "en"), Ok(json!("2026-11-22 01:00")));
}

#[test]
fn the_rules_of_a_language_hold_for_its_regions_and_for_no_other_language() {
    let forms = json!({"count": "event.n", "one": "one", "other": "other"});
    let table: Value =
        ["en", "pt", "pt-BR", "pt-PT", "ptx", "fr"].iter().map(|tag| (*tag, json!({"t": forms}))).collect();
    let locales = json!({"default": "en", "also": ["pt", "pt-BR", "pt-PT", "ptx", "fr"]});
    let plurals = json!({"pt": {"one": "i = 0..1"}, "pt-PT": {"one": "i = 2"}});
    let (texts, faults) = Texts::compile(&table, &locales, &plurals);
    assert_eq!(faults, []);
    let ones = |locale: &str| {
        let of = |n: u32| {
            let resolver = Resolver::compile(&json!({"$t": "t"}), "m", &texts).unwrap();
            resolver.resolve(&texts, &Fixed(json!({"event": {"n": n}})), locale).unwrap().0 == "one"
        };
        (0..4).filter(|n| of(*n)).collect::<Vec<_>>()
    };
    assert_eq!((ones("pt"), ones("pt-BR"), ones("pt-PT")), (vec![0, 1], vec![0, 1], vec![2]));
    assert_eq!((ones("en"), ones("ptx"), ones("fr")), (vec![1], vec![1], vec![1]), "English where no rules are given");
}

#[test]
fn texts_name_others_and_lists_of_spans_keep_their_shape() {
    let data = json!({"event": {"items": 3, "more": 1}, "user": {}});
    let rich = json!([{"text": "Hello there, "}, {"bold": "3"}, {"text": "Back to the cart"}]);
    assert_eq!(resolved(json!({"text": {"$t": "rich"}}), data.clone(), "en"), Ok(json!({"text": rich})));
    assert_eq!(resolved(json!({"$t": "things"}), data.clone(), "en"), Ok(json!("One thing is waiting")));
    assert_eq!(
        resolved(json!("{{ 'rich' | t }}"), data.clone(), "en"),
        Err(RenderError::Wrong("`rich` is a list of spans".into()))
    );
    assert_eq!(resolved(json!("{{ 'none' | t }}"), data.clone(), "en"), Err(RenderError::Text("none".into())));
    assert_eq!(resolved(json!("a {{ 'stop' | t }}"), data, "en"), Err(RenderError::Abort("not now".into())));
}

#[test]
fn texts_that_name_each_other_without_end_are_stopped() {
    for key in ["round", "wide"] {
        assert!(matches!(resolved(json!({"$t": key}), json!({}), "en"), Err(RenderError::Limit(_))), "{key}");
    }
}

#[test]
fn texts_go_eight_deep_and_no_further() {
    let mut table = json!({"t0": "end"});
    for n in 1..9 {
        table[format!("t{n}")] = json!(format!("{{{{ 't{}' | t }}}}", n - 1));
    }
    let (texts, _) = Texts::compile(&json!({ "en": table }), &json!({"default": "en"}), &Value::Null);
    let resolved = |key: &str| {
        let resolver = Resolver::compile(&json!({ "$t": key }), "m", &texts).unwrap();
        resolver.resolve(&texts, &Fixed(json!({})), "en").map(|(value, _)| value)
    };
    assert_eq!(resolved("t7"), Ok(json!("end")));
    assert!(matches!(resolved("t8"), Err(RenderError::Limit(_))));
}

#[test]
fn a_thousand_texts_are_looked_up_and_no_more() {
    let many = |n: u32| json!(format!("{{% for i in (1..{n}) %}}{{{{ 'cart.go' | t }}}}{{% endfor %}}"));
    assert!(resolved(many(1_000), json!({}), "en").is_ok());
    assert!(matches!(resolved(many(1_001), json!({}), "en"), Err(RenderError::Limit(_))));
}

#[test]
fn what_a_template_prints_is_not_read_again() {
    let name = "{{ user.secret }} {\"$t\": \"cart.go\"}";
    let data = json!({"user": {"first_name": name, "secret": "x"}});
    assert_eq!(resolved(json!({"a": {"$t": "hello"}}), data, "en"), Ok(json!({"a": format!("Hello {name}")})));
    let raw = json!(["{% raw %}{{ a }}{% endraw %}"]);
    assert_eq!(resolved(raw, json!({"a": 1}), "en"), Ok(json!(["{{ a }}"])));
}

#[test]
fn the_words_of_the_sdk_have_defaults_and_can_be_overridden() {
    assert_eq!(resolved(json!({"$t": "$sdk.close"}), json!({}), "el"), Ok(json!("Close")));
    let (texts, _) = Texts::compile(
        &json!({"el": {"$sdk.close": "Κλείσιμο"}}),
        &json!({"default": "en", "also": ["el"]}),
        &Value::Null,
    );
    let resolver = Resolver::compile(&json!({"$t": "$sdk.close"}), "m", &texts).unwrap();
    assert_eq!(resolver.resolve(&texts, &Fixed(json!({})), "el"), Ok((json!("Κλείσιμο"), 1)));
    assert_eq!(resolver.resolve(&texts, &Fixed(json!({})), "fr"), Ok((json!("Close"), 0)));
}

#[test]
fn every_fault_of_a_message_is_named_by_its_path() {
    let message =
        json!({"pages": [[{"heading": {"$t": "nope"}}, {"text": "{{ a | upcas }}"}, {"x": {"$t": "hello", "y": 1}}]]});
    let faults = Resolver::compile(&message, "messages.m", &texts()).unwrap_err();
    let told: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.path, fault.message)).collect();
    assert_eq!(
        told,
        [
            "messages.m.pages[0][1].text: unknown filter `upcas`; did you mean `upcase` (line 1, column 8)",
            "messages.m.pages[0][2].x: `$t` is the key of a text and stands alone",
            "messages.m.pages[0][0].heading: there is no text `nope` in the default locale `en`",
        ]
    );
}

#[test]
fn every_fault_of_the_text_table_is_named_by_its_path() {
    let text = json!({
        "en": {"a": "{{ x", "b": {"one": "x"}, "c": 7, "d": {"count": "n", "other": "x", "dual": "y"}, "e": ["{% if %}"],
            "f": {"count": "event..n", "other": "x"}},
        "fr": {"a": "x"}, "el": 1
    });
    let plurals = json!({"en": {"one": "what", "some": "n = 1"}});
    let locales = json!({"default": 7, "also": ["el"], "parents": {"a": 1}});
    let (texts, faults) = Texts::compile(&text, &locales, &plurals);
    let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "locales",
            "locales",
            "plurals.en.one",
            "plurals.en.some",
            "text.el",
            "text.en.a",
            "text.en.b",
            "text.en.b",
            "text.en.c",
            "text.en.d",
            "text.en.e[0]",
            "text.en.f",
            "text.fr",
        ]
    );
    let (_, faults) = Texts::compile(&json!({}), &json!({"also": ["el", 7]}), &Value::Null);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(!texts.has("a"));
}

#[test]
fn a_message_is_in_the_best_locale_that_one_of_its_texts_is_in() {
    let texts =
        Texts::compile(&json!({"en": {"a": "A", "b": "B"}, "el": {"a": "Α"}}), &json!({"also": ["el"]}), &Value::Null);
    let (texts, _) = texts;
    let tag = |message: Value, locale: &str| {
        let resolver = Resolver::compile(&message, "m", &texts).unwrap();
        texts.tag(resolver.resolve(&texts, &Fixed(json!({})), locale).unwrap().1).to_owned()
    };
    assert_eq!(tag(json!([{"$t": "a"}]), "EL-gr"), "el");
    assert_eq!(tag(json!([{"$t": "b"}, {"$t": "a"}]), "el"), "el");
    assert_eq!(tag(json!([{"$t": "a"}, {"$t": "b"}]), "el"), "el");
    assert_eq!(tag(json!([{"$t": "b"}]), "el"), "en", "nothing of it is Greek");
    assert_eq!(tag(json!(["Hello"]), "el"), "en", "what stands in the message is in the playbook's language");
    assert_eq!(tag(json!([{"$t": "a"}]), "de"), "en");
}

proptest! {
    #[test]
    fn a_message_without_templates_is_itself(text in "[^{]{0,20}", number in any::<i64>()) {
        let message = json!({"a": [text, {"b": number}], "c": null});
        prop_assert_eq!(resolved(message.clone(), json!({}), "en"), Ok(message));
    }
}
