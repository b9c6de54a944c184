//! What belongs to one person, told by a model that knows only the inputs and the records: several tabs over one journal,
//! people who come, leave and come back, their inboxes, what was exported of them, and what an erasure leaves.

use std::collections::{BTreeMap, BTreeSet};

use hearken_core::{
    AttributeOp, CardAction, Context, Engine, Input, InteractionKind, PresentationId, Properties, Purpose, Purposes,
    Rejection, Row, Span, Step, Timestamp, Verdict,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const START: i64 = 1_795_248_000_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Whatever is shown speaks of the person and of what they did.
fn playbook(revision: u64) -> String {
    let silence = json!({"event": "look", "unless": [{"event": "bought"}], "within": "1h"});
    let campaign = |id: &str, trigger: Value, message: &str| json!({"id": id, "channel": ["in_app"], "trigger": trigger, "limit": {"times": 0}, "message": message});
    let card = |id: &str, event: &str, rules: Value| json!({"id": id, "channel": ["inbox"], "trigger": {"event": event}, "limit": {"times": 3}, "message": "card", "card": rules});
    let mut regulars = campaign("regulars", json!({"event": "look"}), "modal");
    regulars["priority"] = json!(1);
    regulars["audience"] = json!({"$history": {"event": "bought", "within": "90d", "count": {"$gte": 1}}});
    let mut hero = campaign("hero", json!({"event": "look"}), "inline");
    hero["placement"] = json!("hero");
    json!({"spec": 1, "id": "p", "revision": revision, "retract": ["retracted"], "plan": {"mode": "open"}, "settings": {"interval": 0},
    "campaigns": [
        campaign("hi", json!({"event": "look"}), "modal"), campaign("left", silence, "modal"), regulars, hero,
        card("news", "look", json!({"expires_in": "2h", "remove_on": [{"event": "bought"}]})),
        card("pinned", "bought", json!({"pin": true})),
    ],
    "messages": {
        "modal": {"layout": "modal", "pages": [[{"heading": "{{ user.name }} {{ event.sku }}"},
            {"button": {"id": "go", "label": "{{ user.name }}", "actions": [
                {"track": {"event": "tapped", "properties": {"sku": "{{ event.sku }}", "name": "{{ user.name }}"}}},
                {"set_attribute": {"name": "liked", "value": "{{ event.sku }}"}}]}}]]},
        "inline": {"layout": "inline", "pages": [[{"heading": "{{ user.name }} {{ event.sku }}"}]]},
        "card": {"layout": "card", "pages": [[{"heading": "{{ user.name }} {{ event.sku }}"}]]},
    }})
    .to_string()
}

#[derive(Clone, Debug)]
enum Happening {
    Look,
    Bought,
    Name,
    Tick,
    Is(&'static str),
    Leaves,
    Erase,
    Install,
    Consent(u8),
    Offer(u8),
    Mount,
    Sight(bool),
    Draw(usize),
    See(usize),
    Click(usize),
    Dismiss(usize),
    Card(usize, CardAction),
    Export,
    Import(usize),
    /// What another device knows of a person: a card that is over, one that will be, or one that is away; one is retracted.
    Abroad(&'static str, i64),
    /// The same tab, loaded again.
    Reload,
}

fn happening() -> impl Strategy<Value = (usize, Happening, i64)> {
    use Happening::*;
    let action = prop_oneof![
        1 => Just(CardAction::Seen),
        1 => Just(CardAction::Read),
        1 => Just(CardAction::Archive),
        1 => Just(CardAction::Dismiss),
        2 => Just(CardAction::Snooze),
    ];
    let what = prop_oneof![
        8 => Just(Look),
        2 => Just(Bought),
        3 => Just(Name),
        2 => Just(Tick),
        4 => prop::sample::select(vec!["ann", "bob"]).prop_map(Is),
        2 => Just(Leaves),
        1 => Just(Erase),
        1 => Just(Install),
        2 => prop_oneof![Just(0u8), Just(7), Just(7), 0..8u8].prop_map(Consent),
        2 => (0..2u8).prop_map(Offer),
        4 => Just(Mount),
        1 => any::<bool>().prop_map(Sight),
        5 => (0..3usize).prop_map(Draw),
        3 => (0..3usize).prop_map(See),
        4 => (0..4usize).prop_map(Click),
        3 => (0..3usize).prop_map(Dismiss),
        5 => (0..4usize, action).prop_map(|(n, action)| Card(n, action)),
        1 => Just(Export),
        2 => (0..3usize).prop_map(Import),
        2 => (prop::sample::select(vec!["ann", "bob"]), 0..4i64).prop_map(|(user, n)| Abroad(user, n)),
        2 => Just(Reload),
    ];
    let later =
        prop::sample::select(vec![0, 0, 1_000, 5 * MINUTE, 31 * MINUTE, HOUR, HOUR + 5_000, 3 * HOUR, 25 * HOUR]);
    (0..2usize, what, later)
}

/// One card, as its records tell.
#[derive(Clone, Debug, Default)]
struct Card {
    pin: bool,
    at: i64,
    expires: Option<i64>,
    away_until: Option<i64>,
    read: bool,
    archived: bool,
    gone: bool,
}

impl Card {
    fn stands(&self, now: i64) -> bool {
        !self.gone && self.expires.is_none_or(|at| now < at) && self.away_until.is_none_or(|until| until <= now)
    }
}

#[derive(Clone, Debug, Default)]
struct Person {
    attributes: BTreeMap<String, Value>,
    cards: BTreeMap<String, Card>,
    bought: bool,
    /// How many cards each campaign made.
    made: BTreeMap<String, u64>,
}

struct Tab {
    engine: Engine,
    folded: usize,
    sight: bool,
    /// What its host has on the screen, or is about to: the person it was given to.
    screen: BTreeMap<PresentationId, String>,
    /// The inbox as its host shows it.
    inbox: String,
}

struct World {
    rows: Vec<Row>,
    tabs: Vec<Tab>,
    now: i64,
    n: u64,
    revision: u64,
    document: String,
    /// Everybody who was ever here, by profile.
    people: BTreeMap<String, Person>,
    /// Whose each word is that only one person can have said, been called or looked at.
    marks: BTreeMap<String, String>,
    /// Whom each presentation was for, and each session.
    given: BTreeMap<PresentationId, String>,
    shown: BTreeSet<String>,
    sessions: BTreeMap<String, String>,
    exports: Vec<String>,
    counts: BTreeMap<&'static str, usize>,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            rows: Vec::new(),
            tabs: Vec::new(),
            now: START,
            n: 0,
            revision: 1,
            document: playbook(1),
            people: BTreeMap::new(),
            marks: BTreeMap::new(),
            given: BTreeMap::new(),
            shown: BTreeSet::new(),
            sessions: BTreeMap::new(),
            exports: Vec::new(),
            counts: BTreeMap::new(),
        };
        for tab in 0..2 {
            let engine = world.opened(tab);
            world.tabs.push(engine);
            world.begin(tab, None).unwrap();
        }
        world
    }

    fn opened(&self, tab: usize) -> Tab {
        let mut engine = Engine::new(format!("owner-{tab}"), ["in_app", "inbox"]).unwrap();
        for row in &self.rows {
            engine.fold(row).unwrap();
        }
        if engine.playbook_needed().is_some() {
            engine.supply_playbook(&self.document).unwrap();
        }
        let inbox = engine.inbox_json(Timestamp(self.now));
        Tab { engine, folded: self.rows.len(), sight: true, screen: BTreeMap::new(), inbox }
    }

    fn begin(&mut self, tab: usize, resumes: Option<String>) -> Result<(), TestCaseError> {
        self.handle(tab, Input::Open { consent: Some(Purposes::all()), resumes, lost: None })?;
        let document = self.document.clone();
        self.handle(tab, Input::InstallPlaybook { document, history: Vec::new() })
    }

    fn person(&self, tab: usize) -> Value {
        serde_json::from_str(&self.tabs[tab].engine.person_json()).unwrap()
    }

    fn current(&self, tab: usize) -> String {
        self.person(tab)["profile"].as_str().unwrap_or_default().to_owned()
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// A word that nobody else has.
    fn mark(&mut self, tab: usize) -> String {
        let mark = format!("mark{}z", self.marks.len());
        self.catch_up(tab).unwrap();
        self.marks.insert(mark.clone(), self.current(tab));
        mark
    }

    /// Folds what the others wrote, as in one transaction.
    fn catch_up(&mut self, tab: usize) -> Result<(), TestCaseError> {
        let Self { rows, tabs, document, now, .. } = self;
        let known = &mut tabs[tab];
        let foreign = known.folded < rows.len();
        for row in &rows[known.folded..] {
            for gone in known.engine.fold(row).unwrap() {
                known.screen.remove(&gone.presentation_id);
            }
        }
        known.folded = rows.len();
        if known.engine.playbook_needed().is_some() {
            known.engine.supply_playbook(document).unwrap();
        }
        if foreign {
            known.inbox = known.engine.inbox_json(Timestamp(*now));
            self.check_tab(tab)?;
        }
        Ok(())
    }

    fn context(&mut self, tab: usize) -> Context {
        self.n += 1;
        Context {
            now: Timestamp(self.now),
            entropy: u128::from(self.n).to_be_bytes(),
            locale: "en".into(),
            can_display: self.tabs[tab].sight,
            ..Context::default()
        }
    }

    fn handle(&mut self, tab: usize, input: Input) -> Result<(), TestCaseError> {
        self.catch_up(tab)?;
        let ctx = self.context(tab);
        let told = format!("{input:?}");
        let step = self.tabs[tab].engine.handle(input, &ctx);
        if step.erased {
            self.rows.clear();
        }
        self.rows.extend(step.row.clone());
        self.tabs[tab].folded = self.rows.len();
        prop_assert!(!format!("{:?}", step.diagnostics).contains("Disabled"), "{:?}", step.diagnostics);
        prop_assert!(
            !matches!(step.verdict, Verdict::Rejected { rejection: Rejection::Document { .. } }),
            "{:?}",
            step.verdict
        );
        self.learn(&step)?;
        self.check(tab, &step, &told)
    }

    /// What the records say.
    fn learn(&mut self, step: &Step) -> Result<(), TestCaseError> {
        for record in step.row.iter().flat_map(|row| &row.records) {
            let line: Value = serde_json::from_str(&record.export_line(true)).unwrap();
            let profile = line["profile"].as_str().unwrap().to_owned();
            let (kind, data, at) = (record.body.kind(), &line["data"], record.ts.0);
            let session = line["session"].as_str();
            if let Some(session) = session {
                let of = self.sessions.entry(session.to_owned()).or_insert_with(|| profile.clone());
                prop_assert_eq!(&*of, &profile, "{} in somebody else's session", kind);
            }
            let presented = data["presentation_id"].as_str().and_then(|id| id.parse().ok());
            if let Some(of) = presented.and_then(|id: PresentationId| self.given.get(&id)) {
                prop_assert_eq!(of, &profile, "{} of what was shown to somebody else", kind);
            }
            if kind == "$shown" {
                let id = data["presentation_id"].as_str().unwrap().to_owned();
                prop_assert!(self.shown.insert(id), "shown twice");
                *self.counts.entry("shown").or_default() += 1;
            }
            let person = self.people.entry(profile).or_default();
            let card = data["card"].as_str().unwrap_or_default().to_owned();
            match kind {
                "$attribute" => {
                    person.attributes.insert(data["name"].as_str().unwrap().to_owned(), data["value"].clone());
                }
                "bought" => person.bought = true,
                "$card_made" => {
                    let made = Card {
                        pin: data["pin"] == json!(true),
                        at,
                        expires: data["expires"].as_i64(),
                        ..Card::default()
                    };
                    let before = person.made.entry(data["campaign"].as_str().unwrap().to_owned()).or_default();
                    prop_assert!(data["n"] == json!(*before) && *before < 3);
                    *before += 1;
                    prop_assert!(person.cards.insert(card, made).is_none(), "a card is made once");
                    *self.counts.entry("cards").or_default() += 1;
                }
                _ if kind.starts_with("$card_") => {
                    let card = person.cards.get_mut(&card).expect("a card of this person");
                    match kind {
                        "$card_read" => card.read = true,
                        "$card_archived" => card.archived = true,
                        "$card_snoozed" => card.away_until = data["until"].as_i64(),
                        "$card_seen" => {}
                        _ => card.gone = true,
                    }
                }
                _ => {}
            }
            let text = line["data"].to_string();
            if !kind.starts_with('$') || kind == "$attribute" {
                prop_assert!(!text.contains("{{") && !text.contains("{%"), "a template was recorded: {text}");
                self.is_of(&text, line["profile"].as_str().unwrap(), kind)?;
            }
        }
        Ok(())
    }

    /// Nothing in a text is anybody else's.
    fn is_of(&self, text: &str, profile: &str, what: &str) -> Result<(), TestCaseError> {
        prop_assert!(!text.contains("{{") && !text.contains("{%"), "{what} is a template: {text}");
        for (at, _) in text.match_indices("mark") {
            let mark = &text[at..];
            let mark = &mark[..=mark.find('z').unwrap()];
            prop_assert_eq!(
                self.marks.get(mark).map(String::as_str),
                Some(profile),
                "{} is somebody else's: {}",
                what,
                text
            );
        }
        Ok(())
    }

    /// What a tab knows and shows is what the records say of the person who is there.
    fn check_tab(&self, tab: usize) -> Result<(), TestCaseError> {
        let (person, known) = (self.person(tab), &self.tabs[tab]);
        let profile = person["profile"].as_str().unwrap_or_default();
        let none = Person::default();
        let model = self.people.get(profile).unwrap_or(&none);
        let attributes = person["attributes"].as_object().cloned().unwrap_or_default();
        prop_assert_eq!(&attributes.into_iter().collect::<BTreeMap<_, _>>(), &model.attributes);
        self.is_of(&known.inbox, profile, "the inbox")?;
        let inbox: Value = serde_json::from_str(&known.engine.inbox_json(Timestamp(self.now))).unwrap();
        let mut cards: Vec<_> = model.cards.iter().filter(|(_, card)| card.stands(self.now)).collect();
        cards.sort_by_key(|(id, card)| (!card.pin, -card.at, (*id).clone()));
        let ids: Vec<&str> =
            inbox["cards"].as_array().unwrap().iter().map(|card| card["card"].as_str().unwrap()).collect();
        prop_assert_eq!(ids, cards.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>());
        let unread = cards.iter().filter(|(_, card)| !card.read && !card.archived).count();
        prop_assert_eq!(&inbox["unread"], &json!(unread));
        for (id, of) in &known.screen {
            prop_assert_eq!(of, profile, "{} stays on the screen", id);
        }
        for campaign in ["hi", "left", "regulars", "hero", "push-0", "push-1"] {
            let ctx = Context { now: Timestamp(self.now), entropy: [9; 16], locale: "en".into(), ..Context::default() };
            self.is_of(&known.engine.explain(campaign, &ctx).to_json(), profile, "an explanation")?;
            self.is_of(&known.engine.preview_json(campaign, None, &ctx), profile, "a preview")?;
        }
        self.is_of(&known.engine.export_state(), profile, "an export")
    }

    fn check(&mut self, tab: usize, step: &Step, told: &str) -> Result<(), TestCaseError> {
        let profile = self.current(tab);
        for gone in &step.withdrawn {
            self.tabs[tab].screen.remove(&gone.presentation_id);
        }
        let agreed = self.person(tab)["consent"].as_array().is_some_and(|agreed| agreed.contains(&json!("messaging")));
        prop_assert!(
            agreed || (step.offered.is_empty() && self.tabs[tab].screen.is_empty()),
            "nobody agreed to messages"
        );
        for offer in &step.offered {
            let message = offer.message.to_string();
            self.is_of(&message, &profile, "an offer")?;
            if offer.campaign == "regulars" {
                prop_assert!(self.people[&profile].bought, "somebody else bought");
            }
            self.tabs[tab].screen.insert(offer.presentation_id, profile.clone());
            let of = self.given.entry(offer.presentation_id).or_insert_with(|| profile.clone());
            prop_assert_eq!(&*of, &profile, "offered to somebody else before");
            let what = match offer.campaign.as_str() {
                "hi" => "hi",
                "left" => "left",
                "regulars" => "regulars",
                "hero" => "hero",
                _ => "push",
            };
            self.count(what);
        }
        let inbox = self.tabs[tab].engine.inbox_json(Timestamp(self.now));
        prop_assert!(step.inbox_changed || inbox == self.tabs[tab].inbox, "nobody told of the inbox: {}", told);
        self.tabs[tab].inbox = inbox;
        self.check_tab(tab)?;
        let cards = self.people.get(&profile).into_iter().flat_map(|person| person.cards.values());
        for card in cards.filter(|card| !card.gone) {
            for at in card.expires.into_iter().chain(card.away_until).filter(|at| *at > self.now) {
                prop_assert!(step.next_wakeup.is_some_and(|next| next.0 <= at), "nothing is to happen at {at}: {told}");
            }
        }
        if step.erased {
            let checkpoint = self.tabs[tab].engine.checkpoint_json()
                + &serde_json::to_string(&step.row.as_ref().map(Row::to_json)).unwrap();
            for former in ["mark", "ann", "bob", "look", "bought", "push"] {
                prop_assert!(!checkpoint.contains(former), "{} is left", former);
            }
        }
        Ok(())
    }

    fn nth(&self, tab: usize, n: usize) -> PresentationId {
        self.tabs[tab].screen.keys().rev().nth(n).copied().unwrap_or_default()
    }

    fn happen(&mut self, tab: usize, happening: Happening) -> Result<(), TestCaseError> {
        let input = match happening {
            Happening::Look | Happening::Bought => {
                let name = if matches!(happening, Happening::Look) { "look" } else { "bought" };
                let properties = json!({"sku": self.mark(tab)}).as_object().unwrap().clone();
                Input::Track { name: name.into(), properties, at: None }
            }
            Happening::Name => {
                Input::Attribute { op: AttributeOp::Set, name: "name".into(), value: json!(self.mark(tab)) }
            }
            Happening::Tick => Input::Tick,
            Happening::Is(user) => Input::Identify { user: user.into() },
            Happening::Leaves => Input::Reset,
            Happening::Erase => {
                self.handle(tab, Input::Erase)?;
                self.exports.clear();
                for tab in 0..self.tabs.len() {
                    if self.tabs[tab].folded != self.rows.len()
                        || self.tabs[tab].engine.seq() != self.tabs[0].engine.seq()
                    {
                        self.tabs[tab] = self.opened(tab);
                    }
                }
                for other in (0..self.tabs.len()).filter(|other| *other != tab) {
                    self.tabs[other] = self.opened(other);
                }
                let document = self.document.clone();
                return self.handle(tab, Input::InstallPlaybook { document, history: Vec::new() });
            }
            Happening::Install => {
                self.revision += 1;
                self.catch_up(tab)?;
                self.document = playbook(self.revision);
                Input::InstallPlaybook { document: self.document.clone(), history: Vec::new() }
            }
            Happening::Consent(bits) => {
                let purposes = Purpose::ALL.into_iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0);
                Input::Consent { purposes: purposes.map(|(_, purpose)| purpose).collect(), purge: false }
            }
            Happening::Offer(n) => {
                let offer = json!({"id": format!("push-{n}"), "channel": ["in_app"], "limit": {"times": 0}, "message": "m",
                    "messages": {"m": {"layout": "toast", "pages": [[{"text": format!("{} {{{{ user.name }}}}", self.mark(tab))}]]}}});
                Input::Offer { document: offer.to_string() }
            }
            Happening::Mount => Input::Mount { placement: "hero".into(), mounted: true },
            Happening::Sight(sight) => {
                self.tabs[tab].sight = sight;
                Input::HostState { host: Properties::new(), paused: None }
            }
            Happening::Draw(n) => Input::Displaying { presentation_id: self.nth(tab, n) },
            Happening::See(n) => Input::Visible { presentation_id: self.nth(tab, n) },
            Happening::Click(n) => {
                // Of all that was ever shown: a click may come late.
                let presentation_id = self.given.keys().rev().nth(n).copied().unwrap_or_default();
                let target = Some("go".to_owned());
                Input::Interaction { presentation_id, kind: InteractionKind::Click, target, answers: Properties::new() }
            }
            Happening::Dismiss(n) => {
                let presentation_id = self.nth(tab, n);
                let kind = InteractionKind::Dismiss;
                self.tabs[tab].screen.remove(&presentation_id);
                Input::Interaction { presentation_id, kind, target: None, answers: Properties::new() }
            }
            Happening::Card(n, action) => {
                let inbox: Value = serde_json::from_str(&self.tabs[tab].inbox).unwrap();
                let card = inbox["cards"][n]["card"].as_str().unwrap_or("none").to_owned();
                Input::Card { card, action, target: None, lasts: Some(Span(HOUR)) }
            }
            Happening::Export => {
                self.catch_up(tab)?;
                self.exports.push(self.tabs[tab].engine.export_state());
                return Ok(());
            }
            Happening::Import(n) => match self.exports.iter().rev().nth(n) {
                Some(document) => Input::Import { document: document.clone() },
                None => return Ok(()),
            },
            Happening::Abroad(user, n) => {
                let mark = self.mark(tab);
                let (made, card) = (format!("01936c00-0000-7000-8000-{:012x}", self.n), format!("{:032x}", self.n));
                let campaign = if n == 3 { "retracted" } else { "abroad" };
                let (at, expires) = (self.now - 2 * HOUR, (n < 2).then_some(self.now + (2 * n - 1) * HOUR));
                let away = (n == 2).then_some(self.now + HOUR);
                let known = json!({"campaign": campaign, "channel": "inbox", "made": made, "at": at, "expires": expires,
                    "snoozed": away.map(|until| json!({"at": at, "device": made, "until": until})), "message": {"label": mark}});
                let document = json!({"v": 1, "user": user, "profile": made, "cards": {(card.clone()): known},
                    "attributes": {(card.clone()): {"value": mark, "at": at, "device": made}}});
                if self.person(tab)["user"] == json!(user) {
                    let person = self.people.entry(self.current(tab)).or_default();
                    person.attributes.insert(card.clone(), json!(mark));
                    person.cards.insert(card, Card { at, expires, away_until: away, ..Card::default() });
                    self.count("abroad");
                }
                Input::Import { document: document.to_string() }
            }
            Happening::Reload => {
                let owner = self.tabs[tab].engine.owner().to_owned();
                self.tabs[tab] = self.opened(tab);
                return self.begin(tab, Some(owner));
            }
        };
        self.handle(tab, input)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_one_persons_is_seen_by_nobody_else_and_is_theirs_when_they_return(
        happenings in prop::collection::vec(happening(), 1..50),
    ) {
        let mut world = World::new();
        for (tab, happening, later) in happenings {
            world.now += later;
            world.happen(tab, happening)?;
        }
    }
}

/// The model above is of use only if its messages and cards come.
#[test]
fn the_messages_and_cards_of_the_model_do_come() {
    use Happening::*;
    let mut world = World::new();
    let story = [
        (0, Name, 0),
        (0, Is("ann"), 0),
        (0, Bought, 0),
        (0, Look, 1_000),
        (0, Draw(0), 0),
        (0, See(0), 0),
        (0, Click(0), 0),
        (1, Mount, 0),
        (1, Draw(0), 0),
        (1, See(0), 1_000),
        (1, Card(0, CardAction::Snooze), 0),
        (0, Dismiss(0), 0),
        (1, Offer(0), MINUTE),
        (1, Tick, HOUR),
        (0, Tick, HOUR),
        (0, Abroad("ann", 1), 0),
        (1, Is("bob"), 0),
        (1, Look, 0),
    ];
    for (tab, happening, later) in story {
        world.now += later;
        world.happen(tab, happening).unwrap();
    }
    assert_eq!(
        world.counts.keys().copied().collect::<Vec<_>>(),
        ["abroad", "cards", "hero", "hi", "left", "push", "regulars", "shown"],
        "{:?}",
        world.counts
    );
}

/// An offer of the host's own under an id, which says something.
fn push(id: &str, layout: &str, says: &str) -> Input {
    let channel = if layout == "card" { "inbox" } else { "in_app" };
    let offer = json!({"id": id, "channel": [channel], "limit": {"times": 0}, "message": "m", "interruptive": false,
        "messages": {"m": {"layout": layout, "pages": [[{"text": says}]]}}});
    Input::Offer { document: offer.to_string() }
}

#[test]
fn what_a_host_brought_for_one_person_is_not_given_to_the_next_in_any_tab() {
    for switching in 0..2 {
        let mut world = World::new();
        world.happen(0, Happening::Is("ann")).unwrap();
        world.handle(0, push("push-0", "modal", "for the one before")).unwrap();
        world.happen(switching, Happening::Leaves).unwrap();
        world.tabs[1].sight = false;
        world.handle(1, push("push-0", "modal", "for whoever is here")).unwrap();
        world.catch_up(0).unwrap();
        let ctx = world.context(0);
        let step = world.tabs[0].engine.handle(Input::Tick, &ctx);
        let said: Vec<String> = step.offered.iter().map(|offer| offer.message.to_string()).collect();
        assert!(said.iter().all(|said| !said.contains("before")), "{said:?}");
    }
}

#[test]
fn what_a_host_brings_again_while_it_waits_or_stands_is_given_once() {
    for seen_at_once in [true, false] {
        let mut world = World::new();
        world.tabs[0].sight = false;
        world.handle(0, push("push-0", "custom", "once")).unwrap();
        world.tabs[0].sight = seen_at_once;
        let ctx = world.context(0);
        let mut given = world.tabs[0].engine.handle(push("push-0", "custom", "as it was said last"), &ctx).offered;
        world.tabs[0].sight = true;
        let ctx = world.context(0);
        let host_state = Input::HostState { host: Properties::new(), paused: None };
        given.extend(world.tabs[0].engine.handle(host_state, &ctx).offered);
        let said: Vec<String> = given.iter().map(|offer| offer.message.to_string()).collect();
        assert!(said.len() == 1 && said[0].contains("last"), "{said:?}");
        world.tabs[0].engine.handle(Input::Displaying { presentation_id: given[0].presentation_id }, &ctx);
        let again = world.tabs[0].engine.handle(push("push-0", "custom", "while it stands"), &ctx);
        assert!(again.offered.is_empty(), "{:?}", again.decisions);
    }
}

#[test]
fn what_is_united_has_room_for_250_cards_too() {
    let filled = |owner: &str| {
        let mut world = World::new();
        world.n = if owner == "a" { 1_000 } else { 2_000 };
        world.handle(0, Input::Identify { user: "ann".into() }).unwrap();
        for n in 0..200 {
            world.now += 1_000;
            world.handle(0, push(&format!("card-{owner}-{n}"), "card", "news")).unwrap();
        }
        world
    };
    let (mut a, b) = (filled("a"), filled("b"));
    let document = b.tabs[0].engine.export_state();
    a.catch_up(0).unwrap();
    let ctx = a.context(0);
    a.tabs[0].engine.handle(Input::Import { document }, &ctx);
    let inbox: Value = serde_json::from_str(&a.tabs[0].engine.inbox_json(Timestamp(a.now))).unwrap();
    assert_eq!(inbox["cards"].as_array().unwrap().len(), 250);
    let oldest = inbox["cards"].as_array().unwrap().last().unwrap()["made_at"].as_i64().unwrap();
    assert_eq!(oldest, START + 76_000, "the oldest went");
}

#[test]
fn what_was_dismissed_takes_no_room_from_what_stands() {
    let mut world = World::new();
    world.handle(0, push("stays", "card", "news")).unwrap();
    for n in 0..260 {
        world.now += 1_000;
        world.handle(0, push(&format!("card-{n}"), "card", "news")).unwrap();
        let inbox: Value = serde_json::from_str(&world.tabs[0].engine.inbox_json(Timestamp(world.now))).unwrap();
        let card = inbox["cards"][0]["card"].as_str().unwrap().to_owned();
        world.handle(0, Input::Card { card, action: CardAction::Dismiss, target: None, lasts: None }).unwrap();
    }
    let inbox: Value = serde_json::from_str(&world.tabs[0].engine.inbox_json(Timestamp(world.now))).unwrap();
    assert_eq!(inbox["cards"].as_array().unwrap().len(), 1);
}
