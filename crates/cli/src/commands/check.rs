//! `hearken check`: every problem in one run.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Failure, Outcome, put};
use crate::report::{Holds, Problems, Report};
use crate::tree::Node;
use crate::{author, codes, lint, success};

/// Tells everything that is wrong with a playbook, or with a success definition, and what to do about it.
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// The playbook or the success definition, in YAML or JSON.
    #[arg(required_unless_present = "explain")]
    file: Option<PathBuf>,
    /// How to tell it.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Explains a code, such as HK0204; `all` prints the page of all codes.
    #[arg(long, value_name = "CODE", conflicts_with = "file")]
    explain: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

pub(crate) fn run(arguments: &Check) -> Outcome {
    if let Some(code) = &arguments.explain {
        if code == "all" {
            put(&codes::page(), None)?;
            return Ok(0);
        }
        let Some(code) = codes::find(code) else {
            return Err(Failure::Unusable(format!("there is no code {code}; `docs/checks.md` lists all")));
        };
        let text = format!("{} ({}): {}\n\n{}\n", code.code, code.severity.name(), code.title, code.explanation);
        put(&text, None)?;
        return Ok(0);
    }
    let Some(file) = &arguments.file else { return Ok(2) };
    let plain = author::plain(file);
    let is_success = plain.tree.as_ref().is_some_and(success::is_definition);
    let report = if is_success { success::check(file, plain) } else { check(file).1 };
    match arguments.format {
        Format::Text => put(&report.text(), None)?,
        Format::Json => put(&format!("{:#}\n", report.json()), None)?,
    }
    Ok(report.exit())
}

/// Reads, expands and checks a playbook.
pub(crate) fn check(file: &Path) -> (Option<Node>, Report) {
    let name = file.display().to_string();
    let authored = author::load(file);
    let mut problems = Problems(authored.problems);
    let mut holds = Holds::Nothing;
    if let Some(tree) = &authored.tree {
        lint::lint(tree, &mut problems);
        if tree.as_map().is_some() {
            let (run, all) = lint::campaigns_that_run(tree, &mut problems.0);
            holds = Holds::Playbook { run, all };
        }
    }
    let report = Report::new(name, authored.source, problems.0, holds);
    (authored.tree, report)
}
