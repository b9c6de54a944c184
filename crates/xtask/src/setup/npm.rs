//! Node and the locked dependencies of one npm package.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};

use crate::process;

const NEEDED: u32 = 20;
const HOW: &str = "install Node 20 or newer, with npm";

/// Node is new enough, and `node_modules` of the package in `dir` is not older than its lock file.
pub(crate) fn ensure(dir: &Path) -> Result<()> {
    ensure_by(dir, &["ci"])
}

/// The same where the lock names only some platforms' optional packages, as a registry that has no others writes it: `npm
/// ci` takes that for an error, on every machine. The versions are the lock's all the same, and it is not written.
pub(crate) fn ensure_leniently(dir: &Path) -> Result<()> {
    ensure_by(dir, &["install", "--no-save"])
}

fn ensure_by(dir: &Path, how: &[&str]) -> Result<()> {
    node()?;
    let lock = dir.join("package-lock.json");
    let locked = modified(&lock).with_context(|| format!("{} is missing", lock.display()))?;
    // npm writes this file last, so an interrupted install counts as none.
    let installed = modified(&dir.join("node_modules/.package-lock.json"));
    if installed.is_some_and(|installed| installed >= locked) {
        return Ok(());
    }
    process::run(process::command(dir, "npm").args(how).args(["--no-audit", "--no-fund"]))
}

/// Node itself is there and new enough.
pub(crate) fn node() -> Result<()> {
    let version = process::read(process::command(Path::new("/"), "node").arg("--version")).context(HOW)?;
    match major(&version) {
        Some(major) if major >= NEEDED => Ok(()),
        _ => bail!("node is {}; {HOW}", version.trim()),
    }
}

/// `v20.20.2` gives 20.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_major_version() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20"), None);
    }
}
