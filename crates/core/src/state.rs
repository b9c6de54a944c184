//! The state that the journal tells: everything here follows from records and row headers alone, live and when
//! folded, through the same code (engine.md 1.4).

use crate::card::{Card, Mark};
use crate::frequency::Uses;
use crate::history::{Counter, Ring};
use crate::journal::{JournalError, Row};
use crate::list::Listed as _;
use crate::presentation::{Phase, Presentation};
use crate::session::Session;
use crate::success::{Standard, Tally};
use crate::table::Table;
use crate::time::{Span, Timestamp};
use crate::trigger::{Fired, Held, Progress};
use crate::wire::{names, wire};
use crate::{CampaignId, OwnerId, PresentationId, ProfileId, Properties, Purposes, RecordId};

/// How many owners are remembered.
const OWNERS: usize = 64;

/// How far back events are remembered for campaigns that a new playbook brings (engine.md 4.5).
pub(crate) const RECENT: Span = Span::seconds(30);
/// How many of them.
pub(crate) const RECENT_MOST: usize = 100;
/// How many uses of a profile are remembered one by one.
pub(crate) const LEDGER: usize = 1_000;
/// How many touches are remembered, so that each counts once.
pub(crate) const TOUCHES: usize = 200;

wire! {
    without schema;

    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct State {
        pub(crate) seq: u64,
        pub(crate) last_id: RecordId,
        /// The last instant of a row; the clock is held against it.
        pub(crate) now: Timestamp,
        /// This store's own name: the id of its first record.
        pub(crate) device: RecordId => RecordId::default(),
        /// The host switched the library off.
        pub(crate) disabled: bool => false,
        pub(crate) playbook: Option<PlaybookRef>,
        /// What conditions count, in the order of the events' names.
        pub(crate) counters: Vec<Counter> => Vec::new(),
        /// The success definition.
        pub(crate) success: Standard => Standard::default(),
        pub(crate) current: Option<ProfileId>,
        pub(crate) profiles: Table<ProfileId, Profile> = Table::new(),
        pub(crate) session: Option<Session>,
        /// Purposes that the person refused in this session: a switch of profiles does not lift that (engine.md 2.4).
        pub(crate) refused: Purposes => Purposes::none(),
        pub(crate) presentations: Table<PresentationId, Presentation> = Table::new(),
        /// When an interruptive message last left a screen that could be seen: the interval runs from here.
        pub(crate) interval_from: Option<Timestamp>,
        pub(crate) owners: Table<OwnerId, Owner> = Table::new(),
        /// The events of the last 30 s, at most 100.
        pub(crate) recent: Vec<Held> => Vec::new(),
        /// Touches already recorded, as `kind delivery`.
        pub(crate) touches: Vec<String> => Vec::new(),
        /// Nothing up to here is exported any more: the person asked for that.
        pub(crate) purged: u64 => 0,
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) struct PlaybookRef {
        pub(crate) hash: String,
        pub(crate) revision: u64,
    }

    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Profile {
        pub(crate) user: Option<String>,
        /// When it was made: what it counts is complete from here on.
        pub(crate) created: Timestamp => Timestamp(0),
        pub(crate) consent: Purposes,
        /// When each purpose was chosen, by name.
        pub(crate) choices: Table<String, Choice> = Table::new(),
        pub(crate) attributes: Properties,
        /// When each attribute was written, and by which device.
        pub(crate) written: Table<String, Mark> = Table::new(),
        pub(crate) campaigns: Table<CampaignId, Standing> = Table::new(),
        /// Campaigns whose trigger waits, in order, so that a step walks only these.
        pub(crate) waiting: Vec<CampaignId>,
        /// Campaigns whose trigger is on its way, in order.
        pub(crate) armed: Vec<CampaignId> => Vec::new(),
        pub(crate) caps: Table<String, Uses> = Table::new(),
        pub(crate) rings: Table<String, Ring> = Table::new(),
        /// What success metrics count.
        pub(crate) tally: Tally => Tally::default(),
        pub(crate) cards: Table<String, Card> = Table::new(),
        /// The arm of each campaign's experiment.
        pub(crate) arms: Table<CampaignId, Assigned> = Table::new(),
        /// The arm of each holdout, by its seed.
        pub(crate) holdouts: Table<String, Assigned> = Table::new(),
        /// The newest uses, one by one: what devices tell each other (engine.md 9.3).
        pub(crate) ledger: Table<PresentationId, Spending> = Table::new(),
        /// What each placement shows in this session.
        pub(crate) placements: Table<String, PresentationId> = Table::new(),
    }

    /// A person's choice on one purpose.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Choice {
        pub(crate) granted: bool,
        pub(crate) at: Timestamp,
        /// The person said so, not the host's builder.
        pub(crate) explicit: bool,
    }

    /// An arm that a person, or profile, once came to.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Assigned {
        pub(crate) arm: String,
        pub(crate) bucketed_by: String,
        pub(crate) unit: String,
        pub(crate) bucket: u32,
        pub(crate) version: u32,
        pub(crate) at: Timestamp,
    }

    /// One use.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Spending {
        pub(crate) campaign: CampaignId,
        /// Of the reservation, then of the commit.
        pub(crate) at: Timestamp,
        /// The frequency constraints that it spent.
        pub(crate) spends: Vec<String> => Vec::new(),
        pub(crate) state: Spent,
        /// It was snoozed before, and counts no further time.
        pub(crate) returns: bool => false,
    }

    /// Where one campaign stands for one profile.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Standing {
        /// Its trigger, from firing to the end of what came of it.
        pub(crate) trigger: Option<Fired>,
        /// How far its trigger has come.
        pub(crate) progress: Option<Progress>,
        pub(crate) open: Option<PresentationId>,
        /// Uses reserved or committed; a return from a snooze counts none.
        pub(crate) uses: u32,
        pub(crate) last_commit: Option<Timestamp>,
        /// Its first commit: what counts for its goal comes after it (engine.md 5.2).
        pub(crate) start: Option<Start>,
        /// How many cards it has made.
        pub(crate) cards: u32 => 0,
    }

    /// A place in the journal.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Start {
        pub(crate) seq: u64,
        pub(crate) at: Timestamp,
        pub(crate) id: RecordId,
    }

    /// What is known of one running instance.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Owner {
        /// The number of its last input that was stored.
        pub(crate) n: u64,
        pub(crate) hidden: bool,
        /// Its last row.
        pub(crate) seq: u64,
        /// Where in the app it is.
        pub(crate) screen: Option<String>,
    }
}

names! {
    /// What became of a use; of two that are told, the later one of these holds.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub(crate) enum Spent {
        Reserved = "reserved",
        Refunded = "refunded",
        Committed = "committed",
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
            if let Some(presentation) = self.presentations.get_mut(id) {
                if presentation.phase == Phase::Displaying {
                    presentation.message = Some(message.clone());
                }
            } else if let Some(profile) = self.profiles.get_mut(&self.current.unwrap_or_default())
                && let Some(card) = profile.cards.values_mut().find(|card| card.made == *id)
            {
                card.message.clone_from(message);
                card.drop_texts_if_gone();
            }
        }
        let owner = self.owners.entry(row.owner.as_str());
        owner.seq = row.last;
        owner.n = owner.n.max(row.ctx.n);
        self.forget_owners();
    }

    fn forget_owners(&mut self) {
        while self.owners.len() > OWNERS {
            let open: Vec<&str> = self.open_presentations().map(|p| p.owner.as_str()).listed();
            let idle = self.owners.iter().filter(|(id, _)| !open.contains(&id.as_str()));
            let Some(oldest) = idle.min_by_key(|(_, owner)| owner.seq).map(|(id, _)| id.clone()) else { return };
            self.owners.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presentation::Use;
    use crate::{Context, Input};

    #[test]
    fn the_owners_that_wrote_last_are_remembered_and_those_with_something_open() {
        let mut state = State::default();
        let open = Presentation {
            id: RecordId::default(),
            profile: RecordId::default(),
            campaign: "c".into(),
            variant: None,
            channel: "in_app".into(),
            owner: "00".into(),
            interruptive: true,
            placement: None,
            phase: Phase::Displaying,
            uses: Use::Committed,
            reserved_at: Timestamp(0),
            returns: false,
            trigger_waits: false,
            interactions: Vec::new(),
            message: None,
        };
        state.presentations.insert(open.id, open);
        for n in 0..=OWNERS as u64 + 1 {
            assert_eq!(state.owners.len() as u64, n.min(OWNERS as u64));
            state.close_row(&Row {
                v: 1,
                first: n,
                last: n,
                owner: format!("{n:02}"),
                activity: false,
                ctx: Context { n: 7, ..Context::default() },
                input: Input::Tick,
                messages: Table::new(),
                records: Vec::new(),
            });
        }
        assert_eq!(state.owners.len(), OWNERS);
        let known = |owner: &str| state.owners.get(owner).map(|owner| owner.n);
        assert_eq!([known("00"), known("01"), known("02"), known("03")], [Some(7), None, None, Some(7)]);
    }
}
