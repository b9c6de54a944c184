//! Comparisons as GrowthBook's SDKs publish them, for imports (engine.md 3.1): values are coerced as JavaScript does, what is
//! missing is null, and what cannot be read is false.

use serde_json::Number;

use super::comparison::{Order, Type, VersionIs};
use super::evaluate::Node;
use super::pattern::Pattern;
use super::{Truth, version};
use crate::Value;
use crate::letters;
use crate::wire::Object;

/// What may stand after a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Check {
    All(Vec<Check>),
    Not(Box<Check>),
    Never,
    Text(String),
    /// Without regard to case, in lower case.
    Folded(String),
    Number(f64),
    Bool(bool),
    Null,
    Json(Value),
    Same(Value),
    Compare(Order, Value),
    Exists(bool),
    In(Vec<Value>),
    InFolded(Vec<Value>),
    Holds(Vec<Check>),
    Size(Box<Check>),
    Element(Box<Check>),
    ElementWith(Box<Node>),
    Pattern(Pattern),
    Type(Option<Type>),
    Version(VersionIs, String),
}

/// Compiles what stands after a field. Faults make it false, as published.
pub(super) fn check(source: &Value, groups: &Object) -> Check {
    literal(source, groups, false)
}

fn literal(source: &Value, groups: &Object, fold: bool) -> Check {
    match source {
        Value::String(text) if fold => Check::Folded(letters::folded(text)),
        Value::String(text) => Check::Text(text.clone()),
        Value::Number(number) => Check::Number(number.as_f64().unwrap_or(f64::NAN)),
        Value::Bool(wanted) => Check::Bool(*wanted),
        Value::Null => Check::Null,
        Value::Object(operators) if is_operators(operators) => {
            let mut checks = Vec::new();
            for (operator, operand) in operators {
                checks.push(self::operator(operator, operand, groups));
            }
            Check::All(checks)
        }
        other => Check::Json(other.clone()),
    }
}

/// Every key starts with `$`, and there is one.
fn is_operators(object: &Object) -> bool {
    !object.is_empty() && object.keys().all(|key| key.starts_with('$'))
}

fn operator(operator: &str, operand: &Value, groups: &Object) -> Check {
    if let Some(is) = VersionIs::named(operator) {
        return Check::Version(is, version::padded_value(operand));
    }
    let group = || match operand.as_str().and_then(|name| groups.get(name)) {
        Some(Value::Array(members)) => members.clone(),
        _ => Vec::new(),
    };
    match operator {
        "$eq" => Check::Same(operand.clone()),
        "$ne" => not(Check::Same(operand.clone())),
        "$lt" => Check::Compare(Order::Less, operand.clone()),
        "$lte" => Check::Compare(Order::LessOrEqual, operand.clone()),
        "$gt" => Check::Compare(Order::Greater, operand.clone()),
        "$gte" => Check::Compare(Order::GreaterOrEqual, operand.clone()),
        "$exists" => Check::Exists(truthy(operand)),
        "$inGroup" => Check::In(group()),
        "$notInGroup" => not(Check::In(group())),
        "$not" => not(literal(operand, groups, false)),
        "$size" => Check::Size(Box::new(literal(operand, groups, false))),
        "$elemMatch" => match operand {
            Value::Object(operators) if is_operators(operators) => {
                Check::Element(Box::new(literal(operand, groups, false)))
            }
            Value::Object(_) => Check::ElementWith(Box::new(element(operand, groups))),
            _ => Check::Never,
        },
        "$regex" => pattern(operand, false, false),
        "$regexi" => pattern(operand, true, false),
        "$notRegex" => pattern(operand, false, true),
        "$notRegexi" => pattern(operand, true, true),
        "$type" => {
            let name = operand.as_str().unwrap_or_default();
            Check::Type(Type::NAMES.iter().find(|(known, _)| *known == name).map(|(_, wanted)| *wanted))
        }
        _ => match (operator, operand) {
            ("$in", Value::Array(values)) => Check::In(values.clone()),
            ("$nin", Value::Array(values)) => not(Check::In(values.clone())),
            ("$ini", Value::Array(values)) => in_folded(values),
            ("$nini", Value::Array(values)) => not(in_folded(values)),
            ("$all" | "$alli", Value::Array(values)) => {
                let mut checks = Vec::new();
                for value in values {
                    checks.push(literal(value, groups, operator == "$alli"));
                }
                Check::Holds(checks)
            }
            _ => Check::Never,
        },
    }
}

fn not(check: Check) -> Check {
    Check::Not(Box::new(check))
}

/// A bad pattern is false either way.
fn pattern(operand: &Value, fold: bool, negated: bool) -> Check {
    let Value::String(text) = operand else { return Check::Never };
    match Pattern::compile(text, fold) {
        Ok(pattern) if negated => not(Check::Pattern(pattern)),
        Ok(pattern) => Check::Pattern(pattern),
        Err(_) => Check::Never,
    }
}

fn in_folded(values: &[Value]) -> Check {
    let mut folded = Vec::new();
    for value in values {
        folded.push(super::comparison::folded(value));
    }
    Check::InFolded(folded)
}

/// A condition on an element of a list. What is wrong in it is false.
fn element(source: &Value, groups: &Object) -> Node {
    let mut scope =
        super::Scope { semantics: super::Semantics::Growthbook, groups: groups.clone(), ..super::Scope::default() };
    super::compile::condition(source, "", &mut scope).unwrap_or(Node::Any(Vec::new()))
}

impl Check {
    /// What is missing is null.
    pub(super) fn holds(&self, seen: &Value) -> bool {
        match self {
            Self::All(checks) => {
                for check in checks {
                    if !check.holds(seen) {
                        return false;
                    }
                }
                true
            }
            Self::Not(check) => !check.holds(seen),
            Self::Never => false,
            Self::Text(wanted) => match seen {
                Value::String(seen) => seen == wanted,
                seen => text(seen) == *wanted,
            },
            Self::Folded(wanted) => letters::folded(&text(seen)) == *wanted,
            Self::Number(wanted) => number(seen) == *wanted,
            Self::Bool(wanted) => !seen.is_null() && truthy(seen) == *wanted,
            Self::Null => seen.is_null(),
            Self::Json(wanted) => super::comparison::equal(seen, wanted),
            Self::Same(wanted) => same(seen, wanted),
            Self::Compare(order, wanted) => ordering(seen, wanted).is_some_and(|ordering| order.allows(ordering)),
            Self::Exists(wanted) => seen.is_null() != *wanted,
            Self::In(wanted) => any_of(seen, wanted, false),
            Self::InFolded(wanted) => any_of(seen, wanted, true),
            Self::Holds(checks) => {
                let Value::Array(seen) = seen else { return false };
                for check in checks {
                    if !any(seen, check) {
                        return false;
                    }
                }
                true
            }
            Self::Size(check) => seen.as_array().is_some_and(|seen| check.holds(&Value::from(seen.len()))),
            Self::Element(check) => {
                let Value::Array(seen) = seen else { return false };
                for seen in seen {
                    if truthy(seen) && check.holds(seen) {
                        return true;
                    }
                }
                false
            }
            Self::ElementWith(node) => {
                let Value::Array(seen) = seen else { return false };
                for seen in seen {
                    if truthy(seen) && node.truth(seen) == Truth::True {
                        return true;
                    }
                }
                false
            }
            Self::Pattern(pattern) => match seen {
                Value::String(seen) => pattern.is_match(seen),
                seen => pattern.is_match(&text(seen)),
            },
            Self::Type(wanted) => *wanted == Some(Type::of(seen)),
            Self::Version(is, wanted) => is.allows(order_of_texts(&version::padded_value(seen), wanted)),
        }
    }
}

fn any(seen: &[Value], check: &Check) -> bool {
    for seen in seen {
        if check.holds(seen) {
            return true;
        }
    }
    false
}

/// A value among others, or any of a list's elements.
fn any_of(seen: &Value, wanted: &[Value], fold: bool) -> bool {
    let elements = match seen {
        Value::Array(elements) => elements.as_slice(),
        seen => std::slice::from_ref(seen),
    };
    for element in elements {
        let folded = fold.then(|| super::comparison::folded(element));
        for wanted in wanted {
            if same(folded.as_ref().unwrap_or(element), wanted) {
                return true;
            }
        }
    }
    false
}

/// JavaScript's `===`: two lists are never the same one.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(_) | Value::Object(_), _) => false,
        _ => super::comparison::equal(a, b),
    }
}

/// JavaScript's `<`: two texts by their units, anything else as numbers.
fn ordering(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    let is_text = |value: &Value| matches!(value, Value::String(_) | Value::Array(_) | Value::Object(_));
    if is_text(a) && is_text(b) {
        return Some(order_of_texts(&text(a), &text(b)));
    }
    number(a).partial_cmp(&number(b))
}

fn order_of_texts(a: &str, b: &str) -> std::cmp::Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// JavaScript's truth of a value.
pub(crate) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// JavaScript's text of a value.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number_text(number),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let mut joined = String::new();
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    joined.push(',');
                }
                if !item.is_null() {
                    joined.push_str(&text(item));
                }
            }
            joined
        }
        Value::Object(_) => "[object Object]".to_owned(),
    }
}

/// A number as JavaScript writes it: `1.0` is `1`.
pub(super) fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if float.trunc() == float && float.abs() <= crate::value::MAX_INTEGER => (float as i64).to_string(),
        _ => number.to_string(),
    }
}

/// JavaScript's number of a value.
fn number(value: &Value) -> f64 {
    match value {
        Value::Null => 0.0,
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Value::String(text) => number_of(text),
        Value::Array(_) => number_of(&text(value)),
        Value::Object(_) => f64::NAN,
    }
}

fn number_of(text: &str) -> f64 {
    let text = text.trim();
    if text.is_empty() {
        return 0.0;
    }
    for (prefix, radix) in [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let digits = if digits.starts_with('+') { "" } else { digits };
            return u64::from_str_radix(digits, radix).map_or(f64::NAN, |number| number as f64);
        }
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let number = match digits {
        "Infinity" => f64::INFINITY,
        _ if is_decimal(digits) => crate::decimal::to_f64(digits),
        _ => f64::NAN,
    };
    if negative { -number } else { number }
}

/// Digits with a point somewhere, and an exponent perhaps.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && digits(exponent) && !exponent.is_empty() && whole.len() + fraction.len() > 0
}
