//! `hearken sql`: the success definition as SQL.

use std::path::PathBuf;

use clap::Args;
use hearken_measure::sql::{Dialect, Options, sql};

use super::{Failure, Outcome, put};
use crate::success::Asked;

/// Writes a success definition as SQL: a staging table, and one query for each metric.
#[derive(Args, Debug)]
pub(crate) struct Sql {
    #[command(flatten)]
    asked: Asked,
    /// The engine: duckdb, sqlite, clickhouse, postgres, datafusion, spark or bigquery.
    #[arg(long)]
    dialect: Dialect,
    /// Only these metrics.
    #[arg(long, value_name = "METRIC")]
    metric: Vec<String>,
    /// One row for each user and group, instead of sums.
    #[arg(long)]
    per_user: bool,
    /// The table with the columns id, event, ts, offset_min, profile, user_id, session, late and properties (JSON text).
    #[arg(long, default_value = "events")]
    table: String,
    /// Writes here instead of to the standard output.
    #[arg(short, long)]
    output: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Sql) -> Outcome {
    let loaded = arguments.asked.load()?;
    let definition = &loaded.definition;
    let (as_of, history_from) = arguments.asked.range(definition)?;
    let options = Options {
        dialect: arguments.dialect,
        as_of,
        history_from,
        metrics: arguments.metric.clone(),
        per_user: arguments.per_user,
        table: arguments.table.clone(),
    };
    let text = sql(definition, &options).map_err(|error| Failure::Unusable(error.to_string()))?;
    put(&text, arguments.output.as_deref())?;
    Ok(0)
}
