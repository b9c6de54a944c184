//! `cargo xtask conformance`: the published test suites of other projects.

mod golden_liquid;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, bail};

type Runner = fn(&Path) -> Result<Report>;

/// The suites that a runner exists for.
const SUITES: &[(&str, Runner)] = &[
    ("golden-liquid", golden_liquid::run), //
];

/// What became of each case.
#[derive(Default)]
struct Report {
    passed: Vec<String>,
    /// The case, and why it is left out.
    skipped: Vec<(String, String)>,
    /// The case, and what was seen.
    failed: Vec<(String, String)>,
}

pub(crate) fn run(suite: &str, path: &Path, verbose: bool) -> Result<()> {
    if !path.exists() {
        bail!("{} does not exist", path.display());
    }
    let Some((_, runner)) = SUITES.iter().find(|(name, _)| *name == suite) else {
        let known: Vec<&str> = SUITES.iter().map(|(name, _)| *name).collect();
        bail!("there is no runner for the suite `{suite}`; implemented: {}", known.join(", "));
    };
    let report = runner(path)?;
    report.print(verbose);
    if !report.failed.is_empty() {
        bail!("{} cases of {suite} failed", report.failed.len());
    }
    if report.passed.is_empty() {
        bail!("no case of {suite} was run");
    }
    Ok(())
}

impl Report {
    fn print(&self, verbose: bool) {
        for (case, seen) in &self.failed {
            println!("FAILED   {case}\n         {seen}");
        }
        if verbose {
            self.passed.iter().for_each(|case| println!("passed   {case}"));
            self.skipped.iter().for_each(|(case, reason)| println!("skipped  {case}: {reason}"));
        }
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, reason) in &self.skipped {
            *reasons.entry(reason).or_default() += 1;
        }
        println!("passed {}, skipped {}, failed {}", self.passed.len(), self.skipped.len(), self.failed.len());
        for (reason, count) in reasons {
            println!("  skipped {count:4}: {reason}");
        }
    }
}
