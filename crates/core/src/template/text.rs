//! Filters of texts.

use std::ops::Range;

use super::filter::Filter;
use super::letters;
use super::render::OUTPUT;
use super::value::{Val, made};
use super::{RenderError, value};

pub(super) fn apply(
    filter: Filter,
    input: &str,
    [one, two]: &[Val<'_>; 2],
    given: usize,
) -> Result<String, RenderError> {
    use Filter as F;
    let mut to = String::with_capacity(input.len());
    match filter {
        F::Append => {
            to.push_str(input);
            one.write_text(&mut to);
        }
        F::Prepend => {
            one.write_text(&mut to);
            to.push_str(input);
        }
        F::Upcase => letters::upper(input, &mut to),
        F::Downcase => letters::lower(input, &mut to),
        F::Capitalize => {
            let first = input.chars().next().map_or(0, char::len_utf8);
            let (first, more) = input.split_at_checked(first).unwrap_or(("", input));
            letters::upper(first, &mut to);
            letters::lower(more, &mut to);
        }
        F::Strip => to.push_str(input.trim_matches(is_space)),
        F::Lstrip => to.push_str(input.trim_start_matches(is_space)),
        F::Rstrip => to.push_str(input.trim_end_matches(is_space)),
        F::Escape => escape(input, false, &mut to),
        F::EscapeOnce => escape(input, true, &mut to),
        F::UrlEncode => url_encode(input, &mut to),
        F::UrlDecode => to = url_decode(input)?,
        F::StripHtml => {
            for (open, close) in [("<script", "</script>"), ("<!--", "-->"), ("<style", "</style>"), ("<", ">")] {
                let before = if open == "<script" { input.to_owned() } else { std::mem::take(&mut to) };
                strip(&before, open, close, &mut to);
            }
        }
        F::StripNewlines => replace(&input.replace("\r\n", "\n"), "\n", "", &mut to)?,
        F::NewlineToBr => replace(&input.replace("\r\n", "\n"), "\n", "<br />\n", &mut to)?,
        F::Remove => replace(input, &one.text(), "", &mut to)?,
        F::Replace => replace(input, &one.text(), &two.text(), &mut to)?,
        F::RemoveFirst | F::ReplaceFirst | F::RemoveLast | F::ReplaceLast => {
            let old = one.text();
            let first = matches!(filter, F::RemoveFirst | F::ReplaceFirst);
            let place = if first { input.find(&*old) } else { input.rfind(&*old) };
            let (before, after) = place.and_then(|place| input.split_at_checked(place)).unwrap_or((input, ""));
            to.push_str(before);
            if place.is_some() {
                two.write_text(&mut to);
                to.push_str(after.get(old.len()..).unwrap_or_default());
            }
        }
        F::Slice => {
            let length = if two.is_truthy() { two.integer()? } else { 1 };
            let range = window(input.chars().count(), one.integer()?, length);
            to.extend(input.chars().skip(range.start).take(range.len()));
        }
        F::Truncate => {
            let length = if given == 0 { 50 } else { one.integer()? };
            let end = if given < 2 { "...".into() } else { two.text() };
            if input.chars().count() as i64 <= length {
                to.push_str(input);
            } else {
                let kept = length.saturating_sub(end.chars().count() as i64).max(0);
                to.extend(input.chars().take(kept as usize));
                to.push_str(&end);
            }
        }
        _ => {
            let count = if given == 0 { 15 } else { one.integer()?.max(1) };
            let end = if given < 2 { "...".into() } else { two.text() };
            if input.split_ascii_whitespace().count() as i64 <= count {
                to.push_str(input);
            } else {
                for (place, word) in input.split_ascii_whitespace().take(count as usize).enumerate() {
                    to.push_str(if place > 0 { " " } else { "" });
                    to.push_str(word);
                }
                to.push_str(&end);
            }
        }
    }
    Ok(to)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r' | '\0')
}

impl value::Val<'_> {
    fn write_text(&self, to: &mut String) {
        to.push_str(&self.text());
    }
}

/// Which of `size` items `slice` takes; places before 0 count from the end.
pub(super) fn window(size: usize, first: i64, length: i64) -> Range<usize> {
    let size = size as i64;
    let first = if first < 0 { first.saturating_add(size) } else { first };
    if first < 0 || first > size || length < 0 {
        return 0..0;
    }
    first as usize..first.saturating_add(length).min(size) as usize
}

/// Pieces between separators; those that are empty at the end are left out, as in Liquid.
pub(super) fn split<'a>(input: &str, separator: &str) -> Vec<Val<'a>> {
    let mut list: Vec<Val<'a>> = Vec::new();
    let mut filled = 0;
    let mut add = |piece: &str| {
        list.push(made(piece.to_owned()));
        if !piece.is_empty() {
            filled = list.len();
        }
    };
    match separator {
        "" => input.char_indices().for_each(|(at, c)| add(input.get(at..at + c.len_utf8()).unwrap_or_default())),
        " " => input.split_ascii_whitespace().for_each(add),
        _ => input.split(separator).for_each(add),
    }
    list.truncate(filled);
    list
}

/// Stops at the limit instead of making a text that is longer.
fn replace(input: &str, old: &str, new: &str, to: &mut String) -> Result<(), RenderError> {
    let mut copied = 0;
    for (place, found) in input.match_indices(old) {
        to.push_str(input.get(copied..place).unwrap_or_default());
        to.push_str(new);
        copied = place + found.len();
        if to.len() > OUTPUT {
            return Err(RenderError::Limit("256 KiB of text in a filter"));
        }
    }
    to.push_str(input.get(copied..).unwrap_or_default());
    Ok(())
}

/// Leaves out what stands from `open` to `close`.
fn strip(mut input: &str, open: &str, close: &str, to: &mut String) {
    while let Some((before, rest)) = input.split_once(open) {
        let Some((_, after)) = rest.split_once(close) else { break };
        to.push_str(before);
        input = after;
    }
    to.push_str(input);
}

fn escape(input: &str, once: bool, to: &mut String) {
    for (at, c) in input.char_indices() {
        match c {
            '&' if once && is_entity(input.get(at + 1..).unwrap_or_default()) => to.push('&'),
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '"' => to.push_str("&quot;"),
            '\'' => to.push_str("&#39;"),
            c => to.push(c),
        }
    }
}

fn is_entity(text: &str) -> bool {
    let (digits, text) = match text.strip_prefix('#') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let length =
        text.bytes().take_while(|byte| if digits { byte.is_ascii_digit() } else { byte.is_ascii_alphabetic() }).count();
    length > 0 && text.as_bytes().get(length) == Some(&b';')
}

fn url_encode(input: &str, to: &mut String) {
    let hex = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0').to_ascii_uppercase();
    for byte in input.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => to.push(char::from(byte)),
            b' ' => to.push('+'),
            _ => {
                to.push('%');
                to.push(hex(byte >> 4));
                to.push(hex(byte & 15));
            }
        }
    }
}

fn url_decode(input: &str) -> Result<String, RenderError> {
    let bytes = input.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high << 4 | low) as u8);
                at += 2;
            }
            (b'+', ..) => decoded.push(b' '),
            _ => decoded.push(*byte),
        }
        at += 1;
    }
    String::from_utf8(decoded).map_err(|_| RenderError::Wrong("`url_decode` gives no UTF-8".to_owned()))
}
