//! The kinds of record, and what each carries: the table of engine.md 12.

use std::sync::Arc;

use crate::history::{Counter, Ring};
use crate::presentation::EndCause;
use crate::success::Standard;
use crate::table::Table;
use crate::time::Timestamp;
use crate::wire::{At, Read, Write, names, wire};
use crate::{
    CampaignId, OwnerId, PresentationId, ProfileId, Properties, Purpose, Purposes, RecordId, SessionId, Value,
};

names! {
    /// What was done to an attribute.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum AttributeOp {
        /// It got a value.
        #[default]
        Set = "set",
        /// It was removed.
        Unset = "unset",
        /// A number was added to it.
        Increment = "increment",
        /// A value was added to its list, if it was not there.
        Append = "append",
        /// A value was taken out of its list.
        Remove = "remove",
    }

    /// Why a session ended.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum SessionCause {
        /// Nothing happened for so long.
        #[default]
        Timeout = "timeout",
        /// Another profile became current.
        Switch = "switch",
    }

    /// Who chose the purposes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum ConsentSource {
        /// The host's builder, for the first profile of a store.
        Initial = "initial",
        /// The person.
        Person = "person",
        /// A profile took over what was in force before it.
        Carried = "carried",
    }

    /// An arm whose members are not shown the message.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Ghost {
        /// The campaign's own control group.
        Control = "control",
        /// A holdout.
        Holdout = "holdout",
    }
}

macro_rules! bodies {
    ($( $(#[$doc:meta])* $name:literal $variant:ident { $( $(#[$field_doc:meta])* $field:ident : $type:ty $(=> $silent:expr)? ),* $(,)? } $purpose:expr ),* $(,)?) => {
        /// What happened: one variant per row of the table of engine.md 12.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Body {
            /// An event of the app.
            Event {
                /// Its name.
                name: String,
                /// Its properties.
                properties: Arc<Properties>,
            },
            $( $(#[$doc])* $variant($variant), )*
            /// A kind that this version does not know: kept, and passed over.
            Unknown {
                /// Its name.
                kind: String,
                /// What it carries.
                data: Properties,
            },
        }

        $( wire! {
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq)]
            pub struct $variant { $( $(#[$field_doc])* pub $field: $type $(=> $silent)?, )* }
        }

        impl From<$variant> for Body {
            fn from(body: $variant) -> Self {
                Self::$variant(body)
            }
        } )*

        impl Body {
            /// The name of the kind: the event's own, or one that starts with `$`.
            #[must_use]
            pub fn kind(&self) -> &str {
                match self {
                    Self::Event { name, .. } => name,
                    $( Self::$variant(_) => $name, )*
                    Self::Unknown { kind, .. } => kind,
                }
            }

            /// The purposes, any one of which lets the kind be recorded; nothing if it always is. An event's are the plan's.
            pub(crate) fn purposes(&self) -> Option<Purposes> {
                match self {
                    Self::Event { .. } | Self::Unknown { .. } => None,
                    $( Self::$variant(_) => { let purposes: &[Purpose] = $purpose; (!purposes.is_empty()).then(|| purposes.iter().copied().collect()) } )*
                }
            }

            pub(super) fn read(kind: String, data: Option<&Value>, at: &At<'_>) -> Self {
                match kind.as_str() {
                    $( $name => Self::$variant($variant::read(data, at)), )*
                    name if name.starts_with('$') => Self::Unknown { kind, data: Read::read(data, at) },
                    _ => Self::Event { name: kind, properties: Read::read(data, at) },
                }
            }
        }

        impl Write for Body {
            fn write(&self, to: &mut String) {
                match self {
                    Self::Event { properties, .. } => properties.write(to),
                    $( Self::$variant(body) => body.write(to), )*
                    Self::Unknown { data, .. } => data.write(to),
                }
            }
        }

        /// The kinds of record that the engine writes, each with the purposes that let it, for the printed tables.
        pub const KINDS: &[(&str, &[Purpose])] = &[ $( ($name, $purpose), )* ];

        #[cfg(feature = "schema")]
        impl Body {
            /// The JSON Schema of each kind's `data`.
            #[must_use]
            pub fn schemas(generator: &mut schemars::SchemaGenerator) -> Vec<(&'static str, schemars::Schema)> {
                vec![ $( ($name, generator.subschema_for::<$variant>()), )* ]
            }
        }
    };
}

const ALWAYS: &[Purpose] = &[];
const EITHER: &[Purpose] = &[Purpose::Analytics, Purpose::Messaging];
const ANALYTICS: &[Purpose] = &[Purpose::Analytics];
const MESSAGING: &[Purpose] = &[Purpose::Messaging];
const PERSONALIZATION: &[Purpose] = &[Purpose::Personalization];

bodies! {
    /// A session began; its id is this record's.
    "$session_start" SessionStart {} EITHER,
    /// A session ended; `ts` is its last activity. Written by the next input (engine.md 2.3).
    "$session_end" SessionEnd {
        /// Which.
        session_id: SessionId,
        /// Why.
        cause: SessionCause => SessionCause::Timeout,
    } EITHER,
    /// The first activity of a session; in an app, also each return to the foreground after 30 s or more.
    "$app_open" AppOpen {} EITHER,
    /// A person came to a screen of the app, or a route of the page.
    "$screen" Screen {
        /// Its name.
        screen: String,
        /// In whose window.
        owner: OwnerId,
    } EITHER,
    /// A person was named (engine.md 2.1). The line's `profile` is the one that is current from here on.
    "$identify" Identify {
        /// The profile.
        profile_id: ProfileId,
        /// The name.
        user_id: String,
        /// Whether what the profile did before belongs to that person: an anonymous profile got its name.
        merged: bool,
    } ALWAYS,
    /// The person left; a new, anonymous profile is current from here on.
    "$reset" Reset {} ALWAYS,
    /// An attribute changed.
    "$attribute" Attribute {
        /// What was done.
        op: AttributeOp,
        /// The attribute.
        name: String,
        /// Its value from here on; nothing if it was unset, or left out of an export as personal.
        value: Option<Value>,
    } PERSONALIZATION,
    /// The purposes that a person granted.
    "$consent" Consent {
        /// The purposes granted from here on.
        purposes: Purposes,
        /// Who said so.
        source: ConsentSource,
        /// What was recorded before is no longer delivered.
        purge: bool => false,
    } ALWAYS,
    /// Everything of the people before was deleted; a journal that is exported says whose, so that a warehouse follows.
    "$erase" Erase {
        /// Their profiles: the keys by which a warehouse deletes.
        profiles: Vec<ProfileId>,
    } ALWAYS,
    /// The host switched the library off, or on again (engine.md 2.4).
    "$switched" Switched {
        /// Whether it runs from here on.
        enabled: bool,
    } ALWAYS,
    /// State of the same person came from another device (engine.md 9.3). Never exported.
    "$imported" Imported {
        /// What came.
        state: Value,
    } ALWAYS,
    /// The clock was set back; every later instant that is stored became the new one (engine.md 1.5).
    "$clock_step" ClockStep {
        /// The instant before.
        from: Timestamp,
        /// The instant now.
        to: Timestamp,
    } ALWAYS,
    /// Something of the journal is lost.
    "$journal_gap" JournalGap {
        /// Why.
        reason: String,
        /// The first place that is lost, if it is known.
        from: Option<u64>,
        /// The last place that is lost.
        to: Option<u64>,
    } ALWAYS,
    /// A playbook was installed.
    "$playbook_installed" PlaybookInstalled {
        /// The playbook's own id.
        playbook: String,
        /// Its revision.
        revision: u64,
        /// SHA-256 of the document's bytes, in hex.
        hash: String,
        /// What its conditions count (engine.md 3.2).
        counters: Vec<Counter> => Vec::new(),
        /// Where new counters start: what the journal still had for them.
        seeds: Table<String, Ring> => Table::new(),
        /// The success definition (success.md).
        success: Standard => Standard::default(),
        /// Where the success metrics of this profile start: what was kept, and what the journal still had. Never exported.
        tally: Value => Value::Null,
    } ALWAYS,
    /// A cue of the host: what only it can see, such as `manual`, `dwell` or `scroll`.
    "$cue" Cue {
        /// Which.
        cue: String,
        /// Its value, such as a name or milliseconds.
        value: Option<Value>,
    } MESSAGING,
    /// How far a campaign's trigger has come, after a step towards it (engine.md 4.1).
    "$trigger_progress" TriggerProgress {
        /// The campaign.
        campaign: CampaignId,
        /// The trigger's key (engine.md 4.4).
        key: String,
        /// The instants that count, for each of its leaves.
        hits: Vec<Vec<Timestamp>>,
        /// The record that matched last.
        event: Option<RecordId>,
        /// When inaction fires it.
        due: Option<Timestamp>,
    } MESSAGING,
    /// A campaign's trigger fired and was kept: it waits, or is offered in the same step.
    "$triggered" Triggered {
        /// The campaign.
        campaign: CampaignId,
        /// The trigger's key (engine.md 4.4).
        key: String => String::new(),
        /// The record of the event that fired it.
        event: RecordId,
        /// It is walked from here on: the end of a delay or a snooze.
        due: Option<Timestamp>,
        /// It drops by itself here; otherwise with its session.
        expires: Option<Timestamp>,
        /// It was snoozed: its return skips the limit.
        returns: bool => false,
    } MESSAGING,
    /// A trigger that waited, or was on its way, dropped.
    "$trigger_dropped" TriggerDropped {
        /// The campaign.
        campaign: CampaignId,
        /// The reason's code.
        reason: String,
    } MESSAGING,
    /// A message was decided; its use is reserved. The presentation's id is this record's.
    "$use_reserved" UseReserved {
        /// The campaign.
        campaign: CampaignId,
        /// The variant of its experiment.
        variant: Option<String>,
        /// The channel.
        channel: String,
        /// Who draws it.
        owner: OwnerId,
        /// Whether it takes the slot.
        interruptive: bool,
        /// The place in the page that it fills.
        placement: Option<String>,
        /// The frequency constraints that it spends.
        spends: Vec<String>,
        /// It was snoozed, and counts no further time.
        returns: bool => false,
        /// It is decided and never drawn: the person is in this arm.
        ghost: Option<Ghost>,
    } MESSAGING,
    /// The host is about to draw it.
    "$displaying" Displaying {
        /// The presentation.
        presentation_id: PresentationId,
        /// The campaign.
        campaign: CampaignId,
    } MESSAGING,
    /// Its use counts for good.
    "$use_committed" UseCommitted {
        /// The presentation.
        presentation_id: PresentationId,
        /// The campaign.
        campaign: CampaignId,
        /// Its owner went while it stood: it may have been seen.
        assumed: bool,
        /// The variant of its experiment.
        variant: Option<String>,
        /// It was never drawn.
        ghost: Option<Ghost>,
    } MESSAGING,
    /// Its use was given back.
    "$use_refunded" UseRefunded {
        /// The presentation.
        presentation_id: PresentationId,
        /// The campaign.
        campaign: CampaignId,
        /// Whether its trigger waits again.
        trigger_waits: bool,
    } MESSAGING,
    /// It is over; written exactly once.
    "$ended" Ended {
        /// The presentation.
        presentation_id: PresentationId,
        /// The campaign.
        campaign: CampaignId,
        /// Why.
        cause: EndCause,
        /// The variant of its experiment.
        variant: Option<String>,
        /// It was never drawn.
        ghost: Option<Ghost>,
    } MESSAGING,
    /// The owner of a message that stands on the screen can, or cannot, show it now (engine.md 5.3).
    "$display_state" DisplayState {
        /// The owner.
        owner: OwnerId,
        /// Whether its screen can be seen.
        can_display: bool,
    } MESSAGING,
    /// A person really saw it.
    "$shown" Shown {
        /// The presentation.
        presentation_id: PresentationId,
        /// The campaign.
        campaign: CampaignId,
        /// The variant of its experiment.
        variant: Option<String>,
        /// The channel.
        channel: String,
    } MESSAGING,
    /// A person used a button of it, or a link of a touch.
    "$clicked" Clicked {
        /// The presentation, or the card's first record.
        presentation_id: Option<PresentationId>,
        /// The touch.
        delivery_id: Option<String>,
        /// The campaign.
        campaign: CampaignId,
        /// The variant of its experiment.
        variant: Option<String>,
        /// The channel.
        channel: String,
        /// The button or link.
        target: Option<String>,
    } MESSAGING,
    /// A person closed it.
    "$dismissed" Dismissed {
        /// The presentation.
        presentation_id: PresentationId,
        /// The campaign.
        campaign: CampaignId,
        /// The variant of its experiment.
        variant: Option<String>,
        /// The channel.
        channel: String,
    } MESSAGING,
    /// A person handed in the answers of its form; they are the properties of the event that its button names.
    "$submitted" Submitted {
        /// The presentation.
        presentation_id: PresentationId,
        /// The campaign.
        campaign: CampaignId,
        /// The variant of its experiment.
        variant: Option<String>,
        /// The channel.
        channel: String,
        /// The button.
        target: String,
    } MESSAGING,
    /// A person put it off.
    "$snoozed" Snoozed {
        /// The presentation.
        presentation_id: PresentationId,
        /// The campaign.
        campaign: CampaignId,
        /// The variant of its experiment.
        variant: Option<String>,
        /// The channel.
        channel: String,
        /// When it returns.
        until: Timestamp,
    } MESSAGING,
    /// A person came to a page of it.
    "$page" Page {
        /// The presentation.
        presentation_id: PresentationId,
        /// The campaign.
        campaign: CampaignId,
        /// The variant of its experiment.
        variant: Option<String>,
        /// The channel.
        channel: String,
        /// The page.
        page: String,
    } MESSAGING,
    /// A touch reached a person through another channel.
    "$delivered" Delivered {
        /// Its id at whoever sent it.
        delivery_id: String,
        /// The channel.
        channel: String,
        /// The campaign.
        campaign: Option<CampaignId>,
        /// The frequency constraints that it spends.
        spends: Vec<String>,
    } MESSAGING,
    /// A person opened a touch.
    "$opened" Opened {
        /// Its id at whoever sent it.
        delivery_id: String,
        /// The channel.
        channel: String,
        /// The campaign.
        campaign: Option<CampaignId>,
    } MESSAGING,
    /// A person unsubscribed through a touch.
    "$unsubscribed" Unsubscribed {
        /// Its id at whoever sent it.
        delivery_id: String,
        /// The channel.
        channel: String,
        /// The campaign.
        campaign: Option<CampaignId>,
    } MESSAGING,
    /// A person, or profile, came to an arm of a campaign's experiment: after it won and was rendered (engine.md 7.3).
    "$exposure" Exposure {
        /// The campaign.
        campaign: CampaignId,
        /// The arm: a variant, or `control`.
        arm: String,
        /// Which version of the experiment.
        version: u32,
        /// What was hashed: `user_id` or `profile_id`.
        bucketed_by: String,
        /// The value that was hashed.
        unit: String,
        /// The bucket, of 10,000.
        bucket: u32,
        /// Why this arm: `hash`, `sticky` or `forced`.
        reason: String,
        /// The campaign's fingerprint.
        fingerprint: String,
        /// That of the arm's message; nothing for control.
        message: Option<String>,
        /// That of its goal: of what the metric means.
        success: Option<String>,
    } ANALYTICS,
    /// A person, or profile, came to an arm of a holdout; written for both arms (engine.md 7.2).
    "$assigned" Assigned {
        /// The holdout's seed.
        holdout: String,
        /// What was hashed: `user_id` or `profile_id`.
        bucketed_by: String,
        /// The value that was hashed.
        unit: String,
        /// `holdout` or `in`.
        arm: String,
        /// The bucket, of 10,000.
        bucket: u32,
    } ANALYTICS,
    /// A card came into the inbox; what it shows stands in the row. The card's use is spent.
    "$card_made" CardMade {
        /// The card.
        card: String,
        /// The campaign.
        campaign: CampaignId,
        /// The variant of its experiment.
        variant: Option<String>,
        /// Which of the campaign's cards it is, from 0.
        n: u32,
        /// Whether it stands before the others.
        pin: bool => false,
        /// When it goes.
        expires: Option<Timestamp>,
        /// Events that remove it: `[{event, where}]`.
        remove_on: Vec<Value> => Vec::new(),
        /// The frequency constraints that it spends.
        spends: Vec<String>,
    } MESSAGING,
    /// A person saw a card.
    "$card_seen" CardSeen {
        /// The card.
        card: String,
        /// The campaign.
        campaign: CampaignId,
    } MESSAGING,
    /// A person read a card.
    "$card_read" CardRead {
        /// The card.
        card: String,
        /// The campaign.
        campaign: CampaignId,
    } MESSAGING,
    /// A person put a card away.
    "$card_archived" CardArchived {
        /// The card.
        card: String,
        /// The campaign.
        campaign: CampaignId,
    } MESSAGING,
    /// A person dismissed a card.
    "$card_dismissed" CardDismissed {
        /// The card.
        card: String,
        /// The campaign.
        campaign: CampaignId,
    } MESSAGING,
    /// A person put a card off.
    "$card_snoozed" CardSnoozed {
        /// The card.
        card: String,
        /// The campaign.
        campaign: CampaignId,
        /// When it returns.
        until: Timestamp,
    } MESSAGING,
    /// A card was taken out of the inbox: an event removed it, its campaign was retracted, or room was needed.
    "$card_removed" CardRemoved {
        /// The card.
        card: String,
        /// The campaign.
        campaign: CampaignId,
        /// `event`, `retracted` or `evicted`.
        reason: String,
    } ALWAYS,
    /// A card's time is over.
    "$card_expired" CardExpired {
        /// The card.
        card: String,
        /// The campaign.
        campaign: CampaignId,
    } ALWAYS,
}
