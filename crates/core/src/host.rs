//! The display protocol (engine.md 6.2, 6.3): what a host says of an offer, and what follows.

use crate::eligibility::still_fits;
use crate::input::{Answer, Departure, InteractionKind};
use crate::message::{Action, Button, Message};
use crate::plan::Rejection;
use crate::presentation::{Place, Presentation, Signal, Transition, UseEffect, transition};
use crate::reason::Outcome;
use crate::record::{Body, Clicked, Dismissed, DisplayState, Displaying, Ended, Shown, UseCommitted, UseRefunded};
use crate::step::{Decision, Diagnostic, Offer, Verdict, Withdrawn};
use crate::time::Span;
use crate::turn::Turn;
use crate::{EndCause, OwnerId, Phase, PresentationId};

/// How long a session's last activity may lag behind a screen that comes back before that is worth a record.
const ACTIVITY_GRAIN: Span = Span::seconds(60);

impl Turn<'_> {
    /// Runs one row of the table: the use's records, what the person did, then what becomes of the presentation.
    /// Nothing happens where the table has no row.
    pub(crate) fn signal(&mut self, id: PresentationId, signal: Signal, cause: EndCause, did: Option<Body>) {
        let Some(presentation) = self.state().presentations.get(&id).cloned() else { return };
        let from = presentation.place();
        let Some((effect, to)) = transition(from, signal) else { return };
        let campaign = presentation.campaign.clone();
        match effect {
            UseEffect::Keep => {}
            UseEffect::Commit | UseEffect::Assume => {
                let assumed = effect == UseEffect::Assume;
                self.emit(UseCommitted { presentation_id: id, campaign: campaign.clone(), assumed });
                if !assumed {
                    let channel = presentation.channel.clone();
                    self.emit(Shown { presentation_id: id, campaign: campaign.clone(), channel });
                }
            }
            UseEffect::Refund | UseEffect::RefundKeepTrigger => {
                let trigger_waits = effect == UseEffect::RefundKeepTrigger;
                self.emit(UseRefunded { presentation_id: id, campaign: campaign.clone(), trigger_waits });
            }
        }
        if let Some(did) = did {
            self.emit(did);
        }
        if from == Place::Offered && matches!(to, Place::Drawn | Place::Seen) {
            if let Some(message) = self.message_of(&presentation) {
                self.messages.insert(id, message);
            }
            self.emit(Displaying { presentation_id: id, campaign: campaign.clone() });
        }
        if from != Place::Ended && to == Place::Ended {
            self.emit(Ended { presentation_id: id, campaign, cause });
            self.engine.drafts.remove(&id);
            if presentation.owner == self.engine.owner {
                self.withdrawn.push(Withdrawn { presentation_id: id, cause });
            }
        }
        self.transitions.push(Transition { from, signal, to });
    }

    /// What a presentation shows: on the screen, as it was drafted, or as its campaign says.
    fn message_of(&self, presentation: &Presentation) -> Option<Message> {
        let drafted = || self.engine.drafts.get(&presentation.id).cloned();
        let authored = || {
            self.playbook.as_ref()?.campaign(&presentation.campaign).map(|campaign| Message::clone(&campaign.message))
        };
        presentation.message.clone().or_else(drafted).or_else(authored)
    }

    /// A presentation that this owner may speak of.
    fn own(&self, id: PresentationId) -> Result<Presentation, Verdict> {
        match self.state().presentations.get(&id) {
            Some(presentation) if presentation.owner == self.engine.owner => Ok(presentation.clone()),
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
            Some(playbook) => match playbook.campaign(&presentation.campaign) {
                Some(campaign) => self.walk(&playbook, Some(id)).stages(campaign, &mut ()).err(),
                None => Some((crate::Stage::Enabled, crate::Reason::Unknown)),
            },
        };
        let Some((stage, reason)) = stop else {
            self.signal(id, Signal::Draw, EndCause::Unmounted, None);
            return Ok(());
        };
        let signal = if reason.waits() { Signal::Postpone } else { Signal::Refuse };
        let verdict = refused(id, reason.name());
        self.signal(id, signal, EndCause::Withdrawn, None);
        self.decisions.push(Decision { campaign: presentation.campaign, outcome: Outcome::of(stage, reason) });
        Err(verdict)
    }

    pub(crate) fn answer(&mut self, id: PresentationId, answer: Answer) -> Result<(), Verdict> {
        let presentation = self.own(id)?;
        if presentation.place() != Place::Offered {
            return Err(refused(id, "no longer offered"));
        }
        match answer {
            Answer::Later => {
                self.put_off = Some(presentation.campaign);
                self.signal(id, Signal::Postpone, EndCause::Later, None);
            }
            Answer::Discard => self.signal(id, Signal::Discard, EndCause::Discarded, None),
        }
        Ok(())
    }

    pub(crate) fn visible(&mut self, id: PresentationId) -> Result<(), Verdict> {
        match self.own(id)?.place() {
            Place::Offered => Err(refused(id, "not displaying")),
            Place::Ended => Err(refused(id, "ended")),
            Place::Seen => Ok(()),
            Place::Drawn => {
                self.signal(id, Signal::Seen, EndCause::Auto, None);
                Ok(())
            }
        }
    }

    pub(crate) fn left(&mut self, id: PresentationId, departure: Departure) -> Result<(), Verdict> {
        if self.own(id)?.place() == Place::Ended {
            return Err(refused(id, "ended"));
        }
        let cause = match departure {
            Departure::Auto => EndCause::Auto,
            Departure::Unmounted => EndCause::Unmounted,
        };
        self.signal(id, Signal::Vanish, cause, None);
        Ok(())
    }

    /// Interactions are idempotent by (presentation, kind, target), and accepted in any order (engine.md 6.3).
    pub(crate) fn interaction(
        &mut self,
        id: PresentationId,
        kind: InteractionKind,
        target: Option<String>,
    ) -> Result<(), Verdict> {
        let Some(presentation) = self.state().presentations.get(&id).cloned() else {
            return Err(refused(id, "unknown"));
        };
        let target = target.unwrap_or_default();
        let done = match kind {
            InteractionKind::Click => format!("click {target}"),
            InteractionKind::Dismiss => "dismiss ".to_owned(),
        };
        if presentation.interactions.contains(&done) {
            return Ok(());
        }
        self.activity();
        let Presentation { campaign, channel, .. } = presentation.clone();
        match kind {
            InteractionKind::Dismiss => {
                let did = Dismissed { presentation_id: id, campaign, channel };
                self.signal(id, Signal::Close, EndCause::Dismissed, Some(did.into()));
            }
            InteractionKind::Click => {
                let button: Option<Button> =
                    self.message_of(&presentation).and_then(|message| message.button(&target).cloned());
                let closes = button.as_ref().is_some_and(|button| !button.stay);
                let signal = if closes { Signal::Close } else { Signal::Touch };
                let did = Clicked { presentation_id: id, campaign, channel, target };
                self.signal(id, signal, EndCause::Action, Some(did.into()));
                self.run_actions(button);
            }
        }
        Ok(())
    }

    /// The actions of a button that are the engine's: the host does the others.
    fn run_actions(&mut self, button: Option<Button>) {
        for action in button.into_iter().flat_map(|button| button.actions) {
            if let Action::Track(track) = action {
                let verdict = self.track(track.event, track.properties, None);
                if let Err(Verdict::Rejected { rejection }) = verdict {
                    self.diagnostics.push(Diagnostic::ActionRefused { rejection });
                }
            }
        }
    }

    /// The host's screen came into sight or went out of it (engine.md 2.3, 5.3).
    pub(crate) fn host_state(&mut self) {
        let owner = self.engine.owner.clone();
        let hidden = self.state().owner_is_hidden(&owner);
        let stands = self.state().open_presentations().any(|p| p.owner == owner && p.phase == Phase::Displaying);
        if !self.ctx.can_display {
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
            self.activity();
        }
    }

    /// The same tab, reloaded: what it had not drawn goes back, what stood on its screen is offered again under the
    /// same id and spends nothing (engine.md 6.2).
    pub(crate) fn resume(&mut self, owner: &OwnerId) {
        if *owner != self.engine.owner {
            return;
        }
        let open: Vec<Presentation> =
            self.state().open_presentations().filter(|p| p.owner == *owner).cloned().collect();
        for presentation in open {
            let id = presentation.id;
            let fits = self.playbook.as_ref().is_none_or(|playbook| {
                playbook
                    .campaign(&presentation.campaign)
                    .is_none_or(|campaign| still_fits(&self.walk(playbook, Some(id)), campaign, presentation.phase))
            });
            match (presentation.phase, presentation.message) {
                (Phase::Displaying, Some(message)) if fits => self.offered.push(Offer {
                    presentation_id: id,
                    campaign: presentation.campaign,
                    channel: presentation.channel,
                    resumed: true,
                    message,
                }),
                (Phase::Offered, _) => self.signal(id, Signal::Postpone, EndCause::Unmounted, None),
                _ => self.signal(id, Signal::Vanish, EndCause::Unmounted, None),
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
            .filter(|p| p.owner != self.engine.owner && owners.contains(&p.owner))
            .map(|p| p.id)
            .collect();
        for id in orphans {
            self.signal(id, Signal::OwnerGone, EndCause::Orphan, None);
        }
    }

    /// Takes back every open presentation of the current profile for which `gone` holds.
    pub(crate) fn withdraw(&mut self, gone: impl Fn(&Presentation) -> bool) {
        let current = self.state().current;
        let taken: Vec<PresentationId> =
            self.state().open_presentations().filter(|p| Some(p.profile) == current && gone(p)).map(|p| p.id).collect();
        for id in taken {
            self.signal(id, Signal::Withdraw, EndCause::Withdrawn, None);
        }
    }
}

fn refused(id: PresentationId, state: &str) -> Verdict {
    Verdict::Rejected { rejection: Rejection::Presentation { presentation: id.to_string(), state: state.to_owned() } }
}
