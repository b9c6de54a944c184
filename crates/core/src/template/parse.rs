//! From a source to nodes. Everything that is not known is an error here, with its place and the nearest known name.

use super::expression::{Comparison, Cursor, Expr, Faults, Filtered};
use super::filter::nearest;
use super::text::trimmed;
use super::token::{Token, Tokens};

/// How deep blocks may be nested.
const DEPTH: u32 = 64;

pub(super) type Block = Box<[Node]>;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Text(Box<str>),
    Output(Filtered),
    Assign(Box<str>, Filtered),
    Capture(Box<str>, Block),
    /// The first branch whose condition holds; `unless` turns the first one around.
    If {
        unless: bool,
        branches: Box<[(Box<[Comparison]>, Block)]>,
    },
    /// Each branch with an equal value, once per value; those without values if none before had one.
    Case(Expr, Box<[(Box<[Expr]>, Block)]>),
    For(Box<For>),
    Break,
    Continue,
    Abort(Filtered),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct For {
    pub(super) variable: Box<str>,
    /// What `offset: continue` goes by: the variable and the list as they are written.
    pub(super) name: Box<str>,
    pub(super) list: Expr,
    pub(super) limit: Expr,
    pub(super) offset: Expr,
    pub(super) resumes: bool,
    pub(super) reversed: bool,
    pub(super) body: Block,
    pub(super) otherwise: Block,
}

pub(crate) static TAGS: [&str; 15] = [
    "abort_message",
    "assign",
    "break",
    "capture",
    "case",
    "comment",
    "continue",
    "doc",
    "echo",
    "for",
    "if",
    "liquid",
    "raw",
    "unless",
    "#",
];

/// Tags of Liquid that are left out on purpose (docs/templates.md).
const LEFT_OUT: [&str; 7] = ["cycle", "decrement", "ifchanged", "include", "increment", "render", "tablerow"];

/// Nodes, and whether they can print anything: a block that cannot drops its white space, as in Liquid.
struct Body {
    nodes: Vec<Node>,
    blank: bool,
}

impl Body {
    fn new() -> Self {
        Self { nodes: Vec::new(), blank: true }
    }

    fn add(&mut self, node: Node, blank: bool) {
        self.nodes.push(node);
        self.blank &= blank;
    }

    fn block(self, blank: bool) -> Block {
        let mut block = self.nodes.into();
        if blank {
            without_text(&mut block);
        }
        block
    }
}

fn without_text(block: &mut Block) {
    let mut nodes = std::mem::take(block).into_vec();
    nodes.retain(|node| !matches!(node, Node::Text(_)));
    *block = nodes.into();
}

/// A tag that ends a block or a branch of it.
struct Stop<'s> {
    name: &'s str,
    rest: Cursor<'s>,
}

/// What is wrong is noted; the nodes then mean nothing.
pub(super) fn parse(source: &str, faults: &Faults) -> Block {
    let mut parser = Parser { tokens: Tokens::new(source, faults), depth: 0, faults };
    let mut body = Body::new();
    parser.block(&mut body, &[]);
    body.block(false)
}

struct Parser<'s> {
    tokens: Tokens<'s>,
    depth: u32,
    faults: &'s Faults,
}

impl<'s> Parser<'s> {
    /// Reads up to one of `ends`, or to the end of the source.
    fn block(&mut self, body: &mut Body, ends: &[&str]) -> Option<Stop<'s>> {
        if self.depth == DEPTH {
            self.faults.note(self.tokens.at(), &["blocks are nested deeper than 64 levels"]);
        }
        self.depth += 1;
        let mut stop = None;
        while let Some(token) = self.tokens.next() {
            match token {
                Token::Text("") => {}
                Token::Text(text) => body.add(Node::Text(text.into()), trimmed(text, true, false).is_empty()),
                Token::Output(mut inside) => body.add(Node::Output(inside.filtered()), false),
                Token::Tag(name, at, rest) => {
                    if ends.contains(&name) {
                        stop = Some(Stop { name, rest });
                        break;
                    }
                    self.tag(name, at, rest, body);
                }
            }
        }
        self.depth -= 1;
        stop
    }

    /// The same inside of a tag that has to be closed. Where it is not, the answer ends it.
    fn branch(&mut self, start: usize, body: &mut Body, ends: &[&str], rest: &Cursor<'s>) -> Stop<'s> {
        self.block(body, ends).unwrap_or_else(|| {
            self.faults.note(start, &["this is never closed by `", ends.first().copied().unwrap_or_default(), "`"]);
            Stop { name: "", rest: rest.clone() }
        })
    }

    fn tag(&mut self, name: &str, at: usize, mut rest: Cursor<'s>, body: &mut Body) {
        match name {
            "if" => self.conditional(false, at, rest, body),
            "unless" => self.conditional(true, at, rest, body),
            "case" => self.case(at, rest, body),
            "for" => self.repeat(at, rest, body),
            "assign" => {
                let target = rest.target();
                rest.need(b'=', "`=` is expected");
                body.add(Node::Assign(target.into(), rest.filtered()), true);
            }
            "capture" => {
                let quoted = rest.eat(b'\'') || rest.eat(b'"');
                let target = rest.target();
                if !quoted {
                    rest.done();
                }
                let mut inner = Body::new();
                self.branch(at, &mut inner, &["endcapture"], &rest);
                body.add(Node::Capture(target.into(), inner.block(false)), true);
            }
            "echo" => body.add(Node::Output(rest.filtered()), false),
            "break" | "continue" => {
                rest.done();
                body.add(if name == "break" { Node::Break } else { Node::Continue }, false);
            }
            "abort_message" => body.add(Node::Abort(reason(rest)), false),
            "#" => comment_lines(rest),
            "comment" => self.comment(at),
            "raw" | "doc" => {
                rest.done();
                let text = self.tokens.raw(if name == "raw" { "endraw" } else { "enddoc" }, at);
                if name == "raw" && !text.is_empty() {
                    body.add(Node::Text(text.into()), false);
                }
            }
            "liquid" => {
                let outer = std::mem::replace(&mut self.tokens, Tokens::lines(&rest));
                self.block(body, &[]);
                self.tokens = outer;
            }
            _ => {
                let mut message = String::new();
                unknown(name, &mut message);
                self.faults.note(at, &[&message]);
            }
        }
    }

    fn conditional(&mut self, unless: bool, at: usize, mut rest: Cursor<'s>, body: &mut Body) {
        let end = if unless { "endunless" } else { "endif" };
        let mut branches = Vec::new();
        let mut condition = rest.condition();
        let mut blank = true;
        loop {
            let mut inner = Body::new();
            let mut stop = self.branch(at, &mut inner, &[end, "elsif", "else"], &rest);
            blank &= inner.blank;
            branches.push((condition, inner.nodes.into()));
            condition = match stop.name {
                "elsif" => stop.rest.condition(),
                // No comparison at all: it holds. Later branches are never reached, as in Liquid.
                "else" => Box::default(),
                _ => break,
            };
        }
        if blank {
            branches.iter_mut().for_each(|(_, block)| without_text(block));
        }
        body.add(Node::If { unless, branches: branches.into() }, blank);
    }

    fn case(&mut self, at: usize, mut rest: Cursor<'s>, body: &mut Body) {
        const ENDS: [&str; 3] = ["endcase", "when", "else"];
        let value = rest.expression();
        rest.done();
        // What stands before the first branch is dropped.
        let mut stop = self.branch(at, &mut Body::new(), &ENDS, &rest);
        let (mut branches, mut blank) = (Vec::new(), true);
        while stop.name == "when" || stop.name == "else" {
            let mut values = Vec::new();
            let mut more = stop.name == "when";
            if more {
                while more {
                    values.push(stop.rest.expression());
                    more = stop.rest.eat(b',') || stop.rest.word("or");
                }
                stop.rest.done();
            }
            let mut inner = Body::new();
            stop = self.branch(at, &mut inner, &ENDS, &rest);
            blank &= inner.blank;
            branches.push((values.into(), inner.nodes.into()));
        }
        if blank {
            branches.iter_mut().for_each(|(_, block)| without_text(block));
        }
        body.add(Node::Case(value, branches.into()), blank);
    }

    fn repeat(&mut self, at: usize, mut rest: Cursor<'s>, body: &mut Body) {
        let variable = rest.name().unwrap_or_else(|| {
            rest.wrong(&["the name of a variable is expected"]);
            ""
        });
        if !rest.word("in") {
            rest.wrong(&["`in` is expected"]);
        }
        rest.peek();
        let start = rest.at;
        let list = rest.expression();
        let written = trimmed(rest.source.get(start..rest.at).unwrap_or_default(), false, true);
        let name = [variable, "-", written].concat().into();
        let (mut limit, mut offset, mut resumes, mut reversed) = (Expr::Nil, Expr::Nil, false, false);
        loop {
            rest.eat(b',');
            let before = rest.at;
            match rest.name() {
                Some("reversed") => reversed = true,
                Some("limit") if rest.eat(b':') => limit = rest.expression(),
                Some("offset") if rest.eat(b':') => {
                    resumes = rest.word("continue");
                    if !resumes {
                        offset = rest.expression();
                    }
                }
                Some(_) => {
                    rest.at = before;
                    rest.wrong(&["`limit:`, `offset:` or `reversed` is expected"]);
                }
                None => break,
            }
        }
        rest.done();
        let (mut inner, mut otherwise) = (Body::new(), Body::new());
        let mut stop = self.branch(at, &mut inner, &["endfor", "else"], &rest);
        while stop.name == "else" {
            otherwise = Body::new();
            stop = self.branch(at, &mut otherwise, &["endfor", "else"], &rest);
        }
        let blank = inner.blank && otherwise.blank;
        let (inner, otherwise) = (inner.block(blank), otherwise.block(blank));
        let variable = variable.into();
        let repeat = For { variable, name, list, limit, offset, resumes, reversed, body: inner, otherwise };
        body.add(Node::For(Box::new(repeat)), blank);
    }

    /// Skips to the end of a comment. Comments inside of it are counted, and what is raw inside of it stays raw.
    fn comment(&mut self, start: usize) {
        let mut depth = 1u32;
        while let Some(token) = self.tokens.next() {
            if let Token::Tag(name, at, _) = token {
                match name {
                    "comment" => depth += 1,
                    "raw" => drop(self.tokens.raw("endraw", at)),
                    "endcomment" => depth -= 1,
                    _ => {}
                }
            }
            if depth == 0 {
                return;
            }
        }
        self.faults.note(start, &["this is never closed by `endcomment`"]);
    }
}

/// `"reason"`, or with parentheses, where a reason without quotes stands for itself.
fn reason(mut rest: Cursor<'_>) -> Filtered {
    if rest.eat(b'(') {
        let text = trimmed(rest.rest(), true, true);
        let Some(text) = text.strip_suffix(')') else {
            rest.wrong(&["`)` is expected at the end"]);
            return Filtered { value: Expr::Nil, filters: Box::default() };
        };
        if !text.is_empty() && !text.starts_with(['"', '\'']) {
            return Filtered { value: Expr::Text(text.into()), filters: Box::default() };
        }
        rest.peek();
        rest.end = rest.at + text.len();
    }
    rest.filtered()
}

/// Each line of an inline comment begins with `#`.
fn comment_lines(mut rest: Cursor<'_>) {
    for line in rest.rest().split('\n').skip(1) {
        let line = trimmed(line, true, false);
        if !line.is_empty() && !line.starts_with('#') {
            rest.wrong(&["each line of this comment has to begin with `#`"]);
        }
    }
}

fn unknown(name: &str, to: &mut String) {
    let message = if LEFT_OUT.contains(&name) {
        ["the tag `", name, "` of Liquid is left out here (docs/templates.md)"]
    } else if name == "else" || name == "elsif" || name == "when" || name.starts_with("end") {
        ["`", name, "` does not belong to the block that is open here"]
    } else {
        ["unknown tag `", name, "`"]
    };
    message.iter().for_each(|part| to.push_str(part));
    if message.first() == Some(&"unknown tag `") {
        nearest(name, &TAGS, to);
    }
}
