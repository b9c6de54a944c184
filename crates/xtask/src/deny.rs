//! Licences, duplicate and banned crates, and where crates come from.

use anyhow::Result;

use crate::repo::Repo;
use crate::{process, setup};

/// Runs cargo-deny with `deny.toml`. Advisories are left out: their database needs a network that a build has not.
pub(crate) fn check(repo: &Repo) -> Result<()> {
    let tool = setup::tools::cargo_deny()?;
    process::run(process::command(repo.root(), tool).args([
        "--locked",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ]))
}
