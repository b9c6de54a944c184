//! `hearken explain`: why a campaign is, or is not, shown.

use std::path::PathBuf;

use chrono::DateTime;
use clap::Args;
use hearken_core::{Outcome as Decided, Stage};
use serde_json::json;

use super::replay::local;
use super::{Failure, Outcome, put};
use crate::visit::{self, Visit};

/// Says why a campaign is, or is not, shown after a recorded visit.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The campaign.
    #[arg(long)]
    campaign: String,
    /// The playbook, as people write it or built.
    #[arg(long)]
    playbook: PathBuf,
    /// The visit: one JSON object a line, `{"now": INSTANT, "do": {INPUT: FIELDS}}`.
    #[arg(long)]
    inputs: PathBuf,
    /// The instant that is asked about; that of the visit's last line if absent.
    #[arg(long)]
    at: Option<String>,
    /// The same as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Explain) -> Outcome {
    let document = visit::playbook(&arguments.playbook)?;
    let lines = visit::lines(&arguments.inputs)?;
    let wrong = |number: usize, message: String| {
        Failure::Unusable(format!("{}:{number}: {message}", arguments.inputs.display()))
    };
    let Some((first, line)) = lines.first() else {
        return Err(Failure::Unusable(format!("{}: the visit is empty", arguments.inputs.display())));
    };
    let start = visit::instant(line).map_err(|message| wrong(*first, message))?;
    let asked = arguments.at.as_deref().map(DateTime::parse_from_rfc3339).transpose();
    let asked = asked.map_err(|error| Failure::Unusable(format!("--at: {error}")))?;
    let (mut visit, _) = Visit::open(&document, start)?;
    let mut at = start;
    for (number, line) in &lines {
        let now = visit::instant(line).map_err(|message| wrong(*number, message))?;
        if asked.is_some_and(|asked| now > asked) {
            break;
        }
        visit.play(line).map_err(|message| wrong(*number, message))?;
        at = now;
    }
    let at = asked.unwrap_or(at);
    let why = visit.explain(&arguments.campaign, at);
    if arguments.json {
        put(&format!("{}\n", json!(why)), None)?;
        return Ok(0);
    }
    let mut text = format!("{} at {}: {}\n", why.campaign, local(at), why.outcome.name());
    for line in &why.passed {
        text.push_str(&format!("  ok    {}: {}\n", line.stage.name(), line.detail));
    }
    if let Decided::Waiting { stage, reason } | Decided::Stopped { stage, reason } = &why.outcome {
        text.push_str(&format!("  STOP  {}: {}", stage.name(), json!(reason)));
        if let Some(next) = why.next_eligible_at.and_then(|at| DateTime::from_timestamp_millis(at.0)) {
            text.push_str(&format!("      can show again {}", local(next.with_timezone(at.offset()))));
        }
        text.push('\n');
        if *stage == Stage::Triggered
            && let Some(last) = &why.last
        {
            text.push_str(&format!("  last  {}\n", json!(last)));
        }
    }
    put(&text, None)?;
    Ok(0)
}
