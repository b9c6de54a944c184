//! A template from anybody, in a message that is previewed.
#![no_main]

use hearken_core::{Context, Engine, Input, Purposes, Timestamp};

libfuzzer_sys::fuzz_target!(|source: &str| {
    let Ok(mut engine) = Engine::new("owner", ["in_app"]) else { return };
    let ctx = Context {
        now: Timestamp(1_795_248_000_000),
        entropy: [1; 16],
        locale: "en".into(),
        can_display: true,
        ..Context::default()
    };
    let text = hearken_core::text_json(source);
    let document = [
        r#"{"spec":1,"id":"p","revision":1,"campaigns":[{"id":"c","channel":["in_app"],"trigger":{"event":"e"},"message":"m"}],"messages":{"m":{"layout":"modal","pages":[[{"text":"#,
        &text,
        "}]]}}}",
    ]
    .concat();
    engine.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None }, &ctx);
    engine.handle(Input::InstallPlaybook { document, history: Vec::new() }, &ctx);
    if let Ok(message) = engine.preview("c", None, &ctx) {
        assert!(message.to_string().len() < 4 << 20, "output is bounded");
    }
});
