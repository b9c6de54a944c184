//! The slice: one campaign from an event to the export, and not again after a reopen.

use std::sync::{Arc, Mutex};

use hearken::{
    Client, Consent, Departure, Error, Manual, Memory, Observer, Presentation, Purpose, Rejection, Span, Sqlite,
    Timestamp, props, store::Store,
};

pub(crate) const PLAYBOOK: &str = include_str!("../../../../tests/vectors/playbooks/slice.json");
const NOON: Timestamp = Timestamp(1_763_719_200_000);

fn open(store: impl Store + 'static, clock: &Manual, seed: &str) -> Client {
    let builder = Client::builder(PLAYBOOK).store(store).consent(Consent::all()).clock(clock.clone()).seed(seed);
    builder.open().unwrap()
}

fn kinds(client: &Client) -> Vec<String> {
    let lines = client.export(1_000).unwrap().map_or_else(Vec::new, |part| part.lines);
    lines
        .iter()
        .map(|line| serde_json::from_str::<hearken::Value>(line).unwrap()["type"].as_str().unwrap().to_owned())
        .collect()
}

fn offer(client: &Client) -> Presentation {
    client.set_attribute("tier", "silver").unwrap();
    client.track("cart_updated", props! { "items": 2, "top_item": "Lamp" }).unwrap();
    client.next_presentation().unwrap().expect("a message")
}

fn whole_slice<S: Store + 'static>(store: impl Fn() -> S) {
    let clock = Manual::at(NOON, 120);
    let client = open(store(), &clock, "first");
    let offer = offer(&client);
    assert_eq!(offer.campaign(), "cart-reminder");
    let drawn = offer.begin().unwrap();
    clock.advance(Span::seconds(1));
    drawn.visible().unwrap();
    drawn.click("go").unwrap();
    let part = client.export(1_000).unwrap().unwrap();
    assert_eq!(
        kinds(&client),
        [
            "$consent",
            "$playbook_installed",
            "$attribute",
            "$session_start",
            "$app_open",
            "cart_updated",
            "$triggered",
            "$use_reserved",
            "$displaying",
            "$use_committed",
            "$shown",
            "$clicked",
            "$ended",
            "offer_accepted"
        ]
    );
    assert_eq!(client.export(1_000).unwrap().unwrap(), part, "the same bytes until they are acknowledged");
    client.acknowledge(&part.cursor).unwrap();
    assert_eq!(client.export(1_000).unwrap(), None);
    client.close().unwrap();

    let client = open(store(), &clock, "second");
    clock.advance(Span(2 * 86_400_000));
    client.track("cart_updated", props! { "items": 3 }).unwrap();
    assert!(client.next_presentation().unwrap().is_none(), "not shown again");
    let decision = client.take_decisions().pop().unwrap();
    assert_eq!(serde_json::to_value(decision).unwrap()["reason"]["code"], "limit");
    assert_eq!(kinds(&client), ["$session_end", "$session_start", "$app_open", "cart_updated"]);
}

#[test]
fn the_slice_in_memory() {
    let memory = Memory::new();
    whole_slice(|| memory.clone());
}

#[test]
fn the_slice_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    whole_slice(|| Sqlite::open(folder.path().join("hearken.db")).unwrap());
}

#[test]
fn bad_events_are_refused_by_name_and_nothing_is_kept() {
    let client = open(Memory::new(), &Manual::at(NOON, 0), "s");
    let before = kinds(&client);
    let error = client.track("cart_updated", props! { "items": "2" }).unwrap_err();
    assert_eq!(error.to_string(), "`cart_updated.items` is text, but the tracking plan says a whole number");
    assert!(matches!(client.track("unheard_of", props! {}), Err(Error::Rejected(Rejection::UnknownEvent { .. }))));
    assert!(matches!(client.track("$shown", props! {}), Err(Error::Rejected(Rejection::ReservedName { .. }))));
    assert!(matches!(client.set_attribute("tier", "tin"), Err(Error::Rejected(Rejection::NotOneOf { .. }))));
    assert_eq!(kinds(&client), before);
}

#[test]
fn a_bad_playbook_says_where_and_a_good_one_in_the_store_stays() {
    let open = |playbook: &str, store: Memory| Client::builder(playbook).store(store).consent(Consent::all()).open();
    let Err(Error::Playbook(problem)) = open("{\n  \"spec\": 1,\n  oops\n}", Memory::new()) else { panic!() };
    assert_eq!(problem.path, "line 3, column 3");
    let Err(Error::Playbook(problem)) = open(r#"{"spec":1,"id":"a","revision":-1}"#, Memory::new()) else { panic!() };
    assert_eq!(problem.path, "revision");
    let memory = Memory::new();
    open(PLAYBOOK, memory.clone()).unwrap().close().unwrap();
    let client = open("{", memory).unwrap();
    assert!(client.take_reports().iter().any(|report| report.starts_with("playbook:")));
    client.track("cart_updated", props! { "items": 1 }).unwrap();
    assert!(client.next_presentation().unwrap().is_some(), "the last good playbook decides");
}

#[test]
fn later_and_discard_spend_nothing() {
    let clock = Manual::at(NOON, 0);
    let client = open(Memory::new(), &clock, "s");
    offer(&client).later().unwrap();
    clock.advance(Span::seconds(5));
    client.tick().unwrap();
    let again = client.next_presentation().unwrap().expect("asked again");
    again.discard().unwrap();
    client.track("cart_updated", props! { "items": 2 }).unwrap();
    assert!(client.next_presentation().unwrap().is_some(), "a discarded message spent nothing");
}

#[test]
fn an_offer_left_undrawn_for_a_minute_goes_back() {
    let clock = Manual::at(NOON, 0);
    let client = open(Memory::new(), &clock, "s");
    let offer = offer(&client);
    clock.advance(Span::seconds(60));
    client.tick().unwrap();
    let error = offer.begin().err().unwrap();
    assert!(error.to_string().ends_with("is ended"), "{error}");
}

#[test]
fn without_messaging_what_is_open_is_taken_back() {
    struct Seen(Mutex<Vec<String>>);
    impl Observer for Seen {
        fn withdrawn(&self, presentation: hearken::PresentationId, cause: hearken::EndCause) {
            self.0.lock().unwrap().push(format!("{presentation} {cause:?}"));
        }
    }
    let client = open(Memory::new(), &Manual::at(NOON, 0), "s");
    let drawn = offer(&client).begin().unwrap();
    let seen = Arc::new(Seen(Mutex::default()));
    client.observe(seen.clone());
    client.set_consent([Purpose::Analytics].into_iter().collect()).unwrap();
    client.flush().unwrap();
    // Observers are told after the flush returns at the earliest: closing waits for the client's thread.
    client.close().unwrap();
    assert_eq!(*seen.0.lock().unwrap(), [format!("{} Withdrawn", drawn.id())]);
}

#[test]
fn a_click_after_the_end_is_recorded_once() {
    let client = open(Memory::new(), &Manual::at(NOON, 0), "s");
    let drawn = offer(&client).begin().unwrap();
    drawn.visible().unwrap();
    drawn.ended(Departure::Auto).unwrap();
    drawn.click("go").unwrap();
    drawn.click("go").unwrap();
    let kinds = kinds(&client);
    assert_eq!(kinds.iter().filter(|kind| *kind == "$clicked").count(), 1);
    assert_eq!(kinds.iter().filter(|kind| *kind == "$ended").count(), 1);
}

#[test]
fn what_is_refused_while_the_store_opens_is_reported_and_the_observer_misses_nothing() {
    #[derive(Default)]
    struct Told(Mutex<Vec<String>>);
    impl Observer for Told {
        fn diagnostic(&self, diagnostic: &hearken::Diagnostic) {
            self.0.lock().unwrap().push(diagnostic.name().to_owned());
        }
        fn report(&self, report: &str) {
            self.0.lock().unwrap().push(report.to_owned());
        }
    }
    let mut playbook: hearken::Value = serde_json::from_str(PLAYBOOK).unwrap();
    playbook["campaigns"].as_array_mut().unwrap().push(serde_json::json!({"id": "broken"}));
    let told = Arc::new(Told::default());
    let builder = Client::builder(playbook.to_string()).consent(Consent::all()).observer(told.clone());
    let client = builder.spawn().unwrap();
    // Queued or handled at once, as it comes; refused in both.
    let refused = client.track("cart_udpated", props! {}).is_err();
    client.ready().unwrap();
    client.flush().unwrap();
    let told = told.0.lock().unwrap().clone();
    assert!(told.iter().any(|line| line == "campaign_disabled"), "{told:?}");
    assert!(refused || told.iter().any(|line| line.contains("`cart_udpated` is not in the tracking plan")), "{told:?}");
}
