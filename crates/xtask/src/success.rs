//! The success definition against its oracle: `hearken measure`, SQL on five engines, and devices (docs/success.md 5).

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::count::Count;
use crate::repo::Repo;
use crate::{process, setup};

/// What `cargo xtask test` runs.
pub(crate) fn test(repo: &Repo) -> Result<Count> {
    let tools = Tools::ensure(repo, false)?;
    let mut count = Count::default();
    tools.python("run.py", &["--hearken"], Some(&tools.hearken), &mut count)?;
    tools.python("mutate.py", &["--self-test"], None, &mut count)?;
    let driver = tools.driver(repo)?;
    let devices = ["--driver", &driver.display().to_string(), "--hearken"].map(str::to_owned);
    tools.python("device.py", &devices.each_ref().map(String::as_str), Some(&tools.hearken), &mut count)?;
    Ok(count)
}

/// `cargo xtask success`: all engines, and the mutants of the SQL.
pub(crate) fn run(repo: &Repo, mutants: bool) -> Result<()> {
    let tools = Tools::ensure(repo, true)?;
    let mut count = Count::default();
    if mutants {
        return tools.python("mutate.py", &["--hearken"], Some(&tools.hearken), &mut count);
    }
    tools.python("run.py", &["--engines", "all", "--hearken"], Some(&tools.hearken), &mut count)
}

struct Tools {
    scripts: PathBuf,
    python: PathBuf,
    hearken: PathBuf,
}

impl Tools {
    fn ensure(repo: &Repo, spark: bool) -> Result<Self> {
        let scripts = repo.path("tests/success");
        let mut lists = vec![scripts.join("requirements.txt")];
        if spark {
            setup::jvm::ensure()?;
            lists.push(scripts.join("requirements-spark.txt"));
        }
        let python = setup::python::ensure(if spark { "success-spark" } else { "success" }, &lists)?;
        if !Path::new("/usr/lib/postgresql").exists()
            && process::read(process::command(Path::new("/"), "postgres").arg("--version")).is_err()
        {
            setup::apt::ensure(&["postgresql"])?;
        }
        process::run(process::cargo(repo.root()).args(["build", "--locked", "-p", "hearken-cli"]))?;
        Ok(Self { scripts, python, hearken: repo.target().join("debug/hearken") })
    }

    /// The program that lives a script as a device.
    fn driver(&self, repo: &Repo) -> Result<PathBuf> {
        let mut cargo = process::cargo(repo.root());
        process::run(cargo.args([
            "build",
            "--locked",
            "-p",
            "hearken",
            "--features",
            "testing",
            "--example",
            "success_device",
        ]))?;
        Ok(repo.target().join("debug/examples/success_device"))
    }

    fn python(&self, script: &str, arguments: &[&str], path: Option<&Path>, count: &mut Count) -> Result<()> {
        let mut command = process::command(&self.scripts, &self.python);
        process::watch(command.arg(script).args(arguments).args(path), |line| count.see_oracle(line))
    }
}
