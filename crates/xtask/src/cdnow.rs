//! The walk-through of docs/cdnow.md: `hearken measure` and DuckDB on a public file of orders.

use anyhow::Result;

use crate::count::Count;
use crate::repo::{Repo, cache};
use crate::{process, setup};

pub(crate) fn test(repo: &Repo) -> Result<Count> {
    let dir = repo.path("examples/cdnow");
    let python = setup::python::ensure("cdnow", &[dir.join("requirements.txt")])?;
    process::run(process::cargo(repo.root()).args(["build", "--locked", "-p", "hearken-cli"]))?;
    let hearken = repo.target().join("debug/hearken");
    let mut count = Count::default();
    let mut check = process::command(&dir, python);
    check.arg("check.py").arg("--hearken").arg(hearken).arg("--data").arg(cache()?.join("cdnow"));
    process::watch(&mut check, |line| count.see_metrics(line))?;
    Ok(count)
}
