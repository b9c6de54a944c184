//! What every record says besides its body, what installs and actions leave behind, and what more than one campaign, place
//! or document is for.

use hearken_core::{
    Answer, AttributeOp, Checkpoint, Context, Diagnostic, Engine, Input, InteractionKind, PresentationId, Properties,
    Purpose, Purposes, Record, Rejection, Row, Step, Timestamp, Verdict,
};
use serde_json::{Value, json};

use crate::device::{DAY, Device, campaign, playbook, read};

fn records(step: &Step) -> Vec<Record> {
    step.row.as_ref().map(|row| row.records.clone()).unwrap_or_default()
}

fn kinds(step: &Step) -> Vec<String> {
    records(step).iter().map(|record| record.body.kind().to_owned()).collect()
}

fn offered(step: &Step) -> Vec<&str> {
    step.offered.iter().map(|offer| &*offer.campaign).collect()
}

fn with(mut document: Value, revision: u32, fields: Value) -> Value {
    document["revision"] = json!(revision);
    document.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    document
}

fn click(device: &mut Device, step: &Step, target: &str) -> Step {
    let presentation_id = step.offered[0].presentation_id;
    device.handle(Input::Displaying { presentation_id });
    let (kind, target) = (InteractionKind::Click, Some(target.to_owned()));
    device.handle(Input::Interaction { presentation_id, kind, target, answers: Properties::new() })
}

/// A message with these actions on its button.
fn acting(actions: Value) -> Device {
    let mut document = playbook(json!([campaign()]));
    document["messages"]["m"]["pages"] = json!([[{"button": {"id": "ok", "label": "ok", "actions": actions}}]]);
    let mut device = Device::new(json!([]));
    let installed = device.install(with(document, 2, json!({})));
    assert_eq!(installed.diagnostics, []);
    device
}

#[test]
fn a_record_says_whose_it_is_and_in_which_session() {
    let mut device = Device::new(json!([]));
    let first = device.engine.checkpoint_json();
    let begun = records(&device.track("a"));
    let session = begun[0].id;
    let said = |records: &[Record]| -> Vec<_> {
        records.iter().map(|record| (record.body.kind().to_owned(), record.user.clone(), record.session)).collect()
    };
    let of = |kind: &str, user: Option<&str>| (kind.to_owned(), user.map(str::to_owned), Some(session));
    assert_eq!(said(&begun), [of("$session_start", None), of("$app_open", None), of("a", None)]);
    let identified = device.handle(Input::Identify { user: "u".into() });
    assert_eq!(said(&records(&identified))[0], of("$identify", Some("u")));
    assert_eq!(said(&records(&device.track("a"))), [of("a", Some("u"))]);
    let chosen = Purposes::all().without(Purpose::Messaging);
    let consent = records(&device.handle(Input::Consent { purposes: chosen, purge: false }));
    assert_eq!((consent[0].body.kind(), consent[0].consent), ("$consent", chosen));
    let left = records(&device.handle(Input::Reset));
    let reset = left.iter().find(|record| record.body.kind() == "$reset").unwrap();
    assert_eq!((&reset.user, reset.profile == identified.row.unwrap().records[0].profile), (&None, false));
    // What wrote an attribute is the device, named by its first record.
    device.handle(Input::Attribute { op: AttributeOp::Set, name: "tier".into(), value: json!("gold") });
    let device_id = read(&device.engine.export_state())["attributes"]["tier"]["device"].clone();
    assert_eq!(device_id, read(&first)["state"]["device"]);
    assert_ne!(device_id, json!("00000000-0000-0000-0000-000000000000"));
}

#[test]
fn what_the_plan_marks_as_personal_is_left_out_of_an_export() {
    let mut device = Device::new(json!([]));
    let plan = json!({"mode": "open", "events": {"order": {"properties": {
        "email": {"type": "string", "pii": true}, "phone": {"type": "string", "pii": true}, "total": {"type": "int"}
    }}}, "attributes": {"email": {"type": "string", "pii": true}, "tier": {"type": "string"}}});
    device.install(with(playbook(json!([])), 2, json!({ "plan": plan })));
    let properties = json!({"email": "ann@a.example", "total": 7}).as_object().unwrap().clone();
    let order = device.handle(Input::Track { name: "order".into(), properties, at: None });
    let mut seen = records(&order);
    for name in ["email", "tier"] {
        let set = Input::Attribute { op: AttributeOp::Set, name: name.into(), value: json!("ann@a.example") };
        seen.extend(records(&device.handle(set)));
    }
    let seen: Vec<_> = seen.iter().filter(|record| ["order", "$attribute"].contains(&record.body.kind())).collect();
    let marked: Vec<_> = seen.iter().map(|record| record.pii.join(",")).collect();
    assert_eq!(marked, ["email", "value", ""]);
    for (record, personal) in seen.into_iter().zip([true, true, false]) {
        assert!(record.export_line(true).contains("ann@a.example"));
        assert_eq!(!record.export_line(false).contains("ann@a.example"), personal, "{record:?}");
    }
}

#[test]
fn a_button_sets_purposes_one_by_one_and_says_what_was_refused() {
    let set = |purpose: &str, granted: Value| json!([{"set_consent": {"purpose": purpose, "granted": granted}}]);
    let after = |before: Purposes, actions: Value| {
        let mut device = acting(actions);
        let shown = device.track("a");
        if before != Purposes::all() {
            device.handle(Input::Consent { purposes: before, purge: false });
        }
        let clicked = click(&mut device, &shown, "ok");
        let consent = records(&clicked).into_iter().find(|record| record.body.kind() == "$consent");
        consent.map(|record| record.consent)
    };
    let without = |purpose| Purposes::all().without(purpose);
    assert_eq!(after(Purposes::all(), set("analytics", json!(false))), Some(without(Purpose::Analytics)));
    let before = without(Purpose::Personalization);
    assert_eq!(after(before, set("personalization", json!(true))), Some(Purposes::all()));

    let mut device = acting(json!([{"track": {"event": "$no"}}]));
    let shown = device.track("a");
    let refused = click(&mut device, &shown, "ok");
    assert!(
        matches!(&refused.diagnostics[..], [Diagnostic::ActionRefused { rejection: Rejection::ReservedName { .. } }]),
        "{:?}",
        refused.diagnostics
    );
}

#[test]
fn what_is_wrong_with_a_playbook_is_told_with_each_install() {
    let mut bad = campaign();
    bad["message"] = json!("none");
    let document = with(playbook(json!([bad])), 2, json!({}));
    let mut device = Device::new(json!([]));
    for _ in 0..2 {
        let installed = device.install(document.clone());
        assert!(
            matches!(&installed.diagnostics[..], [Diagnostic::CampaignDisabled { path, .. }] if path == "campaigns[0].message")
        );
    }
}

#[test]
fn a_text_in_another_language_that_cannot_be_read_disables_nobody_and_is_told_as_that() {
    let more = json!({"locales": {"also": ["el"]}, "text": {"en": {"a": "Hello"}, "el": {"a": "{{ x | nofilter }}"}}});
    let mut device = Device::new(json!([]));
    let installed = device.install(with(playbook(json!([campaign()])), 2, more));
    assert!(
        matches!(&installed.diagnostics[..], [Diagnostic::PlaybookProblem { path, .. }] if path == "text.el.a"),
        "{:?}",
        installed.diagnostics
    );
}

#[test]
fn a_checkpoint_keeps_the_event_that_a_text_will_speak_of() {
    let mut waits = campaign();
    (waits["delay"], waits["message"]) = (json!("10m"), json!("n"));
    let message = json!({"n": {"layout": "modal", "pages": [[{"heading": "Number {{ event.n }}"}]]}});
    let mut device = Device::new(json!([]));
    let document = with(playbook(json!([waits])), 2, json!({"messages": message}));
    device.install(document.clone());
    let properties = json!({"n": 7}).as_object().unwrap().clone();
    device.handle(Input::Track { name: "a".into(), properties, at: None });
    let kept = Checkpoint::from_json(&device.engine.checkpoint_json()).unwrap();
    device.engine = Engine::new("owner", ["in_app"]).unwrap();
    device.engine.load(kept);
    device.engine.supply_playbook(&document.to_string()).unwrap();
    device.now += 600_000;
    let step = device.handle(Input::Tick);
    let labels: Vec<&str> = step.offered.iter().filter_map(|offer| offer.message["label"].as_str()).collect();
    assert_eq!(labels, ["Number 7"]);
}

#[test]
fn while_it_is_developed_a_revision_may_have_another_content() {
    let mut device = Device::new(json!([]));
    let other = |development: bool, revision: u32| {
        with(
            playbook(json!([campaign()])),
            revision,
            json!({"development": development, "settings": {"interval": revision}}),
        )
    };
    assert!(matches!(device.install(other(false, 1)).verdict, Verdict::Rejected { .. }));
    assert_eq!(kinds(&device.install(other(true, 1))), ["$playbook_installed"]);
    assert!(matches!(device.install(other(true, 0)).verdict, Verdict::Rejected { .. }));
}

/// What it needs was asked of one document, and another is installed.
#[test]
fn what_is_installed_is_the_document_that_was_handed_over() {
    let mut device = Device::new(json!([]));
    let asked = with(playbook(json!([campaign()])), 2, json!({}));
    device.engine.history_needed(&asked.to_string()).unwrap();
    device.install(with(playbook(json!([])), 3, json!({})));
    assert_eq!(device.engine.playbook().map(|playbook| playbook.revision()), Some(3));
    assert_eq!(offered(&device.track("a")), [""; 0]);
}

/// Only what was not counted before begins with what the journal has (engine.md 3.3).
#[test]
fn a_new_counter_starts_with_the_journal_and_a_known_one_goes_on() {
    let counting = |events: &[&str]| {
        let any: Vec<Value> = events
            .iter()
            .map(|event| json!({"$history": {"event": event, "within": "1h", "count": {"$gte": 2}}}))
            .collect();
        let mut one = campaign();
        one["audience"] = json!({ "$or": any });
        playbook(json!([one]))
    };
    let mut device = Device::new(json!([]));
    device.install(with(counting(&["b"]), 2, json!({})));
    let mut history = records(&device.track("b"));
    history.extend(records(&device.track("c")));
    history.extend(records(&device.track("c")));
    let document = with(counting(&["b", "c"]), 3, json!({})).to_string();
    let installed = device.handle(Input::InstallPlaybook { document, history });
    let data = json!(records(&installed)[0])["data"].clone();
    assert_eq!(data["seeds"].as_object().map(|seeds| seeds.len()), Some(1), "{data}");
    assert_eq!(offered(&device.track("a")), ["c"]);
}

#[test]
fn each_new_campaign_sees_what_was_before_it() {
    let named = |id: &str, event: &str| {
        let mut one = campaign();
        (one["id"], one["trigger"]["event"], one["channel"], one["message"]) =
            (json!(id), json!(event), json!(["inbox"]), json!("c"));
        one
    };
    let mut device = Device::new(json!([]));
    device.track("b");
    device.track("d");
    let installed = device.install(with(playbook(json!([named("one", "b"), named("two", "d")])), 2, json!({})));
    let decided: Vec<&str> = installed.decisions.iter().map(|decision| &*decision.campaign).collect();
    assert_eq!(decided, ["one", "two"]);
}

#[test]
fn each_place_that_is_there_is_filled() {
    let inline =
        |id: &str| json!({"id": id, "channel": ["in_app"], "trigger": {"event": "a"}, "placement": id, "message": "i"});
    let mut device = Device::new(json!([]));
    let messages = json!({"i": {"layout": "inline", "pages": [[{"heading": "{{ 'now' | date: '%s %z' }}"}]]}});
    device.install(with(playbook(json!([inline("top"), inline("side")])), 2, json!({ "messages": messages })));
    for placement in ["top", "side", "foot"] {
        device.handle(Input::Mount { placement: placement.into(), mounted: true });
    }
    device.handle(Input::Mount { placement: "foot".into(), mounted: false });
    let both = device.track("a");
    let mut filled = offered(&both);
    filled.sort_unstable();
    assert_eq!(filled, ["side", "top"]);
    // A text knows when and where it is read.
    let heading = json!(*both.offered[0].message)["pages"][0]["blocks"][0]["heading"].clone();
    assert_eq!(heading, json!(format!("{} +0200", device.now / 1_000)));
}

/// What a tab had not drawn when it was loaded again goes back, and is offered anew (engine.md 6.2).
#[test]
fn what_was_not_drawn_before_a_reload_is_offered_again() {
    let mut device = Device::new(json!([campaign()]));
    let undrawn = device.track("a").offered[0].presentation_id;
    let mut engine = Engine::new("owner", ["in_app"]).unwrap();
    engine.load(device.engine.checkpoint());
    engine.supply_playbook(&playbook(json!([campaign()])).to_string()).unwrap();
    let mut tab = Device { engine, now: device.now, handled: 100 };
    let opened = tab.handle(Input::Open { consent: None, resumes: Some("owner".into()), lost: None });
    assert!(opened.offered.iter().all(|offer| offer.presentation_id != undrawn), "{opened:?}");
    assert!(kinds(&opened).iter().any(|kind| kind == "$use_refunded"), "{:?}", kinds(&opened));
    let again: Vec<_> = [&opened.offered[..], &tab.handle(Input::Tick).offered].concat();
    assert_eq!(again.len(), 1);
}

/// Tracks a name, at an instant if one is said.
fn at(device: &mut Device, name: &str, at: Option<i64>) -> Vec<Record> {
    let track = Input::Track { name: name.into(), properties: Properties::new(), at: at.map(Timestamp) };
    records(&device.handle(track))
}

fn shop() -> Value {
    json!({
        "spec": 1, "id": "shop", "version": 1, "facts": {"order": {"event": "order"}},
        "metrics": {"orders": {"num": {"count": "order"}, "den": "one", "read": "total"}},
    })
}

/// What is handed over and lies before the seal is late, whatever else is not (success.md 3.17).
#[test]
fn what_comes_after_the_seal_for_an_instant_before_it_is_late() {
    let mut device = Device::new(json!([]));
    device.install(with(playbook(json!([])), 2, json!({ "success": shop() })));
    let before = device.now;
    for _ in 0..200 {
        device.now += DAY / 10;
        at(&mut device, "order", None);
    }
    let now = device.now;
    let late = |records: Vec<Record>| records.iter().map(|record| record.late).collect::<Vec<_>>();
    assert_eq!(late(at(&mut device, "order", Some(before))), [true]);
    assert_eq!(late(at(&mut device, "else", Some(before))), [true]);
    assert_eq!(late(at(&mut device, "order", Some(now))), [false]);
    assert_eq!(late(at(&mut device, "order", None)), [false]);
}

/// What a new definition starts with is of this person, and was not taken back (success.md 3.25, 3.26).
#[test]
fn a_definition_starts_with_what_is_exported_of_the_current_profile() {
    let mut device = Device::new(json!([]));
    let mut history = Vec::new();
    device.handle(Input::Identify { user: "ann".into() });
    history.extend(at(&mut device, "order", None));
    history.extend(records(&device.handle(Input::Consent { purposes: Purposes::all(), purge: true })));
    let kept = at(&mut device, "order", None);
    let oldest = history.last().unwrap().ts;
    history.extend(kept.clone());
    history.extend(records(&device.handle(Input::Identify { user: "bob".into() })));
    history.extend(at(&mut device, "order", None));
    device.handle(Input::Identify { user: "ann".into() });
    let document = with(playbook(json!([])), 2, json!({ "success": shop() })).to_string();
    let installed = records(&device.handle(Input::InstallPlaybook { document, history }));
    let tally = json!(installed[0])["data"]["tally"].clone();
    let noted: Vec<&Value> = tally["tail"].as_array().unwrap().iter().map(|noted| &noted["id"]).collect();
    assert_eq!(noted, [&json!(kept[0].id)], "{tally}");
    let since: Vec<i64> = tally["since"].as_object().unwrap().values().map(|since| since.as_i64().unwrap()).collect();
    assert!(!since.is_empty() && since.iter().all(|since| *since == oldest.0 + 1), "{since:?} {}", oldest.0);
    // Somebody else's numbers are not his.
    device.handle(Input::Identify { user: "bob".into() });
    let report = read(&device.engine.success_report(Timestamp(device.now)).to_json());
    assert_eq!(report["metrics"][0]["unavailable"], "history_incomplete", "{report}");
    assert_eq!((&report["scope"], &report["at"]), (&json!("this_device"), &json!(device.now)));
    assert_eq!((&report["definition"], &report["metrics"][0]["as_of"]), (&json!("shop"), &json!(device.now + 1)));
}

/// Whoever was not current when a definition came knows nothing of it from before.
#[test]
fn a_definition_that_comes_starts_nobody_else_with_the_numbers_of_the_current_profile() {
    let mut device = Device::new(json!([]));
    let mut history = Vec::new();
    device.handle(Input::Identify { user: "ann".into() });
    history.extend(at(&mut device, "order", None));
    device.handle(Input::Identify { user: "bob".into() });
    device.handle(Input::Identify { user: "ann".into() });
    history[0].id = read(&device.engine.checkpoint_json())["state"]["device"].as_str().unwrap().parse().unwrap();
    let document = with(playbook(json!([])), 2, json!({ "success": shop() })).to_string();
    device.handle(Input::InstallPlaybook { document, history });
    let orders = |device: &Device| json!(device.engine.success_report(Timestamp(device.now)).metrics[0]);
    assert_eq!(orders(&device)["num"], 1);
    device.handle(Input::Identify { user: "bob".into() });
    assert_eq!(orders(&device)["unavailable"], "history_incomplete");
}

/// What a builder grants again is no newer choice (engine.md 9.3).
#[test]
fn a_choice_is_as_old_as_the_last_that_said_so_or_changed_something() {
    let mut device = Device { engine: Engine::new("owner", ["in_app"]).unwrap(), now: 0, handled: 0 };
    let opened = device.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None });
    let first = read(&opened.row.unwrap().to_json());
    let again = |n: u64, purposes: Value, source: &str| {
        let mut row = first.clone();
        (row["first"], row["last"]) = (json!(n), json!(n));
        let record = &mut row["records"][0];
        (record["seq"], record["ts"]) = (json!(n), json!(n * 1_000));
        record["data"]["purposes"] = purposes;
        record["data"]["source"] = json!(source);
        Row::from_json(&row.to_string()).unwrap()
    };
    let source = first["records"][0]["data"]["source"].as_str().unwrap();
    let mut chosen = |row: Row| {
        device.engine.fold(&row).unwrap();
        let state = read(&device.engine.checkpoint_json())["state"].clone();
        let choices = &state["profiles"][state["current"].as_str().unwrap()]["choices"];
        ["analytics", "messaging"].map(|purpose| choices[purpose]["at"].as_i64().unwrap())
    };
    let all = json!(["analytics", "personalization", "messaging"]);
    assert_eq!(chosen(again(2, all.clone(), source)), [1_000, 1_000]);
    assert_eq!(chosen(again(3, json!(["analytics"]), source)), [1_000, 3_000]);
    assert_eq!(chosen(again(4, json!(["analytics"]), source)), [1_000, 3_000]);
    assert_eq!(chosen(again(5, json!(["analytics"]), "person")), [5_000, 5_000]);
}

/// What waits for one silence does not wait for another.
#[test]
fn a_silence_that_is_broken_leaves_the_others() {
    let waiting = |id: &str, event: &str, unless: &str| json!({"id": id, "channel": ["inbox"], "trigger": {"event": event, "unless": [{"event": unless}], "within": "1h"}, "message": "c"});
    let both = json!([waiting("one", "a", "x"), waiting("two", "b", "y")]);
    let fired = |interrupt: fn(&mut Device)| {
        let mut device = Device::new(json!([]));
        device.install(with(playbook(both.clone()), 2, json!({})));
        device.track("a");
        device.track("b");
        interrupt(&mut device);
        device.now += 3_600_000;
        let fired = device.handle(Input::Tick);
        fired.decisions.iter().map(|decision| decision.campaign.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(fired(|_| ()), ["one", "two"]);
    assert_eq!(fired(|device| drop(device.track("x"))), ["two"]);
    assert_eq!(fired(|device| drop(device.track("y"))), ["one"]);
    let one_is_gone = |device: &mut Device| {
        let two = json!([{"id": "two", "channel": ["inbox"], "trigger": {"event": "b", "unless": [{"event": "y"}], "within": "1h"}, "message": "c"}]);
        device.install(with(playbook(two), 3, json!({})));
    };
    assert_eq!(fired(one_is_gone), ["two"]);
}

/// A trigger that came closer, fired and dropped at once begins anew, and it alone.
#[test]
fn what_drops_at_once_leaves_what_others_wait_for() {
    let counted = json!({"id": "one", "channel": ["inbox"], "trigger": {"event": "a", "count": 2}, "audience": {"tier": "gold"}, "message": "c"});
    let silence = json!({"id": "two", "channel": ["inbox"], "trigger": {"event": "b", "unless": [{"event": "y"}], "within": "1h"}, "message": "c"});
    let mut device = Device::new(json!([]));
    device.install(with(playbook(json!([counted, silence])), 2, json!({})));
    device.track("b");
    device.track("a");
    assert!(kinds(&device.track("a")).contains(&"$trigger_progress".to_owned()), "it begins anew");
    device.now += 3_600_000;
    let fired = device.handle(Input::Tick);
    assert_eq!(fired.decisions.iter().map(|decision| &*decision.campaign).collect::<Vec<_>>(), ["two"]);
}

#[test]
fn a_use_is_told_as_it_was_settled() {
    let settled = |inputs: &[fn(PresentationId) -> Input]| {
        let mut device = Device::new(json!([campaign()]));
        let presentation_id = device.track("a").offered[0].presentation_id;
        for input in inputs {
            assert_eq!(device.handle(input(presentation_id)).verdict, Verdict::Accepted);
        }
        read(&device.engine.export_state())["uses"][presentation_id.to_string()]["state"].clone()
    };
    let displaying = |presentation_id| Input::Displaying { presentation_id };
    assert_eq!(settled(&[]), "reserved");
    assert_eq!(settled(&[displaying, |presentation_id| Input::Visible { presentation_id }]), "committed");
    let discard = |presentation_id| Input::HostAnswer { presentation_id, answer: Answer::Discard, after: None };
    assert_eq!(settled(&[discard]), "refunded");
}

/// A place in the page is not put off (engine.md 8.3).
#[test]
fn only_what_interrupts_or_stands_is_snoozed() {
    let snoozed = |layout: &str, placement: Value| {
        let mut one = campaign();
        one["placement"] = placement;
        let message = json!({"layout": layout, "pages": [[{"button": {"id": "ok", "label": "ok", "actions": [{"snooze": "1h"}]}}]]});
        let mut device = Device::new(json!([]));
        device.install(with(playbook(json!([one])), 2, json!({"messages": {"m": message}})));
        device.handle(Input::Mount { placement: "top".into(), mounted: true });
        let shown = device.track("a");
        kinds(&click(&mut device, &shown, "ok")).contains(&"$snoozed".to_owned())
    };
    assert!(snoozed("modal", Value::Null));
    assert!(!snoozed("inline", json!("top")));
}

/// An app that comes back after a while is opened anew; a page is not (engine.md 2.3).
#[test]
fn only_an_app_is_opened_by_coming_back() {
    let comes_back = |channel: &str, after: i64| {
        let mut device =
            Device { engine: Engine::new("owner", [channel]).unwrap(), now: 1_795_248_000_000, handled: 0 };
        device.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None });
        device.track("a");
        let state = || Input::HostState { host: Properties::new(), paused: None };
        let hidden = Context { can_display: false, ..device.context() };
        device.engine.handle(state(), &hidden);
        device.now += after;
        kinds(&device.handle(state())).contains(&"$app_open".to_owned())
    };
    assert!(comes_back("in_app", 60_000));
    assert!(!comes_back("in_app", 10_000));
    assert!(!comes_back("in_browser", 60_000));
}
