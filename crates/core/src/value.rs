//! Property values: JSON, with numbers and sizes held to engine.md 1.6 and 2.6.

use crate::plan::Rejection;

/// A JSON value.
pub type Value = serde_json::Value;
/// Properties of an event: names to JSON values.
pub type Properties = serde_json::Map<String, Value>;

/// The largest whole number that every platform and every warehouse holds exactly: 2^53 - 1.
pub(crate) const MAX_INTEGER: f64 = 9_007_199_254_740_991.0;
/// A number as every platform prints it: whole ones without a point.
pub(crate) fn number(float: f64) -> Value {
    if float.trunc() == float && float.abs() <= MAX_INTEGER { Value::from(float as i64) } else { Value::from(float) }
}

const MAX_NAME_BYTES: usize = 255;
const MAX_KEYS: usize = 256;
const MAX_DEPTH: usize = 8;
const MAX_BYTES: usize = 64 * 1024;

/// A name that may begin with `$`, but has 1 to 255 bytes.
pub(crate) fn check_length(field: &str, name: &str) -> Result<(), Rejection> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        return Err(Rejection::NameLength { field: field.to_owned(), bytes: name.len() });
    }
    Ok(())
}

/// A name of an event, property or attribute: 1 to 255 bytes, `$` reserved (engine.md 2.6).
pub(crate) fn check_name(field: &str, name: &str) -> Result<(), Rejection> {
    check_length(field, name)?;
    if name.starts_with('$') {
        return Err(Rejection::ReservedName { field: field.to_owned(), name: name.to_owned() });
    }
    Ok(())
}

/// Brings numbers into canonical form (`1.0` is `1`) and holds properties to the limits; nothing is cut.
pub(crate) fn normalise(properties: &mut Properties) -> Result<(), Rejection> {
    let mut bytes = 0;
    normalise_object(properties, &mut Path::default(), 1, &mut bytes)
}

/// The same for one value: an attribute's.
pub(crate) fn normalise_value(name: &str, value: &mut Value) -> Result<(), Rejection> {
    let mut path = Path(vec![name.to_owned()]);
    normalise_one(value, &mut path, 1, &mut 0)
}

#[derive(Default)]
struct Path(Vec<String>);

impl Path {
    fn text(&self) -> String {
        self.0.join(".")
    }
}

fn normalise_object(
    object: &mut Properties,
    path: &mut Path,
    depth: usize,
    bytes: &mut usize,
) -> Result<(), Rejection> {
    if object.len() > MAX_KEYS {
        return Err(Rejection::TooManyKeys { path: path.text(), keys: object.len(), most: MAX_KEYS });
    }
    for (name, value) in object.iter_mut() {
        check_name(&path.text(), name)?;
        *bytes += name.len() + 4;
        path.0.push(name.clone());
        normalise_one(value, path, depth, bytes)?;
        path.0.pop();
    }
    Ok(())
}

fn normalise_one(value: &mut Value, path: &mut Path, depth: usize, bytes: &mut usize) -> Result<(), Rejection> {
    if depth > MAX_DEPTH {
        return Err(Rejection::TooDeep { path: path.text(), most: MAX_DEPTH });
    }
    match value {
        Value::Null | Value::Bool(_) => *bytes += 5,
        Value::String(text) => *bytes += text.len() + 2,
        Value::Number(number) => {
            *bytes += 8;
            let float = number.as_f64().filter(|float| float.is_finite());
            let Some(float) = float else { return Err(Rejection::Number { path: path.text() }) };
            let integral = float.trunc() == float;
            if integral && float.abs() > MAX_INTEGER {
                return Err(Rejection::Number { path: path.text() });
            }
            if integral && number.is_f64() {
                *number = (float as i64).into();
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter_mut().enumerate() {
                path.0.push(place.to_string());
                normalise_one(item, path, depth + 1, bytes)?;
                path.0.pop();
            }
        }
        Value::Object(object) => normalise_object(object, path, depth + 1, bytes)?,
    }
    if *bytes > MAX_BYTES {
        return Err(Rejection::TooLarge { most: MAX_BYTES });
    }
    Ok(())
}

/// The name of a value's JSON type, for messages to people.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a whole number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn normalised(value: Value) -> Result<Value, Rejection> {
        let Value::Object(mut object) = value else { panic!("an object") };
        normalise(&mut object).map(|()| Value::Object(object))
    }

    #[test]
    fn a_whole_number_is_an_integer_however_it_is_written() {
        let value = normalised(json!({"a": 1.0, "b": -0.0, "c": 2.5, "d": 9_007_199_254_740_991i64})).unwrap();
        assert_eq!(value.to_string(), r#"{"a":1,"b":0,"c":2.5,"d":9007199254740991}"#);
        assert_eq!([-3.0, 2.5, 1e300].map(number), [json!(-3), json!(2.5), json!(1e300)]);
    }

    #[test]
    fn a_number_past_two_to_the_53_is_refused_by_its_path() {
        for number in [json!(9_007_199_254_740_992i64), json!(1e300), json!(u64::MAX), json!(-9_007_199_254_740_992i64)]
        {
            let error = normalised(json!({"cart": {"rows": [1, number]}})).unwrap_err();
            assert_eq!(error, Rejection::Number { path: "cart.rows.1".into() });
        }
    }

    #[test]
    fn limits_are_errors_and_nothing_is_cut() {
        let deep = (0..9).fold(json!(1), |inner, _| json!({ "a": inner }));
        assert!(matches!(normalised(deep), Err(Rejection::TooDeep { .. })));
        let wide: Properties = (0..257).map(|n| (format!("k{n}"), json!(1))).collect();
        assert!(matches!(normalised(Value::Object(wide)), Err(Rejection::TooManyKeys { keys: 257, .. })));
        assert!(matches!(normalised(json!({"t": "x".repeat(65_537)})), Err(Rejection::TooLarge { .. })));
        assert!(matches!(normalised(json!({"": 1})), Err(Rejection::NameLength { .. })));
        assert!(matches!(normalised(json!({"$a": 1})), Err(Rejection::ReservedName { .. })));
        assert!(normalised(json!({"t": "x".repeat(65_000)})).is_ok());
    }

    #[test]
    fn a_limit_is_the_most_that_is_allowed() {
        let deep = (0..8).fold(json!(1), |inner, _| json!({ "a": inner }));
        assert!(normalised(deep).is_ok());
        let listed = (0..7).fold(json!(1), |inner, _| json!([inner]));
        assert!(normalised(json!({"a": listed})).is_ok());
        assert!(matches!(normalised(json!({"a": [listed]})), Err(Rejection::TooDeep { most: 8, .. })));
        let wide: Properties = (0..256).map(|n| (format!("k{n}"), json!(1))).collect();
        assert!(normalised(Value::Object(wide)).is_ok());
        // The quotes, the colon and the comma around a name and a text count as JSON writes them.
        let text = 64 * 1024 - 2 - "t".len() - 4;
        assert!(normalised(json!({"t": "x".repeat(text)})).is_ok());
        assert_eq!(normalised(json!({"t": "x".repeat(text + 1)})), Err(Rejection::TooLarge { most: 65_536 }));
        assert!(matches!(normalised(json!({"t": "x".repeat(text), "u": null})), Err(Rejection::TooLarge { .. })));
        let with_null = |less: usize| normalised(json!({"t": "x".repeat(text - less), "u": null}));
        assert!(with_null("u".len() + 4 + 5).is_ok() && with_null("u".len() + 4 + 4).is_err());
        let names =
            |bytes: usize| check_name("event", &"é".repeat(bytes / 2)).and(check_length("cue", &"x".repeat(bytes)));
        assert_eq!(names(254).and(check_name("event", &"x".repeat(255))), Ok(()));
        assert_eq!(check_length("cue", "$"), Ok(()));
        assert_eq!(
            check_name("event", &"é".repeat(128)),
            Err(Rejection::NameLength { field: "event".into(), bytes: 256 })
        );
        assert_eq!(check_length("cue", ""), Err(Rejection::NameLength { field: "cue".into(), bytes: 0 }));
    }
}
