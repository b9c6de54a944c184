//! What a row does not say of its host. Inputs that change nothing of the state leave no row: a screen that goes out of sight,
//! a place in the page, a pause. Where a row is not written again as things are known, they are tried the other way.

use std::sync::Arc;

use super::Attempt;
use crate::engine::Engine;
use crate::input::Input;
use crate::journal::Row;
use crate::record::{Body, Record};
use crate::state::State;
use crate::{CampaignId, PresentationId, Properties, Timestamp, Value};

/// Something of the host that leaves no row, and that a row shows to have been so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Given {
    /// The host held messages back, or did no longer.
    Paused(bool),
    /// The screen could not be seen before; whether that was for 30 s or longer.
    OutOfSight(bool),
    /// The screen could be seen before.
    InSight,
    /// A place in the page was there.
    Mounted(String),
    /// A place in the page was not there.
    NotMounted(String),
    /// The owner had begun anew: a page that was loaded again.
    BegunAnew,
    /// The texts of a message that was offered before the journal begins are as stored.
    Texts(PresentationId),
}

impl std::fmt::Display for Given {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Paused(true) => write!(to, "the host held messages back"),
            Self::Paused(false) => write!(to, "the host no longer held messages back"),
            Self::OutOfSight(false) => write!(to, "the screen was out of sight before"),
            Self::OutOfSight(true) => write!(to, "the screen was out of sight for 30 s or longer"),
            Self::InSight => write!(to, "the screen was in sight before"),
            Self::Mounted(place) => write!(to, "the place `{place}` was there"),
            Self::NotMounted(place) => write!(to, "the place `{place}` was not there"),
            Self::BegunAnew => write!(to, "the page was loaded again"),
            Self::Texts(id) => write!(to, "the texts of {id} were as stored"),
        }
    }
}

/// How things may have been when the row's input came.
#[derive(Clone, Debug, Default)]
pub(super) struct Guess {
    pub(super) begun_anew: bool,
    is_paused_otherwise: bool,
    sight: Option<Sight>,
    pub(super) answers: Properties,
    from: From,
    /// Places that were there and are not known, or the other way round.
    turned: Vec<String>,
    texts: Option<(PresentationId, Value)>,
}

/// Whether the screen could be seen before.
#[derive(Clone, Copy, Debug)]
enum Sight {
    In,
    Out { long: bool },
}

/// What the host had read of the journal for an install: at its opening, at the install, or nothing.
#[derive(Clone, Copy, Debug, Default)]
enum From {
    #[default]
    Opening,
    Install,
    Nothing,
}

impl Guess {
    /// Every guess, what is known first.
    pub(super) fn all(row: &Row, known: &Engine) -> impl Iterator<Item = Self> {
        let sights = match row.input {
            Input::HostState { .. } => vec![
                None,
                Some(if known.could_display { Sight::Out { long: false } } else { Sight::In }),
                Some(Sight::Out { long: true }),
            ],
            _ => vec![None],
        };
        // Answers are the properties of an event that the step recorded; the form's is the last more often than not.
        let mut answers = Vec::new();
        if matches!(row.input, Input::Interaction { .. }) {
            for record in row.records.iter().rev() {
                if let Body::Event { properties, .. } = &record.body {
                    answers.push(Properties::clone(properties));
                }
            }
        }
        answers.push(Properties::new());
        let from = match row.input {
            Input::InstallPlaybook { .. } => vec![From::Opening, From::Install, From::Nothing],
            _ => vec![From::Opening],
        };
        let mut all = Vec::new();
        for begun_anew in [false, true] {
            for is_paused_otherwise in [false, true] {
                for sight in &sights {
                    for answers in &answers {
                        for from in &from {
                            let (sight, from, answers) = (*sight, *from, answers.clone());
                            all.push(Self { begun_anew, is_paused_otherwise, sight, answers, from, ..Self::default() });
                        }
                    }
                }
            }
        }
        all.into_iter()
    }

    /// Brings an engine to where the guess has it. Answers with what that says of the host.
    pub(super) fn apply(&self, engine: &mut Engine) -> Vec<Given> {
        let mut given = Vec::new();
        if self.begun_anew {
            given.push(Given::BegunAnew);
        }
        if self.is_paused_otherwise {
            engine.paused = !engine.paused;
            given.push(Given::Paused(engine.paused));
        }
        match self.sight {
            None => {}
            Some(Sight::In) => {
                engine.could_display = true;
                given.push(Given::InSight);
            }
            Some(Sight::Out { long }) => {
                engine.could_display = false;
                engine.hidden_since = long.then_some(Timestamp(0));
                given.push(Given::OutOfSight(long));
            }
        }
        for placement in &self.turned {
            match engine.mounted.iter().position(|known| known == placement) {
                Some(place) => {
                    engine.mounted.remove(place);
                    given.push(Given::NotMounted(placement.clone()));
                }
                None => {
                    engine.mounted.push(placement.clone());
                    given.push(Given::Mounted(placement.clone()));
                }
            }
        }
        if let Some((id, message)) = &self.texts {
            engine.drafts.insert(*id, Arc::new(message.clone()));
            given.push(Given::Texts(*id));
        }
        given
    }

    /// What the host handed in with an install.
    pub(super) fn history(&self, past: &[Record], since: usize, needed: &[String]) -> Vec<Record> {
        let count = match self.from {
            From::Opening => since.min(past.len()),
            From::Install => past.len(),
            From::Nothing => 0,
        };
        if needed.is_empty() {
            return Vec::new();
        }
        let mut history: Vec<Record> = Vec::new();
        for record in past.iter().take(count) {
            if matches!(record.body, Body::JournalGap(_)) {
                history.clear();
            }
            if history.is_empty() || needed.iter().any(|event| event == record.body.kind()) {
                history.push(record.clone());
            }
        }
        history
    }

    /// Learns from an attempt that wrote something else: a place or a text, each once. Answers whether there is anything new
    /// to try.
    pub(super) fn learn(&mut self, row: &Row, before: &Engine, attempt: &Attempt, state: &State) -> bool {
        let mut is_new = false;
        // What stands or falls with a place in the page differs in a record of its campaign.
        let rows = attempt.step.row.iter().chain([row]);
        let place = attempt.difference.as_ref().and_then(|difference| difference.record);
        for record in rows.flat_map(|row| &row.records).filter(|record| Some(record.seq) == place) {
            let Some(placement) = placement_of(record, &attempt.engine) else { continue };
            if !self.turned.contains(&placement) {
                self.turned.push(placement);
                is_new = true;
            }
        }
        // A step draws one message.
        let mut messages = row.messages.iter().filter(|(id, _)| state.presentations.contains_key(id));
        let lost = messages.find(|(id, _)| !self.begun_anew && !before.drafts.contains_key(id));
        if let (None, Some((id, message))) = (&self.texts, lost) {
            self.texts = Some((*id, message.clone()));
            is_new = true;
        }
        is_new
    }
}

/// The place in the page that a record's campaign fills.
fn placement_of(record: &Record, engine: &Engine) -> Option<String> {
    let campaign = campaign_of(record)?;
    let of = engine.playbook.as_ref().and_then(|playbook| playbook.campaign(&campaign));
    of.or_else(|| engine.host_offers.get(&campaign))?.placement.clone()
}

/// The campaign that a record is of.
pub(super) fn campaign_of(record: &Record) -> Option<CampaignId> {
    let (_, data) = record.body.fact()?;
    Some(data.get("campaign")?.as_str()?.to_owned())
}
