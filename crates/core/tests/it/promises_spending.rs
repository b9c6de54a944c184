//! What is spent, and when there is room again, told by a model that knows only the inputs: constraints, limits, `again_after`,
//! what a `$history` knows, arms and holdouts, and what other devices spent (engine.md 3.2, 3.3, 6.1, 6.2, 7, 9.3). The model
//! says of each step which uses are reserved, given back and committed, no more and no fewer; and of each campaign what is
//! explained after it.

use std::collections::{BTreeMap, BTreeSet};

use hearken_core::{
    Answer, Body, Context, Departure, Engine, Input, InteractionKind, Outcome, PresentationId, Properties, Purpose,
    Purposes, Reason, Row, Span, Step, Timestamp, TouchKind,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const START: i64 = 1_795_248_000_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const TTL: i64 = 30 * DAY;
const LEASE: i64 = MINUTE;
const INTERVAL: i64 = 30_000;
const SNOOZE: i64 = 2 * HOUR;
const PUT_OFF: i64 = 45 * MINUTE;

/// A constraint: how many, in which time, and the channels that it counts.
type Cap = (&'static str, usize, i64, &'static [&'static str]);

/// Revisions differ in what the constraints allow, in what `fresh` asks of the past, and in the version of the trials.
fn caps(revision: u64) -> [Cap; 4] {
    let more = revision.is_multiple_of(2);
    [
        ("pair", if more { 3 } else { 2 }, HOUR, &[]),
        ("contact", 3, DAY, if more { &["in_app", "email"] } else { &["in_app"] }),
        ("one", 1, if more { 20 * MINUTE } else { 10 * MINUTE }, &[]),
        ("feed", 1, HOUR, &["inbox"]),
    ]
}

/// How many `two` asks for. The counter that it shares with others keeps that many and one more, or four.
fn two(revision: u64) -> usize {
    if revision.is_multiple_of(2) { 4 } else { 2 }
}

/// What the model has to know of a campaign; those before it go first.
#[derive(Clone, Copy)]
struct Rule {
    id: &'static str,
    on: &'static str,
    caps: &'static [&'static str],
    times: usize,
    again: i64,
    card: bool,
    transactional: bool,
    audience: Option<fn(&Past<'_>) -> Known>,
    trial: Option<Trial>,
    held: bool,
    interrupts: bool,
}

/// Two variants of the same weight, and a control.
#[derive(Clone, Copy)]
struct Trial {
    control: u64,
    coverage: u64,
    by_user: bool,
    next: bool,
}

const RULE: Rule = Rule {
    id: "",
    on: "a",
    caps: &[],
    times: usize::MAX,
    again: 0,
    card: false,
    transactional: false,
    audience: None,
    trial: None,
    held: false,
    interrupts: false,
};
const TRIAL: Trial = Trial { control: 3_000, coverage: 10_000, by_user: false, next: false };

const RULES: &[Rule] = &[
    Rule { id: "paid", on: "b", caps: &["one"], transactional: true, ..RULE },
    Rule { id: "one", caps: &["one"], ..RULE },
    Rule { id: "both", caps: &["pair", "contact"], ..RULE },
    Rule { id: "loose", on: "b", ..RULE },
    Rule { id: "listed", on: "b", caps: &["contact"], ..RULE },
    Rule { id: "twice", caps: &["pair"], times: 2, again: HOUR, ..RULE },
    Rule { id: "again", on: "b", again: 10 * MINUTE, ..RULE },
    Rule { id: "thrice", times: 3, ..RULE },
    Rule { id: "card", caps: &["pair", "feed"], card: true, ..RULE },
    Rule { id: "card_free", on: "b", times: 3, card: true, ..RULE },
    Rule { id: "two", on: "b", audience: Some(|past| past.at_least(HOUR, past.two)), ..RULE },
    Rule { id: "none", audience: Some(|past| past.count("paid", HOUR, |count| count == 0)), ..RULE },
    Rule { id: "few", on: "b", audience: Some(|past| past.count("all", 2 * HOUR, |count| count <= 1)), ..RULE },
    Rule { id: "recent", audience: Some(|past| past.last(|age| age.is_some_and(|age| age < 10 * MINUTE))), ..RULE },
    Rule { id: "spent", on: "b", audience: Some(|past| past.sum(100)), ..RULE },
    Rule { id: "never", audience: Some(|past| past.last(|age| age.is_none())), ..RULE },
    Rule { id: "fresh", on: "b", audience: Some(|past| past.count("fresh", HOUR / 2, |count| count == 0)), ..RULE },
    Rule {
        id: "either",
        caps: &["pair"],
        audience: Some(|past| {
            match (past.at_least(3 * HOUR, 3), past.last(|age| age.is_some_and(|age| age >= 10 * MINUTE))) {
                (Known::Is(true), _) | (_, Known::Is(true)) => Known::Is(true),
                (Known::From(at), Known::From(or)) => Known::From(at.min(or)),
                (Known::From(at), _) | (_, Known::From(at)) => Known::From(at),
                _ => Known::Is(false),
            }
        }),
        ..RULE
    },
    Rule { id: "urgent", on: "b", transactional: true, interrupts: true, ..RULE },
    Rule { id: "modal", caps: &["pair"], interrupts: true, ..RULE },
    Rule { id: "modal_trial", interrupts: true, trial: Some(Trial { control: 5_000, ..TRIAL }), ..RULE },
    Rule {
        id: "modal_next",
        on: "b",
        interrupts: true,
        trial: Some(Trial { control: 5_000, next: true, ..TRIAL }),
        ..RULE
    },
    Rule { id: "modal_last", on: "b", interrupts: true, again: 10 * MINUTE, ..RULE },
    Rule { id: "trial", caps: &["pair"], trial: Some(TRIAL), ..RULE },
    Rule {
        id: "next",
        on: "b",
        caps: &["one"],
        times: 3,
        trial: Some(Trial { control: 5_000, coverage: 6_000, next: true, ..TRIAL }),
        ..RULE
    },
    Rule { id: "by_user", on: "b", caps: &["one"], trial: Some(Trial { by_user: true, ..TRIAL }), ..RULE },
    Rule {
        id: "card_trial",
        caps: &["feed"],
        times: 4,
        card: true,
        trial: Some(Trial { control: 5_000, ..TRIAL }),
        ..RULE
    },
    Rule { id: "held", on: "b", caps: &["pair"], again: 20 * MINUTE, held: true, ..RULE },
];

fn playbook(holdout: bool, revision: u64) -> String {
    let bought = |more: Value| {
        let mut of = json!({"event": "bought"});
        of.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        json!({"$history": of})
    };
    let campaign = |(place, rule): (usize, &Rule)| {
        let mut of = json!({"id": rule.id, "channel": [if rule.card { "inbox" } else { "in_app" }], "trigger": {"event": rule.on},
            "ttl": "30d", "priority": place, "caps": rule.caps, "transactional": rule.transactional,
            "limit": {"times": if rule.times == usize::MAX { 0 } else { rule.times }, "again_after": rule.again}});
        if !rule.card && !rule.interrupts {
            of["interruptive"] = json!(false);
        }
        let message = if rule.card {
            "card"
        } else if rule.interrupts {
            "modal"
        } else {
            "m"
        };
        match rule.trial {
            None => of["message"] = json!(message),
            Some(trial) => {
                let variant = |id: &str| json!({"id": id, "weight_bp": 5_000, "message": message});
                of["experiment"] = json!({"control_bp": trial.control, "coverage_bp": trial.coverage,
                    "on_control": if trial.next { "show_next" } else { "show_nothing" }, "bucket_version": revision, "variants": [variant("v1"), variant("v2")]});
                if trial.by_user {
                    of["experiment"]["bucket_by"] = json!("user_id");
                }
            }
        }
        if rule.held {
            of["holdout"] = json!({"bp": 5_000, "seed": "own", "bucket_by": "user_id"});
        }
        let audience = match rule.id {
            "two" => bought(json!({"within": "1h", "count": {"$gte": two(revision)}})),
            "none" => bought(json!({"within": "1h", "where": {"paid": true}, "count": 0})),
            "few" => bought(json!({"within": "2h", "count": {"$lte": 1}})),
            "recent" => bought(json!({"within": "1h", "last": {"$lt": "10m"}})),
            "spent" => bought(json!({"within": "1h", "sum": {"total": {"$gte": 100}}})),
            "never" => json!({"$not": bought(json!({"within": "1h", "last": {"$gte": 0}}))}),
            "either" => json!({"$or": [bought(json!({"within": "3h", "count": {"$gte": 3}})),
                bought(json!({"within": "1h", "last": {"$gte": "10m"}}))]}),
            "fresh" if revision.is_multiple_of(2) => {
                bought(json!({"within": "30m", "where": {"paid": false}, "count": 0}))
            }
            _ => return of,
        };
        of["audience"] = audience;
        of
    };
    let caps = caps(revision)
        .into_iter()
        .map(|(name, max, per, counts)| (name.to_owned(), json!({"max": max, "per": per, "counts": counts})));
    let page =
        json!([[{"heading": "Hello"}, {"button": {"id": "snooze", "label": "snooze", "actions": [{"snooze": "2h"}]}}]]);
    let both = json!({"purpose": ["analytics", "messaging"]});
    let mut document = json!({"spec": 1, "id": "p", "revision": revision, "settings": {"interval": "30s"},
        "plan": {"mode": "open", "events": {"a": both, "b": both, "bought": both}},
        "caps": caps.collect::<serde_json::Map<_, _>>(),
        "campaigns": RULES.iter().enumerate().map(campaign).collect::<Vec<_>>(),
        "messages": {"card": {"layout": "card", "pages": [[{"heading": "Hello"}]]},
            "modal": {"layout": "modal", "pages": page}, "m": {"layout": "custom", "pages": page}}});
    if holdout {
        document["holdout"] = json!({"bp": 3_000, "seed": "all"});
    }
    document.to_string()
}

#[derive(Clone, Debug)]
enum Happening {
    Event(&'static str),
    Bought(i64, bool),
    /// Another process handed it over: so long ago.
    HandedOver(i64),
    Tick,
    Sight(bool),
    Consent(u8),
    Is(&'static str),
    Leaves,
    Draw(usize),
    See(usize),
    Dismiss(usize),
    Snooze(usize),
    Page(usize),
    Vanish(usize),
    Discard(usize),
    Later(usize, bool),
    Kill,
    NewRevision,
    Delivered(u8),
    /// Another device of this user gave a message, so long ago; what was given there is over; or it has an arm.
    Abroad(&'static str, usize, i64),
    OverAbroad(&'static str, usize, bool),
    ArmAbroad(&'static str, usize, &'static str, i64),
    /// What this device knew earlier.
    Export,
    Import(usize),
}

#[derive(Clone, Debug)]
enum When {
    After(i64),
    /// So much after the last announced wake-up.
    Announced(i64),
}

fn happening() -> impl Strategy<Value = (usize, Happening, When)> {
    use Happening::*;
    let n = || 0..5usize;
    let user = || prop::sample::select(vec!["ann", "bob"]);
    let ago =
        || prop::sample::select(vec![0, MINUTE, 9 * MINUTE, 10 * MINUTE, 59 * MINUTE, HOUR, 3 * HOUR, DAY - 1, -HOUR]);
    let what = prop_oneof![
        8 => Just(Event("a")),
        6 => Just(Event("b")),
        4 => (prop::sample::select(vec![10, 40, 60, 100]), any::<bool>()).prop_map(|(total, paid)| Bought(total, paid)),
        1 => prop::sample::select(vec![INTERVAL, MINUTE, 10 * MINUTE, HOUR, 3 * DAY]).prop_map(HandedOver),
        5 => Just(Tick),
        2 => any::<bool>().prop_map(Sight),
        2 => prop::sample::select(vec![0u8, 4, 5, 6, 3, 7, 7, 7]).prop_map(Consent),
        3 => user().prop_map(Is),
        1 => Just(Leaves),
        7 => n().prop_map(Draw),
        6 => n().prop_map(See),
        3 => n().prop_map(Dismiss),
        2 => n().prop_map(Snooze),
        1 => n().prop_map(Page),
        2 => n().prop_map(Vanish),
        2 => n().prop_map(Discard),
        2 => (n(), any::<bool>()).prop_map(|(n, span)| Later(n, span)),
        2 => Just(Kill),
        2 => Just(NewRevision),
        2 => (0..4u8).prop_map(Delivered),
        4 => (user(), 0..RULES.len(), ago()).prop_map(|(user, n, ago)| Abroad(user, n, ago)),
        2 => (user(), 0..4usize, any::<bool>()).prop_map(|(user, n, seen)| OverAbroad(user, n, seen)),
        1 => (user(), 0..RULES.len(), prop::sample::select(vec!["v1", "v2", "control"]), ago()).prop_map(|(user, n, arm, ago)| ArmAbroad(user, n, arm, ago)),
        1 => Just(Export),
        2 => (0..3usize).prop_map(Import),
    ];
    let edges = vec![MINUTE, 10 * MINUTE, 20 * MINUTE, HOUR, SNOOZE, PUT_OFF, 3 * HOUR, DAY];
    let when = prop_oneof![
        6 => (0..3_000i64).prop_map(When::After),
        4 => (prop::sample::select(edges), -1..2i64).prop_map(|(edge, by)| When::After(edge + by)),
        4 => (-1..2i64).prop_map(When::Announced),
        1 => prop::sample::select(vec![-500, -1_001, -10 * MINUTE, -3 * HOUR]).prop_map(When::After),
    ];
    (0..2usize, what, when)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Is(bool),
    /// Nobody knows before.
    From(i64),
}

/// What is counted: the instants and what was paid then, oldest first; all of it since an instant.
#[derive(Clone, Debug, Default)]
struct Counter {
    since: i64,
    seen: Vec<(i64, i64)>,
}

impl Counter {
    fn keep(&mut self, newest: usize) {
        self.seen.sort_unstable();
        self.seen.drain(..self.seen.len().saturating_sub(newest));
    }
}

/// What a person bought.
struct Past<'a> {
    now: i64,
    two: usize,
    counters: &'a BTreeMap<&'static str, Counter>,
}

impl Past<'_> {
    fn within(&self, what: &str, window: i64) -> impl Iterator<Item = &(i64, i64)> {
        self.counters[what].seen.iter().filter(move |(at, _)| self.now - at < window)
    }

    fn once_complete(&self, what: &str, window: i64, holds: bool) -> Known {
        let since = self.counters[what].since;
        if self.now - window >= since { Known::Is(holds) } else { Known::From(since + window) }
    }

    fn at_least(&self, window: i64, count: usize) -> Known {
        let enough = self.within("all", window).count() >= count;
        if enough { Known::Is(true) } else { self.once_complete("all", window, false) }
    }

    fn count(&self, what: &str, window: i64, test: fn(usize) -> bool) -> Known {
        if !self.counters.contains_key(what) {
            // This revision does not ask.
            return Known::Is(true);
        }
        self.once_complete(what, window, test(self.within(what, window).count()))
    }

    /// How long ago the newest was, of the last hour.
    fn last(&self, test: fn(Option<i64>) -> bool) -> Known {
        let newest = self.within("all", HOUR).map(|(at, _)| self.now - at).min();
        if newest.is_some() { Known::Is(test(newest)) } else { self.once_complete("all", HOUR, test(None)) }
    }

    fn sum(&self, least: i64) -> Known {
        self.once_complete("sum", HOUR, self.within("sum", HOUR).map(|(_, total)| total).sum::<i64>() >= least)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Reserved,
    Refunded,
    Committed,
}

#[derive(Clone, Debug)]
struct Use {
    campaign: String,
    at: i64,
    spends: Vec<String>,
    state: State,
    returns: bool,
}

impl Use {
    fn of(theirs: &Value) -> Self {
        let state = match theirs["state"].as_str() {
            Some("committed") => State::Committed,
            Some("refunded") => State::Refunded,
            _ => State::Reserved,
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            campaign: text(&theirs["campaign"]),
            at: theirs["at"].as_i64().unwrap(),
            spends: theirs["spends"].as_array().into_iter().flatten().map(text).collect(),
            state,
            returns: theirs["returns"] == true,
        }
    }
}

#[derive(Clone, Debug)]
struct Arm {
    arm: String,
    unit: String,
    version: u64,
    at: i64,
}

#[derive(Clone, Debug, Default)]
struct Person {
    user: Option<String>,
    counters: BTreeMap<&'static str, Counter>,
    uses: BTreeMap<String, Use>,
    touches: BTreeMap<String, (Vec<&'static str>, i64)>,
    arms: BTreeMap<String, Arm>,
    /// Whether they are held out, by seed.
    holdouts: BTreeMap<String, bool>,
}

/// A trigger that fired.
#[derive(Clone, Copy, Debug)]
struct Pending {
    from: i64,
    until: i64,
    returns: bool,
}

/// A presentation that is not over.
#[derive(Clone, Debug)]
struct Standing {
    rule: usize,
    owner: String,
    drawn: bool,
    lease: i64,
    trigger: Pending,
}

/// Why a campaign is not given, and when it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum No {
    Consent,
    Sight,
    Audience,
    Incomplete(i64),
    Limit,
    Again(i64),
    Cap(&'static str, i64),
    /// Another stands.
    Slot,
    Interval(i64),
}

impl No {
    fn drops(self) -> bool {
        matches!(self, Self::Consent | Self::Audience | Self::Incomplete(_) | Self::Limit)
    }
}

struct Tab {
    engine: Engine,
    folded: usize,
    sight: bool,
}

#[derive(Default)]
struct World {
    revision: u64,
    documents: BTreeMap<String, String>,
    holdout: bool,
    rows: Vec<Row>,
    tabs: Vec<Tab>,
    owners: u32,
    now: i64,
    handled: u64,
    wakeup: Option<i64>,
    agreed: Purposes,
    current: String,
    people: BTreeMap<String, Person>,
    pending: BTreeMap<usize, Pending>,
    standing: BTreeMap<PresentationId, Standing>,
    /// The last end of what interrupts, or when it was last hidden.
    interval: Option<i64>,
    hidden: BTreeSet<String>,
    /// What other devices of a user export.
    abroad: BTreeMap<&'static str, Value>,
    exports: Vec<Value>,
    given: BTreeMap<String, usize>,
}

fn bucket(seed: &str, unit: &str) -> u64 {
    let hash = Sha256::digest(format!("{seed}:{unit}"));
    (u64::from(u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])) * 10_000) >> 32
}

impl World {
    fn new(holdout: bool) -> Self {
        let mut world = Self { holdout, revision: 1, now: START, agreed: Purposes::all(), ..Self::default() };
        for tab in 0..2 {
            let opened = world.opened();
            world.tabs.push(opened);
            world.handle(tab, Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None }).unwrap();
            if tab == 0 {
                world.install(0).unwrap();
                assert_eq!(world.tabs[0].engine.playbook().unwrap().problems(), &[]);
            }
        }
        world
    }

    fn install(&mut self, tab: usize) -> Result<(), TestCaseError> {
        let document = playbook(self.holdout, self.revision);
        self.handle(tab, Input::InstallPlaybook { document, history: Vec::new() })
    }

    fn opened(&mut self) -> Tab {
        self.owners += 1;
        let engine = Engine::new(format!("owner-{}", self.owners), ["in_app", "inbox"]).unwrap();
        Tab { engine, folded: 0, sight: true }
    }

    fn made(&self, user: Option<String>) -> Person {
        let counter = |what| (what, Counter { since: self.now, seen: Vec::new() });
        let counted = ["all", "paid", "sum", "fresh"]
            .into_iter()
            .filter(|what| *what != "fresh" || self.revision.is_multiple_of(2));
        Person { user, counters: counted.map(counter).collect(), ..Person::default() }
    }

    fn person(&mut self) -> &mut Person {
        self.people.entry(self.current.clone()).or_default()
    }

    fn context(&mut self, tab: usize) -> Context {
        self.handled += 1;
        let entropy = (u128::from(self.handled) << 64 | u128::from(self.handled)).to_be_bytes();
        let can_display = self.tabs[tab].sight;
        Context { now: Timestamp(self.now), entropy, locale: "en".into(), can_display, ..Context::default() }
    }

    /// Folds what the other tab wrote, as in one transaction.
    fn catch_up(&mut self, tab: usize) {
        let Self { rows, tabs, documents, .. } = self;
        for row in &rows[tabs[tab].folded..] {
            tabs[tab].engine.fold(row).unwrap();
        }
        tabs[tab].folded = rows.len();
        if let Some(hash) = tabs[tab].engine.playbook_needed() {
            let document = documents[hash].clone();
            tabs[tab].engine.supply_playbook(&document).unwrap();
        }
    }

    fn handle(&mut self, tab: usize, input: Input) -> Result<(), TestCaseError> {
        self.catch_up(tab);
        let last = self.rows.last().map_or(self.now, |row| row.ctx.now.0);
        if self.now < last && last - self.now <= 1_000 {
            // It is taken for the last instant (engine.md 1.5).
            self.now = last;
        }
        let ctx = self.context(tab);
        let step = self.tabs[tab].engine.handle(input.clone(), &ctx);
        self.rows.extend(step.row.clone());
        if let Some(blob) = &step.blob {
            self.documents.insert(blob.hash.clone(), blob.content.clone());
        }
        self.tabs[tab].folded = self.rows.len();
        let mut expected = Vec::new();
        if self.now < last {
            self.set_back(last);
        }
        let put_off = self.happens(tab, &input, &step, &mut expected);
        // What goes back after its time drops.
        self.pending.retain(|_, trigger| self.now < trigger.until);
        self.hold_out(&mut expected);
        self.give(tab, put_off, &step, &mut expected)?;
        let mut seen = told(&step);
        seen.sort();
        expected.sort();
        prop_assert_eq!(seen, expected, "what {:?} comes to; {:?}", input, step.decisions);
        self.wakeup = step.next_wakeup.map(|at| at.0);
        if self.tabs[tab].engine.playbook().is_none() {
            return Ok(());
        }
        self.explained(tab, put_off, &ctx)
    }

    fn set_back(&mut self, last: i64) {
        let now = self.now;
        for person in self.people.values_mut() {
            for counter in person.counters.values_mut() {
                counter.since = counter.since.min(now);
                counter.seen.iter_mut().for_each(|(at, _)| *at = (*at).min(now));
            }
            person.uses.values_mut().for_each(|used| used.at = used.at.min(now));
            person.touches.values_mut().for_each(|(_, at)| *at = (*at).min(now));
        }
        self.interval = self.interval.map(|at| at.min(now));
        let by = now - last;
        let triggers = self.standing.values_mut().map(|standing| &mut standing.trigger);
        for trigger in self.pending.values_mut().chain(triggers) {
            trigger.from += by;
            trigger.until += by;
        }
        self.standing.values_mut().for_each(|standing| standing.lease += by);
    }

    /// What an input does before anything is decided; gives the campaign that was just put off.
    fn happens(&mut self, tab: usize, input: &Input, step: &Step, expected: &mut Vec<String>) -> Option<usize> {
        let now = self.now;
        if let Some(first) = step.row.as_ref().and_then(|row| row.records.first())
            && self.current.is_empty()
        {
            self.current = first.profile.to_string();
            *self.person() = self.made(None);
        }
        let leases: Vec<_> =
            self.standing.iter().filter(|(_, one)| !one.drawn && one.lease <= now).map(|(id, _)| *id).collect();
        leases.into_iter().for_each(|id| self.refund(id, false, expected));
        self.pending.retain(|_, trigger| now < trigger.until);
        let owner = self.tabs[tab].engine.owner().to_owned();
        let of = |world: &Self, id: &PresentationId| world.standing.get(id).filter(|one| one.owner == owner).cloned();
        let reserved = |world: &Self, id: &PresentationId| {
            world.people[&world.current].uses.get(&id.to_string()).is_some_and(|one| one.state == State::Reserved)
        };
        match input {
            Input::Track { name, properties, at } => {
                if !self.agreed.has(Purpose::Analytics) && !self.agreed.has(Purpose::Messaging) {
                    return None;
                }
                if name == "bought" {
                    let (total, paid) = (properties["total"].as_i64().unwrap(), properties["paid"] == true);
                    let at = at.map_or(now, |at| at.0);
                    let keeps = two(self.revision).max(3) + 1;
                    for (what, counter) in &mut self.person().counters {
                        if !matches!((*what, paid), ("paid", false) | ("fresh", true)) {
                            counter.seen.push((at, total));
                            counter.keep(if *what == "all" { keeps } else { 1_000 });
                        }
                    }
                }
                for rule in (0..RULES.len()).filter(|rule| RULES[*rule].on == name) {
                    let stands = self.standing.values().any(|one| one.rule == rule);
                    if self.agreed.has(Purpose::Messaging) && !stands {
                        self.pending.entry(rule).or_insert(Pending { from: now, until: now + TTL, returns: false });
                    }
                }
            }
            Input::Displaying { presentation_id: id } => {
                let one = of(self, id).filter(|one| !one.drawn)?;
                match self.walk(one.rule, one.trigger.returns, Some(id), tab) {
                    Ok(()) => {
                        expected.push(format!("displaying {}", RULES[one.rule].id));
                        self.standing.get_mut(id)?.drawn = true;
                    }
                    Err(no) => self.refund(*id, !no.drops(), expected),
                }
            }
            Input::Visible { presentation_id: id } => {
                let one = of(self, id)?;
                if one.drawn && reserved(self, id) {
                    self.commit(*id, false, expected);
                }
            }
            Input::Interaction { presentation_id: id, kind, target, .. } => {
                let one = of(self, id)?;
                if reserved(self, id) {
                    self.commit(*id, false, expected);
                }
                self.standing.get_mut(id)?.drawn = true;
                if *kind == InteractionKind::Page {
                    if !one.drawn {
                        expected.push(format!("displaying {}", RULES[one.rule].id));
                    }
                    return None;
                }
                self.end(*id);
                if target.is_some() {
                    let from = now + SNOOZE;
                    self.pending.insert(one.rule, Pending { from, until: from + TTL, returns: true });
                }
            }
            Input::Ended { presentation_id: id, .. } => {
                of(self, id)?;
                if reserved(self, id) {
                    self.refund(*id, false, expected);
                }
                self.end(*id);
            }
            Input::HostAnswer { presentation_id: id, answer, after } => {
                let one = of(self, id).filter(|one| !one.drawn)?;
                self.refund(*id, *answer == Answer::Later, expected);
                if let (Some(Span(after)), Some(trigger)) = (after, self.pending.get_mut(&one.rule)) {
                    (trigger.from, trigger.until) = (now + after, now + after + TTL);
                }
                return Some(one.rule);
            }
            Input::OwnersGone { owners } => {
                let gone: Vec<_> = self.standing.iter().filter(|(_, one)| owners.contains(&one.owner)).collect();
                let gone: Vec<_> = gone.into_iter().map(|(id, one)| (*id, one.drawn)).collect();
                for (id, drawn) in gone {
                    if !drawn {
                        self.refund(id, true, expected);
                    } else if reserved(self, &id) {
                        self.commit(id, true, expected);
                    }
                    self.end(id);
                }
            }
            Input::Identify { user } => {
                if self.person().user.as_ref() == Some(user) {
                    return None;
                }
                let known =
                    self.people.iter().find(|(_, one)| one.user.as_ref() == Some(user)).map(|(id, _)| id.clone());
                if known.is_none() && self.person().user.is_none() {
                    self.person().user = Some(user.clone());
                    return None;
                }
                self.switch(known, Some(user.clone()), step, expected);
            }
            Input::Reset => self.switch(None, None, step, expected),
            Input::Consent { purposes, .. } => {
                self.agreed = *purposes;
                if !purposes.has(Purpose::Messaging) {
                    self.take_back(expected);
                }
            }
            Input::Touch { delivery_id, channel, .. } => {
                let known = self.person().touches.contains_key(delivery_id);
                if self.agreed.has(Purpose::Messaging) && !known {
                    let counted = caps(self.revision).into_iter().filter(|cap| cap.3.contains(&channel.as_str()));
                    let spends = counted.map(|cap| cap.0).collect();
                    expected.push(format!("delivered {spends:?}"));
                    self.person().touches.insert(delivery_id.clone(), (spends, now));
                }
            }
            Input::InstallPlaybook { .. } => {
                let (more, keeps) = (self.revision.is_multiple_of(2), two(self.revision).max(3) + 1);
                for person in self.people.values_mut() {
                    person.counters.remove("fresh");
                    if more {
                        person.counters.insert("fresh", Counter { since: now, seen: Vec::new() });
                    }
                    let all = person.counters.get_mut("all").unwrap();
                    if more && all.seen.len() >= 4 {
                        // It was full, and may have had to forget.
                        all.since = all.since.max(all.seen[0].0);
                    }
                    all.keep(keeps);
                }
            }
            Input::HostState { .. } if self.tabs[tab].sight => drop(self.hidden.remove(&owner)),
            Input::HostState { .. } => {
                let drawn = self.standing.values().filter(|one| one.owner == owner && one.drawn);
                let drawn: Vec<_> = drawn.map(|one| RULES[one.rule].interrupts).collect();
                if !drawn.is_empty() && self.hidden.insert(owner) && drawn.contains(&true) {
                    self.interval = Some(now);
                }
            }
            Input::Import { document } => self.unite(&serde_json::from_str(document).unwrap()),
            _ => {}
        }
        None
    }

    /// A presentation is over.
    fn end(&mut self, id: PresentationId) {
        if let Some(one) = self.standing.remove(&id)
            && RULES[one.rule].interrupts
            && one.drawn
            && !self.hidden.contains(&one.owner)
        {
            self.interval = Some(self.now);
        }
    }

    fn use_of(&mut self, id: PresentationId) -> &mut Use {
        self.person().uses.get_mut(&id.to_string()).unwrap()
    }

    fn refund(&mut self, id: PresentationId, waits: bool, expected: &mut Vec<String>) {
        let one = self.standing[&id].clone();
        self.end(id);
        expected.push(format!("refunded {} {waits}", RULES[one.rule].id));
        let now = self.now;
        let used = self.use_of(id);
        (used.state, used.at) = (State::Refunded, now);
        if waits {
            self.pending.insert(one.rule, one.trigger);
        }
    }

    fn commit(&mut self, id: PresentationId, assumed: bool, expected: &mut Vec<String>) {
        let now = self.now;
        expected.push(format!("committed {} {assumed}", RULES[self.standing[&id].rule].id));
        let one = self.use_of(id);
        (one.state, one.at) = (State::Committed, now);
    }

    /// What is open goes, and so does what waits.
    fn take_back(&mut self, expected: &mut Vec<String>) {
        let open: Vec<_> = self.standing.keys().copied().collect();
        for id in open {
            if self.use_of(id).state == State::Reserved {
                self.refund(id, false, expected);
            }
            self.end(id);
        }
        self.pending.clear();
    }

    fn switch(&mut self, known: Option<String>, user: Option<String>, step: &Step, expected: &mut Vec<String>) {
        self.take_back(expected);
        let records = step.row.iter().flat_map(|row| &row.records);
        let comes = records.clone().find(|record| matches!(record.body, Body::Identify(_) | Body::Reset(_))).unwrap();
        self.agreed = comes.consent;
        self.current = known.clone().unwrap_or_else(|| comes.profile.to_string());
        if known.is_none() {
            *self.person() = self.made(user);
        }
    }

    /// What a document says of the same person is united with what is known.
    fn unite(&mut self, document: &Value) {
        let (now, current) = (self.now, json!(self.current));
        let person = self.people.entry(self.current.clone()).or_default();
        if document["user"] != json!(person.user) || (person.user.is_none() && document["profile"] != current) {
            return;
        }
        for (id, theirs) in document["uses"].as_object().into_iter().flatten() {
            let mut theirs = Use::of(theirs);
            theirs.at = theirs.at.min(now);
            let state = theirs.state;
            match person.uses.get_mut(id) {
                None => drop(person.uses.insert(id.clone(), theirs)),
                Some(one) if one.state < state => (one.state, one.at) = (state, theirs.at),
                Some(one) if one.state == state => one.at = one.at.min(theirs.at),
                Some(_) => {}
            }
        }
        for (campaign, theirs) in document["arms"].as_object().into_iter().flatten() {
            let text = |name: &str| theirs[name].as_str().unwrap().to_owned();
            let version = theirs["version"].as_u64().unwrap();
            let theirs =
                Arm { arm: text("arm"), unit: text("unit"), version, at: theirs["at"].as_i64().unwrap().min(now) };
            let order = |one: &Arm| (u64::MAX - one.version, one.at, one.arm.clone(), one.unit.clone());
            let earlier = |one: &Arm| order(one) <= order(&theirs);
            if !person.arms.get(campaign).is_some_and(earlier) {
                person.arms.insert(campaign.clone(), theirs);
            }
        }
    }

    /// Who is held out is known before anything is decided.
    fn hold_out(&mut self, expected: &mut Vec<String>) {
        if !self.agreed.has(Purpose::Analytics) || self.rows.len() < 2 {
            return;
        }
        let (holdout, profile) = (self.holdout, self.current.clone());
        let person = self.person();
        let mut assign = |seed: &str, bp: u64, unit: &str| {
            if !person.holdouts.contains_key(seed) {
                let held = bucket(seed, unit) < bp;
                expected.push(format!("assigned {seed} {unit} {}", if held { "holdout" } else { "in" }));
                person.holdouts.insert(seed.to_owned(), held);
            }
        };
        let user = person.user.clone();
        if holdout {
            assign("all", 3_000, user.as_ref().unwrap_or(&profile));
        }
        if let Some(user) = user {
            assign("own", 5_000, &user);
        }
    }

    /// Whether nothing holds a campaign back, but for what is left out: its own reservation.
    fn walk(&self, rule: usize, returns: bool, but: Option<&PresentationId>, tab: usize) -> Result<(), No> {
        let (rule, now, person) = (&RULES[rule], self.now, &self.people[&self.current]);
        if !self.agreed.has(Purpose::Messaging) {
            return Err(No::Consent);
        }
        if !rule.card && !self.tabs[tab].sight {
            return Err(No::Sight);
        }
        let past = Past { now, two: two(self.revision), counters: &person.counters };
        match rule.audience.map_or(Known::Is(true), |audience| audience(&past)) {
            Known::Is(true) => {}
            Known::Is(false) => return Err(No::Audience),
            Known::From(at) => return Err(No::Incomplete(at)),
        }
        let but = but.map(ToString::to_string);
        let counts = |(id, one): &(&String, &Use)| one.state != State::Refunded && Some(*id) != but.as_ref();
        let uses: Vec<&Use> = person.uses.iter().filter(counts).map(|(_, one)| one).collect();
        let own = || uses.iter().filter(|one| one.campaign == rule.id);
        if !returns {
            if own().filter(|one| !one.returns).count() >= rule.times {
                return Err(No::Limit);
            }
            let last = own().filter(|one| one.state == State::Committed).map(|one| one.at).max();
            if let Some(last) = last.filter(|last| now - last < rule.again) {
                return Err(No::Again(last + rule.again));
            }
        }
        if let Some((name, until)) = self.full(rule, but.as_ref()).into_iter().next() {
            return Err(No::Cap(name, until));
        }
        self.slot(rule, but.as_ref(), tab)
    }

    /// One at a time of what interrupts, and some time between two of them.
    fn slot(&self, rule: &Rule, but: Option<&String>, tab: usize) -> Result<(), No> {
        let other =
            |(id, one): &(&PresentationId, &Standing)| RULES[one.rule].interrupts && Some(&id.to_string()) != but;
        let open = self.standing.iter().filter(other).map(|(_, one)| &one.owner).filter(|_| rule.interrupts);
        let own = self.tabs[tab].engine.owner();
        if open.into_iter().any(|owner| owner == own || !(rule.transactional || self.hidden.contains(owner))) {
            return Err(No::Slot);
        }
        match self.interval.filter(|from| rule.interrupts && !rule.transactional && self.now - from < INTERVAL) {
            Some(from) => Err(No::Interval(from + INTERVAL)),
            None => Ok(()),
        }
    }

    /// The constraints that a campaign lists and that are full, and until when.
    fn full(&self, rule: &Rule, but: Option<&String>) -> Vec<(&'static str, i64)> {
        let person = &self.people[&self.current];
        let until = |name: &&'static str| {
            let (_, max, per, _) = caps(self.revision).into_iter().find(|cap| cap.0 == *name).unwrap();
            let touched = person.touches.values().filter(|(spends, _)| spends.contains(name)).map(|(_, at)| *at);
            let spends = |one: &Use| one.state != State::Refunded && one.spends.iter().any(|one| one == name);
            let used = person.uses.iter().filter(|(id, one)| Some(*id) != but && spends(one)).map(|(_, one)| one.at);
            let mut spent: Vec<i64> = used.chain(touched).collect();
            spent.sort_unstable();
            let until = spent[spent.len().checked_sub(max)?] + per;
            (self.now < until).then_some((*name, until))
        };
        rule.caps.iter().filter(|_| !rule.transactional).filter_map(until).collect()
    }

    /// The arm of a person and whether it is exposed; nothing where no arm is.
    fn arm(&self, rule: &Rule) -> Option<(Arm, bool)> {
        let (trial, person) = (rule.trial?, &self.people[&self.current]);
        if !self.agreed.has(Purpose::Analytics) {
            return None;
        }
        let known = person.arms.get(rule.id);
        if let Some(arm) = known.filter(|arm| arm.version == self.revision) {
            return Some((arm.clone(), false));
        }
        let unit = match &person.user {
            None if trial.by_user => return None,
            user => known.map(|arm| &arm.unit).or(user.as_ref()).unwrap_or(&self.current).clone(),
        };
        let at = bucket(rule.id, &unit);
        let rest = (10_000 - trial.control) / 2;
        let arms = [("control", 0, trial.control), ("v1", trial.control, rest), ("v2", trial.control + rest, rest)];
        let (arm, ..) =
            arms.into_iter().find(|(_, from, width)| (*from..from + width * trial.coverage / 10_000).contains(&at))?;
        Some((Arm { arm: arm.into(), unit, version: self.revision, at: self.now }, true))
    }

    /// What is set off and held back by nothing is given, in order, each as if those before it were there.
    fn give(
        &mut self,
        tab: usize,
        put_off: Option<usize>,
        step: &Step,
        expected: &mut Vec<String>,
    ) -> Result<(), TestCaseError> {
        let now = self.now;
        let due: Vec<_> = self.pending.iter().map(|(rule, trigger)| (*rule, *trigger)).collect();
        for (place, trigger) in due.into_iter().filter(|(rule, due)| due.from <= now && put_off != Some(*rule)) {
            let rule = &RULES[place];
            match self.walk(place, trigger.returns, None, tab) {
                Ok(()) => drop(self.pending.remove(&place)),
                Err(no) => {
                    let decided = step.decisions.iter().rfind(|decision| decision.campaign == rule.id);
                    // What waits may have been walked before the others of this step were given.
                    let decided = decided.map(|decision| (said(&decision.outcome), &decision.outcome));
                    let waits = matches!(decided, Some((_, Outcome::Waiting { .. })));
                    let decided = decided.map(|(said, _)| said);
                    let no_more = format!("{no:?}");
                    let same = if no.drops() { decided.as_ref() == Some(&no_more) } else { waits };
                    prop_assert!(same, "{}: decided {decided:?}, not {no_more:?}", rule.id);
                    if no.drops() {
                        self.pending.remove(&place);
                    }
                    continue;
                }
            }
            let held = |seed: &str| self.people[&self.current].holdouts.get(seed) == Some(&true);
            let held = self.agreed.has(Purpose::Analytics)
                && !rule.transactional
                && (held("all") || (rule.held && held("own")));
            let arm = self.arm(rule).filter(|_| !held);
            let ghost = match &arm {
                _ if held => "holdout",
                Some((arm, _)) if arm.arm == "control" => "control",
                _ => "",
            };
            let variant = match &arm {
                _ if !ghost.is_empty() => "",
                Some((arm, _)) => &arm.arm,
                None if rule.trial.is_some() => "v1",
                None => "",
            }
            .to_owned();
            if let Some((arm, true)) = arm {
                expected.push(format!("exposure {} {} {}", rule.id, arm.arm, arm.unit));
                self.person().arms.insert(rule.id.into(), arm);
            }
            let caps = caps(self.revision);
            let counted =
                caps.iter().filter(|cap| rule.caps.contains(&cap.0) || (!rule.card && cap.3.contains(&"in_app")));
            // What a holdout holds back spends as a display would: `on_control` is about the control.
            let alone = ghost == "control" && rule.trial.is_some_and(|trial| trial.next);
            let mut spends: Vec<String> = counted.map(|cap| cap.0.to_owned()).filter(|_| !alone).collect();
            spends.sort();
            let (what, state) = match (rule.card, ghost) {
                (true, "") => ("card", State::Committed),
                (_, "") => ("reserved", State::Reserved),
                _ => ("reserved", State::Committed),
            };
            expected.push(format!("{what} {} {variant} {ghost} {} {spends:?}", rule.id, trigger.returns));
            if !ghost.is_empty() {
                expected.push(format!("committed {} false", rule.id));
            }
            *self.given.entry(format!("{} {ghost}", rule.id)).or_default() += 1;
            let records = step.row.iter().flat_map(|row| &row.records);
            let made = records.filter(|record| match &record.body {
                Body::UseReserved(reserved) => reserved.campaign == rule.id,
                Body::CardMade(made) => made.campaign == rule.id,
                _ => false,
            });
            if !ghost.is_empty() && rule.interrupts && !alone {
                self.interval = Some(now);
            }
            let Some(id) = made.map(|record| record.id).next() else { continue };
            let used = Use { campaign: rule.id.into(), at: now, spends, state, returns: trigger.returns };
            self.person().uses.insert(id.to_string(), used);
            if state == State::Reserved {
                let owner = self.tabs[tab].engine.owner().to_owned();
                self.standing.insert(id, Standing { rule: place, owner, drawn: false, lease: now + LEASE, trigger });
            }
        }
        Ok(())
    }

    /// What is explained of each campaign is what the model says; and somebody wakes up when it can be given.
    fn explained(&self, tab: usize, put_off: Option<usize>, ctx: &Context) -> Result<(), TestCaseError> {
        for (place, rule) in RULES.iter().enumerate().filter(|(place, _)| put_off != Some(*place)) {
            let outcome = self.tabs[tab].engine.explain(rule.id, ctx).outcome;
            let mut wakes = None;
            let expected = match (self.standing.values().find(|one| one.rule == place), self.pending.get(&place)) {
                (Some(one), _) => {
                    if one.drawn {
                        "displaying".to_owned()
                    } else {
                        "offered".to_owned()
                    }
                }
                (_, Some(trigger)) if self.now < trigger.from => {
                    wakes = Some(trigger.from);
                    format!("delayed {}", trigger.from)
                }
                (_, Some(trigger)) => match self.walk(place, trigger.returns, None, tab) {
                    Ok(()) => "eligible".to_owned(),
                    Err(no) => {
                        wakes = match no {
                            No::Again(at) => Some(at),
                            No::Interval(at) => Some(at),
                            // What is full besides was not asked.
                            No::Cap(..) => match self.slot(rule, None, tab) {
                                Err(No::Slot) => None,
                                _ => self.full(rule, None).into_iter().map(|(_, until)| until).max(),
                            },
                            _ => None,
                        };
                        format!("{no:?}")
                    }
                },
                _ => "not triggered".to_owned(),
            };
            let seen = said(&outcome);
            prop_assert_eq!(&seen, &expected, "{} at {}", rule.id, self.now);
            prop_assert!(
                wakes.is_none_or(|at| self.wakeup.is_some_and(|wakeup| wakeup <= at)),
                "{}: {expected}, and nobody wakes up then: {:?}",
                rule.id,
                self.wakeup
            );
        }
        Ok(())
    }

    fn nth(&self, tab: usize, n: usize, drawn: bool) -> PresentationId {
        let owner = self.tabs[tab].engine.owner();
        let own: Vec<_> = self.standing.iter().filter(|(_, one)| one.owner == owner && one.drawn == drawn).collect();
        own.get(n % own.len().max(1)).map(|(id, _)| **id).unwrap_or_default()
    }

    fn happen(&mut self, tab: usize, happening: Happening) -> Result<(), TestCaseError> {
        let track = |name: &str, total: i64, paid: bool, at: Option<i64>| {
            let properties = json!({"total": total, "paid": paid}).as_object().unwrap().clone();
            Input::Track { name: name.to_owned(), properties, at: at.map(Timestamp) }
        };
        let input = match happening {
            Happening::Event(name) => track(name, 0, false, None),
            Happening::Bought(total, paid) => track("bought", total, paid, None),
            Happening::HandedOver(ago) => track("bought", 50, true, Some(self.now - ago)),
            Happening::Tick => Input::Tick,
            Happening::Sight(sight) => {
                self.tabs[tab].sight = sight;
                Input::HostState { host: Properties::new(), paused: None }
            }
            Happening::Consent(bits) => {
                let purposes = Purpose::ALL.into_iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0);
                Input::Consent { purposes: purposes.map(|(_, purpose)| purpose).collect(), purge: false }
            }
            Happening::Is(user) => Input::Identify { user: user.into() },
            Happening::Leaves => Input::Reset,
            Happening::Draw(n) => Input::Displaying { presentation_id: self.nth(tab, n, false) },
            Happening::See(n) => Input::Visible { presentation_id: self.nth(tab, n, true) },
            Happening::Dismiss(n) | Happening::Snooze(n) => {
                let snooze = matches!(happening, Happening::Snooze(_));
                let kind = if snooze { InteractionKind::Click } else { InteractionKind::Dismiss };
                let presentation_id = self.nth(tab, n, n % 4 != 0);
                let target = snooze.then(|| "snooze".to_owned());
                Input::Interaction { presentation_id, kind, target, answers: Properties::new() }
            }
            Happening::Page(n) => Input::Interaction {
                presentation_id: self.nth(tab, n, n % 2 != 0),
                kind: InteractionKind::Page,
                target: Some("1".to_owned()),
                answers: Properties::new(),
            },
            Happening::Vanish(n) => {
                Input::Ended { presentation_id: self.nth(tab, n, n % 4 != 0), cause: Departure::Unmounted }
            }
            Happening::Discard(n) => {
                Input::HostAnswer { presentation_id: self.nth(tab, n, false), answer: Answer::Discard, after: None }
            }
            Happening::Later(n, span) => {
                let after = span.then_some(Span(PUT_OFF));
                Input::HostAnswer { presentation_id: self.nth(tab, n, false), answer: Answer::Later, after }
            }
            Happening::Kill => {
                let gone = self.tabs[tab].engine.owner().to_owned();
                self.tabs[tab] = self.opened();
                self.handle(tab, Input::Open { consent: None, resumes: None, lost: None })?;
                Input::OwnersGone { owners: vec![gone] }
            }
            Happening::NewRevision => {
                self.revision += 1;
                return self.install(tab);
            }
            Happening::Delivered(n) => Input::Touch {
                kind: TouchKind::Delivered,
                delivery_id: format!("{n}-{}-{}", self.current, self.now / DAY),
                channel: if n == 3 { "in_app" } else { "email" }.into(),
                campaign: None,
                target: None,
            },
            Happening::Abroad(user, n, ago) => {
                let id = format!("01936c00-0000-7000-8000-{:012x}", self.handled);
                let spends = if RULES[n].caps.is_empty() { &["contact"] } else { RULES[n].caps };
                self.exported(user)["uses"][id] =
                    json!({"campaign": RULES[n].id, "at": self.now - ago, "spends": spends, "state": "reserved"});
                Input::Import { document: self.exported(user).to_string() }
            }
            Happening::OverAbroad(user, n, seen) => {
                let now = self.now;
                let uses = self.exported(user)["uses"].as_object_mut().unwrap();
                if let Some(one) = uses.values_mut().filter(|one| one["state"] == "reserved").nth(n) {
                    one["state"] = json!(if seen { "committed" } else { "refunded" });
                    one["at"] = json!(now.max(one["at"].as_i64().unwrap()));
                }
                Input::Import { document: self.exported(user).to_string() }
            }
            Happening::ArmAbroad(user, n, arm, ago) => {
                if RULES[n].trial.is_some() {
                    let (at, version) = (self.now - ago, self.revision.min(2));
                    self.exported(user)["arms"][RULES[n].id] = json!({"arm": arm, "bucketed_by": "user_id", "unit": user, "bucket": 1, "version": version, "at": at});
                }
                Input::Import { document: self.exported(user).to_string() }
            }
            Happening::Export => {
                self.catch_up(tab);
                let mut document: Value = serde_json::from_str(&self.tabs[tab].engine.export_state()).unwrap();
                self.exported_is_known(&document)?;
                // What they agreed to is a model of its own.
                document.as_object_mut().unwrap().remove("consent");
                self.exports.push(document);
                return Ok(());
            }
            Happening::Import(n) => match self.exports.iter().rev().nth(n) {
                Some(document) => Input::Import { document: document.to_string() },
                None => return Ok(()),
            },
        };
        self.handle(tab, input)
    }

    /// What other devices hear is what is known here.
    fn exported_is_known(&self, document: &Value) -> Result<(), TestCaseError> {
        let person = &self.people[&self.current];
        let uses = document["uses"].as_object().cloned().unwrap_or_default();
        prop_assert_eq!(uses.keys().collect::<Vec<_>>(), person.uses.keys().collect::<Vec<_>>());
        for (id, known) in &person.uses {
            let told = Use::of(&uses[id]);
            prop_assert_eq!(
                (&told.campaign, told.at, told.state, told.returns),
                (&known.campaign, known.at, known.state, known.returns)
            );
            let spends = |one: &Use| one.spends.iter().cloned().collect::<BTreeSet<_>>();
            prop_assert_eq!(spends(&told), spends(known));
        }
        let arms = document["arms"].as_object().into_iter().flatten();
        let arms: Vec<_> = arms.map(|(id, arm)| (id.clone(), arm["arm"].as_str().unwrap().to_owned())).collect();
        let known: Vec<_> = person.arms.iter().map(|(id, arm)| (id.clone(), arm.arm.clone())).collect();
        prop_assert_eq!(arms, known);
        Ok(())
    }

    fn exported(&mut self, user: &'static str) -> &mut Value {
        let profile = "01936c00-0000-7000-8000-000000000000";
        self.abroad
            .entry(user)
            .or_insert_with(|| json!({"v": 1, "user": user, "profile": profile, "uses": {}, "arms": {}}))
    }

    fn go(&mut self, when: When) {
        match when {
            When::After(span) => self.now += span,
            When::Announced(by) => self.now = self.wakeup.map_or(self.now, |at| self.now.max(at + by)),
        }
    }
}

/// An outcome in the words of the model.
fn said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Offered => "offered".to_owned(),
        Outcome::Displaying => "displaying".to_owned(),
        Outcome::Eligible => "eligible".to_owned(),
        Outcome::Waiting { reason, .. } | Outcome::Stopped { reason, .. } => match reason {
            Reason::NotTriggered => "not triggered".to_owned(),
            Reason::Delayed { until } => format!("delayed {}", until.0),
            Reason::Consent => format!("{:?}", No::Consent),
            Reason::CannotDisplay => format!("{:?}", No::Sight),
            Reason::Audience { .. } => format!("{:?}", No::Audience),
            Reason::HistoryIncomplete { complete_at: Some(at) } => format!("{:?}", No::Incomplete(at.0)),
            Reason::Limit { .. } => format!("{:?}", No::Limit),
            Reason::AgainAfter { until } => format!("{:?}", No::Again(until.0)),
            Reason::Slot | Reason::Interval { until: None } => format!("{:?}", No::Slot),
            Reason::Interval { until: Some(until) } => format!("{:?}", No::Interval(until.0)),
            Reason::Frequency { cap, until, .. } => format!("Cap({cap:?}, {})", until.0),
            other => format!("{other:?}"),
        },
    }
}

/// What a step says of uses, as the model would.
fn told(step: &Step) -> Vec<String> {
    let mut seen = Vec::new();
    for record in step.row.iter().flat_map(|row| &row.records) {
        let sorted =
            |spends: &Vec<String>| spends.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
        seen.push(match &record.body {
            Body::UseReserved(one) => {
                let ghost = one.ghost.map_or(String::new(), |ghost| format!("{ghost:?}").to_lowercase());
                let variant = one.variant.clone().unwrap_or_default();
                format!("reserved {} {variant} {ghost} {} {:?}", one.campaign, one.returns, sorted(&one.spends))
            }
            Body::CardMade(one) => {
                format!(
                    "card {} {}  false {:?}",
                    one.campaign,
                    one.variant.clone().unwrap_or_default(),
                    sorted(&one.spends)
                )
            }
            Body::UseCommitted(one) => format!("committed {} {}", one.campaign, one.assumed),
            Body::UseRefunded(one) => format!("refunded {} {}", one.campaign, one.trigger_waits),
            Body::Displaying(one) => format!("displaying {}", one.campaign),
            Body::Delivered(one) => format!("delivered {:?}", one.spends),
            Body::Exposure(one) => format!("exposure {} {} {}", one.campaign, one.arm, one.unit),
            Body::Assigned(one) => format!("assigned {} {} {}", one.holdout, one.unit, one.arm),
            _ => continue,
        });
    }
    seen
}

fn history() -> impl Strategy<Value = (bool, Vec<(usize, Happening, When)>)> {
    (prop::bool::weighted(0.3), prop::collection::vec(happening(), 1..50))
}

fn lived(holdout: bool, happenings: Vec<(usize, Happening, When)>) -> Result<World, TestCaseError> {
    let mut world = World::new(holdout);
    for (tab, happening, when) in happenings {
        world.go(when);
        world.happen(tab, happening)?;
    }
    Ok(world)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn what_is_spent_holds_back_and_nothing_else_does((holdout, happenings) in history()) {
        lived(holdout, happenings)?;
    }
}

/// The model above is of use only if what it speaks of is given, and held back from whom an arm or a holdout says.
#[test]
fn whatever_the_model_speaks_of_is_given() {
    let mut runner = TestRunner::deterministic();
    let mut given = BTreeSet::new();
    for _ in 0..60 {
        let (holdout, happenings) = history().new_tree(&mut runner).unwrap().current();
        given.extend(lived(holdout, happenings).unwrap().given.into_keys());
    }
    for rule in RULES {
        assert!(given.contains(&format!("{} ", rule.id)), "{}", rule.id);
        assert!(rule.trial.is_none() || given.contains(&format!("{} control", rule.id)), "{}", rule.id);
    }
    assert!(given.contains("held holdout") && given.contains("one holdout"), "{given:?}");
}
