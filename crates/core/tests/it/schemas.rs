//! The published schemas say the same as the code that reads the documents.

use std::path::Path;

use hearken_core::Playbook;
use serde_json::{Value, json};

fn schema(name: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema").join(format!("{name}.schema.json"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; cargo xtask generate", path.display()));
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn shared(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/playbooks").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_playbook_without_problems_is_valid_and_one_with_a_misspelled_field_is_not() {
    let schema = schema("playbook");
    let good = shared("slice.json");
    assert!(schema.is_valid(&good), "{:?}", schema.iter_errors(&good).map(|e| e.to_string()).collect::<Vec<_>>());
    type Edit = fn(&mut Value);
    let edits: [Edit; 6] = [
        |p| p["campaigns"][0]["prioritee"] = json!(1),
        |p| p["campaigns"][0]["channel"] = json!(["smoke"]),
        |p| p["messages"]["cart"]["layout"] = json!("hologram"),
        |p| p["plan"]["events"]["cart_updated"]["properties"]["items"]["type"] = json!("integer"),
        |p| p["caps"]["gentle"]["per"] = json!("daily"),
        |p| p["campaigns"][0]["limit"] = json!({"times": -1}),
    ];
    for (number, edit) in edits.iter().enumerate() {
        let mut bad = good.clone();
        edit(&mut bad);
        assert!(!schema.is_valid(&bad), "edit {number}");
        let refused = Playbook::compile(&bad.to_string()).map_or(true, |playbook| !playbook.problems().is_empty());
        assert!(refused, "edit {number}: the code refuses it too");
    }
}
