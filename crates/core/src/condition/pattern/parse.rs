//! Parsing regular expressions.

use super::{Assertion, Set};

/// How deep groups may be nested.
const DEPTH: u32 = 50;
/// How often a counted repetition may repeat.
const REPEATS: u32 = 1_000;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    Set(Set),
    Assert(Assertion),
    Sequence(Vec<Tree>),
    Either(Vec<Tree>),
    Repeat(Box<Tree>, u32, Option<u32>),
}

pub(super) fn parse(pattern: &str, fold: bool) -> Result<Tree, String> {
    let mut parser = Parser { rest: pattern.chars(), fold, depth: 0 };
    let tree = parser.alternatives()?;
    match parser.peek() {
        None => Ok(tree),
        Some(_) => Err("a `)` without its `(`: write `\\)` for the character".to_owned()),
    }
}

struct Parser<'a> {
    rest: std::str::Chars<'a>,
    fold: bool,
    depth: u32,
}

/// What stands in a class: a character, or the ranges of an escape such as `\d`.
enum Item {
    Char(char),
    Ranges(Vec<(char, char)>),
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn eat(&mut self, text: &str) -> bool {
        match self.rest.as_str().strip_prefix(text) {
            Some(rest) => {
                self.rest = rest.chars();
                true
            }
            None => false,
        }
    }

    fn alternatives(&mut self) -> Result<Tree, String> {
        let mut either = vec![self.sequence()?];
        while self.eat("|") {
            either.push(self.sequence()?);
        }
        match either.pop() {
            Some(only) if either.is_empty() => Ok(only),
            last => {
                either.extend(last);
                Ok(Tree::Either(either))
            }
        }
    }

    fn sequence(&mut self) -> Result<Tree, String> {
        let mut trees = Vec::new();
        while let Some(c) = self.peek() {
            if matches!(c, '|' | ')') {
                break;
            }
            self.rest.next();
            let Some(tree) = self.atom(c)? else { continue };
            let tree = self.repeated(tree)?;
            trees.push(tree);
        }
        Ok(Tree::Sequence(trees))
    }

    /// Nothing for a flag, which stands for itself.
    fn atom(&mut self, c: char) -> Result<Option<Tree>, String> {
        Ok(Some(match c {
            '(' => return self.group(),
            '[' => Tree::Set(self.class()?),
            '.' => self.set(vec![('\n', '\n')], true),
            '^' => Tree::Assert(Assertion::Start),
            '$' => Tree::Assert(Assertion::End),
            '*' | '+' | '?' => {
                return Err([
                    "nothing stands before `",
                    c.to_string().as_str(),
                    "`: write `\\",
                    c.to_string().as_str(),
                    "` for the character",
                ]
                .concat());
            }
            '\\' => match self.rest.next() {
                Some('b') => Tree::Assert(Assertion::Boundary),
                Some('B') => Tree::Assert(Assertion::NoBoundary),
                Some('A') => Tree::Assert(Assertion::Start),
                Some('z') => Tree::Assert(Assertion::End),
                Some('k' | '1'..='9') => {
                    return Err("back-references are not supported: write out what is meant".to_owned());
                }
                escaped => match self.escape(escaped)? {
                    Item::Char(c) => self.set(vec![(c, c)], false),
                    Item::Ranges(ranges) => self.set(ranges, false),
                },
            },
            c => self.set(vec![(c, c)], false),
        }))
    }

    fn set(&self, ranges: Vec<(char, char)>, negated: bool) -> Tree {
        Tree::Set(Set { ranges, negated, fold: self.fold })
    }

    fn group(&mut self) -> Result<Option<Tree>, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("groups are nested deeper than 50 levels".to_owned());
        }
        let fold = self.fold;
        if self.eat("?") {
            if self.eat("=") || self.eat("!") || self.eat("<=") || self.eat("<!") {
                return Err("look-around is not supported: use two conditions, one of them with $notRegex".to_owned());
            }
            if self.eat("P<") || self.eat("<") {
                self.name()?;
            } else if self.eat("i)") {
                // For the rest of the group that it stands in.
                self.fold = true;
                self.depth -= 1;
                return Ok(None);
            } else if self.eat("i:") {
                self.fold = true;
            } else if !self.eat(":") {
                return Err("after `(?` stands `:`, `i)` or `i:`; no other flag is supported".to_owned());
            }
        }
        let tree = self.alternatives()?;
        self.fold = fold;
        self.depth -= 1;
        if self.eat(")") {
            Ok(Some(tree))
        } else {
            Err("a `(` without its `)`: write `\\(` for the character".to_owned())
        }
    }

    fn name(&mut self) -> Result<(), String> {
        let mut first = true;
        for c in self.rest.by_ref() {
            match c {
                '>' if !first => return Ok(()),
                'a'..='z' | 'A'..='Z' | '_' => {}
                '0'..='9' if !first => {}
                _ => break,
            }
            first = false;
        }
        Err("the name of a group is letters, digits and `_`, and ends with `>`".to_owned())
    }

    fn repeated(&mut self, mut tree: Tree) -> Result<Tree, String> {
        let mut nested = 0;
        loop {
            let (least, most) = match self.peek() {
                Some('*') => (0, None),
                Some('+') => (1, None),
                Some('?') => (0, Some(1)),
                Some('{') => match self.counted()? {
                    Some(counts) => counts,
                    None => return Ok(tree),
                },
                _ => return Ok(tree),
            };
            self.rest.next();
            // A lazy one matches the same texts.
            self.eat("?");
            nested += 1;
            if nested > DEPTH {
                return Err("repetitions of repetitions: write one".to_owned());
            }
            tree = Tree::Repeat(Box::new(tree), least, most);
        }
    }

    /// `{2}`, `{2,}` or `{2,5}`, up to the brace that ends it; other braces stand for themselves.
    fn counted(&mut self) -> Result<Option<(u32, Option<u32>)>, String> {
        let after = self.rest.as_str().strip_prefix('{').unwrap_or_default();
        let Some((inside, _)) = after.split_once('}') else { return Ok(None) };
        let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
        if least.is_empty() || !(least.bytes().chain(most.bytes())).all(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        let count = |digits: &str| digits.parse::<u32>().ok().filter(|count| *count <= REPEATS);
        let wrong = || "a repetition is counted from 0 to 1000, the smaller number first".to_owned();
        let least = count(least).ok_or_else(wrong)?;
        let most =
            if most.is_empty() { None } else { Some(count(most).filter(|most| least <= *most).ok_or_else(wrong)?) };
        let skipped = inside.len() + 1;
        self.rest = self.rest.as_str().get(skipped..).unwrap_or_default().chars();
        Ok(Some((least, most)))
    }

    fn class(&mut self) -> Result<Set, String> {
        let unclosed = || "a `[` without its `]`: write `\\[` for the character".to_owned();
        let negated = self.eat("^");
        let mut ranges = Vec::new();
        let mut first = true;
        loop {
            let c = self.rest.next().ok_or_else(unclosed)?;
            if c == ']' && first {
                return Err("a `]` right after `[` is read in two ways: write `\\]` for the character".to_owned());
            }
            if c == ']' {
                return Ok(Set { ranges, negated, fold: self.fold });
            }
            first = false;
            let item = self.item(c)?;
            let mut after = self.rest.clone();
            if (c == '-' && after.as_str().starts_with('-')) || after.as_str().starts_with("--") {
                return Err("`--` in `[]` is read in two ways: write `\\-` for the character".to_owned());
            }
            if after.next() == Some('-') && after.clone().next().is_some_and(|c| c != ']') {
                self.rest = after;
                let last = self.rest.next().ok_or_else(unclosed)?;
                match (item, self.item(last)?) {
                    (Item::Char(first), Item::Char(last)) if first <= last => ranges.push((first, last)),
                    _ => return Err("a range in `[]` goes from a character up to another".to_owned()),
                }
                continue;
            }
            match item {
                Item::Char(c) => ranges.push((c, c)),
                Item::Ranges(more) => ranges.extend(more),
            }
        }
    }

    fn item(&mut self, c: char) -> Result<Item, String> {
        if c == '\\' {
            let escaped = self.rest.next();
            return if escaped == Some('b') { Ok(Item::Char('\u{8}')) } else { self.escape(escaped) };
        }
        Ok(Item::Char(c))
    }

    fn escape(&mut self, escaped: Option<char>) -> Result<Item, String> {
        Ok(Item::Char(match escaped {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\u{b}',
            Some('f') => '\u{c}',
            Some('a') => '\u{7}',
            Some('x') => self.hex(2)?,
            Some('u') => self.hex(4)?,
            Some(class @ ('d' | 'D' | 'w' | 'W' | 's' | 'S')) => {
                let ranges: &[(char, char)] = match class.to_ascii_lowercase() {
                    'd' => &[('0', '9')],
                    'w' => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
                    _ => &[('\t', '\r'), (' ', ' ')],
                };
                return Ok(Item::Ranges(if class.is_ascii_uppercase() { complement(ranges) } else { ranges.to_vec() }));
            }
            Some(c) if !c.is_ascii_alphanumeric() => c,
            _ => {
                return Err(
                    "an escape that means nothing: a backslash stands before d, w, s, b, n, r, t and before signs"
                        .to_owned(),
                );
            }
        }))
    }

    fn hex(&mut self, digits: usize) -> Result<char, String> {
        let code = self.rest.as_str().get(..digits).unwrap_or_default();
        let c = u32::from_str_radix(code, 16).ok().filter(|_| !code.starts_with('+')).and_then(char::from_u32);
        self.rest = self.rest.as_str().get(digits..).unwrap_or_default().chars();
        c.ok_or_else(|| "`\\x` needs two hex digits of a character, `\\u` four".to_owned())
    }
}

/// Every character that is in none of the ranges, which are in order.
fn complement(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let mut others = Vec::new();
    let mut from = '\0';
    for (first, last) in ranges {
        others.push((from, char::from(*first as u8 - 1)));
        from = char::from(*last as u8 + 1);
    }
    others.push((from, char::MAX));
    others
}
