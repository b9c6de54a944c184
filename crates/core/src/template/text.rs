//! Filters of texts.

use super::RenderError;
use super::filter::Filter;
use super::render::{OUTPUT, Render, TEXT};
use super::value::{Val, made};
use crate::letters;

impl<'a> Render<'a> {
    pub(super) fn text(
        &mut self,
        filter: Filter,
        input: &str,
        arguments: &[Val<'a>; 2],
        given: usize,
        to: &mut String,
    ) {
        use Filter as F;
        let [one, two] = arguments;
        if !matches!(filter, F::Append | F::Prepend) && !self.search(input, one) {
            return;
        }
        match filter {
            F::Append => {
                to.push_str(input);
                one.write_text(to);
            }
            F::Prepend => {
                one.write_text(to);
                to.push_str(input);
            }
            F::Upcase => letters::upper(input, to),
            F::Downcase => letters::lower(input, to),
            F::Capitalize => {
                let first = input.chars().next().map_or(0, char::len_utf8);
                letters::upper(input.get(..first).unwrap_or_default(), to);
                letters::lower(input.get(first..).unwrap_or_default(), to);
            }
            F::Strip | F::Lstrip | F::Rstrip => {
                to.push_str(trimmed(input, filter != F::Rstrip, filter != F::Lstrip));
            }
            F::Escape | F::EscapeOnce => escape(input, filter == F::EscapeOnce, to),
            F::UrlEncode => url_encode(input, to),
            F::UrlDecode => match url_decode(input) {
                Some(text) => *to = text,
                None => drop(self.wrong(&["`url_decode` gives no UTF-8"])),
            },
            F::StripHtml => {
                to.push_str(input);
                for (open, close) in [("<script", "</script>"), ("<!--", "-->"), ("<style", "</style>"), ("<", ">")] {
                    let before = std::mem::take(to);
                    strip(&before, open, close, to);
                }
            }
            F::StripNewlines | F::NewlineToBr => {
                let mut plain = String::new();
                self.replace(input, "\r\n", "\n", &mut plain);
                self.replace(&plain, "\n", if filter == F::NewlineToBr { "<br />\n" } else { "" }, to);
            }
            F::Remove | F::Replace => self.replace(input, &one.text(), &two.text(), to),
            F::RemoveFirst | F::ReplaceFirst | F::RemoveLast | F::ReplaceLast => {
                let old = one.text();
                let mut place = find(input, &old);
                if matches!(filter, F::RemoveLast | F::ReplaceLast) {
                    place = (0..=input.len()).rev().find(|place| starts_at(input, *place, &old));
                }
                let before = place.unwrap_or(input.len());
                to.push_str(input.get(..before).unwrap_or_default());
                if place.is_some() {
                    two.write_text(to);
                    to.push_str(input.get(before + old.len()..).unwrap_or_default());
                }
            }
            F::Slice => {
                let range = self.window(input.chars().count(), arguments);
                to.extend(input.chars().skip(range.start).take(range.len()));
            }
            F::Truncate => {
                let length = if given == 0 { 50 } else { self.integer(one) };
                let end = if given < 2 { "...".into() } else { two.text() };
                let mut kept = i64::MAX;
                if input.chars().count() as i64 > length {
                    kept = length.saturating_sub(end.chars().count() as i64).max(0);
                }
                to.extend(input.chars().take(usize::try_from(kept).unwrap_or(usize::MAX)));
                if kept < i64::MAX {
                    to.push_str(&end);
                }
            }
            _ => {
                let mut left = if given == 0 { 15 } else { self.integer(one).max(1) };
                let end = if given < 2 { "...".into() } else { two.text() };
                for word in input.split_ascii_whitespace() {
                    if left == 0 {
                        to.push_str(&end);
                        return;
                    }
                    if !to.is_empty() {
                        to.push(' ');
                    }
                    to.push_str(word);
                    left -= 1;
                }
                to.clear();
                to.push_str(input);
            }
        }
    }

    /// Counts the work of a search: at worst each byte is compared with each.
    pub(super) fn search(&mut self, text: &str, part: &Val<'a>) -> bool {
        let part = part.as_text().map_or(0, str::len);
        self.spend((text.len() / 64) * (part / 64 + 1))
    }

    /// Stops at the limit instead of making a text that is longer.
    fn replace(&mut self, input: &str, old: &str, new: &str, to: &mut String) {
        let mut rest = input;
        while let Some(place) = find(rest, old) {
            // Between all letters where nothing is replaced.
            let letter = if old.is_empty() { rest.chars().next().map_or(0, char::len_utf8) } else { 0 };
            to.push_str(rest.get(..place).unwrap_or_default());
            to.push_str(new);
            to.push_str(rest.get(..letter).unwrap_or_default());
            if to.len() > OUTPUT {
                self.fail(RenderError::Limit(TEXT));
                return;
            }
            if old.is_empty() && rest.is_empty() {
                return;
            }
            rest = rest.get(place + old.len() + letter..).unwrap_or_default();
        }
        to.push_str(rest);
    }

    /// Pieces between separators; those that are empty at the end are left out, as in Liquid.
    pub(super) fn split(&mut self, input: &str, separator: &Val<'a>) -> Val<'a> {
        self.search(input, separator);
        let separator = &*separator.text();
        let mut list: Vec<Val<'a>> = Vec::new();
        let mut filled = 0;
        let mut rest = if separator == " " { trimmed(input, true, false) } else { input };
        while !rest.is_empty() && self.spend(1) {
            let (length, skipped) = match separator {
                "" => (rest.chars().next().map_or(0, char::len_utf8), 0),
                " " => (rest.bytes().position(is_space).unwrap_or(rest.len()), 0),
                _ => (find(rest, separator).unwrap_or(rest.len()), separator.len()),
            };
            list.push(made(rest.get(..length).unwrap_or_default().to_owned()));
            if length > 0 {
                filled = list.len();
            }
            rest = rest.get(length + skipped..).unwrap_or_default();
            if separator == " " {
                rest = trimmed(rest, true, false);
            }
        }
        list.truncate(filled);
        Val::List(list.into())
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 9..=13 | 0)
}

/// Without white space at the start, at the end, or both.
pub(super) fn trimmed(text: &str, start: bool, end: bool) -> &str {
    let bytes = text.as_bytes();
    let (mut from, mut to) = (0, bytes.len());
    while start && bytes.get(from).is_some_and(|byte| is_space(*byte)) {
        from += 1;
    }
    while end && to > from && bytes.get(to - 1).is_some_and(|byte| is_space(*byte)) {
        to -= 1;
    }
    text.get(from..to).unwrap_or_default()
}

fn starts_at(text: &str, place: usize, part: &str) -> bool {
    text.get(place..).is_some_and(|rest| rest.as_bytes().starts_with(part.as_bytes()))
}

/// The first place of a part. Texts are short here; the search of the standard library takes 3 KB of the web module.
pub(super) fn find(text: &str, part: &str) -> Option<usize> {
    let last = text.len().checked_sub(part.len())?;
    let (bytes, part) = (text.as_bytes(), part.as_bytes());
    let first = part.first();
    (0..=last).find(|place| {
        (first.is_none() || bytes.get(*place) == first)
            && bytes.get(*place..).is_some_and(|rest| rest.starts_with(part))
    })
}

impl Val<'_> {
    fn write_text(&self, to: &mut String) {
        to.push_str(&self.text());
    }

    /// Whether a text has this part.
    pub(super) fn has_part(&self, part: &Self) -> bool {
        self.as_text().is_some_and(|text| find(text, &part.text()).is_some())
    }
}

/// Leaves out what stands from `open` to `close`.
fn strip(mut input: &str, open: &str, close: &str, to: &mut String) {
    while let Some(start) = find(input, open) {
        let rest = input.get(start + open.len()..).unwrap_or_default();
        let Some(end) = find(rest, close) else { break };
        to.push_str(input.get(..start).unwrap_or_default());
        input = rest.get(end + close.len()..).unwrap_or_default();
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

fn url_decode(input: &str) -> Option<String> {
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
    String::from_utf8(decoded).ok()
}
