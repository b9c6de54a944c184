//! Inputs: everything that can happen to an engine (engine.md 1.1). A closed set; a host pushes one at a time.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::{OwnerId, PresentationId, Properties, Purposes, Value};

/// The moment of an input: what the pure core is told because it cannot look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Context {
    /// The instant.
    pub now: Timestamp,
    /// Minutes that local time is ahead of UTC.
    #[serde(default)]
    pub offset_min: i32,
    /// 16 random bytes, as 32 hex digits; fresh for each input.
    #[serde(with = "entropy")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub entropy: [u8; 16],
    /// The person's locale, a BCP 47 tag.
    #[serde(default)]
    pub locale: String,
    /// Whether this owner's screen can be seen now.
    #[serde(default)]
    pub can_display: bool,
    /// The input's number among this owner's, from 1; 0 if the host does not number them. An input at or below the
    /// last one that was stored is dropped (engine.md 11.3).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub n: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature that serde calls
fn is_zero(n: &u64) -> bool {
    *n == 0
}

mod entropy {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8; 16], to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{:032x}", u128::from_be_bytes(*bytes)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 16], D::Error> {
        let text = String::deserialize(from)?;
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let value = u128::from_str_radix(&text, 16).ok().filter(|_| digits);
        value.map(u128::to_be_bytes).ok_or_else(|| de::Error::custom("entropy is 32 hex digits"))
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Input {
    /// The client opened its store. Opening is no activity.
    Open {
        /// The purposes that the host's builder grants; they serve only the first profile of a store.
        #[serde(default)]
        consent: Option<Purposes>,
        /// The owner whose place this one takes over: the same tab, reloaded (engine.md 6.2).
        #[serde(default)]
        resumes: Option<OwnerId>,
        /// What the store lost since the last time: recorded as `$journal_gap`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
        #[serde(default)]
        properties: Properties,
        /// When it happened, if that was before now: an event that another process handed over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
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

/// A change of one attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttributeChange {
    /// The attribute.
    pub name: String,
    /// Its new value; `null` removes it.
    pub value: Value,
}

/// What a host's delegate says to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Not now: its use is given back, and it is asked again when conditions change.
    Later,
    /// Not at all.
    Discard,
}

/// Why a message left the screen without the person's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Departure {
    /// Its time was over.
    Auto,
    /// The host removed it, or could not draw it.
    Unmounted,
}

/// What a person did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum InteractionKind {
    /// Used a button.
    Click,
    /// Closed the message.
    Dismiss,
}

impl Input {
    /// Whether it is a person's activity, which starts or prolongs a session (engine.md 2.3).
    pub(crate) fn is_activity(&self) -> bool {
        matches!(self, Self::Track { at: None, .. } | Self::Interaction { .. } | Self::HostState)
    }

    /// The input as a row keeps it for a replay: without what the row's records and blobs hold already.
    pub(crate) fn slim(&mut self) {
        match self {
            Self::Track { name, properties, .. } => {
                name.clear();
                properties.clear();
            }
            Self::InstallPlaybook { document } => document.clear(),
            _ => {}
        }
    }
}
