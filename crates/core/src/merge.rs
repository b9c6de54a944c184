//! State of the same person from another device, or from before the storage was lost (engine.md 9.3).
//!
//! Merging is commutative, associative and idempotent: every field says by itself which of two values wins.

use std::cmp::Reverse;

use crate::card::{Card, Mark};
use crate::engine::Engine;
use crate::json::JsonError;
use crate::plan::Rejection;
use crate::record::Imported;
use crate::state::{Assigned, Choice, LEDGER, Profile, Spending, Start};
use crate::step::Verdict;
use crate::table::Table;
use crate::time::Timestamp;
use crate::turn::{Turn, rejected};
use crate::wire::{Write, to_json, wire};
use crate::{CampaignId, PresentationId, ProfileId, Purpose, Purposes, RecordId, Value};

/// The version of the format.
const FORMAT: u32 = 1;

wire! {
    without schema;

    /// What one device knows of a person that holds on every other.
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Portable {
        v: u32,
        user: Option<String>,
        profile: ProfileId,
        attributes: Table<String, Attribute> = Table::new(),
        consent: Table<String, Choice> = Table::new(),
        arms: Table<CampaignId, Assigned> = Table::new(),
        holdouts: Table<String, Assigned> = Table::new(),
        uses: Table<PresentationId, Spending> = Table::new(),
        cards: Table<String, Card> = Table::new(),
        /// How many cards each campaign has made.
        made: Table<CampaignId, u32> = Table::new(),
    }

    #[derive(Clone, Debug, Default, PartialEq)]
    struct Attribute {
        /// Nothing if it was unset.
        value: Option<Value>,
        at: Timestamp,
        device: RecordId,
    }
}

impl Engine {
    /// What this device knows of the current person and another may take over, as JSON: attributes, consent, arms, uses
    /// and cards. Sessions, triggers and counters are not part of it (engine.md 9.3).
    #[must_use]
    pub fn export_state(&self) -> String {
        let Some((id, profile)) = self.state.current.zip(self.state.profile()) else { return "{}".to_owned() };
        to_json(&portable(id, profile))
    }
}

fn portable(id: ProfileId, profile: &Profile) -> Portable {
    let mut portable = Portable {
        v: FORMAT,
        user: profile.user.clone(),
        profile: id,
        attributes: Table::new(),
        consent: profile.choices.clone(),
        arms: profile.arms.clone(),
        holdouts: profile.holdouts.clone(),
        uses: profile.ledger.clone(),
        cards: profile.cards.clone(),
        made: Table::new(),
    };
    for (name, mark) in profile.written.iter() {
        let value = profile.attributes.get(name).cloned();
        portable.attributes.insert(name.clone(), Attribute { value, at: mark.at, device: mark.device });
    }
    for (campaign, standing) in profile.campaigns.iter() {
        if standing.cards > 0 {
            portable.made.insert(campaign.clone(), standing.cards);
        }
    }
    portable
}

impl Turn<'_> {
    /// Takes over what another device knows of the same person; anybody else's changes nothing.
    pub(crate) fn import(&mut self, document: &str) -> Result<(), Verdict> {
        let refused = |message: String| rejected(Rejection::Document { what: "import".to_owned(), message });
        let value = crate::json::parse(document).map_err(|JsonError { line, column, message }| {
            refused(format!("line {line}, column {column}: {message}"))
        })?;
        let mut portable: Portable = crate::wire::read(&value, "import").map_err(|mut faults| {
            let fault = faults.swap_remove(0);
            refused([&fault.path, ": ", &fault.message].concat())
        })?;
        if portable.v > FORMAT {
            return Err(refused(format!("format {} is newer than {FORMAT}: update the library", portable.v)));
        }
        let same = match (&portable.user, self.state().profile()) {
            (Some(user), Some(profile)) => profile.user.as_ref() == Some(user),
            (None, Some(profile)) => profile.user.is_none() && self.state().current == Some(portable.profile),
            (_, None) => false,
        };
        if !same {
            return Err(rejected(Rejection::WrongUser));
        }
        let now = self.now;
        portable.until(now);
        let messaging = Purpose::Messaging.name();
        let ours =
            self.state().profile().and_then(|profile| profile.choices.get(messaging)).cloned().unwrap_or_default();
        if portable.consent.get(messaging).is_some_and(|theirs| !theirs.granted && theirs.outranks(&ours)) {
            // As long as it may be recorded.
            self.withdraw(|_| true);
        }
        let mut state = String::new();
        portable.write(&mut state);
        let state = crate::json::parse(&state).unwrap_or_default();
        self.write(Imported { state }.into(), now, None);
        self.retract();
        self.make_room(0);
        self.inbox_changed = true;
        Ok(())
    }
}

impl Portable {
    /// An instant later than `now` is read as `now`.
    fn until(&mut self, now: Timestamp) {
        let hold = |at: &mut Timestamp| *at = (*at).min(now);
        for attribute in self.attributes.values_mut() {
            hold(&mut attribute.at);
        }
        for choice in self.consent.values_mut() {
            hold(&mut choice.at);
        }
        for arm in self.arms.values_mut().chain(self.holdouts.values_mut()) {
            hold(&mut arm.at);
        }
        for spending in self.uses.values_mut() {
            hold(&mut spending.at);
        }
        for card in self.cards.values_mut() {
            hold(&mut card.at);
            for mark in card.marks().into_iter().flatten() {
                hold(&mut mark.at);
            }
        }
    }
}

/// Folds what came into a profile. What somebody else refused in this session stays refused until somebody answers here
/// (engine.md 2.4).
pub(crate) fn apply(profile: &mut Profile, state: &Value, refused: Purposes) {
    let portable: Portable = crate::wire::read_leniently(state);
    for (name, theirs) in portable.attributes {
        let ours = profile.written.get(&name).map(|mark| (mark.at, mark.device));
        let shown = |value: Option<&Value>| value.map(to_json);
        let tie = || shown(theirs.value.as_ref()) > shown(profile.attributes.get(&name));
        if ours.is_none_or(|ours| (theirs.at, theirs.device) > ours || ((theirs.at, theirs.device) == ours && tie())) {
            profile.set_attribute(&name, theirs.value, Mark::new(theirs.at, theirs.device));
        }
    }
    for (name, theirs) in portable.consent {
        let ours = profile.choices.entry(name.as_str());
        if theirs.outranks(ours) {
            for purpose in Purpose::ALL.into_iter().filter(|purpose| purpose.name() == name) {
                let holds = theirs.granted && (ours.explicit || !refused.has(purpose));
                profile.consent = if holds { profile.consent.with(purpose) } else { profile.consent.without(purpose) };
            }
            *ours = theirs;
        }
    }
    profile.heed_refusal();
    earliest(&mut profile.arms, portable.arms);
    earliest(&mut profile.holdouts, portable.holdouts);
    for (id, theirs) in portable.uses {
        profile.spend(id, theirs);
    }
    for (id, mut theirs) in portable.cards {
        theirs.drop_texts_if_gone();
        match profile.cards.get_mut(&id) {
            None => profile.cards.insert(id, theirs),
            Some(ours) => ours.merge(theirs),
        }
    }
    for (campaign, made) in portable.made {
        let standing = profile.campaigns.entry(campaign.as_str());
        standing.cards = standing.cards.max(made);
    }
}

/// The earliest assignment of the newest version wins; of two at once the lesser arm.
fn earliest(ours: &mut Table<String, Assigned>, theirs: Table<String, Assigned>) {
    for (name, theirs) in theirs {
        let earlier = ours.get(&name).is_none_or(|ours| {
            // One of an older version would only be assigned anew, and exposed a second time.
            let order = |one: &Assigned| (Reverse(one.version), one.at);
            (order(&theirs), &theirs.arm, &theirs.unit) < (order(ours), &ours.arm, &ours.unit)
        });
        if earlier {
            ours.insert(name, theirs);
        }
    }
}

impl Choice {
    /// The latest explicit choice; a tie, or a builder's value, loses to a refusal.
    fn outranks(&self, other: &Self) -> bool {
        (self.explicit, self.at, !self.granted) > (other.explicit, other.at, !other.granted)
    }
}

impl Card {
    fn marks(&mut self) -> [&mut Option<Mark>; 6] {
        let Self { seen, read, archived, dismissed, snoozed, removed, .. } = self;
        [seen, read, archived, dismissed, snoozed, removed]
    }

    /// The last writer of each field wins, ties by device; what the card shows is what its first maker gave it.
    fn merge(&mut self, mut theirs: Self) {
        for (ours, theirs) in self.marks().into_iter().zip(theirs.marks()) {
            let key = |mark: &Option<Mark>| mark.as_ref().map(|mark| (mark.at, mark.device, mark.until));
            if key(theirs) > key(ours) {
                *ours = theirs.take();
            }
        }
        for click in std::mem::take(&mut theirs.clicks) {
            if let Err(place) = self.clicks.binary_search(&click) {
                self.clicks.insert(place, click);
            }
        }
        if (theirs.at, theirs.made) < (self.at, self.made) {
            let Self { seen, read, archived, dismissed, snoozed, removed, clicks, .. } =
                std::mem::replace(self, theirs);
            *self = Self { seen, read, archived, dismissed, snoozed, removed, clicks, ..self.clone() };
        }
        self.drop_texts_if_gone();
    }
}

impl Profile {
    /// Counts a use once, however often it is told; committed outweighs refunded, and that reserved.
    pub(crate) fn spend(&mut self, id: PresentationId, theirs: Spending) {
        let before = self.ledger.get(&id).map(|spending| spending.state);
        if before.is_some_and(|before| before >= theirs.state) {
            return;
        }
        let full = self.ledger.len() >= LEDGER;
        if before.is_none() && full && self.ledger.keys().next().is_some_and(|oldest| id < *oldest) {
            return;
        }
        let counts = theirs.state != crate::state::Spent::Refunded;
        let counted = before.is_some_and(|before| before != crate::state::Spent::Refunded);
        let standing = self.campaigns.entry(theirs.campaign.as_str());
        if counts && !counted {
            standing.uses += u32::from(!theirs.returns);
            for cap in &theirs.spends {
                self.caps.entry(cap.as_str()).reserve(id, theirs.at);
            }
        } else if counted && !counts {
            standing.uses = standing.uses.saturating_sub(u32::from(!theirs.returns));
            for cap in &theirs.spends {
                self.caps.entry(cap.as_str()).settle(id, crate::Use::Refunded, theirs.at);
            }
        }
        if theirs.state == crate::state::Spent::Committed {
            standing.last_commit = standing.last_commit.max(Some(theirs.at));
            let start = Start { seq: 0, at: theirs.at, id };
            if standing.start.as_ref().is_none_or(|ours| (start.at, start.id) < (ours.at, ours.id)) {
                standing.start = Some(start);
            }
            for cap in &theirs.spends {
                self.caps.entry(cap.as_str()).settle(id, crate::Use::Committed, theirs.at);
            }
        }
        self.record_spending(id, theirs);
    }

    /// The newest uses are remembered one by one.
    pub(crate) fn record_spending(&mut self, id: PresentationId, spending: Spending) {
        self.ledger.insert(id, spending);
        let oldest = self.ledger.keys().next().copied();
        if let Some(oldest) = oldest.filter(|_| self.ledger.len() > LEDGER) {
            self.ledger.remove(&oldest);
        }
    }
}
