//! Purposes that a person can agree to (engine.md 2.4).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a record may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Measuring: only what is recorded under it is ever exported.
    Analytics,
    /// Attributes and events that adapt content to the person.
    Personalization,
    /// Showing messages at all.
    Messaging,
}

impl Purpose {
    /// Every purpose, in the order in which sets are printed.
    pub const ALL: [Self; 3] = [Self::Analytics, Self::Personalization, Self::Messaging];

    /// The name in documents and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Analytics => "analytics",
            Self::Personalization => "personalization",
            Self::Messaging => "messaging",
        }
    }

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
        f.debug_set().entries(self.iter().map(Purpose::name)).finish()
    }
}

impl Serialize for Purposes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter().map(Purpose::name))
    }
}

impl<'de> Deserialize<'de> for Purposes {
    /// A list of names, or one name. An unknown name is an error in a playbook; a stored set never holds one.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        fn named<E: de::Error>(name: &str) -> Result<Purpose, E> {
            Purpose::ALL
                .into_iter()
                .find(|purpose| purpose.name() == name)
                .ok_or_else(|| E::unknown_variant(name, &["analytics", "personalization", "messaging"]))
        }
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Purposes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a purpose or a list of purposes: analytics, personalization, messaging")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Purposes, E> {
                named(name).map(|purpose| Purposes::none().with(purpose))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut names: A) -> Result<Purposes, A::Error> {
                let mut set = Purposes::none();
                while let Some(name) = names.next_element::<String>()? {
                    set = set.with(named(&name)?);
                }
                Ok(set)
            }
        }
        from.deserialize_any(Visitor)
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
