//! One step in the making (engine.md 1.2): due timers, the input, triggers, one arbitration.

use std::sync::Arc;

use crate::engine::Engine;
use crate::explain::Decided;
use crate::input::{Context, Input};
use crate::journal::{FORMAT, Row};
use crate::list::Listed as _;
use crate::plan::{Plan, Rejection};
use crate::playbook::{Campaign, Playbook};
use crate::presentation::Transition;
use crate::record::{Body, Consent, ConsentSource, JournalGap, Record};
use crate::render::Speaker;
use crate::state::State;
use crate::step::{Blob, Cost, Decision, Diagnostic, Offer, Step, Verdict, Withdrawn};
use crate::table::Table;
use crate::time::Timestamp;
use crate::trigger::OUTSIDE_SESSION;
use crate::{CampaignId, ProfileId, Properties, Purposes, RecordId, Value};

pub(crate) struct Turn<'a> {
    pub(crate) engine: &'a mut Engine,
    pub(crate) ctx: &'a Context,
    /// The instant of this step, after the clock was held against the journal.
    pub(crate) now: Timestamp,
    pub(crate) playbook: Option<Arc<Playbook>>,
    first: u64,
    pub(crate) records: Vec<Record>,
    /// What presentations and cards show, by the record that made them.
    pub(crate) messages: Table<RecordId, Value>,
    pub(crate) blob: Option<Blob>,
    /// Records of this step that may set something off.
    occurred: Vec<usize>,
    /// Campaigns that this step set off.
    pub(crate) fired: Vec<Firing>,
    /// A campaign that the host just put off: not offered again in the same step.
    pub(crate) put_off: Option<CampaignId>,
    pub(crate) offered: Vec<Offer>,
    pub(crate) withdrawn: Vec<Withdrawn>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) cost: Cost,
    pub(crate) is_activity: bool,
    pub(crate) inbox_changed: bool,
    /// Everything stored before this step goes.
    erased: bool,
}

/// A campaign that was set off.
pub(crate) struct Firing {
    pub(crate) id: CampaignId,
    /// What it is in the playbook in force; nothing if a new one has it no more.
    pub(crate) campaign: Option<Arc<Campaign>>,
    /// The record of the newest event that matched.
    pub(crate) event: RecordId,
    /// It is walked from here on.
    pub(crate) due: Option<Timestamp>,
    /// It drops by itself here.
    pub(crate) expires: Option<Timestamp>,
}

impl Firing {
    /// A campaign fires at an instant: at an event, or at the end of a silence, which counts as timed (engine.md 4.3).
    pub(crate) fn of(campaign: &Arc<Campaign>, event: RecordId, at: Timestamp, timed: bool) -> Self {
        let due = campaign.delay.map(|delay| at.plus(delay));
        let expires = match (campaign.ttl, timed || due.is_some()) {
            (Some(ttl), _) => Some(due.unwrap_or(at).plus(ttl)),
            (None, true) => Some(due.unwrap_or(at).plus(OUTSIDE_SESSION)),
            (None, false) => None,
        };
        Self { id: campaign.id.clone(), campaign: Some(Arc::clone(campaign)), event, due, expires }
    }
}

impl<'a> Turn<'a> {
    pub(crate) fn new(engine: &'a mut Engine, ctx: &'a Context) -> Self {
        engine.host_read.take();
        for (name, value) in &ctx.host {
            // A replay brings back what the step read.
            engine.host.insert(name.clone(), value.clone());
        }
        Self {
            now: ctx.now,
            playbook: engine.playbook.clone(),
            first: engine.state.seq + 1,
            engine,
            ctx,
            records: Vec::new(),
            messages: Table::new(),
            blob: None,
            occurred: Vec::new(),
            fired: Vec::new(),
            put_off: None,
            offered: Vec::new(),
            withdrawn: Vec::new(),
            decisions: Vec::new(),
            diagnostics: Vec::new(),
            transitions: Vec::new(),
            cost: Cost::default(),
            is_activity: false,
            inbox_changed: false,
            erased: false,
        }
    }

    /// The whole step.
    pub(crate) fn run(mut self, mut input: Input) -> Step {
        if self.state().disabled && !is_taken_when_off(&input) {
            return Step { verdict: Verdict::Disabled, ..Step::default() };
        }
        // The row keeps the input, and a row is read as a document is.
        if let Input::Card { lasts: Some(span), .. } | Input::HostAnswer { after: Some(span), .. } = &mut input {
            *span = span.named();
        }
        self.hold_clock();
        self.due_timers();
        let verdict = self.input(&mut input).err().unwrap_or_default();
        if !self.state().disabled {
            self.occurrences();
            self.assign_holdouts();
            self.arbitrate();
        }
        self.finish(input, verdict)
    }

    pub(crate) fn state(&self) -> &State {
        &self.engine.state
    }

    /// Who gives messages their texts.
    pub(crate) fn speaker(&self) -> Speaker<'_> {
        Speaker { engine: self.engine, ctx: self.ctx, now: self.now }
    }

    /// Whether the person's consent lets a record be written.
    pub(crate) fn may_record(&self, body: &Body) -> bool {
        body.purposes().is_none_or(|purposes| self.state().consent().meets(purposes))
    }

    /// Writes a record at this step's instant, and folds it. Nothing if consent does not let it.
    pub(crate) fn emit(&mut self, body: impl Into<Body>) -> Option<RecordId> {
        self.emit_at(body.into(), self.now)
    }

    pub(crate) fn emit_at(&mut self, body: Body, ts: Timestamp) -> Option<RecordId> {
        if !self.may_record(&body) {
            return None;
        }
        Some(self.write(body, ts, None))
    }

    /// Writes a record whatever the consent; `enters` if it makes another profile current, and what that one agreed to.
    #[inline(never)]
    pub(crate) fn write(&mut self, body: Body, ts: Timestamp, enters: Option<(ProfileId, Purposes)>) -> RecordId {
        let id = self.next_id();
        let state = &self.engine.state;
        let session = match &body {
            Body::SessionStart(_) => Some(id),
            // Who comes has no session yet.
            _ => state.session.as_ref().map(|session| session.id).filter(|_| enters.is_none()),
        };
        let consent = match (&body, enters) {
            (Body::Consent(consent), _) => consent.purposes,
            (_, Some((_, purposes))) => purposes,
            _ => state.consent(),
        };
        let profile = enters
            .map(|(profile, _)| profile)
            .or(state.current)
            .filter(|profile| *profile != RecordId::default())
            .unwrap_or(id);
        let record = Record {
            id,
            seq: state.seq + 1,
            ts,
            offset_min: self.ctx.offset_min,
            profile,
            user: match &body {
                Body::Identify(identify) => Some(identify.user_id.clone()),
                Body::Reset(_) => None,
                _ => state.profile().and_then(|profile| profile.user.clone()),
            },
            session,
            consent,
            pii: self.personal(&body),
            late: !matches!(body, Body::Identify(_))
                && state.profiles.get(&profile).is_some_and(|profile| profile.tally.is_late(ts)),
            body,
        };
        self.engine.state.apply(&record);
        if self.listens_to(record.body.kind()) {
            self.occurred.push(self.records.len());
        }
        if self.records.is_empty() {
            // Most steps have one; room for more at once is memory that every caller waits for.
            self.records.reserve_exact(1);
        }
        self.records.push(record);
        id
    }

    /// Whether anything waits for records of a kind: a campaign, one that the host brought, or a card that they remove.
    pub(crate) fn listens_to(&self, kind: &str) -> bool {
        let campaigns = self.playbook.as_ref().is_some_and(|playbook| playbook.concerned_by(kind).next().is_some());
        campaigns
            || self.engine.host_offers.values().any(|offer| offer.exits().any(|exit| exit.event == kind))
            || self.state().profile().is_some_and(|profile| {
                profile.cards.values().any(|card| card.remove_on.iter().any(|removes| removes.event == kind))
            })
    }

    fn occurrences(&mut self) {
        let mut next = 0;
        while let Some(place) = self.occurred.get(next).copied() {
            next += 1;
            self.occur(place);
        }
    }

    /// The id that the next record will have.
    pub(crate) fn next_id(&self) -> RecordId {
        RecordId::next(self.state().last_id, self.now, &self.ctx.entropy, self.records.len() as u32)
    }

    /// Forgets the records of this step: the journal starts anew (engine.md 2.5).
    pub(crate) fn begin_anew(&mut self) {
        self.first = 1;
        self.records.clear();
        self.occurred.clear();
        self.fired.clear();
        self.messages = Table::new();
        self.erased = true;
    }

    /// What of a record the plan marks as personal.
    fn personal(&self, body: &Body) -> Vec<String> {
        let Some(plan) = self.playbook.as_ref().map(|playbook| &playbook.plan) else { return Vec::new() };
        match body {
            Body::Event { name, properties } => {
                let Some(planned) = plan.events.get(name) else { return Vec::new() };
                let marked =
                    planned.properties.iter().filter(|(name, plan)| plan.pii && properties.contains_key(*name));
                marked.map(|(name, _)| name.clone()).listed()
            }
            Body::Attribute(change) if plan.attributes.get(&change.name).is_some_and(|plan| plan.pii) => {
                vec!["value".to_owned()]
            }
            _ => Vec::new(),
        }
    }

    fn input(&mut self, input: &mut Input) -> Result<(), Verdict> {
        match input {
            Input::Open { consent, resumes, lost } => {
                if self.state().current.is_none() {
                    let purposes = consent.unwrap_or_default();
                    self.emit(Consent { purposes, source: ConsentSource::Initial, purge: false });
                }
                if let Some(reason) = lost.take() {
                    self.emit(JournalGap { reason, from: None, to: None });
                }
                if let Some(owner) = resumes.clone() {
                    self.resume(&owner);
                }
            }
            Input::InstallPlaybook { document, history } => self.install(document, history)?,
            Input::Track { name, properties, at } => self.track(name.clone(), std::mem::take(properties), *at)?,
            Input::Screen { name } => self.screen(name)?,
            Input::Identify { user } => self.identify(user)?,
            Input::Reset => self.reset(),
            Input::Attribute { op, name, value } => self.attribute(*op, name.clone(), value.clone())?,
            Input::Consent { purposes, purge } => self.consent(*purposes, *purge),
            Input::Switch { enabled } => self.switch(*enabled),
            Input::Touch { kind, delivery_id, channel, campaign, target } => {
                self.touch(*kind, delivery_id, channel, campaign.clone(), target.clone())?;
            }
            Input::Cue { cue, value } => self.cue(cue, value.clone())?,
            Input::Offer { document } => self.host_offer(document)?,
            Input::Mount { placement, mounted } => self.mount(placement, *mounted),
            Input::HostState { host, paused } => self.host_state(std::mem::take(host), *paused),
            Input::StoreState { volatile } => self.engine.volatile = *volatile,
            Input::HostAnswer { presentation_id, answer, after } => self.answer(*presentation_id, *answer, *after)?,
            Input::Displaying { presentation_id } => self.displaying(*presentation_id)?,
            Input::Visible { presentation_id } => self.visible(*presentation_id)?,
            Input::Ended { presentation_id, cause } => self.left(*presentation_id, *cause)?,
            Input::Interaction { presentation_id, kind, target, answers } => {
                let answers = std::mem::take(answers);
                self.interaction(*presentation_id, *kind, target.clone(), answers)?;
            }
            Input::Card { card, action, target, lasts } => self.card(card, *action, target.clone(), *lasts)?,
            Input::OwnersGone { owners } => self.owners_gone(owners),
            Input::Import { document } => self.import(document)?,
            Input::Erase => self.erase(),
            Input::Gap { reason, from, to } => {
                self.emit(JournalGap { reason: std::mem::take(reason), from: *from, to: *to });
            }
            Input::Tick => {}
        }
        Ok(())
    }

    /// Records an event: plan, consent, activity, the record; what it sets off comes after.
    pub(crate) fn track(
        &mut self,
        name: String,
        mut properties: Properties,
        at: Option<Timestamp>,
    ) -> Result<(), Verdict> {
        let open = Plan::open();
        let playbook = self.playbook.clone();
        let plan = playbook.as_ref().map_or(&open, |playbook| &playbook.plan);
        plan.check_event(&name, &mut properties).map_err(rejected)?;
        if !self.state().consent().meets(plan.event_purposes(&name)) {
            return Err(Verdict::NotConsented);
        }
        if at.is_none() {
            self.activity();
        }
        let ts = at.unwrap_or(self.now).min(self.now);
        self.emit_at(Body::Event { name, properties: Arc::new(properties) }, ts);
        Ok(())
    }

    fn finish(mut self, mut input: Input, verdict: Verdict) -> Step {
        self.engine.could_display = self.ctx.can_display;
        for decision in &self.decisions {
            let decided = Decided { at: self.now, outcome: decision.outcome.clone() };
            self.engine.decided.insert(decision.campaign.clone(), decided);
        }
        let next_wakeup = self.next_wakeup();
        let returned = self.card_returned();
        let row = (!self.records.is_empty()).then(|| {
            let activity = self.is_activity && input.is_activity();
            input.slim();
            let row = Row {
                v: FORMAT,
                first: self.first,
                last: self.engine.state.seq,
                owner: self.engine.owner.clone(),
                activity,
                ctx: Context { now: self.now, host: self.engine.host_read.take(), ..self.ctx.clone() },
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
            inbox_changed: self.inbox_changed || self.erased || returned,
            erased: self.erased,
            next_wakeup,
            cost: self.cost,
        }
    }
}

/// What is handled although the host switched the library off: what a person refuses meanwhile holds afterwards.
fn is_taken_when_off(input: &Input) -> bool {
    matches!(
        input,
        Input::Open { .. } | Input::Switch { .. } | Input::Consent { .. } | Input::Erase | Input::Gap { .. }
    )
}

pub(crate) fn rejected(rejection: Rejection) -> Verdict {
    Verdict::Rejected { rejection }
}
