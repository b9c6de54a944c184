//! The wasm module by the size recipe, its glue, and the npm package around both.
//!
//! There is one build of the module: the tests, the demo and the size report all use what is shipped.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::count::Count;
use crate::files::Tree;
use crate::repo::Repo;
use crate::setup::{npm, rust};
use crate::{files, native, process};

/// The folder of the npm package.
pub(crate) const PACKAGE: &str = "bindings/web";
/// The module among the files that wasm-bindgen writes.
const MODULE: &str = "hearken_wasm_bg.wasm";

const TARGET: &str = "wasm32-unknown-unknown";

/// A panic is one trap without a text or a place; SHA-256 in a loop instead of unrolled (7 KB less, and an id a
/// microsecond later).
const FLAGS: &str = concat!(
    "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none ",
    "--cfg sha2_backend=\"soft\" --cfg sha2_backend_soft=\"compact\"",
);

/// What every browser that we support can load. Named one by one: `--all-features` emits what none of them does.
const FEATURES: [&str; 8] = [
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Everything: the module, its glue, and the built npm package. Returns the package's folder.
pub(crate) fn package(repo: &Repo) -> Result<PathBuf> {
    generate(repo)?;
    let dir = repo.path(PACKAGE);
    process::run(process::command(&dir, "npm").args(["run", "build"]))?;
    Ok(dir)
}

/// Writes `generated/`: the optimised module, its glue and the glue's types.
pub(crate) fn generate(repo: &Repo) -> Result<()> {
    let dir = repo.path(PACKAGE);
    npm::ensure(&dir)?;
    let module = compile(repo)?;
    let out = tempfile::tempdir()?;
    Bindgen::new()
        .input_path(&module)
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out.path())
        .context("wasm-bindgen")?;
    optimise(repo, &out.path().join(MODULE))?;
    let wanted: Tree = files::read_tree(out.path())?
        .into_iter()
        // The raw module's types describe imports that nobody calls by hand.
        .filter(|(path, _)| path.as_os_str() != "hearken_wasm_bg.wasm.d.ts")
        .collect();
    let generated = dir.join("generated");
    native::say_written(&generated, files::write_tree(&generated, &wanted)?);
    Ok(())
}

/// Unit tests of the npm package, against the module that is shipped.
pub(crate) fn test(repo: &Repo) -> Result<Count> {
    let dir = package(repo)?;
    let mut count = Count::default();
    process::watch(process::command(&dir, "npm").arg("test"), |line| count.see_node(line))?;
    Ok(count)
}

/// Builds the module, with names and unoptimised, and returns its path.
///
/// Rebuilds the standard library for size, with a panic that is one trap instead of a message. `RUSTC_BOOTSTRAP` lets the
/// pinned stable compiler do so; it is set for this one build.
pub(crate) fn compile(repo: &Repo) -> Result<PathBuf> {
    rust::ensure_target(repo.root(), TARGET)?;
    rust::ensure_source(repo.root())?;
    let target = repo.target().join("package-web");
    process::run(
        process::cargo(repo.root())
            .args(["build", "--locked", "-p", "hearken-wasm", "--profile", "web", "--target", TARGET])
            .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size", "--target-dir"])
            .arg(&target)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", FLAGS),
    )?;
    Ok(target.join(TARGET).join("web/hearken_wasm.wasm"))
}

fn optimise(repo: &Repo, module: &Path) -> Result<()> {
    let tool = repo.path(PACKAGE).join("node_modules/.bin/wasm-opt");
    let smaller = module.with_extension("opt");
    process::run(
        process::command(repo.root(), &tool)
            // Nothing of ours lies in the first kilobyte: that is the far end of the stack.
            .args(["-Os", "--low-memory-unused", "--strip-target-features"])
            .args(FEATURES)
            .arg(module)
            .arg("-o")
            .arg(&smaller),
    )
    .context("wasm-opt comes with `binaryen`, a devDependency of bindings/web")?;
    fs::rename(&smaller, module).context("replacing the module by the optimised one")
}
