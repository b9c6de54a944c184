//! Purposes that a person can agree to (engine.md 2.4).

use std::fmt;

use serde::{Serialize, Serializer};

use crate::Value;
use crate::list::Listed as _;
use crate::wire::{At, Read, Write, names};

names! {
    /// What a record may be used for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Purpose {
        /// Measuring: only what is recorded under it is ever exported.
        Analytics = "analytics",
        /// Attributes and events that adapt content to the person.
        Personalization = "personalization",
        /// Showing messages at all.
        Messaging = "messaging",
    }
}

impl Purpose {
    /// Every purpose, in the order in which sets are printed.
    pub const ALL: [Self; 3] = [Self::Analytics, Self::Personalization, Self::Messaging];

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of purposes.
///
/// ```
/// use hearken_core::{Purpose, Purposes};
/// let some = Purposes::none().with(Purpose::Messaging);
/// assert!(some.has(Purpose::Messaging) && !some.has(Purpose::Analytics));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Purposes(u8);

impl Purposes {
    /// No purpose granted.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// Every purpose granted.
    #[must_use]
    pub const fn all() -> Self {
        Self(0b111)
    }

    /// This set and `purpose`.
    #[must_use]
    pub fn with(self, purpose: Purpose) -> Self {
        Self(self.0 | purpose.bit())
    }

    /// This set without `purpose`.
    #[must_use]
    pub fn without(self, purpose: Purpose) -> Self {
        Self(self.0 & !purpose.bit())
    }

    /// Whether `purpose` is granted.
    #[must_use]
    pub fn has(self, purpose: Purpose) -> bool {
        self.0 & purpose.bit() != 0
    }

    /// Whether any purpose of `other` is granted: what may record an event that lists several.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether nothing is granted.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set of these names.
    ///
    /// # Errors
    /// The first name that is no purpose's.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let named = |name: &str| Purpose::ALL.into_iter().find(|purpose| purpose.name() == name);
        names.into_iter().map(|name| named(name).ok_or_else(|| name.to_owned())).collect()
    }

    /// The purposes of the set, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Purpose> {
        Purpose::ALL.into_iter().filter(move |purpose| self.has(*purpose))
    }
}

impl FromIterator<Purpose> for Purposes {
    fn from_iter<I: IntoIterator<Item = Purpose>>(purposes: I) -> Self {
        purposes.into_iter().fold(Self::none(), Self::with)
    }
}

impl fmt::Debug for Purposes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Purposes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

/// A list of names, or one name.
impl Read for Purposes {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        match value {
            Some(Value::String(_)) => Self::none().with(Purpose::read(value, at)),
            _ => Vec::read(value, at).into_iter().collect(),
        }
    }
}

impl Write for Purposes {
    fn write(&self, to: &mut String) {
        self.iter().listed().write(to);
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Purposes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Purposes".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let purpose = generator.subschema_for::<Purpose>();
        schemars::json_schema!({ "anyOf": [purpose, { "type": "array", "items": purpose }] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_set_is_read_from_a_list_or_from_one_name_and_written_in_a_fixed_order() {
        let read = |value: Value| crate::wire::read::<Purposes>(&value, "purpose");
        let two = Purposes::none().with(Purpose::Messaging).with(Purpose::Analytics);
        assert_eq!(read(json!(["messaging", "analytics"])), Ok(two));
        assert_eq!(read(json!("messaging")), Ok(two.without(Purpose::Analytics)));
        assert_eq!(read(json!([])), Ok(Purposes::none()));
        assert!(read(json!("mesaging")).is_err());
        assert!(read(json!(["analytics", 7])).is_err());
        assert_eq!(crate::wire::to_json(&two), r#"["analytics","messaging"]"#);
        assert_eq!(serde_json::to_string(&two).unwrap(), r#"["analytics","messaging"]"#);
        assert_eq!(format!("{two:?}"), "{Analytics, Messaging}");
    }

    #[test]
    fn a_set_has_what_was_added_and_any_of_several_suffices() {
        let none = Purposes::none();
        let one = none.with(Purpose::Personalization);
        assert!(one.has(Purpose::Personalization) && !one.has(Purpose::Analytics) && !one.has(Purpose::Messaging));
        assert!(none.is_empty() && !one.is_empty());
        assert_eq!(one.with(Purpose::Personalization), one);
        assert_eq!(none.without(Purpose::Personalization), none);
        assert_eq!(Purpose::ALL.into_iter().collect::<Purposes>(), Purposes::all());
        assert_eq!(Purposes::all().iter().collect::<Vec<_>>(), Purpose::ALL);
        assert!(one.meets(Purposes::all()) && one.meets(one));
        assert!(!one.meets(Purposes::all().without(Purpose::Personalization)) && !one.meets(none));
        assert_eq!(Purposes::from_names(["personalization"]), Ok(one));
        assert_eq!(Purposes::from_names(["personalization", "fun"]), Err("fun".to_owned()));
    }
}
