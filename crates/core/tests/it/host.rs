//! What a host reads of the engine: steps, explanations, words and checkpoints as JSON, and when something is to be read again.

use hearken_core::{
    Answer, AttributeOp, CardAction, Checkpoint, Context, Engine, Input, InteractionKind, PresentationId, Properties,
    Purposes, Span, Step, Timestamp, Verdict,
};
use serde_json::{Value, json};

const START: i64 = 1_795_248_000_000;
const DAY: i64 = 24 * 3_600_000;

/// One engine and its clock, which goes on by a second with each input.
struct Device {
    engine: Engine,
    now: i64,
    handled: u64,
}

impl Device {
    /// Opened, with a playbook of these campaigns.
    fn new(campaigns: Value) -> Self {
        let mut device = Self { engine: Engine::new("owner", ["in_app"]).unwrap(), now: START, handled: 0 };
        device.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None });
        device.install(playbook(campaigns));
        device
    }

    fn context(&self) -> Context {
        let mut entropy = [0; 16];
        entropy[..8].copy_from_slice(&self.handled.to_be_bytes());
        let (now, locale) = (Timestamp(self.now), "en".to_owned());
        Context { now, offset_min: 120, entropy, locale, can_display: true, ..Context::default() }
    }

    fn handle(&mut self, input: Input) -> Step {
        self.handled += 1;
        self.now += 1_000;
        self.engine.handle(input, &self.context())
    }

    fn install(&mut self, document: Value) -> Step {
        self.handle(Input::InstallPlaybook { document: document.to_string(), history: Vec::new() })
    }

    fn track(&mut self, name: &str) -> Step {
        self.handle(Input::Track { name: name.into(), properties: Properties::new(), at: None })
    }

    fn dismiss(&mut self, presentation_id: PresentationId) -> Verdict {
        let kind = InteractionKind::Dismiss;
        self.handle(Input::Interaction { presentation_id, kind, target: None, answers: Properties::new() }).verdict
    }
}

fn playbook(campaigns: Value) -> Value {
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

fn campaign() -> Value {
    json!({"id": "c", "channel": ["in_app"], "trigger": {"event": "a"}, "limit": {"times": 0}, "message": "m"})
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_step_as_json_is_everything_but_the_row_and_the_document() {
    let mut device = Device::new(json!([]));
    let mut document = playbook(json!([campaign()]));
    document["revision"] = json!(2);
    let installed = device.install(document);
    let nothing = json!({"verdict": "accepted", "offered": [], "withdrawn": [], "decisions": [], "diagnostics": [], "inbox_changed": false});
    let with = |fields: Value| {
        let mut step = nothing.clone();
        step.as_object_mut().unwrap().append(&mut fields.as_object().unwrap().clone());
        step
    };
    let hash = installed.blob.as_ref().unwrap().hash.clone();
    assert_eq!(read(&installed.to_json()), with(json!({"row": [3, 3], "blob": hash})));

    let offering = device.track("a");
    let offer = &offering.offered[0];
    let wakeup = device.now + 60_000;
    assert_eq!(
        read(&offering.to_json()),
        with(json!({
            "row": [4, 8], "next_wakeup": wakeup, "decisions": [{"campaign": "c", "outcome": "offered"}],
            "offered": [{"presentation_id": offer.presentation_id, "campaign": "c", "channel": "in_app", "resumed": false, "message": *offer.message}],
        }))
    );
    assert_eq!(
        read(&device.track("$a").to_json()),
        with(
            json!({"verdict": "rejected", "rejection": {"code": "reserved_name", "field": "event", "name": "$a"}, "next_wakeup": wakeup})
        )
    );
    // The inbox is empty from here on, and so is the store before this step's row.
    assert_eq!(
        read(&device.handle(Input::Erase).to_json()),
        with(json!({
            "row": [1, 2], "erased": true, "inbox_changed": true,
            "withdrawn": [{"presentation_id": offer.presentation_id, "cause": "withdrawn"}],
        }))
    );
    assert_eq!(read(&device.handle(Input::Tick).to_json()), nothing);
}

#[test]
fn an_explanation_as_json_names_what_passed_what_did_not_and_the_last_decision() {
    let mut one = campaign();
    one["audience"] = json!({"tier": "gold"});
    let mut device = Device::new(
        json!([one, {"id": "later", "channel": ["in_app"], "trigger": {"event": "a"}, "delay": "1h", "message": "m"}]),
    );
    device.track("a");
    let why = |campaign: &str| read(&device.engine.explain(campaign, &device.context()).to_json());
    let at = device.now;
    assert_eq!(
        why("c"),
        json!({
            "campaign": "c", "at": at, "outcome": "stopped", "stage": "triggered", "reason": {"code": "not_triggered"}, "passed": [],
            "last": {"at": at, "outcome": "stopped", "stage": "audience", "reason": why("c")["last"]["reason"]},
        })
    );
    let due = at + 3_600_000;
    let delayed = json!({"code": "delayed", "until": due});
    assert_eq!(
        why("later"),
        json!({
            "campaign": "later", "at": at, "outcome": "waiting", "stage": "triggered", "reason": delayed, "passed": [],
            "next_eligible_at": due, "last": {"at": at, "outcome": "waiting", "stage": "triggered", "reason": delayed},
        })
    );
    // Due at this very instant: what is left is the walk.
    let ctx = Context { now: Timestamp(due), ..device.context() };
    let due = read(&device.engine.explain("later", &ctx).to_json());
    assert_eq!((&due["outcome"], &due["next_eligible_at"]), (&json!("eligible"), &Value::Null));
    let passed: Vec<_> = due["passed"].as_array().unwrap().iter().map(|line| line["stage"].as_str().unwrap()).collect();
    assert_eq!(
        passed,
        ["triggered", "enabled", "schedule", "consent", "channel", "audience", "limit", "frequency", "slot"]
    );
    assert!(due["passed"][0]["detail"].as_str().unwrap().starts_with(&format!("triggered at {at} by ")));
}

#[test]
fn the_words_are_those_of_the_locale_and_english_where_there_are_none() {
    let english = json!({
        "close": "Close", "back": "Back", "next": "Next", "send": "Send", "required": "Required", "email": "Enter an email address",
        "other": "Other", "unread": "Unread", "pinned": "Pinned", "inbox": "Inbox", "empty": "Nothing here yet", "remove": "Remove",
    });
    let bare = Engine::new("owner", ["in_app"]).unwrap();
    assert_eq!(read(&bare.words_json("el")), english);
    let device = Device::new(json!([]));
    assert_eq!(read(&device.engine.words_json("fr")), english);
    let mut greek = english;
    greek["close"] = json!("Κλείσιμο");
    assert_eq!(read(&device.engine.words_json("el-GR")), greek);
}

#[test]
fn a_checkpoint_is_the_same_written_from_a_copy_of_the_state_or_without() {
    let mut device = Device::new(json!([campaign()]));
    device.track("a");
    let json = device.engine.checkpoint_json();
    assert_eq!(json, device.engine.checkpoint().to_json());
    assert_eq!(Checkpoint::from_json(&json).unwrap(), device.engine.checkpoint());
}

/// The end of a snooze is no record: the step that comes then says that the inbox is to be read again.
#[test]
fn a_card_that_comes_back_from_its_snooze_changes_the_inbox() {
    let mut device =
        Device::new(json!([{"id": "card", "channel": ["inbox"], "trigger": {"event": "a"}, "message": "c"}]));
    assert!(device.track("a").inbox_changed);
    let inbox = |device: &Device| read(&device.engine.inbox_json(Timestamp(device.now)));
    let card = inbox(&device)["cards"][0]["card"].as_str().unwrap().to_owned();
    let lasts = Some(Span(60_000));
    let snoozed = device.handle(Input::Card { card, action: CardAction::Snooze, target: None, lasts });
    let until = device.now + 60_000;
    assert!(snoozed.inbox_changed);
    assert_eq!(snoozed.next_wakeup, Some(Timestamp(until)));
    assert_eq!(inbox(&device)["cards"], json!([]));
    device.now = until - 1_001;
    assert!(!device.track("b").inbox_changed, "it is still away");
    device.now = until - 1_000;
    assert!(device.track("b").inbox_changed);
    assert_eq!(inbox(&device)["cards"][0]["campaign"], "card");
    assert!(!device.track("b").inbox_changed, "told once");
}

#[test]
fn the_last_hundred_presentations_that_ended_are_remembered() {
    let mut device = Device::new(json!([campaign()]));
    let mut offered = Vec::new();
    for _ in 0..=101 {
        let presentation_id = device.track("a").offered[0].presentation_id;
        device.handle(Input::HostAnswer { presentation_id, answer: Answer::Discard, after: None });
        offered.push(presentation_id);
    }
    // The oldest go when the next one is made: 101 ended before the last was offered, and that one ended since.
    let known = |device: &mut Device, n: usize| match device.dismiss(offered[n]) {
        Verdict::Accepted => true,
        Verdict::Rejected { rejection } => {
            assert!(rejection.to_string().contains("unknown"), "{rejection}");
            false
        }
        other => panic!("{other:?}"),
    };
    assert!(!known(&mut device, 0));
    assert!(known(&mut device, 1));
    assert!(known(&mut device, 101));
}

#[test]
fn before_any_playbook_everything_may_be_recorded() {
    let mut device = Device { engine: Engine::new("owner", ["in_app"]).unwrap(), now: START, handled: 0 };
    device.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None });
    let kinds = |step: Step| -> Vec<String> {
        step.row.unwrap().records.iter().map(|record| record.body.kind().to_owned()).collect()
    };
    assert_eq!(kinds(device.track("a")), ["$session_start", "$app_open", "a"]);
    let set = Input::Attribute { op: AttributeOp::Set, name: "tier".into(), value: json!("gold") };
    assert_eq!(kinds(device.handle(set)), ["$attribute"]);
}

/// What a new definition counts starts with the records that the journal still has (success.md 3.25).
#[test]
fn a_metric_starts_with_the_oldest_record_that_is_there() {
    let mut device = Device::new(json!([]));
    let mut records = Vec::new();
    for _ in 0..6 {
        records.extend(device.track("order").row.unwrap().records);
        device.now += DAY;
    }
    let mut document = playbook(json!([]));
    document["revision"] = json!(2);
    document["success"] = json!({
        "spec": 1, "id": "shop", "version": 1, "facts": {"order": {"event": "order"}},
        "metrics": {"orders": {"window": "3d", "num": {"count": "order"}, "den": "one", "read": "total"}},
    });
    // Five days ago something was pruned: what is left begins with the second order.
    let oldest = records.iter().filter(|record| record.body.kind() == "order").nth(1).unwrap().seq;
    let history = records.into_iter().filter(|record| record.seq >= oldest).collect();
    let installed = device.handle(Input::InstallPlaybook { document: document.to_string(), history });
    assert_eq!(installed.diagnostics, []);
    let data = |step: &Step| json!(step.row.as_ref().unwrap().records.last().unwrap())["data"].clone();
    assert!(data(&installed)["tally"].is_object());
    let orders = |device: &Device| json!(device.engine.success_report(Timestamp(device.now)).metrics[0]);
    assert_eq!(orders(&device)["num"], 3);

    // The same definition again: what is kept goes on, and no record repeats it.
    document["revision"] = json!(3);
    let again = device.install(document);
    assert_eq!(data(&again)["revision"], 3);
    assert_eq!(data(&again)["tally"], Value::Null);
    assert_eq!(orders(&device)["num"], 3);
}
