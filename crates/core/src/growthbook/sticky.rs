//! Sticky buckets: a unit keeps the variation that it had, as long as its version is not blocked.

use super::Context;
use super::read::{number_of, text_of};
use crate::Value;
use crate::wire::{Object, to_json};

impl Context {
    /// The variation that was kept, and whether one that was kept under a version before the least blocks.
    pub(super) fn stuck(&self, experiment: &Object) -> (Option<usize>, bool) {
        let Some(documents) = &self.sticky else { return (None, false) };
        let mut assignments = Object::new();
        let fallback = text_of(experiment, "fallbackAttribute");
        for name in [fallback, text_of(experiment, "hashAttribute")] {
            let (name, unit) = self.attribute(name, "");
            let document = documents.get(&sticky_key(&name, &sticky_text(&unit)));
            if let Some(Value::Object(kept)) = document.and_then(|document| document.get("assignments")) {
                assignments.extend(kept.clone());
            }
        }
        for version in 0..number_of(experiment, "minBucketVersion") {
            if assignments.contains_key(&sticky_experiment(experiment, version)) {
                return (None, true);
            }
        }
        let kept = assignments.get(&sticky_experiment(experiment, number_of(experiment, "bucketVersion")));
        let meta = experiment.get("meta").and_then(Value::as_array);
        let place = meta.zip(kept).and_then(|(meta, kept)| meta.iter().position(|meta| meta.get("key") == Some(kept)));
        (place, false)
    }

    pub(super) fn stick(&mut self, experiment: &Object, attribute: String, unit: &Value, arm: Value) {
        let Some(documents) = &mut self.sticky else { return };
        let unit = sticky_text(unit);
        let key = sticky_key(&attribute, &unit);
        let kept = documents.get(&key).and_then(|document| document.get("assignments")?.as_object());
        let mut assignments = kept.cloned().unwrap_or_default();
        assignments.insert(sticky_experiment(experiment, number_of(experiment, "bucketVersion")), arm);
        let mut document = Object::new();
        document.insert("attributeName".into(), attribute.into());
        document.insert("attributeValue".into(), unit.into());
        document.insert("assignments".into(), Value::Object(assignments));
        documents.insert(key, Value::Object(document));
    }
}

pub(super) fn sticky_experiment(experiment: &Object, version: u64) -> String {
    [text_of(experiment, "key"), "__", &version.to_string()].concat()
}

pub(super) fn sticky_key(attribute: &str, value: &str) -> String {
    [attribute, "||", value].concat()
}

pub(super) fn sticky_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => to_json(other),
    }
}
