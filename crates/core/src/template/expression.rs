//! What stands inside of `{{ }}` and tags: values, paths, ranges, filters, conditions.

use super::filter::{self, Filter};

/// How deep brackets and ranges may be nested.
const DEPTH: u32 = 32;

/// What cannot be read, and at which byte of the source.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) at: usize,
    pub(super) message: String,
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
    pub(super) fn new(source: &'s str, at: usize, end: usize) -> Self {
        Self { source, at, end, depth: 0 }
    }

    pub(super) fn rest(&self) -> &'s str {
        self.source.get(self.at..self.end).unwrap_or_default()
    }

    pub(super) fn wrong<T>(&self, parts: &[&str]) -> Result<T, Wrong> {
        Err(Wrong { at: self.at, message: parts.concat() })
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

    fn eat_text(&mut self, text: &str) -> bool {
        self.peek();
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
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
    pub(super) fn target(&mut self) -> Result<&'s str, Wrong> {
        let start = self.at;
        self.peek();
        let rest = self.rest();
        let length = rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default();
        if name.is_empty() || name.starts_with('-') {
            self.at = start;
            return self.wrong(&["the name of a variable is expected"]);
        }
        self.at += length;
        Ok(name)
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

    pub(super) fn done(&mut self) -> Result<(), Wrong> {
        match self.peek() {
            None => Ok(()),
            Some(_) => {
                let rest = self.rest();
                let cut = rest.char_indices().nth(20).map_or(rest.len(), |(cut, _)| cut);
                self.wrong(&["`", rest.get(..cut).unwrap_or_default().trim_end(), "` is not expected here"])
            }
        }
    }

    pub(super) fn expression(&mut self) -> Result<Expr, Wrong> {
        if self.depth == DEPTH {
            return self.wrong(&["nested too deeply"]);
        }
        self.depth += 1;
        let expr = self.one();
        self.depth -= 1;
        expr
    }

    fn one(&mut self) -> Result<Expr, Wrong> {
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => {
                let rest = self.rest();
                let body = rest.get(1..).unwrap_or_default();
                let Some(length) = body.find(char::from(quote)) else {
                    return self.wrong(&["this text has no closing quote"]);
                };
                self.at += length + 2;
                Ok(Expr::Text(body.get(..length).unwrap_or_default().into()))
            }
            Some(b'0'..=b'9' | b'-') => self.number(),
            Some(b'(') => {
                self.at += 1;
                let first = self.expression()?;
                if !self.eat_text("..") {
                    return self.wrong(&["`..` is expected: parentheses are for ranges such as `(1..5)`"]);
                }
                let last = self.expression()?;
                if !self.eat(b')') {
                    return self.wrong(&["`)` is expected"]);
                }
                Ok(Expr::Range(Box::new((first, last))))
            }
            Some(b'[') => self.path(Vec::new()),
            _ => {
                let Some(name) = self.name() else { return self.wrong(&["a value is expected"]) };
                let next = self.rest().as_bytes();
                let plain = !(next.first() == Some(&b'.') && next.get(1) != Some(&b'.') || next.first() == Some(&b'['));
                match name {
                    "nil" | "null" if plain => Ok(Expr::Nil),
                    "true" if plain => Ok(Expr::Bool(true)),
                    "false" if plain => Ok(Expr::Bool(false)),
                    "blank" if plain => Ok(Expr::Blank),
                    "empty" if plain => Ok(Expr::Empty),
                    _ => self.path(vec![Step::Name(name.into())]),
                }
            }
        }
    }

    fn number(&mut self) -> Result<Expr, Wrong> {
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
            return self.wrong(&["a value is expected"]);
        }
        let mut length = whole;
        if bytes.get(whole) == Some(&b'.') && bytes.get(whole + 1).is_some_and(u8::is_ascii_digit) {
            length = digits(whole + 1);
        }
        let text = rest.get(..length).unwrap_or_default();
        if rest.get(length..).unwrap_or_default().starts_with(starts_name) {
            return self.wrong(&["a name does not begin with a digit"]);
        }
        self.at += length;
        if length == whole
            && let Ok(integer) = text.parse::<i64>()
        {
            return Ok(Expr::Int(integer));
        }
        let float = crate::decimal::to_f64(text);
        if float.is_finite() { Ok(Expr::Float(float)) } else { self.wrong(&["the number is too large"]) }
    }

    fn path(&mut self, mut steps: Vec<Step>) -> Result<Expr, Wrong> {
        loop {
            match self.peek() {
                Some(b'.') if self.rest().as_bytes().get(1) != Some(&b'.') => {
                    self.at += 1;
                    let Some(name) = self.name() else { return self.wrong(&["a name is expected after the dot"]) };
                    steps.push(Step::Name(name.into()));
                }
                Some(b'[') => {
                    self.at += 1;
                    steps.push(Step::Index(self.expression()?));
                    if !self.eat(b']') {
                        return self.wrong(&["`]` is expected"]);
                    }
                }
                _ => return Ok(Expr::Path(steps.into())),
            }
        }
    }

    /// A value with its filters, up to the end.
    pub(super) fn filtered(&mut self) -> Result<Filtered, Wrong> {
        let value = if self.peek().is_none() { Expr::Nil } else { self.expression()? };
        let mut filters = Vec::new();
        while self.eat(b'|') {
            filters.push(self.call()?);
        }
        self.done()?;
        Ok(Filtered { value, filters: filters.into() })
    }

    fn call(&mut self) -> Result<Call, Wrong> {
        self.peek();
        let start = self.at;
        let Some(name) = self.name() else { return self.wrong(&["the name of a filter is expected after `|`"]) };
        let found = filter::find(name);
        let (mut arguments, mut named) = (Vec::new(), Vec::new());
        if self.eat(b':') {
            loop {
                let before = self.at;
                match self.name() {
                    Some(key) if self.eat(b':') => named.push((key.into(), self.expression()?)),
                    _ => {
                        self.at = before;
                        arguments.push(self.expression()?);
                    }
                }
                if !self.eat(b',') {
                    break;
                }
            }
        }
        match found.and_then(|spec| spec.check(arguments.len(), &named).map(|()| spec.filter)) {
            Ok(filter) => Ok(Call { filter, arguments: arguments.into(), named: named.into() }),
            Err(message) => Err(Wrong { at: start, message }),
        }
    }

    /// A condition, up to the end.
    pub(super) fn condition(&mut self) -> Result<Box<[Comparison]>, Wrong> {
        let mut list = Vec::new();
        loop {
            let left = self.expression()?;
            let operator = self.operator();
            let right = if operator == Operator::Is { Expr::Nil } else { self.expression()? };
            let or = self.word("or");
            list.push(Comparison { left, operator, right, or });
            if !or && !self.word("and") {
                self.done()?;
                return Ok(list.into());
            }
        }
    }

    fn operator(&mut self) -> Operator {
        const OPERATORS: [(&str, Operator); 7] = [
            ("==", Operator::Equal),
            ("!=", Operator::Differs),
            ("<>", Operator::Differs),
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("<", Operator::Less),
            (">", Operator::More),
        ];
        for (text, operator) in OPERATORS {
            if self.eat_text(text) {
                return operator;
            }
        }
        if self.word("contains") { Operator::Contains } else { Operator::Is }
    }
}
