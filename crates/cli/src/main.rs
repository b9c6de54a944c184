//! The `hearken` command: check, build and sign playbooks, play visits through them, decide journals again, and write the
//! types of their tracking plan.

#![forbid(unsafe_code)]

mod author;
mod codes;
mod commands;
mod jsonl;
mod lint;
mod numbers;
mod progress;
mod report;
mod stored;
mod success;
mod table;
mod tree;
mod types;
mod visit;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Check, build and sign playbooks, and measure.
#[derive(Debug, Parser)]
#[command(name = "hearken", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(commands::check::Check),
    Build(commands::build::Build),
    Replay(commands::replay::Replay),
    Explain(commands::explain::Explain),
    Schema(commands::schema::Schema),
    Types(commands::types::Types),
    Keygen(commands::keygen::Keygen),
    Sign(commands::sign::Sign),
    Verify(commands::verify::Verify),
    Measure(commands::measure::Measure),
    ExplainMetric(commands::explain_metric::ExplainMetric),
    Diff(commands::diff::Diff),
    Sql(commands::sql::Sql),
    Preset(commands::preset::Preset),
}

fn main() -> ExitCode {
    let outcome = match &Arguments::parse().command {
        Command::Check(arguments) => commands::check::run(arguments),
        Command::Build(arguments) => commands::build::run(arguments),
        Command::Replay(arguments) => commands::replay::run(arguments),
        Command::Explain(arguments) => commands::explain::run(arguments),
        Command::Schema(arguments) => commands::schema::run(arguments),
        Command::Types(arguments) => commands::types::run(arguments),
        Command::Keygen(arguments) => commands::keygen::run(arguments),
        Command::Sign(arguments) => commands::sign::run(arguments),
        Command::Verify(arguments) => commands::verify::run(arguments),
        Command::Measure(arguments) => commands::measure::run(arguments),
        Command::ExplainMetric(arguments) => commands::explain_metric::run(arguments),
        Command::Diff(arguments) => commands::diff::run(arguments),
        Command::Sql(arguments) => commands::sql::run(arguments),
        Command::Preset(arguments) => commands::preset::run(arguments),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.exit())
        }
    }
}
