//! What differs between engines (docs/success.md 3.15): nothing else in the emitted text does.

use std::fmt;
use std::str::FromStr;

/// An engine that the SQL is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// DuckDB.
    DuckDb,
    /// SQLite 3.38 or later.
    Sqlite,
    /// ClickHouse.
    ClickHouse,
    /// PostgreSQL.
    Postgres,
    /// Apache DataFusion. It reads no JSON: the table has two columns for each property, `name__kind` (text, int, number, bool)
    /// and `name__text`.
    DataFusion,
    /// Apache Spark 4.
    Spark,
    /// BigQuery. Its text is parsed by tests, and was never executed.
    BigQuery,
}

impl Dialect {
    /// Every dialect, by its name.
    pub const ALL: [(&'static str, Self); 7] = [
        ("duckdb", Self::DuckDb),
        ("sqlite", Self::Sqlite),
        ("clickhouse", Self::ClickHouse),
        ("postgres", Self::Postgres),
        ("datafusion", Self::DataFusion),
        ("spark", Self::Spark),
        ("bigquery", Self::BigQuery),
    ];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, dialect)| *dialect == self).map_or("", |(name, _)| name)
    }
}

/// A name that is no dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no dialect; known are duckdb, sqlite, clickhouse, postgres, datafusion, spark, bigquery")]
pub struct UnknownDialect(String);

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, UnknownDialect> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, dialect)| *dialect);
        found.ok_or_else(|| UnknownDialect(name.to_owned()))
    }
}

/// What a property is, as an engine tells it: conditions on its kind, and its text.
pub(super) struct Property {
    /// Neither absent nor null.
    pub(super) is_there: String,
    pub(super) is_text: String,
    pub(super) is_number: String,
    pub(super) is_bool: String,
    /// The text of a text; unquoted.
    pub(super) text: String,
    /// The digits of a number.
    pub(super) number: String,
    /// `true` or `false`.
    pub(super) bool: String,
}

impl Dialect {
    /// How the staging table begins. It is kept, so that no engine types every row anew for each metric.
    pub(super) fn create(self, name: &str) -> String {
        match self {
            Self::Spark => format!("CACHE TABLE {name} AS"),
            Self::ClickHouse => format!("CREATE OR REPLACE TABLE {name} ENGINE = Memory AS"),
            Self::DataFusion => format!("CREATE OR REPLACE TABLE {name} AS"),
            Self::DuckDb => format!("CREATE OR REPLACE TEMP TABLE {name} AS"),
            Self::Sqlite | Self::Postgres | Self::BigQuery => format!("CREATE TEMP TABLE {name} AS"),
        }
    }

    /// What has to be said after a table is made, for plans that are not guesses.
    pub(super) fn analyze(self, name: &str) -> String {
        if self == Self::Postgres { format!("ANALYZE {name};\n") } else { String::new() }
    }

    /// A count as a signed number of 64 bits.
    pub(super) fn signed(self, count: &str) -> String {
        if self == Self::ClickHouse { format!("toInt64({count})") } else { count.to_owned() }
    }

    pub(super) fn quoted(self, name: &str) -> String {
        let quote = if matches!(self, Self::Spark | Self::BigQuery | Self::ClickHouse) { '`' } else { '"' };
        format!("{quote}{name}{quote}")
    }

    /// A text constant.
    pub(super) fn text(self, text: &str) -> String {
        let mut written = String::from("'");
        for c in text.chars() {
            match (self, c) {
                (Self::BigQuery | Self::Spark, '\'') => written.push_str("\\'"),
                (_, '\'') => written.push_str("''"),
                (Self::BigQuery | Self::Spark | Self::ClickHouse, '\\') => written.push_str("\\\\"),
                (Self::BigQuery | Self::Spark, '\n') => written.push_str("\\n"),
                (Self::BigQuery | Self::Spark, '\r') => written.push_str("\\r"),
                (_, c) => written.push(c),
            }
        }
        written.push('\'');
        written
    }

    /// A number of 64 bits, folded: no engine multiplies constants of its own.
    pub(super) fn int(self, int: i64) -> String {
        match self {
            // A literal is as narrow as it can be; arithmetic on it would be too.
            Self::ClickHouse => format!("toInt64({int})"),
            Self::Spark => format!("CAST({int} AS BIGINT)"),
            Self::Postgres => format!("CAST({int} AS BIGINT)"),
            _ => int.to_string(),
        }
    }

    /// The type of a whole number of 64 bits.
    pub(super) fn int_type(self) -> &'static str {
        match self {
            Self::ClickHouse => "Nullable(Int64)",
            Self::BigQuery => "INT64",
            Self::Sqlite => "INTEGER",
            _ => "BIGINT",
        }
    }

    pub(super) fn text_type(self) -> &'static str {
        match self {
            Self::ClickHouse => "Nullable(String)",
            Self::BigQuery | Self::Spark => "STRING",
            Self::Sqlite | Self::Postgres => "TEXT",
            Self::DuckDb | Self::DataFusion => "VARCHAR",
        }
    }

    /// How text is ordered by its bytes.
    pub(super) fn bytes(self) -> &'static str {
        match self {
            Self::Postgres => " COLLATE \"C\"",
            _ => "",
        }
    }

    /// Whole division of numbers that are not negative.
    pub(super) fn divide(self, number: &str, by: i64) -> String {
        match self {
            Self::DuckDb => format!("({number}) // {by}"),
            Self::ClickHouse => format!("intDiv({number}, {by})"),
            Self::Spark => format!("({number}) DIV {by}"),
            Self::BigQuery => format!("DIV({number}, {by})"),
            Self::Sqlite | Self::Postgres | Self::DataFusion => format!("({number}) / {by}"),
        }
    }

    /// The place of a point in a text, from 1; 0 where there is none.
    pub(super) fn point(self, text: &str) -> String {
        match self {
            Self::ClickHouse => format!("position({text}, '.')"),
            Self::Postgres | Self::DataFusion | Self::BigQuery => format!("STRPOS({text}, '.')"),
            Self::DuckDb | Self::Sqlite | Self::Spark => format!("INSTR({text}, '.')"),
        }
    }

    pub(super) fn substring(self, text: &str, from: &str, length: Option<&str>) -> String {
        let function = if self == Self::ClickHouse { "substring" } else { "SUBSTR" };
        match length {
            Some(length) => format!("{function}({text}, {from}, {length})"),
            None => format!("{function}({text}, {from})"),
        }
    }

    /// Digits as a whole number of 64 bits.
    pub(super) fn cast_int(self, text: &str) -> String {
        match self {
            // It looks at every branch of a CASE, and fails in one that is not taken.
            Self::ClickHouse => format!("toInt64OrNull({text})"),
            _ => format!("CAST({text} AS {})", self.int_type()),
        }
    }

    /// A text without what it begins with of these letters.
    pub(super) fn without(self, letters: &str, text: &str) -> String {
        match self {
            Self::Spark | Self::ClickHouse => format!("TRIM(LEADING '{letters}' FROM {text})"),
            _ => format!("LTRIM({text}, '{letters}')"),
        }
    }

    /// Whether a text is digits, and nothing else.
    pub(super) fn is_digits(self, text: &str) -> String {
        format!("{text} <> '' AND {} = ''", self.without("0123456789", text))
    }

    /// The sum of a column, wider than 64 bits where the engine has that; SQLite fails rather than wraps.
    pub(super) fn sum(self, column: &str) -> String {
        match self {
            Self::ClickHouse => format!("SUM(toInt128({column}))"),
            Self::Spark | Self::DataFusion => format!("SUM(CAST({column} AS DECIMAL(38, 0)))"),
            Self::BigQuery => format!("SUM(CAST({column} AS BIGNUMERIC))"),
            Self::DuckDb | Self::Postgres | Self::Sqlite => format!("SUM({column})"),
        }
    }

    pub(super) fn double(self, number: &str) -> String {
        match self {
            Self::ClickHouse => format!("toFloat64({number})"),
            Self::Postgres => format!("CAST({number} AS DOUBLE PRECISION)"),
            Self::BigQuery => format!("CAST({number} AS FLOAT64)"),
            Self::Sqlite => format!("CAST({number} AS REAL)"),
            _ => format!("CAST({number} AS DOUBLE)"),
        }
    }

    /// The value of the row before, or NULL: ClickHouse would say 0 of what cannot be NULL.
    pub(super) fn lag(self, column: &str, over: &str) -> String {
        match self {
            Self::ClickHouse => format!(
                "lagInFrame(toNullable({column})) OVER ({over} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
            ),
            _ => format!("LAG({column}) OVER ({over})"),
        }
    }

    /// Rows of one query that another does not have.
    pub(super) fn except(self) -> &'static str {
        if self == Self::BigQuery { "EXCEPT DISTINCT" } else { "EXCEPT" }
    }

    /// How a property of the raw table is read. `properties` is a column of JSON text; of DataFusion, which has no functions
    /// for it, two columns for each property: `name__kind`, one of text, int, number and bool, and `name__text`.
    pub(super) fn property(self, name: &str) -> Property {
        let is = |kind: &str, names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| self.text(name)).collect();
            format!("{kind} IN ({})", names.join(", "))
        };
        let there = |kind: &str, null: &str| format!("COALESCE({kind}, {0}) <> {0}", self.text(null));
        let same = |is_there, is_text, is_number, is_bool, text: String| Property {
            is_there,
            is_text,
            is_number,
            is_bool,
            number: text.clone(),
            bool: text.clone(),
            text,
        };
        match self {
            Self::DuckDb => {
                let path = self.text(&format!("$.\"{name}\""));
                let kind = format!("json_type(properties, {path})");
                same(
                    there(&kind, "NULL"),
                    is(&kind, &["VARCHAR"]),
                    is(&kind, &["BIGINT", "UBIGINT", "HUGEINT", "DOUBLE"]),
                    is(&kind, &["BOOLEAN"]),
                    format!("json_extract_string(properties, {path})"),
                )
            }
            Self::Sqlite => {
                let path = self.text(&format!("$.\"{name}\""));
                let kind = format!("json_type(properties, {path})");
                Property {
                    is_there: there(&kind, "null"),
                    is_text: is(&kind, &["text"]),
                    is_number: is(&kind, &["integer", "real"]),
                    is_bool: is(&kind, &["true", "false"]),
                    text: format!("json_extract(properties, {path})"),
                    // The text as it was written: `json_extract` would round it.
                    number: format!("(properties -> {path})"),
                    bool: kind,
                }
            }
            Self::Postgres => {
                let name = self.text(name);
                let kind = format!("jsonb_typeof(CAST(properties AS jsonb) -> {name})");
                same(
                    there(&kind, "null"),
                    is(&kind, &["string"]),
                    is(&kind, &["number"]),
                    is(&kind, &["boolean"]),
                    format!("(CAST(properties AS jsonb) ->> {name})"),
                )
            }
            Self::ClickHouse => {
                let name = self.text(name);
                let kind = format!("JSONType(properties, {name})");
                let raw = format!("JSONExtractRaw(properties, {name})");
                Property {
                    is_there: format!("{kind} <> 'Null'"),
                    is_text: is(&kind, &["String"]),
                    is_number: is(&kind, &["Int64", "UInt64", "Double"]),
                    is_bool: is(&kind, &["Bool"]),
                    text: format!("JSONExtractString(properties, {name})"),
                    number: raw.clone(),
                    bool: raw,
                }
            }
            Self::DataFusion => {
                let (kind, text) = (format!("\"{name}__kind\""), format!("\"{name}__text\""));
                same(
                    there(&kind, "null"),
                    is(&kind, &["text"]),
                    is(&kind, &["int", "number"]),
                    is(&kind, &["bool"]),
                    text,
                )
            }
            Self::Spark => {
                let path = self.text(&format!("$[\"{name}\"]"));
                let variant = format!("try_variant_get(parse_json(properties), {path}, 'variant')");
                let kind = format!("schema_of_variant({variant})");
                let number = format!("({kind} IN ('BIGINT', 'DOUBLE') OR {kind} LIKE 'DECIMAL%')");
                same(
                    there(&kind, "VOID"),
                    is(&kind, &["STRING"]),
                    number,
                    is(&kind, &["BOOLEAN"]),
                    format!("try_variant_get(parse_json(properties), {path}, 'string')"),
                )
            }
            Self::BigQuery => {
                let path = self.text(&format!("$.\"{name}\""));
                let kind = format!("JSON_TYPE(JSON_QUERY(PARSE_JSON(properties), {path}))");
                same(
                    there(&kind, "null"),
                    is(&kind, &["string"]),
                    is(&kind, &["number"]),
                    is(&kind, &["boolean"]),
                    format!("JSON_VALUE(PARSE_JSON(properties), {path})"),
                )
            }
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.name())
    }
}
