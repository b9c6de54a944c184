//! The state that the journal tells: everything here follows from records and row headers alone, live and when
//! folded, through the same code (engine.md 1.4).

use crate::frequency::Uses;
use crate::journal::{JournalError, Row};
use crate::presentation::{Phase, Presentation, REMEMBERED, Use};
use crate::record::{AttributeOp, Body, Record, UseReserved};
use crate::session::Session;
use crate::table::Table;
use crate::time::Timestamp;
use crate::trigger::Fired;
use crate::wire::wire;
use crate::{CampaignId, OwnerId, PresentationId, ProfileId, Properties, Purpose, Purposes, RecordId};

/// How many owners are remembered.
const OWNERS: usize = 64;

wire! {
    without schema;

    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct State {
        pub(crate) seq: u64,
        pub(crate) last_id: RecordId,
        /// The last instant of a row; the clock is held against it.
        pub(crate) now: Timestamp,
        pub(crate) playbook: Option<PlaybookRef>,
        pub(crate) current: Option<ProfileId>,
        pub(crate) profiles: Table<ProfileId, Profile> = Table::new(),
        pub(crate) session: Option<Session>,
        pub(crate) presentations: Table<PresentationId, Presentation> = Table::new(),
        /// When an interruptive message last left a screen that could be seen: the interval runs from here.
        pub(crate) interval_from: Option<Timestamp>,
        pub(crate) owners: Table<OwnerId, Owner> = Table::new(),
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) struct PlaybookRef {
        pub(crate) hash: String,
        pub(crate) revision: u64,
    }

    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Profile {
        pub(crate) user: Option<String>,
        pub(crate) consent: Purposes,
        pub(crate) attributes: Properties,
        pub(crate) campaigns: Table<CampaignId, Standing> = Table::new(),
        /// Campaigns whose trigger waits, in order, so that a step walks only these.
        pub(crate) waiting: Vec<CampaignId>,
        pub(crate) caps: Table<String, Uses> = Table::new(),
    }

    /// Where one campaign stands for one profile.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Standing {
        /// Its trigger, from firing to the end of what came of it.
        pub(crate) trigger: Option<Fired>,
        pub(crate) open: Option<PresentationId>,
        /// Uses reserved or committed.
        pub(crate) uses: u32,
        pub(crate) last_commit: Option<Timestamp>,
    }

    /// What is known of one running instance.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Owner {
        /// The number of its last input that was stored.
        pub(crate) n: u64,
        pub(crate) hidden: bool,
        /// Its last row.
        pub(crate) seq: u64,
    }
}

impl State {
    pub(crate) fn profile(&self) -> Option<&Profile> {
        self.profiles.get(&self.current?)
    }

    pub(crate) fn consent(&self) -> Purposes {
        self.profile().map_or(Purposes::none(), |profile| profile.consent)
    }

    pub(crate) fn standing(&self, campaign: &str) -> Option<&Standing> {
        self.profile()?.campaigns.get(campaign)
    }

    pub(crate) fn open_presentations(&self) -> impl Iterator<Item = &Presentation> {
        self.presentations.values().filter(|presentation| presentation.is_open())
    }

    pub(crate) fn owner_is_hidden(&self, owner: &str) -> bool {
        self.owners.get(owner).is_some_and(|owner| owner.hidden)
    }

    /// Folds a stored row.
    pub(crate) fn fold(&mut self, row: &Row) -> Result<(), JournalError> {
        if row.first != self.seq + 1 {
            return Err(JournalError::Gap { after: self.seq, seen: row.first });
        }
        for record in &row.records {
            self.apply(record);
        }
        self.close_row(row);
        if self.seq == row.last {
            Ok(())
        } else {
            Err(JournalError::Damaged { place: format!("row {}", row.last), message: "records are missing".into() })
        }
    }

    /// What a row's header says, after its records.
    pub(crate) fn close_row(&mut self, row: &Row) {
        self.now = row.ctx.now;
        if row.activity
            && let Some(session) = &mut self.session
        {
            session.last = row.ctx.now;
        }
        for (id, message) in row.messages.iter() {
            if let Some(presentation) = self.presentations.get_mut(id).filter(|p| p.phase == Phase::Displaying) {
                presentation.message = Some(message.clone());
            }
        }
        let owner = self.owners.entry(row.owner.as_str());
        owner.seq = row.last;
        owner.n = owner.n.max(row.ctx.n);
        self.forget_owners();
    }

    fn forget_owners(&mut self) {
        while self.owners.len() > OWNERS {
            let open: Vec<&str> = self.open_presentations().map(|p| p.owner.as_str()).collect();
            let idle = self.owners.iter().filter(|(id, _)| !open.contains(&id.as_str()));
            let Some(oldest) = idle.min_by_key(|(_, owner)| owner.seq).map(|(id, _)| id.clone()) else { return };
            self.owners.remove(&oldest);
        }
    }

    /// Folds one record: the only place where a record becomes state.
    pub(crate) fn apply(&mut self, record: &Record) {
        self.seq = record.seq;
        self.last_id = record.id;
        self.current = Some(record.profile);
        let profile = self.profiles.entry(&record.profile);
        match &record.body {
            Body::Event { .. } | Body::AppOpen(_) | Body::JournalGap(_) | Body::Unknown { .. } => {}
            Body::Shown(_) => {}
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
                for profile in self.profiles.values_mut() {
                    profile.drop_triggers(|trigger| trigger.session == Some(ended.session_id));
                }
            }
            Body::Attribute(change) => match (change.op, &change.value) {
                (AttributeOp::Set, Some(value)) => {
                    profile.attributes.insert(change.name.clone(), value.clone());
                }
                _ => {
                    // Made anew rather than removed from: it is rare, and removing takes 5 KB of the web module.
                    for (name, value) in std::mem::take(&mut profile.attributes) {
                        if name != change.name {
                            profile.attributes.insert(name, value);
                        }
                    }
                }
            },
            Body::Consent(consent) => {
                profile.consent = consent.purposes;
                if !consent.purposes.has(Purpose::Messaging) {
                    profile.drop_triggers(|_| true);
                }
            }
            Body::ClockStep(step) => self.step_back(step.from, step.to),
            Body::PlaybookInstalled(playbook) => {
                self.playbook = Some(PlaybookRef { hash: playbook.hash.clone(), revision: playbook.revision });
            }
            Body::Triggered(triggered) => {
                let fired = Fired { event: triggered.event, at: record.ts, seq: record.seq, session: record.session };
                profile.campaigns.entry(triggered.campaign.as_str()).trigger = Some(fired);
                profile.wait(&triggered.campaign);
            }
            Body::TriggerDropped(dropped) => profile.drop_trigger(&dropped.campaign),
            Body::UseReserved(reserved) => self.reserve(record, reserved),
            Body::Displaying(displaying) => {
                if let Some(presentation) = self.presentations.get_mut(&displaying.presentation_id) {
                    presentation.phase = Phase::Displaying;
                }
            }
            Body::UseCommitted(committed) => self.settle(committed.presentation_id, Use::Committed, record.ts),
            Body::UseRefunded(refunded) => {
                if let Some(presentation) = self.presentations.get_mut(&refunded.presentation_id) {
                    presentation.trigger_waits = refunded.trigger_waits;
                }
                self.settle(refunded.presentation_id, Use::Refunded, record.ts);
            }
            Body::Ended(ended) => self.end(ended.presentation_id, record.ts),
            Body::DisplayState(display) => {
                self.owners.entry(display.owner.as_str()).hidden = !display.can_display;
                let stood = self.presentations.values().any(|presentation| {
                    presentation.interruptive
                        && presentation.phase == Phase::Displaying
                        && presentation.owner == display.owner
                });
                if stood && !display.can_display {
                    self.interval_from = self.interval_from.max(Some(record.ts));
                }
            }
            Body::Clicked(clicked) => self.interacted(clicked.presentation_id, format!("click {}", clicked.target)),
            Body::Dismissed(dismissed) => self.interacted(dismissed.presentation_id, "dismiss ".to_owned()),
        }
    }

    fn reserve(&mut self, record: &Record, reserved: &UseReserved) {
        let profile = self.profiles.entry(&record.profile);
        let standing = profile.campaigns.entry(reserved.campaign.as_str());
        standing.open = Some(record.id);
        standing.uses += 1;
        profile.wait_no_longer(&reserved.campaign);
        for cap in &reserved.spends {
            profile.caps.entry(cap.as_str()).reserve(record.id, record.ts);
        }
        self.presentations.insert(
            record.id,
            Presentation {
                id: record.id,
                profile: record.profile,
                campaign: reserved.campaign.clone(),
                channel: reserved.channel.clone(),
                owner: reserved.owner.clone(),
                interruptive: reserved.interruptive,
                phase: Phase::Offered,
                uses: Use::Reserved,
                reserved_at: record.ts,
                trigger_waits: false,
                interactions: Vec::new(),
                message: None,
            },
        );
        self.forget_presentations();
    }

    fn forget_presentations(&mut self) {
        let ended: Vec<PresentationId> =
            self.presentations.values().filter(|presentation| !presentation.is_open()).map(|p| p.id).collect();
        let surplus = ended.len().saturating_sub(REMEMBERED);
        for id in ended.into_iter().take(surplus) {
            self.presentations.remove(&id);
        }
    }

    /// Commits or refunds a use, wherever it is counted.
    fn settle(&mut self, id: PresentationId, to: Use, at: Timestamp) {
        let Some(presentation) = self.presentations.get_mut(&id).filter(|p| p.uses == Use::Reserved) else { return };
        presentation.uses = to;
        let Some(profile) = self.profiles.get_mut(&presentation.profile) else { return };
        let standing = profile.campaigns.entry(presentation.campaign.as_str());
        if to == Use::Committed {
            standing.last_commit = standing.last_commit.max(Some(at));
        } else {
            standing.uses = standing.uses.saturating_sub(1);
        }
        for uses in profile.caps.values_mut() {
            uses.settle(id, to, at);
        }
    }

    fn end(&mut self, id: PresentationId, at: Timestamp) {
        let session = self.session.as_ref().map(|session| session.id);
        let hidden = self.presentations.get(&id).is_some_and(|presentation| self.owner_is_hidden(&presentation.owner));
        let Some(presentation) = self.presentations.get_mut(&id).filter(|p| p.is_open()) else { return };
        let stood = presentation.phase == Phase::Displaying;
        presentation.phase = Phase::Ended;
        presentation.message = None;
        if stood && presentation.interruptive && !hidden {
            self.interval_from = self.interval_from.max(Some(at));
        }
        let Some(profile) = self.profiles.get_mut(&presentation.profile) else { return };
        let Some(standing) = profile.campaigns.get_mut(&presentation.campaign) else { return };
        standing.open = None;
        let alive =
            standing.trigger.as_ref().is_some_and(|trigger| trigger.session.is_none() || trigger.session == session);
        if presentation.trigger_waits && alive {
            profile.wait(&presentation.campaign);
        } else {
            standing.trigger = None;
        }
    }

    fn interacted(&mut self, id: PresentationId, interaction: String) {
        if let Some(presentation) = self.presentations.get_mut(&id) {
            presentation.interactions.push(interaction);
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
        for presentation in self.presentations.values_mut() {
            presentation.reserved_at = shifted(presentation.reserved_at);
        }
        for profile in self.profiles.values_mut() {
            for standing in profile.campaigns.values_mut() {
                standing.last_commit = standing.last_commit.map(|instant| instant.min(to));
                if let Some(trigger) = &mut standing.trigger {
                    trigger.at = shifted(trigger.at);
                }
            }
            for uses in profile.caps.values_mut() {
                uses.step_back(to);
            }
        }
    }
}

impl Profile {
    fn wait(&mut self, campaign: &str) {
        if let Err(place) = self.waiting.binary_search_by(|waiting| waiting.as_str().cmp(campaign)) {
            self.waiting.insert(place, campaign.to_owned());
        }
    }

    fn wait_no_longer(&mut self, campaign: &str) {
        self.waiting.retain(|waiting| waiting != campaign);
    }

    fn drop_trigger(&mut self, campaign: &str) {
        self.wait_no_longer(campaign);
        if let Some(standing) = self.campaigns.get_mut(campaign).filter(|standing| standing.open.is_none()) {
            standing.trigger = None;
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
            .collect();
        for campaign in dropped {
            self.drop_trigger(&campaign);
        }
    }
}
