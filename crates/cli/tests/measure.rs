//! `measure`, `explain-metric` and `diff`, as a person runs them.
#![allow(missing_docs)]

mod support;

use std::path::Path;

use serde_json::{Value, json};
use support::{hearken, printed};

const DEFINITION: &str = r"spec: 1
id: shop
version: 4
money: {currency: USD, digits: 2}
attribution: {touch: shown, window: 7d}
facts:
  signup: {event: signed_up, take: first}
  order: {event: order, key: order_id, value: {property: revenue_minor, min: 0, max: 100000}}
  shown: {event: $shown, key: presentation_id}
metrics:
  activation: {title: Bought in a week, after: signup, within: 7d, num: {has: order}, den: one}
  aov: {num: {sum: order}, den: {count: order}}
  buyers: {num: {has: order}, den: one, read: total}
  clicks: {window: 7d, num: {count: shown, where: {clicked: true}}, den: {count: shown}}
goals:
  - {metric: activation, role: primary, target: {num: 40, den: 100}}
  - {metric: aov, direction: down, target: {num: 3000, den: 1}}
  - {metric: clicks, min_den: 1000, target: {num: 1, den: 2}}
";

/// Ann signs up, sees a message and buys; Bob, anonymous at first, buys twice.
fn events() -> String {
    let rows = [
        json!({"id": "1", "ts": 86_400_000, "type": "signed_up", "profile": "p1", "user": "ann"}),
        json!({"id": "2", "ts": 86_400_001, "type": "$shown", "profile": "p1", "user": "ann", "data": {"presentation_id": "m1", "campaign": "hello"}}),
        json!({"id": "3", "ts": 86_400_002, "type": "order", "profile": "p1", "user": "ann", "data": {"order_id": "a", "revenue_minor": 1_234_567}}),
        json!({"id": "4", "ts": 86_400_003, "type": "order", "profile": "p1", "user": "ann", "data": {"order_id": 7, "revenue_minor": 2_500, "channel": "web"}}),
        json!({"id": "4", "ts": 86_400_003, "type": "order", "profile": "p1", "user": "ann", "data": {"order_id": 7, "revenue_minor": 2_500, "channel": "web"}}),
        json!({"id": "5", "ts": 86_400_004, "type": "order", "profile": "p2", "data": {"order_id": "b", "revenue_minor": 4_000}}),
        json!({"id": "6", "ts": 86_400_005, "type": "$identify", "profile": "p2", "user": "bob", "data": {"merged": true}}),
        json!({"id": "7", "ts": 86_400_006, "type": "order", "profile": "p2", "user": "bob", "data": {"order_id": "b", "revenue_minor": 4_000}}),
        json!({"id": "", "ts": 86_400_007, "type": "order", "profile": "p3"}),
        json!({"id": "8", "ts": 8_640_000_000_i64, "type": "order", "profile": "p3"}),
    ];
    rows.iter().map(|row| format!("{row}\n")).collect()
}

/// A folder with a definition and its events.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("success.yaml"), DEFINITION).unwrap();
    std::fs::write(folder.path().join("events.jsonl"), events()).unwrap();
    folder
}

const MEASURE: [&str; 7] =
    ["measure", "--definition", "success.yaml", "--events", "events.jsonl", "--as-of", "1970-02-01"];

fn measure(folder: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let output = hearken(folder, &[&MEASURE[..], more].concat());
    (output.status.code(), printed(&output), String::from_utf8(output.stderr.clone()).unwrap())
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_table_says_numbers_goals_and_what_was_left_out() {
    let folder = folder();
    let (code, text, told) = measure(folder.path(), &[]);
    assert_eq!(code, Some(0), "{told}");
    let lines: Vec<Vec<&str>> =
        text.lines().map(|line| line.split("   ").map(str::trim).filter(|cell| !cell.is_empty()).collect()).collect();
    assert_eq!(
        lines[0],
        [
            "shop v4",
            "as of 1970-02-01T00:00:00Z",
            "2 users",
            "7 events",
            "5 rows skipped (1 duplicate.id, 1 duplicate.key, 1 future, 1 id.empty, 1 value.range)"
        ]
    );
    let row =
        |place: usize| lines[place].iter().take(5).copied().filter(|cell| !cell.starts_with("fp ")).collect::<Vec<_>>();
    assert_eq!(row(1), ["metric", "num", "den", "value", "goal"]);
    assert_eq!(row(2), ["activation", "1", "1", "100.00 %", "met (>= 40.00 %)"]);
    assert_eq!(row(3), ["aov", "6,500", "2", "32.50 USD", "missed (<= 30.00 USD)"]);
    assert_eq!(row(4), ["buyers", "2"]);
    assert_eq!(row(5), ["clicks", "0", "0", "–", "no data"]);
    assert_eq!(told, "warning: events.jsonl:9: id.empty: the id is empty\n");
}

#[test]
fn programs_get_the_same_as_json() {
    let folder = folder();
    let (_, text, _) = measure(folder.path(), &["--format", "json", "--threads", "2"]);
    let report = json_of(&text);
    assert_eq!(report["definition"], json!({"id": "shop", "version": 4}));
    assert_eq!(
        (&report["as_of"], &report["users"], &report["events"], &report["excluded"]),
        (&json!(2_678_400_000_i64), &json!(2), &json!(7), &json!(0))
    );
    assert_eq!(report["rows"], json!({"read": 10, "skipped": {"duplicate.id": 1, "future": 1, "id.empty": 1}}));
    assert_eq!(report["facts"], json!({"order": {"duplicate.key": 1, "value.range": 1}}));
    let metrics = report["metrics"].as_array().unwrap();
    let mut activation = metrics[0].clone();
    assert_eq!(activation["fingerprint"].as_str().unwrap().len(), 64);
    activation.as_object_mut().unwrap().remove("fingerprint");
    let goal = json!({"status": "met", "role": "primary", "direction": "up", "target": {"num": 40, "den": 100}});
    assert_eq!(
        activation,
        json!({"metric": "activation", "title": "Bought in a week", "num": "1", "den": "1", "value": 1.0, "goal": goal})
    );
    assert_eq!((&metrics[2]["num"], metrics[2].get("den")), (&json!("2"), None));
    assert_eq!((&metrics[3]["den"], metrics[3].get("value")), (&json!("0"), None));
}

#[test]
fn each_user_has_a_line() {
    let folder = folder();
    let (_, text, _) = measure(folder.path(), &["--format", "json", "--per-user", "--history-from", "86400000"]);
    let lines: Vec<Value> = text.lines().map(json_of).collect();
    let zero = json!({"num": "0", "den": "0"});
    assert_eq!(
        lines,
        [
            json!({"user": "u:ann", "metrics": {"activation": {"num": "1", "den": "1"}, "aov": {"num": "2500", "den": "1"}, "buyers": {"num": "1"}, "clicks": zero}}),
            json!({"user": "u:bob", "metrics": {"activation": zero, "aov": {"num": "4000", "den": "1"}, "buyers": {"num": "1"}, "clicks": zero}}),
        ]
    );
    assert_eq!(measure(folder.path(), &["--per-user"]).0, Some(2));
}

#[test]
fn metrics_are_split_by_a_property_or_by_the_touch() {
    let folder = folder();
    let (_, text, _) = measure(folder.path(), &["--by", "channel", "--format", "json"]);
    let split = json_of(&text);
    let plain = json_of(&measure(folder.path(), &["--format", "json"]).1);
    let aov = &split["metrics"][1];
    assert_eq!(aov["groups"]["web"], json!({"num": "2500", "den": "1", "value": 2500.0}));
    assert_eq!(aov["groups"]["(absent)"], json!({"num": "4000", "den": "1", "value": 4000.0}));
    assert_ne!(aov["fingerprint"], plain["metrics"][1]["fingerprint"]);
    assert_eq!(split["metrics"][0], plain["metrics"][0], "`den: one` cannot be split");
    assert!(
        measure(folder.path(), &["--by", "channel"])
            .1
            .contains("note: a user can be in several groups, so `has` does not add up")
    );
    let (_, text, _) = measure(folder.path(), &["--by", "campaign", "--format", "json"]);
    let touched = json_of(&text);
    let groups = json!({"(none)": {"num": "4000", "den": "1", "value": 4000.0}, "hello": {"num": "2500", "den": "1", "value": 2500.0}});
    assert_eq!(touched["metrics"][1]["groups"], groups);
    assert_ne!(touched["metrics"][1]["fingerprint"], plain["metrics"][1]["fingerprint"]);
    assert_eq!(touched["metrics"][2], plain["metrics"][2], "`has` is credited to no touch");
}

#[test]
fn a_strict_run_names_the_row() {
    let folder = folder();
    let (code, text, told) = measure(folder.path(), &["--strict"]);
    assert_eq!(
        (code, text.as_str(), told.as_str()),
        (Some(1), "", "error: events.jsonl:9: id.empty: the id is empty\n")
    );
}

#[test]
fn what_cannot_be_used_is_told_with_its_place() {
    let folder = folder();
    std::fs::write(
        folder.path().join("success.yaml"),
        DEFINITION.replace("{has: order}, den: one}\n  aov", "{has: ordr}, den: one}\n  aov"),
    )
    .unwrap();
    let (code, _, told) = measure(folder.path(), &[]);
    assert_eq!(code, Some(2));
    assert!(told.contains("--> success.yaml:11:79") && told.contains("^^^^ did you mean `order`?"), "{told}");
    std::fs::write(
        folder.path().join("success.yaml"),
        DEFINITION.to_owned() + "source: {user: a, event: b, ts: {column: c, format: weeks}}\n",
    )
    .unwrap();
    let (code, _, told) = measure(folder.path(), &[]);
    assert_eq!(code, Some(2));
    assert!(told.contains("--> success.yaml:19:53") && told.contains("source.ts.format"), "{told}");
}

#[test]
fn a_source_block_may_stand_beside_or_in_the_definition() {
    let folder = folder();
    let block = "{user: who, event: {constant: order}, ts: {column: at, format: s}, properties: {revenue_minor: {column: cents, type: number}}}";
    std::fs::write(folder.path().join("orders.csv"), "who,at,cents\nann,86400,500\nbob,86401,700\n").unwrap();
    std::fs::write(folder.path().join("source.yaml"), format!("source: {block}\n")).unwrap();
    std::fs::write(folder.path().join("plain.yaml"), block).unwrap();
    std::fs::write(folder.path().join("with.yaml"), format!("{DEFINITION}source: {block}\n")).unwrap();
    for (definition, more) in [
        ("success.yaml", &["--source", "source.yaml"][..]),
        ("success.yaml", &["--source", "plain.yaml"]),
        ("with.yaml", &[]),
    ] {
        let fixed = [
            "measure",
            "--definition",
            definition,
            "--events",
            "orders.csv",
            "--as-of",
            "1970-02-01",
            "--format",
            "json",
        ];
        let output = hearken(folder.path(), &[&fixed[..], more].concat());
        assert_eq!(json_of(&printed(&output))["metrics"][1]["num"], "1200", "{definition} {more:?}");
    }
}

#[test]
fn an_explanation_says_of_every_event_why() {
    let folder = folder();
    let run = |metric: &str, user: &str, more: &[&str]| {
        let fixed = [
            "explain-metric",
            metric,
            "--user",
            user,
            "--definition",
            "success.yaml",
            "--events",
            "events.jsonl",
            "--as-of",
            "1970-02-01",
        ];
        hearken(folder.path(), &[&fixed[..], more].concat())
    };
    let why = json_of(&printed(&run("aov", "ann", &["--format", "json"])));
    assert_eq!(why["pair"], json!({"num": "2500", "den": "1"}));
    let codes: Vec<(&str, &str, &str)> = why["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            (
                event["row"].as_str().unwrap(),
                event["left_out"].as_str().unwrap_or(""),
                event["parts"][0]["code"].as_str().unwrap_or(""),
            )
        })
        .collect();
    let row = ["events.jsonl:1", "events.jsonl:2", "events.jsonl:3", "events.jsonl:4", "events.jsonl:5"];
    assert_eq!(
        codes,
        [
            (row[0], "", "event"),
            (row[1], "", "event"),
            (row[2], "", "value.range"),
            (row[3], "", "counted"),
            (row[4], "duplicate.id", "")
        ]
    );
    let text = printed(&run("aov", "u:bob", &[]));
    assert!(text.contains("duplicate.key") && text.ends_with("aov = 4000 / 1\n"), "{text}");
    let text = printed(&run("aov", "p:p3", &[]));
    assert!(text.contains("future: the event is not before --as-of") && text.ends_with("aov = 0 / 0\n"), "{text}");
    assert_eq!(run("aov", "nobody", &[]).status.code(), Some(1));
    assert_eq!(run("aoov", "ann", &[]).status.code(), Some(2));
}

#[test]
fn a_difference_is_told_and_a_changed_meaning_needs_a_version() {
    let folder = folder();
    let changed = DEFINITION
        .replace("within: 7d", "within: 8d")
        .replace("  buyers:", "  customers:")
        .replace("aov: {", "aov: {title: Basket, ");
    let diff = |text: &str, more: &[&str]| {
        std::fs::write(folder.path().join("new.yaml"), text).unwrap();
        let output = hearken(folder.path(), &[&["diff", "success.yaml", "new.yaml"][..], more].concat());
        (output.status.code(), printed(&output))
    };
    assert_eq!(diff(DEFINITION, &[]), (Some(0), "shop v4 -> shop v4\nthe same numbers\n".to_owned()));
    let (code, text) = diff(&changed, &["--format", "json"]);
    let told = json_of(&text);
    assert_eq!((code, &told["version_must_rise"]), (Some(1), &json!(true)));
    assert_eq!((&told["added"], &told["removed"]), (&json!(["customers"]), &json!(["buyers"])));
    assert_eq!(told["changed"], json!({"activation": ["metric.after.within: 604800000 -> 691200000"]}));
    assert_eq!(told["printed"], json!({"aov": ["title: - -> \"Basket\""]}));
    let (code, text) = diff(&changed.replace("version: 4", "version: 5"), &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("changed activation  fp ") && !text.contains("error"), "{text}");
    let (code, text) = diff(&changed.replace("within: 8d", "within: 7d"), &[]);
    assert_eq!(code, Some(0), "only names and titles: {text}");
}
