//! Cargo tools in exactly the versions that the checks were written for, kept in the tool cache.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::{process, repo};

/// The path of `cargo-deny`, installed once (about two minutes) and then reused.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    cargo_tool("cargo-deny", "0.20.2")
}

/// The path of `twiggy`, installed once (about a minute) and then reused.
pub(crate) fn twiggy() -> Result<PathBuf> {
    cargo_tool("twiggy", "0.8.0")
}

fn cargo_tool(name: &str, version: &str) -> Result<PathBuf> {
    let _lock = repo::lock_cache()?;
    let root = repo::cache()?.join("tools").join(format!("{name}-{version}"));
    let binary = root.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if says_version(&binary, version) {
        return Ok(binary);
    }
    eprintln!("  {name} {version} is not in {}; installing it there once", root.display());
    let install = ["install", "--locked", "--debug", "--quiet", "--version", version, name];
    // Away from the checkout, so that neither its lock file nor its target directory is touched.
    process::run(process::cargo(Path::new("/")).args(install).arg("--root").arg(&root).env_remove("CARGO_TARGET_DIR"))
        .with_context(|| {
            format!("by hand: cargo install --locked --debug --version {version} {name} --root {}", root.display())
        })?;
    Ok(binary)
}

fn says_version(binary: &Path, version: &str) -> bool {
    Command::new(binary).arg("--version").output().is_ok_and(|output| {
        output.status.success()
            && String::from_utf8_lossy(&output.stdout).split_whitespace().any(|word| word == version)
    })
}
