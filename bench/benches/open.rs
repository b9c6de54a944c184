//! Opening a store after a kill: the last checkpoint, the rows after it, and a playbook of a thousand campaigns. Milliseconds
//! until decisions can be made; and what the process then holds.

use std::time::Instant;

use hearken::{Client, Consent, Sqlite};
use hearken_bench::{playbook, properties};

fn main() {
    println!("{:>10} {:>10} {:>9} {:>12}", "records", "campaigns", "open ms", "resident MiB");
    for records in [1_000, 10_000, 100_000, 1_000_000] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bench.db");
        // An app has the document at hand; writing it is not its opening.
        let document = playbook(1_000);
        let open = || {
            let store = Sqlite::open(&path).expect("a store");
            let client =
                Client::builder(document.clone()).store(store).consent(Consent::all()).open().expect("a client");
            client.ready().expect("open");
            client
        };
        let client = open();
        for n in 0..records {
            client.track("viewed", properties()).expect("tracked");
            if n % 2_000 == 1_999 {
                client.flush().expect("flushed");
            }
        }
        client.flush().expect("flushed");
        // Not closed: as after a kill, whatever was not checkpointed is folded.
        drop(client);
        let mut times: Vec<f64> = (0..5)
            .map(|_| {
                std::thread::sleep(std::time::Duration::from_millis(50));
                let started = Instant::now();
                let client = open();
                let opened = started.elapsed().as_secs_f64() * 1_000.0;
                drop(client);
                opened
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!("{records:>10} {:>10} {:>9.2} {:>12}", 1_000, times[2], resident());
    }
}

/// Of this process, in MiB; nothing where the system does not say.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
    kib.map_or("-".to_owned(), |kib| format!("{:.1}", kib / 1_024.0))
}
