//! A condition and a subject, one JSON document a line.
#![no_main]

use hearken_core::{Condition, Value};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let parse = |line: Option<&str>| serde_json_value(line.unwrap_or_default());
    let (Some(source), subject) = (parse(lines.next()), parse(lines.next())) else { return };
    if let Ok(condition) = Condition::compile(&source, "condition") {
        let none = hearken_core::Properties::new();
        let subject = subject.as_ref().and_then(Value::as_object).unwrap_or(&none);
        let _ = condition.holds(subject);
    }
});

fn serde_json_value(text: &str) -> Option<Value> {
    text.parse().ok()
}
