//! State of the same person from elsewhere (engine.md 9.3): which of two values wins, one rule after the other. That devices
//! agree whatever reaches which first is a property (`properties.rs`).

use hearken_core::{Input, RecordId, Rejection, Verdict};
use serde_json::{Value, json};

use crate::device::{Device, campaign, read};

/// Two devices, in the order of their ids; and the profile that the documents name.
const A: &str = "01936c00-0000-7000-8000-00000000000a";
const B: &str = "01936c00-0000-7000-8000-00000000000b";
const PROFILE: &str = "01936c00-0000-7000-8000-000000000000";

/// A device of `u-1`.
fn device() -> Device {
    let mut device = Device::new(json!([campaign()]));
    device.handle(Input::Identify { user: "u-1".into() });
    device.now += 3_600_000;
    device
}

/// What a document with these fields comes to.
fn import(device: &mut Device, fields: Value) -> Verdict {
    let mut document = json!({"v": 1, "user": "u-1", "profile": PROFILE});
    document.as_object_mut().unwrap().append(&mut fields.as_object().unwrap().clone());
    device.handle(Input::Import { document: document.to_string() }).verdict
}

fn import_all(device: &mut Device, documents: &[Value]) {
    for fields in documents {
        assert_eq!(import(device, fields.clone()), Verdict::Accepted, "{fields}");
    }
}

fn exported(device: &Device) -> Value {
    read(&device.engine.export_state())
}

/// Of the current profile, as a checkpoint has it.
fn profile(device: &Device) -> Value {
    let state = read(&device.engine.checkpoint_json())["state"].clone();
    state["profiles"][state["current"].as_str().unwrap()].clone()
}

#[test]
fn the_last_writer_of_an_attribute_wins_ties_by_device_and_then_by_value() {
    let mut device = device();
    let at = device.now - 60_000;
    for (value, at, by, wins) in [
        (json!("gold"), at, A, true),
        (json!("tin"), at - 1, B, false),
        (json!("iron"), at, B, true),
        (json!("lead"), at, A, false),
        (json!("zinc"), at, B, true),
        (json!("iron"), at, B, false),
        (json!(null), at, B, false),
        (json!(null), at + 1, A, true),
        (json!("gold"), at, B, false),
    ] {
        import_all(&mut device, &[json!({"attributes": {"tier": {"value": value, "at": at, "device": by}}})]);
        let seen = &exported(&device)["attributes"]["tier"];
        let same = (&seen["value"], &seen["at"], &seen["device"]) == (&value, &json!(at), &json!(by));
        assert_eq!(same, wins, "{value} {at} {by}: {seen}");
    }
}

#[test]
fn the_latest_explicit_choice_holds_and_a_tie_or_a_builders_value_loses_to_a_refusal() {
    let mut device = device();
    let at = device.now - 60_000;
    for (granted, at, explicit, holds) in [
        // The builder granted it when the device was opened.
        (false, at, true, false),
        (true, at + 1, false, false),
        (true, at, true, false),
        (true, at - 1, true, false),
        (true, at + 1, true, true),
        (false, at, true, true),
        (false, at + 1, true, false),
    ] {
        import_all(
            &mut device,
            &[json!({"consent": {"analytics": {"granted": granted, "at": at, "explicit": explicit}}})],
        );
        let consent = read(&device.engine.person_json())["consent"].clone();
        let has = consent.as_array().unwrap().contains(&json!("analytics"));
        assert_eq!(has, holds, "{granted} {at} {explicit}");
    }
    let mut builders = self::device();
    builders.now = at;
    let opened = exported(&builders)["consent"]["analytics"]["at"].as_i64().unwrap();
    let choice = |granted| json!({"consent": {"analytics": {"granted": granted, "at": opened, "explicit": false}}});
    import_all(&mut builders, &[choice(true)]);
    assert_eq!(exported(&builders)["consent"]["analytics"]["granted"], true);
    import_all(&mut builders, &[choice(false)]);
    assert_eq!(exported(&builders)["consent"]["analytics"]["granted"], false);
}

#[test]
fn only_a_refusal_that_holds_takes_back_what_is_open() {
    let mut device = device();
    device.track("a");
    assert_eq!(device.engine.own_open().len(), 1);
    let messaging = |granted, at| json!({"consent": {"messaging": {"granted": granted, "at": at, "explicit": true}}});
    let now = device.now;
    import_all(&mut device, &[messaging(true, now), messaging(false, now - 1)]);
    assert_eq!(device.engine.own_open().len(), 1, "it was granted later");
    import_all(&mut device, &[messaging(false, now + 1)]);
    assert!(device.engine.own_open().is_empty());
}

#[test]
fn the_earliest_assignment_of_the_newest_version_holds_and_of_two_at_once_the_lesser_arm() {
    let mut device = device();
    let at = device.now - 60_000;
    for kind in ["arms", "holdouts"] {
        for (arm, version, unit, at, holds) in [
            ("b", 1, "x", at, true),
            ("a", 1, "a", at + 1, false),
            ("c", 1, "a", at, false),
            ("a", 1, "z", at, true),
            ("a", 1, "y", at, true),
            ("a", 0, "a", at - 2, false),
            ("z", 1, "z", at - 1, true),
            ("z", 2, "z", at + 1, true),
            ("a", 1, "a", at - 2, false),
        ] {
            let theirs =
                json!({"arm": arm, "bucketed_by": "user_id", "unit": unit, "bucket": 7, "version": version, "at": at});
            let mut fields = json!({});
            fields[kind] = json!({ "one": theirs });
            import_all(&mut device, &[fields]);
            assert_eq!(exported(&device)[kind]["one"] == theirs, holds, "{kind} {theirs}");
        }
    }
}

#[test]
fn of_two_cards_of_one_id_the_earlier_is_kept_and_the_last_writer_of_each_field_wins() {
    let mut device = device();
    let at = device.now - 60_000;
    let mark = |at: i64, by: &str| json!({"at": at, "device": by});
    let mut later = json!({
        "campaign": "card", "channel": "inbox", "made": B, "at": at, "message": {"layout": "card", "label": "later"},
        "seen": mark(at + 1, A), "read": mark(at + 2, A), "archived": mark(at + 3, A), "dismissed": mark(at + 4, A),
        "snoozed": {"at": at + 5, "device": A, "until": at + 9}, "removed": mark(at + 6, A), "clicks": ["click b", "click d"],
    });
    let mut earlier = json!({
        "campaign": "card", "channel": "inbox", "made": A, "at": at - 1, "message": {"layout": "card", "label": "earlier"},
        "seen": mark(at + 1, B), "archived": mark(at + 2, B), "removed": mark(at + 5, B), "clicks": ["click a", "click c", "click d"],
    });
    let mut expected = later.clone();
    for field in ["made", "at", "message", "seen"] {
        expected[field] = earlier[field].clone();
    }
    expected.as_object_mut().unwrap().remove("message");
    expected["clicks"] = json!(["click a", "click b", "click c", "click d"]);
    import_all(&mut device, &[json!({"cards": {"feed": later}})]);
    for again in [&earlier, &later, &earlier] {
        import_all(&mut device, &[json!({"cards": {"feed": again}})]);
        assert_eq!(exported(&device)["cards"]["feed"], expected);
    }

    // What was dismissed or removed anywhere shows nothing again, and its texts are gone with it.
    for (id, gone, stands) in [("put-away", "dismissed", "removed"), ("taken-away", "removed", "dismissed")] {
        for card in [&mut later, &mut earlier] {
            card[gone] = Value::Null;
            card[stands] = Value::Null;
        }
        import_all(&mut device, &[json!({"cards": {id: later}})]);
        assert_eq!(exported(&device)["cards"][id]["message"]["label"], "later");
        later[gone] = mark(at + 5, B);
        import_all(&mut device, &[json!({"cards": {id: later}})]);
        assert_eq!(exported(&device)["cards"][id]["message"], Value::Null, "{gone}");
        import_all(&mut device, &[json!({"cards": {id: earlier}})]);
        assert_eq!(exported(&device)["cards"][id]["made"], A);
        assert_eq!(exported(&device)["cards"][id]["message"], Value::Null, "{gone}");
    }
}

#[test]
fn a_use_counts_once_and_committed_outweighs_refunded_and_that_reserved() {
    let mut device = device();
    let at = device.now - 60_000;
    let told = |id: &str, state: &str, at: i64, returns: bool| json!({"uses": {id: {"campaign": "c", "at": at, "spends": ["day"], "state": state, "returns": returns}}});
    let mut expect = |documents: &[Value], uses: u64, spent: &[i64], last: Option<i64>| {
        import_all(&mut device, documents);
        let profile = profile(&device);
        let standing = &profile["campaigns"]["c"];
        assert_eq!(standing["uses"], uses, "{documents:?}");
        assert_eq!(standing["last_commit"], json!(last), "{documents:?}");
        let all = profile["caps"]["day"]["spent"].as_array().cloned().unwrap_or_default();
        assert_eq!(all.iter().map(|one| one["at"].as_i64().unwrap()).collect::<Vec<_>>(), spent, "{documents:?}");
    };
    expect(&[told(B, "reserved", at, false), told(B, "reserved", at + 1, false)], 1, &[at], None);
    expect(&[told(B, "refunded", at + 1, false), told(B, "reserved", at, false)], 0, &[], None);
    expect(&[told(B, "committed", at + 2, false), told(B, "refunded", at + 3, false)], 1, &[at + 2], Some(at + 2));
    // One that is older comes later; what a snooze brought back counts no further time.
    expect(&[told(A, "reserved", at - 9, true)], 1, &[at + 2, at - 9], Some(at + 2));
    expect(&[told(A, "committed", at - 8, true)], 1, &[at + 2, at - 8], Some(at + 2));
    // The start is the first commit.
    assert_eq!(profile(&device)["campaigns"]["c"]["start"], json!({"seq": 0, "at": at - 8, "id": A}));
    assert_eq!(exported(&device)["uses"].as_object().unwrap().len(), 2);
}

#[test]
fn the_newest_thousand_uses_are_told_one_by_one() {
    let mut device = device();
    let at = device.now - 60_000;
    let id = |n: u64| format!("01936c00-0000-7000-8000-{n:012x}");
    let uses = |range: std::ops::Range<u64>| {
        let one = |n| (id(n), json!({"campaign": "c", "at": at, "state": "committed"}));
        json!({"uses": range.map(one).collect::<serde_json::Map<_, _>>()})
    };
    import_all(&mut device, &[uses(10..1_010)]);
    let told = |device: &Device| {
        let uses = exported(device)["uses"].as_object().unwrap().clone();
        (uses.len(), uses.keys().min().unwrap().clone())
    };
    let counted = |device: &Device| profile(device)["campaigns"]["c"]["uses"].clone();
    assert_eq!((told(&device), counted(&device)), ((1_000, id(10)), json!(1_000)));
    import_all(&mut device, &[uses(9..10), uses(10..11)]);
    assert_eq!((told(&device), counted(&device)), ((1_000, id(10)), json!(1_000)), "older than what is remembered");
    import_all(&mut device, &[uses(1_010..1_011)]);
    assert_eq!((told(&device), counted(&device)), ((1_000, id(11)), json!(1_001)));
}

#[test]
fn what_a_campaign_made_is_told_where_it_made_any() {
    let mut device = device();
    device.track("a");
    assert_eq!(exported(&device)["made"], Value::Null);
    import_all(&mut device, &[json!({"made": {"card": 3}}), json!({"made": {"card": 2}})]);
    assert_eq!(exported(&device)["made"], json!({"card": 3}));
}

#[test]
fn it_is_for_the_same_user_or_the_same_anonymous_profile() {
    let wrong = Verdict::Rejected { rejection: Rejection::WrongUser };
    let mut device = device();
    let own: RecordId = exported(&device)["profile"].as_str().unwrap().parse().unwrap();
    let before = device.engine.checkpoint_json();
    assert_eq!(import(&mut device, json!({"user": "u-2"})), wrong);
    assert_eq!(import(&mut device, json!({"user": null})), wrong);
    assert_eq!(import(&mut device, json!({"user": null, "profile": own})), wrong, "it has a name by now");
    assert!(matches!(
        import(&mut device, json!({"v": 2})),
        Verdict::Rejected { rejection: Rejection::Document { message, .. } } if message.contains("format 2 is newer than 1")
    ));
    assert_eq!(device.engine.checkpoint_json(), before, "nothing changes");
    device.handle(Input::Reset);
    let anonymous = exported(&device)["profile"].clone();
    assert_eq!(import(&mut device, json!({"user": null, "profile": PROFILE})), wrong);
    assert_eq!(import(&mut device, json!({"user": null, "profile": anonymous})), Verdict::Accepted);
    assert_eq!(import(&mut device, json!({})), wrong);
}

#[test]
fn an_instant_later_than_now_is_read_as_now() {
    let mut device = device();
    let ahead = device.now + 86_400_000;
    let mark = json!({"at": ahead, "device": A});
    let arm = json!({"arm": "a", "bucketed_by": "user_id", "unit": "u", "bucket": 7, "version": 0, "at": ahead});
    let card = json!({"campaign": "card", "channel": "inbox", "made": B, "at": ahead, "seen": mark});
    import_all(
        &mut device,
        &[json!({
            "attributes": {"tier": {"value": "gold", "at": ahead, "device": A}}, "arms": {"one": arm}, "holdouts": {"two": arm},
            "consent": {"analytics": {"granted": true, "at": ahead, "explicit": true}},
            "uses": {A: {"campaign": "c", "at": ahead, "state": "committed"}}, "cards": {"feed": card},
        })],
    );
    let seen = exported(&device);
    for path in [
        "/attributes/tier/at",
        "/arms/one/at",
        "/holdouts/two/at",
        "/consent/analytics/at",
        &format!("/uses/{A}/at"),
        "/cards/feed/at",
        "/cards/feed/seen/at",
    ] {
        assert_eq!(seen.pointer(path), Some(&json!(device.now)), "{path}");
    }
}

#[test]
fn a_use_is_told_with_the_instant_that_a_clock_set_back_left_it() {
    let mut device = device();
    device.track("a");
    device.now -= 7_200_000;
    device.handle(Input::Tick);
    let uses = exported(&device)["uses"].as_object().unwrap().clone();
    assert_eq!(uses.values().map(|one| one["at"].as_i64().unwrap()).collect::<Vec<_>>(), [device.now]);
}
