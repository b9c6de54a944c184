//! What a device counts for the success definition, told by a model that knows only the records, as a warehouse would: several
//! people in two tabs, under refused consent, with clocks that step, events that come late, restarts, pruned journals,
//! erasures, and playbooks that bring another definition (docs/success.md).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use hearken_core::success::SuccessReport;
use hearken_core::{
    Checkpoint, Context, Diagnostic, Engine, Input, InteractionKind, Outcome, Properties, Purpose, Purposes, Reason,
    Record, Row, Stage, Step, Timestamp, Verdict,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const START: i64 = 1_795_248_000_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Minutes that the days of the grid are ahead of UTC.
const GRID: i64 = 120;
const SKUS: [&str; 2] = ["a", "b"];

/// An event that counts, as its exported line has it.
#[derive(Clone)]
struct Event {
    /// Rule 1: the order of everything.
    at: (i64, String),
    seq: u64,
    name: String,
    offset: i64,
    session: Option<String>,
    data: Value,
}

impl std::fmt::Debug for Event {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "#{} at {}: {} {} in {:?}", self.seq, self.at.0 - START, self.name, self.data, self.session)
    }
}

impl Event {
    fn minor(&self) -> i64 {
        self.data["minor"].as_i64().unwrap_or_default()
    }
}

/// What one metric is read from: the events of one person before an instant, in their order.
struct Reading<'a> {
    version: u64,
    as_of: i64,
    orders: Vec<Rc<Event>>,
    all: &'a [Rc<Event>],
}

/// Whatever differs between the two definitions.
fn horizon(version: u64) -> i64 {
    if version.is_multiple_of(3) { 2 * HOUR } else { DAY }
}

fn days(version: u64) -> i64 {
    if version.is_multiple_of(2) { 3 } else { 2 }
}

fn day_of(ts: i64, offset: i64) -> i64 {
    (ts + offset * MINUTE).div_euclid(DAY)
}

fn midnight(day: i64, offset: i64) -> i64 {
    day * DAY - offset * MINUTE
}

/// Rule 4: an event is dropped if the one before it with its key, kept or dropped, is less than the horizon earlier.
fn once(events: impl Iterator<Item = Rc<Event>>, horizon: i64) -> Vec<Rc<Event>> {
    let mut seen: BTreeMap<String, i64> = BTreeMap::new();
    let new = |event: &Rc<Event>| match event.data["id"].as_str() {
        None => true,
        Some(key) => seen.insert(key.to_owned(), event.at.0).is_none_or(|before| event.at.0 - before >= horizon),
    };
    events.filter(new).collect()
}

fn orders(all: &[Rc<Event>], version: u64) -> Vec<Rc<Event>> {
    let valid = |event: &&Rc<Event>| event.data["minor"].as_i64().is_some_and(|minor| (0..=1_000).contains(&minor));
    once(all.iter().filter(|event| event.name == "order").filter(valid).cloned(), horizon(version))
}

impl Reading<'_> {
    fn orders(&self) -> Vec<Rc<Event>> {
        self.orders.clone()
    }

    fn named(&self, names: &[&str]) -> Vec<Rc<Event>> {
        self.all.iter().filter(|event| names.contains(&&*event.name)).cloned().collect()
    }

    fn views(&self) -> Vec<Rc<Event>> {
        self.named(&["view"])
    }

    fn active(&self) -> Vec<Rc<Event>> {
        self.named(&["$session_start", "$screen"])
    }

    /// Rule 7.
    fn window(&self, days: i64) -> (i64, i64) {
        (midnight(day_of(self.as_of, GRID) - days, GRID), self.as_of)
    }

    fn previous(&self, days: i64) -> (i64, i64) {
        let start = self.window(days).0;
        (start - days * DAY, start)
    }

    /// Rules 8 and 11: what follows each anchor that is mature.
    fn through(&self, days: i64, within: i64, matches: bool) -> Vec<Option<i64>> {
        let (start, end) = self.window(days);
        let anchors = inside(self.views(), (start - within, end - within));
        let mature = anchors.into_iter().filter(|anchor| anchor.at.0 + within < self.as_of);
        let orders = self.orders();
        let follows = |anchor: &Event, then: &Event| {
            then.at > anchor.at
                && then.at.0 < anchor.at.0 + within
                && (!matches || (then.data["sku"].is_string() && then.data["sku"] == anchor.data["sku"]))
        };
        mature.map(|anchor| Some(orders.iter().find(|then| follows(&anchor, then))?.at.0 - anchor.at.0)).collect()
    }
}

fn inside(events: Vec<Rc<Event>>, range: (i64, i64)) -> Vec<Rc<Event>> {
    events.into_iter().filter(|event| (range.0..range.1).contains(&event.at.0)).collect()
}

fn sum(events: &[Rc<Event>]) -> i64 {
    events.iter().map(|event| event.minor()).sum()
}

fn distinct<T: Ord>(events: Vec<Rc<Event>>, of: impl Fn(&Rc<Event>) -> Option<T>) -> i64 {
    events.iter().filter_map(of).collect::<BTreeSet<T>>().len() as i64
}

fn count<T>(events: &[T]) -> i64 {
    events.len() as i64
}

/// A metric: its document, and what it comes to.
struct Metric {
    name: &'static str,
    document: Value,
    pair: fn(&Reading<'_>) -> (i64, i64),
    /// From when on events have to be known; nothing where all of them have to.
    from: fn(&Reading<'_>) -> Option<i64>,
}

#[rustfmt::skip]
fn metrics(version: u64) -> Vec<Metric> {
    let days_ = format!("{}d", days(version));
    let m = |name, document, pair, from| Metric { name, document, pair, from };
    let mut metrics = vec![
        m("revenue", json!({"window": "3d", "num": {"sum": "order"}, "den": {"count": "order"}}),
            |r| { let of = inside(r.orders(), r.window(3)); (sum(&of), count(&of)) },
            |r| Some(r.window(3).0 - horizon(r.version))),
        m("again", json!({"window": days_, "num": {"has": "order", "at_least": 2}, "den": {"has": "order"}}),
            |r| { let of = count(&inside(r.orders(), r.window(days(r.version)))); ((of >= 2).into(), (of >= 1).into()) },
            |r| Some(r.window(days(r.version)).0 - horizon(r.version))),
        m("bought", json!({"window": "2d", "num": {"has": "order"}, "den": "one", "read": "total"}),
            |r| ((!inside(r.orders(), r.window(2)).is_empty()).into(), 1),
            |r| Some(r.window(2).0 - horizon(r.version))),
        m("early", json!({"after": "first_order", "within": "1d", "num": {"has": "order", "at_least": 2}, "den": "one"}),
            |r| {
                let Some(first) = r.orders().into_iter().next().filter(|first| first.at.0 + DAY < r.as_of) else { return (0, 0) };
                ((count(&inside(r.orders(), (first.at.0, first.at.0 + DAY))) >= 2) .into(), 1)
            }, |_| None),
        m("back", json!({"after": "first_order", "days": [1, 2], "num": {"has": "active"}, "den": "one"}),
            |r| {
                let Some(first) = r.orders().into_iter().next().filter(|first| first.at.0 + 3 * DAY < r.as_of) else { return (0, 0) };
                let day = day_of(first.at.0, first.offset);
                let range = (midnight(day + 1, first.offset), midnight(day + 3, first.offset));
                ((!inside(r.active(), range).is_empty()).into(), 1)
            }, |_| None),
        m("through", json!({"window": days_, "each": "view", "then": "order", "match": "sku", "within": "2h", "num": "reached", "den": "each"}),
            |r| { let of = r.through(days(r.version), 2 * HOUR, true); (of.iter().flatten().count() as i64, count(&of)) },
            |r| Some(r.window(days(r.version)).0 - 2 * HOUR - horizon(r.version))),
        m("time", json!({"window": "2d", "each": "view", "then": "order", "within": "1d", "num": "elapsed", "den": "reached"}),
            |r| { let of = r.through(2, DAY, false); (of.iter().flatten().sum(), of.iter().flatten().count() as i64) },
            |r| Some(r.window(2).0 - DAY - horizon(r.version))),
        m("days", json!({"window": "3d", "num": {"count": "active", "distinct": "day"}, "den": "one", "read": "total"}),
            |r| (distinct(inside(r.active(), r.window(3)), |event| Some(day_of(event.at.0, GRID))), 1),
            |r| Some(r.window(3).0)),
        m("change", json!({"window": "1d", "num": {"count": "view"}, "den": {"count": "view", "in": "previous"}}),
            |r| (count(&inside(r.views(), r.window(1))), count(&inside(r.views(), r.previous(1)))),
            |r| Some(r.previous(1).0)),
        m("ever", json!({"num": {"count": "order"}, "den": "one", "read": "total"}),
            |r| (count(&r.orders()), 1), |_| None),
        m("last", json!({"window": "2d", "num": {"sum": "last_order"}, "den": {"count": "last_order"}}),
            |r| { let of = inside(r.orders(), r.window(2)).pop(); (of.as_ref().map_or(0, |event| event.minor()), of.is_some().into()) },
            |r| Some(r.window(2).0 - horizon(r.version))),
        m("sku_a", json!({"window": "2d", "num": {"count": "view", "where": {"sku": "a"}}, "den": {"count": "view"}}),
            |r| { let of = inside(r.views(), r.window(2)); (of.iter().filter(|event| event.data["sku"] == "a").count() as i64, count(&of)) },
            |r| Some(r.window(2).0)),
    ];
    if !version.is_multiple_of(2) {
        metrics.push(m("visits", json!({"window": "2d", "num": {"count": "view", "distinct": "session"}, "den": {"has": "view"}}),
            |r| { let of = inside(r.views(), r.window(2)); ((distinct(of.clone(), |event| event.session.clone())), (!of.is_empty()).into()) },
            |r| Some(r.window(2).0)));
    }
    metrics
}

/// Rule 6.
fn is_live(name: &str) -> bool {
    !["days", "change"].contains(&name)
}

fn playbook(version: u64) -> String {
    let metrics: serde_json::Map<String, Value> =
        metrics(version).into_iter().map(|metric| (metric.name.to_owned(), metric.document)).collect();
    let texts: Vec<Value> = ["revenue", "ever", "days"]
        .iter()
        .map(|name| json!({"text": format!("{name}: {{{{ metrics.{name}.num }}}}/{{{{ metrics.{name}.den }}}}")}))
        .collect();
    let either = json!({"purpose": ["analytics", "messaging"]});
    let campaign = |id: &str, more: Value| {
        let mut campaign = json!({"id": id, "channel": ["in_app"], "trigger": {"any": [{"event": id}, {"event": "ask"}]}, "limit": {"times": 0}, "message": "m"});
        campaign.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        campaign
    };
    json!({
        "spec": 1, "id": "p", "revision": version, "settings": {"interval": 0},
        "plan": {"mode": "open", "events": {"order": either, "ask": either}},
        "success": {
            "spec": 1, "id": "shop", "version": version, "calendar": {"offset": GRID}, "money": {"currency": "USD", "digits": 2},
            "facts": {
                "order": {"event": "order", "key": "id", "horizon": format!("{}h", horizon(version) / HOUR), "value": {"property": "minor", "min": 0, "max": 1_000}},
                "first_order": {"of": "order", "take": "first"}, "last_order": {"of": "order", "take": "last"},
                "view": {"event": "view"}, "active": {"event": ["$session_start", "$screen"]},
            },
            "metrics": metrics,
        },
        "campaigns": [
            campaign("shown", json!({"goal": "bought"})),
            campaign("goal_ever", json!({"goal": "bought", "stop_on_success": "ever"})),
            campaign("goal_never", json!({"goal": "bought", "stop_on_success": "never"})),
            campaign("twice", json!({"goal": "again"})),
            campaign("twice_ever", json!({"goal": "again", "stop_on_success": "ever"})),
            campaign("buyers", json!({"audience": {"$success": "bought"}})),
            campaign("rich", json!({"audience": {"$metric": {"metric": "revenue", "num": {"$gte": 500}}}})),
            campaign("dear", json!({"audience": {"$metric": {"metric": "revenue", "value": {"$lt": 300}}}})),
            campaign("faithful", json!({"audience": {"$metric": {"metric": "days", "num": {"$gte": 2}}}})),
        ],
        "messages": {"m": {"layout": "modal", "pages": [texts]}},
    })
    .to_string()
}

#[derive(Clone, Debug)]
enum Happening {
    /// An order by its id and value, of a thing, so long ago.
    Order(Option<u8>, i64, usize, i64),
    View(usize, i64),
    Screen,
    Tick,
    Sight(bool),
    Travel(i64),
    Is(&'static str),
    Leaves,
    Erase,
    Install,
    Consent(u8, bool),
    /// A campaign with a goal is set off, drawn, seen and closed.
    Show(&'static str),
    /// The same tab, loaded again: from the journal, or from the checkpoint and what came after it.
    Reload(bool),
    /// This is what the other tab's checkpoint keeps from here on.
    Checkpoint,
    Prune,
    /// Enough for a seal, so many minutes apart.
    Many(i64),
}

fn happening() -> impl Strategy<Value = (usize, Happening, i64)> {
    use Happening::*;
    let ago = || prop::sample::select(vec![0, 0, 0, 0, 1, HOUR, 3 * HOUR, DAY, 2 * DAY, 6 * DAY]);
    let minor = prop::sample::select(vec![0, 100, 250, 400, 1_000, 1_001, -1]);
    let what = prop_oneof![
        10 => (prop::option::of(0..3u8), minor, 0..2usize, ago()).prop_map(|(id, minor, sku, ago)| Order(id, minor, sku, ago)),
        8 => (0..2usize, ago()).prop_map(|(sku, ago)| View(sku, ago)),
        3 => Just(Screen),
        3 => Just(Tick),
        1 => any::<bool>().prop_map(Sight),
        1 => prop::sample::select(vec![0, 120, -300]).prop_map(Travel),
        4 => prop::sample::select(vec!["ann", "bob"]).prop_map(Is),
        2 => Just(Leaves),
        1 => Just(Erase),
        5 => Just(Install),
        2 => (prop_oneof![2 => Just(7u8), 1 => 0..8u8], prop::bool::weighted(0.2)).prop_map(|(bits, purge)| Consent(bits, purge)),
        4 => prop::sample::select(vec!["shown", "twice"]).prop_map(Show),
        2 => any::<bool>().prop_map(Reload),
        3 => Just(Checkpoint),
        3 => Just(Prune),
        1 => prop::sample::select(vec![20, 40]).prop_map(Many),
    ];
    let later = prop_oneof![
        12 => prop::sample::select(vec![0, 1, 1_000, 31 * MINUTE, 2 * HOUR - 1, 2 * HOUR, 7 * HOUR, DAY - 1, DAY, 25 * HOUR]),
        1 => prop::sample::select(vec![-500, -1_001, -2 * HOUR, -30 * HOUR, 5 * DAY, -5 * DAY, 40 * DAY]),
    ];
    (0..2usize, what, later)
}

/// What is known of one profile.
#[derive(Clone, Default)]
struct Person {
    events: Vec<Rc<Event>>,
    /// The first time that each campaign was spent.
    spent: BTreeMap<String, u64>,
    /// Before this nothing new may be (rule 17).
    sealed: i64,
    /// For each metric by its meaning, from when on all is known (rule 25); nothing where that is everything.
    since: BTreeMap<String, Option<i64>>,
    /// The place of its first record.
    made: u64,
}

struct Tab {
    engine: Engine,
    folded: usize,
    sight: bool,
}

struct World {
    /// All that happened since the journal began, whether the store still has it or not.
    rows: Vec<Row>,
    pruned: usize,
    /// What was taken back.
    purged: u64,
    base: Option<String>,
    kept: Option<(usize, String)>,
    tabs: Vec<Tab>,
    now: i64,
    offset: i64,
    n: u64,
    version: u64,
    document: String,
    metrics: Rc<Vec<Metric>>,
    people: BTreeMap<String, Person>,
    counts: BTreeMap<&'static str, usize>,
    /// Nothing is compared for now.
    quiet: bool,
}

/// What a metric counts: definitions that differ in its window alone count alike.
fn meaning(version: u64, metric: &str) -> String {
    format!("{metric} {}", horizon(version))
}

/// Whether an order came after one with its key that happened later: the rules do not say which of them a goal counts.
fn came_in_another_order(events: &[Rc<Event>]) -> bool {
    let orders = || events.iter().filter(|event| event.name == "order" && event.data["id"].is_string());
    orders()
        .any(|one| orders().any(|other| one.data["id"] == other.data["id"] && one.at < other.at && one.seq > other.seq))
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            rows: Vec::new(),
            pruned: 0,
            purged: 0,
            base: None,
            kept: None,
            tabs: Vec::new(),
            now: START,
            offset: 0,
            n: 0,
            version: 1,
            document: playbook(1),
            metrics: Rc::new(metrics(1)),
            people: BTreeMap::new(),
            counts: BTreeMap::new(),
            quiet: false,
        };
        for tab in 0..2 {
            let opened = world.opened(&format!("owner-{tab}"), None);
            world.tabs.push(opened);
            world.handle(tab, Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None }).unwrap();
            world.install(tab).unwrap();
        }
        world
    }

    /// An engine of what the store has: the base and the rows after it, or a later checkpoint and the rows after that.
    fn opened(&self, owner: &str, from: Option<&(usize, String)>) -> Tab {
        let mut engine = Engine::new(owner, ["in_app"]).unwrap();
        let base = self.base.as_ref().map(|base| (self.pruned, base));
        let start = from.map(|(rows, checkpoint)| (*rows, checkpoint)).or(base);
        if let Some((_, checkpoint)) = start {
            engine.load(Checkpoint::from_json(checkpoint).unwrap());
        }
        for row in &self.rows[start.map_or(0, |(rows, _)| rows)..] {
            engine.fold(row).unwrap();
        }
        let mut tab = Tab { engine, folded: self.rows.len(), sight: true };
        self.supply(&mut tab);
        tab
    }

    fn supply(&self, tab: &mut Tab) {
        if tab.engine.playbook_needed().is_some() {
            tab.engine.supply_playbook(&self.document).unwrap();
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn current(&self, tab: usize) -> String {
        let person: Value = serde_json::from_str(&self.tabs[tab].engine.person_json()).unwrap();
        person["profile"].as_str().unwrap_or_default().to_owned()
    }

    fn context(&mut self, tab: usize) -> Context {
        self.n += 1;
        Context {
            now: Timestamp(self.now),
            offset_min: self.offset as i32,
            entropy: u128::from(self.n).to_be_bytes(),
            locale: "en".into(),
            can_display: self.tabs[tab].sight,
            ..Context::default()
        }
    }

    fn catch_up(&mut self, tab: usize) {
        let known = &mut self.tabs[tab];
        for row in &self.rows[known.folded..] {
            known.engine.fold(row).unwrap();
        }
        known.folded = self.rows.len();
        if known.engine.playbook_needed().is_some() {
            known.engine.supply_playbook(&self.document).unwrap();
        }
    }

    fn handle(&mut self, tab: usize, input: Input) -> Result<Step, TestCaseError> {
        self.catch_up(tab);
        let ctx = self.context(tab);
        let told: String = format!("{input:?}").chars().take(60).collect();
        let step = self.tabs[tab].engine.handle(input, &ctx);
        if step.erased {
            (self.rows, self.pruned, self.purged, self.base, self.kept) = (Vec::new(), 0, 0, None, None);
            self.people.clear();
        }
        self.rows.extend(step.row.clone());
        self.tabs[tab].folded = self.rows.len();
        prop_assert!(!matches!(step.verdict, Verdict::Rejected { .. }), "{:?}", step.verdict);
        let wrong = step.diagnostics.iter().find(|told| !matches!(told, Diagnostic::ClockStep { .. }));
        prop_assert!(wrong.is_none(), "{:?}", wrong);
        self.learn(&step)?;
        self.check(tab, &told)?;
        Ok(step)
    }

    /// What the records say.
    fn learn(&mut self, step: &Step) -> Result<(), TestCaseError> {
        for record in step.row.iter().flat_map(|row| &row.records) {
            let line: Value = serde_json::from_str(&record.export_line(true)).unwrap();
            let version = self.version;
            let fresh = || Person { since: known(version, None), made: record.seq, ..Person::default() };
            let person = self.people.entry(line["profile"].as_str().unwrap().to_owned()).or_insert_with(fresh);
            let late = record.ts.0 < person.sealed && record.body.kind() != "$identify";
            prop_assert_eq!(
                record.late,
                late,
                "{} at {}, sealed to {}",
                record.body.kind(),
                record.ts.0,
                person.sealed
            );
            match record.body.kind() {
                "$use_committed" => {
                    let campaign = line["data"]["campaign"].as_str().unwrap().to_owned();
                    person.spent.entry(campaign).or_insert(record.seq);
                }
                // Rule 26.
                "$consent" if line["data"]["purge"] == json!(true) => {
                    self.purged = record.seq;
                    let newest = newest(&self.rows);
                    for person in self.people.values_mut() {
                        person.events.clear();
                        person.since.values_mut().for_each(|since| *since = Some(newest));
                    }
                    self.count("purged");
                    continue;
                }
                _ => {}
            }
            let counts = ["order", "view", "$session_start", "$screen"].contains(&record.body.kind());
            if counts && record.consent.has(Purpose::Analytics) && !record.late {
                let event = Event {
                    at: (record.ts.0, line["id"].as_str().unwrap().to_owned()),
                    seq: record.seq,
                    name: record.body.kind().to_owned(),
                    offset: line["offset"].as_i64().unwrap(),
                    session: line["session"].as_str().map(str::to_owned),
                    data: line["data"].clone(),
                };
                person.events.push(Rc::new(event));
                person.events.sort_by(|a, b| a.at.cmp(&b.at));
            }
            if record.late {
                self.count("late");
            }
        }
        Ok(())
    }

    /// The instant of what is read: the clock, as the last step held it (engine.md 1.5).
    fn read_at(&self) -> i64 {
        self.rows.last().map_or(self.now, |row| self.now.max(row.ctx.now.0))
    }

    fn check(&mut self, tab: usize, told: &str) -> Result<(), TestCaseError> {
        if self.quiet {
            return Ok(());
        }
        let now = self.read_at();
        let profile = self.current(tab);
        let report = self.tabs[tab].engine.success_report(Timestamp(now));
        if report.definition.is_none() {
            return Ok(());
        }
        let person = self.people.entry(profile).or_default();
        prop_assert!(report.sealed_to.0 >= person.sealed, "the seal went back");
        let two_days_back = midnight(day_of(now, GRID) - 2, GRID);
        prop_assert!(report.sealed_to.0 <= person.sealed.max(two_days_back), "sealed within two days");
        person.sealed = report.sealed_to.0;
        let person = person.clone();
        let metrics = Rc::clone(&self.metrics);
        prop_assert_eq!(metrics.len(), report.metrics.len());
        let mut known = BTreeMap::new();
        for metric in metrics.iter() {
            let said = report.metrics.iter().find(|said| said.metric == metric.name).unwrap();
            let as_of = if is_live(metric.name) { now + 1 } else { midnight(day_of(now, GRID), GRID) };
            prop_assert_eq!((said.as_of.0, said.live), (as_of, is_live(metric.name)), "{}", metric.name);
            let before: Vec<Rc<Event>> = person.events.iter().filter(|event| event.at.0 < as_of).cloned().collect();
            let reading = Reading { version: self.version, as_of, orders: orders(&before, self.version), all: &before };
            let Some(num) = said.num else {
                let why = said.unavailable.as_deref();
                let since = person.since.get(&meaning(self.version, metric.name)).copied().unwrap_or(None);
                let complete = since.is_none_or(|since| (metric.from)(&reading).is_some_and(|from| from >= since));
                let right = match why {
                    Some("clock") => as_of < person.sealed,
                    Some("history_incomplete") => !complete,
                    _ => false,
                };
                prop_assert!(right, "{told}: {} is {why:?}, known since {since:?}, now {}", metric.name, now - START);
                *self.counts.entry("absent").or_default() += 1;
                continue;
            };
            prop_assert!(as_of >= person.sealed, "{}: the clock stands before what is sealed", metric.name);
            let (right, of) = (metric.pair)(&reading);
            prop_assert_eq!(num, right, "{}: {}'s numerator of {:#?}", told, metric.name, before);
            prop_assert!(said.den.is_none_or(|den| den == of), "{told}: {}: {:?} and not {of}", metric.name, said.den);
            known.insert(metric.name, (right, of));
            if right != 0 {
                *self.counts.entry(metric.name).or_default() += 1;
            }
        }
        if self.n.is_multiple_of(3) {
            self.ask(tab, &person, now, &known, told)?;
        }
        self.same(&report, tab, told)
    }

    /// Engine.md 5.2: whether enough of the newest that a goal counts came after the campaign was spent, and are not older than
    /// its window.
    fn reached(&self, person: &Person, after: u64, window: i64, least: usize, newest: usize, now: i64) -> bool {
        let orders = orders(&person.events, self.version);
        let counts = |event: &&Rc<Event>| event.seq > after && now - event.at.0.min(now) < window;
        orders.iter().rev().take(newest).filter(counts).count() >= least
    }

    /// What campaigns make of it.
    fn ask(
        &mut self,
        tab: usize,
        person: &Person,
        now: i64,
        known: &BTreeMap<&str, (i64, i64)>,
        told: &str,
    ) -> Result<(), TestCaseError> {
        let ctx = Context { now: Timestamp(now), can_display: true, ..self.context(tab) };
        let text = self.tabs[tab].engine.preview_json("buyers", None, &ctx);
        if let Some((num, den)) = known.get("revenue") {
            prop_assert!(text.contains(&format!("revenue: {num}/{den}")), "{told}: {text}");
        }
        let asked: Value = serde_json::from_str(&self.tabs[tab].engine.person_json()).unwrap();
        if !asked["consent"].as_array().unwrap().contains(&json!("messaging"))
            || !self.tabs[tab].engine.own_open().is_empty()
        {
            return Ok(());
        }
        // In a copy of the engine every campaign is set off at once.
        let step = self.tabs[tab]
            .engine
            .clone()
            .handle(Input::Track { name: "ask".into(), properties: Properties::new(), at: None }, &ctx);
        let outcome = |campaign: &str| {
            let decision = step.decisions.iter().find(|decision| decision.campaign == campaign);
            let failed = || TestCaseError::fail(format!("{told}: {campaign}: {:?}", decision));
            match &decision.ok_or_else(failed)?.outcome {
                Outcome::Stopped { stage: Stage::Success, .. } => Ok("success"),
                Outcome::Stopped { stage: Stage::Audience, reason: Reason::Audience { .. } } => Ok("audience"),
                Outcome::Stopped { stage: Stage::Audience, reason: Reason::HistoryIncomplete { .. } } => Ok("unknown"),
                Outcome::Offered | Outcome::Waiting { stage: Stage::Arbitration, .. } => Ok("passes"),
                _ => Err(failed()),
            }
        };
        for (campaign, metric, after, least) in [
            ("shown", "bought", true, 1),
            ("goal_ever", "bought", false, 1),
            ("twice", "again", true, 2),
            ("twice_ever", "again", false, 2),
            ("buyers", "bought", false, 1),
        ] {
            let start = if after { person.spent.get(campaign).copied() } else { Some(0) };
            let window = if metric == "again" { days(self.version) } else { 2 } * DAY;
            let reached = |newest| start.is_some_and(|start| self.reached(person, start, window, least, newest, now));
            // As many are kept as any goal asks for. Whoever forgot an older one may still have a newer.
            let (right, allowed) = (reached(2), reached(usize::MAX));
            let said = match (campaign, outcome(campaign)?) {
                ("buyers", said) => said == "passes",
                (_, said) => said == "success",
            };
            let meaning = meaning(self.version, metric);
            let since = person.since.get(&meaning).copied().flatten();
            let complete = since.is_none_or(|since| now - window - horizon(self.version) >= since);
            if came_in_another_order(&person.events) {
                continue;
            }
            prop_assert!(
                (said || !right || !complete) && (!said || allowed),
                "{told}: {campaign} is reached: {said}, and not {right}, at {} of {:#?}, {:?}",
                now - START,
                person.events,
                person.spent
            );
            if right {
                self.count(if after { "reached" } else { "reached_ever" });
            }
        }
        prop_assert_eq!(outcome("goal_never")?, "passes");
        let value = |name: &str| known.get(name).copied();
        for (campaign, right) in [
            ("rich", value("revenue").map(|(num, _)| num >= 500)),
            ("dear", value("revenue").map(|(num, den)| den > 0 && num < 300 * den)),
            ("faithful", value("days").map(|(num, _)| num >= 2)),
        ] {
            let said = match outcome(campaign)? {
                "audience" => Some(false),
                "unknown" => None,
                said => Some(said == "passes"),
            };
            prop_assert_eq!(said, right, "{}: {}", told, campaign);
        }
        Ok(())
    }

    /// Whoever reads the store now says the same: from the base, or from a checkpoint.
    fn reopen(&mut self) -> Result<(), TestCaseError> {
        let now = Timestamp(self.read_at());
        self.catch_up(0);
        let report = self.tabs[0].engine.success_report(now);
        for from in [None, self.kept.as_ref()] {
            prop_assert_eq!(self.opened("reader", from).engine.success_report(now), report.clone());
        }
        Ok(())
    }

    /// What the other tab says, too.
    fn same(&mut self, report: &SuccessReport, tab: usize, told: &str) -> Result<(), TestCaseError> {
        let now = self.read_at();
        let others = (0..self.tabs.len()).filter(|other| *other != tab).collect::<Vec<_>>();
        for other in others {
            if told.starts_with("Erase") {
                continue;
            }
            self.catch_up(other);
            prop_assert_eq!(
                &self.tabs[other].engine.success_report(Timestamp(now)),
                report,
                "{}: in the other tab",
                told
            );
        }
        Ok(())
    }

    fn install(&mut self, tab: usize) -> Result<Step, TestCaseError> {
        self.catch_up(tab);
        let document = self.document.clone();
        let needed = self.tabs[tab].engine.history_needed(&document).unwrap();
        let stored: Vec<&Record> = self.rows[self.pruned..].iter().flat_map(|row| &row.records).collect();
        let history = match needed.is_empty() {
            true => Vec::new(),
            false => stored
                .iter()
                .enumerate()
                .filter(|(place, record)| *place == 0 || needed.iter().any(|name| name == record.body.kind()))
                .map(|(_, record)| (*record).clone())
                .collect(),
        };
        // Rule 25: what is new begins with what the journal has of whoever is here, and now for all others.
        let (current, last) = (self.current(tab), newest(&self.rows));
        let oldest = history.iter().find(|record| record.seq > self.purged);
        let oldest =
            oldest.map_or((u64::MAX, self.now + 1), |oldest| (oldest.seq, oldest.id.ms().0.min(self.read_at()) + 1));
        let taken_back = self.rows.iter().flat_map(|row| &row.records).filter(|record| record.seq <= self.purged);
        let taken_back = taken_back.map(|record| record.ts.0 + 1).max().unwrap_or_default();
        let stepped = |row: &Row| row.records.iter().any(|record| record.body.kind() == "$clock_step");
        let steps_now = self.now + 1_000 < self.read_at();
        let stepped = if steps_now { Some(self.rows.len() - 1) } else { self.rows.iter().rposition(stepped) };
        let ahead = stepped.map_or(0, |place| newest(&self.rows[..=place]));
        let lost = newest(&self.rows[..self.pruned]).max(oldest.1).max(taken_back).max(ahead).max(if steps_now {
            self.now + 1
        } else {
            0
        });
        let longer = self.version.is_multiple_of(2);
        for (profile, person) in &mut self.people {
            let mut since = known(self.version, Some(last.max(self.now + 1)));
            for (meaning, since) in &mut since {
                match person.since.get(meaning) {
                    // A longer window reads days that a seal may have dropped.
                    Some(_) if person.sealed > 0 && longer => {}
                    Some(before) => *since = *before,
                    None if *profile == current && person.made >= oldest.0 => *since = None,
                    None if *profile == current => *since = Some(lost),
                    None => {}
                }
            }
            person.since = since;
        }
        self.handle(tab, Input::InstallPlaybook { document, history })
    }

    fn happen(&mut self, tab: usize, happening: Happening) -> Result<(), TestCaseError> {
        let track = |name: &str, properties: Value, at: Option<i64>| Input::Track {
            name: name.into(),
            properties: properties.as_object().unwrap().clone(),
            at: at.map(Timestamp),
        };
        let at = |ago: i64, now: i64| (ago > 0).then_some(now - ago);
        let input = match happening {
            Happening::Order(id, minor, sku, ago) => {
                let mut properties = json!({"minor": minor, "sku": SKUS[sku]});
                if let Some(id) = id {
                    properties["id"] = json!(format!("o{id}"));
                }
                track("order", properties, at(ago, self.now))
            }
            Happening::View(sku, ago) => track("view", json!({"sku": SKUS[sku]}), at(ago, self.now)),
            Happening::Screen => Input::Screen { name: "home".into() },
            Happening::Tick => Input::Tick,
            Happening::Sight(sight) => {
                self.tabs[tab].sight = sight;
                Input::HostState { host: Properties::new(), paused: None }
            }
            Happening::Travel(offset) => {
                self.offset = offset;
                Input::Tick
            }
            Happening::Is(user) => Input::Identify { user: user.into() },
            Happening::Leaves => Input::Reset,
            Happening::Erase => {
                self.handle(tab, Input::Erase)?;
                for other in (0..self.tabs.len()).filter(|other| *other != tab) {
                    self.tabs[other] = self.opened(&format!("owner-{other}"), None);
                }
                return self.install(tab).map(drop);
            }
            Happening::Install => {
                self.version += 1;
                (self.document, self.metrics) = (playbook(self.version), Rc::new(metrics(self.version)));
                return self.install(tab).map(drop);
            }
            Happening::Consent(bits, purge) => {
                let purposes = Purpose::ALL.into_iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0);
                Input::Consent { purposes: purposes.map(|(_, purpose)| purpose).collect(), purge }
            }
            Happening::Show(campaign) => return self.show(tab, campaign),
            Happening::Reload(from_checkpoint) => {
                let owner = format!("owner-{tab}");
                let kept = self.kept.clone().filter(|_| from_checkpoint);
                self.tabs[tab] = self.opened(&owner, kept.as_ref());
                self.handle(tab, Input::Open { consent: None, resumes: Some(owner), lost: None })?;
                return self.install(tab).map(drop);
            }
            Happening::Checkpoint => {
                self.catch_up(tab);
                self.kept = Some((self.rows.len(), self.tabs[tab].engine.checkpoint_json()));
                return Ok(());
            }
            Happening::Prune => {
                if let Some((rows, checkpoint)) = self.kept.clone() {
                    (self.pruned, self.base) = (rows, Some(checkpoint));
                }
                return Ok(());
            }
            Happening::Many(apart) => {
                for n in 0..140 {
                    self.now += apart * MINUTE;
                    self.quiet = n < 139;
                    self.handle(tab, track("view", json!({"sku": SKUS[n % 2]}), None))?;
                }
                return Ok(());
            }
        };
        self.handle(tab, input).map(drop)
    }

    /// A campaign is set off, drawn, seen and closed: only as long as its goal is not reached.
    fn show(&mut self, tab: usize, campaign: &str) -> Result<(), TestCaseError> {
        if !self.tabs[tab].sight {
            return Ok(());
        }
        let step = self.handle(tab, Input::Track { name: campaign.into(), properties: Properties::new(), at: None })?;
        let Some(offer) = step.offered.first() else { return Ok(()) };
        prop_assert_eq!(&offer.campaign, campaign);
        let presentation_id = offer.presentation_id;
        self.handle(tab, Input::Displaying { presentation_id })?;
        self.handle(tab, Input::Visible { presentation_id })?;
        let kind = InteractionKind::Dismiss;
        self.handle(tab, Input::Interaction { presentation_id, kind, target: None, answers: Properties::new() })?;
        self.count("shown");
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_device_counts_what_its_records_come_to(happenings in prop::collection::vec(happening(), 1..40)) {
        let mut world = World::new();
        for (tab, happening, later) in happenings {
            world.now += later;
            world.happen(tab, happening)?;
        }
        world.reopen()?;
    }
}

fn known(version: u64, since: Option<i64>) -> BTreeMap<String, Option<i64>> {
    metrics(version).iter().map(|metric| (meaning(version, metric.name), since)).collect()
}

/// After all that happened: some of it may lie ahead of a clock that was set back.
fn newest(rows: &[Row]) -> i64 {
    rows.iter().flat_map(|row| &row.records).map(|record| record.ts.0 + 1).max().unwrap_or_default()
}

fn told(story: &[(usize, Happening, i64)]) -> World {
    let mut world = World::new();
    for (tab, happening, later) in story {
        world.now += later;
        world.happen(*tab, happening.clone()).unwrap();
    }
    world.reopen().unwrap();
    world
}

/// The model above is of use only if there is something to count.
#[test]
fn every_metric_of_the_model_comes_to_something() {
    use Happening::*;
    let world = told(&[
        (0, View(0, 0), 0),
        (0, Order(Some(0), 100, 0, 0), HOUR),
        (1, Show("shown"), 0),
        (1, Show("twice"), 0),
        (0, Order(Some(1), 400, 1, 0), HOUR),
        (1, View(1, HOUR), DAY),
        (0, Order(Some(2), 250, 1, 0), HOUR),
        (0, Many(40), 0),
        (0, Order(None, 250, 0, 6 * DAY), 0),
        (0, Is("ann"), 0),
        (0, Is("bob"), 0),
        (0, Install, 0),
        (0, Install, 0),
        (0, Is("ann"), 0),
        (1, Consent(7, true), DAY),
    ]);
    let counted: Vec<&str> = world.counts.keys().copied().collect();
    let all = [
        "absent",
        "again",
        "back",
        "bought",
        "change",
        "days",
        "early",
        "ever",
        "last",
        "late",
        "purged",
        "reached",
        "reached_ever",
        "revenue",
        "shown",
        "sku_a",
        "through",
        "time",
        "visits",
    ];
    assert_eq!(counted, all);
}

/// What the journal begins with was handed over, with a time of its own before that of others which are pruned (success.md 3.25).
#[test]
fn what_a_new_definition_knows_begins_when_the_oldest_record_was_written() {
    use Happening::*;
    let world = told(&[
        (0, Install, 0),
        (0, Order(None, 100, 0, 0), 0),
        (0, Many(20), 15 * HOUR),
        (0, View(0, 0), 2 * HOUR),
        (0, Checkpoint, 0),
        (0, Order(None, 250, 0, 6 * DAY), 0),
        (0, Prune, 0),
        (0, Install, 0),
    ]);
    let report = world.tabs[0].engine.success_report(Timestamp(world.now));
    let revenue = report.metrics.iter().find(|metric| metric.metric == "revenue").unwrap();
    assert_eq!(revenue.unavailable.as_deref(), Some("history_incomplete"));
}
