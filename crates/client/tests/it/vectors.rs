//! The vectors, run by a client with each of its stores.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, FixedOffset};
use hearken::engine::{Input, InteractionKind};
use hearken::store::Store;
use hearken::{
    Client, Consent, Departure, EndCause, Error, Manual, Memory, Observer, Presentation, PresentationId, Sqlite,
    Timestamp,
};
use serde_json::{Value, json};

#[path = "../../../../tests/vectors/runner.rs"]
mod runner;

use runner::{Act, Driver, Seen};

#[derive(Default)]
struct Watching {
    offered: Mutex<Vec<Presentation>>,
    withdrawn: Mutex<Vec<(String, String)>>,
}

impl Observer for Watching {
    fn offered(&self, presentation: Presentation) {
        self.offered.lock().unwrap().push(presentation);
    }

    fn withdrawn(&self, presentation: PresentationId, cause: EndCause) {
        let cause = json!(cause).as_str().unwrap().to_owned();
        self.withdrawn.lock().unwrap().push((presentation.to_string(), cause));
    }
}

/// A client whose store can be opened again.
struct InClient<S, F: Fn() -> S> {
    store: F,
    client: Option<Client>,
    clock: Clock,
    watching: Arc<Watching>,
    opened: u32,
    locale: String,
    known: Vec<Presentation>,
}

/// The clock's offset belongs to each moment, so the test has a clock of its own.
#[derive(Clone)]
struct Clock {
    manual: Manual,
    offset_min: Arc<Mutex<i32>>,
}

impl hearken::Clock for Clock {
    fn now(&self) -> Timestamp {
        self.manual.now()
    }

    fn offset_min(&self) -> i32 {
        *self.offset_min.lock().unwrap()
    }

    fn runs(&self) -> bool {
        false
    }
}

impl<S: Store + 'static, F: Fn() -> S> InClient<S, F> {
    fn new(store: F) -> Self {
        let clock = Clock { manual: Manual::at(Timestamp(0), 0), offset_min: Arc::default() };
        Self { store, client: None, clock, watching: Arc::default(), opened: 0, locale: "en".into(), known: Vec::new() }
    }

    fn client(&self) -> &Client {
        self.client.as_ref().expect("open")
    }

    fn offer(&self, id: &str) -> Presentation {
        // The newest of its handles: an older one may be of a client that is closed.
        self.known.iter().rev().find(|offer| offer.id().to_string() == id).expect("it was offered").clone()
    }
}

impl<S: Store + 'static, F: Fn() -> S> Driver for InClient<S, F> {
    fn open(&mut self, playbook: &str, consent: &[String]) {
        if let Some(client) = self.client.take() {
            client.close().unwrap();
        }
        self.opened += 1;
        let consent = Consent::from_names(consent.iter().map(String::as_str)).unwrap();
        let builder = Client::builder(playbook).store((self.store)()).consent(consent).clock(self.clock.clone());
        let builder = builder.locale(self.locale.clone());
        let client = builder.seed(format!("open {}", self.opened)).open().unwrap();
        client.observe(self.watching.clone());
        self.client = Some(client);
    }

    fn at(&mut self, now: DateTime<FixedOffset>) {
        self.clock.manual.set(Timestamp(now.timestamp_millis()));
        *self.clock.offset_min.lock().unwrap() = now.offset().local_minus_utc() / 60;
    }

    fn act(&mut self, act: &Act) -> (String, Option<String>) {
        let client = self.client();
        let id = |text: &String| text.parse().unwrap();
        let result = match act.clone() {
            Act::Track { name, properties } => client.track(name, properties),
            Act::Attribute { name, value } => client.set_attribute(name, value),
            Act::Consent(names) => client.set_consent(Consent::from_names(names.iter().map(String::as_str)).unwrap()),
            Act::CanDisplay(can_display) => client.set_can_display(can_display),
            Act::Install(document) => client.install(document),
            Act::Displaying(p) => self.offer(&p).begin().map(drop),
            Act::Visible(p) => client.handle(Input::Visible { presentation_id: id(&p) }),
            Act::Dismiss(p) => client.handle(Input::Interaction {
                presentation_id: id(&p),
                kind: InteractionKind::Dismiss,
                target: None,
                answers: Default::default(),
            }),
            Act::Click { presentation, target } => client.handle(Input::Interaction {
                presentation_id: id(&presentation),
                kind: InteractionKind::Click,
                target: Some(target),
                answers: Default::default(),
            }),
            Act::Ended { presentation, cause } => client.handle(Input::Ended {
                presentation_id: id(&presentation),
                cause: if cause == "auto" { Departure::Auto } else { Departure::Unmounted },
            }),
            Act::Answer { presentation, answer } if answer == "later" => self.offer(&presentation).later(),
            Act::Answer { presentation, .. } => self.offer(&presentation).discard(),
            Act::Tick => client.tick(),
            Act::Input(input) => client.handle(Input::from_json(&input.to_string()).unwrap()),
        };
        match result {
            Ok(()) => ("accepted".into(), None),
            Err(Error::Disabled) => ("disabled".into(), None),
            Err(Error::NotConsented) => ("not_consented".into(), None),
            Err(Error::Rejected(rejection)) => {
                ("rejected".into(), json!(rejection)["code"].as_str().map(str::to_owned))
            }
            Err(other) => panic!("{other}"),
        }
    }

    fn seen(&mut self) -> Seen {
        let client = self.client();
        let mut records = Vec::new();
        while let Some(part) = client.export(100).unwrap() {
            records.extend(part.lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()));
            client.acknowledge(&part.cursor).unwrap();
        }
        let decisions = client.take_decisions().iter().map(|decision| json!(decision)).collect();
        let offered: Vec<Presentation> = self.watching.offered.lock().unwrap().drain(..).collect();
        self.known.extend(offered.clone());
        let withdrawn = self.watching.withdrawn.lock().unwrap().drain(..).collect();
        let offered = offered.iter().map(|offer| json!(offer.offer())).collect();
        Seen { records, offered, withdrawn, decisions }
    }

    fn inbox(&mut self) -> Value {
        serde_json::from_str(&self.client().inbox_json().unwrap()).unwrap()
    }

    fn success(&mut self) -> Value {
        json!(self.client().success().unwrap())
    }

    fn why(&mut self, campaign: &str) -> Value {
        json!(self.client().explain(campaign).unwrap())
    }

    fn sees_the_export(&self) -> bool {
        true
    }

    fn locale(&mut self, locale: &str) {
        locale.clone_into(&mut self.locale);
    }
}

fn all<S: Store + 'static>(fresh: impl Fn() -> Box<dyn Fn() -> S>) {
    let mut wrong = Vec::new();
    for case in runner::cases() {
        let mut driver = InClient::new(fresh());
        wrong.extend(runner::run(&case, &mut driver).into_iter().map(|line| format!("{}: {line}", case["name"])));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_vector_holds_with_the_store_in_memory() {
    all(|| {
        let memory = Memory::new();
        Box::new(move || memory.clone())
    });
}

#[test]
fn every_vector_holds_with_the_store_in_sqlite() {
    all(|| {
        let folder = tempfile::tempdir().unwrap();
        Box::new(move || Sqlite::open(folder.path().join("hearken.db")).unwrap())
    });
}
