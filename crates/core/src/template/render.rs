//! From nodes to text, within bounds: steps, rounds of loops, bytes.

use super::expression::{Comparison, Expr, Filtered, Operator, Step};
use super::parse::{Block, For, Node};
use super::value::{Val, made};
use super::{RenderError, Scope};

/// How many rounds all loops of a template may make together, and how long a list made from a range may be.
pub(super) const ITERATIONS: u32 = 10_000;
/// How many bytes a template may print, and how long a text may be that a filter makes.
pub(super) const OUTPUT: usize = 256 * 1024;
pub(super) const TEXT: &str = "256 KiB of text in a filter";
/// How much work a template may do: nodes, filters, items that filters go through, 64 bytes of text each (docs/templates.md,
/// limits).
const STEPS: usize = 500_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
    /// Something failed.
    Stop,
}

pub(super) struct Render<'a> {
    pub(super) scope: &'a dyn Scope,
    locals: Vec<(&'a str, Val<'a>)>,
    loops: Vec<Loop<'a>>,
    /// Where `offset: continue` goes on.
    resumes: Vec<(&'a str, i64)>,
    steps: usize,
    rounds: u32,
    /// The first thing that failed. Whoever fails goes on with a value that stands in; [`Render::block`] looks here.
    pub(super) failure: Option<RenderError>,
}

struct Loop<'a> {
    name: &'a str,
    variable: &'a str,
    value: Val<'a>,
    length: usize,
    index: usize,
}

impl<'a> Render<'a> {
    pub(super) fn new(scope: &'a dyn Scope) -> Self {
        Self { scope, locals: Vec::new(), loops: Vec::new(), resumes: Vec::new(), steps: 0, rounds: 0, failure: None }
    }

    pub(super) fn fail(&mut self, error: RenderError) {
        if self.failure.is_none() {
            self.failure = Some(error);
        }
    }

    pub(super) fn wrong(&mut self, message: &[&str]) -> Val<'a> {
        self.fail(RenderError::Wrong(message.concat()));
        Val::Nil
    }

    /// Counts work. False if there was too much of it.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps);
        let spent = self.steps > STEPS;
        if spent {
            self.fail(RenderError::Limit("500,000 steps"));
        }
        !spent
    }

    pub(super) fn integer(&mut self, value: &Val<'a>) -> i64 {
        value.integer().unwrap_or_else(|| {
            self.wrong(&["a whole number is needed"]);
            0
        })
    }

    pub(super) fn block(&mut self, block: &'a Block, from: usize, to: &mut String) -> Flow {
        for node in block {
            self.spend(1);
            let mut flow = Flow::Next;
            match node {
                Node::Text(text) => to.push_str(text),
                Node::Output(output) => self.filtered(output).write(to),
                Node::Assign(name, value) => {
                    let value = self.filtered(value);
                    self.assign(name, value);
                }
                Node::Capture(name, block) => {
                    let mut captured = String::new();
                    flow = self.block(block, 0, &mut captured);
                    self.assign(name, made(captured));
                }
                Node::If { unless, branches } => {
                    let mut turned = *unless;
                    for (condition, block) in branches {
                        if self.holds(condition) != turned {
                            flow = self.block(block, from, to);
                            break;
                        }
                        turned = false;
                    }
                }
                Node::Case(value, branches) => {
                    let value = self.value(value);
                    let mut found = false;
                    for (values, block) in branches {
                        let mut times = u32::from(values.is_empty() && !found);
                        for other in values {
                            times += u32::from(value.equals(&self.value(other)));
                        }
                        found |= times > 0 && !values.is_empty();
                        while times > 0 && flow == Flow::Next {
                            flow = self.block(block, from, to);
                            times -= 1;
                        }
                    }
                }
                Node::For(repeat) => self.repeat(repeat, from, to),
                Node::Break => flow = Flow::Break,
                Node::Continue => flow = Flow::Continue,
                Node::Abort(reason) => {
                    let reason = self.filtered(reason).text().into_owned();
                    self.fail(RenderError::Abort(reason));
                }
            }
            if to.len() - from > OUTPUT {
                self.fail(RenderError::Limit("256 KiB of output"));
            }
            if self.failure.is_some() {
                return Flow::Stop;
            }
            if flow != Flow::Next {
                return flow;
            }
        }
        Flow::Next
    }

    fn assign(&mut self, name: &'a str, value: Val<'a>) {
        match self.locals.iter_mut().find(|(known, _)| *known == name) {
            Some(local) => local.1 = value,
            None => self.locals.push((name, value)),
        }
    }

    fn repeat(&mut self, repeat: &'a For, from: usize, to: &mut String) {
        let place = self.resumes.iter().position(|(name, _)| *name == &*repeat.name);
        let offset = match self.value(&repeat.offset) {
            Val::Nil if repeat.resumes => place.and_then(|place| self.resumes.get(place)).map_or(0, |entry| entry.1),
            Val::Nil => 0,
            offset => self.integer(&offset),
        };
        let limit = match self.value(&repeat.limit) {
            Val::Nil => i64::MAX,
            limit => self.integer(&limit),
        };
        let list = self.value(&repeat.list);
        // A text is one item, whatever the limit.
        let text = list.as_text().is_some();
        let size = match &list {
            _ if text => usize::from(!list.is_empty()),
            list => list.size().unwrap_or(0),
        };
        let (mut first, mut last) = (0, size);
        if !text {
            let within = |place: i64| place.clamp(0, size as i64) as usize;
            first = within(offset);
            last = within(limit.saturating_add(offset)).max(first);
        }
        let length = last - first;
        let next = offset.saturating_add(length as i64);
        match place.and_then(|place| self.resumes.get_mut(place)) {
            Some(entry) => entry.1 = next,
            None => self.resumes.push((&repeat.name, next)),
        }
        if length == 0 {
            // A `break` here would belong to an outer loop, which Liquid does not have either.
            self.block(&repeat.otherwise, from, to);
            return;
        }
        let (name, variable) = (&*repeat.name, &*repeat.variable);
        self.loops.push(Loop { name, variable, value: Val::Nil, length, index: 0 });
        for index in 0..length {
            self.rounds += 1;
            if self.rounds > ITERATIONS {
                self.fail(RenderError::Limit("10,000 rounds of loops"));
            }
            let place = if repeat.reversed { last - 1 - index } else { first + index };
            let value = if text { list.clone() } else { list.item(place).unwrap_or(Val::Nil) };
            if let Some(innermost) = self.loops.last_mut() {
                (innermost.index, innermost.value) = (index, value);
            }
            let flow = self.block(&repeat.body, from, to);
            if flow == Flow::Break || self.failure.is_some() {
                break;
            }
        }
        self.loops.pop();
    }

    fn holds(&mut self, condition: &'a [Comparison]) -> bool {
        for comparison in condition {
            let left = self.value(&comparison.left);
            let holds = match comparison.operator {
                Operator::Is => left.is_truthy(),
                operator => self.compares(operator, &left, &self.value(&comparison.right)),
            };
            // What `or` and `and` decide; what they do not decide is left to those after it.
            if holds == comparison.or {
                return holds;
            }
        }
        true
    }

    fn compares(&mut self, operator: Operator, left: &Val<'a>, right: &Val<'a>) -> bool {
        match operator {
            Operator::Equal => return left.equals(right),
            Operator::Differs => return !left.equals(right),
            Operator::Contains => {
                return self.search(left.as_text().unwrap_or_default(), right) && left.contains(right);
            }
            _ => {}
        }
        let Some(order) = left.compare(right) else {
            if left.is_ordered() && right.is_ordered() {
                self.wrong(&["a text is compared with a number"]);
            }
            return false;
        };
        match operator {
            Operator::Less => order.is_lt(),
            Operator::More => order.is_gt(),
            Operator::AtMost => order.is_le(),
            _ => order.is_ge(),
        }
    }

    pub(super) fn value(&self, expr: &'a Expr) -> Val<'a> {
        match expr {
            Expr::Nil => Val::Nil,
            Expr::Blank => Val::Blank,
            Expr::Empty => Val::Empty,
            Expr::Bool(bool) => Val::Bool(*bool),
            Expr::Int(int) => Val::Int(*int),
            Expr::Float(float) => Val::Float(*float),
            Expr::Text(text) => Val::Text(text),
            Expr::Range(ends) => Val::Range(self.end(&ends.0), self.end(&ends.1)),
            Expr::Path(steps) => self.path(steps).unwrap_or(Val::Nil),
        }
    }

    fn end(&self, expr: &'a Expr) -> i64 {
        self.value(expr).number().float() as i64
    }

    fn path(&self, steps: &'a [Step]) -> Option<Val<'a>> {
        let (first, more) = steps.split_first()?;
        let mut value = match first {
            Step::Name(name) => self.root(name)?,
            Step::Index(expr) => self.root(self.value(expr).as_text()?)?,
        };
        for step in more {
            value = match (step, value) {
                (Step::Name(name), Val::Loop(depth)) => self.forloop(depth, name)?,
                (Step::Name(name), value) => value.at(&Val::Text(name)).or_else(|| value.named(name))?,
                (Step::Index(expr), value) => value.at(&self.value(expr))?,
            };
        }
        Some(value)
    }

    fn root(&self, name: &str) -> Option<Val<'a>> {
        for repeat in self.loops.iter().rev() {
            if repeat.variable == name {
                return Some(repeat.value.clone());
            }
            if name == "forloop" {
                return Some(Val::Loop(self.loops.len() - 1));
            }
        }
        match self.locals.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => Some(value.clone()),
            None => self.scope.root(name).map(Val::from),
        }
    }

    fn forloop(&self, depth: usize, name: &str) -> Option<Val<'a>> {
        let repeat = self.loops.get(depth)?;
        let left = repeat.length - repeat.index;
        let int = |count: usize| Some(Val::Int(count as i64));
        match name {
            "index" => int(repeat.index + 1),
            "index0" => int(repeat.index),
            "rindex" => int(left),
            "rindex0" => int(left - 1),
            "length" => int(repeat.length),
            "first" => Some(Val::Bool(repeat.index == 0)),
            "last" => Some(Val::Bool(left == 1)),
            "name" => Some(Val::Text(repeat.name)),
            "parentloop" => depth.checked_sub(1).map(Val::Loop),
            _ => None,
        }
    }

    pub(super) fn filtered(&mut self, filtered: &'a Filtered) -> Val<'a> {
        let mut value = self.value(&filtered.value);
        for call in &filtered.filters {
            let mut arguments = [Val::Nil, Val::Nil];
            for (place, expr) in arguments.iter_mut().zip(&call.arguments) {
                *place = self.value(expr);
            }
            value = self.apply(call, value, &arguments);
            let mut steps = 1;
            if let Val::Made(text) = &value {
                steps += text.len() / 64;
                if text.len() > OUTPUT {
                    self.fail(RenderError::Limit(TEXT));
                }
            }
            self.spend(steps);
            if self.failure.is_some() {
                return Val::Nil;
            }
        }
        value
    }
}
