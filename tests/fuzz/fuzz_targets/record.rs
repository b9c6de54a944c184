//! Stored data from anybody: rows, checkpoints, lines.
#![no_main]

use hearken_core::{Checkpoint, Context, Engine, Input, Record, Row, Timestamp};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(mut engine) = Engine::new("owner", ["in_app"]) else { return };
    for line in text.lines().take(50) {
        if let Ok(record) = Record::from_line(line) {
            assert_eq!(Record::from_line(&record.export_line(true)), Ok(record));
        }
        if let Ok(row) = Row::from_json(line) {
            let _ = engine.fold(&row);
        }
        if let Ok(checkpoint) = Checkpoint::from_json(line) {
            engine.load(checkpoint);
        }
    }
    engine.handle(Input::Tick, &Context { now: Timestamp(1), entropy: [1; 16], ..Context::default() });
    let _ = engine.checkpoint_json();
});
