//! Inputs: everything that can happen to an engine (engine.md 1.1). A closed set; a host pushes one at a time.

use crate::card::CardAction;
use crate::id::hex;
use crate::record::{AttributeOp, Record};
use crate::time::{Span, Timestamp};
use crate::wire::{At, Read, Write, field, field_or, names, object, parse, put, text, told, variant};
use crate::{CampaignId, OwnerId, PresentationId, Properties, Purposes, Value};

/// The moment of an input: what the pure core is told because it cannot look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    /// The instant.
    pub now: Timestamp,
    /// Minutes that local time is ahead of UTC.
    pub offset_min: i32,
    /// 16 random bytes, fresh for each input; 32 hex digits in JSON.
    pub entropy: [u8; 16],
    /// The person's locale, a BCP 47 tag.
    pub locale: String,
    /// Whether this owner's screen can be seen now.
    pub can_display: bool,
    /// Values of `$host` that conditions read in this step, as a row keeps them for a replay.
    pub host: Properties,
    /// The input's number among this owner's, from 1; 0 if the host does not number them. An input at or below the
    /// last one that was stored is dropped (engine.md 11.3).
    pub n: u64,
}

/// Why a text is no input, or no context: each fault behind its path.
///
/// ```
/// let error = hearken_core::Input::from_json(r#"{"track": {"name": 7}}"#).unwrap_err();
/// assert_eq!(error.to_string(), "input.track.name: a text is needed here, not 7");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InputError {
    message: String,
}

impl InputError {
    fn read<T: Read>(json: &str, place: &str) -> Result<T, Self> {
        let fault = |faults: &[_]| Self { message: told(faults) };
        let value = parse(json, place).map_err(|error| fault(&[error]))?;
        crate::wire::read(&value, place).map_err(|faults| fault(&faults))
    }
}

impl Context {
    /// Reads a context from JSON.
    ///
    /// # Errors
    /// The text is no context; the path says where.
    pub fn from_json(json: &str) -> Result<Self, InputError> {
        InputError::read(json, "context")
    }
}

impl Read for Context {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        let context = object(value, at);
        Self {
            now: field(context, "now", at),
            offset_min: field_or(context, "offset_min", at, || 0),
            entropy: entropy(context.and_then(|context| context.get("entropy")), &at.field("entropy")),
            locale: field_or(context, "locale", at, String::new),
            can_display: field_or(context, "can_display", at, || false),
            host: field_or(context, "host", at, Properties::new),
            n: field_or(context, "n", at, || 0),
        }
    }
}

fn entropy(value: Option<&Value>, at: &At<'_>) -> [u8; 16] {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    let mut entropy = 0u128;
    for c in text.chars() {
        match c.to_digit(16) {
            Some(digit) if text.len() == 32 => entropy = entropy * 16 + u128::from(digit),
            _ => {
                entropy = 0;
                break;
            }
        }
    }
    if entropy == 0 {
        at.fault("32 hex digits, not all 0, are needed here");
    }
    entropy.to_be_bytes()
}

impl Write for Context {
    fn write(&self, to: &mut String) {
        to.push('{');
        put(to, "now", &self.now);
        put(to, "offset_min", &self.offset_min);
        put(to, "entropy", &hex(&self.entropy));
        put(to, "locale", &self.locale);
        put(to, "can_display", &self.can_display);
        if !self.host.is_empty() {
            put(to, "host", &self.host);
        }
        if self.n > 0 {
            put(to, "n", &self.n);
        }
        to.push('}');
    }
}

/// The inputs: each is an object with one field, named as the variant in snake_case, or that name alone where no field
/// says more.
macro_rules! inputs {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal $({
        $( $(#[$field_doc:meta])* $field:ident: $type:ty $(= $absent:expr)? $(=> $silent:expr)? ),* $(,)?
    })? ),* $(,)?) => {
        /// Something that happened.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Input { $( $(#[$doc])* $variant $({ $( $(#[$field_doc])* $field: $type, )* })?, )* }

        impl Input {
            /// The name of every input.
            pub const NAMES: &[&str] = &[$( $name ),*];

            /// The name of the input, as documents have it.
            ///
            /// ```
            /// assert_eq!(hearken_core::Input::Tick.name(), "tick");
            /// ```
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $( Self::$variant { .. } => $name, )* }
            }

            /// The fields of each, in the same order.
            #[cfg(feature = "authoring")]
            pub(crate) const FIELDS: &[&[&str]] = &[$( &[$( $( stringify!($field) ),* )?] ),*];
        }

        impl Read for Input {
            #[allow(unused_variables)]
            fn read(value: Option<&Value>, at: &At<'_>) -> Self {
                let (name, content) = variant(value, at);
                let at = &at.field(name);
                let with = content.and_then(Value::as_object);
                let input = match name {
                    $( $name => Self::$variant $({
                        $( $field: crate::wire::wire_field!(with, at, stringify!($field) $(, $absent)? $(, $silent)?), )*
                    })?, )*
                    other => {
                        if !other.is_empty() {
                            at.unknown("variant", other, Self::NAMES);
                        }
                        Self::Tick
                    }
                };
                // A row keeps the bare name: its event stands in the row's records.
                let unnamed = with.and_then(|with| with.get("name")).is_none();
                if matches!(input, Self::Track { .. }) && content.is_some() && unnamed {
                    text(None, &at.field("name"));
                }
                input
            }
        }

        impl Write for Input {
            fn write(&self, to: &mut String) {
                let mut fields = String::from("{");
                let with = &mut fields;
                let name = match self {
                    $( Self::$variant $({ $( $field, )* })? => {
                        $( $( crate::wire::wire_put!(with, stringify!($field), *$field $(, $silent)?); )* )?
                        $name
                    } )*
                };
                if fields.len() == 1 {
                    return name.write(to);
                }
                to.push_str("{\"");
                to.push_str(name);
                to.push_str("\":");
                to.push_str(&fields);
                to.push_str("}}");
            }
        }
    };
}

inputs! {
    /// The client opened its store. Opening is no activity.
    Open = "open" {
        /// The purposes that the host's builder grants; they serve only the first profile of a store.
        consent: Option<Purposes>,
        /// The owner whose place this one takes over: the same tab, reloaded (engine.md 6.2).
        resumes: Option<OwnerId>,
        /// What the store lost since the last time: recorded as `$journal_gap`.
        lost: Option<String>,
    },
    /// Installs a playbook.
    InstallPlaybook = "install_playbook" {
        /// The document, as it was shipped.
        document: String,
        /// The oldest record that the journal still has, whatever it is, and after it the events that
        /// [`crate::Engine::history_needed`] named, oldest first.
        history: Vec<Record> => Vec::new(),
    },
    /// The app did, or a person did, something.
    Track = "track" {
        /// The event's name.
        name: String => String::new(),
        /// Its properties.
        properties: Properties => Properties::new(),
        /// When it happened, if that was before now: an event that another process handed over.
        at: Option<Timestamp>,
    },
    /// The person came to a screen of the app, or a route of the page.
    Screen = "screen" {
        /// Its name.
        name: String,
    },
    /// The person has a name (engine.md 2.1).
    Identify = "identify" {
        /// The name: an id of the host's own.
        user: String,
    },
    /// The person left: a new, anonymous profile is current from here on.
    Reset = "reset",
    /// An attribute of the person changed.
    Attribute = "attribute" {
        /// What is done.
        op: AttributeOp => AttributeOp::Set,
        /// The attribute.
        name: String,
        /// Its new value, the number to add, or the value to append or remove; setting `null` removes it.
        value: Value = Value::Null,
    },
    /// The person chose the purposes.
    Consent = "consent" {
        /// The purposes granted from here on.
        purposes: Purposes,
        /// What was recorded before is no longer delivered.
        purge: bool => false,
    },
    /// The host switches the library off, or on again: off, it records nothing and shows nothing.
    Switch = "switch" {
        /// Whether it runs.
        enabled: bool,
    },
    /// A touch through another channel: an email, a push, a text message.
    Touch = "touch" {
        /// What happened with it.
        kind: TouchKind,
        /// Its id at whoever sent it.
        delivery_id: String,
        /// The channel.
        channel: String,
        /// The campaign.
        campaign: Option<CampaignId>,
        /// The link that was used.
        target: Option<String>,
    },
    /// What only the host can see: `manual`, `route`, `visible`, `dwell`, `scroll`, `exit_intent`.
    Cue = "cue" {
        /// Which.
        cue: String,
        /// Its value.
        value: Option<Value>,
    },
    /// A message or card that the host brings (engine.md 9.2).
    Offer = "offer" {
        /// A campaign as in a playbook, without a trigger, and its `messages`, `text` and `locales`.
        document: String,
    },
    /// A place in the page is there, or no longer (engine.md 5.6).
    Mount = "mount" {
        /// Its name.
        placement: String,
        /// Whether it is there.
        mounted: bool = true,
    },
    /// The host's state changed: it can display, or can no longer; the context says which. Also the values that
    /// conditions may ask for.
    HostState = "host_state" {
        /// Values of `$host`; what is not named stays as it was.
        host: Properties => Properties::new(),
        /// Whether the host holds messages back.
        paused: Option<bool>,
    },
    /// Whether what happens is kept: a store that failed for good leaves a host in memory (engine.md 1.9).
    StoreState = "store_state" {
        /// Nothing is kept beyond the end of the process or page.
        volatile: bool,
    },
    /// The host's delegate answered an offer.
    HostAnswer = "host_answer" {
        /// The offer.
        presentation_id: PresentationId,
        /// What it said.
        answer: Answer,
        /// For `later`: how long it is not asked again.
        after: Option<Span>,
    },
    /// The host is about to draw an offer. Nothing is drawn before the store has confirmed this step.
    Displaying = "displaying" {
        /// The offer.
        presentation_id: PresentationId,
    },
    /// The message was really seen: visible for a second.
    Visible = "visible" {
        /// The message.
        presentation_id: PresentationId,
    },
    /// The message left the screen without the person's doing.
    Ended = "ended" {
        /// The message.
        presentation_id: PresentationId,
        /// Why.
        cause: Departure,
    },
    /// The person did something with the message.
    Interaction = "interaction" {
        /// The message.
        presentation_id: PresentationId,
        /// What.
        kind: InteractionKind,
        /// The button, for a click; the page, for a page.
        target: Option<String>,
        /// The answers of its form so far, by the names of its fields.
        answers: Properties => Properties::new(),
    },
    /// The person did something with a card.
    Card = "card" {
        /// The card.
        card: String,
        /// What.
        action: CardAction,
        /// The button, for a click.
        target: Option<String>,
        /// For how long, for a snooze.
        lasts: Option<Span>,
    },
    /// Owners that are proven to be gone (engine.md 6.2).
    OwnersGone = "owners_gone" {
        /// Which.
        owners: Vec<OwnerId>,
    },
    /// State of the same person from another device, or from before the storage was lost (engine.md 9.3).
    Import = "import" {
        /// What [`crate::Engine::export_state`] gave there.
        document: String,
    },
    /// Everything is forgotten: the state, and then the whole store (engine.md 2.5).
    Erase = "erase",
    /// Something of the journal is lost, and it is known which: recorded as `$journal_gap`.
    Gap = "gap" {
        /// Why: `retention`, where what no export had taken was given up for room.
        reason: String,
        /// The first place that is lost.
        from: Option<u64>,
        /// The last place that is lost.
        to: Option<u64>,
    },
    /// Time went by.
    Tick = "tick",
}

names! {
    /// What a host's delegate says to an offer.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Answer {
        /// Not now: its use is given back, and it is asked again when conditions change.
        Later = "later",
        /// Not at all.
        Discard = "discard",
    }

    /// Why a message left the screen without the person's doing.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Departure {
        /// Its time was over.
        Auto = "auto",
        /// The host removed it, or could not draw it.
        Unmounted = "unmounted",
    }

    /// What a person did with a message.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum InteractionKind {
        /// Used a button.
        Click = "click",
        /// Closed the message.
        Dismiss = "dismiss",
        /// Came to a page.
        Page = "page",
    }

    /// What happened with a touch.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum TouchKind {
        /// It reached the person.
        Delivered = "delivered",
        /// The person opened it.
        Opened = "opened",
        /// The person used a link of it.
        Clicked = "clicked",
        /// The person unsubscribed through it.
        Unsubscribed = "unsubscribed",
    }
}

impl Input {
    /// Reads an input from JSON: an object with one field, named as the variant in snake_case, or that name alone.
    ///
    /// # Errors
    /// The text is no input; the path says where.
    pub fn from_json(json: &str) -> Result<Self, InputError> {
        InputError::read(json, "input")
    }

    /// The input as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        crate::wire::to_json(self)
    }

    /// Whether it is a person's activity, which starts or prolongs a session (engine.md 2.3).
    pub(crate) fn is_activity(&self) -> bool {
        matches!(
            self,
            Self::Track { at: None, .. }
                | Self::Screen { .. }
                | Self::Interaction { .. }
                | Self::Card { .. }
                | Self::HostState { .. }
        )
    }

    /// The input as a row keeps it for a replay: without what the row's records and blobs hold already.
    pub(crate) fn slim(&mut self) {
        match self {
            Self::Track { name, properties, at } => {
                name.clear();
                properties.clear();
                *at = None;
            }
            Self::InstallPlaybook { document, history } => {
                document.clear();
                history.clear();
            }
            Self::Import { document } => document.clear(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RecordId;
    use serde_json::json;

    #[test]
    fn every_input_reads_back_from_its_json() {
        let presentation_id = RecordId::default();
        let inputs = [
            Input::Open { consent: Some(Purposes::all()), resumes: Some("o".into()), lost: Some("x".into()) },
            Input::Open { consent: None, resumes: None, lost: None },
            Input::InstallPlaybook { document: "{\"a\":1}".into(), history: Vec::new() },
            Input::Track {
                name: "e".into(),
                properties: json!({"n": 1}).as_object().unwrap().clone(),
                at: Some(Timestamp(5)),
            },
            Input::Track { name: "e".into(), properties: Properties::new(), at: None },
            Input::Attribute { op: AttributeOp::Set, name: "a".into(), value: Value::Null },
            Input::Consent { purposes: Purposes::none(), purge: true },
            Input::HostState { host: Properties::new(), paused: None },
            Input::HostState { host: json!({"screen": "x"}).as_object().unwrap().clone(), paused: Some(true) },
            Input::Reset,
            Input::Identify { user: "u".into() },
            Input::Mount { placement: "hero".into(), mounted: false },
            Input::Card { card: "c".into(), action: CardAction::Snooze, target: None, lasts: Some(Span(5)) },
            Input::HostAnswer { presentation_id, answer: Answer::Later, after: Some(Span(5)) },
            Input::Displaying { presentation_id },
            Input::Visible { presentation_id },
            Input::Ended { presentation_id, cause: Departure::Unmounted },
            Input::Interaction {
                presentation_id,
                kind: InteractionKind::Click,
                target: Some("t".into()),
                answers: json!({"why": "x"}).as_object().unwrap().clone(),
            },
            Input::OwnersGone { owners: vec!["a".into()] },
            Input::Tick,
        ];
        for input in inputs {
            assert_eq!(Input::from_json(&input.to_json()), Ok(input));
        }
    }

    #[test]
    fn a_context_reads_back_from_its_json_and_says_no_more_than_it_has_to() {
        let json = r#"{"now":1,"offset_min":-90,"entropy":"00112233445566778899aabbccddeeff","locale":"el","can_display":true}"#;
        let context = Context::from_json(json).unwrap();
        assert_eq!(context.entropy[..4], [0x00, 0x11, 0x22, 0x33]);
        assert_eq!((context.offset_min, context.can_display, context.n), (-90, true, 0));
        assert_eq!(crate::wire::to_json(&context), json);
        let more = json.replace("true}", r#"true,"host":{"platform":"web"},"n":1}"#);
        assert_eq!(crate::wire::to_json(&Context::from_json(&more).unwrap()), more);
        let least = Context::from_json(r#"{"now":1,"entropy":"00000000000000000000000000000001"}"#).unwrap();
        assert_eq!((least.offset_min, &*least.locale, least.can_display), (0, "", false));
        for entropy in
            ["00000000000000000000000000000000", "0011", "g0112233445566778899aabbccddeeff", "1".repeat(33).as_str()]
        {
            let error = Context::from_json(&format!(r#"{{"now":1,"entropy":"{entropy}"}}"#)).unwrap_err().to_string();
            assert!(error.contains("context.entropy: 32 hex digits, not all 0"), "{error}");
        }
    }

    /// What a row's records and documents hold already is not kept twice (engine.md 1.4).
    #[test]
    fn a_row_keeps_of_an_input_what_its_records_do_not_say() {
        for (input, kept) in [
            (json!({"track": {"name": "e", "properties": {"n": 1}, "at": 5}}), json!({"track": {"name": ""}})),
            (
                json!({"install_playbook": {"document": "{}", "history": []}}),
                json!({"install_playbook": {"document": ""}}),
            ),
            (json!({"import": {"document": "{}"}}), json!({"import": {"document": ""}})),
            (json!({"screen": {"name": "cart"}}), json!({"screen": {"name": "cart"}})),
        ] {
            let mut read = Input::from_json(&input.to_string()).unwrap();
            read.slim();
            assert_eq!(read, Input::from_json(&kept.to_string()).unwrap(), "{input}");
        }
    }

    #[test]
    fn what_is_no_input_is_named_by_its_place() {
        let cases = [
            ("{\"track\":{}}", "input.track.name: a text is needed here"),
            ("{\"track\":{\"name\":7}}", "input.track.name: a text is needed here, not 7"),
            ("\"dance\"", "input.dance: unknown variant `dance`"),
            ("{", "input: line 1, column 2: "),
        ];
        for (json, message) in cases {
            let error = Input::from_json(json).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
        let error = Context::from_json("{\"now\":1,\"entropy\":\"zz\"}").unwrap_err().to_string();
        assert!(error.starts_with("context.entropy: 32 hex digits"), "{error}");
    }
}
