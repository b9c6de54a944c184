//! `hearken types`: the tracking plan as types of a host language.

use std::path::PathBuf;

use clap::Args;

use super::check::check;
use super::{Failure, Outcome, put};
use crate::codes::Severity;
use crate::types::{Language, generate};

/// Writes the types of a tracking plan.
#[derive(Args, Debug)]
pub(crate) struct Types {
    /// The playbook, in YAML or JSON.
    file: PathBuf,
    /// The language.
    #[arg(short, long, value_enum)]
    language: Language,
    /// Where to write it; the standard output if absent.
    #[arg(short, long)]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Types) -> Outcome {
    let (tree, report) = check(&arguments.file);
    let Some(tree) = tree.filter(|tree| tree.as_map().is_some()) else {
        eprint!("{}", report.text());
        return Ok(2);
    };
    // What is wrong elsewhere does not keep an app from being compiled; a broken plan does.
    let broken = report
        .problems
        .iter()
        .find(|one| one.severity() == Severity::Error && one.path.to_string().starts_with("plan"));
    if let Some(problem) = broken {
        return Err(Failure::Refused(format!("{} ({}); run `hearken check`", problem.message, problem.code)));
    }
    put(&generate(&tree.to_value(), arguments.language), arguments.out.as_deref())?;
    Ok(0)
}
