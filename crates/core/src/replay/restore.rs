//! A row's input as it was handled: what was left out of it stands in the row's records and documents (engine.md 1.4).

use crate::input::Input;
use crate::journal::Row;
use crate::record::{Body, JournalGap};

/// The hash of the playbook that a row installed.
pub(super) fn installed(row: &Row) -> Option<&str> {
    row.records.iter().find_map(|record| match &record.body {
        Body::PlaybookInstalled(installed) => Some(installed.hash.as_str()),
        _ => None,
    })
}

/// The input of a row. `document` is what it installed, or what was in force where it installed nothing. The answers of a
/// form and the history of an install are the caller's: several records may hold them.
pub(super) fn input(row: &Row, document: &str) -> Input {
    let mut input = row.input.clone();
    match &mut input {
        Input::Track { name, properties, at } => {
            // An event that was refused has no record, and none that has no name is taken.
            let event = row.records.iter().find_map(|record| match &record.body {
                Body::Event { name, properties } => Some((name, properties, record.ts)),
                _ => None,
            });
            if let Some((of, with, ts)) = event {
                name.clone_from(of);
                properties.clone_from(with.as_ref());
                // What another process handed over keeps its time, and is no activity.
                let is_own = ts == row.ctx.now && (row.activity || !row.ctx.can_display);
                *at = (!is_own).then_some(ts);
            }
        }
        Input::Open { lost, .. } => *lost = gap(row).map(|gap| gap.reason.clone()),
        Input::Gap { reason, .. } => *reason = gap(row).map(|gap| gap.reason.clone()).unwrap_or_default(),
        Input::InstallPlaybook { document: empty, .. } => document.clone_into(empty),
        Input::Import { document } => {
            let state = row.records.iter().find_map(|record| match &record.body {
                Body::Imported(imported) => Some(crate::wire::to_json(&imported.state)),
                _ => None,
            });
            *document = state.unwrap_or_default();
        }
        _ => {}
    }
    input
}

fn gap(row: &Row) -> Option<&JournalGap> {
    row.records.iter().find_map(|record| match &record.body {
        Body::JournalGap(gap) => Some(gap),
        _ => None,
    })
}
