//! Golden Liquid: templates with data and expected results, made from Shopify's Liquid.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use hearken_core::conformance::liquid::{self, Failure};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::report::Report;

/// Filters of Liquid that are left out on purpose (docs/templates.md).
const LEFT_OUT: [&str; 4] = ["base64_decode", "base64_encode", "base64_url_safe_decode", "base64_url_safe_encode"];

pub(super) fn run(path: &Path) -> Result<Report> {
    let file = if path.is_dir() { path.join("golden_liquid.json") } else { PathBuf::from(path) };
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let suite: Value = serde_json::from_str(&text).with_context(|| format!("parsing {}", file.display()))?;
    let orders: OrderedSuite = serde_json::from_str(&text)?;
    let cases = suite["tests"].as_array().context("the file has no list `tests`")?;
    let strict: BTreeSet<&str> = cases
        .iter()
        .filter(|case| tags(case).any(|tag| tag == "strict2") && case["invalid"] == true)
        .filter_map(|case| case["template"].as_str())
        .collect();
    let mut report = Report::default();
    for (case, order) in cases.iter().zip(&orders.tests) {
        let name = case["name"].as_str().context("a case has no `name`")?.to_owned();
        let template = case["template"].as_str().context("a case has no `template`")?;
        let outcome = liquid::render(template, &case["data"]);
        match left_out(case, &outcome) {
            Some(reason) => report.skipped.push((name, reason)),
            None if is_expected(case, &outcome) => report.passed.push(name),
            None => match differs(case, template, &outcome, &strict, order.data.0) {
                Some(reason) => report.skipped.push((name, reason.to_owned())),
                None => report.failed.push((name, format!("{template:?} gives {outcome:?}, not {}", wanted(case)))),
            },
        }
    }
    Ok(report)
}

fn tags(case: &Value) -> impl Iterator<Item = &str> {
    case["tags"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn wanted(case: &Value) -> String {
    if case["invalid"] == true { "an error".to_owned() } else { format!("{}{}", case["result"], case["results"]) }
}

fn is_expected(case: &Value, outcome: &Result<String, Failure>) -> bool {
    match outcome {
        Err(_) => case["invalid"] == true,
        Ok(text) => {
            case["result"].as_str() == Some(text)
                || case["results"].as_array().is_some_and(|any| any.iter().any(|result| result.as_str() == Some(text)))
        }
    }
}

/// Why a case uses something that is not there at all. Told by its tags, or by the parser's own words.
fn left_out(case: &Value, outcome: &Result<String, Failure>) -> Option<String> {
    for tag in tags(case) {
        if let Some(name) = tag.strip_suffix(" tag")
            && !liquid::tags().contains(&name)
            && !["break", "continue"].contains(&name)
        {
            return Some(format!("the tag `{name}` is left out"));
        }
        if let Some(name) = tag.strip_suffix(" filter")
            && !liquid::filters().contains(&name)
        {
            return Some(format!("the filter `{name}` is left out"));
        }
    }
    let Err(Failure::Source(message)) = outcome else { return None };
    if let Some((_, rest)) = message.split_once("the tag `")
        && let Some((name, _)) = rest.split_once("` of Liquid is left out")
    {
        return Some(format!("the tag `{name}` is left out"));
    }
    let (_, rest) = message.split_once("unknown filter `")?;
    let name = rest.split('`').next().unwrap_or_default();
    LEFT_OUT.contains(&name).then(|| format!("the filter `{name}` is left out"))
}

/// Why a result differs on purpose (docs/templates.md). Looked at only where it does.
fn differs(
    case: &Value,
    template: &str,
    outcome: &Result<String, Failure>,
    strict: &BTreeSet<&str>,
    unsorted: bool,
) -> Option<&'static str> {
    match outcome {
        Err(Failure::Source(_)) if strict.contains(template) => {
            Some("read leniently here and as an error in strict mode by another case; a mistake is always an error")
        }
        Ok(seen) => {
            let result = case["result"].as_str()?;
            if tags(case).any(|tag| tag == "date filter") && has_fuzzy_date(template) {
                return Some(
                    "dates are RFC 3339, seconds, `now` or `today`; texts such as `March 14, 2016` are no dates",
                );
            }
            let same_letters = |text: &str| {
                let mut letters: Vec<char> = text.chars().collect();
                letters.sort_unstable();
                letters
            };
            (unsorted && same_letters(seen) == same_letters(result))
                .then_some("objects are read in the order of their names: the order in a document means nothing")
        }
        Err(_) => None,
    }
}

/// A text in quotes that goes into `date` and is none.
fn has_fuzzy_date(template: &str) -> bool {
    let input = template.split("| date").next().unwrap_or_default();
    let mut parts = input.trim_end().rsplitn(3, ['\'', '"']);
    matches!((parts.next(), parts.next()), (Some(""), Some(text)) if !liquid::is_date(text))
}

/// Whether an object somewhere in a document has its names in another order than that of their letters. The order is
/// lost once it is read as a value, so this reads the document in its own way.
struct Unsorted(bool);

impl<'de> Deserialize<'de> for Unsorted {
    fn deserialize<D: Deserializer<'de>>(document: D) -> Result<Self, D::Error> {
        document.deserialize_any(Order)
    }
}

struct Order;

impl<'de> Visitor<'de> for Order {
    type Value = Unsorted;

    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unsorted, A::Error> {
        let (mut last, mut unsorted) = (String::new(), false);
        while let Some((name, Unsorted(inner))) = map.next_entry::<String, Unsorted>()? {
            unsorted |= inner || name < last;
            last = name;
        }
        Ok(Unsorted(unsorted))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Unsorted, A::Error> {
        let mut unsorted = false;
        while let Some(Unsorted(inner)) = list.next_element()? {
            unsorted |= inner;
        }
        Ok(Unsorted(unsorted))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unsorted, E> {
        Ok(Unsorted(false))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unsorted, E> {
        Ok(Unsorted(false))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unsorted, E> {
        Ok(Unsorted(false))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unsorted, E> {
        Ok(Unsorted(false))
    }

    fn visit_str<E>(self, _: &str) -> Result<Unsorted, E> {
        Ok(Unsorted(false))
    }

    fn visit_unit<E>(self) -> Result<Unsorted, E> {
        Ok(Unsorted(false))
    }
}

/// A case, for the order of the names in its data.
#[derive(Deserialize)]
struct Ordered {
    #[serde(default = "sorted")]
    data: Unsorted,
}

#[derive(Deserialize)]
struct OrderedSuite {
    tests: Vec<Ordered>,
}

fn sorted() -> Unsorted {
    Unsorted(false)
}
