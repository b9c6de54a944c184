//! A playbook as it is written, in its canonical form (docs/playbook.md).

#[cfg(feature = "schema")]
use crate::frequency::FrequencyConstraint;
use crate::plan::Plan;
use crate::schedule::{Schedule, Window};
use crate::table::Table;
use crate::time::{Span, Timestamp};
use crate::wire::{names, wire};
use crate::{CampaignId, Properties, Value};

wire! {
    /// The document as it is written: for the JSON Schema, and the head of the decoder.
    #[cfg_attr(feature = "schema", schemars(title = "Hearken playbook"))]
    pub(crate) struct Document {
        /// The version of the format: 1.
        pub(super) spec: u32,
        /// The playbook's own id.
        pub(super) id: String,
        /// Rises with every change; a lower one is refused.
        pub(super) revision: u64,
        /// Accepts another document of the same revision, while one writes it.
        pub(super) development: bool = false,
        /// What conditions mean: ours, or bit for bit what GrowthBook's mean.
        pub(super) semantics: Dialect = Dialect::Native,
        /// The languages that it speaks.
        pub(super) locales: Option<Value>,
        /// The CLDR plural rules of these, as `build` embeds them.
        pub(super) plurals: Option<Value>,
        /// Texts by locale and key.
        pub(super) text: Option<Value>,
        /// What may be recorded, and for which purpose.
        pub(super) plan: Plan = Plan::default(),
        /// Settings of the whole playbook.
        pub(super) settings: Settings = Settings::default(),
        /// Conditions by name.
        pub(super) segments: Properties = Properties::new(),
        /// Frequency constraints by name.
        #[cfg_attr(feature = "schema", schemars(with = "Table<String, FrequencyConstraint>"))]
        pub(super) caps: Table<String, Value> = Table::new(),
        /// When nothing interrupts, in local time.
        pub(super) quiet_hours: Option<Window>,
        /// People who are shown no campaign at all.
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::experiment::Holdout>"))]
        pub(super) holdout: Option<Value>,
        /// Schemes that `open_url` may use besides `https`, `mailto` and `tel`.
        pub(super) schemes: Vec<String> = Vec::new(),
        /// Tokens of appearance, light and dark: for the host.
        pub(super) theme: Option<Value>,
        /// Campaigns whose messages and cards go at once.
        pub(super) retract: Vec<CampaignId> = Vec::new(),
        /// Campaigns.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<CampaignSource>"))]
        pub(super) campaigns: Vec<Value> = Vec::new(),
        /// Messages by name.
        #[cfg_attr(feature = "schema", schemars(with = "Table<String, crate::message::MessageSchema>"))]
        pub(super) messages: Table<String, Value> = Table::new(),
        /// The success definition.
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::success::DefinitionSource>"))]
        pub(super) success: Option<Value>,
    }

    /// Settings of a playbook.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Settings [deny_unknown_fields] {
        /// From the end of one interruptive message to the start of the next.
        pub(crate) interval: Span = Span::seconds(30),
        /// How long a session lasts without activity.
        pub(crate) session_timeout: Span = Span::minutes(30),
        /// How long a message has to be visible to count as seen: for the host.
        pub(crate) impression: Span = Span::seconds(1),
        /// Whether messages are given although nothing can be stored (engine.md 1.9).
        pub(crate) memory_messages: bool = false,
        /// Whether the answers of a form are recorded at each page, not only when it is handed in.
        pub(crate) page_answers: bool = false,
    }

    /// A campaign as it is written. A field that this version does not know disables the campaign: it may be what keeps
    /// the message from the wrong person.
    pub(crate) struct CampaignSource [deny_unknown_fields] {
        /// Its id; what is known of it stays with the id.
        pub(super) id: CampaignId,
        /// A name for people.
        pub(super) _name as "name": Option<String>,
        /// Whether it runs.
        pub(super) enabled: bool = true,
        /// Where it may be shown.
        pub(super) channel: Vec<Channel>,
        /// What sets it off.
        pub(super) trigger: TriggerSource,
        /// How long after its trigger it is shown.
        pub(super) delay: Option<Span>,
        /// Events that take it back while it is not on the screen yet.
        pub(super) cancel_on: Vec<PatternSource> = Vec::new(),
        /// How long a trigger waits at most.
        pub(super) ttl: Option<Span>,
        /// Who it is for.
        pub(super) audience: Option<Value>,
        /// When it runs.
        pub(super) schedule: Schedule = Schedule::default(),
        /// Whether the playbook's quiet hours hold it back.
        pub(super) quiet_hours: bool = true,
        /// Where in the app it may be shown.
        pub(super) screens: Screens = Screens::default(),
        /// The place in the page that it fills, for `inline`.
        pub(super) placement: Option<String>,
        /// The frequency constraints that stop it, and that it spends.
        pub(super) caps: Vec<String> = Vec::new(),
        /// How often one person may see it.
        pub(super) limit: Option<Limit>,
        /// Lower goes first.
        pub(super) priority: u32 = 100,
        /// Whether it goes whatever the holdouts, constraints, quiet hours and the interval say.
        pub(super) transactional: bool = false,
        /// The metric that it is to bring about.
        pub(super) goal: Option<String>,
        /// Whether it stops once its goal is reached.
        pub(super) stop_on_success: StopOnSuccess = StopOnSuccess::AfterShown,
        /// How its card behaves.
        pub(super) card: CardRules = CardRules::default(),
        /// Whether a `custom` message interrupts.
        pub(super) interruptive: Option<bool>,
        /// People who are not shown it, to measure against.
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::experiment::Holdout>"))]
        pub(super) holdout: Option<Value>,
        /// Its experiment.
        pub(super) experiment: Option<Value>,
        /// The name of its message.
        pub(super) message: Option<String>,
    }

    /// What sets a campaign off.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct TriggerSource [deny_unknown_fields] {
        /// The event.
        pub(super) event: Option<String>,
        /// A condition on its properties.
        pub(super) filter as "where": Option<Value>,
        /// How often it has to happen.
        pub(super) count: u32 = 1,
        /// Within how long; for inaction, how long nothing of `unless` may happen.
        pub(super) within: Option<Span>,
        /// Inaction: what must not happen.
        pub(super) unless: Vec<PatternSource> = Vec::new(),
        /// Inaction: which event starts the silence.
        pub(super) rearm: Rearm = Rearm::First,
        /// Any of these.
        pub(super) any: Vec<LeafSource> = Vec::new(),
        /// All of these, in any order.
        pub(super) all: Vec<LeafSource> = Vec::new(),
        /// All of these, in this order.
        pub(super) chain: Vec<LeafSource> = Vec::new(),
    }

    /// An event, and how often.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct LeafSource [deny_unknown_fields] {
        /// The event.
        pub(super) event: String,
        /// A condition on its properties.
        pub(super) filter as "where": Option<Value>,
        /// How often it has to happen.
        pub(super) count: u32 = 1,
        /// Within how long.
        pub(super) within: Option<Span>,
    }

    /// An event.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct PatternSource [deny_unknown_fields] {
        /// The event.
        pub(super) event: String,
        /// A condition on its properties.
        pub(super) filter as "where": Option<Value>,
    }

    /// Where in the app a campaign may be shown.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Screens [deny_unknown_fields] {
        /// Only here, if any is named.
        pub(crate) only: Vec<String> = Vec::new(),
        /// Not here.
        pub(crate) not: Vec<String> = Vec::new(),
    }

    /// How often one person may see a campaign; once, if nothing is said.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Limit [deny_unknown_fields] {
        /// How often in all; 0 is no limit.
        pub(crate) times: u32 = 1,
        /// How long after it was seen it may come again.
        pub(crate) again_after: Option<Span>,
    }

    /// How a card behaves.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct CardRules [deny_unknown_fields] {
        /// Whether it stands before the others and cannot be dismissed.
        pub(crate) pin: bool = false,
        /// How long it stands.
        pub(crate) expires_in: Option<Span>,
        /// Until when it stands.
        pub(crate) expires_at: Option<Timestamp>,
        /// Events that remove it.
        pub(crate) remove_on: Vec<PatternSource> = Vec::new(),
    }
}

names! {
    /// What conditions mean.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) enum Dialect {
        /// Ours: nothing is coerced.
        #[default]
        Native = "native",
        /// GrowthBook's, for playbooks that are imported.
        Growthbook = "growthbook",
    }

    /// Where a message may be shown.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Channel {
        /// In an app.
        InApp = "in_app",
        /// In a web page.
        InBrowser = "in_browser",
        /// In the inbox.
        Inbox = "inbox",
    }

    /// Which event starts the silence of an inaction.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) enum Rearm {
        /// The first; later ones are ignored.
        #[default]
        First = "first",
        /// Each one anew.
        Latest = "latest",
    }

    /// Whether a campaign stops once its goal is reached.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) enum StopOnSuccess {
        /// By what counts after it was first shown.
        #[default]
        AfterShown = "after_shown",
        /// By whatever counts, before or after.
        Ever = "ever",
        /// Never.
        Never = "never",
    }
}

impl PatternSource {
    /// As it was written.
    pub(crate) fn to_value(&self) -> Value {
        let mut source = Properties::new();
        source.insert("event".to_owned(), Value::String(self.event.clone()));
        if let Some(filter) = &self.filter {
            source.insert("where".to_owned(), filter.clone());
        }
        Value::Object(source)
    }
}

impl Default for Settings {
    fn default() -> Self {
        crate::wire::read(&Value::Object(Default::default()), "settings").unwrap_or(Self {
            interval: Span::seconds(30),
            session_timeout: Span::minutes(30),
            impression: Span::seconds(1),
            memory_messages: false,
            page_answers: false,
        })
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self { times: 1, again_after: None }
    }
}
