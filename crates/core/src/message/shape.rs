//! The shape of a message: tables of what may stand where, and what checks a document by them.

use super::address::{allowed, refuse_script};
#[cfg(feature = "schema")]
use crate::Properties;
use crate::Value;
use crate::condition::{Condition, ConditionError};
use crate::list::Listed as _;
use crate::time::Span;
use crate::value::type_name;
use crate::wire::{Fault, Object, listed};

/// What may stand at a place of a message.
pub(super) enum Is {
    Text,
    Bool,
    Number,
    Span,
    Any,
    Object,
    /// A condition on the answers of a page.
    Condition,
    Name(&'static [&'static str]),
    List(&'static Is),
    Fields(&'static [Field]),
    /// A name, or an object with one field that names what its content is.
    Tagged(&'static [Field]),
    Page,
    /// A text, or a list of spans.
    Rich,
    /// An address with one of the allowed schemes; `true`: one inside the host is fine too.
    Address(bool),
    /// An address that runs nothing.
    Link,
}

/// (name, what it is, whether it is needed)
pub(super) type Field = (&'static str, Is, bool);

const LAYOUTS: &[&str] = &["modal", "fullscreen", "banner", "toast", "tooltip", "inline", "card", "custom"];

/// As `Purpose::name` has them.
const PURPOSES: &[&str] = &["analytics", "personalization", "messaging"];

pub(super) const MESSAGE: Is = Is::Fields(&[
    ("layout", Is::Name(LAYOUTS), true),
    ("position", Is::Name(&["top", "bottom"]), false),
    ("anchor", Is::Text, false),
    ("label", Is::Text, false),
    ("auto_dismiss", Is::Span, false),
    ("dismissible", Is::Bool, false),
    ("data", Is::Object, false),
    ("pages", Is::List(&Is::Page), false),
]);

const PAGE: &[Field] = &[
    ("id", Is::Text, false),
    ("blocks", Is::List(&BLOCK), true),
    ("next", Is::List(&Is::Fields(&[("where", Is::Condition, false), ("page", Is::Text, true)])), false),
];

const BLOCK: Is = Is::Tagged(&[
    ("image", Is::Fields(&[("src", Is::Address(true), true), ("alt", Is::Text, true)]), true),
    ("heading", Is::Text, true),
    ("text", Is::Rich, true),
    ("button", Is::Fields(BUTTON), true),
    ("divider", Is::Fields(&[]), false),
    ("spacer", Is::Fields(&[("size", Is::Number, false)]), false),
    ("list", Is::Fields(&[("items", Is::List(&Is::Rich), true), ("ordered", Is::Bool, false)]), true),
    (
        "progress",
        Is::Fields(&[("value", Is::Number, true), ("max", Is::Number, false), ("label", Is::Text, false)]),
        true,
    ),
    ("field", Is::Fields(FIELD), true),
    ("preference", Is::Fields(PREFERENCE), true),
]);

const SPAN: Is = Is::Fields(&[
    ("text", Is::Text, false),
    ("bold", Is::Bool, false),
    ("italic", Is::Bool, false),
    ("link", Is::Address(true), false),
    ("break", Is::Bool, false),
]);

const BUTTON: &[Field] = &[
    ("id", Is::Text, false),
    ("label", Is::Text, true),
    ("role", Is::Name(&["primary", "secondary"]), false),
    ("actions", Is::List(&ACTION), false),
    ("stay", Is::Bool, false),
];

const FIELD: &[Field] = &[
    ("kind", Is::Name(&["nps", "rating", "single", "multi", "text", "email"]), true),
    ("name", Is::Text, true),
    ("label", Is::Text, true),
    ("required", Is::Bool, false),
    ("options", Is::List(&Is::Fields(&[("value", Is::Any, true), ("label", Is::Text, true)])), false),
    ("other", Is::Bool, false),
    ("max", Is::Number, false),
    ("hint", Is::Text, false),
];

const PREFERENCE: &[Field] = &[
    ("label", Is::Text, true),
    ("consent", Is::Name(PURPOSES), false),
    ("attribute", Is::Text, false),
    ("on", Is::Any, false),
    ("off", Is::Any, false),
];

const ACTION: Is = Is::Tagged(&[
    ("dismiss", Is::Any, false),
    ("next", Is::Any, false),
    ("previous", Is::Any, false),
    ("open_url", Is::Address(false), true),
    ("deep_link", Is::Link, true),
    ("track", Is::Fields(&[("event", Is::Text, true), ("properties", Is::Object, false)]), true),
    ("set_attribute", Is::Fields(&[("name", Is::Text, true), ("value", Is::Any, true)]), true),
    ("set_consent", Is::Fields(&[("purpose", Is::Name(PURPOSES), true), ("granted", Is::Bool, true)]), true),
    ("snooze", Is::Span, true),
    ("submit", Is::Fields(&[("event", Is::Text, false)]), false),
    ("request_permission", Is::Text, true),
    ("custom", Is::Fields(&[("name", Is::Text, true), ("data", Is::Object, false)]), true),
]);

/// The JSON Schema of a message, made from the very tables that check it.
#[cfg(feature = "schema")]
pub(crate) struct MessageSchema;

#[cfg(feature = "schema")]
impl schemars::JsonSchema for MessageSchema {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Message".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::Schema::try_from(MESSAGE.schema()).unwrap_or_default()
    }
}

#[cfg(feature = "schema")]
impl Is {
    fn schema(&self) -> Value {
        use serde_json::json;
        let text = || json!({ "anyOf": [{ "type": "string" }, { "type": "object", "required": ["$t"], "properties": { "$t": { "type": "string" } }, "additionalProperties": false }] });
        let fields = |fields: &[Field]| {
            let properties: Properties = fields.iter().map(|(name, is, _)| ((*name).to_owned(), is.schema())).collect();
            let required: Vec<&str> = fields.iter().filter(|(_, _, needed)| *needed).map(|(name, ..)| *name).listed();
            json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
        };
        match self {
            Self::Text => text(),
            Self::Bool => json!({ "type": "boolean" }),
            Self::Number => json!({ "anyOf": [{ "type": "number" }, text()] }),
            Self::Span => {
                json!({ "anyOf": [{ "type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$" }, { "type": "integer", "minimum": 0 }] })
            }
            Self::Any => json!(true),
            Self::Object | Self::Condition => json!({ "type": "object" }),
            Self::Name(names) => json!({ "enum": names }),
            Self::List(of) => json!({ "type": "array", "items": of.schema() }),
            Self::Fields(of) => fields(of),
            Self::Tagged(tags) => {
                let bare: Vec<&str> = tags.iter().filter(|(_, _, needed)| !needed).map(|(name, ..)| *name).listed();
                let mut variants: Vec<Value> = tags
                    .iter()
                    .map(|(name, is, _)| json!({ "type": "object", "required": [name], "properties": { (*name): is.schema() }, "additionalProperties": false }))
                    .listed();
                variants.push(json!({ "enum": bare }));
                json!({ "anyOf": variants })
            }
            Self::Page => json!({ "anyOf": [{ "type": "array", "items": BLOCK.schema() }, fields(PAGE)] }),
            Self::Rich => json!({ "anyOf": [text(), { "type": "array", "items": SPAN.schema() }] }),
            Self::Address(_) | Self::Link => json!({ "type": "string" }),
        }
    }
}

/// Checks messages, collecting what is wrong.
pub(super) struct Check<'a> {
    pub(super) schemes: &'a [String],
    pub(super) faults: Vec<Fault>,
}

impl Check<'_> {
    pub(super) fn fault(&mut self, path: &str, message: String) {
        self.faults.push(Fault { path: path.to_owned(), message });
    }

    pub(super) fn value(&mut self, value: &Value, is: &Is, path: &str) {
        let wanted = match (is, value) {
            (Is::Any, _) => return,
            (Is::Text | Is::Rich | Is::Number, _) if is_text_key(value) => return,
            (Is::Text, Value::String(_)) | (Is::Bool, Value::Bool(_)) | (Is::Object, Value::Object(_)) => return,
            // A number may be a template.
            (Is::Number, Value::Number(_) | Value::String(_)) => return,
            (Is::Rich, Value::String(_)) => return,
            (Is::Rich, Value::Array(_)) => return self.value(value, &Is::List(&SPAN), path),
            (Is::Span, _) => match crate::wire::read::<Span>(value, path) {
                Ok(_) => return,
                Err(mut faults) => return self.faults.append(&mut faults),
            },
            (Is::Condition, Value::Object(_)) => {
                for ConditionError { path, message } in Condition::compile(value, path).err().into_iter().flatten() {
                    self.faults.push(Fault { path, message });
                }
                return;
            }
            (Is::Name(names), Value::String(name)) if names.contains(&name.as_str()) => return,
            (Is::Name(names), _) => return self.fault(path, ["one of ", &listed(names), " is needed here"].concat()),
            (Is::List(of), Value::Array(items)) => {
                for (place, item) in items.iter().enumerate() {
                    self.value(item, of, &format!("{path}[{place}]"));
                }
                return;
            }
            (Is::Fields(fields), Value::Object(object)) => return self.fields(object, fields, path),
            (Is::Tagged(tags), _) => return self.tagged(value, tags, path),
            (Is::Page, Value::Array(_)) => return self.value(value, &Is::List(&BLOCK), path),
            (Is::Page, Value::Object(object)) => return self.fields(object, PAGE, path),
            (Is::Address(inside), Value::String(address)) => {
                if let Err(why) = allowed(address, self.schemes, *inside) {
                    self.fault(path, why);
                }
                return;
            }
            (Is::Link, Value::String(link)) => {
                if let Err(why) = refuse_script(link) {
                    self.fault(path, why);
                }
                return;
            }
            (Is::Text | Is::Rich | Is::Address(_) | Is::Link, _) => "a text",
            (Is::Bool, _) => "true or false",
            (Is::Number, _) => "a number",
            (Is::List(_), _) => "a list",
            _ => "an object",
        };
        self.fault(path, [wanted, " is needed here, not ", type_name(value)].concat());
    }

    fn fields(&mut self, object: &Object, fields: &[Field], path: &str) {
        for (name, is, needed) in fields {
            match object.get(*name) {
                Some(value) => self.value(value, is, &[path, ".", name].concat()),
                None if *needed => self.fault(&[path, ".", name].concat(), "this is needed".to_owned()),
                None => {}
            }
        }
        for name in object.keys() {
            if !fields.iter().any(|(known, ..)| known == name) {
                let known: Vec<&str> = fields.iter().map(|(known, ..)| *known).listed();
                let message = ["unknown field `", name, "`; known are ", &listed(&known)].concat();
                self.fault(&[path, ".", name].concat(), message);
            }
        }
    }

    fn tagged(&mut self, value: &Value, tags: &[Field], path: &str) {
        let known = |name: &str| tags.iter().find(|(known, ..)| *known == name);
        let one = value.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next());
        match (value, one) {
            (Value::String(name), _) if known(name).is_some_and(|(_, _, needed)| !needed) => {}
            (_, Some((name, content))) if known(name).is_some() => {
                if let Some((_, is, _)) = known(name) {
                    self.value(content, is, &[path, ".", name].concat());
                }
            }
            _ => {
                let names: Vec<&str> = tags.iter().map(|(known, ..)| *known).listed();
                self.fault(path, ["an object with one of these is needed here: ", &listed(&names)].concat());
            }
        }
    }
}

/// `{"$t": key}`: a text of the playbook's tables.
fn is_text_key(value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.len() == 1 && object.get("$t").is_some_and(Value::is_string))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::complete;
    use super::*;
    use serde_json::json;

    pub(in crate::message) fn with(blocks: Value) -> Result<Value, Vec<Fault>> {
        complete(&json!({"layout": "modal", "pages": [blocks]}), "m", &["shop".to_owned()])
    }

    pub(in crate::message) fn fault(blocks: Value) -> (String, String) {
        let fault = with(blocks).unwrap_err().remove(0);
        (fault.path, fault.message)
    }

    #[test]
    fn every_block_and_action_is_understood() {
        let message = with(json!([
            {"image": {"src": "/a.png", "alt": {"$t": "a"}}}, {"heading": {"$t": "h"}}, "divider", {"spacer": {"size": 8}},
            {"text": [{"text": "a", "bold": true}, {"break": true}, {"text": "b", "link": "https://example.com"}]},
            {"list": {"items": ["a", {"$t": "b"}], "ordered": true}},
            {"progress": {"value": "{{ user.points }}", "max": 100}},
            {"field": {"kind": "single", "name": "why", "label": "Why?", "options": [{"value": 1, "label": "One"}], "other": true}},
            {"preference": {"label": "News", "consent": "messaging"}},
            {"button": {"label": "x", "actions": ["next", "previous", "dismiss", {"snooze": "1d"}, {"submit": {"event": "e"}}, "submit",
                {"set_attribute": {"name": "a", "value": 1}}, {"set_consent": {"purpose": "analytics", "granted": true}},
                {"request_permission": "push"}, {"custom": {"name": "x", "data": {}}}]}}
        ]));
        assert!(message.is_ok(), "{message:?}");
    }

    #[test]
    fn the_purposes_are_those_of_consent() {
        assert_eq!(PURPOSES, crate::Purpose::ALL.map(crate::Purpose::name));
    }

    #[test]
    fn a_branch_that_cannot_be_read_is_named_by_its_place() {
        let branch = |source: Value| {
            let page = json!({"blocks": ["divider"], "next": [{"where": source, "page": "1"}]});
            complete(&json!({"layout": "modal", "pages": [page]}), "m", &[])
        };
        assert!(branch(json!({"score": {"$lt": 7}})).is_ok());
        let path = |source: Value| branch(source).unwrap_err().remove(0).path;
        assert_eq!(path(json!({"score": {"$under": 7}})), "m.pages[0].next[0].where.score.$under");
        assert_eq!(path(json!("score < 7")), "m.pages[0].next[0].where");
    }

    #[test]
    fn every_fault_is_named_by_its_place() {
        assert_eq!(fault(json!([{"button": {}}])).0, "m.pages[0][0].button.label");
        assert_eq!(fault(json!([{"html": "<b>"}])).0, "m.pages[0][0]");
        assert_eq!(
            fault(json!([{"heading": 7}])),
            ("m.pages[0][0].heading".into(), "a text is needed here, not a whole number".into())
        );
        assert_eq!(fault(json!([{"button": {"label": "x", "colour": 1}}])).0, "m.pages[0][0].button.colour");
        assert_eq!(fault(json!([])).0, "m.pages");
        for (block, message) in [
            (json!({"button": {"label": "x", "role": 7}}), "one of primary, secondary is needed here"),
            (json!({"button": {"label": "x", "stay": 1}}), "true or false is needed here, not a whole number"),
            (json!({"button": {"label": "x", "actions": {}}}), "a list is needed here, not an object"),
            (json!({"button": {"label": "x", "actions": ["explode"]}}), "an object with one of these is needed here"),
            (json!({"button": {"label": "x", "actions": ["snooze"]}}), "an object with one of these is needed here"),
            (json!({"spacer": {"size": null}}), "a number is needed here, not null"),
            (json!({"image": 1.5}), "an object is needed here, not a fraction"),
            (json!({"heading": {"x": 1}}), "a text is needed here, not an object"),
            (json!({"heading": {"$t": 1}}), "a text is needed here, not an object"),
            (json!({"heading": {"$t": "h", "x": 1}}), "a text is needed here, not an object"),
            (
                json!({"button": {"label": "x", "actions": [{"set_consent": {"purpose": "all", "granted": true}}]}}),
                "one of analytics, personalization, messaging is needed here",
            ),
        ] {
            let told = fault(json!([block])).1;
            assert!(told.starts_with(message), "{block}: {told}");
        }
        assert_eq!(
            fault(json!([{"button": {"label": "x", "actions": [{"snooze": "soon"}]}}])).0,
            "m.pages[0][0].button.actions[0].snooze"
        );
        let faults = with(json!([{"heading": 1}, {"text": 2}, {"field": {"kind": "x"}}])).unwrap_err();
        assert_eq!(faults.len(), 5, "{faults:?}");
    }
}
