//! Scalars without quotes: which of them are numbers, and which are text.

use serde_json::Number;

use crate::report::Problems;
use crate::tree::{Content, Span};

/// Whole numbers up to here are exact everywhere (engine.md 1.6).
const MAX_INTEGER: i64 = 9_007_199_254_740_991;

/// A scalar without quotes, by the YAML 1.2 core schema.
pub(super) fn plain(text: &str, span: Span, problems: &mut Problems) -> Content {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Content::Null,
        "true" | "True" | "TRUE" => return Content::Bool(true),
        "false" | "False" | "FALSE" => return Content::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let radix = |prefix: &str, radix| text.strip_prefix(prefix).and_then(|text| i64::from_str_radix(text, radix).ok());
    let whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let integer = if whole { text.parse::<i64>().ok() } else { radix("0x", 16).or_else(|| radix("0o", 8)) };
    if let Some(integer) = integer.filter(|integer| (-MAX_INTEGER..=MAX_INTEGER).contains(integer)) {
        return Content::Number(integer.into());
    }
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.bytes().any(|b| b.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    let not_finite = matches!(digits, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN");
    if !numeric && !whole && !not_finite && integer.is_none() {
        return Content::Text(text.to_owned());
    }
    let float = text.parse::<f64>().ok();
    if numeric && float.is_none() {
        return Content::Text(text.to_owned());
    }
    match float.filter(|float| float.is_finite()) {
        Some(float) if float.trunc() == float && float.abs() <= MAX_INTEGER as f64 => {
            Content::Number((float as i64).into())
        }
        Some(float) if float.trunc() != float => Number::from_f64(float).map_or(Content::Null, Content::Number),
        _ => {
            let help = "whole numbers go up to 2^53 - 1 = 9007199254740991; put longer ones in quotes";
            problems.span("HK0117", span, format!("`{text}` cannot be kept exactly as a number"), help);
            Content::Number(0.into())
        }
    }
}
