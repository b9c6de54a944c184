//! One value of a row, whatever file it came from.

use std::borrow::Cow;

use hearken_core::success::Scalar;
use serde_json::value::RawValue;

/// A value of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Cell<'a> {
    #[default]
    Absent,
    Text(Cow<'a, str>),
    /// Any whole number; what is beyond 2^53 is a fraction only where a property is read.
    Int(i64),
    Fraction(f64),
    Bool(bool),
    Structure,
}

/// Whole numbers up to here are exact everywhere.
const EXACT: u64 = 9_007_199_254_740_991;

impl<'a> Cell<'a> {
    /// A JSON value; nothing if it is a text that is no Unicode.
    pub(crate) fn of_json(raw: &'a str) -> Option<Self> {
        Some(match raw.as_bytes().first()? {
            b'"' => {
                let inner = raw.get(1..raw.len() - 1)?;
                if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
                    Self::Text(Cow::Borrowed(inner))
                } else {
                    Self::Text(Cow::Owned(serde_json::from_str(raw).ok()?))
                }
            }
            b'{' | b'[' => Self::Structure,
            b't' => Self::Bool(true),
            b'f' => Self::Bool(false),
            b'n' => Self::Absent,
            _ => Self::of_number(raw),
        })
    }

    pub(crate) fn of_raw(raw: &'a RawValue) -> Option<Self> {
        Self::of_json(raw.get())
    }

    /// A number as JSON writes it.
    fn of_number(text: &str) -> Self {
        if let Ok(int) = text.parse::<i64>() {
            return Self::Int(int);
        }
        Self::Fraction(text.parse().unwrap_or(f64::INFINITY))
    }

    /// As a property is read.
    pub(crate) fn scalar(&self) -> Scalar<'_> {
        match self {
            Self::Absent => Scalar::Absent,
            Self::Text(text) => Scalar::Text(text),
            Self::Int(int) if int.unsigned_abs() <= EXACT => Scalar::Int(*int),
            Self::Int(int) => Scalar::of_float(*int as f64),
            Self::Fraction(float) => Scalar::of_float(*float),
            Self::Bool(bool) => Scalar::Bool(*bool),
            Self::Structure => Scalar::Structure,
        }
    }

    /// A whole number as its decimal text: what an id is in a table.
    pub(crate) fn with_decimal_text(self) -> Self {
        match self {
            Self::Int(int) => Self::Text(Cow::Owned(int.to_string())),
            other => other,
        }
    }

    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Bool(bool) => *bool,
            Self::Int(int) => *int == 1,
            Self::Text(text) => matches!(text.as_ref(), "true" | "True" | "TRUE" | "t" | "1"),
            _ => false,
        }
    }

    /// The same, on its own.
    pub(crate) fn into_owned(self) -> Cell<'static> {
        match self {
            Self::Absent => Cell::Absent,
            Self::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
            Self::Int(int) => Cell::Int(int),
            Self::Fraction(float) => Cell::Fraction(float),
            Self::Bool(bool) => Cell::Bool(bool),
            Self::Structure => Cell::Structure,
        }
    }

    pub(crate) fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_property_is_what_the_library_makes_of_the_same_json() {
        for text in [
            "null",
            "true",
            "false",
            "0",
            "-0",
            "-0.0",
            "7",
            "7.0",
            "7.5",
            "1e3",
            "1e300",
            "-1E-7",
            "9007199254740991",
            "9007199254740992",
            "9223372036854775807",
            "18446744073709551615",
            "\"\"",
            "\"a\"",
            "\"\\u00e9\\n\"",
            "{}",
            "[1]",
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(Cell::of_json(text).unwrap().scalar(), Scalar::of(&value), "{text}");
        }
        assert_eq!(Cell::of_json("1e999").unwrap().scalar(), Scalar::Fraction(f64::INFINITY));
        assert_eq!(Cell::of_json(r#""\ud800""#), None);
        assert_eq!(Scalar::of(&json!(7)), Cell::Int(7).scalar());
    }
}
