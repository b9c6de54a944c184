//! Debian packages: installed as root, named otherwise.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context as _, Result, bail};

use crate::process;

/// Makes sure that every one of `packages` is installed.
pub(crate) fn ensure(packages: &[&str]) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    let by_hand = format!("apt-get update && apt-get install -y --no-install-recommends {names}");
    if !Path::new("/etc/debian_version").exists() {
        bail!("missing: {names}. Install what your system calls these Debian packages (Debian: `{by_hand}`)");
    }
    if !is_root()? {
        bail!("missing Debian packages. Run as root: {by_hand}");
    }
    eprintln!("  installing missing Debian packages: {names}");
    update_once().with_context(|| format!("installing {names}; by hand: {by_hand}"))?;
    process::run(apt_get().args(["install", "-y", "--no-install-recommends"]).args(&missing))
        .with_context(|| format!("installing {names}; by hand: {by_hand}"))
}

/// Whether this process may install packages and mount file systems.
pub(crate) fn is_root() -> Result<bool> {
    Ok(process::read(process::command(Path::new("/"), "id").arg("-u"))?.trim() == "0")
}

fn installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f=${db:Status-Status}", package])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|output| output.stdout == b"installed")
}

fn update_once() -> Result<()> {
    static DONE: OnceLock<()> = OnceLock::new();
    if DONE.get().is_none() {
        process::run(apt_get().arg("update"))?;
        let _ = DONE.set(());
    }
    Ok(())
}

fn apt_get() -> Command {
    let mut command = process::command(Path::new("/"), "apt-get");
    command.arg("-q").env("DEBIAN_FRONTEND", "noninteractive");
    command
}
