//! The success definition as SQL (docs/success.md 3.15): a staging table made from one table of events, and a readable query for
//! each metric, with the same whole numbers as [`measure`](crate::measure) on every engine.

mod dialect;
mod filter;
mod metric;
mod staging;

use std::fmt::Write as _;

use hearken_core::success::{Definition, Metric, day, midnight};

pub use dialect::{Dialect, UnknownDialect};

use metric::Query;
use staging::Staging;

/// What the SQL is written for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The engine.
    pub dialect: Dialect,
    /// The instant up to which everything counts, exclusive, in milliseconds since the Unix epoch.
    pub as_of: i64,
    /// What lies before this instant counts nowhere.
    pub history_from: Option<i64>,
    /// The metrics; all of them, if none is named.
    pub metrics: Vec<String>,
    /// One pair for each user and group, instead of the sums.
    pub per_user: bool,
    /// The table: id, event, ts, offset_min, profile, user_id, session, late, properties (JSON text).
    pub table: String,
}

/// Why there is no SQL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// A metric that the definition does not have.
    #[error("the definition has no metric `{0}`")]
    Metric(String),
    /// A property whose name no path of JSON can hold on every engine.
    #[error(
        "the property `{0}` cannot be named in SQL: its name holds quotes, brackets, `$`, a backslash or a control character"
    )]
    Property(String),
}

/// The statements: one that creates the table `staging`, then one query for each metric, each ended by `;` and a line end.
///
/// # Errors
/// An unknown metric, or a property that SQL cannot name.
pub fn sql(definition: &Definition, options: &Options) -> Result<String, SqlError> {
    for name in &options.metrics {
        if definition.metric(name).is_none() {
            return Err(SqlError::Metric(name.clone()));
        }
    }
    let wanted = |metric: &&Metric| options.metrics.is_empty() || options.metrics.contains(&metric.name);
    let metrics: Vec<&Metric> = definition.metrics.iter().filter(wanted).collect();
    let staging = Staging::new(definition, &metrics, options.dialect)?;
    let mut text = header(definition, options);
    text.push_str(&staging.statement(options));
    text.push_str(&options.dialect.analyze("staging"));
    for metric in metrics {
        text.push('\n');
        comment(&mut text, metric);
        text.push_str(&Query::new(definition, metric, &staging, options).statement());
    }
    Ok(text)
}

fn header(definition: &Definition, options: &Options) -> String {
    let plain = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let mut text = String::new();
    // Writing into a text cannot fail.
    let _ = writeln!(text, "-- {} v{}, for {}", plain(&definition.id), definition.version, options.dialect);
    let _ = writeln!(
        text,
        "-- as of {} ms, exclusive; days begin {} minutes ahead of UTC",
        options.as_of, definition.offset_min
    );
    if let Some(from) = options.history_from {
        let _ = writeln!(text, "-- what lies before {from} ms counts nowhere");
    }
    if options.dialect == Dialect::BigQuery {
        text.push_str("-- parsed by tests, never executed\n");
    }
    text
}

fn comment(text: &mut String, metric: &Metric) {
    let title = metric.title.as_deref().unwrap_or_default();
    let title: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let dash = if title.is_empty() { "" } else { ": " };
    let _ = writeln!(text, "-- {}{dash}{title}\n-- fingerprint {}", metric.name, metric.fingerprint);
}

/// The first instant of the window of so many days, and that of the one before (rule 7).
fn window(definition: &Definition, as_of: i64, days: u32) -> (i64, i64) {
    let today = day(as_of, definition.offset_min);
    let start = |days: i64| midnight(today - days, definition.offset_min);
    (start(days.into()), start(2 * i64::from(days)))
}
