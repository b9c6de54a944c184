//! A success definition as it is written (docs/success.md): what the JSON Schema shows.

use super::definition::{AsOf, Direction, Kind, Role, Take};
use crate::Value;
use crate::table::Table;
use crate::time::Span;
use crate::wire::{At, Read, Write, wire};

wire! {
    /// A success definition.
    #[cfg_attr(feature = "schema", schemars(title = "Hearken success definition"))]
    pub(crate) struct DefinitionSource [deny_unknown_fields] {
        /// The version of the format: 1.
        pub(super) spec: u32,
        /// Its id.
        pub(super) id: String,
        /// Raised when the meaning changes; the fingerprints prove it.
        pub(super) version: u32,
        /// A name for people.
        pub(super) _title as "title": Option<String>,
        /// What it is for.
        pub(super) _description as "description": Option<String>,
        /// Who answers for it.
        pub(super) _owner as "owner": Option<Owner>,
        /// Whose number it is: one pair per user.
        pub(super) unit: String = "user".to_owned(),
        /// The grid of days.
        pub(super) calendar: Calendar = Calendar::default(),
        /// The currency that values with one must have, and how they are printed.
        pub(super) money: Option<MoneySource>,
        /// Events of one meaning, by name.
        #[cfg_attr(feature = "schema", schemars(with = "Table<String, FactSource>"))]
        pub(super) facts: Table<String, Value>,
        /// Metrics by name.
        #[cfg_attr(feature = "schema", schemars(with = "Table<String, MetricSource>"))]
        pub(super) metrics: Table<String, Value>,
        /// Which touch a conversion is credited to.
        pub(super) attribution: Option<AttributionSource>,
        /// Channels side by side.
        pub(super) reach: Option<ReachSource>,
        /// What the metrics are held against.
        pub(super) goals: Vec<GoalSource> = Vec::new(),
    }

    /// Who answers for a definition.
    pub(crate) struct Owner {
        /// The team.
        pub(super) _team as "team": Option<String>,
        /// How to reach it.
        pub(super) _contact as "contact": Option<String>,
    }

    /// The grid of days.
    #[derive(Default)]
    pub(crate) struct Calendar [deny_unknown_fields] {
        /// Minutes that it is ahead of UTC, -1080 to 1080.
        pub(super) offset: i32 = 0,
    }

    /// A currency.
    pub(crate) struct MoneySource [deny_unknown_fields] {
        /// Its code, such as `USD`.
        pub(super) currency: String,
        /// Digits of its minor unit, 0 to 6.
        pub(super) digits: u32 = 2,
    }

    /// Events of one meaning.
    pub(crate) struct FactSource [deny_unknown_fields] {
        /// A name for people.
        pub(super) _title as "title": Option<String>,
        /// What it is.
        pub(super) _description as "description": Option<String>,
        /// The event's name, or several.
        pub(super) event: Option<OneOrMore>,
        /// Instead of `event`: another fact, whose events these are.
        pub(super) of: Option<String>,
        /// Which of them.
        pub(super) filter as "where": Option<Value>,
        /// What an event is worth.
        pub(super) value: Option<ValueSource>,
        /// A property: events that agree in it count once.
        pub(super) key: Option<String>,
        /// For how long a key is remembered: 400 days if absent.
        pub(super) horizon: Option<Span>,
        /// `first`: of all history; `last`: of the range that is read.
        pub(super) take: Take = Take::All,
    }

    /// How an event's value is read. It has to be whole in units of the scale.
    pub(crate) struct ValueSource [deny_unknown_fields] {
        /// The property.
        pub(super) property: String,
        /// Digits after the point that are kept: 0 to 6.
        pub(super) scale: u32 = 0,
        /// A property that names the currency; it has to be that of `money`.
        pub(super) currency: Option<String>,
        /// The least that counts: 0 if absent.
        pub(super) min: Option<i64>,
        /// The most that counts.
        pub(super) max: Option<i64>,
    }

    /// One pair of whole numbers per user.
    pub(crate) struct MetricSource [deny_unknown_fields] {
        /// A name for people.
        pub(super) title: Option<String>,
        /// What it says.
        pub(super) _description as "description": Option<String>,
        /// So many whole days of the grid, up to 800.
        pub(super) window: Option<Span>,
        /// A fact with `take: first`: each user's own start.
        pub(super) after: Option<String>,
        /// A fact: each of its events is a start.
        pub(super) each: Option<String>,
        /// The fact that may follow `each`.
        pub(super) then: Option<String>,
        /// A property in which `each` and `then` agree.
        pub(super) matching as "match": Option<String>,
        /// How long after the start, up to 400 days.
        pub(super) within: Option<Span>,
        /// Instead of `within`: from which to which day after the start's own.
        pub(super) days: Option<Vec<u32>>,
        /// Only for those of whom this is 1.
        pub(super) given: Option<Value>,
        /// The numerator: needed.
        pub(super) num: Option<Value>,
        /// The denominator: needed.
        pub(super) den: Option<Value>,
        /// A property, or `$event`, that splits it.
        pub(super) by: Option<String>,
        /// Up to which `within` the followed are counted besides, ascending.
        pub(super) edges: Vec<Span> = Vec::new(),
        /// How it is printed.
        pub(super) read: ReadSource = ReadSource::default(),
        /// How a device reads it: up to now, or to the last midnight of the grid.
        pub(super) as_of: Option<AsOf>,
    }

    /// Which touch a conversion is credited to.
    pub(crate) struct AttributionSource [deny_unknown_fields] {
        /// The fact of the touches.
        pub(super) touch: String,
        /// How long before the conversion.
        pub(super) window: Span,
        /// `last_touch`.
        pub(super) model: String = "last_touch".to_owned(),
    }

    /// Channels side by side.
    pub(crate) struct ReachSource [deny_unknown_fields] {
        /// The facts of the touches.
        pub(super) touch: OneOrMore,
        /// The property that names the channel.
        pub(super) by: String,
        /// The channels of the product itself.
        pub(super) in_product: Vec<String>,
        /// The fact of those who are looked at.
        pub(super) population: String,
        /// How long touches are counted.
        pub(super) expose: Span,
        /// How long after these outcomes are counted.
        pub(super) outcome: Span,
    }

    /// What a metric is held against.
    pub(crate) struct GoalSource [deny_unknown_fields] {
        /// The metric.
        pub(super) metric: String,
        /// What it is for.
        pub(super) role: Role = Role::Secondary,
        /// Which way is better.
        pub(super) direction: Direction = Direction::Up,
        /// The ratio to be reached.
        pub(super) target: Option<TargetSource>,
        /// How much a guardrail may lose, in basis points.
        pub(super) margin_bp: Option<u32>,
        /// Below this denominator nothing is said.
        pub(super) min_den: Option<i64>,
    }

    /// A ratio of whole numbers.
    pub(crate) struct TargetSource [deny_unknown_fields] {
        /// Above the line.
        pub(super) num: i64,
        /// Below it.
        pub(super) den: i64,
    }

    /// An operator that counts events of a fact: exactly one of `has`, `lacks`, `count`, `sum`, `span`.
    pub(crate) struct OperatorSource [deny_unknown_fields] {
        /// 1 iff at least `at_least` events.
        pub(super) has: Option<String>,
        /// 1 iff fewer than `at_least` events.
        pub(super) lacks: Option<String>,
        /// How many events.
        pub(super) count: Option<String>,
        /// The sum of their values.
        pub(super) sum: Option<String>,
        /// From the first to the last, in milliseconds.
        pub(super) span: Option<String>,
        /// How many it takes: 1 if absent.
        pub(super) at_least: Option<u32>,
        /// `day`, `session` or a property: what counts once.
        pub(super) distinct: Option<String>,
        /// `previous`: the window before; `ever`: all history.
        pub(super) place as "in": Option<super::definition::Place>,
        /// A factor, 1 to 1,000.
        pub(super) times: Option<i64>,
        /// Which of the events; `$value` is their value.
        pub(super) filter as "where": Option<Value>,
        /// An operator over the same range that is taken off.
        pub(super) minus: Option<Value>,
    }
}

/// `total`, `ms`, `change` or `{scale: n}`.
pub(crate) struct ReadSource {
    pub(super) kind: Kind,
    pub(super) scale: u32,
}

wire! {
    /// A ratio that is multiplied when it is printed.
    pub(crate) struct ScaleSource [deny_unknown_fields] {
        /// By what.
        pub(super) scale: u32,
    }
}

impl Default for ReadSource {
    fn default() -> Self {
        Self { kind: Kind::Ratio, scale: 1 }
    }
}

impl Read for ReadSource {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        match value {
            Some(Value::Object(_)) => {
                let ScaleSource { scale } = ScaleSource::read(value, at);
                if !(1..=1_000_000).contains(&scale) {
                    at.field("scale").fault("a scale is 1 to 1,000,000");
                }
                Self { kind: Kind::Ratio, scale }
            }
            _ => Self { kind: Kind::read(value, at), scale: 1 },
        }
    }
}

impl Write for ReadSource {
    fn write(&self, to: &mut String) {
        if self.scale == 1 { self.kind.write(to) } else { ScaleSource { scale: self.scale }.write(to) }
    }
}

/// A name, or a list of names.
pub(crate) struct OneOrMore(pub(super) Vec<String>);

impl Read for OneOrMore {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        match value {
            Some(Value::String(name)) => Self(vec![name.clone()]),
            _ => Self(Vec::read(value, at)),
        }
    }
}

impl Write for OneOrMore {
    fn write(&self, to: &mut String) {
        self.0.write(to);
    }
}

#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    impl JsonSchema for super::OneOrMore {
        fn schema_name() -> Cow<'static, str> {
            "OneOrMore".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "A name, or a list of names.",
                "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1 }]
            })
        }
    }

    impl JsonSchema for super::ReadSource {
        fn schema_name() -> Cow<'static, str> {
            "ReadSource".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let scale = generator.subschema_for::<super::ScaleSource>();
            json_schema!({
                "description": "How a metric is printed; it changes no number.",
                "oneOf": [{ "enum": ["ratio", "total", "ms", "change"] }, scale]
            })
        }
    }
}
