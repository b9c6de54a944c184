//! JSON Schemas of the documents people write: committed, and proven to be what the types say.

use anyhow::{Result, bail};
use tempfile::TempDir;

use crate::files::{self, Tree};
use crate::repo::Repo;
use crate::{native, process};

const DIR: &str = "schema";

/// Writes `schema/`.
pub(crate) fn generate(repo: &Repo) -> Result<()> {
    let (_out, wanted) = produce(repo)?;
    let dir = repo.path(DIR);
    native::say_written(&dir, files::write_tree(&dir, &wanted)?);
    Ok(())
}

/// Fails unless `schema/` is byte for byte what would be generated now.
pub(crate) fn check(repo: &Repo) -> Result<()> {
    let (_out, wanted) = produce(repo)?;
    let differences = files::differences(&files::read_tree(&repo.path(DIR))?, &wanted);
    if !differences.is_empty() {
        bail!("schema/ is not up to date, run `cargo xtask generate --only schema`:\n  {}", differences.join("\n  "));
    }
    Ok(())
}

fn produce(repo: &Repo) -> Result<(TempDir, Tree)> {
    let out = tempfile::tempdir()?;
    let example =
        ["run", "--locked", "--quiet", "-p", "hearken-core", "--features", "schema", "--example", "schema", "--"];
    process::run(process::cargo(repo.root()).args(example).arg(out.path()))?;
    let wanted = files::read_tree(out.path())?;
    if wanted.is_empty() {
        bail!("the schema example wrote no file");
    }
    Ok((out, wanted))
}
