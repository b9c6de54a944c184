//! `cargo xtask bench`.

use anyhow::{Result, bail};

use crate::repo::Repo;
use crate::{process, setup, web};

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

/// The same in Chromium: beside GrowthBook's JavaScript and raw IndexedDB.
pub(crate) fn web(repo: &Repo) -> Result<()> {
    let chromium = setup::chromium::ensure()?;
    web::package(repo)?;
    let dir = repo.path("bench/web");
    setup::npm::ensure(&dir)?;
    process::run(process::command(&dir, "node").arg("bench.mjs").env("CHROMIUM_PATH", chromium))
}
