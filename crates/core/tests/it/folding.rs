//! What always holds, whatever happens in whatever order: folding equals live state, no cap is exceeded, ids rise, an
//! end is written once, and the same inputs give the same bytes (engine.md 1.4, 1.8, 6.1, 6.2).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use hearken_core::{
    Answer, AttributeOp, Body, CardAction, Checkpoint, Context, Departure, Engine, Input, InteractionKind,
    PresentationId, ProfileId, Properties, Purpose, Purposes, RecordId, Row, Span, Step, Timestamp, TouchKind,
};
use proptest::prelude::*;
use serde_json::json;

const SEVERAL: &str = include_str!("../../../../tests/vectors/playbooks/several.json");
pub(crate) const EVERYTHING: &str = include_str!("../../../../tests/vectors/playbooks/everything.json");
/// The same with a success definition that what happens feeds.
static MEASURED: LazyLock<String> = LazyLock::new(|| {
    let mut document: serde_json::Value = serde_json::from_str(EVERYTHING).unwrap();
    document["success"] = json!({
        "spec": 1, "id": "measured", "version": 1, "calendar": { "offset": 120 },
        "facts": {
            "a": { "event": "a", "value": { "property": "n", "min": 0, "max": 10 } },
            "first_a": { "of": "a", "take": "first" },
            "b": { "event": "b" },
            "once": { "event": "$shown", "key": "presentation_id", "horizon": "2d" },
            "clicked": { "event": "$clicked" },
            "active": { "event": ["$session_start", "$screen"] },
        },
        "metrics": {
            "sum": { "window": "2d", "num": { "sum": "a" }, "den": { "count": "a", "in": "previous" } },
            "after": { "after": "first_a", "within": "1d", "num": { "count": "b" }, "den": "one" },
            "each": { "window": "2d", "each": "a", "then": "b", "within": "1h", "num": "elapsed", "den": "reached" },
            "through": { "window": "2d", "each": "once", "then": "clicked", "match": "presentation_id", "within": "1d", "num": "reached", "den": "each", "by": "campaign" },
            "sessions": { "window": "2d", "num": { "count": "active", "distinct": "session" }, "den": { "has": "active" } },
            "span": { "num": { "span": "active" }, "den": { "has": "active" }, "read": "ms" },
        },
    });
    document.to_string()
});
pub(crate) const START: i64 = 1_795_248_000_000;

/// Something that happens to one of two owners on the same journal.
#[derive(Clone, Debug)]
pub(crate) struct Happening {
    owner: usize,
    /// Milliseconds since the one before; negative when the clock is set back.
    after: i64,
    what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
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
    Screen(&'static str),
    Cue(&'static str),
    Increment(i64),
    Touch(u8),
    Card(usize, CardAction, &'static str),
    Page(usize, &'static str),
    After(usize, i64),
    Mount(bool),
    Paused(bool),
    Offer(u8),
    /// What another store knows of the person, or this one knew earlier.
    Export,
    Import(usize),
    Identify(&'static str),
    Reset,
    Switch(bool),
    Erase,
    /// So many events, an hour apart.
    Many(i64),
}

/// What one person does on one device.
pub(crate) fn of_one_person() -> impl Strategy<Value = What> {
    let one = 0..4usize;
    let action = prop_oneof![
        Just(CardAction::Seen),
        Just(CardAction::Read),
        Just(CardAction::Archive),
        Just(CardAction::Dismiss),
        Just(CardAction::Snooze),
        Just(CardAction::Click)
    ];
    let button = || prop_oneof![Just("ok"), Just("more"), Just("snooze"), Just("send"), Just("go")];
    prop_oneof![
        20 => what(),
        4 => (one.clone(), button()).prop_map(|(n, target)| What::Click(n, target)),
        2 => prop_oneof![Just("cart"), Just("home")].prop_map(What::Screen),
        1 => prop_oneof![Just("manual"), Just("dwell")].prop_map(What::Cue),
        1 => (-1..3i64).prop_map(What::Increment),
        2 => (0..5u8).prop_map(What::Touch),
        4 => (one.clone(), action, button()).prop_map(|(n, action, target)| What::Card(n, action, target)),
        1 => (one.clone(), button()).prop_map(|(n, page)| What::Page(n, page)),
        1 => (one, prop_oneof![Just(60_000), Just(3_600_000)]).prop_map(|(n, after)| What::After(n, after)),
        2 => any::<bool>().prop_map(What::Mount),
        1 => any::<bool>().prop_map(What::Paused),
        1 => (0..3u8).prop_map(What::Offer),
    ]
}

pub(crate) fn of_several() -> impl Strategy<Value = What> {
    prop_oneof![
        40 => of_one_person(),
        2 => Just(What::Export),
        3 => (0..4usize).prop_map(What::Import),
        2 => prop_oneof![Just("u-1"), Just("u-2")].prop_map(What::Identify),
        1 => Just(What::Reset),
        1 => any::<bool>().prop_map(What::Switch),
        1 => Just(What::Erase),
        1 => Just(What::Many(30)),
    ]
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

pub(crate) fn happenings_of(what: impl Strategy<Value = What>) -> impl Strategy<Value = Vec<Happening>> {
    let one = (0..2usize, after(), what).prop_map(|(owner, after, what)| Happening { owner, after, what });
    proptest::collection::vec(one, 1..120)
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    happenings_of(what())
}

pub(crate) struct Tab {
    pub(crate) engine: Engine,
    folded: usize,
    can_display: bool,
}

/// Two owners on one journal: before each input a tab folds what the other wrote, as in one transaction.
pub(crate) struct World {
    document: &'static str,
    pub(crate) rows: Vec<Row>,
    pub(crate) tabs: Vec<Tab>,
    names: u32,
    handled: u128,
    pub(crate) now: i64,
    offered: Vec<PresentationId>,
    exports: Vec<String>,
}

impl World {
    fn new() -> Self {
        Self::with(SEVERAL, 0)
    }

    /// Two owners on one journal of one device.
    pub(crate) fn with(document: &'static str, device: u8) -> Self {
        let handled = u128::from(device) << 64;
        let mut world = Self {
            document,
            rows: vec![],
            tabs: vec![],
            names: 0,
            handled,
            now: START,
            offered: vec![],
            exports: vec![],
        };
        for _ in 0..2 {
            let tab = world.opened();
            world.tabs.push(tab);
            let tab = world.tabs.len() - 1;
            world.begin(tab);
        }
        world
    }

    fn begin(&mut self, tab: usize) {
        self.handle(tab, Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None });
        self.handle(tab, Input::InstallPlaybook { document: self.document.into(), history: Vec::new() });
    }

    fn opened(&mut self) -> Tab {
        self.names += 1;
        let mut engine = Engine::new(format!("owner-{}", self.names), ["in_app"]).unwrap();
        for row in &self.rows {
            engine.fold(row).unwrap();
        }
        if engine.playbook_needed().is_some() {
            engine.supply_playbook(self.document).unwrap();
        }
        Tab { engine, folded: self.rows.len(), can_display: true }
    }

    pub(crate) fn context(&mut self, tab: usize) -> Context {
        self.handled += 1;
        Context {
            now: Timestamp(self.now),
            offset_min: 0,
            entropy: self.handled.to_be_bytes(),
            locale: "en".into(),
            can_display: self.tabs[tab].can_display,
            n: 0,
            host: Properties::new(),
        }
    }

    pub(crate) fn handle(&mut self, tab: usize, input: Input) -> Step {
        let ctx = self.context(tab);
        let Self { document, rows, tabs, .. } = self;
        let tab = &mut tabs[tab];
        for row in &rows[tab.folded..] {
            tab.engine.fold(row).unwrap();
        }
        if tab.engine.playbook_needed().is_some() {
            tab.engine.supply_playbook(document).unwrap();
        }
        let step = tab.engine.handle(input, &ctx);
        if step.erased {
            rows.clear();
        }
        rows.extend(step.row.clone());
        tab.folded = rows.len();
        self.offered.extend(step.offered.iter().map(|offer| offer.presentation_id));
        if let Some(wakeup) = step.next_wakeup {
            assert!(wakeup.0 > self.now, "a wake-up lies ahead");
        }
        step
    }

    pub(crate) fn happen(&mut self, happening: &Happening) {
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
            What::Screen(name) => Input::Screen { name: name.into() },
            What::Cue(cue) => Input::Cue { cue: cue.into(), value: None },
            What::Increment(by) => {
                Input::Attribute { op: AttributeOp::Increment, name: "points".into(), value: json!(by) }
            }
            What::Touch(n) => Input::Touch {
                kind: if n == 0 { TouchKind::Opened } else { TouchKind::Delivered },
                delivery_id: format!("d-{n}-{}", self.now / 3_600_000),
                channel: "email".into(),
                campaign: None,
                target: None,
            },
            What::Card(n, action, target) => {
                let inbox = self.tabs[tab].engine.inbox_json(Timestamp(self.now));
                let inbox: serde_json::Value = serde_json::from_str(&inbox).unwrap();
                let card = inbox["cards"][n]["card"].as_str().unwrap_or("none").to_owned();
                Input::Card { card, action, target: Some(target.into()), lasts: None }
            }
            What::Page(n, page) => Input::Interaction {
                presentation_id: nth(n),
                kind: InteractionKind::Page,
                target: Some(page.into()),
                answers: Properties::new(),
            },
            What::After(n, after) => {
                Input::HostAnswer { presentation_id: nth(n), answer: Answer::Later, after: Some(Span(after)) }
            }
            What::Mount(mounted) => Input::Mount { placement: "hero".into(), mounted },
            What::Paused(paused) => Input::HostState { host: Properties::new(), paused: Some(paused) },
            What::Offer(n) => {
                let offer = json!({"id": format!("push-{n}"), "channel": ["in_app"], "caps": ["day"], "message": "m",
                    "messages": {"m": {"layout": "toast", "pages": [[{"text": "Hello"}]]}}});
                Input::Offer { document: offer.to_string() }
            }
            What::Export => {
                self.exports.push(self.tabs[tab].engine.export_state());
                return;
            }
            What::Import(n) => match self.exports.iter().rev().nth(n) {
                Some(document) => Input::Import { document: document.clone() },
                None => return,
            },
            What::Identify(user) => Input::Identify { user: user.into() },
            What::Reset => Input::Reset,
            What::Switch(enabled) => Input::Switch { enabled },
            What::Many(count) => {
                for n in 0..count {
                    self.now += 3_600_000;
                    let (name, properties) = if n % 3 == 0 { ("b", json!({})) } else { ("a", json!({ "n": n % 12 })) };
                    let properties = properties.as_object().unwrap().clone();
                    self.handle(tab, Input::Track { name: name.into(), properties, at: None });
                }
                return;
            }
            What::Erase => {
                self.handle(tab, Input::Erase);
                self.offered.clear();
                self.exports.clear();
                for tab in 0..self.tabs.len() {
                    self.tabs[tab] = self.opened();
                    self.begin(tab);
                }
                return;
            }
        };
        self.handle(tab, input);
    }
}

/// Whether a record only gives what was decided: nothing that a decision looks at changed before it.
pub(crate) fn what_holds_still(body: &Body) -> bool {
    matches!(
        body,
        Body::UseReserved(_)
            | Body::UseCommitted(_)
            | Body::Ended(_)
            | Body::Exposure(_)
            | Body::CardMade(_)
            | Body::TriggerDropped(_)
    )
}

/// What the records alone say of caps, limits, slots, ends and ids.
pub(crate) fn check_journal(rows: &[Row], document: &str) -> Result<(), TestCaseError> {
    let playbook: serde_json::Value = serde_json::from_str(document).unwrap();
    let campaign = |id: &str| playbook["campaigns"].as_array().unwrap().iter().find(|one| one["id"] == id);
    let records: Vec<_> = rows.iter().flat_map(|row| row.records.iter().map(move |record| (row, record))).collect();
    let mut last = RecordId::default();
    let mut ended = BTreeSet::new();
    // Of each profile and constraint what was spent and when, as a clock step leaves it.
    let mut spent: BTreeMap<(ProfileId, String), BTreeMap<RecordId, i64>> = BTreeMap::new();
    // Of each profile and campaign the uses that count.
    let mut uses: BTreeMap<(ProfileId, String), BTreeSet<RecordId>> = BTreeMap::new();
    // What interrupts and is open, by owner.
    let mut standing: BTreeMap<String, BTreeSet<RecordId>> = BTreeMap::new();
    for (place, (row, record)) in records.iter().enumerate() {
        prop_assert_eq!(record.seq, place as u64 + 1, "no gap");
        prop_assert!(record.id > last, "ids rise");
        last = record.id;
        let now = row.ctx.now.0;
        let (profile, id) = (record.profile, record.id);
        let mut spend = |of: &str, spends: &[String], counts: bool| -> Result<(), TestCaseError> {
            let source = campaign(of);
            let free = source.is_some_and(|source| source["transactional"] == true);
            let listed = source.and_then(|source| source["caps"].as_array()).into_iter().flatten();
            for cap in listed.filter_map(|cap| cap.as_str()).filter(|cap| !free && spends.iter().any(|one| one == cap))
            {
                let rule = &playbook["caps"][cap];
                let per: Span = rule["per"].as_str().unwrap().parse().unwrap();
                let known = spent.entry((profile, cap.to_owned())).or_default();
                let within = known.values().filter(|at| now - **at < per.0).count() as u64;
                prop_assert!(within < rule["max"].as_u64().unwrap(), "{} goes over {}", of, cap);
            }
            for cap in spends {
                spent.entry((profile, cap.clone())).or_default().insert(id, record.ts.0);
            }
            let count = uses.entry((profile, of.to_owned())).or_default();
            let times = source.and_then(|source| source["limit"]["times"].as_u64());
            let times = times.unwrap_or(u64::from(source.is_some_and(|source| source["placement"].is_null())));
            if counts {
                count.insert(id);
                prop_assert!(times == 0 || count.len() as u64 <= times, "{} goes over its limit", of);
            }
            Ok(())
        };
        match &record.body {
            Body::ClockStep(step) => {
                for at in spent.values_mut().flat_map(BTreeMap::values_mut) {
                    *at = (*at).min(step.to.0);
                }
            }
            Body::UseReserved(reserved) => {
                spend(&reserved.campaign, &reserved.spends, !reserved.returns)?;
                if reserved.interruptive {
                    let own = standing.entry(reserved.owner.clone()).or_default();
                    prop_assert!(own.is_empty(), "one at a time");
                    own.insert(id);
                }
            }
            Body::CardMade(made) => spend(&made.campaign, &made.spends, true)?,
            Body::Delivered(touch) => {
                for cap in &touch.spends {
                    spent.entry((profile, cap.clone())).or_default().insert(id, record.ts.0);
                }
            }
            Body::UseCommitted(committed) => {
                let known = spent.values_mut().filter_map(|uses| uses.get_mut(&committed.presentation_id));
                known.for_each(|at| *at = record.ts.0);
            }
            Body::UseRefunded(refunded) => {
                spent.values_mut().for_each(|uses| uses.retain(|id, _| *id != refunded.presentation_id));
                uses.values_mut().for_each(|uses| uses.retain(|id| *id != refunded.presentation_id));
            }
            Body::Ended(end) => {
                prop_assert!(ended.insert(end.presentation_id), "an end is written once");
                standing.values_mut().for_each(|open| open.retain(|id| *id != end.presentation_id));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whoever folds the whole journal knows what the last writer knows; a checkpoint in the middle changes nothing.
fn check_folding(world: &World) -> Result<(), TestCaseError> {
    let mut folded = Engine::new("folder", ["in_app"]).unwrap();
    let half = world.rows.len() / 2;
    for row in &world.rows[..half] {
        folded.fold(&Row::from_json(&row.to_json()).unwrap()).unwrap();
    }
    let checkpoint = Checkpoint::from_json(&folded.checkpoint().to_json()).unwrap();
    let mut folded = Engine::new("folder", ["in_app"]).unwrap();
    folded.load(checkpoint);
    for row in &world.rows[half..] {
        folded.fold(row).unwrap();
    }
    let writer = world.tabs.iter().max_by_key(|tab| tab.folded).unwrap();
    prop_assert_eq!(folded.checkpoint().to_json(), writer.engine.checkpoint().to_json());
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
        check_journal(&world.rows, SEVERAL)?;
        check_folding(&world)?;
    }

    #[test]
    fn folding_equals_live_state_and_nothing_is_exceeded_whatever_the_engine_can_do(
        happenings in happenings_of(of_several()),
    ) {
        let mut world = World::with(&MEASURED, 0);
        for happening in &happenings {
            world.happen(happening);
        }
        check_journal(&world.rows, &MEASURED)?;
        check_folding(&world)?;
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

/// What is kept for success metrics is part of what is compared, sealed and not.
#[test]
fn folding_equals_live_state_of_success_metrics_across_seals() {
    let mut world = World::with(&MEASURED, 0);
    let mut seals = BTreeSet::new();
    for (after, what) in [
        (0, What::Many(140)),
        (5_000, What::Screen("cart")),
        (0, What::Many(140)),
        (-7_200_000, What::Kill),
        (0, What::Identify("u-1")),
        (0, What::Many(140)),
    ] {
        world.happen(&Happening { owner: 0, after, what });
        let report = world.tabs[0].engine.success_report(Timestamp(world.now));
        seals.insert(report.sealed_to);
        assert!(report.metrics.iter().all(|metric| metric.unavailable.is_none()));
        assert!(report.metrics.iter().any(|metric| metric.num.is_some_and(|num| num > 0)));
    }
    assert!(seals.len() >= 3, "{seals:?}");
    check_folding(&world).unwrap();
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
