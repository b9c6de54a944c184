//! `cargo xtask conformance`: the published test suites of other projects, run through the core.

mod growthbook;

use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// A runner: reads a suite and fails if the core does not conform.
type Runner = fn(&Path) -> Result<()>;

/// The suites that a runner exists for.
const SUITES: [(&str, Runner); 1] = [("growthbook", growthbook::run)];

pub(crate) fn run(suite: &str, path: &Path) -> Result<()> {
    if !path.exists() {
        bail!("{} does not exist", path.display());
    }
    match SUITES.iter().find(|(name, _)| *name == suite) {
        Some((_, runner)) => runner(path).with_context(|| format!("the suite `{suite}`")),
        None => {
            let known = SUITES.map(|(name, _)| name).join(", ");
            bail!("there is no runner for the suite `{suite}`; implemented: {known}")
        }
    }
}
