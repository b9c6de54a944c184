//! What conditions ask for (engine.md 3.2): the subject's fields, and operands of ours.

use super::Truth;
use crate::success::Pair;
use crate::time::{Span, Timestamp};
use crate::{Properties, Value};

/// Who answers. Slots are places in the segments and the counters of the [`Scope`](super::Scope) that compiled the condition.
pub(crate) trait Operands {
    /// A field of the subject: an event's property, a person's attribute.
    fn field(&self, name: &str) -> Option<&Value>;

    /// Whether the person is in a segment.
    fn segment(&self, _slot: usize) -> Truth {
        Truth::Unknown { complete_at: None }
    }

    /// What the counter of this slot saw within `within` before now.
    fn history(&self, _slot: usize, _within: Span) -> Reading {
        Reading::default()
    }

    /// The host's local time; nothing where there is none.
    fn now(&self) -> Option<LocalNow> {
        None
    }

    /// This instant.
    fn now_ms(&self) -> Timestamp {
        Timestamp(0)
    }

    /// What the host said of itself.
    fn host(&self, _key: HostKey) -> Option<Value> {
        None
    }

    /// A metric's pair, by its place in the success definition; nothing where it is not known.
    fn metric(&self, _metric: usize) -> Option<Pair> {
        None
    }

    /// Whether a metric, as a goal, was ever reached.
    fn succeeded(&self, _metric: usize) -> bool {
        false
    }

    /// The inbox; nothing where there is none.
    fn inbox(&self) -> Option<InboxCounts> {
        None
    }
}

impl Operands for Properties {
    fn field(&self, name: &str) -> Option<&Value> {
        member(self, name)
    }
}

/// A member of an object. Most objects have a few, and most names differ in how long they are: walking past those is faster
/// than comparing texts for their order.
pub(crate) fn member<'a>(object: &'a Properties, name: &str) -> Option<&'a Value> {
    if object.len() > FEW {
        return object.get(name);
    }
    for (known, value) in object {
        if known.len() == name.len() && known == name {
            return Some(value);
        }
    }
    None
}

/// Up to so many members are walked through.
const FEW: usize = 16;

/// An element of a list. Its members by name; a list's by number.
impl Operands for Value {
    fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Object(object) => member(object, name),
            Self::Array(items) => items.get(name.parse::<usize>().ok()?),
            _ => None,
        }
    }
}

/// What a counter says of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    /// How many events; as many as the counter keeps stands for that many or more.
    pub(crate) count: u32,
    /// The sum of the property.
    pub(crate) sum: f64,
    /// The newest event.
    pub(crate) newest: Option<Timestamp>,
    /// Whether the window starts no earlier than the counter.
    pub(crate) complete: bool,
    /// When it will.
    pub(crate) complete_at: Option<Timestamp>,
    /// Whether more lies in the window than is kept; a sum is unknown then.
    pub(crate) overflowed: bool,
}

/// The local time of the host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LocalNow {
    /// From Monday, 0.
    pub(crate) weekday: u8,
    /// Of the day, 0 to 1439.
    pub(crate) minute: u16,
}

pub(super) const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// How many cards the inbox has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InboxCounts {
    pub(crate) unread: u32,
    pub(crate) total: u32,
}

/// What a host can say of itself: a closed table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostKey {
    Platform,
    OsVersion,
    AppVersion,
    SdkVersion,
    DeviceClass,
    Locale,
    Screen,
    UrlHost,
    UrlPath,
    UrlQuery,
    UrlHash,
    FirstSeenMs,
}

impl HostKey {
    pub(crate) const NAMES: [(&'static str, Self); 12] = [
        ("platform", Self::Platform),
        ("os_version", Self::OsVersion),
        ("app_version", Self::AppVersion),
        ("sdk_version", Self::SdkVersion),
        ("device_class", Self::DeviceClass),
        ("locale", Self::Locale),
        ("screen", Self::Screen),
        ("url.host", Self::UrlHost),
        ("url.path", Self::UrlPath),
        ("url.query", Self::UrlQuery),
        ("url.hash", Self::UrlHash),
        ("first_seen_ms", Self::FirstSeenMs),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, key)| *key == self).map_or("", |(name, _)| name)
    }
}
