//! Eligibility (engine.md 5.1): one walk through the stages; the first that fails is the reason. The fast path and
//! `explain` are this very code with another visitor.

use crate::playbook::{Campaign, Channel, Playbook};
use crate::reason::{Reason, Stage};
use crate::state::{Standing, State};
use crate::time::Timestamp;
use crate::{Phase, PresentationId, Purpose};

/// Who is told of each stage that passed.
pub(crate) trait Visitor {
    fn passed(&mut self, stage: Stage, detail: impl FnOnce() -> String);
}

/// The fast path: nobody listens, and no detail is ever made.
impl Visitor for () {
    fn passed(&mut self, _: Stage, _: impl FnOnce() -> String) {}
}

/// What a walk looks at.
pub(crate) struct Walk<'a> {
    pub(crate) playbook: &'a Playbook,
    pub(crate) state: &'a State,
    pub(crate) owner: &'a str,
    pub(crate) channels: &'a [Channel],
    pub(crate) can_display: bool,
    pub(crate) now: Timestamp,
    /// The presentation that is asked about again, whose own reservation is left out (engine.md 5.4).
    pub(crate) except: Option<PresentationId>,
}

type Stop = (Stage, Reason);

impl Walk<'_> {
    /// From `enabled` to `slot`: everything but the trigger before it and the arbitration after it.
    pub(crate) fn stages(&self, campaign: &Campaign, visitor: &mut impl Visitor) -> Result<(), Stop> {
        let standing = self.state.standing(&campaign.id);
        let at = |stage| move |reason| (stage, reason);
        enabled(campaign).map_err(at(Stage::Enabled))?;
        visitor.passed(Stage::Enabled, || "enabled".into());
        self.schedule(campaign).map_err(at(Stage::Schedule))?;
        visitor.passed(Stage::Schedule, || "schedule".into());
        self.consent().map_err(at(Stage::Consent))?;
        visitor.passed(Stage::Consent, || "consent to messaging".into());
        self.channel(campaign).map_err(at(Stage::Channel))?;
        visitor.passed(Stage::Channel, || format!("channel {}", self.channel_of(campaign).map_or("", Channel::name)));
        self.audience(campaign).map_err(at(Stage::Audience))?;
        visitor.passed(Stage::Audience, || "audience".into());
        let used = self.limit(campaign, standing).map_err(at(Stage::Limit))?;
        visitor.passed(Stage::Limit, || format!("limit: {used} of {}", campaign.limit.times));
        self.frequency(campaign).map_err(at(Stage::Frequency))?;
        visitor.passed(Stage::Frequency, || format!("caps: {}", crate::wire::listed(&campaign.caps)));
        self.slot(campaign).map_err(at(Stage::Slot))?;
        visitor.passed(Stage::Slot, || "slot and interval".into());
        Ok(())
    }

    /// The channel that this host would draw a campaign on: the campaign's first that it has.
    pub(crate) fn channel_of(&self, campaign: &Campaign) -> Option<Channel> {
        campaign.channels.iter().copied().find(|channel| self.channels.contains(channel))
    }

    fn schedule(&self, campaign: &Campaign) -> Result<(), Reason> {
        match (campaign.schedule.start, campaign.schedule.end) {
            (_, Some(end)) if self.now >= end => Err(Reason::CampaignEnded { at: end }),
            (Some(start), _) if self.now < start => Err(Reason::NotStarted { until: start }),
            _ => Ok(()),
        }
    }

    fn consent(&self) -> Result<(), Reason> {
        if self.state.consent().has(Purpose::Messaging) { Ok(()) } else { Err(Reason::Consent) }
    }

    fn channel(&self, campaign: &Campaign) -> Result<(), Reason> {
        if self.channel_of(campaign).is_none() {
            Err(Reason::Channel)
        } else if self.can_display {
            Ok(())
        } else {
            Err(Reason::CannotDisplay)
        }
    }

    pub(crate) fn audience(&self, campaign: &Campaign) -> Result<(), Reason> {
        let none = crate::Properties::new();
        let attributes = self.state.profile().map_or(&none, |profile| &profile.attributes);
        match campaign.audience.failing(attributes) {
            None => Ok(()),
            Some(failing) => Err(Reason::Audience { field: failing.field, seen: failing.seen }),
        }
    }

    fn limit(&self, campaign: &Campaign, standing: Option<&Standing>) -> Result<u32, Reason> {
        let limit = &campaign.limit;
        let Some(standing) = standing else {
            return if limit.times == 0 { Err(Reason::Limit { times: 0 }) } else { Ok(0) };
        };
        let own = u32::from(self.except.is_some() && self.except == standing.open);
        let used = standing.uses.saturating_sub(own);
        if used >= limit.times {
            return Err(Reason::Limit { times: limit.times });
        }
        match limit.again_after.zip(standing.last_commit) {
            Some((again, last)) if self.now.since(last) < again => Err(Reason::AgainAfter { until: last.plus(again) }),
            _ => Ok(used),
        }
    }

    fn frequency(&self, campaign: &Campaign) -> Result<(), Reason> {
        for name in &campaign.caps {
            let Some(constraint) = self.playbook.caps.get(name) else { continue };
            let Some(uses) = self.state.profile().and_then(|profile| profile.caps.get(name)) else { continue };
            constraint.room(uses, self.now, self.except).map_err(|until| Reason::Frequency {
                cap: name.clone(),
                max: constraint.max,
                until,
            })?;
        }
        Ok(())
    }

    /// One interruptive message at a time in this tab or app; and the interval, which belongs to the whole store and
    /// runs while one stands where it can be seen (engine.md 5.3).
    fn slot(&self, campaign: &Campaign) -> Result<(), Reason> {
        if !campaign.message.layout.is_interruptive() {
            return Ok(());
        }
        for other in self.state.open_presentations() {
            if !other.interruptive || Some(other.id) == self.except {
                continue;
            }
            if other.owner == self.owner {
                return Err(Reason::Slot);
            }
            if !self.state.owner_is_hidden(&other.owner) {
                return Err(Reason::Interval { until: None });
            }
        }
        let interval = self.playbook.settings.interval;
        match self.state.interval_from {
            Some(from) if self.now.since(from) < interval => Err(Reason::Interval { until: Some(from.plus(interval)) }),
            _ => Ok(()),
        }
    }
}

fn enabled(campaign: &Campaign) -> Result<(), Reason> {
    if campaign.enabled { Ok(()) } else { Err(Reason::Disabled { problem: None }) }
}

/// Whether a presentation that stood on the screen before a reload still fits (engine.md 6.2).
pub(crate) fn still_fits(walk: &Walk<'_>, campaign: &Campaign, phase: Phase) -> bool {
    phase == Phase::Displaying && walk.consent().is_ok() && walk.audience(campaign).is_ok()
}
