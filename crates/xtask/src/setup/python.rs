//! A Python environment of the project's own, with the locked packages of one list.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest, Sha256};

use super::apt;
use crate::process;

const HOW: &str = "install Python 3.11 or newer with its venv module (Debian: `apt-get install python3-venv`)";

/// The interpreter of an environment under `target/python` that has these packages; made where it is not there yet.
pub(crate) fn ensure(target: &Path, requirements: &[PathBuf]) -> Result<PathBuf> {
    let mut lists = String::new();
    for path in requirements {
        lists.push_str(&std::fs::read_to_string(path).with_context(|| format!("{} is missing", path.display()))?);
    }
    let name: String = Sha256::digest(lists.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let folder = target.join("python").join(name);
    let (python, done) = (folder.join("bin/python"), folder.join("installed"));
    if done.is_file() {
        return Ok(python);
    }
    if process::read(
        process::command(Path::new("/"), "python3")
            .args(["-c", "import ensurepip, sys; assert sys.version_info >= (3, 11)"]),
    )
    .is_err()
    {
        apt::ensure(&["python3", "python3-venv"]).context(HOW)?;
    }
    process::run(process::command(Path::new("/"), "python3").args(["-m", "venv"]).arg(&folder)).context(HOW)?;
    let mut pip = process::command(Path::new("/"), &python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    for path in requirements {
        pip.arg("-r").arg(path);
    }
    process::run(&mut pip)?;
    // Written last, so that an interrupted install counts as none.
    std::fs::write(&done, &lists)?;
    if !python.is_file() {
        bail!("{} was not made; {HOW}", python.display());
    }
    Ok(python)
}
