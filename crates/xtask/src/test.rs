//! `cargo xtask test`.

use std::path::Path;

use anyhow::{Result, bail};

use crate::count::Count;
use crate::repo::Repo;
use crate::report::Report;
use crate::{cdnow, demo, kotlin, process, setup, success, swift, web};

/// What is tested, in this order; the first alone with `--fast`.
type Part = (&'static str, fn(&Repo) -> Result<Count>);

/// What the cases of the property tests are drawn from.
const SEED: &str = "PROPTEST_RNG_SEED";

const PARTS: [Part; 8] = [
    ("rust", rust),
    ("success", success::test),
    ("cdnow", cdnow::test),
    ("web", web::test),
    ("browser", browser),
    ("packaging", packaging),
    ("kotlin", kotlin::test),
    ("swift", swift::test),
];

pub(crate) fn run(repo: &Repo, fast: bool, only: Option<&str>) -> Result<()> {
    let wanted: Vec<Part> = match only {
        Some(only) => PARTS.into_iter().filter(|(name, _)| *name == only).collect(),
        None => PARTS.into_iter().take(if fast { 1 } else { PARTS.len() }).collect(),
    };
    if wanted.is_empty() {
        bail!("there is no such part; there are {}", PARTS.map(|(name, _)| name).join(", "));
    }
    let mut report = Report::new("test");
    for (name, part) in wanted {
        report.tests(name, || part(repo));
    }
    report.finish()
}

/// Unit tests, integration tests and doctests of every crate.
fn rust(repo: &Repo) -> Result<Count> {
    let mut count = Count::default();
    let mut cargo = process::cargo(repo.root());
    cargo.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    if std::env::var_os(SEED).is_none() {
        // The same cases in every run: what fails is the change, and not the dice.
        cargo.env(SEED, "1");
    }
    process::watch(&mut cargo, |line| count.see_cargo(line))?;
    Ok(count)
}

/// The example shop and the elements in real browsers: most in Chromium, what matters most in three engines.
fn browser(repo: &Repo) -> Result<Count> {
    let chromium = setup::chromium::ensure()?;
    setup::engines::ensure()?;
    demo::build(repo)?;
    let dir = repo.path("tests/e2e");
    setup::npm::ensure(&dir)?;
    in_chromium(&dir, &chromium)
}

/// The npm package as it is published, in bundlers, compilers and servers.
fn packaging(repo: &Repo) -> Result<Count> {
    let chromium = setup::chromium::ensure()?;
    web::package(repo)?;
    let dir = repo.path("tests/packaging");
    setup::npm::ensure_leniently(&dir)?;
    in_chromium(&dir, &chromium)
}

fn in_chromium(dir: &Path, chromium: &Path) -> Result<Count> {
    let mut count = Count::default();
    let mut npm = process::command(dir, "npm");
    process::watch(npm.arg("test").env("CHROMIUM_PATH", chromium), |line| count.see_node(line))?;
    Ok(count)
}
