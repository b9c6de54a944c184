//! What is wrong with a document, and how it is told: like a compiler, or as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::codes::{self, Severity};
use crate::tree::{At, Path, Span};

/// One problem.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    /// Such as `HK0204`.
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Where it stands in the file; nothing if it concerns the file as a whole.
    pub(crate) span: Option<Span>,
    /// Where it stands in the canonical document.
    pub(crate) path: Path,
    /// What to do.
    pub(crate) help: String,
    /// Another place that has to do with it, and what stands there.
    pub(crate) also: Option<(Span, String)>,
}

impl Problem {
    pub(crate) fn severity(&self) -> Severity {
        codes::find(self.code).map_or(Severity::Error, |code| code.severity)
    }

    pub(crate) fn also(mut self, span: Span, what: impl Into<String>) -> Self {
        self.also = Some((span, what.into()));
        self
    }
}

/// Collects problems; whoever finds one goes on.
#[derive(Debug, Default)]
pub(crate) struct Problems(pub(crate) Vec<Problem>);

impl Problems {
    /// A problem at a value.
    pub(crate) fn at(&mut self, code: &'static str, at: &At<'_>, message: impl Into<String>, help: impl Into<String>) {
        self.add(Problem { path: at.path.clone(), ..problem(code, at.node.span, message, help) });
    }

    /// A problem at a field's name.
    pub(crate) fn at_key(
        &mut self,
        code: &'static str,
        at: &At<'_>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Problem { path: at.path.clone(), ..problem(code, at.name_span(), message, help) });
    }

    pub(crate) fn span(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.add(problem(code, span, message, help));
    }

    /// The same thing at the same place is told once: an alias brings a problem along wherever it is used. However many warnings
    /// there are, they leave room for the errors.
    pub(crate) fn add(&mut self, problem: Problem) {
        let same = |other: &Problem| {
            other.code == problem.code
                && other.span == problem.span
                && other.message == problem.message
                && other.path == problem.path
        };
        let most = if problem.severity() == Severity::Error { 2 * MOST_FOUND } else { MOST_FOUND };
        if self.0.len() < most && !self.0.iter().any(same) {
            self.0.push(problem);
        }
    }
}

/// So many are enough to begin with; errors may be twice as many.
const MOST_FOUND: usize = 2_000;

pub(crate) fn problem(code: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) -> Problem {
    Problem { code, message: message.into(), span: Some(span), path: Path::default(), help: help.into(), also: None }
}

/// The outcome of a check.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) file: String,
    pub(crate) source: String,
    pub(crate) problems: Vec<Problem>,
    pub(crate) holds: Holds,
}

/// The most problems that are spelled out.
const MOST: usize = 200;

/// What a file turned out to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holds {
    /// Nothing that can be read.
    Nothing,
    /// A playbook: how many campaigns would run, of how many.
    Playbook { run: usize, all: usize },
    /// A success definition: how many of its metrics can be computed.
    Success { metrics: usize },
}

impl Report {
    pub(crate) fn new(file: String, source: String, mut problems: Vec<Problem>, holds: Holds) -> Self {
        problems.sort_by_key(|problem| (problem.span.unwrap_or_default(), problem.code));
        problems.dedup_by(|a, b| a.code == b.code && a.span == b.span && a.message == b.message);
        Self { file, source, problems, holds }
    }

    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.problems.iter().filter(|problem| problem.severity() == severity).count()
    }

    /// The exit code: 0 without errors, 1 with errors, 2 if it cannot be read at all.
    pub(crate) fn exit(&self) -> u8 {
        match (self.holds, self.count(Severity::Error)) {
            (Holds::Nothing, _) => 2,
            (_, 0) => 0,
            _ => 1,
        }
    }

    pub(crate) fn text(&self) -> String {
        let lines: Vec<&str> = self.source.lines().collect();
        let mut text = String::new();
        for problem in self.problems.iter().take(MOST) {
            self.one(&mut text, problem, &lines);
        }
        if self.problems.len() > MOST {
            let _ = writeln!(text, "... and {} more", self.problems.len() - MOST);
        }
        text + &self.summary() + "\n"
    }

    fn one(&self, to: &mut String, problem: &Problem, lines: &[&str]) {
        let _ = writeln!(to, "{}[{}]: {}", problem.severity().name(), problem.code, problem.message);
        let Some(span) = problem.span else {
            let _ = writeln!(to, "  --> {}\n   = {}\n", self.file, problem.help);
            return;
        };
        let _ = writeln!(to, "  --> {}:{}:{}", self.file, span.start.line, span.start.column);
        excerpt(to, lines, span, &problem.help);
        if let Some((span, what)) = &problem.also {
            let _ = writeln!(to, "  ::: {}:{}:{}", self.file, span.start.line, span.start.column);
            excerpt(to, lines, *span, what);
        }
        to.push('\n');
    }

    pub(crate) fn summary(&self) -> String {
        let (errors, warnings) = (self.count(Severity::Error), self.count(Severity::Warning));
        let counted = format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"));
        match self.holds {
            Holds::Playbook { run, all } => {
                let noun = if all == 1 { "campaign" } else { "campaigns" };
                format!("{counted}; {run} of {all} {noun} would run.")
            }
            Holds::Success { metrics } => format!("{counted}; {} can be computed.", plural(metrics, "metric")),
            Holds::Nothing => format!("{counted}; no playbook can be read from this."),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let place = |span: Span| {
            json!({
                "line": span.start.line, "column": span.start.column,
                "end_line": span.end.line, "end_column": span.end.column
            })
        };
        let problems: Vec<Value> = self
            .problems
            .iter()
            .map(|problem| {
                json!({
                    "code": problem.code,
                    "severity": problem.severity().name(),
                    "message": problem.message,
                    "help": problem.help,
                    "path": problem.path.to_string(),
                    "span": problem.span.map(place),
                    "also": problem.also.as_ref().map(|(span, what)| json!({"span": place(*span), "message": what})),
                })
            })
            .collect();
        let mut report = json!({
            "file": self.file,
            "errors": self.count(Severity::Error),
            "warnings": self.count(Severity::Warning),
            "campaigns": null,
            "problems": problems,
        });
        match self.holds {
            Holds::Playbook { run, all } => report["campaigns"] = json!({"run": run, "all": all}),
            Holds::Success { metrics } => report["metrics"] = metrics.into(),
            Holds::Nothing => {}
        }
        report
    }
}

pub(crate) fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The longest line that is shown whole.
const WIDE: usize = 160;

/// The source line with carets under what is meant, and words after them.
pub(crate) fn excerpt(to: &mut String, lines: &[&str], span: Span, words: &str) {
    let line = lines.get(span.start.line.saturating_sub(1)).copied().unwrap_or("");
    let shown: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let from = span.start.column.saturating_sub(1).min(shown.len());
    let end = if span.end.line == span.start.line { span.end.column.saturating_sub(1) } else { shown.len() };
    let blanks_after = shown.iter().rev().take_while(|c| **c == ' ').count();
    let end = end.min(shown.len() - blanks_after).max(from + 1);
    let skipped = if end > WIDE { from.saturating_sub(40) } else { 0 };
    let visible: String = shown.iter().skip(skipped).take(WIDE).collect();
    let number = span.start.line.to_string();
    let gutter = " ".repeat(number.len());
    let carets = "^".repeat((end - from).clamp(1, WIDE));
    let indent = " ".repeat(from - skipped);
    let _ = writeln!(to, " {gutter} |\n {number} | {}\n {gutter} | {indent}{carets} {words}", visible.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Place;

    fn report(source: &str, span: ((usize, usize), (usize, usize))) -> Report {
        let place = |(line, column)| Place { line, column };
        let span = Span { start: place(span.0), end: place(span.1) };
        let problems = vec![problem("HK0204", span, "seen", "do this")];
        Report::new("a.yaml".into(), source.into(), problems, Holds::Playbook { run: 0, all: 1 })
    }

    #[test]
    fn carets_stand_under_what_is_meant() {
        let text = report("a: 1\nb: \"é2\"\n", ((2, 4), (2, 8))).text();
        assert_eq!(
            text,
            "error[HK0204]: seen\n  --> a.yaml:2:4\n   |\n 2 | b: \"é2\"\n   |    ^^^^ do this\n\n1 error, 0 warnings; 0 of 1 campaign would run.\n"
        );
    }

    #[test]
    fn a_place_past_the_end_of_the_file_does_no_harm() {
        assert!(report("a\n", ((9, 40), (9, 41))).text().contains("^ do this"));
    }
}
