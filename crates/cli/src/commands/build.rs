//! `hearken build`: the canonical playbook that an app loads.

use std::path::PathBuf;

use clap::Args;
use sha2::{Digest as _, Sha256};

use super::check::check;
use super::{Failure, Outcome, put};
use crate::author::embed;
use crate::codes::Severity;

/// Expands a playbook to its canonical form. Refuses one with errors.
#[derive(Args, Debug)]
pub(crate) struct Build {
    /// The playbook, in YAML or JSON.
    file: PathBuf,
    /// Where to write it; the standard output if absent.
    #[arg(short, long)]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Build) -> Outcome {
    let (tree, report) = check(&arguments.file);
    let (Some(tree), 0) = (tree, report.count(Severity::Error)) else {
        eprint!("{}", report.text());
        return Ok(report.exit().max(1));
    };
    let mut playbook = tree.to_value();
    embed::embed(&mut playbook);
    let text = hearken_measure::jcs::to_string(&playbook);
    put(&text, arguments.out.as_deref())?;
    let fingerprint = fingerprint(text.as_bytes());
    match &arguments.out {
        Some(path) => println!("{fingerprint}  {}", path.display()),
        None => eprintln!("fingerprint {fingerprint}"),
    }
    if text.len() > crate::author::MAX_BYTES {
        return Err(Failure::Refused("the canonical playbook is larger than 4 MiB".into()));
    }
    Ok(0)
}

/// SHA-256 of the bytes, in hex: what a device reports as the playbook's hash.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
