//! Why an event of a user counts in a metric, or does not.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use hearken_core::success::{Definition, Pair, Plan};

use crate::cell::Cell;
use crate::draft::Draft;
use crate::duplicates;
use crate::ingest::{Ingest, id_of, in_range};
use crate::naive::Naive;
use crate::people::Owners;
use crate::progress::Silent;
use crate::reason::{Place, Reason};
use crate::run::Options;
use crate::source::{Failure, Input, Sink, Spec};
use crate::store::Rows;

/// What became of an event in one part of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it counts.
    pub counted: bool,
    /// Why not, as a code; `counted` if it does.
    pub code: String,
    /// The same in words.
    pub says: String,
}

impl Verdict {
    pub(crate) fn new(code: impl Into<String>, says: String) -> Self {
        Self { counted: false, code: code.into(), says }
    }

    pub(crate) fn counted(says: String) -> Self {
        Self { counted: true, code: "counted".to_owned(), says }
    }
}

/// An event of a user.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) ts: i64,
    pub(crate) offset: i16,
    pub(crate) event: String,
    pub(crate) session: Option<String>,
    pub(crate) properties: Vec<Cell<'static>>,
    place: Place,
    /// Why it counts nowhere.
    out: Option<Reason>,
}

/// An event with what became of it.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Its id.
    pub id: String,
    /// When.
    pub ts: i64,
    /// Its name.
    pub event: String,
    /// The row.
    pub place: Place,
    /// In each part of the metric, such as `num`, `den` or `each`. Empty if the row counts nowhere.
    pub parts: Vec<(String, Verdict)>,
    /// Why the row counts nowhere.
    pub left_out: Option<Reason>,
}

/// Why a metric is what it is for one user.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The user's events, in their order.
    pub events: Vec<Explained>,
    /// The pair; of a metric that is split, one for each group, which is `Some(None)` for an absent property.
    pub pairs: Vec<(Option<Option<String>>, Pair)>,
}

/// Every event of one user, to be asked about any metric.
#[derive(Debug)]
pub struct History {
    definition: Arc<Definition>,
    as_of: i64,
    events: Vec<Event>,
}

impl History {
    /// Reads the events of a user, whose key is `u:` and the user or `p:` and the profile.
    ///
    /// # Errors
    /// A file cannot be read, or is not what it should be.
    pub fn read(
        definition: &Arc<Definition>,
        paths: &[PathBuf],
        options: &Options,
        user: &str,
    ) -> Result<Self, Failure> {
        let mut events = events(definition, paths, options, user)?;
        events.sort_by(|a, b| (a.ts, a.id.as_bytes(), a.place).cmp(&(b.ts, b.id.as_bytes(), b.place)));
        Ok(Self { definition: Arc::clone(definition), as_of: options.as_of, events })
    }

    /// Explains a metric; nothing if the definition has none of that name.
    #[must_use]
    pub fn explain(&self, metric: &str) -> Option<Explanation> {
        let metric = self.definition.metric(metric)?;
        let counting: Vec<Event> = self.events.iter().filter(|event| event.out.is_none()).cloned().collect();
        let mut naive = Naive::new(&self.definition, metric, &counting, self.as_of);
        let pairs = naive.pairs();
        let mut traces = naive.traces.into_iter();
        let explained = self.events.iter().map(|event| Explained {
            parts: if event.out.is_none() { traces.next().unwrap_or_default() } else { Vec::new() },
            id: event.id.clone(),
            ts: event.ts,
            event: event.event.clone(),
            place: event.place,
            left_out: event.out,
        });
        Some(Explanation { events: explained.collect(), pairs })
    }
}

/// Every row of a user, those that count nowhere included.
fn events(
    definition: &Arc<Definition>,
    paths: &[PathBuf],
    options: &Options,
    user: &str,
) -> Result<Vec<Event>, Failure> {
    let plan = Plan::new(Arc::clone(definition));
    let spec = options.source.as_ref();
    let inputs = Input::list(paths, spec)?;
    let ingest = Ingest::new(&plan, options.as_of, options.history_from, options.budget);
    for input in &inputs {
        ingest.read(input, spec, &Silent)?;
    }
    let Ingest { keys, store, .. } = ingest;
    let (keys, mut rows) = (keys.freeze(), Rows::new(store));
    let found = duplicates::find(&mut rows)?;
    let mut duplicates = BTreeMap::new();
    let again = |wanted| duplicates::read_again(&inputs, spec, &wanted);
    let dropped = duplicates::resolve(&mut rows, &found, &keys, again, |reason, place| {
        duplicates.insert(place, reason);
    })?;
    let owners = Owners::new(&found.merges, &dropped);
    let owners =
        owners.pairs().map(|(profile, user)| (keys.text(profile).to_owned(), keys.text(user).to_owned())).collect();
    let of = Mine { definition, options, user, owners, duplicates };
    collect(&inputs, spec, &of)
}

/// Whose rows are looked for, and what is known of all.
struct Mine<'m> {
    definition: &'m Definition,
    options: &'m Options,
    user: &'m str,
    owners: BTreeMap<String, String>,
    duplicates: BTreeMap<Place, Reason>,
}

fn collect(inputs: &[Input], spec: Option<&Spec>, of: &Mine<'_>) -> Result<Vec<Event>, Failure> {
    let events = Mutex::new(Vec::new());
    for input in inputs {
        input.read(spec, &Silent, &|| Mining { of, events: Vec::new() }, &|mining: Mining<'_>| {
            events.lock().unwrap_or_else(PoisonError::into_inner).extend(mining.events);
            Ok(())
        })?;
    }
    Ok(events.into_inner().unwrap_or_else(PoisonError::into_inner))
}

struct Mining<'m> {
    of: &'m Mine<'m>,
    events: Vec<Event>,
}

impl Sink for Mining<'_> {
    fn take(&mut self, place: Place, row: Result<Draft<'_>, Reason>) {
        let Ok(row) = row.and_then(Draft::check) else { return };
        let of = self.of;
        let owner = || Some(format!("u:{}", of.owners.get(row.profile.as_deref()?)?));
        let profile = || row.profile.as_ref().map(|profile| format!("p:{profile}"));
        let user = row.user.as_ref().map(|user| format!("u:{user}")).or_else(owner).or_else(profile);
        if user.as_deref() != Some(of.user) {
            return;
        }
        let names = &of.definition.properties;
        let mut cells = vec![Cell::Absent; names.len()];
        let asked = |name: &str| names.iter().position(|known| known == name);
        let out = row
            .payload
            .read(&asked, &mut cells)
            .and_then(|()| in_range(&row, of.options.as_of, of.options.history_from));
        self.events.push(Event {
            id: row.id.as_ref().map_or_else(|| id_of(place), |id| id.clone().into_owned()),
            ts: row.ts,
            offset: row.offset,
            event: row.event.clone().into_owned(),
            session: row.session.as_ref().map(|session| session.clone().into_owned()),
            properties: cells.into_iter().map(Cell::into_owned).collect(),
            place,
            out: out.err().or_else(|| of.duplicates.get(&place).copied()),
        });
    }
}
