use super::*;
use serde_json::json;

fn base() -> Value {
    json!({
        "spec": 1, "id": "shop", "revision": 1,
        "caps": {"gentle": {"max": 1, "per": "1d"}},
        "campaigns": [{"id": "a", "channel": ["in_app"], "trigger": {"event": "e"}, "message": "m"}],
        "messages": {"m": {"layout": "modal", "pages": [[{"text": "Hello"}]]}}
    })
}

fn problem(edit: impl FnOnce(&mut Value)) -> (String, String) {
    let mut document = base();
    edit(&mut document);
    let playbook = Playbook::compile(&document.to_string()).unwrap();
    assert_eq!(
        playbook.campaigns().count() + playbook.problems().len(),
        1 + usize::from(document["campaigns"].as_array().unwrap().len() > 1),
        "{:?}",
        playbook.problems()
    );
    let problem = playbook.problems()[0].clone();
    (problem.path, problem.message)
}

#[test]
fn a_bad_campaign_is_disabled_alone_and_named_by_its_place() {
    let second =
        |campaign: Value| move |document: &mut Value| document["campaigns"].as_array_mut().unwrap().push(campaign);
    let good = json!({"id": "b", "channel": ["in_app"], "trigger": {"event": "e"}, "message": "m"});
    let with = |field: &str, value: Value| {
        let mut campaign = good.clone();
        campaign[field] = value;
        campaign
    };
    let cases = [
        (with("channel", json!(["smoke"])), "campaigns[1].channel[0]", "unknown variant `smoke`"),
        (with("channel", json!([])), "campaigns[1].channel", "at least one"),
        (with("trigger", json!({"event": "e", "unless": "f"})), "campaigns[1].trigger.unless", "a list"),
        (with("trigger", json!({"event": "e", "unles": "f"})), "campaigns[1].trigger.unles", "unknown field"),
        (with("trigger", json!({})), "campaigns[1].trigger", "exactly one of"),
        (with("trigger", json!({"event": "e", "any": [{"event": "f"}]})), "campaigns[1].trigger", "exactly one of"),
        (with("trigger", json!({"event": "e", "count": 0})), "campaigns[1].trigger.count", "1 to 100"),
        (with("trigger", json!({"event": "e", "unless": [{"event": "f"}]})), "campaigns[1].trigger.within", "how long"),
        (
            with("trigger", json!({"event": "e", "where": {"n": {"$regexp": 1}}})),
            "campaigns[1].trigger.where.n.$regexp",
            "no operator",
        ),
        (with("audience", json!({"$in": 1})), "campaigns[1].audience.$in", "no operator"),
        (with("caps", json!(["none"])), "campaigns[1].caps[0]", "`none` is not a frequency constraint"),
        (with("message", json!("n")), "campaigns[1].message", "`n` is not a message"),
        (with("id", json!("a")), "campaigns[1].id", "an earlier campaign"),
        (with("id", json!("")), "campaigns[1].id", "1 to 255 bytes"),
        (with("limit", json!({"times": -1})), "campaigns[1].limit.times", "not -1"),
        (with("limit", json!({"again_after": "soon"})), "campaigns[1].limit.again_after", "a span of time"),
        (with("experiment", json!({})), "campaigns[1].message", "either a message or an experiment"),
        (with("experimint", json!({})), "campaigns[1].experimint", "unknown field"),
        (with("channel", json!(["inbox"])), "campaigns[1].channel", "only cards"),
        (
            with("schedule", json!({"windows": [{"from": "9", "to": "10:00"}]})),
            "campaigns[1].schedule.windows[0].from",
            "a time of day",
        ),
        (with("id", json!("x".repeat(256))), "campaigns[1].id", "1 to 255 bytes"),
        (with("trigger", json!({"event": ""})), "campaigns[1].trigger.event", "an event is needed"),
        (with("trigger", json!({"event": "e", "count": 101})), "campaigns[1].trigger.count", "1 to 100"),
        (
            with("trigger", json!({"all": [{"event": "e"}], "chain": [{"event": "e"}]})),
            "campaigns[1].trigger",
            "exactly one",
        ),
        (with("trigger", json!({"any": [{"event": "e"}], "count": 2})), "campaigns[1].trigger", "stand beside `event`"),
        (
            with("trigger", json!({"all": [{"event": "e"}], "where": {"n": 1}})),
            "campaigns[1].trigger",
            "stand beside `event`",
        ),
        (
            with("trigger", json!({"all": [{"event": "e"}], "unless": [{"event": "f"}], "within": "1h"})),
            "campaigns[1].trigger",
            "stand beside `event`",
        ),
        (
            with("trigger", json!({"any": [{"event": "e"}], "within": "1h"})),
            "campaigns[1].trigger.within",
            "in each of its parts",
        ),
        (
            with("trigger", json!({"chain": [{"event": "e"}, {"event": "f", "within": "1h"}]})),
            "campaigns[1].trigger.chain[1].within",
            "one `within`",
        ),
        (
            with("trigger", json!({"chain": [{"event": "e", "count": 51}, {"event": "f", "count": 50}]})),
            "campaigns[1].trigger.chain",
            "at most 100 links",
        ),
        (
            with("trigger", json!({"event": "e", "count": 2, "unless": [{"event": "f"}], "within": "1h"})),
            "campaigns[1].trigger.count",
            "from one event",
        ),
        (with("goal", json!("buyers")), "campaigns[1].goal", "not a metric"),
    ];
    for (campaign, path, message) in cases {
        let (seen_path, seen_message) = problem(second(campaign));
        assert_eq!(seen_path, path);
        assert!(seen_message.contains(message), "{path}: {seen_message}");
    }
}

#[test]
fn what_is_just_allowed_is_no_problem() {
    let leaves = |counts: &[u32]| counts.iter().map(|count| json!({"event": "e", "count": count})).collect::<Value>();
    for trigger in [
        json!({"event": "e", "count": 100, "within": "1h"}),
        json!({"any": [{"event": "e", "count": 2, "within": "1h", "where": {"n": 1}}, {"event": "f"}]}),
        json!({"all": [{"event": "e", "within": "1h"}, {"event": "f"}], "within": "1d"}),
        json!({"all": leaves(&[100, 100])}),
        json!({"chain": leaves(&[50, 50]), "within": "1h"}),
        json!({"event": "e", "where": {"n": 1}, "unless": [{"event": "f"}], "within": "1h", "rearm": "latest"}),
    ] {
        let mut document = base();
        document["campaigns"][0]["trigger"] = trigger;
        document["campaigns"][0]["id"] = json!("x".repeat(255));
        assert_eq!(Playbook::compile(&document.to_string()).unwrap().problems(), []);
    }
}

/// Who could not tell how its variants interrupt could not tell who sees them either (engine.md 5.3).
#[test]
fn a_campaign_interrupts_the_same_way_whatever_it_shows() {
    let compiled = |one: &str, other: &str| {
        let mut document = base();
        let variant = |id: &str| json!({"id": id, "weight_bp": 5000, "message": id});
        let channel = if one == "card" { "inbox" } else { "in_app" };
        document["campaigns"][0] = json!({
            "id": "a", "channel": [channel], "trigger": {"event": "e"}, "interruptive": false,
            "experiment": {"variants": [variant("one"), variant("other")]}, "placement": "top",
        });
        document["messages"] = json!({
            "one": {"layout": one, "pages": [["divider", {"heading": "x"}]]},
            "other": {"layout": other, "pages": [["divider", {"heading": "x"}]]},
        });
        Playbook::compile(&document.to_string()).unwrap()
    };
    for (one, other, interrupts) in [
        ("modal", "banner", true),
        ("toast", "fullscreen", true),
        ("inline", "inline", false),
        ("card", "card", false),
        // Only of a custom message can nobody know it but its author.
        ("custom", "custom", false),
    ] {
        let playbook = compiled(one, other);
        assert_eq!(playbook.problems(), [], "{one} {other}");
        assert_eq!(playbook.campaigns[0].interruptive, interrupts, "{one} {other}");
    }
    for (one, other) in [("modal", "inline"), ("card", "modal"), ("custom", "modal"), ("inline", "custom")] {
        let problems = compiled(one, other).problems;
        assert_eq!(problems[0].path, "campaigns[0].experiment.variants", "{one} {other}: {problems:?}");
    }
}

#[test]
fn a_place_is_needed_by_what_is_in_the_page_and_an_inbox_by_cards() {
    let path = |layout: &str, channel: &str| {
        problem(|document| {
            document["messages"]["m"]["layout"] = json!(layout);
            document["campaigns"][0]["channel"] = json!([channel]);
        })
        .0
    };
    assert_eq!(path("inline", "in_app"), "campaigns[0].placement");
    assert_eq!(path("card", "in_app"), "campaigns[0].channel");
}

#[test]
fn a_campaign_speaks_of_an_event_if_its_message_or_a_text_that_it_names_may() {
    let speaks = |heading: Value, text: &str| {
        let mut document = base();
        document["messages"]["m"]["pages"] = json!([[{ "heading": heading }]]);
        document["text"] = json!({"en": {"t": text}});
        let playbook = Playbook::compile(&document.to_string()).unwrap();
        assert_eq!(playbook.problems(), []);
        (playbook.campaigns[0].speaks_of_event, playbook.campaigns[0].speaks_of_metrics)
    };
    assert_eq!(speaks(json!("Hello"), "{{ event.n }} {{ metrics.m.num }}"), (false, false), "it names no text");
    assert_eq!(speaks(json!("{{ event.n }}"), "x"), (true, false));
    assert_eq!(speaks(json!("{{ metrics.m.num }}"), "x"), (false, true));
    assert_eq!(speaks(json!({"$t": "t"}), "{{ event.n }}"), (true, false));
    assert_eq!(speaks(json!({"$t": "t"}), "{{ metrics.m.num }}"), (false, true));
    assert_eq!(speaks(json!({"$t": "t"}), "x"), (false, false));
}

#[test]
fn an_event_concerns_a_campaign_once() {
    let mut document = base();
    document["campaigns"][0]["trigger"] =
        json!({"any": [{"event": "e", "where": {"n": 1}}, {"event": "f"}, {"event": "e"}]});
    document["campaigns"][0]["cancel_on"] = json!([{"event": "e"}, {"event": "g"}]);
    let mut other = document["campaigns"][0].clone();
    other["id"] = json!("b");
    document["campaigns"].as_array_mut().unwrap().push(other);
    let playbook = Playbook::compile(&document.to_string()).unwrap();
    for event in ["e", "f", "g"] {
        let concerned: Vec<_> = playbook.concerned_by(event).map(|campaign| campaign.id.as_str()).collect();
        assert_eq!(concerned, ["a", "b"], "{event}");
    }
    assert_eq!(playbook.concerned_by("d").chain(playbook.concerned_by("h")).count(), 0);
}

#[test]
fn what_removes_a_card_is_checked_by_its_place() {
    let problems = |remove_on: Value| {
        let mut document = base();
        document["campaigns"][0]["card"] = json!({ "remove_on": remove_on });
        let playbook = Playbook::compile(&document.to_string()).unwrap();
        let told = playbook.problems().iter().map(|problem| [&problem.path, ": ", &*problem.message].concat());
        told.collect::<Vec<String>>()
    };
    assert_eq!(problems(json!([{"event": "bought", "where": {"n": {"$gt": 1}}}])), Vec::<String>::new());
    for (remove_on, expected) in [
        (json!(["bought"]), "campaigns[0].card.remove_on[0]: "),
        (json!([{"event": "bought"}, {"event": ""}]), "campaigns[0].card.remove_on[1].event: an event is needed here"),
        (json!([{"event": "bought", "wher": {}}]), "campaigns[0].card.remove_on[0].wher: "),
        (json!([{"event": "bought", "where": {"n": {"$gtt": 1}}}]), "campaigns[0].card.remove_on[0].where.n.$gtt: "),
    ] {
        let told = problems(remove_on);
        assert!(told.len() == 1 && told[0].starts_with(expected), "{told:?}");
    }
}

#[test]
fn a_bad_cap_or_message_disables_the_campaigns_that_use_it() {
    let mut document = base();
    document["campaigns"][0]["caps"] = json!(["gentle"]);
    document["caps"]["gentle"]["max"] = json!(0);
    let playbook = Playbook::compile(&document.to_string()).unwrap();
    let paths: Vec<&str> = playbook.problems().iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["caps.gentle", "campaigns[0].caps[0]"]);
    assert_eq!(playbook.campaigns().count(), 0);

    let (path, _) = problem(|document| {
        document["messages"]["m"]["pages"][0][0] =
            json!({"button": {"label": "x", "actions": [{"open_url": "javascript:1"}]}})
    });
    assert_eq!(path, "messages.m.pages[0][0].button.actions[0].open_url");
    let (path, _) = problem(|document| document["messages"]["m"]["pages"][0][0] = json!({"script": "x"}));
    assert_eq!(path, "messages.m.pages[0][0]");
}

#[test]
fn a_document_that_cannot_be_used_says_where() {
    let error = |text: &str| Playbook::compile(text).unwrap_err();
    assert!(matches!(error("{\n  \"spec\": 1,\n  oops }"), PlaybookError::Json { line: 3, column: 3, .. }));
    assert!(matches!(error(""), PlaybookError::Json { .. }));
    assert!(matches!(error(&"[".repeat(100_000)), PlaybookError::Json { line: 1, column: 129, .. }));
    assert!(matches!(error(r#"{"spec":1,"spec":1}"#), PlaybookError::Json { column: 11, .. }));
    assert!(matches!(error("[]"), PlaybookError::Document { .. }));
    assert!(matches!(error(r#"{"spec":1,"id":"a","revision":1} x"#), PlaybookError::Json { .. }));
    assert_eq!(error(r#"{"spec": 2, "id": "a", "revision": 1}"#), PlaybookError::Spec { seen: 2 });
    let PlaybookError::Document { path, .. } = error(r#"{"spec": 1, "id": "a", "revision": "x"}"#) else { panic!() };
    assert_eq!(path, "revision");
    let PlaybookError::Document { path, .. } =
        error(r#"{"spec":1,"id":"a","revision":1,"plan":{"events":{"e":{"properties":{"p":{"type":"float"}}}}}}"#)
    else {
        panic!()
    };
    assert_eq!(path, "plan.events.e.properties.p.type");
}

#[test]
fn unknown_fields_of_the_document_are_tolerated() {
    let mut document = base();
    document["theme"] = json!({"accent": "#123456"});
    assert_eq!(Playbook::compile(&document.to_string()).unwrap().problems(), []);
}

#[test]
fn an_event_finds_its_campaigns_without_looking_at_the_others() {
    let playbook = Playbook::compile(&base().to_string()).unwrap();
    assert_eq!(playbook.concerned_by("e").map(|campaign| campaign.id.as_str()).collect::<Vec<_>>(), ["a"]);
    assert_eq!(playbook.concerned_by("f").count(), 0);
}
