use proptest::prelude::*;

use super::*;
use crate::success::Pair;
use crate::time::Span;

const DAY: i64 = 86_400_000;

/// A person and a host, with the same reading for each counter.
#[derive(Clone, Debug, Default)]
struct World {
    fields: Properties,
    segments: Vec<Truth>,
    reading: Reading,
    now: LocalNow,
    host: Vec<(&'static str, Value)>,
    inbox: InboxCounts,
    pair: Option<Pair>,
}

impl Operands for World {
    fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    fn segment(&self, slot: usize) -> Truth {
        self.segments[slot]
    }

    fn history(&self, _: usize, _: Span) -> Reading {
        self.reading
    }

    fn now(&self) -> Option<LocalNow> {
        Some(self.now)
    }

    fn now_ms(&self) -> Timestamp {
        Timestamp(100 * DAY)
    }

    fn host(&self, key: HostKey) -> Option<Value> {
        self.host.iter().find(|(name, _)| *name == key.name()).map(|(_, value)| value.clone())
    }

    fn inbox(&self) -> Option<InboxCounts> {
        Some(self.inbox)
    }

    fn metric(&self, _: usize) -> Option<Pair> {
        self.pair
    }
}

fn compile(source: Value) -> (Condition, Vec<Counter>) {
    let mut scope = Scope::full(Semantics::Native);
    let condition = Condition::compile_in(&source, "audience", &mut scope).unwrap();
    (condition, scope.counters)
}

fn truth(source: Value, world: &World) -> Truth {
    compile(source).0.truth(world)
}

fn errors(source: Value) -> Vec<String> {
    let errors = Condition::compile_in(&source, "c", &mut Scope::full(Semantics::Native)).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

fn purchases(test: Value) -> Value {
    let mut history = json!({"event": "purchase", "within": "30d"});
    history.as_object_mut().unwrap().extend(test.as_object().unwrap().clone());
    json!({ "$history": history })
}

fn reading(count: u32, complete: bool) -> World {
    let complete_at = (!complete).then_some(Timestamp(7));
    World { reading: Reading { count, complete, complete_at, ..Reading::default() }, ..World::default() }
}

const OPEN: Truth = Truth::Unknown { complete_at: Some(Timestamp(7)) };

#[test]
fn while_a_window_is_incomplete_only_a_lower_bound_that_is_reached_is_known() {
    for (test, expected) in [
        (json!({"$gte": 3}), Truth::True),
        (json!({"$gt": 2}), Truth::True),
        (json!({"$gte": 4}), OPEN),
        (json!({"$lt": 3}), OPEN),
        (json!(3), OPEN),
        (json!({"$ne": 9}), OPEN),
        (json!({"$in": [3]}), OPEN),
        (json!({"$gte": 3, "$lt": 9}), OPEN),
        (json!({"$gte": 3, "$gt": 2}), Truth::True),
        (json!({"$not": {"$gte": 3}}), Truth::False),
        (json!({"$not": {"$gte": 4}}), OPEN),
    ] {
        assert_eq!(truth(purchases(json!({"count": test})), &reading(3, false)), expected, "{test}");
    }
    assert_eq!(truth(purchases(json!({"count": {"$lt": 4, "$in": [3, 5]}})), &reading(3, true)), Truth::True);
    assert_eq!(truth(purchases(json!({"count": 0})), &reading(3, true)), Truth::False);
}

#[test]
fn an_unknown_leaf_counts_only_where_it_decides() {
    let count = purchases(json!({"count": 0}));
    let mut world = reading(0, false);
    world.fields = json!({"tier": "gold"}).as_object().unwrap().clone();
    assert_eq!(truth(json!({"$or": [count, {"tier": "gold"}]}), &world), Truth::True);
    assert_eq!(truth(json!({"$and": [count, {"tier": "blue"}]}), &world), Truth::False);
    assert_eq!(truth(json!({"$nor": [count]}), &world), OPEN);
    let both = json!({"$and": [count, {"tier": "gold"}]});
    let failing = compile(both.clone()).0.failing(&world).unwrap();
    assert_eq!((failing.field.as_str(), failing.seen, failing.truth), ("$history.purchase", Some(json!(0)), OPEN));
    let known = json!({"$and": [purchases(json!({"count": 0})), {"tier": "blue"}]});
    let failing = compile(known).0.failing(&world).unwrap();
    assert_eq!((failing.field.as_str(), failing.truth), ("tier", Truth::False), "what is unknown did not decide");
}

#[test]
fn the_age_of_the_newest_is_known_as_soon_as_there_is_one() {
    let at = |days: Option<i64>, complete| World {
        reading: Reading { newest: days.map(|days| Timestamp((100 - days) * DAY)), complete, ..Reading::default() },
        ..World::default()
    };
    let within = |test: Value, world: &World| truth(purchases(json!({"last": test})), world);
    assert_eq!(within(json!({"$gte": "3d"}), &at(Some(3), false)), Truth::True);
    assert_eq!(within(json!({"$lt": "3d"}), &at(Some(3), true)), Truth::False);
    assert_eq!(within(json!({"$gt": 3 * DAY - 1, "$lte": "3d"}), &at(Some(3), true)), Truth::True);
    assert_eq!(within(json!({"$gte": "3d"}), &at(None, true)), Truth::False, "there is none");
    assert_eq!(within(json!({"$exists": false}), &at(None, true)), Truth::True);
    assert_eq!(within(json!({"$exists": false}), &at(None, false)), Truth::Unknown { complete_at: None });
    assert_eq!(
        within(json!({"$exists": true}), &at(Some(30), true)),
        Truth::False,
        "30 days ago is not within 30 days"
    );
}

#[test]
fn a_sum_is_unknown_until_it_is_complete_and_nothing_was_lost() {
    let world = |sum, complete, overflowed| World {
        reading: Reading { sum, complete, overflowed, ..Reading::default() },
        ..World::default()
    };
    let sum = |world: &World| truth(purchases(json!({"sum": {"total": {"$gte": 100}}})), world);
    assert_eq!(sum(&world(150.0, true, false)), Truth::True);
    assert_eq!(sum(&world(99.5, true, false)), Truth::False);
    assert_eq!(sum(&world(150.0, false, false)), Truth::Unknown { complete_at: None });
    assert_eq!(sum(&world(150.0, true, true)), Truth::Unknown { complete_at: None });
}

#[test]
fn what_counts_the_same_shares_one_counter() {
    let mut scope = Scope::full(Semantics::Native);
    let mut add = |source: Value| Condition::compile_in(&source, "c", &mut scope).map(drop).unwrap();
    add(json!({"$history": {"event": "e", "within": "1d", "count": {"$gte": 3}}}));
    add(json!({"$history": {"event": "e", "within": "7d", "last": {"$lt": "1d"}}}));
    add(json!({"$history": {"event": "e", "within": "2d", "count": {"$in": [1, 8]}}}));
    add(json!({"$history": {"event": "e", "where": {"n": 1}, "within": "1d", "count": 0}}));
    add(json!({"$history": {"event": "e", "within": "1d", "sum": {"n": {"$gt": 5}}}}));
    add(json!({"$history": {"event": "e", "within": "3d", "sum": {"n": 7}}}));
    let seen: Vec<(i64, Keep)> =
        scope.counters.iter().map(|counter| (counter.within.0 / DAY, counter.keep.clone())).collect();
    assert_eq!(
        seen,
        [(7, Keep::Count { newest: 9 }), (1, Keep::Count { newest: 1 }), (3, Keep::Sum { property: "n".into() }),]
    );
    assert!(scope.counters.iter().all(|counter| counter.key.len() == 32));
    assert!(scope.counters[1].filter.as_ref().unwrap().holds(json!({"n": 1}).as_object().unwrap()));
    assert_eq!(scope.counters[1].filter_source, json!({"n": 1}));
}

#[test]
fn a_history_that_cannot_be_used_says_what_to_write() {
    let cases = [
        (json!({"$history": 7}), "c.$history: `$history` needs an object"),
        (json!({"$history": {"within": "1d", "count": 1}}), "c.$history.event: the name of an event"),
        (json!({"$history": {"event": "e", "count": 1}}), "c.$history.within: a span of time"),
        (json!({"$history": {"event": "e", "within": "soon", "count": 1}}), "c.$history.within: a span of time"),
        (json!({"$history": {"event": "e", "within": 0, "count": 1}}), "c.$history.within: a span longer than"),
        (json!({"$history": {"event": "e", "within": "1d"}}), "c.$history: `$history` needs exactly one"),
        (
            json!({"$history": {"event": "e", "within": "1d", "count": 1, "last": 1}}),
            "c.$history: `$history` needs exactly",
        ),
        (json!({"$history": {"event": "e", "within": "1d", "count": "1"}}), "c.$history.count: numbers are compared"),
        (
            json!({"$history": {"event": "e", "within": "1d", "count": {"$exists": true}}}),
            "c.$history.count: numbers are compared",
        ),
        (json!({"$history": {"event": "e", "within": "1d", "count": null}}), "c.$history.count: numbers are compared"),
        (json!({"$history": {"event": "e", "within": "1d", "sum": {"$gte": 5}}}), "c.$history.sum: `sum` names one"),
        (json!({"$history": {"event": "e", "within": "1d", "count": 1000}}), "c.$history.count: at most the newest"),
        (
            json!({"$history": {"event": "e", "within": "1d", "last": {"$lt": "x"}}}),
            "c.$history.last.$lt: a span of time",
        ),
        (json!({"$history": {"event": "e", "within": "1d", "sum": 5}}), "c.$history.sum: `sum` names one property"),
        (
            json!({"$history": {"event": "e", "within": "1d", "cuont": 5, "count": 1}}),
            "c.$history.cuont: `cuont` is no field of `$history`; did you mean `count`?",
        ),
        (
            json!({"$history": {"event": "e", "within": "1d", "count": 1, "where": {"$segment": "s"}}}),
            "c.$history.where.$segment: `$segment` is not known here",
        ),
        (json!({"$segment": 1}), "c.$segment: `$segment` needs the name"),
        (json!({"$segment": "x"}), "c.$segment: `x` is not a segment"),
        (json!({"$metric": "aov"}), "c.$metric: `$metric` needs an object"),
        (json!({"$metric": {"num": 1}}), "c.$metric.metric: the name of a metric"),
        (json!({"$metric": {"metric": "aov", "num": 1}}), "c.$metric.metric: `aov` is not a metric"),
        (json!({"$success": true}), "c.$success: the name of a metric"),
        (json!({"$success": "buyers"}), "c.$success: `buyers` is not a metric"),
        (json!({"$now": {"weekday": "monday"}}), "c.$now.weekday: a weekday is mon"),
        (json!({"$now": {"weekday": {"$gt": "mon"}}}), "c.$now.weekday: weekdays are compared with"),
        (json!({"$now": {"minute": 1440}}), "c.$now.minute: a minute of the day"),
        (json!({"$now": {"hour": 1}}), "c.$now.hour: `hour` is not known to `$now`"),
        (json!({"$now": {}}), "c.$now: `$now` needs an object"),
        (
            json!({"$host": {"platfrom": "ios"}}),
            "c.$host.platfrom: `platfrom` is not known to `$host`; did you mean `platform`?",
        ),
        (json!({"$inbox": {"unread": "1"}}), "c.$inbox.unread: numbers are compared"),
    ];
    for (source, expected) in cases {
        let told = errors(source.clone());
        assert!(told[0].starts_with(expected), "{source}: {told:?}");
    }
}

#[test]
fn a_trigger_sees_the_event_only() {
    for name in ["$history", "$now", "$host", "$inbox", "$segment"] {
        let error = Condition::compile(&json!({ name: {} }), "where").unwrap_err().remove(0);
        assert!(error.message.contains("write it in the audience"), "{error}");
    }
    let inside = json!({"rows": {"$elemMatch": {"$now": {"minute": 1}, "sku": "x"}}});
    assert!(errors(inside)[0].contains("`$now` is not known here"));
}

#[test]
fn the_host_the_inbox_and_the_local_time_are_asked() {
    let world = World {
        now: LocalNow { weekday: 5, minute: 600 },
        host: vec![("platform", json!("ios")), ("os_version", json!("17.10")), ("url.path", json!("/cart"))],
        inbox: InboxCounts { unread: 2, total: 3 },
        ..World::default()
    };
    for (source, expected) in [
        (json!({"$now": {"weekday": {"$in": ["sat", "sun"]}}}), true),
        (json!({"$now": {"weekday": {"$ne": "sat"}}}), false),
        (json!({"$now": {"weekday": "sat", "minute": {"$gte": 540, "$lt": 1_020}}}), true),
        (json!({"$host": {"platform": "ios", "os_version": {"$vgte": "17.2"}}}), true),
        (json!({"$host": {"platform": {"$in": ["android"]}}}), false),
        (json!({"$host": {"url.path": {"$regex": "^/cart"}, "screen": {"$exists": false}}}), true),
        (json!({"$inbox": {"unread": {"$gte": 1}, "total": 3}}), true),
        (json!({"$inbox": {"unread": 0}}), false),
        (json!({"$now": {"minute": {"$lte": 1_439}}}), true),
    ] {
        assert_eq!(truth(source.clone(), &world), expected.into(), "{source}");
    }
    let failing = compile(json!({"$now": {"weekday": "mon"}})).0.failing(&world).unwrap();
    assert_eq!((failing.field.as_str(), failing.seen), ("$now.weekday", Some(json!("sat"))));
    let fields_only = Properties::new();
    for (source, expected) in [
        (json!({"$now": {"weekday": {"$ne": "mon"}}}), Truth::False),
        (json!({"$now": {"weekday": "mon"}}), Truth::False),
        (json!({"$host": {"platform": {"$type": "null"}}}), Truth::False),
        (json!({"$inbox": {"total": 0}}), Truth::False),
        (json!({"$metric": {"metric": "goal", "num": 0}}), Truth::Unknown { complete_at: None }),
        (json!({"$success": "goal"}), Truth::False),
    ] {
        let condition = Condition::compile_in(&source, "c", &mut with_metrics()).unwrap();
        assert_eq!(condition.truth(&fields_only), expected, "{source} where there is none");
    }
}

/// A scope with a goal, a metric that is none, and one that is split.
fn with_metrics() -> Scope {
    let metric = |name: &str, is_split, is_goal| KnownMetric { name: name.to_owned(), is_split, is_goal };
    let metrics = vec![metric("goal", false, true), metric("aov", false, false), metric("open_rate", true, false)];
    Scope { metrics, ..Scope::full(Semantics::Native) }
}

#[test]
fn a_metric_is_its_pair_and_the_quotient() {
    let holds = |test: Value, pair: Option<(i64, i64)>| {
        let mut source = json!({"metric": "aov"});
        source.as_object_mut().unwrap().extend(test.as_object().unwrap().clone());
        let condition = Condition::compile_in(&json!({ "$metric": source }), "c", &mut with_metrics()).unwrap();
        let pair = pair.map(|(num, den)| Pair { num, den });
        condition.truth(&World { pair, ..World::default() })
    };
    assert_eq!(holds(json!({"num": 7, "den": 2, "value": 3.5}), Some((7, 2))), Truth::True);
    assert_eq!(holds(json!({"value": {"$gte": 3.6}}), Some((7, 2))), Truth::False);
    assert_eq!(holds(json!({"value": {"$exists": false}}), Some((7, 0))), Truth::True);
    assert_eq!(holds(json!({"num": 7}), None), Truth::Unknown { complete_at: None });
    for (source, expected) in [
        (json!({"$success": "aov"}), "c.$success: `aov` cannot be reached"),
        (json!({"$success": "x"}), "c.$success: `x` is not a metric"),
        (json!({"$metric": {"metric": "open_rate", "num": 1}}), "c.$metric.metric: `open_rate` is split"),
    ] {
        let errors = Condition::compile_in(&source, "c", &mut with_metrics()).unwrap_err();
        assert!(errors.len() == 1 && errors[0].to_string().starts_with(expected), "{errors:?}");
    }
}

#[test]
fn segments_stand_after_those_they_name() {
    let mut scope = Scope::full(Semantics::Native);
    let sources = json!({
        "a": {"$and": [{"$segment": "c"}, {"x": 1}]},
        "b": {"$not": {"$segment": "a"}},
        "c": {"y": 2}
    });
    let (segments, faults) = Segments::compile(sources.as_object().unwrap(), "segments", &mut scope);
    assert_eq!(faults, []);
    let names: Vec<&str> = segments.conditions.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["c", "a", "b"]);
    let mut world = World { fields: json!({"x": 1, "y": 2}).as_object().unwrap().clone(), ..World::default() };
    for (_, condition) in &segments.conditions {
        let truth = condition.truth(&world);
        world.segments.push(truth);
    }
    assert_eq!(world.segments, [Truth::True, Truth::True, Truth::False]);
    let audience = Condition::compile_in(&json!({"$segment": "b"}), "audience", &mut scope).unwrap();
    let failing = audience.failing(&world).unwrap();
    assert_eq!((failing.field.as_str(), failing.truth), ("$segment.b", Truth::False));
}

#[test]
fn segments_in_a_circle_are_named_and_take_those_with_them_that_name_them() {
    let mut scope = Scope::full(Semantics::Native);
    let sources = json!({
        "a": {"$segment": "b"}, "b": {"$or": [{"$segment": "a"}]}, "c": {"$segment": "a"},
        "d": {"$and": [{"$segment": "h"}, {"$segment": "d"}]}, "e": {"$segment": "none"}, "f": {"x": {"$gt": null}},
        "g": {"$segment": "f"}, "h": {"x": 1}
    });
    let (segments, faults) = Segments::compile(sources.as_object().unwrap(), "segments", &mut scope);
    assert_eq!(segments.conditions.len(), 1);
    let mut told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    told.sort();
    let expected = [
        "segments.a: the segments a, b name each other in a circle",
        "segments.b: the segments a, b name each other in a circle",
        "segments.c.$segment: the segment `a` cannot be used: see segments.a",
        "segments.d: the segments d name each other in a circle",
        "segments.e.$segment: `none` is not a segment of this playbook",
        "segments.f.x.$gt: `$gt` compares with a number or a text",
        "segments.g.$segment: the segment `f` cannot be used: see segments.f",
    ];
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}");
    }
    assert_eq!(told.len(), expected.len());
}

#[test]
fn a_chain_of_segments_has_an_end() {
    let chain = |length: usize| {
        let mut sources = json!({"s01": {"x": 1}});
        for n in 2..=length {
            sources[format!("s{n:02}")] = json!({"$segment": format!("s{:02}", n - 1)});
        }
        let (segments, faults) =
            Segments::compile(sources.as_object().unwrap(), "segments", &mut Scope::full(Semantics::Native));
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        (segments.conditions.len(), told)
    };
    assert_eq!(chain(32), (32, vec![]));
    let (usable, told) = chain(35);
    assert_eq!((usable, told.len()), (32, 3), "{told:?}");
    assert_eq!(told[0], "segments.s33: segments stand inside each other more than 32 deep");
    assert!(told[2].starts_with("segments.s35.$segment: the segment `s34` cannot be used"), "{told:?}");
}

#[test]
fn operands_work_under_growthbook_too() {
    let mut scope = Scope::full(Semantics::Growthbook);
    let source = json!({"n": "3", "$or": [{"$history": {"event": "e", "within": "1d", "count": 0}}, {"x": 1}]});
    let condition = Condition::compile_in(&source, "c", &mut scope).unwrap();
    let mut world = reading(0, true);
    world.fields = json!({"n": 3}).as_object().unwrap().clone();
    assert_eq!(condition.truth(&world), Truth::True);
}

fn leaf() -> impl Strategy<Value = Value> {
    let number = -1i64..4;
    let comparison = (prop::sample::select(vec!["$eq", "$ne", "$lt", "$lte", "$gt", "$gte"]), number.clone())
        .prop_map(|(operator, number)| json!({ operator: number }));
    let test = prop_oneof![
        comparison.clone(),
        comparison.clone().prop_map(|test| json!({ "$not": test })),
        (comparison.clone(), number.clone()).prop_map(|(mut test, number)| {
            test["$in"] = json!([number, 2]);
            test
        }),
        number.prop_map(Value::from),
    ];
    prop_oneof![
        test.clone().prop_map(|test| json!({ "a": test })),
        test.clone().prop_map(|test| json!({ "b.c": test })),
        test.clone().prop_map(|test| purchases(json!({ "count": test }))),
        test.clone().prop_map(|test| purchases(json!({"sum": {"n": test}}))),
        prop_oneof![Just("$lt"), Just("$gte")].prop_map(|operator| purchases(json!({"last": {operator: "2d"}}))),
        prop::bool::ANY.prop_map(|exists| purchases(json!({"last": {"$exists": exists}}))),
    ]
}

fn condition() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            (prop::sample::select(vec!["$and", "$or", "$nor"]), list).prop_map(|(group, list)| json!({ group: list })),
            inner.prop_map(|inner| json!({ "$not": inner })),
        ]
    })
}

prop_compose! {
    fn world()(
        a in -1i64..4, c in prop::option::of(-1i64..4), count in 0u32..4, sum in -2i64..4,
        newest in prop::option::of(0i64..4), complete: bool, overflowed: bool
    ) -> World {
        let fields = match c {
            Some(c) => json!({"a": a, "b": {"c": c}}),
            None => json!({"a": a}),
        };
        let newest = newest.map(|days| Timestamp((100 - days) * DAY));
        let complete_at = (!complete).then_some(Timestamp(101 * DAY));
        let reading = Reading { count, sum: sum as f64, newest, complete, complete_at, overflowed };
        World { fields: fields.as_object().unwrap().clone(), reading, ..World::default() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_fails_agrees_with_what_is_said(source in condition(), world in world()) {
        let (condition, _) = compile(source);
        match condition.failing(&world) {
            None => prop_assert_eq!(condition.truth(&world), Truth::True),
            Some(failing) => prop_assert_eq!(condition.truth(&world), failing.truth),
        }
    }

    #[test]
    fn what_is_known_early_stays_when_the_window_is_complete(
        source in condition(), early in world(), more in 0u32..3, sum in -2i64..4, older in prop::option::of(0i64..9)
    ) {
        let (condition, _) = compile(source);
        let mut later = early.clone();
        let reading = &mut later.reading;
        if !reading.complete {
            reading.count += more;
            reading.sum = sum as f64;
            reading.newest = reading.newest.or(older.map(|days| Timestamp((100 - days) * DAY)));
            (reading.complete, reading.complete_at) = (true, None);
        }
        let early = condition.truth(&early);
        let open = matches!(early, Truth::Unknown { .. });
        prop_assert!(open || early == condition.truth(&later));
    }

    #[test]
    fn no_source_makes_it_panic(source in anything(), subject in anything(), growthbook: bool) {
        let semantics = if growthbook { Semantics::Growthbook } else { Semantics::Native };
        if let Ok(condition) = Condition::compile_in(&source, "c", &mut Scope::full(semantics)) {
            let truth = condition.truth(&subject);
            prop_assert_eq!(condition.failing(&subject).is_none(), truth == Truth::True);
        }
    }
}

#[test]
fn a_field_is_found_among_few_and_among_many() {
    for many in [0, 1, 15, 16, 17, 40] {
        // Names of the same length, and names of another.
        let names: Vec<String> =
            (0..many).map(|n| if n % 2 == 0 { format!("n{n:02}") } else { "x".repeat(n + 4) }).collect();
        let object: Properties = names.iter().zip(0..).map(|(name, n)| (name.clone(), Value::from(n))).collect();
        for (name, n) in names.iter().zip(0..) {
            assert_eq!(member(&object, name), Some(&Value::from(n)), "{name} of {many}");
        }
        for absent in ["", "n", "n99", "y0", "xxxx"] {
            assert_eq!(member(&object, absent), None, "{absent:?} of {many}");
        }
    }
}

/// JSON made of the words of conditions.
fn anything() -> impl Strategy<Value = Value> {
    let words =
        [super::super::compile::OPERATORS.as_slice(), &super::super::compile::GROUPS, &super::super::compile::OURS]
            .concat();
    let words: Vec<&'static str> = [words, vec!["a", "b", "event", "within", "count", "last", "sum", "where"]].concat();
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3i64..2_000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["a", "1d", "mon", "v1.2.3", "(a|b)*", "", "é"]).prop_map(Value::from),
    ];
    value.prop_recursive(5, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(words.clone()), inner), 0..4).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}
