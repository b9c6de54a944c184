//! Reading and writing JSON on the device.
//!
//! Derived `serde` code is made anew for each type and each reader; in the web module it took 360 KB, more than
//! everything else together (docs/decisions/0002). Here a document is parsed once into [`Value`] by `serde_json`, and
//! types read themselves from it through a few small functions that are shared by all of them. What cannot be read is
//! named by its path.

use std::cell::RefCell;
use std::fmt::Write as _;

use crate::Value;

/// What cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) path: String,
    pub(crate) message: String,
}

/// A place in a document, and where its faults are noted. Its path is spelled out only for a fault.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    up: Option<&'a At<'a>>,
    name: &'a str,
    item: usize,
    faults: &'a RefCell<Vec<Fault>>,
}

impl<'a> At<'a> {
    /// The whole of a document whose paths begin with `name`.
    pub(crate) fn document(name: &'a str, faults: &'a RefCell<Vec<Fault>>) -> Self {
        Self { up: None, name, item: 0, faults }
    }

    /// How many faults were noted so far, wherever.
    pub(crate) fn faults(&self) -> usize {
        self.faults.borrow().len()
    }

    pub(crate) fn field(&'a self, name: &'a str) -> Self {
        Self { up: Some(self), name, item: 0, faults: self.faults }
    }

    pub(crate) fn item(&'a self, item: usize) -> Self {
        Self { up: Some(self), name: "", item, faults: self.faults }
    }

    fn path(&self) -> String {
        let Some(up) = self.up else { return self.name.to_owned() };
        let mut path = up.path();
        if self.name.is_empty() {
            // Writing into a text cannot fail.
            let _ = write!(path, "[{}]", self.item);
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(self.name);
        }
        path
    }

    /// Notes a fault here. Whoever reads goes on with a value that stands in.
    pub(crate) fn fault(&self, message: &str) {
        self.faults.borrow_mut().push(Fault { path: self.path(), message: message.to_owned() });
    }

    /// Something else was expected here.
    pub(crate) fn expected(&self, what: &str, seen: Option<&Value>) {
        let Some(seen) = seen else { return self.fault(&[what, " is needed here"].concat()) };
        let mut seen = to_json(seen);
        if let Some((cut, _)) = seen.char_indices().nth(40) {
            seen.truncate(cut);
            seen.push('…');
        }
        self.fault(&[what, " is needed here, not ", &seen].concat());
    }

    pub(crate) fn unknown(&self, what: &str, name: &str, known: &[&str]) {
        self.fault(&["unknown ", what, " `", name, "`; known are ", &listed(known)].concat());
    }
}

/// Names with commas between them.
pub(crate) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let mut list = String::new();
    for name in names {
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(name.as_ref());
    }
    list
}

/// Reads a whole document; `name` is what its paths begin with.
pub(crate) fn read<T: Read>(value: &Value, name: &str) -> Result<T, Vec<Fault>> {
    let faults = RefCell::new(Vec::new());
    let read = T::read(Some(value), &At::document(name, &faults));
    news(faults.into_inner()).map(|()| read)
}

/// Reads a whole document; something stands in for what cannot be read.
pub(crate) fn read_leniently<T: Read>(value: &Value) -> T {
    let faults = RefCell::new(Vec::new());
    T::read(Some(value), &At::document("", &faults))
}

fn news(faults: Vec<Fault>) -> Result<(), Vec<Fault>> {
    let told = outermost(faults);
    if told.is_empty() { Ok(()) } else { Err(told) }
}

/// Faults, without those inside of something that could not be read at all.
pub(crate) fn outermost(faults: Vec<Fault>) -> Vec<Fault> {
    let mut told: Vec<Fault> = Vec::new();
    for fault in faults {
        let inside = |outer: &Fault| match fault.path.strip_prefix(&outer.path) {
            Some(rest) => rest.starts_with(['.', '[']) || (outer.path.is_empty() && !rest.is_empty()),
            None => false,
        };
        if !told.iter().any(inside) {
            told.push(fault);
        }
    }
    told
}

/// A type that reads itself from JSON. It always answers: what cannot be read is noted as a fault, and something stands
/// in for it, so that every fault of a document is found in one reading and no code is spent on turning back.
pub(crate) trait Read: Sized {
    /// `value` is nothing where the field is absent.
    fn read(value: Option<&Value>, at: &At<'_>) -> Self;
}

/// A type that writes itself as JSON.
pub(crate) trait Write {
    fn write(&self, to: &mut String);

    /// Whether a field with it is left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// A value that says nothing: a field with `=>` is left out where it has it. Its own trait, because comparing with a
/// default would bring the comparison of everything that a list may hold.
pub(crate) trait Blank {
    fn is_blank(&self) -> bool;
}

impl<T> Blank for Vec<T> {
    fn is_blank(&self) -> bool {
        self.is_empty()
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

pub(crate) fn to_json(value: &(impl Write + ?Sized)) -> String {
    let mut text = String::with_capacity(256);
    value.write(&mut text);
    text
}

pub(crate) type Object = serde_json::Map<String, Value>;

pub(crate) fn object<'a>(value: Option<&'a Value>, at: &At<'_>) -> Option<&'a Object> {
    let object = value.and_then(Value::as_object);
    if object.is_none() {
        at.expected("an object", value);
    }
    object
}

pub(crate) fn text<'a>(value: Option<&'a Value>, at: &At<'_>) -> &'a str {
    match value {
        Some(Value::String(text)) => text,
        _ => {
            at.expected("a text", value);
            ""
        }
    }
}

pub(crate) fn field<T: Read>(object: Option<&Object>, name: &str, at: &At<'_>) -> T {
    T::read(object.and_then(|object| object.get(name)), &at.field(name))
}

/// A field that may be absent.
pub(crate) fn field_or<T: Read>(object: Option<&Object>, name: &str, at: &At<'_>, absent: impl FnOnce() -> T) -> T {
    match object.and_then(|object| object.get(name)) {
        None => absent(),
        value => T::read(value, &at.field(name)),
    }
}

/// Refuses fields that are not among `names`.
pub(crate) fn deny_unknown_fields(object: Option<&Object>, names: &[&str], at: &At<'_>) {
    for key in object.into_iter().flat_map(Object::keys) {
        if !names.contains(&key.as_str()) {
            at.field(key).unknown("field", key, names);
        }
    }
}

/// The one field of an object that names a variant, or a text that names one without content.
pub(crate) fn variant<'a>(value: Option<&'a Value>, at: &At<'_>) -> (&'a str, Option<&'a Value>) {
    match value {
        Some(Value::String(name)) => return (name, None),
        Some(Value::Object(object)) if object.len() == 1 => {
            if let Some((name, content)) = object.iter().next() {
                return (name, Some(content));
            }
        }
        _ => {}
    }
    at.expected("a name, or an object with exactly one field,", value);
    ("", None)
}

/// Which of `names` a text is; the first, with a fault, if it is none.
pub(crate) fn named(value: Option<&Value>, names: &[&str], at: &At<'_>) -> usize {
    let text = text(value, at);
    names.iter().position(|name| *name == text).unwrap_or_else(|| {
        if !text.is_empty() {
            at.unknown("variant", text, names);
        }
        0
    })
}

/// Writes a field with the comma before it.
pub(crate) fn put(to: &mut String, name: &str, value: &dyn Write) {
    if !value.is_absent() {
        if !to.ends_with('{') {
            to.push(',');
        }
        name.write(to);
        to.push(':');
        value.write(to);
    }
}

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
        match value {
            Some(Value::Array(items)) => {
                for (place, item) in items.iter().enumerate() {
                    list.push(T::read(Some(item), &at.item(place)));
                }
            }
            _ => at.expected("a list", value),
        }
        list
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

/// The name of a field in a document.
macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident, $name:literal) => {
        $name
    };
}

macro_rules! wire_field {
    ($object:ident, $at:ident, $name:expr) => {
        crate::wire::field($object, $name, $at)
    };
    ($object:ident, $at:ident, $name:expr, $absent:expr) => {
        crate::wire::field_or($object, $name, $at, || $absent)
    };
}

macro_rules! wire_put {
    ($to:ident, $name:expr, $value:expr) => {
        crate::wire::put($to, $name, &$value)
    };
    ($to:ident, $name:expr, $value:expr, $silent:expr) => {
        if !crate::wire::Blank::is_blank(&$value) {
            crate::wire::put($to, $name, &$value);
        }
    };
}

/// Structs that read and write themselves: `field as "name": Type = default`; with `=> default` the field is left out
/// where it has that value, which is its type's blank one. `read only;` before them makes no writer. One with `[deny_unknown_fields]` refuses
/// fields that it does not know. `without schema;` before them keeps them out of the published JSON Schemas.
macro_rules! wire {
    (without schema; $($structs:tt)*) => {
        crate::wire::wire! { @ any(), yes; $($structs)* }
    };
    (read only; $($structs:tt)*) => {
        crate::wire::wire! { @ any(), no; $($structs)* }
    };
    (@ $schema:meta, $written:ident; $(
        $(#[$meta:meta])*
        $vis:vis struct $type:ident $([$strict:ident])? {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident $(as $name:literal)? : $of:ty $(= $absent:expr)? $(=> $silent:expr)? ),* $(,)?
        }
    )*) => { $(
        #[cfg_attr($schema, derive(schemars::JsonSchema))]
        $(#[$meta])*
        $( #[cfg_attr($schema, schemars($strict))] )?
        $vis struct $type { $(
            $(#[$field_meta])*
            $( #[cfg_attr($schema, schemars(rename = $name))] )?
            $(
                #[doc = concat!("\n\nIf absent: `", stringify!($absent), "`.")]
                #[cfg_attr($schema, schemars(default, transform = crate::schema::without_default))]
            )?
            $(
                #[doc = concat!("\n\nLeft out where it is `", stringify!($silent), "`.")]
                #[cfg_attr($schema, schemars(default, transform = crate::schema::without_default))]
            )?
            $field_vis $field: $of,
        )* }

        impl crate::wire::Read for $type {
            #[allow(unused_variables)]
            fn read(value: Option<&crate::Value>, at: &crate::wire::At<'_>) -> Self {
                let object = crate::wire::object(value, at);
                let known: &[&str] = &[$( crate::wire::wire_name!($field $(, $name)?) ),*];
                $( crate::wire::$strict(object, known, at); )?
                Self { $(
                    $field: crate::wire::wire_field!(object, at, crate::wire::wire_name!($field $(, $name)?) $(, $absent)? $(, $silent)?),
                )* }
            }
        }

        crate::wire::wire_write! { $written $type { $( $field $(as $name)? $(=> $silent)? ),* } }
    )* };
    ($($structs:tt)*) => {
        crate::wire::wire! { @ feature = "schema", yes; $($structs)* }
    };
}

macro_rules! wire_write {
    (no $($rest:tt)*) => {};
    (yes $type:ident { $( $field:ident $(as $name:literal)? $(=> $silent:expr)? ),* }) => {
        impl crate::wire::Write for $type {
            fn write(&self, to: &mut String) {
                to.push('{');
                $( crate::wire::wire_put!(to, crate::wire::wire_name!($field $(, $name)?), self.$field $(, $silent)?); )*
                to.push('}');
            }
        }
    };
}

/// Enums whose variants are names.
macro_rules! names {
    ($(
        $(#[$meta:meta])*
        $vis:vis enum $type:ident { $( $(#[$variant_meta:meta])* $variant:ident = $name:literal ),* $(,)? }
    )*) => { $(
        $(#[$meta])*
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        $vis enum $type { $(
            $(#[$variant_meta])*
            #[cfg_attr(feature = "schema", schemars(rename = $name))]
            $variant,
        )* }

        impl $type {
            /// The name in documents and records.
            #[must_use]
            $vis fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }
        }

        impl crate::wire::Read for $type {
            fn read(value: Option<&crate::Value>, at: &crate::wire::At<'_>) -> Self {
                const ALL: &[$type] = &[$( $type::$variant ),*];
                let place = crate::wire::named(value, &[$( $name ),*], at);
                // `named` answers with a place in the list of the same names.
                #[allow(clippy::indexing_slicing)]
                ALL[place]
            }
        }

        impl crate::wire::Write for $type {
            fn write(&self, to: &mut String) {
                self.name().write(to);
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.name())
            }
        }
    )* };
}

/// Enums whose variants carry fields: written as an object whose first field, the tag, names the variant.
macro_rules! tagged {
    ($(
        $(#[$meta:meta])*
        $vis:vis enum $type:ident tagged $tag:literal {
            $( $(#[$variant_meta:meta])* $variant:ident = $name:literal $({
                $( $(#[$field_meta:meta])* $field:ident: $of:ty ),* $(,)?
            })? ),* $(,)?
        }
    )*) => { $(
        $(#[$meta])*
        $vis enum $type { $(
            $(#[$variant_meta])*
            $variant $({ $( $(#[$field_meta])* $field: $of, )* })?,
        )* }

        impl $type {
            /// Every name that a variant can have.
            pub const NAMES: &[&str] = &[$( $name ),*];

            /// The name of the variant in documents and records.
            #[must_use]
            $vis fn name(&self) -> &'static str {
                match self { $( Self::$variant $({ $( $field: _, )* })? => $name, )* }
            }

            /// Writes the tag and the fields, without the braces.
            pub(crate) fn write_fields(&self, to: &mut String) {
                crate::wire::put(to, $tag, &self.name());
                match self { $(
                    Self::$variant $({ $( $field, )* })? => { $( $( crate::wire::put(to, stringify!($field), $field); )* )? }
                )* }
            }
        }

        impl crate::wire::Write for $type {
            fn write(&self, to: &mut String) {
                to.push('{');
                self.write_fields(to);
                to.push('}');
            }
        }

        crate::wire::serialize_as_written!($type);
    )* };
}

/// `serde`'s way of writing for hosts that use it; the device does not.
macro_rules! serialize_as_written {
    ($($type:ty),* $(,)?) => { $(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let json: crate::Value = serde_json::from_str(&crate::wire::to_json(self)).map_err(serde::ser::Error::custom)?;
                json.serialize(to)
            }
        }
    )* };
}

pub(crate) use {names, serialize_as_written, tagged, wire, wire_field, wire_name, wire_put, wire_write};

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    wire! {
        #[derive(Debug, PartialEq)]
        struct Sample {
            name: String,
            count as "n": u32 = 7,
            maybe: Option<i64>,
            list: Vec<Vec<bool>> = Vec::new(),
        }
    }

    fn read(value: Value) -> Result<Sample, Fault> {
        super::read(&value, "doc").map_err(|mut faults| faults.remove(0))
    }

    #[test]
    fn every_fault_is_found_in_one_reading() {
        let faults = super::read::<Sample>(&json!({"n": "x", "list": [7]}), "").unwrap_err();
        let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(paths, ["name", "n", "list[0]"]);
    }

    #[test]
    fn texts_and_integers_are_written_as_serde_json_writes_them() {
        let every: String = (0..0x250).filter_map(char::from_u32).collect();
        for text in ["", "\"", "a\\", "\u{7f}\u{2028}\u{10ffff}", "\u{8}\u{c}end", every.as_str()] {
            assert_eq!(serde_json::from_str::<String>(&to_json(text)).unwrap(), text);
        }
        for integer in [0, 7, -7, 10, -10, i64::MAX, i64::MIN, 9_007_199_254_740_991] {
            assert_eq!(to_json(&integer), integer.to_string());
        }
    }

    #[test]
    fn a_struct_reads_what_it_writes() {
        let sample =
            Sample { name: "a\"\\\n\u{1}é😀".into(), count: 3, maybe: Some(-1), list: vec![vec![true], vec![]] };
        let text = to_json(&sample);
        assert_eq!(text, "{\"name\":\"a\\\"\\\\\\n\\u0001é😀\",\"n\":3,\"maybe\":-1,\"list\":[[true],[]]}");
        assert_eq!(read(serde_json::from_str(&text).unwrap()), Ok(sample));
    }

    #[test]
    fn what_is_absent_has_its_default_and_what_is_required_is_named() {
        assert_eq!(read(json!({"name": "a"})), Ok(Sample { name: "a".into(), count: 7, maybe: None, list: vec![] }));
        assert_eq!(read(json!({})), Err(Fault { path: "doc.name".into(), message: "a text is needed here".into() }));
    }

    #[test]
    fn a_fault_names_its_place_and_what_was_seen() {
        let path = |value| read(value).map_err(|fault| fault.path);
        assert_eq!(path(json!({"name": 7})), Err("doc.name".into()));
        assert_eq!(path(json!({"name": "a", "list": [[true], [1]]})), Err("doc.list[1][0]".into()));
        assert_eq!(path(json!([])), Err("doc".into()));
        let fault = read(json!({"name": "a", "n": -1})).unwrap_err();
        assert_eq!(fault.message, "a whole number from 0 to 4294967295 is needed here, not -1");
        let long = read(json!({"name": ["x".repeat(100)]})).unwrap_err();
        assert!(long.message.chars().count() < 80, "{}", long.message);
        for number in [json!(1.5), json!(4_294_967_296u64), json!("1"), json!(1e300)] {
            assert!(read(json!({"name": "a", "n": number})).is_err());
        }
        assert_eq!(read(json!({"name": "a", "n": 2.0})).unwrap().count, 2);
    }
}
