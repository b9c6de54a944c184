//! Filters of lists.

use std::cmp::Ordering;

use super::RenderError;
use super::filter::Filter;
use super::number::Operation;
use super::render::{OUTPUT, Render, TEXT};
use super::value::{Val, made};
use crate::Value;

impl<'a> Render<'a> {
    pub(super) fn list(&mut self, filter: Filter, input: &Val<'a>, [one, two]: &[Val<'a>; 2], given: usize) -> Val<'a> {
        let Some(items) = input.list() else {
            self.fail(RenderError::Limit("a range of 10,000"));
            return Val::Nil;
        };
        let size = items.len();
        // Sorting moves items, and looking for the same one again compares all that were kept.
        let each = match filter {
            Filter::Sort | Filter::SortNatural => size / 64 + 1,
            Filter::Uniq => size / 16 + 1,
            _ => 2,
        };
        if !self.spend(size.saturating_mul(each)) {
            return Val::Nil;
        }
        match filter {
            Filter::Join => return self.join(&items, if given == 0 { &Val::Text(" ") } else { one }),
            Filter::Sum => return self.sum(&items, one),
            _ => {}
        }
        let mut kept: Vec<Val<'a>> = Vec::with_capacity(size);
        // What the kept ones are compared by.
        let mut keys: Vec<Val<'a>> = Vec::new();
        for (place, item) in items.into_iter().enumerate() {
            if self.failure.is_some() {
                return Val::Nil;
            }
            let key = match (filter, one) {
                (Filter::Reverse | Filter::Concat, _) => Some(Val::Nil),
                (Filter::Compact | Filter::Uniq | Filter::Sort | Filter::SortNatural, Val::Nil) => Some(item.clone()),
                _ => self.property(&item, one),
            };
            match filter {
                Filter::Reverse | Filter::Concat => kept.push(item),
                Filter::Map => kept.push(key.unwrap_or(Val::Nil)),
                Filter::Compact => {
                    if !matches!(key, None | Some(Val::Nil)) {
                        kept.push(item);
                    }
                }
                Filter::Uniq => {
                    let key = key.unwrap_or(Val::Nil);
                    if !keys.iter().any(|known| known.equals(&key)) {
                        keys.push(key);
                        kept.push(item);
                    }
                }
                Filter::Sort | Filter::SortNatural => {
                    let mut key = key.unwrap_or(Val::Nil);
                    if filter == Filter::SortNatural && !matches!(key, Val::Nil) {
                        key = made(key.text().to_ascii_lowercase());
                    }
                    let place = self.place(&keys, &key);
                    keys.insert(place, key);
                    kept.insert(place, item);
                }
                // One question to each item, five answers.
                _ => {
                    // Where an item can have no properties the whole answer is nil, as in Liquid.
                    let Some(found) = key else { return Val::Nil };
                    let holds = if matches!(two, Val::Nil) { found.is_truthy() } else { found.equals(two) };
                    match filter {
                        Filter::Find if holds => return item,
                        Filter::FindIndex if holds => return Val::Int(place as i64),
                        Filter::Has if holds => return Val::Bool(true),
                        Filter::Where if holds => kept.push(item),
                        Filter::Reject if !holds => kept.push(item),
                        _ => {}
                    }
                }
            }
        }
        match filter {
            Filter::Has => return Val::Bool(false),
            Filter::Find | Filter::FindIndex => return Val::Nil,
            Filter::Reverse => kept.reverse(),
            Filter::Concat => match (one.size(), one) {
                (Some(more), Val::List(_) | Val::Range(..) | Val::Tree(Value::Array(_))) => {
                    if self.spend(more) {
                        for place in 0..more {
                            kept.extend(one.item(place));
                        }
                    }
                }
                _ => return self.wrong(&["`concat` needs a list"]),
            },
            _ => {}
        }
        Val::List(kept.into())
    }

    /// What `item[name]` is: nothing where the item has no such thing at all, a failure where the name makes no sense.
    fn property(&mut self, item: &Val<'a>, name: &Val<'a>) -> Option<Val<'a>> {
        match (item, name) {
            (Val::Tree(Value::Object(_)), _) => Some(item.at(name).unwrap_or(Val::Nil)),
            // A whole number has bits.
            (Val::Int(int), Val::Int(bit)) => Some(Val::Int((int >> (*bit).clamp(0, 63)) & 1)),
            (Val::Int(_), _) => Some(self.wrong(&["a number has no `", &name.text(), "`"])),
            _ => {
                // A text has the parts that are in it.
                item.as_text()?;
                Some(if item.has_part(name) { made(name.text().into_owned()) } else { Val::Nil })
            }
        }
    }

    fn join(&mut self, items: &[Val<'a>], glue: &Val<'a>) -> Val<'a> {
        let mut text = String::new();
        let glue = glue.text();
        let mut first = true;
        for item in items {
            if !first {
                text.push_str(&glue);
            }
            first = false;
            item.write(&mut text);
            if text.len() > OUTPUT {
                self.fail(RenderError::Limit(TEXT));
                break;
            }
        }
        made(text)
    }

    fn sum(&mut self, items: &[Val<'a>], name: &Val<'a>) -> Val<'a> {
        let mut sum = Val::Int(0);
        for item in items {
            let item = if matches!(name, Val::Nil) { Some(item.clone()) } else { self.property(item, name) };
            // What a name leads to may be a list again.
            for part in item.and_then(|item| item.list()).unwrap_or_default() {
                sum = self.calculate(&sum, Operation::Plus, &part);
            }
        }
        sum
    }

    /// Where a key goes among sorted ones: after those that are not greater. What has no value comes last.
    fn place(&mut self, keys: &[Val<'a>], key: &Val<'a>) -> usize {
        let (mut low, mut high) = (0, keys.len());
        while low < high {
            let middle = low.midpoint(high);
            let Some(other) = keys.get(middle) else { break };
            let order = match (other, key) {
                (_, Val::Nil) => Ordering::Less,
                (Val::Nil, _) => Ordering::Greater,
                _ => other.compare(key).unwrap_or_else(|| {
                    if !other.equals(key) {
                        self.wrong(&["values of different types cannot be sorted"]);
                    }
                    Ordering::Equal
                }),
            };
            if order == Ordering::Greater { high = middle } else { low = middle + 1 }
        }
        low
    }
}
