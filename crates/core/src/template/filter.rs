//! The filters: one table of their names and arguments, and one place that says what each does.

use std::cmp::Ordering;
use std::ops::Range;

use super::date;
use super::expression::{Call, Expr};
use super::number::Operation;
use super::render::Render;
use super::value::{Val, made};
use crate::edits::edits;
use crate::list::Listed as _;
use crate::plural::Plural;
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
    FILTERS.iter().map(|spec| spec.name).listed()
}

pub(super) fn find(name: &str) -> Option<&'static Spec> {
    FILTERS.iter().find(|spec| spec.name == name)
}

/// What to say to a person who wrote a name that is none.
pub(super) fn unknown(name: &str, to: &mut String) {
    let names: Vec<&str> = FILTERS.iter().map(|spec| spec.name).listed();
    to.push_str("unknown filter `");
    to.push_str(name);
    to.push('`');
    nearest(name, &names, to);
}

impl Spec {
    /// Says what is wrong with a call, if anything is.
    pub(super) fn check(&self, arguments: usize, named: &[(Box<str>, Expr)], to: &mut String) {
        let mut wrong = if arguments < usize::from(self.least) {
            "needs more arguments"
        } else if arguments > usize::from(self.most) {
            "takes fewer arguments"
        } else {
            ""
        };
        let mut other = false;
        for (name, _) in named {
            other |= &**name == "other";
            if !self.named.contains(&&**name) {
                wrong = "has no argument of this name";
            }
        }
        if self.filter == Filter::Plural && if named.is_empty() { arguments != 2 } else { arguments > 0 || !other } {
            wrong = "takes two texts, or texts by category with one for `other`";
        }
        if !wrong.is_empty() {
            ["the filter `", self.name, "` ", wrong].iter().for_each(|part| to.push_str(part));
        }
    }
}

/// Adds the known name that is nearest to a wrong one, if any is near.
pub(super) fn nearest(name: &str, known: &[&str], to: &mut String) {
    let mut best = ("", 3);
    for known in known {
        let steps = edits(name, known);
        if steps < best.1 && steps * 2 <= known.len() {
            best = (known, steps);
        }
    }
    if !best.0.is_empty() {
        ["; did you mean `", best.0, "`"].iter().for_each(|part| to.push_str(part));
    }
}

impl<'a> Render<'a> {
    pub(super) fn apply(&mut self, call: &'a Call, input: Val<'a>, arguments: &[Val<'a>; 2]) -> Val<'a> {
        use Filter as F;
        let [one, two] = arguments;
        let given = call.arguments.len();
        match call.filter {
            F::Default => {
                let kept = self.named(call, "allow_false").is_truthy();
                let missing = if kept { matches!(input, Val::Nil) } else { !input.is_truthy() };
                if !missing && !input.is_empty() {
                    return input;
                }
                if given == 0 { Val::Text("") } else { one.clone() }
            }
            F::Plus => self.calculate(&input, Operation::Plus, one),
            F::Minus => self.calculate(&input, Operation::Minus, one),
            F::Times => self.calculate(&input, Operation::Times, one),
            F::DividedBy => self.calculate(&input, Operation::Divide, one),
            F::Modulo => self.calculate(&input, Operation::Modulo, one),
            F::Abs | F::Ceil | F::Floor | F::Round | F::AtLeast | F::AtMost => {
                let (number, bound) = (input.number(), one.number());
                let order = number.float().partial_cmp(&bound.float());
                let number = match call.filter {
                    F::Abs => number.abs(),
                    F::Ceil => number.floor(true),
                    F::Floor => number.floor(false),
                    F::Round => number.round(bound.float() as i64),
                    F::AtLeast if order == Some(Ordering::Less) => bound,
                    F::AtMost if order == Some(Ordering::Greater) => bound,
                    _ => number,
                };
                number.into()
            }
            F::Size => Val::Int(input.size().unwrap_or(0) as i64),
            F::First => input.first().unwrap_or(Val::Nil),
            F::Last => input.last().unwrap_or(Val::Nil),
            F::Date => date::format(&input, one, self.scope.now()),
            F::Json => made(to_json(&input.json())),
            F::T => {
                let count = self.named(call, "count").json();
                let mut to = String::new();
                let count = if count.is_null() { None } else { Some(&count) };
                if let Err(error) = self.scope.text(&input.text(), count, &mut to) {
                    self.fail(error);
                }
                made(to)
            }
            F::Plural => {
                let category = self.scope.category(&input.json());
                match (given, category) {
                    (0, category) => match self.named(call, category.name()) {
                        Val::Nil => self.named(call, "other"),
                        form => form,
                    },
                    (_, Plural::One) => one.clone(),
                    _ => two.clone(),
                }
            }
            F::Slice if input.is_list() => {
                let range = self.window(input.size().unwrap_or(0), arguments);
                let mut list = Vec::new();
                if self.spend(range.len()) {
                    for place in range {
                        list.extend(input.item(place));
                    }
                }
                Val::List(list.into())
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
            | F::Where => self.list(call.filter, &input, arguments, given),
            F::Split => self.split(&input.text(), one),
            filter => {
                let mut to = String::new();
                self.text(filter, &input.text(), arguments, given, &mut to);
                made(to)
            }
        }
    }

    fn named(&self, call: &'a Call, name: &str) -> Val<'a> {
        match call.named.iter().rev().find(|(known, _)| **known == *name) {
            Some((_, expr)) => self.value(expr),
            None => Val::Nil,
        }
    }

    pub(super) fn calculate(&mut self, left: &Val<'a>, operation: Operation, right: &Val<'a>) -> Val<'a> {
        match left.number().calculate(operation, right.number()) {
            Some(number) => number.into(),
            None => self.wrong(&["divided by zero, or the result is too large"]),
        }
    }

    /// Which of `size` items `slice` takes; places before 0 count from the end.
    pub(super) fn window(&mut self, size: usize, [first, length]: &[Val<'a>; 2]) -> Range<usize> {
        let (mut first, size) = (self.integer(first), size as i64);
        let length = if length.is_truthy() { self.integer(length) } else { 1 };
        if first < 0 {
            first = first.saturating_add(size);
        }
        if first < 0 || first > size || length < 0 {
            return 0..0;
        }
        first as usize..first.saturating_add(length).min(size) as usize
    }
}
