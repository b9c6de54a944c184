//! A report of `measure` for people.

use hearken_core::success::{GoalStatus, Metric, Operator};
use hearken_measure::report::group_name;
use hearken_measure::{Report, Sum};

use crate::numbers::{grouped, target, value};
use crate::report::plural;
use crate::success::printed;

/// One line of the table.
struct Line {
    cells: [String; 5],
    fingerprint: String,
}

/// The whole report.
pub(crate) fn text(report: &Report) -> String {
    let mut lines: Vec<Line> = Vec::new();
    for (metric, total) in report.metrics() {
        let fingerprint = format!("fp {}…", report.fingerprint(metric).get(..4).unwrap_or_default());
        if report.is_split(metric) {
            lines.push(Line {
                cells: [metric.name.clone(), String::new(), String::new(), String::new(), String::new()],
                fingerprint,
            });
            for (group, sum) in &total.groups {
                let name = format!("  {}", visible(group_name(group.as_deref())));
                lines
                    .push(Line { cells: cells(report, metric, name, *sum, String::new()), fingerprint: String::new() });
            }
        } else {
            let goal = goals(report, metric, total.sum);
            lines.push(Line { cells: cells(report, metric, metric.name.clone(), total.sum, goal), fingerprint });
        }
    }
    let mut text = head(report);
    let titles = ["metric", "num", "den", "value", "goal"].map(str::to_owned);
    lines.insert(0, Line { cells: titles, fingerprint: String::new() });
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.cells.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..5).map(width).collect();
    for line in &lines {
        let mut row = String::new();
        for (place, (cell, width)) in line.cells.iter().zip(&widths).enumerate() {
            let blanks = " ".repeat(width.saturating_sub(cell.chars().count()));
            // Names and goals start in one column; numbers end in one.
            let padded = if place == 0 || place == 4 { format!("{cell}{blanks}") } else { format!("{blanks}{cell}") };
            row.push_str(&padded);
            row.push_str("   ");
        }
        row.push_str(&line.fingerprint);
        text.push_str(row.trim_end());
        text.push('\n');
    }
    for note in notes(report) {
        text.push_str(&format!("note: {note}\n"));
    }
    text
}

/// A group's name without what would break the table.
fn visible(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if name.chars().count() > 40 { format!("{}…", name.chars().take(39).collect::<String>()) } else { name }
}

fn head(report: &Report) -> String {
    let definition = &report.definition;
    let skipped: u64 = report.codes().values().sum();
    let mut head = format!("{} v{}   as of {}", definition.id, definition.version, printed(report.as_of));
    if let Some(from) = report.history_from {
        head.push_str(&format!("   history from {}", printed(from)));
    }
    let counted =
        |count: u64, noun: &str| format!("{} {noun}{}", grouped(count.into()), if count == 1 { "" } else { "s" });
    head.push_str(&format!("   {}   {}", counted(report.users, "user"), counted(report.events, "event")));
    if skipped > 0 {
        let mut codes: Vec<(String, u64)> = report.codes().into_iter().collect();
        codes.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), code.clone()));
        let codes: Vec<String> =
            codes.iter().map(|(code, count)| format!("{} {code}", grouped((*count).into()))).collect();
        head.push_str(&format!("   {} skipped ({})", counted(skipped, "row"), codes.join(", ")));
    }
    head + "\n"
}

fn cells(report: &Report, metric: &Metric, name: String, sum: Sum, goal: String) -> [String; 5] {
    let has_den = report.has_den(metric);
    let den = if has_den { grouped(sum.den) } else { String::new() };
    let shown = value(metric, &report.definition, sum, has_den);
    let absent = if has_den { "–".to_owned() } else { String::new() };
    [name, grouped(sum.num), den, shown.unwrap_or(absent), goal]
}

fn goals(report: &Report, metric: &Metric, sum: Sum) -> String {
    let told = report.goals(metric).filter_map(|goal| {
        let wanted = goal.target.map(|ratio| target(metric, &report.definition, ratio));
        let sign = if goal.direction == hearken_core::success::Direction::Up { ">=" } else { "<=" };
        Some(match (goal.status(sum.num, sum.den), wanted) {
            (GoalStatus::Met, Some(wanted)) => format!("met ({sign} {wanted})"),
            (GoalStatus::Missed, Some(wanted)) => format!("missed ({sign} {wanted})"),
            (GoalStatus::NoData, _) => "no data".to_owned(),
            _ => return None,
        })
    });
    told.collect::<Vec<_>>().join(", ")
}

fn notes(report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    let has = |operator: &Operator| matches!(operator, Operator::Has(..));
    let split = |(metric, _): &(&Metric, _)| report.is_split(metric) && metric.operators().any(has);
    if report.metrics().any(|one| split(&one)) {
        notes.push("a user can be in several groups, so `has` does not add up across groups".to_owned());
    }
    if let Some(property) = &report.attributed_by {
        notes.push(format!(
            "sums and counts are split by the `{property}` of the last touch; den is the conversions of the group"
        ));
    }
    if report.excluded > 0 {
        let users = plural(report.excluded as usize, "user");
        notes.push(format!("{users} left out: more than 1,000,000 events of a fact"));
    }
    for (metric, total) in report.metrics().filter(|(_, total)| total.state_limit > 0) {
        let users = plural(total.state_limit as usize, "user");
        notes.push(format!("{users} left out of {}: more than 256 groups (state_limit)", metric.name));
    }
    notes
}
