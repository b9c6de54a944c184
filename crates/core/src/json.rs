//! Parsing JSON, to the rules of engine.md 1.6: what is not allowed is named by line and column, a key that stands twice
//! is an error instead of a choice, lone surrogates become U+FFFD, and fractions are rounded correctly. `serde_json`
//! differs in the middle two, and its parser takes 30 KB of the web module (docs/decisions/0002); its types stay.

use crate::decimal;
use crate::wire::Object;
use crate::{Value, value::MAX_INTEGER};

/// How deep objects and lists may be nested.
const DEPTH: u32 = 128;

/// A text that is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column in bytes, from 1.
    pub(crate) column: usize,
    pub(crate) message: String,
}

pub(crate) fn parse(text: &str) -> Result<Value, JsonError> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let value = parser.value()?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.error("nothing more is expected after the document")),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl Parser<'_> {
    fn error(&self, message: &str) -> JsonError {
        let before = self.text.as_bytes().get(..self.at).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        JsonError { line, column, message: message.to_owned() }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    fn value(&mut self) -> Result<Value, JsonError> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => Err(self.error("a value is expected")),
            None => Err(self.error("the document ends too early")),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.error("a value is expected"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Result<Value, JsonError>) -> Result<Value, JsonError> {
        if self.depth == DEPTH {
            return Err(self.error("nested deeper than 128 levels"));
        }
        self.at += 1;
        self.depth += 1;
        let value = inner(self);
        self.depth -= 1;
        value
    }

    /// After an item: the comma before another, or the end. True at the end.
    fn ends(&mut self, end: u8) -> Result<bool, JsonError> {
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(true)
            }
            Some(_) => Err(self.error("a comma or the end is expected")),
            None => Err(self.error("the document ends too early")),
        }
    }

    fn list(&mut self) -> Result<Value, JsonError> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value()?);
            if self.ends(b']')? {
                return Ok(Value::Array(items));
            }
        }
    }

    fn object(&mut self) -> Result<Value, JsonError> {
        let mut object = Object::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(object));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.error("a key in quotes is expected"));
            }
            let start = self.at;
            let key = self.string()?;
            if object.contains_key(&key) {
                self.at = start;
                return Err(self.error(&["the key `", &key, "` stands twice"].concat()));
            }
            if self.peek() != Some(b':') {
                return Err(self.error("a colon is expected"));
            }
            self.at += 1;
            let value = self.value()?;
            object.insert(key, value);
            if self.ends(b'}')? {
                return Ok(Value::Object(object));
            }
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut string = String::new();
        let mut plain = self.at;
        loop {
            let Some(byte) = self.byte() else { return Err(self.error("the document ends inside of a text")) };
            match byte {
                b'"' | b'\\' => {
                    string.push_str(self.text.get(plain..self.at).unwrap_or_default());
                    self.at += 1;
                    if byte == b'"' {
                        return Ok(string);
                    }
                    string.push(self.escape()?);
                    plain = self.at;
                }
                0..=0x1f => return Err(self.error("a control character in a text has to be escaped")),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let escaped = match self.byte() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.error("no such escape")),
        };
        self.at += 1;
        Ok(escaped)
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let first = self.hex()?;
        if let 0xd800..=0xdbff = first {
            let after = self.at;
            if self.text.as_bytes().get(after..).unwrap_or_default().starts_with(b"\\u") {
                self.at += 2;
                if let second @ 0xdc00..=0xdfff = self.hex()? {
                    let joined = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    return Ok(char::from_u32(joined).unwrap_or('\u{fffd}'));
                }
                // It is no pair: what follows stands for itself.
                self.at = after;
            }
        }
        Ok(char::from_u32(first).unwrap_or('\u{fffd}'))
    }

    fn hex(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.byte().and_then(|byte| char::from(byte).to_digit(16)) else {
                return Err(self.error("four hex digits are expected"));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        if self.at == start { Err(self.error("a digit is expected")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        let leading = self.at;
        self.digits()?;
        if self.text.as_bytes().get(leading) == Some(&b'0') && self.at > leading + 1 {
            self.at = leading;
            return Err(self.error("a number does not begin with 0"));
        }
        let mut whole = true;
        if self.byte() == Some(b'.') {
            whole = false;
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            whole = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if whole && let Ok(integer) = text.parse::<i64>() {
            return Ok(Value::from(integer));
        }
        let float = decimal::to_f64(text);
        // Past this every number is whole; what a property may hold is checked where it stands (engine.md 1.6).
        debug_assert!(!whole || float.abs() > MAX_INTEGER);
        match serde_json::Number::from_f64(float) {
            Some(number) => Ok(Value::Number(number)),
            None => {
                self.at = start;
                Err(self.error("the number is too large"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn fault(text: &str) -> String {
        let error = parse(text).unwrap_err();
        format!("{}:{} {}", error.line, error.column, error.message)
    }

    #[test]
    fn what_is_not_json_is_named_by_line_and_column() {
        for (text, expected) in [
            ("", "1:1 the document ends too early"),
            ("{\n  \"a\": oops\n}", "2:8 a value is expected"),
            ("{\"a\" 1}", "1:6 a colon is expected"),
            ("{\"a\": 1,}", "1:9 a key in quotes is expected"),
            ("[1 2]", "1:4 a comma or the end is expected"),
            ("[1,]", "1:4 a value is expected"),
            ("{\"a\": 1, \"a\": 2}", "1:10 the key `a` stands twice"),
            ("\"a\nb\"", "1:3 a control character in a text has to be escaped"),
            ("\"a", "1:3 the document ends inside of a text"),
            ("\"\\x\"", "1:3 no such escape"),
            ("\"\\u12g4\"", "1:6 four hex digits are expected"),
            ("01", "1:1 a number does not begin with 0"),
            ("1.", "1:3 a digit is expected"),
            ("-", "1:2 a digit is expected"),
            ("1e400", "1:1 the number is too large"),
            ("1 1", "1:3 nothing more is expected after the document"),
            ("nul", "1:1 a value is expected"),
        ] {
            assert_eq!(fault(text), expected, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        assert!(parse(&format!("{}{}", "[".repeat(128), "]".repeat(128))).is_ok());
        assert_eq!(fault(&"[".repeat(100_000)), "1:129 nested deeper than 128 levels");
        assert_eq!(fault(&"{\"a\":".repeat(100_000)), "1:641 nested deeper than 128 levels");
    }

    #[test]
    fn every_escape_stands_for_its_character() {
        let text = r#""\"\\\/\b\f\n\r\t\u0041\u00e9\uFFFF""#;
        assert_eq!(parse(text).unwrap(), json!("\"\\/\u{8}\u{c}\n\r\tAé\u{ffff}"));
        assert_eq!(parse(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn lone_surrogates_become_the_replacement_character() {
        for (text, expected) in [
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ude00x""#, "\u{fffd}x"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
        ] {
            assert_eq!(parse(text).unwrap(), json!(expected), "{text}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e15..1e15f64).prop_map(Value::from),
            any::<f64>().prop_filter("finite", |float| float.is_finite()).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in value()) {
            let same = |text: &str| parse(text).map_err(|error| TestCaseError::fail(error.message));
            prop_assert_eq!(same(&value.to_string())?, value.clone());
            prop_assert_eq!(same(&serde_json::to_string_pretty(&value).unwrap())?, value.clone());
            prop_assert_eq!(same(&crate::wire::to_json(&value))?, value);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}\",:0-9eE+.\\\\u a-f\n-]{0,60}") {
            let ours = parse(&text);
            let theirs: Result<Value, _> = serde_json::from_str(&text);
            if let (Ok(ours), Ok(theirs)) = (&ours, &theirs) {
                prop_assert_eq!(ours, theirs);
            }
            // The two differ only where the rules say so: keys that stand twice, and lone surrogates.
            if ours.is_ok() != theirs.is_ok() {
                prop_assert!(text.contains("\\u") || matches!(&ours, Err(error) if error.message.contains("twice")), "{text}");
            }
        }
    }
}
