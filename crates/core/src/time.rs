//! Instants and spans. All instants are integer milliseconds since the Unix epoch, UTC (engine.md, head).

use serde::Serialize;

use crate::Value;
use crate::wire::{At, Read, Write};

/// An instant: milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The instant `span` after this one; saturates at the ends of the range.
    #[must_use]
    pub fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// How long after `earlier` this instant lies; negative if it lies before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// A length of time in milliseconds.
///
/// In documents it is written as a number with a unit, `"90s"`, `"30m"`, `"1h"`, `"7d"`, `"250ms"`, or as a plain
/// integer of milliseconds. A day is always 86,400,000 ms.
///
/// ```
/// use hearken_core::Span;
/// assert_eq!("7d".parse(), Ok(Span(604_800_000)));
/// assert!("7 days".parse::<Span>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Span(pub i64);

impl Span {
    /// `n` seconds.
    #[must_use]
    pub const fn seconds(n: i64) -> Self {
        Self(n * 1_000)
    }

    /// `n` minutes.
    #[must_use]
    pub const fn minutes(n: i64) -> Self {
        Self(n * 60_000)
    }

    /// The nearest span that a document can name: from nothing to 100 years.
    pub(crate) fn named(self) -> Self {
        Self(self.0.clamp(0, MAX_SPAN))
    }
}

/// A text that is no span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a span of time: write a whole number with ms, s, m, h or d, such as `30m` or `7d`")]
pub struct SpanError(String);

impl std::str::FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let wrong = || SpanError(text.chars().take(40).collect());
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
        let factor = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(wrong()),
        };
        let number: i64 = number.parse().map_err(|_| wrong())?;
        number.checked_mul(factor).filter(|ms| *ms <= MAX_SPAN).map(Span).ok_or_else(wrong)
    }
}

/// The longest span a document may name: 100 years of 365 days.
const MAX_SPAN: i64 = 100 * 365 * 86_400_000;

impl Read for Span {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        let span = match value {
            Some(Value::String(text)) => text.parse().ok(),
            Some(Value::Number(number)) => number.as_i64().filter(|ms| (0..=MAX_SPAN).contains(ms)).map(Self),
            _ => None,
        };
        span.unwrap_or_else(|| {
            at.expected("a span of time such as `30m` or `7d`, or milliseconds up to 100 years,", value);
            Self::default()
        })
    }
}

impl Write for Span {
    fn write(&self, to: &mut String) {
        self.0.write(to);
    }
}

impl Read for Timestamp {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        Self(i64::read(value, at))
    }
}

impl Write for Timestamp {
    fn write(&self, to: &mut String) {
        self.0.write(to);
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Span {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A length of time: a whole number with ms, s, m, h or d (`30m`, `7d`), or milliseconds.",
            "oneOf": [
                { "type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$" },
                { "type": "integer", "minimum": 0, "maximum": MAX_SPAN }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_reads_each_unit_and_refuses_the_rest() {
        for (text, ms) in [("250ms", 250), ("90s", 90_000), ("30m", 1_800_000), ("1h", 3_600_000), ("7d", 604_800_000)]
        {
            assert_eq!(text.parse(), Ok(Span(ms)), "{text}");
        }
        assert_eq!("36500d".parse(), Ok(Span(3_153_600_000_000)), "100 years of 365 days");
        for text in ["36501d", "3153600000001ms"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
        for text in ["", "7", "d", "7 d", "-1d", "1.5h", "7w", "99999999999999999999d", "9223372036854775807d", "１d"]
        {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn spans_and_instants_add_up_and_stop_at_the_ends_of_the_range() {
        assert_eq!((Span::seconds(90), Span::minutes(30)), (Span(90_000), Span(1_800_000)));
        assert_eq!(Timestamp(5).plus(Span(7)), Timestamp(12));
        assert_eq!(Timestamp(5).since(Timestamp(7)), Span(-2));
        assert_eq!(Timestamp(i64::MAX).plus(Span(1)), Timestamp(i64::MAX));
        assert_eq!(Timestamp(i64::MIN).since(Timestamp(1)), Span(i64::MIN));
        assert_eq!((crate::wire::to_json(&Timestamp(-5)), crate::wire::to_json(&Span(7))), ("-5".into(), "7".into()));
    }

    #[test]
    fn a_span_in_a_document_is_text_or_milliseconds() {
        let read = |json: &str| crate::wire::read::<Span>(&serde_json::from_str(json).unwrap(), "");
        assert_eq!(read("\"1h\""), Ok(Span(3_600_000)));
        assert_eq!(read("1500"), Ok(Span(1_500)));
        assert_eq!(read("3153600000000"), Ok(Span(3_153_600_000_000)));
        for bad in ["3153600000001", "-1", "1.5", "true", "\"soon\"", "18446744073709551615"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
