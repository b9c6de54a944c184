//! `where` in a success definition (success.md 3.12): two-valued, comparing within one JSON type, so that SQL says the same.

use std::cmp::Ordering;

use super::Scalar;
use super::read::Names;
use crate::Value;
use crate::list::Listed as _;
use crate::wire::{At, Object};

/// A condition on an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every one holds; none at all holds always.
    All(Vec<Filter>),
    /// At least one holds.
    Any(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// One comparison.
    Test {
        /// What is compared.
        of: Operand,
        /// With what.
        test: Test,
    },
}

/// What a [`Filter`] compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operand {
    /// A property, by its place in [`Definition::properties`](super::Definition::properties).
    Property(usize),
    /// `$value`: the fact's value.
    Value,
    /// `$event`: the event's name.
    Event,
}

/// A comparison. One with something of another type, or absent, is false, but for `OneOf` with `negated`, which is true.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `$eq`, `$in`; negated `$ne`, `$nin`.
    OneOf {
        /// The constants.
        constants: Vec<Literal>,
        /// Whether none of them may be met.
        negated: bool,
    },
    /// `$lt`, `$lte`, `$gt`, `$gte`: by number, or by the bytes of the text.
    Order(Order, Literal),
    /// `$exists`, and comparisons with `null`.
    Exists(bool),
}

/// An order that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `$lt`
    Less,
    /// `$lte`
    LessOrEqual,
    /// `$gt`
    Greater,
    /// `$gte`
    GreaterOrEqual,
}

/// A constant: there are no fractions in a success definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
}

impl Default for Filter {
    /// The one that always holds.
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Filter {
    /// Whether it lets everything through.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::All(all) if all.is_empty())
    }

    /// Whether it holds, given what each operand is.
    pub fn holds<'a>(&self, operand: &impl Fn(Operand) -> Scalar<'a>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|filter| filter.holds(operand)),
            Self::Any(any) => any.iter().any(|filter| filter.holds(operand)),
            Self::Not(filter) => !filter.holds(operand),
            Self::Test { of, test } => test.holds(operand(*of)),
        }
    }

    /// Whether it asks for `$value`.
    #[must_use]
    pub fn asks_for_value(&self) -> bool {
        match self {
            Self::All(filters) | Self::Any(filters) => filters.iter().any(Self::asks_for_value),
            Self::Not(filter) => filter.asks_for_value(),
            Self::Test { of, .. } => *of == Operand::Value,
        }
    }

    pub(super) fn read(source: Option<&Value>, at: &At<'_>, names: &mut Names) -> Self {
        match source {
            None | Some(Value::Null) => Self::default(),
            Some(Value::Object(object)) => Self::read_object(object, at, names),
            Some(_) => {
                at.expected("an object", source);
                Self::default()
            }
        }
    }

    fn read_object(object: &Object, at: &At<'_>, names: &mut Names) -> Self {
        let mut all = Vec::new();
        for (name, value) in object {
            let here = at.field(name);
            match name.as_str() {
                "$and" => all.push(Self::All(Self::read_list(value, &here, names))),
                "$or" => all.push(Self::Any(Self::read_list(value, &here, names))),
                "$nor" => all.push(Self::Not(Box::new(Self::Any(Self::read_list(value, &here, names))))),
                "$not" => all.push(Self::Not(Box::new(Self::read(Some(value), &here, names)))),
                "$value" => read_tests(Operand::Value, value, &here, &mut all),
                "$event" => read_tests(Operand::Event, value, &here, &mut all),
                _ if name.starts_with('$') => {
                    here.unknown("operator", name, &["$and", "$or", "$nor", "$not", "$value", "$event"])
                }
                _ => read_tests(Operand::Property(names.property(name)), value, &here, &mut all),
            }
        }
        match all.len() {
            1 => all.swap_remove(0),
            _ => Self::All(all),
        }
    }

    fn read_list(value: &Value, at: &At<'_>, names: &mut Names) -> Vec<Self> {
        let Some(items) = value.as_array().filter(|items| !items.is_empty()) else {
            at.expected("a list of conditions", Some(value));
            return Vec::new();
        };
        items.iter().enumerate().map(|(place, item)| Self::read(Some(item), &at.item(place), names)).listed()
    }

    /// The one way to write it: what a fingerprint is made of.
    pub(super) fn canonical(&self, properties: &[String]) -> Value {
        let mut object = Object::new();
        match self {
            Self::All(filters) | Self::Any(filters) => {
                let name = if matches!(self, Self::All(_)) { "$and" } else { "$or" };
                let mut list: Vec<Value> = filters.iter().map(|filter| filter.canonical(properties)).listed();
                list.sort_unstable_by_key(crate::wire::to_json);
                object.insert(name.to_owned(), Value::Array(list));
            }
            Self::Not(filter) => drop(object.insert("$not".to_owned(), filter.canonical(properties))),
            Self::Test { of, test } => {
                let name = match of {
                    Operand::Property(place) => properties.get(*place).map_or("", String::as_str),
                    Operand::Value => "$value",
                    Operand::Event => "$event",
                };
                let mut written = Object::new();
                let (operator, constant) = test.canonical();
                written.insert(operator.to_owned(), constant);
                object.insert(name.to_owned(), Value::Object(written));
            }
        }
        Value::Object(object)
    }
}

fn read_tests(of: Operand, value: &Value, at: &At<'_>, all: &mut Vec<Filter>) {
    let mut push = |test| all.push(Filter::Test { of, test });
    let Value::Object(object) = value else {
        if let Some(test) = equals(value, at, false) {
            push(test);
        }
        return;
    };
    if object.is_empty() {
        at.expected("a constant, or an object of comparisons,", Some(value));
    }
    for (name, value) in object {
        let here = at.field(name);
        let test = match name.as_str() {
            "$eq" => equals(value, &here, false),
            "$ne" => equals(value, &here, true),
            "$in" | "$nin" => one_of(value, &here, name == "$nin"),
            "$lt" => ordered(Order::Less, value, &here),
            "$lte" => ordered(Order::LessOrEqual, value, &here),
            "$gt" => ordered(Order::Greater, value, &here),
            "$gte" => ordered(Order::GreaterOrEqual, value, &here),
            "$exists" => value.as_bool().map(Test::Exists).or_else(|| {
                here.expected("true or false", Some(value));
                None
            }),
            _ => {
                here.unknown("operator", name, &["$eq", "$ne", "$in", "$nin", "$lt", "$lte", "$gt", "$gte", "$exists"]);
                None
            }
        };
        test.into_iter().for_each(&mut push);
    }
}

fn equals(value: &Value, at: &At<'_>, negated: bool) -> Option<Test> {
    if value.is_null() {
        return Some(Test::Exists(negated));
    }
    Some(Test::OneOf { constants: vec![literal(value, at)?], negated })
}

fn one_of(value: &Value, at: &At<'_>, negated: bool) -> Option<Test> {
    let Some(items) = value.as_array().filter(|items| !items.is_empty()) else {
        at.expected("a list of constants", Some(value));
        return None;
    };
    let mut constants: Vec<Literal> = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let constant = literal(item, &at.item(place))?;
        if !constants.contains(&constant) {
            constants.push(constant);
        }
    }
    Some(Test::OneOf { constants, negated })
}

fn ordered(order: Order, value: &Value, at: &At<'_>) -> Option<Test> {
    match literal(value, at)? {
        Literal::Bool(_) => {
            at.expected("a whole number or a text", Some(value));
            None
        }
        constant => Some(Test::Order(order, constant)),
    }
}

fn literal(value: &Value, at: &At<'_>) -> Option<Literal> {
    match Scalar::of(value) {
        Scalar::Text(text) => Some(Literal::Text(text.to_owned())),
        Scalar::Int(int) => Some(Literal::Int(int)),
        Scalar::Bool(bool) => Some(Literal::Bool(bool)),
        _ => {
            at.expected("a text, a whole number, true or false", Some(value));
            None
        }
    }
}

impl Test {
    fn holds(&self, operand: Scalar<'_>) -> bool {
        match self {
            Self::OneOf { constants, negated } => {
                constants.iter().any(|constant| constant.compare(&operand) == Some(Ordering::Equal)) != *negated
            }
            Self::Order(order, constant) => constant.compare(&operand).is_some_and(|seen| match order {
                Order::Less => seen.is_lt(),
                Order::LessOrEqual => seen.is_le(),
                Order::Greater => seen.is_gt(),
                Order::GreaterOrEqual => seen.is_ge(),
            }),
            Self::Exists(wanted) => (operand != Scalar::Absent) == *wanted,
        }
    }

    fn canonical(&self) -> (&'static str, Value) {
        match self {
            Self::OneOf { constants, negated } => {
                let mut list: Vec<Value> = constants.iter().map(Literal::value).listed();
                list.sort_unstable_by_key(crate::wire::to_json);
                (if *negated { "$nin" } else { "$in" }, Value::Array(list))
            }
            Self::Order(order, constant) => (order.name(), constant.value()),
            Self::Exists(wanted) => ("$exists", Value::Bool(*wanted)),
        }
    }
}

impl Order {
    fn name(self) -> &'static str {
        match self {
            Self::Less => "$lt",
            Self::LessOrEqual => "$lte",
            Self::Greater => "$gt",
            Self::GreaterOrEqual => "$gte",
        }
    }
}

impl Literal {
    /// How an operand stands to it; nothing where their types differ.
    fn compare(&self, operand: &Scalar<'_>) -> Option<Ordering> {
        match (self, operand) {
            (Self::Text(constant), Scalar::Text(text)) => Some(text.as_bytes().cmp(constant.as_bytes())),
            (Self::Int(constant), Scalar::Int(int)) => Some(int.cmp(constant)),
            (Self::Bool(constant), Scalar::Bool(bool)) => Some(bool.cmp(constant)),
            _ => None,
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Int(int) => Value::from(*int),
            Self::Bool(bool) => Value::from(*bool),
        }
    }
}
