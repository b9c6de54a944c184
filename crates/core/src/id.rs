//! Identifiers. Record ids are UUIDv7 made from the step's instant and entropy (engine.md 1.8); the other ids are
//! the id of the record that brought the thing into being, so no step needs a second source of randomness.

use std::fmt;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::table::Key;
use crate::wire::{At, Read, Write, text};
use crate::{Timestamp, Value};

/// A UUIDv7, printed in lower-case hex with hyphens. Its order is the order of its text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RecordId(u128);

/// Who a person is on this device, before and after they have a name (engine.md 2.1).
pub type ProfileId = RecordId;
/// One session: the id of its `$session_start` record.
pub type SessionId = RecordId;
/// One message offered to one person: the id of its `$use_reserved` record.
pub type PresentationId = RecordId;
/// A campaign's id, as authored.
pub type CampaignId = String;
/// The running instance (process or tab) that owns a presentation: any text the shell drew at random (engine.md 6.2).
pub type OwnerId = String;

impl RecordId {
    /// Milliseconds since the Unix epoch that the id carries in its first 48 bits.
    #[must_use]
    pub fn ms(self) -> Timestamp {
        Timestamp((self.0 >> 80) as i64)
    }

    fn counter(self) -> u16 {
        ((self.0 >> 64) as u16) & 0x0fff
    }

    fn new(ms: u64, counter: u16, random: u64) -> Self {
        let ms = u128::from(ms & 0xffff_ffff_ffff);
        let rand_a = u128::from(counter & 0x0fff);
        let rand_b = u128::from(random & 0x3fff_ffff_ffff_ffff);
        Self(ms << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b)
    }

    /// The next id of a step (engine.md 1.8): ms = max(now, ms of the last id), a counter while ms stands still.
    #[must_use]
    pub(crate) fn next(last: Self, now: Timestamp, entropy: &[u8; 16], k: u32) -> Self {
        let now = now.0.max(0) as u64;
        let last_ms = last.ms().0 as u64;
        let (ms, counter) = if now > last_ms {
            (now, 0)
        } else if last.counter() < 0x0fff {
            (last_ms, last.counter() + 1)
        } else {
            (last_ms + 1, 0)
        };
        let digest = Sha256::new().chain_update(entropy).chain_update(k.to_be_bytes()).finalize();
        let random = digest.first_chunk().map_or(0, |head| u64::from_be_bytes(*head));
        Self::new(ms, counter, random)
    }
}

impl RecordId {
    /// The characters of its text: they are ASCII.
    fn text(self) -> [u8; 36] {
        let mut text = [b'-'; 36];
        let mut places = text.iter_mut().enumerate().filter(|(place, _)| !matches!(place, 8 | 13 | 18 | 23));
        for byte in self.0.to_be_bytes() {
            for nibble in [byte >> 4, byte & 15] {
                if let Some((_, place)) = places.next() {
                    *place = if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
                }
            }
        }
        text
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }));
        }
    }
    text
}

/// A text that is no record id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 32 lower-case hex digits with hyphens after 8, 12, 16 and 20 are needed")]
pub struct IdError;

impl std::str::FromStr for RecordId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.len() != 36 {
            return Err(IdError);
        }
        let mut value = 0u128;
        for (place, byte) in text.bytes().enumerate() {
            let nibble = match (place, byte) {
                (8 | 13 | 18 | 23, b'-') => continue,
                (8 | 13 | 18 | 23, _) => return Err(IdError),
                (_, b'0'..=b'9') => byte - b'0',
                (_, b'a'..=b'f') => byte - b'a' + 10,
                _ => return Err(IdError),
            };
            value = value * 16 + u128::from(nibble);
        }
        Ok(Self(value))
    }
}

impl Serialize for RecordId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl Read for RecordId {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        text(value, at).parse().unwrap_or_else(|_| {
            if value.is_some_and(Value::is_string) {
                at.expected("an id in the form of a UUID", value);
            }
            Self::default()
        })
    }
}

impl Write for RecordId {
    fn write(&self, to: &mut String) {
        to.push('"');
        to.push_str(std::str::from_utf8(&self.text()).unwrap_or_default());
        to.push('"');
    }
}

impl Key for RecordId {
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn put(&self, to: &mut String) {
        self.write(to);
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for RecordId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RecordId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A UUIDv7 in lower-case hex with hyphens.",
            "type": "string",
            "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_strictly_increase_within_a_millisecond_and_when_the_clock_stands_behind() {
        let mut last = RecordId::default();
        for now in [1_000, 1_000, 999, 1_001, 5].into_iter().chain(std::iter::repeat_n(5, 10_000)) {
            let next = RecordId::next(last, Timestamp(now), &[7; 16], 0);
            assert!(next > last && next.to_string() > last.to_string(), "{last} then {next}");
            last = next;
        }
        assert_eq!(last.ms(), Timestamp(1_003), "each 4,096 ids borrow one millisecond");
    }

    #[test]
    fn an_id_is_a_version_7_uuid_and_reads_back() {
        let id = RecordId::next(RecordId::default(), Timestamp(1_763_719_200_000), &[1; 16], 3);
        let text = id.to_string();
        assert_eq!(text.as_bytes()[14], b'7');
        assert!(b"89ab".contains(&text.as_bytes()[19]));
        assert_eq!(text.parse(), Ok(id));
        for bad in ["", "019aa", &text.to_uppercase(), &text.replace('-', "0")] {
            assert!(bad.parse::<RecordId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_is_written_as_others_would_write_it() {
        // Put together apart from this code: 48 bits of ms, 7, the counter, 0b10, 62 bits of SHA-256(entropy, k).
        let id = RecordId::next(RecordId::default(), Timestamp(1_763_719_200_000), &[1; 16], 3);
        assert_eq!(id.to_string(), "019aa5db-3d00-7000-b7cd-ee9810ed88cc");
        assert_eq!(format!("{id:?}"), id.to_string());
        assert_eq!(crate::wire::to_json(&id), format!("\"{id}\""));
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
        assert_eq!((id.ms(), id.counter()), (Timestamp(1_763_719_200_000), 0));
        assert_eq!(RecordId::next(id, Timestamp(0), &[1; 16], 0).counter(), 1);
        assert_eq!(RecordId::next(id, Timestamp(1_763_719_200_001), &[1; 16], 0).counter(), 0);
        assert_eq!(hex(&[0x00, 0x9a, 0xf5]), "009af5");
    }

    #[test]
    fn the_random_part_is_a_function_of_entropy_and_place() {
        let make = |entropy: u8, k| RecordId::next(RecordId::default(), Timestamp(9), &[entropy; 16], k);
        assert_eq!(make(1, 0), make(1, 0));
        assert_ne!(make(1, 0), make(1, 1));
        assert_ne!(make(1, 0), make(2, 0));
    }
}
