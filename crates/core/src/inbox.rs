//! The inbox, and what a host brings itself (engine.md 9): cards, messages from a push payload, places in a page.

use std::sync::Arc;

use crate::card::{self, CardAction};
use crate::list::Listed as _;
use crate::occur::Effect;
use crate::plan::Rejection;
use crate::playbook::{Campaign, PatternSource, Playbook};
use crate::record::{
    Body, CardArchived, CardDismissed, CardMade, CardRead, CardRemoved, CardSeen, CardSnoozed, Clicked,
};
use crate::step::{Offer, Verdict};
use crate::time::Span;
use crate::turn::{Turn, rejected};
use crate::{Properties, RecordId, Value, message};

/// How long a snoozed card is away, if the host does not say.
const SNOOZE: Span = Span(24 * 3_600_000);

impl Turn<'_> {
    /// A campaign makes its next card. The card's id is the same wherever an identified person is (engine.md 9.1).
    pub(crate) fn make_card(
        &mut self,
        playbook: &Playbook,
        campaign: &Campaign,
        variant: Option<String>,
        message: Value,
    ) {
        let profile = self.state().profile();
        let n = profile.and_then(|profile| profile.campaigns.get(&campaign.id)).map_or(0, |standing| standing.cards);
        let subject = match profile.and_then(|profile| profile.user.clone()) {
            Some(user) => user,
            None => self.state().current.unwrap_or_default().to_string(),
        };
        self.make_room(1);
        let rules = &campaign.card;
        let made = self.emit(CardMade {
            card: card::id(&subject, &campaign.id, n),
            campaign: campaign.id.clone(),
            variant,
            n,
            pin: rules.pin,
            expires: rules.expires_in.map(|span| self.now.plus(span)).or(rules.expires_at),
            remove_on: rules.remove_on.iter().map(PatternSource::to_value).listed(),
            // Cards spend what they list, and nothing else (engine.md 6.1).
            spends: playbook.listed_caps(&campaign.caps),
        });
        if let Some(id) = made {
            self.messages.insert(id, message);
            self.inbox_changed = true;
        }
    }

    /// Cards go until there is room for so many more (engine.md 9.1).
    pub(crate) fn make_room(&mut self, more: usize) {
        loop {
            let cards = self.state().profile().map(|profile| &profile.cards);
            let surplus = cards.and_then(|cards| card::surplus(cards, more).map(|card| (cards, card)));
            let Some((cards, card)) = surplus else { return };
            let campaign = cards.get(&card).map(|card| card.campaign.clone()).unwrap_or_default();
            self.emit(CardRemoved { card, campaign, reason: "evicted".to_owned() });
        }
    }

    /// What a person did with a card; each thing counts once.
    pub(crate) fn card(
        &mut self,
        id: &str,
        action: CardAction,
        target: Option<String>,
        lasts: Option<Span>,
    ) -> Result<(), Verdict> {
        let refused = |state: &str| rejected(Rejection::Card { card: id.to_owned(), state: state.to_owned() });
        let found = self.state().profile().and_then(|profile| profile.cards.get(id)).cloned();
        let Some(of) = found else { return Err(refused("unknown")) };
        let (card, campaign) = (id.to_owned(), of.campaign.clone());
        if of.removed.is_some() || of.dismissed.is_some() {
            return Err(refused("gone"));
        }
        let record: Option<Body> = match action {
            CardAction::Seen => of.seen.is_none().then(|| CardSeen { card, campaign }.into()),
            CardAction::Read => of.read.is_none().then(|| CardRead { card, campaign }.into()),
            CardAction::Archive => of.archived.is_none().then(|| CardArchived { card, campaign }.into()),
            CardAction::Dismiss if of.pin => return Err(refused("pinned")),
            CardAction::Dismiss => Some(CardDismissed { card, campaign }.into()),
            CardAction::Snooze => {
                Some(CardSnoozed { card, campaign, until: self.now.plus(lasts.unwrap_or(SNOOZE)) }.into())
            }
            CardAction::Click => {
                let target = target.unwrap_or_default();
                if of.clicks.contains(&["click ", &target].concat()) {
                    return Ok(());
                }
                self.activity();
                self.emit(Clicked {
                    presentation_id: Some(of.made),
                    delivery_id: None,
                    campaign,
                    variant: of.variant,
                    channel: of.channel,
                    target: Some(target.clone()),
                });
                if of.read.is_none() {
                    self.emit(CardRead { card, campaign: of.campaign });
                }
                self.inbox_changed = true;
                if let Some(button) = message::button(&of.message, &target) {
                    self.run_actions(button, Properties::new());
                }
                return Ok(());
            }
        };
        if let Some(record) = record {
            if !self.may_record(&record) {
                return Err(Verdict::NotConsented);
            }
            self.activity();
            self.emit(record);
            self.inbox_changed = true;
        }
        Ok(())
    }

    /// A place in the page is there: what fills it is drawn again under the same id, or decided in this step
    /// (engine.md 5.6).
    pub(crate) fn mount(&mut self, placement: &str, mounted: bool) {
        self.engine.mounted.retain(|known| known != placement);
        if !mounted {
            return;
        }
        self.engine.mounted.push(placement.to_owned());
        let filled = self.state().profile().and_then(|profile| profile.placements.get(placement)).copied();
        let Some(presentation) = filled.and_then(|id| self.state().presentations.get(&id)).cloned() else { return };
        let fits = self.playbook.as_ref().is_none_or(|playbook| {
            playbook
                .campaign(&presentation.campaign)
                .is_none_or(|campaign| self.walk(playbook, Some(presentation.id)).audience(campaign).is_ok())
        });
        let Some(message) = self.message_of(&presentation).filter(|_| fits) else {
            self.signal(presentation.id, crate::Signal::Vanish, crate::EndCause::Unmounted, Vec::new());
            return;
        };
        let message = Arc::new(message);
        self.engine.drafts.insert(presentation.id, Arc::clone(&message));
        self.offered.push(Offer {
            presentation_id: presentation.id,
            campaign: presentation.campaign,
            variant: presentation.variant,
            channel: presentation.channel,
            placement: presentation.placement,
            resumed: false,
            message,
        });
    }

    /// A message or card that the host brings goes the same way as one of the playbook (engine.md 9.2): it is kept for as
    /// long as the client runs, until it is given.
    pub(crate) fn host_offer(&mut self, document: &str) -> Result<(), Verdict> {
        let refused = |message: String| rejected(Rejection::Document { what: "offer".to_owned(), message });
        let Some(playbook) = self.playbook.clone() else { return Err(refused("no playbook is there yet".to_owned())) };
        let campaign = playbook.compile_offer(document).map_err(refused)?;
        let standing = self.state().standing(&campaign.id);
        if standing.is_some_and(|standing| standing.open.is_some()) {
            // It stands already: like any campaign that does, it is not set off again (engine.md 4.2).
            return Ok(());
        }
        let waits = standing.is_some_and(|standing| standing.trigger.is_some());
        if campaign.holdout.is_some() {
            self.engine.holdouts_known = None;
        }
        self.engine.host_offers.insert(campaign.id.clone(), Arc::clone(&campaign));
        // What set it off is this input: it has no record of its own.
        let effect = match waits {
            // It goes on waiting, with what the host says of it now.
            true => Effect::Renew { key: campaign.trigger.key.clone() },
            false => Effect::Fire,
        };
        self.take(&campaign, effect, RecordId::default(), self.now);
        Ok(())
    }
}
