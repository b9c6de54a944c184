//! Every code has a document that provokes it, made from one that is right by an edit or two.
#![allow(missing_docs)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use support::{hearken, printed};

const RIGHT: &str = include_str!("right.yaml");

/// A code, and what to write instead of what.
const CASES: &[(&str, &[(&str, &str)])] = &[
    ("HK0102", &[("spec: 1", "spec: [1")]),
    ("HK0103", &[("revision: 1", "revision: 1\nrevision: 2")]),
    ("HK0104", &[("also: [el]", "also: &a [*a]")]),
    (
        "HK0104",
        &[(
            "points: int",
            "points: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        )],
    ),
    ("HK0105", &[("caps: [gentle]", "cap: [gentle]")]),
    ("HK0106", &[("revision: 1", "revision: one")]),
    ("HK0106", &[("layout: modal", "layout: modal\n    dismissible: maybe")]),
    ("HK0107", &[("revision: 1\n", "")]),
    ("HK0108", &[("channel: in_app", "channel: in_ap")]),
    ("HK0109", &[("spec: 1", "spec: 2")]),
    ("HK0110", &[("bought: {", "$mine: {}\n    bought: {")]),
    ("HK0112", &[("per: 1d", "per: 1 day")]),
    ("HK0113", &[("from: \"22:00\"", "from: 22")]),
    ("HK0113", &[("limit: 1", "schedule: {start: tomorrow}")]),
    ("HK0114", &[("spec: 1", "spec: 1\nsuccess: nowhere.yaml")]),
    ("HK0116", &[("{max: 1, per: 1d}", "{<<: 3, max: 1, per: 1d}")]),
    ("HK0117", &[("revision: 1", "revision: 90071992547409930")]),
    ("HK0118", &[("title: Hello", "title: \"{{ 'a' | upcas }}\"")]),
    ("HK0201", &[("event: bought", "event: bougth")]),
    ("HK0201", &[("event: bought", "event: $boot")]),
    ("HK0202", &[("{items: {$gte: 1}}", "{itmes: {$gte: 1}}")]),
    ("HK0202", &[("title: Hello", "title: \"{{ event.itmes | default: 1 }}\"")]),
    ("HK0203", &[("{tier: gold}", "{teir: gold}")]),
    ("HK0203", &[("title: Hello", "title: \"{{ user.teir | default: 1 }}\"")]),
    ("HK0204", &[("$gte: 1}", "$gte: \"1\"}")]),
    ("HK0205", &[("$gte: 1}", "$gt3: 1}")]),
    ("HK0205", &[("{tier: gold}", "{tier: {$inGroup: gold}}")]),
    ("HK0206", &[("{tier: gold}", "{tier: {$in: gold}}")]),
    ("HK0206", &[("{$segment: loyal}", "{$segment: loyal, $history: {event: bought, within: 1d}}")]),
    ("HK0207", &[("$segment: loyal", "$segment: royal")]),
    ("HK0208", &[("loyal: {tier: gold}", "loyal: {$segment: b}\n  b: {$or: [{$segment: loyal}]}")]),
    ("HK0209", &[("{tier: gold}", "{tier: golden}")]),
    ("HK0210", &[("{tier: gold}", "{tier: {$regex: \"a(?=b)\"}}")]),
    ("HK0210", &[("{tier: gold}", "{tier: {$regex: \"a(\"}}")]),
    ("HK0211", &[("spec: 1", "spec: 1\nsemantics: growthbook")]),
    ("HK0212", &[("loyal: {tier: gold}", "loyal: {tier: gold}\n  other: {tier: none}")]),
    ("HK0213", &[("{tier: gold}", "{tier: {$in: []}}")]),
    ("HK0213", &[("{tier: gold}", "{points: {$gt: 5, $lt: 5}}")]),
    ("HK0214", &[("limit: 1", "cancel_on: seen")]),
    (
        "HK0214",
        &[
            ("limit: 1", "goal: seers"),
            ("spec: 1", "spec: 1\nsuccess: {facts: {s: {event: seen}}, metrics: {seers: {num: {has: s}, den: one}}}"),
        ],
    ),
    ("HK0215", &[("{$segment: loyal}", "{$segment: loyal, $history: {event: seen, within: 1d, count: {$gte: 1}}}")]),
    ("HK0216", &[("one_of: [gold, none]", "one_of: [gold, none, 3]")]),
    ("HK0217", &[("{tier: gold}", "{$host: {platfrom: ios}}")]),
    ("HK0218", &[("{open_url: \"https://example.com/\"}", "{track: {event: bought}}")]),
    ("HK0301", &[("$t: title", "$t: titel")]),
    ("HK0302", &[("title: Hello", "title: \"{{ 'title' | t }}\"")]),
    ("HK0303", &[("also: [el]", "also: [el, pt_BR]")]),
    ("HK0304", &[("title: Hello", "title: {count: event.items, one: One}")]),
    ("HK0305", &[("title: Hello", "title: {count: event.items, other: Many}")]),
    ("HK0307", &[("title: Hello", "title: \"{{ event.items\"")]),
    ("HK0307", &[("title: Hello", "title: \"{% if user.tier %}**x{% endif %}**\"")]),
    ("HK0308", &[("el: {title: Γεια}", "el: {title: Γεια}\n  fr: {title: Salut}")]),
    ("HK0309", &[("title: Hello", "title: <b>Hello</b>")]),
    ("HK0310", &[("title: Hello", "title: Hello, $sdk.clsoe: Shut")]),
    ("HK0311", &[("el: {title: Γεια}", "el: {}")]),
    ("HK0312", &[("title: Hello", "title: Hello, more: More")]),
    ("HK0313", &[("title: Hello", "title: \"{{ user.tier }}\"")]),
    (
        "HK0314",
        &[
            ("title: Hello", "title: \"{{ event.items }}\""),
            ("campaigns:\n", "campaigns:\n  - {id: two, channel: in_app, trigger: seen, message: hello}\n"),
        ],
    ),
    ("HK0401", &[(", alt: A lamp", "")]),
    ("HK0402", &[("text: \"#111111\"", "text: \"#77aaff\"")]),
    ("HK0403", &[("text: \"#111111\"", "text: blue")]),
    ("HK0404", &[("layout: modal", "layout: modl")]),
    ("HK0405", &[("- heading:", "- headline:")]),
    ("HK0406", &[("- - heading: {$t: title}", "- - text: {$t: title}")]),
    ("HK0407", &[("pages:\n", "pages:\n      - []\n")]),
    ("HK0408", &[("pages:\n", "pages:\n      - - heading: First\n")]),
    ("HK0409", &[("- heading:", "- nps: {name: why, label: Why}\n        - heading:")]),
    (
        "HK0410",
        &[("- - heading: {$t: title}", "- next: {page: \"7\"}\n        blocks:\n        - heading: {$t: title}")],
    ),
    (
        "HK0411",
        &[(
            "- - heading:",
            "- - nps: {name: why, label: Why}\n        - email: {name: why, label: Why}\n        - heading:",
        )],
    ),
    ("HK0412", &[("messages:\n", "messages:\n  more: {layout: modal, pages: [[{heading: More}]]}\n")]),
    ("HK0413", &[("- - heading:", "- - single: {name: why, label: Why}\n        - heading:")]),
    ("HK0414", &[("- - heading:", "- - nps: {name: why, label: Why, required: true}\n        - heading:")]),
    ("HK0415", &[("label: Go", "label: \" \"")]),
    ("HK0416", &[("layout: modal", "layout: modal\n    position: top")]),
    ("HK0501", &[("campaigns:\n", "campaigns:\n  - {id: one, channel: in_app, trigger: seen, message: hello}\n")]),
    ("HK0502", &[("message: hello", "message: helo")]),
    ("HK0503", &[("layout: modal", "layout: inline")]),
    ("HK0504", &[("channel: in_app", "channel: []")]),
    ("HK0505", &[("{event: bought, where: {items: {$gte: 1}}}", "{event: bought, unless: bought}")]),
    ("HK0506", &[("spec: 1", "spec: 1\nretract: [on]")]),
    ("HK0507", &[("    message: hello\n", "")]),
    ("HK0508", &[("limit: 1", "enabled: false")]),
    ("HK0509", &[("limit: 1", "goal: buyers")]),
    (
        "HK0509",
        &[
            ("limit: 1", "goal: buyer"),
            ("spec: 1", "spec: 1\nsuccess: {facts: {}, metrics: {buyers: {num: one, den: one}}}"),
        ],
    ),
    ("HK0510", &[("{event: bought, where: {items: {$gte: 1}}}", "{any: []}")]),
    ("HK0511", &[("{event: bought,", "{event: bought, rearm: latest,")]),
    ("HK0512", &[("channel: in_app", "channel: inbox")]),
    ("HK0513", &[("limit: 1", "card: {pin: true}")]),
    ("HK0601", &[("caps: [gentle]", "caps: [gentel]")]),
    ("HK0602", &[("max: 1,", "max: 0,")]),
    ("HK0603", &[("per: 1d", "per: 1d, counts: [inbox]")]),
    ("HK0604", &[("caps: [gentle]", "priority: 3")]),
    (
        "HK0605",
        &[(
            "limit: 1",
            "limit: {times: 3, again_after: 7d}\n    schedule: {start: 2026-01-01T00:00:00Z, end: 2026-01-08T00:00:00Z}",
        )],
    ),
    (
        "HK0606",
        &[("message: hello", "experiment: {control: 10.123, variants: [{id: a, weight: 100, message: hello}]}")],
    ),
    (
        "HK0606",
        &[(
            "message: hello",
            "experiment: {variants: [{id: a, weight: 80, message: hello}, {id: b, weight: 80, message: hello}]}",
        )],
    ),
    (
        "HK0607",
        &[
            (
                "message: hello",
                "experiment: {variants: [{id: a, weight: 50, message: hello}, {id: b, weight: 50, message: bar}]}",
            ),
            ("messages:\n", "messages:\n  bar: {layout: inline, pages: [[{heading: More}]]}\n"),
        ],
    ),
    ("HK0608", &[("to: \"08:00\"", "to: \"22:00\"")]),
    ("HK0609", &[("limit: 1", "schedule: {start: 2026-01-08T00:00:00Z, end: 2026-01-01T00:00:00Z}")]),
    (
        "HK0610",
        &[(
            "message: hello",
            "experiment: {variants: [{id: a, weight: 50, message: hello}, {id: a, weight: 50, message: hello}]}",
        )],
    ),
    ("HK0611", &[("message: hello", "experiment: {variants: [{id: a, weight: 50, message: hello}]}")]),
    ("HK0613", &[("limit: 1", "transactional: true")]),
    ("HK0615", &[("per: 1d", "per: 1d, counts: [in_app, pusj]")]),
    ("HK0701", &[("open_url:", "open_ulr:")]),
    ("HK0702", &[("open_url: \"https://example.com/\"", "open_url: \"javascript:alert(1)\"")]),
    ("HK0702", &[("title: Hello", "title: \"[x](data:text/html,x)\"")]),
    ("HK0702", &[("src: \"https:", "src: \"http:")]),
    ("HK0703", &[("open_url: \"https://example.com/\"", "open_url: example.com")]),
];

fn check(folder: &Path, document: &str) -> (i32, Value) {
    std::fs::write(folder.join("playbook.yaml"), document).unwrap();
    let output = hearken(folder, &["check", "--format", "json", "playbook.yaml"]);
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(RIGHT.to_owned(), |document, (from, to)| {
        assert!(document.contains(from), "{from}");
        document.replacen(from, to, 1)
    })
}

#[test]
fn what_is_right_is_told_to_be_right() {
    let folder = tempfile::tempdir().unwrap();
    let (exit, report) = check(folder.path(), RIGHT);
    assert_eq!((exit, &report["problems"]), (0, &serde_json::json!([])));
    assert_eq!(report["campaigns"], serde_json::json!({"run": 1, "all": 1}));
}

#[test]
fn every_case_provokes_its_code_at_a_place_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for (code, edits) in CASES {
        let (exit, report) = check(folder.path(), &edited(edits));
        let problems = report["problems"].as_array().unwrap();
        let Some(problem) = problems.iter().find(|problem| problem["code"] == *code) else {
            panic!("{code} is not told for {edits:?}: {problems:#?}");
        };
        assert!(problem["span"]["line"].as_u64().unwrap() > 0 || *code == "HK0104", "{problem}");
        assert!(!problem["help"].as_str().unwrap().is_empty(), "{problem}");
        let errors = report["errors"].as_u64().unwrap();
        assert_eq!(exit, if report["campaigns"].is_null() { 2 } else { i32::from(errors > 0) }, "{code}");
        // One slip must not bring an avalanche.
        assert!(problems.len() <= 8, "{code}: {problems:#?}");
    }
}

#[test]
fn every_code_has_a_case_and_an_explanation() {
    let folder = tempfile::tempdir().unwrap();
    let page = printed(&hearken(folder.path(), &["check", "--explain", "all"]));
    let known: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.get(..6))
        .filter(|code| code.starts_with("HK"))
        .collect();
    let mut provoked: BTreeSet<&str> = CASES.iter().map(|(code, _)| *code).collect();
    // A file that cannot be read is no document, and a success definition is no playbook: they have tests of their own, here
    // and in check.rs.
    provoked.extend(["HK0101", "HK0119"]);
    assert_eq!(known, provoked);
    let explained = hearken(folder.path(), &["check", "--explain", "hk0204"]);
    assert!(printed(&explained).starts_with("HK0204 (error): type differs from the plan\n"));
    assert_eq!(hearken(folder.path(), &["check", "--explain", "HK9999"]).status.code(), Some(2));
}

#[test]
fn a_file_that_cannot_be_read_is_unusable() {
    let folder = tempfile::tempdir().unwrap();
    let output = hearken(folder.path(), &["check", "nowhere.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).starts_with("error[HK0101]: `nowhere.yaml` cannot be read"));
    std::fs::write(folder.path().join("bytes.yaml"), [0x69, 0xff, 0xfe]).unwrap();
    assert!(printed(&hearken(folder.path(), &["check", "bytes.yaml"])).starts_with("error[HK0101]"));
}

#[test]
fn one_bad_campaign_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let more = "campaigns:\n  - {id: two, channel: in_app, trigger: nothing, message: hello}\n  - {id: three, channel: in_app, trigger: seen, message: hello}\n";
    let (exit, report) = check(folder.path(), &edited(&[("campaigns:\n", more)]));
    assert_eq!((exit, &report["campaigns"]), (1, &serde_json::json!({"run": 2, "all": 3})));
    // A broken text stops those who show it, a broken head stops all.
    let (_, report) = check(folder.path(), &edited(&[("title: Hello", "title: \"{{ x\""), ("campaigns:\n", more)]));
    assert_eq!(report["campaigns"]["run"], 0);
    let (_, report) = check(folder.path(), &edited(&[("revision: 1\n", ""), ("campaigns:\n", more)]));
    assert_eq!(report["campaigns"]["run"], 0);
}
