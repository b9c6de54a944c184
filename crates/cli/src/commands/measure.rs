//! `hearken measure`: the success definition over files of events.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use hearken_measure::{Emit, Options, Outcome as Measured, Place, Report, Spec, measure};

use super::{Failure, Outcome, put};
use crate::progress::Bar;
use crate::success::{self, Asked, Loaded};
use crate::table;

/// Evaluates a success definition over files of events.
#[derive(Args, Debug)]
pub(crate) struct Measure {
    #[command(flatten)]
    asked: Asked,
    /// Files of events: JSON Lines (native, Segment or CloudEvents), CSV or Parquet.
    #[arg(long, required = true, num_args = 1..)]
    events: Vec<PathBuf>,
    /// Splits the metrics that can be split by a property; with `campaign` or `variant`, by that of the last touch.
    #[arg(long, value_name = "PROPERTY")]
    by: Option<String>,
    /// How to tell it.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// One JSON line for each user, instead of sums.
    #[arg(long)]
    per_user: bool,
    /// The first row that is wrong ends the run.
    #[arg(long)]
    strict: bool,
    /// How many threads; as many as the machine has if absent.
    #[arg(long)]
    threads: Option<usize>,
    /// A file with a `source` block: which columns of the events are what.
    #[arg(long)]
    source: Option<PathBuf>,
    /// How many MiB of rows are kept in memory before they are sorted on disk.
    #[arg(long, default_value_t = 1_024, value_name = "MIB")]
    memory: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// These are properties of touches.
const OF_TOUCHES: [&str; 2] = ["campaign", "variant"];

pub(crate) fn run(arguments: &Measure) -> Outcome {
    if arguments.per_user && arguments.format == Format::Table {
        return Err(Failure::Unusable("--per-user goes with --format json".to_owned()));
    }
    let loaded = arguments.asked.load()?;
    let options = options(arguments, &loaded)?;
    let definition = match &arguments.by {
        Some(by) if options.attributed_by.is_none() => success::split(&loaded, by)
            .ok_or_else(|| Failure::Unusable(format!("--by {by}: no metric of the definition can be split by it")))?,
        _ => Arc::clone(&loaded.definition),
    };
    let bar = Bar::new(std::io::stderr().is_terminal());
    let mut out = std::io::BufWriter::new(std::io::stdout());
    // A reader that has seen enough closes the pipe; that is no failure of ours.
    let mut emit = |lines: &str| {
        let _ = out.write_all(lines.as_bytes());
        Ok(())
    };
    let emit: Option<&mut Emit<'_>> = if arguments.per_user { Some(&mut emit) } else { None };
    let outcome = measure(&definition, &arguments.events, &options, &bar, emit);
    bar.finish();
    match outcome.map_err(|failure| Failure::Unusable(failure.to_string()))? {
        Measured::Measured(report) => {
            drop(out);
            told(&report);
            match arguments.format {
                _ if arguments.per_user => {}
                Format::Table => put(&table::text(&report), None)?,
                Format::Json => put(&format!("{}\n", report.json()), None)?,
            }
            Ok(0)
        }
        Measured::Refused { path, place, reason } => {
            let place = at(&path.display().to_string(), place);
            Err(Failure::Refused(format!("{place}: {}: {}", reason.code(), reason.says())))
        }
        _ => Ok(2),
    }
}

fn options(arguments: &Measure, loaded: &Loaded) -> Result<Options, Failure> {
    let (as_of, history_from) = arguments.asked.range(&loaded.definition)?;
    let source = source(arguments.source.as_ref(), loaded)?;
    Ok(Options {
        as_of,
        history_from,
        attributed_by: arguments.by.clone().filter(|by| OF_TOUCHES.contains(&by.as_str())),
        source,
        threads: arguments.threads,
        budget: arguments.memory.saturating_mul(1 << 20),
        strict: arguments.strict,
    })
}

/// The `source` block: of a file of its own, or beside the definition.
pub(crate) fn source(path: Option<&PathBuf>, loaded: &Loaded) -> Result<Option<Spec>, Failure> {
    path.map(|path| success::load_spec(path)).transpose().map(|spec| spec.or_else(|| loaded.spec.clone()))
}

/// Rows that are wrong, the first few of each reason, with what is wrong with them.
fn told(report: &Report) {
    for (reason, count, places) in report.skipped.iter().filter(|(reason, ..)| reason.is_fault()) {
        let Some(first) = places.first() else { continue };
        let file = |place: &Place| {
            report.files.get(usize::from(place.file)).map_or(String::new(), |path| path.display().to_string())
        };
        eprintln!("warning: {}: {}: {}", at(&file(first), *first), reason.code(), reason.says());
        let others: Vec<String> = places.iter().skip(1).map(|place| at(&file(place), *place)).collect();
        let more = count - places.len() as u64;
        match (others.is_empty(), more) {
            (true, _) => {}
            (false, 0) => eprintln!("  also {}", others.join(", ")),
            (false, more) => eprintln!("  also {} and {more} more", others.join(", ")),
        }
    }
}

/// A row's place: file and line, and which of several on it.
pub(crate) fn at(file: &str, place: Place) -> String {
    let part = if place.part > 0 { format!(" (row {} of the line)", place.part + 1) } else { String::new() };
    format!("{file}:{}{part}", place.line)
}
