//! Records: what the journal keeps and what an export delivers (engine.md 12).

mod kinds;

use std::sync::Arc;

pub use kinds::*;

use crate::journal::JournalError;
use crate::time::Timestamp;
use crate::wire::{At, Read, Write, field, field_or, object, put, serialize_as_written};
use crate::{ProfileId, Properties, Purpose, Purposes, RecordId, SessionId, Value};

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
    /// It came after what it belongs to was sealed: no success metric counts it, here or elsewhere (success.md 3.17).
    pub late: bool,
    /// What happened.
    pub body: Body,
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
        if self.late {
            put(to, "late", &true);
        }
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
            late: field_or(line, "late", at, || false),
            body: Body::read(field(line, "type", at), line.and_then(|line| line.get("data")), &at.field("data")),
        }
    }
}

serialize_as_written!(Record);

impl Body {
    /// What can set campaigns off and what conditions count: a name, and what it carries.
    pub(crate) fn occurrence(&self) -> Option<(&str, Arc<Properties>)> {
        match self {
            Self::Event { name, properties } => Some((name, Arc::clone(properties))),
            Self::SessionStart(_)
            | Self::AppOpen(_)
            | Self::Screen(_)
            | Self::Attribute(_)
            | Self::Cue(_)
            | Self::Delivered(_)
            | Self::Opened(_)
            | Self::Unsubscribed(_)
            | Self::Shown(_)
            | Self::Clicked(_)
            | Self::Dismissed(_)
            | Self::Submitted(_) => self.fact(),
            _ => None,
        }
    }

    /// What success metrics count: any record, by its name and what its line carries as `data`.
    pub(crate) fn fact(&self) -> Option<(&str, Arc<Properties>)> {
        match self {
            Self::Event { name, properties } => Some((name, Arc::clone(properties))),
            _ => match crate::json::parse(&crate::wire::to_json(self)).ok()? {
                Value::Object(data) => Some((self.kind(), Arc::new(data))),
                _ => None,
            },
        }
    }
}

impl Record {
    /// Whether an export delivers it: it was written while `analytics` was granted (engine.md 2.4), or says who is erased.
    #[must_use]
    pub fn is_exported(&self) -> bool {
        match self.body {
            Body::Erase(_) => true,
            Body::Imported(_) => false,
            _ => self.consent.has(Purpose::Analytics),
        }
    }

    /// The line that an export delivers: the record's JSON, without the properties that the plan marks as personal
    /// unless `with_pii`. The same record always gives the same bytes.
    #[must_use]
    pub fn export_line(&self, with_pii: bool) -> String {
        let mut line = String::with_capacity(256);
        match &self.body {
            Body::PlaybookInstalled(installed) if !installed.tally.is_null() => {
                let without = PlaybookInstalled { tally: Value::Null, ..installed.clone() };
                Self { body: without.into(), ..self.clone() }.write_line(&mut line, with_pii);
            }
            _ => self.write_line(&mut line, with_pii),
        }
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
    use crate::EndCause;
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
            late: false,
            body,
        }
    }

    #[test]
    fn a_record_reads_back_from_its_line() {
        let bodies = [
            Body::Event { name: "bought".into(), properties: json!({"n": 1}).as_object().unwrap().clone().into() },
            SessionStart {}.into(),
            Ended {
                presentation_id: RecordId::default(),
                campaign: "c".into(),
                cause: EndCause::Lease,
                variant: None,
                ghost: Some(Ghost::Control),
            }
            .into(),
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
        let mut record = record(Body::Event { name: "answered".into(), properties: properties.into() });
        record.pii = vec!["why".into()];
        assert!(!record.export_line(false).contains("Ann"));
        assert!(record.export_line(false).contains("\"score\":9"));
        assert!(record.export_line(true).contains("Ann"));
    }

    #[test]
    fn of_what_is_personal_an_export_says_that_it_happened() {
        let attribute = Attribute { op: AttributeOp::Set, name: "email".into(), value: Some(json!("ann@a.example")) };
        let mut record = record(attribute.into());
        record.pii = vec!["value".into()];
        let data = |line: String| serde_json::from_str::<Value>(&line).unwrap()["data"].clone();
        assert_eq!(data(record.export_line(false)), json!({"op": "set", "name": "email"}));
        assert_eq!(data(record.export_line(true)), json!({"op": "set", "name": "email", "value": "ann@a.example"}));
        assert!(record.export_line(true).contains(r#""pii":["value"]"#));
        assert!(!record.export_line(false).contains("pii"));
    }

    #[test]
    fn a_line_says_that_it_is_late_only_where_it_is() {
        let mut record = record(SessionStart {}.into());
        assert!(!record.export_line(true).contains("late"));
        record.late = true;
        assert!(record.export_line(false).contains(r#""late":true"#));
        assert_eq!(Record::from_line(&record.export_line(true)).unwrap(), record);
    }

    #[test]
    fn what_was_written_under_analytics_is_exported_and_who_is_erased_always() {
        let erase = || Body::from(Erase { profiles: Vec::new() });
        let imported = || Body::from(Imported { state: Value::Null });
        for (body, consent, exported) in [
            (SessionStart {}.into(), Purposes::all(), true),
            (SessionStart {}.into(), Purposes::all().without(Purpose::Analytics), false),
            (erase(), Purposes::none(), true),
            (imported(), Purposes::all(), false),
        ] {
            let record = Record { consent, ..record(body) };
            assert_eq!(record.is_exported(), exported, "{record:?}");
        }
    }

    /// What a store keeps of success metrics is its own: the line that is exported says nothing of it.
    #[test]
    fn an_export_does_not_carry_what_a_device_counted() {
        let installed = |tally: Value| {
            let installed = PlaybookInstalled {
                playbook: "p".into(),
                revision: 1,
                hash: "h".into(),
                seeds: Default::default(),
                counters: Vec::new(),
                success: Default::default(),
                tally,
            };
            record(installed.into())
        };
        let with = installed(json!({"tail": []}));
        assert!(crate::wire::to_json(&with).contains("tally"));
        assert_eq!(with.export_line(true), installed(Value::Null).export_line(true));
        assert!(!with.export_line(true).contains("tally"));
    }

    #[test]
    fn what_sets_campaigns_off_is_an_event_or_one_of_ours_that_says_so() {
        let shown = |body: &Body| {
            body.occurrence().map(|(name, carries)| (name.to_owned(), Value::Object(Properties::clone(&carries))))
        };
        let event = Body::Event { name: "e".into(), properties: json!({"n": 1}).as_object().unwrap().clone().into() };
        assert_eq!(shown(&event), Some(("e".into(), json!({"n": 1}))));
        let screen = Body::from(Screen { screen: "cart".into(), owner: "o".into() });
        assert_eq!(shown(&screen), Some(("$screen".into(), json!({"screen": "cart", "owner": "o"}))));
        let reset = Body::from(Reset {});
        assert_eq!(shown(&reset), None);
        assert_eq!(reset.fact().map(|(name, _)| name.to_owned()), Some("$reset".into()), "a metric may count it");
    }
}
