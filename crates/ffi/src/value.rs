//! Property values across the boundary.

use std::collections::HashMap;

use hearken::{Properties, Value};

/// A value of a property or attribute.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum PropertyValue {
    /// Nothing: unsets an attribute.
    Null,
    /// True or false.
    Bool {
        /// The value.
        value: bool,
    },
    /// A whole number.
    Int {
        /// The value, at most 2^53 - 1 either way.
        value: i64,
    },
    /// Any finite number.
    Double {
        /// The value.
        value: f64,
    },
    /// A text.
    Text {
        /// The value.
        value: String,
    },
    /// A list. Not called `List`: that name is Kotlin's own in the generated code.
    Items {
        /// The values.
        values: Vec<PropertyValue>,
    },
    /// An object.
    Object {
        /// The values by name.
        values: HashMap<String, PropertyValue>,
    },
}

/// What is not a number in JSON, and where.
fn not_finite(path: &str) -> hearken::Error {
    hearken::Rejection::Number { path: path.to_owned() }.into()
}

pub(crate) fn to_json(value: PropertyValue, path: &str) -> Result<Value, hearken::Error> {
    Ok(match value {
        PropertyValue::Null => Value::Null,
        PropertyValue::Bool { value } => value.into(),
        PropertyValue::Int { value } => value.into(),
        PropertyValue::Double { value } => {
            serde_json::Number::from_f64(value).map(Value::Number).ok_or_else(|| not_finite(path))?
        }
        PropertyValue::Text { value } => value.into(),
        PropertyValue::Items { values } => {
            let values = values.into_iter().enumerate();
            let values: Result<Vec<_>, _> = values.map(|(n, value)| to_json(value, &format!("{path}.{n}"))).collect();
            Value::Array(values?)
        }
        PropertyValue::Object { values } => Value::Object(properties(values, path)?),
    })
}

pub(crate) fn properties(values: HashMap<String, PropertyValue>, path: &str) -> Result<Properties, hearken::Error> {
    let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
    values
        .into_iter()
        .map(|(name, value)| {
            let value = to_json(value, &format!("{prefix}{name}"))?;
            Ok((name, value))
        })
        .collect()
}

pub(crate) fn from_json(value: Value) -> PropertyValue {
    match value {
        Value::Null => PropertyValue::Null,
        Value::Bool(value) => PropertyValue::Bool { value },
        Value::Number(number) => match number.as_i64() {
            Some(value) => PropertyValue::Int { value },
            None => PropertyValue::Double { value: number.as_f64().unwrap_or_default() },
        },
        Value::String(value) => PropertyValue::Text { value },
        Value::Array(values) => PropertyValue::Items { values: values.into_iter().map(from_json).collect() },
        Value::Object(values) => PropertyValue::Object { values: from_properties(values) },
    }
}

pub(crate) fn from_properties(values: Properties) -> HashMap<String, PropertyValue> {
    values.into_iter().map(|(name, value)| (name, from_json(value))).collect()
}
