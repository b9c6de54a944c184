//! Messages as documents (DESIGN: headless first): checked and completed once, when the playbook is compiled.
//!
//! The engine keeps a message as JSON: it only renders texts, runs a button's actions and hands the rest on. Typed views
//! for native hosts are in `view.rs`.

use crate::time::Span;
use crate::value::type_name;
use crate::wire::{Fault, Object, listed};
use crate::{Properties, Value};

/// What may stand at a place of a message.
enum Is {
    Text,
    Bool,
    Number,
    Span,
    Any,
    Object,
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
type Field = (&'static str, Is, bool);

const LAYOUTS: &[&str] = &["modal", "fullscreen", "banner", "toast", "tooltip", "inline", "card", "custom"];

const MESSAGE: Is = Is::Fields(&[
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
    ("next", Is::List(&Is::Fields(&[("where", Is::Object, false), ("page", Is::Text, true)])), false),
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
    ("consent", Is::Name(&["analytics", "personalization", "messaging"]), false),
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
    ("set_consent", Is::Fields(&[("purpose", Is::Text, true), ("granted", Is::Bool, true)]), true),
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
            let required: Vec<&str> = fields.iter().filter(|(_, _, needed)| *needed).map(|(name, ..)| *name).collect();
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
            Self::Object => json!({ "type": "object" }),
            Self::Name(names) => json!({ "enum": names }),
            Self::List(of) => json!({ "type": "array", "items": of.schema() }),
            Self::Fields(of) => fields(of),
            Self::Tagged(tags) => {
                let bare: Vec<&str> = tags.iter().filter(|(_, _, needed)| !needed).map(|(name, ..)| *name).collect();
                let mut variants: Vec<Value> = tags
                    .iter()
                    .map(|(name, is, _)| json!({ "type": "object", "required": [name], "properties": { (*name): is.schema() }, "additionalProperties": false }))
                    .collect();
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
struct Check<'a> {
    schemes: &'a [String],
    faults: Vec<Fault>,
}

impl Check<'_> {
    fn fault(&mut self, path: &str, message: String) {
        self.faults.push(Fault { path: path.to_owned(), message });
    }

    fn value(&mut self, value: &Value, is: &Is, path: &str) {
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
                let known: Vec<&str> = fields.iter().map(|(known, ..)| *known).collect();
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
                let names: Vec<&str> = tags.iter().map(|(known, ..)| *known).collect();
                self.fault(path, ["an object with one of these is needed here: ", &listed(&names)].concat());
            }
        }
    }
}

/// `{"$t": key}`: a text of the playbook's tables.
fn is_text_key(value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.len() == 1 && object.get("$t").is_some_and(Value::is_string))
}

/// Checks a message as it is authored and completes it: pages become objects with ids, buttons get an id, actions and a
/// role, the first heading becomes the label. Every fault is found.
pub(crate) fn complete(source: &Value, path: &str, schemes: &[String]) -> Result<Value, Vec<Fault>> {
    let mut check = Check { schemes, faults: Vec::new() };
    check.value(source, &MESSAGE, path);
    let mut message = source.as_object().cloned().unwrap_or_default();
    let mut heading = None;
    let mut pages = Vec::new();
    for (p, page) in source.get("pages").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let mut whole = page.as_object().cloned().unwrap_or_default();
        let mut blocks = page.get("blocks").unwrap_or(page).as_array().cloned().unwrap_or_default();
        for (b, block) in blocks.iter_mut().enumerate() {
            if heading.is_none() {
                heading = block.get("heading").cloned();
            }
            complete_button(block, p, b);
        }
        let named = whole.contains_key("id");
        if !named {
            whole.insert("id".to_owned(), Value::String((p + 1).to_string()));
        }
        whole.insert("blocks".to_owned(), Value::Array(blocks));
        pages.push(Value::Object(whole));
    }
    let layout = message.get("layout").and_then(Value::as_str);
    let blocks = pages.iter().filter_map(|page| page.get("blocks")?.as_array()).any(|blocks| !blocks.is_empty());
    if !blocks && layout != Some("custom") {
        check.fault(&[path, ".pages"].concat(), "a message needs at least one page with a block".into());
    }
    message.insert("pages".to_owned(), Value::Array(pages));
    if !message.contains_key("label") {
        message.insert("label".to_owned(), heading.unwrap_or_else(|| Value::String(String::new())));
    }
    if check.faults.is_empty() { Ok(Value::Object(message)) } else { Err(check.faults) }
}

fn complete_button(block: &mut Value, page: usize, place: usize) {
    let Some(button) = block.get_mut("button") else { return };
    let turns = actions(button).any(|(name, _)| matches!(name, "next" | "previous"));
    let Some(button) = button.as_object_mut() else { return };
    for (name, value) in [
        ("id", Value::String(format!("{page}.{place}"))),
        ("role", Value::String("secondary".to_owned())),
        ("actions", Value::Array(Vec::new())),
        ("stay", Value::Bool(turns)),
    ] {
        if !button.contains_key(name) {
            button.insert(name.to_owned(), value);
        }
    }
}

/// What is wrong with a message whose texts are filled in: an address that a template made unsafe.
pub(crate) fn unsafe_address(value: &Value, schemes: &[String]) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(|item| unsafe_address(item, schemes)),
        Value::Object(object) => object.iter().find_map(|(name, value)| {
            let checked = match (name.as_str(), value) {
                ("src" | "link", Value::String(address)) => allowed(address, schemes, true),
                ("open_url", Value::String(address)) => allowed(address, schemes, false),
                ("deep_link", Value::String(link)) => refuse_script(link),
                _ => Ok(()),
            };
            checked.err().or_else(|| unsafe_address(value, schemes))
        }),
        _ => None,
    }
}

/// How a message stands on the screen.
pub(crate) fn layout(message: &Value) -> &str {
    message.get("layout").and_then(Value::as_str).unwrap_or_default()
}

/// Whether a layout interrupts: such messages share one slot and the interval (engine.md 5.3).
pub(crate) fn interrupts(layout: &str) -> bool {
    !matches!(layout, "inline" | "card")
}

/// The button that a click's target names.
pub(crate) fn button<'a>(message: &'a Value, id: &str) -> Option<&'a Value> {
    let pages = message.get("pages")?.as_array()?;
    let blocks = pages.iter().filter_map(|page| page.get("blocks")?.as_array()).flatten();
    blocks.filter_map(|block| block.get("button")).find(|button| button.get("id").and_then(Value::as_str) == Some(id))
}

/// The actions of a button, each by its name and content.
pub(crate) fn actions(button: &Value) -> impl Iterator<Item = (&str, &Value)> {
    button.get("actions").and_then(Value::as_array).into_iter().flatten().filter_map(|action| match action {
        Value::String(name) => Some((name.as_str(), &Value::Null)),
        Value::Object(object) => object.iter().next().map(|(name, content)| (name.as_str(), content)),
        _ => None,
    })
}

/// Whether a click on the button closes its message.
pub(crate) fn closes(button: &Value) -> bool {
    button.get("stay") != Some(&Value::Bool(true))
}

/// The page that follows another, given the answers: the first branch whose condition holds, else the one after.
pub(crate) fn next_page(message: &Value, page: &str, answers: &Properties) -> Option<String> {
    let pages = message.get("pages")?.as_array()?;
    let id = |page: &Value| page.get("id").and_then(Value::as_str).map(str::to_owned);
    let place = pages.iter().position(|known| id(known).as_deref() == Some(page))?;
    let branches = pages.get(place)?.get("next").and_then(Value::as_array);
    for branch in branches.into_iter().flatten() {
        let holds = match branch.get("where") {
            None => true,
            Some(source) => crate::condition::Condition::compile(source, "").is_ok_and(|test| test.holds(answers)),
        };
        if holds {
            return branch.get("page").and_then(Value::as_str).map(str::to_owned);
        }
    }
    id(pages.get(place + 1)?)
}

/// The scheme of an address as a browser reads it: leading blanks and control characters, tabs and line ends dropped.
fn scheme(address: &str) -> Option<String> {
    let clean: String = address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let (scheme, _) = clean.split_once(':')?;
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    named.then(|| scheme.to_ascii_lowercase())
}

/// `inside`: pictures and links may also be paths of the host's own, but take no other scheme than `https`.
fn allowed(address: &str, schemes: &[String], inside: bool) -> Result<(), String> {
    let known: &[&str] = if inside { &["https"] } else { &["https", "mailto", "tel"] };
    match scheme(address) {
        Some(scheme) if known.contains(&scheme.as_str()) => Ok(()),
        Some(scheme) if !inside && !runs(&scheme) && schemes.contains(&scheme) => Ok(()),
        // A template says which address it is when it is rendered, and is checked then.
        _ if address.contains("{{") && scheme(address).is_none() => Ok(()),
        Some(scheme) => Err(format!("the scheme `{scheme}:` is not allowed here; use {}", listed(known))),
        None if inside && !address.is_empty() => Ok(()),
        None => Err(format!("an address with a scheme is needed: {}", listed(known))),
    }
}

fn runs(scheme: &str) -> bool {
    matches!(scheme, "javascript" | "data" | "vbscript" | "blob" | "file")
}

fn refuse_script(link: &str) -> Result<(), String> {
    match scheme(link) {
        Some(scheme) if runs(&scheme) => Err(format!("the scheme `{scheme}:` is not allowed in a link")),
        _ if link.is_empty() => Err("a link is needed".into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with(blocks: Value) -> Result<Value, Vec<Fault>> {
        complete(&json!({"layout": "modal", "pages": [blocks]}), "m", &["shop".to_owned()])
    }

    fn fault(blocks: Value) -> (String, String) {
        let fault = with(blocks).unwrap_err().remove(0);
        (fault.path, fault.message)
    }

    #[test]
    fn pages_buttons_and_the_message_get_names() {
        let message = with(json!([{"heading": "Hello"}, {"button": {"label": "Go"}}])).unwrap();
        assert_eq!(message["label"], "Hello");
        assert_eq!(message["pages"][0]["id"], "1");
        assert_eq!(button(&message, "0.1").unwrap()["label"], "Go");
        assert_eq!(button(&message, "0.1").unwrap()["role"], "secondary");
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

    #[test]
    fn no_address_that_runs_code_gets_through() {
        for url in [
            "javascript:alert(1)",
            " JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            "\u{1}javascript:x",
            "data:text/html,x",
            "file:///etc",
            "/relative",
            "",
        ] {
            let (path, _) = fault(json!([{"button": {"label": "x", "actions": [{"open_url": url}]}}]));
            assert_eq!(path, "m.pages[0][0].button.actions[0].open_url", "{url:?}");
        }
        for link in ["javascript:alert(1)", "\njavascript:alert(1)", "data:x", ""] {
            assert!(with(json!([{"button": {"label": "x", "actions": [{"deep_link": link}]}}])).is_err(), "{link:?}");
        }
        for src in ["http://example.com/a.png", "data:image/png;base64,x", ""] {
            assert!(with(json!([{"image": {"src": src, "alt": ""}}])).is_err(), "{src:?}");
        }
        let fine = json!([
            {"image": {"src": "/cart.svg", "alt": "Cart"}},
            {"button": {"label": "x", "actions": [{"open_url": "HTTPS://example.com/?a=b:c"}, {"open_url": "shop://x"},
                {"deep_link": "shop://cart"}, {"deep_link": "/cart"}, "dismiss"]}},
            {"image": {"src": "/a,b:c.png", "alt": "what stands before the colon is no scheme"}},
            {"image": {"src": "1a:c.png", "alt": "nor is this"}}
        ]);
        assert!(with(fine).is_ok());
        let rendered = json!({"pages": [{"blocks": [{"button": {"actions": [{"open_url": "javascript:alert(1)"}]}}]}]});
        assert!(unsafe_address(&rendered, &[]).is_some());
        assert!(unsafe_address(&json!({"open_url": "https://example.com"}), &[]).is_none());
    }

    /// What a template makes of an address is held against the schemes again (engine.md 8.1).
    #[test]
    fn a_rendered_address_is_checked_wherever_one_stands() {
        let rendered = |place: &str, address: &str| {
            let block = match place {
                "src" => json!({"image": {"src": address, "alt": ""}}),
                "link" => json!({"text": [{"text": "x", "link": address}]}),
                action => json!({"button": {"label": "x", "actions": ["dismiss", { action: address }]}}),
            };
            let message = json!({"layout": "modal", "pages": [{"blocks": [{"heading": "x"}]}, {"blocks": [block]}]});
            unsafe_address(&message, &["shop".to_owned(), "javascript".to_owned()]).is_none()
        };
        for place in ["src", "link", "open_url", "deep_link"] {
            for script in ["javascript:alert(1)", " JAVA\tSCRIPT:x", "data:x", "vbscript:x", "blob:x", "file:x", ""] {
                assert!(!rendered(place, script), "{place} {script:?}");
            }
            assert!(rendered(place, "https://a.example"), "{place}");
        }
        for (place, path, scheme, mail) in [
            ("src", true, false, false),
            ("link", true, false, false),
            ("open_url", false, true, true),
            ("deep_link", true, true, true),
        ] {
            assert_eq!(rendered(place, "/cart"), path, "{place}");
            assert_eq!(rendered(place, "shop://cart"), scheme, "{place}");
            assert_eq!(rendered(place, "mailto:ann@a.example"), mail, "{place}");
        }
    }

    #[test]
    fn a_button_closes_unless_it_turns_a_page_or_says_otherwise() {
        let closes = |mut button: Value| {
            button["label"] = json!("x");
            let message = with(json!([{ "button": button }])).unwrap();
            super::closes(super::button(&message, "0.0").unwrap())
        };
        assert!(closes(json!({})));
        assert!(closes(json!({"actions": [{"track": {"event": "e"}}]})));
        assert!(!closes(json!({"actions": ["submit", "next"]})));
        assert!(!closes(json!({"actions": ["dismiss"], "stay": true})));
        assert!(closes(json!({"actions": ["next"], "stay": false})));
    }

    #[test]
    fn a_page_may_branch_on_an_answer() {
        let message = complete(
            &json!({"layout": "modal", "pages": [
                {"id": "score", "blocks": ["divider"], "next": [{"where": {"score": {"$lt": 7}}, "page": "sorry"}, {"page": "thanks"}]},
                {"id": "sorry", "blocks": ["divider"]}, {"id": "thanks", "blocks": ["divider"]}
            ]}),
            "m",
            &[],
        )
        .unwrap();
        let next = |page: &str, answers: Value| next_page(&message, page, answers.as_object().unwrap());
        assert_eq!(next("score", json!({"score": 3})).as_deref(), Some("sorry"));
        assert_eq!(next("score", json!({"score": 9})).as_deref(), Some("thanks"));
        assert_eq!(next("sorry", json!({})).as_deref(), Some("thanks"));
        assert_eq!(next("thanks", json!({})), None);
    }
}
