//! One engine and a small playbook, for tests of what a host and a store meet.

use hearken_core::{
    Context, Engine, Input, InteractionKind, PresentationId, Properties, Purposes, Step, Timestamp, Verdict,
};
use serde_json::{Value, json};

pub(crate) const START: i64 = 1_795_248_000_000;
pub(crate) const DAY: i64 = 24 * 3_600_000;

/// One engine and its clock, which goes on by a second with each input.
pub(crate) struct Device {
    pub(crate) engine: Engine,
    pub(crate) now: i64,
    pub(crate) handled: u64,
}

impl Device {
    /// Opened, with a playbook of these campaigns.
    pub(crate) fn new(campaigns: Value) -> Self {
        let mut device = Self { engine: Engine::new("owner", ["in_app"]).unwrap(), now: START, handled: 0 };
        device.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None });
        device.install(playbook(campaigns));
        device
    }

    pub(crate) fn context(&self) -> Context {
        let mut entropy = [0; 16];
        entropy[..8].copy_from_slice(&self.handled.to_be_bytes());
        let (now, locale) = (Timestamp(self.now), "en".to_owned());
        Context { now, offset_min: 120, entropy, locale, can_display: true, ..Context::default() }
    }

    pub(crate) fn handle(&mut self, input: Input) -> Step {
        self.handled += 1;
        self.now += 1_000;
        self.engine.handle(input, &self.context())
    }

    pub(crate) fn install(&mut self, document: Value) -> Step {
        self.handle(Input::InstallPlaybook { document: document.to_string(), history: Vec::new() })
    }

    pub(crate) fn track(&mut self, name: &str) -> Step {
        self.handle(Input::Track { name: name.into(), properties: Properties::new(), at: None })
    }

    pub(crate) fn dismiss(&mut self, presentation_id: PresentationId) -> Verdict {
        let kind = InteractionKind::Dismiss;
        self.handle(Input::Interaction { presentation_id, kind, target: None, answers: Properties::new() }).verdict
    }
}

pub(crate) fn playbook(campaigns: Value) -> Value {
    json!({
        "spec": 1, "id": "host", "revision": 1, "plan": {"mode": "open"}, "settings": {"interval": 0},
        "locales": {"default": "en", "also": ["el"]}, "text": {"el": {"$sdk.close": "Κλείσιμο"}},
        "campaigns": campaigns,
        "messages": {
            "m": {"layout": "modal", "pages": [[{"heading": "Hello"}, {"button": {"id": "ok", "label": "ok"}}]]},
            "c": {"layout": "card", "pages": [[{"heading": "A card"}]]}
        }
    })
}

pub(crate) fn campaign() -> Value {
    json!({"id": "c", "channel": ["in_app"], "trigger": {"event": "a"}, "limit": {"times": 0}, "message": "m"})
}

pub(crate) fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}
