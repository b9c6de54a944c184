//! TypeScript: one interface for the plan.

use serde_json::Value;

use super::{Plan, Property, quoted};

pub(super) fn write(plan: &Plan) -> String {
    let mut text = String::from("// Written by `hearken types` from the tracking plan; do not edit.\n\n");
    text += &format!("export interface {}Plan {{\n  events: {{\n", plan.name);
    for event in &plan.events {
        let fields: Vec<String> = event.properties.iter().map(field).collect();
        let fields =
            if fields.is_empty() { "Record<string, never>".to_owned() } else { format!("{{ {} }}", fields.join("; ")) };
        text += &format!("    {}: {fields};\n", key(&event.name));
    }
    text += "  };\n  attributes: {\n";
    for attribute in &plan.attributes {
        text += &format!("    {};\n", field(attribute));
    }
    text + "  };\n}\n"
}

fn field(property: &Property) -> String {
    let optional = if property.required { "" } else { "?" };
    format!("{}{optional}: {}", key(&property.name), kind(property))
}

/// Any text may be a key in quotes; a plain name needs none.
fn key(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$'))
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'));
    if plain { name.to_owned() } else { quoted(name, &[]) }
}

fn kind(property: &Property) -> String {
    if !property.one_of.is_empty() {
        let literal = |value: &Value| value.as_str().map_or_else(|| value.to_string(), |text| quoted(text, &[]));
        return property.one_of.iter().map(literal).collect::<Vec<_>>().join(" | ");
    }
    match property.kind.as_str() {
        "string" => "string",
        "int" | "number" => "number",
        "bool" => "boolean",
        "list" => "readonly unknown[]",
        "object" => "Record<string, unknown>",
        _ => "unknown",
    }
    .to_owned()
}
