//! JSON Schemas, derived from the very types that read the documents.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};

use crate::playbook::Document;
use crate::success::DefinitionSource;
use crate::{Body, Purposes, RecordId, Timestamp};

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().into_generator()
}

fn of<T: JsonSchema>() -> Schema {
    generator().into_root_schema_for::<T>()
}

/// The schema of one exported line: an event of the app, or one of the kinds that start with `$`.
fn record() -> Schema {
    let mut generator = generator();
    let kinds: Vec<_> = Body::schemas(&mut generator)
        .into_iter()
        .map(|(kind, data)| schemars::json_schema!({ "properties": { "type": { "const": kind }, "data": data } }))
        .collect();
    let mut any = vec![schemars::json_schema!({ "properties": { "type": { "type": "string", "pattern": "^[^$]" } } })];
    any.extend(kinds);
    let id = generator.subschema_for::<RecordId>();
    let ts = generator.subschema_for::<Timestamp>();
    let consent = generator.subschema_for::<Purposes>();
    let mut schema = schemars::json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Hearken record",
        "description": "One exported line.",
        "type": "object",
        "required": ["id", "seq", "ts", "offset", "type", "profile", "consent", "data"],
        "properties": {
            "id": id, "seq": { "type": "integer", "minimum": 1 }, "ts": ts,
            "offset": { "type": "integer", "description": "Minutes that local time was ahead of UTC." },
            "type": { "type": "string" }, "profile": id, "user": { "type": "string" }, "session": id,
            "consent": consent, "pii": { "type": "array", "items": { "type": "string" } },
            "late": { "type": "boolean", "description": "No success metric counts it." }, "data": { "type": "object" }
        },
        "anyOf": any
    });
    let definitions = generator.take_definitions(true);
    schema.insert("$defs".to_owned(), serde_json::Value::Object(definitions));
    schema
}

/// A default is said in words, by the code that has it: the type's own need not be the field's.
pub(crate) fn without_default(schema: &mut Schema) {
    schema.remove("default");
}

/// Every schema, by name.
#[must_use]
pub fn all() -> Vec<(&'static str, Schema)> {
    vec![("playbook", of::<Document>()), ("record", record()), ("success", of::<DefinitionSource>())]
}
