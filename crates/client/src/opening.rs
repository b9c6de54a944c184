//! Opening a store: what it holds is folded, and the engine brought up to the present (engine.md 1.4, 11.2).

use hearken_core::{Checkpoint, Context, Engine, Input, Record, Verdict};

use crate::error::Error;
use crate::inner::{Outgoing, Phase, Shared, taken};
use crate::playbooks::History;
use crate::retention::{ROWS, damaged, fresh, read_row};
use crate::setup::Setup;
use crate::store::{self, Opened, Role, Store, StoreError};
use crate::worker::Worker;

/// What a store told.
struct Folded {
    engine: Engine,
    opened: Opened,
    reports: Vec<String>,
    /// The newest checkpoint could not be read: another is to be written.
    without_head: bool,
}

impl Worker {
    /// Opens the store, folds it and brings the engine up to the present. `lost` is what an earlier engine could not
    /// store.
    pub(crate) fn open(&mut self, lost: Option<String>) -> Result<(), Error> {
        let opened = match self.store.open()? {
            Role::Guest => {
                self.be_a_guest();
                return Ok(());
            }
            Role::Owner(opened) => opened,
        };
        let setup = self.inner.lock().setup.clone();
        let Folded { mut engine, opened, mut reports, without_head } = self.fold(&setup, opened)?;
        let mut stored = None;
        if let Some(hash) = engine.playbook_needed().map(str::to_owned) {
            match self.store.blob(&hash)? {
                Some(document) => {
                    engine.supply_playbook(&document)?;
                    stored = Some(document);
                }
                None => reports.push(format!("the installed playbook {hash} is not in the store")),
            }
        }
        let history = match &setup.playbook {
            Ok(document) => still_known(self.store.as_mut(), &mut engine, document)?,
            Err(_) => Vec::new(),
        };
        let gone = engine.foreign_owners();
        let seq = engine.seq();

        let mut shared = self.inner.lock();
        shared.journal = opened.journal;
        shared.checkpoint_at = if without_head { seq } else { opened.head.map_or(0, |head| head.seq) };
        shared.prune = true;
        shared.document = stored;
        if without_head {
            shared.handled += 1;
            shared.outbox.push_back(Outgoing { head: Some(engine.checkpoint()), ..Outgoing::default() });
        }
        shared.engine = Some(engine);
        shared.reports.extend(reports);
        self.begin(
            &mut shared,
            Input::Open { consent: Some(setup.consent), resumes: None, lost: lost.or(opened.lost) },
        );
        for said in setup.said() {
            self.begin(&mut shared, said);
        }
        if !gone.is_empty() {
            // The operating system's lock proves that no other process has this store.
            self.begin(&mut shared, Input::OwnersGone { owners: gone });
        }
        self.install(&mut shared, setup.playbook, history)?;
        while let Some((mut input, ctx)) = shared.early.pop_front() {
            if let Input::InstallPlaybook { document, history: found } = &mut input
                && let Some(engine) = &mut shared.engine
            {
                // What was stored before this opening; what came since is in the outbox and too new to be missed.
                *found = still_known(self.store.as_mut(), engine, document)?;
            }
            let name = input.name();
            if let Err(error) = taken(self.inner.handle(&mut shared, input, &ctx, None)) {
                shared.reports.push(format!("{name}, which came before the store was open, was refused: {error}"));
            }
        }
        shared.phase = Phase::Open;
        drop(shared);
        self.inner.done.notify_all();
        Ok(())
    }

    /// Another process owns the store: what came before that was known is handed over if it is an event, and else refused.
    fn be_a_guest(&self) {
        let mut shared = self.inner.lock();
        if !matches!(shared.phase, Phase::Guest) {
            shared.reports.push("another process owns the store: events are handed over to it".into());
        }
        shared.phase = Phase::Guest;
        let (events, others) = shared.early.drain(..).partition(|(input, _)| matches!(input, Input::Track { .. }));
        shared.early = events;
        for (input, _) in others {
            shared.reports.push(format!(
                "{}, which came before that was known, was refused: {}",
                input.name(),
                Error::NotOwner
            ));
        }
        self.inner.done.notify_all();
    }

    /// The process that owned the store may have gone: then this one owns it from here on.
    pub(crate) fn promote(&mut self) -> Result<(), Error> {
        let mut shared = self.inner.lock();
        shared.is_owner_asked_for = false;
        if !matches!(shared.phase, Phase::Guest) || shared.closing {
            return Ok(());
        }
        drop(shared);
        self.open(None)?;
        let mut shared = self.inner.lock();
        if matches!(shared.phase, Phase::Open) {
            shared.reports.push("the process that owned the store is gone: it is owned here now".into());
        }
        Ok(())
    }

    /// Hands in what opening itself does: at this moment, or at that of the first input that waits for it.
    fn begin(&self, shared: &mut Shared, input: Input) -> Verdict {
        let moment = self.inner.moment(shared);
        let first = shared.early.front().map_or(moment.now, |(_, ctx)| ctx.now);
        let moment = Context { now: moment.now.min(first), ..moment };
        self.inner.handle(shared, input, &moment, None)
    }

    /// The playbook that the app ships; where it cannot be used, the last good one stays.
    fn install(&self, shared: &mut Shared, playbook: Result<String, Error>, history: Vec<Record>) -> Result<(), Error> {
        let refused = match playbook {
            Err(error) => error,
            Ok(document) => match self.begin(shared, Input::InstallPlaybook { document: document.clone(), history }) {
                Verdict::Rejected { rejection } => {
                    let problem = hearken_core::Playbook::compile(&document).err().map(Error::from);
                    problem.unwrap_or_else(|| rejection.into())
                }
                _ => return Ok(()),
            },
        };
        if shared.engine.as_ref().is_none_or(|engine| engine.playbook().is_none()) {
            return Err(refused);
        }
        shared.reports.push(refused.to_string());
        Ok(())
    }

    /// Folds what the store holds: from the newest checkpoint, or if that is damaged from the one where the journal begins.
    /// A store that tells no journal at all is set aside.
    fn fold(&mut self, setup: &Setup, opened: Opened) -> Result<Folded, Error> {
        let reports: Vec<String> = opened.lost.iter().cloned().collect();
        let message = match from_head(setup, &opened) {
            Ok(engine) => return Ok(Folded { engine, opened, reports, without_head: false }),
            Err(StoreError::Damaged { message, .. }) => message,
            Err(error) => return Err(error.into()),
        };
        if opened.head.is_some()
            && let Ok(engine) = from_base(setup, self.store.as_mut())
        {
            let report = format!("the newest checkpoint cannot be used, and nothing is lost by it: {message}");
            return Ok(Folded { engine, opened, reports: vec![report], without_head: true });
        }
        let opened = self.store.restart(&message)?;
        let reports = opened.lost.iter().cloned().collect();
        Ok(Folded { engine: fresh(setup)?, opened, reports, without_head: false })
    }
}

/// What the store has of the events that a document's new counters need; nothing for one that will be refused.
fn still_known(store: &mut dyn Store, engine: &mut Engine, document: &str) -> Result<Vec<Record>, StoreError> {
    let needed = engine.history_needed(document).unwrap_or_default();
    Ok(if needed.is_empty() { Vec::new() } else { History::stored(store, needed)?.records })
}

fn from_head(setup: &Setup, opened: &Opened) -> Result<Engine, StoreError> {
    let mut engine = fresh(setup)?;
    load(&mut engine, opened.head.as_ref())?;
    for body in &opened.tail {
        engine.fold(&read_row(body)?).map_err(damaged)?;
    }
    Ok(engine)
}

fn from_base(setup: &Setup, store: &mut dyn Store) -> Result<Engine, StoreError> {
    let mut engine = fresh(setup)?;
    load(&mut engine, store.base()?.as_ref())?;
    loop {
        let bodies = store.rows(engine.seq(), ROWS)?;
        if bodies.is_empty() {
            return Ok(engine);
        }
        for body in bodies {
            engine.fold(&read_row(&body)?).map_err(damaged)?;
        }
    }
}

fn load(engine: &mut Engine, checkpoint: Option<&store::Checkpoint>) -> Result<(), StoreError> {
    if let Some(checkpoint) = checkpoint {
        engine.load(Checkpoint::from_json(&checkpoint.body).map_err(damaged)?);
    }
    Ok(())
}
