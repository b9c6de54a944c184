//! Cuts a source into text, outputs and tags, and does what `-` next to a brace asks for.

use super::expression::{Cursor, Faults};
use super::text::{find, trimmed};

pub(super) enum Token<'s> {
    Text(&'s str),
    /// The part between `{{` and `}}`.
    Output(Cursor<'s>),
    /// The name, where it stands, and what follows it.
    Tag(&'s str, usize, Cursor<'s>),
}

pub(super) struct Tokens<'s> {
    source: &'s str,
    at: usize,
    end: usize,
    /// Inside of a `liquid` tag each line is a tag.
    lines: bool,
    /// Whether the last brace asked to drop the white space after it.
    trim: bool,
    faults: &'s Faults,
}

impl<'s> Tokens<'s> {
    pub(super) fn new(source: &'s str, faults: &'s Faults) -> Self {
        Self { source, at: 0, end: source.len(), lines: false, trim: false, faults }
    }

    pub(super) fn lines(inside: &Cursor<'s>) -> Self {
        Self { source: inside.source, at: inside.at, end: inside.end, lines: true, trim: false, faults: inside.faults }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..self.end).unwrap_or_default()
    }

    /// Nothing at the end, and once something was wrong.
    pub(super) fn next(&mut self) -> Option<Token<'s>> {
        let rest = self.rest();
        if rest.is_empty() || self.faults.any() {
            return None;
        }
        if self.lines {
            return self.line();
        }
        if rest.starts_with("{{") {
            return Some(Token::Output(self.inside("}}")));
        }
        if rest.starts_with("{%") {
            return Some(tag(self.inside("%}")));
        }
        let length = opening(rest).unwrap_or(rest.len());
        self.at += length;
        let stops = self.rest().as_bytes().get(2) == Some(&b'-');
        let text = trimmed(rest.get(..length).unwrap_or_default(), self.trim, stops);
        self.trim = false;
        Some(Token::Text(text))
    }

    /// What stands between braces, without the `-` next to them.
    fn inside(&mut self, close: &str) -> Cursor<'s> {
        let start = self.at;
        let body = self.source.get(start + 2..self.end).unwrap_or_default();
        let length = find(body, close).unwrap_or_else(|| {
            self.faults.note(start, &["this is never closed by `", close, "`"]);
            0
        });
        self.at = start + 2 + length + 2;
        let body = body.get(..length).unwrap_or_default();
        let mut inside = Cursor::new(self.source, start + 2, start + 2 + length, self.faults);
        self.trim = body.ends_with('-');
        inside.end -= usize::from(self.trim);
        if body.starts_with('-') && inside.at < inside.end {
            inside.at += 1;
        }
        inside
    }

    fn line(&mut self) -> Option<Token<'s>> {
        while !self.rest().is_empty() {
            let rest = self.rest();
            let length = rest.find('\n').unwrap_or(rest.len());
            let mut line = Cursor::new(self.source, self.at, self.at + length, self.faults);
            self.at = (self.at + length + 1).min(self.end);
            if line.peek().is_some() {
                return Some(tag(line));
            }
        }
        None
    }

    /// The text up to a tag of this name, which is not read in any other way.
    pub(super) fn raw(&mut self, end: &str, start: usize) -> &'s str {
        let body = self.rest();
        let mut from = 0;
        while let Some(found) = body.get(from..).and_then(opening) {
            let brace = from + found;
            let mut inside = Cursor::new(body, brace + 2, body.len(), self.faults);
            inside.eat(b'-');
            if body.as_bytes().get(brace + 1) == Some(&b'%') && inside.word(end) {
                let trim = inside.eat(b'-');
                if inside.rest().starts_with("%}") {
                    self.at += inside.at + 2;
                    self.trim = trim;
                    return body.get(..brace).unwrap_or_default();
                }
            }
            from = brace + 1;
        }
        self.faults.note(start, &["this is never closed by `{% ", end, " %}`"]);
        ""
    }
}

/// Where the next output or tag begins.
fn opening(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find('{') {
        let brace = from + found;
        if let Some(b'{' | b'%') = text.as_bytes().get(brace + 1) {
            return Some(brace);
        }
        from = brace + 1;
    }
    None
}

fn tag(mut inside: Cursor<'_>) -> Token<'_> {
    inside.peek();
    let start = inside.at;
    let rest = inside.rest();
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let length = if rest.starts_with('#') { 1 } else { rest.find(|c| !word(c)).unwrap_or(rest.len()) };
    inside.at += length;
    Token::Tag(rest.get(..length).unwrap_or_default(), start, inside)
}
