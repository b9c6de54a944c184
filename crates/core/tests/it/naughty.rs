//! Hostile data at every entry point: a typed error that names the place, or an answer; never a panic, never without end.

use hearken_core::{
    Checkpoint, Condition, Context, Engine, Input, JournalError, Playbook, PlaybookError, Properties, Purposes, Record,
    Row, Timestamp, Value, Verdict,
};
use proptest::prelude::*;
use serde_json::json;

const SEVERAL: &str = include_str!("../../../../tests/vectors/playbooks/several.json");
const ROWS: &str = include_str!("../../../../tests/vectors/journal/v1/rows.jsonl");
const CHECKPOINT: &str = include_str!("../../../../tests/vectors/journal/v1/checkpoint.json");
const LINES: &str = include_str!("../../../../tests/vectors/journal/v1/export_with_pii.jsonl");

/// A playbook with a little of everything.
fn everything() -> Value {
    json!({
        "spec": 1, "id": "everything", "revision": 1,
        "locales": {"default": "en", "also": ["el"]}, "plurals": {"el": {"one": "n = 1"}},
        "plan": {"mode": "open", "events": {"a": {"properties": {"n": {"type": "int"}}}}},
        "segments": {"loyal": {"tier": {"$in": ["gold"]}}},
        "caps": {"gentle": {"max": 2, "per": "1d", "counts": ["email"]}},
        "quiet_hours": {"from": "22:00", "to": "08:00"}, "holdout": {"bp": 500, "seed": "s"},
        "text": {"en": {"t": {"count": "event.n", "one": "one", "other": "{{ count }} things"}, "x": "plain"}, "el": {"x": "απλό"}},
        "messages": {
            "m": {"layout": "modal", "pages": [[{"heading": {"$t": "t"}}, {"text": "{{ event.n | default: 'x' }}{% if user.a %}!{% endif %}"},
                {"button": {"label": "go", "actions": [{"track": {"event": "b"}}, {"snooze": "1h"}]}}]]},
            "c": {"layout": "card", "pages": [[{"heading": {"$t": "x"}}]]}
        },
        "campaigns": [
            {"id": "one", "channel": ["in_app"], "trigger": {"event": "a", "where": {"n": {"$gte": 1}}, "count": 2, "within": "1h"},
             "audience": {"$or": [{"$segment": "loyal"}, {"$history": {"event": "a", "within": "1d", "count": {"$gte": 1}}}]},
             "caps": ["gentle"], "limit": {"times": 3, "again_after": "1h"}, "message": "m"},
            {"id": "two", "channel": ["in_app"], "trigger": {"chain": [{"event": "a"}, {"event": "b", "count": 2}], "within": "1h"},
             "delay": "5s", "cancel_on": [{"event": "x"}],
             "experiment": {"control_bp": 1000, "variants": [{"id": "p", "weight_bp": 5000, "message": "m"}, {"id": "q", "weight_bp": 5000, "message": "m"}]}},
            {"id": "three", "channel": ["inbox"], "trigger": {"any": [{"event": "a"}, {"event": "$app_open"}]}, "limit": {"times": 0},
             "card": {"pin": true, "expires_in": "1d", "remove_on": [{"event": "x"}]}, "message": "c"},
            {"id": "four", "channel": ["in_app"], "trigger": {"event": "a", "unless": [{"event": "b"}], "within": "1h", "rearm": "latest"},
             "schedule": {"days": ["mon", "sat"], "windows": [{"from": "08:00", "to": "20:00"}]}, "message": "m"}
        ]
    })
}

fn engine(playbook: &str) -> (Engine, Context) {
    let mut engine = Engine::new("owner", ["in_app"]).unwrap();
    let ctx = Context {
        now: Timestamp(1_795_248_000_000),
        offset_min: 120,
        entropy: [1; 16],
        locale: "en".into(),
        can_display: true,
        ..Context::default()
    };
    engine.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None }, &ctx);
    engine.handle(Input::InstallPlaybook { document: playbook.to_owned(), history: Vec::new() }, &ctx);
    (engine, ctx)
}

/// Texts that have broken others.
fn naughty() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\0",
        "\u{feff}",
        "null",
        "undefined",
        "NaN",
        "1e400",
        "-0",
        "0x10",
        "١٢٣",
        "ﷺ",
        "𝕳𝖊𝖑𝖑𝖔",
        "e\u{301}\u{301}\u{301}",
        "\u{202e}txet",
        "\u{200b}",
        "🏳️‍🌈👩‍👩‍👧‍👦",
        "\u{10ffff}",
        "../../etc/passwd",
        "$segment",
        "$(rm -rf /)",
        "%s%n%x",
        "'; DROP TABLE x;--",
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "{{ 7 | times: 7 }}",
        "{% for i in (1..99999999) %}x{% endfor %}",
        "{{",
        "{%",
        "%}",
        "{% if %}",
        "{{ a.b.c[0]['x'] }}",
        "__proto__",
        "constructor",
        "toString",
        "a.b",
        "[0]",
        "\"quoted\"",
        "\\u0000",
    ]
    .map(str::to_owned)
    .into();
    texts.extend([
        "x".repeat(100_000),
        "é".repeat(70_000),
        "(".repeat(10_000),
        "{{".repeat(10_000),
        "{% if a %}".repeat(10_000),
    ]);
    texts
}

/// Documents that are no documents of ours.
fn broken_documents() -> Vec<String> {
    let mut documents: Vec<String> = vec![
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("\"{}\"", "x".repeat(10_000_000)),
        " ".repeat(10_000_000),
        format!("[{}1]", "1,".repeat(2_000_000)),
        "{\"v\":1,\"v\":2}".into(),
        "{\"spec\":1,\"id\":\"a\",\"revision\":99999999999999999999}".into(),
        "{\"spec\":1e999}".into(),
        "\"\\ud800\"".into(),
        "-".into(),
        "01".into(),
        "nul".into(),
        "{\"a\":1}x".into(),
    ];
    documents.extend(naughty());
    documents
}

#[test]
fn no_document_makes_an_entry_point_panic_and_what_is_wrong_has_a_place() {
    for text in broken_documents() {
        let head: String = text.chars().take(20).collect();
        match Playbook::compile(&text) {
            Ok(playbook) => assert!(playbook.campaigns().next().is_none(), "{head}"),
            Err(PlaybookError::Json { line, column, message }) => {
                assert!(line >= 1 && column >= 1 && message.len() < 300, "{head}: {message}");
            }
            Err(error) => assert!(error.to_string().len() < 500, "{head}"),
        }
        let told = [
            Row::from_json(&text).map(drop).unwrap_err(),
            Record::from_line(&text).map(drop).unwrap_err(),
            Checkpoint::from_json(&text).map(drop).unwrap_err(),
        ];
        for error in told {
            let JournalError::Damaged { place, message } = error else { panic!("{head}: {error}") };
            assert!(!place.is_empty() && message.len() < 2_000, "{head}: {message}");
        }
        if let Err(error) = Input::from_json(&text) {
            assert!(error.to_string().contains("input"), "{head}: {error}");
        }
        let (mut engine, ctx) = engine(SEVERAL);
        let before = engine.checkpoint_json();
        for input in [
            Input::Import { document: text.clone() },
            Input::Offer { document: text.clone() },
            Input::InstallPlaybook { document: text.clone(), history: Vec::new() },
        ] {
            let step = engine.handle(input, &ctx);
            assert!(matches!(step.verdict, Verdict::Rejected { .. }), "{head}: {:?}", step.verdict);
            assert_eq!(step.row, None, "{head}: a refused document leaves nothing");
        }
        assert_eq!(engine.checkpoint_json(), before, "{head}");
    }
}

#[test]
fn naughty_texts_are_kept_as_they_are_or_refused_by_name() {
    for text in naughty() {
        let (mut engine, ctx) = engine(&everything().to_string());
        let head: String = text.chars().take(20).collect();
        let inputs = [
            Input::Track { name: text.clone(), properties: Properties::new(), at: None },
            Input::Track { name: "a".into(), properties: json!({"t": text}).as_object().unwrap().clone(), at: None },
            Input::Track {
                name: "c".into(),
                properties: json!({text.as_str(): 1}).as_object().unwrap().clone(),
                at: None,
            },
            Input::Screen { name: text.clone() },
            Input::Identify { user: text.clone() },
            Input::Attribute { op: Default::default(), name: text.clone(), value: json!(1) },
            Input::Attribute { op: Default::default(), name: "a".into(), value: json!(text) },
            Input::Cue { cue: text.clone(), value: Some(json!(text)) },
            Input::Mount { placement: text.clone(), mounted: true },
            Input::Card { card: text.clone(), action: hearken_core::CardAction::Seen, target: None, lasts: None },
            Input::Touch {
                kind: hearken_core::TouchKind::Delivered,
                delivery_id: text.clone(),
                channel: text.clone(),
                campaign: Some(text.clone()),
                target: None,
            },
            Input::OwnersGone { owners: vec![text.clone()] },
        ];
        for input in inputs {
            let step = engine.handle(input.clone(), &ctx);
            let Some(row) = step.row else { continue };
            let back = Row::from_json(&row.to_json()).unwrap_or_else(|error| panic!("{head}: {error}"));
            assert_eq!(back, row, "{head}: what was written reads back");
            for record in &row.records {
                let line = record.export_line(true);
                assert!(!line.contains('\n'), "{head}: a line is one line");
                assert_eq!(Record::from_line(&line).unwrap(), *record, "{head}");
            }
        }
        let _ = engine.explain(&text, &ctx);
        let _ = engine.preview(&text, Some(&text), &ctx);
    }
}

#[test]
fn a_naughty_text_anywhere_in_a_playbook_disables_what_it_stands_in_and_nothing_panics() {
    let document = everything();
    let mut paths = Vec::new();
    leaves(&document, &mut Vec::new(), &mut paths);
    assert!(paths.len() > 60, "{}", paths.len());
    for (number, path) in paths.iter().enumerate() {
        for text in naughty().iter().skip(number % 3).step_by(3) {
            let mut changed = document.clone();
            *changed.pointer_mut(path).unwrap() = json!(text);
            if let Ok(playbook) = Playbook::compile(&changed.to_string()) {
                let (mut engine, ctx) = engine(&changed.to_string());
                for name in ["a", "a", "b", "b", "x"] {
                    let properties = json!({"n": 3}).as_object().unwrap().clone();
                    engine.handle(Input::Track { name: name.into(), properties, at: None }, &ctx);
                }
                for campaign in playbook.campaigns() {
                    let _ = engine.explain(campaign, &ctx);
                }
            }
        }
    }
}

/// JSON pointers to everything that is no object or list.
fn leaves(value: &Value, at: &mut Vec<String>, paths: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                at.push(escaped(name));
                leaves(value, at, paths);
                at.pop();
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                at.push(place.to_string());
                leaves(value, at, paths);
                at.pop();
            }
        }
        _ => paths.push(format!("/{}", at.join("/"))),
    }
}

/// A document with some bytes changed, cut, doubled or taken from elsewhere in it.
fn mutated(text: &str, edits: &[(usize, u8, u8)]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (place, kind, byte) in edits {
        if bytes.is_empty() {
            break;
        }
        let at = place % bytes.len();
        match kind % 5 {
            0 => bytes[at] = *byte,
            1 => drop(bytes.drain(at..(at + usize::from(*byte)).min(bytes.len()))),
            2 => {
                let copy: Vec<u8> = bytes[at..(at + usize::from(*byte)).min(bytes.len())].to_vec();
                let to = (at * 7) % bytes.len();
                bytes.splice(to..to, copy);
            }
            3 => bytes.insert(at, *byte),
            _ => bytes.truncate(at.max(1)),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn edits() -> impl Strategy<Value = Vec<(usize, u8, u8)>> {
    prop::collection::vec(
        (any::<usize>(), any::<u8>(), prop_oneof![any::<u8>(), Just(b'"'), Just(b'{'), Just(b'9'), Just(b'$')]),
        1..6,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_playbook_makes_it_panic(edits in edits()) {
        let document = mutated(&everything().to_string(), &edits);
        if let Ok(playbook) = Playbook::compile(&document) {
            let (mut engine, ctx) = engine(&document);
            for name in ["a", "b", "a", "x"] {
                engine.handle(Input::Track { name: name.into(), properties: Properties::new(), at: None }, &ctx);
            }
            for campaign in playbook.campaigns() {
                let _ = engine.explain(campaign, &ctx);
                let _ = engine.preview(campaign, None, &ctx);
            }
        }
    }

    #[test]
    fn no_change_of_a_stored_row_makes_folding_panic(edits in edits(), nth in 0usize..40) {
        let lines: Vec<&str> = ROWS.lines().collect();
        let mut engine = Engine::new("owner", ["in_app"]).unwrap();
        for (place, line) in lines.iter().enumerate() {
            let line = if place == nth % lines.len() { mutated(line, &edits) } else { (*line).to_owned() };
            let Ok(row) = Row::from_json(&line) else { break };
            if engine.fold(&row).is_err() {
                break;
            }
        }
        let _ = engine.checkpoint_json();
    }

    #[test]
    fn no_change_of_a_checkpoint_or_a_line_makes_reading_panic(edits in edits(), nth in 0usize..40) {
        if let Ok(checkpoint) = Checkpoint::from_json(&mutated(CHECKPOINT, &edits)) {
            let mut engine = Engine::new("owner", ["in_app"]).unwrap();
            engine.load(checkpoint);
            engine.handle(Input::Tick, &Context { now: Timestamp(1), entropy: [1; 16], ..Context::default() });
        }
        let lines: Vec<&str> = LINES.lines().collect();
        if let Some(line) = lines.get(nth % lines.len()) {
            let _ = Record::from_line(&mutated(line, &edits));
        }
    }

    #[test]
    fn no_input_and_no_condition_makes_it_panic(text in "\\PC{0,60}", edits in edits()) {
        let _ = Input::from_json(&text);
        let input = mutated(r#"{"interaction":{"presentation_id":"01a1fd1e-8c00-7000-8eb1-2d6f5c07e388","kind":"click","target":"go","answers":{"why":[1,{"a":null}]}}}"#, &edits);
        if let Ok(input) = Input::from_json(&input) {
            let (mut engine, ctx) = engine(SEVERAL);
            engine.handle(input, &ctx);
        }
        let condition = mutated(r#"{"a":{"$in":[1,"x",null],"$regex":"^a(b|c)*$"},"$or":[{"b.c":{"$elemMatch":{"$gt":1}}},{"$not":{"d":{"$size":{"$lt":3}}}}]}"#, &edits);
        if let Ok(condition) = serde_json::from_str::<Value>(&condition)
            && let Ok(condition) = Condition::compile(&condition, "c")
        {
            let _ = condition.holds(json!({"a": "abc", "b": {"c": [1, 2]}, "d": []}).as_object().unwrap());
        }
    }
}

/// Inputs that a fuzzer once found (`tests/fuzz/crashers`), tried at every entry point again.
#[test]
fn what_once_failed_fails_no_more() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/crashers");
    let mut tried = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        tried += 1;
        let _ = Playbook::compile(&text);
        let (mut engine, ctx) = engine(SEVERAL);
        for line in text.lines() {
            let _ = (Record::from_line(line), Checkpoint::from_json(line));
            if let Ok(row) = Row::from_json(line) {
                let _ = engine.fold(&row);
            }
            if let Ok(input) = Input::from_json(line) {
                engine.handle(input, &ctx);
            }
        }
        let mut document = everything();
        document["messages"]["m"]["pages"][0][1]["text"] = json!(text);
        let _ = Playbook::compile(&document.to_string());
    }
    assert!(tried >= 1, "the folder is there");
}
