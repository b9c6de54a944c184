//! The inbox (engine.md 9.1): cards that stay until the person, an event or their time removes them.

use std::fmt;
use std::sync::Arc;

use hearken_core::{CampaignId, CardAction, Input, Message, Span, Timestamp, Value};

use crate::client::Client;
use crate::error::Error;
use crate::inner::Inner;

/// The inbox at one moment: pinned cards first, then the newest.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    /// The cards that stand in it.
    pub cards: Vec<Card>,
    /// How many are neither read nor archived.
    pub unread: u32,
}

/// A card of the inbox. What a person does with it counts once; each method says so at once and is stored in the background.
#[derive(Clone)]
pub struct Card {
    client: Arc<Inner>,
    /// Its id: the same on every device of an identified person.
    pub id: String,
    /// The campaign that made it.
    pub campaign: CampaignId,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it goes by itself.
    pub expires_at: Option<Timestamp>,
    /// Whether it stands before the others, and cannot be dismissed.
    pub is_pinned: bool,
    /// Whether it was on the screen.
    pub is_seen: bool,
    /// Whether it was opened.
    pub is_read: bool,
    /// Whether it was put away.
    pub is_archived: bool,
    /// What it shows.
    pub message: Message,
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card").field("id", &self.id).field("campaign", &self.campaign).finish_non_exhaustive()
    }
}

impl Card {
    fn of(client: &Arc<Inner>, card: &Value) -> Self {
        let text = |name: &str| card.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let is = |name: &str| card.get(name).and_then(Value::as_bool).unwrap_or_default();
        let at = |name: &str| card.get(name).and_then(Value::as_i64).map(Timestamp);
        Self {
            client: Arc::clone(client),
            id: text("card"),
            campaign: text("campaign"),
            made_at: at("made_at").unwrap_or_default(),
            expires_at: at("expires_at"),
            is_pinned: is("pinned"),
            is_seen: is("seen"),
            is_read: is("read"),
            is_archived: is("archived"),
            message: Message::of(card.get("message").unwrap_or(&Value::Null)),
        }
    }

    /// It was on the screen.
    ///
    /// # Errors
    /// It is gone.
    pub fn seen(&self) -> Result<(), Error> {
        self.does(CardAction::Seen, None, None)
    }

    /// The person opened it.
    ///
    /// # Errors
    /// It is gone.
    pub fn read(&self) -> Result<(), Error> {
        self.does(CardAction::Read, None, None)
    }

    /// The person put it away; it stays in the inbox, and is not unread.
    ///
    /// # Errors
    /// It is gone.
    pub fn archive(&self) -> Result<(), Error> {
        self.does(CardAction::Archive, None, None)
    }

    /// The person dismissed it.
    ///
    /// # Errors
    /// It is gone, or pinned.
    pub fn dismiss(&self) -> Result<(), Error> {
        self.does(CardAction::Dismiss, None, None)
    }

    /// The person put it off.
    ///
    /// # Errors
    /// It is gone.
    pub fn snooze(&self, lasts: Span) -> Result<(), Error> {
        self.does(CardAction::Snooze, None, Some(lasts))
    }

    /// The person used its button `target`. The engine does the button's own part, the host the others.
    ///
    /// # Errors
    /// It is gone.
    pub fn click(&self, target: impl Into<String>) -> Result<(), Error> {
        self.does(CardAction::Click, Some(target.into()), None)
    }

    fn does(&self, action: CardAction, target: Option<String>, lasts: Option<Span>) -> Result<(), Error> {
        self.client.tell(Input::Card { card: self.id.clone(), action, target, lasts })
    }
}

impl Client {
    /// The inbox now. Waits for the store to be open.
    ///
    /// ```
    /// # use hearken::{Client, Consent};
    /// # let hearken = Client::builder(r#"{"spec": 1, "id": "shop", "revision": 1}"#).consent(Consent::all()).open()?;
    /// let inbox = hearken.inbox()?;
    /// println!("{} unread", inbox.unread);
    /// for card in &inbox.cards {
    ///     println!("{}", card.message.label);
    ///     card.seen()?;
    /// }
    /// # Ok::<(), hearken::Error>(())
    /// ```
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn inbox(&self) -> Result<Inbox, Error> {
        let json: Value = serde_json::from_str(&self.inbox_json()?).unwrap_or_default();
        let cards = json.get("cards").and_then(Value::as_array).into_iter().flatten();
        let unread = json.get("unread").and_then(Value::as_u64).and_then(|unread| u32::try_from(unread).ok());
        Ok(Inbox { cards: cards.map(|card| Card::of(&self.inner, card)).collect(), unread: unread.unwrap_or_default() })
    }

    /// The inbox as the engine prints it: `{"cards": [..], "unread": n}`.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn inbox_json(&self) -> Result<String, Error> {
        self.inner.read(|engine, moment| engine.inbox_json(moment.now))
    }
}
