//! Reading and writing JSON on the device.
//!
//! Derived `serde` code is made anew for each type and each reader; in the web module it took 360 KB, more than
//! everything else together (docs/decisions/0002). Here a document is parsed once into [`Value`] (`json.rs`), and types
//! read themselves from it through a few small functions that are shared by all of them. What cannot be read is
//! named by its path.

use std::cell::RefCell;
use std::fmt::Write as _;

use crate::Value;

mod macros;
mod types;

pub(crate) use macros::{names, serialize_as_written, tagged, wire, wire_field, wire_name, wire_put, wire_write};
pub(crate) use types::write_list;

/// What cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) path: String,
    pub(crate) message: String,
}

/// Faults in one line, each behind its path.
pub(crate) fn told(faults: &[Fault]) -> String {
    let mut text = String::new();
    for fault in faults {
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(&fault.path);
        text.push_str(": ");
        text.push_str(&fault.message);
    }
    text
}

/// A text as JSON; `place` is the path of a fault.
pub(crate) fn parse(json: &str, place: &str) -> Result<Value, Fault> {
    crate::json::parse(json).map_err(|error| {
        let message = format!("line {}, column {}: {}", error.line, error.column, error.message);
        Fault { path: place.to_owned(), message }
    })
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
    read_field(get(object, name), name, at)
}

#[inline(never)]
fn get<'a>(object: Option<&'a Object>, name: &str) -> Option<&'a Value> {
    object?.get(name)
}

/// What an object has; nothing has nothing. In one place: going through a map is long, wherever it is written out.
pub(crate) struct Fields<'a>(Option<serde_json::map::Iter<'a>>);

pub(crate) fn fields(object: Option<&Object>) -> Fields<'_> {
    Fields(object.map(Object::iter))
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a String, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.as_mut()?.next()
    }
}

/// What a list has; what is no list has nothing.
pub(crate) fn items(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(items)) => items,
        _ => &[],
    }
}

/// A field that may be absent.
pub(crate) fn field_or<T: Read>(object: Option<&Object>, name: &str, at: &At<'_>, absent: impl FnOnce() -> T) -> T {
    match get(object, name) {
        None => absent(),
        value => read_field(value, name, at),
    }
}

#[inline(never)]
fn read_field<T: Read>(value: Option<&Value>, name: &str, at: &At<'_>) -> T {
    T::read(value, &at.field(name))
}

/// Refuses fields that are not among `names`.
pub(crate) fn deny_unknown_fields(object: Option<&Object>, names: &[&str], at: &At<'_>) {
    for (key, _) in fields(object) {
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
    fn what_lies_inside_of_what_could_not_be_read_is_not_told() {
        let told = |paths: &[&str]| {
            let fault = |path: &&str| Fault { path: (*path).to_owned(), message: String::new() };
            let told = outermost(paths.iter().map(fault).collect());
            told.into_iter().map(|fault| fault.path).collect::<Vec<_>>()
        };
        assert_eq!(told(&["a", "a.b", "a[0]", "ab", "b.a", "b"]), ["a", "ab", "b.a", "b"]);
        assert_eq!(told(&["", "a", "a.b"]), [""]);
        assert_eq!(told(&["a", "a"]), ["a", "a"]);
        assert_eq!(told(&["", ""]), ["", ""]);
    }

    #[test]
    fn a_variant_is_a_name_or_the_one_field_of_an_object() {
        let read = |value: Value| {
            let faults = RefCell::new(Vec::new());
            let (name, content) = variant(Some(&value), &At::document("", &faults));
            (name.to_owned(), content.cloned(), faults.into_inner().len())
        };
        assert_eq!(read(json!("a")), ("a".to_owned(), None, 0));
        assert_eq!(read(json!({"a": 1})), ("a".to_owned(), Some(json!(1)), 0));
        for other in [json!({"a": 1, "b": 2}), json!({}), json!(7)] {
            assert_eq!(read(other), (String::new(), None, 1));
        }
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
