//! Arbitration (engine.md 5.3): once per step, over every campaign whose trigger is alive.

use std::sync::Arc;

use crate::eligibility::Walk;
use crate::list::Listed as _;
use crate::playbook::{Campaign, Playbook};
use crate::reason::{Outcome, Reason, Stage};
use crate::record::{Ended, Ghost, TriggerProgress, Triggered, UseCommitted, UseReserved};
use crate::step::{Decision, Offer};
use crate::time::Timestamp;
use crate::trigger::Fired;
use crate::turn::{Firing, Turn};
use crate::{CampaignId, EndCause, PresentationId, Purpose, RecordId};

/// A campaign whose trigger is alive.
struct Candidate {
    id: CampaignId,
    campaign: Option<Arc<Campaign>>,
    /// If it fired in this step and is not recorded yet.
    fresh: Option<Firing>,
    priority: u32,
    at: Timestamp,
    seq: u64,
}

impl Candidate {
    fn of(id: CampaignId, campaign: Option<Arc<Campaign>>, fresh: Option<Firing>, at: Timestamp, seq: u64) -> Self {
        let priority = campaign.as_ref().map_or(u32::MAX, |campaign| campaign.priority);
        Self { id, campaign, fresh, priority, at, seq }
    }
}

impl Turn<'_> {
    /// Walks every live trigger, best first. One interruptive message is offered; cards, places in the page and what
    /// does not interrupt take nothing from each other but the constraints that they share.
    pub(crate) fn arbitrate(&mut self) {
        let Some(playbook) = self.playbook.clone() else { return };
        let mut candidates = self.candidates(&playbook);
        candidates.sort_unstable_by(|a, b| (a.priority, a.at, a.seq, &a.id).cmp(&(b.priority, b.at, b.seq, &b.id)));
        // All are walked before anything is given, so that each learns of its own reason first.
        let stops: Vec<_> = candidates.iter().map(|candidate| self.stop(&playbook, candidate)).listed();
        let mut winner: Option<CampaignId> = None;
        let mut given = false;
        for (candidate, mut stop) in candidates.into_iter().zip(stops) {
            let interruptive = candidate.campaign.as_ref().is_some_and(|campaign| campaign.interruptive);
            if stop.is_none() {
                stop = match &winner {
                    Some(winner) if interruptive => {
                        Some((Stage::Arbitration, Reason::LostArbitration { to: winner.clone() }))
                    }
                    // What was given in this step may have filled a constraint or a place.
                    _ if given => self.stop(&playbook, &candidate),
                    _ => None,
                };
            }
            let Candidate { id, campaign, fresh, .. } = candidate;
            let outcome = match (stop, &campaign) {
                (Some((stage, reason)), _) => Outcome::of(stage, reason),
                (None, Some(campaign)) => {
                    let kept = fresh.as_ref().map(|firing| self.keep(campaign, firing));
                    match self.give(&playbook, campaign, fresh.as_ref().map(|firing| firing.event)) {
                        Ok(holds_slot) => {
                            given = true;
                            if interruptive && holds_slot {
                                winner = Some(id.clone());
                            }
                            self.decisions.push(Decision { campaign: id, outcome: Outcome::Offered });
                            continue;
                        }
                        Err(reason) => {
                            debug_assert!(!reason.waits());
                            let outcome = Outcome::of(Stage::Render, reason.clone());
                            if kept.is_some() || fresh.is_none() {
                                self.record_drop(&id, &reason);
                            }
                            self.begin_silence_again(campaign, fresh.as_ref());
                            self.decisions.push(Decision { campaign: id, outcome });
                            continue;
                        }
                    }
                }
                (None, None) => continue,
            };
            self.settle(id, campaign.as_ref(), fresh, outcome);
        }
    }

    /// A candidate that is not given anything: it waits, or drops.
    fn settle(&mut self, id: CampaignId, campaign: Option<&Arc<Campaign>>, fresh: Option<Firing>, outcome: Outcome) {
        match (&outcome, fresh) {
            (Outcome::Stopped { .. }, Some(firing)) => {
                // A trigger that drops at once leaves no record but where it had come closer step by step.
                let progress = self.state().standing(&id).and_then(|standing| standing.progress.as_ref());
                if let Some(key) = progress.map(|progress| progress.key.clone()) {
                    self.emit(TriggerProgress { campaign: id.clone(), key, hits: Vec::new(), event: None, due: None });
                }
                if let Some(campaign) = campaign {
                    self.begin_silence_again(campaign, Some(&firing));
                }
            }
            (Outcome::Stopped { reason, .. }, None) => self.record_drop(&id, reason),
            (_, Some(firing)) => {
                if let Some(campaign) = campaign {
                    self.keep(campaign, &firing);
                }
            }
            (_, None) => {}
        }
        self.decisions.push(Decision { campaign: id, outcome });
    }

    /// Records a trigger that is kept.
    fn keep(&mut self, campaign: &Campaign, firing: &Firing) -> Option<RecordId> {
        self.emit(Triggered {
            campaign: campaign.id.clone(),
            key: campaign.trigger.key.clone(),
            event: firing.event,
            due: firing.due,
            expires: firing.expires,
            returns: false,
        })
    }

    fn candidates(&mut self, playbook: &Playbook) -> Vec<Candidate> {
        self.drop_what_came_back_late();
        let mut candidates = Vec::new();
        if let Some(profile) = self.state().profile() {
            for id in &profile.waiting {
                let fired = profile.campaigns.get(id).and_then(|standing| standing.trigger.as_ref());
                if let Some(fired) = fired.filter(|fired| fired.due.is_none_or(|due| due <= self.now)) {
                    let campaign = self.campaign_of(playbook, id);
                    if campaign.is_none() && fired.is_hosts() {
                        // The host of another tab brought it, which gives it (engine.md 9.2).
                        continue;
                    }
                    candidates.push(Candidate::of(id.clone(), campaign, None, fired.at, fired.seq));
                }
            }
        }
        self.cost.campaigns += u32::try_from(candidates.len()).unwrap_or(u32::MAX);
        let next = self.state().seq + 1;
        for firing in std::mem::take(&mut self.fired) {
            let (id, campaign) = (firing.id.clone(), firing.campaign.clone());
            candidates.push(Candidate::of(id, campaign, Some(firing), self.now, next));
        }
        let known = candidates.iter().filter(|candidate| candidate.campaign.is_some()).count();
        self.cost.conditions += u32::try_from(known).unwrap_or(u32::MAX);
        candidates
    }

    /// An offer that goes back in this step may have outlived its trigger's time, and timers ran before (engine.md 4.3).
    fn drop_what_came_back_late(&mut self) {
        let Some(profile) = self.state().profile() else { return };
        let mut late = Vec::new();
        for id in &profile.waiting {
            let fired = profile.campaigns.get(id).and_then(|standing| standing.trigger.as_ref());
            if fired.and_then(Fired::deadline).is_some_and(|deadline| deadline <= self.now) {
                late.push(id.clone());
            }
        }
        for id in late {
            self.drop_trigger(id, Reason::Expired);
        }
    }

    /// Why a candidate is given nothing now. Without consent nothing of a message is kept: it drops where it would wait.
    fn stop(&self, playbook: &Playbook, candidate: &Candidate) -> Option<(Stage, Reason)> {
        let stop = self.stop_or_wait(playbook, candidate);
        let waits = stop.as_ref().is_some_and(|(_, reason)| reason.waits());
        if waits && !self.state().consent().has(Purpose::Messaging) {
            return Some((Stage::Consent, Reason::Consent));
        }
        stop
    }

    fn stop_or_wait(&self, playbook: &Playbook, candidate: &Candidate) -> Option<(Stage, Reason)> {
        let Some(campaign) = &candidate.campaign else {
            return Some((Stage::Enabled, disabled(playbook, &candidate.id)));
        };
        if let Some(until) = candidate.fresh.as_ref().and_then(|firing| firing.due).filter(|due| *due > self.now) {
            // What is used up for good need not wait for its delay.
            let stop = self.walk(playbook, None).stages(campaign, &mut ()).err();
            let spent =
                stop.filter(|(_, reason)| matches!(reason, Reason::Limit { .. } | Reason::CampaignEnded { .. }));
            return spent.or(Some((Stage::Triggered, Reason::Delayed { until })));
        }
        if self.put_off.as_ref() == Some(&candidate.id) {
            return Some((Stage::Channel, Reason::PutOff));
        }
        self.walk(playbook, None).all_stages(campaign, &mut ()).err()
    }

    /// Gives a campaign what it won: a card, an offer to the host, or, to a ghost, nothing that can be seen. Answers whether
    /// it holds the slot.
    fn give(&mut self, playbook: &Playbook, campaign: &Campaign, fresh: Option<RecordId>) -> Result<bool, Reason> {
        let Some(channel) = self.walk(playbook, None).channel_of(campaign) else { return Ok(false) };
        let share = self.share(playbook, campaign);
        let mut messages = self.speaker().render(playbook, campaign, fresh)?;
        if share.variant >= messages.len() {
            return Ok(false);
        }
        let message = messages.swap_remove(share.variant);
        let variant = campaign.variants.get(share.variant).and_then(|variant| variant.id.clone());
        let variant = if share.ghost.is_some() { None } else { variant };
        if let Some(exposure) = share.exposure {
            self.emit(exposure);
        }
        if campaign.is_card() && share.ghost.is_none() {
            self.make_card(playbook, campaign, variant, message);
            return Ok(false);
        }
        let standing = self.state().standing(&campaign.id);
        let returns = standing.and_then(|standing| standing.trigger.as_ref()).is_some_and(|trigger| trigger.returns);
        let (spends, interruptive) = match (campaign.is_card(), share.shows_next) {
            (_, true) => (Vec::new(), false),
            (true, _) => (playbook.listed_caps(&campaign.caps), false),
            (false, _) => (playbook.spent_by(&campaign.caps, channel.name()), campaign.interruptive),
        };
        let reserved = UseReserved {
            campaign: campaign.id.clone(),
            variant: variant.clone(),
            channel: channel.name().to_owned(),
            owner: self.engine.owner.clone(),
            interruptive,
            placement: campaign.placement.clone().filter(|_| campaign.is_inline() && share.ghost.is_none()),
            spends,
            returns,
            ghost: share.ghost,
        };
        let placement = reserved.placement.clone();
        let Some(presentation_id) = self.emit(reserved) else { return Ok(false) };
        if share.ghost.is_some() {
            self.end_ghost(presentation_id, campaign, share.ghost);
            return Ok(interruptive);
        }
        let message = Arc::new(message);
        self.engine.drafts.insert(presentation_id, Arc::clone(&message));
        self.offered.push(Offer {
            presentation_id,
            campaign: campaign.id.clone(),
            variant,
            channel: channel.name().to_owned(),
            placement,
            resumed: false,
            message,
        });
        Ok(interruptive)
    }

    /// A ghost starts, commits and ends at its decision (engine.md 7.4).
    fn end_ghost(&mut self, presentation_id: PresentationId, of: &Campaign, ghost: Option<Ghost>) {
        let campaign = of.id.clone();
        self.emit(UseCommitted { presentation_id, campaign: campaign.clone(), assumed: false, variant: None, ghost });
        self.emit(Ended { presentation_id, campaign, cause: EndCause::Ghost, variant: None, ghost });
    }

    /// A campaign of the playbook, or one that the host brought.
    pub(crate) fn campaign_of(&self, playbook: &Playbook, id: &str) -> Option<Arc<Campaign>> {
        playbook.campaign(id).or_else(|| self.engine.host_offers.get(id)).cloned()
    }

    pub(crate) fn walk<'a>(&'a self, playbook: &'a Playbook, except: Option<PresentationId>) -> Walk<'a> {
        Walk { playbook, state: &self.engine.state, engine: self.engine, ctx: self.ctx, now: self.now, except }
    }
}

/// Why a campaign that the playbook does not run is not run.
pub(crate) fn disabled(playbook: &Playbook, id: &str) -> Reason {
    match playbook.problems().iter().find(|problem| problem.campaign.as_deref() == Some(id)) {
        Some(problem) => Reason::Disabled { problem: Some(format!("{}: {}", problem.path, problem.message)) },
        None => Reason::Unknown,
    }
}
