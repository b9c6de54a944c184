//! Python, and the pinned packages of some lists in an environment of their own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::apt;
use crate::process;
use crate::repo::{cache, lock_cache};

const HOW: &str = "install Python 3.11 or newer, with venv (Debian: `apt-get install python3-venv`)";

/// The Python of an environment called `name` that has what the lists say.
pub(crate) fn ensure(name: &str, lists: &[PathBuf]) -> Result<PathBuf> {
    let mut wanted = String::new();
    for list in lists {
        wanted.push_str(&fs::read_to_string(list).with_context(|| list.display().to_string())?);
    }
    let _lock = lock_cache()?;
    let home = cache()?.join(format!("python-{name}"));
    let python = home.join("bin/python");
    // Written last, so an interrupted install counts as none.
    let done = home.join("installed.txt");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let root = Path::new("/");
    let new_enough = "import ensurepip, sys; assert sys.version_info >= (3, 11)";
    if process::read(process::command(root, "python3").args(["-c", new_enough])).is_err() {
        apt::ensure(&["python3", "python3-venv"]).context(HOW)?;
    }
    process::run(process::command(root, "python3").args(["-m", "venv", "--clear"]).arg(&home)).context(HOW)?;
    let mut pip = process::command(root, &python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    for list in lists {
        pip.arg("-r").arg(list);
    }
    process::run(&mut pip)?;
    fs::write(done, wanted)?;
    Ok(python)
}
