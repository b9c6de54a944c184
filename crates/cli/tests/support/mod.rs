//! Runs the command as a person does.

use std::path::Path;
use std::process::{Command, Output};

/// Runs `hearken` in a folder.
pub(crate) fn hearken(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hearken")).current_dir(folder).args(arguments).output().unwrap()
}

/// What it printed.
#[allow(dead_code)]
pub(crate) fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A folder beside this file.
#[allow(dead_code)]
pub(crate) fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// Compares with a file, or writes it with `HEARKEN_WRITE=1`.
#[allow(dead_code)]
pub(crate) fn same_as(path: &Path, text: &str) {
    if std::env::var_os("HEARKEN_WRITE").is_some() {
        std::fs::write(path, text).unwrap();
    }
    let wanted = std::fs::read_to_string(path).unwrap_or_default();
    assert!(wanted == text, "{} differs; run with HEARKEN_WRITE=1 and read the difference:\n{text}", path.display());
}
