//! How long the journal is kept, what it says when something goes, and what a damaged checkpoint costs.

use hearken::store::{Batch, Checkpoint, Role, Store};
use hearken::{
    Client, Consent, Encoding, ExportOptions, Manual, Memory, Retention, Span, Sqlite, Timestamp, Value, props,
};

const NOON: Timestamp = Timestamp(1_763_719_200_000);
const PLAYBOOK: &str = r#"{"spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"}}"#;

fn open(store: impl Store + 'static, clock: &Manual, retention: Retention) -> Client {
    let builder = Client::builder(PLAYBOOK).store(store).consent(Consent::all()).clock(clock.clone());
    builder.retention(retention).open().unwrap()
}

fn rows(store: impl Store + 'static) -> Vec<Value> {
    let mut store: Box<dyn Store> = Box::new(store);
    assert!(matches!(store.open().unwrap(), Role::Owner(_)));
    store.rows(0, usize::MAX).unwrap().iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

fn export_all(client: &Client) -> Vec<Value> {
    let mut records = Vec::new();
    while let Some(part) = client.export(1_000).unwrap() {
        records.extend(part.lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        client.acknowledge(&part.cursor).unwrap();
    }
    records
}

#[test]
fn what_was_exported_goes_at_the_next_checkpoint() {
    let memory = Memory::new();
    let client = open(memory.clone(), &Manual::at(NOON, 0), Retention::default());
    (0..500).for_each(|n| client.track("e", props! { "n": n }).unwrap());
    let exported = export_all(&client).len() as u64;
    assert!(exported > 500);
    (0..600).for_each(|n| client.track("e", props! { "n": n }).unwrap());
    client.flush().unwrap();
    client.close().unwrap();
    assert_eq!(rows(memory.clone())[0]["first"], exported + 1, "the checkpoint after 1,000 records came by");
    let client = open(memory, &Manual::at(NOON, 0), Retention::default());
    assert_eq!(export_all(&client).iter().filter(|record| record["type"] == "e").count(), 600);
}

#[test]
fn what_is_too_old_is_given_up_and_the_journal_says_what() {
    let memory = Memory::new();
    let clock = Manual::at(NOON, 0);
    let kept = Retention { age: Span(90 * 86_400_000), ..Retention::default() };
    let client = open(memory.clone(), &clock, kept);
    client.track("old", props! {}).unwrap();
    clock.advance(Span(89 * 86_400_000));
    client.track("young", props! {}).unwrap();
    client.close().unwrap();
    clock.advance(Span(86_400_000));
    let client = open(memory, &clock, kept);
    client.flush().unwrap();
    assert!(client.take_reports().iter().any(|report| report.contains("given up for room")));
    let records = export_all(&client);
    let kinds: Vec<&str> = records.iter().map(|record| record["type"].as_str().unwrap()).collect();
    assert!(!kinds.contains(&"old") && kinds.contains(&"young"), "{kinds:?}");
    let gap = records.iter().find(|record| record["type"] == "$journal_gap").unwrap();
    let first = records[0]["seq"].as_u64().unwrap();
    assert_eq!(gap["data"], serde_json::json!({"reason": "retention", "from": 1, "to": first - 1}));
}

#[test]
fn what_is_too_much_is_given_up_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hearken.db");
    let clock = Manual::at(NOON, 0);
    let kept = Retention { bytes: 1_000_000, ..Retention::default() };
    let client = open(Sqlite::open(&path).unwrap(), &clock, kept);
    for n in 0..3_000 {
        client.track("e", props! { "n": n, "text": "x".repeat(400) }).unwrap();
    }
    client.flush().unwrap();
    let records = export_all(&client);
    let gaps: Vec<&Value> = records.iter().filter(|record| record["type"] == "$journal_gap").collect();
    assert!(!gaps.is_empty());
    let told: u64 = gaps.iter().map(|gap| gap["data"]["to"].as_u64().unwrap()).max().unwrap();
    let (mut seen, mut last) = (0, None);
    for record in &records {
        assert!(record["seq"].as_u64().unwrap() > told || record["type"] == "$journal_gap");
        if record["type"] == "e" {
            last = record["data"]["n"].as_u64();
            seen += 1;
        }
    }
    assert_eq!(last, Some(2_999), "the newest stay");
    assert!((500..2_500).contains(&seen), "{seen}");
}

#[test]
fn a_damaged_newest_checkpoint_costs_nothing() {
    let memory = Memory::new();
    let clock = Manual::at(NOON, 0);
    let client = open(memory.clone(), &clock, Retention::default());
    (0..700).for_each(|n| client.track("e", props! { "n": n }).unwrap());
    export_all(&client);
    client.prune_exported().unwrap();
    client.set_attribute("tier", "gold").unwrap();
    (0..700).for_each(|n| client.track("e", props! { "n": n }).unwrap());
    client.flush().unwrap();
    let state = client.export_state().unwrap();
    client.close().unwrap();
    let mut store: Box<dyn Store> = Box::new(memory.clone());
    let Role::Owner(opened) = store.open().unwrap() else { panic!("the owner") };
    let head = opened.head.expect("a checkpoint after 1,000 records");
    assert!(store.base().unwrap().expect("a base").seq < head.seq);
    let torn = Checkpoint { seq: head.seq, body: head.body[..head.body.len() / 2].to_owned() };
    store.append(&Batch { head: Some(torn), ..Batch::default() }).unwrap();
    drop(store);
    let client = open(memory.clone(), &clock, Retention::default());
    assert_eq!(client.export_state().unwrap(), state);
    assert!(client.take_reports().iter().any(|report| report.contains("nothing is lost by it")));
    assert_eq!(export_all(&client).iter().filter(|record| record["type"] == "e").count(), 700);
    client.close().unwrap();
    let client = open(memory, &clock, Retention::default());
    assert_eq!(client.take_reports(), Vec::<String>::new(), "another one was written");
}

#[test]
fn every_encoding_delivers_the_same_records_and_what_is_personal_only_if_asked() {
    let playbook = r#"{"spec": 1, "id": "p", "revision": 1, "plan": {"mode": "strict", "events": {"answered": {"properties": {"score": {"type": "int"}, "why": {"type": "string", "pii": true}}}}}}"#;
    let client = Client::builder(playbook).consent(Consent::all()).open().unwrap();
    client.track("answered", props! { "score": 9, "why": "Ann said so" }).unwrap();
    let part = |encoding, with_pii| {
        client.export_with(ExportOptions { encoding, with_pii, ..ExportOptions::default() }).unwrap().unwrap()
    };
    let native = part(Encoding::Native, false);
    for encoding in [Encoding::Native, Encoding::Segment, Encoding::CloudEvents] {
        let export = part(encoding, false);
        assert_eq!((export.lines.len(), &export.cursor), (native.lines.len(), &native.cursor));
        assert!(!export.body().contains("Ann") && export.body().contains("answered"));
        assert!(part(encoding, true).body().contains("Ann said so"));
        assert_eq!(part(encoding, false), export, "the same bytes each time");
    }
}
