//! Canonical JSON by RFC 8785: keys sorted by UTF-16, numbers as ECMAScript prints them, nothing to spare. The bytes that a
//! playbook is built as, and by which conflicting payloads are ordered (success.md 3.3).

use serde_json::{Map, Value};

/// The canonical text of a value.
#[must_use]
pub fn to_string(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, to: &mut String) {
    match value {
        Value::Null => to.push_str("null"),
        Value::Bool(value) => to.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => match number.as_i64() {
            Some(int) if int.unsigned_abs() <= 1 << 53 => to.push_str(&int.to_string()),
            _ => to.push_str(ryu_js::Buffer::new().format(number.as_f64().unwrap_or_default())),
        },
        Value::String(text) => write_text(text, to),
        Value::Array(items) => {
            to.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    to.push(',');
                }
                write(item, to);
            }
            to.push(']');
        }
        Value::Object(fields) => write_object(fields, to),
    }
}

fn write_object(fields: &Map<String, Value>, to: &mut String) {
    let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
    fields.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    to.push('{');
    for (place, (name, value)) in fields.into_iter().enumerate() {
        if place > 0 {
            to.push(',');
        }
        write_text(name, to);
        to.push(':');
        write(value, to);
    }
    to.push('}');
}

/// A text as `JSON.stringify` writes it, which is how serde_json does.
fn write_text(text: &str, to: &mut String) {
    to.push_str(&Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc() {
        let source = r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
            "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#;
        let value: Value = serde_json::from_str(source).unwrap();
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
            \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(to_string(&value), expected);
    }

    #[test]
    fn names_are_ordered_by_utf_16() {
        let value: Value =
            serde_json::from_str(r#"{"\ufb33":1,"\ud83d\ude00":2,"a":-0.0,"1":9007199254740993}"#).unwrap();
        assert_eq!(to_string(&value), "{\"1\":9007199254740992,\"a\":0,\"😀\":2,\"\u{fb33}\":1}");
    }

    #[test]
    fn whole_numbers_stay_whole() {
        let value: Value = serde_json::from_str("[0, -0.0, 1.0, 9007199254740991, 100]").unwrap();
        assert_eq!(to_string(&value), "[0,0,1,9007199254740991,100]");
    }
}
