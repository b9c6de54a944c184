//! Kotlin: generated sources and the Maven build.

use anyhow::Result;

use crate::count::Count;
use crate::repo::Repo;
use crate::{files, native, process, setup};

/// Writes the generated Kotlin into the Maven module of its own.
pub(crate) fn generate(repo: &Repo) -> Result<()> {
    let out = native::bindings(repo, "kotlin")?;
    let dir = repo.path("bindings/kotlin/hearken-generated/src/main/kotlin");
    native::say_written(&dir, files::write_tree(&dir, &files::read_tree(out.path())?)?);
    Ok(())
}

/// Builds and tests all Maven modules against the debug library.
pub(crate) fn test(repo: &Repo) -> Result<Count> {
    setup::jvm::ensure()?;
    generate(repo)?;
    let library = format!("-Dhearken.lib.dir={}", native::library_dir(repo).display());
    let mut count = Count::default();
    let mut maven = process::command(&repo.path("bindings/kotlin"), "mvn");
    process::watch(maven.args(["-B", "-ntp", "verify", &library]), |line| count.see_maven(line))?;
    Ok(count)
}
