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
    for (language, file) in [("typescript", "shop.ts"), ("kotlin", "Shop.kt"), ("swift", "Shop.swift")] {
        let output = hearken(&folder("shop"), &["types", "playbook.yaml", "--language", language]);
        assert_eq!(output.status.code(), Some(0));
        same_as(&folder("types").join(file), &printed(&output));
    }
}
