//! Playbooks while the app runs: what the journal still has of new counters, signatures, previews, forms, placements.

use ed25519_dalek::{Signer, SigningKey};
use hearken::{Client, Consent, Error, Manual, Memory, Reason, Span, Timestamp, props};
use serde_json::json;

const NOON: Timestamp = Timestamp(1_763_719_200_000);
const DAY: Span = Span(86_400_000);

fn playbook(revision: u32, campaigns: serde_json::Value) -> String {
    json!({
        "spec": 1, "id": "p", "revision": revision, "plan": {"mode": "open"}, "campaigns": campaigns,
        "messages": {"m": {"layout": "modal", "pages": [[{"heading": "Hello"}]]}}
    })
    .to_string()
}

fn counting(revision: u32) -> String {
    let audience = json!({"$history": {"event": "bought", "within": "2d", "count": {"$lt": 3}}});
    playbook(
        revision,
        json!([{"id": "c", "channel": ["in_app"], "trigger": {"event": "go"}, "audience": audience, "message": "m"}]),
    )
}

fn open(playbook: String, store: Memory, clock: &Manual) -> Client {
    Client::builder(playbook).store(store).consent(Consent::all()).clock(clock.clone()).open().unwrap()
}

fn past(client: &Client, clock: &Manual) {
    for _ in 0..3 {
        client.track("other", props! {}).unwrap();
        client.track("bought", props! {}).unwrap();
        clock.advance(DAY);
    }
}

fn reason(client: &Client) -> Option<Reason> {
    client.track("go", props! {}).unwrap();
    match client.take_decisions().pop()?.outcome {
        hearken::Outcome::Stopped { reason, .. } | hearken::Outcome::Waiting { reason, .. } => Some(reason),
        _ => None,
    }
}

#[test]
fn a_new_counter_knows_what_the_journal_still_has() {
    let clock = Manual::at(NOON, 0);
    // While the app runs, part of it not stored yet.
    let client = open(playbook(1, json!([])), Memory::new(), &clock);
    past(&client, &clock);
    client.install(counting(2)).unwrap();
    assert_eq!(reason(&client), None, "two in two days");
    // When it is opened with the new one.
    let memory = Memory::new();
    let client = open(playbook(1, json!([])), memory.clone(), &clock);
    past(&client, &clock);
    client.close().unwrap();
    let client = open(counting(2), memory, &clock);
    assert_eq!(reason(&client), None);
    // And nothing where the journal begins later than the window.
    let client = open(playbook(1, json!([])), Memory::new(), &clock);
    client.track("bought", props! {}).unwrap();
    client.install(counting(2)).unwrap();
    assert!(matches!(reason(&client), Some(Reason::HistoryIncomplete { .. })));
}

#[test]
fn only_a_signed_playbook_is_taken() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let (trusted, document) = (key.verifying_key().to_bytes(), playbook(1, json!([])));
    let signature = key.sign(document.as_bytes()).to_bytes();
    let builder =
        |store: Memory| Client::builder(document.clone()).store(store).consent(Consent::all()).verify_with(trusted);
    let refused = |result: Result<Client, Error>| matches!(result.err(), Some(Error::Signature { .. }));
    assert!(refused(builder(Memory::new()).open()), "without a signature");
    assert!(refused(builder(Memory::new()).signature([0; 64]).open()), "with another");
    assert!(refused(builder(Memory::new()).signature([0; 5]).open()), "with none at all");
    let memory = Memory::new();
    let client = builder(memory.clone()).signature(signature).open().unwrap();
    let next = playbook(2, json!([]));
    assert!(matches!(client.install(next.clone()), Err(Error::Signature { .. })));
    assert!(
        matches!(client.install_signed(next.clone(), &signature), Err(Error::Signature { .. })),
        "of another document"
    );
    client.install_signed(next.clone(), &key.sign(next.as_bytes()).to_bytes()).unwrap();
    client.close().unwrap();
    // The last good one stays in force.
    let client = builder(memory).open().unwrap();
    assert!(client.take_reports().iter().any(|report| report.contains("signature")));
    let mut no_point = [0; 32];
    no_point[0] = 2;
    let error = Client::builder(document).consent(Consent::all()).verify_with(no_point).open().err();
    assert!(matches!(error, Some(Error::Option { option, .. }) if option == "verify_with"));
}

#[test]
fn a_preview_shows_what_would_be_shown_and_records_nothing() {
    let client = open(counting(1), Memory::new(), &Manual::at(NOON, 0));
    let before = client.export(100).unwrap();
    assert_eq!(client.preview("c", None).unwrap().label, "Hello");
    assert!(matches!(client.preview("unheard_of", None), Err(Error::NotShown { reason: Reason::Unknown })));
    assert_eq!(client.export(100).unwrap(), before);
}

#[test]
fn a_form_branches_and_its_answers_are_recorded_when_they_are_handed_in() {
    let document = json!({
        "spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"},
        "campaigns": [{"id": "c", "channel": ["in_app"], "trigger": {"event": "go"}, "message": "m"}],
        "messages": {"m": {"layout": "modal", "label": "Survey", "pages": [
            {"id": "ask", "blocks": [{"field": {"kind": "nps", "name": "score", "label": "How likely?"}}],
             "next": [{"where": {"score": {"$gte": 9}}, "page": "thanks"}]},
            {"id": "why", "blocks": [{"field": {"kind": "text", "name": "why", "label": "Why?"}}]},
            {"id": "thanks", "blocks": [{"button": {"id": "send", "label": "Send", "actions": [{"submit": {"event": "nps_answered"}}]}}]}
        ]}}
    });
    let client = open(document.to_string(), Memory::new(), &Manual::at(NOON, 0));
    client.track("go", props! {}).unwrap();
    let drawn = client.next_presentation().unwrap().unwrap().begin().unwrap();
    drawn.visible().unwrap();
    assert_eq!(drawn.next_page("ask", &props! { "score": 9 }).unwrap().as_deref(), Some("thanks"));
    assert_eq!(drawn.next_page("ask", &props! { "score": 3 }).unwrap().as_deref(), Some("why"));
    drawn.page("why", props! { "score": 3 }).unwrap();
    drawn.submit("send", props! { "score": 3, "why": "slow" }).unwrap();
    let lines = client.export(100).unwrap().unwrap().lines.concat();
    assert!(lines.contains("\"$page\"") && lines.contains("\"$submitted\""), "{lines}");
    assert!(lines.contains("\"nps_answered\"") && lines.contains("\"why\":\"slow\""), "{lines}");
}

#[test]
fn places_host_values_cues_offers_and_pauses_reach_the_engine() {
    let document = json!({
        "spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"},
        "campaigns": [
            {"id": "hero", "channel": ["in_app"], "placement": "hero", "trigger": {"event": "$app_open"}, "message": "inline"},
            {"id": "gift", "channel": ["in_app"], "trigger": {"event": "$cue", "where": {"cue": "manual", "value": "gift"}},
             "audience": {"$host": {"app_version": "4.2.0"}}, "limit": {"times": 9}, "message": "m"}
        ],
        "messages": {
            "m": {"layout": "modal", "pages": [[{"heading": "Hello"}]]},
            "inline": {"layout": "inline", "pages": [[{"heading": "Hero"}]]}
        }
    });
    let clock = Manual::at(NOON, 0);
    let client = open(document.to_string(), Memory::new(), &clock);
    client.screen("home").unwrap();
    client.mount("hero").unwrap();
    let hero = client.next_presentation().unwrap().unwrap();
    assert_eq!((hero.placement(), hero.campaign()), (Some("hero"), "hero"));
    client.unmount("hero").unwrap();
    client.set_host(props! { "app_version": "4.2.0" }).unwrap();
    client.pause().unwrap();
    client.manual("gift").unwrap();
    assert!(client.next_presentation().unwrap().is_none(), "held back");
    client.resume().unwrap();
    client.next_presentation().unwrap().expect("let go").later_after(Span::seconds(90)).unwrap();
    clock.advance(Span::seconds(89));
    client.tick().unwrap();
    assert!(client.next_presentation().unwrap().is_none());
    clock.advance(Span::seconds(1));
    client.tick().unwrap();
    client.next_presentation().unwrap().expect("after its time").discard().unwrap();
    let pushed = json!({"id": "push", "channel": ["in_app"], "message": "m", "messages": {"m": {"layout": "modal", "pages": [[{"heading": "Pushed"}]]}}});
    client.offer(pushed.to_string()).unwrap();
    assert_eq!(client.next_presentation().unwrap().unwrap().message().label, "Pushed");
    assert!(matches!(client.offer("{}"), Err(Error::Rejected(_))));
}
