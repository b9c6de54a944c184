//! What an exported record looks like. Every encoding says the same, and loses nothing of the native line. Field by field in
//! `docs/export.md`.

use hearken_core::{Properties, Value};

/// How an export writes its records. Each says all that the native line says; `docs/export.md` has the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Hearken's own lines: JSON Lines.
    #[default]
    Native,
    /// Messages of Segment's HTTP API; the body is a batch.
    Segment,
    /// CloudEvents 1.0 in JSON; the body is a batch.
    CloudEvents,
}

impl Encoding {
    /// The media type of [`crate::Export::body`].
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Native => "application/x-ndjson",
            Self::Segment => "application/json",
            Self::CloudEvents => "application/cloudevents-batch+json",
        }
    }

    pub(crate) fn body(self, lines: &[String]) -> String {
        match self {
            Self::Native => lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect(),
            Self::Segment => format!("{{\"batch\":[{}]}}", lines.join(",")),
            Self::CloudEvents => format!("[{}]", lines.join(",")),
        }
    }

    /// A native line in this encoding.
    pub(crate) fn line(self, native: &str, journal: &str) -> String {
        if self == Self::Native {
            return native.to_owned();
        }
        let line = match serde_json::from_str(native) {
            Ok(Value::Object(line)) => line,
            _ => Properties::new(),
        };
        let encoded = if self == Self::Segment { segment(line, journal) } else { cloud_event(line, journal) };
        Value::Object(encoded).to_string()
    }
}

/// Moves a field to another place, if it is there.
fn pass(from: &mut Properties, name: &str, to: &mut Properties, as_name: &str) {
    if let Some(value) = from.remove(name).filter(|value| !value.is_null()) {
        to.insert(as_name.to_owned(), value);
    }
}

fn segment(mut line: Properties, journal: &str) -> Properties {
    let mut own = Properties::new();
    for name in ["seq", "offset", "session", "consent", "pii"] {
        pass(&mut line, name, &mut own, name);
    }
    own.insert("journal".to_owned(), journal.into());
    let mut to = Properties::new();
    pass(&mut line, "id", &mut to, "messageId");
    pass(&mut line, "profile", &mut to, "anonymousId");
    pass(&mut line, "user", &mut to, "userId");
    to.insert("timestamp".to_owned(), time(&line).into());
    let mut data = match line.remove("data") {
        Some(Value::Object(data)) => data,
        _ => Properties::new(),
    };
    let name = kind(&line);
    let message = match name.as_str() {
        "$identify" | "$attribute" => "identify",
        "$screen" => "screen",
        _ => "track",
    };
    to.insert("type".to_owned(), message.into());
    match message {
        "track" => {
            to.insert("event".to_owned(), name.into());
            to.insert("properties".to_owned(), data.into());
        }
        "screen" => {
            to.insert("name".to_owned(), data.get("screen").cloned().unwrap_or_default());
            to.insert("properties".to_owned(), data.into());
            own.insert("type".to_owned(), name.into());
        }
        _ => {
            let mut traits = Properties::new();
            let value = data.remove("value");
            if let Some(Value::String(attribute)) = data.get("name") {
                let unset = data.get("op").is_some_and(|op| op == "unset");
                if let Some(value) = value.or(unset.then_some(Value::Null)) {
                    traits.insert(attribute.clone(), value);
                }
            }
            to.insert("traits".to_owned(), traits.into());
            own.insert("type".to_owned(), name.into());
            own.insert("data".to_owned(), data.into());
        }
    }
    let library = serde_json::json!({ "name": "hearken", "version": env!("CARGO_PKG_VERSION") });
    to.insert("context".to_owned(), serde_json::json!({ "hearken": own, "library": library }));
    to
}

fn cloud_event(mut line: Properties, journal: &str) -> Properties {
    let mut to = Properties::new();
    to.insert("specversion".to_owned(), "1.0".into());
    to.insert("source".to_owned(), format!("urn:hearken:{journal}").into());
    to.insert("type".to_owned(), format!("dev.hearken.{}", kind(&line)).into());
    to.insert("time".to_owned(), time(&line).into());
    to.insert("datacontenttype".to_owned(), "application/json".into());
    for name in ["id", "profile", "user", "session", "offset", "data"] {
        pass(&mut line, name, &mut to, name);
    }
    let seq = line.get("seq").and_then(Value::as_u64).unwrap_or_default();
    to.insert("sequence".to_owned(), format!("{seq:016}").into());
    // An extension is no list.
    for name in ["consent", "pii"] {
        if let Some(Value::Array(names)) = line.remove(name) {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            to.insert(name.to_owned(), names.join(",").into());
        }
    }
    to
}

fn kind(line: &Properties) -> String {
    line.get("type").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// RFC 3339, in UTC, with milliseconds.
fn time(line: &Properties) -> String {
    let ms = line.get("ts").and_then(Value::as_i64).unwrap_or_default();
    let (days, of_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    // Days to a date, by eras of 400 years that begin in March.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let (second, ms) = (of_day / 1_000, of_day % 1_000);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Every shape of line: an event with personal properties, an attribute that is set, hidden and unset, a screen, a
    /// person with a name, and one of the engine's own.
    fn lines() -> Vec<Value> {
        let line = |kind: &str, user: Option<&str>, pii: Value, data: Value| {
            let mut line = json!({"id": "0191e6f0-0000-7000-8000-000000000001", "seq": 7, "ts": 1_763_719_200_123_i64, "offset": -90,
                "type": kind, "profile": "0191e6f0-0000-7000-8000-000000000002", "consent": ["analytics", "messaging"], "data": data});
            if let Some(user) = user {
                line["user"] = json!(user);
                line["session"] = json!("0191e6f0-0000-7000-8000-000000000003");
            }
            if !pii.is_null() {
                line["pii"] = pii;
            }
            line
        };
        vec![
            line(
                "cart_updated",
                Some("u-1"),
                json!(["note"]),
                json!({"items": 2, "price": 0.1, "note": "x", "deep": [{"a": null}]}),
            ),
            line("$attribute", None, Value::Null, json!({"op": "set", "name": "tier", "value": "gold"})),
            line("$attribute", None, json!(["value"]), json!({"op": "append", "name": "likes", "value": ["a", "b"]})),
            line("$attribute", None, Value::Null, json!({"op": "set", "name": "hidden"})),
            line("$attribute", None, Value::Null, json!({"op": "unset", "name": "tier"})),
            line("$screen", Some("u-1"), Value::Null, json!({"screen": "cart", "owner": "o"})),
            line("$identify", Some("u-1"), Value::Null, json!({"profile_id": "p", "user_id": "u-1", "merged": true})),
            line("$reset", None, Value::Null, json!({})),
        ]
    }

    fn native(mut of: Value, journal: &str, encoding: Encoding) -> Value {
        let take = |value: &mut Value, name: &str| value.as_object_mut().unwrap().remove(name).unwrap_or_default();
        let ms = |time: Value| {
            let time = chrono::DateTime::parse_from_rfc3339(time.as_str().unwrap()).unwrap();
            json!(time.timestamp_millis())
        };
        let mut line = json!({});
        if encoding == Encoding::Segment {
            let mut own = take(&mut take(&mut of, "context"), "hearken");
            assert_eq!(own["journal"], journal);
            for name in ["seq", "offset", "session", "consent", "pii"] {
                line[name] = take(&mut own, name);
            }
            line["id"] = take(&mut of, "messageId");
            line["profile"] = take(&mut of, "anonymousId");
            line["user"] = take(&mut of, "userId");
            line["ts"] = ms(take(&mut of, "timestamp"));
            match of["type"].as_str().unwrap() {
                "track" => (line["type"], line["data"]) = (take(&mut of, "event"), take(&mut of, "properties")),
                "screen" => (line["type"], line["data"]) = (take(&mut own, "type"), take(&mut of, "properties")),
                _ => {
                    (line["type"], line["data"]) = (take(&mut own, "type"), take(&mut own, "data"));
                    let traits = take(&mut of, "traits");
                    let value = line["data"]["name"].as_str().and_then(|name| traits.get(name));
                    if let Some(value) = value.filter(|value| !value.is_null()) {
                        line["data"]["value"] = value.clone();
                    }
                }
            }
        } else {
            assert_eq!(of["specversion"], "1.0");
            assert_eq!(of["source"], format!("urn:hearken:{journal}"));
            for name in ["id", "profile", "user", "session", "offset", "data"] {
                line[name] = take(&mut of, name);
            }
            line["ts"] = ms(take(&mut of, "time"));
            line["seq"] = json!(of["sequence"].as_str().unwrap().parse::<u64>().unwrap());
            line["type"] = json!(of["type"].as_str().unwrap().strip_prefix("dev.hearken.").unwrap());
            for name in ["consent", "pii"] {
                line[name] = of[name].as_str().map(|names| names.split(',').collect::<Vec<_>>()).into();
            }
        }
        line.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        line
    }

    #[test]
    fn every_encoding_says_all_that_the_native_line_says() {
        for encoding in [Encoding::Segment, Encoding::CloudEvents] {
            for line in lines() {
                let encoded: Value = serde_json::from_str(&encoding.line(&line.to_string(), "j-1")).unwrap();
                assert_eq!(native(encoded.clone(), "j-1", encoding), line, "{encoding:?}: {encoded}");
            }
        }
    }

    #[test]
    fn a_cloud_event_has_the_required_attributes_and_no_name_that_the_format_forbids() {
        for line in lines() {
            let event: Value = serde_json::from_str(&Encoding::CloudEvents.line(&line.to_string(), "j-1")).unwrap();
            for (name, value) in event.as_object().unwrap() {
                assert!(
                    name.len() <= 20 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
                    "{name}"
                );
                assert!(name == "data" || value.is_string() || value.is_i64(), "{name}: {value}");
            }
            assert_eq!(event["time"], "2025-11-21T10:00:00.123Z");
        }
    }

    #[test]
    fn a_segment_message_has_its_kind_and_somebody_it_is_about() {
        let kinds: Vec<(String, bool)> = lines()
            .iter()
            .map(|line| {
                let message: Value = serde_json::from_str(&Encoding::Segment.line(&line.to_string(), "j-1")).unwrap();
                (message["type"].as_str().unwrap().to_owned(), message["anonymousId"].is_string())
            })
            .collect();
        let expected = ["track", "identify", "identify", "identify", "identify", "screen", "identify", "track"];
        assert_eq!(kinds, expected.map(|kind| (kind.to_owned(), true)));
    }

    #[test]
    fn a_body_is_what_its_media_type_says() {
        let lines = ["{\"a\":1}".to_owned(), "{\"a\":2}".to_owned()];
        assert_eq!(Encoding::Native.body(&lines), "{\"a\":1}\n{\"a\":2}\n");
        assert_eq!(Encoding::Segment.body(&lines), "{\"batch\":[{\"a\":1},{\"a\":2}]}");
        assert_eq!(Encoding::CloudEvents.body(&lines), "[{\"a\":1},{\"a\":2}]");
    }

    #[test]
    fn instants_are_those_of_the_calendar() {
        for ms in [0, -1, 951_782_399_999, 951_782_400_000, 4_107_542_399_000, -62_135_596_800_000, 253_402_300_799_999]
        {
            let line = json!({ "ts": ms }).as_object().unwrap().clone();
            assert_eq!(chrono::DateTime::parse_from_rfc3339(&time(&line)).unwrap().timestamp_millis(), ms);
        }
    }
}
