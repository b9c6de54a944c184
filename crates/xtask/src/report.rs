//! Runs the parts of a command one after the other, all of them, and ends with a table.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::count::Count;

pub(crate) struct Report {
    command: &'static str,
    parts: Vec<Part>,
}

struct Part {
    name: &'static str,
    result: Result<Option<Count>, String>,
    took: Duration,
}

impl Report {
    pub(crate) fn new(command: &'static str) -> Self {
        Self { command, parts: Vec::new() }
    }

    /// A part that passes or fails.
    pub(crate) fn part(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) {
        self.run(name, || work().map(|()| None));
    }

    /// A part that runs tests. One in which no test ran has failed: it proves nothing.
    pub(crate) fn tests(&mut self, name: &'static str, work: impl FnOnce() -> Result<Count>) {
        self.run(name, || {
            let count = work()?;
            if count.passed == 0 {
                bail!("no test ran");
            }
            if count.failed > 0 {
                bail!("{} tests failed, but the runner reported success", count.failed);
            }
            Ok(Some(count))
        });
    }

    fn run(&mut self, name: &'static str, work: impl FnOnce() -> Result<Option<Count>>) {
        eprintln!("\n== {}: {name}", self.command);
        let start = Instant::now();
        let result = work().map_err(|error| format!("{error:#}"));
        let took = start.elapsed();
        match &result {
            Ok(_) => eprintln!("-- {name}: ok, {:.1} s", took.as_secs_f64()),
            Err(error) => eprintln!("-- {name}: FAILED after {:.1} s: {error}", took.as_secs_f64()),
        }
        self.parts.push(Part { name, result, took });
    }

    /// Prints the table; an error if any part failed.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\n{}", self.table());
        let failed: Vec<_> = self.parts.iter().filter(|part| part.result.is_err()).map(|part| part.name).collect();
        if !failed.is_empty() {
            bail!("{} failed: {}", self.command, failed.join(", "));
        }
        let total: Count = self.parts.iter().filter_map(|part| part.result.as_ref().ok()?.as_ref()).sum();
        if total.passed > 0 {
            println!("total: {total}");
        }
        Ok(())
    }

    fn table(&self) -> String {
        let mut rows = vec![format!("{:<24} {:<8} {:>8}  tests", self.command, "result", "seconds")];
        for part in &self.parts {
            let (result, tests) = match &part.result {
                Ok(Some(count)) => ("ok", count.to_string()),
                Ok(None) => ("ok", String::new()),
                Err(_) => ("FAILED", String::new()),
            };
            let row = format!("{:<24} {:<8} {:>8.1}  {tests}", part.name, result, part.took.as_secs_f64());
            rows.push(row.trim_end().to_owned());
        }
        let errors = self.parts.iter().filter_map(|part| Some((part.name, part.result.as_ref().err()?)));
        rows.extend(errors.map(|(name, error)| format!("{name}: {error}")));
        rows.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_runs_and_any_failure_fails_the_command() {
        let mut report = Report::new("test");
        report.part("first", || bail!("broken"));
        report.tests("second", || Ok(Count { passed: 2, ..Count::default() }));
        assert_eq!(report.finish().unwrap_err().to_string(), "test failed: first");
    }

    #[test]
    fn a_part_without_tests_fails() {
        let mut report = Report::new("test");
        report.tests("empty", || Ok(Count::default()));
        assert!(report.table().contains("empty: no test ran"));
        assert!(report.finish().is_err());
    }

    #[test]
    fn counted_failures_fail_even_when_the_runner_says_success() {
        let mut report = Report::new("test");
        report.tests("odd", || Ok(Count { passed: 2, failed: 1, skipped: 0 }));
        assert!(report.finish().is_err());
    }
}
