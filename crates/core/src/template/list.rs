//! Filters of lists.

use std::cmp::Ordering;
use std::rc::Rc;

use super::RenderError;
use super::filter::Filter;
use super::number::{Number, Operation};
use super::render::OUTPUT;
use super::value::{Val, made};
use crate::Value;

pub(super) fn some(items: Vec<Val<'_>>) -> Val<'_> {
    Val::List(Rc::new(items))
}

fn wrong<T>(message: &str) -> Result<T, RenderError> {
    Err(RenderError::Wrong(message.to_owned()))
}

pub(super) fn apply<'a>(
    filter: Filter,
    mut items: Vec<Val<'a>>,
    one: &Val<'a>,
    two: &Val<'a>,
    given: usize,
) -> Result<Val<'a>, RenderError> {
    match filter {
        Filter::Join => return join(&items, if given == 0 { " ".into() } else { one.text() }.as_ref()),
        Filter::Reverse => items.reverse(),
        Filter::Concat => {
            if !one.is_list() && !matches!(one, Val::Range(..)) {
                return wrong("`concat` needs a list");
            }
            for place in 0..one.size().unwrap_or(0) {
                if items.len() > OUTPUT {
                    return Err(RenderError::Limit("262,144 items in a list"));
                }
                items.extend(one.item(place));
            }
        }
        Filter::Map => {
            for item in &mut items {
                *item = property(item, one)?.unwrap_or(Val::Nil);
            }
        }
        Filter::Sum => return sum(items, one),
        Filter::Compact => {
            let mut kept = Vec::new();
            for item in items {
                if !matches!(key(&item, one)?, Val::Nil) {
                    kept.push(item);
                }
            }
            items = kept;
        }
        Filter::Uniq => {
            let mut kept: Vec<(Val<'a>, Val<'a>)> = Vec::new();
            for item in items {
                let key = key(&item, one)?;
                if !kept.iter().any(|(known, _)| known.equals(&key)) {
                    kept.push((key, item));
                }
            }
            items = kept.into_iter().map(|(_, item)| item).collect();
        }
        Filter::Sort | Filter::SortNatural => return sort(items, one, filter == Filter::SortNatural),
        _ => return select(filter, items, one, two),
    }
    Ok(some(items))
}

/// What `item[name]` is: nothing where the item has no such thing at all, an error where the name makes no sense for it.
fn property<'a>(item: &Val<'a>, name: &Val<'a>) -> Result<Option<Val<'a>>, RenderError> {
    Ok(Some(match (item, name) {
        (Val::Tree(Value::Object(_)), _) => item.at(name).unwrap_or(Val::Nil),
        // A whole number has bits.
        (Val::Int(int), Val::Int(bit)) => Val::Int(int.checked_shr((*bit).clamp(0, 63) as u32).unwrap_or(0) & 1),
        (Val::Int(_), _) => return wrong(&["a number has no `", &name.text(), "`"].concat()),
        _ => match item.as_text() {
            // A text has the parts that are in it.
            Some(text) => {
                let part = name.text();
                if text.contains(&*part) { made(part.into_owned()) } else { Val::Nil }
            }
            None => return Ok(None),
        },
    }))
}

/// What an item is sorted or compared by.
fn key<'a>(item: &Val<'a>, name: &Val<'a>) -> Result<Val<'a>, RenderError> {
    match name {
        Val::Nil => Ok(item.clone()),
        name => Ok(property(item, name)?.unwrap_or(Val::Nil)),
    }
}

fn join<'a>(items: &[Val<'a>], glue: &str) -> Result<Val<'a>, RenderError> {
    let mut text = String::new();
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            text.push_str(glue);
        }
        item.write(&mut text);
        if text.len() > OUTPUT {
            return Err(RenderError::Limit("256 KiB of text in a filter"));
        }
    }
    Ok(made(text))
}

fn sum<'a>(items: Vec<Val<'a>>, name: &Val<'a>) -> Result<Val<'a>, RenderError> {
    let mut sum = Number::Int(0);
    for item in items {
        let item = key(&item, name)?;
        // What a name leads to may be a list again.
        for part in item.list()? {
            let Some(next) = sum.calculate(Operation::Plus, part.number()) else {
                return wrong("the sum is too large");
            };
            sum = next;
        }
    }
    Ok(sum.into())
}

fn sort<'a>(items: Vec<Val<'a>>, name: &Val<'a>, natural: bool) -> Result<Val<'a>, RenderError> {
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        let mut by = key(&item, name)?;
        if natural && !matches!(by, Val::Nil) {
            by = made(by.text().to_ascii_lowercase());
        }
        keyed.push((by, item));
    }
    let mut failed = None;
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        // What has no value comes last.
        (Val::Nil, Val::Nil) => Ordering::Equal,
        (Val::Nil, _) => Ordering::Greater,
        (_, Val::Nil) => Ordering::Less,
        _ => match a.compare(b) {
            Ok(Some(order)) => order,
            Ok(None) if a.equals(b) => Ordering::Equal,
            _ => {
                failed = Some(RenderError::Wrong("values of different types cannot be sorted".to_owned()));
                Ordering::Equal
            }
        },
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(some(keyed.into_iter().map(|(_, item)| item).collect())),
    }
}

/// `where`, `reject`, `find`, `find_index` and `has`: one question to each item, five answers.
fn select<'a>(filter: Filter, items: Vec<Val<'a>>, name: &Val<'a>, value: &Val<'a>) -> Result<Val<'a>, RenderError> {
    if items.is_empty() {
        return Ok(match filter {
            Filter::Has => Val::Bool(false),
            Filter::Where | Filter::Reject => some(items),
            _ => Val::Nil,
        });
    }
    let mut kept = Vec::new();
    for (place, item) in items.into_iter().enumerate() {
        // Where an item can have no properties the whole answer is nil, as in Liquid.
        let Some(found) = property(&item, name)? else { return Ok(Val::Nil) };
        let holds = if matches!(value, Val::Nil) { found.is_truthy() } else { found.equals(value) };
        match filter {
            Filter::Find if holds => return Ok(item),
            Filter::FindIndex if holds => return Ok(Val::Int(place as i64)),
            Filter::Has if holds => return Ok(Val::Bool(true)),
            Filter::Where if holds => kept.push(item),
            Filter::Reject if !holds => kept.push(item),
            _ => {}
        }
    }
    Ok(match filter {
        Filter::Has => Val::Bool(false),
        Filter::Where | Filter::Reject => some(kept),
        _ => Val::Nil,
    })
}
