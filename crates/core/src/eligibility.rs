//! Eligibility (engine.md 5.1): one walk through the stages; the first that fails is the reason. The fast path and
//! `explain` are this very code with another visitor.

use crate::condition::Truth;
use crate::engine::Engine;
use crate::input::Context;
use crate::playbook::{After, Campaign, Channel, Playbook};
use crate::reason::{Reason, Stage};
use crate::state::{Standing, State};
use crate::subject::Person;
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
    pub(crate) engine: &'a Engine,
    pub(crate) ctx: &'a Context,
    pub(crate) now: Timestamp,
    /// The presentation that is asked about again, whose own reservation is left out (engine.md 5.4).
    pub(crate) except: Option<PresentationId>,
}

type Stop = (Stage, Reason);

impl Walk<'_> {
    /// From `enabled` to `frequency`: everything but the trigger before it and arbitration after it.
    pub(crate) fn stages(&self, campaign: &Campaign, visitor: &mut impl Visitor) -> Result<(), Stop> {
        let standing = self.state.standing(&campaign.id);
        let at = |stage| move |reason| (stage, reason);
        self.enabled(campaign).map_err(at(Stage::Enabled))?;
        visitor.passed(Stage::Enabled, || "enabled".into());
        self.schedule(campaign).map_err(at(Stage::Schedule))?;
        visitor.passed(Stage::Schedule, || "schedule".into());
        self.consent().map_err(at(Stage::Consent))?;
        visitor.passed(Stage::Consent, || "consent to messaging".into());
        self.channel(campaign).map_err(at(Stage::Channel))?;
        visitor.passed(Stage::Channel, || format!("channel {}", self.channel_of(campaign).map_or("", Channel::name)));
        self.success(campaign, standing).map_err(at(Stage::Success))?;
        if let Some(goal) = &campaign.goal {
            visitor.passed(Stage::Success, || ["goal `", &goal.name, "` not reached yet, on this device"].concat());
        }
        self.audience(campaign).map_err(at(Stage::Audience))?;
        visitor.passed(Stage::Audience, || "audience".into());
        let used = self.limit(campaign, standing).map_err(at(Stage::Limit))?;
        visitor.passed(Stage::Limit, || match campaign.limit.times {
            0 => "no limit".into(),
            times => format!("limit: {used} of {times}"),
        });
        self.frequency(campaign).map_err(at(Stage::Frequency))?;
        visitor.passed(Stage::Frequency, || format!("caps: {}", crate::wire::listed(&campaign.caps)));
        Ok(())
    }

    /// The stages, and the slot after them.
    pub(crate) fn all_stages(&self, campaign: &Campaign, visitor: &mut impl Visitor) -> Result<(), Stop> {
        self.stages(campaign, visitor)?;
        self.slot(campaign).map_err(|reason| (Stage::Slot, reason))?;
        visitor.passed(Stage::Slot, || "slot and interval".into());
        Ok(())
    }

    fn enabled(&self, campaign: &Campaign) -> Result<(), Reason> {
        if self.state.disabled {
            Err(Reason::SwitchedOff)
        } else if campaign.enabled {
            Ok(())
        } else {
            Err(Reason::Disabled { problem: None })
        }
    }

    /// The channel that this host would draw a campaign on: the campaign's first that it has. Every host has an inbox.
    pub(crate) fn channel_of(&self, campaign: &Campaign) -> Option<Channel> {
        let has = |channel: &Channel| *channel == Channel::Inbox || self.engine.channels.contains(channel);
        campaign.channels.iter().copied().find(has)
    }

    fn schedule(&self, campaign: &Campaign) -> Result<(), Reason> {
        let schedule = &campaign.schedule;
        match (schedule.start, schedule.end) {
            (_, Some(end)) if self.now >= end => return Err(Reason::CampaignEnded { at: end }),
            (Some(start), _) if self.now < start => return Err(Reason::NotStarted { until: start }),
            _ => {}
        }
        schedule.window(self.now, self.ctx.offset_min).map_err(|until| Reason::Window { until })?;
        // Quiet hours hold back what interrupts; what is in the page or the inbox disturbs nobody.
        let quiet = self
            .playbook
            .quiet_hours
            .filter(|_| campaign.interruptive && campaign.quiet_hours && !campaign.transactional);
        match quiet.and_then(|quiet| quiet.until(self.now, self.ctx.offset_min)) {
            Some(until) => Err(Reason::QuietHours { until }),
            None => Ok(()),
        }
    }

    fn consent(&self) -> Result<(), Reason> {
        if self.state.consent().has(Purpose::Messaging) { Ok(()) } else { Err(Reason::Consent) }
    }

    fn channel(&self, campaign: &Campaign) -> Result<(), Reason> {
        if self.channel_of(campaign).is_none() {
            return Err(Reason::Channel);
        }
        if campaign.is_card() {
            return Ok(());
        }
        if self.engine.volatile && !campaign.transactional && !self.playbook.settings.memory_messages {
            return Err(Reason::StoreUnavailable);
        }
        if !self.ctx.can_display {
            return Err(Reason::CannotDisplay);
        }
        if self.engine.paused {
            return Err(Reason::Paused);
        }
        if let Some(placement) = &campaign.placement {
            let filled = self.state.profile().and_then(|profile| profile.placements.get(placement));
            let mine = filled.is_none_or(|id| Some(*id) == self.except);
            if !mine || !self.engine.mounted.contains(placement) {
                return Err(Reason::Placement { placement: placement.clone() });
            }
        }
        let screen = self.state.owners.get(&self.engine.owner).and_then(|owner| owner.screen.as_ref());
        let only = &campaign.screens.only;
        let on = |names: &[String]| screen.is_some_and(|screen| names.contains(screen));
        if (!only.is_empty() && !on(only)) || on(&campaign.screens.not) {
            return Err(Reason::Screen { seen: screen.cloned() });
        }
        Ok(())
    }

    /// Whether a campaign's goal is reached: by what this device saw after the campaign's first commit, or ever
    /// (engine.md 5.2).
    fn success(&self, campaign: &Campaign, standing: Option<&Standing>) -> Result<(), Reason> {
        let (Some(goal), Some(profile)) = (&campaign.goal, self.state.profile()) else { return Ok(()) };
        let start = match goal.stops {
            None => return Ok(()),
            Some(After::Ever) => None,
            Some(After::Shown) => match standing.and_then(|standing| standing.start.as_ref()) {
                None => return Ok(()),
                start => start,
            },
        };
        let reached = profile.tally.reached(&self.state.success, goal.metric, start, self.state.device, self.now);
        if reached == Some(true) { Err(Reason::Success { goal: goal.name.clone() }) } else { Ok(()) }
    }

    pub(crate) fn audience(&self, campaign: &Campaign) -> Result<(), Reason> {
        let person = Person::of(self);
        match campaign.audience.truth(&person) {
            Truth::True => Ok(()),
            Truth::Unknown { complete_at } => Err(Reason::HistoryIncomplete { complete_at }),
            Truth::False => {
                let failing = campaign.audience.failing(&person);
                let (field, seen) = failing.map(|failing| (failing.field, failing.seen)).unwrap_or_default();
                Err(Reason::Audience { field, seen })
            }
        }
    }

    fn limit(&self, campaign: &Campaign, standing: Option<&Standing>) -> Result<u32, Reason> {
        let limit = &campaign.limit;
        let Some(standing) = standing else { return Ok(0) };
        let returns = match self.except.and_then(|id| self.state.presentations.get(&id)) {
            Some(presentation) => presentation.returns,
            None => standing.trigger.as_ref().is_some_and(|trigger| trigger.returns),
        };
        let own = u32::from(self.except.is_some() && self.except == standing.open && !returns);
        let used = standing.uses.saturating_sub(own);
        if returns {
            // A snoozed message comes back whatever its limit says (engine.md 6.4).
            return Ok(used);
        }
        if limit.times > 0 && used >= limit.times {
            return Err(Reason::Limit { times: limit.times });
        }
        match limit.again_after.zip(standing.last_commit) {
            Some((again, last)) if self.now.since(last) < again => Err(Reason::AgainAfter { until: last.plus(again) }),
            _ => Ok(used),
        }
    }

    fn frequency(&self, campaign: &Campaign) -> Result<(), Reason> {
        if campaign.transactional {
            return Ok(());
        }
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
    pub(crate) fn slot(&self, campaign: &Campaign) -> Result<(), Reason> {
        if !campaign.interruptive {
            return Ok(());
        }
        for other in self.state.open_presentations() {
            if !other.interruptive || Some(other.id) == self.except {
                continue;
            }
            if other.owner == self.engine.owner {
                return Err(Reason::Slot);
            }
            if !self.state.owner_is_hidden(&other.owner) && !campaign.transactional {
                return Err(Reason::Interval { until: None });
            }
        }
        if campaign.transactional {
            return Ok(());
        }
        let interval = self.playbook.settings.interval;
        match self.state.interval_from {
            Some(from) if self.now.since(from) < interval => Err(Reason::Interval { until: Some(from.plus(interval)) }),
            _ => Ok(()),
        }
    }
}

/// Whether a presentation that stood on the screen before a reload still fits (engine.md 6.2).
pub(crate) fn still_fits(walk: &Walk<'_>, campaign: &Campaign, phase: Phase) -> bool {
    phase == Phase::Displaying && walk.consent().is_ok() && walk.audience(campaign).is_ok()
}
