//! `hearken explain-metric`: which events of a user count in a metric, and why the others do not.

use std::path::PathBuf;

use clap::Args;
use hearken_core::success::{Kind, Metric, Pair};
use hearken_measure::explain::{Explanation, History};
use hearken_measure::report::group_name;
use hearken_measure::{Options, Place};
use serde_json::{Value, json};

use super::measure::{Format, at, source};
use super::{Failure, Outcome, put};
use crate::success::{self, Asked};

/// Says of each event of a user whether it counts in a metric, and why not.
#[derive(Args, Debug)]
pub(crate) struct ExplainMetric {
    /// The metric.
    metric: String,
    /// The user; `p:` and a profile for one without a user.
    #[arg(long)]
    user: String,
    #[command(flatten)]
    asked: Asked,
    /// Files of events: JSON Lines (native, Segment or CloudEvents), CSV or Parquet.
    #[arg(long, required = true, num_args = 1..)]
    events: Vec<PathBuf>,
    /// A file with a `source` block: which columns of the events are what.
    #[arg(long)]
    source: Option<PathBuf>,
    /// How to tell it.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(crate) fn run(arguments: &ExplainMetric) -> Outcome {
    let loaded = arguments.asked.load()?;
    let definition = &loaded.definition;
    let (as_of, history_from) = arguments.asked.range(definition)?;
    let options = Options { history_from, source: source(arguments.source.as_ref(), &loaded)?, ..Options::new(as_of) };
    let named = arguments.user.starts_with("u:") || arguments.user.starts_with("p:");
    let user = if named { arguments.user.clone() } else { format!("u:{}", arguments.user) };
    let Some(metric) = definition.metric(&arguments.metric) else {
        let known: Vec<&str> = definition.metrics.iter().map(|metric| metric.name.as_str()).collect();
        let message = format!("the definition has no metric `{}`; known are {}", arguments.metric, known.join(", "));
        return Err(Failure::Unusable(message));
    };
    let history = History::read(definition, &arguments.events, &options, &user);
    let history = history.map_err(|failure| Failure::Unusable(failure.to_string()))?;
    let Some(why) = history.explain(&metric.name) else { return Ok(2) };
    if why.events.is_empty() {
        return Err(Failure::Refused(format!("there are no events of {user}")));
    }
    match arguments.format {
        Format::Json => put(&format!("{}\n", json(arguments, &user, metric, &why, as_of)), None)?,
        Format::Table => put(&text(arguments, &user, metric, &why, as_of), None)?,
    }
    Ok(0)
}

fn row(arguments: &ExplainMetric, place: Place) -> String {
    let file = arguments.events.get(usize::from(place.file)).map_or(String::new(), |path| path.display().to_string());
    at(&file, place)
}

fn text(arguments: &ExplainMetric, user: &str, metric: &Metric, why: &Explanation, as_of: i64) -> String {
    let mut text = format!("{} of {user}   as of {}\n", metric.name, success::printed(as_of));
    for event in &why.events {
        text.push_str(&format!("{}  {}  {}\n", success::printed(event.ts), event.event, row(arguments, event.place)));
        if let Some(reason) = event.left_out {
            text.push_str(&format!("    -  {:9} {}: {}\n", "row", reason.code(), reason.says()));
        }
        for (part, verdict) in &event.parts {
            let sign = if verdict.counted { '+' } else { '-' };
            text.push_str(&format!("    {sign}  {part:9} {}: {}\n", verdict.code, verdict.says));
        }
    }
    let has_den = metric.kind != Kind::Total;
    let pair = |pair: &Pair| if has_den { format!("{} / {}", pair.num, pair.den) } else { pair.num.to_string() };
    for (group, of) in &why.pairs {
        let group = group.as_ref().map(|group| format!(" [{}]", group_name(group.as_deref()))).unwrap_or_default();
        text.push_str(&format!("{}{group} = {}\n", metric.name, pair(of)));
    }
    if why.pairs.is_empty() {
        text.push_str(&format!("{}: no group has anything\n", metric.name));
    }
    text
}

fn json(arguments: &ExplainMetric, user: &str, metric: &Metric, why: &Explanation, as_of: i64) -> Value {
    let events: Vec<Value> = why
        .events
        .iter()
        .map(|event| {
            let parts = event.parts.iter().map(|(part, verdict)| {
                json!({"part": part, "counted": verdict.counted, "code": verdict.code, "says": verdict.says})
            });
            json!({
                "id": event.id, "ts": event.ts, "event": event.event, "row": row(arguments, event.place),
                "left_out": event.left_out.map(hearken_measure::Reason::code), "parts": parts.collect::<Vec<_>>(),
            })
        })
        .collect();
    let has_den = metric.kind != Kind::Total;
    let pair = |pair: &Pair| {
        if has_den {
            json!({"num": pair.num.to_string(), "den": pair.den.to_string()})
        } else {
            json!({"num": pair.num.to_string()})
        }
    };
    let mut written = json!({
        "metric": metric.name, "fingerprint": metric.fingerprint, "user": user, "as_of": as_of, "events": events,
    });
    if metric.by.is_some() {
        let groups = why
            .pairs
            .iter()
            .map(|(group, of)| (group_name(group.as_ref().and_then(Option::as_deref)).to_owned(), pair(of)));
        written["groups"] = Value::Object(groups.collect());
    } else if let Some((_, of)) = why.pairs.first() {
        written["pair"] = pair(of);
    }
    written
}
