//! `cargo xtask conformance`: the published test suites of other projects, run through the core.

mod blns;
mod golden_liquid;
mod growthbook;
mod report;

use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// A runner: reads a suite and fails if the core does not conform. `true`: each case is told.
type Runner = fn(&Path, bool) -> Result<()>;

/// The suites that a runner exists for.
const SUITES: &[(&str, Runner)] = &[
    ("blns", |path, verbose| blns::run(path)?.conclude(verbose)),
    ("golden-liquid", |path, verbose| golden_liquid::run(path)?.conclude(verbose)),
    ("growthbook", |path, _| growthbook::run(path)),
];

pub(crate) fn run(suite: &str, path: &Path, verbose: bool) -> Result<()> {
    if !path.exists() {
        bail!("{} does not exist", path.display());
    }
    match SUITES.iter().find(|(name, _)| *name == suite) {
        Some((_, runner)) => runner(path, verbose).with_context(|| format!("the suite `{suite}`")),
        None => {
            let known: Vec<&str> = SUITES.iter().map(|(name, _)| *name).collect();
            bail!("there is no runner for the suite `{suite}`; implemented: {}", known.join(", "))
        }
    }
}
