//! Python, and the pinned packages of one list in an environment of their own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::process;
use crate::repo::{cache, lock_cache};

const HOW: &str = "install Python 3.11 or newer, with venv";

/// The Python of an environment called `name` that has what the list says.
pub(crate) fn ensure(name: &str, requirements: &Path) -> Result<PathBuf> {
    let wanted = fs::read_to_string(requirements).with_context(|| requirements.display().to_string())?;
    let _lock = lock_cache()?;
    let home = cache()?.join(format!("python-{name}"));
    let python = home.join("bin/python");
    // Written last, so an interrupted install counts as none.
    let done = home.join("installed.txt");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let root = Path::new("/");
    process::run(process::command(root, "python3").args(["-m", "venv", "--clear"]).arg(&home)).context(HOW)?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "-r"];
    process::run(process::command(root, &python).args(install).arg(requirements))?;
    fs::write(done, wanted)?;
    Ok(python)
}
