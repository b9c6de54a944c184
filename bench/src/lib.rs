//! What the benchmarks share: playbooks of any size, events of any number of users, and percentiles.

pub mod events;

use std::hint::black_box;
use std::time::Instant;

use serde_json::json;

/// A playbook with so many campaigns, each set off by an event of its own, and one event that sets off none.
pub fn playbook(campaigns: usize) -> String {
    let campaign = |n: usize| {
        json!({
            "id": format!("c{n}"), "channel": ["in_app"],
            "trigger": {"event": format!("e{n}"), "where": {"items": {"$gte": 1}}},
            "audience": {"tier": {"$ne": "gold"}}, "caps": ["gentle"], "message": "m"
        })
    };
    json!({
        "spec": 1, "id": "bench", "revision": 1, "plan": {"mode": "open"},
        "caps": {"gentle": {"max": 1, "per": "1d"}},
        "campaigns": (0..campaigns).map(campaign).collect::<Vec<_>>(),
        "messages": {"m": {"layout": "modal", "pages": [[{"heading": "Hello"}, {"button": {"label": "OK"}}]]}}
    })
    .to_string()
}

/// The properties of a typical event.
pub fn properties() -> hearken::Properties {
    hearken::props! { "items": 2, "total_minor": 4998, "top_item": "Lamp", "screen": "cart", "returning": true }
}

/// The value that `share` of all values do not exceed.
pub fn percentile(values: &mut [u128], share: f64) -> u128 {
    values.sort_unstable();
    let place = ((values.len() as f64 * share) as usize).min(values.len() - 1);
    values[place]
}

/// The median of 11 rounds of about 60 ms each, in nanoseconds per call. Contenders run one after the other in one process,
/// on a machine that others may use: read the ratios.
pub fn median(mut call: impl FnMut() -> usize) -> f64 {
    let started = Instant::now();
    let mut calls = 0u32;
    while started.elapsed().as_millis() < 60 {
        black_box(call());
        calls += 1;
    }
    let mut rounds: Vec<f64> = (0..11)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..calls {
                black_box(call());
            }
            started.elapsed().as_nanos() as f64 / f64::from(calls)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[5]
}

/// Prints a table of contenders beside the first one.
pub fn table(title: &str, rows: &[(&str, f64)]) {
    println!("{title}");
    let ours = rows.first().map_or(1.0, |(_, ns)| *ns);
    for (name, ns) in rows {
        println!("{name:>44} {ns:>12.1} ns {:>8.2} x", ns / ours);
    }
}
