//! One run: files in, sums out.

use std::path::PathBuf;
use std::sync::Arc;

use hearken_core::success::{Definition, Plan, Reading};

use crate::duplicates;
use crate::fold::Folding;
use crate::ingest::Ingest;
use crate::people::{Owners, Users, group};
use crate::progress::{Phase, Progress};
use crate::reason::{Place, Reason};
use crate::report::{self, Report};
use crate::source::{Failure, Input, Spec};
use crate::store::Rows;
use crate::totals::Totals;

/// What is measured, and of which rows.
#[derive(Clone, Debug)]
pub struct Options {
    /// The first instant that does not count any more.
    pub as_of: i64,
    /// Rows before this instant do not count.
    pub history_from: Option<i64>,
    /// Splits sums and counts by this property of the touch that each conversion is credited to (success.md 3.19).
    pub attributed_by: Option<String>,
    /// How a table is read; files in Hearken's encodings, and tables with such columns, need none.
    pub source: Option<Spec>,
    /// How many threads; as many as the machine has if absent.
    pub threads: Option<usize>,
    /// How many bytes of rows are kept in memory before they are sorted on disk.
    pub budget: usize,
    /// Whether the first row that is wrong in itself ends the run.
    pub strict: bool,
}

/// How many bytes of rows are kept in memory, unless one says otherwise.
pub const BUDGET: usize = 1 << 30;

impl Options {
    /// Up to an instant, and nothing else said.
    #[must_use]
    pub fn new(as_of: i64) -> Self {
        Self {
            as_of,
            history_from: None,
            attributed_by: None,
            source: None,
            threads: None,
            budget: BUDGET,
            strict: false,
        }
    }
}

/// What came out of a run.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The numbers.
    Measured(Box<Report>),
    /// The run was strict, and this row is wrong.
    Refused {
        /// Its file.
        path: PathBuf,
        /// Where.
        place: Place,
        /// Why.
        reason: Reason,
    },
}

/// Takes the lines of users.
pub type Emit<'e> = dyn FnMut(&str) -> Result<(), Failure> + Send + 'e;

/// Measures files of events by a definition. With `emit`, each user's pairs are handed on as a line of JSON, in the order of
/// the users.
///
/// # Errors
/// A file cannot be read, or is not what it should be.
pub fn measure(
    definition: &Arc<Definition>,
    paths: &[PathBuf],
    options: &Options,
    progress: &dyn Progress,
    emit: Option<&mut Emit<'_>>,
) -> Result<Outcome, Failure> {
    let plan = match &options.attributed_by {
        None => Plan::new(Arc::clone(definition)),
        Some(property) => Plan::attributed(Arc::clone(definition), property)
            .ok_or_else(|| Failure::Asked("the definition says no `attribution`".to_owned()))?,
    };
    let inputs = Input::list(paths, options.source.as_ref())?;
    let mut builder = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = options.threads {
        builder = builder.num_threads(threads);
    }
    let pool = builder.build().map_err(|error| Failure::Asked(format!("threads cannot be started: {error}")))?;
    pool.install(|| run(&plan, paths, &inputs, options, progress, emit))
}

fn run(
    plan: &Plan,
    paths: &[PathBuf],
    inputs: &[Input],
    options: &Options,
    progress: &dyn Progress,
    emit: Option<&mut Emit<'_>>,
) -> Result<Outcome, Failure> {
    let spec = options.source.as_ref();
    progress.begin(Phase::Reading, inputs.iter().map(Input::size).sum());
    let ingest = Ingest::new(plan, options.as_of, options.history_from, options.budget);
    for input in inputs {
        ingest.read(input, spec, progress)?;
        if options.strict
            && let Some((reason, place)) = ingest.counts().1.first_fault()
        {
            let path = paths.get(usize::from(place.file)).cloned().unwrap_or_default();
            return Ok(Outcome::Refused { path, place, reason });
        }
    }
    let (read, mut skipped) = ingest.counts();
    let Ingest { keys, store, .. } = ingest;
    let (keys, mut rows) = (keys.freeze(), Rows::new(store));
    let found = duplicates::find(&mut rows)?;
    let again = |wanted| duplicates::read_again(inputs, spec, &wanted);
    let dropped = duplicates::resolve(&mut rows, &found, &keys, again, |reason, place| skipped.add(reason, place))?;
    let owners = Owners::new(&found.merges, &dropped);
    let users = Users::new(&mut rows, &dropped, &owners, &keys, emit.is_some())?;
    let events = users.rows.iter().map(|rows| u64::from(*rows)).sum();
    progress.begin(Phase::Measuring, users.keys.len() as u64);
    let line = |user: &str, readings: &[Reading]| report::user_line(plan, user, readings);
    let folding = Folding {
        plan,
        users: &users,
        keys: &keys,
        as_of: options.as_of,
        progress,
        line: emit.is_some().then_some(&line),
    };
    let mut ignore = |_: &str| Ok(());
    let emit: &mut dyn FnMut(&str) -> Result<(), Failure> = match emit {
        Some(emit) => emit,
        None => &mut ignore,
    };
    let mut totals = Totals::new(plan.definition().metrics.len());
    group(rows, &dropped, &users, options.budget, |grouped| {
        totals = std::mem::take(&mut totals).merge(folding.fold(grouped, emit)?);
        Ok(())
    })?;
    Ok(Outcome::Measured(Box::new(Report {
        definition: plan.definition().clone(),
        attributed_by: options.attributed_by.clone(),
        as_of: options.as_of,
        history_from: options.history_from,
        files: paths.to_vec(),
        users: users.keys.len() as u64,
        events,
        read,
        skipped,
        faults: totals.faults,
        excluded: totals.excluded,
        metrics: totals.metrics,
    })))
}
