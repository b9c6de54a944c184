//! What `track` costs on the caller's thread, none of the campaigns triggered: percentiles over single calls, in
//! nanoseconds, per number of campaigns. Medians of one run on one machine: read the ratios.

use std::time::Instant;

use hearken::{Client, Consent, Sqlite};
use hearken_bench::{percentile, playbook, properties};

const CALLS: usize = 20_000;

fn main() {
    println!("track(), {CALLS} calls, none triggered, SQLite behind it; ns on the caller's thread");
    println!("{:>10} {:>9} {:>9} {:>9} {:>12} {:>12}", "campaigns", "p50", "p95", "p99", "events/s", "open ms");
    for campaigns in [10, 100, 1_000, 10_000] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Sqlite::open(folder.path().join("bench.db")).expect("a store");
        let started = Instant::now();
        let client =
            Client::builder(playbook(campaigns)).store(store).consent(Consent::all()).open().expect("a client");
        let opened = started.elapsed();
        let mut calls = Vec::with_capacity(CALLS);
        let all = Instant::now();
        for n in 0..CALLS {
            let properties = properties();
            let started = Instant::now();
            let tracked = client.track("viewed", properties);
            calls.push(started.elapsed().as_nanos());
            tracked.expect("tracked");
            // Batches as an app makes them, so that the queue never fills.
            if n % 2_000 == 1_999 {
                client.flush().expect("flushed");
            }
        }
        let rate = CALLS as f64 / all.elapsed().as_secs_f64();
        let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|share| percentile(&mut calls, share));
        println!("{campaigns:>10} {p50:>9} {p95:>9} {p99:>9} {rate:>12.0} {:>12.2}", opened.as_secs_f64() * 1_000.0);
    }
}
