//! What may stand after a field: comparisons without coercion (engine.md 3.1).

use super::evaluate::Node;
use super::pattern::Pattern;
use super::version;
use crate::Value;
use crate::letters;

/// A comparison of one value, with its constants taken out of JSON when it was compiled.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    All(Vec<Test>),
    Not(Box<Test>),
    /// Null or missing.
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// A list or an object.
    Json(Value),
    NumberIs(Order, f64),
    TextIs(Order, String),
    In(Vec<Value>),
    /// The same without regard to case; the texts are in lower case.
    InFolded(Vec<Value>),
    /// Each of these has an element.
    Holds(Vec<Test>),
    /// A text without regard to case, in lower case.
    Folded(String),
    Exists(bool),
    Type(Type),
    Size(Box<Test>),
    Element(Box<Test>),
    /// An element that is an object.
    ElementWith(Box<Node>),
    Pattern {
        pattern: Pattern,
        negated: bool,
    },
    Version(VersionIs, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(super) fn allows(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VersionIs {
    Equal,
    Different,
    Ordered(Order),
}

impl VersionIs {
    pub(super) fn named(operator: &str) -> Option<Self> {
        Some(match operator {
            "$veq" => Self::Equal,
            "$vne" => Self::Different,
            "$vlt" => Self::Ordered(Order::Less),
            "$vlte" => Self::Ordered(Order::LessOrEqual),
            "$vgt" => Self::Ordered(Order::Greater),
            "$vgte" => Self::Ordered(Order::GreaterOrEqual),
            _ => return None,
        })
    }

    pub(super) fn allows(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Different => ordering.is_ne(),
            Self::Ordered(order) => order.allows(ordering),
        }
    }
}

/// The types of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Type {
    pub(super) const NAMES: [(&'static str, Self); 6] = [
        ("string", Self::String),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("array", Self::Array),
        ("object", Self::Object),
        ("null", Self::Null),
    ];

    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

impl Test {
    /// Equality with a constant.
    pub(super) fn equals(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(wanted) => Self::Bool(*wanted),
            Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Self::Text(text.clone()),
            other => Self::Json(other.clone()),
        }
    }

    /// Without a value only `Null`, `Exists(false)` and negations hold.
    pub(super) fn holds(&self, seen: Option<&Value>) -> bool {
        match self {
            Self::All(tests) => {
                for test in tests {
                    if !test.holds(seen) {
                        return false;
                    }
                }
                true
            }
            Self::Not(test) => !test.holds(seen),
            Self::Null => matches!(seen, None | Some(Value::Null)),
            Self::Exists(wanted) => matches!(seen, None | Some(Value::Null)) != *wanted,
            _ => match seen {
                Some(seen) => self.holds_of(seen),
                None => false,
            },
        }
    }

    fn holds_of(&self, seen: &Value) -> bool {
        match (self, seen) {
            (Self::Text(wanted), Value::String(seen)) => seen == wanted,
            (Self::Number(wanted), Value::Number(seen)) => seen.as_f64() == Some(*wanted),
            (Self::Bool(wanted), Value::Bool(seen)) => seen == wanted,
            (Self::NumberIs(order, wanted), Value::Number(seen)) => match (seen.as_f64(), order) {
                (Some(seen), Order::Less) => seen < *wanted,
                (Some(seen), Order::LessOrEqual) => seen <= *wanted,
                (Some(seen), Order::Greater) => seen > *wanted,
                (Some(seen), Order::GreaterOrEqual) => seen >= *wanted,
                (None, _) => false,
            },
            (Self::TextIs(order, wanted), Value::String(seen)) => order.allows(seen.as_bytes().cmp(wanted.as_bytes())),
            (Self::In(wanted), Value::String(seen)) => {
                // The usual list, without a turn through equality of everything.
                for wanted in wanted {
                    if matches!(wanted, Value::String(wanted) if same(wanted, seen)) {
                        return true;
                    }
                }
                false
            }
            (Self::In(wanted), Value::Array(seen)) => any_among(seen, wanted),
            (Self::In(wanted), seen) => among(seen, wanted),
            (Self::InFolded(wanted), Value::Array(seen)) => {
                for seen in seen {
                    if among(&folded(seen), wanted) {
                        return true;
                    }
                }
                false
            }
            (Self::InFolded(wanted), seen) => among(&folded(seen), wanted),
            (Self::Holds(tests), Value::Array(seen)) => {
                for test in tests {
                    if !any(seen, test) {
                        return false;
                    }
                }
                true
            }
            (Self::Folded(wanted), Value::String(seen)) => letters::folded(seen) == *wanted,
            (Self::Json(wanted), seen) => equal(seen, wanted),
            (Self::Type(wanted), seen) => Type::of(seen) == *wanted,
            (Self::Size(test), Value::Array(seen)) => test.holds(Some(&Value::from(seen.len()))),
            (Self::Element(test), Value::Array(seen)) => any(seen, test),
            (Self::ElementWith(node), Value::Array(seen)) => {
                for seen in seen {
                    if seen.is_object() && node.truth(seen) == super::Truth::True {
                        return true;
                    }
                }
                false
            }
            (Self::Pattern { pattern, negated }, Value::String(seen)) => pattern.is_match(seen) != *negated,
            (Self::Version(is, wanted), Value::String(seen)) => is.allows(version::padded(seen).cmp(wanted)),
            _ => false,
        }
    }

    /// The largest of its constants, if it compares with numbers only. `absence` allows what asks whether there is one.
    pub(super) fn largest_number(&self, absence: bool) -> Option<f64> {
        match self {
            Self::All(tests) => {
                let mut largest = 0.0f64;
                for test in tests {
                    largest = largest.max(test.largest_number(absence)?);
                }
                Some(largest)
            }
            Self::Not(test) => test.largest_number(absence),
            Self::Number(wanted) | Self::NumberIs(_, wanted) => Some(*wanted),
            Self::In(wanted) => {
                let mut largest = 0.0f64;
                for wanted in wanted {
                    largest = largest.max(wanted.as_f64()?);
                }
                Some(largest)
            }
            Self::Null | Self::Exists(_) if absence => Some(0.0),
            _ => None,
        }
    }
}

/// Equality of texts, of which most differ in length or in the last letter: a list asks many times.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.as_bytes().last() == b.as_bytes().last() && a == b
}

fn any(seen: &[Value], test: &Test) -> bool {
    for seen in seen {
        if test.holds(Some(seen)) {
            return true;
        }
    }
    false
}

fn any_among(seen: &[Value], wanted: &[Value]) -> bool {
    for seen in seen {
        if among(seen, wanted) {
            return true;
        }
    }
    false
}

fn among(seen: &Value, wanted: &[Value]) -> bool {
    for wanted in wanted {
        if equal(seen, wanted) {
            return true;
        }
    }
    false
}

/// A text in lower case; anything else as it is.
pub(super) fn folded(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(letters::folded(text)),
        other => other.clone(),
    }
}

/// Equality without coercion; `1` and `1.0` are the same number.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            if a.len() != b.len() {
                return false;
            }
            for (a, b) in a.iter().zip(b) {
                if !equal(a, b) {
                    return false;
                }
            }
            true
        }
        (Value::Object(a), Value::Object(b)) => {
            if a.len() != b.len() {
                return false;
            }
            for (name, a) in a {
                if !b.get(name).is_some_and(|b| equal(a, b)) {
                    return false;
                }
            }
            true
        }
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Null, Value::Null) => true,
        _ => false,
    }
}
