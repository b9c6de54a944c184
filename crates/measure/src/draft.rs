//! A row as a source gives it, and what is asked of it (success.md 3.10, 3.14).

use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher};

use hearken_core::success::{END, MAX_OFFSET};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::cell::Cell;
use crate::reason::Reason;

/// A row before it is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft<'a> {
    pub(crate) id: Cell<'a>,
    pub(crate) event: Cell<'a>,
    pub(crate) ts: Cell<'a>,
    pub(crate) offset: Cell<'a>,
    pub(crate) user: Cell<'a>,
    pub(crate) profile: Cell<'a>,
    pub(crate) session: Cell<'a>,
    pub(crate) late: bool,
    /// Whether a column says so; otherwise the properties do.
    pub(crate) merged: bool,
    pub(crate) payload: Payload<'a>,
}

/// The properties of a row.
#[derive(Clone, Debug, Default)]
pub(crate) enum Payload<'a> {
    #[default]
    Nothing,
    /// A JSON object.
    Json(Cow<'a, str>),
    /// Columns by the properties that they are.
    Named(Vec<(&'a str, Cell<'a>)>),
    /// Something that is no object.
    Wrong,
}

/// A row that can be counted.
#[derive(Clone, Debug)]
pub(crate) struct Good<'a> {
    /// Absent where the source has none: then it is the row's place.
    pub(crate) id: Option<Cow<'a, str>>,
    pub(crate) event: Cow<'a, str>,
    pub(crate) ts: i64,
    pub(crate) offset: i16,
    pub(crate) user: Option<Cow<'a, str>>,
    pub(crate) profile: Option<Cow<'a, str>>,
    pub(crate) session: Option<Cow<'a, str>>,
    pub(crate) late: bool,
    pub(crate) merged: bool,
    pub(crate) payload: Payload<'a>,
}

impl<'a> Draft<'a> {
    /// Looks at everything that a row has to have.
    pub(crate) fn check(self) -> Result<Good<'a>, Reason> {
        let id = match self.id {
            Cell::Absent => None,
            Cell::Text(text) if text.is_empty() => return Err(Reason::IdEmpty),
            Cell::Text(text) => Some(text),
            _ => return Err(Reason::IdType),
        };
        let event = match self.event {
            Cell::Absent => return Err(Reason::EventEmpty),
            Cell::Text(text) if text.is_empty() => return Err(Reason::EventEmpty),
            Cell::Text(text) => text,
            _ => return Err(Reason::EventType),
        };
        let user = match self.user.with_decimal_text() {
            Cell::Absent => None,
            Cell::Text(text) if text.is_empty() => return Err(Reason::UserEmpty),
            Cell::Text(text) => Some(text),
            Cell::Fraction(float) if float.trunc() == float && float.abs() <= 9_007_199_254_740_992.0 => {
                Some(Cow::Owned((float as i64).to_string()))
            }
            _ => return Err(Reason::UserType),
        };
        let profile = match self.profile {
            Cell::Absent => None,
            Cell::Text(text) => Some(text).filter(|text| !text.is_empty()),
            _ => return Err(Reason::ProfileType),
        };
        if user.is_none() && profile.is_none() {
            return Err(Reason::ProfileEmpty);
        }
        let Cell::Int(ts) = self.ts else { return Err(Reason::TsType) };
        if !(0..END).contains(&ts) {
            return Err(Reason::TsRange);
        }
        let offset = match self.offset {
            Cell::Absent => 0,
            Cell::Int(offset) => offset,
            _ => return Err(Reason::OffsetType),
        };
        if offset.unsigned_abs() > MAX_OFFSET.unsigned_abs().into() {
            return Err(Reason::OffsetRange);
        }
        if matches!(self.payload, Payload::Wrong) {
            return Err(Reason::DataType);
        }
        let session = match self.session.with_decimal_text() {
            Cell::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        };
        let (late, merged, payload) = (self.late, self.merged, self.payload);
        Ok(Good { id, event, ts, offset: offset as i16, user, profile, session, late, merged, payload })
    }
}

impl<'a> Payload<'a> {
    /// The properties that are asked for, by place; `asked` says which place a name has.
    ///
    /// # Errors
    /// A text in it is no Unicode, or it is no JSON at all.
    pub(crate) fn read(&self, asked: &impl Fn(&str) -> Option<usize>, cells: &mut [Cell<'a>]) -> Result<(), Reason>
    where
        Self: 'a,
    {
        match self {
            Self::Nothing | Self::Wrong => Ok(()),
            Self::Named(named) => {
                for (name, cell) in named {
                    if let Some(to) = asked(name).and_then(|place| cells.get_mut(place)) {
                        *to = cell.clone();
                    }
                }
                Ok(())
            }
            Self::Json(Cow::Borrowed(text)) => {
                let mut json = serde_json::Deserializer::from_str(text);
                json.deserialize_map(Properties { asked, cells }).map_err(|_| Reason::Json)
            }
            Self::Json(Cow::Owned(text)) => {
                let mut owned: Vec<Cell<'_>> = vec![Cell::Absent; cells.len()];
                let mut json = serde_json::Deserializer::from_str(text);
                json.deserialize_map(Properties { asked, cells: &mut owned }).map_err(|_| Reason::Json)?;
                for (to, cell) in cells.iter_mut().zip(owned) {
                    *to = cell.into_owned();
                }
                Ok(())
            }
        }
    }

    /// A hash of the bytes as they stand: equal bytes are an equal payload.
    pub(crate) fn hash(&self, state: &impl BuildHasher) -> u64 {
        let mut hasher = state.build_hasher();
        match self {
            Self::Nothing | Self::Wrong => {}
            Self::Json(text) => hasher.write(text.as_bytes()),
            Self::Named(named) => {
                for (name, cell) in named {
                    hasher.write(name.as_bytes());
                    match cell {
                        Cell::Absent => hasher.write_u8(0),
                        Cell::Text(text) => {
                            hasher.write_u8(1);
                            hasher.write(text.as_bytes());
                        }
                        Cell::Int(int) => hasher.write_i64(*int),
                        Cell::Fraction(float) => hasher.write_u64(float.to_bits()),
                        Cell::Bool(bool) => hasher.write_u8(2 + u8::from(*bool)),
                        Cell::Structure => hasher.write_u8(4),
                    }
                    hasher.write_u8(255);
                }
            }
        }
        hasher.finish()
    }

    /// As a JSON object.
    pub(crate) fn object(&self) -> Value {
        match self {
            Self::Nothing | Self::Wrong => Value::Object(Map::new()),
            Self::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_ref())),
            Self::Named(named) => {
                let value = |cell: &Cell<'_>| match cell {
                    Cell::Absent => None,
                    Cell::Text(text) => Some(Value::from(text.as_ref())),
                    Cell::Int(int) => Some(Value::from(*int)),
                    Cell::Fraction(float) => Number::from_f64(*float).map(Value::Number),
                    Cell::Bool(bool) => Some(Value::Bool(*bool)),
                    Cell::Structure => Some(Value::Object(Map::new())),
                };
                Value::Object(
                    named.iter().filter_map(|(name, cell)| Some(((*name).to_owned(), value(cell)?))).collect(),
                )
            }
        }
    }
}

struct Properties<'f, 'v, 'a, F> {
    asked: &'f F,
    cells: &'v mut [Cell<'a>],
}

impl<'a, F: Fn(&str) -> Option<usize>> Visitor<'a> for Properties<'_, '_, 'a, F> {
    type Value = ();

    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(Name)? {
            let raw: &RawValue = map.next_value()?;
            if let Some(to) = (self.asked)(&name).and_then(|place| self.cells.get_mut(place)) {
                *to = Cell::of_raw(raw).ok_or_else(|| serde::de::Error::custom("no Unicode"))?;
            }
        }
        Ok(())
    }
}

/// A field's name, borrowed where it can be.
pub(crate) struct Name;

impl<'a> serde::de::DeserializeSeed<'a> for Name {
    type Value = Cow<'a, str>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Name {
    type Value = Cow<'a, str>;

    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}
