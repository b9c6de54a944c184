//! A playbook from anybody: compiled, installed, and run for a few events.
#![no_main]

use hearken_core::{Context, Engine, Input, Playbook, Properties, Purposes, Timestamp};

libfuzzer_sys::fuzz_target!(|document: &str| {
    let Ok(playbook) = Playbook::compile(document) else { return };
    let Ok(mut engine) = Engine::new("owner", ["in_app"]) else { return };
    let ctx = Context {
        now: Timestamp(1_795_248_000_000),
        entropy: [1; 16],
        locale: "en".into(),
        can_display: true,
        ..Context::default()
    };
    engine.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None }, &ctx);
    engine.handle(Input::InstallPlaybook { document: document.to_owned(), history: Vec::new() }, &ctx);
    for name in ["a", "b", "a", "x"] {
        engine.handle(Input::Track { name: name.into(), properties: Properties::new(), at: None }, &ctx);
    }
    for campaign in playbook.campaigns() {
        let _ = engine.explain(campaign, &ctx);
        let _ = engine.preview(campaign, None, &ctx);
    }
});
