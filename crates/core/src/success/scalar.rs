//! What a property is to a success definition (success.md 3.13, 3.14): a text, a whole number, true or false, or nothing
//! that it can compare.

use crate::Value;
use crate::value::MAX_INTEGER;

/// The largest value of a fact, either way (success.md 3.16).
pub(super) const MAX_VALUE: i64 = 1_000_000_000_000;

/// A property, typed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Scalar<'a> {
    /// Absent, or null.
    #[default]
    Absent,
    /// A text.
    Text(&'a str),
    /// A whole number; `7.0` is 7.
    Int(i64),
    /// A number that is not whole, or larger than 2^53 - 1 either way.
    Fraction(f64),
    /// True or false.
    Bool(bool),
    /// A list or an object.
    Structure,
}

/// Why an event has no value, and leaves its fact (success.md 3.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueFault {
    /// There is none.
    Absent,
    /// True, false, a list, an object, or a text that is no number.
    Type,
    /// Not whole in units of the scale.
    Fractional,
    /// Beyond the fact's bounds.
    Range,
    /// Of another currency than the definition's.
    Currency,
}

impl ValueFault {
    /// Every fault.
    pub const ALL: [Self; 5] = [Self::Absent, Self::Type, Self::Fractional, Self::Range, Self::Currency];

    /// The code in reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Absent => "value.absent",
            Self::Type => "value.type",
            Self::Fractional => "value.fractional",
            Self::Range => "value.range",
            Self::Currency => "value.currency",
        }
    }
}

impl<'a> Scalar<'a> {
    /// What a JSON value is.
    #[must_use]
    pub fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Absent,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::String(text) => Self::Text(text),
            Value::Number(number) => match number.as_i64() {
                Some(int) if int.unsigned_abs() <= MAX_INTEGER as u64 => Self::Int(int),
                _ => Self::of_float(number.as_f64().unwrap_or(f64::INFINITY)),
            },
            Value::Array(_) | Value::Object(_) => Self::Structure,
        }
    }

    /// What a floating-point number is.
    #[must_use]
    pub fn of_float(float: f64) -> Self {
        if float.trunc() == float && float.abs() <= MAX_INTEGER {
            Self::Int(float as i64)
        } else {
            Self::Fraction(float)
        }
    }

    /// As the text of an id (success.md 3.14): whole numbers in decimal; nothing where it cannot be one.
    #[must_use]
    pub fn id(&self) -> Option<std::borrow::Cow<'a, str>> {
        match self {
            Self::Text("") => None,
            Self::Text(text) => Some((*text).into()),
            Self::Int(int) => Some(int.to_string().into()),
            _ => None,
        }
    }

    /// Times ten to the `scale`, as a whole number.
    pub(super) fn scaled(&self, scale: u8) -> Result<i64, ValueFault> {
        match self {
            Self::Absent => Err(ValueFault::Absent),
            Self::Bool(_) | Self::Structure => Err(ValueFault::Type),
            Self::Int(int) => int.checked_mul(10i64.pow(scale.into())).ok_or(ValueFault::Range),
            Self::Text(text) if is_decimal(text) => scaled(text, 0, scale),
            Self::Text(_) => Err(ValueFault::Type),
            Self::Fraction(float) => {
                // The shortest text that is this number, such as `12.5` or `1.5e-7`.
                let Some(number) = serde_json::Number::from_f64(*float) else { return Err(ValueFault::Range) };
                let text = number.to_string();
                let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                scaled(digits, exponent.parse().unwrap_or_default(), scale)
            }
        }
    }
}

/// `-?[0-9]+(\.[0-9]+)?`
fn is_decimal(text: &str) -> bool {
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    match text.split_once('.') {
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => all_digits(text),
    }
}

/// Decimal digits with at most one point, times ten to `exponent + scale`.
fn scaled(text: &str, exponent: i32, scale: u8) -> Result<i64, ValueFault> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    // How many digits after the point become whole ones.
    let moved = exponent + i32::from(scale);
    let mut value: i64 = 0;
    let mut beyond = false;
    let digits = whole.bytes().chain(fraction.bytes());
    let wanted = whole.len() as i32 + moved;
    let mut seen = 0;
    for digit in digits {
        let digit = i64::from(digit.saturating_sub(b'0'));
        if seen < wanted {
            value = value.saturating_mul(10).saturating_add(digit);
        } else if digit != 0 {
            return Err(ValueFault::Fractional);
        }
        seen += 1;
    }
    while seen < wanted && value != 0 {
        value = value.saturating_mul(10);
        beyond |= value == i64::MAX;
        if beyond {
            break;
        }
        seen += 1;
    }
    if value == i64::MAX { Err(ValueFault::Range) } else { Ok(if negative { -value } else { value }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_whole_in_units_of_its_scale() {
        for (value, scale, expected) in [
            (json!(12), 0, Ok(12)),
            (json!(12.0), 2, Ok(1_200)),
            (json!(12.34), 2, Ok(1_234)),
            (json!(12.345), 2, Err(ValueFault::Fractional)),
            (json!(-0.5), 1, Ok(-5)),
            (json!("12.50"), 2, Ok(1_250)),
            (json!("12.50"), 1, Ok(125)),
            (json!("12.50"), 0, Err(ValueFault::Fractional)),
            (json!("007"), 0, Ok(7)),
            (json!("-0"), 0, Ok(0)),
            (json!("+1"), 0, Err(ValueFault::Type)),
            (json!("1e3"), 0, Err(ValueFault::Type)),
            (json!(".5"), 1, Err(ValueFault::Type)),
            (json!("5."), 1, Err(ValueFault::Type)),
            (json!(""), 0, Err(ValueFault::Type)),
            (json!(1e-6), 6, Ok(1)),
            (json!(1.5e-6), 6, Err(ValueFault::Fractional)),
            (json!(1e300), 0, Err(ValueFault::Range)),
            (json!("99999999999999999999"), 0, Err(ValueFault::Range)),
            (json!(true), 0, Err(ValueFault::Type)),
            (json!([1]), 0, Err(ValueFault::Type)),
            (json!(null), 0, Err(ValueFault::Absent)),
        ] {
            assert_eq!(Scalar::of(&value).scaled(scale), expected, "{value} at scale {scale}");
        }
    }

    #[test]
    fn beyond_two_to_the_53_a_whole_number_is_none() {
        const MOST: i64 = 9_007_199_254_740_991;
        for int in [MOST, -MOST, 0] {
            assert_eq!(Scalar::of(&json!(int)), Scalar::Int(int));
        }
        for int in [MOST + 1, MOST + 2, -MOST - 1] {
            assert_eq!(Scalar::of(&json!(int)), Scalar::of_float(int as f64));
            assert!(!matches!(Scalar::of(&json!(int)), Scalar::Int(_)), "{int}");
        }
    }

    #[test]
    fn an_id_is_bytes() {
        let id = |value: Value| Scalar::of(&value).id().map(|id| id.into_owned());
        assert_eq!(id(json!(7)), Some("7".into()));
        assert_eq!(id(json!(7.0)), Some("7".into()));
        assert_eq!(id(json!("07")), Some("07".into()));
        assert_eq!(id(json!(" 7 ")), Some(" 7 ".into()));
        for none in [json!(""), json!(true), json!(7.5), json!({}), json!(null)] {
            assert_eq!(id(none.clone()), None, "{none}");
        }
    }
}
