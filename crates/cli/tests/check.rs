//! What `check` prints, and what becomes of naughty documents.
#![allow(missing_docs)]

mod support;

use std::time::{Duration, Instant};

use support::{folder, hearken, printed, same_as};

#[test]
fn the_example_shop_has_no_errors_and_the_warnings_that_it_should() {
    let output = hearken(&folder("shop"), &["check", "playbook.yaml"]);
    assert_eq!(output.status.code(), Some(0));
    same_as(&folder("shop").join("check.txt"), &printed(&output));
}

#[test]
fn a_broken_playbook_is_told_every_problem_in_one_run() {
    let output = hearken(&folder("broken"), &["check", "playbook.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    same_as(&folder("broken").join("check.txt"), &printed(&output));
}

#[test]
fn programs_get_the_same_as_json() {
    let output = hearken(&folder("broken"), &["check", "--format", "json", "playbook.yaml"]);
    same_as(&folder("broken").join("check.json"), &printed(&output));
}

#[test]
fn a_success_definition_is_checked_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str, more: &[&str]| {
        std::fs::write(folder.path().join("success.yaml"), text).unwrap();
        hearken(folder.path(), &[&["check", "success.yaml"], more].concat())
    };
    let right = include_str!("../../../presets/success.yaml");
    let output = check(right, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    assert!(
        printed(&output).contains("0 errors, 0 warnings;") && printed(&output).contains("metrics can be computed.")
    );
    let wrong = "spec: 1\nid: a\nversion: 1\nsource: {idd: x}\nfacts:\n  who: {event: $identify}\n  buy: {event: b}\nmetrics:\n  m: {num: {has: bye}, den: one}\n  n: {num: {count: buy}, den: {has: buy}}\n";
    let output = check(wrong, &[]);
    assert_eq!(output.status.code(), Some(1));
    for place in ["success.yaml:4:", "success.yaml:6:16", "success.yaml:9:18"] {
        assert!(
            printed(&output).contains("error[HK0119]: ") && printed(&output).contains(place),
            "{place}: {}",
            printed(&output)
        );
    }
    assert!(printed(&output).contains("1 metric can be computed."), "{}", printed(&output));
    let output = check(wrong, &["--format", "json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["errors"], &told["metrics"], &told["campaigns"]),
        (&5.into(), &1.into(), &serde_json::Value::Null)
    );
    let slip = "spec: 1\nid: a\nversion: 1\nfacts:\n  buy: {event: b, taek: last}\nmetrics: {}\n";
    let told: serde_json::Value = serde_json::from_slice(&check(slip, &["--format", "json"]).stdout).unwrap();
    let slip = &told["problems"][0];
    // At the field's name, not under its value.
    assert_eq!((&slip["span"]["line"], &slip["span"]["column"]), (&5.into(), &19.into()), "{told:#}");
    assert_eq!((&slip["path"], &slip["help"]), (&"facts.buy.taek".into(), &"did you mean `take`?".into()));
}

/// Documents that are no playbooks, by name.
fn naughty() -> Vec<(&'static str, Vec<u8>)> {
    let right = include_str!("right.yaml");
    let bomb: String = ('b'..='z')
        .zip('a'..)
        .map(|(new, old)| format!("{new}: &{new} [{}]\n", vec![format!("*{old}"); 9].join(",")))
        .collect();
    let merges: String = ('b'..='z')
        .zip('a'..)
        .map(|(new, old)| format!("{new}: &{new} {{x{new}: *{old}, <<: [*{old}, *{old}]}}\n"))
        .collect();
    let half = right.len() / 2;
    vec![
        ("empty.yaml", Vec::new()),
        ("nul.yaml", b"spec: 1\nid: \0\n".to_vec()),
        ("nuls.json", vec![0; 100_000]),
        ("truncated.yaml", right.as_bytes()[..half].to_vec()),
        ("truncated.json", br#"{"spec": 1, "id": "a", "campaigns": [{"id": "#.to_vec()),
        ("tabs.yaml", b"spec: 1\nplan:\n\tevents:\n\t\ta: {}\n".to_vec()),
        ("deep.yaml", "- ".repeat(100_000).into_bytes()),
        ("deeper.yaml", (0..2_000).map(|n| " ".repeat(n) + "a:\n").collect::<String>().into_bytes()),
        ("deep.json", "[".repeat(100_000).into_bytes()),
        ("deep-objects.json", "{\"a\":".repeat(100_000).into_bytes()),
        ("keys.yaml", "? ".repeat(100_000).into_bytes()),
        ("bomb.yaml", (String::from("a: &a [x,x,x,x,x,x,x,x,x]\n") + &bomb).into_bytes()),
        ("merges.yaml", (String::from("a: &a {k: v}\n") + &merges).into_bytes()),
        ("big.yaml", ["text: {en: {a: \"", &"x".repeat(10_000_000), "\"}}"].concat().into_bytes()),
        ("big.json", vec![b' '; 10_000_000]),
        ("wide.yaml", (0..150_000).map(|n| format!("k{n}: {n}\n")).collect::<String>().into_bytes()),
        ("stars.yaml", ["spec: 1\nid: a\nrevision: 1\ntext: {en: {a: \"", &"*[".repeat(200_000), "\"}}"].concat().into_bytes()),
        ("links.yaml", ["spec: 1\nid: a\nrevision: 1\ntext: {en: {a: \"", &"[".repeat(15_000), "](x y)\"}}"].concat().into_bytes()),
        ("segments.yaml", {
            let chain: String = (0..5_000).map(|n| format!("  s{n}: {{$segment: s{}}}\n", n + 1)).collect();
            format!("spec: 1\nid: a\nrevision: 1\ncampaigns: [{{id: a, audience: {{$segment: s0}}}}]\nsegments:\n{chain}").into_bytes()
        }),
        ("list.yaml", b"- 1\n- 2\n".to_vec()),
        ("text.json", b"\"text\"".to_vec()),
        ("wrong.yaml", b"spec: []\nid: {}\nplan: 3\ncampaigns: {a: 1}\nmessages: [1]\ntext: 1\ncaps: [1]\nsegments: x\ntheme: 1\nlocales: 3\n".to_vec()),
        ("wrong2.yaml", b"plan: {events: [1], attributes: {a: [1]}}\ncampaigns: [1, null, [], {trigger: [1], experiment: 1, card: 1, limit: x, schedule: 3, caps: {a: 1}, audience: [], channel: {}}]\nmessages: {a: 1, b: {pages: [1, {blocks: 3}, [1, {text: {name: 1}}, {button: 1}, {image: []}, {a: 1, b: 2}]]}}\ntext: {en: 3, el: {a: [1], b: {count: 1}, c: {$t: 1}}}\nsuccess: [1]\nlocales: {default: 3, also: {a: 1}}\n".to_vec()),
        ("recursive.yaml", b"a: &a {b: *a}\n".to_vec()),
        ("documents.yaml", b"spec: 1\n---\nspec: 1\n".to_vec()),
        ("latin1.yaml", b"id: caf\xe9\n".to_vec()),
        ("utf16.yaml", "spec: 1".encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ]
}

#[test]
fn naughty_documents_are_told_and_never_panic_or_take_long() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in naughty() {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        for command in [&["check", name][..], &["build", name], &["types", name, "-l", "swift"]] {
            let start = Instant::now();
            let output = hearken(folder.path(), command);
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(matches!(output.status.code(), Some(0..=2)) && !words.contains("panicked"), "{name}: {words}");
            let may_pass = command[0] == "types" || ["stars.yaml", "links.yaml"].contains(&name);
            assert!(may_pass || output.status.code() != Some(0), "{name} must not pass");
            assert!(start.elapsed() < Duration::from_secs(20), "{name} took {:?}", start.elapsed());
        }
    }
}

#[test]
fn the_same_playbook_with_other_line_ends_and_a_byte_order_mark_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let right = include_str!("right.yaml");
    let build = |name: &str, text: String| {
        std::fs::write(folder.path().join(name), text).unwrap();
        let output = hearken(folder.path(), &["build", name]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        printed(&output)
    };
    let plain = build("a.yaml", right.to_owned());
    assert_eq!(build("b.yaml", right.replace('\n', "\r\n")), plain);
    assert_eq!(build("c.yaml", format!("\u{feff}{right}")), plain);
    // What is built is a playbook too, and builds to itself.
    assert_eq!(build("d.json", plain.clone()), plain);
}
