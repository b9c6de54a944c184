use std::collections::BTreeSet;

use serde_json::json;

use super::super::DAY;
use super::*;
use crate::success::Definition;
use crate::{Properties, Purposes};

const START: i64 = 20_000 * DAY;

/// Every kind of part: unwindowed, by days, after an anchor, distinct, split, each with and without `match`.
fn source() -> Value {
    json!({
        "spec": 1, "id": "d", "version": 1, "calendar": { "offset": 120 },
        "facts": {
            "join": { "event": "join", "take": "first" },
            "buy": { "event": "buy", "key": "order", "horizon": "3d", "value": { "property": "minor", "min": 0, "max": 100 } },
            "last_buy": { "of": "buy", "take": "last" },
            "ask": { "event": "ask" },
            "answer": { "event": "answer" },
        },
        "metrics": {
            "revenue": { "window": "7d", "num": { "sum": "buy" }, "den": { "count": "buy" } },
            "orders": { "window": "7d", "num": { "count": "buy", "distinct": "order" }, "den": { "has": "buy" } },
            "growth": { "window": "7d", "num": { "count": "buy" }, "den": { "count": "buy", "in": "previous" } },
            "days": { "window": "7d", "num": { "count": "buy", "distinct": "day" }, "den": { "has": "buy", "times": 7 } },
            "ever": { "num": { "sum": "buy" }, "den": { "has": "buy" } },
            "span": { "num": { "span": "buy" }, "den": { "has": "buy" }, "read": "ms" },
            "newest": { "window": "7d", "num": { "sum": "last_buy" }, "den": { "count": "last_buy" } },
            "started": { "after": "join", "within": "2d", "num": { "count": "buy" }, "den": "one" },
            "retained": { "after": "join", "days": [1, 3], "num": { "has": "buy" }, "den": "one" },
            "split": { "window": "7d", "num": { "count": "ask" }, "den": { "has": "ask" }, "by": "channel" },
            "any": { "window": "7d", "each": "ask", "then": "answer", "within": "1d", "num": "reached", "den": "each" },
            "matched": { "window": "7d", "each": "ask", "then": "answer", "match": "order", "within": "1d", "num": "elapsed", "den": "reached", "by": "channel", "edges": ["1h", "6h"] },
        },
    })
}

fn standard(source: &Value) -> Standard {
    Standard::new(source, Definition::compile(source, "").unwrap())
}

/// The same numbers every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % end.unsigned_abs()) as i64
    }
}

fn event(n: u64, ts: i64, name: &str, properties: Value) -> Record {
    let properties: Properties = properties.as_object().unwrap().clone();
    let body = Body::Event { name: name.to_owned(), properties: properties.into() };
    Record {
        id: RecordId::next(RecordId::default(), Timestamp(n as i64), &[0; 16], 0),
        seq: n,
        ts: Timestamp(ts),
        offset_min: 60,
        profile: RecordId::default(),
        user: None,
        session: None,
        consent: Purposes::all(),
        pii: Vec::new(),
        late: false,
        body,
    }
}

fn any_event(n: u64, ts: i64, dice: &mut Dice) -> Record {
    let name = ["join", "buy", "buy", "ask", "answer"][dice.below(5) as usize];
    let channel = ["a", "b", "c"][dice.below(3) as usize];
    event(n, ts, name, json!({ "order": dice.below(6), "minor": dice.below(110), "channel": channel }))
}

/// Folds all events before the instant, in their order, into nothing.
fn person_anew(standard: &Standard, events: &[Record], as_of: i64) -> Person {
    let compiled = standard.0.as_ref().unwrap();
    let before = events.iter().filter(|record| record.ts.0 < as_of);
    let mut noted: Vec<Noted> = before.filter_map(|record| Noted::of(&compiled.plan, record)).collect();
    noted.sort_by_key(|noted| (noted.ts, noted.id));
    let mut person = compiled.plan.person();
    for noted in &noted {
        compiled.fold(&mut person, noted);
    }
    person
}

fn anew(standard: &Standard, events: &[Record], metric: usize, now: Timestamp) -> Reading {
    let compiled = standard.0.as_ref().unwrap();
    let as_of = compiled.as_of(metric, now);
    compiled.plan.read(&person_anew(standard, events, as_of), metric, as_of)
}

fn same(tally: &Tally, standard: &Standard, events: &[Record], now: Timestamp) {
    let compiled = standard.0.as_ref().unwrap();
    let midnight = midnight(day(now.0, 120), 120);
    let people = [now.0 + 1, midnight].map(|as_of| (as_of, person_anew(standard, events, as_of)));
    for metric in 0..standard.definition().unwrap().metrics.len() {
        let name = &standard.definition().unwrap().metrics[metric].name;
        let as_of = compiled.as_of(metric, now);
        let (_, person) = people.iter().find(|(of, _)| *of == as_of).unwrap();
        let expected = compiled.plan.read(person, metric, as_of);
        assert_eq!(tally.read(standard, metric, now), Ok(expected), "{name} after {} events", events.len());
    }
}

fn again(tally: &Tally) -> Tally {
    crate::wire::read_leniently(&crate::json::parse(&to_json(tally)).unwrap())
}

#[test]
fn neither_a_seal_nor_a_restart_nor_an_event_out_of_order_changes_a_reading() {
    let standard = standard(&source());
    let mut tally = Tally::default();
    let (mut dice, mut events, mut seals) = (Dice(7), Vec::new(), BTreeSet::new());
    let (mut now, mut late) = (START, 0);
    for n in 1..=700 {
        now += [0, 1, 60_000, 3_600_000, 10_000_000][dice.below(5) as usize];
        let ts = if dice.below(8) == 0 { now - dice.below(6 * DAY) } else { now };
        let record = any_event(n, ts, &mut dice);
        if tally.is_late(record.ts) {
            late += 1;
        } else {
            events.push(record.clone());
        }
        tally.observe(&standard, RecordId::default(), &record, Timestamp(now));
        seals.insert(tally.sealed_to());
        if n % 35 == 0 {
            same(&tally, &standard, &events, Timestamp(now));
            // The clock stands a little behind.
            same(&tally, &standard, &events, Timestamp(now - dice.below(DAY)));
        }
        if n % 50 == 0 {
            let copy = again(&tally);
            assert_eq!(copy, tally);
            tally = copy;
        }
    }
    assert!(seals.len() > 8 && late > 3, "{} seals, {late} late", seals.len());
    assert!(seals.iter().all(|seal| midnight(day(seal.0, 120), 120) == seal.0 || seal.0 == 0), "sealed at midnights");
    assert!(now - tally.sealed_to().0 >= 2 * DAY, "what is sealed is two days old");
    assert!(tally.kept.tail.len() < SEAL_AT);
}

#[test]
fn a_reading_folds_nothing_unless_the_clock_was_set_back() {
    let standard = standard(&source());
    let compiled = standard.0.as_ref().unwrap();
    let mut tally = Tally::default();
    let mut dice = Dice(3);
    for n in 1..=400 {
        let (now, sealed) = (Timestamp(START + n as i64 * 7_200_000), tally.sealed_to());
        tally.observe(&standard, RecordId::default(), &any_event(n, now.0, &mut dice), now);
        // An event that comes in its order is folded on top of what is there, unless that was sealed.
        assert_eq!(tally.live.get().is_some(), sealed == tally.sealed_to(), "event {n}");
        // The first reading after a seal and after a restart puts it together for all that follow.
        drop(tally.person(compiled, now.0 + 1));
        let midnight = midnight(day(now.0, 120), 120);
        for as_of in [now.0 + 1, midnight, now.0 + DAY] {
            assert!(matches!(tally.person(compiled, as_of), Cow::Borrowed(_)), "event {n}");
        }
        assert!(matches!(tally.person(compiled, midnight - 1), Cow::Owned(_)));
        if n % 100 == 0 {
            tally = again(&tally);
        }
    }
}

#[test]
fn a_hundred_thousand_events_are_kept_in_little() {
    let standard = standard(&source());
    let mut tally = Tally::default();
    let mut dice = Dice(11);
    let (mut seals, mut sealed, mut most, mut bytes) = (0, Timestamp(0), 0, 0);
    for n in 1..=100_000 {
        let now = Timestamp(START + n as i64 * 60_000);
        tally.observe(&standard, RecordId::default(), &any_event(n, now.0, &mut dice), now);
        most = most.max(tally.kept.tail.len());
        if tally.sealed_to() > sealed {
            sealed = tally.sealed_to();
            seals += 1;
            bytes = bytes.max(to_json(&tally.kept.parts).len());
        }
    }
    assert!(most <= MOST_NOTED, "{most} one by one");
    assert!(seals <= 100_000 / (MOST_NOTED / 4) + 1, "{seals} seals");
    assert!(bytes < 64 * 1024, "{bytes} bytes");
}

#[test]
fn over_the_budget_the_largest_part_begins_anew_and_the_others_go_on() {
    let mut source = source();
    source["facts"]["buy"]["horizon"] = json!("400d");
    source["metrics"] = json!({
        "orders": { "window": "20d", "num": { "count": "buy" }, "den": { "has": "buy" } },
        "asked": { "window": "20d", "num": { "count": "ask" }, "den": { "has": "ask" } },
    });
    let standard = standard(&source);
    let [asked, orders] = ["asked", "orders"].map(|name| standard.metric(name).unwrap());
    let mut tally = Tally::default();
    let mut events = Vec::new();
    let mut limited = 0;
    for n in 1..=9_000 {
        let now = Timestamp(START + n as i64 * 240_000);
        let name = if n % 10 == 0 { "ask" } else { "buy" };
        let record = event(n, now.0, name, json!({ "order": format!("order {n}"), "minor": 1 }));
        tally.observe(&standard, RecordId::default(), &record, now);
        events.push(record);
        if n % 1_500 == 0 {
            assert_eq!(tally.read(&standard, asked, now), Ok(anew(&standard, &events, asked, now)));
            match tally.read(&standard, orders, now) {
                Err(why) => {
                    assert_eq!(why, Unavailable::StateLimit);
                    limited += 1;
                }
                read => assert_eq!(read, Ok(anew(&standard, &events, orders, now)), "never approximate"),
            }
        }
        assert!(tally.kept.tail.len() <= MOST_NOTED);
    }
    assert!(limited > 0);
    assert!(to_json(&tally.kept.parts).len() <= MOST_BYTES + 1_024);
    let copy = again(&tally);
    let now = Timestamp(START + 9_000 * 240_000);
    assert_eq!(copy.read(&standard, orders, now), Err(Unavailable::StateLimit), "a restart does not forget it");
    // Keys of the beginning are forgotten for 400 days, and no longer.
    let far = |days: i64| Timestamp(now.0 + days * DAY);
    assert_eq!(copy.read(&standard, orders, far(400)), Err(Unavailable::StateLimit));
    assert_eq!(copy.read(&standard, orders, far(421)), Ok(Reading::Pair(super::super::Pair::default())));
}

#[test]
fn too_much_since_midnight_is_a_limit_and_no_fault_of_the_clock() {
    let standard = standard(&source());
    let mut tally = Tally::default();
    let midnight = midnight(20_000, 120);
    let buy = |n: u64| event(n, midnight + n as i64, "buy", json!({ "order": n, "minor": 1 }));
    let now = Timestamp(midnight + 2_000);
    for n in 1..=1_500 {
        tally.observe(&standard, RecordId::default(), &buy(n), now);
    }
    let [live, at_midnight] = ["ever", "days"].map(|name| standard.metric(name).unwrap());
    assert_eq!(tally.read(&standard, live, now), Ok(Reading::Pair(super::super::Pair { num: 1_500, den: 1 })));
    assert_eq!(tally.read(&standard, at_midnight, now), Err(Unavailable::StateLimit));
    assert!(tally.read(&standard, at_midnight, Timestamp(now.0 + DAY)).is_ok(), "the next midnight can be read");
    assert_eq!(tally.read(&standard, live, Timestamp(midnight)), Err(Unavailable::Clock));
}

#[test]
fn what_lies_ahead_of_the_clock_waits_and_is_not_sealed() {
    let standard = standard(&source());
    let mut tally = Tally::default();
    let ahead = START + 365 * DAY;
    let mut events = Vec::new();
    for n in 1..=100 {
        events.push(event(n, ahead + n as i64, "buy", json!({ "order": n, "minor": 1 })));
        tally.observe(&standard, RecordId::default(), &events[n as usize - 1], Timestamp(ahead + n as i64));
    }
    tally.stepped_back();
    for n in 101..=1_300 {
        let now = Timestamp(START + n as i64 * 180_000);
        events.push(event(n, now.0, "buy", json!({ "order": n, "minor": 1 })));
        tally.observe(&standard, RecordId::default(), &events[n as usize - 1], now);
        assert!(tally.sealed_to() <= now);
    }
    same(&tally, &standard, &events, Timestamp(START + 1_301 * 180_000));
    same(&tally, &standard, &events, Timestamp(ahead + 50));
}

#[test]
fn what_is_withheld_does_not_count_though_it_was_in_the_same_millisecond() {
    let standard = standard(&source());
    let revenue = standard.metric("orders").unwrap();
    let at = midnight(20_000, 120);
    let mut tally = Tally::default();
    let buy = |n: u64, ts: i64| event(n, ts, "buy", json!({ "order": n, "minor": 1 }));
    tally.observe(&standard, RecordId::default(), &buy(1, at), Timestamp(at));
    tally.purge(&standard, Timestamp(at));
    tally.observe(&standard, RecordId::default(), &buy(2, at + 1), Timestamp(at + 1));
    // The window begins at that instant, then a day later; keys are remembered for three days.
    assert_eq!(tally.read(&standard, revenue, Timestamp(at + 10 * DAY)), Err(Unavailable::HistoryIncomplete));
    let empty = Reading::Pair(super::super::Pair::default());
    assert_eq!(tally.read(&standard, revenue, Timestamp(at + 11 * DAY)), Ok(empty));
}

/// Sealed under one definition, moved to another, and held against that other from the beginning.
fn moved(change: impl Fn(&mut Value), events: &[Record]) -> (Standard, Tally, Timestamp) {
    let (before, mut after) = (source(), source());
    change(&mut after);
    let (before, after) = (standard(&before), standard(&after));
    let mut tally = Tally::default();
    let mut now = Timestamp(0);
    for record in events {
        now = record.ts;
        tally.observe(&before, RecordId::default(), record, now);
    }
    assert!(tally.sealed_to() > Timestamp(0));
    let tally = tally.moved(&before, &after, &[], Some(now), RecordId::default(), now);
    (after, tally, now)
}

fn many_days() -> Vec<Record> {
    let mut dice = Dice(5);
    (1..=900).map(|n| any_event(n, START + n as i64 * 1_800_000, &mut dice)).collect()
}

#[test]
fn another_definition_leaves_what_both_have() {
    let events = many_days();
    let (after, tally, now) = moved(
        |source| {
            source["version"] = json!(2);
            source["metrics"]["started"] = json!(null);
            source["metrics"]["new"] =
                json!({ "window": "2d", "num": { "sum": "buy", "where": { "minor": 7 } }, "den": { "has": "buy" } });
            source["metrics"].as_object_mut().unwrap().retain(|_, metric| !metric.is_null());
        },
        &events,
    );
    let new = after.metric("new").unwrap();
    for metric in 0..after.definition().unwrap().metrics.len() {
        let name = &after.definition().unwrap().metrics[metric].name;
        let read = tally.read(&after, metric, now);
        if metric == new {
            assert_eq!(read, Err(Unavailable::HistoryIncomplete));
        } else {
            assert_eq!(read, Ok(anew(&after, &events, metric, now)), "{name}");
        }
    }
}

#[test]
fn a_longer_window_waits_for_the_days_that_were_forgotten() {
    let events = many_days();
    let longer = |source: &mut Value| {
        source["metrics"] = json!({
            "revenue": { "window": "30d", "num": { "sum": "buy" }, "den": { "count": "buy" } },
            "any": { "window": "30d", "each": "ask", "then": "answer", "within": "1d", "num": "reached", "den": "each" },
        });
    };
    let (after, tally, now) = moved(longer, &events);
    let sealed = tally.sealed_to().0;
    for name in ["revenue", "any"] {
        let metric = after.metric(name).unwrap();
        assert_eq!(tally.read(&after, metric, now), Err(Unavailable::HistoryIncomplete), "{name}");
        // 14 days were kept of buys, 7 of asks: those of `growth` and `any`.
        let kept = if name == "any" { 7 } else { 14 };
        let from = |days: i64| Timestamp(sealed + (30 - kept + days) * DAY);
        let horizon = if name == "any" { 0 } else { 3 };
        assert_eq!(tally.read(&after, metric, from(-1)), Err(Unavailable::HistoryIncomplete), "{name}");
        let later = from(horizon);
        assert_eq!(tally.read(&after, metric, later), Ok(anew(&after, &events, metric, later)), "{name}");
    }
}

#[test]
fn an_edge_that_comes_or_goes_leaves_the_others() {
    let events = many_days();
    let edges = |source: &mut Value| {
        source["metrics"]["matched"]["edges"] = json!(["30m", "6h"]);
    };
    let (after, tally, now) = moved(edges, &events);
    for name in ["matched", "matched[6h]"] {
        let metric = after.metric(name).unwrap();
        assert_eq!(tally.read(&after, metric, now), Ok(anew(&after, &events, metric, now)), "{name}");
    }
    let (fewer, moved, _) = moved(|source| source["metrics"]["matched"]["edges"] = json!(["6h"]), &events);
    let left = fewer.metric("matched[6h]").unwrap();
    assert_eq!(moved.read(&fewer, left, now), Ok(anew(&fewer, &events, left, now)));
    let fresh = after.metric("matched[30m]").unwrap();
    assert_eq!(tally.read(&after, fresh, now), Err(Unavailable::HistoryIncomplete));
    let later = Timestamp(tally.sealed_to().0 + 9 * DAY);
    assert_eq!(tally.read(&after, fresh, later), Ok(anew(&after, &events, fresh, later)));
}

#[test]
fn a_long_journal_is_not_kept_one_by_one_under_a_new_definition() {
    let after = standard(&source());
    let mut dice = Dice(9);
    let history: Vec<Record> = (1..=5_000).map(|n| any_event(n, START + n as i64 * 900_000, &mut dice)).collect();
    let own: Vec<&Record> = history.iter().collect();
    let now = history.last().unwrap().ts;
    let tally = Tally::default().moved(&Standard::default(), &after, &own, None, RecordId::default(), now);
    assert!(tally.kept.tail.len() < MOST_NOTED, "{}", tally.kept.tail.len());
    same(&tally, &after, &history, now);
}

/// What is left of the kept under another definition, and under none.
#[test]
fn a_move_keeps_the_seal_and_knows_that_something_was_missed() {
    let before = standard(&source());
    let mut tally = Tally::default();
    for record in many_days() {
        tally.observe(&before, RecordId::default(), &record, record.ts);
    }
    tally.stepped_back();
    let Kept { sealed_to, newest, ahead, .. } = tally.kept;
    assert!(sealed_to > Timestamp(0) && ahead == newest && newest == Timestamp(START + 900 * 1_800_000));
    let none = tally.moved(&before, &Standard::default(), &[], Some(newest), RecordId::default(), newest);
    let expected = Kept { sealed_to, newest, ahead, missed: true, ..Kept::default() };
    assert_eq!(none.kept, expected);
    let mut purged = tally.clone();
    purged.purge(&Standard::default(), newest);
    assert_eq!(purged.kept, expected);
    assert_ne!(tally, none);
    assert!(!tally.is_blank() && Tally::default().is_blank());

    // Where nothing happened that it could have missed, a definition knows all from the beginning.
    let moved =
        |tally: &Tally| tally.moved(&Standard::default(), &before, &[], Some(newest), RecordId::default(), newest);
    let known = |tally: &Tally| moved(tally).kept.since.is_empty();
    assert!(known(&Tally::default()));
    let mut other = Tally::default();
    other.observe(&Standard::default(), RecordId::default(), &event(1, START, "else", json!({})), Timestamp(START));
    assert!(!known(&other), "something that nobody asked for");
    other.kept = Kept { sealed_to, ..Kept::default() };
    assert!(!known(&other), "something sealed");
    other.kept = Kept { tail: tally.kept.tail.clone(), ..Kept::default() };
    assert!(!known(&other), "something noted");
}

/// What a definition starts with: of the journal, and of what was noted, each once.
#[test]
fn a_new_definition_takes_up_what_was_exported_and_in_time() {
    let mut counting = source();
    counting["metrics"]["asks"] = json!({ "num": { "count": "ask" }, "den": "one", "read": "total" });
    let after = standard(&counting);
    let buy = |n: u64| event(n, START + n as i64, "ask", json!({}));
    let (late, withheld) = (Record { late: true, ..buy(3) }, Record { consent: Purposes::none(), ..buy(4) });
    let history = [buy(1), buy(2), late, withheld, event(5, START + 5, "else", json!({}))];
    let mut before = Tally::default();
    let old = standard(&source());
    for record in [&history[1], &buy(6)] {
        before.observe(&old, RecordId::default(), record, record.ts);
    }
    let now = Timestamp(START + 10);
    let own: Vec<&Record> = history.iter().collect();
    let tally = before.moved(&Standard::default(), &after, &own, None, RecordId::default(), now);
    let asks = after.metric("asks").unwrap();
    assert_eq!(tally.read(&after, asks, now), Ok(Reading::Pair(super::super::Pair { num: 3, den: 0 })));
}

/// So that the numbers of midnight can be read, where enough lies before it.
#[test]
fn a_seal_for_want_of_room_is_at_midnight_if_it_can_be() {
    let standard = standard(&source());
    let today = midnight(20_000, 120);
    let sealed = |yesterday: i64| {
        let mut tally = Tally::default();
        for n in 0..MOST_NOTED as i64 {
            let ts = if n < yesterday { today - 1_000_000 + n } else { today + n };
            tally.observe(&standard, RecordId::default(), &event(n as u64 + 1, ts, "ask", json!({})), Timestamp(ts));
        }
        tally.sealed_to().0 - today
    };
    assert_eq!(sealed(MOST_NOTED as i64 / 4), 0);
    assert_eq!(sealed(MOST_NOTED as i64 / 4 - 1), MOST_NOTED as i64 / 2);
}

#[test]
fn an_event_at_the_seal_is_in_time() {
    let mut tally = Tally::default();
    tally.kept.sealed_to = Timestamp(START);
    assert!(!tally.is_late(Timestamp(START)) && tally.is_late(Timestamp(START - 1)));
    // The last millisecond that is sealed can be read; before it the clock is wrong.
    let standard = standard(&source());
    let days = standard.metric("days").unwrap();
    let read = |now: i64| tally.read(&standard, days, Timestamp(now));
    assert_eq!(read(START - 1), Err(Unavailable::StateLimit));
    assert_eq!(read(START - 2), Err(Unavailable::Clock));
    assert_eq!(tally.as_of(&standard, days, Timestamp(START)), midnight(day(START, 120), 120));
    assert_eq!(tally.as_of(&standard, standard.metric("ever").unwrap(), Timestamp(START)), START + 1);
    assert_eq!(tally.as_of(&Standard::default(), 0, Timestamp(START)), START);
}

/// On the device that started it counts what is recorded after the start; elsewhere, what is later (engine.md 5.2).
#[test]
fn a_goal_is_reached_after_the_start_and_within_its_window() {
    let mut asking = source();
    asking["metrics"]["askers"] = json!({ "window": "7d", "num": { "has": "ask" }, "den": { "has": "buy" } });
    let standard = standard(&asking);
    let goal = standard.metric("askers").unwrap();
    let compiled = standard.0.as_ref().unwrap();
    let found = compiled.plan.goal(goal).unwrap();
    let id = |n: i64| RecordId::next(RecordId::default(), Timestamp(n), &[0; 16], 0);
    let (here, there) = (id(1), id(2));
    let start = Start { seq: 10, at: Timestamp(START), id: id(10) };
    let reached = |device: RecordId, seq: u64, ts: i64, of: i64, now: i64| {
        let mut tally = Tally::default();
        for _ in 0..found.at_least {
            let hit = Hit { device, seq, ts: Timestamp(ts), id: id(of) };
            tally.kept.hits.entry(compiled.cells[found.cell].as_str()).push(hit);
        }
        tally.reached(&standard, goal, Some(&start), here, Timestamp(now)).unwrap()
    };
    for (device, seq, ts, of, expected) in [
        (here, 11, START, 1, true),
        (here, 10, START + 1, 20, false),
        (here, 9, START + 1, 20, false),
        (there, 1, START + 1, 1, true),
        (there, 99, START, 9, false),
        (there, 99, START, 10, false),
        (there, 1, START, 11, true),
        (there, 99, START - 1, 99, false),
    ] {
        assert_eq!(reached(device, seq, ts, of, START + 2), expected, "{seq} {ts} {of}");
    }
    assert!(reached(here, 11, START, 1, START + 7 * DAY - 1));
    assert!(!reached(here, 11, START, 1, START + 7 * DAY));
}

#[test]
fn over_the_budget_as_many_parts_go_as_have_to() {
    let part = |bytes: usize| Value::from("x".repeat(bytes - 2));
    let mut kept = Kept::default();
    for (key, bytes) in [("a", MOST_BYTES + 10), ("b", MOST_BYTES + 20), ("c", MOST_BYTES - 5), ("d", 5)] {
        kept.parts.insert(key.to_owned(), part(bytes));
    }
    kept.limit(Timestamp(START));
    let left: Vec<&String> = kept.parts.keys().collect();
    assert_eq!(left, ["c", "d"]);
    let gone: Vec<(&String, &Timestamp)> = kept.limited.iter().collect();
    assert_eq!(gone, [(&"a".to_owned(), &Timestamp(START)), (&"b".to_owned(), &Timestamp(START))]);
}

#[test]
fn who_has_more_than_a_million_events_stays_left_out_when_they_are_sealed() {
    let standard = standard(&source());
    let compiled = standard.0.as_ref().unwrap();
    for (count, excluded) in [(1_000_000, false), (1_000_001, true), (1_000_002, true)] {
        let mut person = compiled.plan.person();
        person.facts[0].count = count;
        let kept = Kept { parts: compiled.packed(&mut person), ..Kept::default() };
        assert_eq!(kept.sealed(compiled).excluded, excluded, "{count}");
    }
}
