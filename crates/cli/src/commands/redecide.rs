//! `hearken replay --journal`: a stored journal, decided again row by row.

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, Offset as _};
use hearken_core::{Difference, JournalError, Missing, Playbook, Redecided, Redecision, Row};
use serde_json::{Value, json};

use super::replay::{Format, decided, local};
use super::{Failure, Outcome, put, read};
use crate::stored::Stored;
use crate::visit;

/// What is asked of a journal.
pub(super) struct Asked<'a> {
    pub(super) journal: &'a Path,
    pub(super) playbooks: &'a [PathBuf],
    pub(super) channels: &'a [String],
    pub(super) explain: bool,
    pub(super) format: Format,
}

/// What became of the rows.
#[derive(Default)]
struct Count {
    rows: u64,
    same: u64,
    given: u64,
    differs: u64,
    unknown: u64,
}

pub(super) fn run(asked: &Asked<'_>) -> Outcome {
    let mut stored = Stored::open(asked.journal)?;
    let file = asked.journal.display();
    let channels: Vec<String> = match asked.channels {
        [] if stored.is_database() => vec!["in_app".to_owned()],
        [] => vec!["in_browser".to_owned()],
        channels => channels.to_vec(),
    };
    let mut replay = hearken_core::Replay::new(&channels).map_err(|error| Failure::Unusable(error.to_string()))?;
    for document in std::mem::take(&mut stored.documents) {
        if let Err(error) = replay.document(&document) {
            eprintln!("note: {file}: a playbook that is stored cannot be used: {error}");
        }
    }
    for path in asked.playbooks {
        for document in documents(path)? {
            replay.document(&document).map_err(|error| Failure::Unusable(format!("{}: {error}", path.display())))?;
        }
    }
    let base = stored.base.take();
    let begins = base.as_ref().map_or(0, |base| base.seq) + 1;
    if let Some(base) = base {
        replay.start(base);
    }
    let is_json = asked.format == Format::Json;
    let pruned = if begins > 1 { format!(", the base: what lies before {begins} is pruned") } else { String::new() };
    let header = format!("{file}: from record {begins} on{pruned}; the host draws {}\n", channels.join(", "));
    if is_json {
        eprint!("{header}")
    } else {
        put(&header, None)?
    }

    let mut count = Count::default();
    let mut missing = None;
    while let Some(row) = stored.next()? {
        let redecided = replay.row(&row.json).map_err(|source| unfollowed(&row.place, source, count.rows == 0))?;
        count.add(&redecided.redecision);
        if let Redecision::Unknown { missing: Missing::Playbook { hash } } = &redecided.redecision {
            missing.get_or_insert_with(|| format!("{}: the playbook {hash} is not there", row.place));
        }
        let told = if is_json { printed(&redecided, asked.explain) } else { told(&redecided, asked.explain) };
        put(&told, None)?;
    }
    if count.rows == 0 {
        return Err(Failure::Unusable(format!("{file}: there is no row in it")));
    }
    let summary = count.told(asked.channels.is_empty());
    if is_json {
        eprint!("{summary}")
    } else {
        put(&summary, None)?
    }
    match missing {
        Some(missing) => Err(Failure::Unusable(format!("{missing}; give its document with --playbook"))),
        None => Ok(u8::from(count.differs > 0)),
    }
}

/// A row that cannot be read, or does not follow the last one.
fn unfollowed(place: &str, source: JournalError, is_first: bool) -> Failure {
    match source {
        JournalError::Gap { seen, .. } if is_first => Failure::Unusable(format!(
            "{place}: the journal begins at record {seen}, and the base checkpoint that it follows is not there"
        )),
        source => Failure::Journal { place: place.to_owned(), source },
    }
}

/// A playbook's document as it may have been installed: the file itself, or what is built of it.
fn documents(path: &Path) -> Result<Vec<String>, Failure> {
    let text = String::from_utf8(read(path)?).ok().filter(|text| Playbook::compile(text).is_ok());
    match (text, visit::playbook(path)) {
        (Some(text), Ok(built)) if text != built => Ok(vec![text, built]),
        (Some(text), _) => Ok(vec![text]),
        (None, built) => Ok(vec![built?]),
    }
}

impl Count {
    fn add(&mut self, redecision: &Redecision) {
        self.rows += 1;
        match redecision {
            Redecision::Same { given } => {
                self.same += 1;
                self.given += u64::from(!given.is_empty());
            }
            Redecision::Differs { .. } => self.differs += 1,
            _ => self.unknown += 1,
        }
    }

    fn told(&self, are_channels_assumed: bool) -> String {
        let Self { rows, same, given, differs, unknown } = self;
        let given = if *given > 0 { format!(" ({given} with what no row says)") } else { String::new() };
        let rows = if *rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
        let mut text = format!("{rows}: {same} same{given}, {differs} different, {unknown} unknown\n");
        if *differs > 0 && are_channels_assumed {
            text.push_str("if the host draws on other channels, say so with --channels\n");
        }
        text
    }
}

/// The moment of a row.
fn moment(row: &Row) -> DateTime<FixedOffset> {
    let offset = row.ctx.offset_min.checked_mul(60).and_then(FixedOffset::east_opt);
    let offset = offset.unwrap_or_else(|| chrono::Utc.fix());
    DateTime::from_timestamp_millis(row.ctx.now.0).unwrap_or_default().with_timezone(&offset)
}

/// The name of a row's input.
fn input(row: &Row) -> String {
    match serde_json::from_str(&row.input.to_json()).unwrap_or_default() {
        Value::String(name) => name,
        Value::Object(one) => one.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

fn verdict(redecision: &Redecision) -> &'static str {
    match redecision {
        Redecision::Same { .. } => "same",
        Redecision::Differs { .. } => "differs",
        _ => "unknown",
    }
}

/// For people.
fn told(Redecided { row, redecision, step }: &Redecided, explain: bool) -> String {
    let kinds: Vec<&str> = row.records.iter().map(|record| record.body.kind()).collect();
    let (at, input, kinds, verdict) = (local(moment(row)), input(row), kinds.join(" "), verdict(redecision));
    let places = if row.first == row.last { row.last.to_string() } else { format!("{}-{}", row.first, row.last) };
    let mut text = format!("{at}  {places}  {input}  [{kinds}]  {verdict}\n");
    match redecision {
        Redecision::Same { given } => {
            given.iter().for_each(|given| text.push_str(&format!("    given    {given}\n")));
        }
        Redecision::Differs { difference } => text.push_str(&format!("    differs  {difference}\n")),
        Redecision::Unknown { missing } => text.push_str(&format!("    unknown  {missing}\n")),
        _ => {}
    }
    if let Some(step) = step.as_ref().filter(|_| explain) {
        text.push_str(&decided(step, *moment(row).offset()));
    }
    text
}

/// One JSON line.
fn printed(Redecided { row, redecision, step }: &Redecided, explain: bool) -> String {
    let mut line = json!({
        "row": [row.first, row.last],
        "now": moment(row).to_rfc3339(),
        "owner": row.owner,
        "do": input(row),
        "verdict": verdict(redecision),
    });
    match redecision {
        Redecision::Same { given } if !given.is_empty() => {
            line["given"] = given.iter().map(|given| json!(given.to_string())).collect();
        }
        Redecision::Differs { difference } => {
            let Difference { record, kind, field, stored, redecided, .. } = &**difference;
            line["difference"] =
                json!({"record": record, "kind": kind, "field": field, "stored": stored, "redecided": redecided});
        }
        Redecision::Unknown { missing } => line["missing"] = json!(missing.to_string()),
        _ => {}
    }
    if let Some(step) = step.as_ref().filter(|_| explain) {
        line["decisions"] = json!(step.decisions);
    }
    format!("{line}\n")
}
