//! What the published test suites of other projects drive: the code that decides, under their names.

pub mod liquid;

use crate::Value;
use crate::bucketing;
use crate::wire::Object;

pub use crate::growthbook::{Context, Outcome, query_override};

/// Whether a condition holds for attributes, with saved groups (GrowthBook's `evalCondition`).
#[must_use]
pub fn eval_condition(condition: &Value, attributes: &Value, groups: &Value) -> bool {
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    crate::growthbook::holds(condition, &object(attributes), object(groups))
}

/// The place of a unit in [0, 1); nothing for an unknown version (GrowthBook's `hash`).
#[must_use]
pub fn hash(seed: &str, unit: &str, version: u32) -> Option<f64> {
    bucketing::growthbook_hash(seed, unit, version)
}

/// A version as the text that is compared (GrowthBook's `paddedVersionString`).
#[must_use]
pub fn padded_version(version: &str) -> String {
    crate::condition::padded(version)
}

/// As many equal weights (GrowthBook's `getEqualWeights`).
#[must_use]
pub fn equal_weights(n: usize) -> Vec<f64> {
    bucketing::equal_weights(n)
}

/// The range of each variation (GrowthBook's `getBucketRanges`).
#[must_use]
pub fn bucket_ranges(n: usize, coverage: f64, weights: Option<&[f64]>) -> Vec<(f64, f64)> {
    bucketing::bucket_ranges(n, coverage, weights)
}

/// The first range that a place lies in (GrowthBook's `chooseVariation`).
#[must_use]
pub fn choose_variation(place: f64, ranges: &[(f64, f64)]) -> Option<usize> {
    bucketing::choose_variation(place, ranges)
}

/// Whether a unit is in `[start, end)` of a namespace.
#[must_use]
pub fn in_namespace(unit: &str, id: &str, start: f64, end: f64) -> bool {
    bucketing::in_namespace(unit, id, (start, end))
}

/// The same condition under our own semantics; the faults if it cannot be compiled.
///
/// # Errors
/// See [`Condition::compile`](crate::Condition::compile).
pub fn eval_native(condition: &Value, attributes: &Object) -> Result<bool, Vec<crate::ConditionError>> {
    crate::Condition::compile(condition, "condition").map(|condition| condition.holds(attributes))
}
