//! Kotlin: a sealed class of events, and extension functions that record them.

use super::{Names, Plan, Property, camel, comment, pascal, quoted};

const KEYWORDS: [&str; 29] = [
    "as",
    "break",
    "class",
    "continue",
    "do",
    "else",
    "false",
    "for",
    "fun",
    "if",
    "in",
    "interface",
    "is",
    "null",
    "object",
    "package",
    "return",
    "super",
    "this",
    "throw",
    "true",
    "try",
    "typealias",
    "typeof",
    "val",
    "var",
    "when",
    "while",
    "yield",
];

pub(super) fn write(plan: &Plan) -> String {
    let name = &plan.name;
    let mut text = String::from(
        "// Written by `hearken types` from the tracking plan; do not edit.\n\nimport dev.hearken.Hearken\nimport dev.hearken.Verdict\n\n",
    );
    text += &format!(
        "/** The events of the tracking plan. */\npublic sealed class {name}Event(\n    public val eventName: String,\n) {{\n"
    );
    text += "    /** The properties that are set, by the names of the plan. */\n    public abstract fun toProperties(): Map<String, Any?>\n";
    let mut classes =
        Names::new(&[&format!("{name}Event"), "Map", "String", "Long", "Double", "Boolean", "List", "Any"]);
    for event in &plan.events {
        let class = classes.one(pascal(&event.name));
        let event_name = quoted(&event.name, &['$']);
        text += &format!("\n    /** {} */\n", comment(&event.name));
        if event.properties.is_empty() {
            text += &format!("    public data object {class} : {name}Event({event_name}) {{\n");
            text += "        override fun toProperties(): Map<String, Any?> = emptyMap()\n    }\n";
            continue;
        }
        let mut names = Names::new(&["eventName"]);
        let mut ordered: Vec<(&Property, String)> =
            event.properties.iter().map(|property| (property, names.one(camel(&property.name)))).collect();
        // What is required comes first, so that a call need not name it.
        ordered.sort_by_key(|(property, _)| !property.required);
        text += &format!("    public data class {class}(\n");
        for (property, field) in &ordered {
            let optional = if property.required { "" } else { "? = null" };
            text += &format!("        public val {}: {}{optional},\n", escaped(field), kind(property));
        }
        text += &format!(
            "    ) : {name}Event({event_name}) {{\n        override fun toProperties(): Map<String, Any?> =\n            buildMap {{\n"
        );
        for (property, field) in &ordered {
            let (key, field) = (quoted(&property.name, &['$']), escaped(field));
            if property.required {
                text += &format!("                put({key}, {field})\n");
            } else {
                text += &format!("                {field}?.let {{ put({key}, it) }}\n");
            }
        }
        text += "            }\n    }\n";
    }
    text += "}\n\n/** Records an event of the tracking plan. */\n";
    text += &format!(
        "public fun Hearken.track(event: {name}Event): Verdict = track(event.eventName, event.toProperties())\n"
    );
    let mut functions = Names::new(&[]);
    for attribute in &plan.attributes {
        let function = functions.one(format!("set{}", pascal(&attribute.name)));
        text += &format!("\n/** Sets the attribute {}; null removes it. */\n", comment(&attribute.name));
        let key = quoted(&attribute.name, &['$']);
        text += &format!(
            "public fun Hearken.{function}(value: {}?): Verdict = setAttribute({key}, value)\n",
            kind(attribute)
        );
    }
    text
}

fn escaped(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("`{name}`") } else { name.to_owned() }
}

fn kind(property: &Property) -> &'static str {
    match property.kind.as_str() {
        "string" => "String",
        "int" => "Long",
        "number" => "Double",
        "bool" => "Boolean",
        "list" => "List<Any?>",
        "object" => "Map<String, Any?>",
        _ => "Any",
    }
}
