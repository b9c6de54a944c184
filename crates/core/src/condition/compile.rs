//! Compiling conditions. A fault never ends it: something that always holds stands in, and every fault is told.

use super::comparison::{Order, Test, Type, VersionIs, folded};
use super::evaluate::{Node, Place};
use super::pattern::Pattern;
use super::{ConditionError, Scope, Semantics, growthbook, version};
use crate::Value;
use crate::edits::edits;
use crate::letters;
use crate::wire::{Object, listed};

/// How deep conditions may be nested.
const DEPTH: u32 = 64;

pub(crate) const GROUPS: [&str; 4] = ["$and", "$or", "$nor", "$not"];
pub(crate) const OURS: [&str; 7] = ["$segment", "$history", "$now", "$host", "$inbox", "$metric", "$success"];
pub(crate) const OPERATORS: [&str; 27] = [
    "$eq",
    "$ne",
    "$lt",
    "$lte",
    "$gt",
    "$gte",
    "$in",
    "$nin",
    "$ini",
    "$nini",
    "$all",
    "$alli",
    "$exists",
    "$type",
    "$size",
    "$elemMatch",
    "$regex",
    "$regexi",
    "$notRegex",
    "$notRegexi",
    "$not",
    "$veq",
    "$vne",
    "$vlt",
    "$vlte",
    "$vgt",
    "$vgte",
];

pub(super) fn condition(source: &Value, path: &str, scope: &mut Scope) -> Result<Node, Vec<ConditionError>> {
    let mut compiler = Compiler { scope, faults: Vec::new(), depth: 0 };
    let node = compiler.node(source, path);
    if compiler.faults.is_empty() { Ok(node) } else { Err(compiler.faults) }
}

pub(super) struct Compiler<'a> {
    pub(super) scope: &'a mut Scope,
    pub(super) faults: Vec<ConditionError>,
    depth: u32,
}

impl Compiler<'_> {
    pub(super) fn fault(&mut self, path: &str, message: &[&str]) {
        self.faults.push(ConditionError { path: path.to_owned(), message: message.concat() });
    }

    pub(super) fn object<'a>(&mut self, source: &'a Value, path: &str, what: &str) -> Option<&'a Object> {
        let object = source.as_object();
        if object.is_none() {
            self.fault(path, &[what]);
        }
        object
    }

    fn enter(&mut self, path: &str) -> bool {
        self.depth += 1;
        if self.depth > DEPTH {
            self.fault(path, &["conditions are nested deeper than 64 levels here: split it into segments"]);
        }
        self.depth <= DEPTH
    }

    pub(super) fn node(&mut self, source: &Value, path: &str) -> Node {
        let mut nodes = Vec::new();
        if self.enter(path)
            && let Some(fields) =
                self.object(source, path, "a condition is an object such as {\"items\": {\"$gte\": 1}}")
        {
            for (name, operand) in fields {
                let node = self.member(name, operand, &[path, ".", name].concat());
                nodes.push(node);
            }
        }
        self.depth -= 1;
        // A condition of one member needs no group around it.
        match nodes.pop() {
            Some(node) if nodes.is_empty() => node,
            last => {
                nodes.extend(last);
                Node::All(nodes)
            }
        }
    }

    fn member(&mut self, name: &str, operand: &Value, path: &str) -> Node {
        let published = self.scope.semantics == Semantics::Growthbook;
        match name {
            "$and" => Node::All(self.nodes(operand, path)),
            "$or" | "$nor" => {
                let mut nodes = self.nodes(operand, path);
                // As published, any of none holds.
                let any = if published && nodes.is_empty() {
                    Node::All(nodes)
                } else {
                    Node::Any(std::mem::take(&mut nodes))
                };
                if name == "$or" { any } else { Node::Not(Box::new(any)) }
            }
            "$not" => Node::Not(Box::new(self.node(operand, path))),
            "$segment" | "$history" | "$now" | "$host" | "$inbox" | "$metric" | "$success" => {
                self.operand(name, operand, path)
            }
            field if published => Node::Published(Place::of(field), growthbook::check(operand, &self.scope.groups)),
            operator if operator.starts_with('$') => {
                if OPERATORS.contains(&operator) {
                    self.fault(
                        path,
                        &[
                            "`",
                            operator,
                            "` is no operator by itself: it stands after a field, as in {\"items\": {\"",
                            operator,
                            "\": …}}",
                        ],
                    );
                } else {
                    let known = [GROUPS.as_slice(), OURS.as_slice()].concat();
                    self.unknown(path, operator, "is no operator of conditions", &known);
                }
                Node::All(Vec::new())
            }
            field => Node::Field(Place::of(field), self.test(operand, path)),
        }
    }

    /// A name that is none of the known: the nearest of them is what was meant, perhaps.
    pub(super) fn unknown(&mut self, path: &str, name: &str, is_none: &str, known: &[&str]) {
        let nearest = nearest(name, known);
        let known = listed(known);
        let (hint, names) = match nearest {
            Some(nearest) => ("; did you mean `", [nearest, "`?"].concat()),
            None => ("; known are ", known),
        };
        self.fault(path, &["`", name, "` ", is_none, hint, &names]);
    }

    fn nodes(&mut self, source: &Value, path: &str) -> Vec<Node> {
        let mut nodes = Vec::new();
        let Value::Array(items) = source else {
            self.fault(
                path,
                &["a list of conditions is needed here, such as [{\"tier\": \"gold\"}, {\"points\": {\"$gte\": 100}}]"],
            );
            return nodes;
        };
        for (place, item) in items.iter().enumerate() {
            let node = self.node(item, &[path, "[", &place.to_string(), "]"].concat());
            nodes.push(node);
        }
        nodes
    }

    /// What stands after a field: operators, or a value that it equals.
    pub(super) fn test(&mut self, source: &Value, path: &str) -> Test {
        let Some(operators) = operators(source) else { return Test::equals(source) };
        let mut tests = Vec::new();
        if self.enter(path) {
            for (operator, operand) in operators {
                let test = self.operator(operator, operand, &[path, ".", operator].concat());
                tests.push(test);
            }
        }
        self.depth -= 1;
        match tests.pop() {
            Some(test) if tests.is_empty() => test,
            last => {
                tests.extend(last);
                Test::All(tests)
            }
        }
    }

    fn operator(&mut self, operator: &str, operand: &Value, path: &str) -> Test {
        if let Some(is) = VersionIs::named(operator) {
            let version = self.text(operator, operand, path, "a version such as \"2.10.0\"");
            return Test::Version(is, version::padded(version));
        }
        match operator {
            "$eq" => Test::equals(operand),
            "$ne" => not(Test::equals(operand)),
            "$lt" => self.compare(operator, Order::Less, operand, path),
            "$lte" => self.compare(operator, Order::LessOrEqual, operand, path),
            "$gt" => self.compare(operator, Order::Greater, operand, path),
            "$gte" => self.compare(operator, Order::GreaterOrEqual, operand, path),
            "$in" => Test::In(self.values(operator, operand, path).to_vec()),
            "$nin" => not(Test::In(self.values(operator, operand, path).to_vec())),
            "$ini" => self.folded_values(operator, operand, path),
            "$nini" => not(self.folded_values(operator, operand, path)),
            "$all" | "$alli" => {
                let mut tests = Vec::new();
                for (place, item) in self.values(operator, operand, path).iter().enumerate() {
                    tests.push(match item {
                        Value::String(text) if operator == "$alli" => Test::Folded(letters::folded(text)),
                        item => self.test(item, &[path, "[", &place.to_string(), "]"].concat()),
                    });
                }
                Test::Holds(tests)
            }
            "$exists" => match operand {
                Value::Bool(wanted) => Test::Exists(*wanted),
                _ => self.refuse(path, &["`$exists` is true or false"]),
            },
            "$type" => {
                let name = operand.as_str().unwrap_or_default();
                match Type::NAMES.iter().find(|(known, _)| *known == name) {
                    Some((_, wanted)) => Test::Type(*wanted),
                    None => self.refuse(path, &["`$type` is string, number, boolean, array, object or null"]),
                }
            }
            "$size" => {
                let test = self.test(operand, path);
                if test.largest_number(false).is_none() {
                    self.fault(path, &["`$size` compares with numbers: 3, or {\"$gte\": 3}"]);
                }
                Test::Size(Box::new(test))
            }
            "$elemMatch" => match operand {
                Value::Object(fields)
                    if fields.is_empty() || fields.keys().any(|name| is_group(name) || !name.starts_with('$')) =>
                {
                    Test::ElementWith(Box::new(self.element(operand, path)))
                }
                Value::Object(_) => Test::Element(Box::new(self.test(operand, path))),
                _ => self.refuse(
                    path,
                    &["`$elemMatch` needs an object: {\"$gte\": 1}, or {\"sku\": \"a1\"} for elements with fields"],
                ),
            },
            "$regex" => self.pattern(operator, operand, path, false, false),
            "$regexi" => self.pattern(operator, operand, path, true, false),
            "$notRegex" => self.pattern(operator, operand, path, false, true),
            "$notRegexi" => self.pattern(operator, operand, path, true, true),
            "$not" => not(self.test(operand, path)),
            _ => {
                self.unknown(path, operator, "is no operator of conditions", &OPERATORS);
                Test::All(Vec::new())
            }
        }
    }

    pub(super) fn refuse(&mut self, path: &str, message: &[&str]) -> Test {
        self.fault(path, message);
        Test::All(Vec::new())
    }

    /// An element is looked at by itself: operands of ours have no place in it.
    fn element(&mut self, operand: &Value, path: &str) -> Node {
        let operands = std::mem::take(&mut self.scope.operands);
        let node = self.node(operand, path);
        self.scope.operands = operands;
        node
    }

    fn compare(&mut self, operator: &str, order: Order, operand: &Value, path: &str) -> Test {
        match operand {
            Value::Number(number) => Test::NumberIs(order, number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Test::TextIs(order, text.clone()),
            _ => self.refuse(path, &["`", operator, "` compares with a number or a text"]),
        }
    }

    fn text<'a>(&mut self, operator: &str, operand: &'a Value, path: &str, what: &str) -> &'a str {
        operand.as_str().unwrap_or_else(|| {
            self.fault(path, &["`", operator, "` needs ", what]);
            ""
        })
    }

    fn values<'a>(&mut self, operator: &str, operand: &'a Value, path: &str) -> &'a [Value] {
        match operand {
            Value::Array(values) => values,
            _ => {
                self.fault(path, &["`", operator, "` needs a list of values"]);
                &[]
            }
        }
    }

    fn folded_values(&mut self, operator: &str, operand: &Value, path: &str) -> Test {
        let mut values = Vec::new();
        for value in self.values(operator, operand, path) {
            values.push(folded(value));
        }
        Test::InFolded(values)
    }

    fn pattern(&mut self, operator: &str, operand: &Value, path: &str, fold: bool, negated: bool) -> Test {
        let text = self.text(operator, operand, path, "a regular expression such as \"^/cart\"");
        match Pattern::compile(text, fold) {
            Ok(pattern) => Test::Pattern { pattern, negated },
            Err(message) => self.refuse(path, &[&message]),
        }
    }
}

pub(super) fn not(test: Test) -> Test {
    Test::Not(Box::new(test))
}

fn is_group(name: &str) -> bool {
    matches!(name, "$and" | "$or" | "$nor")
}

/// An object with a `$` key is a list of operators.
fn operators(source: &Value) -> Option<&Object> {
    source.as_object().filter(|object| object.keys().any(|key| key.starts_with('$')))
}

/// The known name that takes the fewest edits, if it takes two at most.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let mut nearest = None;
    let mut fewest = 3;
    for candidate in known {
        let edits = edits(name, candidate);
        if edits < fewest {
            fewest = edits;
            nearest = Some(*candidate);
        }
    }
    nearest
}
