//! Numbers in templates (engine.md 1.6). Whole numbers are exact up to 2^53 - 1. Fractions are f64, but are added,
//! multiplied and rounded as the decimals that they print as, so that `10.1 | minus: 2.2` is 7.9, as in Liquid.

use std::fmt::Write as _;

use super::text::trimmed;
use crate::decimal;
use crate::value::MAX_INTEGER;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Plus,
    Minus,
    Times,
    Divide,
    Modulo,
}

/// `digits` behind a point, times ten to the `point`.
struct Digits {
    negative: bool,
    digits: String,
    point: i32,
}

impl Digits {
    /// The shortest digits that read back as this number.
    fn of(float: f64) -> Self {
        let mut text = String::new();
        if let Some(number) = serde_json::Number::from_f64(float) {
            // Writing into a text cannot fail.
            let _ = write!(text, "{number}");
        }
        let mut of = Self { negative: false, digits: String::new(), point: 0 };
        let (mut fraction, mut exponent) = (false, None);
        for (place, byte) in text.bytes().enumerate() {
            match byte {
                b'-' if place == 0 => of.negative = true,
                b'.' => fraction = true,
                b'e' => {
                    exponent = text.get(place + 1..).and_then(|text| text.parse::<i32>().ok());
                    break;
                }
                b'0' if of.digits.is_empty() => of.point -= i32::from(fraction),
                _ => {
                    of.digits.push(char::from(byte));
                    of.point += i32::from(!fraction);
                }
            }
        }
        of.point += exponent.unwrap_or(0);
        of.digits.truncate(of.digits.trim_end_matches('0').len());
        if of.digits.is_empty() {
            of.point = 1;
        }
        of
    }
}

/// Prints a fraction as ECMAScript does, except that a whole one keeps its `.0`, as in Liquid.
pub(super) fn write_float(float: f64, to: &mut String) {
    let Digits { negative, digits, point } = Digits::of(float);
    if negative {
        to.push('-');
    }
    let length = digits.len() as i32;
    let zeros = |to: &mut String, count: i32| {
        for _ in 0..count {
            to.push('0');
        }
    };
    let split = |at: i32| digits.split_at_checked(at as usize).unwrap_or((&digits, ""));
    if (1..=21).contains(&point) {
        let (whole, fraction) = split(point.min(length));
        to.push_str(whole);
        zeros(to, point - length);
        to.push('.');
        to.push_str(if fraction.is_empty() { "0" } else { fraction });
    } else if (-5..=0).contains(&point) {
        to.push_str("0.");
        zeros(to, -point);
        to.push_str(&digits);
    } else {
        let (first, more) = split(1);
        to.push_str(first);
        if !more.is_empty() {
            to.push('.');
            to.push_str(more);
        }
        to.push_str(if point > 0 { "e+" } else { "e-" });
        let _ = write!(to, "{}", (point - 1).unsigned_abs());
    }
}

/// A whole number over a power of ten.
#[derive(Clone, Copy)]
struct Scaled {
    whole: i64,
    scale: u32,
}

impl Scaled {
    fn of(number: Number) -> Option<Self> {
        let float = match number {
            Number::Int(whole) => return Some(Self { whole, scale: 0 }),
            Number::Float(float) => float,
        };
        let digits = Digits::of(float);
        let mut whole: i64 = if digits.digits.is_empty() { 0 } else { digits.digits.parse().ok()? };
        let mut scale = digits.digits.len() as i32 - digits.point;
        if digits.digits.is_empty() || scale < 0 {
            whole = whole.checked_mul(power(scale.unsigned_abs())?)?;
            scale = 0;
        }
        Some(Self { whole: if digits.negative { -whole } else { whole }, scale: scale as u32 })
    }

    fn to(self, scale: u32) -> Option<i64> {
        self.whole.checked_mul(power(scale.checked_sub(self.scale)?)?)
    }

    fn float(self) -> f64 {
        if self.scale <= 22 && self.whole.unsigned_abs() < 1 << 53 {
            // Both are exact, so the quotient is the nearest to the decimal.
            let mut power = 1.0;
            for _ in 0..self.scale {
                power *= 10.0;
            }
            return self.whole as f64 / power;
        }
        let mut text = String::new();
        let _ = write!(text, "{}e-{}", self.whole, self.scale);
        decimal::to_f64(&text)
    }
}

fn power(exponent: u32) -> Option<i64> {
    10i64.checked_pow(exponent)
}

impl Number {
    pub(super) fn float(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Float(float) => float,
        }
    }

    /// A whole number if it is exact as one.
    fn exact(int: i64) -> Self {
        if int.unsigned_abs() as f64 <= MAX_INTEGER { Self::Int(int) } else { Self::Float(int as f64) }
    }

    fn whole(float: f64) -> Self {
        if float.abs() <= MAX_INTEGER { Self::Int(float as i64) } else { Self::Float(float) }
    }

    /// The number at the beginning of a text, in Liquid's way: a fraction only if the text is nothing else.
    pub(super) fn read(text: &str) -> Self {
        let text = trimmed(text, true, true);
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some((whole, fraction)) = unsigned.split_once('.')
            && digits(whole)
            && digits(fraction)
        {
            let float = decimal::to_f64(text);
            return if float.is_finite() { Self::Float(float) } else { Self::Int(0) };
        }
        let unsigned = unsigned.strip_prefix('+').unwrap_or(unsigned);
        let mut int = 0i64;
        for byte in unsigned.bytes() {
            if !byte.is_ascii_digit() {
                break;
            }
            int = int.saturating_mul(10).saturating_add(i64::from(byte - b'0'));
        }
        Self::exact(if text.starts_with('-') { -int } else { int })
    }

    /// Nothing where it is divided by zero or leaves the range of f64.
    pub(super) fn calculate(self, operation: Operation, other: Self) -> Option<Self> {
        use Operation as O;
        if matches!(operation, O::Divide | O::Modulo) && other.float() == 0.0 {
            return None;
        }
        if let (Self::Int(a), Self::Int(b)) = (self, other) {
            let result = match operation {
                O::Plus => a.checked_add(b),
                O::Minus => a.checked_sub(b),
                O::Times => a.checked_mul(b),
                O::Divide => a.checked_div(b).map(|quotient| quotient - i64::from(floor_modulo(a, b) != a % b)),
                O::Modulo => Some(floor_modulo(a, b)),
            };
            if let Some(result) = result {
                return Some(Self::exact(result));
            }
        }
        let float = decimals(self, operation, other).unwrap_or_else(|| {
            let (a, b) = (self.float(), other.float());
            match operation {
                O::Plus => a + b,
                O::Minus => a - b,
                O::Times => a * b,
                O::Divide => a / b,
                O::Modulo => a - b * (a / b).floor(),
            }
        });
        float.is_finite().then_some(Self::Float(float))
    }

    /// Rounds half away from zero to so many decimal places.
    pub(super) fn round(self, places: i64) -> Self {
        let Some(Scaled { whole, scale }) = Scaled::of(self) else {
            return if places > 0 { self } else { Self::whole(self.float().round()) };
        };
        let dropped = i64::from(scale).saturating_sub(places);
        if dropped <= 0 {
            return self;
        }
        let factor = u32::try_from(dropped).ok().and_then(power);
        let rounded = factor.map_or(0, |factor| {
            let (quotient, left) = (whole / factor, whole % factor);
            quotient + if left.unsigned_abs() >= factor.unsigned_abs().div_ceil(2) { left.signum() } else { 0 }
        });
        if places > 0 {
            return Self::Float(Scaled { whole: rounded, scale: places.unsigned_abs() as u32 }.float());
        }
        let shift = u32::try_from(places.unsigned_abs()).ok().and_then(power);
        Self::exact(shift.map_or(0, |shift| rounded.saturating_mul(shift)))
    }

    pub(super) fn floor(self, up: bool) -> Self {
        match self {
            Self::Int(_) => self,
            Self::Float(float) => Self::whole(if up { float.ceil() } else { float.floor() }),
        }
    }

    pub(super) fn abs(self) -> Self {
        match self {
            Self::Int(int) => Self::exact(int.saturating_abs()),
            Self::Float(float) => Self::Float(float.abs()),
        }
    }
}

fn floor_modulo(a: i64, b: i64) -> i64 {
    let left = a.checked_rem(b).unwrap_or(0);
    if left != 0 && (left < 0) != (b < 0) { left + b } else { left }
}

fn decimals(a: Number, operation: Operation, b: Number) -> Option<f64> {
    let (a, b) = (Scaled::of(a)?, Scaled::of(b)?);
    if operation == Operation::Times {
        return Some(Scaled { whole: a.whole.checked_mul(b.whole)?, scale: a.scale + b.scale }.float());
    }
    let scale = a.scale.max(b.scale);
    let (a, b) = (a.to(scale)?, b.to(scale)?);
    let whole = match operation {
        Operation::Plus => a.checked_add(b)?,
        Operation::Minus => a.checked_sub(b)?,
        Operation::Modulo => floor_modulo(a, b),
        Operation::Divide | Operation::Times => return Some(a as f64 / b as f64),
    };
    Some(Scaled { whole, scale }.float())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(float: f64) -> String {
        let mut text = String::new();
        write_float(float, &mut text);
        text
    }

    #[test]
    fn fractions_print_as_in_ecmascript_but_keep_their_point() {
        for (float, expected) in [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (-5.1, "-5.1"),
            (100.0, "100.0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e16, "10000000000000000.0"),
            (1.5e20, "150000000000000000000.0"),
            (1e21, "1e+21"),
            (1.25e21, "1.25e+21"),
            (0.00001, "0.00001"),
            (0.000001, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
        ] {
            assert_eq!(printed(float), expected);
        }
    }

    #[test]
    fn money_adds_up() {
        let calculate = |a, operation, b| Number::Float(a).calculate(operation, Number::Float(b)).unwrap().float();
        assert_eq!(calculate(10.1, Operation::Minus, 2.2), 7.9);
        assert_eq!(calculate(0.1, Operation::Plus, 0.2), 0.3);
        assert_eq!(calculate(1.1, Operation::Times, 1.1), 1.21);
        assert_eq!(calculate(0.3, Operation::Divide, 0.1), 3.0);
        assert_eq!(calculate(10.1, Operation::Modulo, 7.0), 3.1);
        assert_eq!(calculate(1e300, Operation::Plus, 1.5), 1e300);
        assert_eq!(Number::Float(2.675).round(2), Number::Float(2.68));
        assert_eq!(Number::Float(-2.5).round(0), Number::Int(-3));
        assert_eq!(Number::Int(1_250).round(-2), Number::Int(1_300));
        assert_eq!(Number::Float(1e300).round(-400), Number::Float(1e300));
    }

    #[test]
    fn whole_numbers_divide_downwards() {
        let calculate = |a, operation, b| Number::Int(a).calculate(operation, Number::Int(b));
        assert_eq!(calculate(-9, Operation::Divide, 2), Some(Number::Int(-5)));
        assert_eq!(calculate(-9, Operation::Modulo, 2), Some(Number::Int(1)));
        assert_eq!(calculate(9, Operation::Modulo, -2), Some(Number::Int(-1)));
        assert_eq!(calculate(1, Operation::Divide, 0), None);
        assert_eq!(calculate(i64::MIN, Operation::Divide, -1).map(Number::float), Some(9_223_372_036_854_775_808.0));
        assert_eq!(calculate(1 << 52, Operation::Times, 4), Some(Number::Float(18_014_398_509_481_984.0)));
    }

    #[test]
    fn a_text_counts_as_the_number_it_begins_with() {
        for (text, expected) in [
            ("12", Number::Int(12)),
            (" -5.1 ", Number::Float(-5.1)),
            ("12abc", Number::Int(12)),
            ("1.5x", Number::Int(1)),
            ("abc", Number::Int(0)),
            ("", Number::Int(0)),
            ("-", Number::Int(0)),
        ] {
            assert_eq!(Number::read(text), expected, "{text}");
        }
    }
}
