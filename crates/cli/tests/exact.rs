//! Documents that are right but for an edit or two, and exactly what is told of them: nothing is hidden, and nothing told twice.
#![allow(missing_docs)]

mod support;

use serde_json::{Value, json};
use support::{hearken, printed};

const RIGHT: &str = include_str!("right.yaml");

/// What to write instead of what, and the codes that are told of it.
type Case = (&'static [(&'static str, &'static str)], &'static [&'static str]);

fn check(name: &str, document: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), document).unwrap();
    let output = hearken(folder.path(), &["check", "--format", "json", name]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["problems"].as_array().unwrap().clone()
}

fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(RIGHT.to_owned(), |document, (from, to)| {
        assert!(document.contains(from), "{from}");
        document.replacen(from, to, 1)
    })
}

fn codes(problems: &[Value]) -> Vec<&str> {
    let mut codes: Vec<&str> = problems.iter().map(|problem| problem["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    codes
}

fn exactly(cases: &[Case]) {
    for (edits, wanted) in cases {
        let problems = check("playbook.yaml", &edited(edits));
        assert_eq!(codes(&problems), *wanted, "{edits:?}: {problems:#?}");
    }
}

/// The one problem of a document.
fn only(edits: &[(&str, &str)]) -> Value {
    let mut problems = check("playbook.yaml", &edited(edits));
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.remove(0)
}

#[test]
fn what_only_the_engine_finds_is_not_hidden_by_what_stands_beside_it() {
    exactly(&[
        // A warning on the line, and one at the very place.
        (&[("el: {title: Γεια}", "el: {title: \"{{ 'a' | upcas }}\", more: x}")], &["HK0118", "HK0312"]),
        (&[("title: Hello", "title: \"{{ user.tier | upcas }}\"")], &["HK0118", "HK0313"]),
        // An error at the very place that is another one.
        (&[("title: Hello", "title: \"{{ 'a' | upcas }}{% if event.sku %}\"")], &["HK0118", "HK0307"]),
        (&[("title: Hello", "title: {count: \"\", one: One}")], &["HK0118", "HK0304"]),
        (&[("title: Hello", "title: \"{{ user.teir | upcas }}\"")], &["HK0118", "HK0203"]),
        (
            &[(
                "{event: bought, where: {items: {$gte: 1}}}",
                "{chain: [{event: bought, count: 60}, {event: bought, count: 60, where: {itmes: 1}}], within: 1d}",
            )],
            &["HK0118", "HK0202"],
        ),
        (&[("{event: bought,", "{event: bought, count: 150,")], &["HK0106", "HK0511"]),
    ]);
}

#[test]
fn no_number_of_warnings_leaves_an_error_out() {
    let unused: String = (0..2_100).map(|place| format!(", unused{place}: x")).collect();
    let problems = check(
        "playbook.yaml",
        &edited(&[("{title: Hello}", &format!("{{title: \"{{{{ 'a' | upcas }}}}\"{unused}}}"))]),
    );
    assert_eq!(codes(&problems).iter().filter(|code| **code == "HK0118").count(), 1);
}

#[test]
fn on_one_line_nothing_hides_anything() {
    let document = json!({
        "spec": 1, "id": "a", "revision": 1, "plan": {"mode": "open"},
        "text": {"en": {"a.b": "{{ event.x | upcas }}", "c": "unused"}},
        "messages": {"m": {"layout": "modal", "pages": [[{"heading": {"$t": "a.b"}}, {"image": {"src": "/x.png"}}]]}},
        "caps": {"gentle": {"max": 1, "per": 0}},
        "campaigns": [{
            "id": "one", "channel": ["in_app"], "message": "m", "caps": ["gentle"],
            "trigger": {"chain": [{"event": "x", "count": 100}, {"event": "x"}], "within": "1d"}
        }]
    });
    let problems = check("playbook.json", &document.to_string());
    assert_eq!(codes(&problems), ["HK0118", "HK0118", "HK0312", "HK0401", "HK0602"], "{problems:#?}");
    let engine: Vec<&str> =
        problems.iter().filter(|one| one["code"] == "HK0118").map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(engine, ["campaigns[0].trigger.chain", "text.en.a.b"]);
}

#[test]
fn one_slip_is_told_once() {
    exactly(&[
        (&[("title: Hello", "title: \"{{ 'a' | upcas }}\"")], &["HK0118"]),
        (&[("per: 1d", "per: 1 day")], &["HK0112"]),
        (&[("max: 1,", "max: 0,")], &["HK0602"]),
        (&[("{tier: gold}", "{tier: {$in: gold}}")], &["HK0206"]),
        (&[("title: Hello", "title: \"{% if user.tier %}**x{% endif %}**\"")], &["HK0307"]),
        (&[("title: Hello", "title: {count: event.sku, one: One}")], &["HK0304"]),
        (&[(", alt: A lamp", "")], &["HK0401"]),
        (&[("layout: modal", "layout: inline")], &["HK0503"]),
        (&[("{event: bought, where: {items: {$gte: 1}}}", "{event: bought, unless: bought}")], &["HK0505"]),
        (&[("channel: in_app", "channel: inbox")], &["HK0512"]),
        (&[("open_url:", "open_ulr:")], &["HK0701"]),
        (&[("el: {title: Γεια}", "el: {title: Γεια}\n  fr: {title: Salut}")], &["HK0308"]),
        (&[("spec: 1", "spec: 1\nsuccess: nowhere.yaml")], &["HK0114"]),
        (&[("message: hello", "experiment: {variants: [{id: a, weight: 0, message: hello}]}")], &["HK0606"]),
        (&[("message: hello", "experiment: {variants: []}")], &["HK0412", "HK0610"]),
        (
            &[(
                "message: hello",
                "experiment: {namespace: {id: n, from: 10, to: 5}, variants: [{id: a, weight: 100, message: hello}]}",
            )],
            &["HK0606"],
        ),
        (&[("message: hello", "experiment: {variants: [{id: a, weight: 33.333, message: hello}]}")], &["HK0606"]),
    ]);
    let missing = only(&[("revision: 1\n", "")]);
    assert_eq!((&missing["code"], &missing["path"]), (&json!("HK0107"), &json!("revision")));
}

#[test]
fn a_campaign_may_have_a_holdout_of_its_own() {
    exactly(&[
        (&[("limit: 1", "holdout: {percent: 12.5, seed: spring}")], &[]),
        (&[("limit: 1", "holdout: {bp: 1250, seed: spring, bucket_by: user_id}")], &[]),
        (&[("limit: 1", "holdout: {percent: 12.5}")], &["HK0107"]),
        (&[("limit: 1", "holdout: {percent: 12.345, seed: spring}")], &["HK0606"]),
        (&[("limit: 1", "holdout: {percent: 12.5, bp: 1250, seed: spring}")], &["HK0106"]),
        (&[("limit: 1", "holdout: {bp: 12500, seed: spring}")], &["HK0106"]),
        (&[("limit: 1", "holdout: {bp: 1250, seed: \"\"}")], &["HK0110"]),
        (&[("limit: 1", "holdout: {bp: 1250, sed: spring}")], &["HK0105", "HK0107"]),
        (&[("spec: 1", "spec: 1\nholdout: {percent: 5}")], &["HK0107"]),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let document = edited(&[("limit: 1", "holdout: {percent: 12.5, seed: spring}")]);
    std::fs::write(folder.path().join("playbook.yaml"), document).unwrap();
    let built: Value = serde_json::from_str(&printed(&hearken(folder.path(), &["build", "playbook.yaml"]))).unwrap();
    assert_eq!(built["campaigns"][0]["holdout"], json!({"bp": 1250, "seed": "spring"}));
}

#[test]
fn texts_that_templates_look_up_are_seen() {
    exactly(&[
        (&[("title: Hello", "title: \"{{ 'more' | t }}\", more: More")], &["HK0311"]),
        (&[("title: Hello", "title: \"{{ 'more' | t }}\"")], &["HK0301"]),
        (&[("title: Hello", "title: \"{{ '$sdk.close' | t }}\"")], &[]),
        (&[("title: Hello", "title: \"{{ '$sdk.clsoe' | t }}\"")], &["HK0310"]),
        (&[("{$t: title}", "\"{{ 'title' | t }}\"")], &[]),
        (&[("{$t: title}", "\"{{ 'titel' | t }}\"")], &["HK0301", "HK0312", "HK0312"]),
        // A text of its own language does, and that of the default locale.
        (&[("el: {title: Γεια}", "el: {title: \"{{ 'only' | t }}\", only: x}")], &[]),
        // What is made while it is rendered may be any key.
        (&[("title: Hello", "title: \"{{ event.sku | append: '.x' | t }}\", more: More")], &[]),
        (&[("title: Hello", "title: \"{% raw %}{{ 'more' | t }}{% endraw %}\"")], &[]),
        // What a host gets is filled in as well.
        (
            &[
                ("title: Hello", "title: Hello, more: More"),
                ("{open_url: \"https://example.com/\"}", "{custom: {name: x, data: {words: {$t: more}}}}"),
            ],
            &["HK0311"],
        ),
        (&[("{open_url: \"https://example.com/\"}", "{custom: {name: x, data: {words: {$t: more}}}}")], &["HK0301"]),
        (
            &[(
                "{open_url: \"https://example.com/\"}",
                "{track: {event: bought, properties: {sku: \"{{ 'more' | t }}\"}}}",
            )],
            &["HK0301"],
        ),
    ]);
}

#[test]
fn a_text_that_is_made_of_itself_is_an_error() {
    exactly(&[
        (&[("title: Hello", "title: \"{{ 'title' | t }}\"")], &["HK0302"]),
        (&[("el: {title: Γεια}", "el: {title: \"{{ 'title' | t }}\"}")], &["HK0302"]),
        (
            &[
                ("title: Hello", "title: \"{{ 'more' | t }}\", more: \"{{ 'title' | t }}\""),
                ("el: {title: Γεια}", "el: {title: Γεια, more: x}"),
            ],
            &["HK0302", "HK0302"],
        ),
        // Each alone is right; only who reads both languages would go round.
        (
            &[
                ("title: Hello", "title: \"{{ 'more' | t }}\", more: More"),
                ("el: {title: Γεια}", "el: {title: Γεια, more: \"{{ 'title' | t }}\"}"),
            ],
            &[],
        ),
        (
            &[
                ("title: Hello", "title: \"{{ 'more' | t }}\", more: More"),
                ("el: {title: Γεια}", "el: {more: \"{{ 'title' | t }}\"}"),
            ],
            &["HK0302", "HK0302", "HK0311"],
        ),
    ]);
}

/// A form with one field that hands in `bought`.
fn form(field: &str) -> Vec<String> {
    let document = edited(&[("{open_url: \"https://example.com/\"}", "{submit: bought}")]);
    let document =
        document.replace("- - heading: {$t: title}", &format!("- - heading: {{$t: title}}\n        - {field}"));
    let problems = check("playbook.yaml", &document);
    codes(&problems).into_iter().map(str::to_owned).collect()
}

#[test]
fn an_answer_that_the_plan_always_refuses_is_an_error() {
    for (field, wanted) in [
        ("nps: {name: items, label: x}", None),
        ("nps: {name: sku, label: x}", Some("HK0204")),
        ("rating: {name: why, label: x}", Some("HK0204")),
        ("text: {name: why, label: x}", None),
        ("text: {name: items, label: x}", Some("HK0204")),
        ("email: {name: items, label: x}", Some("HK0204")),
        ("multi: {name: why, label: x, options: [a, b]}", Some("HK0204")),
        ("single: {name: why, label: x, options: [a, b]}", None),
        ("single: {name: items, label: x, options: [1, 2]}", None),
        ("single: {name: items, label: x, options: [1, a]}", Some("HK0204")),
        ("nps: {name: itmes, label: x}", Some("HK0202")),
        ("nps: {name: $items, label: x}", Some("HK0110")),
        ("nps: {name: \"\", label: x}", Some("HK0110")),
    ] {
        let told = form(field);
        assert!(told.iter().map(String::as_str).eq(wanted), "{field}: {told:?}");
    }
}

#[test]
fn what_a_message_records_has_a_name_and_a_value_that_can_be_recorded() {
    let action = |action: &'static str| {
        let problems = check("playbook.yaml", &edited(&[("{open_url: \"https://example.com/\"}", action)]));
        codes(&problems).join(" ")
    };
    for (written, wanted) in [
        ("{set_attribute: {name: points, value: 1}}", ""),
        ("{set_attribute: {name: $points, value: 1}}", "HK0110"),
        ("{set_attribute: {name: \"\", value: 1}}", "HK0110"),
        ("{track: {event: \"\"}}", "HK0110"),
        ("{track: {event: $bought}}", "HK0110"),
        ("{track: {event: seen, properties: {$why: x}}}", "HK0110"),
        ("{submit: \"\"}", "HK0110"),
    ] {
        assert_eq!(action(written), wanted, "{written}");
    }
    let preference = |fields: &str| {
        let block = format!("- - preference: {{label: x, {fields}}}\n        - heading:");
        let problems = check("playbook.yaml", &RIGHT.replace("- - heading:", &block));
        codes(&problems).join(" ")
    };
    for (fields, wanted) in [
        ("attribute: points, on: 1, off: 0", ""),
        ("attribute: points", "HK0204"),
        ("attribute: points, on: 1", "HK0204"),
        ("attribute: $points, on: 1, off: 0", "HK0110"),
        ("attribute: tier, on: gold, off: none", ""),
        ("attribute: tier, on: gold, off: silver", "HK0209"),
    ] {
        assert_eq!(preference(fields), wanted, "{fields}");
    }
}

#[test]
fn history_may_be_asked_whatever_the_engine_answers_exactly() {
    for (test, wanted) in [
        ("count: {$in: [1, 2]}", ""),
        ("count: {$nin: [1, 2], $gte: 1}", ""),
        ("count: {$not: {$gte: 3}}", ""),
        ("count: 3", ""),
        ("last: {$exists: false}", ""),
        ("last: null", ""),
        ("last: {$in: [1d, 2d]}", ""),
        ("last: {$ne: null, $lt: 1d}", ""),
        ("sum: {items: {$in: [1, 2]}}", ""),
        ("count: {$exists: true}", "HK0205"),
        ("count: {$in: 1}", "HK0206"),
        ("count: {$in: [a]}", "HK0206"),
        ("count: null", "HK0206"),
        ("count: {$not: {$gte: a}}", "HK0206"),
        ("last: {$exists: 1}", "HK0206"),
        ("last: {$lt: null}", "HK0206"),
        ("last: {$regex: a}", "HK0205"),
        ("count: {$gte: 1000}", "HK0118"),
    ] {
        let history = format!("{{$history: {{event: bought, within: 7d, {test}}}}}");
        let problems = check("playbook.yaml", &RIGHT.replace("loyal: {tier: gold}", &format!("loyal: {history}")));
        assert_eq!(codes(&problems).join(" "), wanted, "{test}: {problems:#?}");
    }
}

#[test]
fn what_a_device_takes_is_taken() {
    exactly(&[
        (&[("limit: 1", "schedule: {days: []}")], &["HK0513"]),
        (&[("limit: 1", "schedule: {windows: []}")], &["HK0513"]),
        (&[("limit: 1", "quiet_hours: true")], &[]),
        (&[("limit: 1", "quiet_hours: false")], &[]),
        // A device has the playbook's hours only.
        (&[("limit: 1", "quiet_hours: {from: \"22:00\", to: \"08:00\"}")], &["HK0106"]),
        (&[("limit: 1", "limit: {times: 5000}")], &[]),
        (&[("limit: 1", "limit: {times: 4294967296}")], &["HK0106"]),
        (&[("title: Hello", "title: \"{% raw %}{{ x {% endraw %}\"")], &[]),
        (&[("title: Hello", "title: \"{% comment %}{{ user.teir }}{% if %}{% endcomment %}\"")], &[]),
        (&[("title: Hello", "title: \"{% doc %}{{ {% enddoc %}\"")], &[]),
        (&[("title: Hello", "title: \"{% raw %}{{ x\"")], &["HK0307"]),
    ]);
}

#[test]
fn help_says_what_was_perhaps_meant() {
    for (edits, code, help) in [
        (("limit: 1", "limit: None"), "HK0106", "did you mean `none`?"),
        (("limit: 1", "limit: often"), "HK0106", "write a number, or none"),
        (("{items: {$gte: 1}}", "{items: {gte: 1}}"), "HK0204", "did you mean `$gte`?"),
    ] {
        let problem = only(&[edits]);
        assert_eq!((&problem["code"], &problem["help"]), (&json!(code), &json!(help)));
    }
    let empty = check("playbook.yaml", "");
    assert_eq!((&empty[0]["span"]["line"], &empty[0]["span"]["column"]), (&json!(1), &json!(1)));
}
