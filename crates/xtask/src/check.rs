//! `cargo xtask check`.

use anyhow::Result;

use crate::repo::Repo;
use crate::report::Report;
use crate::setup::rust;
use crate::{deny, layering, process, purity, schema};

const WASM: &str = "wasm32-unknown-unknown";

pub(crate) fn run(repo: &Repo) -> Result<()> {
    let mut report = Report::new("check");
    report.part("format", || cargo(repo, &["fmt", "--all", "--check"]));
    report.part("layering", || layering::check(repo));
    report.part("purity of the core", || purity::check(repo));
    report.part("lints", || {
        cargo(
            repo,
            &["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--quiet", "--", "-Dwarnings"],
        )
    });
    report.part("lints for wasm", || {
        rust::ensure_target(repo.root(), WASM)?;
        let crates = ["-p", "hearken-core", "-p", "hearken-wasm"];
        cargo(
            repo,
            &[&["clippy", "--target", WASM, "--locked", "--quiet"], &crates[..], &["--", "-Dwarnings"]].concat(),
        )
    });
    report.part("docs", || docs(repo));
    report.part("schemas", || schema::check(repo));
    report.part("licences", || deny::check(repo));
    report.finish()
}

fn cargo(repo: &Repo, arguments: &[&str]) -> Result<()> {
    process::run(process::cargo(repo.root()).args(arguments))
}

/// The public documentation, as docs.rs builds it: a broken link or a missing comment is an error.
fn docs(repo: &Repo) -> Result<()> {
    let arguments = ["doc", "--workspace", "--exclude", "xtask", "--no-deps", "--locked", "--quiet"];
    process::run(process::cargo(repo.root()).args(arguments).env("RUSTDOCFLAGS", "-Dwarnings"))
}
