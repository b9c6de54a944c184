use serde_json::{Value, json};

use super::*;

fn preset() -> Value {
    json!({
        "spec": 1, "id": "shop", "version": 1,
        "money": { "currency": "USD", "digits": 2 },
        "facts": {
            "order": { "event": "order_completed", "key": "order_id", "value": { "property": "minor", "min": 0, "max": 1000 } },
            "active": { "event": ["$screen", "$session_start"] },
            "first_order": { "of": "order", "take": "first" },
            "shown": { "event": "$shown" },
            "clicked": { "event": "$clicked" },
        },
        "metrics": {
            "buyers": { "window": "30d", "num": { "has": "order" }, "den": "one", "read": "total" },
        },
    })
}

fn with_metric(metric: Value) -> Value {
    let mut source = preset();
    source["metrics"]["m"] = metric;
    source
}

fn faults(source: &Value) -> Vec<String> {
    Definition::compile(source, "").err().unwrap_or_default().into_iter().map(|error| error.to_string()).collect()
}

#[test]
fn what_would_not_be_one_number_is_refused_by_its_path() {
    for (metric, path) in [
        (json!({ "after": "order", "within": "7d", "num": { "has": "order" }, "den": "one" }), "after"),
        (json!({ "after": "first_order", "days": [0, 3], "num": { "has": "order" }, "den": "one" }), "days"),
        (
            json!({ "after": "first_order", "within": "7d", "given": { "has": "order" }, "num": { "has": "order" }, "den": "one" }),
            "given",
        ),
        (
            json!({ "window": "7d", "each": "shown", "then": "clicked", "within": "1d", "given": { "has": "order" }, "num": "reached", "den": "each" }),
            "given",
        ),
        (
            json!({ "after": "first_order", "within": "7d", "num": { "has": "order", "in": "previous" }, "den": "one" }),
            "num.in",
        ),
        (
            json!({ "window": "7d", "num": { "has": "order", "in": "previous", "distinct": "session" }, "den": { "has": "order" } }),
            "num.in",
        ),
        (json!({ "window": "7d", "num": { "span": "order" }, "den": { "has": "order" } }), "num.span"),
        (json!({ "num": { "count": "order", "distinct": "sku" }, "den": { "has": "order" } }), "num.distinct"),
        (json!({ "each": "shown", "then": "clicked", "within": "1d", "num": "reached", "den": "each" }), "window"),
        (json!({ "window": "7d", "num": { "lacks": "order" }, "den": { "has": "order" } }), "num"),
        (json!({ "window": "7d", "num": { "has": "order" }, "den": "one" }), "den"),
        (json!({ "window": "7d", "num": { "sum": "active" }, "den": { "has": "active" } }), "num.sum"),
        (json!({ "window": "801d", "num": { "has": "order" }, "den": { "has": "active" } }), "window"),
        (json!({ "window": "36h", "num": { "has": "order" }, "den": { "has": "active" } }), "window"),
        (json!({ "after": "first_order", "within": "401d", "num": { "has": "order" }, "den": "one" }), "within"),
        (json!({ "window": "7d", "num": { "percentile": "order" }, "den": { "has": "order" } }), "num.percentile"),
        (
            json!({ "window": "7d", "num": { "has": "order", "where": { "x": 1.5 } }, "den": { "has": "order" } }),
            "num.where.x",
        ),
        (
            json!({ "window": "7d", "num": { "has": "order", "where": { "x": { "$regex": "a" } } }, "den": { "has": "order" } }),
            "num.where.x.$regex",
        ),
        (json!({ "window": "7d", "num": { "has": "order", "times": 1001 }, "den": { "has": "order" } }), "num.times"),
        (json!({ "window": "7d", "num": { "has": "nobody" }, "den": { "has": "order" } }), "num.has"),
        (json!({ "window": "7d", "num": "reached", "den": { "has": "order" } }), "num"),
        (json!({ "num": "buyers", "den": "one" }), "num"),
        (json!({ "num": { "has": "order" } }), "den"),
        (json!({ "window": "7d", "num": { "has": "order" }, "den": { "has": "order" }, "windw": 1 }), "windw"),
    ] {
        let told = faults(&with_metric(metric.clone()));
        assert_eq!(told.len(), 1, "{metric}: {told:?}");
        assert!(told[0].starts_with(&format!("metrics.m.{path}: ")), "{metric}: {told:?}");
    }
}

#[test]
fn facts_are_refused_by_their_path() {
    for (fact, path) in [
        (json!({ "of": "order", "take": "first", "where": {} }), "where"),
        (json!({ "of": "order", "take": "first", "key": "k" }), "key"),
        (json!({ "of": "first_order", "take": "last" }), "of"),
        (json!({ "take": "first" }), "event"),
        (json!({ "event": "e", "value": { "property": "p", "min": 5, "max": 4 } }), "value.min"),
        (json!({ "event": "e", "value": { "property": "p", "scale": 7 } }), "value.scale"),
        (json!({ "event": "e", "where": { "$value": 1 } }), "where"),
        (json!({ "event": "e", "take": "some" }), "take"),
        (json!({ "event": ["e", "$identify"] }), "event"),
    ] {
        let mut source = preset();
        source["facts"]["f"] = fact.clone();
        let told = faults(&source);
        assert_eq!(told.len(), 1, "{fact}: {told:?}");
        assert!(told[0].starts_with(&format!("facts.f.{path}: ")), "{fact}: {told:?}");
    }
}

#[test]
fn a_problem_loses_nothing_else() {
    let (definition, errors) = Definition::compile_leniently(&with_metric(json!({ "num": 1, "den": 2 })), "success");
    assert_eq!(definition.metrics.len(), 1);
    let paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["success.metrics.m.num", "success.metrics.m.den"]);
}

#[test]
fn a_fingerprint_is_the_sha_256_of_a_text_that_can_be_written_by_hand() {
    // What `sha256sum` says of the text below.
    let text = concat!(
        r#"{"facts":{"order":{"event":["order_completed"],"horizon":34560000000,"key":"order_id","#,
        r#""value":{"max":100,"min":0,"property":"minor"}}},"#,
        r#""metric":{"den":{"of":{"fact":"order"},"operator":"count"},"num":{"of":{"fact":"order"},"operator":"sum"},"window":30},"#,
        r#""spec":1}"#,
    );
    let source = json!({
        "spec": 1, "id": "shop", "version": 3, "owner": {"team": "growth"}, "money": {"currency": "EUR", "digits": 2},
        "facts": {"order": {"event": "order_completed", "key": "order_id", "value": {"property": "minor", "min": 0, "max": 100}}},
        "metrics": {"aov": {"title": "Average order", "window": "30d", "num": {"sum": "order"}, "den": {"count": "order"}}},
    });
    let definition = Definition::compile(&source, "").unwrap();
    let metric = definition.metric("aov").unwrap();
    assert_eq!(crate::wire::to_json(&definition.closure(metric)), text);
    assert_eq!(metric.fingerprint, "6f61c7e7967c44bbcf603d5a867018063b38b7e16558eb2efc5009ca7586ecf1");
}

#[test]
fn a_fingerprint_is_the_meaning_and_nothing_else() {
    let base = json!({ "window": "30d", "num": { "sum": "order" }, "den": { "has": "order" } });
    let print = |source: &Value| Definition::compile(source, "").unwrap().metric("m").unwrap().fingerprint.clone();
    let before = print(&with_metric(base.clone()));
    let mut same = with_metric(base.clone());
    same["id"] = json!("other");
    same["version"] = json!(9);
    same["metrics"]["m"]["title"] = json!("Revenue per buyer");
    same["metrics"]["m"]["window"] = json!("720h");
    same["metrics"]["m"]["num"]["times"] = json!(null);
    same["metrics"]["m"]["read"] = json!({ "scale": 100 });
    same["facts"]["unused"] = json!({ "event": "x" });
    same["facts"]["order"]["horizon"] = json!("400d");
    assert_eq!(print(&same), before);
    for (path, value) in [
        ("/metrics/m/window", json!("31d")),
        ("/facts/order/value/max", json!(1001)),
        ("/facts/order/event", json!("order_paid")),
        ("/facts/order/horizon", json!("30d")),
        ("/metrics/m/num/where", json!({ "$value": { "$gt": 1 } })),
        ("/calendar", json!({ "offset": 120 })),
    ] {
        let mut other = with_metric(base.clone());
        let (parent, name) = path.rsplit_once('/').unwrap();
        other.pointer_mut(parent).unwrap()[name] = value;
        assert_ne!(print(&other), before, "{path}");
    }
}

#[test]
fn edges_are_metrics_of_their_own() {
    let metric = json!({ "window": "7d", "each": "shown", "then": "clicked", "match": "presentation_id", "within": "1d", "num": "elapsed", "den": "reached", "edges": ["5m", "90s", "1d"] });
    assert_eq!(faults(&with_metric(metric.clone())).len(), 1, "not ascending");
    let mut ascending = metric;
    ascending["edges"] = json!(["90s", "5m", "24h"]);
    let definition = Definition::compile(&with_metric(ascending), "").unwrap();
    let names: Vec<&str> = definition.metrics.iter().map(|metric| metric.name.as_str()).collect();
    assert_eq!(names, ["buyers", "m", "m[90s]", "m[5m]", "m[1d]"]);
}

/// Folds `[ts, event, properties]` of one user and reads a metric.
fn read(metric: Value, events: &[Value], as_of: i64) -> Reading {
    let definition = Definition::compile(&with_metric(metric), "").unwrap();
    let plan = Plan::new(std::sync::Arc::new(definition));
    let mut person = plan.person();
    let mut faults = Faults::default();
    for event in events {
        let name = event[1].as_str().unwrap();
        let properties: Vec<Scalar<'_>> =
            plan.definition().properties.iter().map(|name| Scalar::of(&event[2][name])).collect();
        let observed = Observed {
            event: plan.events().iter().position(|known| known == name).unwrap(),
            ts: event[0].as_i64().unwrap(),
            offset_min: 0,
            session: event[2]["session"].as_str(),
            properties: &properties,
        };
        plan.observe(&mut person, &observed, &mut faults);
    }
    let place = plan.definition().metrics.iter().position(|metric| metric.name == "m").unwrap();
    plan.read(&person, place, as_of)
}

fn pair(num: i64, den: i64) -> Reading {
    Reading::Pair(Pair { num, den })
}

/// Within one JSON type, and never unknown (success.md 3.12).
#[test]
fn each_comparison_at_its_edge_and_across_types() {
    let holds = |condition: &Value, properties: &Value| {
        let metric =
            json!({ "window": "2d", "num": { "count": "order", "where": condition }, "den": { "count": "order" } });
        let mut properties = properties.clone();
        properties["minor"] = json!(1);
        match read(metric, &[json!([5, "order_completed", properties])], 6) {
            Reading::Pair(Pair { num, den: 1 }) => num == 1,
            other => panic!("{condition}: {other:?}"),
        }
    };
    for (operator, expected) in [
        (json!({ "$lt": 2 }), [true, false, false]),
        (json!({ "$lte": 2 }), [true, true, false]),
        (json!({ "$gt": 2 }), [false, false, true]),
        (json!({ "$gte": 2 }), [false, true, true]),
        (json!({ "$eq": 2 }), [false, true, false]),
        (json!({ "$ne": 2 }), [true, false, true]),
        (json!({ "$in": [1, 2] }), [true, true, false]),
        (json!({ "$nin": [1, 2] }), [false, false, true]),
        (json!({ "$gt": 1, "$lt": 3 }), [false, true, false]),
        (json!(2), [false, true, false]),
    ] {
        for (n, expected) in (1..=3).zip(expected) {
            assert_eq!(holds(&json!({ "n": operator }), &json!({ "n": n })), expected, "{operator} of {n}");
        }
        // Of another type, a fraction, missing: no comparison holds but those that say what it is not.
        let negated = operator.get("$ne").or(operator.get("$nin")).is_some();
        for other in [json!("2"), json!(true), json!(2.5), json!(null)] {
            assert_eq!(holds(&json!({ "n": operator }), &json!({ "n": other })), negated, "{operator} of {other}");
        }
    }
    for (condition, subject, expected) in [
        (json!({ "t": { "$lt": "b" } }), json!({ "t": "a" }), true),
        (json!({ "t": { "$gt": "Z" } }), json!({ "t": "a" }), true),
        (json!({ "b": true }), json!({ "b": true }), true),
        (json!({ "b": true }), json!({ "b": false }), false),
        (json!({ "n": { "$exists": true } }), json!({ "n": 2.5 }), true),
        (json!({ "n": { "$exists": true } }), json!({}), false),
        (json!({ "n": { "$exists": false } }), json!({}), true),
        (json!({ "n": { "$exists": false } }), json!({ "n": 0 }), false),
        (json!({ "n": null }), json!({}), true),
        (json!({ "n": { "$ne": null } }), json!({}), false),
        (json!({ "$or": [{ "n": 1 }, { "t": "a" }] }), json!({ "t": "a" }), true),
        (json!({ "$or": [{ "n": 1 }, { "t": "a" }] }), json!({ "n": 2 }), false),
        (json!({ "$and": [{ "n": 1 }, { "t": "a" }] }), json!({ "n": 1, "t": "b" }), false),
        (json!({ "n": 1, "t": "a" }), json!({ "n": 1, "t": "a" }), true),
        (json!({ "$not": { "n": 1 } }), json!({ "n": 2 }), true),
        (json!({ "$event": "order_completed" }), json!({}), true),
        (json!({ "$event": "other" }), json!({}), false),
    ] {
        assert_eq!(holds(&condition, &subject), expected, "{condition} of {subject}");
    }
}

#[test]
fn a_window_begins_at_a_midnight() {
    let metric = json!({ "window": "2d", "num": { "sum": "order" }, "den": { "count": "order", "in": "previous" } });
    let order = |ts: i64, minor: i64| json!([ts, "order_completed", { "minor": minor }]);
    let events = [order(DAY - 1, 1), order(DAY, 2), order(3 * DAY - 1, 4), order(3 * DAY, 8)];
    assert_eq!(read(metric.clone(), &events, 3 * DAY + 1), pair(2 + 4 + 8, 1), "live: two days and today");
    assert_eq!(read(metric, &events[..3], 3 * DAY), pair(2 + 4, 1), "midnight: two days");
}

#[test]
fn each_is_mature_first_and_followed_once() {
    let metric = json!({ "window": "2d", "each": "shown", "then": "clicked", "match": "id", "within": "1h", "num": "elapsed", "den": "reached", "by": "channel" });
    let shown = |ts: i64, id: &str| json!([ts, "$shown", { "id": id, "channel": "inbox" }]);
    let clicked = |ts: i64, id: Value| json!([ts, "$clicked", { "id": id }]);
    let events = [
        shown(0, "a"),
        shown(10, "b"),
        clicked(20, json!("b")),
        clicked(30, json!("b")),
        clicked(3_600_000, json!("a")),
        shown(5_000_000, "c"),
    ];
    let one = Reading::Groups(vec![(Some("inbox".into()), Pair { num: 10, den: 1 })]);
    assert_eq!(read(metric.clone(), &events, 5_000_001), one);
    assert_eq!(read(metric, &events[..1], 3_600_000), Reading::Groups(vec![]), "it matures after this instant");
}

#[test]
fn after_counts_the_anchor_and_not_the_end() {
    let metric = json!({ "after": "first_order", "within": "1h", "num": { "count": "order" }, "den": "one" });
    let order = |ts: i64| json!([ts, "order_completed", { "minor": 1 }]);
    let events = [order(5), order(3_600_004), order(3_600_005)];
    assert_eq!(read(metric.clone(), &events, 3_600_006), pair(2, 1));
    assert_eq!(read(metric, &events[..2], 3_600_005), pair(0, 0), "not mature");
}
