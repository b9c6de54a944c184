//! Every reason for which a row does not count, by file and line.
#![allow(missing_docs)]

mod support;

use std::collections::BTreeSet;

use hearken_measure::{Options, Outcome, Reason, Silent, measure};
use support::{AS_OF, Files, definition, run};

const GOOD: &str = r#"{"id":"g","ts":1727913600000,"type":"$screen","user":"ann"}"#;

/// A line of each reason; what is in it besides is right.
const CASES: &[(&str, &str)] = &[
    ("json", "{\"id\":\"1\","),
    ("json", "not json"),
    ("json", r#"{"id":"1","ts":1,"type":"$screen","user":"\ud800"}"#),
    ("json", r#"{"id":"1","ts":1,"type":"signup","user":"ann","data":{"minor":"\ud800"}}"#),
    ("row.type", "7"),
    ("row.type", "[]"),
    ("row.type", "[7]"),
    ("row.type", "\"{}\""),
    ("id.type", r#"{"id":7,"ts":1,"type":"e","user":"ann"}"#),
    ("id.type", r#"{"id":{},"ts":1,"type":"e","user":"ann"}"#),
    ("id.empty", r#"{"id":"","ts":1,"type":"e","user":"ann"}"#),
    ("event.type", r#"{"id":"1","ts":1,"type":7,"user":"ann"}"#),
    ("event.empty", r#"{"id":"1","ts":1,"type":"","user":"ann"}"#),
    ("event.empty", r#"{"id":"1","ts":1,"user":"ann"}"#),
    ("user.type", r#"{"id":"1","ts":1,"type":"e","user":true}"#),
    ("user.type", r#"{"id":"1","ts":1,"type":"e","user":7.5}"#),
    ("user.empty", r#"{"id":"1","ts":1,"type":"e","user":"","profile":"p"}"#),
    ("profile.type", r#"{"id":"1","ts":1,"type":"e","profile":7}"#),
    ("profile.empty", r#"{"id":"1","ts":1,"type":"e"}"#),
    ("profile.empty", r#"{"id":"1","ts":1,"type":"e","profile":"","user":null}"#),
    ("ts.type", r#"{"id":"1","type":"e","user":"ann"}"#),
    ("ts.type", r#"{"id":"1","ts":"1","type":"e","user":"ann"}"#),
    ("ts.type", r#"{"id":"1","ts":1.5,"type":"e","user":"ann"}"#),
    ("ts.range", r#"{"id":"1","ts":-1,"type":"e","user":"ann"}"#),
    ("ts.range", r#"{"id":"1","ts":8796093022208,"type":"e","user":"ann"}"#),
    ("offset.type", r#"{"id":"1","ts":1,"offset":"0","type":"e","user":"ann"}"#),
    ("offset.range", r#"{"id":"1","ts":1,"offset":1081,"type":"e","user":"ann"}"#),
    ("offset.range", r#"{"id":"1","ts":1,"offset":-9223372036854775808,"type":"e","user":"ann"}"#),
    ("data.type", r#"{"id":"1","ts":1,"type":"e","user":"ann","data":[1]}"#),
    ("late", r#"{"id":"1","ts":1727913600000,"type":"e","user":"ann","late":true}"#),
    ("history", r#"{"id":"1","ts":999,"type":"e","user":"ann"}"#),
    ("future", r#"{"id":"1","ts":1728000000000,"type":"e","user":"ann"}"#),
    ("duplicate.id", GOOD),
    ("duplicate.conflict", r#"{"id":"g","ts":1727913600000,"type":"$screen","user":"bo"}"#),
];

fn options() -> Options {
    Options { history_from: Some(1_000), ..Options::new(AS_OF) }
}

#[test]
fn every_reason_is_counted_and_told_by_file_and_line() {
    for (code, line) in CASES {
        // A history that does not begin at 1 is only for its own case.
        let line =
            if *code == "history" { (*line).to_owned() } else { line.replace("\"ts\":1,", "\"ts\":1727913600001,") };
        let folder = Files::new();
        let first = folder.put("first.jsonl", format!("{GOOD}\n\n"));
        let second = folder.put("second.jsonl", format!("\n{}\n{line}\n", GOOD.replace("\"g\"", "\"h\"")));
        let (report, users) = run(&definition(), &[first, second], &options());
        let seen: Vec<_> = report.skipped.iter().collect();
        let [(reason, 1, places)] = &seen[..] else { panic!("{code}: {seen:?}") };
        assert_eq!(reason.code(), *code, "{line}");
        assert_eq!((places[0].file, places[0].line), (1, 3), "{line}");
        assert_eq!((report.read, report.events, users.len()), (3, 2, 1), "{line}");
    }
    let covered: BTreeSet<&str> = CASES.iter().map(|(code, _)| *code).chain(["utf8", "csv"]).collect();
    let all: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(covered, all, "each reason has a case");
}

#[test]
fn lines_that_are_no_text_and_records_that_are_torn_are_told() {
    let folder = Files::new();
    let json =
        folder.put("a.jsonl", [GOOD.as_bytes(), b"\n\xff\xfe\n", GOOD.replace("\"g\"", "\"h\"").as_bytes()].concat());
    let csv = folder.put(
        "b.csv",
        b"id,ts,event,user\n1,1727913600000,e,ann\n2,1727913600000,e\n3,1727913600000,e,\xff\n4,1727913600000,e,ann\n",
    );
    let (report, _) = run(&definition(), &[json, csv], &Options::new(AS_OF));
    let seen: Vec<_> = report
        .skipped
        .iter()
        .map(|(reason, count, places)| (reason.code(), count, places[0].file, places[0].line))
        .collect();
    assert_eq!(seen, [("utf8", 1, 0, 2), ("csv", 2, 1, 3)]);
    assert_eq!(report.events, 4);
}

#[test]
fn identifying_events_are_never_late() {
    let folder = Files::new();
    let path = folder.put(
        "a.jsonl",
        r#"{"id":"1","ts":1727913600000,"type":"buy","profile":"p","data":{"minor":5,"cur":"USD"}}
        {"id":"2","ts":1727913600001,"type":"$identify","profile":"p","user":"ann","late":true,"data":{"merged":true}}
        {"id":"3","ts":1727913600002,"type":"$identify","profile":"p","user":"bo","data":{"merged":true}}
        {"id":"4","ts":1727913600003,"type":"$identify","profile":"q","user":"bo","data":{"merged":"true"}}
        {"id":"5","ts":1727913600003,"type":"buy","profile":"q"}"#,
    );
    let (report, users) = run(&definition(), &[path], &Options::new(AS_OF));
    let names: Vec<String> = users.iter().map(|line| support::pairs(line).0).collect();
    assert_eq!((report.users, names), (3, ["p:q", "u:ann", "u:bo"].map(str::to_owned).to_vec()));
    assert_eq!(support::pairs(&users[1]).1[&("net".to_owned(), None)], (5, 1), "the profile's purchase is ann's");
}

#[test]
fn a_strict_run_ends_at_the_first_row_that_is_wrong() {
    let folder = Files::new();
    let late = r#"{"id":"1","ts":1727913600000,"type":"e","user":"ann","late":true}"#;
    let path = folder.put("a.jsonl", format!("{late}\n{GOOD}\n7\nnot json\n"));
    let options = Options { strict: true, ..options() };
    let outcome = measure(&definition(), std::slice::from_ref(&path), &options, &Silent, None).unwrap();
    let Outcome::Refused { path: refused, place, reason } = outcome else { panic!("it went on") };
    assert_eq!((refused, place.line, reason), (path, 3, Reason::RowType));
    let path = folder.put("b.jsonl", format!("{late}\n{GOOD}\n"));
    assert!(matches!(measure(&definition(), &[path], &options, &Silent, None).unwrap(), Outcome::Measured(_)));
}

#[test]
fn what_cannot_be_read_is_told() {
    let folder = Files::new();
    let of = |name: &str, text: &str| {
        let path = folder.put(name, text);
        measure(&definition(), &[path], &Options::new(AS_OF), &Silent, None).unwrap_err().to_string()
    };
    assert!(of("a.parquet", "no parquet").contains("a.parquet"));
    let missing = folder.put("x", "").with_file_name("missing.jsonl");
    let error = measure(&definition(), &[missing], &Options::new(AS_OF), &Silent, None).unwrap_err();
    assert!(error.to_string().contains("missing.jsonl"), "{error}");
}
