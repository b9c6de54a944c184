//! Inputs: everything that can happen to an engine (engine.md 1.1). A closed set; a host pushes one at a time.

use crate::id::hex;
use crate::journal::JournalError;
use crate::time::Timestamp;
use crate::wire::{At, Read, Write, field, field_or, names, object, put, variant, wire};
use crate::{OwnerId, PresentationId, Properties, Purposes, Value};

/// The moment of an input: what the pure core is told because it cannot look.
#[derive(Clone, Debug, PartialEq)]
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
    /// The input's number among this owner's, from 1; 0 if the host does not number them. An input at or below the
    /// last one that was stored is dropped (engine.md 11.3).
    pub n: u64,
}

impl Context {
    /// Reads a context from JSON.
    ///
    /// # Errors
    /// The text is no context; the path says where.
    pub fn from_json(json: &str) -> Result<Self, JournalError> {
        crate::journal::read(json, "context")
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
            n: field_or(context, "n", at, || 0),
        }
    }
}

fn entropy(value: Option<&Value>, at: &At<'_>) -> [u8; 16] {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    let mut entropy = 0u128;
    for c in text.chars() {
        match c.to_digit(16) {
            Some(digit) if text.len() == 32 => entropy = entropy << 4 | u128::from(digit),
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
        if self.n > 0 {
            put(to, "n", &self.n);
        }
        to.push('}');
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Input {
    /// The client opened its store. Opening is no activity.
    Open {
        /// The purposes that the host's builder grants; they serve only the first profile of a store.
        consent: Option<Purposes>,
        /// The owner whose place this one takes over: the same tab, reloaded (engine.md 6.2).
        resumes: Option<OwnerId>,
        /// What the store lost since the last time: recorded as `$journal_gap`.
        lost: Option<String>,
    },
    /// Installs a playbook.
    InstallPlaybook {
        /// The document, as it was shipped.
        document: String,
    },
    /// The app did, or a person did, something.
    Track {
        /// The event's name.
        name: String,
        /// Its properties.
        properties: Properties,
        /// When it happened, if that was before now: an event that another process handed over.
        at: Option<Timestamp>,
    },
    /// An attribute of the person changed.
    Attribute(AttributeChange),
    /// The person chose the purposes.
    Consent {
        /// The purposes granted from here on.
        purposes: Purposes,
    },
    /// The host's state changed: it can display, or can no longer. The context says which.
    HostState,
    /// The host's delegate answered an offer.
    HostAnswer {
        /// The offer.
        presentation_id: PresentationId,
        /// What it said.
        answer: Answer,
    },
    /// The host is about to draw an offer. Nothing is drawn before the store has confirmed this step.
    Displaying {
        /// The offer.
        presentation_id: PresentationId,
    },
    /// The message was really seen: visible for a second.
    Visible {
        /// The message.
        presentation_id: PresentationId,
    },
    /// The message left the screen without the person's doing.
    Ended {
        /// The message.
        presentation_id: PresentationId,
        /// Why.
        cause: Departure,
    },
    /// The person did something with the message.
    Interaction {
        /// The message.
        presentation_id: PresentationId,
        /// What.
        kind: InteractionKind,
        /// The button, for a click.
        target: Option<String>,
    },
    /// Owners that are proven to be gone (engine.md 6.2).
    OwnersGone {
        /// Which.
        owners: Vec<OwnerId>,
    },
    /// Time went by.
    Tick,
}

wire! {
    /// A change of one attribute.
    #[derive(Clone, Debug, PartialEq)]
    pub struct AttributeChange {
        /// The attribute.
        pub name: String,
        /// Its new value; `null` removes it.
        pub value: Value,
    }
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
}

names! {
    /// Why a message left the screen without the person's doing.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Departure {
        /// Its time was over.
        Auto = "auto",
        /// The host removed it, or could not draw it.
        Unmounted = "unmounted",
    }
}

names! {
    /// What a person did with a message.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum InteractionKind {
        /// Used a button.
        Click = "click",
        /// Closed the message.
        Dismiss = "dismiss",
    }
}

impl Input {
    /// Reads an input from JSON: an object with one field, named as the variant in snake_case, or that name alone.
    ///
    /// # Errors
    /// The text is no input; the path says where.
    pub fn from_json(json: &str) -> Result<Self, JournalError> {
        crate::journal::read(json, "input")
    }

    /// The input as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        crate::wire::to_json(self)
    }

    /// Whether it is a person's activity, which starts or prolongs a session (engine.md 2.3).
    pub(crate) fn is_activity(&self) -> bool {
        matches!(self, Self::Track { at: None, .. } | Self::Interaction { .. } | Self::HostState)
    }

    /// The input as a row keeps it for a replay: without what the row's records and blobs hold already.
    pub(crate) fn slim(&mut self) {
        match self {
            Self::Track { name, properties, at } => {
                name.clear();
                properties.clear();
                *at = None;
            }
            Self::InstallPlaybook { document } => document.clear(),
            _ => {}
        }
    }
}

const INPUTS: &[&str] = &[
    "open",
    "install_playbook",
    "track",
    "attribute",
    "consent",
    "host_state",
    "host_answer",
    "displaying",
    "visible",
    "ended",
    "interaction",
    "owners_gone",
    "tick",
];

impl Read for Input {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        let (name, content) = variant(value, at);
        let at = &at.field(name);
        let with = content.and_then(Value::as_object);
        match name {
            "open" => Self::Open {
                consent: field(with, "consent", at),
                resumes: field(with, "resumes", at),
                lost: field(with, "lost", at),
            },
            "install_playbook" => Self::InstallPlaybook { document: field(with, "document", at) },
            // As a row keeps it: the event stands in the row's records.
            "track" if content.is_none() => {
                Self::Track { name: String::new(), properties: Properties::new(), at: None }
            }
            "track" => Self::Track {
                name: field(with, "name", at),
                properties: field_or(with, "properties", at, Properties::new),
                at: field(with, "at", at),
            },
            "attribute" => Self::Attribute(AttributeChange::read(content, at)),
            "consent" => Self::Consent { purposes: field(with, "purposes", at) },
            "host_state" => Self::HostState,
            "host_answer" => Self::HostAnswer {
                presentation_id: field(with, "presentation_id", at),
                answer: field(with, "answer", at),
            },
            "displaying" => Self::Displaying { presentation_id: field(with, "presentation_id", at) },
            "visible" => Self::Visible { presentation_id: field(with, "presentation_id", at) },
            "ended" => {
                Self::Ended { presentation_id: field(with, "presentation_id", at), cause: field(with, "cause", at) }
            }
            "interaction" => Self::Interaction {
                presentation_id: field(with, "presentation_id", at),
                kind: field(with, "kind", at),
                target: field(with, "target", at),
            },
            "owners_gone" => Self::OwnersGone { owners: field(with, "owners", at) },
            "tick" | "" => Self::Tick,
            other => {
                at.unknown("variant", other, INPUTS);
                Self::Tick
            }
        }
    }
}

impl Write for Input {
    fn write(&self, to: &mut String) {
        let mut with = String::from("{");
        let name = match self {
            Self::Open { consent, resumes, lost } => {
                put(&mut with, "consent", consent);
                put(&mut with, "resumes", resumes);
                put(&mut with, "lost", lost);
                "open"
            }
            Self::InstallPlaybook { document } => {
                put(&mut with, "document", document);
                "install_playbook"
            }
            Self::Track { name, properties, at } => {
                if !name.is_empty() || !properties.is_empty() {
                    put(&mut with, "name", name);
                    put(&mut with, "properties", properties);
                }
                put(&mut with, "at", at);
                "track"
            }
            Self::Attribute(AttributeChange { name, value }) => {
                put(&mut with, "name", name);
                put(&mut with, "value", value);
                "attribute"
            }
            Self::Consent { purposes } => {
                put(&mut with, "purposes", purposes);
                "consent"
            }
            Self::HostState => "host_state",
            Self::HostAnswer { presentation_id, answer } => {
                put(&mut with, "presentation_id", presentation_id);
                put(&mut with, "answer", answer);
                "host_answer"
            }
            Self::Displaying { presentation_id } => {
                put(&mut with, "presentation_id", presentation_id);
                "displaying"
            }
            Self::Visible { presentation_id } => {
                put(&mut with, "presentation_id", presentation_id);
                "visible"
            }
            Self::Ended { presentation_id, cause } => {
                put(&mut with, "presentation_id", presentation_id);
                put(&mut with, "cause", cause);
                "ended"
            }
            Self::Interaction { presentation_id, kind, target } => {
                put(&mut with, "presentation_id", presentation_id);
                put(&mut with, "kind", kind);
                put(&mut with, "target", target);
                "interaction"
            }
            Self::OwnersGone { owners } => {
                put(&mut with, "owners", owners);
                "owners_gone"
            }
            Self::Tick => "tick",
        };
        if with.len() == 1 {
            return name.write(to);
        }
        to.push_str("{\"");
        to.push_str(name);
        to.push_str("\":");
        to.push_str(&with);
        to.push_str("}}");
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
            Input::InstallPlaybook { document: "{\"a\":1}".into() },
            Input::Track {
                name: "e".into(),
                properties: json!({"n": 1}).as_object().unwrap().clone(),
                at: Some(Timestamp(5)),
            },
            Input::Track { name: "e".into(), properties: Properties::new(), at: None },
            Input::Attribute(AttributeChange { name: "a".into(), value: Value::Null }),
            Input::Consent { purposes: Purposes::none() },
            Input::HostState,
            Input::HostAnswer { presentation_id, answer: Answer::Later },
            Input::Displaying { presentation_id },
            Input::Visible { presentation_id },
            Input::Ended { presentation_id, cause: Departure::Unmounted },
            Input::Interaction { presentation_id, kind: InteractionKind::Click, target: Some("t".into()) },
            Input::OwnersGone { owners: vec!["a".into()] },
            Input::Tick,
        ];
        for input in inputs {
            assert_eq!(Input::from_json(&input.to_json()), Ok(input));
        }
    }

    #[test]
    fn what_is_no_input_is_named_by_its_place() {
        let cases = [
            ("{\"track\":{}}", "input.track.name: a text is needed here"),
            ("{\"track\":{\"name\":7}}", "input.track.name: a text is needed here, not 7"),
            ("\"dance\"", "unknown variant `dance`"),
            ("{", "line 1"),
        ];
        for (json, message) in cases {
            let error = Input::from_json(json).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
        let error = Context::from_json("{\"now\":1,\"entropy\":\"zz\"}").unwrap_err().to_string();
        assert!(error.contains("context.entropy: 32 hex digits"), "{error}");
    }
}
