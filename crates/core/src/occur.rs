//! What a record sets off (engine.md 1.2, 4): cards that it removes, triggers that it cancels, triggers that it brings
//! closer or fires.

use std::sync::Arc;

use crate::list::Listed as _;
use crate::playbook::{Campaign, Playbook};
use crate::reason::Reason;
use crate::record::{CardRemoved, TriggerProgress, Triggered};
use crate::state::{RECENT, State};
use crate::time::Timestamp;
use crate::trigger::{Progress, Step};
use crate::turn::{Firing, Turn};
use crate::{CampaignId, EndCause, PresentationId, Properties, RecordId, Signal};

/// What an event means for one campaign.
pub(crate) enum Effect {
    /// It takes it back: an undrawn offer is withdrawn, a trigger dropped.
    Cancel(Option<PresentationId>),
    /// Its trigger came closer.
    Closer(Progress),
    /// Its trigger fired.
    Fire,
    /// It waits already; its texts speak of the newer event from here on.
    Renew { key: String },
}

impl Turn<'_> {
    /// Lets this step's `place`th record set off what it may.
    pub(crate) fn occur(&mut self, place: usize) {
        let Some(record) = self.records.get(place) else { return };
        let Some((event, properties)) = record.body.occurrence() else { return };
        let (id, at) = (record.id, record.ts);
        let removed = removed_cards(&self.engine.state, event, &properties);
        let mut effects = Vec::new();
        let playbook = self.playbook.clone();
        if let Some(playbook) = &playbook {
            let mut cost = self.cost;
            for campaign in playbook.concerned_by(event) {
                cost.campaigns += 1;
                cost.conditions += 1;
                let fired = self.fired.iter().any(|firing| firing.id == campaign.id);
                effects_on(campaign, &self.engine.state, fired, event, &properties, at, &mut effects);
            }
            self.cost = cost;
        }
        let offers = self.offers_that_leave_by(event, &properties);
        for offer in &offers {
            effects_on(offer, &self.engine.state, false, event, &properties, at, &mut effects);
        }
        // Cards outlive their campaigns, and the playbook that made them.
        for (card, campaign) in removed {
            self.emit(CardRemoved { card, campaign, reason: "event".to_owned() });
            self.inbox_changed = true;
        }
        for (campaign, effect) in effects {
            self.take(campaign, effect, id, at);
        }
    }

    /// What the host brought, and an event takes back: no playbook has an index of these (engine.md 9.2).
    fn offers_that_leave_by(&self, event: &str, properties: &Properties) -> Vec<Arc<Campaign>> {
        let brought = |offer: &&Arc<Campaign>| {
            self.playbook.as_ref().is_none_or(|playbook| playbook.campaign(&offer.id).is_none())
        };
        let offers = self.engine.host_offers.values().filter(brought);
        offers.filter(|offer| offer.exits().any(|exit| exit.matches(event, properties))).cloned().listed()
    }

    pub(crate) fn take(&mut self, campaign: &Arc<Campaign>, effect: Effect, event: RecordId, at: Timestamp) {
        let id = campaign.id.clone();
        match effect {
            Effect::Cancel(Some(offer)) => self.signal(offer, Signal::Withdraw, EndCause::Withdrawn, Vec::new()),
            Effect::Cancel(None) => self.drop_trigger(id, Reason::Cancelled),
            Effect::Closer(progress) => {
                if let Some(over) = progress.due.filter(|due| *due <= self.now) {
                    // An event that was handed over late: its silence is over already.
                    let firing = Firing::of(campaign, event, over, true);
                    if firing.expires.is_some_and(|expires| expires <= self.now) {
                        return self.drop_trigger(id, Reason::Expired);
                    }
                    self.fired.push(firing);
                    return;
                }
                let Progress { key, hits, due, .. } = progress;
                self.emit(TriggerProgress { campaign: id, key, hits, event: Some(event), due });
            }
            Effect::Fire => self.fired.push(Firing::of(campaign, event, at.max(self.now), false)),
            Effect::Renew { key } => {
                self.emit(Triggered { campaign: id, key, event, due: None, expires: None, returns: false });
            }
        }
    }

    /// A silence that was over when this step began, and came to nothing, begins again with what happened in the step
    /// (engine.md 4.2).
    pub(crate) fn begin_silence_again(&mut self, campaign: &Arc<Campaign>, over: Option<&Firing>) {
        let Some(over) = over.filter(|_| campaign.trigger.silence.is_some()) else { return };
        if self.records.iter().any(|record| record.id == over.event) {
            return;
        }
        for place in 0..self.records.len() {
            let Some(record) = self.records.get(place) else { return };
            let Some((event, properties)) = record.body.occurrence() else { continue };
            let (id, at) = (record.id, record.ts);
            let mut effects = Vec::new();
            effects_on(campaign, &self.engine.state, false, event, &properties, at, &mut effects);
            effects.retain(|(_, effect)| !matches!(effect, Effect::Closer(progress) if progress.due <= Some(self.now)));
            for (campaign, effect) in effects {
                self.take(campaign, effect, id, at);
            }
        }
    }

    /// A campaign that a new playbook brings sees the events of the last 30 s, once (engine.md 4.5).
    pub(crate) fn see_recent(&mut self, playbook: &Playbook, new: &[CampaignId]) {
        let now = self.now;
        let recent = self.state().recent.clone();
        for held in recent.into_iter().filter(|held| now.since(held.at) < RECENT) {
            let mut effects = Vec::new();
            for campaign in playbook.concerned_by(&held.event) {
                if new.contains(&campaign.id) && !self.fired.iter().any(|firing| firing.id == campaign.id) {
                    effects_on(
                        campaign,
                        &self.engine.state,
                        false,
                        &held.event,
                        &held.properties,
                        held.at,
                        &mut effects,
                    );
                }
            }
            for (campaign, effect) in effects {
                self.take(campaign, effect, held.id, held.at);
            }
        }
    }
}

fn removed_cards(state: &State, event: &str, properties: &Properties) -> Vec<(String, CampaignId)> {
    let mut removed = Vec::new();
    let Some(profile) = state.profile() else { return removed };
    for (id, card) in profile.cards.iter() {
        let removes = card.remove_on.iter().any(|on| on.event == event && on.filter.holds(properties));
        if removes && card.removed.is_none() {
            removed.push((id.clone(), card.campaign.clone()));
        }
    }
    removed
}

/// What an event means for a campaign: first whether it takes it back, then whether it sets it off (engine.md 1.2). `fired`: it
/// was set off in this step already.
fn effects_on<'a>(
    campaign: &'a Arc<Campaign>,
    state: &State,
    fired: bool,
    event: &str,
    properties: &Properties,
    at: Timestamp,
    effects: &mut Vec<(&'a Arc<Campaign>, Effect)>,
) {
    let standing = state.standing(&campaign.id);
    let open = standing.and_then(|standing| standing.open);
    let undrawn = open.filter(|id| state.presentations.get(id).is_some_and(|p| p.phase == crate::Phase::Offered));
    let waits = standing.is_some_and(|standing| standing.trigger.is_some()) && open.is_none();
    let progress = standing.and_then(|standing| standing.progress.as_ref());
    let cancelled = campaign.exits().any(|exit| exit.matches(event, properties))
        && (undrawn.is_some() || waits || progress.is_some() || fired);
    if cancelled {
        effects.push((campaign, Effect::Cancel(undrawn)));
    }
    if (open.is_some() && !(cancelled && undrawn.is_some())) || (fired && !cancelled) {
        return;
    }
    let trigger = &campaign.trigger;
    let matches = trigger.leaves.iter().any(|leaf| leaf.pattern.matches(event, properties));
    if !matches {
        return;
    }
    if waits && !cancelled {
        if !campaign.speaks_of_event {
            // The newer event would change nothing.
            return;
        }
        effects.push((campaign, Effect::Renew { key: trigger.key.clone() }));
        return;
    }
    if trigger.is_simple() {
        effects.push((campaign, Effect::Fire));
        return;
    }
    let mut progress = progress.filter(|_| !cancelled).cloned().unwrap_or_default();
    let due = progress.due.filter(|_| progress.key == trigger.key);
    let step = trigger.advance(&mut progress, event, properties, at);
    let effect = match (step, trigger.silence) {
        (Step::Nothing, _) => return,
        (Step::Fired, None) => Effect::Fire,
        (Step::Closer, None) => Effect::Closer(progress),
        (_, Some(silence)) => {
            let over = at.plus(silence);
            if trigger.rearm_latest && due.is_some_and(|due| due > over) {
                // It was handed over late, and is older than what armed the silence.
                return;
            }
            let kept = due.filter(|_| !trigger.rearm_latest);
            Effect::Closer(Progress { due: Some(kept.unwrap_or(over)), hits: Vec::new(), ..progress })
        }
    };
    effects.push((campaign, effect));
}
