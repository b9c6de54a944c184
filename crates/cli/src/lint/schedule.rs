//! Quiet hours, schedules and limits.

use crate::report::Problems;
use crate::tree::At;

use super::Book;
use super::shape::{milliseconds, minutes};

pub(crate) fn lint_playbook(book: &Book<'_>, problems: &mut Problems) {
    if let Some(quiet) = book.root.get("quiet_hours") {
        hours(&quiet, "quiet hours", problems);
    }
    if let Some(schemes) = book.root.get("schemes") {
        super::url::lint_schemes(&schemes, problems);
    }
}

/// Two times of day that are the same: nothing, or all day? Nobody can tell.
fn hours(at: &At<'_>, what: &str, problems: &mut Problems) {
    let minute = |name: &str| at.text_of(name).and_then(minutes);
    if let (Some(from), Some(to)) = (minute("from"), minute("to"))
        && from == to
    {
        let at = at.get("to").unwrap_or_else(|| at.clone());
        problems.at(
            "HK0608",
            &at,
            format!("{what} begin and end at the same time"),
            "move one of the two, or delete both",
        );
    }
}

pub(crate) fn lint(book: &Book<'_>, campaign: &At<'_>, problems: &mut Problems) {
    let schedule = campaign.get("schedule");
    for window in schedule.as_ref().map(|schedule| schedule.items_of("windows")).unwrap_or_default() {
        hours(&window, "the window", problems);
    }
    let instant = |name: &str| schedule.as_ref()?.get(name)?.node.as_i64();
    let mut lasts = None;
    if let (Some(start), Some(end)) = (instant("start"), instant("end")) {
        if end <= start {
            let at = campaign.dig(&["schedule", "end"]).unwrap_or_else(|| campaign.clone());
            problems.at("HK0609", &at, "the campaign ends before it starts", "swap the two, or correct one");
        } else {
            lasts = Some(end - start);
        }
    }
    for (list, all) in [("days", "every day"), ("windows", "all day")] {
        let listed = schedule.as_ref().and_then(|schedule| schedule.get(list));
        if let Some(none) = listed.filter(|at| at.node.as_list().is_some_and(<[_]>::is_empty)) {
            let message = format!("`{list}` lists nothing, which leaves nothing out: the campaign runs {all}");
            problems.at("HK0513", &none, message, "delete it, or list some");
        }
    }
    limit(book, campaign, lasts, problems);
}

/// Whether so many times can be reached while the campaign lasts.
fn limit(book: &Book<'_>, campaign: &At<'_>, lasts: Option<i64>, problems: &mut Problems) {
    let Some(limit) = campaign.get("limit") else { return };
    let again_after = limit.get("again_after");
    let Some(times) = limit.get("times") else {
        if let Some(again_after) = again_after {
            let message = "`again_after` does nothing: a campaign without `times` is shown once";
            problems.at_key("HK0605", &again_after, message, "add for example times: 3");
        }
        return;
    };
    let Some(count) = times.node.as_i64() else { return };
    if let Some(again_after) = again_after.as_ref().filter(|_| count == 1) {
        problems.at_key(
            "HK0605",
            again_after,
            "`again_after` does nothing with `times: 1`",
            "raise `times`, or delete it",
        );
        return;
    }
    let (Some(lasts), true) = (lasts, count > 1) else { return };
    let wait = again_after.as_ref().and_then(milliseconds).unwrap_or(0);
    let mut needs = wait.saturating_mul(count - 1);
    let mut why = "`again_after`".to_owned();
    for cap in campaign.items_of("caps") {
        let Some(found) = cap.text().and_then(|name| book.root.get("caps")?.get(name)) else { continue };
        let (Some(max), Some(per)) = (
            found.node.get("max").and_then(crate::tree::Node::as_i64),
            found.get("per").and_then(|per| milliseconds(&per)),
        ) else {
            continue;
        };
        let windows = (count - 1).checked_div(max).unwrap_or(0).saturating_mul(per);
        if windows > needs {
            needs = windows;
            why = format!("cap `{}`", cap.text().unwrap_or(""));
        }
    }
    if needs >= lasts {
        let message = format!("{count} times cannot be reached before the campaign ends: {why} takes longer");
        problems.at("HK0605", &times, message, "lower it, or let the campaign run longer");
    }
}
