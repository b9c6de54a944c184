//! How values that are no structs of ours read and write themselves.

use std::fmt::Write as _;
use std::sync::Arc;

use super::{At, Blank, Object, Read, Write, object, text};
use crate::Value;

impl Write for str {
    fn write(&self, to: &mut String) {
        to.push('"');
        let mut rest = self;
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, 0..b' ' | b'"' | b'\\')) {
            let (plain, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
            to.push_str(plain);
            match after.bytes().next() {
                Some(b'"') => to.push_str("\\\""),
                Some(b'\\') => to.push_str("\\\\"),
                Some(b'\n') => to.push_str("\\n"),
                Some(b'\r') => to.push_str("\\r"),
                Some(b'\t') => to.push_str("\\t"),
                byte => drop(write!(to, "\\u{:04x}", byte.unwrap_or_default())),
            }
            rest = after.get(1..).unwrap_or_default();
        }
        to.push_str(rest);
        to.push('"');
    }
}

impl Write for &str {
    fn write(&self, to: &mut String) {
        (*self).write(to);
    }
}

impl Write for String {
    fn write(&self, to: &mut String) {
        self.as_str().write(to);
    }
}

impl Read for String {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        text(value, at).to_owned()
    }
}

impl Write for bool {
    fn write(&self, to: &mut String) {
        to.push_str(if *self { "true" } else { "false" });
    }
}

impl Read for bool {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        match value {
            Some(Value::Bool(value)) => *value,
            _ => {
                at.expected("true or false", value);
                false
            }
        }
    }
}

macro_rules! integers {
    ($($type:ty),*) => { $(
        impl Read for $type {
            fn read(value: Option<&Value>, at: &At<'_>) -> Self {
                // Within the range of i64; `seq` and the like never come near its end.
                let (least, most) = (i64::try_from(<$type>::MIN).unwrap_or(i64::MIN), i64::try_from(<$type>::MAX).unwrap_or(i64::MAX));
                integer(value, at, least, most) as $type
            }
        }

        impl Write for $type {
            fn write(&self, to: &mut String) {
                write_integer(*self as i64, to);
            }
        }
    )* };
}
integers!(u32, i32, u64, i64, usize);

/// Whole numbers may be written as `1.0`.
fn integer(value: Option<&Value>, at: &At<'_>, least: i64, most: i64) -> i64 {
    let whole =
        |float: f64| (float.trunc() == float && float.abs() <= crate::value::MAX_INTEGER).then_some(float as i64);
    if let Some(Value::Number(number)) = value
        && let Some(integer) = number.as_i64().or_else(|| number.as_f64().and_then(whole))
        && (least..=most).contains(&integer)
    {
        return integer;
    }
    let mut what = String::from("a whole number from ");
    write_integer(least, &mut what);
    what.push_str(" to ");
    write_integer(most, &mut what);
    at.expected(&what, value);
    0
}

fn write_integer(integer: i64, to: &mut String) {
    let mut digits = [b'-'; 20];
    let mut left = integer.unsigned_abs();
    let mut first = digits.len();
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
        first = place;
        if left == 0 {
            break;
        }
    }
    // What was not written is a minus.
    first = if integer < 0 { first.saturating_sub(1) } else { first };
    to.push_str(digits.get(first..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default());
}

impl Read for f64 {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        // A template gives a text.
        let number = match value {
            Some(Value::String(text)) => crate::json::parse(text).ok().and_then(|value| value.as_f64()),
            value => value.and_then(Value::as_f64),
        };
        number.unwrap_or_else(|| {
            at.expected("a number", value);
            0.0
        })
    }
}

impl Write for f64 {
    fn write(&self, to: &mut String) {
        crate::value::number(*self).write(to);
    }
}

impl Read for Value {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        value.cloned().unwrap_or_else(|| {
            at.expected("a value", None);
            Self::Null
        })
    }
}

impl Write for Value {
    fn write(&self, to: &mut String) {
        match self {
            Self::Null => to.push_str("null"),
            Self::Bool(value) => value.write(to),
            Self::Number(number) => {
                let _ = write!(to, "{number}");
            }
            Self::String(text) => text.write(to),
            Self::Array(items) => items.write(to),
            Self::Object(object) => object.write(to),
        }
    }
}

impl Read for Object {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        object(value, at).cloned().unwrap_or_default()
    }
}

impl Write for Object {
    fn write(&self, to: &mut String) {
        to.push('{');
        for (name, value) in self {
            if !to.ends_with('{') {
                to.push(',');
            }
            name.write(to);
            to.push(':');
            value.write(to);
        }
        to.push('}');
    }
}

impl<T: Read> Read for Arc<T> {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        Self::new(T::read(value, at))
    }
}

impl<T: Write> Write for Arc<T> {
    fn write(&self, to: &mut String) {
        self.as_ref().write(to);
    }
}

impl<T: Read> Read for Option<T> {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        match value {
            None | Some(Value::Null) => None,
            value => Some(T::read(value, at)),
        }
    }
}

impl<T: Write> Write for Option<T> {
    fn write(&self, to: &mut String) {
        match self {
            Some(value) => value.write(to),
            None => to.push_str("null"),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        let mut list = Self::new();
        each_item(value, at, &mut |item, at| list.push(T::read(Some(item), at)));
        list
    }
}

/// One for lists of every type.
fn each_item(value: Option<&Value>, at: &At<'_>, read: &mut dyn FnMut(&Value, &At<'_>)) {
    match value {
        Some(Value::Array(items)) => {
            for (place, item) in items.iter().enumerate() {
                read(item, &at.item(place));
            }
        }
        _ => at.expected("a list", value),
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, to: &mut String) {
        write_list(to, self.iter());
    }
}

pub(crate) fn write_list<'a, T: Write + 'a>(to: &mut String, items: impl Iterator<Item = &'a T>) {
    to.push('[');
    for item in items {
        if !to.ends_with('[') {
            to.push(',');
        }
        item.write(to);
    }
    to.push(']');
}

impl<T> Blank for Vec<T> {
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Blank> Blank for Arc<T> {
    fn is_blank(&self) -> bool {
        T::is_blank(self)
    }
}

impl Blank for Object {
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl Blank for String {
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl Blank for Value {
    fn is_blank(&self) -> bool {
        self.is_null()
    }
}

macro_rules! blank_is_default {
    ($($type:ty),* $(,)?) => { $(
        impl Blank for $type {
            fn is_blank(&self) -> bool {
                *self == Self::default()
            }
        }
    )* };
}
blank_is_default!(
    bool,
    u32,
    u64,
    crate::Timestamp,
    crate::RecordId,
    crate::Purposes,
    crate::SessionCause,
    crate::AttributeOp
);
