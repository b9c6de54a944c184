//! YAML or JSON into a tree with places. JSON is read as the YAML that it is.
//!
//! Bounded: a document's size, its depth and the number of its nodes, with every alias counted as what it stands for.

use std::collections::{HashMap, HashSet};

use crate::report::{Problem, Problems, problem};
use crate::tree::{Content, Key, Node, Place, Span};
use saphyr_parser::{Event, Parser, ScalarStyle, Span as RawSpan};

use super::prepare::{advice, control_character, json_as_yaml};
use super::scalar;

/// The longest document, in bytes.
pub(crate) const MAX_BYTES: usize = 4 * 1024 * 1024;
const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 300_000;
/// Where a document is told of that has no better place.
const BEGINNING: Span = Span { start: Place { line: 1, column: 1 }, end: Place { line: 1, column: 1 } };

/// Reads a document. Nothing comes back if there is no tree to go on with; the problems then say why.
pub(crate) fn read(source: &str, json: bool, problems: &mut Problems) -> Option<Node> {
    let text = source.strip_prefix('\u{feff}').unwrap_or(source);
    if text.len() > MAX_BYTES {
        let message = format!("the document has {} bytes", text.len());
        problems.span("HK0104", BEGINNING, message, format!("a playbook has at most {MAX_BYTES} bytes"));
        return None;
    }
    if let Some(place) = control_character(text) {
        let help = "delete it; a text can hold it as an escape in double quotes";
        problems.span("HK0102", place, "a control character stands in the text", help);
        return None;
    }
    let prepared = if json { json_as_yaml(text) } else { text.to_owned() };
    let mut reader = Reader { nodes: 0, anchors: HashMap::new(), stack: Vec::new(), root: None, problems };
    for event in Parser::new_from_str(&prepared) {
        let outcome = match event {
            Ok((event, span)) => reader.event(event, span),
            Err(error) => {
                let start = Place { line: error.marker().line().max(1), column: error.marker().col() + 1 };
                let message = format!("this cannot be read: {}", error.info());
                Err(stop("HK0102", Span { start, end: start }, message, advice(text, start)))
            }
        };
        if let Err(stop) = outcome {
            reader.problems.add(*stop);
            return None;
        }
    }
    let root = reader.root;
    match root {
        Some(root) if !matches!(root.content, Content::Null) => Some(root),
        _ => {
            problems.span("HK0102", BEGINNING, "the document is empty", "start with `spec: 1`, `id:` and `revision:`");
            None
        }
    }
}

/// Why reading ends here.
type Stop = Box<Problem>;

fn stop(code: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) -> Stop {
    Box::new(problem(code, span, message, help))
}

/// A list or an object that is not closed yet.
struct Open {
    start: Place,
    anchor: usize,
    kind: Kind,
    /// The deepest that stands inside, itself included.
    depth: usize,
    /// The nodes inside.
    from: usize,
}

enum Kind {
    List(Vec<Node>),
    Map {
        fields: Vec<(Key, Node)>,
        seen: HashMap<String, Span>,
        key: Option<Key>,
        twice: bool,
        merges: Vec<(Span, Node)>,
    },
}

/// What an anchor stands for, how deep it is and how many nodes it has.
struct Anchored {
    node: Node,
    depth: usize,
    nodes: usize,
}

struct Reader<'p> {
    nodes: usize,
    anchors: HashMap<usize, Anchored>,
    stack: Vec<Open>,
    root: Option<Node>,
    problems: &'p mut Problems,
}

fn place(mark: &saphyr_parser::Marker) -> Place {
    Place { line: mark.line().max(1), column: mark.col() + 1 }
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, raw: RawSpan) -> Result<(), Stop> {
        let span = Span { start: place(&raw.start), end: place(&raw.end) };
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) if self.root.is_none() => Ok(()),
            Event::DocumentStart(_) => Err(stop(
                "HK0102",
                span,
                "a second document starts here",
                "one file holds one playbook; delete the `---`",
            )),
            Event::Alias(anchor) => {
                let Some(known) = self.anchors.get(&anchor) else {
                    return Err(stop(
                        "HK0104",
                        span,
                        "this alias stands inside of what it names",
                        "name it without itself",
                    ));
                };
                let (node, depth, nodes) = (known.node.clone(), known.depth, known.nodes);
                self.grow(nodes, depth, span)?;
                self.value(node, depth)
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.grow(1, 1, span)?;
                let forced = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
                let plain = style == ScalarStyle::Plain && !forced;
                if let Some(key) = self.as_key(&text, span, plain) {
                    return key;
                }
                let content =
                    if plain { scalar::plain(&text, span, self.problems) } else { Content::Text(text.into_owned()) };
                let node = Node::new(span, content);
                if anchor != 0 {
                    self.anchors.insert(anchor, Anchored { node: node.clone(), depth: 1, nodes: 1 });
                }
                self.value(node, 1)
            }
            Event::SequenceStart(anchor, _) => self.open(span, anchor, Kind::List(Vec::new())),
            Event::MappingStart(anchor, _) => {
                let (fields, seen, merges) = (Vec::new(), HashMap::new(), Vec::new());
                self.open(span, anchor, Kind::Map { fields, seen, key: None, twice: false, merges })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
        }
    }

    fn grow(&mut self, nodes: usize, depth: usize, span: Span) -> Result<(), Stop> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            let help = format!("a playbook has at most {MAX_NODES} values; an alias counts as what it stands for");
            return Err(stop("HK0104", span, "the document grows too large here", help));
        }
        if self.stack.len() + depth > MAX_DEPTH {
            let help = format!("lists and objects stand at most {MAX_DEPTH} deep in each other");
            return Err(stop("HK0104", span, "this is nested too deep", help));
        }
        Ok(())
    }

    fn open(&mut self, span: Span, anchor: usize, kind: Kind) -> Result<(), Stop> {
        self.grow(1, 1, span)?;
        if let Some(Open { kind: Kind::Map { key: None, .. }, .. }) = self.stack.last() {
            return Err(stop(
                "HK0102",
                span,
                "a list or an object cannot be a field's name",
                "write a text before the `:`",
            ));
        }
        self.stack.push(Open { start: span.start, anchor, kind, depth: 1, from: self.nodes - 1 });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Stop> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let (content, inner) = match open.kind {
            Kind::List(items) => {
                let end = items.last().map(|item| item.span.end);
                (Content::List(items), end)
            }
            Kind::Map { fields, merges, .. } => {
                let end = fields.last().map(|(_, node)| node.span.end);
                (Content::Map(self.merged(fields, merges)), end)
            }
        };
        // The end of a block is only found where the next thing starts; its last value says where it really ends.
        let flow = span.end.column > span.start.column && span.end.line == span.start.line;
        let end = if flow { span.end } else { inner.filter(|end| *end > open.start).unwrap_or(span.end) };
        let node = Node::new(Span { start: open.start, end }, content);
        if open.anchor != 0 {
            let nodes = self.nodes - open.from;
            self.anchors.insert(open.anchor, Anchored { node: node.clone(), depth: open.depth, nodes });
        }
        self.value(node, open.depth)
    }

    /// Takes a scalar as a field's name, where one is due.
    fn as_key(&mut self, text: &str, span: Span, plain: bool) -> Option<Result<(), Stop>> {
        let Some(Open { kind: Kind::Map { seen, key, twice: again, .. }, .. }) = self.stack.last_mut() else {
            return None;
        };
        if key.is_some() {
            return None;
        }
        let merge = plain && text == "<<";
        *again = false;
        if !merge && let Some(first) = seen.get(text) {
            *again = true;
            let twice = problem("HK0103", span, format!("`{text}` stands here twice"), "keep one of the two");
            self.problems.add(twice.also(*first, "it stands here first"));
        } else {
            seen.insert(text.to_owned(), span);
        }
        // A plain `<<` is kept apart from a quoted one by a name that no text can have.
        let name = if merge { MERGE.to_owned() } else { text.to_owned() };
        *key = Some(Key { name, span });
        Some(Ok(()))
    }

    /// Puts a finished value where it belongs.
    fn value(&mut self, node: Node, depth: usize) -> Result<(), Stop> {
        let Some(open) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.depth = open.depth.max(depth + 1);
        match &mut open.kind {
            Kind::List(items) => items.push(node),
            Kind::Map { fields, key, twice, merges, .. } => match key.take() {
                Some(key) if key.name == MERGE => merges.push((key.span, node)),
                // The second of two is told already; the first stays.
                Some(_) if *twice => {}
                Some(key) => fields.push((key, node)),
                None => {
                    return Err(stop(
                        "HK0102",
                        node.span,
                        "an alias cannot be a field's name here",
                        "write the name out",
                    ));
                }
            },
        }
        Ok(())
    }

    /// The fields of an object with what `<<` brings along; what is written out wins, then what is merged first.
    fn merged(&mut self, mut fields: Vec<(Key, Node)>, merges: Vec<(Span, Node)>) -> Vec<(Key, Node)> {
        if merges.is_empty() {
            return fields;
        }
        let mut names: HashSet<String> = fields.iter().map(|(key, _)| key.name.clone()).collect();
        for (span, merge) in merges {
            let sources = match merge.content {
                Content::List(items) => items,
                _ => vec![merge],
            };
            for source in sources {
                let Content::Map(brought) = source.content else {
                    let message = format!("`<<` brings in {}", source.words());
                    self.problems.span("HK0116", span, message, "write an alias of an object, or a list of these");
                    continue;
                };
                for (key, node) in brought {
                    if names.insert(key.name.clone()) {
                        fields.push((key, node));
                    }
                }
            }
        }
        fields
    }
}

/// The name of a merge key while a document is read. A control character keeps it from meeting a real one.
const MERGE: &str = "\u{1}<<";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn tree(source: &str) -> (Value, Vec<String>) {
        let mut problems = Problems::default();
        let node = read(source, source.starts_with(['{', '\t']), &mut problems);
        let told = problems.0.iter().map(|p| {
            let start = p.span.unwrap_or_default().start;
            format!("{} {}:{}", p.code, start.line, start.column)
        });
        (node.map_or(Value::Null, |node| node.to_value()), told.collect())
    }

    fn fine(source: &str) -> Value {
        let (value, problems) = tree(source);
        assert_eq!(problems, Vec::<String>::new(), "{source}");
        value
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let seen = fine("[1, -2, 0x1f, 1.5, 2.0, 1e3, true, ~, no, yes, 1.2.3, '1', 12:30, 2026-01-01, 1h, e5, .5]");
        let wanted = json!([
            1,
            -2,
            31,
            1.5,
            2,
            1000,
            true,
            null,
            "no",
            "yes",
            "1.2.3",
            "1",
            "12:30",
            "2026-01-01",
            "1h",
            "e5",
            0.5
        ]);
        assert_eq!(seen, wanted);
        assert_eq!(tree("[9007199254740993, .nan, 1e400]").1, ["HK0117 1:2", "HK0117 1:20", "HK0117 1:26"]);
    }

    #[test]
    fn json_is_read_with_its_tabs_and_its_surrogates() {
        assert_eq!(
            fine("{\n\t\"a\": \"\\ud83d\\ude00 \\/ \\\\ud83d\",\n\t\"b\":[1,2]}"),
            json!({"a": "😀 / \\ud83d", "b": [1, 2]})
        );
    }

    #[test]
    fn a_field_that_stands_twice_is_told_with_both_places() {
        let mut problems = Problems::default();
        let node = read("a: 1\nb: 2\na: 3\n", false, &mut problems).unwrap();
        assert_eq!(node.to_value(), json!({"a": 1, "b": 2}));
        assert_eq!(problems.0[0].span.unwrap().start, Place { line: 3, column: 1 });
        assert_eq!(problems.0[0].also.as_ref().unwrap().0.start, Place { line: 1, column: 1 });
    }

    #[test]
    fn aliases_and_merge_keys_work_and_what_is_written_out_wins() {
        let seen = fine("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [{y: 9}, *a]}\nd: *a\n");
        assert_eq!(
            seen,
            json!({"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": {"x": 1, "y": 9}, "d": {"x": 1, "y": 2}})
        );
        assert_eq!(tree("a: {<<: 1}").1, ["HK0116 1:5"]);
        assert_eq!(fine("'<<': 1"), json!({"<<": 1}));
    }

    #[test]
    fn every_value_knows_its_place() {
        let mut problems = Problems::default();
        let node = read("a:\n  b: {c: \"xy\"}\nd: é1\n", false, &mut problems).unwrap();
        let c = node.get("a").unwrap().get("b").unwrap().get("c").unwrap();
        assert_eq!((c.span.start, c.span.end), (Place { line: 2, column: 10 }, Place { line: 2, column: 14 }));
        assert_eq!(node.field("d").unwrap().0.span.start, Place { line: 3, column: 1 });
    }

    #[test]
    fn what_would_grow_without_bound_is_refused() {
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned()
            + &('b'..='i')
                .zip('a'..)
                .map(|(n, o)| format!("{n}: &{n} [{}]\n", vec![format!("*{o}"); 10].join(",")))
                .collect::<String>();
        assert!(tree(&bomb).1[0].starts_with("HK0104"));
        assert!(tree(&"[".repeat(100)).1[0].starts_with("HK0104"));
        assert!(tree(&"- ".repeat(100_000)).1[0].starts_with("HK0104"));
        assert!(tree("a: &a [*a]").1[0].starts_with("HK01"));
    }

    #[test]
    fn what_is_no_document_is_told_with_its_place() {
        assert_eq!(tree("a: [1").1.len(), 1);
        assert_eq!(tree("a:\n\tb: 1\n").1.len(), 1);
        assert_eq!(tree("a: \0").1, ["HK0102 1:4"]);
        assert_eq!(tree("").1, ["HK0102 1:1"]);
        assert_eq!(tree("a: 1\n---\nb: 2\n").1, ["HK0102 2:1"]);
        assert_eq!(fine("\u{feff}a: 1\r\nb: 2\r\n"), json!({"a": 1, "b": 2}));
    }
}
