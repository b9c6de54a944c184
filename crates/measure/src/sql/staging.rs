//! The staging table (docs/success.md 3.2, 3.3, 3.15, 3.18): which rows count, whose they are, and their properties, typed.

use std::collections::BTreeSet;

use hearken_core::success::{By, Definition, Distinct, END, Filter, MAX_OFFSET, Metric, Operand, Range, Test};

use super::dialect::Dialect;
use super::{Options, SqlError};

/// The largest whole number that JSON holds everywhere.
const MAX_INTEGER: i64 = 9_007_199_254_740_991;
/// As many digits as a value can have: 10^12. More is out of range before it is read.
const MAX_DIGITS: usize = 13;

/// What metrics ask of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// Compared: as text, as a number, as true or false.
    Compared,
    /// Asked whether it is there.
    There,
    /// As the text of an id.
    Id,
    /// As a value in units of ten to this power.
    Value(u8),
}

/// The columns of the staging table.
pub(super) struct Staging<'a> {
    definition: &'a Definition,
    dialect: Dialect,
    uses: BTreeSet<(usize, Use)>,
}

impl<'a> Staging<'a> {
    /// The columns that these metrics ask for.
    pub(super) fn new(definition: &'a Definition, metrics: &[&Metric], dialect: Dialect) -> Result<Self, SqlError> {
        let uses = uses(definition, metrics);
        for name in uses.iter().filter_map(|(property, _)| definition.properties.get(*property)) {
            // It stands in paths of JSON, whose quoting differs.
            if name.chars().any(|c| matches!(c, '"' | '\\' | '\'' | '`' | '$' | '[' | ']') || c.is_control()) {
                return Err(SqlError::Property(name.clone()));
            }
        }
        Ok(Self { definition, dialect, uses })
    }

    /// The columns that one metric asks for.
    pub(super) fn columns(&self, metric: &Metric) -> Vec<String> {
        let mut columns = Vec::new();
        for (property, of) in uses(self.definition, &[metric]) {
            match of {
                Use::Compared => columns.extend([self.text(property), self.int(property), self.bool(property)]),
                Use::There => columns.push(self.there(property)),
                Use::Id => columns.push(self.id(property)),
                Use::Value(scale) => columns.push(self.value(property, scale)),
            }
        }
        columns
    }

    /// The name of a column for a property.
    fn column(&self, property: usize, suffix: &str) -> String {
        let name = self.definition.properties.get(property).map_or("", String::as_str);
        let plain =
            |name: &str| name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect::<String>();
        let shared = self.definition.properties.iter().filter(|other| plain(other) == plain(name)).count() > 1;
        let number = if shared { format!("_{property}") } else { String::new() };
        self.dialect.quoted(&format!("{}{number}_{suffix}", plain(name)))
    }

    pub(super) fn text(&self, property: usize) -> String {
        self.column(property, "text")
    }

    pub(super) fn int(&self, property: usize) -> String {
        self.column(property, "int")
    }

    pub(super) fn bool(&self, property: usize) -> String {
        self.column(property, "bool")
    }

    pub(super) fn there(&self, property: usize) -> String {
        self.column(property, "there")
    }

    pub(super) fn id(&self, property: usize) -> String {
        self.column(property, "id")
    }

    pub(super) fn value(&self, property: usize, scale: u8) -> String {
        self.column(property, &format!("value_e{scale}"))
    }

    /// The statement that creates it.
    pub(super) fn statement(&self, options: &Options) -> String {
        let dialect = self.dialect;
        let bytes = dialect.bytes();
        let merged = dialect.property("merged");
        let is_merged = format!("{} AND {} = 'true'", merged.is_bool, merged.bool);
        let from = options.history_from.map_or(String::new(), |from| format!("\n    AND ts >= {}", dialect.int(from)));
        let to = dialect.int(options.as_of.min(END));
        let pieces = self.pieces();
        let mut layers = String::new();
        // One layer for each step from raw JSON to typed columns, so that no expression is written twice.
        let mut columns = vec![
            "id".to_owned(),
            "event".to_owned(),
            "ts".to_owned(),
            "off".to_owned(),
            "session".to_owned(),
            "user_key".to_owned(),
        ];
        let mut source = "owned".to_owned();
        for (number, layer) in pieces.layers.iter().enumerate() {
            if layer.is_empty() {
                continue;
            }
            let name = format!("typed_{}", number + 1);
            let kept = if number == 0 { vec!["owned.*".to_owned()] } else { vec![format!("{source}.*")] };
            let list: Vec<String> =
                kept.into_iter().chain(layer.iter().map(|(column, of)| format!("{of} AS {column}"))).collect();
            layers.push_str(&format!(",\n{name} AS (\n  SELECT {}\n  FROM {source}\n)", list.join(",\n    ")));
            source = name;
        }
        columns.extend(pieces.columns);
        let raw = match dialect {
            Dialect::DataFusion => {
                let of = |property: &usize| {
                    let name = &self.definition.properties[*property];
                    format!(", \"{name}__kind\", \"{name}__text\"")
                };
                let properties: BTreeSet<usize> = self.uses.iter().map(|(property, _)| *property).collect();
                let merged = if self.definition.properties.iter().any(|name| name == "merged") {
                    ""
                } else {
                    ", \"merged__kind\", \"merged__text\""
                };
                format!("properties{}{merged}", properties.iter().map(of).collect::<String>())
            }
            _ => "properties".to_owned(),
        };
        format!(
            "{create}
WITH accepted AS (
  -- What counts of the table (rules 2, 5, 6, 10, 14); of rows with the same id the least (rule 3).
  SELECT id, event, ts, offset_min AS off, profile, user_id, session, {raw},
    ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts, event{bytes}, properties{bytes}, user_id{bytes} NULLS FIRST,
      profile{bytes} NULLS FIRST, offset_min) AS copy
  FROM {table}
  WHERE id <> '' AND event <> ''
    AND (user_id IS NULL OR user_id <> '')
    AND (user_id IS NOT NULL OR (profile IS NOT NULL AND profile <> ''))
    AND ts >= 0 AND ts < {to}{from}
    AND offset_min >= -{MAX_OFFSET} AND offset_min <= {MAX_OFFSET}
    AND NOT {late}
),
named AS (
  -- Whose an anonymous profile became (rule 18).
  SELECT profile AS known, user_id AS owner, 1 AS hit,
    ROW_NUMBER() OVER (PARTITION BY profile ORDER BY ts, id{bytes}) AS nth
  FROM accepted
  WHERE copy = 1 AND event = '$identify' AND user_id IS NOT NULL AND {is_merged}
),
owned AS (
  SELECT accepted.id AS id, accepted.event AS event, accepted.ts AS ts, accepted.off AS off,
    accepted.session AS session, {own_raw},
    CASE WHEN accepted.user_id IS NOT NULL THEN {of_user}
      WHEN owner.hit = 1 THEN {of_owner}
      ELSE {of_profile} END AS user_key
  FROM accepted
  LEFT JOIN (SELECT known, owner, hit FROM named WHERE nth = 1) owner ON owner.known = accepted.profile
  WHERE accepted.copy = 1
){layers}
SELECT {columns}
FROM {source};
",
            create = dialect.create("staging"),
            table = options.table,
            late = if dialect == Dialect::Sqlite { "COALESCE(late, 0)" } else { "COALESCE(late, FALSE)" },
            own_raw =
                raw.split(", ").map(|column| format!("accepted.{column} AS {column}")).collect::<Vec<_>>().join(", "),
            of_user = joined("u:", "accepted.user_id"),
            of_owner = joined("u:", "owner.owner"),
            of_profile = joined("p:", "accepted.profile"),
            columns = columns.join(", "),
        )
    }

    fn pieces(&self) -> Pieces {
        let mut pieces = Pieces::default();
        let properties: BTreeSet<usize> = self.uses.iter().map(|(property, _)| *property).collect();
        for property in properties {
            let asks = |wanted: fn(&Use) -> bool| self.uses.iter().any(|(of, use_)| *of == property && wanted(use_));
            let (compared, id) = (asks(|of| *of == Use::Compared), asks(|of| *of == Use::Id));
            if compared || id || asks(|of| matches!(of, Use::Value(_))) {
                self.property(property, compared, id, &mut pieces);
            }
            if asks(|of| *of == Use::There) {
                let raw = self.dialect.property(&self.definition.properties[property]);
                pieces.layers[0].push((self.there(property), format!("CASE WHEN {} THEN 1 ELSE 0 END", raw.is_there)));
                pieces.columns.push(self.there(property));
            }
            for (of, use_) in &self.uses {
                if let (true, Use::Value(scale)) = (*of == property, use_) {
                    self.scaled(property, *scale, &mut pieces);
                }
            }
        }
        pieces
    }

    /// What a property is to comparisons and as an id: its columns are made only where a metric asks for them.
    fn property(&self, property: usize, compared: bool, id: bool, to: &mut Pieces) {
        let dialect = self.dialect;
        let raw = dialect.property(&self.definition.properties[property]);
        let (text, digits, number) = (self.text(property), self.column(property, "digits"), self.int(property));
        to.layers[0].push((text.clone(), format!("CASE WHEN {} THEN {} END", raw.is_text, raw.text)));
        to.layers[0].push((digits.clone(), format!("CASE WHEN {} THEN {} END", raw.is_number, raw.number)));
        if compared || id {
            self.whole(property, &digits, to);
        }
        if compared {
            let bool = format!("CASE WHEN {} THEN CASE WHEN {} = 'true' THEN 1 ELSE 0 END END", raw.is_bool, raw.bool);
            to.layers[0].push((self.bool(property), bool));
            to.columns.extend([text.clone(), number.clone(), self.bool(property)]);
        }
        if id {
            let column = self.id(property);
            let of = format!(
                "CASE WHEN {text} <> '' THEN {text} WHEN {number} IS NOT NULL THEN CAST({number} AS {}) END",
                dialect.text_type()
            );
            to.layers[4].push((column.clone(), of));
            to.columns.push(column);
        }
    }

    /// A whole number of at most 16 digits, and within 2^53 - 1.
    fn whole(&self, property: usize, digits: &str, to: &mut Pieces) {
        let dialect = self.dialect;
        let (first, rest) = (dialect.substring(digits, "1", Some("1")), dialect.substring(digits, "2", None));
        let (body, wide) = (self.column(property, "body"), self.column(property, "whole"));
        to.layers[1].push((body.clone(), format!("CASE WHEN {first} = '-' THEN {rest} ELSE {digits} END")));
        let (plain, number) = (dialect.is_digits(&body), dialect.cast_int(digits));
        to.layers[2].push((wide.clone(), format!("CASE WHEN {plain} AND LENGTH({body}) <= 16 THEN {number} END")));
        let near = format!("CASE WHEN {wide} >= -{MAX_INTEGER} AND {wide} <= {MAX_INTEGER} THEN {wide} END");
        to.layers[3].push((self.int(property), near));
    }

    /// A number or a decimal text, in units of ten to the scale; absent where it is not whole in them.
    fn scaled(&self, property: usize, scale: u8, to: &mut Pieces) {
        let dialect = self.dialect;
        let part = |name: &str| self.column(property, &format!("{name}_e{scale}"));
        let (text, digits) = (self.text(property), self.column(property, "digits"));
        let (raw, body, dot) = (part("raw"), part("unsigned"), part("dot"));
        to.layers[1].push((raw.clone(), format!("COALESCE({digits}, {text})")));
        let first = dialect.substring(&raw, "1", Some("1"));
        to.layers[2].push((
            body.clone(),
            format!("CASE WHEN {first} = '-' THEN {} ELSE {raw} END", dialect.substring(&raw, "2", None)),
        ));
        to.layers[3].push((dot.clone(), dialect.point(&body)));
        let (whole, fraction) = (part("before"), part("after"));
        to.layers[4].push((
            whole.clone(),
            format!(
                "CASE WHEN {dot} = 0 THEN {body} ELSE {} END",
                dialect.substring(&body, "1", Some(&length(dialect, &format!("{dot} - 1"))))
            ),
        ));
        // A text that ends in a point, or begins with one, is no number.
        to.layers[4].push((
            fraction.clone(),
            format!(
                "CASE WHEN {dot} = 0 THEN '0' ELSE {} END",
                dialect.substring(&body, &length(dialect, &format!("{dot} + 1")), None)
            ),
        ));
        let zeros = "0".repeat(scale.into());
        let (kept, rest) = if scale == 0 {
            ("''".to_owned(), fraction.clone())
        } else {
            (
                dialect.substring(&format!("({})", joined_columns(&fraction, &zeros)), "1", Some(&scale.to_string())),
                dialect.substring(&fraction, &(scale + 1).to_string(), None),
            )
        };
        let plain = dialect.without("0", &whole);
        let fits = format!(
            "{} AND {} AND LENGTH({plain}) <= {} AND REPLACE({rest}, '0', '') = ''",
            dialect.is_digits(&whole),
            dialect.is_digits(&fraction),
            MAX_DIGITS - usize::from(scale),
        );
        let size = part("size");
        let digits = dialect.cast_int(&format!("('0' || {plain} || {kept})"));
        to.layers[5].push((size.clone(), format!("CASE WHEN {fits} THEN {digits} END")));
        let column = self.value(property, scale);
        let first = dialect.substring(&raw, "1", Some("1"));
        to.layers[6].push((column.clone(), format!("CASE WHEN {first} = '-' THEN -{size} ELSE {size} END")));
        to.columns.push(column);
    }
}

#[derive(Default)]
struct Pieces {
    layers: [Vec<(String, String)>; 7],
    columns: Vec<String>,
}

fn uses(definition: &Definition, metrics: &[&Metric]) -> BTreeSet<(usize, Use)> {
    let mut uses = BTreeSet::new();
    let mut facts = BTreeSet::new();
    for metric in metrics {
        if let Some(By::Property(property)) = metric.by {
            uses.insert((property, Use::Id));
        }
        match &metric.range {
            Range::After { anchor, .. } => {
                facts.insert(*anchor);
            }
            Range::Each(each) => {
                uses.extend(each.matching.map(|property| (property, Use::Id)));
                facts.extend([each.anchor, each.then]);
            }
            Range::Ever | Range::Window { .. } => {}
        }
        for selection in metric.operators().filter_map(|operator| operator.selection()) {
            facts.insert(selection.fact);
            compared(&selection.filter, &mut uses);
            if let Distinct::Property(property) = selection.distinct {
                uses.insert((property, Use::Id));
            }
        }
    }
    for fact in facts.into_iter().filter_map(|place| definition.facts.get(place)) {
        compared(&fact.filter, &mut uses);
        uses.extend(fact.key.map(|key| (key, Use::Id)));
        if let Some(value) = &fact.value {
            uses.insert((value.property, Use::Value(value.scale)));
            uses.extend(value.currency.map(|currency| (currency, Use::Compared)));
        }
    }
    uses
}

fn compared(filter: &Filter, to: &mut BTreeSet<(usize, Use)>) {
    match filter {
        Filter::All(filters) | Filter::Any(filters) => filters.iter().for_each(|filter| compared(filter, to)),
        Filter::Not(filter) => compared(filter, to),
        Filter::Test { of: Operand::Property(property), test: Test::Exists(_) } => {
            to.insert((*property, Use::There));
        }
        Filter::Test { of: Operand::Property(property), .. } => {
            to.insert((*property, Use::Compared));
        }
        Filter::Test { .. } => {}
    }
}

fn joined(prefix: &str, column: &str) -> String {
    format!("'{prefix}' || {column}")
}

fn joined_columns(column: &str, text: &str) -> String {
    format!("{column} || '{text}'")
}

fn length(dialect: Dialect, expression: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("CAST({expression} AS INTEGER)"),
        _ => expression.to_owned(),
    }
}
