//! The inbox, and what a person does with its cards.

use hearken::Span;
use hearken::engine::{self, Input};

use crate::records::{CardAction, Inbox, Verdict};
use crate::{CoreError, HearkenCore};

#[uniffi::export]
impl HearkenCore {
    /// The inbox now. Waits for the store to be open.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn inbox(&self) -> Result<Inbox, CoreError> {
        Ok(Inbox::read(&self.inbox_document()?))
    }

    /// The inbox as the engine prints it, as JSON.
    ///
    /// # Errors
    /// As `inbox`.
    pub fn inbox_document(&self) -> Result<String, CoreError> {
        Ok(self.client()?.inbox_json()?)
    }

    /// The person did something with a card. Waits for nothing.
    ///
    /// # Errors
    /// As `track`.
    pub fn card(&self, card: String, action: CardAction) -> Result<Verdict, CoreError> {
        let (action, target, lasts) = match action {
            CardAction::Seen => (engine::CardAction::Seen, None, None),
            CardAction::Read => (engine::CardAction::Read, None, None),
            CardAction::Archive => (engine::CardAction::Archive, None, None),
            CardAction::Dismiss => (engine::CardAction::Dismiss, None, None),
            CardAction::Snooze { lasts_ms } => (engine::CardAction::Snooze, None, Some(Span(lasts_ms))),
            CardAction::Click { target } => (engine::CardAction::Click, Some(target), None),
        };
        self.say(Input::Card { card, action, target, lasts })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::{Config, Purposes, StorePlace};

    const PLAYBOOK: &str = r#"{"spec": 1, "id": "cards", "revision": 1, "plan": {"mode": "open"}, "campaigns": [
        {"id": "card", "channel": ["inbox"], "trigger": {"event": "go"}, "message": "m"}],
        "messages": {"m": {"layout": "card", "pages": [[{"heading": "Hello"}]]}}}"#;

    fn opened(path: &std::path::Path) -> std::sync::Arc<HearkenCore> {
        let config = Config {
            playbook: PLAYBOOK.into(),
            store: StorePlace::File { path: path.display().to_string() },
            consent: Purposes { analytics: true, personalization: true, messaging: true },
            locale: "en".into(),
            offset_min: 0,
            can_display: true,
            retention_ms: None,
            retention_bytes: None,
            public_key: None,
            signature: None,
            platform: None,
            manual: None,
        };
        let core = HearkenCore::open(config, None).unwrap();
        core.ready().unwrap();
        core
    }

    #[test]
    fn a_journal_can_be_read_again_however_long_a_card_was_put_off() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("cards.db");
        let first = opened(&store);
        first.track("go".into(), HashMap::new()).unwrap();
        let card = first.inbox().unwrap().cards[0].id.clone();
        for lasts_ms in [-1, i64::MIN, i64::MAX] {
            let snooze = CardAction::Snooze { lasts_ms };
            assert_eq!(first.card(card.clone(), snooze).unwrap(), Verdict::Accepted, "{lasts_ms}");
        }
        first.shutdown().unwrap();
        let again = opened(&store);
        let part = again.export_part(100, crate::Encoding::Native, false).unwrap().unwrap();
        assert_eq!(part.lines.iter().filter(|line| line.contains("$card_snoozed")).count(), 3);
        assert!(again.inbox().unwrap().cards.is_empty());
        again.shutdown().unwrap();
    }
}
