//! `track` where campaigns are set off: ten triggered by one event, one of them decided and its texts rendered, on the
//! caller's thread; and how that grows with the campaigns beside them.

use std::time::Instant;

use hearken_bench::percentile;
use hearken_core::{Context, Engine, Input, Properties, Purposes, Timestamp};
use serde_json::json;

const CALLS: usize = 5_000;

/// Ten campaigns for one event, and so many others.
fn playbook(others: usize) -> String {
    let campaign = |id: String, event: String| {
        json!({"id": id, "channel": ["in_app"], "trigger": {"event": event, "where": {"items": {"$gte": 1}}},
            "audience": {"tier": {"$ne": "gold"}}, "limit": {"times": 0}, "message": "m"})
    };
    let ten = (0..10).map(|n| campaign(format!("hot{n}"), "cart_updated".into()));
    let rest = (0..others).map(|n| campaign(format!("c{n}"), format!("e{n}")));
    json!({"spec": 1, "id": "bench", "revision": 1, "plan": {"mode": "open"}, "settings": {"interval": 0},
        "campaigns": ten.chain(rest).collect::<Vec<_>>(),
        "messages": {"m": {"layout": "modal", "pages": [[
            {"image": {"src": "/cart.webp", "alt": "Your cart"}},
            {"heading": "{{ event.items }} things are waiting"},
            {"text": "{{ event.top_item | default: 'Your pick' }} and more{% if user.first_name %}, {{ user.first_name }}{% endif %}."},
            {"button": {"label": "Back to the cart", "role": "primary", "actions": [{"deep_link": "shop://cart"}]}},
            {"button": {"label": "Later", "actions": ["dismiss"]}}]]}}})
    .to_string()
}

fn main() {
    println!("one event, ten campaigns triggered, one decided and rendered; {CALLS} steps, ns in the engine");
    println!("{:>10} {:>9} {:>9} {:>11} {:>11}", "campaigns", "p50", "p99", "visited", "conditions");
    for others in [0, 90, 990, 9_990] {
        let mut engine = Engine::new("bench", ["in_app"]).expect("an engine");
        let mut now = 1_795_248_000_000;
        let mut handled = 0u128;
        let mut handle = |engine: &mut Engine, input: Input| {
            handled += 1;
            now += 1_000;
            let ctx = Context {
                now: Timestamp(now),
                entropy: handled.to_be_bytes(),
                locale: "en".into(),
                can_display: true,
                ..Context::default()
            };
            let started = Instant::now();
            let step = engine.handle(input, &ctx);
            (started.elapsed().as_nanos(), step)
        };
        handle(&mut engine, Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None });
        handle(&mut engine, Input::InstallPlaybook { document: playbook(others), history: Vec::new() });
        let mut calls = Vec::with_capacity(CALLS);
        let mut cost = hearken_core::Cost::default();
        for _ in 0..CALLS {
            let properties: Properties =
                json!({"items": 2, "total_minor": 4998, "top_item": "Lamp"}).as_object().expect("an object").clone();
            let track = Input::Track { name: "cart_updated".into(), properties, at: None };
            let (ns, step) = handle(&mut engine, track);
            calls.push(ns);
            cost = step.cost;
            let offer = step.offered.first().expect("an offer").presentation_id;
            // Back to where it was: nothing waits, nothing is offered.
            let answer = hearken_core::Answer::Discard;
            handle(&mut engine, Input::HostAnswer { presentation_id: offer, answer, after: None });
            let purposes = Purposes::all().without(hearken_core::Purpose::Messaging);
            handle(&mut engine, Input::Consent { purposes, purge: false });
            handle(&mut engine, Input::Consent { purposes: Purposes::all(), purge: false });
        }
        let [p50, p99] = [0.5, 0.99].map(|share| percentile(&mut calls, share));
        println!("{:>10} {p50:>9} {p99:>9} {:>11} {:>11}", others + 10, cost.campaigns, cost.conditions);
    }
}
