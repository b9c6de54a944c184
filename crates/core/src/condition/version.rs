//! Versions, compared as GrowthBook's SDKs publish it: each version becomes a text whose order is the versions' order.

use crate::Value;

/// `1.2.3` becomes `    1-    2-    3-~`: numbers are padded to five places, a full version stands after its pre-releases.
/// A leading `v` and what follows a `+` do not count.
pub(crate) fn padded(version: &str) -> String {
    let version = version.strip_prefix('v').unwrap_or(version);
    let version = version.split('+').next().unwrap_or_default();
    let mut padded = String::with_capacity(version.len() + 16);
    let mut parts = 0;
    for part in version.split(['-', '.']) {
        if parts > 0 {
            padded.push('-');
        }
        parts += 1;
        if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
            for _ in part.len()..5 {
                padded.push(' ');
            }
        }
        padded.push_str(part);
    }
    if parts == 3 {
        padded.push_str("-~");
    }
    padded
}

/// As the published comparison reads any value: a number as its text, what is neither as `0`.
pub(super) fn padded_value(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() => padded(text),
        Value::Number(number) => padded(&super::growthbook::number_text(number)),
        _ => padded("0"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_compared_as_numbers_and_a_release_stands_after_its_candidates() {
        let ascending =
            ["0.9.99", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0", "v1.0.1", "10.0.0"];
        for pair in ascending.windows(2) {
            assert!(padded(pair[0]) < padded(pair[1]), "{} < {}", pair[0], pair[1]);
        }
        assert_eq!(padded("1.2.3"), "    1-    2-    3-~");
    }

    #[test]
    fn build_metadata_and_the_leading_v_do_not_count() {
        assert_eq!(padded("v1.2.3+build.7"), padded("1.2.3"));
        assert_eq!(padded("1-2-3"), padded("1.2.3"));
    }

    #[test]
    fn other_values_are_read_as_published() {
        assert_eq!(padded_value(&json!(null)), padded("0"));
        assert_eq!(padded_value(&json!(3)), padded("3"));
        assert_eq!(padded_value(&json!("")), padded("0"));
    }
}
