//! `cargo xtask size`: what a device downloads, against the budgets and the ceilings. 1 KB is 1,000 bytes; compressed is `gzip -9`.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::bundle::{self, Part};
use crate::repo::Repo;
use crate::{android, files, native, process, web};

/// Bytes of gzip: the module and its glue; every script around it; both, which is what a page fetches up to the first
/// message.
struct Limits {
    engine: u64,
    scripts: u64,
    together: u64,
}

/// What a page should fetch at most. The engine does not meet it: docs/decisions/0004 says why, and what would.
const BUDGET: Limits = Limits { engine: 90_000, scripts: 35_000, together: 125_000 };
/// What it may not exceed meanwhile. Each part's is only lowered, but once for a whole rule book (docs/decisions/0004);
/// together is what the parts come to.
const CEILING: Limits = Limits { engine: 256_000, scripts: 28_000, together: 281_000 };
const GOAL: u64 = 81_000;

pub(crate) fn run(repo: &Repo, without_android: bool) -> Result<()> {
    let package = web::package(repo)?;
    let mut rows = Vec::new();
    for path in modules(&package.join("dist"))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        rows.push(Row::file(&format!("engine: {name}"), &path, Some(Part::Engine))?);
    }
    let bundled = tempfile::tempdir()?;
    for (part, path) in bundle::bundle(&package, bundled.path())? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        rows.push(Row::file(&format!("{}: {name}", part.name()), &path, Some(part))?);
    }
    // The glue is part of the engine. It stands inside of the client's bundle, so it is counted as it was generated: an
    // upper bound, and counted twice rather than not at all.
    let glue = Row::file("glue, unminified", &package.join("generated/hearken_wasm.js"), None)?;
    let module = total(&rows, |part| part == Some(Part::Engine));
    let engine = Sizes { raw: module.raw + glue.sizes.raw, gzip: module.gzip + glue.sizes.gzip };
    let scripts = total(&rows, |part| matches!(part, Some(Part::Client | Part::Elements)));
    let together = total(&rows, |_| true);
    let mut native = vec![Row::file("native: release library, this machine", &native::release(repo)?, None)?];
    if !without_android {
        native.push(Row::file("native: the same, Android arm64 (no unwinder)", &android::link(repo)?, None)?);
    }

    println!("{}", table(&rows, &native, engine, scripts, together));
    let measured = Limits { engine: engine.gzip, scripts: scripts.gzip, together: together.gzip };
    for line in measured.beyond(&BUDGET) {
        println!("OVER THE BUDGET (docs/decisions/0004): {line}");
    }
    let breaches = measured.beyond(&CEILING);
    if !breaches.is_empty() {
        bail!("over the ceiling: {}", breaches.join("; "));
    }
    Ok(())
}

impl Limits {
    /// What exceeds others, and by how much.
    fn beyond(&self, limits: &Self) -> Vec<String> {
        [
            ("engine", self.engine, limits.engine),
            ("scripts", self.scripts, limits.scripts),
            ("together", self.together, limits.together),
        ]
        .into_iter()
        .filter(|(_, bytes, limit)| bytes > limit)
        .map(|(what, bytes, limit)| format!("{what} is {} KB over its {} KB", kb(bytes - limit), limit / 1000))
        .collect()
    }
}

/// The wasm modules of the built package. There is at least one.
fn modules(dist: &Path) -> Result<Vec<PathBuf>> {
    let found: Vec<PathBuf> = files::read_tree(dist)?
        .into_keys()
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .map(|path| dist.join(path))
        .collect();
    if found.is_empty() {
        bail!("{} holds no wasm module", dist.display());
    }
    Ok(found)
}

#[derive(Clone, Copy, Default)]
struct Sizes {
    raw: u64,
    gzip: u64,
}

struct Row {
    name: String,
    /// None for what is not on the web.
    part: Option<Part>,
    sizes: Sizes,
}

impl Row {
    fn file(name: &str, path: &Path, part: Option<Part>) -> Result<Self> {
        let raw = fs::metadata(path).with_context(|| format!("reading {}", path.display()))?.len();
        let sizes = Sizes { raw, gzip: gzip(path)? };
        Ok(Self { name: name.to_owned(), part, sizes })
    }
}

fn total(rows: &[Row], wanted: impl Fn(Option<Part>) -> bool) -> Sizes {
    rows.iter()
        .filter(|row| wanted(row.part))
        .fold(Sizes::default(), |sum, row| Sizes { raw: sum.raw + row.sizes.raw, gzip: sum.gzip + row.sizes.gzip })
}

fn table(rows: &[Row], native: &[Row], engine: Sizes, scripts: Sizes, together: Sizes) -> String {
    let mut text = format!("\n{:<44} {:>9} {:>9} {:>9}   KB = 1,000 bytes\n", "size", "raw", "gzip -9", "budget");
    let mut line = |name: &str, sizes: Sizes, budget: Option<u64>| {
        let budget = budget.map_or_else(String::new, kb);
        let _ = writeln!(
            text,
            "{}",
            format!("{name:<44} {:>9} {:>9} {budget:>9}", kb(sizes.raw), kb(sizes.gzip)).trim_end()
        );
    };
    for row in rows {
        line(&row.name, row.sizes, None);
    }
    line("engine (the module and its glue)", engine, Some(BUDGET.engine));
    line("scripts (client, shell, glue, elements)", scripts, Some(BUDGET.scripts));
    line("together, up to the first message", together, Some(BUDGET.together));
    for row in native {
        line(&row.name, row.sizes, None);
    }
    let (far, from) = (together.gzip.abs_diff(GOAL), if together.gzip > GOAL { "above" } else { "below" });
    let _ = write!(text, "{} KB {from} the goal of {} KB", kb(far), GOAL / 1000);
    text
}

/// 12,345 bytes are `12.3`.
fn kb(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1000.0)
}

fn gzip(path: &Path) -> Result<u64> {
    let file = File::open(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(process::read_bytes(process::command(Path::new("/"), "gzip").arg("-9c").stdin(file))?.len() as u64)
}
