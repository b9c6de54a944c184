//! Experiments and features in GrowthBook's own form, decided as its SDKs publish it.
//!
//! Playbooks carry experiments in our form; this one is what an import is checked against, so it is built for tools and
//! tests only and works on JSON as it stands.

mod read;
mod sticky;

use read::{is_set, range, ranges, ranges_of, text_of, version};
use sticky::{sticky_key, sticky_text};

use crate::bucketing::{self, choose_variation, growthbook_hash, in_range};
use crate::condition::{Condition, Scope, Semantics, text, truthy};
use crate::wire::Object;
use crate::{Properties, Value};

/// Whom it is decided for, and what is known.
#[derive(Clone, Debug, Default)]
pub struct Context {
    source: Object,
    /// Sticky assignments by `attribute||value`; nothing where they are not kept.
    sticky: Option<Object>,
}

/// What an experiment gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The result object as published.
    pub result: Object,
    /// Whether the person takes part.
    pub in_experiment: bool,
}

impl Context {
    /// A context as the published cases write it: attributes, features, savedGroups, forcedVariations, url, …
    #[must_use]
    pub fn new(source: &Value) -> Self {
        Self { source: source.as_object().cloned().unwrap_or_default(), sticky: None }
    }

    /// The same, keeping sticky assignments, with those that were kept before. What belongs to others is left out.
    #[must_use]
    pub fn with_sticky(mut self, documents: &[Value]) -> Self {
        let mut sticky = Object::new();
        for document in documents {
            let name = document.get("attributeName").and_then(Value::as_str).unwrap_or_default();
            let value = document.get("attributeValue").map(text).unwrap_or_default();
            let own = self.object("attributes").and_then(|attributes| attributes.get(name));
            if own.map(sticky_text).as_deref() == Some(value.as_str()) {
                sticky.insert(sticky_key(name, &value), document.clone());
            }
        }
        self.sticky = Some(sticky);
        self
    }

    /// The sticky assignments after what was decided.
    #[must_use]
    pub fn sticky(&self) -> Object {
        self.sticky.clone().unwrap_or_default()
    }

    /// Runs an experiment.
    pub fn run(&mut self, experiment: &Value) -> Outcome {
        let experiment = experiment.as_object().cloned().unwrap_or_default();
        self.run_experiment(&experiment, None, &[])
    }

    /// Evaluates a feature: the published result object.
    pub fn feature(&mut self, key: &str) -> Value {
        self.evaluate(key, &[])
    }

    fn object(&self, name: &str) -> Option<&Object> {
        self.source.get(name)?.as_object()
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.source.get(name)?.as_bool()
    }

    fn evaluate(&mut self, key: &str, above: &[String]) -> Value {
        if above.iter().any(|id| id == key) {
            return feature_result(&Value::Null, "cyclicPrerequisite", "");
        }
        let mut stack = above.to_vec();
        stack.push(key.to_owned());
        let Some(Value::Object(feature)) = self.object("features").and_then(|features| features.get(key)).cloned()
        else {
            return feature_result(&Value::Null, "unknownFeature", "");
        };
        for rule in feature.get("rules").and_then(Value::as_array).into_iter().flatten() {
            let Value::Object(rule) = rule else { continue };
            match self.rule(key, rule, &stack) {
                Some(result) => return result,
                None => continue,
            }
        }
        feature_result(feature.get("defaultValue").unwrap_or(&Value::Null), "defaultValue", "")
    }

    /// What a rule gives; nothing if the next one decides.
    fn rule(&mut self, key: &str, rule: &Object, stack: &[String]) -> Option<Value> {
        match self.prerequisites(rule, stack) {
            Prerequisites::Met => {}
            Prerequisites::Cyclic => return Some(feature_result(&Value::Null, "cyclicPrerequisite", "")),
            Prerequisites::Blocked => return Some(feature_result(&Value::Null, "prerequisite", "")),
            Prerequisites::Unmet => return None,
        }
        if rule.get("filters").is_some_and(|filters| self.is_filtered_out(filters)) {
            return None;
        }
        let id = rule.get("id").and_then(Value::as_str).unwrap_or_default();
        if let Some(forced) = rule.get("force") {
            if !self.condition_passes(rule.get("condition")) || !self.in_rollout(key, rule) {
                return None;
            }
            return Some(feature_result(forced, "force", id));
        }
        rule.get("variations")?;
        let experiment = experiment_of(key, rule);
        let outcome = self.run_experiment(&experiment, Some(key), stack);
        if !outcome.in_experiment || outcome.result.get("passthrough").is_some_and(truthy) {
            return None;
        }
        let mut result = feature_result(outcome.result.get("value").unwrap_or(&Value::Null), "experiment", id);
        if let Value::Object(result) = &mut result {
            result.insert("experiment".into(), Value::Object(experiment));
            result.insert("experimentResult".into(), Value::Object(outcome.result));
        }
        Some(result)
    }

    fn prerequisites(&mut self, of: &Object, stack: &[String]) -> Prerequisites {
        for parent in of.get("parentConditions").and_then(Value::as_array).into_iter().flatten() {
            let id = parent.get("id").and_then(Value::as_str).unwrap_or_default();
            let result = self.evaluate(id, stack);
            if result.get("source").and_then(Value::as_str) == Some("cyclicPrerequisite") {
                return Prerequisites::Cyclic;
            }
            let mut subject = Object::new();
            subject.insert("value".into(), result.get("value").cloned().unwrap_or_default());
            let condition = parent.get("condition").cloned().unwrap_or_else(|| Value::Object(Object::new()));
            if !holds(&condition, &subject, Object::new()) {
                let gate = parent.get("gate").is_some_and(truthy);
                return if gate { Prerequisites::Blocked } else { Prerequisites::Unmet };
            }
        }
        Prerequisites::Met
    }

    fn run_experiment(&mut self, experiment: &Object, feature: Option<&str>, stack: &[String]) -> Outcome {
        let key = text_of(experiment, "key");
        let variations = experiment.get("variations").and_then(Value::as_array).map_or(0, Vec::len);
        let outside = |context: &Self| context.result(experiment, None, false, feature);
        if variations < 2 || self.flag("enabled") == Some(false) {
            return outside(self);
        }
        let url = self.source.get("url").and_then(Value::as_str).unwrap_or_default();
        if let Some(variation) = query_override(key, url, variations) {
            return self.result(experiment, Some(variation as f64), false, feature);
        }
        if let Some(forced) = self.object("forcedVariations").and_then(|forced| forced.get(key)) {
            return self.result(experiment, forced.as_f64(), false, feature);
        }
        let status = text_of(experiment, "status");
        if status == "draft" || experiment.get("active") == Some(&Value::Bool(false)) {
            return outside(self);
        }
        let (attribute, unit) = self.unit(experiment);
        if !truthy(&unit) {
            return outside(self);
        }
        let unit_text = text(&unit);
        let sticky = self.sticky.is_some() && !is_set(experiment, "disableStickyBucketing");
        let (stuck, blocked) = if sticky { self.stuck(experiment) } else { (None, false) };
        if stuck.is_none() && !self.is_targeted(experiment, &unit_text, stack) {
            return outside(self);
        }
        let seed = match text_of(experiment, "seed") {
            "" => key,
            seed => seed,
        };
        let Some(place) = growthbook_hash(seed, &unit_text, version(experiment, 1)) else { return outside(self) };
        let assigned = stuck.or_else(|| choose_variation(place, &ranges_of(experiment, variations)));
        if blocked {
            let mut outcome = outside(self);
            outcome.result.insert("stickyBucketUsed".into(), true.into());
            return outcome;
        }
        let Some(assigned) = assigned else { return outside(self) };
        if let Some(forced) = experiment.get("force") {
            return self.result(experiment, forced.as_f64(), false, feature);
        }
        if self.flag("qaMode") == Some(true) || status == "stopped" {
            return outside(self);
        }
        let mut outcome = self.result(experiment, Some(assigned as f64), true, feature);
        outcome.result.insert("bucket".into(), place.into());
        outcome.result.insert("stickyBucketUsed".into(), stuck.is_some().into());
        if sticky {
            let arm = outcome.result.get("key").cloned().unwrap_or_default();
            self.stick(experiment, attribute, &unit, arm);
        }
        outcome
    }

    /// Filters or else the namespace, the condition, the prerequisites.
    fn is_targeted(&mut self, experiment: &Object, unit: &str, stack: &[String]) -> bool {
        let out = match (experiment.get("filters"), experiment.get("namespace").and_then(Value::as_array)) {
            (Some(filters), _) => self.is_filtered_out(filters),
            (None, Some(namespace)) => match namespace.as_slice() {
                [Value::String(id), start, end] => {
                    let range = (start.as_f64().unwrap_or(0.0), end.as_f64().unwrap_or(0.0));
                    !bucketing::in_namespace(unit, id, range)
                }
                _ => false,
            },
            (None, None) => false,
        };
        !out && self.condition_passes(experiment.get("condition"))
            && matches!(self.prerequisites(experiment, stack), Prerequisites::Met)
    }

    fn condition_passes(&self, condition: Option<&Value>) -> bool {
        let Some(condition) = condition.filter(|condition| truthy(condition)) else { return true };
        let none = Object::new();
        let groups = self.object("savedGroups").cloned().unwrap_or_default();
        holds(condition, self.object("attributes").unwrap_or(&none), groups)
    }

    fn is_filtered_out(&self, filters: &Value) -> bool {
        for filter in filters.as_array().into_iter().flatten().filter_map(Value::as_object) {
            let unit = self.attribute(text_of(filter, "attribute"), "").1;
            let place = growthbook_hash(text_of(filter, "seed"), &text(&unit), version(filter, 2));
            let ranges = ranges(filter.get("ranges"));
            if !truthy(&unit) || place.is_none_or(|place| choose_variation(place, &ranges).is_none()) {
                return true;
            }
        }
        false
    }

    fn in_rollout(&self, key: &str, rule: &Object) -> bool {
        let coverage = rule.get("coverage").and_then(Value::as_f64);
        let range = rule.get("range").and_then(range);
        if range.is_none() && coverage.is_none() {
            return true;
        }
        if range.is_none() && coverage == Some(0.0) {
            return false;
        }
        let (_, unit) = self.unit(rule);
        let seed = match text_of(rule, "seed") {
            "" => key,
            seed => seed,
        };
        let Some(place) = growthbook_hash(seed, &text(&unit), version(rule, 1)).filter(|_| truthy(&unit)) else {
            return false;
        };
        match (range, coverage) {
            (Some(range), _) => in_range(place, range),
            (None, coverage) => coverage.is_none_or(|coverage| place <= coverage),
        }
    }

    /// The attribute that is hashed, and its value.
    fn unit(&self, of: &Object) -> (String, Value) {
        let sticky = self.sticky.is_some() && !is_set(of, "disableStickyBucketing");
        let fallback = if sticky { text_of(of, "fallbackAttribute") } else { "" };
        self.attribute(text_of(of, "hashAttribute"), fallback)
    }

    fn attribute(&self, name: &str, fallback: &str) -> (String, Value) {
        let name = if name.is_empty() { "id" } else { name };
        let value = self.resolve(name);
        if !truthy(&value) && !fallback.is_empty() {
            let other = self.resolve(fallback);
            if truthy(&other) {
                return (fallback.to_owned(), other);
            }
        }
        (name.to_owned(), value)
    }

    /// An attribute by its name, or else by a dotted way to it; empty if it is missing.
    fn resolve(&self, name: &str) -> Value {
        let empty = || Value::String(String::new());
        let Some(attributes) = self.object("attributes") else { return empty() };
        if let Some(value) = attributes.get(name) {
            return value.clone();
        }
        let mut names = name.split('.');
        let mut value = names.next().and_then(|name| attributes.get(name));
        for name in names {
            value = value.and_then(|value| value.get(name));
        }
        value.filter(|value| !value.is_null()).cloned().unwrap_or_else(empty)
    }

    fn result(&self, experiment: &Object, variation: Option<f64>, hashed: bool, feature: Option<&str>) -> Outcome {
        let none = Vec::new();
        let variations = experiment.get("variations").and_then(Value::as_array).unwrap_or(&none);
        let chosen = variation.filter(|variation| *variation >= 0.0 && *variation < variations.len() as f64);
        let place = chosen.unwrap_or(0.0) as usize;
        let (attribute, unit) = self.unit(experiment);
        let meta = experiment.get("meta").and_then(Value::as_array).and_then(|meta| meta.get(place)?.as_object());
        let key = match meta.map(|meta| text_of(meta, "key")) {
            None | Some("") => place.to_string(),
            Some(key) => key.to_owned(),
        };
        let mut result = Object::new();
        result.insert("key".into(), key.into());
        result.insert("featureId".into(), feature.map_or(Value::Null, Value::from));
        result.insert("inExperiment".into(), chosen.is_some().into());
        result.insert("hashUsed".into(), hashed.into());
        result.insert("variationId".into(), place.into());
        result.insert("value".into(), variations.get(place).cloned().unwrap_or_default());
        result.insert("hashAttribute".into(), attribute.into());
        result.insert("hashValue".into(), unit);
        result.insert("stickyBucketUsed".into(), false.into());
        for name in ["name", "passthrough"] {
            if let Some(value) = meta.and_then(|meta| meta.get(name)).filter(|value| truthy(value)) {
                result.insert(name.into(), value.clone());
            }
        }
        Outcome { result, in_experiment: chosen.is_some() }
    }
}

enum Prerequisites {
    Met,
    Unmet,
    Blocked,
    Cyclic,
}

/// Whether a condition holds for attributes, as published; one that cannot be read does not.
#[must_use]
pub(crate) fn holds(condition: &Value, attributes: &Properties, groups: Object) -> bool {
    let mut scope = Scope::event(Semantics::Growthbook).with_groups(groups);
    Condition::compile_in(condition, "condition", &mut scope).is_ok_and(|condition| condition.holds(attributes))
}

/// The variation that a page's address asks for.
#[must_use]
pub fn query_override(key: &str, url: &str, variations: usize) -> Option<usize> {
    let search = url.split('?').nth(1)?;
    let search = search.split('#').next().unwrap_or_default();
    for pair in search.split('&') {
        let mut parts = pair.split('=');
        if parts.next() != Some(key) {
            continue;
        }
        let value = parts.next().unwrap_or_default().trim_start();
        let value = value.strip_prefix('+').unwrap_or(value);
        let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
        let variation = value.get(..end).and_then(|digits| digits.parse().ok());
        return variation.filter(|variation| *variation < variations);
    }
    None
}

/// An experiment rule as an experiment.
fn experiment_of(key: &str, rule: &Object) -> Object {
    let mut experiment = Object::new();
    let names = [
        "variations",
        "coverage",
        "weights",
        "hashAttribute",
        "fallbackAttribute",
        "disableStickyBucketing",
        "bucketVersion",
        "minBucketVersion",
        "namespace",
        "meta",
        "ranges",
        "name",
        "phase",
        "seed",
        "hashVersion",
        "filters",
        "condition",
    ];
    for name in names {
        let always = matches!(name, "coverage" | "bucketVersion" | "minBucketVersion");
        if let Some(value) = rule.get(name).filter(|value| always || truthy(value)) {
            experiment.insert(name.into(), value.clone());
        }
    }
    let own = text_of(rule, "key");
    experiment.insert("key".into(), if own.is_empty() { key } else { own }.into());
    experiment
}

fn feature_result(value: &Value, source: &str, rule: &str) -> Value {
    let mut result = Object::new();
    result.insert("value".into(), value.clone());
    result.insert("on".into(), truthy(value).into());
    result.insert("off".into(), (!truthy(value)).into());
    result.insert("source".into(), source.into());
    result.insert("ruleId".into(), rule.into());
    Value::Object(result)
}

#[cfg(test)]
mod tests;
