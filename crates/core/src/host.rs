//! The display protocol (engine.md 6.2, 6.3): what a host says of an offer, and what follows.

use std::sync::Arc;

use crate::eligibility::still_fits;
use crate::input::{Answer, Departure, InteractionKind};
use crate::list::Listed as _;
use crate::message;
use crate::plan::Rejection;
use crate::presentation::{Place, Presentation, Signal, Transition, UseEffect, transition};
use crate::reason::{Outcome, Reason, Stage};
use crate::record::{
    AppOpen, AttributeOp, Body, Clicked, Dismissed, DisplayState, Displaying, Ended, Page, Shown, Snoozed, Submitted,
    Triggered, UseCommitted, UseRefunded,
};
use crate::step::{Decision, Diagnostic, Offer, Verdict, Withdrawn};
use crate::time::Span;
use crate::trigger::OUTSIDE_SESSION;
use crate::turn::Turn;
use crate::{EndCause, OwnerId, Phase, PresentationId, Properties, Purpose, Timestamp, Value};

/// How long an app has to be out of sight so that coming back counts as opening it (engine.md 2.3).
const AWAY: Span = Span::seconds(30);
/// How long a session's last activity may lag behind a screen that comes back before that is worth a record.
const ACTIVITY_GRAIN: Span = Span::seconds(60);

impl Turn<'_> {
    /// Runs one row of the table: the use's records, what the person did, then what becomes of the presentation.
    /// Nothing happens where the table has no row.
    pub(crate) fn signal(&mut self, id: PresentationId, signal: Signal, cause: EndCause, did: Vec<Body>) {
        let Some(presentation) = self.state().presentations.get(&id).cloned() else { return };
        let from = presentation.place();
        let Some((effect, to)) = transition(from, signal) else { return };
        let (campaign, variant) = (presentation.campaign.clone(), presentation.variant.clone());
        match effect {
            UseEffect::Keep => {}
            UseEffect::Commit | UseEffect::Assume => {
                let assumed = effect == UseEffect::Assume;
                self.emit(UseCommitted {
                    presentation_id: id,
                    campaign: campaign.clone(),
                    assumed,
                    variant: variant.clone(),
                    ghost: None,
                });
                if !assumed {
                    let channel = presentation.channel.clone();
                    self.emit(Shown {
                        presentation_id: id,
                        campaign: campaign.clone(),
                        variant: variant.clone(),
                        channel,
                    });
                }
            }
            UseEffect::Refund | UseEffect::RefundKeepTrigger => {
                let trigger_waits = effect == UseEffect::RefundKeepTrigger;
                self.emit(UseRefunded { presentation_id: id, campaign: campaign.clone(), trigger_waits });
            }
        }
        for did in did {
            self.emit(did);
        }
        if from == Place::Offered && matches!(to, Place::Drawn | Place::Seen) {
            if let Some(message) = self.message_of(&presentation) {
                self.messages.insert(id, message);
            }
            self.emit(Displaying { presentation_id: id, campaign: campaign.clone() });
        }
        if from != Place::Ended && to == Place::Ended {
            self.emit(Ended { presentation_id: id, campaign, cause, variant, ghost: None });
            // What fills a place may be drawn here and be another owner's (engine.md 5.6).
            let here = self.engine.drafts.contains_key(&id);
            self.engine.drafts.remove(&id);
            if here || presentation.owner == self.engine.owner {
                self.withdrawn.push(Withdrawn { presentation_id: id, cause });
            }
        }
        self.transitions.push(Transition { from, signal, to });
    }

    /// What a presentation shows: as it was drawn, or as it was drafted; once it is over, as its campaign says.
    pub(crate) fn message_of(&self, presentation: &Presentation) -> Option<Value> {
        let drafted = self.engine.drafts.get(&presentation.id).map(Arc::as_ref);
        if let Some(message) = presentation.message.as_ref().or(drafted) {
            return Some(message.clone());
        }
        let playbook = self.playbook.as_ref()?;
        let campaign = playbook.campaign(&presentation.campaign)?;
        let variant = campaign.variant(presentation.variant.as_deref())?;
        // Drafted in another tab, or over and forgotten: written once more (engine.md 5.6, 6.3).
        self.speaker().render_again(playbook, campaign, variant, presentation.place() != Place::Ended).ok()
    }

    /// A presentation that this owner may speak of: its own, or one that fills a place in every tab (engine.md 5.6).
    fn own(&self, id: PresentationId) -> Result<Presentation, Verdict> {
        match self.state().presentations.get(&id) {
            Some(presentation) if presentation.owner == self.engine.owner || presentation.placement.is_some() => {
                Ok(presentation.clone())
            }
            Some(_) => Err(refused(id, "another owner's")),
            None => Err(refused(id, "unknown")),
        }
    }

    /// The host is about to draw: the stages are walked again, its own reservation left out (engine.md 5.4).
    pub(crate) fn displaying(&mut self, id: PresentationId) -> Result<(), Verdict> {
        let presentation = self.own(id)?;
        match presentation.place() {
            Place::Drawn | Place::Seen => return Ok(()),
            Place::Ended => return Err(refused(id, "ended")),
            Place::Offered => {}
        }
        let stop = match self.playbook.clone() {
            None => None,
            Some(playbook) => match self.campaign_of(&playbook, &presentation.campaign) {
                Some(campaign) => self.walk(&playbook, Some(id)).all_stages(&campaign, &mut ()).err(),
                None => Some((Stage::Enabled, Reason::Unknown)),
            },
        };
        let Some((stage, reason)) = stop else {
            self.signal(id, Signal::Draw, EndCause::Unmounted, Vec::new());
            return Ok(());
        };
        let signal = if reason.waits() { Signal::Postpone } else { Signal::Refuse };
        let verdict = refused(id, reason.name());
        self.signal(id, signal, EndCause::Withdrawn, Vec::new());
        self.decisions.push(Decision { campaign: presentation.campaign, outcome: Outcome::of(stage, reason) });
        Err(verdict)
    }

    pub(crate) fn answer(&mut self, id: PresentationId, answer: Answer, after: Option<Span>) -> Result<(), Verdict> {
        let presentation = self.own(id)?;
        if presentation.place() != Place::Offered {
            return Err(refused(id, "no longer offered"));
        }
        if answer == Answer::Discard {
            self.signal(id, Signal::Discard, EndCause::Discarded, Vec::new());
            return Ok(());
        }
        self.put_off = Some(presentation.campaign.clone());
        let due = after.map(|after| self.now.plus(after));
        let session = self.state().session.as_ref().map(|session| session.id);
        let trigger = self.state().standing(&presentation.campaign).and_then(|standing| standing.trigger.as_ref());
        // One whose session is over would go with the offer: it is given its time before that.
        let first = trigger.is_some_and(|trigger| !trigger.lives_in(session));
        if let Some(due) = due.filter(|_| first) {
            self.trigger_again(&presentation, due, false);
        }
        self.signal(id, Signal::Postpone, EndCause::Later, Vec::new());
        if let Some(due) = due.filter(|_| !first) {
            self.trigger_again(&presentation, due, false);
        }
        Ok(())
    }

    /// The same trigger, with the same event, walked again from `due` on.
    fn trigger_again(&mut self, presentation: &Presentation, due: Timestamp, returns: bool) {
        let trigger = self.state().standing(&presentation.campaign).and_then(|standing| standing.trigger.clone());
        let Some(trigger) = trigger else { return };
        let ttl = self.playbook.as_ref().and_then(|playbook| playbook.campaign(&presentation.campaign)?.ttl);
        self.emit(Triggered {
            campaign: presentation.campaign.clone(),
            key: trigger.key,
            event: trigger.event,
            due: Some(due),
            expires: Some(due.plus(ttl.unwrap_or(OUTSIDE_SESSION))),
            returns,
        });
    }

    pub(crate) fn visible(&mut self, id: PresentationId) -> Result<(), Verdict> {
        match self.own(id)?.place() {
            Place::Offered => Err(refused(id, "not displaying")),
            Place::Ended => Err(refused(id, "ended")),
            Place::Seen => Ok(()),
            Place::Drawn => {
                self.signal(id, Signal::Seen, EndCause::Auto, Vec::new());
                Ok(())
            }
        }
    }

    pub(crate) fn left(&mut self, id: PresentationId, departure: Departure) -> Result<(), Verdict> {
        let presentation = self.own(id)?;
        if presentation.place() == Place::Ended {
            return Err(refused(id, "ended"));
        }
        if presentation.placement.is_some() {
            // One of its mounts is closed; it stands until the session ends.
            return Ok(());
        }
        let cause = match departure {
            Departure::Auto => EndCause::Auto,
            Departure::Unmounted => EndCause::Unmounted,
        };
        self.signal(id, Signal::Vanish, cause, Vec::new());
        Ok(())
    }

    /// Interactions are idempotent by (presentation, kind, target), and accepted in any order (engine.md 6.3).
    pub(crate) fn interaction(
        &mut self,
        id: PresentationId,
        kind: InteractionKind,
        target: Option<String>,
        answers: Properties,
    ) -> Result<(), Verdict> {
        let Some(presentation) = self.state().presentations.get(&id).cloned() else {
            return Err(refused(id, "unknown"));
        };
        if Some(presentation.profile) != self.state().current {
            // It stood there when somebody else came: what is done with it now is not theirs (engine.md 2.2).
            return Err(refused(id, "another person's"));
        }
        let target = target.unwrap_or_default();
        let done = |kind: &str| {
            let interaction = [kind, " ", &target].concat();
            presentation.interactions.contains(&interaction)
        };
        let Presentation { campaign, variant, channel, .. } = presentation.clone();
        match kind {
            InteractionKind::Dismiss => {
                // There is one way to dismiss, whatever a host says of it.
                if !presentation.interactions.iter().any(|one| one == "dismiss ") {
                    self.activity();
                    let did = Dismissed { presentation_id: id, campaign, variant, channel };
                    self.signal(id, Signal::Close, EndCause::Dismissed, vec![did.into()]);
                }
            }
            InteractionKind::Page => {
                if !done("page") {
                    self.activity();
                    let did = Page { presentation_id: id, campaign, variant, channel, page: target };
                    self.signal(id, Signal::Touch, EndCause::Action, vec![did.into()]);
                    let page_answers = self.playbook.as_ref().is_some_and(|playbook| playbook.settings.page_answers);
                    if page_answers && !answers.is_empty() {
                        let button = self.message_of(&presentation).and_then(|message| submit_of(&message));
                        self.submit(button, answers);
                    }
                }
            }
            InteractionKind::Click => {
                if !done("click") {
                    self.activity();
                    let button =
                        self.message_of(&presentation).and_then(|message| message::button(&message, &target).cloned());
                    self.click(&presentation, button.as_ref(), target, answers);
                }
            }
        }
        Ok(())
    }

    /// A button was used: what it is, and what becomes of the message.
    fn click(&mut self, of: &Presentation, button: Option<&Value>, target: String, answers: Properties) {
        let Presentation { id, campaign, variant, channel, .. } = of.clone();
        let closes = button.is_some_and(message::closes);
        let has = |name: &str| button.and_then(|button| message::actions(button).find(|(known, _)| *known == name));
        let snooze = has("snooze").and_then(|(_, span)| crate::wire::read::<Span>(span, "snooze").ok());
        let submits = has("submit").is_some();
        let clicked = Clicked {
            presentation_id: Some(id),
            delivery_id: None,
            campaign: campaign.clone(),
            variant: variant.clone(),
            channel: channel.clone(),
            target: Some(target.clone()),
        };
        let mut did = vec![clicked.into()];
        if submits {
            let (campaign, variant, channel) = (campaign.clone(), variant.clone(), channel.clone());
            did.push(Submitted { presentation_id: id, campaign, variant, channel, target }.into());
        }
        let open = of.place() != Place::Ended;
        let due = snooze.map(|span| self.now.plus(span)).filter(|_| open && of.placement.is_none());
        if let Some(until) = due {
            did.push(Snoozed { presentation_id: id, campaign, variant, channel, until }.into());
            // Before the end, while the trigger that it came from is still known.
            self.trigger_again(of, until, true);
        }
        let cause = match (due, submits) {
            (Some(_), _) => EndCause::Snoozed,
            (None, true) => EndCause::Submitted,
            (None, false) => EndCause::Action,
        };
        let closes = closes || due.is_some();
        self.signal(id, if closes { Signal::Close } else { Signal::Touch }, cause, did);
        if let Some(button) = button {
            self.run_actions(button, answers);
        }
    }

    /// The actions of a button that are the engine's: the host does the others.
    pub(crate) fn run_actions(&mut self, button: &Value, answers: Properties) {
        for (name, content) in message::actions(button) {
            let text = |field: &str| content.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            let done = match name {
                "track" => {
                    let properties = content.get("properties").and_then(Value::as_object);
                    self.track(text("event"), properties.cloned().unwrap_or_default(), None)
                }
                "set_attribute" => {
                    let value = content.get("value").cloned().unwrap_or_default();
                    self.attribute(AttributeOp::Set, text("name"), value)
                }
                "set_consent" => {
                    let mut purposes = self.state().consent();
                    let granted = content.get("granted") == Some(&Value::Bool(true));
                    for purpose in Purpose::ALL.into_iter().filter(|purpose| purpose.name() == text("purpose")) {
                        purposes = if granted { purposes.with(purpose) } else { purposes.without(purpose) };
                    }
                    self.consent(purposes, false);
                    Ok(())
                }
                "submit" => {
                    self.submit(content.get("event").and_then(Value::as_str).map(str::to_owned), answers.clone());
                    Ok(())
                }
                _ => Ok(()),
            };
            self.tell_refusal(done);
        }
    }

    /// The answers of a form are the properties of the event that its button names (engine.md 8.4).
    fn submit(&mut self, event: Option<String>, answers: Properties) {
        if let Some(event) = event {
            let done = self.track(event, answers, None);
            self.tell_refusal(done);
        }
    }

    fn tell_refusal(&mut self, done: Result<(), Verdict>) {
        if let Err(Verdict::Rejected { rejection }) = done {
            self.diagnostics.push(Diagnostic::ActionRefused { rejection });
        }
    }

    /// The host's screen came into sight or went out of it (engine.md 2.3, 5.3).
    pub(crate) fn host_state(&mut self, host: Properties, paused: Option<bool>) {
        for (name, value) in host {
            self.engine.host.insert(name, value);
        }
        self.engine.paused = paused.unwrap_or(self.engine.paused);
        let owner = self.engine.owner.clone();
        let hidden = self.state().owner_is_hidden(&owner);
        let stands = self.state().open_presentations().any(|p| p.owner == owner && p.phase == Phase::Displaying);
        if !self.ctx.can_display {
            if self.engine.could_display {
                self.engine.hidden_since = Some(self.now);
            }
            if stands && !hidden {
                self.emit(DisplayState { owner, can_display: false });
            }
            return;
        }
        let stale = self.state().session.as_ref().is_some_and(|session| self.now.since(session.last) >= ACTIVITY_GRAIN);
        if hidden || (stale && !self.engine.could_display) {
            self.emit(DisplayState { owner, can_display: true });
        }
        if !self.engine.could_display {
            let resumed = self.state().session.is_some();
            self.activity();
            let away = self.engine.hidden_since.take().is_some_and(|since| self.now.since(since) >= AWAY);
            if resumed && away && self.engine.is_app() {
                self.emit(AppOpen {});
            }
        }
    }

    /// The same tab, reloaded: what it had not drawn goes back, what stood on its screen is offered again under the
    /// same id and spends nothing (engine.md 6.2).
    pub(crate) fn resume(&mut self, owner: &OwnerId) {
        if *owner != self.engine.owner {
            return;
        }
        let open: Vec<Presentation> = self.state().open_presentations().filter(|p| p.owner == *owner).cloned().listed();
        for presentation in open {
            let id = presentation.id;
            let fits = self.playbook.as_ref().is_none_or(|playbook| {
                playbook
                    .campaign(&presentation.campaign)
                    .is_none_or(|campaign| still_fits(&self.walk(playbook, Some(id)), campaign, presentation.phase))
            });
            if presentation.placement.is_some() {
                continue;
            }
            match (presentation.phase, presentation.message) {
                (Phase::Displaying, Some(message)) if fits => self.offered.push(Offer {
                    presentation_id: id,
                    campaign: presentation.campaign,
                    variant: presentation.variant,
                    channel: presentation.channel,
                    placement: None,
                    resumed: true,
                    message: Arc::new(message),
                }),
                (Phase::Offered, _) => self.signal(id, Signal::Postpone, EndCause::Unmounted, Vec::new()),
                _ => self.signal(id, Signal::Vanish, EndCause::Unmounted, Vec::new()),
            }
        }
        // The page that comes back has nothing on its screen yet: there is nothing to take off it.
        self.withdrawn.clear();
    }

    /// Owners that are proven gone: every presentation of theirs is resolved (engine.md 6.2).
    pub(crate) fn owners_gone(&mut self, owners: &[OwnerId]) {
        let orphans: Vec<PresentationId> = self
            .state()
            .open_presentations()
            .filter(|p| p.owner != self.engine.owner && owners.contains(&p.owner) && p.placement.is_none())
            .map(|p| p.id)
            .listed();
        for id in orphans {
            self.signal(id, Signal::OwnerGone, EndCause::Orphan, Vec::new());
        }
    }

    /// Takes back every open presentation of the current profile for which `gone` holds.
    pub(crate) fn withdraw(&mut self, gone: impl Fn(&Presentation) -> bool) {
        let current = self.state().current;
        let taken: Vec<PresentationId> =
            self.state().open_presentations().filter(|p| Some(p.profile) == current && gone(p)).map(|p| p.id).listed();
        for id in taken {
            self.signal(id, Signal::Withdraw, EndCause::Withdrawn, Vec::new());
        }
    }
}

/// The event that a form hands its answers in as: that of its first button that submits.
fn submit_of(message: &Value) -> Option<String> {
    let submits = |button| message::actions(button).find(|(name, _)| *name == "submit");
    let (_, submit) = message::buttons(message).into_iter().find_map(submits)?;
    submit.get("event")?.as_str().map(str::to_owned)
}

fn refused(id: PresentationId, state: &str) -> Verdict {
    Verdict::Rejected { rejection: Rejection::Presentation { presentation: id.to_string(), state: state.to_owned() } }
}
