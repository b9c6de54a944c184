//! `cargo xtask test`.

use std::path::Path;

use anyhow::Result;

use crate::count::Count;
use crate::repo::Repo;
use crate::report::Report;
use crate::{cdnow, demo, kotlin, process, setup, success, swift, web};

pub(crate) fn run(repo: &Repo, fast: bool) -> Result<()> {
    let mut report = Report::new("test");
    report.tests("rust", || rust(repo));
    if !fast {
        report.tests("success", || success::test(repo));
        report.tests("cdnow", || cdnow::test(repo));
        report.tests("web", || web::test(repo));
        report.tests("browser", || browser(repo));
        report.tests("packaging", || packaging(repo));
        report.tests("kotlin", || kotlin::test(repo));
        report.tests("swift", || swift::test(repo));
    }
    report.finish()
}

/// Unit tests, integration tests and doctests of every crate.
fn rust(repo: &Repo) -> Result<Count> {
    let mut count = Count::default();
    let mut cargo = process::cargo(repo.root());
    process::watch(cargo.args(["test", "--workspace", "--locked", "--no-fail-fast"]), |line| count.see_cargo(line))?;
    Ok(count)
}

/// The example shop and the elements in real browsers: most in Chromium, what matters most in three engines.
fn browser(repo: &Repo) -> Result<Count> {
    let chromium = setup::chromium::ensure()?;
    setup::engines::ensure()?;
    demo::build(repo)?;
    in_chromium(repo, "tests/e2e", &chromium)
}

/// The npm package as it is published, in bundlers, compilers and servers.
fn packaging(repo: &Repo) -> Result<Count> {
    let chromium = setup::chromium::ensure()?;
    web::package(repo)?;
    in_chromium(repo, "tests/packaging", &chromium)
}

fn in_chromium(repo: &Repo, dir: &str, chromium: &Path) -> Result<Count> {
    let dir = repo.path(dir);
    setup::npm::ensure(&dir)?;
    let mut count = Count::default();
    let mut npm = process::command(&dir, "npm");
    process::watch(npm.arg("test").env("CHROMIUM_PATH", chromium), |line| count.see_node(line))?;
    Ok(count)
}
