//! Messages with templates in their texts: compiled once, resolved for a person (engine.md 8).
//!
//! A message is a tree of JSON. Each text in it is a template; `{"$t": "cart.title"}` stands for a text of the text table.
//! What a template prints is never read as a template again.

use std::cell::Cell;

use crate::plural::Plural;
use crate::template::{RenderError, Scope, Template};
use crate::texts::{Text, Texts};
use crate::wire::{Fault, Object};
use crate::{Timestamp, Value};

/// How many texts a message may look up in all; texts may name others.
const TEXTS: u32 = 1_000;
/// How deep texts may name others.
const DEPTH: u32 = 8;

/// A message, ready to be resolved.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Resolver {
    node: Node,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// Nothing in it depends on a person.
    Literal(Value),
    Template(Template),
    /// A key of the text table.
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// Where a reader is in a document, and what it found wrong there.
pub(crate) struct Faults {
    pub(crate) path: String,
    pub(crate) list: Vec<Fault>,
}

impl Faults {
    pub(crate) fn new(path: &str) -> Self {
        Self { path: path.to_owned(), list: Vec::new() }
    }

    pub(crate) fn note(&mut self, message: &[&str]) {
        self.list.push(Fault { path: self.path.clone(), message: message.concat() });
    }

    /// Goes to a field; the answer is what [`Faults::leave`] needs.
    pub(crate) fn enter(&mut self, name: &str) -> usize {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        length
    }

    fn enter_item(&mut self, place: usize) -> usize {
        let length = self.path.len();
        self.path.push_str(&["[", &place.to_string(), "]"].concat());
        length
    }

    pub(crate) fn leave(&mut self, length: usize) {
        self.path.truncate(length);
    }

    /// A template, or an empty one with a fault.
    pub(crate) fn template(&mut self, source: &str) -> Option<Template> {
        match Template::parse(source) {
            Ok(template) => Some(template),
            Err(error) => {
                let (line, column) = (error.line.to_string(), error.column.to_string());
                self.note(&[&error.message, " (line ", &line, ", column ", &column, ")"]);
                None
            }
        }
    }
}

impl Node {
    /// Reads a tree. What is wrong in it is noted, and something stands in for it.
    pub(crate) fn compile(value: &Value, faults: &mut Faults) -> Self {
        match value {
            Value::String(source) => match faults.template(source) {
                Some(template) => match template.literal() {
                    Some(text) => Self::Literal(Value::from(text)),
                    None => Self::Template(template),
                },
                None => Self::Literal(Value::Null),
            },
            Value::Array(items) => {
                let mut list = Vec::with_capacity(items.len());
                let mut literal = true;
                for (place, item) in items.iter().enumerate() {
                    let length = faults.enter_item(place);
                    let node = Self::compile(item, faults);
                    faults.leave(length);
                    // A literal is the same as it is written only if it holds no `{% raw %}` and the like.
                    literal &= matches!(&node, Self::Literal(value) if value == item);
                    list.push(node);
                }
                if literal { Self::Literal(value.clone()) } else { Self::List(list) }
            }
            Value::Object(object) => match object.get("$t") {
                Some(Value::String(key)) if object.len() == 1 => Self::Text(key.clone()),
                Some(_) => {
                    faults.note(&["`$t` is the key of a text and stands alone"]);
                    Self::Literal(Value::Null)
                }
                None => {
                    let mut fields = Vec::with_capacity(object.len());
                    let mut literal = true;
                    for (name, field) in object {
                        let length = faults.enter(name);
                        let node = Self::compile(field, faults);
                        faults.leave(length);
                        literal &= matches!(&node, Self::Literal(value) if value == field);
                        fields.push((name.clone(), node));
                    }
                    if literal { Self::Literal(value.clone()) } else { Self::Object(fields) }
                }
            },
            _ => Self::Literal(value.clone()),
        }
    }

    /// Calls back for each key of a text and each template, with its path.
    pub(crate) fn visit(&self, path: &mut Faults, see: &mut dyn FnMut(&mut Faults, &Node)) {
        match self {
            Self::Literal(_) => {}
            Self::Template(_) | Self::Text(_) => see(path, self),
            Self::List(items) => {
                for (place, item) in items.iter().enumerate() {
                    let length = path.enter_item(place);
                    item.visit(path, see);
                    path.leave(length);
                }
            }
            Self::Object(fields) => {
                for (name, field) in fields {
                    let length = path.enter(name);
                    field.visit(path, see);
                    path.leave(length);
                }
            }
        }
    }
}

impl Resolver {
    /// Reads a message; `path` is what the paths of its faults begin with. A text that not even the default locale has
    /// is a fault.
    pub(crate) fn compile(message: &Value, path: &str, texts: &Texts) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new(path);
        let node = Node::compile(message, &mut faults);
        node.visit(&mut faults, &mut |faults, node| {
            if let Node::Text(key) = node
                && !texts.has(key)
            {
                faults.note(&["there is no text `", key, "` in the default locale `", texts.default_locale(), "`"]);
            }
        });
        if faults.list.is_empty() { Ok(Self { node }) } else { Err(faults.list) }
    }

    /// The tree for one person: every text rendered, every `$t` replaced; and the place of the locale that it is in, the
    /// person's best of those of its texts. Texts in the message itself are in the language of the playbook.
    pub(crate) fn resolve(
        &self,
        texts: &Texts,
        scope: &dyn Scope,
        locale: &str,
    ) -> Result<(Value, usize), RenderError> {
        let order = texts.order(locale);
        let (left, best) = (Cell::new(TEXTS), Cell::new(order.len()));
        let localised =
            Localised { scope, texts, order: &order, place: 0, count: None, left: &left, best: &best, depth: 0 };
        let value = localised.value(&self.node)?;
        Ok((value, order.get(best.get()).copied().unwrap_or_default()))
    }
}

/// A scope with the texts of a person's locales.
struct Localised<'a> {
    scope: &'a dyn Scope,
    texts: &'a Texts,
    /// The locales to look in.
    order: &'a [usize],
    /// The locale of the text that is being rendered.
    place: usize,
    count: Option<&'a Value>,
    left: &'a Cell<u32>,
    /// Where in `order` the best locale stands that a text was found in.
    best: &'a Cell<usize>,
    depth: u32,
}

impl Scope for Localised<'_> {
    fn root(&self, name: &str) -> Option<&Value> {
        if name == "count" && self.count.is_some() { self.count } else { self.scope.root(name) }
    }

    fn now(&self) -> (Timestamp, i32) {
        self.scope.now()
    }

    fn text(&self, key: &str, count: Option<&Value>, to: &mut String) -> Result<(), RenderError> {
        match self.find(key, count, |text, inner| match text {
            Text::Spans(_) => Err(RenderError::Wrong(["`", key, "` is a list of spans"].concat())),
            text => inner.plain(text, to),
        }) {
            Some(result) => result,
            None => Err(RenderError::Text(key.to_owned())),
        }
    }

    fn category(&self, number: &Value) -> Plural {
        self.texts.category(self.place, number)
    }
}

impl Localised<'_> {
    /// Finds a text and goes into it.
    fn find<T>(
        &self,
        key: &str,
        count: Option<&Value>,
        then: impl FnOnce(&Text, &Localised<'_>) -> Result<T, RenderError>,
    ) -> Option<Result<T, RenderError>> {
        let (place, text) = self.texts.find(self.order, key)?;
        let left = self.left.get();
        if left == 0 || self.depth == DEPTH {
            return Some(Err(RenderError::Limit("1,000 texts, or 8 in each other")));
        }
        self.left.set(left - 1);
        let stands = self.order.iter().position(|known| *known == place);
        self.best.set(stands.unwrap_or(usize::MAX).min(self.best.get()));
        let count = count.or_else(|| match text {
            Text::Plural { count, .. } => self.path(count),
            _ => None,
        });
        Some(then(text, &Localised { place, count, depth: self.depth + 1, ..*self }))
    }

    /// What a path such as `event.items` leads to.
    fn path(&self, path: &str) -> Option<&Value> {
        let mut steps = path.split('.');
        let mut value = self.root(steps.next()?)?;
        for step in steps {
            value = match value {
                Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
                value => value.get(step)?,
            };
        }
        Some(value)
    }

    fn plain(&self, text: &Text, to: &mut String) -> Result<(), RenderError> {
        let template = match text {
            Text::Plain(template) => template,
            Text::Plural { forms, .. } => {
                let category = self.count.map_or(Plural::Other, |count| self.category(count));
                let form = |wanted| forms.iter().find(|(category, _)| *category == wanted);
                match form(category).or_else(|| form(Plural::Other)) {
                    Some((_, template)) => template,
                    None => return Ok(()),
                }
            }
            Text::Spans(_) => return Ok(()),
        };
        template.render(self, to)
    }

    fn value(&self, node: &Node) -> Result<Value, RenderError> {
        match node {
            Node::Literal(value) => Ok(value.clone()),
            Node::Template(template) => {
                let mut to = String::new();
                template.render(self, &mut to)?;
                Ok(Value::String(to))
            }
            Node::Text(key) => match self.find(key, None, |text, inner| match text {
                Text::Spans(node) => inner.value(node),
                text => {
                    let mut to = String::new();
                    inner.plain(text, &mut to)?;
                    Ok(Value::String(to))
                }
            }) {
                Some(result) => result,
                None => Err(RenderError::Text(key.clone())),
            },
            Node::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.push(self.value(item)?);
                }
                Ok(Value::Array(list))
            }
            Node::Object(fields) => {
                let mut object = Object::new();
                for (name, field) in fields {
                    object.insert(name.clone(), self.value(field)?);
                }
                Ok(Value::Object(object))
            }
        }
    }
}

#[cfg(test)]
mod tests;
