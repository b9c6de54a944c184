//! What conditions say of fields. What they say of operands stands beside it.

mod operands;

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

#[test]
fn every_other_operator_of_the_language() {
    let tags = json!({"tags": ["News", "sale", 3], "v": "1.10.0", "t": "Hello", "o": {"a": [{"sku": "x", "n": 2}]}});
    for condition in [
        json!({"tags": {"$in": ["sale"]}}),
        json!({"tags": {"$ini": ["SALE"]}}),
        json!({"t": {"$ini": ["hello", 1]}}),
        json!({"t": {"$nini": ["bye"]}}),
        json!({"tags": {"$all": ["News", {"$gt": 2}]}}),
        json!({"tags": {"$alli": ["NEWS", 3]}}),
        json!({"tags": {"$size": 3}}),
        json!({"tags": {"$size": {"$gte": 3}}}),
        json!({"tags": {"$elemMatch": {"$regexi": "^NEW"}}}),
        json!({"o.a": {"$elemMatch": {"sku": "x", "n": {"$gt": 1}}}}),
        json!({"o.a": {"$elemMatch": {"$or": [{"sku": "y"}, {"n": 2}]}}}),
        json!({"o.a.0.sku": "x"}),
        json!({"tags": {"$type": "array"}, "o": {"$type": "object"}, "t": {"$type": "string"}}),
        json!({"t": {"$regex": "^H", "$notRegex": "^h", "$notRegexi": "^x"}}),
        json!({"v": {"$vgt": "1.9.0", "$vlt": "1.11", "$veq": "v1.10.0+7", "$vne": "1.10.1", "$vgte": "1.10.0", "$vlte": "1.10.0"}}),
    ] {
        assert!(holds(condition.clone(), tags.clone()), "{condition}");
        assert!(!holds(json!({"$not": condition}), tags.clone()));
    }
}

#[test]
fn a_list_holds_what_it_has_and_nothing_else() {
    let subject = json!({"tags": ["News", "sale", 3], "t": "bx", "o": [{"sku": "x"}, 7], "b": true});
    for condition in [
        json!({"tags": {"$in": ["x", 4]}}),
        json!({"tags": {"$all": ["News", "x"]}}),
        json!({"tags": {"$all": ["news"]}}),
        json!({"tags": {"$alli": ["NEWS", "x"]}}),
        json!({"tags": {"$elemMatch": {"$gt": 3}}}),
        json!({"o": {"$elemMatch": {"sku": "y"}}}),
        json!({"t": {"$in": ["ax", "ba", "b", "bxx"]}}),
        json!({"b": {"$in": [false, null, "true"]}}),
    ] {
        assert!(!holds(condition.clone(), subject.clone()), "{condition}");
    }
    assert!(holds(json!({"b": {"$in": [true]}}), subject));
}

#[test]
fn lists_and_objects_are_equal_member_by_member() {
    let value = json!([1, null, true, "x", {"a": "y"}]);
    assert!(holds(json!({ "l": value }), json!({"l": [1.0, null, true, "x", {"a": "y"}]})));
    for other in [
        json!([2, null, true, "x", {"a": "y"}]),
        json!([1, false, true, "x", {"a": "y"}]),
        json!([1, null, false, "x", {"a": "y"}]),
        json!([1, null, true, "z", {"a": "y"}]),
        json!([1, null, true, "x", {"a": "z"}]),
        json!([1, null, true, "x", {"b": "y"}]),
        json!([1, null, true, "x", {"a": "y", "b": 1}]),
        json!([1, null, true, "x"]),
        json!([1, null, true, "x", {"a": "y"}, 1]),
    ] {
        assert!(!holds(json!({ "l": value }), json!({ "l": other })), "{other}");
    }
}

#[test]
fn a_trigger_compares_as_its_playbook_does() {
    let mut scope = Scope::full(Semantics::Growthbook);
    scope.groups = json!({"vip": ["a"]}).as_object().unwrap().clone();
    let event = json!({"n": 1, "id": "a", "rows": [{"n": 1, "id": "a"}]});
    for source in [json!({"n": "1"}), json!({"id": {"$inGroup": "vip"}})] {
        for source in [source.clone(), json!({"rows": {"$elemMatch": source}})] {
            let condition = Condition::compile_in(&source, "where", &mut scope.of_event()).unwrap();
            assert!(condition.holds(event.as_object().unwrap()), "{source}");
        }
    }
}

#[test]
fn what_is_missing_or_of_another_type_fails_negated_patterns_and_versions_too() {
    for operator in [
        json!({"$notRegex": "x"}),
        json!({"$notRegexi": "x"}),
        json!({"$vne": "1.0.0"}),
        json!({"$size": 0}),
        json!({"$type": "null"}),
        json!({"$all": []}),
        json!({"$elemMatch": {"$exists": false}}),
    ] {
        assert!(!holds(json!({"a": operator}), json!({})), "{operator}");
        assert!(!holds(json!({"a": operator}), json!({"a": 7})), "{operator}");
    }
    assert!(holds(json!({"a": {"$nini": ["x"]}}), json!({})));
}

#[test]
fn every_fault_is_told_and_a_slip_of_the_pen_is_recognised() {
    let source = json!({
        "a": {"$regxe": "x", "$in": 1},
        "$segmnt": "s",
        "b": {"$regex": "(a"},
        "$or": [{"c": {"$type": "text"}}, 7]
    });
    let errors = Condition::compile(&source, "c").unwrap_err();
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 6, "{told:#?}");
    for part in [
        "c.a.$regxe: `$regxe` is no operator of conditions; did you mean `$regex`?",
        "c.a.$in: `$in` needs a list of values",
        "c.$segmnt: `$segmnt` is no operator of conditions; did you mean `$segment`?",
        "c.b.$regex: a `(` without its `)`",
        "c.$or[0].c.$type: `$type` is string, number",
        "c.$or[1]: a condition is an object",
    ] {
        assert!(told.iter().any(|line| line.starts_with(part)), "{part} in {told:#?}");
    }
}

#[test]
fn nesting_has_an_end() {
    let deep = (0..80).fold(json!({"a": 1}), |inner, _| json!({ "$not": inner }));
    let errors = Condition::compile(&deep, "c").unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].message.contains("nested deeper"));
    let wide = |one: Value| json!({"$and": vec![one; 100]});
    for wide in [wide(json!({"a": 1})), wide(json!({"a": {"$gt": 1}}))] {
        assert!(Condition::compile(&wide, "c").is_ok(), "beside each other is not inside");
    }
}

#[test]
fn a_name_that_is_no_operand_says_which_was_meant() {
    let error = Condition::compile(&json!({"$segme": "s"}), "c").unwrap_err().remove(0);
    assert!(error.message.contains("did you mean `$segment`?"), "{error}");
}

#[test]
fn kleene() {
    let unknown = |at: i64| Truth::Unknown { complete_at: Some(Timestamp(at)) };
    assert_eq!(unknown(1).and(Truth::False), Truth::False);
    assert_eq!(Truth::True.and(unknown(1)), unknown(1));
    assert_eq!(Truth::True.or(unknown(1)), Truth::True);
    assert_eq!(unknown(1).or(Truth::False), unknown(1));
    assert_eq!(unknown(1).not(), unknown(1));
    for both in [Truth::and, Truth::or] {
        assert_eq!(both(unknown(5), unknown(3)), unknown(3), "the earliest");
        assert_eq!(both(unknown(5), Truth::Unknown { complete_at: None }), unknown(5));
    }
}

#[test]
fn growthbook_coerces_as_published() {
    let holds = |condition: Value, subject: Value| {
        let mut scope = Scope::event(Semantics::Growthbook);
        Condition::compile_in(&condition, "c", &mut scope).unwrap().holds(subject.as_object().unwrap())
    };
    assert!(holds(json!({"n": {"$gt": 5, "$lt": 10}}), json!({"n": "8"})));
    assert!(holds(json!({"n": 8}), json!({"n": " 8 "})));
    assert!(holds(json!({"n": 0}), json!({})), "null is 0");
    assert!(holds(json!({"n": "1.5"}), json!({"n": 1.5})));
    assert!(holds(json!({"n": "1"}), json!({"n": 1.0})));
    assert!(holds(json!({"n": 16}), json!({"n": "0x10"})));
    assert!(!holds(json!({"n": {"$gt": 1}}), json!({"n": "inf"})));
    assert!(holds(json!({"n": {"$lt": -1}}), json!({"n": "-Infinity"})));
    assert!(holds(json!({"n": {"$lt": 1}}), json!({"n": "-1.5e3"})));
    for text in ["x", "1x", "x.1", "1.x", "1e", "1e+", "1ex", "xe1", ".", "e5", "1.2.3", "--1", "+-1", "0x", "Infinite"]
    {
        for operator in ["$lt", "$gte"] {
            assert!(!holds(json!({"n": {operator: 0}}), json!({ "n": text })), "{text} is no number");
        }
    }
    assert!(!holds(json!({"t": "A"}), json!({"t": "a"})));
    assert!(holds(json!({"t": "a,,b"}), json!({"t": ["a", null, "b"]})));
    assert!(holds(json!({"$or": []}), json!({})));
    assert!(!holds(json!({"$nor": []}), json!({})));
    assert!(!holds(json!({"t": {"$nonsense": 1}}), json!({"t": 1})));
    assert!(!holds(json!({"t": {"$notRegex": "("}}), json!({"t": "x"})));
    assert!(holds(json!({"t": {"$regex": "^nul+$"}}), json!({})), "null is a text");
    assert!(!holds(json!({"t": {"$regex": 1}}), json!({"t": "1"})), "a pattern is one");
    assert!(
        !holds(json!({"a": {"$elemMatch": {"$lt": 1}}}), json!({"a": [0, null, ""]})),
        "what is false is passed over"
    );
    assert!(!holds(json!({"a": {"$eq": [1]}}), json!({"a": [1]})), "no list is another");
    assert!(holds(json!({"$groups": {"$elemMatch": {"$eq": "a"}}}), json!({"$groups": ["a"]})));
}
