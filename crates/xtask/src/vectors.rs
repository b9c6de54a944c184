//! `cargo xtask vectors`: the contract, run against the engine itself.

use anyhow::Result;

use crate::process;
use crate::repo::Repo;

/// The test names every variant without a vector, and with `coverage` the vectors of each.
pub(crate) fn run(repo: &Repo, coverage: bool) -> Result<()> {
    let mut command = process::cargo(repo.root());
    command.args([
        "test",
        "--locked",
        "--quiet",
        "-p",
        "hearken-core",
        "--test",
        "it",
        "vectors::",
        "--",
        "--nocapture",
    ]);
    if coverage {
        command.env("HEARKEN_COVERAGE", "1");
    }
    process::run(&mut command)
}
