//! `hearken replay`: a recorded visit, played through the engine.

use std::path::PathBuf;

use chrono::{DateTime, FixedOffset};
use clap::Args;
use hearken_core::Outcome as Decided;
use serde_json::{Value, json};

use super::{Failure, Outcome, put};
use crate::visit::{self, Played, Visit};

/// Plays a recorded visit and prints one JSON line for each step.
#[derive(Args, Debug)]
pub(crate) struct Replay {
    /// The playbook, as people write it or built.
    #[arg(long)]
    playbook: PathBuf,
    /// The visit: one JSON object a line, `{"now": INSTANT, "do": {INPUT: FIELDS}}`.
    #[arg(long)]
    inputs: PathBuf,
    /// For people: what was shown, when, and why the rest was not.
    #[arg(long)]
    explain: bool,
}

pub(crate) fn run(arguments: &Replay) -> Outcome {
    let document = visit::playbook(&arguments.playbook)?;
    let lines = visit::lines(&arguments.inputs)?;
    let at = |number: usize, message: String| {
        Failure::Unusable(format!("{}:{number}: {message}", arguments.inputs.display()))
    };
    let Some((number, first)) = lines.first() else { return Ok(0) };
    let start = visit::instant(first).map_err(|message| at(*number, message))?;
    let (mut visit, opened) = Visit::open(&document, start)?;
    let print = |played: &Played| if arguments.explain { told(played) } else { printed(played) };
    let mut text: String = opened.iter().map(print).collect();
    for (number, line) in &lines {
        for played in visit.play(line).map_err(|message| at(*number, message))? {
            text.push_str(&print(&played));
        }
    }
    put(&text, None)?;
    Ok(0)
}

/// One JSON line: everything but what only a store needs.
fn printed(played: &Played) -> String {
    let mut step: Value = serde_json::from_str(&played.step.to_json()).unwrap_or_default();
    let records = played.step.row.iter().flat_map(|row| &row.records);
    step["records"] = records.map(|record| json!(record)).collect();
    step["now"] = json!(played.at.to_rfc3339());
    step["do"] = json!(played.what);
    format!("{step}\n")
}

/// For people.
fn told(played: &Played) -> String {
    let step = &played.step;
    let mut text = format!("{}  {}", local(played.at), played.what);
    let kinds: Vec<&str> = step.row.iter().flat_map(|row| &row.records).map(|record| record.body.kind()).collect();
    if !kinds.is_empty() {
        text.push_str(&format!("  [{}]", kinds.join(" ")));
    }
    text.push('\n');
    let verdict = json!(step.verdict);
    if verdict["verdict"] != "accepted" {
        text.push_str(&format!("    refused  {verdict}\n"));
    }
    for offer in &step.offered {
        let variant = offer.variant.as_deref().map(|variant| format!(" ({variant})")).unwrap_or_default();
        text.push_str(&format!("    offered  {}{variant}: {}\n", offer.campaign, visit::says(&offer.message)));
    }
    for (id, message) in step.row.iter().flat_map(|row| row.messages.iter()) {
        let made = step
            .row
            .iter()
            .flat_map(|row| &row.records)
            .any(|record| record.id == *id && record.body.kind() == "$card_made");
        if made {
            text.push_str(&format!("    inbox    {}\n", visit::says(message)));
        }
    }
    for gone in &step.withdrawn {
        text.push_str(&format!("    ended    {}\n", json!(gone.cause).as_str().unwrap_or_default()));
    }
    for decision in &step.decisions {
        match &decision.outcome {
            Decided::Waiting { stage, reason } => {
                let until = reason.next_eligible_at().and_then(|at| DateTime::from_timestamp_millis(at.0));
                let until = until.map(|at| format!(", until {}", local(at.with_timezone(played.at.offset()))));
                let (campaign, stage, why) = (&decision.campaign, stage.name(), reason.name());
                text.push_str(&format!("    waits    {campaign}: {stage}/{why}{}\n", until.unwrap_or_default()));
            }
            Decided::Stopped { stage, reason } => {
                text.push_str(&format!("    stops    {}: {}/{}\n", decision.campaign, stage.name(), reason.name()));
            }
            _ => {}
        }
    }
    for diagnostic in &step.diagnostics {
        text.push_str(&format!("    note     {}\n", json!(diagnostic)));
    }
    text
}

/// Local time as people read it.
pub(super) fn local(at: DateTime<FixedOffset>) -> String {
    at.format("%Y-%m-%d %H:%M:%S %:z").to_string()
}
