//! Firefox and WebKit, for what is tested in three engines.

use std::path::Path;

use anyhow::{Result, bail};

use super::apt;

const NEEDED: [(&str, &str); 3] = [
    ("/usr/bin/firefox-esr", "firefox-esr"),
    ("/usr/bin/WebKitWebDriver", "webkit2gtk-driver"),
    ("/usr/bin/Xvfb", "xvfb"),
];

pub(crate) fn ensure() -> Result<()> {
    for (path, package) in NEEDED {
        if !Path::new(path).is_file() {
            apt::ensure(&[package])?;
        }
        if !Path::new(path).is_file() {
            bail!("there is no {path}: the tests in three engines run on Debian, with its package {package}");
        }
    }
    Ok(())
}
