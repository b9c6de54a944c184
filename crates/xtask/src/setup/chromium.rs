//! A Chromium for the browser tests and the headless demo.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::apt;

/// The browser's path: `CHROMIUM_PATH`, or the system's own, installed if need be.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM_PATH").map(PathBuf::from) {
        if !path.is_file() {
            bail!("CHROMIUM_PATH is {}, where there is no file", path.display());
        }
        return Ok(path);
    }
    let path = PathBuf::from("/usr/bin/chromium");
    if !path.is_file() {
        apt::ensure(&["chromium"])?;
    }
    if !path.is_file() {
        bail!("there is no {}; install Chromium and set CHROMIUM_PATH to it", path.display());
    }
    Ok(path)
}
