//! What a person's events are read as.

use super::*;

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
