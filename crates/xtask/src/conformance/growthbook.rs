//! The cases that GrowthBook's SDKs share: one JSON document, a list of cases for each section, each case a positional array
//! that starts with its name (but for `hash` and `getEqualWeights`, which have none).

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use hearken_core::conformance::{self, Context};
use serde_json::{Map, Value};

/// A case: passed, failed with what was seen, or left out with a reason.
enum Verdict {
    Passed,
    Failed(String),
    Skipped(&'static str),
}

type Case = fn(&[Value]) -> Option<Verdict>;

struct Section {
    name: &'static str,
    /// Whether its skips count against the limit.
    counts: bool,
    case: Case,
}

const SECTIONS: [Section; 10] = [
    Section { name: "evalCondition", counts: true, case: eval_condition },
    Section { name: "hash", counts: true, case: hash },
    Section { name: "getBucketRange", counts: true, case: bucket_range },
    Section { name: "chooseVariation", counts: true, case: choose_variation },
    Section { name: "inNamespace", counts: true, case: in_namespace },
    Section { name: "getEqualWeights", counts: true, case: equal_weights },
    Section { name: "getQueryStringOverride", counts: false, case: query_override },
    Section { name: "stickyBucket", counts: false, case: sticky_bucket },
    Section { name: "run", counts: false, case: run_experiment },
    Section { name: "feature", counts: false, case: feature },
];

const NO_BANDITS: &str = "an experiment's weights are written in the playbook; a bandit's are learned elsewhere";

/// Sections that the core has nothing for.
const ABSENT: [(&str, &str); 3] = [
    ("contextualBandit", NO_BANDITS),
    ("decrypt", "playbooks are signed, not encrypted"),
    ("urlRedirect", "the engine shows messages and redirects nobody"),
];

/// Percent of the counted sections that may be skipped.
const MOST_SKIPPED: usize = 5;

pub(super) fn run(path: &Path) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let suite: Map<String, Value> = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    if let Some(version) = suite.get("specVersion").and_then(Value::as_str) {
        println!("growthbook cases {version}");
    }
    let (mut failed, mut counted, mut left_out, mut ran) = (0, 0, 0, 0);
    for section in &SECTIONS {
        let Some(Value::Array(cases)) = suite.get(section.name) else { continue };
        let tally = tally(section, cases);
        println!(
            "{:<24} {:>4} passed {:>4} skipped {:>4} failed",
            section.name,
            tally.passed,
            tally.skipped.len(),
            tally.failed.len()
        );
        for line in tally
            .skipped
            .iter()
            .map(|line| format!("skipped {line}"))
            .chain(tally.failed.iter().map(|line| format!("FAILED  {line}")))
        {
            println!("    {line}");
        }
        ran += tally.passed + tally.failed.len();
        failed += tally.failed.len();
        if section.counts {
            counted += cases.len();
            left_out += tally.skipped.len();
        }
    }
    if let Some(Value::Object(cases)) = suite.get("versionCompare") {
        let versions = versions(cases);
        let wrong: Vec<&String> = versions.iter().filter(|(_, passed)| !passed).map(|(name, _)| name).collect();
        println!(
            "{:<24} {:>4} passed {:>4} skipped {:>4} failed",
            "versionCompare",
            versions.len() - wrong.len(),
            0,
            wrong.len()
        );
        for name in &wrong {
            println!("    FAILED  {name}");
        }
        failed += wrong.len();
        ran += versions.len();
    }
    if let Some(Value::Array(cases)) = suite.get("evalCondition") {
        compare_native(cases);
    }
    for (name, cases) in &suite {
        if SECTIONS.iter().any(|section| section.name == name) {
            continue;
        }
        let reason = ABSENT.iter().find(|(absent, _)| absent == name).map_or("no runner", |(_, reason)| *reason);
        if let Value::Array(cases) = cases {
            println!("{name:<24} {:>4} passed {:>4} skipped {:>4} failed: {reason}", 0, cases.len(), 0);
        }
    }
    if ran == 0 {
        bail!("{} holds no case of a section that is known", path.display());
    }
    if failed > 0 {
        bail!("{failed} cases failed");
    }
    if left_out * 100 > counted * MOST_SKIPPED {
        bail!("{left_out} of {counted} cases of conditions and bucketing are skipped: more than {MOST_SKIPPED} %");
    }
    println!("{ran} cases ran, none failed; {left_out} of {counted} of conditions and bucketing skipped");
    Ok(())
}

/// For the reader: where our own semantics, which coerce nothing, differ from the published ones. Nothing fails by it.
fn compare_native(cases: &[Value]) {
    let (mut same, mut other, mut refused) = (0, 0, 0);
    for row in cases.iter().filter_map(Value::as_array) {
        let [_, condition, Value::Object(attributes), expected, ..] = row.as_slice() else { continue };
        match conformance::eval_native(condition, attributes) {
            Ok(seen) if Some(seen) == expected.as_bool() => same += 1,
            Ok(_) => other += 1,
            Err(_) => refused += 1,
        }
    }
    println!("    (our own semantics: {same} the same, {other} differ, {refused} refused when they are compiled)");
}

#[derive(Default)]
struct Tally {
    passed: usize,
    skipped: Vec<String>,
    failed: Vec<String>,
}

fn tally(section: &Section, cases: &[Value]) -> Tally {
    let mut tally = Tally::default();
    for (place, case) in cases.iter().enumerate() {
        let row = case.as_array().map_or(&[][..], Vec::as_slice);
        let name = match row.first() {
            Some(Value::String(name)) if !matches!(section.name, "hash" | "getEqualWeights") => name.clone(),
            _ => case.to_string(),
        };
        match (section.case)(row) {
            Some(Verdict::Passed) => tally.passed += 1,
            Some(Verdict::Skipped(reason)) => tally.skipped.push(format!("{place} {name}: {reason}")),
            Some(Verdict::Failed(seen)) => tally.failed.push(format!("{place} {name}: {seen}")),
            None => tally.failed.push(format!("{place} {name}: not of the form of this section")),
        }
    }
    tally
}

fn verdict(seen: &Value, expected: &Value) -> Verdict {
    if alike(seen, expected) { Verdict::Passed } else { Verdict::Failed(format!("{seen} instead of {expected}")) }
}

/// Numbers may differ by what the suite rounds away; a field that is undefined may be null or absent.
fn alike(seen: &Value, expected: &Value) -> bool {
    match (seen, expected) {
        (Value::Number(a), Value::Number(b)) => a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| (a - b).abs() < 1e-6),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let null = Value::Null;
            a.keys().chain(b.keys()).all(|key| alike(a.get(key).unwrap_or(&null), b.get(key).unwrap_or(&null)))
        }
        _ => seen == expected,
    }
}

/// [name, condition, attributes, expected, saved groups?]
fn eval_condition(row: &[Value]) -> Option<Verdict> {
    let [_, condition, attributes, expected, rest @ ..] = row else { return None };
    let groups = rest.first().unwrap_or(&Value::Null);
    let seen = verdict(&conformance::eval_condition(condition, attributes, groups).into(), expected);
    Some(match seen {
        Verdict::Failed(_) if needs_backtracking(condition) => {
            Verdict::Skipped("look-around and back-references cannot be matched in linear time: a check error with us")
        }
        seen => seen,
    })
}

/// Whether a pattern in a condition uses what takes more than linear time.
fn needs_backtracking(condition: &Value) -> bool {
    match condition {
        Value::Object(fields) => fields.iter().any(|(name, operand)| match operand {
            Value::String(pattern) if name.to_lowercase().contains("regex") => {
                ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|look| pattern.contains(look))
                    || pattern.split('\\').skip(1).any(|escaped| escaped.starts_with(|c| matches!(c, '1'..='9' | 'k')))
            }
            operand => needs_backtracking(operand),
        }),
        Value::Array(items) => items.iter().any(needs_backtracking),
        _ => false,
    }
}

/// Version comparisons of older suites: an object of lists of [a, b, expected], by comparison.
fn versions(cases: &Map<String, Value>) -> Vec<(String, bool)> {
    let mut ran = Vec::new();
    for (comparison, rows) in cases {
        for row in rows.as_array().into_iter().flatten() {
            let padded = |place: usize| row.get(place).and_then(Value::as_str).map(conformance::padded_version);
            let ordering = padded(0).cmp(&padded(1));
            let seen = match comparison.as_str() {
                "lt" => ordering.is_lt(),
                "gt" => ordering.is_gt(),
                _ => ordering.is_eq(),
            };
            ran.push((format!("{comparison} {row}"), row.get(2).and_then(Value::as_bool) == Some(seen)));
        }
    }
    ran
}

/// [seed, value, version, expected]
fn hash(row: &[Value]) -> Option<Verdict> {
    let [Value::String(seed), Value::String(unit), version, expected] = row else { return None };
    let seen = conformance::hash(seed, unit, u32::try_from(version.as_u64()?).ok()?);
    Some(verdict(&seen.into(), expected))
}

/// [name, [variations, coverage, weights], expected]
fn bucket_range(row: &[Value]) -> Option<Verdict> {
    let [_, Value::Array(arguments), expected] = row else { return None };
    let [variations, coverage, weights] = arguments.as_slice() else { return None };
    let weights: Option<Vec<f64>> = weights.as_array().and_then(|weights| weights.iter().map(Value::as_f64).collect());
    let variations = usize::try_from(variations.as_u64()?).ok()?;
    let ranges = conformance::bucket_ranges(variations, coverage.as_f64().unwrap_or(1.0), weights.as_deref());
    let seen: Vec<Value> = ranges.into_iter().map(|(start, end)| Value::from(vec![start, end])).collect();
    Some(verdict(&seen.into(), expected))
}

/// [name, place, ranges, expected]
fn choose_variation(row: &[Value]) -> Option<Verdict> {
    let [_, place, Value::Array(ranges), expected] = row else { return None };
    let range = |range: &Value| Some((range.get(0)?.as_f64()?, range.get(1)?.as_f64()?));
    let ranges: Vec<(f64, f64)> = ranges.iter().map(range).collect::<Option<_>>()?;
    let seen = conformance::choose_variation(place.as_f64()?, &ranges);
    Some(verdict(&seen.map_or(Value::from(-1), Value::from), expected))
}

/// [name, unit, [namespace, start, end], expected]
fn in_namespace(row: &[Value]) -> Option<Verdict> {
    let [_, Value::String(unit), Value::Array(namespace), expected] = row else { return None };
    let [Value::String(id), start, end] = namespace.as_slice() else { return None };
    let seen = conformance::in_namespace(unit, id, start.as_f64()?, end.as_f64()?);
    Some(verdict(&seen.into(), expected))
}

/// [n, expected]
fn equal_weights(row: &[Value]) -> Option<Verdict> {
    let [n, expected] = row else { return None };
    let n = usize::try_from(n.as_i64()?).unwrap_or(0);
    Some(verdict(&conformance::equal_weights(n).into(), expected))
}

/// [name, key, url, variations, expected]
fn query_override(row: &[Value]) -> Option<Verdict> {
    let [_, Value::String(key), Value::String(url), variations, expected] = row else { return None };
    let seen = conformance::query_override(key, url, usize::try_from(variations.as_u64()?).ok()?);
    Some(verdict(&seen.into(), expected))
}

/// What only a page or an SDK's own options can decide.
fn out_of_reach(experiment: &Value) -> Option<Verdict> {
    let reasons = [
        ("urlPatterns", "pages are targeted by conditions on $host"),
        ("url", "pages are targeted by conditions on $host"),
        ("include", "a function of the SDK's language"),
        ("groups", "replaced by saved groups in their own SDKs"),
    ];
    let found = reasons.iter().find(|(name, _)| experiment.get(name).is_some());
    found.map(|(_, reason)| Verdict::Skipped(reason))
}

/// [name, context, experiment, value, in the experiment, hash used]
fn run_experiment(row: &[Value]) -> Option<Verdict> {
    let [_, context, experiment, value, in_experiment, hash_used, ..] = row else { return None };
    if let Some(skipped) = out_of_reach(experiment) {
        return Some(skipped);
    }
    let result = Context::new(context).run(experiment).result;
    let field = |name: &str| result.get(name).cloned().unwrap_or_default();
    let seen = Value::from(vec![field("value"), field("inExperiment"), field("hashUsed")]);
    Some(verdict(&seen, &Value::from(vec![value.clone(), in_experiment.clone(), hash_used.clone()])))
}

/// [name, context, feature, expected]
fn feature(row: &[Value]) -> Option<Verdict> {
    let [_, context, Value::String(key), expected] = row else { return None };
    if context.get("contextualBandits").is_some() {
        return Some(Verdict::Skipped(NO_BANDITS));
    }
    let mut seen = Context::new(context).feature(key);
    later_field(&mut seen, expected, "ruleId", &"".into());
    if let (Some(seen), Some(expected)) = (seen.get_mut("experimentResult"), expected.get("experimentResult")) {
        later_field(seen, expected, "stickyBucketUsed", &false.into());
    }
    Some(verdict(&seen, expected))
}

/// Older suites do not speak of a field that came later: of rules' ids before 0.7.1, of sticky buckets before 0.6.
fn later_field(seen: &mut Value, expected: &Value, name: &str, usual: &Value) {
    if let (Value::Object(seen), Value::Object(expected)) = (seen, expected)
        && !expected.contains_key(name)
        && seen.get(name) == Some(usual)
    {
        seen.remove(name);
    }
}

/// [name, context, documents, feature, expected result or null, expected documents]; before 0.6 the documents stand in the
/// context, by their keys.
fn sticky_bucket(row: &[Value]) -> Option<Verdict> {
    let (context, documents, key, expected, kept) = match row {
        [_, context, Value::Array(documents), Value::String(key), expected, kept] => {
            (context, documents.clone(), key, expected, kept)
        }
        [_, context, Value::String(key), expected, kept] => {
            let documents = context.get("stickyBucketAssignmentDocs").and_then(Value::as_object);
            (context, documents.map(|all| all.values().cloned().collect()).unwrap_or_default(), key, expected, kept)
        }
        _ => return None,
    };
    let mut context = Context::new(context).with_sticky(&documents);
    let result = context.feature(key);
    let result = result.get("experimentResult").cloned().unwrap_or_default();
    match verdict(&result, expected) {
        Verdict::Passed => Some(verdict(&Value::Object(context.sticky()), kept)),
        other => Some(other),
    }
}
