//! Records: what the journal keeps and what an export delivers (engine.md 12).

use crate::journal::JournalError;
use crate::presentation::EndCause;
use crate::time::Timestamp;
use crate::wire::{At, Read, Write, field, field_or, names, object, put, serialize_as_written, wire};
use crate::{
    CampaignId, OwnerId, PresentationId, ProfileId, Properties, Purpose, Purposes, RecordId, SessionId, Value,
};

names! {
    /// What was done to an attribute.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum AttributeOp {
        /// It got a value.
        Set = "set",
        /// It was removed.
        Unset = "unset",
    }
}

/// One fact in the journal. Its JSON is the line that an export delivers.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// A UUIDv7, strictly increasing along the journal.
    pub id: RecordId,
    /// The place in the journal, from 1.
    pub seq: u64,
    /// When it happened.
    pub ts: Timestamp,
    /// Minutes that local time was ahead of UTC.
    pub offset_min: i32,
    /// The profile that was current.
    pub profile: ProfileId,
    /// The user of that profile, if it has one.
    pub user: Option<String>,
    /// The session that was running, if one was.
    pub session: Option<SessionId>,
    /// The purposes granted when it was written. Only what was written under `analytics` is exported.
    pub consent: Purposes,
    /// Properties of the event that the plan marks as personal: left out of an export unless asked for.
    pub pii: Vec<String>,
    /// What happened.
    pub body: Body,
}

macro_rules! bodies {
    ($( $(#[$doc:meta])* $name:literal $variant:ident { $( $(#[$field_doc:meta])* $field:ident : $type:ty ),* $(,)? } $purpose:expr ),* $(,)?) => {
        /// What happened: one variant per row of the table of engine.md 12.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Body {
            /// An event of the app.
            Event {
                /// Its name.
                name: String,
                /// Its properties.
                properties: Properties,
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
            pub struct $variant { $( $(#[$field_doc])* pub $field: $type, )* }
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

            fn read(kind: String, data: Option<&Value>, at: &At<'_>) -> Self {
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
const MESSAGING: &[Purpose] = &[Purpose::Messaging];
const PERSONALIZATION: &[Purpose] = &[Purpose::Personalization];

bodies! {
    /// A session began; its id is this record's.
    "$session_start" SessionStart {} EITHER,
    /// A session ended; `ts` is its last activity. Written by the next input (engine.md 2.3).
    "$session_end" SessionEnd {
        /// Which.
        session_id: SessionId,
    } EITHER,
    /// The first activity of a session.
    "$app_open" AppOpen {} EITHER,
    /// An attribute changed.
    "$attribute" Attribute {
        /// What was done.
        op: AttributeOp,
        /// The attribute.
        name: String,
        /// Its new value; nothing if it was unset, or left out of an export as personal.
        value: Option<Value>,
    } PERSONALIZATION,
    /// The purposes that a person granted.
    "$consent" Consent {
        /// The purposes granted from here on.
        purposes: Purposes,
        /// Who said so: `initial` (the host's builder) or `person`.
        source: String,
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
    } ALWAYS,
    /// A playbook was installed.
    "$playbook_installed" PlaybookInstalled {
        /// The playbook's own id.
        playbook: String,
        /// Its revision.
        revision: u64,
        /// SHA-256 of the document's bytes, in hex.
        hash: String,
    } ALWAYS,
    /// A campaign's trigger fired and was kept: it waits, or is offered in the same step.
    "$triggered" Triggered {
        /// The campaign.
        campaign: CampaignId,
        /// The record of the event that fired it.
        event: RecordId,
    } MESSAGING,
    /// A waiting trigger dropped.
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
        /// The channel.
        channel: String,
        /// Who draws it.
        owner: OwnerId,
        /// Whether it takes the slot.
        interruptive: bool,
        /// The frequency constraints that it spends.
        spends: Vec<String>,
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
        /// The channel.
        channel: String,
    } MESSAGING,
    /// A person used a button of it.
    "$clicked" Clicked {
        /// The presentation.
        presentation_id: PresentationId,
        /// The campaign.
        campaign: CampaignId,
        /// The channel.
        channel: String,
        /// The button.
        target: String,
    } MESSAGING,
    /// A person closed it.
    "$dismissed" Dismissed {
        /// The presentation.
        presentation_id: PresentationId,
        /// The campaign.
        campaign: CampaignId,
        /// The channel.
        channel: String,
    } MESSAGING,
}

impl Record {
    /// Writes the line; without what the plan marks as personal unless `with_pii`.
    fn write_line(&self, to: &mut String, with_pii: bool) {
        to.push('{');
        put(to, "id", &self.id);
        put(to, "seq", &self.seq);
        put(to, "ts", &self.ts);
        put(to, "offset", &self.offset_min);
        put(to, "type", &self.body.kind());
        put(to, "profile", &self.profile);
        put(to, "user", &self.user);
        put(to, "session", &self.session);
        put(to, "consent", &self.consent);
        if with_pii || self.pii.is_empty() {
            if !self.pii.is_empty() {
                put(to, "pii", &self.pii);
            }
            put(to, "data", &self.body);
        } else {
            to.push_str(",\"data\":{");
            match &self.body {
                Body::Event { properties, .. } => {
                    let open = properties.iter().filter(|(name, _)| !self.pii.contains(name));
                    open.for_each(|(name, value)| put(to, name, value));
                }
                Body::Attribute(attribute) => {
                    put(to, "op", &attribute.op);
                    put(to, "name", &attribute.name);
                }
                _ => {}
            }
            to.push('}');
        }
        to.push('}');
    }
}

impl Write for Record {
    fn write(&self, to: &mut String) {
        self.write_line(to, true);
    }
}

impl Read for Record {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        let line = object(value, at);
        Self {
            id: field(line, "id", at),
            seq: field(line, "seq", at),
            ts: field(line, "ts", at),
            offset_min: field(line, "offset", at),
            profile: field(line, "profile", at),
            user: field(line, "user", at),
            session: field(line, "session", at),
            consent: field(line, "consent", at),
            pii: field_or(line, "pii", at, Vec::new),
            body: Body::read(field(line, "type", at), line.and_then(|line| line.get("data")), &at.field("data")),
        }
    }
}

serialize_as_written!(Record);

impl Record {
    /// Whether an export delivers it: it was written while `analytics` was granted (engine.md 2.4).
    #[must_use]
    pub fn is_exported(&self) -> bool {
        self.consent.has(Purpose::Analytics)
    }

    /// The line that an export delivers: the record's JSON, without the properties that the plan marks as personal
    /// unless `with_pii`. The same record always gives the same bytes.
    #[must_use]
    pub fn export_line(&self, with_pii: bool) -> String {
        let mut line = String::with_capacity(256);
        self.write_line(&mut line, with_pii);
        line
    }

    /// Reads a record from its line.
    ///
    /// # Errors
    /// The line is no record.
    pub fn from_line(line: &str) -> Result<Self, JournalError> {
        crate::journal::read(line, "record")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(body: Body) -> Record {
        Record {
            id: RecordId::default(),
            seq: 3,
            ts: Timestamp(5),
            offset_min: 120,
            profile: RecordId::default(),
            user: Some("u-1".into()),
            session: None,
            consent: Purposes::all(),
            pii: Vec::new(),
            body,
        }
    }

    #[test]
    fn a_record_reads_back_from_its_line() {
        let bodies = [
            Body::Event { name: "bought".into(), properties: json!({"n": 1}).as_object().unwrap().clone() },
            SessionStart {}.into(),
            Ended { presentation_id: RecordId::default(), campaign: "c".into(), cause: EndCause::Lease }.into(),
            Body::Unknown { kind: "$of_the_future".into(), data: json!({"a": [1]}).as_object().unwrap().clone() },
        ];
        for body in bodies {
            let record = record(body);
            assert_eq!(Record::from_line(&record.export_line(true)).unwrap(), record);
        }
    }

    #[test]
    fn unknown_fields_are_tolerated() {
        let line = record(SessionStart {}.into()).export_line(true).replace("\"seq\":3", "\"seq\":3,\"later\":{}");
        assert_eq!(Record::from_line(&line).unwrap().seq, 3);
    }

    #[test]
    fn personal_properties_stay_out_of_an_export_unless_asked_for() {
        let properties = json!({"score": 9, "why": "Ann said so"}).as_object().unwrap().clone();
        let mut record = record(Body::Event { name: "answered".into(), properties });
        record.pii = vec!["why".into()];
        assert!(!record.export_line(false).contains("Ann"));
        assert!(record.export_line(false).contains("\"score\":9"));
        assert!(record.export_line(true).contains("Ann"));
    }
}
