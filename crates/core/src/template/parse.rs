//! From a source to nodes. Everything that is not known is an error here, with its place and the nearest known name.

use super::expression::{Comparison, Cursor, Expr, Filtered, Wrong};
use super::filter::nearest;
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

    fn block(mut self, blank: bool) -> Block {
        if blank {
            self.nodes.retain(|node| !matches!(node, Node::Text(_)));
        }
        self.nodes.into()
    }
}

/// A tag that ends a block or a branch of it.
struct Stop<'s> {
    name: &'s str,
    at: usize,
    rest: Cursor<'s>,
}

pub(super) fn parse(source: &str) -> Result<Block, Wrong> {
    let mut parser = Parser { tokens: Tokens::new(source), depth: 0 };
    let mut body = Body::new();
    parser.block(&mut body, &[])?;
    Ok(body.block(false))
}

struct Parser<'s> {
    tokens: Tokens<'s>,
    depth: u32,
}

impl<'s> Parser<'s> {
    /// Reads up to one of `ends`, or to the end of the source if there are none.
    fn block(&mut self, body: &mut Body, ends: &[&str]) -> Result<Option<Stop<'s>>, Wrong> {
        if self.depth == DEPTH {
            return Err(Wrong { at: self.tokens.at(), message: "blocks are nested deeper than 64 levels".to_owned() });
        }
        self.depth += 1;
        while let Some(token) = self.tokens.next()? {
            match token {
                Token::Text(text) => {
                    if !text.is_empty() {
                        body.add(Node::Text(text.into()), text.bytes().all(|byte| matches!(byte, 0 | 9..=13 | b' ')));
                    }
                }
                Token::Output(mut inside) => body.add(Node::Output(inside.filtered()?), false),
                Token::Tag(name, at, rest) => {
                    if ends.contains(&name) {
                        self.depth -= 1;
                        return Ok(Some(Stop { name, at, rest }));
                    }
                    self.tag(name, at, rest, body)?;
                }
            }
        }
        self.depth -= 1;
        Ok(None)
    }

    /// The same inside of a tag that has to be closed.
    fn branch(&mut self, start: usize, body: &mut Body, ends: &[&str]) -> Result<Stop<'s>, Wrong> {
        let stop = self.block(body, ends)?;
        let end = ends.first().copied().unwrap_or_default();
        stop.ok_or_else(|| Wrong { at: start, message: ["this is never closed by `", end, "`"].concat() })
    }

    fn tag(&mut self, name: &str, at: usize, mut rest: Cursor<'s>, body: &mut Body) -> Result<(), Wrong> {
        match name {
            "if" => self.conditional(false, at, rest, body),
            "unless" => self.conditional(true, at, rest, body),
            "case" => self.case(at, rest, body),
            "for" => self.repeat(at, rest, body),
            "assign" => {
                let target = rest.target()?;
                if !rest.eat(b'=') {
                    return rest.wrong(&["`=` is expected"]);
                }
                body.add(Node::Assign(target.into(), rest.filtered()?), true);
                Ok(())
            }
            "capture" => {
                let quoted = rest.eat(b'\'') || rest.eat(b'"');
                let target = rest.target()?;
                if !quoted {
                    rest.done()?;
                }
                let mut inner = Body::new();
                self.branch(at, &mut inner, &["endcapture"])?;
                body.add(Node::Capture(target.into(), inner.block(false)), true);
                Ok(())
            }
            "echo" => {
                body.add(Node::Output(rest.filtered()?), false);
                Ok(())
            }
            "break" | "continue" => {
                rest.done()?;
                body.add(if name == "break" { Node::Break } else { Node::Continue }, false);
                Ok(())
            }
            "abort_message" => abort(rest, body),
            "#" => comment_lines(rest),
            "comment" => self.comment(at),
            "raw" | "doc" => {
                rest.done()?;
                let end = if name == "raw" { "endraw" } else { "enddoc" };
                let text = self.tokens.raw(end, at)?;
                if name == "raw" && !text.is_empty() {
                    body.add(Node::Text(text.into()), false);
                }
                Ok(())
            }
            "liquid" => {
                let outer = std::mem::replace(&mut self.tokens, Tokens::lines(&rest));
                let done = self.block(body, &[]);
                self.tokens = outer;
                done.map(drop)
            }
            _ => Err(Wrong { at, message: unknown(name) }),
        }
    }

    fn conditional(&mut self, unless: bool, at: usize, mut rest: Cursor<'s>, body: &mut Body) -> Result<(), Wrong> {
        let end = if unless { "endunless" } else { "endif" };
        let mut branches = Vec::new();
        let mut condition = rest.condition()?;
        let mut blank = true;
        loop {
            let mut inner = Body::new();
            let mut stop = self.branch(at, &mut inner, &[end, "elsif", "else"])?;
            blank &= inner.blank;
            branches.push((condition, inner));
            condition = match stop.name {
                "elsif" => stop.rest.condition()?,
                // No comparison at all: it holds. Later branches are never reached, as in Liquid.
                "else" => Box::default(),
                _ => break,
            };
        }
        let branches = branches.into_iter().map(|(condition, inner)| (condition, inner.block(blank))).collect();
        body.add(Node::If { unless, branches }, blank);
        Ok(())
    }

    fn case(&mut self, at: usize, mut rest: Cursor<'s>, body: &mut Body) -> Result<(), Wrong> {
        const ENDS: [&str; 3] = ["endcase", "when", "else"];
        let value = rest.expression()?;
        rest.done()?;
        // What stands before the first branch is dropped.
        let mut stop = self.branch(at, &mut Body::new(), &ENDS)?;
        let (mut branches, mut blank) = (Vec::new(), true);
        while stop.name != "endcase" {
            let mut values = Vec::new();
            if stop.name == "when" {
                loop {
                    values.push(stop.rest.expression()?);
                    if !stop.rest.eat(b',') && !stop.rest.word("or") {
                        break;
                    }
                }
                stop.rest.done()?;
            }
            let mut inner = Body::new();
            stop = self.branch(at, &mut inner, &ENDS)?;
            blank &= inner.blank;
            branches.push((values.into_boxed_slice(), inner));
        }
        let branches = branches.into_iter().map(|(values, inner)| (values, inner.block(blank))).collect();
        body.add(Node::Case(value, branches), blank);
        Ok(())
    }

    fn repeat(&mut self, at: usize, mut rest: Cursor<'s>, body: &mut Body) -> Result<(), Wrong> {
        let Some(variable) = rest.name() else { return rest.wrong(&["the name of a variable is expected"]) };
        if !rest.word("in") {
            return rest.wrong(&["`in` is expected"]);
        }
        rest.peek();
        let start = rest.at;
        let list = rest.expression()?;
        let written = rest.source.get(start..rest.at).unwrap_or_default().trim_end();
        let name = [variable, "-", written].concat().into();
        let (mut limit, mut offset, mut resumes, mut reversed) = (Expr::Nil, Expr::Nil, false, false);
        loop {
            let comma = rest.eat(b',');
            let before = rest.at;
            match rest.name() {
                Some("reversed") => reversed = true,
                Some("limit") if rest.eat(b':') => limit = rest.expression()?,
                Some("offset") if rest.eat(b':') => {
                    resumes = rest.word("continue");
                    if !resumes {
                        offset = rest.expression()?;
                    }
                }
                Some(_) => {
                    rest.at = before;
                    return rest.wrong(&["`limit:`, `offset:` or `reversed` is expected"]);
                }
                None if comma && rest.peek().is_some() => return rest.wrong(&["`limit:` or `offset:` is expected"]),
                None => break,
            }
        }
        rest.done()?;
        let mut inner = Body::new();
        let mut otherwise = Body::new();
        let mut stop = self.branch(at, &mut inner, &["endfor", "else"])?;
        while stop.name == "else" {
            otherwise = Body::new();
            stop = self.branch(at, &mut otherwise, &["endfor", "else"])?;
        }
        let blank = inner.blank && otherwise.blank;
        let (body_block, otherwise) = (inner.block(blank), otherwise.block(blank));
        let repeat = For {
            variable: variable.into(),
            name,
            list,
            limit,
            offset,
            resumes,
            reversed,
            body: body_block,
            otherwise,
        };
        body.add(Node::For(Box::new(repeat)), blank);
        Ok(())
    }

    /// Skips to the end of a comment. Comments inside of it are counted, and what is raw inside of it stays raw.
    fn comment(&mut self, start: usize) -> Result<(), Wrong> {
        let mut depth = 1u32;
        while let Some(token) = self.tokens.next()? {
            if let Token::Tag(name, at, _) = token {
                match name {
                    "comment" => depth += 1,
                    "raw" => drop(self.tokens.raw("endraw", at)?),
                    "endcomment" => depth -= 1,
                    _ => {}
                }
            }
            if depth == 0 {
                return Ok(());
            }
        }
        Err(Wrong { at: start, message: "this is never closed by `endcomment`".to_owned() })
    }
}

/// `abort_message "reason"`, or with parentheses, where a reason without quotes stands for itself.
fn abort(mut rest: Cursor<'_>, body: &mut Body) -> Result<(), Wrong> {
    let mut reason = rest.clone();
    if reason.eat(b'(') {
        let text = reason.rest().trim_end();
        let Some(text) = text.strip_suffix(')') else { return rest.wrong(&["`)` is expected at the end"]) };
        if text.trim_start().starts_with(['"', '\'']) || text.trim().is_empty() {
            rest = Cursor::new(reason.source, reason.at, reason.at + text.len());
        } else {
            let value = Expr::Text(text.trim().into());
            body.add(Node::Abort(Filtered { value, filters: Box::default() }), false);
            return Ok(());
        }
    }
    body.add(Node::Abort(rest.filtered()?), false);
    Ok(())
}

/// Each line of an inline comment begins with `#`.
fn comment_lines(rest: Cursor<'_>) -> Result<(), Wrong> {
    for line in rest.rest().split('\n').skip(1) {
        let line = line.trim_start();
        if !line.is_empty() && !line.starts_with('#') {
            return rest.wrong(&["each line of this comment has to begin with `#`"]);
        }
    }
    Ok(())
}

fn unknown(name: &str) -> String {
    if LEFT_OUT.contains(&name) {
        return ["the tag `", name, "` of Liquid is left out here (docs/templates.md)"].concat();
    }
    if name == "else" || name == "elsif" || name == "when" || name.starts_with("end") {
        return ["`", name, "` does not belong to the block that is open here"].concat();
    }
    let mut message = ["unknown tag `", name, "`"].concat();
    nearest(name, TAGS.iter().copied(), &mut message);
    message
}
