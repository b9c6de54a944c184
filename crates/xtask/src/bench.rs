//! `cargo xtask bench`.

use anyhow::{Result, bail};

use crate::process;
use crate::repo::Repo;

/// The benchmarks are a workspace of their own, because the peers beside which they measure are heavy.
pub(crate) fn run(repo: &Repo, arguments: &[String]) -> Result<()> {
    let manifest = repo.path("bench/Cargo.toml");
    if !manifest.is_file() {
        bail!("there are no benchmarks yet: {} does not exist", manifest.display());
    }
    process::run(
        process::cargo(repo.root()).args(["bench", "--locked", "--manifest-path"]).arg(manifest).args(arguments),
    )
}
