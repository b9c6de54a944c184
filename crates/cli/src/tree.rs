//! A document as a tree in which every value and every key knows where it was written.

use std::fmt;

use serde_json::{Map, Number, Value};

/// A place in a file: line and column, both from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// From a place up to another one, which no longer belongs to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) start: Place,
    pub(crate) end: Place,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) content: Content,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A field's name and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) span: Span,
}

impl Node {
    pub(crate) fn new(span: Span, content: Content) -> Self {
        Self { span, content }
    }

    pub(crate) fn text(span: Span, text: impl Into<String>) -> Self {
        Self::new(span, Content::Text(text.into()))
    }

    pub(crate) fn number(span: Span, number: impl Into<Number>) -> Self {
        Self::new(span, Content::Number(number.into()))
    }

    pub(crate) fn list(span: Span, items: Vec<Self>) -> Self {
        Self::new(span, Content::List(items))
    }

    /// An object whose keys stand where the whole stands.
    pub(crate) fn map(span: Span, fields: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        let key = |name: &str| Key { name: name.to_owned(), span };
        Self::new(span, Content::Map(fields.into_iter().map(|(name, node)| (key(name), node)).collect()))
    }

    /// A plain JSON value, all of which stands at one place.
    pub(crate) fn from_value(span: Span, value: &Value) -> Self {
        let content = match value {
            Value::Null => Content::Null,
            Value::Bool(value) => Content::Bool(*value),
            Value::Number(number) => Content::Number(number.clone()),
            Value::String(text) => Content::Text(text.clone()),
            Value::Array(items) => Content::List(items.iter().map(|item| Self::from_value(span, item)).collect()),
            Value::Object(fields) => {
                let field = |(name, value): (&String, &Value)| {
                    (Key { name: name.clone(), span }, Self::from_value(span, value))
                };
                Content::Map(fields.iter().map(field).collect())
            }
        };
        Self::new(span, content)
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Content::Text(text) = &self.content { Some(text) } else { None }
    }

    pub(crate) fn as_f64(&self) -> Option<f64> {
        if let Content::Number(number) = &self.content { number.as_f64() } else { None }
    }

    pub(crate) fn as_i64(&self) -> Option<i64> {
        if let Content::Number(number) = &self.content { number.as_i64() } else { None }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        if let Content::Bool(value) = &self.content { Some(*value) } else { None }
    }

    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        if let Content::List(items) = &self.content { Some(items) } else { None }
    }

    pub(crate) fn as_map(&self) -> Option<&[(Key, Self)]> {
        if let Content::Map(fields) = &self.content { Some(fields) } else { None }
    }

    pub(crate) fn fields_mut(&mut self) -> Option<&mut Vec<(Key, Self)>> {
        if let Content::Map(fields) = &mut self.content { Some(fields) } else { None }
    }

    pub(crate) fn items_mut(&mut self) -> Option<&mut Vec<Self>> {
        if let Content::List(items) = &mut self.content { Some(items) } else { None }
    }

    pub(crate) fn field(&self, name: &str) -> Option<(&Key, &Self)> {
        self.as_map()?.iter().find(|(key, _)| key.name == name).map(|(key, node)| (key, node))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.field(name).map(|(_, node)| node)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.fields_mut()?.iter_mut().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// Takes a field out.
    pub(crate) fn take(&mut self, name: &str) -> Option<(Key, Self)> {
        let fields = self.fields_mut()?;
        let place = fields.iter().position(|(key, _)| key.name == name)?;
        Some(fields.remove(place))
    }

    /// Adds a field, unless it is there already.
    pub(crate) fn put(&mut self, key: Key, node: Self) {
        if self.get(&key.name).is_none()
            && let Some(fields) = self.fields_mut()
        {
            fields.push((key, node));
        }
    }

    /// The type in words, for messages to people.
    pub(crate) fn words(&self) -> &'static str {
        match &self.content {
            Content::Null => "nothing",
            Content::Bool(_) => "true or false",
            Content::Number(_) => "a number",
            Content::Text(_) => "text",
            Content::List(_) => "a list",
            Content::Map(_) => "an object",
        }
    }

    pub(crate) fn to_value(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(value) => Value::Bool(*value),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Content::Map(fields) => Value::Object(
                fields.iter().map(|(key, node)| (key.name.clone(), node.to_value())).collect::<Map<_, _>>(),
            ),
        }
    }
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Field(String),
    Item(usize),
}

/// A path in the canonical document, such as `campaigns[3].trigger.where.items.$gte`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path(pub(crate) Vec<Step>);

impl Path {
    pub(crate) fn with(&self, step: Step) -> Self {
        let mut path = self.clone();
        path.0.push(step);
        path
    }
}

impl fmt::Display for Path {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if place == 0 => write!(to, "{name}")?,
                Step::Field(name) => write!(to, ".{name}")?,
                Step::Item(item) => write!(to, "[{item}]")?,
            }
        }
        Ok(())
    }
}

/// A node together with how one gets there: what the lints walk.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    pub(crate) node: &'a Node,
    pub(crate) path: Path,
    /// Where its name stands, if it is a field.
    pub(crate) key: Option<Span>,
}

impl<'a> At<'a> {
    pub(crate) fn root(node: &'a Node) -> Self {
        Self { node, path: Path::default(), key: None }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Self> {
        let (key, node) = self.node.field(name)?;
        Some(Self { node, path: self.path.with(Step::Field(name.to_owned())), key: Some(key.span) })
    }

    /// The node at the end of several fields.
    pub(crate) fn dig(&self, names: &[&str]) -> Option<Self> {
        names.iter().try_fold(self.clone(), |at, name| at.get(name))
    }

    pub(crate) fn fields(&self) -> Vec<(&'a str, Self)> {
        let field = |(key, node): &'a (Key, Node)| {
            let path = self.path.with(Step::Field(key.name.clone()));
            (key.name.as_str(), Self { node, path, key: Some(key.span) })
        };
        self.node.as_map().unwrap_or_default().iter().map(field).collect()
    }

    pub(crate) fn item(&self, place: usize) -> Option<Self> {
        let node = self.node.as_list()?.get(place)?;
        Some(Self { node, path: self.path.with(Step::Item(place)), key: None })
    }

    pub(crate) fn items(&self) -> Vec<Self> {
        (0..).map_while(|place| self.item(place)).collect()
    }

    /// The node at the end of a path as the core writes it, or as deep as the tree goes, and what is left of the path there. A
    /// name may have dots of its own: the longest that is there is meant.
    pub(crate) fn reach(self, path: &str) -> (Self, &str) {
        let rest = path.strip_prefix('.').unwrap_or(path);
        let next = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((number, after)) => number.parse().ok().and_then(|number| Some((self.item(number)?, after))),
            None => {
                let fits = |(key, _): &(Key, Node)| {
                    let after = rest.strip_prefix(&*key.name).filter(|_| !key.name.is_empty())?;
                    (after.is_empty() || after.starts_with(['.', '['])).then_some(after)
                };
                let after =
                    self.node.as_map().unwrap_or_default().iter().filter_map(fits).min_by_key(|after| after.len());
                after.and_then(|after| Some((self.get(rest.strip_suffix(after)?)?, after)))
            }
        };
        match next {
            Some((inner, after)) => inner.reach(after),
            // A page may be written as the list of its blocks; the core gives it the field.
            None => match rest.strip_prefix("blocks").filter(|_| self.node.as_list().is_some()) {
                Some(after) => self.reach(after),
                None => (self, rest),
            },
        }
    }

    /// The fields of a field that is an object.
    pub(crate) fn fields_of(&self, name: &str) -> Vec<(&'a str, Self)> {
        self.get(name).map(|at| at.fields()).unwrap_or_default()
    }

    /// The items of a field that is a list.
    pub(crate) fn items_of(&self, name: &str) -> Vec<Self> {
        self.get(name).map(|at| at.items()).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> Option<&'a str> {
        self.node.as_text()
    }

    pub(crate) fn text_of(&self, name: &str) -> Option<&'a str> {
        self.node.get(name)?.as_text()
    }

    /// Where its name stands, or itself where it has none.
    pub(crate) fn name_span(&self) -> Span {
        self.key.unwrap_or(self.node.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_reads_as_the_core_writes_it() {
        let node = Node::map(
            Span::default(),
            [(
                "campaigns",
                Node::list(
                    Span::default(),
                    vec![Node::map(Span::default(), [("id", Node::text(Span::default(), "a"))])],
                ),
            )],
        );
        let at = At::root(&node).items_of("campaigns").remove(0).get("id").unwrap();
        assert_eq!(at.path.to_string(), "campaigns[0].id");
        assert_eq!(at.text(), Some("a"));
        assert_eq!(At::root(&node).reach("campaigns[0].id").0.path, at.path);
    }

    #[test]
    fn a_path_leads_as_deep_as_the_tree_goes() {
        let node = Node::from_value(
            Span::default(),
            &json!({"a": {"b": [0, {"c": 1}]}, "a.x": {"d": 2}, "a.x.d": {"e": 3}, "": 4, "pages": [[0, {"f": 5}]]}),
        );
        for (path, reached) in [
            ("", ""),
            ("a", "a"),
            (".a.b[1].c", "a.b[1].c"),
            ("a.x.f", "a.x"),
            ("a.x.d.e", "a.x.d.e"),
            ("a.b[1].e.f", "a.b[1]"),
            ("a.b[2].c", "a.b"),
            ("a.b[x]", "a.b"),
            ("a.c", "a"),
            ("ab", ""),
            ("..a", ""),
            ("pages[0].blocks[1].f", "pages[0][1].f"),
            ("pages[0].blocks[2]", "pages[0]"),
        ] {
            assert_eq!(At::root(&node).reach(path).0.path.to_string(), reached, "{path}");
        }
    }
}
