//! What is done to a text before it is parsed.

use crate::tree::{Place, Span};

/// What to do about a text that cannot be parsed at some place.
pub(super) fn advice(text: &str, at: Place) -> &'static str {
    let line = text.lines().nth(at.line.saturating_sub(1)).unwrap_or("");
    if line.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t') {
        "indent with spaces; YAML does not take tabs"
    } else {
        "check quotes, brackets and the indentation here and on the line before"
    }
}

/// Where a control character stands, which YAML does not take.
pub(super) fn control_character(text: &str) -> Option<Span> {
    let bad = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}');
    let at = text.find(bad)?;
    let before = text.get(..at).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    Some(Span { start: Place { line, column }, end: Place { line, column: column + 1 } })
}

/// What JSON allows and YAML does not: tabs as indentation, and escaped surrogate pairs.
pub(super) fn json_as_yaml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
        let (indent, rest) = line.split_at(blank);
        out.extend(indent.chars().map(|_| ' '));
        let mut rest = rest;
        while let Some(at) = rest.find("\\u") {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let escaped = before.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1;
            match surrogates(from).filter(|_| !escaped) {
                Some(c) => {
                    out.push(c);
                    rest = from.get(12..).unwrap_or("");
                }
                None => {
                    out.push_str("\\u");
                    rest = from.get(2..).unwrap_or("");
                }
            }
        }
        out.push_str(rest);
    }
    out
}

fn surrogates(text: &str) -> Option<char> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    char::decode_utf16([unit(0)?, unit(6)?]).next()?.ok().filter(|c| *c > '\u{ffff}')
}
