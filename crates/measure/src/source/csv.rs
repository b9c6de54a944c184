//! Tables of text: fields by a delimiter, or by runs of blanks.

use std::io::Read;

use super::mapping::{Columns, Mapping};
use super::spec::{Column, Spec};
use super::{Failure, Input, Sink};
use crate::cell::Cell;
use crate::progress::Progress;
use crate::reason::{Place, Reason};

struct Record<'r>(&'r csv::StringRecord);

impl<'a> Columns<'a> for Record<'a> {
    fn cell(&self, column: usize) -> Cell<'a> {
        self.0.get(column).map_or(Cell::Absent, Cell::text)
    }
}

/// How many records are handed on together.
const BLOCK: usize = 16_384;

/// Reads a file from its start to its end.
pub(crate) fn read<S: Sink>(
    input: &Input,
    spec: Option<&Spec>,
    progress: &dyn Progress,
    make: &(impl Fn() -> S + Sync),
    done: &(impl Fn(S) -> Result<(), Failure> + Sync),
) -> Result<(), Failure> {
    let file = std::fs::File::open(&input.path).map_err(|source| input.unreadable(source))?;
    let source: Box<dyn Read> = match spec {
        Some(Spec { delimiter: None, .. }) => {
            Box::new(Blanks { source: std::io::BufReader::new(file), at_start: true })
        }
        _ => Box::new(file),
    };
    let delimiter = spec.map_or(Some(b','), |spec| spec.delimiter).unwrap_or(b',');
    let header = spec.is_none_or(|spec| spec.header);
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.delimiter(delimiter).has_headers(header).from_reader(source);
    let names: Vec<String> = if header {
        let names = reader.headers().map_err(|error| input.unusable(format!("the header cannot be read: {error}")))?;
        names.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect()
    } else {
        Vec::new()
    };
    let native = Spec::native(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let find = |column: &Column| match column {
        Column::Named(name) => names.iter().position(|known| known == name),
        Column::Placed(place) => Some(place - 1),
    };
    let mapping = Mapping::new(spec.unwrap_or(&native), true, find)
        .map_err(|column| input.unusable(format!("there is no column `{column}`; there are: {}", names.join(", "))))?;
    let mut seen = 0;
    loop {
        let mut records: Vec<(u64, Result<csv::StringRecord, ()>)> = Vec::with_capacity(BLOCK);
        while records.len() < BLOCK {
            let line = reader.position().line();
            let mut record = csv::StringRecord::new();
            match reader.read_record(&mut record) {
                Ok(true) => records.push((record.position().map_or(line, csv::Position::line), Ok(record))),
                Ok(false) => break,
                Err(error) if matches!(error.kind(), csv::ErrorKind::Io(_)) => {
                    return Err(input.unusable(error.to_string()));
                }
                Err(error) => records.push((error.position().map_or(line, csv::Position::line), Err(()))),
            }
        }
        if records.is_empty() {
            return Ok(());
        }
        let at = reader.position().byte();
        progress.read(at - seen);
        seen = at;
        let mut sink = make();
        for (line, record) in &records {
            let place = Place { file: input.number, line: *line, part: 0 };
            match record {
                Ok(record) => sink.take(place, mapping.draft(&Record(record))),
                Err(()) => sink.take(place, Err(Reason::Csv)),
            }
        }
        done(sink)?;
    }
}

/// Makes one comma of each run of blanks, and none of those at the ends of a line.
struct Blanks<R> {
    source: R,
    at_start: bool,
}

impl<R: std::io::BufRead> Read for Blanks<R> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let mut written = 0;
        while written < to.len() {
            let buffer = self.source.fill_buf()?;
            let Some(byte) = buffer.first().copied() else { break };
            if byte == b' ' || byte == b'\t' || byte == b'\r' {
                let run = buffer.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
                self.source.consume(run);
                let next = self.source.fill_buf()?.first().copied();
                if matches!(next, Some(b' ' | b'\t' | b'\r')) {
                    continue;
                }
                if self.at_start || matches!(next, None | Some(b'\n')) {
                    continue;
                }
                self.push(to, &mut written, b',');
            } else {
                self.source.consume(1);
                self.at_start = byte == b'\n';
                self.push(to, &mut written, byte);
            }
        }
        Ok(written)
    }
}

impl<R> Blanks<R> {
    fn push(&self, to: &mut [u8], written: &mut usize, byte: u8) {
        if let Some(slot) = to.get_mut(*written) {
            *slot = byte;
            *written += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_blanks_are_one_delimiter() {
        for size in [1, 2, 3, 64] {
            let text = "  00001 19970101  1\t 11.77 \r\n00002   x y z\n \n".as_bytes();
            let mut blanks = Blanks { source: std::io::BufReader::with_capacity(size, text), at_start: true };
            let mut seen = String::new();
            blanks.read_to_string(&mut seen).unwrap();
            assert_eq!(seen, "00001,19970101,1,11.77\n00002,x,y,z\n\n");
        }
    }
}
