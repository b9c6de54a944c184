//! The commands beside `check`.
#![allow(missing_docs)]

mod support;

use serde_json::Value;
use support::{folder, hearken, printed, same_as};

#[test]
fn the_example_shop_builds_to_the_same_bytes_every_time() {
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("playbook.json");
    let output = hearken(&folder("shop"), &["build", "playbook.yaml", "-o", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    let built = std::fs::read_to_string(&path).unwrap();
    same_as(&folder("shop").join("playbook.json"), &built);
    let fingerprint = printed(&output);
    assert_eq!(fingerprint.split(' ').next().unwrap().len(), 64);
    let value: Value = serde_json::from_str(&built).unwrap();
    assert_eq!(value["plurals"]["el"]["one"], "n = 1");
    assert_eq!(value["text"]["el"]["$sdk.close"], "Κλείσιμο");
    assert_eq!(value["success"]["id"], "shop-success");
}

#[test]
fn a_playbook_with_errors_is_not_built() {
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("playbook.json");
    let output = hearken(&folder("broken"), &["build", "playbook.yaml", "-o", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!path.exists() && String::from_utf8_lossy(&output.stderr).contains("HK0204"));
}

#[test]
fn a_signature_fits_the_bytes_that_were_signed_and_no_others() {
    let out = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| hearken(out.path(), arguments).status.code().unwrap();
    std::fs::write(out.path().join("playbook.json"), "{}").unwrap();
    assert_eq!(run(&["keygen", "-o", "shop.key"]), 0);
    assert_eq!(run(&["keygen", "-o", "shop.key"]), 2, "a key is never written over");
    assert_eq!(run(&["keygen", "-o", "other.key"]), 0);
    assert_eq!(run(&["sign", "--key", "shop.key", "playbook.json"]), 0);
    assert_eq!(run(&["verify", "--public", "shop.key.pub", "playbook.json"]), 0);
    assert_eq!(run(&["verify", "--public", "other.key.pub", "playbook.json"]), 1);
    assert_eq!(run(&["verify", "--public", "shop.key", "playbook.json"]), 2, "the secret key is no public key");
    // Another key under the id of the first: the id alone proves nothing.
    let public = |name: &str| std::fs::read_to_string(out.path().join(name)).unwrap();
    let (shop, other) = (public("shop.key.pub"), public("other.key.pub"));
    let forged: Vec<&str> = shop.lines().take(2).chain(other.lines().skip(2)).collect();
    std::fs::write(out.path().join("forged.pub"), forged.join("\n")).unwrap();
    assert_eq!(run(&["verify", "--public", "forged.pub", "playbook.json"]), 1);
    std::fs::write(out.path().join("playbook.json"), "{ }").unwrap();
    assert_eq!(run(&["verify", "--public", "shop.key.pub", "playbook.json"]), 1);
    assert_eq!(run(&["verify", "--public", "shop.key.pub", "nowhere.json"]), 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(out.path().join("shop.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "nobody else may read a secret key");
    }
}

#[test]
fn what_is_built_fits_the_schema_of_what_is_written_and_so_does_the_example() {
    let out = tempfile::tempdir().unwrap();
    let schema: Value = serde_json::from_slice(&hearken(out.path(), &["schema", "playbook"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let built = hearken(&folder("shop"), &["build", "playbook.yaml"]);
    let built: Value = serde_json::from_slice(&built.stdout).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&built).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());
    let written = serde_json::json!({
        "spec": 1, "id": "a", "revision": 1, "success": "success.yaml", "holdout": {"percent": 5},
        "plan": {"events": {"e": null, "f": {"properties": {"n": "int"}, "purpose": "messaging"}}},
        "campaigns": [{"id": "a", "channel": "in_app", "trigger": {"screen": "cart", "unless": "f", "within": "1h"},
            "limit": "none", "screens": ["home"], "schedule": {"start": "2026-11-27T09:00:00+02:00"},
            "experiment": {"control": 10, "variants": [{"id": "a", "weight": 100, "message": "m"}]}}],
        "messages": {"m": {"layout": "modal", "pages": [["divider", {"nps": {"name": "n", "label": "How?"}},
            {"list": ["a"]}, {"button": {"label": "Go", "action": "submit"}}]]}}
    });
    assert!(
        validator.is_valid(&written),
        "{:?}",
        validator.iter_errors(&written).next().map(|error| error.to_string())
    );
    for wrong in
        [serde_json::json!({"spec": 1}), serde_json::json!({"spec": 1, "id": "a", "revision": 1, "campaign": []})]
    {
        assert!(!validator.is_valid(&wrong));
    }
}

#[test]
fn the_closed_tables_are_printed_from_the_engine() {
    let out = tempfile::tempdir().unwrap();
    assert!(printed(&hearken(out.path(), &["schema", "record"])).contains("$shown: "));
    let tables = printed(&hearken(out.path(), &["schema", "tables"]));
    assert!(tables.contains("  lost_arbitration\n") && tables.contains("transitions\n"));
}

#[test]
fn types_of_the_example_shop_are_as_printed_here() {
    // Where a compiler of the language sees them.
    for (language, file) in [
        ("typescript", "crates/cli/tests/types/shop.ts"),
        ("kotlin", "bindings/kotlin/hearken/src/test/kotlin/plan/Shop.kt"),
        ("swift", "bindings/swift/Tests/HearkenTests/Plan/Shop.swift"),
    ] {
        let output = hearken(&folder("shop"), &["types", "playbook.yaml", "--language", language]);
        assert_eq!(output.status.code(), Some(0));
        same_as(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file), &printed(&output));
    }
}

/// The example of the repository: its playbook, and a visit of four days.
fn shop() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop")
}

#[test]
fn the_example_shop_uses_what_there_is_to_use_and_nothing_is_wrong_with_it() {
    let output = hearken(&shop(), &["check", "playbook.yaml"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(printed(&output).contains("0 errors"), "{}", printed(&output));
    let built = String::from_utf8(hearken(&shop(), &["build", "playbook.yaml"]).stdout).unwrap();
    let playbook = hearken_core::Playbook::compile(&built).unwrap();
    assert_eq!(playbook.problems(), []);
    assert!(playbook.campaigns().count() >= 14);
    for layout in ["modal", "fullscreen", "banner", "toast", "tooltip", "inline", "card", "custom"] {
        assert!(built.contains(&format!("\"layout\":\"{layout}\"")), "{layout}");
    }
}

#[test]
fn a_recorded_visit_tells_what_was_shown_when_and_why() {
    let output = hearken(&shop(), &["replay", "--playbook", "playbook.yaml", "--inputs", "visit.jsonl", "--explain"]);
    assert_eq!(output.status.code(), Some(0));
    same_as(&shop().join("visit.txt"), &printed(&output));
    let lines = String::from_utf8(
        hearken(&shop(), &["replay", "--playbook", "playbook.yaml", "--inputs", "visit.jsonl"]).stdout,
    )
    .unwrap();
    let steps: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(steps.len() > 50 && steps.iter().all(|step| step["records"].is_array()));
    let again = hearken(&shop(), &["replay", "--playbook", "playbook.yaml", "--inputs", "visit.jsonl"]).stdout;
    assert_eq!(lines.as_bytes(), again, "the same inputs give the same bytes");
}

#[test]
fn explain_says_what_holds_a_campaign_back_and_until_when() {
    let explain = |at: &str, campaign: &str| {
        let arguments =
            ["explain", "--campaign", campaign, "--playbook", "playbook.yaml", "--inputs", "visit.jsonl", "--at", at];
        let output = hearken(&shop(), &arguments);
        assert_eq!(output.status.code(), Some(0));
        printed(&output)
    };
    let text = explain("2026-11-21T23:31:00+02:00", "search-help");
    assert!(text.starts_with("search-help at 2026-11-21 23:31:00 +02:00: waiting"), "{text}");
    assert!(text.contains("STOP  schedule") && text.contains("can show again 2026-11-22 08:00:00 +02:00"), "{text}");
    assert!(explain("2026-11-21T09:00:00+02:00", "nobody").contains("unknown"));
}

#[test]
fn a_visit_that_cannot_be_played_names_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let visit = folder.path().join("visit.jsonl");
    let playbook = shop().join("playbook.yaml");
    let run = |line: &str| {
        std::fs::write(&visit, format!("{{\"now\": \"2026-11-21T10:00:00Z\", \"do\": \"tick\"}}\n{line}\n")).unwrap();
        let arguments = ["replay", "--playbook", playbook.to_str().unwrap(), "--inputs", "visit.jsonl"];
        let output = hearken(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run("{").contains("visit.jsonl:2:2: a key in quotes is expected"));
    assert!(run("{\"now\": \"today\", \"do\": \"tick\"}").contains("visit.jsonl:2: `now`"));
    assert!(
        run("{\"now\": \"2026-11-21T10:00:00Z\", \"do\": \"dance\"}")
            .contains("visit.jsonl:2: `do`: there is no input `dance`")
    );
    assert!(
        run("{\"now\": \"2026-11-21T10:00:00Z\", \"do\": {\"show\": \"welcome\"}}").contains("nothing of `welcome`")
    );
}

/// Plays a visit of two lines, the second of which is this one, through both commands.
fn played(line: &[u8]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let first = b"\xef\xbb\xbf{\"now\": \"2026-11-21T10:00:00Z\", \"do\": \"tick\"}\r\n";
    std::fs::write(folder.path().join("visit.jsonl"), [first, line, b"\n"].concat()).unwrap();
    let playbook = shop().join("playbook.yaml").display().to_string();
    let output = hearken(folder.path(), &["replay", "--playbook", &playbook, "--inputs", "visit.jsonl"]);
    let arguments = ["explain", "--campaign", "welcome", "--playbook", &playbook, "--inputs", "visit.jsonl"];
    let explained = hearken(folder.path(), &arguments);
    assert_eq!((output.status.code(), &output.stderr), (explained.status.code(), &explained.stderr));
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn what_a_visit_says_and_nobody_would_read_is_an_error() {
    for (fields, told) in [
        ("\"lokale\": \"el\", \"do\": \"tick\"", "`lokale` is not known here; did you mean `locale`?"),
        ("\"locale\": 7, \"do\": \"tick\"", "`locale`: a text such as \"en\" is needed here, not 7"),
        (
            "\"do\": {\"track\": {\"name\": \"a\", \"propertis\": {}}}",
            "`do.track.propertis` is not known here; did you mean `properties`?",
        ),
        (
            "\"do\": {\"attribute\": {\"name\": \"a\", \"oper\": \"increment\"}}",
            "`do.attribute.oper` is not known here; did you mean `op`?",
        ),
        ("\"do\": {\"can_display\": \"true\"}", "`do.can_display`: true or false is needed here"),
        (
            "\"do\": {\"host_state\": {\"host\": {\"platfrom\": \"ios\"}}}",
            "`do.host_state.host.platfrom` is not known here; did you mean `platform`?",
        ),
        ("\"do\": {\"tick\": {\"x\": 1}}", "`do.tick.x` is not known here; it takes no fields"),
        ("\"do\": {\"host_state\": 7}", "`do.host_state`: an object is needed here, not 7"),
        ("\"do\": {\"show\": {}}", "`do.show`: the id of a campaign is needed here"),
        ("\"do\": {\"trak\": {}}", "`do`: there is no input `trak`; did you mean `track`?"),
        ("\"do\": {\"track\": {\"name\": 7}}", "input.track.name: a text is needed here, not 7"),
    ] {
        let line = format!("{{\"now\": \"2026-11-21T10:00:00Z\", {fields}}}");
        let (code, error) = played(line.as_bytes());
        assert_eq!((code, error.trim_end()), (Some(2), &*format!("error: visit.jsonl:2: {told}")), "{fields}");
    }
    assert_eq!(played(b"[]").0, Some(2));
}

#[test]
fn a_line_of_a_visit_is_read_by_the_rules_of_the_device() {
    let twice = "{\"now\": \"2026-11-21T10:00:00Z\", \"locale\": \"é\", \"do\": {\"screen\": {\"name\": \"a\", \"name\": \"b\"}}}";
    let column = twice.chars().count() - "\"name\": \"b\"}}}".len() + 1;
    assert_eq!(
        played(twice.as_bytes()),
        (Some(2), format!("error: visit.jsonl:2:{column}: the key `name` stands twice\n"))
    );
    assert_eq!(
        played(b"{\"now\": \"\xff\"}"),
        (Some(2), "error: visit.jsonl:2:10: this is not UTF-8 text\n".to_owned())
    );
    let lone = br#"{"now": "2026-11-21T10:00:00Z", "do": {"screen": {"name": "a\ud800"}}}"#;
    assert_eq!(played(lone), (Some(0), String::new()));
}
