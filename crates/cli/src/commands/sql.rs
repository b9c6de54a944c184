//! `hearken sql`: the success definition as SQL.

use std::path::PathBuf;

use clap::Args;
use hearken_measure::sql::{Dialect, Options, sql};

use super::{Failure, Outcome, put};
use crate::success;

/// Writes a success definition as SQL: a staging table, and one query for each metric.
#[derive(Args, Debug)]
pub(crate) struct Sql {
    /// The success definition, in YAML or JSON.
    #[arg(long)]
    definition: PathBuf,
    /// The engine: duckdb, sqlite, clickhouse, postgres, datafusion, spark or bigquery.
    #[arg(long)]
    dialect: Dialect,
    /// The first instant that does not count any more; the last midnight of the definition's calendar if absent.
    #[arg(long, value_name = "INSTANT", allow_hyphen_values = true)]
    as_of: Option<String>,
    /// Events before this instant do not count.
    #[arg(long, value_name = "INSTANT", allow_hyphen_values = true)]
    history_from: Option<String>,
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
    let loaded = success::load(&arguments.definition)?;
    let definition = &loaded.definition;
    let instant = |name: &str, text: &Option<String>| {
        let parse = |text: &String| success::instant(text, definition);
        text.as_ref().map(parse).transpose().map_err(|error| Failure::Unusable(format!("--{name}: {error}")))
    };
    let options = Options {
        dialect: arguments.dialect,
        as_of: instant("as-of", &arguments.as_of)?.unwrap_or_else(|| success::last_midnight(definition)),
        history_from: instant("history-from", &arguments.history_from)?,
        metrics: arguments.metric.clone(),
        per_user: arguments.per_user,
        table: arguments.table.clone(),
    };
    let text = sql(definition, &options).map_err(|error| Failure::Unusable(error.to_string()))?;
    put(&text, arguments.output.as_deref())?;
    Ok(0)
}
