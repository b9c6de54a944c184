//! How many tests ran, read from the summary lines that the four test runners print.

use std::fmt;
use std::iter::Sum;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed", self.passed)?;
        for (number, word) in [(self.failed, "failed"), (self.skipped, "skipped")] {
            if number > 0 {
                write!(f, ", {number} {word}")?;
            }
        }
        Ok(())
    }
}

impl<'a> Sum<&'a Count> for Count {
    fn sum<I: Iterator<Item = &'a Count>>(counts: I) -> Self {
        counts.fold(Self::default(), |sum, count| sum.plus(count.passed, count.failed, count.skipped))
    }
}

impl Count {
    fn plus(self, passed: u64, failed: u64, skipped: u64) -> Self {
        Self { passed: self.passed + passed, failed: self.failed + failed, skipped: self.skipped + skipped }
    }

    /// `test result: ok. 5 passed; 0 failed; 1 ignored; …`, once for each test binary.
    pub(crate) fn see_cargo(&mut self, line: &str) {
        let Some((_, rest)) = line.split_once("test result:") else { return };
        let before = |word| number_before(rest, word).unwrap_or(0);
        *self = self.plus(before("passed"), before("failed"), before("ignored"));
    }

    /// `cdnow: 11 metrics, 0 failures`, once.
    pub(crate) fn see_metrics(&mut self, line: &str) {
        let Some((_, rest)) = line.split_once("cdnow: ") else { return };
        let (metrics, failures) = (number_before(rest, "metrics"), number_before(rest, "failures"));
        *self = self.plus(metrics.unwrap_or(0), failures.unwrap_or(0), 0);
    }

    /// `# pass 5` (TAP) or `ℹ pass 5` (spec), once for each `node --test`.
    pub(crate) fn see_node(&mut self, line: &str) {
        let mut words = line.split(' ');
        if !matches!(words.next(), Some("#" | "ℹ")) {
            return;
        }
        let (Some(word), Some(Ok(number)), None) = (words.next(), words.next().map(str::parse::<u64>), words.next())
        else {
            return;
        };
        match word {
            "pass" => self.passed += number,
            "fail" | "cancelled" => self.failed += number,
            "skipped" | "todo" => self.skipped += number,
            _ => {}
        }
    }

    /// `[ 12.3 s] edges on DuckDB: 77,221 pairs of 63 metrics are equal`, `[ 9.5 s] 62 vectors, for 22 rules`, and lines that
    /// say FAILED; `stub: 76 mutants in 11 s: …` of those that are noticed or proven, and `120 scripts, …` of devices.
    pub(crate) fn see_oracle(&mut self, line: &str) {
        if line.contains("] FAILED: ") {
            self.failed += 1;
        } else if line.ends_with(" are equal") {
            self.passed += 1;
        } else if line.contains(" vectors, for ") {
            self.passed += number_before(line, "vectors, for").unwrap_or(0);
        } else if let Some(mutants) = number_before(line, "mutants in").or(number_before(line, "scripts, ")) {
            self.passed += mutants;
        }
    }

    /// `[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 0`, once for each module. The line of a single class
    /// ends with its time and is not counted.
    pub(crate) fn see_maven(&mut self, line: &str) {
        let Some((_, rest)) = line.split_once("] Tests run:").filter(|(_, rest)| !rest.contains("Time elapsed")) else {
            return;
        };
        let mut numbers = rest.split(',').map(|item| item.trim().rsplit(' ').next().and_then(|word| word.parse().ok()));
        let mut next = || numbers.next().flatten().unwrap_or(0);
        let (run, failures, errors, skipped): (u64, u64, u64, u64) = (next(), next(), next(), next());
        *self = self.plus(run.saturating_sub(failures + errors + skipped), failures + errors, skipped);
    }
}

/// XCTest prints a line for each suite and one for all of them, which is the largest; Swift Testing prints one.
#[derive(Default)]
pub(crate) struct SwiftCount {
    xctest: Count,
    testing: Count,
}

impl SwiftCount {
    pub(crate) fn see(&mut self, line: &str) {
        if let Some((_, rest)) = line.split_once("Executed ") {
            let Some(run) = number_before(rest, "test") else { return };
            let skipped =
                number_before(rest, "test skipped").or_else(|| number_before(rest, "tests skipped")).unwrap_or(0);
            let failed = number_before(rest, "failure").unwrap_or(0);
            if run > self.xctest.passed + self.xctest.skipped + self.xctest.failed {
                self.xctest = Count { passed: run.saturating_sub(skipped + failed), failed, skipped };
            }
        } else if let Some((_, rest)) = line.split_once("Test run with ") {
            let Some(run) = number_before(rest, "test") else { return };
            // Swift Testing counts issues, not failed tests: a failed run shows by the exit code.
            self.testing = Count { passed: run, failed: 0, skipped: 0 };
        }
    }

    pub(crate) fn total(&self) -> Count {
        [self.xctest, self.testing].iter().sum()
    }
}

/// The number in front of `word`: `number_before("5 passed; 0 failed", "failed") == Some(0)`.
fn number_before(text: &str, word: &str) -> Option<u64> {
    let (before, _) = text.split_once(&format!(" {word}"))?;
    before.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(lines: &[&str], see: fn(&mut Count, &str)) -> Count {
        let mut count = Count::default();
        lines.iter().for_each(|line| see(&mut count, line));
        count
    }

    #[test]
    fn metrics_are_counted_from_the_line_of_the_walk_through() {
        let lines = ["FAILED: aov: DuckDB (1, 2), hearken (1, 3)", "cdnow: 11 metrics, 1 failures"];
        let expected = Count { passed: 11, failed: 1, skipped: 0 };
        assert_eq!(count(&lines, Count::see_metrics), expected);
    }

    #[test]
    fn cargo_sums_binaries() {
        let lines = [
            "running 5 tests",
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: \u{1b}[31mFAILED\u{1b}[m. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out",
        ];
        assert_eq!(count(&lines, Count::see_cargo), Count { passed: 7, failed: 3, skipped: 1 });
    }

    #[test]
    fn node_reads_both_reporters() {
        let lines =
            ["# tests 4", "# pass 4", "# fail 0", "ℹ pass 12", "ℹ skipped 1", "# pass the salt", "    # pass 9"];
        assert_eq!(count(&lines, Count::see_node), Count { passed: 16, failed: 0, skipped: 1 });
    }

    #[test]
    fn the_oracle_counts_what_is_equal() {
        let lines = [
            "[   9.5 s] 62 vectors, for 22 rules",
            "[  45.0 s] success on ClickHouse (6.2 s): 30,160 pairs of 36 metrics are equal",
            "[  45.0 s] FAILED: edges on PostgreSQL: 3 pairs differ",
            "stub: 76 mutants in 11 s: {'differs': 73}; 0 survive without a proof",
            "120 scripts, 28,837 exported lines (at most 1496 of one), 39.3 s",
        ];
        assert_eq!(count(&lines, Count::see_oracle), Count { passed: 62 + 1 + 76 + 120, failed: 1, skipped: 0 });
    }

    #[test]
    fn maven_counts_modules_once() {
        let lines = [
            "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in hearken.HearkenTest",
            "[WARNING] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1",
        ];
        assert_eq!(count(&lines, Count::see_maven), Count { passed: 2, failed: 0, skipped: 1 });
    }

    #[test]
    fn swift_takes_the_whole_run_and_adds_swift_testing() {
        let mut count = SwiftCount::default();
        for line in [
            "\t Executed 2 tests, with 0 failures (0 unexpected) in 0.01 (0.01) seconds",
            "\t Executed 7 tests, with 1 test skipped and 0 failures (0 unexpected) in 0.01 (0.01) seconds",
            "\t Executed 7 tests, with 1 test skipped and 0 failures (0 unexpected) in 0.01 (0.01) seconds",
            "✔ Test run with 4 tests in 1 suite passed after 0.001 seconds.",
        ] {
            count.see(line);
        }
        assert_eq!(count.total(), Count { passed: 10, failed: 0, skipped: 1 });
    }
}
