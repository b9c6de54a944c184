//! Swift: a struct for each event, and extensions that record them.

use super::{Names, Plan, Property, camel, comment, pascal, quoted};

const KEYWORDS: [&str; 44] = [
    "as",
    "associatedtype",
    "break",
    "case",
    "catch",
    "class",
    "continue",
    "default",
    "defer",
    "deinit",
    "do",
    "else",
    "enum",
    "extension",
    "fallthrough",
    "false",
    "for",
    "func",
    "guard",
    "if",
    "import",
    "in",
    "init",
    "inout",
    "internal",
    "is",
    "let",
    "nil",
    "operator",
    "private",
    "protocol",
    "public",
    "repeat",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "switch",
    "throw",
    "true",
    "try",
    "var",
    "where",
];

pub(super) fn write(plan: &Plan) -> String {
    let name = &plan.name;
    let mut text =
        String::from("// Written by `hearken types` from the tracking plan; do not edit.\n\nimport Hearken\n\n");
    text += &format!("/// An event of the tracking plan.\npublic protocol {name}Event: Sendable {{\n");
    text += "    /// The name in the plan.\n    static var eventName: String { get }\n";
    text += "    /// The properties that are set, by the names of the plan.\n    var properties: [String: PropertyValue] { get }\n}\n\n";
    text += &format!("/// The events of the tracking plan.\npublic enum {name}Events {{");
    let mut types = Names::new(&["String", "Int", "Double", "Bool", "PropertyValue", "Type", "Protocol"]);
    for event in &plan.events {
        let class = types.one(pascal(&event.name));
        text += &format!("\n    /// {}\n    public struct {class}: {name}Event {{\n", comment(&event.name));
        text += &format!("        public static let eventName = {}\n", quoted(&event.name, &[]));
        let mut names = Names::new(&["eventName", "properties"]);
        let mut ordered: Vec<(&Property, String)> =
            event.properties.iter().map(|property| (property, names.one(camel(&property.name)))).collect();
        ordered.sort_by_key(|(property, _)| !property.required);
        for (property, field) in &ordered {
            let optional = if property.required { "" } else { "?" };
            text += &format!("        public var {}: {}{optional}\n", escaped(field), kind(property));
        }
        let parameters: Vec<String> = ordered
            .iter()
            .map(|(property, field)| {
                let optional = if property.required { "" } else { "? = nil" };
                format!("{}: {}{optional}", escaped(field), kind(property))
            })
            .collect();
        text += &format!("\n        public init({}) {{\n", parameters.join(", "));
        for (_, field) in &ordered {
            text += &format!("            self.{0} = {0}\n", escaped(field));
        }
        text += "        }\n\n        public var properties: [String: PropertyValue] {\n";
        let kept = if ordered.is_empty() { "let" } else { "var" };
        text += &format!("            {kept} set: [String: PropertyValue] = [:]\n");
        for (property, field) in &ordered {
            let (key, field) = (quoted(&property.name, &[]), escaped(field));
            if property.required {
                text += &format!("            set[{key}] = {}\n", value(property, &format!("self.{field}")));
            } else {
                text += &format!(
                    "            if let value = self.{field} {{ set[{key}] = {} }}\n",
                    value(property, "value")
                );
            }
        }
        text += "            return set\n        }\n    }\n";
    }
    text += "}\n\nextension HearkenClient {\n    /// Records an event of the tracking plan.\n    @discardableResult\n";
    text += &format!("    public func track<Event: {name}Event>(_ event: Event) -> Verdict {{\n");
    text += "        track(Event.eventName, event.properties)\n    }\n";
    let mut functions = Names::new(&[]);
    for attribute in &plan.attributes {
        let function = functions.one(format!("set{}", pascal(&attribute.name)));
        let key = quoted(&attribute.name, &[]);
        text += &format!(
            "\n    /// Sets the attribute {}; nil removes it.\n    @discardableResult\n",
            comment(&attribute.name)
        );
        text += &format!("    public func {function}(_ value: {}?) -> Verdict {{\n", kind(attribute));
        let set = value(attribute, "$0");
        text += &format!("        setAttribute({key}, value.map {{ {set} }} ?? .null)\n    }}\n");
    }
    text + "}\n"
}

fn escaped(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("`{name}`") } else { name.to_owned() }
}

fn kind(property: &Property) -> &'static str {
    match property.kind.as_str() {
        "string" => "String",
        "int" => "Int",
        "number" => "Double",
        "bool" => "Bool",
        "list" => "[PropertyValue]",
        "object" => "[String: PropertyValue]",
        _ => "PropertyValue",
    }
}

/// The value as the library takes it.
fn value(property: &Property, of: &str) -> String {
    let case = match property.kind.as_str() {
        "string" => "text",
        "int" => "int",
        "number" => "double",
        "bool" => "bool",
        "list" => "list",
        "object" => "object",
        _ => return of.to_owned(),
    };
    format!("PropertyValue.{case}({of})")
}
