//! People: names, attributes, consent with a purge, the switch, state between devices, and erasure.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hearken::testing::Hook;
use hearken::{
    Client, Consent, Error, Manual, Memory, Observer, Purpose, Rejection, Span, Sqlite, Timestamp, Touch, TouchKind,
    Value, props,
};

use crate::slice::PLAYBOOK;

const NOON: Timestamp = Timestamp(1_763_719_200_000);

fn open(store: impl hearken::store::Store + 'static, clock: &Manual) -> Client {
    Client::builder(PLAYBOOK).store(store).consent(Consent::all()).clock(clock.clone()).open().unwrap()
}

fn records(client: &Client) -> Vec<Value> {
    let lines = client.export(10_000).unwrap().map_or_else(Vec::new, |part| part.lines);
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn kinds(client: &Client) -> Vec<String> {
    records(client).iter().map(|record| record["type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_name_reset_and_attributes_reach_the_journal() {
    let client = Client::builder(r#"{"spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"}}"#)
        .consent(Consent::all())
        .open()
        .unwrap();
    client.identify("u-1").unwrap();
    client.set_attribute("tier", "gold").unwrap();
    client.increment("points", 5).unwrap();
    client.increment("points", 0.5).unwrap();
    client.append("likes", "a").unwrap();
    client.append("likes", "b").unwrap();
    client.remove("likes", "a").unwrap();
    client.unset_attribute("tier").unwrap();
    assert!(matches!(client.increment("likes", 1), Err(Error::Rejected(Rejection::WrongType { .. }))));
    client.screen("cart").unwrap();
    let touch = Touch::new(TouchKind::Clicked, "email", "d-1").campaign("c").target("https://example.com/");
    client.touch(touch.clone()).unwrap();
    client.touch(touch).unwrap();
    client.reset().unwrap();
    let records = records(&client);
    let values: Vec<&Value> =
        records.iter().filter(|record| record["type"] == "$attribute").map(|record| &record["data"]["value"]).collect();
    let expected = [
        Value::from("gold"),
        5.into(),
        5.5.into(),
        serde_json::json!(["a"]),
        serde_json::json!(["a", "b"]),
        serde_json::json!(["b"]),
        Value::Null,
    ];
    assert_eq!(values, expected.iter().collect::<Vec<_>>());
    assert_eq!(records.iter().filter(|record| record["type"] == "$clicked").count(), 1, "a touch counts once");
    assert_eq!(records.iter().filter(|record| record["user"] == "u-1").count(), records.len() - 4, "{records:#?}");
}

#[test]
fn state_goes_to_the_same_person_on_another_device_and_to_nobody_else() {
    let clock = Manual::at(NOON, 0);
    let (one, other) = (open(Memory::new(), &clock), open(Memory::new(), &clock));
    one.identify("u-1").unwrap();
    one.set_attribute("tier", "gold").unwrap();
    let state = one.export_state().unwrap();
    assert!(matches!(other.import_state(state.clone()), Err(Error::Rejected(Rejection::WrongUser))));
    other.identify("u-1").unwrap();
    other.import_state(state).unwrap();
    assert!(other.export_state().unwrap().contains("gold"));
    assert!(matches!(other.import_state("{"), Err(Error::Rejected(Rejection::Document { .. }))));
}

#[test]
fn who_draws_knows_the_person_the_theme_how_long_an_impression_takes_and_the_words() {
    let playbook = serde_json::json!({
        "spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"}, "theme": {"radius": 8}, "settings": {"impression": "3s"},
        "campaigns": [{"id": "c", "channel": ["in_app"], "trigger": {"event": "$cue", "where": {"cue": "manual", "value": "x"}}, "message": "m"}],
        "messages": {"m": {"layout": "modal", "pages": [[{"heading": "Hello"}]]}}
    });
    let client = Client::builder(playbook.to_string()).consent(Consent::all()).locale("de").open().unwrap();
    client.identify("u-1").unwrap();
    client.set_attribute("tier", "gold").unwrap();
    client.set_consent(client.person().unwrap().consent.without(hearken::Purpose::Messaging)).unwrap();
    let person = client.person().unwrap();
    assert_eq!((person.user.as_deref(), &person.attributes), (Some("u-1"), &props! { "tier": "gold" }));
    assert_eq!(person.consent, Consent::all().without(hearken::Purpose::Messaging));
    assert!(person.profile.is_some());
    let needs = client.needs().unwrap().unwrap();
    assert_eq!((needs.theme, needs.impression), (Some(serde_json::json!({"radius": 8})), Span::seconds(3)));
    assert_eq!(needs.cues, [serde_json::json!({"cue": "manual", "value": "x"})]);
    assert_eq!(client.words().unwrap()["close"], "Close");
}

#[test]
fn off_it_records_and_shows_nothing_also_after_a_restart_and_takes_its_playbook_when_it_is_on_again() {
    let clock = Manual::at(NOON, 0);
    let memory = Memory::new();
    let client = Client::builder(r#"{"spec": 1, "id": "slice", "revision": 0}"#)
        .store(memory.clone())
        .consent(Consent::all())
        .clock(clock.clone())
        .open()
        .unwrap();
    client.disable().unwrap();
    client.close().unwrap();
    let client = open(memory, &clock);
    assert_eq!(client.track("cart_updated", props! { "items": 1 }), Err(Error::Disabled));
    assert_eq!(kinds(&client).last().unwrap(), "$switched");
    client.enable().unwrap();
    client.track("cart_updated", props! { "items": 1 }).unwrap();
    assert!(client.next_presentation().unwrap().is_some(), "the playbook that came while it was off decides");
}

#[test]
fn a_purge_delivers_nothing_from_before_and_removes_it() {
    let memory = Memory::new();
    let client = open(memory.clone(), &Manual::at(NOON, 0));
    client.track("product_viewed", props! { "sku": "before" }).unwrap();
    let before = client.export(100).unwrap().unwrap();
    client.set_consent_and_purge(Consent::all()).unwrap();
    assert_eq!(kinds(&client), ["$consent"]);
    client.track("product_viewed", props! { "sku": "after" }).unwrap();
    let after = client.export(100).unwrap().unwrap();
    assert_eq!(kinds(&client), ["$consent", "product_viewed"]);
    client.acknowledge(&after.cursor).unwrap();
    assert_eq!(client.export(100).unwrap(), None);
    client.close().unwrap();
    let mut store: Box<dyn hearken::store::Store> = Box::new(memory);
    store.open().unwrap();
    let rows = store.rows(0, 1_000).unwrap().concat();
    assert!(!rows.contains("before") && rows.contains("after"), "{rows}");
    assert!(before.lines.len() > 3);
}

/// What erasure leaves: a new journal that says whose data is gone, and a client that goes on as on the first day.
fn erases<S: hearken::store::Store + 'static>(store: impl Fn() -> S) {
    let clock = Manual::at(NOON, 0);
    let client = open(store(), &clock);
    client.identify("u-1").unwrap();
    client.set_attribute("tier", "silver").unwrap();
    client.track("cart_updated", props! { "items": 2 }).unwrap();
    client.next_presentation().unwrap().unwrap().begin().unwrap().visible().unwrap();
    let stale = client.export(100).unwrap().unwrap();
    client.reset().unwrap();
    let receipt = client.erase().unwrap();
    assert_eq!(receipt.profiles.len(), 2, "the person's and the one after");
    assert_ne!(receipt.journal, stale.cursor.journal);
    let seen = records(&client);
    assert_eq!(kinds(&client), ["$erase", "$consent", "$playbook_installed"]);
    assert_eq!(seen[0]["data"]["profiles"], serde_json::json!(receipt.profiles));
    client.acknowledge(&stale.cursor).unwrap();
    assert_eq!(records(&client), seen, "a cursor of the journal before means nothing in the new one");
    assert!(!client.export_state().unwrap().contains("silver"));
    client.track("cart_updated", props! { "items": 2 }).unwrap();
    assert!(client.next_presentation().unwrap().is_some(), "the playbook is in force, and its limit is not spent");
    client.close().unwrap();
    let client = open(store(), &clock);
    assert_eq!(client.export(1).unwrap().unwrap().cursor.journal, receipt.journal);
    assert!(!records(&client).iter().any(|record| record.to_string().contains("u-1")));
    client.close().unwrap();
}

#[test]
fn erasure_in_memory() {
    let memory = Memory::new();
    erases(|| memory.clone());
}

#[test]
fn erasure_in_sqlite_leaves_no_byte_and_no_damaged_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hearken.db");
    std::fs::write(&path, "u-1 in a file that is no database, kept aside as damaged").unwrap();
    erases(|| Sqlite::open(&path).unwrap());
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let (bytes, name) = {
            let entry = entry.unwrap();
            (std::fs::read(entry.path()).unwrap(), entry.file_name())
        };
        assert!(!name.to_string_lossy().contains("damaged"), "{name:?}");
        assert!(!bytes.windows(3).any(|text| text == b"u-1"), "{name:?}");
    }
}

#[test]
fn an_erasure_that_the_store_will_not_take_errs_and_deletes_nothing() {
    let broken = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&broken);
    let hook = Hook::new(move |_| if switch.load(Ordering::SeqCst) { Err("disk full".into()) } else { Ok(()) });
    let memory = Memory::new();
    let builder = Client::builder(PLAYBOOK).store(memory.clone().hooked(hook)).consent(Consent::all()).attempts(1);
    let client = builder.open().unwrap();
    client.identify("u-1").unwrap();
    client.flush().unwrap();
    broken.store(true, Ordering::SeqCst);
    assert!(matches!(client.erase(), Err(Error::Store(_))));
    broken.store(false, Ordering::SeqCst);
    while client.flush().is_err() {
        std::thread::yield_now();
    }
    assert!(client.export_state().unwrap().contains("u-1"), "the engine says what the store says");
    assert!(kinds(&client).contains(&"$journal_gap".to_owned()));
    assert_eq!(client.erase().unwrap().profiles.len(), 1);
}

#[test]
fn a_card_is_listed_read_and_dismissed_and_the_observer_is_told() {
    #[derive(Default)]
    struct Told(AtomicBool);
    impl Observer for Told {
        fn inbox_changed(&self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let playbook = serde_json::json!({
        "spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"},
        "campaigns": [{"id": "c", "channel": ["inbox"], "trigger": {"event": "go"}, "card": {"expires_in": "2d"}, "limit": {"times": 3}, "message": "m"}],
        "messages": {"m": {"layout": "card", "pages": [[{"heading": "Hello"}, {"button": {"id": "ok", "label": "OK", "actions": [{"track": {"event": "used"}}]}}]]}}
    });
    let told = Arc::new(Told::default());
    let clock = Manual::at(NOON, 0);
    let builder = Client::builder(playbook.to_string()).consent(Consent::all()).clock(clock.clone());
    let client = builder.observer(told.clone()).open().unwrap();
    client.track("go", props! {}).unwrap();
    client.flush().unwrap();
    assert!(told.0.load(Ordering::SeqCst));
    let inbox = client.inbox().unwrap();
    let card = inbox.cards[0].clone();
    assert_eq!((inbox.unread, card.campaign.as_str(), card.message.label.as_str()), (1, "c", "Hello"));
    assert_eq!(card.expires_at, Some(NOON.plus(Span(2 * 86_400_000))));
    card.seen().unwrap();
    card.click("ok").unwrap();
    let inbox = client.inbox().unwrap();
    assert!(inbox.unread == 0 && inbox.cards[0].is_read && inbox.cards[0].is_seen);
    card.snooze(Span::seconds(60)).unwrap();
    assert!(client.inbox().unwrap().cards.is_empty());
    client.flush().unwrap();
    told.0.store(false, Ordering::SeqCst);
    clock.advance(Span::seconds(60));
    client.tick().unwrap();
    client.flush().unwrap();
    assert!(told.0.load(Ordering::SeqCst), "time alone brings a card back");
    assert_eq!(client.inbox().unwrap().cards.len(), 1);
    card.archive().unwrap();
    card.dismiss().unwrap();
    assert!(matches!(card.read(), Err(Error::Rejected(Rejection::Card { .. }))));
    assert!(kinds(&client).contains(&"used".to_owned()));
}

#[test]
fn without_analytics_nothing_of_a_person_is_exported() {
    let client = open(Memory::new(), &Manual::at(NOON, 0));
    client.set_consent(Consent::none().with(Purpose::Messaging)).unwrap();
    let before = kinds(&client).len();
    client.track("cart_updated", props! { "items": 1 }).unwrap();
    assert_eq!(kinds(&client).len(), before);
}
