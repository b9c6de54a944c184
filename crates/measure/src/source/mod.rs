//! Files of events: what they are, and their rows in any order.

mod csv;
mod json;
mod mapping;
mod parquet;
mod spec;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::iter::{ParallelBridge, ParallelIterator};

pub use spec::{Format, Spec, SpecError};

use crate::draft::Draft;
use crate::progress::Progress;
use crate::reason::{Place, Reason};

/// A file of events.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) path: PathBuf,
    pub(crate) number: u16,
    pub(crate) format: Format,
}

/// Why files cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// A file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: {message}")]
    Unusable {
        /// The file.
        path: String,
        /// Why.
        message: String,
    },
    /// What does not fit into memory cannot be kept on disk.
    #[error("temporary file: {0}")]
    Scratch(#[from] std::io::Error),
    /// There is something in the definition that it lacks for what is asked.
    #[error("{0}")]
    Asked(String),
}

impl Input {
    pub(crate) fn unreadable(&self, source: std::io::Error) -> Failure {
        Failure::Read { path: self.path.display().to_string(), source }
    }

    pub(crate) fn unusable(&self, message: impl Into<String>) -> Failure {
        Failure::Unusable { path: self.path.display().to_string(), message: message.into() }
    }

    /// The files, numbered, with what they are: by the spec, or by their names.
    pub(crate) fn list(paths: &[PathBuf], spec: Option<&Spec>) -> Result<Vec<Self>, Failure> {
        let input = |(number, path): (usize, &PathBuf)| {
            let format = spec.and_then(|spec| spec.format).or_else(|| by_name(path)).unwrap_or(Format::Json);
            let number = u16::try_from(number).map_err(|_| Failure::Asked("more than 65,536 files".to_owned()))?;
            Ok(Self { path: path.clone(), number, format })
        };
        paths.iter().enumerate().map(input).collect()
    }

    pub(crate) fn size(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |data| data.len())
    }

    /// Reads all rows. Blocks of them are handed to sinks, one each, on several threads.
    pub(crate) fn read<S: Sink>(
        &self,
        spec: Option<&Spec>,
        progress: &dyn Progress,
        make: &(impl Fn() -> S + Sync),
        done: &(impl Fn(S) -> Result<(), Failure> + Sync),
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json => self.read_json(spec, progress, make, done),
            Format::Csv => csv::read(self, spec, progress, make, done),
            Format::Parquet => parquet::read(self, spec, progress, make, done),
        }
    }

    fn read_json<S: Sink>(
        &self,
        spec: Option<&Spec>,
        progress: &dyn Progress,
        make: &(impl Fn() -> S + Sync),
        done: &(impl Fn(S) -> Result<(), Failure> + Sync),
    ) -> Result<(), Failure> {
        let file = File::open(&self.path).map_err(|source| self.unreadable(source))?;
        let mut paths = json::Paths::default();
        let mapping = spec.map(|spec| mapping::Mapping::new(spec, false, |column| paths.find(column)));
        let mapping = mapping.transpose().map_err(|column| {
            self.unusable(format!("JSON has no columns by place: give `{column}` a name in the `source` block"))
        })?;
        let mapping = mapping.map(|mapping| (mapping, paths));
        let blocks = Blocks { input: self, file, rest: Vec::new(), line: 1, ended: false };
        blocks.par_bridge().try_for_each(|block| {
            let Block { bytes, first } = block?;
            let mut sink = make();
            json::lines(&bytes, self.number, first, mapping.as_ref(), &mut sink)?;
            progress.read(bytes.len() as u64);
            done(sink)
        })
    }
}

fn by_name(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" | "tsv" => Some(Format::Csv),
        "parquet" | "pq" => Some(Format::Parquet),
        _ => None,
    }
}

/// Takes rows.
pub(crate) trait Sink: Send {
    /// Takes one row, or why there is none.
    fn take(&mut self, place: Place, row: Result<Draft<'_>, Reason>);
}

const BLOCK: usize = 2 << 20;
const LONGEST_LINE: usize = 256 << 20;

/// Whole lines of a file, block by block.
struct Blocks<'i> {
    input: &'i Input,
    file: File,
    rest: Vec<u8>,
    line: u64,
    ended: bool,
}

struct Block {
    bytes: Vec<u8>,
    first: u64,
}

impl Blocks<'_> {
    fn block(&mut self) -> Result<Option<Block>, Failure> {
        let mut bytes = std::mem::take(&mut self.rest);
        loop {
            let wanted = BLOCK as u64;
            let read =
                (&self.file).take(wanted).read_to_end(&mut bytes).map_err(|error| self.input.unreadable(error))?;
            self.ended = read == 0;
            let end = if self.ended { Some(bytes.len()) } else { memchr::memrchr(b'\n', &bytes).map(|end| end + 1) };
            if let Some(end) = end {
                self.rest = bytes.split_off(end);
                let first = self.line;
                self.line += memchr::memchr_iter(b'\n', &bytes).count() as u64;
                return Ok((!bytes.is_empty()).then_some(Block { bytes, first }));
            }
            if bytes.len() > LONGEST_LINE {
                return Err(self.input.unusable(format!("line {} is longer than 256 MiB", self.line)));
            }
        }
    }
}

impl Iterator for Blocks<'_> {
    type Item = Result<Block, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let block = self.block();
        self.ended |= block.is_err();
        block.transpose()
    }
}
