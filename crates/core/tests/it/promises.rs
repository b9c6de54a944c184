//! What a person must never see, told by a model that knows only what was recorded: a reminder of a cart after they bought, one
//! that is somebody else's, one that comes too early, or one that the playbook in force no longer has.

use std::collections::BTreeMap;

use hearken_core::{
    Answer, Context, Departure, Engine, Input, PresentationId, ProfileId, Purpose, Purposes, Step, Timestamp,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const START: i64 = 1_795_248_000_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Revisions differ in what they say, in whether they have `sometimes`, and in how long the silence of `changing` is.
fn playbook(revision: u64) -> String {
    let silence = |id: &str, within: &str| {
        json!({"id": id, "channel": ["in_app"], "trigger": {"event": "cart", "unless": [{"event": "bought"}], "within": within},
            "limit": {"times": 0}, "message": "m"})
    };
    let mut campaigns = vec![
        silence("left", "1h"),
        silence("changing", if revision.is_multiple_of(2) { "1h" } else { "90m" }),
        json!({"id": "soon", "channel": ["in_app"], "trigger": {"event": "cart"}, "delay": "10m", "cancel_on": [{"event": "bought"}],
            "limit": {"times": 0}, "message": "m"}),
        json!({"id": "at_once", "channel": ["in_app"], "trigger": {"any": [{"event": "$app_open"}, {"event": "cart"}]},
            "cancel_on": [{"event": "bought"}], "limit": {"times": 0}, "priority": 900, "message": "m"}),
        json!({"id": "card", "channel": ["inbox"], "trigger": {"event": "cart"}, "limit": {"times": 0}, "message": "c",
            "card": {"remove_on": [{"event": "bought"}]}}),
    ];
    if revision.is_multiple_of(2) {
        campaigns.push(silence("sometimes", "1h"));
    }
    json!({"spec": 1, "id": "p", "revision": revision, "plan": {"mode": "open"}, "settings": {"interval": 0}, "campaigns": campaigns,
        "messages": {"m": {"layout": "modal", "pages": [[{"heading": format!("revision {revision}")}]]},
            "c": {"layout": "card", "pages": [[{"heading": "In your cart"}]]}}})
    .to_string()
}

#[derive(Clone, Debug)]
enum Happening {
    Cart,
    Bought,
    Other,
    Tick,
    Sight(bool),
    Is(&'static str),
    Leaves,
    NewRevision,
    Consent(bool),
    /// Of the offer that waits longest.
    Draw,
    PutOff,
    Discard,
    /// What is on the screen goes.
    Close,
}

fn happening() -> impl Strategy<Value = (Happening, i64)> {
    use Happening::*;
    let what = prop_oneof![
        5 => Just(Cart),
        4 => Just(Bought),
        2 => Just(Other),
        3 => Just(Tick),
        1 => any::<bool>().prop_map(Sight),
        1 => prop::sample::select(vec!["ann", "bob"]).prop_map(Is),
        1 => Just(Leaves),
        2 => Just(NewRevision),
        1 => any::<bool>().prop_map(Consent),
        2 => Just(Draw),
        1 => Just(PutOff),
        1 => Just(Discard),
        2 => Just(Close),
    ];
    let later =
        prop::sample::select(vec![0, 1_000, 5 * MINUTE, 11 * MINUTE, HOUR, HOUR + 5_000, 91 * MINUTE, 25 * HOUR]);
    (what, later)
}

/// What the model knows of the current person, from what was recorded since they came.
#[derive(Default)]
struct Person {
    /// The carts since the last purchase.
    carts: Vec<i64>,
}

/// Everybody who was ever here, and whether something is in their cart.
type Carts = BTreeMap<ProfileId, bool>;

struct World {
    engine: Engine,
    now: i64,
    n: u64,
    revision: u64,
    sight: bool,
    person: Person,
    carts: Carts,
    /// What was offered and not drawn, by campaign.
    undrawn: BTreeMap<PresentationId, String>,
    drawn: Vec<PresentationId>,
    offers: usize,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            engine: Engine::new("owner", ["in_app"]).unwrap(),
            now: START,
            n: 0,
            revision: 1,
            sight: true,
            person: Person::default(),
            carts: Carts::new(),
            undrawn: BTreeMap::new(),
            drawn: Vec::new(),
            offers: 0,
        };
        world.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None }).unwrap();
        world.handle(Input::InstallPlaybook { document: playbook(1), history: Vec::new() }).unwrap();
        world
    }

    fn handle(&mut self, input: Input) -> Result<(), TestCaseError> {
        self.n += 1;
        let ctx = Context {
            now: Timestamp(self.now),
            n: self.n,
            entropy: u128::from(self.n).to_be_bytes(),
            locale: "en".into(),
            can_display: self.sight,
            ..Context::default()
        };
        let step = self.engine.handle(input, &ctx);
        self.learn(&step);
        self.check(&step)
    }

    fn learn(&mut self, step: &Step) {
        for record in step.row.iter().flat_map(|row| &row.records) {
            match record.body.kind() {
                "cart" => drop(self.carts.insert(record.profile, true)),
                "bought" => drop(self.carts.insert(record.profile, false)),
                _ => {}
            }
            match record.body.kind() {
                "cart" => self.person.carts.push(record.ts.0),
                "bought" => self.person.carts.clear(),
                "$reset" => self.person = Person::default(),
                "$identify" => {
                    let data: Value = serde_json::from_str(&record.export_line(true)).unwrap();
                    if data["data"]["merged"] == json!(false) {
                        self.person = Person::default();
                    }
                }
                "$consent" if !record.consent.has(Purpose::Messaging) => self.person = Person::default(),
                _ => {}
            }
        }
    }

    fn check(&mut self, step: &Step) -> Result<(), TestCaseError> {
        for gone in &step.withdrawn {
            self.undrawn.remove(&gone.presentation_id);
            self.drawn.retain(|id| *id != gone.presentation_id);
        }
        let bought = step.row.iter().flat_map(|row| &row.records).any(|record| record.body.kind() == "bought");
        prop_assert!(!bought || self.undrawn.is_empty(), "they bought, and {:?} is still to be drawn", self.undrawn);
        let inbox: Value = serde_json::from_str(&self.engine.inbox_json(Timestamp(self.now))).unwrap();
        let person: Value = serde_json::from_str(&self.engine.person_json()).unwrap();
        let in_cart =
            self.carts.iter().any(|(profile, in_cart)| *in_cart && person["profile"] == json!(profile.to_string()));
        prop_assert!(
            in_cart || inbox["cards"] == json!([]),
            "nothing is in their cart, and {} is in their inbox",
            inbox
        );
        for offer in &step.offered {
            self.offers += 1;
            let campaign = offer.campaign.as_str();
            let heading = &offer.message["pages"][0]["blocks"][0]["heading"];
            prop_assert_eq!(heading, &json!(format!("revision {}", self.revision)), "{} as it was", campaign);
            prop_assert!(campaign != "sometimes" || self.revision.is_multiple_of(2), "a campaign that is gone");
            let after = match campaign {
                "soon" => 10 * MINUTE,
                "changing" if !self.revision.is_multiple_of(2) => 90 * MINUTE,
                "at_once" => 0,
                _ => HOUR,
            };
            prop_assert!(!bought, "{campaign}: they bought in this very step");
            let due = self.person.carts.first().is_some_and(|cart| cart + after <= self.now);
            prop_assert!(due || campaign == "at_once", "{campaign}: nothing in this person's cart is that old");
            self.undrawn.insert(offer.presentation_id, campaign.to_owned());
        }
        Ok(())
    }

    fn happen(&mut self, happening: Happening) -> Result<(), TestCaseError> {
        let track = |name: &str| Input::Track { name: name.to_owned(), properties: Default::default(), at: None };
        let waiting = self.undrawn.keys().next().copied();
        let input = match happening {
            Happening::Cart => track("cart"),
            Happening::Bought => track("bought"),
            Happening::Other => track("other"),
            Happening::Tick => Input::Tick,
            Happening::Sight(sight) => {
                self.sight = sight;
                Input::HostState { host: Default::default(), paused: None }
            }
            Happening::Is(user) => Input::Identify { user: user.into() },
            Happening::Leaves => Input::Reset,
            Happening::NewRevision => {
                self.revision += 1;
                Input::InstallPlaybook { document: playbook(self.revision), history: Vec::new() }
            }
            Happening::Consent(given) => {
                let purposes = if given { Purposes::all() } else { Purposes::all().without(Purpose::Messaging) };
                Input::Consent { purposes, purge: false }
            }
            Happening::Draw => {
                let Some(id) = waiting else { return Ok(()) };
                self.undrawn.remove(&id);
                self.drawn.push(id);
                self.handle(Input::Displaying { presentation_id: id })?;
                Input::Visible { presentation_id: id }
            }
            Happening::PutOff | Happening::Discard => {
                let Some(presentation_id) = waiting else { return Ok(()) };
                self.undrawn.remove(&presentation_id);
                let answer = if matches!(happening, Happening::PutOff) { Answer::Later } else { Answer::Discard };
                Input::HostAnswer { presentation_id, answer, after: None }
            }
            Happening::Close => {
                let Some(presentation_id) = self.drawn.pop() else { return Ok(()) };
                Input::Ended { presentation_id, cause: Departure::Auto }
            }
        };
        self.handle(input)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_reminded_of_what_they_bought_or_of_what_is_not_theirs(happenings in prop::collection::vec(happening(), 1..40)) {
        let mut world = World::new();
        for (happening, later) in happenings {
            world.now += later;
            world.happen(happening)?;
        }
    }
}

/// The model above is of use only if its campaigns are offered.
#[test]
fn the_reminders_of_the_model_do_come() {
    let mut world = World::new();
    world.happen(Happening::Cart).unwrap();
    assert_eq!(world.offers, 1, "at once");
    for later in [10 * MINUTE, 50 * MINUTE, 30 * MINUTE] {
        world.happen(Happening::Draw).unwrap();
        world.happen(Happening::Close).unwrap();
        world.now += later;
        world.happen(Happening::Tick).unwrap();
    }
    assert_eq!(world.offers, 4, "and after a delay and two silences");
}
