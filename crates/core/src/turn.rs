//! One step in the making (engine.md 1.2): due timers, the input, triggers, one arbitration.

use std::sync::Arc;

use crate::engine::Engine;
use crate::explain::Decided;
use crate::input::{Context, Input};
use crate::journal::{FORMAT, Row};
use crate::message::Message;
use crate::plan::Rejection;
use crate::playbook::Playbook;
use crate::presentation::{LEASE, Signal, Transition};
use crate::reason::Outcome;
use crate::record::{Attribute, AttributeOp, Body, ClockStep, Consent, JournalGap, PlaybookInstalled, Record};
use crate::session::TIMEOUT;
use crate::state::State;
use crate::step::{Blob, Cost, Decision, Diagnostic, Offer, Step, Verdict, Withdrawn};
use crate::table::Table;
use crate::time::{Span, Timestamp};
use crate::trigger::Fired;
use crate::{CampaignId, EndCause, Phase, PresentationId, Properties, Purpose, Purposes, RecordId, Value};

/// How far `now` may lie behind the last instant and still be taken for it (engine.md 1.5).
const CLOCK_SLACK: Span = Span::seconds(1);

pub(crate) struct Turn<'a> {
    pub(crate) engine: &'a mut Engine,
    pub(crate) ctx: &'a Context,
    /// The instant of this step, after the clock was held against the journal.
    pub(crate) now: Timestamp,
    pub(crate) playbook: Option<Arc<Playbook>>,
    first: u64,
    pub(crate) records: Vec<Record>,
    pub(crate) messages: Table<PresentationId, Message>,
    blob: Option<Blob>,
    /// Campaigns that this step's events set off, with the event.
    pub(crate) fired: Vec<(CampaignId, RecordId)>,
    /// A campaign that the host just put off: not offered again in the same step.
    pub(crate) put_off: Option<CampaignId>,
    pub(crate) offered: Vec<Offer>,
    pub(crate) withdrawn: Vec<Withdrawn>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) cost: Cost,
    pub(crate) is_activity: bool,
}

/// A timer that may be due.
enum Timer {
    Lease(PresentationId),
    Session,
    Trigger(CampaignId),
}

impl<'a> Turn<'a> {
    pub(crate) fn new(engine: &'a mut Engine, ctx: &'a Context) -> Self {
        Self {
            now: ctx.now,
            playbook: engine.playbook.clone(),
            first: engine.state.seq + 1,
            engine,
            ctx,
            records: Vec::new(),
            messages: Table::new(),
            blob: None,
            fired: Vec::new(),
            put_off: None,
            offered: Vec::new(),
            withdrawn: Vec::new(),
            decisions: Vec::new(),
            diagnostics: Vec::new(),
            transitions: Vec::new(),
            cost: Cost::default(),
            is_activity: false,
        }
    }

    /// The whole step.
    pub(crate) fn run(mut self, mut input: Input) -> Step {
        self.hold_clock();
        self.due_timers();
        let verdict = self.input(&mut input).err().unwrap_or_default();
        self.arbitrate();
        self.finish(input, verdict)
    }

    pub(crate) fn state(&self) -> &State {
        &self.engine.state
    }

    /// Whether the person's consent lets a record be written.
    pub(crate) fn may_record(&self, body: &Body) -> bool {
        body.purposes().is_none_or(|purposes| self.state().consent().meets(purposes))
    }

    /// Writes a record at this step's instant, and folds it. Nothing if consent does not let it.
    pub(crate) fn emit(&mut self, body: impl Into<Body>) -> Option<RecordId> {
        self.emit_at(body.into(), self.now)
    }

    #[inline(never)]
    pub(crate) fn emit_at(&mut self, body: Body, ts: Timestamp) -> Option<RecordId> {
        if !self.may_record(&body) {
            return None;
        }
        let place = self.records.len() as u32;
        let state = &self.engine.state;
        let id = RecordId::next(state.last_id, self.now, &self.ctx.entropy, place);
        let session = match &body {
            Body::SessionStart(_) => Some(id),
            _ => state.session.as_ref().map(|session| session.id),
        };
        let consent = match &body {
            Body::Consent(consent) => consent.purposes,
            _ => state.consent(),
        };
        let record = Record {
            id,
            seq: state.seq + 1,
            ts,
            offset_min: self.ctx.offset_min,
            profile: state.current.unwrap_or(id),
            user: state.profile().and_then(|profile| profile.user.clone()),
            session,
            consent,
            pii: self.personal(&body),
            body,
        };
        self.engine.state.apply(&record);
        self.records.push(record);
        Some(id)
    }

    /// What of a record the plan marks as personal.
    fn personal(&self, body: &Body) -> Vec<String> {
        let Some(plan) = self.playbook.as_ref().map(|playbook| &playbook.plan) else { return Vec::new() };
        match body {
            Body::Event { name, properties } => {
                let Some(planned) = plan.events.get(name) else { return Vec::new() };
                let marked =
                    planned.properties.iter().filter(|(name, plan)| plan.pii && properties.contains_key(*name));
                marked.map(|(name, _)| name.clone()).collect()
            }
            Body::Attribute(change) if plan.attributes.get(&change.name).is_some_and(|plan| plan.pii) => {
                vec!["value".to_owned()]
            }
            _ => Vec::new(),
        }
    }

    /// Holds the clock against the journal (engine.md 1.5).
    fn hold_clock(&mut self) {
        let last = self.state().now;
        if self.now >= last {
            return;
        }
        let back = last.since(self.now);
        if back <= CLOCK_SLACK {
            self.now = last;
            return;
        }
        self.diagnostics.push(Diagnostic::ClockStep { back_ms: back.0 });
        if self.state().current.is_some() {
            self.emit(ClockStep { from: last, to: self.now });
        }
    }

    /// Timers that are due, in the order of their instants.
    fn due_timers(&mut self) {
        let now = self.now;
        let mut due: Vec<(Timestamp, Timer)> = Vec::new();
        for presentation in self.state().open_presentations().filter(|p| p.phase == Phase::Offered) {
            due.push((presentation.reserved_at.plus(LEASE), Timer::Lease(presentation.id)));
        }
        if let Some(session) = &self.state().session {
            due.push((session.last.plus(TIMEOUT), Timer::Session));
        }
        due.extend(self.trigger_deadlines().map(|(at, id)| (at, Timer::Trigger(id.clone()))));
        due.retain(|(at, _)| *at <= now);
        due.sort_by_key(|(at, _)| *at);
        for (_, timer) in due {
            match timer {
                Timer::Lease(id) => self.signal(id, Signal::LeaseOver, EndCause::Lease, None),
                Timer::Session => self.expire_session(),
                Timer::Trigger(campaign) => self.drop_trigger(campaign, "expired"),
            }
        }
    }

    fn trigger_deadlines(&self) -> impl Iterator<Item = (Timestamp, &CampaignId)> {
        self.state().profile().into_iter().flat_map(|profile| {
            profile.waiting.iter().filter_map(|id| {
                let fired = profile.campaigns.get(id)?.trigger.as_ref()?;
                Some((Fired::deadline(fired)?, id))
            })
        })
    }

    fn input(&mut self, input: &mut Input) -> Result<(), Verdict> {
        match input {
            Input::Open { consent, resumes, lost } => {
                if self.state().current.is_none() {
                    let purposes = consent.unwrap_or_default();
                    self.emit(Consent { purposes, source: "initial".into() });
                }
                if let Some(reason) = lost.take() {
                    self.emit(JournalGap { reason });
                }
                if let Some(owner) = resumes.clone() {
                    self.resume(&owner);
                }
            }
            Input::InstallPlaybook { document } => self.install(document)?,
            Input::Track { name, properties, at } => self.track(name.clone(), std::mem::take(properties), *at)?,
            Input::Attribute(change) => self.attribute(change.name.clone(), change.value.clone())?,
            Input::Consent { purposes } => self.consent(*purposes),
            Input::HostState => self.host_state(),
            Input::HostAnswer { presentation_id, answer } => self.answer(*presentation_id, *answer)?,
            Input::Displaying { presentation_id } => self.displaying(*presentation_id)?,
            Input::Visible { presentation_id } => self.visible(*presentation_id)?,
            Input::Ended { presentation_id, cause } => self.left(*presentation_id, *cause)?,
            Input::Interaction { presentation_id, kind, target } => {
                self.interaction(*presentation_id, *kind, target.clone())?;
            }
            Input::OwnersGone { owners } => self.owners_gone(owners),
            Input::Tick => {}
        }
        Ok(())
    }

    /// Records an event: plan, consent, activity, the record, then what it sets off.
    pub(crate) fn track(
        &mut self,
        name: String,
        mut properties: Properties,
        at: Option<Timestamp>,
    ) -> Result<(), Verdict> {
        let purposes = match &self.playbook {
            Some(playbook) => {
                playbook.plan.check_event(&name, &mut properties).map_err(rejected)?;
                playbook.plan.event_purposes(&name)
            }
            None => {
                let open = crate::plan::Plan { mode: crate::plan::Mode::Open, ..Default::default() };
                open.check_event(&name, &mut properties).map_err(rejected)?;
                open.event_purposes(&name)
            }
        };
        if !self.state().consent().meets(purposes) {
            return Err(Verdict::NotConsented);
        }
        if at.is_none() {
            self.activity();
        }
        let ts = at.unwrap_or(self.now).min(self.now);
        let before = self.records.len();
        self.emit_at(Body::Event { name, properties }, ts);
        self.fire(before);
        Ok(())
    }

    fn attribute(&mut self, name: String, mut value: Value) -> Result<(), Verdict> {
        let Some(playbook) = self.playbook.clone() else {
            return Err(rejected(Rejection::UnknownProperty { path: name }));
        };
        playbook.plan.check_attribute(&name, &mut value).map_err(rejected)?;
        if !self.state().consent().meets(playbook.plan.attribute_purposes(&name)) {
            return Err(Verdict::NotConsented);
        }
        let change = match value {
            Value::Null => Attribute { op: AttributeOp::Unset, name, value: None },
            value => Attribute { op: AttributeOp::Set, name, value: Some(value) },
        };
        self.emit(change);
        Ok(())
    }

    /// Withdrawing `messaging` takes back what is open in the same step (engine.md 2.4).
    fn consent(&mut self, purposes: Purposes) {
        if !purposes.has(Purpose::Messaging) {
            self.withdraw(|_| true);
        }
        self.emit(Consent { purposes, source: "person".into() });
    }

    fn install(&mut self, document: &mut String) -> Result<(), Verdict> {
        let refuse = |turn: &mut Self, message: String| {
            turn.diagnostics.push(Diagnostic::PlaybookRefused { message: message.clone() });
            Err(rejected(Rejection::Playbook { message }))
        };
        let new = match Playbook::compile(document) {
            Ok(new) => new,
            Err(error) => return refuse(self, error.to_string()),
        };
        if let Some(installed) = &self.state().playbook {
            if installed.hash == new.hash() {
                self.adopt(new);
                return Ok(());
            }
            if new.revision() < installed.revision {
                let message = format!("revision {} is lower than the installed {}", new.revision(), installed.revision);
                return refuse(self, message);
            }
            if new.revision() == installed.revision && !new.development {
                let message = format!(
                    "revision {} is installed with another content: raise it, or say `development: true`",
                    new.revision()
                );
                return refuse(self, message);
            }
        }
        self.withdraw(|presentation| {
            presentation.phase == Phase::Offered && {
                new.campaign(&presentation.campaign).is_none_or(|campaign| presentation_differs(campaign, presentation))
            }
        });
        self.emit(PlaybookInstalled {
            playbook: new.id().to_owned(),
            revision: new.revision(),
            hash: new.hash().to_owned(),
        });
        self.blob = Some(Blob { hash: new.hash().to_owned(), content: std::mem::take(document) });
        self.adopt(new);
        Ok(())
    }

    fn adopt(&mut self, playbook: Playbook) {
        for problem in playbook.problems() {
            let (path, message) = (problem.path.clone(), problem.message.clone());
            self.diagnostics.push(Diagnostic::CampaignDisabled { path, message });
        }
        let playbook = Arc::new(playbook);
        self.engine.playbook = Some(Arc::clone(&playbook));
        self.playbook = Some(playbook);
    }

    fn finish(mut self, mut input: Input, verdict: Verdict) -> Step {
        self.engine.could_display = self.ctx.can_display;
        for decision in &self.decisions {
            let decided = Decided { at: self.now, outcome: decision.outcome.clone() };
            self.engine.decided.insert(decision.campaign.clone(), decided);
        }
        let next_wakeup = self.next_wakeup();
        let row = (!self.records.is_empty()).then(|| {
            let activity = self.is_activity && input.is_activity();
            input.slim();
            let row = Row {
                v: FORMAT,
                first: self.first,
                last: self.engine.state.seq,
                owner: self.engine.owner.clone(),
                activity,
                ctx: Context { now: self.now, ..self.ctx.clone() },
                input,
                messages: std::mem::take(&mut self.messages),
                records: std::mem::take(&mut self.records),
            };
            self.engine.state.close_row(&row);
            row
        });
        Step {
            verdict,
            row,
            blob: self.blob,
            offered: self.offered,
            withdrawn: self.withdrawn,
            decisions: self.decisions,
            diagnostics: self.diagnostics,
            transitions: self.transitions,
            next_wakeup,
            cost: self.cost,
        }
    }

    /// The earliest instant at which time alone changes something; strictly later than now (engine.md 1.3).
    fn next_wakeup(&self) -> Option<Timestamp> {
        let leases = self.state().open_presentations().filter(|p| p.phase == Phase::Offered);
        let leases = leases.map(|presentation| presentation.reserved_at.plus(LEASE));
        let triggers = self.trigger_deadlines().map(|(at, _)| at);
        let waiting = self.decisions.iter().filter_map(|decision| match &decision.outcome {
            Outcome::Waiting { reason, .. } => reason.next_eligible_at(),
            _ => None,
        });
        leases.chain(triggers).chain(waiting).filter(|at| *at > self.now).min()
    }
}

/// Whether an undrawn offer no longer is what the new playbook would offer.
fn presentation_differs(
    campaign: &crate::playbook::Campaign,
    presentation: &crate::presentation::Presentation,
) -> bool {
    !campaign.enabled || !campaign.channels.iter().any(|channel| channel.name() == presentation.channel)
}

pub(crate) fn rejected(rejection: Rejection) -> Verdict {
    Verdict::Rejected { rejection }
}
