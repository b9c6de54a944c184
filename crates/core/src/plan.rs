//! The tracking plan: what may be recorded, and for which purpose (engine.md 2.4, 2.6).

use crate::table::Table;
use crate::value::{check_name, normalise, normalise_value, type_name};
use crate::wire::{names, tagged, wire};
use crate::{Properties, Purpose, Purposes, Value};

wire! {
    /// A playbook's tracking plan.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Plan {
        /// Whether what the plan does not name is refused.
        pub mode: Mode = Mode::Strict,
        /// Events by name.
        pub events: Table<String, EventPlan> = Table::new(),
        /// Attributes by name.
        pub attributes: Table<String, PropertyPlan> = Table::new(),
    }

    /// What the plan says of one event.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct EventPlan {
        /// Properties by name.
        pub properties: Table<String, PropertyPlan> = Table::new(),
        /// Purposes, any one of which lets the event be recorded; `analytics` if none is given.
        pub purpose: Option<Purposes>,
    }

    /// What the plan says of one property or attribute.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PropertyPlan {
        /// The type of its values.
        pub kind as "type": Kind,
        /// Whether an event without it is refused.
        pub required: bool = false,
        /// Whether it names or describes a person: left out of exports unless asked for.
        pub pii: bool = false,
        /// The only values it may have.
        pub one_of: Vec<Value> = Vec::new(),
        /// Purposes of an attribute, any one of which lets it be recorded; `personalization` if none is given.
        pub purpose: Option<Purposes>,
    }
}

names! {
    /// How strictly the plan is applied.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Mode {
        /// Events, properties and attributes that the plan does not name are refused.
        #[default]
        Strict = "strict",
        /// They are recorded; what the plan names is still checked.
        Open = "open",
    }

    /// A property's type.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Kind {
        /// Text.
        String = "string",
        /// A whole number of at most 2^53 - 1.
        Int = "int",
        /// Any finite number.
        Number = "number",
        /// True or false.
        Bool = "bool",
        /// A list of any values.
        List = "list",
        /// An object of any values.
        Object = "object",
    }
}

impl Kind {
    fn admits(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Int => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Bool => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Object => value.is_object(),
        }
    }

    /// The type in words, for messages to people.
    fn words(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Int => "a whole number",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
}

tagged! {
    /// Why an event or attribute was refused. Nothing of a refused input is kept.
    #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
    #[non_exhaustive]
    pub enum Rejection tagged "code" {
        /// A name of 0 bytes, or of more than 255.
        #[error("{field}: a name needs 1 to 255 bytes, this one has {bytes}")]
        NameLength = "name_length" {
            /// What is named.
            field: String,
            /// Its length.
            bytes: usize,
        },
        /// A name that starts with `$`.
        #[error("{field}: `{name}` starts with `$`, which is reserved")]
        ReservedName = "reserved_name" {
            /// What is named.
            field: String,
            /// The name.
            name: String,
        },
        /// An event that a strict plan does not name.
        #[error("event `{event}` is not in the tracking plan")]
        UnknownEvent = "unknown_event" {
            /// The event.
            event: String,
        },
        /// A property or attribute that a strict plan does not name.
        #[error("`{path}` is not in the tracking plan")]
        UnknownProperty = "unknown_property" {
            /// The property, as `event.property`, or the attribute.
            path: String,
        },
        /// A required property is absent.
        #[error("`{path}` is required")]
        MissingProperty = "missing_property" {
            /// The property, as `event.property`.
            path: String,
        },
        /// A value of another type than the plan's.
        #[error("`{path}` is {seen}, but the tracking plan says {expected}")]
        WrongType = "wrong_type" {
            /// The property, as `event.property`, or the attribute.
            path: String,
            /// The plan's type.
            expected: String,
            /// The value's type.
            seen: String,
        },
        /// A value that is not in the plan's list.
        #[error("`{path}` is {seen}, which is not one of the values that the tracking plan lists")]
        NotOneOf = "not_one_of" {
            /// The property, as `event.property`, or the attribute.
            path: String,
            /// The value, as JSON.
            seen: String,
        },
        /// A number that is not finite, or a whole number past 2^53 - 1.
        #[error("`{path}` is a number that cannot be kept exactly: finite, and whole numbers up to 2^53 - 1")]
        Number = "number" {
            /// Where it stands.
            path: String,
        },
        /// Objects and lists nested too deep.
        #[error("`{path}` is nested deeper than {most} levels")]
        TooDeep = "too_deep" {
            /// Where it stands.
            path: String,
            /// The limit.
            most: usize,
        },
        /// An object with too many keys.
        #[error("`{path}` has {keys} keys; {most} are the most")]
        TooManyKeys = "too_many_keys" {
            /// Where it stands.
            path: String,
            /// How many it has.
            keys: usize,
            /// The limit.
            most: usize,
        },
        /// Properties of too many bytes.
        #[error("properties take more than {most} bytes")]
        TooLarge = "too_large" {
            /// The limit.
            most: usize,
        },
        /// A presentation that is not open, not this owner's, or unknown.
        #[error("presentation {presentation} is {state}")]
        Presentation = "presentation" {
            /// The presentation.
            presentation: String,
            /// What it is instead: `unknown`, `ended`, `displaying`, `offered`.
            state: String,
        },
        /// A playbook that cannot be used at all; the last good one stays.
        #[error("playbook: {message}")]
        Playbook = "playbook" {
            /// What is wrong, and where.
            message: String,
        },
        /// State of another person: identify first (engine.md 9.3).
        #[error("the state is of another person than the current one: identify first")]
        WrongUser = "wrong_user",
        /// A document that a host handed over cannot be used.
        #[error("{what}: {message}")]
        Document = "document" {
            /// What it was to be: `import` or `offer`.
            what: String,
            /// What is wrong, and where.
            message: String,
        },
        /// A card that is not in the inbox, or may not be dismissed.
        #[error("card {card} is {state}")]
        Card = "card" {
            /// The card.
            card: String,
            /// What it is instead: `unknown`, `gone`, `pinned`.
            state: String,
        },
        /// The very input was handled before: it came again after a page left (engine.md 11.3).
        #[error("input {n} of this owner was handled already")]
        Repeated = "repeated" {
            /// The input's number.
            n: u64,
        },
    }
}

impl Plan {
    /// What holds before any playbook is there: anything may be recorded, under the default purposes.
    pub(crate) fn open() -> Self {
        Self { mode: Mode::Open, ..Self::default() }
    }

    /// The purposes under which an event may be recorded (engine.md 2.4).
    pub(crate) fn event_purposes(&self, event: &str) -> Purposes {
        let planned = self.events.get(event).and_then(|plan| plan.purpose);
        planned.unwrap_or(Purposes::none().with(Purpose::Analytics))
    }

    /// The purposes under which an attribute may be recorded.
    pub(crate) fn attribute_purposes(&self, attribute: &str) -> Purposes {
        let planned = self.attributes.get(attribute).and_then(|plan| plan.purpose);
        planned.unwrap_or(Purposes::none().with(Purpose::Personalization))
    }

    /// Checks an event against the limits and the plan, and brings its numbers into canonical form.
    pub(crate) fn check_event(&self, event: &str, properties: &mut Properties) -> Result<(), Rejection> {
        check_name("event", event)?;
        normalise(properties)?;
        let Some(plan) = self.events.get(event) else {
            return match self.mode {
                Mode::Strict => Err(Rejection::UnknownEvent { event: event.to_owned() }),
                Mode::Open => Ok(()),
            };
        };
        for (name, value) in properties.iter() {
            match plan.properties.get(name) {
                Some(planned) => planned.check(|| format!("{event}.{name}"), value)?,
                None if self.mode == Mode::Open => {}
                None => return Err(Rejection::UnknownProperty { path: format!("{event}.{name}") }),
            }
        }
        let missing = plan
            .properties
            .iter()
            .find(|(name, planned)| planned.required && properties.get(name.as_str()).is_none_or(Value::is_null));
        match missing {
            Some((name, _)) => Err(Rejection::MissingProperty { path: format!("{event}.{name}") }),
            None => Ok(()),
        }
    }

    /// Checks an attribute's value likewise.
    pub(crate) fn check_attribute(&self, name: &str, value: &mut Value) -> Result<(), Rejection> {
        check_name("attribute", name)?;
        normalise_value(name, value)?;
        match self.attributes.get(name) {
            Some(planned) => planned.check(|| name.to_owned(), value),
            None if self.mode == Mode::Open => Ok(()),
            None => Err(Rejection::UnknownProperty { path: name.to_owned() }),
        }
    }
}

impl PropertyPlan {
    fn check(&self, path: impl Fn() -> String, value: &Value) -> Result<(), Rejection> {
        if value.is_null() {
            return Ok(());
        }
        if !self.kind.admits(value) {
            return Err(Rejection::WrongType {
                path: path(),
                expected: self.kind.words().to_owned(),
                seen: type_name(value).to_owned(),
            });
        }
        if !self.one_of.is_empty() && !self.one_of.contains(value) {
            return Err(Rejection::NotOneOf {
                path: path(),
                seen: crate::wire::to_json(value).chars().take(80).collect(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan(mode: &str) -> Plan {
        let plan = json!({
            "mode": mode,
            "events": {"bought": {"properties": {
                "sku": {"type": "string", "required": true},
                "count": {"type": "int"},
                "size": {"type": "string", "one_of": ["s", "m"]}
            }}},
            "attributes": {"tier": {"type": "string", "one_of": ["gold"]}}
        });
        crate::wire::read::<Plan>(&plan, "plan").unwrap()
    }

    fn check(mode: &str, event: &str, properties: Value) -> Result<(), Rejection> {
        let Value::Object(mut properties) = properties else { panic!("an object") };
        plan(mode).check_event(event, &mut properties)
    }

    #[test]
    fn a_strict_plan_names_what_it_refuses() {
        assert_eq!(check("strict", "bought", json!({"sku": "a", "count": 2.0})), Ok(()));
        assert_eq!(check("strict", "bought", json!({"sku": "a", "count": -2})), Ok(()));
        let text = |result: Result<(), Rejection>| result.unwrap_err().to_string();
        assert_eq!(text(check("strict", "sold", json!({}))), "event `sold` is not in the tracking plan");
        assert_eq!(
            text(check("strict", "bought", json!({"sku": "a", "x": 1}))),
            "`bought.x` is not in the tracking plan"
        );
        assert_eq!(text(check("strict", "bought", json!({"count": 1}))), "`bought.sku` is required");
        assert_eq!(text(check("strict", "bought", json!({"sku": null}))), "`bought.sku` is required");
        assert_eq!(
            text(check("strict", "bought", json!({"sku": "a", "count": "2"}))),
            "`bought.count` is text, but the tracking plan says a whole number"
        );
        assert!(text(check("strict", "bought", json!({"sku": "a", "size": "xl"}))).contains("\"xl\""));
    }

    #[test]
    fn an_open_plan_lets_the_unknown_through_and_still_checks_the_known() {
        assert_eq!(check("open", "sold", json!({"x": 1})), Ok(()));
        assert_eq!(check("open", "bought", json!({"sku": "a", "x": 1})), Ok(()));
        assert!(matches!(check("open", "bought", json!({"sku": 7})), Err(Rejection::WrongType { .. })));
    }

    #[test]
    fn attributes_are_checked_the_same_way() {
        assert_eq!(plan("strict").check_attribute("tier", &mut json!("gold")), Ok(()));
        assert!(matches!(plan("strict").check_attribute("tier", &mut json!("tin")), Err(Rejection::NotOneOf { .. })));
        assert!(matches!(plan("strict").check_attribute("x", &mut json!(1)), Err(Rejection::UnknownProperty { .. })));
        assert!(matches!(plan("open").check_attribute("$x", &mut json!(1)), Err(Rejection::ReservedName { .. })));
    }
}
