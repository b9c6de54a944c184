//! What a host reads of the engine: steps, explanations, words and the person as JSON, and when it is to read again.

use hearken_core::{
    AttributeOp, CardAction, Context, EndCause, Engine, Input, Outcome, PresentationId, Properties, Span, Stage,
    Timestamp, Verdict, Withdrawn,
};
use serde_json::{Value, json};

use crate::device::{Device, campaign, playbook, read};

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
fn a_text_as_json() {
    assert_eq!(hearken_core::text_json("a\"\n"), "\"a\\\"\\n\"");
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

/// Who puts a card away need not fear that its texts stay on the device.
#[test]
fn what_was_dismissed_or_removed_keeps_no_texts() {
    let card = json!({"remove_on": [{"event": "bought"}]});
    let campaign = json!({"id": "c", "channel": ["inbox"], "trigger": {"event": "a"}, "message": "c", "card": card});
    for gone in ["dismissed", "removed"] {
        let mut device = Device::new(json!([campaign]));
        device.track("a");
        let (id, made) = cards(&device).next().unwrap();
        assert_eq!(made["message"]["label"], "A card");
        match gone {
            "dismissed" => {
                device.handle(Input::Card { card: id, action: CardAction::Dismiss, target: None, lasts: None })
            }
            _ => device.track("bought"),
        };
        let (_, left) = cards(&device).next().unwrap();
        assert_eq!((left[gone].is_object(), &left["message"]), (true, &Value::Null), "{left}");
    }
}

/// What is kept of each card.
fn cards(device: &Device) -> impl Iterator<Item = (String, Value)> {
    let Value::Object(cards) = read(&device.engine.export_state())["cards"].take() else { panic!("cards") };
    cards.into_iter()
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
fn withdrawals_as_json() {
    let presentation_id = PresentationId::default();
    let one = Withdrawn { presentation_id, cause: EndCause::Lease };
    let json = json!({"presentation_id": presentation_id, "cause": "lease"});
    assert_eq!(read(&Withdrawn::list_json(&[one.clone(), one])), json!([json, json]));
    assert_eq!(Withdrawn::list_json(&[]), "[]");
}

#[test]
fn the_person_as_json() {
    let mut device = Device::new(json!([]));
    let set = Input::Attribute { op: AttributeOp::Set, name: "tier".into(), value: json!("gold") };
    let profile = device.handle(set).row.unwrap().records[0].profile;
    let consent = ["analytics", "personalization", "messaging"];
    let nobody = json!({"profile": profile, "attributes": {"tier": "gold"}, "consent": consent});
    assert_eq!(read(&device.engine.person_json()), nobody);
    device.handle(Input::Identify { user: "ada".into() });
    let ada = json!({"profile": profile, "user": "ada", "attributes": {"tier": "gold"}, "consent": consent});
    assert_eq!(read(&device.engine.person_json()), ada);
    assert_eq!(read(&Engine::new("o", ["in_app"]).unwrap().person_json()), json!({"consent": []}));
}

#[test]
fn a_preview_shows_a_variant_whatever_the_stages_say_and_changes_nothing() {
    let mut one = campaign();
    one["audience"] = json!({"tier": "gold"});
    one["message"] = Value::Null;
    one["experiment"] = json!({"variants": [{"id": "p", "weight_bp": 5000, "message": "m"}, {"id": "q", "weight_bp": 5000, "message": "n"}]});
    let mut document =
        playbook(json!([one, {"id": "off", "channel": ["in_app"], "trigger": {"event": "a"}, "message": "none"}]));
    document["messages"]["n"] =
        json!({"layout": "modal", "pages": [[{"heading": "Other"}, {"button": {"id": "ok", "label": "ok"}}]]});
    document["revision"] = json!(2);
    let mut device = Device::new(json!([]));
    device.install(document);
    let before = device.engine.checkpoint_json();
    let preview = |campaign: &str, variant| read(&device.engine.preview_json(campaign, variant, &device.context()));
    assert_eq!(preview("c", Some("p"))["message"]["label"], "Hello");
    assert_eq!(preview("c", Some("q"))["message"]["label"], "Other");
    assert_eq!(preview("c", Some("r")), json!({"reason": {"code": "unknown"}}));
    assert_eq!(preview("none", None), json!({"reason": {"code": "unknown"}}));
    assert_eq!(preview("off", None)["reason"]["code"], "disabled");
    assert_eq!(device.engine.checkpoint_json(), before);
}

#[test]
fn the_next_page_is_asked_of_what_is_offered_and_of_what_is_shown() {
    let mut document = playbook(json!([campaign()]));
    document["messages"]["m"]["pages"] = json!([
        {"id": "ask", "blocks": ["divider"], "next": [{"where": {"score": {"$lt": 7}}, "page": "sorry"}, {"page": "thanks"}]},
        {"id": "sorry", "blocks": ["divider"]}, {"id": "thanks", "blocks": ["divider"]},
    ]);
    document["revision"] = json!(2);
    let mut device = Device::new(json!([]));
    device.install(document);
    let id = device.track("a").offered[0].presentation_id;
    let answers = json!({"score": 3}).as_object().unwrap().clone();
    for drawn in [false, true] {
        if drawn {
            device.handle(Input::Displaying { presentation_id: id });
        }
        assert_eq!(device.engine.next_page(id, "ask", &answers).as_deref(), Some("sorry"));
        assert_eq!(device.engine.next_page(id, "ask", &Properties::new()).as_deref(), Some("thanks"));
        assert_eq!(device.engine.next_page(id, "thanks", &answers), None);
    }
    assert_eq!(device.engine.next_page(PresentationId::default(), "ask", &answers), None);
}

/// `locale` is as the context says, and as the host said it only where the context says nothing (engine.md 3.2).
#[test]
fn the_locale_of_a_condition_is_that_of_the_context() {
    let mut one = campaign();
    one["audience"] = json!({"$host": {"locale": "el"}});
    one["delay"] = json!("1h");
    let mut device = Device::new(json!([one]));
    device.track("a");
    let due = Timestamp(device.now + 3_600_000);
    let mut fits = |locale: &str, said: Option<&str>| {
        let host = json!({ "locale": said }).as_object().unwrap().clone();
        device.handle(Input::HostState { host, paused: None });
        let ctx = Context { now: due, locale: locale.into(), ..device.context() };
        match device.engine.explain("c", &ctx).outcome {
            Outcome::Eligible => true,
            Outcome::Stopped { stage: Stage::Audience, .. } => false,
            other => panic!("{other:?}"),
        }
    };
    assert!(fits("el", Some("en")));
    assert!(!fits("en", Some("el")));
    assert!(fits("", Some("el")));
    assert!(!fits("", None));
}

#[test]
fn names_have_1_to_255_bytes() {
    let mut device = Device::new(json!([]));
    let mut screen = |name: String| device.handle(Input::Screen { name }).verdict;
    assert_eq!(screen("x".into()), Verdict::Accepted);
    assert_eq!(screen("x".repeat(255)), Verdict::Accepted);
    for name in [String::new(), "x".repeat(256), "é".repeat(128)] {
        let verdict = read(&serde_json::to_string(&screen(name.clone())).unwrap());
        let rejection = json!({"code": "name_length", "field": "screen", "bytes": name.len()});
        assert_eq!(verdict, json!({"verdict": "rejected", "rejection": rejection}));
    }
}
