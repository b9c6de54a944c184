//! What always holds, whatever happens in whatever order: folding equals live state, no cap is exceeded, ids rise, an
//! end is written once, and the same inputs give the same bytes (engine.md 1.4, 1.8, 6.1, 6.2).

use std::collections::{BTreeMap, BTreeSet};

use hearken_core::{
    Answer, AttributeOp, Body, Checkpoint, Context, Departure, Engine, Input, InteractionKind, PresentationId,
    Properties, Purpose, Purposes, RecordId, Row, Step, Timestamp,
};
use proptest::prelude::*;
use serde_json::json;

const SEVERAL: &str = include_str!("../../../../tests/vectors/playbooks/several.json");
const START: i64 = 1_795_248_000_000;

/// Something that happens to one of two owners on the same journal.
#[derive(Clone, Debug)]
struct Happening {
    owner: usize,
    /// Milliseconds since the one before; negative when the clock is set back.
    after: i64,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Track(&'static str, i64),
    Tier(&'static str),
    Consent(u8),
    CanDisplay(bool),
    Displaying(usize),
    Visible(usize),
    Dismiss(usize),
    Click(usize, &'static str),
    Ended(usize, bool),
    Answer(usize, bool),
    /// The owner's process ends; another opens and proves it gone.
    Kill,
    Tick,
}

fn what() -> impl Strategy<Value = What> {
    let one = 0..4usize;
    prop_oneof![
        6 => (prop_oneof![Just("a"), Just("b"), Just("measured")], 0..3i64).prop_map(|(name, n)| What::Track(name, n)),
        1 => prop_oneof![Just("gold"), Just("none")].prop_map(What::Tier),
        1 => (0..8u8).prop_map(What::Consent),
        2 => any::<bool>().prop_map(What::CanDisplay),
        4 => one.clone().prop_map(What::Displaying),
        3 => one.clone().prop_map(What::Visible),
        2 => one.clone().prop_map(What::Dismiss),
        2 => (one.clone(), prop_oneof![Just("ok"), Just("more")]).prop_map(|(n, target)| What::Click(n, target)),
        1 => (one.clone(), any::<bool>()).prop_map(|(n, auto)| What::Ended(n, auto)),
        1 => (one, any::<bool>()).prop_map(|(n, later)| What::Answer(n, later)),
        1 => Just(What::Kill),
        2 => Just(What::Tick),
    ]
}

fn after() -> impl Strategy<Value = i64> {
    // Aimed at the edges: the lease, the interval, the session, the cap, and the clock's slack.
    let edge = prop_oneof![Just(1_000), Just(30_000), Just(60_000), Just(1_800_000), Just(3_600_000), Just(86_400_000)];
    prop_oneof![
        4 => 0..5_000i64,
        3 => (edge, -1..2i64).prop_map(|(edge, by)| edge + by),
        1 => prop_oneof![Just(-1), Just(-1_000), Just(-1_001), Just(-7_200_000)],
    ]
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = (0..2usize, after(), what()).prop_map(|(owner, after, what)| Happening { owner, after, what });
    proptest::collection::vec(one, 1..120)
}

struct Tab {
    engine: Engine,
    folded: usize,
    can_display: bool,
}

/// Two owners on one journal: before each input a tab folds what the other wrote, as in one transaction.
struct World {
    rows: Vec<Row>,
    tabs: Vec<Tab>,
    names: u32,
    handled: u128,
    now: i64,
    offered: Vec<PresentationId>,
}

impl World {
    fn new() -> Self {
        let mut world = Self { rows: vec![], tabs: vec![], names: 0, handled: 0, now: START, offered: vec![] };
        for _ in 0..2 {
            let tab = world.opened();
            world.tabs.push(tab);
            let tab = world.tabs.len() - 1;
            world.handle(tab, Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None });
            world.handle(tab, Input::InstallPlaybook { document: SEVERAL.into(), history: Vec::new() });
        }
        world
    }

    fn opened(&mut self) -> Tab {
        self.names += 1;
        let mut engine = Engine::new(format!("owner-{}", self.names), ["in_app"]).unwrap();
        for row in &self.rows {
            engine.fold(row).unwrap();
        }
        if engine.playbook_needed().is_some() {
            engine.supply_playbook(SEVERAL).unwrap();
        }
        Tab { engine, folded: self.rows.len(), can_display: true }
    }

    fn handle(&mut self, tab: usize, input: Input) -> Step {
        self.handled += 1;
        let ctx = Context {
            now: Timestamp(self.now),
            offset_min: 0,
            entropy: self.handled.to_be_bytes(),
            locale: "en".into(),
            can_display: self.tabs[tab].can_display,
            n: 0,
            host: Properties::new(),
        };
        let Self { rows, tabs, .. } = self;
        let tab = &mut tabs[tab];
        for row in &rows[tab.folded..] {
            tab.engine.fold(row).unwrap();
        }
        if tab.engine.playbook_needed().is_some() {
            tab.engine.supply_playbook(SEVERAL).unwrap();
        }
        let step = tab.engine.handle(input, &ctx);
        rows.extend(step.row.clone());
        tab.folded = rows.len();
        self.offered.extend(step.offered.iter().map(|offer| offer.presentation_id));
        if let Some(wakeup) = step.next_wakeup {
            assert!(wakeup.0 > self.now, "a wake-up lies ahead");
        }
        step
    }

    fn happen(&mut self, happening: &Happening) {
        self.now += happening.after;
        let tab = happening.owner;
        let nth = |n: usize| self.offered.iter().rev().nth(n).copied().unwrap_or_default();
        let input = match happening.what.clone() {
            What::Track(name, n) => {
                let properties = if name == "a" { json!({ "n": n }) } else { json!({}) };
                Input::Track { name: name.into(), properties: properties.as_object().unwrap().clone(), at: None }
            }
            What::Tier(tier) => Input::Attribute { op: AttributeOp::Set, name: "tier".into(), value: json!(tier) },
            What::Consent(bits) => Input::Consent {
                purposes: Purpose::ALL
                    .into_iter()
                    .enumerate()
                    .filter(|(n, _)| bits & (1 << n) != 0)
                    .map(|(_, p)| p)
                    .collect(),
                purge: false,
            },
            What::CanDisplay(can_display) => {
                self.tabs[tab].can_display = can_display;
                Input::HostState { host: Properties::new(), paused: None }
            }
            What::Displaying(n) => Input::Displaying { presentation_id: nth(n) },
            What::Visible(n) => Input::Visible { presentation_id: nth(n) },
            What::Dismiss(n) => Input::Interaction {
                presentation_id: nth(n),
                kind: InteractionKind::Dismiss,
                target: None,
                answers: Properties::new(),
            },
            What::Click(n, target) => Input::Interaction {
                presentation_id: nth(n),
                kind: InteractionKind::Click,
                target: Some(target.into()),
                answers: Properties::new(),
            },
            What::Ended(n, auto) => Input::Ended {
                presentation_id: nth(n),
                cause: if auto { Departure::Auto } else { Departure::Unmounted },
            },
            What::Answer(n, later) => Input::HostAnswer {
                presentation_id: nth(n),
                answer: if later { Answer::Later } else { Answer::Discard },
                after: None,
            },
            What::Kill => {
                let gone = self.tabs[tab].engine.owner().to_owned();
                self.tabs[tab] = self.opened();
                self.handle(tab, Input::Open { consent: None, resumes: None, lost: None });
                Input::OwnersGone { owners: vec![gone] }
            }
            What::Tick => Input::Tick,
        };
        self.handle(tab, input);
    }
}

/// What the records alone say of caps, ends and ids.
fn check_journal(rows: &[Row]) -> Result<(), TestCaseError> {
    let records: Vec<_> = rows.iter().flat_map(|row| row.records.iter().map(move |record| (row, record))).collect();
    let mut last = RecordId::default();
    let mut ended = BTreeSet::new();
    // (presentation, instant, spends `day`), as the cap counts them; shifted as a clock step says.
    let mut uses: BTreeMap<PresentationId, i64> = BTreeMap::new();
    for (place, (row, record)) in records.iter().enumerate() {
        prop_assert_eq!(record.seq, place as u64 + 1, "no gap");
        prop_assert!(record.id > last, "ids rise");
        last = record.id;
        match &record.body {
            Body::ClockStep(step) => uses.values_mut().for_each(|at| *at = (*at).min(step.to.0)),
            Body::UseReserved(reserved) if reserved.spends.iter().any(|cap| cap == "day") => {
                let within = uses.values().filter(|at| row.ctx.now.0 - **at < 86_400_000).count();
                prop_assert_eq!(within, 0, "`day` allows one a day");
                uses.insert(record.id, record.ts.0);
            }
            Body::UseCommitted(committed) => {
                if let Some(at) = uses.get_mut(&committed.presentation_id) {
                    *at = record.ts.0;
                }
            }
            Body::UseRefunded(refunded) => drop(uses.remove(&refunded.presentation_id)),
            Body::Ended(end) => prop_assert!(ended.insert(end.presentation_id), "an end is written once"),
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn folding_equals_live_state_and_no_cap_is_exceeded(happenings in happenings()) {
        let mut world = World::new();
        for happening in &happenings {
            world.happen(happening);
        }
        check_journal(&world.rows)?;
        // Whoever folds the whole journal knows what the last writer knows.
        let mut folded = Engine::new("folder", ["in_app"]).unwrap();
        let half = world.rows.len() / 2;
        for row in &world.rows[..half] {
            folded.fold(&Row::from_json(&row.to_json()).unwrap()).unwrap();
        }
        // A checkpoint in the middle changes nothing.
        let checkpoint = Checkpoint::from_json(&folded.checkpoint().to_json()).unwrap();
        let mut folded = Engine::new("folder", ["in_app"]).unwrap();
        folded.load(checkpoint);
        for row in &world.rows[half..] {
            folded.fold(row).unwrap();
        }
        let writer = world.tabs.iter().max_by_key(|tab| tab.folded).unwrap();
        prop_assert_eq!(folded.checkpoint().to_json(), writer.engine.checkpoint().to_json());
    }

    #[test]
    fn the_same_inputs_give_the_same_bytes(happenings in happenings()) {
        let run = || {
            let mut world = World::new();
            for happening in &happenings {
                world.happen(happening);
            }
            world.rows.iter().map(Row::to_json).collect::<Vec<_>>()
        };
        prop_assert_eq!(run(), run());
    }
}

#[test]
fn a_hidden_tab_frees_the_interval_and_takes_it_again_when_it_comes_back() {
    let mut world = World::new();
    let track = |world: &mut World, tab, name: &str| {
        let properties = if name == "a" { json!({"n": 1}) } else { json!({}) };
        let properties = properties.as_object().unwrap().clone();
        world.handle(tab, Input::Track { name: name.into(), properties, at: None })
    };
    let first = track(&mut world, 0, "a").offered.remove(0).presentation_id;
    world.handle(0, Input::Displaying { presentation_id: first });
    assert!(track(&mut world, 1, "b").offered.is_empty(), "one stands where it can be seen");
    world.tabs[0].can_display = false;
    let hidden = world.handle(0, Input::HostState { host: Properties::new(), paused: None }).row.unwrap();
    assert_eq!(hidden.records[0].body.kind(), "$display_state");
    world.now += 30_000;
    let second = world.handle(1, Input::Tick).offered.remove(0).presentation_id;
    world.handle(1, Input::Displaying { presentation_id: second });
    world.handle(1, Input::Visible { presentation_id: second });
    world.handle(
        1,
        Input::Interaction {
            presentation_id: second,
            kind: InteractionKind::Dismiss,
            target: None,
            answers: Properties::new(),
        },
    );
    world.tabs[0].can_display = true;
    let back = world.handle(0, Input::HostState { host: Properties::new(), paused: None }).row.unwrap();
    assert_eq!(back.records[0].body.kind(), "$display_state");
    assert_eq!(world.tabs[0].engine.own_open(), [first], "it simply stayed");
}

#[test]
fn a_reloaded_tab_gets_what_it_showed_again_under_the_same_id_and_spends_nothing() {
    let mut world = World::new();
    let properties = json!({"n": 1}).as_object().unwrap().clone();
    let offer = world.handle(0, Input::Track { name: "a".into(), properties, at: None }).offered.remove(0);
    world.handle(0, Input::Displaying { presentation_id: offer.presentation_id });
    let owner = world.tabs[0].engine.owner().to_owned();
    let mut engine = Engine::new(owner.clone(), ["in_app"]).unwrap();
    for row in &world.rows {
        engine.fold(row).unwrap();
    }
    engine.supply_playbook(SEVERAL).unwrap();
    world.tabs[0] = Tab { engine, folded: world.rows.len(), can_display: true };
    let step = world.handle(0, Input::Open { consent: None, resumes: Some(owner), lost: None });
    assert_eq!(step.row, None, "nothing is spent");
    assert!(step.withdrawn.is_empty());
    let [again] = step.offered.as_slice() else { panic!("offered again") };
    assert_eq!((again.presentation_id, again.resumed, &again.message), (offer.presentation_id, true, &offer.message));
    assert_eq!(world.handle(0, Input::Displaying { presentation_id: offer.presentation_id }).row, None);
}

#[test]
fn an_input_that_was_stored_is_not_handled_twice() {
    let mut engine = Engine::new("tab", ["in_app"]).unwrap();
    let ctx = |n| Context {
        now: Timestamp(START),
        offset_min: 0,
        entropy: [n as u8; 16],
        locale: "en".into(),
        can_display: true,
        n,
        host: Properties::new(),
    };
    engine.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: Some("test".into()) }, &ctx(1));
    let track = || Input::Track { name: "a".into(), properties: Default::default(), at: None };
    assert!(engine.handle(track(), &ctx(2)).row.is_some());
    let again = engine.handle(track(), &ctx(2));
    assert_eq!(again.row, None);
    assert_eq!(json!(again.verdict)["rejection"]["code"], "repeated");
    assert_eq!(engine.last_n(), 2);
}

/// Counts, not times (engine.md 3.4): what an event costs does not grow with campaigns that it cannot set off.
#[test]
fn an_event_visits_the_campaigns_that_its_name_can_set_off_and_no_others() {
    let cost = |campaigns: usize| {
        let other = |n: usize| json!({"id": format!("c{n}"), "channel": ["in_app"], "trigger": {"event": format!("e{n}"), "where": {"n": 1}}, "message": "m"});
        let document = json!({
            "spec": 1, "id": "many", "revision": 1, "plan": {"mode": "open"},
            "campaigns": (0..campaigns).map(other).collect::<Vec<_>>(),
            "messages": {"m": {"layout": "modal", "pages": [[{"text": "Hello"}]]}}
        });
        let mut engine = Engine::new("one", ["in_app"]).unwrap();
        let ctx = |n: u8| Context {
            now: Timestamp(START),
            offset_min: 0,
            entropy: [n; 16],
            locale: "en".into(),
            can_display: true,
            n: 0,
            host: Properties::new(),
        };
        engine.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None }, &ctx(1));
        engine.handle(Input::InstallPlaybook { document: document.to_string(), history: Vec::new() }, &ctx(2));
        let step = |engine: &mut Engine, name: &str, n: u8| {
            engine.handle(Input::Track { name: name.into(), properties: Default::default(), at: None }, &ctx(n)).cost
        };
        (step(&mut engine, "nothing", 3), step(&mut engine, "e7", 4))
    };
    let (none, one) = cost(1_000);
    assert_eq!((none.campaigns, none.conditions), (0, 0));
    assert_eq!((one.campaigns, one.conditions), (1, 1));
    assert_eq!(cost(10_000), (none, one));
}
