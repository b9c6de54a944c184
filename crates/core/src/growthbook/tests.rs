use super::*;
use serde_json::json;

#[test]
fn a_page_asks_for_a_variation_by_its_address() {
    for (url, expected) in [
        ("https://a.example/?x=1&exp=1#top", Some(1)),
        ("https://a.example/?exp=1abc", Some(1)),
        ("https://a.example/?exp=%201", None),
        ("https://a.example/?exp=+0", Some(0)),
        ("https://a.example/?exp=x1", None),
        ("https://a.example/?exp=2", None),
        ("https://a.example/?exp=-1", None),
        ("https://a.example/?exp", None),
        ("https://a.example/?b#exp=1", None),
        ("", None),
    ] {
        assert_eq!(query_override("exp", url, 2), expected, "{url}");
    }
}

#[test]
fn what_is_hashed_is_found_by_its_name_or_by_the_way_to_it() {
    let unit = |attributes: Value| {
        let mut context = Context::new(&json!({ "attributes": attributes }));
        context.run(&json!({"key": "e", "variations": [0, 1], "hashAttribute": "user.id"})).result["hashValue"].clone()
    };
    assert_eq!(unit(json!({"user": {"id": "1"}})), json!("1"));
    assert_eq!(unit(json!({"user.id": 2, "user": {"id": "1"}})), json!(2));
    assert_eq!(unit(json!({"user": 1})), json!(""));
}

#[test]
fn only_sticky_arms_fall_back_on_another_attribute() {
    let experiment = json!({"key": "e", "variations": [0, 1], "fallbackAttribute": "device"});
    let context = || Context::new(&json!({"attributes": {"device": "1"}}));
    assert!(!context().run(&experiment).in_experiment);
    assert!(context().with_sticky(&[]).run(&experiment).in_experiment);
}

#[test]
fn who_is_forced_into_a_variation_that_is_not_there_is_in_none() {
    for (variation, inside) in [(0, true), (1, true), (2, false), (-1, false)] {
        let mut context = Context::new(&json!({"attributes": {"id": "1"}, "forcedVariations": {"e": variation}}));
        assert_eq!(context.run(&json!({"key": "e", "variations": [0, 1]})).in_experiment, inside, "{variation}");
    }
}

#[test]
fn who_is_targeted_meets_the_condition_and_every_prerequisite() {
    let features = json!({"on": {"defaultValue": true}, "off": {"defaultValue": false}});
    let inside = |condition: Value, prerequisite: &str| {
        let mut context = Context::new(&json!({"attributes": {"id": "1", "tier": "gold"}, "features": features}));
        let parents = json!([{"id": prerequisite, "condition": {"value": true}}]);
        let experiment = json!({"key": "e", "variations": [0, 1], "condition": condition, "parentConditions": parents});
        context.run(&experiment).in_experiment
    };
    assert!(inside(json!({"tier": "gold"}), "on"));
    assert!(!inside(json!({"tier": "tin"}), "on"));
    assert!(!inside(json!({"tier": "gold"}), "off"));
}

#[test]
fn a_stopped_or_drafted_experiment_has_nobody() {
    for status in ["draft", "stopped"] {
        let mut context = Context::new(&json!({"attributes": {"id": "1"}}));
        assert!(!context.run(&json!({"key": "e", "variations": [0, 1], "status": status})).in_experiment);
    }
}

#[test]
fn features_that_need_each_other_end() {
    let needs = |id: &str| json!({"rules": [{"parentConditions": [{"id": id, "gate": true}], "force": 1}]});
    let mut context = Context::new(&json!({"features": {"a": needs("b"), "b": needs("a")}}));
    assert_eq!(context.feature("a")["source"], json!("cyclicPrerequisite"));
}

#[test]
fn an_assignment_under_a_version_before_the_least_leaves_the_experiment() {
    let documents = [json!({"attributeName": "id", "attributeValue": "1", "assignments": {"e__1": "0"}})];
    let experiment = |least: u32| json!({"key": "e", "variations": [0, 1], "meta": [{"key": "0"}, {"key": "1"}], "bucketVersion": 1, "minBucketVersion": least});
    let context = || Context::new(&json!({"attributes": {"id": "1"}})).with_sticky(&documents);
    assert_eq!(context().run(&experiment(1)).result["stickyBucketUsed"], json!(true));
    assert_eq!(context().run(&experiment(1)).result["value"], json!(0));
    assert!(!context().run(&experiment(2)).in_experiment);
}

#[test]
fn an_experiment_without_sticky_arms_hashes_whoever_had_one() {
    let documents = [json!({"attributeName": "id", "attributeValue": "1", "assignments": {"e__0": "0"}})];
    let run = |disabled: bool, known: bool| {
        let experiment = json!({"key": "e", "variations": [0, 1], "weights": [0, 1], "meta": [{"key": "0"}, {"key": "1"}], "disableStickyBucketing": disabled});
        let context = Context::new(&json!({"attributes": {"id": "1"}}));
        let mut context = if known { context.with_sticky(&documents) } else { context };
        let result = context.run(&experiment).result;
        (result["value"].clone(), result["stickyBucketUsed"].clone())
    };
    assert_eq!(run(false, true), (json!(0), json!(true)));
    assert_eq!(run(true, true), (json!(1), json!(false)));
    assert_eq!(run(false, false), (json!(1), json!(false)));
}

#[test]
fn a_feature_is_on_or_off_as_its_value_is_true() {
    for (value, on) in
        [(json!(1), true), (json!("x"), true), (json!(0), false), (json!(""), false), (json!(null), false)]
    {
        let mut context = Context::new(&json!({"features": {"f": {"defaultValue": value}}}));
        let feature = context.feature("f");
        assert_eq!((&feature["on"], &feature["off"]), (&json!(on), &json!(!on)), "{value}");
    }
}

#[test]
fn a_forced_value_is_for_whom_its_condition_and_its_coverage_let_in() {
    let value = |rule: Value| {
        let mut rule = rule;
        rule["force"] = json!("forced");
        let features = json!({"f": {"defaultValue": "default", "rules": [rule]}});
        Context::new(&json!({"attributes": {"id": "1", "tier": "gold"}, "features": features})).feature("f")["value"]
            .clone()
    };
    assert_eq!(value(json!({})), "forced");
    assert_eq!(value(json!({"condition": {"tier": "gold"}})), "forced");
    assert_eq!(value(json!({"condition": {"tier": "tin"}})), "default");
    assert_eq!(value(json!({"coverage": 1, "hashAttribute": "id"})), "forced");
    assert_eq!(value(json!({"coverage": 0, "hashAttribute": "id"})), "default");
}
