//! Time alone: the clock, what is due when a step begins (engine.md 1.2, 1.5, 1.10), and when the next step is wanted (1.3).

use crate::card::Card;
use crate::presentation::{LEASE, Signal};
use crate::reason::{Outcome, Reason, Stage};
use crate::record::{CardExpired, ClockStep, TriggerDropped};
use crate::step::{Decision, Diagnostic};
use crate::time::{Span, Timestamp};
use crate::trigger::Fired;
use crate::turn::{Firing, Turn};
use crate::{CampaignId, EndCause, Phase, PresentationId, RecordId};

/// How far `now` may lie behind the last instant and still be taken for it (engine.md 1.5).
const CLOCK_SLACK: Span = Span::seconds(1);

/// A timer that may be due.
enum Timer<'a> {
    Lease(PresentationId),
    Session,
    Expiry(&'a str),
    Silence(&'a str),
    Card(&'a str),
}

impl Turn<'_> {
    /// Holds the clock against the journal (engine.md 1.5).
    pub(crate) fn hold_clock(&mut self) {
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
    pub(crate) fn due_timers(&mut self) {
        let mut due = Vec::new();
        self.timers(&mut |at, timer| {
            if at <= self.now {
                let (what, id, name) = match timer {
                    Timer::Lease(id) => (0, id, ""),
                    Timer::Session => (1, RecordId::default(), ""),
                    Timer::Expiry(name) => (2, RecordId::default(), name),
                    Timer::Silence(name) => (3, RecordId::default(), name),
                    Timer::Card(name) => (4, RecordId::default(), name),
                };
                due.push((at, what, id, name.to_owned()));
            }
        });
        due.sort_by_key(|(at, ..)| *at);
        for (at, what, id, name) in due {
            match what {
                0 => self.signal(id, Signal::LeaseOver, EndCause::Lease, Vec::new()),
                1 => self.expire_session(),
                2 => self.drop_trigger(name, Reason::Expired),
                3 => self.silence_over(&name, at),
                _ => self.card_expired(name),
            }
        }
    }

    /// Tells every timer, with its instant.
    fn timers(&self, tell: &mut dyn FnMut(Timestamp, Timer<'_>)) {
        for presentation in self.state().open_presentations() {
            if presentation.phase == Phase::Offered && presentation.placement.is_none() {
                tell(presentation.reserved_at.plus(LEASE), Timer::Lease(presentation.id));
            }
        }
        if let Some(session) = &self.state().session {
            tell(session.last.plus(self.session_timeout()), Timer::Session);
        }
        let Some(profile) = self.state().profile() else { return };
        for id in &profile.waiting {
            let fired = profile.campaigns.get(id).and_then(|standing| standing.trigger.as_ref());
            if let Some(at) = fired.and_then(Fired::deadline) {
                tell(at, Timer::Expiry(id));
            }
        }
        for id in &profile.armed {
            let progress = profile.campaigns.get(id).and_then(|standing| standing.progress.as_ref());
            if let Some(at) = progress.and_then(|progress| progress.due) {
                tell(at, Timer::Silence(id));
            }
        }
        for (id, card) in profile.cards.iter() {
            if let (Some(at), None) = (card.expires, &card.removed) {
                tell(at, Timer::Card(id));
            }
        }
    }

    /// Nothing of `unless` happened: the campaign fires, unless its time was over while nobody looked.
    fn silence_over(&mut self, id: &str, at: Timestamp) {
        let Some(playbook) = self.playbook.clone() else { return };
        let held = self.state().standing(id).and_then(|standing| standing.progress.as_ref()?.event.as_ref());
        let event = held.map(|held| held.id);
        let Some((campaign, event)) = playbook.campaign(id).zip(event) else {
            return self.drop_trigger(id.to_owned(), Reason::Changed);
        };
        let firing = Firing::of(campaign, event, at, true);
        if firing.expires.is_some_and(|expires| expires <= self.now) {
            return self.drop_trigger(id.to_owned(), Reason::Expired);
        }
        self.fired.push(firing);
    }

    pub(crate) fn record_drop(&mut self, campaign: &str, reason: &Reason) {
        self.emit(TriggerDropped { campaign: campaign.to_owned(), reason: reason.name().to_owned() });
    }

    /// A trigger that waits, is on its way, or fired in this very step, drops; only what was recorded of it is recorded as
    /// dropped (engine.md 4.3).
    pub(crate) fn drop_trigger(&mut self, campaign: CampaignId, reason: Reason) {
        self.fired.retain(|firing| firing.id != campaign);
        let standing = self.state().standing(&campaign);
        if standing.is_some_and(|standing| standing.trigger.is_some() || standing.progress.is_some()) {
            self.record_drop(&campaign, &reason);
        }
        self.decisions.push(Decision { campaign, outcome: Outcome::of(Stage::Triggered, reason) });
    }

    fn card_expired(&mut self, card: String) {
        let campaign = self.state().profile().and_then(|profile| Some(profile.cards.get(&card)?.campaign.clone()));
        if let Some(campaign) = campaign {
            self.emit(CardExpired { card, campaign });
            self.inbox_changed = true;
        }
    }

    /// Whether a card's snooze ended since the last row: time alone brings it back.
    pub(crate) fn card_returned(&self) -> bool {
        self.state().profile().is_some_and(|profile| {
            let mut ends = profile.cards.values().filter_map(Card::snoozed_until);
            ends.any(|until| self.state().now < until && until <= self.now)
        })
    }

    /// The earliest instant at which time alone changes something; strictly later than now (engine.md 1.3).
    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        let mut next: Option<Timestamp> = None;
        let mut at = |instant: Timestamp| {
            if instant > self.now {
                next = Some(next.map_or(instant, |next| next.min(instant)));
            }
        };
        self.timers(&mut |instant, timer| {
            // The end of a session is written by whatever comes next.
            if !matches!(timer, Timer::Session) {
                at(instant);
            }
        });
        let interval = self.playbook.as_ref().map(|playbook| playbook.settings.interval);
        for decision in &self.decisions {
            let Outcome::Waiting { reason, .. } = &decision.outcome else { continue };
            let instant = match reason {
                // It lost to a ghost, if the interval runs: nothing ends that would let it go.
                Reason::LostArbitration { .. } => {
                    self.state().interval_from.zip(interval).map(|(from, interval)| from.plus(interval))
                }
                reason => reason.next_eligible_at(),
            };
            if let Some(instant) = instant {
                at(instant);
            }
        }
        let Some(profile) = self.state().profile() else { return next };
        for id in &profile.waiting {
            let fired = profile.campaigns.get(id).and_then(|standing| standing.trigger.as_ref());
            if let Some(due) = fired.and_then(|fired| fired.due) {
                at(due);
            }
        }
        for card in profile.cards.values() {
            if let (Some(until), None) = (card.snoozed_until(), &card.removed) {
                at(until);
            }
        }
        next
    }
}
