//! The filters: one table of their names and arguments, and one place that says what each does.

use super::expression::{Call, Expr};
use super::number::Operation;
use super::render::Render;
use super::value::{Val, made};
use super::{RenderError, date, list, text};
use crate::wire::to_json;

/// A filter, how many arguments it needs and takes, and which it takes by name.
pub(super) struct Spec {
    name: &'static str,
    pub(super) filter: Filter,
    least: u8,
    most: u8,
    named: &'static [&'static str],
}

macro_rules! filters {
    ($( $filter:ident $name:literal $least:literal..=$most:literal $([$($named:literal),*])? ),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Filter { $( $filter ),* }

        static FILTERS: &[Spec] = &[ $( Spec {
            name: $name, filter: Filter::$filter, least: $least, most: $most, named: &[$($($named),*)?],
        } ),* ];
    };
}

filters! {
    Abs "abs" 0..=0,
    Append "append" 1..=1,
    AtLeast "at_least" 1..=1,
    AtMost "at_most" 1..=1,
    Capitalize "capitalize" 0..=0,
    Ceil "ceil" 0..=0,
    Compact "compact" 0..=1,
    Concat "concat" 1..=1,
    Date "date" 1..=1,
    Default "default" 0..=1 ["allow_false"],
    DividedBy "divided_by" 1..=1,
    Downcase "downcase" 0..=0,
    Escape "escape" 0..=0,
    EscapeOnce "escape_once" 0..=0,
    Find "find" 1..=2,
    FindIndex "find_index" 1..=2,
    First "first" 0..=0,
    Floor "floor" 0..=0,
    Has "has" 1..=2,
    Join "join" 0..=1,
    Json "json" 0..=0,
    Last "last" 0..=0,
    Lstrip "lstrip" 0..=0,
    Map "map" 1..=1,
    Minus "minus" 1..=1,
    Modulo "modulo" 1..=1,
    NewlineToBr "newline_to_br" 0..=0,
    Plural "plural" 0..=2 ["zero", "one", "two", "few", "many", "other"],
    Plus "plus" 1..=1,
    Prepend "prepend" 1..=1,
    Reject "reject" 1..=2,
    Remove "remove" 1..=1,
    RemoveFirst "remove_first" 1..=1,
    RemoveLast "remove_last" 1..=1,
    Replace "replace" 1..=2,
    ReplaceFirst "replace_first" 1..=2,
    ReplaceLast "replace_last" 2..=2,
    Reverse "reverse" 0..=0,
    Round "round" 0..=1,
    Rstrip "rstrip" 0..=0,
    Size "size" 0..=0,
    Slice "slice" 1..=2,
    Sort "sort" 0..=1,
    SortNatural "sort_natural" 0..=1,
    Split "split" 1..=1,
    Strip "strip" 0..=0,
    StripHtml "strip_html" 0..=0,
    StripNewlines "strip_newlines" 0..=0,
    Sum "sum" 0..=1,
    T "t" 0..=0 ["count"],
    Times "times" 1..=1,
    Truncate "truncate" 0..=2,
    TruncateWords "truncatewords" 0..=2,
    Uniq "uniq" 0..=1,
    Upcase "upcase" 0..=0,
    UrlDecode "url_decode" 0..=0,
    UrlEncode "url_encode" 0..=0,
    Where "where" 1..=2,
}

#[cfg(any(test, feature = "conformance"))]
pub(crate) fn names() -> Vec<&'static str> {
    FILTERS.iter().map(|spec| spec.name).collect()
}

/// The filter of a name, or what to say to a person who wrote it.
pub(super) fn find(name: &str) -> Result<&'static Spec, String> {
    FILTERS.iter().find(|spec| spec.name == name).ok_or_else(|| {
        let mut message = ["unknown filter `", name, "`"].concat();
        nearest(name, FILTERS.iter().map(|spec| spec.name), &mut message);
        message
    })
}

impl Spec {
    /// Whether a call fits.
    pub(super) fn check(&self, arguments: usize, named: &[(Box<str>, Expr)]) -> Result<(), String> {
        let wrong = |what: &str| Err(["the filter `", self.name, "` ", what].concat());
        if arguments < usize::from(self.least) {
            return wrong("needs more arguments");
        }
        if arguments > usize::from(self.most) {
            return wrong("takes fewer arguments");
        }
        for (name, _) in named {
            if !self.named.contains(&&**name) {
                return wrong(&["has no argument `", name, "`"].concat());
            }
        }
        if self.filter == Filter::Plural {
            let other = named.iter().any(|(name, _)| &**name == "other");
            if if named.is_empty() { arguments != 2 } else { arguments > 0 || !other } {
                return wrong("takes two texts, or texts by category with one for `other`");
            }
        }
        Ok(())
    }
}

/// Adds the known name that is nearest to a wrong one, if any is near.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>, message: &mut String) {
    let mut best = ("", 3);
    for known in known {
        let steps = distance(name.as_bytes(), known.as_bytes());
        if steps < best.1 && steps * 2 <= known.len() {
            best = (known, steps);
        }
    }
    if !best.0.is_empty() {
        message.push_str("; did you mean `");
        message.push_str(best.0);
        message.push('`');
    }
}

/// How many letters have to be added, left out or changed; at least 3 is not counted further.
fn distance(a: &[u8], b: &[u8]) -> usize {
    if a.len().abs_diff(b.len()) > 2 {
        return 3;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (right, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let changed = diagonal + usize::from(left != right);
            diagonal = *cell;
            before = changed.min(diagonal + 1).min(before + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(3)
}

impl<'a> Render<'a> {
    pub(super) fn apply(
        &mut self,
        call: &'a Call,
        input: Val<'a>,
        arguments: &[Val<'a>; 2],
    ) -> Result<Val<'a>, RenderError> {
        use Filter as F;
        let [one, two] = arguments;
        let given = call.arguments.len();
        Ok(match call.filter {
            F::Default => {
                let kept = self.named(call, "allow_false").is_truthy();
                let missing = if kept { matches!(input, Val::Nil) } else { !input.is_truthy() };
                let replaced = missing || (input.is_empty() && !matches!(input, Val::Range(..)));
                match replaced {
                    false => input,
                    true if given == 0 => Val::Text(""),
                    true => one.clone(),
                }
            }
            F::Plus => calculate(&input, Operation::Plus, one)?,
            F::Minus => calculate(&input, Operation::Minus, one)?,
            F::Times => calculate(&input, Operation::Times, one)?,
            F::DividedBy => calculate(&input, Operation::Divide, one)?,
            F::Modulo => calculate(&input, Operation::Modulo, one)?,
            F::Abs => input.number().abs().into(),
            F::Ceil => input.number().floor(true).into(),
            F::Floor => input.number().floor(false).into(),
            F::Round => input.number().round(one.number().float() as i64).into(),
            F::AtLeast | F::AtMost => {
                let (number, bound) = (input.number(), one.number());
                let low = number.float() < bound.float();
                let replaced = if call.filter == F::AtLeast { low } else { number.float() > bound.float() };
                if replaced { bound.into() } else { number.into() }
            }
            F::Size => Val::Int(input.size().unwrap_or(0) as i64),
            F::First => input.first().unwrap_or(Val::Nil),
            F::Last => input.last().unwrap_or(Val::Nil),
            F::Slice if input.is_list() => {
                let length = if two.is_truthy() { two.integer()? } else { 1 };
                let size = input.size().unwrap_or(0);
                let range = text::window(size, one.integer()?, length);
                self.spend(range.len())?;
                list::some(range.filter_map(|place| input.item(place)).collect())
            }
            F::Compact
            | F::Concat
            | F::Find
            | F::FindIndex
            | F::Has
            | F::Join
            | F::Map
            | F::Reject
            | F::Reverse
            | F::Sort
            | F::SortNatural
            | F::Sum
            | F::Uniq
            | F::Where => {
                let items = input.list()?;
                // Sorting and looking for the same again take more than one step an item.
                let factor = if matches!(call.filter, F::Uniq) { items.len() / 16 + 1 } else { 2 };
                self.spend(items.len() * factor)?;
                list::apply(call.filter, items, one, two, given)?
            }
            F::Split => {
                let input = input.text();
                let list = text::split(&input, &one.text());
                self.spend(list.len())?;
                list::some(list)
            }
            F::Date => date::format(&input, one, self.scope.now()),
            F::Json => made(to_json(&input.json())),
            F::T => {
                let count = self.named(call, "count").json();
                let mut to = String::new();
                self.scope.text(&input.text(), (!count.is_null()).then_some(&count), &mut to)?;
                made(to)
            }
            F::Plural => {
                let category = self.scope.category(&input.json());
                if given == 2 {
                    return Ok(if category == crate::plural::Plural::One { one.clone() } else { two.clone() });
                }
                match call.named.iter().find(|(name, _)| **name == *category.name()) {
                    Some((_, expr)) => self.value(expr),
                    None => self.named(call, "other"),
                }
            }
            F::Escape | F::Truncate | F::TruncateWords if matches!(input, Val::Nil) => input,
            F::Slice
            | F::Append
            | F::Prepend
            | F::Capitalize
            | F::Downcase
            | F::Upcase
            | F::Escape
            | F::EscapeOnce
            | F::Lstrip
            | F::Rstrip
            | F::Strip
            | F::NewlineToBr
            | F::Remove
            | F::RemoveFirst
            | F::RemoveLast
            | F::Replace
            | F::ReplaceFirst
            | F::ReplaceLast
            | F::StripHtml
            | F::StripNewlines
            | F::Truncate
            | F::TruncateWords
            | F::UrlDecode
            | F::UrlEncode => made(text::apply(call.filter, &input.text(), arguments, given)?),
        })
    }

    fn named(&self, call: &'a Call, name: &str) -> Val<'a> {
        match call.named.iter().rev().find(|(known, _)| **known == *name) {
            Some((_, expr)) => self.value(expr),
            None => Val::Nil,
        }
    }
}

fn calculate<'a>(left: &Val<'a>, operation: Operation, right: &Val<'a>) -> Result<Val<'a>, RenderError> {
    match left.number().calculate(operation, right.number()) {
        Some(number) => Ok(number.into()),
        None => Err(RenderError::Wrong("divided by zero, or the result is too large".to_owned())),
    }
}
