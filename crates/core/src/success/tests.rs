use serde_json::{Value, json};

use super::*;
use crate::Span;

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

/// Folds `[ts, event, properties]` of one user and reads a metric.
fn read(metric: Value, events: &[Value], as_of: i64) -> Reading {
    let definition = Definition::compile(&with_metric(metric), "").unwrap();
    let plan = Plan::new(std::sync::Arc::new(definition));
    let (person, _) = fold(&plan, plan.person(), events);
    reading(&plan, &person, as_of)
}

fn reading(plan: &Plan, person: &Person, as_of: i64) -> Reading {
    let place = plan.definition().metrics.iter().position(|metric| metric.name == "m").unwrap();
    plan.read(person, place, as_of)
}

fn fold(plan: &Plan, mut person: Person, events: &[Value]) -> (Person, Faults) {
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
    (person, faults)
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

#[test]
fn after_by_days_counts_from_the_midnight_of_the_first_to_that_after_the_last() {
    let metric = json!({ "after": "first_order", "days": [1, 2], "num": { "count": "order" }, "den": "one" });
    let order = |ts: i64| json!([ts, "order_completed", { "minor": 1 }]);
    let events = [order(5), order(DAY - 1), order(DAY), order(3 * DAY - 1), order(3 * DAY)];
    assert_eq!(read(metric.clone(), &events, 3 * DAY + 6), pair(2, 1));
    assert_eq!(read(metric, &events, 3 * DAY + 5), pair(0, 0), "not mature");
}

/// To the last touch less than the window before (success.md 3.19).
#[test]
fn a_numerator_is_credited_to_the_last_touch() {
    let plan = |metric: Value, touch: &str| {
        let mut source = with_metric(metric);
        source["attribution"] = json!({ "model": "last_touch", "touch": touch, "window": "1d" });
        Plan::attributed(std::sync::Arc::new(Definition::compile(&source, "").unwrap()), "channel").unwrap()
    };
    let clicked = |ts: i64, channel: &str| json!([ts, "$clicked", { "channel": channel }]);
    let order = |ts: i64, minor: i64| json!([ts, "order_completed", { "minor": minor }]);
    let events = [
        order(1, 1),
        clicked(5, "inbox"),
        order(6, 2),
        json!([7, "$shown", { "channel": "none" }]),
        clicked(8, "email"),
        order(9, 4),
        order(DAY + 7, 8),
        order(DAY + 8, 16),
    ];
    let sum = json!({ "window": "7d", "num": { "sum": "order" }, "den": "one", "read": "total" });
    let group = |name: &str, num: i64, den: i64| (Some(name.to_owned()), Pair { num, den });
    let found = plan(sum.clone(), "clicked");
    let (person, _) = fold(&found, found.person(), &events);
    assert_eq!(
        reading(&found, &person, 2 * DAY),
        Reading::Groups(vec![group("(none)", 17, 2), group("email", 12, 2), group("inbox", 2, 1)])
    );
    let untouched = Definition::compile(&preset(), "").unwrap();
    assert!(Plan::attributed(std::sync::Arc::new(untouched), "channel").is_none(), "nothing says what a touch is");
    let attributed = |metric: Value| {
        let definition = Definition::compile(&with_metric(metric), "").unwrap();
        Plan::is_attributed(definition.metric("m").unwrap())
    };
    assert!(attributed(sum.clone()));
    let mut count = sum;
    count["num"] = json!({ "count": "order" });
    assert!(attributed(count.clone()));
    count["given"] = json!({ "has": "active" });
    assert!(!attributed(count), "`given`");
    for num in [json!({ "has": "order" }), json!({ "count": "order", "minus": { "count": "active" } })] {
        assert!(!attributed(json!({ "window": "7d", "num": num, "den": { "has": "active" } })), "{num}");
    }
    assert!(!attributed(
        json!({ "window": "7d", "each": "shown", "then": "clicked", "within": "1d", "num": "reached", "den": "each" })
    ));
    let definition = Definition::compile(&preset(), "").unwrap();
    let buyers = definition.metric("buyers").unwrap();
    let mut prints: Vec<_> = [(3, DAY), (3, 2 * DAY), (4, DAY)]
        .map(|(touch, window)| definition.attributed_fingerprint(buyers, &Attribution { touch, window: Span(window) }))
        .into();
    prints.push(buyers.fingerprint.clone());
    prints.sort();
    prints.dedup();
    assert!(prints.len() == 4 && prints.iter().all(|print| print.len() == 64), "{prints:?}");
}

#[test]
fn what_leaves_a_fact_is_counted_by_its_reason() {
    let plan = Plan::new(std::sync::Arc::new(Definition::compile(&preset(), "").unwrap()));
    let order = |minor: Value, id: &str| json!([5, "order_completed", { "minor": minor, "order_id": id }]);
    let events = [
        order(json!(1), "a"),
        order(json!(1001), "b"),
        order(json!("x"), "c"),
        order(json!(1), "a"),
        order(json!(1), "a"),
    ];
    let (_, mut faults) = fold(&plan, plan.person(), &events);
    let fact = plan.definition().facts.iter().position(|fact| fact.name == "order").unwrap();
    let told = |faults: &Faults| faults.iter().collect::<Vec<_>>();
    let expected = [("duplicate.key", 2), ("value.range", 1), ("value.type", 1)];
    assert_eq!(told(&faults), expected.map(|(code, count)| (fact, code, count)));
    faults.merge(&faults.clone());
    assert_eq!(told(&faults), expected.map(|(code, count)| (fact, code, 2 * count)));
}

#[test]
fn a_person_of_more_than_a_million_events_of_a_fact_is_left_out() {
    let metric = json!({ "window": "2d", "num": { "count": "active" }, "den": "one", "read": "total" });
    let plan = Plan::new(std::sync::Arc::new(Definition::compile(&with_metric(metric), "").unwrap()));
    let mut person = plan.person();
    let fact = plan.definition().facts.iter().position(|fact| fact.name == "active").unwrap();
    person.facts[fact].count = 999_999;
    let one = [json!([5, "$screen", {}])];
    let (person, _) = fold(&plan, person, &one);
    assert_eq!(reading(&plan, &person, 6), pair(1, 0));
    let (person, _) = fold(&plan, person, &one);
    assert_eq!(reading(&plan, &person, 6), Reading::Excluded);
    let (person, _) = fold(&plan, person, &one);
    assert_eq!(reading(&plan, &person, 6), Reading::Excluded, "and stays so");
}

#[test]
fn more_than_256_groups_are_no_reading() {
    let metric = json!({ "window": "2d", "num": { "count": "shown" }, "den": "one", "by": "id", "read": "total" });
    let events: Vec<Value> = (0..257).map(|n| json!([5, "$shown", { "id": format!("g{n}") }])).collect();
    assert!(matches!(read(metric.clone(), &events[..256], 6), Reading::Groups(groups) if groups.len() == 256));
    assert_eq!(read(metric, &events, 6), Reading::StateLimit);
}

/// Not all that may be asked for is kept: what is over is no reading for as long as a window reaches back to it.
#[test]
fn more_than_4096_groups_are_not_kept() {
    let metric = json!({ "window": "2d", "num": { "count": "shown" }, "den": "one", "by": "id", "read": "total" });
    let shown = |ts: i64, n: usize| json!([ts, "$shown", { "id": format!("g{n}") }]);
    let fits: Vec<Value> = (0..4_096).map(|n| shown(5, n)).collect();
    let later = |ts: i64, as_of: i64| {
        let mut events = fits.clone();
        events.push(shown(ts, 4_096));
        events.extend((ts == 4 * DAY).then(|| shown(5 * DAY, 4_097)));
        read(metric.clone(), &events, as_of)
    };
    let one = Reading::Groups(vec![(Some("g4096".into()), Pair { num: 1, den: 0 })]);
    assert_eq!(later(3 * DAY, 3 * DAY + 1), one, "what no reading asks for any more makes room");
    assert_eq!(later(DAY, 3 * DAY + 1), Reading::StateLimit, "what came over");
    assert_eq!(later(2 * DAY, 5 * DAY + 1), Reading::Groups(Vec::new()), "is forgotten");
}

#[test]
fn what_came_over_is_not_forgotten_by_making_room() {
    let metric = json!({ "window": "2d", "num": { "count": "shown" }, "den": "one", "by": "id", "read": "total" });
    let shown = |ts: i64, n: usize| json!([ts, "$shown", { "id": format!("g{n}") }]);
    let mut events: Vec<Value> = (0..4_096).map(|n| shown(2 * DAY, n)).collect();
    // The first is over; the second finds room, as the others lie before every window by then.
    events.extend([shown(4 * DAY, 4_096), shown(5 * DAY, 4_097)]);
    assert_eq!(read(metric.clone(), &events, 5 * DAY + 1), Reading::StateLimit);
    let one = Reading::Groups(vec![(Some("g4097".into()), Pair { num: 1, den: 0 })]);
    assert_eq!(read(metric, &events, 7 * DAY + 1), one);
}

/// A goal hears of what a metric would count: not twice of the same key within its horizon (engine.md 5.2).
#[test]
fn which_goals_an_event_counts_for() {
    let mut source = preset();
    source["facts"]["order"]["horizon"] = json!("3d");
    source["metrics"]["clicks"] = json!({ "window": "30d", "num": { "has": "clicked" }, "den": { "has": "active" } });
    source["metrics"]["firsts"] = json!({ "num": { "has": "first_order" }, "den": { "has": "active" } });
    let plan = Plan::new(std::sync::Arc::new(Definition::compile(&source, "").unwrap()));
    let goals = |person: &Person, ts: i64, name: &str| {
        let event = plan.events().iter().position(|known| known == name).unwrap();
        let values = [json!("a"), json!(1)];
        let named = |name: &String| match name.as_str() {
            "order_id" => Scalar::of(&values[0]),
            "minor" => Scalar::of(&values[1]),
            _ => Scalar::Absent,
        };
        let properties: Vec<Scalar<'_>> = plan.definition().properties.iter().map(named).collect();
        let observed = Observed { event, ts, offset_min: 0, session: None, properties: &properties };
        plan.goals_of(person, &observed).count()
    };
    let nobody = plan.person();
    assert_eq!((goals(&nobody, 5, "$clicked"), goals(&nobody, 5, "$shown")), (1, 0));
    assert_eq!(goals(&nobody, 5, "order_completed"), 2, "any order, and the first");
    let (buyer, _) = fold(&plan, nobody, &[json!([5, "order_completed", { "order_id": "a", "minor": 1 }])]);
    assert_eq!(goals(&buyer, 6, "order_completed"), 0, "the same order again");
    assert_eq!(goals(&buyer, 3 * DAY + 4, "order_completed"), 0);
    assert_eq!(goals(&buyer, 3 * DAY + 5, "order_completed"), 1, "its key counts anew");
}

#[test]
fn what_is_followed_alike_is_kept_once() {
    let mut source = preset();
    let each = |window: &str| json!({ "window": window, "each": "shown", "then": "clicked", "within": "1h", "num": "reached", "den": "each" });
    source["metrics"]["week"] = each("7d");
    source["metrics"]["month"] = each("30d");
    source["metrics"]["other"] =
        json!({ "window": "7d", "each": "shown", "then": "order", "within": "1h", "num": "reached", "den": "each" });
    let plan = Plan::new(std::sync::Arc::new(Definition::compile(&source, "").unwrap()));
    let mut days: Vec<i64> = plan.follows.iter().map(|follow| follow.days).collect();
    days.sort_unstable();
    assert_eq!(days, [7, 30]);
}
