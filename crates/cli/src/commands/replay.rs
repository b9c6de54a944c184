//! `hearken replay`: a recorded visit, played through the engine; or a stored journal, decided again.

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use clap::{Args, ValueEnum};
use hearken_core::{Outcome as Decided, Step};
use serde_json::{Value, json};

use super::redecide::{self, Asked};
use super::{Failure, Outcome, put};
use crate::visit::{self, Played, Visit};

const EXAMPLES: &str = "\
Examples:
  hearken replay --playbook playbook.yaml --inputs visit.jsonl --explain
  hearken replay --journal shop.db
  hearken replay --journal page.jsonl --playbook playbook.json --explain

A journal exits with 0 if no row differs, with 1 if one does, with 2 if it cannot be used.";

/// Plays a recorded visit and prints one JSON line for each step; or decides a stored journal again, and says of each row
/// whether the engine writes the same.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Replay {
    /// The playbook, as people write it or built. A journal in a database has its own; of several revisions, give each.
    #[arg(long, required_unless_present = "journal")]
    playbook: Vec<PathBuf>,
    /// The visit: one JSON object a line, `{"now": INSTANT, "do": {INPUT: FIELDS}}`.
    #[arg(long, required_unless_present = "journal", conflicts_with = "journal")]
    inputs: Option<PathBuf>,
    /// The journal: the database of an app, which is only read, or JSON Lines of the rows that a page keeps.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// What the journal's host can draw; `in_app` for a database and `in_browser` for a page if absent.
    #[arg(long, value_delimiter = ',', requires = "journal", value_name = "CHANNEL")]
    channels: Vec<String>,
    /// What was shown, when, and why the rest was not.
    #[arg(long)]
    explain: bool,
    /// How to tell a journal's rows.
    #[arg(long, value_enum, default_value = "text", requires = "journal")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For programs: one JSON line for each row.
    Json,
}

pub(crate) fn run(arguments: &Replay) -> Outcome {
    let Replay { playbook, inputs, journal, channels, explain, format } = arguments;
    match (journal, inputs, playbook.as_slice()) {
        (Some(journal), _, playbooks) => {
            redecide::run(&Asked { journal, playbooks, channels, explain: *explain, format: *format })
        }
        (None, Some(inputs), [playbook]) => play(playbook, inputs, *explain),
        _ => Err(Failure::Unusable("a visit is played through one playbook".to_owned())),
    }
}

fn play(playbook: &Path, inputs: &Path, explain: bool) -> Outcome {
    let document = visit::playbook(playbook)?;
    let lines = visit::lines(inputs)?;
    let at = |number: usize, message: String| Failure::Unusable(format!("{}:{number}: {message}", inputs.display()));
    let Some((number, first)) = lines.first() else { return Ok(0) };
    let start = visit::instant(first).map_err(|message| at(*number, message))?;
    let (mut visit, opened) = Visit::open(&document, start)?;
    let print = |played: &Played| if explain { told(played) } else { printed(played) };
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
    text.push_str(&decided(step, *played.at.offset()));
    text
}

/// What was decided in a step, for people.
pub(super) fn decided(step: &Step, offset: FixedOffset) -> String {
    let mut text = String::new();
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
                let until = until.map(|at| format!(", until {}", local(at.with_timezone(&offset))));
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
