//! Triggers (engine.md 4): an event sets campaigns off; a campaign whose trigger is alive ignores further ones.

use crate::record::{Body, TriggerDropped};
use crate::time::{Span, Timestamp};
use crate::turn::Turn;
use crate::wire::wire;
use crate::{CampaignId, RecordId, SessionId};

/// How long a trigger that fired outside any session lives at most (engine.md 4.3).
const OUTSIDE_SESSION: Span = Span(24 * 3_600_000);

wire! {
    without schema;

    /// A trigger that fired.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Fired {
        /// The record of the event that fired it.
        pub(crate) event: RecordId,
        pub(crate) at: Timestamp,
        pub(crate) seq: u64,
        /// The session with whose end it dies: the one it fired in, or else the next.
        pub(crate) session: Option<SessionId>,
    }
}

impl Fired {
    /// When it drops of itself, if that is an instant and not the end of a session.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.session.is_none().then(|| self.at.plus(OUTSIDE_SESSION))
    }
}

impl Turn<'_> {
    /// Which campaigns the record of an event, this step's `place`th, sets off. What is alive already ignores it
    /// (engine.md 4.2).
    pub(crate) fn fire(&mut self, place: usize) {
        let Some(playbook) = self.playbook.clone() else { return };
        let Some(record) = self.records.get(place) else { return };
        let Body::Event { name, properties } = &record.body else { return };
        for campaign in playbook.triggered_by(name) {
            self.cost.campaigns += 1;
            let alive = self.engine.state.standing(&campaign.id).is_some_and(|standing| standing.trigger.is_some());
            if alive || self.fired.iter().any(|(id, _)| *id == campaign.id) {
                continue;
            }
            self.cost.conditions += 1;
            if campaign.filter.holds(properties) {
                self.fired.push((campaign.id.clone(), record.id));
            }
        }
    }

    pub(crate) fn drop_trigger(&mut self, campaign: CampaignId, reason: &str) {
        self.emit(Body::from(TriggerDropped { campaign, reason: reason.to_owned() }));
    }
}
