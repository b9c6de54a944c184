//! JSON Lines as the device reads JSON (engine.md 1.6): UTF-8, with or without a byte order mark, no key twice in one object.

use hearken_core::authoring;
use serde_json::Value;

/// The lines that say something, each with its number.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let lines = bytes.split(|byte| *byte == b'\n').enumerate().map(|(place, line)| (place + 1, line));
    lines.filter(|(_, line)| !line.trim_ascii().is_empty())
}

/// A line as JSON.
///
/// # Errors
/// The column in characters, from 1, and what is wrong there.
pub(crate) fn value(line: &[u8]) -> Result<Value, (usize, String)> {
    let column = |bytes: usize| String::from_utf8_lossy(line.get(..bytes).unwrap_or(line)).chars().count() + 1;
    let text = std::str::from_utf8(line)
        .map_err(|error| (column(error.valid_up_to()), "this is not UTF-8 text".to_owned()))?;
    authoring::json(text).map_err(|(_, at, message)| (column(at.saturating_sub(1)), message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers() {
        let seen: Vec<(usize, &[u8])> = lines(b"\xef\xbb\xbfa\r\n\n \r\nb").collect();
        assert_eq!(seen, [(1, b"a\r".as_slice()), (4, b"b")]);
    }

    #[test]
    fn a_fault_has_its_column_in_characters() {
        assert_eq!(value(r#"{"é": 1, "é": 2}"#.as_bytes()), Err((10, "the key `é` stands twice".to_owned())));
        assert_eq!(value(b"{\"\xc3\xa9\": \"\xff\"}"), Err((8, "this is not UTF-8 text".to_owned())));
        assert_eq!(value(br#""\udc00a""#), Ok(Value::from("\u{fffd}a")));
    }
}
