//! A store that fails for a while, or for good (engine.md 1.9).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use hearken::store::{Batch, Checkpoint, Opened, Pending, Role, Store, StoreError};
use hearken::testing::Hook;
use hearken::{Client, Consent, Error, Memory, Value, props};

use crate::slice::PLAYBOOK;

/// A store in memory whose writes fail while the switch is on.
fn switched() -> (Memory, Hook, Arc<AtomicBool>) {
    let broken = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&broken);
    let hook = Hook::new(move |_| if switch.load(Ordering::SeqCst) { Err("disk full".into()) } else { Ok(()) });
    (Memory::new(), hook, broken)
}

fn kinds(client: &Client) -> Vec<String> {
    let lines = client.export(1_000).unwrap().map_or_else(Vec::new, |part| part.lines);
    lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn while_the_store_fails_flush_errs_nothing_is_offered_and_nothing_is_lost() {
    let (memory, hook, broken) = switched();
    let builder = Client::builder(PLAYBOOK).store(memory.hooked(hook)).consent(Consent::all()).attempts(1_000);
    let client = builder.open().unwrap();
    client.flush().unwrap();
    broken.store(true, Ordering::SeqCst);
    client.track("cart_updated", props! { "items": 1 }).unwrap();
    assert!(matches!(client.flush(), Err(Error::Store(_))), "flush says that it did not reach the store");
    assert!(matches!(client.next_presentation(), Err(Error::Store(_))), "nothing is offered that is not stored");
    client.track("product_viewed", props! { "sku": "a" }).unwrap();
    broken.store(false, Ordering::SeqCst);
    // The write is tried again by itself; the failure is forgotten once it works.
    while client.flush().is_err() {
        std::thread::yield_now();
    }
    assert!(client.next_presentation().unwrap().is_some());
    assert_eq!(
        kinds(&client).iter().filter(|kind| ["cart_updated", "product_viewed"].contains(&kind.as_str())).count(),
        2
    );
}

#[test]
fn when_the_store_gives_up_the_engine_says_what_the_store_says_and_records_the_gap() {
    let (memory, hook, broken) = switched();
    let builder = Client::builder(PLAYBOOK).store(memory.clone().hooked(hook)).consent(Consent::all()).attempts(2);
    let client = builder.open().unwrap();
    client.flush().unwrap();
    broken.store(true, Ordering::SeqCst);
    client.track("cart_updated", props! { "items": 1 }).unwrap();
    assert!(client.flush().is_err());
    broken.store(false, Ordering::SeqCst);
    while client.flush().is_err() {
        std::thread::yield_now();
    }
    client.track("cart_updated", props! { "items": 1 }).unwrap();
    let offer = client.next_presentation().unwrap();
    let seen = kinds(&client);
    assert!(offer.is_some(), "the use that was never stored is not counted: {seen:?}");
    let tracked = seen.iter().filter(|kind| *kind == "cart_updated").count();
    let gaps = seen.iter().filter(|kind| *kind == "$journal_gap").count();
    assert!(gaps == 1 && tracked == 1 || gaps == 0 && tracked == 2, "lost and said so, or not lost: {seen:?}");
}

#[test]
fn a_full_queue_refuses_before_anything_changes_and_keeps_room_for_what_is_on_the_screen() {
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let held = Arc::clone(&gate);
    // The writer stands still inside its first write after the gate is shut.
    let hook = Hook::new(move |_| {
        let (shut, changed) = &*held;
        let _open = changed.wait_while(shut.lock().unwrap(), |shut| *shut).unwrap();
        Ok(())
    });
    let client = Client::builder(PLAYBOOK).store(Memory::new().hooked(hook)).consent(Consent::all()).open().unwrap();
    client.track("cart_updated", props! { "items": 1 }).unwrap();
    let drawn = client.next_presentation().unwrap().unwrap().begin().unwrap();
    client.flush().unwrap();
    *gate.0.lock().unwrap() = true;
    let mut taken = 0;
    let refused = loop {
        match client.track("product_viewed", props! { "sku": "a" }) {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
        assert!(taken <= 20_000, "the queue is bounded");
    };
    assert_eq!(refused, Error::Backpressure);
    assert!(taken >= 9_000, "{taken}");
    drawn.visible().unwrap();
    drawn.dismiss().unwrap();
    *gate.0.lock().unwrap() = false;
    gate.1.notify_all();
    client.flush().unwrap();
    let mut viewed = 0;
    let mut seen = Vec::new();
    while let Some(part) = client.export(5_000).unwrap() {
        viewed += part.lines.iter().filter(|line| line.contains("\"product_viewed\"")).count();
        seen.extend(part.lines.iter().filter(|line| line.contains("\"$shown\"")).cloned());
        client.acknowledge(&part.cursor).unwrap();
    }
    assert_eq!(viewed, taken, "what was taken is kept, what was refused is not");
    assert_eq!(seen.len(), 1);
}

#[test]
fn a_folder_that_cannot_be_written_is_a_typed_error() {
    // The kernel's own folder takes files from nobody, whoever runs the tests.
    #[cfg(target_os = "linux")]
    let path = std::path::PathBuf::from("/proc/hearken.db");
    #[cfg(not(target_os = "linux"))]
    let path = std::path::PathBuf::from("/");
    let store = hearken::Sqlite::open(path);
    let error = store
        .map_err(Error::from)
        .and_then(|store| Client::builder(PLAYBOOK).store(store).consent(Consent::all()).open());
    assert!(matches!(error.err(), Some(Error::Store(StoreError::Unavailable { .. }))));
}

#[test]
fn a_truncated_database_is_kept_aside_and_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hearken.db");
    let open = || Client::builder(PLAYBOOK).store(hearken::Sqlite::open(&path).unwrap()).consent(Consent::all()).open();
    let client = open().unwrap();
    (0..300).for_each(|n| client.track("product_viewed", props! { "sku": format!("s-{n}") }).unwrap());
    client.flush_durable().unwrap();
    client.close().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for (name, damage) in [
        ("cut", bytes[..bytes.len() / 2].to_vec()),
        ("overwritten", [&bytes[..100], &vec![0x5a; bytes.len() - 100]].concat()),
    ] {
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(folder.path().join(format!("hearken.db{suffix}")));
        }
        std::fs::write(&path, damage).unwrap();
        let client = open().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(client.take_reports().iter().any(|report| report.contains("damaged")), "{name}");
        client.track("product_viewed", props! { "sku": "a" }).unwrap();
        assert!(kinds(&client).contains(&"$journal_gap".to_owned()), "{name}");
        client.close().unwrap();
    }
}

#[test]
fn a_clock_that_goes_back_a_day_and_forward_a_year_is_said_and_loses_no_cap() {
    let (day, year) = (86_400_000, 365 * 86_400_000);
    let clock = hearken::Manual::at(hearken::Timestamp(1_763_719_200_000), 0);
    let client = Client::builder(PLAYBOOK)
        .consent(Consent::all())
        .clock(clock.clone())
        // Else the year ahead would make everything too old to keep.
        .retention(hearken::Retention { age: hearken::Span(10 * year), ..Default::default() })
        .open()
        .unwrap();
    client.track("cart_updated", props! { "items": 1 }).unwrap();
    let drawn = client.next_presentation().unwrap().unwrap().begin().unwrap();
    drawn.visible().unwrap();
    drawn.dismiss().unwrap();
    clock.advance(hearken::Span(-day));
    client.track("cart_updated", props! { "items": 1 }).unwrap();
    assert!(client.next_presentation().unwrap().is_none(), "a use in the future still counts");
    clock.advance(hearken::Span(day + year));
    client.track("cart_updated", props! { "items": 1 }).unwrap();
    assert!(client.next_presentation().unwrap().is_none(), "once means once");
    let seen = kinds(&client);
    assert_eq!(seen.iter().filter(|kind| *kind == "$clock_step").count(), 1);
    assert_eq!(seen.iter().filter(|kind| *kind == "cart_updated").count(), 3);
}

/// A store that opens and goes as a test wants it to.
struct Odd {
    store: Memory,
    opens: Box<dyn FnMut() -> Result<(), StoreError> + Send>,
    gone: Box<dyn FnMut() + Send>,
}

impl Drop for Odd {
    fn drop(&mut self) {
        (self.gone)();
    }
}

impl Store for Odd {
    fn open(&mut self) -> Result<Role, StoreError> {
        (self.opens)()?;
        self.store.open()
    }
    fn restart(&mut self, why: &str) -> Result<Opened, StoreError> {
        self.store.restart(why)
    }
    fn append(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.store.append(batch)
    }
    fn rows(&mut self, after: u64, limit: usize) -> Result<Vec<String>, StoreError> {
        self.store.rows(after, limit)
    }
    fn prune(&mut self, base: &Checkpoint) -> Result<(), StoreError> {
        self.store.prune(base)
    }
    fn base(&mut self) -> Result<Option<Checkpoint>, StoreError> {
        self.store.base()
    }
    fn size(&mut self) -> Result<u64, StoreError> {
        self.store.size()
    }
    fn erase(&mut self, batch: &Batch) -> Result<String, StoreError> {
        self.store.erase(batch)
    }
    fn head(&mut self) -> Result<Option<Checkpoint>, StoreError> {
        self.store.head()
    }
    fn acknowledged(&mut self) -> Result<u64, StoreError> {
        self.store.acknowledged()
    }
    fn acknowledge(&mut self, seq: u64) -> Result<(), StoreError> {
        self.store.acknowledge(seq)
    }
    fn blob(&mut self, hash: &str) -> Result<Option<String>, StoreError> {
        self.store.blob(hash)
    }
    fn sync(&mut self) -> Result<(), StoreError> {
        self.store.sync()
    }
    fn hand_over(&mut self, pending: &[String]) -> Result<(), StoreError> {
        self.store.hand_over(pending)
    }
    fn pending(&mut self) -> Result<Vec<Pending>, StoreError> {
        self.store.pending()
    }
}

#[test]
fn a_store_that_would_not_open_is_let_go_before_that_is_said() {
    let refused = || StoreError::Unavailable { path: "disk".into(), message: "not now".into() };
    let gone = Arc::new(AtomicBool::new(false));
    let builder = |mut times: usize| {
        gone.store(false, Ordering::SeqCst);
        let opens = move || {
            times = times.checked_sub(1).ok_or_else(refused)?;
            Ok(())
        };
        let told = Arc::clone(&gone);
        let gone = move || {
            std::thread::sleep(std::time::Duration::from_millis(50));
            told.store(true, Ordering::SeqCst);
        };
        let (memory, hook, broken) = switched();
        let store = Odd { store: memory.hooked(hook), opens: Box::new(opens), gone: Box::new(gone) };
        (Client::builder(PLAYBOOK).store(store).consent(Consent::all()).attempts(1), broken)
    };
    assert_eq!(builder(0).0.open().err(), Some(Error::Store(refused())));
    assert!(gone.load(Ordering::SeqCst), "what never opened");

    let (builder, broken) = builder(1);
    let client = builder.open().unwrap();
    client.flush().unwrap();
    broken.store(true, Ordering::SeqCst);
    client.track("cart_updated", props! { "items": 1 }).unwrap();
    while client.flush().unwrap_err() != Error::Store(refused()) {}
    assert!(gone.load(Ordering::SeqCst), "what would not open again");
    assert_eq!(client.export(1).err(), Some(Error::Store(refused())));
    assert_eq!(client.close().err(), Some(Error::Store(refused())));
}

#[test]
fn what_comes_before_a_client_knows_that_it_is_a_guest_is_handed_over_or_said_to_be_refused() {
    let memory = Memory::new();
    let owner = Client::builder(PLAYBOOK).store(memory.clone()).consent(Consent::all()).open().unwrap();
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let opens = move || {
        // The second time nobody has to say so.
        let _ = gate.recv();
        Ok(())
    };
    let store = Odd { store: memory, opens: Box::new(opens), gone: Box::new(|| ()) };
    let guest = Client::builder(PLAYBOOK).store(store).consent(Consent::all()).spawn().unwrap();
    guest.set_consent(Consent::none()).unwrap();
    guest.track("cart_updated", props! { "items": 1 }).unwrap();
    drop(open);
    guest.flush().unwrap();
    assert!(guest.is_guest());
    let refused = guest.take_reports().into_iter().filter(|report| report.starts_with("consent")).collect::<Vec<_>>();
    assert_eq!(refused.len(), 1);
    assert!(refused[0].contains(&Error::NotOwner.to_string()), "{refused:?}");
    owner.flush().unwrap();
    assert!(kinds(&owner).contains(&"cart_updated".to_owned()));
}

#[test]
fn what_came_before_the_store_was_open_and_is_not_taken_is_reported() {
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let opens = move || {
        let _ = gate.recv();
        Ok(())
    };
    let store = Odd { store: Memory::new(), opens: Box::new(opens), gone: Box::new(|| ()) };
    let client = Client::builder(PLAYBOOK).store(store).consent(Consent::none()).spawn().unwrap();
    client.track("cart_updated", props! { "items": 1 }).unwrap();
    drop(open);
    client.flush().unwrap();
    let refused = client.take_reports().into_iter().filter(|report| report.starts_with("track")).collect::<Vec<_>>();
    assert_eq!(refused.len(), 1);
    assert!(refused[0].contains(&Error::NotConsented.to_string()), "{refused:?}");
}

#[test]
fn of_a_hundred_thousand_events_before_the_first_open_the_first_are_kept_and_the_rest_refused() {
    let gate = Arc::new((Mutex::new(true), Condvar::new()));
    let clock = hearken::Manual::at(hearken::Timestamp(1_763_719_200_000), 0);
    let shut = Arc::clone(&gate);
    let opens = move || {
        let _open = shut.1.wait_while(shut.0.lock().unwrap(), |shut| *shut).unwrap();
        Ok(())
    };
    let store = Odd { store: Memory::new(), opens: Box::new(opens), gone: Box::new(|| ()) };
    let builder = Client::builder(PLAYBOOK).store(store).consent(Consent::all());
    let client = builder.clock(clock.clone()).spawn().unwrap();
    let mut taken = 0;
    for n in 0..100_000 {
        match client.track("product_viewed", props! { "sku": format!("s-{n}") }) {
            Ok(()) => taken += 1,
            Err(error) => assert_eq!(error, Error::Backpressure),
        }
    }
    // Opening takes its time; that is no step of the clock.
    clock.advance(hearken::Span::seconds(5));
    *gate.0.lock().unwrap() = false;
    gate.1.notify_all();
    client.flush().unwrap();
    let mut seen = Vec::new();
    while let Some(part) = client.export(5_000).unwrap() {
        seen.extend(part.lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        client.acknowledge(&part.cursor).unwrap();
    }
    let skus: Vec<&Value> =
        seen.iter().filter(|record| record["type"] == "product_viewed").map(|record| &record["data"]["sku"]).collect();
    assert_eq!(taken, 9_000, "a thousand places are kept for what matters more");
    assert!(skus.iter().enumerate().all(|(n, sku)| **sku == format!("s-{n}")) && skus.len() == taken);
    assert!(!seen.iter().any(|record| record["type"] == "$clock_step"));
}

#[test]
fn a_journal_can_be_read_again_however_long_something_was_put_off() {
    let playbook = r#"{"spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"}, "campaigns": [
        {"id": "k", "channel": ["inbox"], "trigger": {"event": "go"}, "message": "k"},
        {"id": "m", "channel": ["in_app"], "trigger": {"event": "go"}, "message": "m"}],
        "messages": {"k": {"layout": "card", "pages": [[{"heading": "Hello"}]]}, "m": {"layout": "modal", "pages": [[{"heading": "Hello"}]]}}}"#;
    let memory = Memory::new();
    let open = || Client::builder(playbook).store(memory.clone()).consent(Consent::all()).open().unwrap();
    let client = open();
    client.track("go", props! {}).unwrap();
    client.next_presentation().unwrap().unwrap().later_after(hearken::Span(i64::MAX)).unwrap();
    let card = client.inbox().unwrap().cards[0].clone();
    for lasts in [-1, i64::MIN, i64::MAX] {
        card.snooze(hearken::Span(lasts)).unwrap();
    }
    client.close().unwrap();
    let client = open();
    assert!(!client.take_reports().iter().any(|report| report.contains("damaged")));
    assert_eq!(kinds(&client).iter().filter(|kind| *kind == "$card_snoozed").count(), 3);
    assert!(client.inbox().unwrap().cards.is_empty());
}

#[test]
fn what_the_host_said_is_known_to_an_engine_that_is_folded_anew() {
    let playbook = r#"{"spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"}, "settings": {"interval": 0}, "campaigns": [
        {"id": "in", "channel": ["in_app"], "placement": "hero", "trigger": {"event": "go"}, "message": "in",
         "audience": {"$host": {"app_version": {"$veq": "2.1.0"}, "device_class": "tablet"}}},
        {"id": "over", "channel": ["in_app"], "trigger": {"event": "go"}, "message": "over"}],
        "messages": {"in": {"layout": "inline", "pages": [[{"heading": "In"}]]}, "over": {"layout": "modal", "pages": [[{"heading": "Over"}]]}}}"#;
    let (memory, hook, broken) = switched();
    let builder = Client::builder(playbook).store(memory.hooked(hook)).consent(Consent::all()).attempts(1);
    let client = builder.host(props! { "app_version": "2.0.0", "device_class": "tablet" }).open().unwrap();
    client.set_host(props! { "app_version": "2.1.0" }).unwrap();
    client.mount("hero").unwrap();
    client.mount("gone").unwrap();
    client.unmount("gone").unwrap();
    client.pause().unwrap();
    client.flush().unwrap();
    broken.store(true, Ordering::SeqCst);
    client.track("lost", props! {}).unwrap();
    assert!(client.flush().is_err());
    broken.store(false, Ordering::SeqCst);
    while client.flush().is_err() {
        std::thread::yield_now();
    }
    assert!(kinds(&client).contains(&"$journal_gap".to_owned()), "the engine was folded anew");
    client.track("go", props! {}).unwrap();
    assert!(client.next_presentation().unwrap().is_none(), "the app holds messages back");
    client.resume().unwrap();
    let given = [client.next_presentation().unwrap().unwrap(), client.next_presentation().unwrap().unwrap()];
    let mut campaigns = given.each_ref().map(|given| given.campaign());
    campaigns.sort_unstable();
    assert_eq!(campaigns, ["in", "over"], "its place and the host's values are known");
}
