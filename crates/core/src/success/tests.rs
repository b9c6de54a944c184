//! What a definition may be, and what it means. What is read by one: `tests/reading.rs`.

use serde_json::{Value, json};

use super::*;
use crate::Span;

mod reading;

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
            "once": { "event": "once", "take": "first" },
            "half": { "event": "x", "value": { "property": "p", "min": 0 } },
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
        (
            json!({ "window": "7d", "given": { "has": "order", "times": 2 }, "num": { "has": "order" }, "den": "one" }),
            "given",
        ),
        (
            json!({ "window": "7d", "given": { "has": "order", "minus": { "has": "active" } }, "num": { "has": "order" }, "den": "one" }),
            "given",
        ),
        (json!({ "window": "7d", "num": "one", "den": "one", "by": "channel", "read": "total" }), "num"),
        (
            json!({ "window": "7d", "given": { "has": "order" }, "num": { "has": "order" }, "den": "one", "by": "channel" }),
            "den",
        ),
        (json!({ "after": "first_order", "within": "0d", "num": { "has": "order" }, "den": "one" }), "within"),
        (json!({ "after": "first_order", "days": [3, 2], "num": { "has": "order" }, "den": "one" }), "days"),
        (json!({ "after": "first_order", "days": [1, 400], "num": { "has": "order" }, "den": "one" }), "days"),
        (
            json!({ "window": "7d", "num": { "has": "order", "where": { "$xor": 1 } }, "den": { "has": "order" } }),
            "num.where.$xor",
        ),
        (json!({ "window": "7d", "num": { "sum": "half" }, "den": { "has": "active" } }), "num.sum"),
        (
            json!({ "window": "7d", "num": { "count": "order", "distinct": "" }, "den": { "has": "active" } }),
            "num.distinct",
        ),
        (
            json!({ "window": "7d", "num": { "count": "order", "distinct": "$sku" }, "den": { "has": "active" } }),
            "num.distinct",
        ),
    ] {
        let told = faults(&with_metric(metric.clone()));
        assert_eq!(told.len(), 1, "{metric}: {told:?}");
        assert!(told[0].starts_with(&format!("metrics.m.{path}: ")), "{metric}: {told:?}");
    }
}

#[test]
fn facts_are_refused_by_their_path() {
    for (fact, path) in [
        (json!({ "of": "once", "take": "last" }), "of"),
        (json!({ "of": "order", "take": "first", "where": {} }), "where"),
        (json!({ "of": "order", "take": "first", "key": "k" }), "key"),
        (json!({ "of": "first_order", "take": "last" }), "of"),
        (json!({ "take": "first" }), "event"),
        (json!({ "event": "e", "value": { "property": "p", "min": 5, "max": 4 } }), "value.min"),
        (json!({ "event": "e", "value": { "property": "p", "scale": 7 } }), "value.scale"),
        (json!({ "event": "e", "where": { "$value": 1 } }), "where"),
        (json!({ "event": "e", "take": "some" }), "take"),
        (json!({ "event": ["e", "$identify"] }), "event"),
        (json!({ "event": "e", "key": "k", "horizon": "0d" }), "horizon"),
        (json!({ "event": "e", "key": "" }), "key"),
        (json!({ "event": "e", "key": "$k" }), "key"),
    ] {
        let mut source = preset();
        source["facts"]["f"] = fact.clone();
        let told = faults(&source);
        assert_eq!(told.len(), 1, "{fact}: {told:?}");
        assert!(told[0].starts_with(&format!("facts.f.{path}: ")), "{fact}: {told:?}");
    }
}

/// Each limit of what is no metric: what is allowed yet, and what is not.
#[test]
fn a_limit_is_the_most_that_is_allowed() {
    let long = |length: usize| "x".repeat(length);
    let named = |name: String| json!({ name: { "num": { "has": "order" }, "den": "one", "read": "total" } });
    let attribution = |window: &str| json!({ "model": "last_touch", "touch": "clicked", "window": window });
    let reach = |expose: &str, outcome: &str| json!({ "touch": ["clicked"], "by": "c", "in_product": ["x"], "population": "active", "expose": expose, "outcome": outcome });
    let each = |edges: Value| json!({ "m": { "window": "7d", "each": "shown", "then": "clicked", "within": "1d", "num": "reached", "den": "each", "edges": edges } });
    for (field, good, bad, path) in [
        ("id", json!(long(255)), json!(long(256)), "id"),
        ("id", json!("x"), json!(""), "id"),
        ("calendar", json!({ "offset": 1_080 }), json!({ "offset": 1_081 }), "calendar.offset"),
        ("calendar", json!({ "offset": -1_080 }), json!({ "offset": -1_081 }), "calendar.offset"),
        ("money", json!({ "currency": "x", "digits": 6 }), json!({ "currency": "x", "digits": 7 }), "money.digits"),
        ("money", json!({ "currency": "x", "digits": 0 }), json!({ "currency": "", "digits": 0 }), "money.currency"),
        ("metrics", named(long(255)), named(long(256)), "metrics.xxx"),
        ("metrics", named("a-B_9".into()), named("a b".into()), "metrics.a b"),
        ("metrics", named("x".into()), named(String::new()), "metrics[0]"),
        ("metrics", each(json!(["1s", "1d"])), each(json!(["1s", "2d"])), "metrics.m.edges"),
        ("metrics", each(json!([])), each(json!(["0s", "1s"])), "metrics.m.edges"),
        ("attribution", attribution("400d"), attribution("401d"), "attribution.window"),
        ("attribution", attribution("1s"), attribution("0s"), "attribution.window"),
        ("reach", reach("1d", "800d"), reach("0d", "800d"), "reach.expose"),
        ("reach", reach("800d", "1d"), reach("801d", "1d"), "reach.expose"),
        ("reach", reach("2d", "24h"), reach("2d", "25h"), "reach.outcome"),
    ] {
        let told = |value: Value| {
            let mut source = preset();
            source[field] = value;
            faults(&source)
        };
        assert_eq!(told(good), [""; 0], "{field}");
        let told = told(bad);
        assert!(told.len() == 1 && told[0].starts_with(path), "{path}: {told:?}");
    }
    for metric in [
        json!({ "after": "first_order", "within": "400d", "num": { "has": "order" }, "den": "one" }),
        json!({ "after": "first_order", "days": [1, 399], "num": { "has": "order" }, "den": "one" }),
        json!({ "window": "800d", "num": { "has": "order" }, "den": { "has": "active" } }),
    ] {
        assert_eq!(faults(&with_metric(metric)), [""; 0]);
    }
    let mut source = preset();
    source["facts"]["f"] = json!({ "event": "e", "value": { "property": "p", "min": 5, "max": 5 } });
    source["attribution"] = attribution("1d");
    source["reach"] = reach("30d", "7d");
    let definition = Definition::compile(&source, "").unwrap();
    let touch = definition.facts.iter().position(|fact| fact.name == "clicked").unwrap();
    assert_eq!(definition.attribution.map(|found| (found.touch, found.window)), Some((touch, Span(DAY))));
    assert_eq!(definition.reach.map(|found| (found.touch, found.expose, found.outcome)), Some((vec![touch], 30, 7)));
}

#[test]
fn what_names_a_fact_that_cannot_be_used_is_told_so() {
    let mut source = with_metric(json!({ "num": { "has": "f" }, "den": { "has": "order" } }));
    source["facts"]["f"] = json!({ "of": "order" });
    let told = faults(&source);
    assert!(told[1].contains("the fact `f` cannot be used"), "{told:?}");
    source["metrics"]["m"]["num"]["has"] = json!("g");
    assert!(!faults(&source)[1].contains("cannot be used"));
}

#[test]
fn a_metric_is_read_at_midnight_where_numbers_are_weighed_or_compared_with_the_time_before() {
    let has = || json!({ "has": "order" });
    for (metric, midnight) in [
        (json!({ "num": has(), "den": { "has": "active" } }), false),
        (json!({ "num": { "has": "order", "minus": has() }, "den": { "has": "active" } }), false),
        (json!({ "num": { "has": "order", "times": 2 }, "den": { "has": "active" } }), true),
        (
            json!({ "num": { "has": "order", "minus": { "has": "order", "times": 2 } }, "den": { "has": "active" } }),
            true,
        ),
        (json!({ "num": { "has": "order", "in": "previous" }, "den": has() }), true),
        (json!({ "num": { "count": "order", "distinct": "day" }, "den": has() }), true),
        (json!({ "num": has(), "den": has(), "as_of": "midnight" }), true),
    ] {
        let mut metric = metric;
        metric["window"] = json!("7d");
        let definition = Definition::compile(&with_metric(metric.clone()), "").unwrap();
        assert_eq!(definition.metric("m").unwrap().as_of == AsOf::Midnight, midnight, "{metric}");
    }
}

#[test]
fn what_a_metric_is_read_as_and_when_it_is_mature() {
    let metric = |source: Value| Definition::compile(&with_metric(source), "").unwrap().metric("m").unwrap().clone();
    let of = |read: Value| {
        metric(
            json!({ "window": "7d", "given": { "has": "order" }, "num": { "count": "order" }, "den": "one", "read": read }),
        )
    };
    for (read, value, none, operators) in [
        (json!("ratio"), 3.5, None, 3),
        (json!({ "scale": 100 }), 350.0, None, 3),
        (json!("change"), 2.5, None, 3),
        (json!("total"), 7.0, Some(7.0), 2),
    ] {
        let metric = of(read.clone());
        assert_eq!(metric.value(Pair { num: 7, den: 2 }), Some(value), "{read}");
        assert_eq!(metric.value(Pair { num: 7, den: 0 }), none, "{read}");
        assert_eq!(metric.operators().count(), operators, "{read}");
        assert_eq!(metric.horizon(), None);
    }
    for (range, horizon) in [
        (json!({ "after": "first_order", "within": "7d", "num": { "has": "order" }, "den": "one" }), Span(7 * DAY)),
        (json!({ "after": "first_order", "days": [1, 3], "num": { "has": "order" }, "den": "one" }), Span(4 * DAY)),
        (
            json!({ "window": "7d", "each": "shown", "then": "clicked", "within": "1h", "num": "reached", "den": "each" }),
            Span(DAY / 24),
        ),
    ] {
        assert_eq!(metric(range.clone()).horizon(), Some(horizon), "{range}");
    }
}

#[test]
fn a_goal_is_met_or_missed_before_rounding_and_only_with_enough_data() {
    let goal = |direction, target, min_den| {
        let mut source = preset();
        source["goals"] = json!([{ "metric": "buyers", "role": "primary", "direction": direction, "target": target, "min_den": min_den }]);
        Definition::compile(&source, "").unwrap().goals.remove(0)
    };
    let third = json!({ "num": 1, "den": 3 });
    for (direction, num, den, expected) in [
        ("up", 4, 12, GoalStatus::Met),
        ("up", 3, 10, GoalStatus::Missed),
        ("down", 4, 12, GoalStatus::Met),
        ("down", 4, 11, GoalStatus::Missed),
        ("up", 9, 9, GoalStatus::NoData),
        ("up", 10, 10, GoalStatus::Met),
        ("up", i128::MAX, 10, GoalStatus::NoData),
    ] {
        assert_eq!(goal(direction, third.clone(), 10).status(num, den), expected, "{num} of {den}, {direction}");
    }
    assert_eq!(goal("up", third, 0).status(1, 0), GoalStatus::NoData);
    assert_eq!(goal("up", Value::Null, 0).status(1, 1), GoalStatus::NoTarget);
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
    let mut filtered = source.clone();
    filtered["metrics"]["aov"]["num"]["where"] = json!({"sku": "a"});
    filtered["metrics"]["aov"]["den"]["where"] = json!({"sku": {"$gt": "a"}, "n": {"$ne": 1}});
    let definition = Definition::compile(&filtered, "").unwrap();
    let text = crate::wire::to_json(&definition.closure(definition.metric("aov").unwrap()));
    assert!(text.contains(r#""where":{"sku":{"$in":["a"]}}"#), "{text}");
    assert!(text.contains(r#""where":{"$and":[{"n":{"$nin":[1]}},{"sku":{"$gt":"a"}}]}"#), "{text}");
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

/// Metrics that differ in one thing each have as many fingerprints, and as many keys under which a person's numbers are kept.
#[test]
fn whatever_differs_in_meaning_differs_in_its_fingerprint() {
    let with = |name: &str, value: Value| {
        let mut metric = json!({ "window": "7d", "num": { "count": "order" }, "den": { "count": "active" } });
        match name {
            "" => {}
            "by" => metric["by"] = value,
            _ => metric["num"][name] = value,
        }
        metric
    };
    let each = |field: &str, value: Value| {
        let mut metric = json!({ "window": "7d", "each": "shown", "then": "clicked", "within": "1d", "num": "reached", "den": "each" });
        if !field.is_empty() {
            metric[field] = value;
        }
        metric
    };
    let mut metrics = vec![with("", json!(null)), each("", json!(null))];
    for test in [
        json!({ "$lt": 1 }),
        json!({ "$lte": 1 }),
        json!({ "$gt": 1 }),
        json!({ "$gte": 1 }),
        json!({ "$gte": 2 }),
        json!({ "$gte": "1" }),
        json!({ "$in": [1, 2] }),
        json!({ "$nin": [1, 2] }),
        json!({ "$in": [1, 3] }),
        json!({ "$in": [1, true] }),
        json!({ "$exists": true }),
        json!({ "$exists": false }),
    ] {
        metrics.push(with("where", json!({ "n": test })));
    }
    metrics.push(with("where", json!({ "other": { "$lt": 1 } })));
    metrics.extend(["channel", "country", "$event"].map(|by| with("by", json!(by))));
    metrics.extend(["day", "session", "sku"].map(|distinct| with("distinct", json!(distinct))));
    for (field, value) in [
        ("each", json!("active")),
        ("then", json!("order")),
        ("match", json!("id")),
        ("match", json!("other")),
        ("within", json!("2d")),
        ("by", json!("channel")),
        ("by", json!("country")),
    ] {
        metrics.push(each(field, value));
    }
    let mut source = preset();
    source["metrics"] = metrics.iter().enumerate().map(|(n, metric)| (format!("m{n}"), metric.clone())).collect();
    let definition = Definition::compile(&source, "").unwrap();
    let mut prints: Vec<_> = definition.metrics.iter().map(|metric| metric.fingerprint.clone()).collect();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), metrics.len());
    let standard = Standard::new(&source, definition);
    let compiled = standard.0.as_ref().unwrap();
    let mut keys: Vec<_> = compiled.keys().collect();
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all);
    let place = standard.metric("m3").unwrap();
    let print = &standard.definition().unwrap().metrics[place].fingerprint;
    assert_eq!((&standard.fingerprint(place), standard.fingerprint(metrics.len())), (print, String::new()));
}

/// The numerator is `has`, of plain events, up to now (engine.md 5.2).
#[test]
fn what_can_be_a_campaigns_goal() {
    let mut source = preset();
    source["metrics"] = json!({
        "thrice": { "window": "30d", "num": { "has": "order", "at_least": 3 }, "den": { "has": "active" } },
        "once": { "window": "30d", "num": { "has": "order" }, "den": { "has": "active" } },
        "ever": { "num": { "has": "clicked" }, "den": { "has": "active" } },
        "count": { "window": "30d", "num": { "count": "order" }, "den": { "has": "active" } },
        "before": { "window": "30d", "num": { "has": "order", "in": "previous" }, "den": { "has": "active" } },
        "days": { "window": "30d", "num": { "has": "order", "distinct": "day" }, "den": { "has": "active" } },
        "split": { "window": "30d", "num": { "has": "order" }, "den": { "has": "active" }, "by": "channel" },
        "given": { "window": "30d", "given": { "has": "active" }, "num": { "has": "order" }, "den": "one" },
        "twice": { "window": "30d", "num": { "has": "order", "times": 2 }, "den": { "has": "active" } },
    });
    let standard = Standard::new(&source, Definition::compile(&source, "").unwrap());
    let plan = &standard.0.as_ref().unwrap().plan;
    for (name, within) in [("thrice", Some(Span(30 * DAY))), ("once", Some(Span(30 * DAY))), ("ever", None)] {
        let place = standard.metric(name).unwrap();
        assert!(standard.is_goal(place), "{name}");
        assert_eq!(plan.goal(place).unwrap().within, within, "{name}");
    }
    for name in ["count", "before", "days", "split", "given", "twice"] {
        assert!(!standard.is_goal(standard.metric(name).unwrap()), "{name}");
    }
    let mut least: Vec<u32> = plan.goals.iter().map(|goal| goal.at_least).collect();
    least.sort_unstable();
    assert_eq!(least, [1, 3], "the orders are kept once, as many as any goal needs");
}

#[test]
fn edges_are_metrics_of_their_own() {
    let metric = json!({ "window": "7d", "each": "shown", "then": "clicked", "match": "presentation_id", "within": "1d", "num": "elapsed", "den": "reached", "edges": ["5m", "90s", "1d"] });
    assert_eq!(faults(&with_metric(metric.clone())).len(), 1, "not ascending");
    let mut ascending = metric;
    ascending["title"] = json!("How soon");
    ascending["edges"] = json!(["90s", "5m", "24h"]);
    for read in [json!({ "scale": 100 }), json!("change")] {
        ascending["read"] = read;
        let definition = Definition::compile(&with_metric(ascending.clone()), "").unwrap();
        let names: Vec<&str> = definition.metrics.iter().map(|metric| metric.name.as_str()).collect();
        assert_eq!(names, ["buyers", "m", "m[90s]", "m[5m]", "m[1d]"]);
        let edge = definition.metric("m[90s]").unwrap();
        assert_eq!((&edge.title, edge.kind, edge.scale), (&None, Kind::Ratio, 1));
        assert_eq!((&edge.num.operator, &edge.den.operator), (&Operator::Reached, &Operator::Each));
    }
}
