//! Inputs from anybody, one a line, handed to an engine that has a playbook; what it stores reads back.
#![no_main]

use hearken_core::{Context, Engine, Input, Row, Timestamp};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(mut engine) = Engine::new("owner", ["in_app"]) else { return };
    for (n, line) in text.lines().take(50).enumerate() {
        let Ok(input) = Input::from_json(line) else { continue };
        let ctx = Context {
            now: Timestamp(1_795_248_000_000 + n as i64 * 1_000),
            entropy: [1; 16],
            locale: "en".into(),
            can_display: true,
            ..Context::default()
        };
        if let Some(row) = engine.handle(input, &ctx).row {
            assert_eq!(Row::from_json(&row.to_json()).as_ref(), Ok(&row));
        }
    }
});
