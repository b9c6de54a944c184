//! Records and enums across the boundary.

use std::collections::HashMap;

use hearken::{Consent, Purpose, engine};

use crate::clock::ManualTime;
use crate::message::Message;
use crate::value::PropertyValue;

/// How a client is opened.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Config {
    /// The playbook, as JSON.
    pub playbook: String,
    /// Where the journal is kept.
    pub store: StorePlace,
    /// The purposes that the person granted so far; they serve only the first profile of a store.
    pub consent: Purposes,
    /// The person's locale, a BCP 47 tag.
    pub locale: String,
    /// Minutes that local time is ahead of UTC.
    pub offset_min: i32,
    /// Whether the host's screen can be seen from the start.
    pub can_display: bool,
    /// How long what no export has taken is kept, in milliseconds; 90 days if nothing is said.
    pub retention_ms: Option<i64>,
    /// How large the store may become, in bytes; 50 MB if nothing is said.
    pub retention_bytes: Option<u64>,
    /// The Ed25519 key, 32 bytes, that playbooks have to be signed for.
    pub public_key: Option<Vec<u8>>,
    /// The playbook's detached signature.
    pub signature: Option<Vec<u8>>,
    /// What the host runs on, such as `android`: what conditions know as `$host.platform` until the app says another. With a
    /// manual time nothing is known of the host.
    pub platform: Option<String>,
    /// A time that a test moves, instead of the machine's clock.
    pub manual: Option<ManualTime>,
}

/// Where the journal is kept.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum StorePlace {
    /// Nowhere: gone with the client.
    Memory,
    /// In a SQLite file.
    File {
        /// The file's path.
        path: String,
    },
}

/// What a person agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Purposes {
    /// Measuring: only what is recorded under it is exported.
    pub analytics: bool,
    /// Content that adapts to the person.
    pub personalization: bool,
    /// Messages at all.
    pub messaging: bool,
}

impl From<Purposes> for Consent {
    fn from(purposes: Purposes) -> Self {
        let granted = [
            (purposes.analytics, Purpose::Analytics),
            (purposes.personalization, Purpose::Personalization),
            (purposes.messaging, Purpose::Messaging),
        ];
        granted.into_iter().filter(|(granted, _)| *granted).map(|(_, purpose)| purpose).collect()
    }
}

impl From<Consent> for Purposes {
    fn from(granted: Consent) -> Self {
        Self {
            analytics: granted.has(Purpose::Analytics),
            personalization: granted.has(Purpose::Personalization),
            messaging: granted.has(Purpose::Messaging),
        }
    }
}

/// What became of a call that records something.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Verdict {
    /// Recorded, or queued until the client is open.
    Accepted,
    /// The person has not agreed to any purpose that would let it be recorded. Nothing changed.
    NotConsented,
    /// The library is switched off. Nothing changed.
    Disabled,
    /// Refused. Nothing of it was kept.
    Rejected {
        /// The rule that it breaks, in snake_case.
        code: String,
        /// What it breaks, by name.
        details: String,
    },
}

/// A message for one person.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Offer {
    /// Its id.
    pub presentation_id: String,
    /// The campaign.
    pub campaign: String,
    /// The variant of its experiment.
    pub variant: Option<String>,
    /// The channel.
    pub channel: String,
    /// The place on the screen that it fills.
    pub placement: Option<String>,
    /// Whether it stood on the screen before: it is drawn again, and nothing is spent.
    pub resumed: bool,
    /// What to draw.
    pub message: Message,
}

impl From<&hearken::Presentation> for Offer {
    fn from(presentation: &hearken::Presentation) -> Self {
        let offer = presentation.offer();
        Self {
            presentation_id: offer.presentation_id.to_string(),
            campaign: offer.campaign.clone(),
            variant: offer.variant.clone(),
            channel: offer.channel.clone(),
            placement: offer.placement.clone(),
            resumed: offer.resumed,
            message: Message::new(presentation.message().clone(), offer.message.to_string()),
        }
    }
}

/// The inbox at one moment.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Inbox {
    /// The cards that stand in it: pinned first, then the newest.
    pub cards: Vec<Card>,
    /// How many are neither read nor archived.
    pub unread: u32,
}

/// A card of the inbox.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Card {
    /// Its id: the same on every device of an identified person.
    pub id: String,
    /// The campaign that made it.
    pub campaign: String,
    /// When it was made, in milliseconds since the Unix epoch.
    pub made_at_ms: i64,
    /// When it goes by itself.
    pub expires_at_ms: Option<i64>,
    /// Whether it stands before the others, and cannot be dismissed.
    pub pinned: bool,
    /// Whether it was on the screen.
    pub seen: bool,
    /// Whether it was opened.
    pub read: bool,
    /// Whether it was put away.
    pub archived: bool,
    /// What it shows.
    pub message: Message,
}

impl Inbox {
    /// The inbox as the engine prints it.
    pub(crate) fn read(document: &str) -> Self {
        let inbox: hearken::Value = serde_json::from_str(document).unwrap_or_default();
        let card = |card: &hearken::Value| Card {
            id: card["card"].as_str().unwrap_or_default().to_owned(),
            campaign: card["campaign"].as_str().unwrap_or_default().to_owned(),
            made_at_ms: card["made_at"].as_i64().unwrap_or_default(),
            expires_at_ms: card["expires_at"].as_i64(),
            pinned: card["pinned"] == true,
            seen: card["seen"] == true,
            read: card["read"] == true,
            archived: card["archived"] == true,
            message: Message::read(card["message"].to_string()),
        };
        let unread = inbox["unread"].as_u64().and_then(|unread| u32::try_from(unread).ok());
        let cards = inbox["cards"].as_array().into_iter().flatten();
        Self { cards: cards.map(card).collect(), unread: unread.unwrap_or_default() }
    }
}

/// What a person does with a card.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CardAction {
    /// It was on the screen.
    Seen,
    /// It was opened.
    Read,
    /// It was put away.
    Archive,
    /// It was dismissed.
    Dismiss,
    /// It was put off.
    Snooze {
        /// For so many milliseconds.
        lasts_ms: i64,
    },
    /// A button of it was used.
    Click {
        /// The button.
        target: String,
    },
}

/// What is done to an attribute.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum AttributeChange {
    /// It gets a value; null removes it.
    Set {
        /// The value.
        value: PropertyValue,
    },
    /// It is removed.
    Unset,
    /// A number is added to it.
    Increment {
        /// The number.
        by: PropertyValue,
    },
    /// A value is added to its list, if it is not there.
    Append {
        /// The value.
        value: PropertyValue,
    },
    /// A value is taken out of its list.
    Remove {
        /// The value.
        value: PropertyValue,
    },
}

/// What happened with a touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum TouchKind {
    /// It reached the person.
    Delivered,
    /// The person opened it.
    Opened,
    /// The person used a link of it.
    Clicked,
    /// The person unsubscribed through it.
    Unsubscribed,
}

/// A touch through another channel.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Touch {
    /// What happened with it.
    pub kind: TouchKind,
    /// Its channel.
    pub channel: String,
    /// Its id at whoever sent it.
    pub delivery_id: String,
    /// The campaign that it belongs to.
    pub campaign: Option<String>,
    /// The link that was used.
    pub target: Option<String>,
}

impl From<Touch> for hearken::Touch {
    fn from(touch: Touch) -> Self {
        let kind = match touch.kind {
            TouchKind::Delivered => hearken::TouchKind::Delivered,
            TouchKind::Opened => hearken::TouchKind::Opened,
            TouchKind::Clicked => hearken::TouchKind::Clicked,
            TouchKind::Unsubscribed => hearken::TouchKind::Unsubscribed,
        };
        Self {
            kind,
            channel: touch.channel,
            delivery_id: touch.delivery_id,
            campaign: touch.campaign,
            target: touch.target,
        }
    }
}

/// What an erasure deleted.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Receipt {
    /// The profiles of which nothing is left: the keys by which a warehouse deletes.
    pub profiles: Vec<String>,
    /// The id of the journal that begins here.
    pub journal: String,
}

/// What a host says to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum HostAnswer {
    /// Not now; asked again when conditions change.
    Later {
        /// Not before so many milliseconds have passed.
        after_ms: Option<i64>,
    },
    /// Not at all.
    Discard,
}

/// What a person did with a message.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum Interaction {
    /// Used a button.
    Click {
        /// The button.
        target: String,
        /// The answers of the form, by the names of its fields.
        answers: HashMap<String, PropertyValue>,
    },
    /// Closed the message.
    Dismiss,
    /// Came to a page.
    Page {
        /// The page.
        page: String,
        /// The answers of the form so far.
        answers: HashMap<String, PropertyValue>,
    },
}

/// Why a message left the screen without the person's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Leaving {
    /// Its time was over.
    Auto,
    /// The host removed it, or could not draw it.
    Unmounted,
}

/// A part of the journal, to be sent.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ExportPart {
    /// One JSON document per record, in order.
    pub lines: Vec<String>,
    /// The whole part as the body of one request.
    pub body: String,
    /// The body's media type.
    pub content_type: String,
    /// The place to acknowledge once they have arrived.
    pub through: u64,
    /// The journal's id.
    pub journal: String,
}

/// How an export writes its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Encoding {
    /// Hearken's own lines: JSON Lines.
    Native,
    /// Messages of Segment's HTTP API.
    Segment,
    /// CloudEvents 1.0 in JSON.
    CloudEvents,
}

impl From<Encoding> for hearken::Encoding {
    fn from(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Native => Self::Native,
            Encoding::Segment => Self::Segment,
            Encoding::CloudEvents => Self::CloudEvents,
        }
    }
}

/// What became of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Outcome {
    /// It won: it is offered to the host.
    Offered,
    /// It is on the screen.
    Displaying,
    /// Nothing would hold it back.
    Eligible,
    /// It was triggered and waits.
    Waiting {
        /// What holds it back.
        stop: Stop,
    },
    /// Its trigger dropped, or nothing has triggered it.
    Stopped {
        /// What stopped it.
        stop: Stop,
    },
}

/// The stage that failed, and why.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Stop {
    /// The stage, in snake_case.
    pub stage: String,
    /// The reason's code, in snake_case.
    pub reason: String,
    /// What failed, what was seen, and until when: the whole reason, as JSON.
    pub details: String,
}

impl Stop {
    fn new(stage: engine::Stage, reason: &engine::Reason) -> Self {
        let details = serde_json::to_string(reason).unwrap_or_default();
        Self { stage: stage_name(stage), reason: reason.name().to_owned(), details }
    }
}

fn stage_name(stage: engine::Stage) -> String {
    serde_json::to_value(stage).ok().and_then(|stage| stage.as_str().map(str::to_owned)).unwrap_or_default()
}

impl From<&engine::Outcome> for Outcome {
    fn from(outcome: &engine::Outcome) -> Self {
        match outcome {
            engine::Outcome::Offered => Self::Offered,
            engine::Outcome::Displaying => Self::Displaying,
            engine::Outcome::Eligible => Self::Eligible,
            engine::Outcome::Waiting { stage, reason } => Self::Waiting { stop: Stop::new(*stage, reason) },
            engine::Outcome::Stopped { stage, reason } => Self::Stopped { stop: Stop::new(*stage, reason) },
        }
    }
}

/// What became of one campaign in a step.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Decision {
    /// The campaign.
    pub campaign: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// Why a campaign is, or is not, shown.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Explanation {
    /// The campaign.
    pub campaign: String,
    /// The instant, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The stages that passed, in their order.
    pub passed: Vec<StageLine>,
    /// When the failing stage can pass, where that is known.
    pub next_eligible_at_ms: Option<i64>,
    /// What became of its last trigger since the client opened.
    pub last: Option<Outcome>,
}

/// One stage that passed.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct StageLine {
    /// The stage, in snake_case.
    pub stage: String,
    /// What was found there.
    pub details: String,
}

impl From<engine::Explanation> for Explanation {
    fn from(explanation: engine::Explanation) -> Self {
        let passed = explanation.passed.iter().map(|line| StageLine {
            stage: serde_json::to_value(line.stage)
                .ok()
                .and_then(|stage| stage.as_str().map(str::to_owned))
                .unwrap_or_default(),
            details: line.detail.clone(),
        });
        Self {
            outcome: (&explanation.outcome).into(),
            passed: passed.collect(),
            at_ms: explanation.at.0,
            next_eligible_at_ms: explanation.next_eligible_at.map(|at| at.0),
            last: explanation.last.as_ref().map(|last| (&last.outcome).into()),
            campaign: explanation.campaign,
        }
    }
}
