//! The same events from every kind of file give the same numbers.
#![allow(missing_docs)]

mod support;

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use hearken_measure::{Options, Spec};
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};
use support::{AS_OF, Files, definition, lines, rows, run};

/// Rows that every format can hold.
fn good_rows() -> Vec<Value> {
    let fits = |row: &Value| {
        let texts =
            ["id", "type", "profile"].iter().all(|name| row[*name].as_str().is_some_and(|text| !text.is_empty()));
        texts
            && row["user"] != ""
            && row["data"].is_object()
            && row["ts"].as_i64().is_some_and(|ts| ts > 0)
            && row.get("offset").is_none_or(|offset| offset.as_i64().is_some_and(|offset| offset.abs() <= 1_080))
    };
    rows(5, 900).into_iter().filter(fits).collect()
}

fn users(paths: &[PathBuf], source: Option<Spec>) -> Vec<String> {
    let (report, lines) = run(&definition(), paths, &Options { source, ..Options::new(AS_OF) });
    assert!(report.skipped.first_fault().is_none(), "{:?}", report.skipped);
    assert!(lines.len() > 6);
    lines
}

/// RFC 3339 with milliseconds.
fn time(row: &Value) -> String {
    let at = chrono::DateTime::from_timestamp_millis(row["ts"].as_i64().unwrap()).unwrap();
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// As docs/export.md says, field by field.
fn segment(row: &Value) -> Value {
    let mut own = json!({});
    for name in ["offset", "session", "late"] {
        if let Some(value) = row.get(name) {
            own[name] = value.clone();
        }
    }
    let mut message = json!({"messageId": row["id"], "anonymousId": row["profile"], "timestamp": time(row)});
    if let Some(user) = row.get("user").filter(|user| !user.is_null()) {
        message["userId"] = user.clone();
    }
    match row["type"].as_str().unwrap() {
        "$identify" => {
            message["type"] = json!("identify");
            message["traits"] = json!({});
            own["type"] = row["type"].clone();
            own["data"] = row["data"].clone();
        }
        "$screen" => {
            message["type"] = json!("screen");
            message["properties"] = row["data"].clone();
            own["type"] = row["type"].clone();
        }
        name => {
            message["type"] = json!("track");
            message["event"] = json!(name);
            message["properties"] = row["data"].clone();
        }
    }
    message["context"] = json!({"hearken": own, "library": {"name": "hearken"}});
    message
}

fn cloud_event(row: &Value) -> Value {
    let mut event = json!({"specversion": "1.0", "source": "urn:hearken:j", "time": time(row), "datacontenttype": "application/json"});
    event["type"] = json!(format!("dev.hearken.{}", row["type"].as_str().unwrap()));
    for name in ["id", "profile", "user", "session", "offset", "data", "late"] {
        if let Some(value) = row.get(name) {
            event[name] = value.clone();
        }
    }
    event
}

#[test]
fn the_encodings_of_an_export_are_the_same_numbers() {
    let (rows, folder) = (good_rows(), Files::new());
    let native = users(&[folder.put("native.jsonl", lines(&rows))], None);
    let encoded = |encode: fn(&Value) -> Value| rows.iter().map(encode).collect::<Vec<_>>();
    let batches = |events: &[Value], one: fn(&[Value]) -> Value| events.chunks(7).map(one).collect::<Vec<_>>();
    let (segment, cloud) = (encoded(segment), encoded(cloud_event));
    for (name, text) in [
        ("segment.jsonl", lines(&segment)),
        ("segment-batches.jsonl", lines(&batches(&segment, |batch| json!({ "batch": batch })))),
        ("cloud.jsonl", lines(&cloud)),
        ("cloud-batches.jsonl", lines(&batches(&cloud, |batch| json!(batch)))),
        ("mixed.jsonl", lines(&rows[..300]) + &lines(&segment[300..500]) + &lines(&cloud[500..])),
        // The same record twice, in two encodings, is one.
        ("twice.jsonl", lines(&rows) + &lines(&segment) + &lines(&cloud)),
    ] {
        assert_eq!(users(&[folder.put(name, text)], None), native, "{name}");
    }
}

/// A row of nine columns, its properties as JSON.
fn table() -> (Vec<[Option<String>; 9]>, Vec<String>) {
    let rows: Vec<Value> = good_rows();
    let folder = Files::new();
    let native = users(&[folder.put("native.jsonl", lines(&rows))], None);
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let names = ["id", "ts", "offset", "type", "profile", "user", "session", "late", "data"];
    (rows.iter().map(|row| names.map(|name| text(&row[name]))).collect(), native)
}

#[test]
fn a_csv_file_named_like_the_native_line_needs_nothing_more() {
    let ((table, native), folder) = (table(), Files::new());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["id", "ts", "offset", "type", "profile", "user", "session", "late", "data"]).unwrap();
    for row in &table {
        writer.write_record(row.iter().map(|cell| cell.as_deref().unwrap_or_default())).unwrap();
    }
    let path = folder.put("a.csv", writer.into_inner().unwrap());
    assert_eq!(users(&[path], None), native);
}

fn parquet(columns: Vec<(&str, ArrayRef)>, groups: usize) -> Vec<u8> {
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap();
    let properties = parquet::file::properties::WriterProperties::builder();
    let properties = properties.set_max_row_group_row_count(Some(batch.num_rows() / groups + 1)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn a_parquet_file_gives_the_same_by_its_own_names_and_by_a_source_block() {
    let ((table, native), folder) = (table(), Files::new());
    let text =
        |place: usize| -> ArrayRef { Arc::new(table.iter().map(|row| row[place].clone()).collect::<StringArray>()) };
    let number =
        |place: usize| table.iter().map(move |row| row[place].as_ref().and_then(|text| text.parse::<i64>().ok()));
    let offset =
        || -> ArrayRef { Arc::new(number(2).map(|offset| offset.map(|offset| offset as i32)).collect::<Int32Array>()) };
    let late = || -> ArrayRef {
        Arc::new(table.iter().map(|row| row[7].as_ref().map(|late| late == "true")).collect::<BooleanArray>())
    };
    let named = vec![
        ("id", text(0)),
        ("ts", Arc::new(number(1).collect::<Int64Array>()) as ArrayRef),
        ("offset", offset()),
        ("type", text(3)),
        ("profile", text(4)),
        ("user", text(5)),
        ("session", text(6)),
        ("late", late()),
        ("data", text(8)),
    ];
    for groups in [1, 5] {
        let path = folder.put("a.parquet", parquet(named.clone(), groups));
        assert_eq!(users(&[path], None), native, "{groups} row groups");
    }
    // Other names and types, and properties in columns of their own.
    let data: Vec<Value> = table.iter().map(|row| serde_json::from_str(row[8].as_ref().unwrap()).unwrap()).collect();
    let of = |name: &'static str| data.iter().map(move |data| data.get(name).cloned().unwrap_or_default());
    let plain = |name: &'static str| -> ArrayRef {
        Arc::new(of(name).map(|value| value.as_str().map(str::to_owned)).collect::<StringArray>())
    };
    let as_json = |name: &'static str| -> ArrayRef {
        Arc::new(of(name).map(|value| (!value.is_null()).then(|| value.to_string())).collect::<StringArray>())
    };
    let micros = number(1).map(|ts| ts.map(|ts| ts * 1_000)).collect::<TimestampMicrosecondArray>();
    let columns = vec![
        ("key", text(0)),
        ("at", Arc::new(micros) as ArrayRef),
        ("tz", offset()),
        ("what", text(3)),
        ("device", text(4)),
        ("who", text(5)),
        ("visit", text(6)),
        ("old", late()),
        ("merged", as_json("merged")),
        ("order", as_json("order")),
        ("minor", as_json("minor")),
        ("currency", plain("cur")),
        ("test", as_json("test")),
        ("channel", as_json("channel")),
        ("p", plain("p")),
    ];
    let typed = |column: &str| json!({"column": column, "type": "json"});
    let spec = json!({
        "id": "key", "ts": "at", "offset": "tz", "event": "what", "profile": "device", "user": "who", "session": "visit", "late": "old",
        "properties": {"merged": typed("merged"), "order": typed("order"), "minor": typed("minor"), "cur": "currency",
            "test": typed("test"), "channel": typed("channel"), "p": {"column": "p"}},
    });
    let path = folder.put("b.parquet", parquet(columns, 3));
    assert_eq!(users(&[path], Some(Spec::read(&spec, "").unwrap())), native);
}

#[test]
fn a_source_block_reads_tables_of_other_shapes() {
    let spec = |source: Value| Some(Spec::read(&source, "").unwrap());
    let (definition, folder) = (definition(), Files::new());
    let net = |path: PathBuf, source: Option<Spec>| {
        let (report, _) = run(&definition, &[path], &Options { source, ..Options::new(AS_OF) });
        let (_, total) = report.metrics().find(|(metric, _)| metric.name == "net").unwrap();
        (report.users, report.events, total.sum.num, total.sum.den)
    };
    let properties = json!({"minor": {"column": "amount", "type": "number"}, "cur": {"constant": "USD"}});
    for (format, first, second) in [
        ("s", "1700000000", "1700000060.5"),
        ("us", "1700000000000000", "1700000060500000"),
        ("ns", "1700000000000000000", "1700000060500000000"),
        ("rfc3339", "2023-11-14T22:13:20Z", "2023-11-14T23:14:20.5+01:00"),
        ("%Y-%m-%d %H:%M", "2023-11-14 22:13", "2023-11-14 22:14"),
        ("%Y%m%d", "20231114", "20231115"),
    ] {
        let text = format!("who;at;amount\nann;{first};5\nbo;{second};7\n");
        let source = json!({"format": "csv", "delimiter": ";", "user": "who", "event": {"constant": "buy"}, "ts": {"column": "at", "format": format}, "properties": properties});
        assert_eq!(net(folder.put("a.txt", text), spec(source)), (2, 2, 12, 2), "{format}");
    }
    let source = json!({"format": "csv", "header": false, "delimiter": "blanks", "user": 1, "event": {"constant": "buy"}, "ts": {"column": 2, "format": "%Y%m%d"},
        "properties": {"minor": {"column": 4, "type": "number"}, "cur": {"constant": "USD"}}});
    assert_eq!(
        net(folder.put("b.txt", "  001 20231114  1 5\n001 20231115 1  7 \n001 20231115 1  7 \n"), spec(source)),
        (1, 3, 19, 1)
    );
    let source = json!({"user": "customer.id", "event": "kind", "ts": "at", "properties": "props"});
    let text = r#"{"customer":{"id":7},"kind":"buy","at":"2023-11-14T22:13:20Z","props":{"minor":5,"cur":"USD"}}"#;
    assert_eq!(net(folder.put("c.jsonl", text), spec(source)), (1, 1, 5, 1));
}

#[test]
fn a_column_that_is_not_there_is_told_with_those_that_are() {
    let folder = Files::new();
    let spec = Spec::read(&json!({"user": "who", "event": {"constant": "e"}, "ts": "when"}), "").unwrap();
    let path = folder.put("a.csv", "who,at\nann,1\n");
    let error = hearken_measure::measure(
        &definition(),
        &[path],
        &Options { source: Some(spec), ..Options::new(AS_OF) },
        &hearken_measure::Silent,
        None,
    );
    let error = error.unwrap_err().to_string();
    assert!(error.contains("there is no column `when`; there are: who, at"), "{error}");
}

#[test]
fn rows_without_ids_stand_in_the_order_of_their_lines() {
    let folder = Files::new();
    // Line 10 is after line 9, and rows that are alike are two.
    let row = |order: &str| {
        format!(
            r#"{{"ts":1727913600000,"type":"buy","user":"ann","data":{{"minor":1,"cur":"USD","order":"{order}"}}}}"#
        )
    };
    let text: String = (0..11).map(|number| row(if number < 9 { "same" } else { "new" }) + "\n").collect();
    let (report, users) =
        run(&definition(), &[folder.put("a.jsonl", &text), folder.put("b.jsonl", &text)], &Options::new(AS_OF));
    assert_eq!((report.events, users.len()), (22, 1));
    assert_eq!(support::pairs(&users[0]).1[&("net".to_owned(), None)], (2, 1), "each key counts once");
}
