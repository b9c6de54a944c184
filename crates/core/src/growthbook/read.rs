//! Reading GrowthBook's JSON as leniently as its SDKs do.

use crate::Value;
use crate::bucketing::{Range, bucket_ranges};
use crate::condition::truthy;
use crate::list::Listed as _;
use crate::wire::Object;

pub(super) fn ranges_of(experiment: &Object, variations: usize) -> Vec<Range> {
    if let ranges @ Some(Value::Array(_)) = experiment.get("ranges") {
        return self::ranges(ranges);
    }
    let mut weights = None;
    if let Some(Value::Array(items)) = experiment.get("weights") {
        weights = Some(items.iter().map(|weight| weight.as_f64().unwrap_or(f64::NAN)).listed());
    }
    let coverage = experiment.get("coverage").and_then(Value::as_f64).unwrap_or(1.0);
    bucket_ranges(variations, coverage, weights.as_deref())
}

pub(super) fn ranges(value: Option<&Value>) -> Vec<Range> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(range).listed()
}

pub(super) fn range(value: &Value) -> Option<Range> {
    match value.as_array()?.as_slice() {
        [start, end] => Some((start.as_f64()?, end.as_f64()?)),
        _ => None,
    }
}

pub(super) fn text_of<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn number_of(object: &Object, name: &str) -> u64 {
    object.get(name).and_then(Value::as_u64).unwrap_or(0)
}

pub(super) fn is_set(object: &Object, name: &str) -> bool {
    object.get(name).is_some_and(truthy)
}

/// The version of the hash; one that is absent or 0 is the default.
pub(super) fn version(object: &Object, default: u32) -> u32 {
    match number_of(object, "hashVersion") {
        0 => default,
        version => u32::try_from(version).unwrap_or(u32::MAX),
    }
}
