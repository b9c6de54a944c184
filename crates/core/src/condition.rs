//! Conditions in MongoDB style (engine.md 3.1), compiled once and total: a missing or differently typed operand makes
//! every comparison false, except `$exists: false`, `null`, `$ne` and `$nin`.

use crate::{Properties, Value};

/// A compiled condition.
///
/// ```
/// use hearken_core::Condition;
/// use serde_json::json;
/// let at_least_one = Condition::compile(&json!({"items": {"$gte": 1}}), "where")?;
/// assert!(at_least_one.holds(json!({"items": 2}).as_object().unwrap()));
/// assert!(!at_least_one.holds(json!({"items": "2"}).as_object().unwrap()));
/// # Ok::<(), hearken_core::ConditionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(Node);

/// A condition that cannot be used, by its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct ConditionError {
    /// Where it stands, such as `campaigns[3].audience.tier.$in`.
    pub path: String,
    /// What is wrong, and what to write.
    pub message: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Field(Vec<String>, Test),
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    All(Vec<Test>),
    Not(Box<Test>),
    Equals(Value),
    Compare(Order, Value),
    In(Vec<Value>),
    Exists(bool),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Default for Condition {
    /// The condition that always holds.
    fn default() -> Self {
        Self(Node::All(Vec::new()))
    }
}

impl Condition {
    /// Compiles a condition; `path` is where it stands, for the error.
    ///
    /// # Errors
    /// An unknown operator, or an operand of a type that the operator cannot use, named by its path.
    pub fn compile(source: &Value, path: &str) -> Result<Self, ConditionError> {
        node(source, path).map(Self)
    }

    /// Whether the condition holds for `subject`.
    #[must_use]
    pub fn holds(&self, subject: &Properties) -> bool {
        self.0.holds(subject)
    }

    /// The first field test that fails, with what was seen there: what `explain` shows.
    pub(crate) fn failing<'a>(&'a self, subject: &'a Properties) -> Option<(String, Option<&'a Value>)> {
        self.0.failing(subject)
    }
}

fn error(path: &str, message: impl Into<String>) -> ConditionError {
    ConditionError { path: path.to_owned(), message: message.into() }
}

fn node(source: &Value, path: &str) -> Result<Node, ConditionError> {
    let Value::Object(fields) = source else {
        return Err(error(path, "a condition is an object such as {\"items\": {\"$gte\": 1}}"));
    };
    let mut nodes = Vec::with_capacity(fields.len());
    for (name, operand) in fields {
        let place = format!("{path}.{name}");
        nodes.push(match name.as_str() {
            "$and" => Node::All(list(operand, &place)?),
            "$or" => Node::Any(list(operand, &place)?),
            "$nor" => Node::Not(Box::new(Node::Any(list(operand, &place)?))),
            "$not" => Node::Not(Box::new(node(operand, &place)?)),
            operator if operator.starts_with('$') => {
                return Err(error(&place, format!("`{operator}` is no operator of conditions")));
            }
            field => Node::Field(field.split('.').map(str::to_owned).collect(), test(operand, &place)?),
        });
    }
    Ok(Node::All(nodes))
}

fn list(source: &Value, path: &str) -> Result<Vec<Node>, ConditionError> {
    let Value::Array(items) = source else { return Err(error(path, "a list of conditions is needed here")) };
    let mut nodes = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        nodes.push(node(item, &format!("{path}[{place}]"))?);
    }
    Ok(nodes)
}

fn test(source: &Value, path: &str) -> Result<Test, ConditionError> {
    let operators = source.as_object().filter(|object| object.keys().any(|key| key.starts_with('$')));
    let Some(operators) = operators else { return Ok(Test::Equals(source.clone())) };
    let mut tests = Vec::with_capacity(operators.len());
    for (operator, operand) in operators {
        tests.push(operator_test(operator, operand, &format!("{path}.{operator}"))?);
    }
    Ok(Test::All(tests))
}

fn operator_test(operator: &str, operand: &Value, path: &str) -> Result<Test, ConditionError> {
    let compare = |order| match operand {
        Value::Number(_) | Value::String(_) => Ok(Test::Compare(order, operand.clone())),
        _ => Err(error(path, format!("`{operator}` compares with a number or a text"))),
    };
    let values = || match operand {
        Value::Array(values) => Ok(values.clone()),
        _ => Err(error(path, format!("`{operator}` needs a list of values"))),
    };
    Ok(match operator {
        "$eq" => Test::Equals(operand.clone()),
        "$ne" => Test::Not(Box::new(Test::Equals(operand.clone()))),
        "$lt" => compare(Order::Less)?,
        "$lte" => compare(Order::LessOrEqual)?,
        "$gt" => compare(Order::Greater)?,
        "$gte" => compare(Order::GreaterOrEqual)?,
        "$in" => Test::In(values()?),
        "$nin" => Test::Not(Box::new(Test::In(values()?))),
        "$exists" => match operand {
            Value::Bool(wanted) => Test::Exists(*wanted),
            _ => return Err(error(path, "`$exists` is true or false")),
        },
        "$not" => Test::Not(Box::new(test(operand, path)?)),
        _ => return Err(error(path, format!("`{operator}` is no operator of conditions"))),
    })
}

impl Node {
    fn holds(&self, subject: &Properties) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.holds(subject)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(subject)),
            Self::Not(node) => !node.holds(subject),
            Self::Field(path, test) => test.holds(lookup(subject, path)),
        }
    }

    fn failing<'a>(&'a self, subject: &'a Properties) -> Option<(String, Option<&'a Value>)> {
        match self {
            Self::All(nodes) => nodes.iter().find_map(|node| node.failing(subject)),
            Self::Field(path, test) => {
                let seen = lookup(subject, path);
                (!test.holds(seen)).then(|| (path.join("."), seen))
            }
            Self::Any(_) | Self::Not(_) if self.holds(subject) => None,
            Self::Any(nodes) => nodes.iter().find_map(|node| node.failing(subject)).or(Some(("$or".into(), None))),
            Self::Not(_) => Some(("$not".into(), None)),
        }
    }
}

fn lookup<'a>(subject: &'a Properties, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(subject.get(first)?, |value, name| value.get(name.as_str()))
}

impl Test {
    fn holds(&self, seen: Option<&Value>) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.holds(seen)),
            Self::Not(test) => !test.holds(seen),
            Self::Equals(Value::Null) => seen.is_none_or(Value::is_null),
            Self::Equals(wanted) => seen.is_some_and(|seen| equal(seen, wanted)),
            Self::Compare(order, wanted) => seen.is_some_and(|seen| compare(*order, seen, wanted)),
            Self::In(wanted) => seen.is_some_and(|seen| wanted.iter().any(|wanted| equal(seen, wanted))),
            Self::Exists(wanted) => seen.is_some_and(|seen| !seen.is_null()) == *wanted,
        }
    }
}

/// Equality without coercion; `1` and `1.0` are the same number.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

fn compare(order: Order, seen: &Value, wanted: &Value) -> bool {
    let ordering = match (seen, wanted) {
        (Value::Number(a), Value::Number(b)) => a.as_f64().zip(b.as_f64()).and_then(|(a, b)| a.partial_cmp(&b)),
        (Value::String(a), Value::String(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        _ => None,
    };
    ordering.is_some_and(|ordering| match order {
        Order::Less => ordering.is_lt(),
        Order::LessOrEqual => ordering.is_le(),
        Order::Greater => ordering.is_gt(),
        Order::GreaterOrEqual => ordering.is_ge(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(condition: Value, subject: Value) -> bool {
        Condition::compile(&condition, "c").unwrap().holds(subject.as_object().unwrap())
    }

    #[test]
    fn nothing_is_coerced() {
        assert!(!holds(json!({"n": 1}), json!({"n": "1"})));
        assert!(!holds(json!({"n": {"$gte": 1}}), json!({"n": "2"})));
        assert!(!holds(json!({"n": {"$lt": 1}}), json!({"n": true})));
        assert!(!holds(json!({"n": false}), json!({"n": 0})));
        assert!(holds(json!({"n": 1}), json!({"n": 1.0})));
    }

    #[test]
    fn what_is_missing_fails_every_test_but_the_four() {
        for condition in
            [json!({"a": 1}), json!({"a": {"$gt": 0}}), json!({"a": {"$in": [1]}}), json!({"a": {"$exists": true}})]
        {
            assert!(!holds(condition.clone(), json!({})), "{condition}");
        }
        for condition in [
            json!({"a": null}),
            json!({"a": {"$ne": 1}}),
            json!({"a": {"$nin": [1]}}),
            json!({"a": {"$exists": false}}),
        ] {
            assert!(holds(condition.clone(), json!({})), "{condition}");
        }
    }

    #[test]
    fn each_operator_at_its_edge() {
        let cases = [
            (json!({"$lt": 2}), [true, false, false]),
            (json!({"$lte": 2}), [true, true, false]),
            (json!({"$gt": 2}), [false, false, true]),
            (json!({"$gte": 2}), [false, true, true]),
            (json!({"$eq": 2}), [false, true, false]),
            (json!({"$ne": 2}), [true, false, true]),
            (json!({"$in": [1, 2]}), [true, true, false]),
            (json!({"$nin": [1, 2]}), [false, false, true]),
            (json!({"$not": {"$gte": 2}}), [true, false, false]),
            (json!({"$gt": 1, "$lt": 3}), [false, true, false]),
        ];
        for (operator, expected) in cases {
            for (n, expected) in (1..=3).zip(expected) {
                assert_eq!(holds(json!({"n": operator}), json!({"n": n})), expected, "{operator} of {n}");
            }
        }
        assert!(holds(json!({"t": {"$lt": "b"}}), json!({"t": "a"})));
        assert!(holds(json!({"t": {"$gt": "Z"}}), json!({"t": "a"})), "bytes, not locale");
    }

    #[test]
    fn groups_and_nested_fields() {
        let either = json!({"$or": [{"a": 1}, {"b.c": 2}]});
        assert!(holds(either.clone(), json!({"b": {"c": 2}})));
        assert!(!holds(either, json!({"b": 2})));
        assert!(holds(json!({"$nor": [{"a": 1}]}), json!({})));
        assert!(holds(json!({"$not": {"a": 1}}), json!({"a": 2})));
        assert!(!holds(json!({"$and": [{"a": 1}, {"a": 2}]}), json!({"a": 1})));
        assert!(holds(json!({}), json!({})));
        assert!(holds(json!({"a": {"b": 1}}), json!({"a": {"b": 1}})));
    }

    #[test]
    fn a_bad_condition_is_named_by_its_place() {
        let cases = [
            (json!(7), "c", "a condition is an object"),
            (json!({"a": {"$regexp": "x"}}), "c.a.$regexp", "`$regexp` is no operator"),
            (json!({"$xor": []}), "c.$xor", "`$xor` is no operator"),
            (json!({"a": {"$in": 1}}), "c.a.$in", "needs a list"),
            (json!({"a": {"$gt": null}}), "c.a.$gt", "a number or a text"),
            (json!({"$or": [{"a": 1}, 7]}), "c.$or[1]", "a condition is an object"),
            (json!({"a": {"$exists": 1}}), "c.a.$exists", "true or false"),
        ];
        for (source, path, message) in cases {
            let error = Condition::compile(&source, "c").unwrap_err();
            assert_eq!(error.path, path);
            assert!(error.message.contains(message), "{error}");
        }
    }
}
