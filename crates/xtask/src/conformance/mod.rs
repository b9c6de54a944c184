//! `cargo xtask conformance`: the published test suites of other projects.

use std::path::Path;

use anyhow::{Result, bail};

/// The suites that a runner exists for.
const SUITES: [&str; 0] = [];

pub(crate) fn run(suite: &str, path: &Path) -> Result<()> {
    if !path.exists() {
        bail!("{} does not exist", path.display());
    }
    let known = if SUITES.is_empty() { "none yet".to_owned() } else { SUITES.join(", ") };
    bail!("there is no runner for the suite `{suite}`; implemented: {known}")
}
