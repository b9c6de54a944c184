//! What holds for any state: devices of one person agree, whatever reaches which first (engine.md 9.3), and what is
//! explained is what is decided (engine.md 5.4). That raising a coverage moves nobody (7.1) is held beside the
//! experiments: `raising_coverage_never_removes_or_moves_anybody`.

use hearken_core::{Context, Engine, Input, Outcome, Purposes, Reason, Record, Timestamp, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::folding::{EVERYTHING, Happening, START, World, happenings_of, of_one_person, what_holds_still};

/// A device of the same person, after what happened there.
fn device(number: u8, happenings: &[Happening]) -> World {
    let mut world = World::with(EVERYTHING, number);
    world.handle(0, Input::Identify { user: "u-1".into() });
    for happening in happenings {
        world.happen(happening);
    }
    world
}

/// What a fresh device of theirs knows after it took over these, one after the other, at an instant after all of them.
fn united(now: i64, documents: &[&str]) -> (World, Value) {
    let mut world = device(9, &[]);
    world.now = now;
    for document in documents {
        let step = world.handle(0, Input::Import { document: (*document).to_owned() });
        assert_eq!(step.verdict, Verdict::Accepted);
    }
    let known = known(&world.tabs[0].engine, now);
    (world, known)
}

/// What is exported, and what follows from it: uses, constraints, limits.
fn known(engine: &Engine, now: i64) -> Value {
    let mut exported: Value = serde_json::from_str(&engine.export_state()).unwrap();
    for card in exported["cards"].as_object_mut().into_iter().flat_map(|cards| cards.values_mut()) {
        if card["expires"].as_i64().is_some_and(|at| at <= now) {
            // Each device takes it out by itself, at its next step that may be recorded.
            card["removed"] = Value::Null;
            card["message"] = Value::Null;
        }
    }
    let state: Value = serde_json::from_str(&engine.checkpoint_json()).unwrap();
    let profile = exported["profile"].as_str().unwrap();
    let mut profile = state["state"]["profiles"][profile].clone();
    for uses in profile["caps"].as_object_mut().into_iter().flat_map(|caps| caps.values_mut()) {
        uses["spent"].as_array_mut().expect("uses").sort_by_key(|one| one["presentation"].to_string());
    }
    json!({"exported": exported, "caps": profile["caps"], "campaigns": profile["campaigns"], "consent": profile["consent"]})
}

/// The places where two documents differ, so that a failure can be read.
fn differences(one: &Value, other: &Value, at: &str, to: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            for name in a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))) {
                differences(&one[name], &other[name], &format!("{at}.{name}"), to);
            }
        }
        (one, other) if one == other => {}
        (one, other) => to.push(format!("{at}: {one} against {other}")),
    }
}

fn same(one: &Value, other: &Value) -> Result<(), TestCaseError> {
    let mut found = Vec::new();
    differences(one, other, "", &mut found);
    prop_assert!(found.is_empty(), "{found:#?}");
    Ok(())
}

fn history() -> impl Strategy<Value = Vec<Happening>> {
    happenings_of(of_one_person())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn devices_agree_whatever_reaches_which_first_and_how_often(a in history(), b in history(), c in history()) {
        let worlds = [device(1, &a), device(2, &b), device(3, &c)];
        let now = worlds.iter().map(|world| world.now).max().unwrap_or_default() + 5_000;
        let [a, b, c] = worlds.map(|world| world.tabs.iter().max_by_key(|tab| tab.engine.seq()).unwrap().engine.export_state());
        let (_, abc) = united(now, &[&a, &b, &c]);
        same(&united(now, &[&c, &a, &b]).1, &abc)?;
        same(&united(now, &[&b, &b, &a, &c, &a]).1, &abc)?;
        let (bc, _) = united(now, &[&b, &c]);
        let bc = bc.tabs[0].engine.export_state();
        same(&united(now, &[&a, &bc]).1, &abc)?;
        let (ab, _) = united(now, &[&a, &b]);
        let ab = ab.tabs[0].engine.export_state();
        same(&united(now, &[&ab, &c]).1, &abc)?;
    }

    #[test]
    fn what_is_explained_is_what_is_decided(happenings in history(), after in 0..120_000i64) {
        let mut world = device(1, &happenings);
        // Both tabs know all.
        world.handle(0, Input::Tick);
        world.now += after;
        let ctx = world.context(0);
        let before = world.tabs[0].engine.clone();
        let mut engine = before.clone();
        let step = engine.handle(Input::Tick, &ctx);
        // Timers first: only where none was due does a tick decide on the state that was explained.
        if step.row.as_ref().is_some_and(|row| row.records.iter().any(|record| !what_holds_still(&record.body))) {
            return Ok(());
        }
        let given = step.decisions.iter().any(|decision| decision.outcome == Outcome::Offered);
        for decision in &step.decisions {
            if matches!(decision.outcome, Outcome::Stopped { reason: Reason::Expired, .. }) {
                // By a timer, before anything was walked.
                continue;
            }
            let explained = before.explain(&decision.campaign, &ctx).outcome;
            let same = match (&decision.outcome, &explained) {
                (Outcome::Offered, explained) => *explained == Outcome::Eligible,
                (Outcome::Waiting { reason: Reason::LostArbitration { .. }, .. }, explained)
                | (Outcome::Stopped { reason: Reason::Render { .. }, .. }, explained) => *explained == Outcome::Eligible,
                // What was given in this step may have filled a constraint or a place.
                (Outcome::Waiting { reason: Reason::Frequency { .. } | Reason::Placement { .. }, .. }, Outcome::Eligible) => given,
                // A host's own campaign is explained by nobody.
                (_, Outcome::Stopped { reason: Reason::Unknown, .. }) => decision.campaign.starts_with("push-"),
                (decided, explained) => decided == explained,
            };
            prop_assert!(same || decision.campaign.starts_with("push-"), "{}: decided {:?}, explained {explained:?}", decision.campaign, decision.outcome);
            // And what was decided is what is told of it afterwards.
            let last = engine.explain(&decision.campaign, &ctx).last.map(|last| last.outcome);
            prop_assert_eq!(last, Some(decision.outcome.clone()));
        }
    }
}

/// A playbook that adds a counter may know the past already (engine.md 3.3).
#[test]
fn a_counter_starts_with_what_the_journal_still_has() {
    let document = |revision: u64, campaigns: Value| {
        json!({"spec": 1, "id": "case", "revision": revision, "plan": {"mode": "open"}, "campaigns": campaigns,
            "messages": {"m": {"layout": "modal", "pages": [[{"text": "Hello"}]]}}})
        .to_string()
    };
    let audience = json!({"$history": {"event": "bought", "where": {"paid": true}, "within": "10m", "count": 1}});
    let campaign =
        json!([{"id": "c", "channel": ["in_app"], "trigger": {"event": "a"}, "audience": audience, "message": "m"}]);
    let decided = |seeded: bool| {
        let mut engine = Engine::new("one", ["in_app"]).unwrap();
        let mut handled = 0;
        let mut history = Vec::new();
        let mut handle = |engine: &mut Engine, at: i64, input: Input, history: &mut Vec<Record>| {
            handled += 1;
            let ctx = Context {
                now: Timestamp(START + at * 60_000),
                entropy: [handled; 16],
                can_display: true,
                ..Context::default()
            };
            let step = engine.handle(input, &ctx);
            history.extend(step.row.clone().into_iter().flat_map(|row| row.records));
            step
        };
        let track = |name: &str, paid: bool| Input::Track {
            name: name.into(),
            properties: json!({ "paid": paid }).as_object().unwrap().clone(),
            at: None,
        };
        let open = Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None };
        handle(&mut engine, 0, open, &mut history);
        let first = Input::InstallPlaybook { document: document(1, json!([])), history: Vec::new() };
        handle(&mut engine, 0, first, &mut history);
        handle(&mut engine, 10, track("bought", true), &mut history);
        handle(&mut engine, 11, track("bought", true), &mut history);
        handle(&mut engine, 12, track("bought", false), &mut history);
        let past = if seeded { history.clone() } else { Vec::new() };
        let second = Input::InstallPlaybook { document: document(2, campaign.clone()), history: past };
        handle(&mut engine, 20, second, &mut history);
        handle(&mut engine, 20, track("a", true), &mut history).decisions.remove(0).outcome
    };
    assert_eq!(decided(true), Outcome::Offered, "one of the two lies in the window");
    let Outcome::Stopped { reason, .. } = decided(false) else { panic!("nothing is known of the past") };
    assert_eq!(reason, Reason::HistoryIncomplete { complete_at: Some(Timestamp(START + 30 * 60_000)) });
}
