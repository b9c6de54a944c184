//! What stands inside of `{{ }}` and tags: values, paths, ranges, filters, conditions.

use std::cell::RefCell;

use super::filter::{self, Filter};

/// How deep brackets and ranges may be nested.
const DEPTH: u32 = 32;

/// The first thing that cannot be read: at which byte of the source, and why. Readers never turn back: whoever notes
/// something goes on at the end of the source, where everything ends by itself (docs/decisions/0002).
#[derive(Default)]
pub(super) struct Faults(RefCell<Option<(usize, String)>>);

impl Faults {
    pub(super) fn note(&self, at: usize, message: &[&str]) {
        let mut first = self.0.borrow_mut();
        if first.is_none() {
            *first = Some((at, message.concat()));
        }
    }

    pub(super) fn any(&self) -> bool {
        self.0.borrow().is_some()
    }

    pub(super) fn first(self) -> Option<(usize, String)> {
        self.0.into_inner()
    }
}

/// Something that has a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Nil,
    Blank,
    Empty,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Box<str>),
    /// The first step is looked up in the scope, the others in what came before.
    Path(Box<[Step]>),
    Range(Box<(Expr, Expr)>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// `.name`, where `size`, `first` and `last` also mean what they say.
    Name(Box<str>),
    /// `[expression]`.
    Index(Expr),
}

/// A value and the filters it goes through.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Filtered {
    pub(super) value: Expr,
    pub(super) filters: Box<[Call]>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub(super) filter: Filter,
    pub(super) arguments: Box<[Expr]>,
    pub(super) named: Box<[(Box<str>, Expr)]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// No operator: whether the value is anything but nil and false.
    Is,
    Equal,
    Differs,
    Less,
    More,
    AtMost,
    AtLeast,
    Contains,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Comparison {
    pub(super) left: Expr,
    pub(super) operator: Operator,
    pub(super) right: Expr,
    /// What joins it to those after it: `or` if true. `a and b or c` is `a and (b or c)`, as everywhere in Liquid.
    pub(super) or: bool,
}

/// A place in a part of the source.
#[derive(Clone)]
pub(super) struct Cursor<'s> {
    pub(super) source: &'s str,
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) faults: &'s Faults,
    depth: u32,
}

fn starts_name(c: char) -> bool {
    // Letters of other scripts may stand in names; typographic quotes and spaces may not.
    c.is_ascii_alphabetic()
        || c == '_'
        || (c >= '\u{c0}' && !matches!(c, '\u{2000}'..='\u{2bff}' | '\u{3000}'..='\u{303f}'))
}

fn continues_name(c: char) -> bool {
    starts_name(c) || c.is_ascii_digit() || c == '-'
}

impl<'s> Cursor<'s> {
    pub(super) fn new(source: &'s str, at: usize, end: usize, faults: &'s Faults) -> Self {
        Self { source, at, end, faults, depth: 0 }
    }

    pub(super) fn rest(&self) -> &'s str {
        self.source.get(self.at..self.end).unwrap_or_default()
    }

    /// Notes a fault here and goes to the end.
    pub(super) fn wrong(&mut self, message: &[&str]) {
        self.faults.note(self.at, message);
        self.at = self.end;
    }

    /// Notes a fault unless this comes next.
    pub(super) fn need(&mut self, byte: u8, message: &str) {
        if !self.eat(byte) {
            self.wrong(&[message]);
        }
    }

    /// The next byte that is no white space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let rest = self.rest().as_bytes();
        let mut skipped = 0;
        while let Some(b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c) = rest.get(skipped) {
            skipped += 1;
        }
        self.at += skipped;
        rest.get(skipped).copied()
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(super) fn name(&mut self) -> Option<&'s str> {
        self.peek();
        let rest = self.rest();
        if !rest.starts_with(starts_name) {
            return None;
        }
        let mut length = rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
        if rest.as_bytes().get(length) == Some(&b'?') {
            length += 1;
        }
        self.at += length;
        rest.get(..length)
    }

    /// A name that a variable may be given.
    pub(super) fn target(&mut self) -> &'s str {
        self.peek();
        let rest = self.rest();
        let length = rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default();
        if name.is_empty() || name.starts_with('-') {
            self.wrong(&["the name of a variable is expected"]);
        } else {
            self.at += length;
        }
        name
    }

    pub(super) fn word(&mut self, word: &str) -> bool {
        self.peek();
        let start = self.at;
        let found = self.name() == Some(word);
        if !found {
            self.at = start;
        }
        found
    }

    pub(super) fn done(&mut self) {
        if self.peek().is_some() {
            let rest = self.rest();
            let cut = rest.char_indices().nth(20).map_or(rest.len(), |(cut, _)| cut);
            self.wrong(&["`", rest.get(..cut).unwrap_or_default().trim_end(), "` is not expected here"]);
        }
    }

    pub(super) fn expression(&mut self) -> Expr {
        if self.depth == DEPTH {
            self.wrong(&["nested too deeply"]);
            return Expr::Nil;
        }
        self.depth += 1;
        let expr = self.one();
        self.depth -= 1;
        expr
    }

    fn one(&mut self) -> Expr {
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => {
                let body = self.rest().get(1..).unwrap_or_default();
                match body.find(char::from(quote)) {
                    Some(length) => {
                        self.at += length + 2;
                        Expr::Text(body.get(..length).unwrap_or_default().into())
                    }
                    None => {
                        self.wrong(&["this text has no closing quote"]);
                        Expr::Nil
                    }
                }
            }
            Some(b'0'..=b'9' | b'-') => self.number(),
            Some(b'(') => {
                self.at += 1;
                let first = self.expression();
                self.peek();
                if self.rest().starts_with("..") {
                    self.at += 2;
                } else {
                    self.wrong(&["`..` is expected: parentheses are for ranges such as `(1..5)`"]);
                }
                let last = self.expression();
                self.need(b')', "`)` is expected");
                Expr::Range(Box::new((first, last)))
            }
            Some(b'[') => self.path(Vec::new()),
            _ => {
                let Some(name) = self.name() else {
                    self.wrong(&["a value is expected"]);
                    return Expr::Nil;
                };
                let next = self.rest().as_bytes();
                let plain = !(next.first() == Some(&b'.') && next.get(1) != Some(&b'.') || next.first() == Some(&b'['));
                match name {
                    "nil" | "null" if plain => Expr::Nil,
                    "true" if plain => Expr::Bool(true),
                    "false" if plain => Expr::Bool(false),
                    "blank" if plain => Expr::Blank,
                    "empty" if plain => Expr::Empty,
                    _ => self.path(vec![Step::Name(name.into())]),
                }
            }
        }
    }

    fn number(&mut self) -> Expr {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let sign = usize::from(bytes.first() == Some(&b'-'));
        let whole = digits(sign);
        if whole == sign {
            self.wrong(&["a value is expected"]);
            return Expr::Nil;
        }
        let mut length = whole;
        if bytes.get(whole) == Some(&b'.') && bytes.get(whole + 1).is_some_and(u8::is_ascii_digit) {
            length = digits(whole + 1);
        }
        let text = rest.get(..length).unwrap_or_default();
        if rest.get(length..).unwrap_or_default().starts_with(starts_name) {
            self.wrong(&["a name does not begin with a digit"]);
            return Expr::Nil;
        }
        if length == whole
            && let Ok(integer) = text.parse::<i64>()
        {
            self.at += length;
            return Expr::Int(integer);
        }
        let float = crate::decimal::to_f64(text);
        if !float.is_finite() {
            self.wrong(&["the number is too large"]);
            return Expr::Nil;
        }
        self.at += length;
        Expr::Float(float)
    }

    fn path(&mut self, mut steps: Vec<Step>) -> Expr {
        loop {
            match self.peek() {
                Some(b'.') if self.rest().as_bytes().get(1) != Some(&b'.') => {
                    self.at += 1;
                    match self.name() {
                        Some(name) => steps.push(Step::Name(name.into())),
                        None => self.wrong(&["a name is expected after the dot"]),
                    }
                }
                Some(b'[') => {
                    self.at += 1;
                    steps.push(Step::Index(self.expression()));
                    self.need(b']', "`]` is expected");
                }
                _ => return Expr::Path(steps.into()),
            }
        }
    }

    /// A value with its filters, up to the end.
    pub(super) fn filtered(&mut self) -> Filtered {
        let value = if self.peek().is_none() { Expr::Nil } else { self.expression() };
        let mut filters = Vec::new();
        while self.eat(b'|') {
            filters.extend(self.call());
        }
        self.done();
        Filtered { value, filters: filters.into() }
    }

    fn call(&mut self) -> Option<Call> {
        self.peek();
        let start = self.at;
        let Some(name) = self.name() else {
            self.wrong(&["the name of a filter is expected after `|`"]);
            return None;
        };
        let found = filter::find(name);
        let (mut arguments, mut named) = (Vec::new(), Vec::new());
        let mut more = self.eat(b':');
        while more {
            let before = self.at;
            match self.name() {
                Some(key) if self.eat(b':') => named.push((key.into(), self.expression())),
                _ => {
                    self.at = before;
                    arguments.push(self.expression());
                }
            }
            more = self.eat(b',');
        }
        let mut message = String::new();
        match found {
            Some(spec) => spec.check(arguments.len(), &named, &mut message),
            None => filter::unknown(name, &mut message),
        }
        if !message.is_empty() {
            self.at = start;
            self.wrong(&[&message]);
        }
        found.map(|spec| Call { filter: spec.filter, arguments: arguments.into(), named: named.into() })
    }

    /// A condition, up to the end.
    pub(super) fn condition(&mut self) -> Box<[Comparison]> {
        let mut list = Vec::new();
        loop {
            let left = self.expression();
            let operator = self.operator();
            let right = if operator == Operator::Is { Expr::Nil } else { self.expression() };
            let or = self.word("or");
            list.push(Comparison { left, operator, right, or });
            if !or && !self.word("and") {
                self.done();
                return list.into();
            }
        }
    }

    fn operator(&mut self) -> Operator {
        self.peek();
        let bytes = self.rest().as_bytes();
        let (operator, length) = match (bytes.first(), bytes.get(1)) {
            (Some(b'='), Some(b'=')) => (Operator::Equal, 2),
            (Some(b'!'), Some(b'=')) | (Some(b'<'), Some(b'>')) => (Operator::Differs, 2),
            (Some(b'<'), Some(b'=')) => (Operator::AtMost, 2),
            (Some(b'>'), Some(b'=')) => (Operator::AtLeast, 2),
            (Some(b'<'), _) => (Operator::Less, 1),
            (Some(b'>'), _) => (Operator::More, 1),
            _ if self.word("contains") => (Operator::Contains, 0),
            _ => (Operator::Is, 0),
        };
        self.at += length;
        operator
    }
}
