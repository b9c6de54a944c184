use super::*;
use serde_json::json;

fn holds(condition: Value, subject: Value) -> bool {
    Condition::compile(&condition, "c").unwrap().holds(subject.as_object().unwrap())
}

#[test]
fn nothing_is_coerced() {
    assert!(!holds(json!({"n": 1}), json!({"n": "1"})));
    assert!(!holds(json!({"n": {"$gte": 1}}), json!({"n": "2"})));
    assert!(!holds(json!({"n": {"$lt": 1}}), json!({"n": true})));
    assert!(!holds(json!({"n": false}), json!({"n": 0})));
    assert!(holds(json!({"n": 1}), json!({"n": 1.0})));
}

#[test]
fn what_is_missing_fails_every_test_but_the_four() {
    for condition in
        [json!({"a": 1}), json!({"a": {"$gt": 0}}), json!({"a": {"$in": [1]}}), json!({"a": {"$exists": true}})]
    {
        assert!(!holds(condition.clone(), json!({})), "{condition}");
    }
    for condition in
        [json!({"a": null}), json!({"a": {"$ne": 1}}), json!({"a": {"$nin": [1]}}), json!({"a": {"$exists": false}})]
    {
        assert!(holds(condition.clone(), json!({})), "{condition}");
    }
}

#[test]
fn each_operator_at_its_edge() {
    let cases = [
        (json!({"$lt": 2}), [true, false, false]),
        (json!({"$lte": 2}), [true, true, false]),
        (json!({"$gt": 2}), [false, false, true]),
        (json!({"$gte": 2}), [false, true, true]),
        (json!({"$eq": 2}), [false, true, false]),
        (json!({"$ne": 2}), [true, false, true]),
        (json!({"$in": [1, 2]}), [true, true, false]),
        (json!({"$nin": [1, 2]}), [false, false, true]),
        (json!({"$not": {"$gte": 2}}), [true, false, false]),
        (json!({"$gt": 1, "$lt": 3}), [false, true, false]),
    ];
    for (operator, expected) in cases {
        for (n, expected) in (1..=3).zip(expected) {
            assert_eq!(holds(json!({"n": operator}), json!({"n": n})), expected, "{operator} of {n}");
        }
    }
    assert!(holds(json!({"t": {"$lt": "b"}}), json!({"t": "a"})));
    assert!(holds(json!({"t": {"$gt": "Z"}}), json!({"t": "a"})), "bytes, not locale");
}

#[test]
fn groups_and_nested_fields() {
    let either = json!({"$or": [{"a": 1}, {"b.c": 2}]});
    assert!(holds(either.clone(), json!({"b": {"c": 2}})));
    assert!(!holds(either, json!({"b": 2})));
    assert!(holds(json!({"$nor": [{"a": 1}]}), json!({})));
    assert!(holds(json!({"$not": {"a": 1}}), json!({"a": 2})));
    assert!(!holds(json!({"$and": [{"a": 1}, {"a": 2}]}), json!({"a": 1})));
    assert!(holds(json!({}), json!({})));
    assert!(holds(json!({"a": {"b": 1}}), json!({"a": {"b": 1}})));
}

#[test]
fn a_bad_condition_is_named_by_its_place() {
    let cases = [
        (json!(7), "c", "a condition is an object"),
        (json!({"a": {"$regexp": "x"}}), "c.a.$regexp", "`$regexp` is no operator"),
        (json!({"$xor": []}), "c.$xor", "`$xor` is no operator"),
        (json!({"a": {"$in": 1}}), "c.a.$in", "needs a list"),
        (json!({"a": {"$gt": null}}), "c.a.$gt", "a number or a text"),
        (json!({"$or": [{"a": 1}, 7]}), "c.$or[1]", "a condition is an object"),
        (json!({"a": {"$exists": 1}}), "c.a.$exists", "true or false"),
    ];
    for (source, path, message) in cases {
        let error = Condition::compile(&source, "c").unwrap_err().remove(0);
        assert_eq!(error.path, path);
        assert!(error.message.contains(message), "{error}");
    }
}
