//! How each record becomes state: the only place where that happens, live and when a journal is folded (engine.md 1.4).

use crate::card::{Card, Mark};
use crate::list::Listed as _;
use crate::presentation::{Phase, Presentation, REMEMBERED, Use};
use crate::record::{
    AttributeOp, Body, CardMade, Consent, ConsentSource, Exposure, PlaybookInstalled, Record, SessionCause,
    TriggerProgress, Triggered, UseReserved,
};
use crate::session::Session;
use crate::state::{
    Assigned, Choice, Owner, PlaybookRef, Profile, RECENT, RECENT_MOST, Spending, Spent, Standing, Start, State,
    TOUCHES,
};
use crate::time::Timestamp;
use crate::trigger::{Fired, Held, Progress};
use crate::{CampaignId, PresentationId, ProfileId, Purpose, Purposes, RecordId, Value};

impl State {
    /// Folds one record.
    pub(crate) fn apply(&mut self, record: &Record) {
        self.seq = record.seq;
        self.last_id = record.id;
        if self.device == RecordId::default() {
            self.device = record.id;
        }
        if self.current.replace(record.profile) != Some(record.profile) {
            // What just happened was not theirs (engine.md 4.5), nor is the session, whose end not everybody lets us record.
            self.recent.clear();
            self.session = None;
        }
        if !self.profiles.contains_key(&record.profile) {
            self.profiles.entry(&record.profile).created = record.ts;
        }
        self.happened(record);
        if record.is_exported() && !record.late {
            let tally = &mut self.profiles.entry(&record.profile).tally;
            tally.observe(&self.success, self.device, record, self.now.max(record.ts));
        }
        let profile = self.profiles.entry(&record.profile);
        match &record.body {
            Body::Event { .. }
            | Body::AppOpen(_)
            | Body::Cue(_)
            | Body::Erase(_)
            | Body::JournalGap(_)
            | Body::Shown(_)
            | Body::Reset(_)
            | Body::Unknown { .. } => {}
            Body::SessionStart(_) => {
                self.session = Some(Session { id: record.id, last: record.ts });
                for standing in profile.campaigns.values_mut() {
                    if let Some(trigger) = &mut standing.trigger {
                        trigger.session.get_or_insert(record.id);
                    }
                }
            }
            Body::SessionEnd(ended) => {
                self.session = None;
                if ended.cause == SessionCause::Timeout {
                    self.refused = Purposes::none();
                }
                for profile in self.profiles.values_mut() {
                    profile.placements = Default::default();
                    profile.drop_triggers(|trigger| trigger.dies_with(ended.session_id));
                }
            }
            Body::Screen(screen) => self.owner(&screen.owner).screen = Some(screen.screen.clone()),
            Body::Identify(identify) => profile.user = Some(identify.user_id.clone()),
            Body::Attribute(change) => {
                let value = if change.op == AttributeOp::Unset { None } else { change.value.clone() };
                profile.set_attribute(&change.name, value, Mark::new(record.ts, self.device));
            }
            Body::Consent(consent) => self.consented(record, consent),
            Body::Switched(switched) => self.disabled = !switched.enabled,
            Body::Imported(imported) => crate::merge::apply(profile, &imported.state, self.refused),
            Body::ClockStep(step) => self.step_back(step.from, step.to),
            Body::PlaybookInstalled(playbook) => self.installed(record, playbook),
            Body::TriggerProgress(progress) => self.progressed(record.profile, progress),
            Body::Triggered(triggered) => self.triggered(record, triggered),
            Body::TriggerDropped(dropped) => profile.drop_trigger(&dropped.campaign),
            Body::UseReserved(reserved) => self.reserve(record, reserved),
            Body::Displaying(displaying) => {
                if let Some(presentation) = self.presentations.get_mut(&displaying.presentation_id) {
                    presentation.phase = Phase::Displaying;
                }
            }
            Body::UseCommitted(committed) => self.settle(committed.presentation_id, Use::Committed, record),
            Body::UseRefunded(refunded) => {
                if let Some(presentation) = self.presentations.get_mut(&refunded.presentation_id) {
                    presentation.trigger_waits = refunded.trigger_waits;
                }
                self.settle(refunded.presentation_id, Use::Refunded, record);
            }
            Body::Ended(ended) => self.end(ended.presentation_id, record.ts),
            Body::DisplayState(display) => {
                self.owner(&display.owner).hidden = !display.can_display;
                let stood = self.presentations.values().any(|presentation| {
                    presentation.interruptive
                        && presentation.phase == Phase::Displaying
                        && presentation.owner == display.owner
                });
                if stood && !display.can_display {
                    self.interval_from = self.interval_from.max(Some(record.ts));
                }
            }
            Body::Clicked(clicked) => {
                let target = clicked.target.clone().unwrap_or_default();
                if let Some(delivery) = &clicked.delivery_id {
                    self.touched(["click ", delivery, " ", &target].concat());
                } else if let Some(id) = clicked.presentation_id {
                    self.interacted(record.profile, id, ["click ", &target].concat());
                }
            }
            Body::Dismissed(dismissed) => {
                self.interacted(record.profile, dismissed.presentation_id, "dismiss ".to_owned())
            }
            Body::Submitted(submitted) => {
                let interaction = ["submit ", &submitted.target].concat();
                self.interacted(record.profile, submitted.presentation_id, interaction);
            }
            Body::Page(page) => {
                self.interacted(record.profile, page.presentation_id, ["page ", &page.page].concat());
            }
            Body::Snoozed(snoozed) => {
                self.interacted(record.profile, snoozed.presentation_id, "snooze ".to_owned());
                if let Some(presentation) = self.presentations.get_mut(&snoozed.presentation_id) {
                    presentation.trigger_waits = true;
                }
            }
            Body::Delivered(touch) => {
                for cap in &touch.spends {
                    profile.caps.entry(cap.as_str()).reserve(record.id, record.ts);
                }
                self.touched(["delivered ", &touch.delivery_id].concat());
            }
            Body::Opened(touch) => self.touched(["opened ", &touch.delivery_id].concat()),
            Body::Unsubscribed(touch) => self.touched(["unsubscribed ", &touch.delivery_id].concat()),
            Body::Exposure(exposure) => profile.exposed(exposure, record.ts),
            Body::Assigned(assigned) => {
                let arm = Assigned {
                    arm: assigned.arm.clone(),
                    bucketed_by: assigned.bucketed_by.clone(),
                    unit: assigned.unit.clone(),
                    bucket: assigned.bucket,
                    version: 0,
                    at: record.ts,
                };
                profile.holdouts.insert(assigned.holdout.clone(), arm);
            }
            Body::CardMade(made) => profile.card_made(record, made),
            Body::CardSeen(of) => self.mark(record, &of.card, None, |card| &mut card.seen),
            Body::CardRead(of) => self.mark(record, &of.card, None, |card| &mut card.read),
            Body::CardArchived(of) => self.mark(record, &of.card, None, |card| &mut card.archived),
            Body::CardDismissed(of) => self.mark(record, &of.card, None, |card| &mut card.dismissed),
            Body::CardSnoozed(of) => self.mark(record, &of.card, Some(of.until), |card| &mut card.snoozed),
            Body::CardRemoved(of) => self.mark(record, &of.card, None, |card| &mut card.removed),
            Body::CardExpired(of) => self.mark(record, &of.card, None, |card| &mut card.removed),
        }
    }

    fn owner(&mut self, owner: &str) -> &mut Owner {
        self.owners.entry(owner)
    }

    /// What can set campaigns off is counted, and remembered for a moment.
    fn happened(&mut self, record: &Record) {
        let Some((event, properties)) = record.body.occurrence() else { return };
        let profile = self.profiles.entry(&record.profile);
        crate::history::count(&self.counters, &mut profile.rings, profile.created, event, &properties, record.ts);
        let held = Held { id: record.id, event: event.to_owned(), at: record.ts, properties };
        let stale = self.recent.iter().take_while(|held| record.ts.since(held.at) >= RECENT).count();
        let surplus = (self.recent.len() + 1).saturating_sub(RECENT_MOST);
        self.recent.drain(..stale.max(surplus));
        self.recent.push(held);
    }

    fn held(&self, profile: ProfileId, campaign: &str, id: RecordId) -> Option<Held> {
        if let Some(held) = self.recent.iter().rev().find(|held| held.id == id) {
            return Some(held.clone());
        }
        let standing = self.profiles.get(&profile)?.campaigns.get(campaign)?;
        let progress = standing.progress.as_ref().and_then(|progress| progress.event.as_ref());
        let trigger = standing.trigger.as_ref().and_then(|trigger| trigger.held.as_ref());
        progress.into_iter().chain(trigger).find(|held| held.id == id).cloned()
    }

    fn consented(&mut self, record: &Record, consent: &Consent) {
        let profile = self.profiles.entry(&record.profile);
        let explicit = consent.source == ConsentSource::Person;
        for purpose in Purpose::ALL {
            let granted = consent.purposes.has(purpose);
            let choice = profile.choices.entry(purpose.name());
            if explicit || choice.granted != granted || choice.at == Timestamp(0) {
                *choice = Choice { granted, at: record.ts, explicit };
            }
        }
        profile.consent = consent.purposes;
        profile.heed_refusal();
        if explicit {
            self.refused = Purpose::ALL.into_iter().filter(|purpose| !consent.purposes.has(*purpose)).collect();
        }
        if consent.purge {
            self.purged = record.seq.saturating_sub(1);
            for profile in self.profiles.values_mut() {
                profile.tally.purge(&self.success, record.ts);
            }
        }
    }

    /// Counters that stay keep what they know; new ones start with what the journal still had, for the profile that is
    /// current, or with nothing (engine.md 3.3).
    fn installed(&mut self, record: &Record, playbook: &PlaybookInstalled) {
        self.playbook = Some(PlaybookRef { hash: playbook.hash.clone(), revision: playbook.revision });
        let known = std::mem::replace(&mut self.counters, playbook.counters.clone());
        if self.success != playbook.success {
            let before = std::mem::replace(&mut self.success, playbook.success.clone());
            for (id, profile) in self.profiles.iter_mut() {
                profile.tally = match &playbook.tally {
                    tally if *id == record.profile && !tally.is_null() => crate::wire::read_leniently(tally),
                    _ => profile.tally.moved(&before, &self.success, &[], Some(record.ts), self.device, record.ts),
                };
            }
        }
        for (id, profile) in self.profiles.iter_mut() {
            let mut before = std::mem::take(&mut profile.rings);
            for counter in &playbook.counters {
                let seed = || playbook.seeds.get(&counter.key).filter(|_| *id == record.profile).cloned();
                let ring = match before.get_mut(&counter.key) {
                    Some(ring) => std::mem::take(ring).resized(counter.newest),
                    None => seed().unwrap_or_else(|| {
                        // A counter that stood before and counted nothing of a newer profile knows all since that was made.
                        let stood = known.iter().any(|one| one.key == counter.key);
                        let since = if stood { profile.created } else { record.ts };
                        crate::history::Ring::starting(since, counter.newest)
                    }),
                };
                profile.rings.insert(counter.key.clone(), ring);
            }
        }
    }

    fn progressed(&mut self, profile: ProfileId, progress: &TriggerProgress) {
        let event = progress.event.and_then(|id| self.held(profile, &progress.campaign, id));
        let profile = self.profiles.entry(&profile);
        let standing = profile.campaigns.entry(progress.campaign.as_str());
        if progress.due.is_none() && progress.hits.iter().all(Vec::is_empty) {
            standing.progress = None;
            profile.armed.retain(|armed| *armed != progress.campaign);
            return;
        }
        standing.progress =
            Some(Progress { key: progress.key.clone(), hits: progress.hits.clone(), event, due: progress.due });
        insert(&mut profile.armed, &progress.campaign);
    }

    /// A trigger fired; one that waits already gets the newer event, or another time.
    fn triggered(&mut self, record: &Record, triggered: &Triggered) {
        let held = self.held(record.profile, &triggered.campaign, triggered.event);
        let profile = self.profiles.entry(&record.profile);
        let standing = profile.campaigns.entry(triggered.campaign.as_str());
        let earlier = standing.trigger.take();
        let (at, seq, session) = earlier
            .as_ref()
            .map_or((record.ts, record.seq, record.session), |fired| (fired.at, fired.seq, fired.session));
        standing.trigger = Some(Fired {
            key: triggered.key.clone(),
            event: triggered.event,
            held: held.or_else(|| earlier.as_ref().and_then(|fired| fired.held.clone())),
            at,
            seq,
            session,
            due: triggered.due.or_else(|| earlier.as_ref().and_then(|fired| fired.due)),
            expires: triggered.expires.or_else(|| earlier.as_ref().and_then(|fired| fired.expires)),
            returns: triggered.returns || earlier.is_some_and(|fired| fired.returns),
        });
        standing.progress = None;
        profile.armed.retain(|armed| *armed != triggered.campaign);
        if profile.campaigns.get(&triggered.campaign).is_some_and(|standing| standing.open.is_none()) {
            insert(&mut profile.waiting, &triggered.campaign);
        }
    }

    fn reserve(&mut self, record: &Record, reserved: &UseReserved) {
        let profile = self.profiles.entry(&record.profile);
        let standing = profile.campaigns.entry(reserved.campaign.as_str());
        standing.open = Some(record.id);
        standing.uses += u32::from(!reserved.returns);
        profile.waiting.retain(|waiting| *waiting != reserved.campaign);
        for cap in &reserved.spends {
            profile.caps.entry(cap.as_str()).reserve(record.id, record.ts);
        }
        profile.record_spending(
            record.id,
            Spending {
                campaign: reserved.campaign.clone(),
                at: record.ts,
                spends: reserved.spends.clone(),
                state: Spent::Reserved,
                returns: reserved.returns,
            },
        );
        if let Some(placement) = &reserved.placement {
            profile.placements.insert(placement.clone(), record.id);
        }
        self.presentations.insert(
            record.id,
            Presentation {
                id: record.id,
                profile: record.profile,
                campaign: reserved.campaign.clone(),
                variant: reserved.variant.clone(),
                channel: reserved.channel.clone(),
                owner: reserved.owner.clone(),
                interruptive: reserved.interruptive,
                placement: reserved.placement.clone(),
                phase: Phase::Offered,
                uses: Use::Reserved,
                reserved_at: record.ts,
                returns: reserved.returns,
                trigger_waits: false,
                interactions: Vec::new(),
                message: None,
            },
        );
        self.forget_presentations();
    }

    fn forget_presentations(&mut self) {
        let ended = || self.presentations.values().filter(|presentation| !presentation.is_open());
        let surplus = ended().count().saturating_sub(REMEMBERED);
        let oldest: Vec<PresentationId> = ended().take(surplus).map(|presentation| presentation.id).listed();
        for id in oldest {
            self.presentations.remove(&id);
        }
    }

    /// Commits or refunds a use, wherever it is counted.
    fn settle(&mut self, id: PresentationId, to: Use, record: &Record) {
        let Some(presentation) = self.presentations.get_mut(&id).filter(|p| p.uses == Use::Reserved) else { return };
        presentation.uses = to;
        let Some(profile) = self.profiles.get_mut(&presentation.profile) else { return };
        let standing = profile.campaigns.entry(presentation.campaign.as_str());
        if to == Use::Committed {
            standing.committed(record);
        } else {
            standing.uses = standing.uses.saturating_sub(u32::from(!presentation.returns));
        }
        for uses in profile.caps.values_mut() {
            uses.settle(id, to, record.ts);
        }
        if let Some(spending) = profile.ledger.get_mut(&id) {
            spending.state = if to == Use::Committed { Spent::Committed } else { Spent::Refunded };
            spending.at = record.ts;
        }
    }

    fn end(&mut self, id: PresentationId, at: Timestamp) {
        let session = self.session.as_ref().map(|session| session.id);
        let hidden = self.presentations.get(&id).is_some_and(|presentation| self.owner_is_hidden(&presentation.owner));
        let Some(presentation) = self.presentations.get_mut(&id).filter(|p| p.is_open()) else { return };
        // A ghost holds the slot and the interval as a display would; what was used at once was seen before its host said so.
        let stood = presentation.uses == Use::Committed || presentation.phase == Phase::Displaying;
        presentation.phase = Phase::Ended;
        presentation.message = None;
        if stood && presentation.interruptive && !hidden {
            self.interval_from = self.interval_from.max(Some(at));
        }
        let Some(profile) = self.profiles.get_mut(&presentation.profile) else { return };
        if let Some(placement) = &presentation.placement {
            profile.placements.remove(placement);
        }
        let Some(standing) = profile.campaigns.get_mut(&presentation.campaign) else { return };
        standing.open = None;
        let alive = standing.trigger.as_ref().is_some_and(|trigger| trigger.lives_in(session));
        if presentation.trigger_waits && alive {
            insert(&mut profile.waiting, &presentation.campaign);
        } else {
            standing.trigger = None;
        }
    }

    /// An interaction is remembered where it counts once: with the presentation, or with the card.
    fn interacted(&mut self, profile: ProfileId, id: PresentationId, interaction: String) {
        if let Some(presentation) = self.presentations.get_mut(&id) {
            presentation.interactions.push(interaction);
        } else if let Some(profile) = self.profiles.get_mut(&profile)
            && let Some(card) = profile.cards.values_mut().find(|card| card.made == id)
        {
            // In order, so that devices that unite them agree.
            insert(&mut card.clicks, &interaction);
        }
    }

    fn touched(&mut self, touch: String) {
        self.touches.push(touch);
        let surplus = self.touches.len().saturating_sub(TOUCHES);
        self.touches.drain(..surplus);
    }

    fn mark(
        &mut self,
        record: &Record,
        card: &str,
        until: Option<Timestamp>,
        field: fn(&mut Card) -> &mut Option<Mark>,
    ) {
        let mark = Mark { until, ..Mark::new(record.ts, self.device) };
        if let Some(card) = self.profiles.get_mut(&record.profile).and_then(|profile| profile.cards.get_mut(card)) {
            *field(card) = Some(mark);
            card.drop_texts_if_gone();
        }
    }

    /// The clock went back: stored instants that lie ahead become the new now; deadlines keep their remaining span.
    fn step_back(&mut self, from: Timestamp, to: Timestamp) {
        let shifted = |instant: Timestamp| Timestamp(to.0.saturating_sub(from.since(instant).0));
        self.now = to;
        self.interval_from = self.interval_from.map(|instant| instant.min(to));
        if let Some(session) = &mut self.session {
            session.last = session.last.min(to);
        }
        for held in &mut self.recent {
            held.at = held.at.min(to);
        }
        for presentation in self.presentations.values_mut() {
            presentation.reserved_at = shifted(presentation.reserved_at);
        }
        for profile in self.profiles.values_mut() {
            // A counter that is yet to begin begins there.
            profile.created = profile.created.min(to);
            profile.tally.stepped_back();
            for standing in profile.campaigns.values_mut() {
                standing.last_commit = standing.last_commit.map(|instant| instant.min(to));
                if let Some(trigger) = &mut standing.trigger {
                    trigger.at = shifted(trigger.at);
                    trigger.due = trigger.due.map(shifted);
                    trigger.expires = trigger.expires.map(shifted);
                }
                if let Some(progress) = &mut standing.progress {
                    progress.due = progress.due.map(shifted);
                    for hit in progress.hits.iter_mut().flatten() {
                        *hit = (*hit).min(to);
                    }
                }
            }
            for uses in profile.caps.values_mut() {
                uses.step_back(to);
            }
            for spending in profile.ledger.values_mut() {
                spending.at = spending.at.min(to);
            }
            for ring in profile.rings.values_mut() {
                ring.step_back(to);
            }
            for card in profile.cards.values_mut() {
                card.at = card.at.min(to);
                card.expires = card.expires.map(shifted);
                if let Some(snoozed) = &mut card.snoozed {
                    snoozed.until = snoozed.until.map(shifted);
                }
            }
        }
    }
}

impl Mark {
    pub(crate) fn new(at: Timestamp, device: RecordId) -> Self {
        Self { at, device, until: None }
    }
}

impl Standing {
    fn committed(&mut self, record: &Record) {
        self.last_commit = self.last_commit.max(Some(record.ts));
        self.start.get_or_insert(Start { seq: record.seq, at: record.ts, id: record.id });
    }
}

impl Profile {
    pub(crate) fn set_attribute(&mut self, name: &str, value: Option<Value>, mark: Mark) {
        match value {
            Some(value) => {
                self.attributes.insert(name.to_owned(), value);
            }
            None => {
                // Made anew rather than removed from: it is rare, and removing takes 5 KB of the web module.
                for (known, value) in std::mem::take(&mut self.attributes) {
                    if known != name {
                        self.attributes.insert(known, value);
                    }
                }
            }
        }
        self.written.insert(name.to_owned(), mark);
    }

    fn exposed(&mut self, exposure: &Exposure, at: Timestamp) {
        let arm = Assigned {
            arm: exposure.arm.clone(),
            bucketed_by: exposure.bucketed_by.clone(),
            unit: exposure.unit.clone(),
            bucket: exposure.bucket,
            version: exposure.version,
            at,
        };
        self.arms.insert(exposure.campaign.clone(), arm);
    }

    /// A card is shown by standing in the inbox: its use is spent when it is made.
    fn card_made(&mut self, record: &Record, made: &CardMade) {
        for cap in &made.spends {
            self.caps.entry(cap.as_str()).reserve(record.id, record.ts);
        }
        let standing = self.campaigns.entry(made.campaign.as_str());
        let returns = standing.trigger.take().is_some_and(|trigger| trigger.returns);
        standing.uses += u32::from(!returns);
        standing.cards = standing.cards.max(made.n + 1);
        standing.committed(record);
        let spending = Spending {
            campaign: made.campaign.clone(),
            at: record.ts,
            spends: made.spends.clone(),
            state: Spent::Committed,
            returns,
        };
        self.record_spending(record.id, spending);
        self.waiting.retain(|waiting| *waiting != made.campaign);
        self.cards.insert(made.card.clone(), Card::made(record, made));
    }

    /// Drops a trigger that waits or is on its way; not one whose message is open.
    pub(crate) fn drop_trigger(&mut self, campaign: &str) {
        self.waiting.retain(|waiting| waiting != campaign);
        self.armed.retain(|armed| armed != campaign);
        if let Some(standing) = self.campaigns.get_mut(campaign) {
            standing.progress = None;
            if standing.open.is_none() {
                standing.trigger = None;
            }
        }
    }

    /// Without messaging nothing waits, and nothing is on its way (engine.md 2.4): what would take it back could not be
    /// recorded.
    pub(crate) fn heed_refusal(&mut self) {
        if !self.consent.has(Purpose::Messaging) {
            let mut gone = std::mem::take(&mut self.waiting);
            gone.append(&mut self.armed);
            for campaign in gone {
                self.drop_trigger(&campaign);
            }
        }
    }

    /// Drops the waiting triggers for which `gone` holds.
    fn drop_triggers(&mut self, gone: impl Fn(&Fired) -> bool) {
        let campaigns = &self.campaigns;
        let dropped: Vec<CampaignId> = self
            .waiting
            .iter()
            .filter(|id| campaigns.get(*id).and_then(|standing| standing.trigger.as_ref()).is_some_and(&gone))
            .cloned()
            .listed();
        for campaign in dropped {
            self.drop_trigger(&campaign);
        }
    }
}

/// Adds a name to a sorted list, once.
fn insert(names: &mut Vec<CampaignId>, name: &str) {
    if let Err(place) = names.binary_search_by(|known| known.as_str().cmp(name)) {
        names.insert(place, name.to_owned());
    }
}
