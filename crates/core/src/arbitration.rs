//! Arbitration (engine.md 5.3): once per step, over every campaign whose trigger is alive.

use crate::eligibility::Walk;
use crate::message::Message;
use crate::playbook::Playbook;
use crate::reason::{Outcome, Reason, Stage};
use crate::record::{Triggered, UseReserved};
use crate::step::{Decision, Offer};
use crate::time::Timestamp;
use crate::turn::Turn;
use crate::{CampaignId, RecordId};

/// A campaign whose trigger is alive.
struct Candidate {
    campaign: CampaignId,
    /// The event's record, if it fired in this step and is not recorded yet.
    fresh: Option<RecordId>,
    priority: u32,
    at: Timestamp,
    seq: u64,
    stop: Option<(Stage, Reason)>,
}

impl Turn<'_> {
    /// Walks every live trigger; the best of those that pass is offered, the others wait or drop.
    pub(crate) fn arbitrate(&mut self) {
        let Some(playbook) = self.playbook.clone() else { return };
        let mut candidates = self.candidates(&playbook);
        candidates.sort_by(|a, b| (a.priority, a.at, a.seq, &a.campaign).cmp(&(b.priority, b.at, b.seq, &b.campaign)));
        let winner = candidates.iter().find(|candidate| candidate.stop.is_none()).map(|winner| winner.campaign.clone());
        for candidate in candidates {
            let stop = match (&winner, candidate.stop) {
                (Some(winner), None) if *winner == candidate.campaign => None,
                (Some(winner), None) => Some((Stage::Arbitration, Reason::LostArbitration { to: winner.clone() })),
                (_, stop) => stop,
            };
            let outcome = stop.map_or(Outcome::Offered, |(stage, reason)| Outcome::of(stage, reason));
            match (&outcome, candidate.fresh) {
                (Outcome::Stopped { .. }, Some(_)) => {}
                (Outcome::Stopped { reason, .. }, None) => {
                    let code = reason.name();
                    self.drop_trigger(candidate.campaign.clone(), code);
                }
                (_, Some(event)) => {
                    self.emit(Triggered { campaign: candidate.campaign.clone(), event });
                }
                (_, None) => {}
            }
            if outcome == Outcome::Offered {
                self.offer(&playbook, &candidate.campaign);
            }
            self.decisions.push(Decision { campaign: candidate.campaign, outcome });
        }
    }

    fn candidates(&mut self, playbook: &Playbook) -> Vec<Candidate> {
        let waiting = self.state().profile().into_iter().flat_map(|profile| {
            profile.waiting.iter().filter_map(|id| Some((id.clone(), profile.campaigns.get(id)?.trigger.as_ref()?)))
        });
        let next = self.state().seq + 1;
        let mut alive: Vec<_> = waiting.map(|(id, fired)| (id, None, fired.at, fired.seq)).collect();
        alive.extend(std::mem::take(&mut self.fired).into_iter().map(|(id, event)| (id, Some(event), self.now, next)));
        let mut cost = self.cost;
        let walk = self.walk(playbook, None);
        let candidates = alive.into_iter().map(|(id, fresh, at, seq)| {
            cost.campaigns += u32::from(fresh.is_none());
            let put_off = self.put_off.as_deref() == Some(id.as_str());
            let (priority, stop) = match playbook.campaign(&id) {
                None => (u32::MAX, Some((Stage::Enabled, disabled(playbook, &id)))),
                Some(campaign) if put_off => (campaign.priority, Some((Stage::Channel, Reason::PutOff))),
                Some(campaign) => {
                    cost.conditions += 1;
                    (campaign.priority, walk.stages(campaign, &mut ()).err())
                }
            };
            Candidate { campaign: id, fresh, priority, at, seq, stop }
        });
        let candidates = candidates.collect();
        self.cost = cost;
        candidates
    }

    fn offer(&mut self, playbook: &Playbook, id: &str) {
        let Some(campaign) = playbook.campaign(id) else { return };
        let Some(channel) = self.walk(playbook, None).channel_of(campaign) else { return };
        let reserved = UseReserved {
            campaign: campaign.id.clone(),
            channel: channel.name().to_owned(),
            owner: self.engine.owner.clone(),
            interruptive: campaign.message.layout.is_interruptive(),
            spends: playbook.spends(campaign, channel.name()),
        };
        let Some(presentation_id) = self.emit(reserved) else { return };
        let message = Message::clone(&campaign.message);
        self.engine.drafts.insert(presentation_id, message.clone());
        self.offered.push(Offer {
            presentation_id,
            campaign: campaign.id.clone(),
            channel: channel.name().to_owned(),
            resumed: false,
            message,
        });
    }

    pub(crate) fn walk<'a>(&'a self, playbook: &'a Playbook, except: Option<crate::PresentationId>) -> Walk<'a> {
        Walk {
            playbook,
            state: &self.engine.state,
            owner: &self.engine.owner,
            channels: &self.engine.channels,
            can_display: self.ctx.can_display,
            now: self.now,
            except,
        }
    }
}

/// Why a campaign that the playbook does not run is not run.
pub(crate) fn disabled(playbook: &Playbook, id: &str) -> Reason {
    match playbook.problems().iter().find(|problem| problem.campaign.as_deref() == Some(id)) {
        Some(problem) => Reason::Disabled { problem: Some(format!("{}: {}", problem.path, problem.message)) },
        None => Reason::Unknown,
    }
}
