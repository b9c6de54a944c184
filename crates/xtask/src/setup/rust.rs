//! Targets and components of the pinned Rust toolchain.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::process;

/// The standard library for `target` is installed.
pub(crate) fn ensure_target(root: &Path, target: &str) -> Result<()> {
    ensure(root, &format!("lib/rustlib/{target}/lib"), &["target", "add", target])
}

/// The source of the standard library is installed, which `-Zbuild-std` compiles.
pub(crate) fn ensure_source(root: &Path) -> Result<()> {
    ensure(root, "lib/rustlib/src/rust/library/std/Cargo.toml", &["component", "add", "rust-src"])
}

/// Where the toolchain lives.
pub(crate) fn sysroot(root: &Path) -> Result<PathBuf> {
    Ok(process::read(process::command(root, "rustc").args(["--print", "sysroot"]))?.trim().into())
}

/// The name of the machine that the toolchain runs on.
pub(crate) fn host(root: &Path) -> Result<String> {
    Ok(process::read(process::command(root, "rustc").args(["--print", "host-tuple"]))?.trim().to_owned())
}

fn ensure(root: &Path, file: &str, rustup: &[&str]) -> Result<()> {
    if sysroot(root)?.join(file).exists() {
        return Ok(());
    }
    let by_hand = format!("rustup {}", rustup.join(" "));
    process::run(process::command(root, "rustup").args(rustup)).with_context(|| format!("by hand: {by_hand}"))?;
    if !sysroot(root)?.join(file).exists() {
        bail!("{file} is still missing in the toolchain after `{by_hand}`");
    }
    Ok(())
}
