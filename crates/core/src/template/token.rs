//! Cuts a source into text, outputs and tags, and does what `-` next to a brace asks for.

use super::expression::{Cursor, Wrong};

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
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r' | '\0')
}

impl<'s> Tokens<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self { source, at: 0, end: source.len(), lines: false, trim: false }
    }

    pub(super) fn lines(inside: &Cursor<'s>) -> Self {
        Self { source: inside.source, at: inside.at, end: inside.end, lines: true, trim: false }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..self.end).unwrap_or_default()
    }

    pub(super) fn next(&mut self) -> Result<Option<Token<'s>>, Wrong> {
        if self.lines {
            return Ok(self.line());
        }
        let rest = self.rest();
        if rest.is_empty() {
            return Ok(None);
        }
        if rest.starts_with("{{") {
            let inside = self.inside("}}")?;
            return Ok(Some(Token::Output(inside)));
        }
        if rest.starts_with("{%") {
            let inside = self.inside("%}")?;
            return Ok(Some(tag(inside)));
        }
        let length = opening(rest).unwrap_or(rest.len());
        let mut text = rest.get(..length).unwrap_or_default();
        self.at += length;
        if self.trim {
            text = text.trim_start_matches(is_space);
        }
        if self.rest().as_bytes().get(2) == Some(&b'-') {
            text = text.trim_end_matches(is_space);
        }
        self.trim = false;
        Ok(Some(Token::Text(text)))
    }

    /// What stands between braces, without the `-` next to them.
    fn inside(&mut self, close: &str) -> Result<Cursor<'s>, Wrong> {
        let start = self.at;
        let body = self.source.get(start + 2..self.end).unwrap_or_default();
        let Some(length) = body.find(close) else {
            let message = ["this is never closed by `", close, "`"].concat();
            return Err(Wrong { at: start, message });
        };
        self.at = start + 2 + length + 2;
        let body = body.get(..length).unwrap_or_default();
        let mut inside = Cursor::new(self.source, start + 2, start + 2 + length);
        self.trim = body.ends_with('-');
        inside.end -= usize::from(self.trim);
        if body.starts_with('-') && inside.at < inside.end {
            inside.at += 1;
        }
        Ok(inside)
    }

    fn line(&mut self) -> Option<Token<'s>> {
        while !self.rest().is_empty() {
            let rest = self.rest();
            let length = rest.find('\n').unwrap_or(rest.len());
            let mut line = Cursor::new(self.source, self.at, self.at + length);
            self.at = (self.at + length + 1).min(self.end);
            if line.peek().is_some() {
                return Some(tag(line));
            }
        }
        None
    }

    /// The text up to a tag of this name, which is not read in any other way.
    pub(super) fn raw(&mut self, end: &str, start: usize) -> Result<&'s str, Wrong> {
        let body = self.rest();
        let mut from = 0;
        while let Some(found) = body.get(from..).and_then(|rest| rest.find("{%")) {
            let brace = from + found;
            let mut inside = Cursor::new(body, brace + 2, body.len());
            inside.eat(b'-');
            if inside.word(end) {
                let trim = inside.eat(b'-');
                if inside.rest().starts_with("%}") {
                    self.at += inside.at + 2;
                    self.trim = trim;
                    return Ok(body.get(..brace).unwrap_or_default());
                }
            }
            from = brace + 2;
        }
        Err(Wrong { at: start, message: ["this is never closed by `{% ", end, " %}`"].concat() })
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
