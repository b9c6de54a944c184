//! Cards of the inbox (engine.md 9.1).

use sha2::{Digest, Sha256};

use crate::history::Filter;
use crate::id::hex;
use crate::list::Listed as _;
use crate::record::{CardMade, Record};
use crate::table::Table;
use crate::time::Timestamp;
use crate::wire::{Write, names, put, wire};
use crate::{CampaignId, RecordId, Value};

/// The most cards that an inbox holds.
pub(crate) const MOST: usize = 250;

names! {
    /// What a person did with a card.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum CardAction {
        /// It was on the screen.
        Seen = "seen",
        /// It was opened.
        Read = "read",
        /// It was put away.
        Archive = "archive",
        /// It was dismissed; a pinned card cannot be.
        Dismiss = "dismiss",
        /// It was put off.
        Snooze = "snooze",
        /// A button of it was used.
        Click = "click",
    }
}

wire! {
    without schema;

    /// One card, as the journal tells it.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Card {
        pub(crate) campaign: CampaignId,
        pub(crate) variant: Option<String>,
        pub(crate) channel: String,
        /// The record that made it: what its clicks refer to.
        pub(crate) made: RecordId,
        pub(crate) at: Timestamp,
        pub(crate) pin: bool => false,
        pub(crate) expires: Option<Timestamp>,
        pub(crate) remove_on: Vec<RemoveOn> => Vec::new(),
        pub(crate) message: Value => Value::Null,
        /// What was done with it and when: the last writer of each field wins when devices are merged (engine.md 9.3).
        pub(crate) seen: Option<Mark>,
        pub(crate) read: Option<Mark>,
        pub(crate) archived: Option<Mark>,
        pub(crate) dismissed: Option<Mark>,
        pub(crate) snoozed: Option<Mark>,
        /// Taken out of the inbox: by an event, its expiry, or for want of room.
        pub(crate) removed: Option<Mark>,
        /// Buttons already recorded.
        pub(crate) clicks: Vec<String> => Vec::new(),
    }

    /// When a field was written, and by which device.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Mark {
        pub(crate) at: Timestamp,
        pub(crate) device: RecordId,
        /// The end of a snooze.
        pub(crate) until: Option<Timestamp>,
    }

    /// An event that removes a card.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct RemoveOn {
        pub(crate) event: String,
        pub(crate) filter as "where": Filter => Filter::default(),
    }
}

/// The id of a campaign's nth card for a subject: the same on every device of an identified person.
pub(crate) fn id(subject: &str, campaign: &str, n: u32) -> String {
    let mut text = [subject, ":", campaign, ":"].concat();
    n.write(&mut text);
    hex(Sha256::digest(text.as_bytes()).get(..16).unwrap_or_default())
}

impl Card {
    /// As its record made it; what it shows comes with the row.
    pub(crate) fn made(record: &Record, made: &CardMade) -> Self {
        let read = |source: &Value| crate::wire::read(source, "remove_on").ok();
        Self {
            campaign: made.campaign.clone(),
            variant: made.variant.clone(),
            channel: "inbox".into(),
            made: record.id,
            at: record.ts,
            pin: made.pin,
            expires: made.expires,
            remove_on: made.remove_on.iter().filter_map(read).listed(),
            message: Value::Null,
            seen: None,
            read: None,
            archived: None,
            dismissed: None,
            snoozed: None,
            removed: None,
            clicks: Vec::new(),
        }
    }

    /// What was dismissed or removed shows nothing again, on any device: its texts go.
    pub(crate) fn drop_texts_if_gone(&mut self) {
        if self.dismissed.is_some() || self.removed.is_some() {
            self.message = Value::Null;
        }
    }

    /// Whether it stands in the inbox.
    pub(crate) fn stands(&self, now: Timestamp) -> bool {
        self.removed.is_none()
            && self.dismissed.is_none()
            && self.expires.is_none_or(|at| now < at)
            && !self.is_snoozed(now)
    }

    pub(crate) fn is_snoozed(&self, now: Timestamp) -> bool {
        self.snoozed_until().is_some_and(|until| now < until)
    }

    pub(crate) fn snoozed_until(&self) -> Option<Timestamp> {
        self.snoozed.as_ref()?.until
    }

    pub(crate) fn is_unread(&self, now: Timestamp) -> bool {
        self.stands(now) && self.read.is_none() && self.archived.is_none()
    }

    /// How soon it goes when room is needed: dismissed, then archived, then read, then the oldest; pinned last
    /// (engine.md 9.1).
    fn worth(&self) -> (bool, bool, bool, bool, Timestamp) {
        (self.dismissed.is_none(), self.pin, self.archived.is_none(), self.read.is_none(), self.at)
    }
}

/// The inbox as a host shows it: pinned first, then the newest, then by id.
pub(crate) fn inbox(cards: &Table<String, Card>, now: Timestamp) -> String {
    let mut standing: Vec<(&String, &Card)> = cards.iter().filter(|(_, card)| card.stands(now)).listed();
    standing
        .sort_unstable_by(|(a, one), (b, other)| (other.pin, other.at).cmp(&(one.pin, one.at)).then_with(|| a.cmp(b)));
    let mut unread = 0;
    let mut to = String::from("{\"cards\":[");
    for (id, card) in standing {
        unread += u32::from(card.is_unread(now));
        if !to.ends_with('[') {
            to.push(',');
        }
        to.push('{');
        put(&mut to, "card", id);
        put(&mut to, "campaign", &card.campaign);
        put(&mut to, "made_at", &card.at);
        put(&mut to, "pinned", &card.pin);
        put(&mut to, "expires_at", &card.expires);
        put(&mut to, "seen", &card.seen.is_some());
        put(&mut to, "read", &card.read.is_some());
        put(&mut to, "archived", &card.archived.is_some());
        put(&mut to, "message", &card.message);
        to.push('}');
    }
    to.push_str("],\"unread\":");
    unread.write(&mut to);
    to.push('}');
    to
}

/// The card that goes so that as many `more` find room, if there is none for them.
pub(crate) fn surplus(cards: &Table<String, Card>, more: usize) -> Option<String> {
    let kept = || cards.iter().filter(|(_, card)| card.removed.is_none());
    if kept().count() + more <= MOST {
        return None;
    }
    kept().min_by_key(|(_, card)| card.worth()).map(|(id, _)| id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(at: i64, pin: bool) -> Card {
        Card {
            campaign: "c".into(),
            variant: None,
            channel: "inbox".into(),
            made: RecordId::default(),
            at: Timestamp(at),
            pin,
            expires: None,
            remove_on: Vec::new(),
            message: Value::Null,
            seen: None,
            read: None,
            archived: None,
            dismissed: None,
            snoozed: None,
            removed: None,
            clicks: Vec::new(),
        }
    }

    fn mark(until: Option<i64>) -> Option<Mark> {
        Some(Mark { at: Timestamp(1), device: RecordId::default(), until: until.map(Timestamp) })
    }

    fn order(cards: &[(&str, Card)], now: i64) -> (Vec<String>, i64) {
        let table = cards.iter().fold(Table::new(), |mut table, (id, card)| {
            table.insert((*id).to_owned(), card.clone());
            table
        });
        let inbox: Value = serde_json::from_str(&inbox(&table, Timestamp(now))).unwrap();
        let ids = inbox["cards"].as_array().unwrap().iter().map(|card| card["card"].as_str().unwrap().to_owned());
        (ids.collect(), inbox["unread"].as_i64().unwrap())
    }

    #[test]
    fn pinned_first_then_the_newest_then_by_id() {
        let cards = [("d", card(5, false)), ("b", card(9, false)), ("c", card(9, false)), ("a", card(1, true))];
        assert_eq!(order(&cards, 10), (vec!["a".into(), "b".into(), "c".into(), "d".into()], 4));
    }

    #[test]
    fn what_is_snoozed_dismissed_expired_or_removed_does_not_stand_and_what_is_read_or_archived_is_not_unread() {
        let with = |edit: fn(&mut Card)| {
            let mut card = card(1, false);
            edit(&mut card);
            card
        };
        let cards = [
            ("snoozed", with(|card| card.snoozed = mark(Some(20)))),
            ("dismissed", with(|card| card.dismissed = mark(None))),
            ("expired", with(|card| card.expires = Some(Timestamp(10)))),
            ("removed", with(|card| card.removed = mark(None))),
            ("read", with(|card| card.read = mark(None))),
            ("archived", with(|card| card.archived = mark(None))),
        ];
        assert_eq!(order(&cards, 10), (vec!["archived".into(), "read".into()], 0));
        assert_eq!(order(&cards, 20).0.len(), 3, "a snooze is over at its end");
    }

    #[test]
    fn room_is_made_by_the_archived_then_the_read_then_the_oldest_and_the_pinned_last() {
        let mut table = Table::new();
        for n in 0..MOST as i64 {
            table.insert(format!("{n:03}"), card(n, n == 0));
        }
        assert_eq!(surplus(&table, 1).as_deref(), Some("001"));
        table.get_mut("100").unwrap().read = mark(None);
        assert_eq!(surplus(&table, 1).as_deref(), Some("100"));
        table.get_mut("200").unwrap().archived = mark(None);
        assert_eq!(surplus(&table, 1).as_deref(), Some("200"));
        table.remove("200");
        assert_eq!(surplus(&table, 1), None);
    }

    #[test]
    fn a_card_has_the_same_id_wherever_the_person_is_known() {
        // sha256("u-1001:win-back:0"), its first 16 bytes, computed apart from this code.
        assert_eq!(id("u-1001", "win-back", 0), "96b9acd21db3e0207ff17d440d18d641");
        assert_ne!(id("u-1001", "win-back", 0), id("u-1001", "win-back", 1));
    }
}
