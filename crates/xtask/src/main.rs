//! `cargo xtask`: one command for each thing that a contributor or a CI machine does with this project.
//!
//! Nothing has to be installed by hand on Debian as root; elsewhere a missing tool ends the command with the exact
//! line that installs it. Downloaded tools live in `$XDG_CACHE_HOME/hearken` (`~/.cache/hearken`).

mod android;
mod bench;
mod breakdown;
mod bundle;
mod cdnow;
mod check;
mod conformance;
mod count;
mod demo;
mod deny;
mod files;
mod generate;
mod kotlin;
mod layering;
mod native;
mod process;
mod purity;
mod repo;
mod report;
mod schema;
mod setup;
mod size;
mod success;
mod swift;
mod test;
mod vectors;
mod web;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::repo::Repo;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Hearken's own commands",
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything that needs no test run: format, lints, licences, docs, layering, purity, schemas
    Check,
    /// Every test of every language
    Test {
        /// The Rust tests only
        #[arg(long)]
        fast: bool,
        /// One part only: rust, success, cdnow, web, browser, packaging, kotlin or swift
        #[arg(long, conflicts_with = "fast")]
        only: Option<String>,
    },
    /// Write what is built but never committed (bindings, wasm) and what is both (schemas)
    Generate {
        /// One kind only
        #[arg(long, value_enum)]
        only: Option<generate::Kind>,
    },
    /// Build the wasm module by the size recipe, and the npm package around it
    Package,
    /// Print what a device downloads, and fail when a budget is exceeded
    Size {
        /// Leave out the Android library, which needs Clang and ARM headers (installed on Debian as root)
        #[arg(long)]
        without_android: bool,
        /// Print instead which functions take the bytes of the wasm module
        #[arg(long)]
        breakdown: bool,
    },
    /// Open the example shop in a browser
    Demo {
        /// Drive it with a headless Chromium instead, save a screenshot, and exit
        #[arg(long)]
        headless: bool,
        /// Port of the local server; 0 takes a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Run the benchmarks (their own workspace, with the peers they are compared with)
    Bench {
        /// Measure in Chromium instead
        #[arg(long)]
        web: bool,
        /// Also what takes minutes: `measure` over ten million events
        #[arg(long, conflicts_with = "web")]
        large: bool,
        /// Passed on to `cargo bench`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run the vectors against the engine; it fails where a transition, reason, record or input has none
    Vectors {
        /// Name the vectors of each
        #[arg(long)]
        coverage: bool,
    },
    /// Hold `hearken measure` and its SQL against the oracle, on every engine, Spark too
    Success {
        /// Change the SQL in one place at a time instead, and see whether the data notice
        #[arg(long)]
        mutants: bool,
    },
    /// Run a published test suite of another project against the core
    Conformance {
        /// Name of the suite
        suite: String,
        /// The suite's file or folder
        path: PathBuf,
        /// Name every case, not only those that fail
        #[arg(long)]
        verbose: bool,
    },
}

fn run(task: Task) -> anyhow::Result<()> {
    let repo = Repo::find()?;
    match task {
        Task::Check => check::run(&repo),
        Task::Test { fast, only } => test::run(&repo, fast, only.as_deref()),
        Task::Generate { only } => generate::run(&repo, only),
        Task::Package => web::package(&repo).map(|_| ()),
        Task::Size { breakdown: true, .. } => breakdown::run(&repo),
        Task::Size { without_android, .. } => size::run(&repo, without_android),
        Task::Demo { headless, port } => demo::run(&repo, headless, port),
        Task::Bench { web: true, .. } => bench::web(&repo),
        Task::Bench { large, arguments, .. } => bench::run(&repo, large, &arguments),
        Task::Success { mutants } => success::run(&repo, mutants),
        Task::Vectors { coverage } => vectors::run(&repo, coverage),
        Task::Conformance { suite, path, verbose } => conformance::run(&suite, &path, verbose),
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
