//! What a template reads, for `check`.

use super::Template;
use super::expression::{Comparison, Expr, Filtered, Step};
use super::filter::Filter;
use super::parse::Node;

/// Paths into the scope and keys of texts, each once, in the order in which they stand.
#[derive(Default)]
struct Found {
    paths: Vec<String>,
    texts: Vec<String>,
    /// Names that are the template's own.
    locals: Vec<String>,
}

impl Template {
    /// The paths that it reads, such as `event.top_item`; what it assigns or loops with is left out.
    pub(crate) fn variables(&self) -> Vec<String> {
        let mut found = Found::default();
        found.block(&self.nodes);
        found.paths
    }

    /// The keys of texts that it names: `{{ 'cart.title' | t }}`.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut found = Found::default();
        found.block(&self.nodes);
        found.texts
    }
}

impl Found {
    fn block(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(_) | Node::Break | Node::Continue => {}
                Node::Output(value) | Node::Abort(value) => self.filtered(value),
                Node::Assign(name, value) => {
                    self.filtered(value);
                    self.locals.push(name.to_string());
                }
                Node::Capture(name, block) => {
                    self.block(block);
                    self.locals.push(name.to_string());
                }
                Node::If { branches, .. } => {
                    for (condition, block) in branches {
                        for Comparison { left, right, .. } in condition {
                            self.expr(left);
                            self.expr(right);
                        }
                        self.block(block);
                    }
                }
                Node::Case(value, branches) => {
                    self.expr(value);
                    for (values, block) in branches {
                        values.iter().for_each(|value| self.expr(value));
                        self.block(block);
                    }
                }
                Node::For(repeat) => {
                    for expr in [&repeat.list, &repeat.limit, &repeat.offset] {
                        self.expr(expr);
                    }
                    let known = self.locals.len();
                    self.locals.extend([repeat.variable.to_string(), "forloop".to_owned()]);
                    self.block(&repeat.body);
                    // What is assigned in the loop stays, its variable does not.
                    self.locals.drain(known..known + 2);
                    self.block(&repeat.otherwise);
                }
            }
        }
    }

    fn filtered(&mut self, filtered: &Filtered) {
        self.expr(&filtered.value);
        for (place, call) in filtered.filters.iter().enumerate() {
            call.arguments.iter().for_each(|expr| self.expr(expr));
            call.named.iter().for_each(|(_, expr)| self.expr(expr));
            if let (0, Filter::T, Expr::Text(key)) = (place, call.filter, &filtered.value)
                && !self.texts.iter().any(|known| **known == **key)
            {
                self.texts.push(key.to_string());
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Range(ends) => {
                self.expr(&ends.0);
                self.expr(&ends.1);
            }
            Expr::Path(steps) => self.path(steps),
            _ => {}
        }
    }

    fn path(&mut self, steps: &[Step]) {
        let (mut path, mut known) = (String::new(), true);
        for step in steps {
            let name = match step {
                Step::Name(name) | Step::Index(Expr::Text(name)) => Some(name),
                Step::Index(expr) => {
                    self.expr(expr);
                    None
                }
            };
            match name {
                Some(name) if known => {
                    path.push_str(if path.is_empty() { "" } else { "." });
                    path.push_str(name);
                }
                // What follows is not known before it is rendered.
                _ => known = false,
            }
        }
        let root = path.split('.').next().unwrap_or_default();
        let local = self.locals.iter().any(|local| local == root);
        if !path.is_empty() && !local && !self.paths.contains(&path) {
            self.paths.push(path);
        }
    }
}
