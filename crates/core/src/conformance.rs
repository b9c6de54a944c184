//! What the published test suites of other projects drive: the code that decides, under their names.

use crate::Value;
use crate::bucketing;
use crate::wire::Object;

pub use crate::bucketing::{Range, bucket_ranges, choose_variation, equal_weights};
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
