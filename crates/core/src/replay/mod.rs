//! Re-deciding a stored journal, row by row (engine.md 1.11): a diagnostic, never a way to open one.
//!
//! Truth is folded as always (engine.md 1.4). Before a row is folded, an engine in the state before it handles the row's own
//! input at the row's own moment, and what it writes is held against what is stored.

mod differ;
mod guess;
mod restore;

use std::sync::Arc;

use crate::engine::{Engine, EngineError};
use crate::input::Input;
use crate::journal::{self, Checkpoint, JournalError, Row};
use crate::playbook::{self, Playbook, PlaybookError};
use crate::record::Record;
use crate::state::State;
use crate::step::Step;
use crate::table::Table;
use crate::{CampaignId, OwnerId, Properties, Value};

pub use differ::Difference;
pub use guess::Given;
use guess::Guess;

/// What became of re-deciding a row.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Redecision {
    /// The engine writes the same row again.
    Same {
        /// What it had to be told for that, because no row says it; mostly nothing.
        given: Vec<Given>,
    },
    /// It writes something else.
    Differs {
        /// The first difference.
        difference: Box<Difference>,
    },
    /// It cannot be asked: something that the decision rested on is not in the journal.
    Unknown {
        /// What.
        missing: Missing,
    },
}

/// Why a row cannot be re-decided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Missing {
    /// A newer version of the library wrote it.
    #[error("a newer version of the library wrote it: `{path}` is not known here")]
    Newer {
        /// A field or record that this version does not know.
        path: String,
    },
    /// The row erased what it was decided from.
    #[error("what it was decided from is erased")]
    Erased,
    /// The document of the playbook in force.
    #[error("the playbook {hash} is not there")]
    Playbook {
        /// Its hash.
        hash: String,
    },
    /// A campaign that the host brought, before the journal begins or in another life of this owner.
    #[error("the host brought the campaign `{campaign}` itself, and its document is not stored")]
    HostOffer {
        /// The campaign.
        campaign: CampaignId,
    },
    /// The answers of a form that the tracking plan refused.
    #[error("the answers of a form are not stored where the tracking plan refused them")]
    Answers,
    /// What new counters started from.
    #[error("the journal is pruned: what the playbook's new counters started from is gone")]
    History,
}

/// A row, and what became of re-deciding it.
#[derive(Clone, Debug)]
pub struct Redecided {
    /// The row, as stored.
    pub row: Row,
    /// What became of it.
    pub redecision: Redecision,
    /// What the engine answered: its decisions with their reasons. Nothing where it could not be asked.
    pub step: Option<Step>,
}

/// Re-decides a journal, row by row.
///
/// ```
/// use hearken_core::{Context, Engine, Input, Purposes, Redecision, Replay, Timestamp};
///
/// let mut engine = Engine::new("owner-1", ["in_app"])?;
/// let ctx = Context { now: Timestamp(1_763_719_200_000), entropy: [7; 16], ..Context::default() };
/// let step = engine.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None }, &ctx);
/// let row = step.row.map(|row| row.to_json()).unwrap_or_default();
///
/// let mut replay = Replay::new(["in_app"])?;
/// assert_eq!(replay.row(&row)?.redecision, Redecision::Same { given: Vec::new() });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Replay {
    /// An owner without a past.
    fresh: Engine,
    /// What the stored rows tell.
    truth: State,
    /// The same, for the engine that decides next: kept apart so that nothing is copied where a row is the same.
    trial: State,
    owners: Table<OwnerId, Instance>,
    documents: Table<String, Document>,
    /// What counters of any known document may start from.
    past: Vec<Record>,
    is_pruned: bool,
    /// The journal cannot be followed beyond the last row.
    broken: Option<JournalError>,
}

/// One owner: an engine without its state, which all owners share.
#[derive(Debug)]
struct Instance {
    engine: Engine,
    /// How much of the past there was when it opened.
    since: usize,
}

#[derive(Debug)]
struct Document {
    text: String,
    playbook: Arc<Playbook>,
}

/// One attempt to write a row again.
struct Attempt {
    engine: Engine,
    step: Step,
    difference: Option<Difference>,
    given: Vec<Given>,
}

impl Replay {
    /// A replay of a journal that begins with its first record. `channels` are those that its host can draw: no row says
    /// them.
    ///
    /// # Errors
    /// A channel that does not exist.
    pub fn new<C: AsRef<str>>(channels: impl IntoIterator<Item = C>) -> Result<Self, EngineError> {
        Ok(Self {
            fresh: Engine::new("replay", channels)?,
            truth: State::default(),
            trial: State::default(),
            owners: Table::new(),
            documents: Table::new(),
            past: Vec::new(),
            is_pruned: false,
            broken: None,
        })
    }

    /// Starts at the base checkpoint of a journal that was pruned.
    pub fn start(&mut self, base: Checkpoint) {
        self.truth = base.state.clone();
        self.trial = base.state;
        self.is_pruned = self.truth.seq > 0;
    }

    /// Hands over a playbook's document, as it was installed. All come before the first row.
    ///
    /// # Errors
    /// A document that cannot be used.
    pub fn document(&mut self, text: &str) -> Result<(), PlaybookError> {
        let playbook = Arc::new(Playbook::compile(text)?);
        self.documents.insert(playbook::hash(text), Document { text: text.to_owned(), playbook });
        Ok(())
    }

    /// The place of the last record.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.truth.seq
    }

    /// Re-decides the next row as a store keeps it, and folds it.
    ///
    /// # Errors
    /// [`JournalError`]: a row that cannot be read, or does not follow the last one.
    pub fn row(&mut self, json: &str) -> Result<Redecided, JournalError> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let value = journal::parse(json, "row")?;
        let row: Row = journal::read_value(&value, "row")?;
        if erases(&row) {
            // The records before it are gone, and with them the places that they had.
            self.truth = State::default();
            self.past.clear();
        }
        if row.first != self.truth.seq + 1 {
            return Err(JournalError::Gap { after: self.truth.seq, seen: row.first });
        }
        if let Some(missing) = self.missing(&row, &value) {
            self.follow(&row)?;
            return Ok(Redecided { row, redecision: Redecision::Unknown { missing }, step: None });
        }
        let Attempt { mut engine, step, difference, given } = self.best(&row, &value);
        let state = std::mem::take(&mut engine.state);
        let redecision = match difference {
            None => {
                self.truth.fold(&row)?;
                self.trial = state;
                self.remember(&row);
                Redecision::Same { given }
            }
            Some(difference) => {
                let redecision = match self.excuse(&row, &engine, &step, &difference) {
                    Some(missing) => Redecision::Unknown { missing },
                    None => Redecision::Differs { difference: Box::new(difference) },
                };
                engine.holdouts_known = None;
                if !is_whole(&row) && step.row.as_ref().is_some_and(|again| again.last == row.last) {
                    // Records are missing, and what was decided again has them: the replay goes on with that.
                    self.trial = state.clone();
                    self.truth = state;
                    self.remember(&row);
                } else if let Err(error) = self.follow(&row) {
                    self.broken = Some(error);
                }
                redecision
            }
        };
        if let Some(instance) = self.owners.get_mut(&row.owner) {
            instance.engine = engine;
        }
        Ok(Redecided { row, redecision, step: Some(step) })
    }

    /// Folds a row that was not decided again.
    fn follow(&mut self, row: &Row) -> Result<(), JournalError> {
        self.truth.fold(row)?;
        self.trial = self.truth.clone();
        self.remember(row);
        Ok(())
    }

    fn remember(&mut self, row: &Row) {
        for record in &row.records {
            let kind = record.body.kind();
            let counts = |document: &Document| {
                let playbook = &document.playbook;
                playbook.counters.iter().any(|counter| counter.event == kind)
                    || playbook.success.events().iter().any(|event| event == kind)
            };
            let is_kept = self.past.is_empty() || kind == "$journal_gap" || self.documents.values().any(counts);
            if is_kept {
                self.past.push(record.clone());
            }
        }
    }

    /// What is missing for asking the engine at all.
    fn missing(&self, row: &Row, value: &Value) -> Option<Missing> {
        if erases(row) {
            return Some(Missing::Erased);
        }
        if let Some(path) = differ::unknown(value, row) {
            return Some(Missing::Newer { path });
        }
        let in_force = self.truth.playbook.as_ref().map(|playbook| playbook.hash.as_str());
        let mut hashes = in_force.into_iter().chain(restore::installed(row));
        let hash = hashes.find(|hash| !self.documents.contains_key(*hash))?;
        Some(Missing::Playbook { hash: hash.to_owned() })
    }

    /// The attempt that writes the row again, or else the one that comes furthest.
    fn best(&mut self, row: &Row, value: &Value) -> Attempt {
        let fresh = Engine { owner: row.owner.clone(), ..self.fresh.clone() };
        if matches!(row.input, Input::Open { .. }) || !self.owners.contains_key(&row.owner) {
            self.owners.insert(row.owner.clone(), Instance { engine: fresh.clone(), since: self.past.len() });
        }
        let instance = self.owners.get(&row.owner);
        let (known, since) =
            instance.map_or_else(|| (fresh.clone(), 0), |instance| (instance.engine.clone(), instance.since));
        let mut state = std::mem::take(&mut self.trial);
        let mut best: Option<Attempt> = None;
        // Where records are missing, nothing else has to explain that.
        let guesses = if is_whole(row) { usize::MAX } else { 1 };
        for mut guess in Guess::all(row, &known).take(guesses) {
            loop {
                let engine = if guess.begun_anew { &fresh } else { &known };
                let attempt = self.attempt(engine.clone(), state, row, value, &guess, since);
                if attempt.difference.is_none() {
                    return attempt;
                }
                state = self.truth.clone();
                let more = guess.learn(row, engine, &attempt, &self.truth);
                let reaches = |attempt: &Attempt| attempt.difference.as_ref().map(Difference::reach);
                if best.as_ref().is_none_or(|best| reaches(best) < reaches(&attempt)) {
                    best = Some(attempt);
                }
                if !more {
                    break;
                }
            }
        }
        // There is always a first guess.
        best.unwrap_or_else(|| self.attempt(known, state, row, value, &Guess::default(), since))
    }

    /// Lets an engine in the state before a row handle the row's input.
    fn attempt(
        &self,
        mut engine: Engine,
        state: State,
        row: &Row,
        value: &Value,
        guess: &Guess,
        since: usize,
    ) -> Attempt {
        let in_force = state.playbook.as_ref().and_then(|installed| self.documents.get(&installed.hash));
        engine.state = state;
        let hash = |playbook: &Option<Arc<Playbook>>| playbook.as_deref().map(|known| known.hash().to_owned());
        let playbook = in_force.map(|document| Arc::clone(&document.playbook));
        if hash(&engine.playbook) != hash(&playbook) {
            engine.playbook = playbook;
            engine.holdouts_known = None;
        }
        // What conditions read of the host stands in the row; what does not was not there.
        engine.host = Properties::new();
        let given = guess.apply(&mut engine);
        let document = restore::installed(row).and_then(|hash| self.documents.get(hash)).or(in_force);
        let mut input = restore::input(row, document.map_or("", |document| &document.text));
        match &mut input {
            Input::InstallPlaybook { document, history } => {
                let needed = engine.history_needed(document).unwrap_or_default();
                *history = guess.history(&self.past, since, &needed);
            }
            Input::Interaction { answers, .. } => answers.clone_from(&guess.answers),
            _ => {}
        }
        let step = engine.handle(input, &row.ctx);
        let difference = differ::first(value, step.row.as_ref());
        Attempt { engine, step, difference, given }
    }

    /// What a difference comes from, if that is something that the journal does not hold.
    fn excuse(&self, row: &Row, engine: &Engine, step: &Step, difference: &Difference) -> Option<Missing> {
        if self.is_pruned && difference.is_of_history() {
            return Some(Missing::History);
        }
        if matches!(row.input, Input::Interaction { .. }) && is_whole(row) && difference.is_of_answers() {
            return Some(Missing::Answers);
        }
        let rows = step.row.iter().chain([row]);
        let mut records = rows.flat_map(|row| &row.records).filter(|record| Some(record.seq) == difference.record);
        let campaign = records.find_map(guess::campaign_of)?;
        let trigger = self.truth.standing(&campaign)?.trigger.as_ref()?;
        let is_known = engine.playbook.as_ref().is_some_and(|playbook| playbook.campaign(&campaign).is_some())
            || engine.host_offers.contains_key(&campaign);
        (trigger.is_hosts() && !is_known).then_some(Missing::HostOffer { campaign })
    }
}

/// Whether a row begins the journal anew.
fn erases(row: &Row) -> bool {
    matches!(row.input, Input::Erase)
}

/// Whether a row has every record that its header says.
fn is_whole(row: &Row) -> bool {
    let places = row.first..=row.last;
    let seen = row.records.iter().map(|record| record.seq);
    places.eq(seen)
}
