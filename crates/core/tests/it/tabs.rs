//! What a store and other tabs meet: rows, checkpoints, the document that is needed, owners and their inputs.

use hearken_core::{
    Answer, AttributeOp, Checkpoint, Context, Decision, EndCause, Engine, Input, Outcome, Properties, Purposes, Reason,
    Stage, Step, Timestamp, Verdict, Withdrawn,
};
use serde_json::{Value, json};

use crate::device::{DAY, Device, START, campaign, playbook};

#[test]
fn a_checkpoint_is_the_same_written_from_a_copy_of_the_state_or_without() {
    let mut device = Device::new(json!([campaign()]));
    device.track("a");
    let json = device.engine.checkpoint_json();
    assert_eq!(json, device.engine.checkpoint().to_json());
    assert_eq!(Checkpoint::from_json(&json).unwrap(), device.engine.checkpoint());
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

#[test]
fn a_tab_that_folds_asks_for_the_document_that_the_journal_names_and_takes_no_other() {
    let mut device = Device::new(json!([]));
    let mut document = playbook(json!([campaign()]));
    document["revision"] = json!(2);
    let installed = device.install(document.clone());
    let (row, blob) = (installed.row.unwrap(), installed.blob.unwrap());
    assert_eq!(device.engine.playbook_needed(), None);

    let mut tab = Engine::new("tab", ["in_app"]).unwrap();
    assert_eq!(tab.playbook_needed(), None, "nothing is installed");
    tab.load(device.engine.checkpoint());
    assert_eq!(tab.seq(), row.last);
    assert_eq!(tab.playbook_needed(), Some(&*blob.hash));
    assert!(tab.supply_playbook(&playbook(json!([])).to_string()).is_err(), "another document");
    assert_eq!(tab.playbook_needed(), Some(&*blob.hash));
    tab.supply_playbook(&blob.content).unwrap();
    assert_eq!(tab.playbook_needed(), None);
    assert_eq!(tab.playbook().map(|playbook| playbook.revision()), Some(2));

    // Until it has the next one it records and does not decide (engine.md 10.1).
    document["revision"] = json!(3);
    let installed = device.install(document);
    tab.fold(&installed.row.unwrap()).unwrap();
    assert_eq!(tab.playbook_needed(), Some(&*installed.blob.unwrap().hash));
    assert!(tab.playbook().is_none());
    let ctx = Context { now: Timestamp(device.now + 1_000), entropy: [9; 16], ..device.context() };
    let step = tab.handle(Input::Track { name: "a".into(), properties: Properties::new(), at: None }, &ctx);
    assert!(step.row.is_some_and(|row| row.records.iter().any(|record| record.body.kind() == "a")));
    assert!(step.decisions.is_empty());
}

#[test]
fn a_tab_that_folds_learns_which_of_its_presentations_others_ended() {
    let mut device = Device::new(json!([campaign()]));
    let document = playbook(json!([campaign()]));
    let mut rows = vec![device.track("a").row.unwrap()];
    let mine = device.engine.own_open();
    assert_eq!(mine.len(), 1);
    assert!(device.engine.foreign_owners().is_empty());

    let mut tab = Engine::new("tab", ["in_app"]).unwrap();
    tab.load(device.engine.checkpoint());
    tab.supply_playbook(&document.to_string()).unwrap();
    assert_eq!(tab.foreign_owners(), ["owner"]);
    assert!(tab.own_open().is_empty());
    let ctx = Context { now: Timestamp(device.now + 1_000), entropy: [9; 16], ..device.context() };
    let gone = tab.handle(Input::OwnersGone { owners: vec!["owner".into(), "tab".into()] }, &ctx);
    assert!(gone.withdrawn.is_empty(), "nothing of its own");
    rows.push(gone.row.unwrap());
    assert_eq!(
        device.engine.fold(&rows[1]).unwrap(),
        [Withdrawn { presentation_id: mine[0], cause: EndCause::Withdrawn }]
    );
    assert!(device.engine.own_open().is_empty());
    assert!(tab.foreign_owners().is_empty());
}

#[test]
fn a_tab_knows_whether_what_another_did_may_let_something_pass() {
    let mut device = Device::new(json!([campaign()]));
    assert!(!device.engine.has_waiting());
    device.handle(Input::HostState { host: Properties::new(), paused: Some(true) });
    device.track("a");
    assert!(device.engine.has_waiting());
    device.handle(Input::HostState { host: Properties::new(), paused: Some(false) });
    assert!(!device.engine.has_waiting());
}

#[test]
fn inputs_are_numbered_by_owner_and_each_is_handled_once() {
    let mut device = Device::new(json!([campaign()]));
    assert_eq!((device.engine.owner(), device.engine.last_n()), ("owner", 0));
    let track = || Input::Track { name: "b".into(), properties: Properties::new(), at: None };
    let handle = |device: &mut Device, n| {
        device.handled += 1;
        let ctx = Context { n, ..device.context() };
        device.engine.handle(track(), &ctx)
    };
    assert!(handle(&mut device, 3).row.is_some());
    assert_eq!(device.engine.last_n(), 3);
    let again = handle(&mut device, 3);
    assert!(matches!(&again.verdict, Verdict::Rejected { rejection } if rejection.to_string().starts_with("input 3 ")));
    assert_eq!(again.row, None);
    assert!(handle(&mut device, 4).row.is_some());
    assert!(handle(&mut device, 0).row.is_some(), "without a number it is not held against any");
    assert_eq!(device.engine.last_n(), 4);
}

#[test]
fn what_the_person_took_back_is_exported_no_more() {
    let mut device = Device::new(json!([]));
    let last = device.track("a").row.unwrap().last;
    assert_eq!(device.engine.purged(), 0);
    device.handle(Input::Consent { purposes: Purposes::all(), purge: true });
    assert_eq!(device.engine.purged(), last);
}

#[test]
fn the_journal_is_asked_for_what_new_counters_count() {
    let mut one = campaign();
    one["audience"] = json!({"$history": {"event": "bought", "within": "7d", "count": {"$gte": 1}}});
    let mut document = playbook(json!([one]));
    document["revision"] = json!(2);
    let mut device = Device::new(json!([]));
    let needed = |device: &mut Device, document: &Value| device.engine.history_needed(&document.to_string()).unwrap();
    assert_eq!(needed(&mut device, &playbook(json!([]))), Vec::<String>::new(), "it is in force");
    assert_eq!(needed(&mut device, &document), ["$journal_gap", "bought"]);
    device.install(document.clone());
    document["revision"] = json!(3);
    document["campaigns"][0]["audience"]["$history"]["within"] = json!("3d");
    assert_eq!(needed(&mut device, &document), Vec::<String>::new(), "the same counter");
    document["campaigns"][0]["audience"] = json!({"$or": [
        {"$history": {"event": "bought", "within": "7d", "count": {"$gte": 1}}},
        {"$history": {"event": "bought", "where": {"paid": true}, "within": "7d", "count": {"$gte": 1}}},
        {"$history": {"event": "ask", "within": "7d", "count": {"$gte": 1}}},
    ]});
    assert_eq!(needed(&mut device, &document), ["$journal_gap", "ask", "bought"]);
    assert!(device.engine.history_needed("{").is_err());
}

/// A row keeps the context as its step used it (engine.md 1.4, 1.5).
#[test]
fn a_row_keeps_the_clock_as_it_was_held_and_what_was_read_of_the_host() {
    let mut one = campaign();
    one["audience"] = json!({"$host": {"platform": "web"}});
    let mut device = Device::new(json!([one]));
    let host = json!({"platform": "web", "os_version": "17"}).as_object().unwrap().clone();
    device.handle(Input::HostState { host, paused: None });
    let at = device.track("b").row.unwrap().ctx;
    assert!(at.host.is_empty());
    device.now -= 1_500;
    let ctx = device.track("a").row.unwrap().ctx;
    assert_eq!(ctx.now, at.now, "half a second behind the last instant counts as that");
    assert_eq!(Value::Object(ctx.host), json!({"platform": "web"}), "only what a condition read");
}

/// While another owner's message stands where it can be seen the interval counts as running; not for what is
/// transactional, and not while that owner is hidden (engine.md 5.3, 5.5).
#[test]
fn what_stands_in_another_tab_holds_back_what_interrupts_as_long_as_it_can_be_seen() {
    let with = |id: &str, event: &str, transactional: bool| {
        let mut one = campaign();
        (one["id"], one["trigger"]["event"], one["transactional"]) = (json!(id), json!(event), json!(transactional));
        one
    };
    let campaigns = json!([campaign(), with("d", "b", false), with("t", "x", true)]);
    let mut device = Device::new(campaigns.clone());
    let presentation_id = device.track("a").offered[0].presentation_id;
    device.handle(Input::Displaying { presentation_id });

    let mut engine = Engine::new("tab", ["in_app"]).unwrap();
    engine.load(device.engine.checkpoint());
    engine.supply_playbook(&playbook(campaigns).to_string()).unwrap();
    let mut tab = Device { engine, now: device.now, handled: 100 };
    let held_back = tab.track("b");
    let reason = Reason::Interval { until: None };
    let outcome = Outcome::Waiting { stage: Stage::Slot, reason };
    assert_eq!(held_back.decisions, [Decision { campaign: "d".into(), outcome }]);
    let transactional = tab.track("x");
    let offered = |step: &Step| step.offered.iter().map(|offer| offer.campaign.clone()).collect::<Vec<_>>();
    assert_eq!(offered(&transactional), ["t"]);
    let gone = Input::HostAnswer {
        presentation_id: transactional.offered[0].presentation_id,
        answer: Answer::Discard,
        after: None,
    };
    let answered = tab.handle(gone);
    assert!(offered(&answered).is_empty(), "it still waits");

    for step in [held_back, transactional, answered] {
        device.engine.fold(&step.row.unwrap()).unwrap();
    }
    device.now = tab.now + 1_000;
    let hidden = Context { can_display: false, entropy: [9; 16], ..device.context() };
    let hidden = device.engine.handle(Input::HostState { host: Properties::new(), paused: None }, &hidden);
    tab.engine.fold(&hidden.row.unwrap()).unwrap();
    tab.now = device.now;
    assert_eq!(offered(&tab.handle(Input::Tick)), ["d"]);
}

/// From where it is hidden the interval runs; what does not interrupt holds nothing back (engine.md 5.3).
#[test]
fn the_interval_runs_from_where_a_tab_was_hidden() {
    let until = |interruptive: bool| {
        let with = |id: &str, event: &str| {
            let mut one = campaign();
            (one["id"], one["trigger"]["event"]) = (json!(id), json!(event));
            one
        };
        let (mut quiet, document) = (with("q", "q"), |campaigns: Value| {
            let mut document = playbook(campaigns);
            (document["revision"], document["settings"]["interval"]) = (json!(2), json!("10m"));
            document["messages"]["q"] = json!({"layout": "custom", "pages": [[{"heading": "x"}]]});
            document
        });
        (quiet["message"], quiet["interruptive"]) = (json!("q"), json!(false));
        let document = document(json!([with("c", "a"), quiet, with("d", "b")]));
        let mut device = Device::new(json!([]));
        device.install(document.clone());
        let presentation_id = device.track(if interruptive { "a" } else { "q" }).offered[0].presentation_id;
        device.handle(Input::Displaying { presentation_id });
        device.now += 1_000;
        let hidden = Context { can_display: false, entropy: [9; 16], ..device.context() };
        device.engine.handle(Input::HostState { host: Properties::new(), paused: None }, &hidden);
        let mut engine = Engine::new("tab", ["in_app"]).unwrap();
        engine.load(device.engine.checkpoint());
        engine.supply_playbook(&document.to_string()).unwrap();
        let mut tab = Device { engine, now: device.now, handled: 100 };
        let hidden_at = device.now;
        let step = tab.track("b");
        match &step.decisions[..] {
            [Decision { outcome: Outcome::Waiting { reason: Reason::Interval { until }, .. }, .. }] => {
                until.map(|until| until.0 - hidden_at)
            }
            _ => None,
        }
    };
    assert_eq!(until(true), Some(600_000));
    assert_eq!(until(false), None);
}

/// A tab that comes back is offered what it showed, unless that no longer fits (engine.md 6.2).
#[test]
fn a_reloaded_tab_is_not_offered_again_what_no_longer_fits() {
    let mut one = campaign();
    one["audience"] = json!({"tier": {"$ne": "gold"}});
    let campaigns = json!([one]);
    let reloaded = |change: Option<Input>| {
        let mut device = Device::new(campaigns.clone());
        let presentation_id = device.track("a").offered[0].presentation_id;
        device.handle(Input::Displaying { presentation_id });
        change.map(|change| device.handle(change));
        let checkpoint = device.engine.checkpoint();
        device.engine = Engine::new("owner", ["in_app"]).unwrap();
        device.engine.load(checkpoint);
        device.engine.supply_playbook(&playbook(campaigns.clone()).to_string()).unwrap();
        let step = device.handle(Input::Open { consent: None, resumes: Some("owner".into()), lost: None });
        assert!(step.withdrawn.is_empty(), "the page that comes back has nothing to take off its screen");
        (step.offered.len(), device.engine.own_open().len())
    };
    assert_eq!(reloaded(None), (1, 1));
    let gold = Input::Attribute { op: AttributeOp::Set, name: "tier".into(), value: json!("gold") };
    assert_eq!(reloaded(Some(gold)), (0, 0));
}

/// Counts, not times (engine.md 3.4): a campaign costs a look and a condition when its event happens, and again when it is
/// walked.
#[test]
fn what_waits_costs_a_look_at_every_step() {
    let mut device = Device::new(json!([campaign()]));
    let cost = |step: Step| (step.cost.campaigns, step.cost.conditions);
    device.handle(Input::HostState { host: Properties::new(), paused: Some(true) });
    assert_eq!(cost(device.track("b")), (0, 0));
    assert_eq!(cost(device.track("a")), (1, 2), "its event, then its walk");
    assert_eq!(cost(device.track("b")), (1, 1));
    assert_eq!(cost(device.track("a")), (2, 2), "its event, which it ignores, and its walk");
}

/// A campaign that a playbook brings sees the events of the last 30 s, at most 100 (engine.md 4.5).
#[test]
fn a_new_campaign_sees_the_last_hundred_events() {
    let fires = |between: usize, last: i64| {
        let mut device = Device::new(json!([]));
        let mut track = |name: &str| {
            device.now -= 999;
            device.track(name);
        };
        track("a");
        (0..between).for_each(|_| track("b"));
        device.now += last - 1_000 - between as i64;
        let mut document = playbook(json!([campaign()]));
        document["revision"] = json!(2);
        device.install(document).offered.len()
    };
    assert_eq!(fires(99, 5_000), 1);
    assert_eq!(fires(100, 5_000), 0, "a hundred came after it");
    assert_eq!(fires(0, 29_999), 1);
    assert_eq!(fires(0, 30_000), 0);
}

/// A tab speaks of its own presentations, and only who is proven gone loses theirs (engine.md 6.2).
#[test]
fn what_another_owner_shows_is_theirs_until_they_are_gone() {
    let owners = ["one", "two", "three"];
    let of = |owner: &str| {
        let mut one = campaign();
        (one["id"], one["trigger"]["event"], one["transactional"]) = (json!(owner), json!(owner), json!(true));
        one
    };
    let campaigns: Value = owners.iter().map(|owner| of(owner)).collect();
    let mut tab = Device::new(campaigns.clone());
    let mut shown = Vec::new();
    for owner in owners {
        let checkpoint = tab.engine.checkpoint();
        tab.engine = Engine::new(owner, ["in_app"]).unwrap();
        tab.engine.load(checkpoint);
        tab.engine.supply_playbook(&playbook(campaigns.clone()).to_string()).unwrap();
        let presentation_id = tab.track(owner).offered[0].presentation_id;
        assert_eq!(tab.handle(Input::Displaying { presentation_id }).verdict, Verdict::Accepted);
        shown.push(presentation_id);
    }
    let refused = tab.handle(Input::Visible { presentation_id: shown[0] }).verdict;
    assert!(
        matches!(&refused, Verdict::Rejected { rejection } if rejection.to_string().contains("another owner's")),
        "{refused:?}"
    );
    assert_eq!(tab.engine.foreign_owners(), ["one", "two"]);
    tab.handle(Input::OwnersGone { owners: vec!["one".into(), "three".into()] });
    assert_eq!(tab.engine.foreign_owners(), ["two"]);
    assert_eq!(tab.engine.own_open(), [shown[2]], "who is here is not gone");
    assert_eq!(tab.handle(Input::Visible { presentation_id: shown[2] }).verdict, Verdict::Accepted);
}
