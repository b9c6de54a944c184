//! What became of each case of a suite.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

/// What became of each case.
#[derive(Default)]
pub(super) struct Report {
    pub(super) passed: Vec<String>,
    /// The case, and why it is left out.
    pub(super) skipped: Vec<(String, String)>,
    /// The case, and what was seen.
    pub(super) failed: Vec<(String, String)>,
}

impl Report {
    /// Prints it, and fails where a case failed, or none was run.
    pub(super) fn conclude(&self, verbose: bool) -> Result<()> {
        self.print(verbose);
        if !self.failed.is_empty() {
            bail!("{} cases failed", self.failed.len());
        }
        if self.passed.is_empty() {
            bail!("no case was run");
        }
        Ok(())
    }

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
