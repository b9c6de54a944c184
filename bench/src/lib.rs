//! What the benchmarks share: playbooks of any size, and percentiles.

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
