//! The vectors, run by the engine itself; and what they have to cover.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset};
use hearken_core::{
    Answer, AttributeOp, Context, Departure, Engine, Input, InteractionKind, KINDS, Missing, Properties, Purposes,
    Reason, Record, Redecision, Row, Step, Timestamp, Transition, Verdict,
};
use serde_json::{Value, json};

#[path = "../../../../tests/vectors/runner.rs"]
mod runner;

use runner::{Act, Driver, Seen};

/// The engine, its rows as a store would keep them, and what was seen on the way.
#[derive(Default)]
struct InEngine {
    engine: Option<Engine>,
    rows: Vec<String>,
    blobs: Vec<(String, String)>,
    /// The playbook that the host has: after an erasure it hands it over again.
    playbook: String,
    opened: u32,
    handled: u64,
    now: i64,
    offset_min: i32,
    locale: String,
    can_display: bool,
    next_wakeup: Option<Timestamp>,
    seen: Seen,
    transitions: BTreeSet<String>,
    reasons: BTreeSet<String>,
    kinds: BTreeSet<String>,
    inputs: BTreeSet<String>,
}

impl InEngine {
    fn context(&mut self) -> Context {
        self.handled += 1;
        let mut entropy = [0; 16];
        entropy[..8].copy_from_slice(&self.handled.to_be_bytes());
        Context {
            now: Timestamp(self.now),
            offset_min: self.offset_min,
            entropy,
            locale: self.locale.clone(),
            can_display: self.can_display,
            host: Properties::new(),
            n: 0,
        }
    }

    /// What the journal has of the events that a playbook's new counters need: its oldest record, and these
    /// (engine.md 3.3).
    fn history(&mut self, document: &str) -> Vec<Record> {
        let events = self.engine.as_mut().expect("open").history_needed(document).unwrap_or_default();
        if events.is_empty() {
            return Vec::new();
        }
        let rows = self.rows.iter().flat_map(|row| Row::from_json(row).expect("a row").records);
        rows.enumerate()
            .filter(|(n, record)| *n == 0 || events.iter().any(|event| event == record.body.kind()))
            .map(|(_, record)| record)
            .collect()
    }

    fn handle(&mut self, input: Input) -> Verdict {
        let ctx = self.context();
        let name: Value = serde_json::from_str(&input.to_json()).expect("JSON");
        let name = name.as_object().and_then(|object| object.keys().next().cloned()).unwrap_or_else(|| text(&name));
        self.inputs.insert(name);
        let Step { verdict, row, blob, offered, withdrawn, decisions, transitions, erased, next_wakeup, .. } =
            self.engine.as_mut().expect("open").handle(input, &ctx);
        self.next_wakeup = next_wakeup;
        if erased {
            self.rows.clear();
            self.blobs.clear();
        }
        self.transitions.extend(transitions.iter().map(|row| json!(row).to_string()));
        if let Some(row) = row {
            self.kinds.extend(row.records.iter().map(|record| record.body.kind().to_owned()));
            self.seen.records.extend(row.records.iter().map(|record| json!(record)));
            self.rows.push(row.to_json());
        }
        self.blobs.extend(blob.map(|blob| (blob.hash, blob.content)));
        self.seen.offered.extend(offered.iter().map(|offer| json!(offer)));
        self.seen
            .withdrawn
            .extend(withdrawn.iter().map(|gone| (gone.presentation_id.to_string(), text(&json!(gone.cause)))));
        self.seen.decisions.extend(decisions.iter().map(|decision| json!(decision)));
        for decision in &self.seen.decisions {
            self.reasons.extend(decision["reason"]["code"].as_str().map(str::to_owned));
        }
        verdict
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn purposes(names: &[String]) -> Purposes {
    Purposes::from_names(names.iter().map(String::as_str)).expect("purposes")
}

impl Driver for InEngine {
    fn open(&mut self, playbook: &str, consent: &[String]) {
        self.opened += 1;
        self.can_display = true;
        let mut engine = Engine::new(format!("owner-{}", self.opened), ["in_app"]).expect("an engine");
        for row in &self.rows {
            engine.fold(&Row::from_json(row).expect("a row")).expect("folds");
        }
        if let Some(hash) = engine.playbook_needed().map(str::to_owned) {
            let (_, document) = self.blobs.iter().find(|(known, _)| *known == hash).expect("the document");
            engine.supply_playbook(document).expect("the playbook");
        }
        let gone = engine.foreign_owners();
        self.engine = Some(engine);
        self.handle(Input::Open { consent: Some(purposes(consent)), resumes: None, lost: None });
        if !gone.is_empty() {
            self.handle(Input::OwnersGone { owners: gone });
        }
        playbook.clone_into(&mut self.playbook);
        let history = self.history(playbook);
        self.handle(Input::InstallPlaybook { document: playbook.to_owned(), history });
    }

    fn at(&mut self, now: DateTime<FixedOffset>) {
        self.now = now.timestamp_millis();
        self.offset_min = now.offset().local_minus_utc() / 60;
    }

    fn act(&mut self, act: &Act) -> (String, Option<String>) {
        let id = |text: &String| text.parse().expect("an id");
        let input = match act.clone() {
            Act::Track { name, properties } => Input::Track { name, properties, at: None },
            Act::Attribute { name, value } => Input::Attribute { op: AttributeOp::Set, name, value },
            Act::Consent(names) => Input::Consent { purposes: purposes(&names), purge: false },
            Act::CanDisplay(can_display) => {
                self.can_display = can_display;
                Input::HostState { host: Properties::new(), paused: None }
            }
            Act::Install(document) => {
                self.playbook.clone_from(&document);
                Input::InstallPlaybook { history: self.history(&document), document }
            }
            Act::Displaying(p) => Input::Displaying { presentation_id: id(&p) },
            Act::Visible(p) => Input::Visible { presentation_id: id(&p) },
            Act::Dismiss(p) => Input::Interaction {
                presentation_id: id(&p),
                kind: InteractionKind::Dismiss,
                target: None,
                answers: Properties::new(),
            },
            Act::Click { presentation, target } => Input::Interaction {
                presentation_id: id(&presentation),
                kind: InteractionKind::Click,
                target: Some(target),
                answers: Properties::new(),
            },
            Act::Ended { presentation, cause } => Input::Ended {
                presentation_id: id(&presentation),
                cause: if cause == "auto" { Departure::Auto } else { Departure::Unmounted },
            },
            Act::Answer { presentation, answer } => Input::HostAnswer {
                presentation_id: id(&presentation),
                answer: if answer == "later" { Answer::Later } else { Answer::Discard },
                after: None,
            },
            Act::Tick => Input::Tick,
            Act::Input(input) => Input::from_json(&input.to_string()).expect("an input"),
        };
        let erases = input == Input::Erase;
        let verdict = json!(self.handle(input));
        if erases {
            self.handle(Input::InstallPlaybook { document: self.playbook.clone(), history: Vec::new() });
        }
        (text(&verdict["verdict"]), verdict["rejection"]["code"].as_str().map(str::to_owned))
    }

    fn seen(&mut self) -> Seen {
        std::mem::take(&mut self.seen)
    }

    fn inbox(&mut self) -> Value {
        serde_json::from_str(&self.engine.as_ref().expect("open").inbox_json(Timestamp(self.now))).expect("JSON")
    }

    fn success(&mut self) -> Value {
        json!(self.engine.as_ref().expect("open").success_report(Timestamp(self.now)))
    }

    fn why(&mut self, campaign: &str) -> Value {
        let ctx = self.context();
        let why = json!(self.engine.as_ref().expect("open").explain(campaign, &ctx));
        self.reasons.extend(why["reason"]["code"].as_str().map(str::to_owned));
        why
    }

    fn sees_the_export(&self) -> bool {
        false
    }

    fn locale(&mut self, locale: &str) {
        locale.clone_into(&mut self.locale);
    }

    fn next_wakeup(&mut self) -> Option<Value> {
        Some(json!(self.next_wakeup))
    }
}

#[test]
fn every_vector_holds_and_together_they_cover_every_transition_reason_and_record() {
    let mut wrong = Vec::new();
    let mut covered: Coverage = BTreeMap::new();
    for case in runner::cases() {
        let mut driver = InEngine::default();
        let differences = runner::run(&case, &mut driver);
        wrong.extend(differences.into_iter().map(|line| format!("{}: {line}", case["name"])));
        let seen = [
            ("transition", std::mem::take(&mut driver.transitions)),
            ("reason", std::mem::take(&mut driver.reasons)),
            ("record", std::mem::take(&mut driver.kinds)),
            ("input", std::mem::take(&mut driver.inputs)),
        ];
        for (what, names) in seen {
            for name in names {
                covered.entry((what, name)).or_default().push(text(&case["name"]));
            }
        }
        // What was written reads back to the same bytes, and folds to the same state.
        let live = driver.engine.expect("open");
        let mut folded = Engine::new("folder", ["in_app"]).expect("an engine");
        for row in &driver.rows {
            let row = Row::from_json(row).expect("a row");
            for record in &row.records {
                let line = record.export_line(true);
                let read = Record::from_line(&line).expect("a record");
                assert_eq!(read.export_line(true), line);
            }
            folded.fold(&row).expect("folds");
        }
        assert_eq!(folded.checkpoint().to_json(), live.checkpoint().to_json(), "{}", case["name"]);
        // Decided again it is the same, whatever of the host left no row.
        let documents = driver.blobs.iter().map(|(_, document)| document.as_str());
        for (row, redecision) in crate::replay::redecided(&driver.rows, documents) {
            let is_known =
                matches!(redecision, Redecision::Same { .. } | Redecision::Unknown { missing: Missing::Erased });
            assert!(is_known, "{}: row {row}: {redecision:?}", case["name"]);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));

    let transitions = Transition::all().map(|row| ("transition", json!(row).to_string()));
    let reasons = Reason::NAMES.iter().map(|name| ("reason", (*name).to_owned()));
    let records = KINDS.iter().map(|(kind, _)| ("record", (*kind).to_owned()));
    let inputs = Input::NAMES.iter().map(|name| ("input", (*name).to_owned()));
    let all: Vec<_> = transitions.chain(reasons).chain(records).chain(inputs).collect();
    if std::env::var_os("HEARKEN_COVERAGE").is_some() {
        for variant in &all {
            let cases = covered.get(variant).map_or("-".to_owned(), |cases| cases.join(" "));
            println!("{:<10} {:<70} {cases}", variant.0, variant.1);
        }
    }
    let missing: Vec<_> = all.iter().filter(|variant| !covered.contains_key(*variant)).collect();
    assert!(missing.is_empty(), "without a vector: {missing:#?}");
}

/// The cases that pin down each transition, reason, record and input.
type Coverage = BTreeMap<(&'static str, String), Vec<String>>;

#[test]
fn the_index_names_every_vector_that_is_there() {
    let files = std::fs::read_dir(runner::folder()).expect("the folder").map(|entry| entry.expect("an entry").path());
    let there: BTreeSet<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| name != "index" && name != "vector.schema")
        .collect();
    let named: Vec<String> = runner::cases().iter().map(|case| text(&case["name"])).collect();
    assert_eq!(named.iter().cloned().collect::<BTreeSet<_>>(), there);
    assert_eq!(named.len(), there.len(), "each once");
}

#[test]
fn every_vector_has_the_form_that_its_schema_says() {
    let schema = std::fs::read_to_string(runner::folder().join("vector.schema.json")).expect("the schema");
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).expect("JSON")).expect("a schema");
    for case in runner::cases() {
        let errors: Vec<String> =
            schema.iter_errors(&case).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", case["name"]);
    }
    assert!(!schema.is_valid(&json!({"vector": 1})), "the schema refuses what is no vector");
}
