//! Values while a template is rendered. Nothing of the scope is copied: what a filter makes is shared, the rest borrowed.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::rc::Rc;

use super::number::{Number, write_float};
use super::render::ITERATIONS;
use super::text::trimmed;
use crate::Value;
use crate::list::Listed as _;
use crate::wire::Write as _;

#[derive(Clone, Debug)]
pub(super) enum Val<'a> {
    Nil,
    Blank,
    Empty,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    Made(Rc<str>),
    List(Rc<Vec<Val<'a>>>),
    /// A list or an object of the scope.
    Tree(&'a Value),
    Range(i64, i64),
    /// The `forloop` of the loop with this depth.
    Loop(usize),
}

impl<'a> From<&'a Value> for Val<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Nil,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::String(text) => Self::Text(text),
            Value::Number(number) => match number.as_i64() {
                Some(int) => Self::Int(int),
                None => Self::Float(number.as_f64().unwrap_or(0.0)),
            },
            Value::Array(_) | Value::Object(_) => Self::Tree(value),
        }
    }
}

impl From<Number> for Val<'_> {
    fn from(number: Number) -> Self {
        match number {
            Number::Int(int) => Self::Int(int),
            Number::Float(float) => Self::Float(float),
        }
    }
}

impl<'a> Val<'a> {
    pub(super) fn is_truthy(&self) -> bool {
        !matches!(self, Self::Nil | Self::Bool(false))
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Made(text) => Some(text),
            _ => None,
        }
    }

    /// The text that a filter works on.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Made(text) => Cow::Borrowed(text),
            _ => {
                let mut text = String::new();
                if self.is_list() {
                    self.inspect(&mut text)
                } else {
                    self.write(&mut text)
                }
                Cow::Owned(text)
            }
        }
    }

    pub(super) fn number(&self) -> Number {
        match self {
            Self::Int(int) => Number::Int(*int),
            Self::Float(float) => Number::Float(*float),
            _ => self.as_text().map_or(Number::Int(0), Number::read),
        }
    }

    /// A whole number, or a text that is one and nothing else.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            _ => trimmed(self.as_text()?, true, true).parse().ok(),
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::List(_) | Self::Tree(Value::Array(_)))
    }

    /// How many characters, items or entries.
    pub(super) fn size(&self) -> Option<usize> {
        match self {
            Self::List(list) => Some(list.len()),
            Self::Tree(Value::Array(list)) => Some(list.len()),
            Self::Tree(Value::Object(object)) => Some(object.len()),
            Self::Range(first, last) => Some(range_size(*first, *last)),
            _ => self.as_text().map(|text| text.chars().count()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Made(text) => text.is_empty(),
            Self::Range(..) => false,
            _ => self.size() == Some(0),
        }
    }

    fn is_blank(&self) -> bool {
        match self {
            Self::Nil | Self::Bool(false) => true,
            _ => self.as_text().map_or_else(|| self.is_empty(), |text| trimmed(text, true, false).is_empty()),
        }
    }

    /// An item of a list or a range, an entry of an object as a list of its name and its value.
    pub(super) fn item(&self, place: usize) -> Option<Self> {
        match self {
            Self::List(list) => list.get(place).cloned(),
            Self::Tree(Value::Array(list)) => list.get(place).map(Self::from),
            Self::Tree(Value::Object(object)) => object
                .iter()
                .nth(place)
                .map(|(name, value)| Self::List(Rc::new(vec![Self::Text(name), Self::from(value)]))),
            Self::Range(first, last) => {
                (place < range_size(*first, *last)).then(|| Self::Int(first.saturating_add(place as i64)))
            }
            _ => None,
        }
    }

    /// The value of a name or of a place, counted from the end if it is negative.
    pub(super) fn at(&self, key: &Val<'a>) -> Option<Self> {
        match (self, key) {
            (Self::Tree(Value::Object(object)), _) => object.get(key.as_text()?).map(Self::from),
            (_, Self::Int(place)) if self.is_list() => {
                let from = if *place < 0 { self.size()? as i64 } else { 0 };
                self.item(usize::try_from(place.checked_add(from)?).ok()?)
            }
            _ => None,
        }
    }

    /// What `.size`, `.first` and `.last` mean where there is no such name.
    pub(super) fn named(&self, name: &str) -> Option<Self> {
        match name {
            "size" => self.size().map(|size| Self::Int(size as i64)),
            "first" => self.first(),
            "last" => self.last(),
            _ => None,
        }
    }

    pub(super) fn first(&self) -> Option<Self> {
        match self.as_text() {
            Some(text) => text.chars().next().map(letter),
            None => self.item(0),
        }
    }

    pub(super) fn last(&self) -> Option<Self> {
        match self {
            Self::Tree(Value::Object(_)) => None,
            Self::Range(first, last) => (first <= last).then_some(Self::Int(*last)),
            _ => match self.as_text() {
                Some(text) => text.chars().next_back().map(letter),
                None => self.item(self.size()?.checked_sub(1)?),
            },
        }
    }

    /// What a filter of lists works on: lists in lists are one list, anything else is a list of one. Nothing for a
    /// range that is too long.
    pub(super) fn list(&self) -> Option<Vec<Self>> {
        let mut list = Vec::new();
        match self {
            Self::Nil => {}
            Self::Range(first, last) => {
                if range_size(*first, *last) > ITERATIONS as usize {
                    return None;
                }
                for int in *first..=*last {
                    list.push(Self::Int(int));
                }
            }
            _ => self.flatten(&mut list),
        }
        Some(list)
    }

    fn flatten(&self, to: &mut Vec<Self>) {
        match self {
            Self::List(list) => list.iter().for_each(|item| item.flatten(to)),
            Self::Tree(Value::Array(list)) => list.iter().for_each(|item| Self::from(item).flatten(to)),
            _ => to.push(self.clone()),
        }
    }

    /// Prints it the way that `{{ }}` does.
    pub(super) fn write(&self, to: &mut String) {
        match self {
            Self::Nil | Self::Blank | Self::Empty | Self::Loop(_) => {}
            Self::Bool(bool) => bool.write(to),
            Self::Int(int) => int.write(to),
            Self::Float(float) => write_float(*float, to),
            Self::Text(text) => to.push_str(text),
            Self::Made(text) => to.push_str(text),
            Self::Range(first, last) => drop(write!(to, "{first}..{last}")),
            Self::Tree(Value::Object(_)) => self.inspect(to),
            Self::List(_) | Self::Tree(_) => {
                for place in 0..self.size().unwrap_or(0) {
                    if let Some(item) = self.item(place) {
                        item.write(to);
                    }
                }
            }
        }
    }

    /// Prints a list or an object so that a person sees what it is, as Liquid does.
    fn inspect(&self, to: &mut String) {
        let object = matches!(self, Self::Tree(Value::Object(_)));
        match self {
            Self::Nil => to.push_str("nil"),
            Self::List(_) | Self::Tree(_) => {
                to.push(if object { '{' } else { '[' });
                for place in 0..self.size().unwrap_or(0) {
                    if place > 0 {
                        to.push_str(", ");
                    }
                    match self.item(place) {
                        Some(Self::List(entry)) if object => {
                            entry.iter().enumerate().for_each(|(part, value)| {
                                to.push_str(if part > 0 { "=>" } else { "" });
                                value.inspect(to);
                            });
                        }
                        Some(item) => item.inspect(to),
                        None => {}
                    }
                }
                to.push(if object { '}' } else { ']' });
            }
            _ => match self.as_text() {
                Some(text) => text.write(to),
                None => self.write(to),
            },
        }
    }

    /// The same as JSON.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Nil | Self::Blank | Self::Empty | Self::Loop(_) => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Int(int) => Value::from(*int),
            Self::Float(float) => Value::from(*float),
            Self::Tree(value) => (*value).clone(),
            Self::List(list) => Value::Array(list.iter().map(Self::json).listed()),
            Self::Range(..) => Value::String(self.text().into_owned()),
            Self::Text(text) => Value::from(*text),
            Self::Made(text) => Value::from(&**text),
        }
    }

    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Blank, value) | (value, Self::Blank) => value.is_blank(),
            (Self::Empty, value) | (value, Self::Empty) => value.is_empty(),
            (Self::Nil, Self::Nil) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Int(_) | Self::Float(_), Self::Int(_) | Self::Float(_)) => {
                self.number().float() == other.number().float()
            }
            (Self::Range(a, b), Self::Range(c, d)) => a == c && b == d,
            (Self::Loop(a), Self::Loop(b)) => a == b,
            (Self::Tree(Value::Object(a)), Self::Tree(Value::Object(b))) => {
                a.len() == b.len()
                    && a.iter().all(|(name, value)| {
                        b.get(name).is_some_and(|other| Self::from(value).equals(&Self::from(other)))
                    })
            }
            _ if self.is_list() && other.is_list() => {
                let size = self.size();
                size == other.size()
                    && (0..size.unwrap_or(0)).all(|place| match (self.item(place), other.item(place)) {
                        (Some(a), Some(b)) => a.equals(&b),
                        _ => false,
                    })
            }
            _ => match (self.as_text(), other.as_text()) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
        }
    }

    /// Numbers with numbers, texts with texts; anything else has no order.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Int(_) | Self::Float(_), Self::Int(_) | Self::Float(_)) => {
                self.number().float().partial_cmp(&other.number().float())
            }
            _ => Some(self.as_text()?.cmp(other.as_text()?)),
        }
    }

    /// Whether it is a number or a text: two of these that have no order are a mistake.
    pub(super) fn is_ordered(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Float(_) | Self::Text(_) | Self::Made(_))
    }

    pub(super) fn contains(&self, other: &Self) -> bool {
        if !other.is_truthy() {
            return false;
        }
        match self {
            Self::Tree(Value::Object(object)) => other.as_text().is_some_and(|name| object.contains_key(name)),
            Self::Range(first, last) => {
                let number = other.number().float();
                matches!(other, Self::Int(_) | Self::Float(_)) && number >= *first as f64 && number <= *last as f64
            }
            _ if self.as_text().is_some() => self.has_part(other),
            _ => (0..self.size().unwrap_or(0)).any(|place| self.item(place).is_some_and(|item| item.equals(other))),
        }
    }
}

pub(super) fn made<'a>(text: String) -> Val<'a> {
    Val::Made(text.into())
}

fn letter<'a>(c: char) -> Val<'a> {
    made(c.to_string())
}

fn range_size(first: i64, last: i64) -> usize {
    // Far more than a loop may run.
    last.saturating_sub(first).saturating_add(1).clamp(0, i64::from(i32::MAX)) as usize
}
