//! `cargo xtask bench`.

use anyhow::{Result, bail};

use crate::repo::Repo;
use crate::{process, setup, web};

/// The benchmarks are a workspace of their own, because the peers beside which they measure are heavy.
///
/// `large` adds what takes minutes: ten million events.
pub(crate) fn run(repo: &Repo, large: bool, arguments: &[String]) -> Result<()> {
    let manifest = repo.path("bench/Cargo.toml");
    if !manifest.is_file() {
        bail!("there are no benchmarks yet: {} does not exist", manifest.display());
    }
    // DuckDB, beside which `measure` stands, is the one of the tests.
    let python = setup::python::ensure("success", &[repo.path("tests/success/requirements.txt")])?;
    let mut bench = process::cargo(repo.root());
    bench.args(["bench", "--locked", "--manifest-path"]).arg(manifest).args(arguments).env("HEARKEN_PYTHON", python);
    if large {
        bench.env("HEARKEN_BENCH_LARGE", "1");
    }
    process::run(&mut bench)
}

/// The same in Chromium, beside GrowthBook's JavaScript and raw IndexedDB; and what pages fetch of peers.
pub(crate) fn web(repo: &Repo) -> Result<()> {
    let chromium = setup::chromium::ensure()?;
    web::package(repo)?;
    for (folder, script) in [("bench/web", "bench.mjs"), ("bench/bundles", "bundles.mjs")] {
        let dir = repo.path(folder);
        setup::npm::ensure(&dir)?;
        process::run(process::command(&dir, "node").arg(script).env("CHROMIUM_PATH", &chromium))?;
    }
    Ok(())
}
