//! A stored journal, decided again row by row (engine.md 1.11).

use hearken_core::{
    Answer, AttributeOp, Checkpoint, Context, Difference, Engine, Given, Input, JournalError, Missing, Properties,
    Purposes, Redecision, Replay, Row, Timestamp,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::folding::{EVERYTHING, START, World, happenings_of, of_several};
use crate::replay_unknown::{one_campaign, own_offer};

const SLICE: &str = include_str!("../../../../tests/vectors/playbooks/slice.json");

/// What becomes of each row, by its place.
pub(crate) fn redecided<'a>(rows: &[String], documents: impl Iterator<Item = &'a str>) -> Vec<(u64, Redecision)> {
    let mut replay = Replay::new(["in_app"]).unwrap();
    documents.for_each(|document| replay.document(document).unwrap());
    let redecide = |row: &String| {
        let redecided = replay.row(row).unwrap();
        (redecided.row.last, redecided.redecision)
    };
    rows.iter().map(redecide).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_engine_wrote_it_writes_again(happenings in happenings_of(of_several())) {
        let mut world = World::with(EVERYTHING, 0);
        for happening in &happenings {
            world.happen(happening);
        }
        let rows: Vec<String> = world.rows.iter().map(Row::to_json).collect();
        for (row, redecision) in redecided(&rows, [EVERYTHING].into_iter()) {
            let is_known = matches!(redecision, Redecision::Same { .. } | Redecision::Unknown { missing: Missing::Erased });
            prop_assert!(is_known, "row {}: {:?}", row, redecision);
        }
    }
}

/// A host that offers, draws and closes one message.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) engine: Engine,
    now: i64,
    can_display: bool,
    handled: u8,
    pub(crate) rows: Vec<String>,
}

impl Host {
    fn open() -> Self {
        Self::with(SLICE)
    }

    pub(crate) fn with(document: &str) -> Self {
        let engine = Engine::new("owner-1", ["in_app"]).unwrap();
        let mut host = Self { engine, now: START, can_display: true, handled: 0, rows: Vec::new() };
        host.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: Some("a test".into()) });
        host.handle(Input::InstallPlaybook { document: document.into(), history: Vec::new() });
        host
    }

    pub(crate) fn event(&mut self, name: &str) {
        self.handle(Input::Track { name: name.into(), properties: Properties::new(), at: None });
    }

    /// What becomes of each row from a place on, where those before it were pruned.
    pub(crate) fn pruned(&self, documents: &[&str], from: usize) -> Vec<Redecision> {
        let mut engine = Engine::new("pruner", ["in_app"]).unwrap();
        for row in &self.rows[..from] {
            engine.fold(&Row::from_json(row).unwrap()).unwrap();
        }
        let mut replay = Replay::new(["in_app"]).unwrap();
        documents.iter().for_each(|document| replay.document(document).unwrap());
        replay.start(Checkpoint::from_json(&engine.checkpoint_json()).unwrap());
        self.rows[from..].iter().map(|row| replay.row(row).unwrap().redecision).collect()
    }

    pub(crate) fn handle(&mut self, input: Input) {
        self.handled += 1;
        self.now += 1_000;
        let ctx = Context {
            now: Timestamp(self.now),
            entropy: [self.handled; 16],
            locale: "en".into(),
            can_display: self.can_display,
            n: u64::from(self.handled),
            ..Context::default()
        };
        self.rows.extend(self.engine.handle(input, &ctx).row.map(|row| row.to_json()));
    }

    fn track(&mut self, items: i64) {
        let properties = json!({"items": items, "total_minor": 100, "top_item": "Lamp"});
        let Value::Object(properties) = properties else { return };
        self.handle(Input::Track { name: "cart_updated".into(), properties, at: None });
    }

    fn replayed(&self) -> Vec<(u64, Redecision)> {
        redecided(&self.rows, [SLICE].into_iter())
    }
}

pub(crate) fn visited() -> Host {
    let mut host = Host::open();
    host.handle(Input::Attribute { op: AttributeOp::Set, name: "tier".into(), value: json!("silver") });
    host.track(2);
    let presentation_id = host.engine.own_open()[0];
    host.handle(Input::Displaying { presentation_id });
    host.handle(Input::Visible { presentation_id });
    host
}

/// The row that has a record of a kind, and the same with something of it changed.
pub(crate) fn tampered(host: &mut Host, kind: &str, tamper: impl Fn(&mut Value)) -> u64 {
    let mark = format!("\"type\":\"{kind}\"");
    let row = host.rows.iter_mut().find(|row| row.contains(&mark)).unwrap();
    let mut value: Value = serde_json::from_str(row).unwrap();
    tamper(&mut value);
    *row = value.to_string();
    value["last"].as_u64().unwrap()
}

/// The rows that differ, each with what is said of it.
pub(crate) fn differences(host: &Host) -> Vec<(u64, String)> {
    let differs = |(row, redecision)| match redecision {
        Redecision::Differs { difference } => Some((row, difference.to_string())),
        _ => None,
    };
    host.replayed().into_iter().filter_map(differs).collect()
}

#[test]
fn what_was_left_out_of_inputs_stands_in_the_records() {
    let host = visited();
    assert!(host.rows.len() > 5);
    assert!(host.replayed().iter().all(|(_, redecision)| *redecision == Redecision::Same { given: Vec::new() }));
}

/// Every leaf of a document, by its pointer.
fn leaves(value: &Value, at: &str, to: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{name}"), to));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(n, value)| leaves(value, &format!("{at}/{n}"), to));
        }
        _ => to.push(at.to_owned()),
    }
}

#[test]
fn whatever_is_changed_in_a_record_is_noticed() {
    let host = visited();
    let mut noticed = 0;
    for (place, stored) in host.rows.iter().enumerate() {
        let stored: Value = serde_json::from_str(stored).unwrap();
        let mut all = Vec::new();
        leaves(&stored["records"], "/records", &mut all);
        for leaf in all {
            let mut changed = stored.clone();
            let value = changed.pointer_mut(&leaf).unwrap();
            *value = match value {
                Value::Number(number) => json!(number.as_i64().unwrap() + 1),
                Value::Bool(value) => json!(!*value),
                Value::String(text) => match text.char_indices().next_back() {
                    Some((last, '1')) => json!(format!("{}2", &text[..last])),
                    Some((last, _)) => json!(format!("{}1", &text[..last])),
                    None => json!("x"),
                },
                _ => json!("x"),
            };
            let mut rows = host.rows.clone();
            rows[place] = changed.to_string();
            let mut replay = Replay::new(["in_app"]).unwrap();
            replay.document(SLICE).unwrap();
            let is_same = rows.iter().all(|row| {
                matches!(replay.row(row).map(|row| row.redecision), Ok(Redecision::Same { given }) if given.is_empty())
            });
            // What an input brought is what its records say that it brought.
            let kind = &stored.pointer(&leaf[..10]).unwrap()["type"];
            let is_input = kind == "cart_updated" || kind == "$journal_gap";
            assert!(!is_same || is_input, "row {place}, {leaf}");
            noticed += usize::from(!is_same);
        }
    }
    assert!(noticed > 80, "{noticed}");
}

#[test]
fn a_record_that_was_changed_is_named_by_its_place_and_field() {
    let mut host = visited();
    let row = tampered(&mut host, "$use_reserved", |row| {
        let records = row["records"].as_array_mut().unwrap();
        records.iter_mut().find(|record| record["type"] == "$use_reserved").unwrap()["data"]["interruptive"] =
            json!(false);
    });
    let differences = differences(&host);
    assert_eq!(differences[0].0, row);
    assert!(
        differences[0].1.ends_with("($use_reserved) data.interruptive: stored false, re-decided true"),
        "{differences:?}"
    );
}

#[test]
fn a_record_that_is_gone_is_named_and_the_rest_is_followed_as_decided_again() {
    let mut host = visited();
    let row = tampered(&mut host, "$use_reserved", |row| {
        row["records"].as_array_mut().unwrap().retain(|record| record["type"] != "$use_reserved");
    });
    let differences = differences(&host);
    assert_eq!(differences[0].0, row);
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert!(differences[0].1.ends_with("($use_reserved) is decided again, and not stored"), "{differences:?}");
}

#[test]
fn what_the_screen_showed_and_whether_it_was_activity_are_held_against_each_other_too() {
    let mut host = visited();
    let row = tampered(&mut host, "$displaying", |row| {
        let messages = row["messages"].as_object_mut().unwrap();
        messages.values_mut().for_each(|message| message["layout"] = json!("banner"));
    });
    let differences = differences(&host);
    assert_eq!(differences[0].0, row);
    assert!(differences[0].1.contains("layout: stored \"banner\", re-decided"), "{differences:?}");
}

#[test]
fn what_the_host_never_wrote_is_given_where_the_row_shows_it() {
    let mut host = visited();
    let presentation_id = host.engine.own_open()[0];
    host.handle(Input::Ended { presentation_id, cause: hearken_core::Departure::Auto });
    let before = host.rows.len();
    host.can_display = false;
    host.handle(Input::HostState { host: Properties::new(), paused: None });
    assert_eq!(host.rows.len(), before, "a screen that goes out of sight leaves no row");
    host.now += 3 * 86_400_000;
    host.can_display = true;
    host.handle(Input::HostState { host: Properties::new(), paused: None });
    host.handle(Input::HostState { host: Properties::new(), paused: Some(true) });
    host.track(1);
    let replayed = host.replayed();
    let given: Vec<&Vec<Given>> = replayed
        .iter()
        .map(|(row, redecision)| match redecision {
            Redecision::Same { given } => given,
            other => panic!("row {row}: {other:?}"),
        })
        .filter(|given| !given.is_empty())
        .collect();
    assert_eq!(given, [&vec![Given::OutOfSight(false)], &vec![Given::Paused(true)]]);
    assert_eq!(given[1][0].to_string(), "the host held messages back");
}

#[test]
fn a_page_that_was_loaded_again_has_forgotten_what_the_one_before_it_knew() {
    let mut host = visited();
    host.handle(Input::HostState { host: Properties::new(), paused: Some(true) });
    let mut engine = Engine::new("owner-1", ["in_app"]).unwrap();
    for row in &host.rows {
        engine.fold(&Row::from_json(row).unwrap()).unwrap();
    }
    engine.supply_playbook(SLICE).unwrap();
    host.engine = engine;
    let resumes = Some("owner-1".to_owned());
    // What stood on the screen is offered again, which leaves no row.
    host.handle(Input::Open { consent: None, resumes, lost: None });
    let presentation_id = host.engine.own_open()[0];
    host.handle(Input::Ended { presentation_id, cause: hearken_core::Departure::Auto });
    host.now += 3 * 86_400_000;
    host.track(1);
    let replayed = host.replayed();
    assert!(replayed.iter().all(|(_, redecision)| matches!(redecision, Redecision::Same { .. })), "{replayed:#?}");
}

#[test]
fn what_cannot_be_asked_says_why_and_is_never_the_same() {
    let unknown = |replayed: Vec<(u64, Redecision)>| -> Vec<Missing> {
        let missing = |(_, redecision)| match redecision {
            Redecision::Unknown { missing } => Some(missing),
            _ => None,
        };
        replayed.into_iter().filter_map(missing).collect()
    };
    let mut host = visited();
    let without = unknown(redecided(&host.rows, std::iter::empty()));
    assert_eq!(without.len(), host.rows.len() - 1, "all but the first");
    assert!(matches!(&without[0], Missing::Playbook { hash } if hash.len() == 64));

    tampered(&mut host, "$attribute", |row| row["records"][0]["data"]["of_the_future"] = json!(1));
    assert_eq!(unknown(host.replayed()), [Missing::Newer { path: "records[0].data.of_the_future".into() }]);

    let mut host = visited();
    host.handle(Input::Erase);
    host.handle(Input::InstallPlaybook { document: SLICE.into(), history: Vec::new() });
    host.track(1);
    assert_eq!(unknown(host.replayed()), [Missing::Erased], "and what comes after it is the same again");
}

#[test]
fn a_pruned_journal_begins_at_its_base() {
    let host = visited();
    let mut engine = Engine::new("pruner", ["in_app"]).unwrap();
    let half = host.rows.len() / 2;
    for row in &host.rows[..half] {
        engine.fold(&Row::from_json(row).unwrap()).unwrap();
    }
    let mut replay = Replay::new(["in_app"]).unwrap();
    replay.document(SLICE).unwrap();
    replay.start(Checkpoint::from_json(&engine.checkpoint_json()).unwrap());
    assert_eq!(replay.seq(), engine.seq());
    for row in &host.rows[half..] {
        let redecision = replay.row(row).unwrap().redecision;
        assert!(matches!(redecision, Redecision::Same { .. }), "{redecision:?}");
    }
}

#[test]
fn a_journal_that_cannot_be_followed_says_where() {
    let host = visited();
    let mut replay = Replay::new(["in_app"]).unwrap();
    let seen = Row::from_json(&host.rows[1]).unwrap().first;
    assert_eq!(replay.row(&host.rows[1]).unwrap_err(), JournalError::Gap { after: 0, seen });
    assert!(matches!(replay.row("{"), Err(JournalError::Damaged { .. })));
    let newer = host.rows[0].replacen("\"v\":1", "\"v\":2", 1);
    assert_eq!(replay.row(&newer).unwrap_err(), JournalError::Newer { seen: 2 });
}

/// What rows do not say of a page with places.
#[test]
fn which_places_were_there_is_given_where_the_row_shows_it() {
    let inline = |id: &str, event: &str, placement: &str| json!({"id": id, "channel": ["in_app"], "trigger": {"event": event}, "limit": {"times": 0}, "placement": placement, "message": "i"});
    let document = json!({
        "spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"},
        "campaigns": [inline("one", "a", "top"), inline("two", "a", "side"), inline("three", "b", "top"), inline("four", "b", "side")],
        "messages": {"i": {"layout": "inline", "pages": [[{"heading": "x"}]]}},
    })
    .to_string();
    let mut host = Host::with(&document);
    let mount =
        |host: &mut Host, placement: &str, mounted| host.handle(Input::Mount { placement: placement.into(), mounted });
    mount(&mut host, "top", true);
    mount(&mut host, "side", true);
    host.event("a");
    assert_eq!(host.engine.own_open().len(), 2);
    for presentation_id in host.engine.own_open() {
        host.handle(Input::HostAnswer { presentation_id, answer: Answer::Discard, after: None });
    }
    mount(&mut host, "top", false);
    host.event("b");
    assert_eq!(host.engine.own_open().len(), 1);
    let given: Vec<Vec<Given>> = redecided(&host.rows, [&*document].into_iter())
        .into_iter()
        .map(|(row, redecision)| match redecision {
            Redecision::Same { given } => given,
            other => panic!("row {row}: {other:?}"),
        })
        .filter(|given| !given.is_empty())
        .collect();
    let mut both = given[0].clone();
    both.sort_by_key(ToString::to_string);
    assert_eq!(both, [Given::Mounted("side".into()), Given::Mounted("top".into())]);
    assert_eq!(given[1..], [[Given::NotMounted("top".into())]]);
}

#[test]
fn the_texts_of_what_was_offered_before_the_journal_begins_are_those_of_the_row() {
    let mut host = visited();
    let drawn = host.rows.iter().position(|row| row.contains("$displaying")).unwrap();
    let presentation_id = host.engine.own_open()[0];
    // They are written again, and are the same where nothing changed what they speak of.
    assert_eq!(host.pruned(&[SLICE], drawn)[0], Redecision::Same { given: Vec::new() });
    tampered(&mut host, "$displaying", |row| {
        row["messages"][presentation_id.to_string()]["pages"][0]["blocks"][0]["heading"] = json!("As it was then");
    });
    assert_eq!(host.pruned(&[SLICE], drawn)[0], Redecision::Same { given: vec![Given::Texts(presentation_id)] });
}

/// A row of another version may write what is blank, or leave it out.
#[test]
fn what_is_blank_is_the_same_as_nothing_and_a_list_is_as_long_as_it_is() {
    let changed = |change: fn(&mut Value)| {
        let mut host = visited();
        tampered(&mut host, "$use_reserved", |row| {
            let records = row["records"].as_array_mut().unwrap();
            change(records.iter_mut().find(|record| record["type"] == "$use_reserved").unwrap());
        });
        differences(&host).into_iter().next().map(|(_, told)| told)
    };
    let mut host = visited();
    tampered(&mut host, "$use_reserved", |row| {
        let records = row["records"].as_array_mut().unwrap();
        records.iter_mut().for_each(|record| record["late"] = json!(false));
        for (name, blank) in [("a", json!(null)), ("b", json!("")), ("c", json!([])), ("d", json!({})), ("e", json!(0))]
        {
            records[0]["data"][name] = blank;
        }
    });
    assert!(host.replayed().iter().all(|(_, redecision)| *redecision == Redecision::Same { given: Vec::new() }));
    let shorter = changed(|record| drop(record["consent"].as_array_mut().unwrap().pop())).unwrap();
    assert!(shorter.contains(" consent: stored [\"analytics\",\"personalization\"], re-decided"), "{shorter}");
    let other = changed(|record| record["data"]["spends"] = json!(["other"])).unwrap();
    assert!(other.contains(" data.spends[0]: stored \"other\", re-decided \"gentle\""), "{other}");
    let gone = changed(|record| drop(record.as_object_mut().unwrap().remove("session"))).unwrap();
    assert!(gone.contains(" session: stored nothing, re-decided "), "{gone}");
}

#[test]
fn a_difference_says_what_is_stored_and_what_is_decided() {
    let (one, none) = (Some(json!(1)), None::<Value>);
    for (record, field, stored, redecided, told) in [
        (Some(4), "", &one, &none, "record 4 (x) is stored, and not decided again"),
        (Some(4), "", &none, &one, "record 4 (x) is decided again, and not stored"),
        (Some(4), "data.a", &one, &none, "record 4 (x) data.a: stored 1, re-decided nothing"),
        (Some(4), "data.a", &none, &one, "record 4 (x) data.a: stored nothing, re-decided 1"),
        (None, "last", &one, &one, "the row last: stored 1, re-decided 1"),
    ] {
        let kind = record.map(|_| "x".to_owned());
        let (stored, redecided) = (stored.clone(), redecided.clone());
        let difference = Difference { record, kind, field: field.to_owned(), stored, redecided };
        assert_eq!(difference.to_string(), told);
    }
}

/// Of several ways in which things may have been, the one that explains most of a row says what is wrong with the rest.
#[test]
fn a_difference_is_told_of_the_attempt_that_comes_furthest() {
    let one = |id: &str| json!({"id": id, "channel": ["in_app"], "trigger": {"event": "a"}, "message": "m"});
    let document = json!({
        "spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"}, "campaigns": [one("c"), one("d"), one("e")],
        "messages": {"m": {"layout": "modal", "pages": [[{"heading": "x"}]]}},
    })
    .to_string();
    let mut host = Host::with(&document);
    host.handle(Input::HostState { host: Properties::new(), paused: Some(true) });
    host.event("a");
    tampered(&mut host, "$triggered", |row| {
        row["records"].as_array_mut().unwrap().last_mut().unwrap()["data"]["key"] = json!("0");
    });
    let told = match redecided(&host.rows, [&*document].into_iter()).pop() {
        Some((_, Redecision::Differs { difference })) => difference.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(told.contains("($triggered) data.key: stored \"0\", re-decided"), "{told}");
}

/// However many places a page has: each is learned of the record that shows it.
#[test]
fn as_many_places_as_a_page_has_are_given() {
    let place = |n: usize| format!("place-{n}");
    let inline = |n: usize| json!({"id": format!("c{n}"), "channel": ["in_app"], "trigger": {"event": "a"}, "placement": place(n), "message": "i"});
    let document = json!({
        "spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"},
        "campaigns": (0..20).map(inline).collect::<Vec<_>>(),
        "messages": {"i": {"layout": "inline", "pages": [[{"heading": "x"}]]}},
    })
    .to_string();
    let mut host = Host::with(&document);
    (0..20).for_each(|n| host.handle(Input::Mount { placement: place(n), mounted: true }));
    host.event("a");
    assert_eq!(host.engine.own_open().len(), 20);
    let Some((_, Redecision::Same { mut given })) = redecided(&host.rows, [&*document].into_iter()).pop() else {
        panic!("{:#?}", redecided(&host.rows, [&*document].into_iter()).pop());
    };
    given.sort_by_key(ToString::to_string);
    let mut all: Vec<Given> = (0..20).map(|n| Given::Mounted(place(n))).collect();
    all.sort_by_key(ToString::to_string);
    assert_eq!(given, all);
}

/// A host's own offer is kept while its client runs (engine.md 9.2). Another tab, or the page loaded again, does not know it, and
/// lets it wait.
#[test]
fn what_a_host_offered_waits_for_the_tab_that_knows_it() {
    let document = one_campaign().to_string();
    let mut host = Host::with(&document);
    host.event("x");
    host.handle(Input::HostState { host: Properties::new(), paused: Some(true) });
    host.handle(Input::Offer { document: own_offer().to_string() });
    let offering = host.engine.clone();
    let elsewhere = |host: &mut Host, engine: Engine| {
        host.engine = engine;
        for row in &host.rows {
            let row = Row::from_json(row).unwrap();
            if row.first > host.engine.seq() {
                host.engine.fold(&row).unwrap();
            }
        }
        if host.engine.playbook_needed().is_some() {
            host.engine.supply_playbook(&document).unwrap();
        }
        host.handle(Input::HostState { host: Properties::new(), paused: Some(false) });
        host.event("x");
    };
    elsewhere(&mut host, Engine::new("owner-2", ["in_app"]).unwrap());
    assert_eq!(host.engine.own_open(), []);
    elsewhere(&mut host, offering);
    assert_eq!(host.engine.own_open().len(), 1);
    let given = |(_, redecision)| match redecision {
        Redecision::Same { given } => given,
        other => panic!("{other:?}"),
    };
    let given: Vec<Given> = redecided(&host.rows, [&*document].into_iter()).into_iter().flat_map(given).collect();
    assert_eq!(given, [Given::Paused(true)]);
}

/// Truth is what is stored, also where the engine would have written something else.
#[test]
fn what_follows_a_row_that_differs_is_decided_from_the_row_as_stored() {
    let mut host = visited();
    let row = tampered(&mut host, "$use_reserved", |row| {
        let records = row["records"].as_array_mut().unwrap();
        records.last_mut().unwrap()["data"]["channel"] = json!("in_browser");
    });
    let differences = differences(&host);
    assert_eq!(differences.len(), 2, "{differences:?}");
    assert_eq!(differences[0].0, row);
    let of_shown = "($shown) data.channel: stored \"in_app\", re-decided \"in_browser\"";
    assert!(differences[1].1.ends_with(of_shown), "{differences:?}");
}
