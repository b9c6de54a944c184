//! What an earlier version stored still reads, folds and exports to the same bytes. The files are never edited: a format
//! that changes gets a folder of its own.

use std::path::{Path, PathBuf};

use hearken_core::{Checkpoint, Engine, Row};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/journal/v1")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn version_1_reads_folds_and_exports_to_the_same_bytes() {
    let mut engine = Engine::new("reader", ["in_app"]).unwrap();
    let (mut lines, mut with_pii) = (String::new(), String::new());
    for text in read("rows.jsonl").lines() {
        let row = Row::from_json(text).unwrap();
        let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(json(&row.to_json()), json(text));
        engine.fold(&row).unwrap();
        for record in row.records.iter().filter(|record| record.is_exported()) {
            lines += &(record.export_line(false) + "\n");
            with_pii += &(record.export_line(true) + "\n");
        }
    }
    assert!(lines.lines().count() > 20, "the journal is long enough to say something");
    assert_ne!(lines, with_pii, "it holds something personal");
    assert_eq!(lines, read("export.jsonl"));
    assert_eq!(with_pii, read("export_with_pii.jsonl"));
    // A checkpoint of version 1 knows less than its rows say, but it is read, and goes on from the same place.
    let checkpoint = Checkpoint::from_json(read("checkpoint.json").trim_end()).unwrap();
    assert_eq!(checkpoint.seq, engine.seq());
    let mut resumed = Engine::new("reader", ["in_app"]).unwrap();
    resumed.load(checkpoint);
    assert_eq!(resumed.playbook_needed(), engine.playbook_needed());
    assert_eq!(resumed.foreign_owners(), engine.foreign_owners());
}
