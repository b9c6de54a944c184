//! Time passes by itself: the client handles what is due without being called, by the clock of the system.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use hearken::{Client, Consent, Memory, Observer, Presentation, props};
use serde_json::json;

struct Offers(Sender<Presentation>);

impl Observer for Offers {
    fn offered(&self, presentation: Presentation) {
        let _ = self.0.send(presentation);
    }
}

fn open() -> (Client, Receiver<Presentation>) {
    let message = json!({"layout": "modal", "pages": [[{"heading": "Hello"}]]});
    let playbook = json!({"spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"}, "settings": {"interval": "2s"},
        "messages": {"m": message}, "campaigns": [
            {"id": "at-once", "channel": ["in_app"], "trigger": {"event": "a"}, "limit": {"times": 0}, "message": "m"},
            {"id": "later", "channel": ["in_app"], "trigger": {"event": "b"}, "delay": "1s", "limit": {"times": 0}, "message": "m"}]});
    let (sender, offers) = channel();
    let client = Client::builder(playbook.to_string())
        .store(Memory::new())
        .consent(Consent::all())
        .observer(Arc::new(Offers(sender)))
        .open()
        .unwrap();
    (client, offers)
}

fn next(offers: &Receiver<Presentation>) -> Presentation {
    offers.recv_timeout(Duration::from_secs(20)).expect("it comes by itself")
}

#[test]
fn what_is_delayed_comes_by_itself_and_no_earlier() {
    let (client, offers) = open();
    let started = Instant::now();
    client.track("b", props! {}).unwrap();
    assert_eq!(next(&offers).campaign(), "later");
    assert!(started.elapsed() >= Duration::from_millis(990), "{:?}", started.elapsed());
    client.close().unwrap();
}

/// A step that records nothing may bring nearer what time alone will change.
#[test]
fn what_a_step_without_a_record_brings_nearer_comes_by_itself() {
    let (client, offers) = open();
    client.track("a", props! {}).unwrap();
    let drawn = next(&offers).begin().unwrap();
    drawn.dismiss().unwrap();
    // Held back, it waits for no instant; let go, it waits for the end of the interval.
    client.pause().unwrap();
    client.track("a", props! {}).unwrap();
    client.flush().unwrap();
    // Until the writer sleeps.
    std::thread::sleep(Duration::from_millis(300));
    client.resume().unwrap();
    assert_eq!(next(&offers).campaign(), "at-once");
    client.close().unwrap();
}
