//! What cannot be decided again, and what is no excuse (engine.md 1.11).

use hearken_core::{Input, InteractionKind, Missing, Properties, Purposes, Record, Redecision, Row};
use serde_json::{Value, json};

use crate::replay::{Host, differences, redecided, tampered, visited};

/// What new counters and metrics start from lies in the journal, if it is all there.
#[test]
fn what_an_install_started_from_is_read_of_the_journal_or_unknown_where_that_is_pruned() {
    let plain = one_campaign();
    let mut counting = plain.clone();
    counting["revision"] = json!(2);
    counting["campaigns"][0]["audience"] = json!({"$history": {"event": "b", "within": "7d", "count": {"$gte": 2}}});
    counting["success"] = json!({
        "spec": 1, "id": "s", "version": 1, "facts": {"order": {"event": "order"}},
        "metrics": {"orders": {"num": {"count": "order"}, "den": "one", "read": "total"}},
    });
    let documents = [plain.to_string(), counting.to_string()];
    let [plain, counting] = documents.each_ref().map(String::as_str);
    let mut host = Host::with(plain);
    for name in ["b", "order", "b", "else"] {
        host.event(name);
    }
    let history = host.rows.iter().flat_map(|row| Row::from_json(row).unwrap().records);
    let history = history.skip_while(|record| record.body.kind() != "$journal_gap").collect();
    host.handle(Input::InstallPlaybook { document: counting.into(), history });
    host.event("a");
    assert_eq!(host.engine.own_open().len(), 1, "it counts from the beginning");
    let same =
        |replayed: &[Redecision]| replayed.iter().all(|redecision| matches!(redecision, Redecision::Same { .. }));
    let whole = |host: &Host| host.pruned(&[plain, counting], 0);
    assert!(same(&whole(&host)), "{:#?}", whole(&host));
    let install = host.rows.len() - 2;
    let pruned = host.pruned(&[plain, counting], install - 1);
    assert_eq!(pruned[1], Redecision::Unknown { missing: Missing::History }, "{pruned:#?}");

    // What is not of the past is no excuse, nor is the past where it is all there.
    let differs = |redecision: &Redecision| matches!(redecision, Redecision::Differs { .. });
    let mut changed = host.clone();
    let mut row: Value = serde_json::from_str(&changed.rows[install]).unwrap();
    row["records"][0]["data"]["revision"] = json!(3);
    changed.rows[install] = row.to_string();
    assert!(differs(&changed.pruned(&[plain, counting], install)[0]));
    let mut changed = host.clone();
    tampered(&mut changed, "$use_reserved", |row| {
        row["records"].as_array_mut().unwrap().last_mut().unwrap()["data"]["interruptive"] = json!(false);
    });
    assert!(differs(changed.pruned(&[plain, counting], install).last().unwrap()));
    let mut changed = host.clone();
    let mut row: Value = serde_json::from_str(&changed.rows[install]).unwrap();
    row["records"][0]["data"]["seeds"].as_object_mut().unwrap().values_mut().for_each(|ring| ring["newest"] = json!(9));
    changed.rows[install] = row.to_string();
    assert!(differs(&whole(&changed)[install]), "{:#?}", whole(&changed)[install]);
}

/// An event that the plan refused is in no row, nor are the answers that made it.
#[test]
fn what_was_answered_is_unknown_where_nothing_came_of_it() {
    let document = json!({
        "spec": 1, "id": "p", "revision": 1,
        "plan": {"mode": "open", "events": {"answered": {"properties": {"score": {"type": "int"}}}}},
        "campaigns": [{"id": "c", "channel": ["in_app"], "trigger": {"event": "a"}, "message": "m"}],
        "messages": {"m": {"layout": "modal", "pages": [[{"button": {"id": "ok", "label": "ok", "actions": [{"submit": {"event": "answered"}}]}}]]}},
    })
    .to_string();
    let answered = |score: Value| {
        let mut host = Host::with(&document);
        host.event("a");
        let presentation_id = host.engine.own_open()[0];
        host.handle(Input::Displaying { presentation_id });
        let answers = json!({ "score": score }).as_object().unwrap().clone();
        let (kind, target) = (InteractionKind::Click, Some("ok".to_owned()));
        host.handle(Input::Interaction { presentation_id, kind, target, answers });
        redecided(&host.rows, [&*document].into_iter()).pop().unwrap().1
    };
    assert_eq!(answered(json!(7)), Redecision::Same { given: Vec::new() });
    assert_eq!(answered(json!("many")), Redecision::Unknown { missing: Missing::Answers });
}

#[test]
fn only_an_event_of_answers_is_excused_by_them() {
    let mut host = visited();
    let presentation_id = host.engine.own_open()[0];
    let kind = InteractionKind::Dismiss;
    host.handle(Input::Interaction { presentation_id, kind, target: None, answers: Properties::new() });
    let row = tampered(&mut host, "$dismissed", |row| {
        let records = row["records"].as_array_mut().unwrap();
        let dismissed = records.iter_mut().find(|record| record["type"] == "$dismissed").unwrap();
        dismissed["data"]["channel"] = json!("in_browser");
    });
    let differences = differences(&host);
    assert_eq!((differences.len(), differences[0].0), (1, row), "{differences:?}");
    assert!(
        differences[0].1.ends_with("data.channel: stored \"in_browser\", re-decided \"in_app\""),
        "{differences:?}"
    );
}

#[test]
fn what_is_no_event_is_not_excused_by_answers() {
    let mut host = visited();
    let presentation_id = host.engine.own_open()[0];
    let kind = InteractionKind::Dismiss;
    host.handle(Input::Interaction { presentation_id, kind, target: None, answers: Properties::new() });
    // The last record is gone, and the row's header does not miss it.
    tampered(&mut host, "$dismissed", |row| {
        row["records"].as_array_mut().unwrap().pop();
        row["last"] = json!(row["last"].as_u64().unwrap() - 1);
    });
    let differences = differences(&host);
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert!(differences[0].1.ends_with("($ended) is decided again, and not stored"), "{differences:?}");
}

/// The row of a click on a button that tracks an event of its own and submits the form's, with something of it changed.
fn clicked(tamper: impl Fn(&mut Value)) -> Redecision {
    let actions = json!([{"track": {"event": "chosen", "properties": {"of": {"type": "lamp"}}}}, {"submit": {"event": "answered"}}, "dismiss"]);
    let document = json!({
        "spec": 1, "id": "p", "revision": 1,
        "plan": {"mode": "open", "events": {"answered": {"properties": {"score": {"type": "int"}}}}},
        "campaigns": [{"id": "c", "channel": ["in_app"], "trigger": {"event": "a"}, "message": "m"}],
        "messages": {"m": {"layout": "modal", "pages": [[{"button": {"id": "ok", "label": "ok", "actions": actions}}]]}},
    })
    .to_string();
    let mut host = Host::with(&document);
    host.event("a");
    let presentation_id = host.engine.own_open()[0];
    host.handle(Input::Displaying { presentation_id });
    let answers = json!({"score": 7}).as_object().unwrap().clone();
    let (kind, target) = (InteractionKind::Click, Some("ok".to_owned()));
    host.handle(Input::Interaction { presentation_id, kind, target, answers });
    tampered(&mut host, "$clicked", tamper);
    redecided(&host.rows, [&*document].into_iter()).pop().unwrap().1
}

/// The place of a kind's record within its row.
fn place_of(row: &Value, kind: &str) -> usize {
    row["records"].as_array().unwrap().iter().position(|record| record["type"] == kind).unwrap()
}

#[test]
fn a_click_is_excused_by_its_answers_only_in_the_event_that_is_made_of_them() {
    let told = |redecision| match redecision {
        Redecision::Differs { difference } => difference.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(clicked(|_| {}), Redecision::Same { given: Vec::new() });
    // One too many.
    let more = told(clicked(|row| {
        row["last"] = json!(row["last"].as_u64().unwrap() + 1);
        let mut again = row["records"].as_array().unwrap().last().unwrap().clone();
        again["seq"] = row["last"].clone();
        row["records"].as_array_mut().unwrap().push(again);
    }));
    assert!(more.ends_with(" is stored, and not decided again"), "{more}");
    // A record that the row's header misses was there.
    let missing = told(clicked(|row| {
        let answered = place_of(row, "answered");
        row["records"].as_array_mut().unwrap().remove(answered);
    }));
    assert!(missing.ends_with("(answered) is decided again, and not stored"), "{missing}");
    // What the button says itself is no answer.
    let other = told(clicked(|row| {
        let chosen = place_of(row, "chosen");
        row["records"][chosen]["data"].as_object_mut().unwrap().remove("of");
    }));
    assert!(other.ends_with("(chosen) data.of: stored nothing, re-decided {\"type\":\"lamp\"}"), "{other}");
}

/// A playbook of one campaign.
pub(crate) fn one_campaign() -> Value {
    json!({
        "spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"},
        "campaigns": [{"id": "c", "channel": ["in_app"], "trigger": {"event": "a"}, "message": "m"}],
        "messages": {"m": {"layout": "modal", "pages": [[{"heading": "x"}]]}},
    })
}

/// A message of the host's own.
pub(crate) fn own_offer() -> Value {
    json!({
        "id": "own", "channel": ["in_app"], "message": "m",
        "messages": {"m": {"layout": "modal", "pages": [[{"heading": "x"}]]}},
    })
}

/// A host's own offer stands in the row that brought it, which may be pruned.
#[test]
fn what_a_host_offered_before_the_journal_begins_is_unknown() {
    let document = one_campaign().to_string();
    let offer = own_offer();
    let waits = |input: fn(&mut Host, String)| {
        let mut host = Host::with(&document);
        host.event("x");
        host.handle(Input::HostState { host: Properties::new(), paused: Some(true) });
        input(&mut host, offer.to_string());
        let waiting = host.rows.len();
        host.handle(Input::HostState { host: Properties::new(), paused: Some(false) });
        host.event("x");
        assert_eq!(host.engine.own_open().len(), 1);
        (host, waiting)
    };
    let (host, waiting) = waits(|host, document| host.handle(Input::Offer { document }));
    let offered = host.rows[waiting..].iter().position(|row| row.contains("$use_reserved")).unwrap();
    let missing = Missing::HostOffer { campaign: "own".into() };
    assert_eq!(host.pruned(&[&document], waiting)[offered], Redecision::Unknown { missing });
    assert!(matches!(host.pruned(&[&document], 0)[waiting + offered], Redecision::Same { .. }));

    // What the playbook has is known, and what was changed of it differs.
    let (mut host, waiting) = waits(|host, _| host.event("a"));
    tampered(&mut host, "$use_reserved", |row| {
        row["records"].as_array_mut().unwrap().last_mut().unwrap()["data"]["interruptive"] = json!(false);
    });
    let differs = host.pruned(&[&document], waiting);
    assert!(differs.iter().any(|redecision| matches!(redecision, Redecision::Differs { .. })), "{differs:?}");
}

#[test]
fn what_a_host_offered_within_the_journal_is_no_excuse() {
    let document = one_campaign();
    let offer = own_offer();
    let mut without = document.clone();
    without["revision"] = json!(2);
    without["campaigns"][0] = json!({"id": "d", "channel": ["in_app"], "trigger": {"event": "d"}, "message": "m"});
    let documents = [document.to_string(), without.to_string()];
    let [document, without] = documents.each_ref().map(String::as_str);
    let mut host = Host::with(document);
    host.event("x");
    host.handle(Input::HostState { host: Properties::new(), paused: Some(true) });
    host.event("a");
    host.handle(Input::InstallPlaybook { document: without.into(), history: Vec::new() });
    host.handle(Input::Offer { document: offer.to_string() });
    host.handle(Input::HostState { host: Properties::new(), paused: Some(false) });
    host.event("x");
    let told = |kind: &str, tamper: fn(&mut Value)| {
        let mut host = host.clone();
        tampered(&mut host, kind, |row| {
            let place = place_of(row, kind);
            tamper(&mut row["records"][place]["data"]);
        });
        let differs = host.pruned(&[document, without], 0).into_iter().find_map(|redecision| match redecision {
            Redecision::Differs { difference } => Some(difference.to_string()),
            _ => None,
        });
        differs.unwrap_or_default()
    };
    // The host's own, which it still has.
    let reserved = told("$use_reserved", |data| data["interruptive"] = json!(false));
    assert!(reserved.contains("($use_reserved) data.interruptive: stored false"), "{reserved}");
    // What the playbook had.
    let dropped = told("$trigger_dropped", |data| data["reason"] = json!("expired"));
    assert!(dropped.contains("($trigger_dropped) data.reason: stored \"expired\""), "{dropped}");
}

/// The host hands over the journal's oldest record and what [`hearken_core::Engine::history_needed`] names (engine.md 3.3).
#[test]
fn an_install_had_of_the_journal_what_it_needed_and_no_more() {
    let plain = one_campaign();
    let mut counting = plain.clone();
    counting["revision"] = json!(2);
    counting["success"] = json!({
        "spec": 1, "id": "s", "version": 1, "facts": {"order": {"event": "order"}},
        "metrics": {"orders": {"num": {"count": "order"}, "den": "one", "read": "total"}},
    });
    // Another one counts something else: its events are known to the replay, and are not handed over.
    let mut other = plain.clone();
    other["revision"] = json!(3);
    other["campaigns"][0]["audience"] = json!({"$history": {"event": "b", "within": "7d", "count": {"$gte": 2}}});
    let documents = [plain.to_string(), counting.to_string(), other.to_string()];
    let documents = documents.each_ref().map(String::as_str);
    let mut host = Host::with(documents[0]);
    // From here on it counts: what is before is exported to nobody any more.
    host.handle(Input::Consent { purposes: Purposes::none(), purge: true });
    host.handle(Input::Consent { purposes: Purposes::all(), purge: false });
    ["b", "order"].into_iter().for_each(|name| host.event(name));
    let records: Vec<Record> = host.rows.iter().flat_map(|row| Row::from_json(row).unwrap().records).collect();
    let needed = host.engine.history_needed(documents[1]).unwrap();
    let is_needed = |record: &&Record| needed.iter().any(|kind| kind == record.body.kind());
    let history: Vec<Record> = records[..1].iter().chain(records[1..].iter().filter(is_needed)).cloned().collect();
    host.handle(Input::InstallPlaybook { document: documents[1].into(), history });
    let same = |redecision: &Redecision| matches!(redecision, Redecision::Same { .. });
    let whole = host.pruned(&documents, 0);
    assert!(whole.iter().all(same), "{whole:#?}");
}
