//! Kills: at random instants, and one at every write boundary. Nothing that `flush` acknowledged is lost, no cap is
//! exceeded, a repeated export is byte-identical, and nothing returns after `acknowledge`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::time::Duration;

use hearken::testing::Hook;
use hearken::{Client, Consent, Sqlite, Value, props};

use crate::processes::{FILE, ROLE, start};

const TEST_RANDOM: &str = "kills::fifty_random_kills_lose_nothing_that_flush_acknowledged";
const TEST_BOUNDARY: &str = "kills::a_kill_at_every_write_boundary_loses_nothing_that_flush_acknowledged";

/// A playbook whose one cap allows two uses a day, and whose campaign has no limit in reach: only the cap holds it back.
fn playbook() -> String {
    serde_json::json!({
        "spec": 1, "id": "kills", "revision": 1,
        "plan": {"mode": "open"}, "settings": {"interval": "0s"}, "caps": {"twice": {"max": 2, "per": "1d"}},
        "campaigns": [{"id": "c", "channel": ["in_app"], "trigger": {"event": "go"}, "caps": ["twice"], "limit": {"times": 1000}, "message": "m"}],
        "messages": {"m": {"layout": "modal", "pages": [[{"heading": "Hello"}]]}}
    })
    .to_string()
}

fn client(file: &Path, hook: Option<Hook>) -> Client {
    let store = Sqlite::open(file).unwrap();
    let store = match hook {
        Some(hook) => store.hooked(hook),
        None => store,
    };
    Client::builder(playbook()).store(store).consent(Consent::all()).open().unwrap()
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

/// What the killed process does: it tracks numbered events, shows what is offered, exports and acknowledges, and says
/// each thing only after it was kept.
fn visit(file: &Path, hook: Option<Hook>, rounds: u64) {
    let client = client(file, hook);
    let round = std::process::id();
    for n in 0..rounds {
        client.track("go", props! { "by": round, "n": n }).unwrap();
        if client.flush().is_err() {
            continue;
        }
        say(&format!("flushed {round} {n}"));
        if let Ok(Some(offer)) = client.next_presentation()
            && let Ok(drawn) = offer.begin()
        {
            let _ = drawn.visible();
            let _ = drawn.dismiss();
        }
        if n % 3 == 2
            && let Ok(Some(part)) = client.export(10)
        {
            for line in &part.lines {
                say(&format!("exported {line}"));
            }
            if client.acknowledge(&part.cursor).is_ok() {
                say(&format!("acknowledged {}", part.cursor.through));
            }
        }
    }
    let _ = client.close();
}

/// What the processes said over their lives, held against each other and against what is left at the end.
#[derive(Default)]
struct Ledger {
    flushed: Vec<(u64, u64)>,
    exported: BTreeMap<String, String>,
    acknowledged: u64,
}

impl Ledger {
    fn read(&mut self, out: impl std::io::Read) {
        let mut acknowledged = self.acknowledged;
        for line in BufReader::new(out).lines() {
            // A kill can leave half a line: it was not said.
            let Ok(line) = line else { break };
            let mut words = line.splitn(2, ' ');
            match (words.next(), words.next()) {
                (Some("flushed"), Some(rest)) => {
                    let numbers: Vec<u64> = rest.split(' ').filter_map(|word| word.parse().ok()).collect();
                    if let [by, n] = numbers[..] {
                        self.flushed.push((by, n));
                    }
                }
                (Some("exported"), Some(record)) => {
                    if let Ok(value) = serde_json::from_str::<Value>(record) {
                        self.export(record, &value);
                    }
                }
                (Some("acknowledged"), Some(seq)) => acknowledged = seq.parse().unwrap_or(acknowledged),
                _ => {}
            }
            self.acknowledged = acknowledged;
        }
    }

    fn export(&mut self, record: &str, value: &Value) {
        let seq = value["seq"].as_u64().unwrap();
        assert!(seq > self.acknowledged, "{seq} came again after {} was acknowledged", self.acknowledged);
        let id = value["id"].as_str().unwrap().to_owned();
        let first = self.exported.entry(id).or_insert_with(|| record.to_owned());
        assert_eq!(first, record, "an exported record has the same bytes each time");
    }

    fn settle(mut self, file: &Path, kills: usize) {
        let last = client(file, None);
        while let Some(part) = last.export(50).unwrap() {
            for line in &part.lines {
                self.export(line, &serde_json::from_str(line).unwrap());
            }
            last.acknowledge(&part.cursor).unwrap();
            self.acknowledged = part.cursor.through;
        }
        let records: Vec<Value> = self.exported.values().map(|line| serde_json::from_str(line).unwrap()).collect();
        for (by, n) in &self.flushed {
            let there = records.iter().any(|r| r["type"] == "go" && r["data"]["by"] == *by && r["data"]["n"] == *n);
            assert!(there, "event {n} of process {by} was flushed and is lost");
        }
        let mut seqs: Vec<u64> = records.iter().map(|record| record["seq"].as_u64().unwrap()).collect();
        seqs.sort_unstable();
        assert!(seqs.iter().enumerate().all(|(n, seq)| *seq == n as u64 + 1), "the journal has no gap");
        let count = |kind: &str| records.iter().filter(|record| record["type"] == kind).count();
        assert!(count("$shown") <= 2, "the cap holds: {} shown", count("$shown"));
        assert!(count("$use_committed") <= 2, "a use that is counted twice would stop what may be shown");
        assert_eq!(count("$use_reserved"), count("$ended"), "each presentation ended once");
        assert!(!self.flushed.is_empty() && kills > 0);
        println!(
            "{kills} kills: {} flushed events, {} records, {} shown",
            self.flushed.len(),
            records.len(),
            count("$shown")
        );
    }
}

#[test]
fn fifty_random_kills_lose_nothing_that_flush_acknowledged() {
    if let (Some(file), Some(_)) = (std::env::var_os(FILE), std::env::var_os(ROLE)) {
        return visit(Path::new(&file), None, u64::MAX);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hearken.db");
    let mut ledger = Ledger::default();
    // A fixed sequence of pauses between 5 and 60 ms after the first flush; where a kill lands is up to the machine.
    let mut pause = 12_345u64;
    for _ in 0..50 {
        let mut child = start(TEST_RANDOM, "visitor", &file);
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut said = Vec::new();
        // Killed only once it works, so that each kill hits work and not the start of a process.
        while !said.ends_with(b"\n") || !String::from_utf8_lossy(&said).contains("flushed") {
            assert!(out.read_until(b'\n', &mut said).unwrap() > 0, "the visitor works");
        }
        pause = pause.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis(5 + (pause >> 33) % 55));
        child.kill().unwrap();
        child.wait().unwrap();
        ledger.read(std::io::Read::chain(said.as_slice(), out));
    }
    ledger.settle(&file, 50);
}

#[test]
fn a_kill_at_every_write_boundary_loses_nothing_that_flush_acknowledged() {
    if let (Some(file), Some(role)) = (std::env::var_os(FILE), std::env::var(ROLE).ok()) {
        let at: u64 = role.parse().unwrap();
        let mut boundary = 0;
        let hook = Hook::new(move |_| {
            boundary += 1;
            if boundary == at {
                std::process::abort();
            }
            Ok(())
        });
        visit(Path::new(&file), Some(hook), 6);
        say("ran to its end");
        return;
    }
    let mut kills = 0;
    loop {
        // Each boundary twice: on a new file, where the cap is open, and again on what the first kill left.
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hearken.db");
        let mut ledger = Ledger::default();
        let mut ended = false;
        for life in 0..2 {
            let output = start(TEST_BOUNDARY, &(kills + 1).to_string(), &file).wait_with_output().unwrap();
            ended |= life == 0 && String::from_utf8_lossy(&output.stdout).contains("ran to its end");
            ledger.read(output.stdout.as_slice());
        }
        if !ledger.flushed.is_empty() {
            ledger.settle(&file, 1);
        }
        if ended {
            break;
        }
        kills += 1;
    }
    assert!(kills > 20, "the visit has many boundaries, and each was tried: {kills}");
}
