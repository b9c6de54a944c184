//! The native library behind Kotlin and Swift, and the generator that reads it.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::process;
use crate::repo::Repo;

/// The file name of the library on this machine.
pub(crate) fn library_name() -> String {
    format!("{DLL_PREFIX}hearken_ffi{DLL_SUFFIX}")
}

/// The folder in which the debug library lies after [`build`].
pub(crate) fn library_dir(repo: &Repo) -> PathBuf {
    repo.target().join("debug")
}

/// Builds the debug library.
pub(crate) fn build(repo: &Repo) -> Result<()> {
    process::run(process::cargo(repo.root()).args(["build", "--locked", "--quiet", "-p", "hearken-ffi"]))
}

/// Builds the release library and returns a stripped copy of it.
pub(crate) fn release(repo: &Repo) -> Result<PathBuf> {
    process::run(process::cargo(repo.root()).args(["build", "--locked", "--release", "-p", "hearken-ffi"]))?;
    let built = repo.target().join("release").join(library_name());
    let stripped = repo.target().join("size").join(library_name());
    fs::create_dir_all(repo.target().join("size"))?;
    let keep_exports = if cfg!(target_os = "macos") { "-x" } else { "--strip-unneeded" };
    process::run(process::command(repo.root(), "strip").args([keep_exports, "-o"]).arg(&stripped).arg(&built))
        .context("`strip` is part of binutils (Debian: `apt-get install -y binutils`)")?;
    Ok(stripped)
}

/// Generates the bindings of one language from the library itself.
pub(crate) fn bindings(repo: &Repo, language: &str) -> Result<TempDir> {
    // The generator first: it builds the library with its own feature, and the plain one has to lie there afterwards.
    let generator =
        ["build", "--locked", "--quiet", "-p", "hearken-ffi", "--features", "bindgen", "--bin", "uniffi-bindgen"];
    process::run(process::cargo(repo.root()).args(generator))?;
    build(repo)?;
    let out = tempfile::tempdir()?;
    let dir = library_dir(repo);
    process::run(
        // In the workspace, because it asks cargo for the crates' uniffi.toml.
        process::command(repo.root(), dir.join(format!("uniffi-bindgen{EXE_SUFFIX}")))
            .arg("generate")
            .arg(dir.join(library_name()))
            .args(["--language", language, "--no-format", "--out-dir"])
            .arg(out.path()),
    )?;
    Ok(out)
}

/// Says how many files of a generated folder changed.
pub(crate) fn say_written(dir: &Path, changed: usize) {
    match changed {
        0 => eprintln!("  {}: up to date", dir.display()),
        _ => eprintln!("  {}: {changed} files written", dir.display()),
    }
}
