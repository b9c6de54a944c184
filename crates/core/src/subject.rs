//! The person, as conditions ask for them (engine.md 3.2).

use crate::condition::{HostKey, InboxCounts, LocalNow, Operands, Reading, Truth, member};
use crate::eligibility::Walk;
use crate::history::Ring;
use crate::schedule::LocalTime;
use crate::state::Profile;
use crate::success::Pair;
use crate::time::{Span, Timestamp};
use crate::{Properties, Value};

/// Answers a condition for the current profile at the moment of a walk.
pub(crate) struct Person<'a> {
    walk: &'a Walk<'a>,
    profile: Option<&'a Profile>,
    attributes: Option<&'a Properties>,
}

impl<'a> Person<'a> {
    pub(crate) fn of(walk: &'a Walk<'a>) -> Self {
        let profile = walk.state.profile();
        Self { walk, profile, attributes: profile.map(|profile| &profile.attributes) }
    }
}

impl Operands for Person<'_> {
    fn field(&self, name: &str) -> Option<&Value> {
        member(self.attributes?, name)
    }

    fn segment(&self, slot: usize) -> Truth {
        match self.walk.playbook.segments.conditions.get(slot) {
            // A segment names only those before it.
            Some((_, condition)) => condition.truth(self),
            None => Truth::Unknown { complete_at: None },
        }
    }

    fn history(&self, slot: usize, within: Span) -> Reading {
        let Some(profile) = self.profile else { return Reading::default() };
        let Some(key) = self.walk.playbook.slots.get(slot) else { return Reading::default() };
        match profile.rings.get(key) {
            Some(ring) => ring.read(self.walk.now, within),
            // A profile that is newer than the counter has seen everything since it was made.
            None => Ring::starting(profile.created, u32::MAX).read(self.walk.now, within),
        }
    }

    fn now(&self) -> Option<LocalNow> {
        let local = LocalTime::of(self.walk.now, self.walk.ctx.offset_min);
        Some(LocalNow { weekday: local.weekday() as u8, minute: local.minute as u16 })
    }

    fn now_ms(&self) -> Timestamp {
        self.walk.now
    }

    /// What was read is kept with the step, so that a replay sees the same (engine.md 3.2).
    fn host(&self, key: HostKey) -> Option<Value> {
        let engine = self.walk.engine;
        let value = match key {
            HostKey::Locale if !self.walk.ctx.locale.is_empty() => Some(Value::String(self.walk.ctx.locale.clone())),
            HostKey::Screen => {
                let screen = self.walk.state.owners.get(&engine.owner).and_then(|owner| owner.screen.clone());
                screen.map(Value::String)
            }
            key => {
                let value = engine.host.get(key.name()).cloned();
                if let Some(value) = &value {
                    engine.host_read.borrow_mut().insert(key.name().to_owned(), value.clone());
                }
                value
            }
        };
        value.filter(|value| !value.is_null())
    }

    fn metric(&self, metric: usize) -> Option<Pair> {
        match self.profile?.tally.read(&self.walk.state.success, metric, self.walk.now) {
            Ok(crate::success::Reading::Pair(pair)) => Some(pair),
            _ => None,
        }
    }

    fn succeeded(&self, metric: usize) -> bool {
        let state = self.walk.state;
        let reached =
            |profile: &Profile| profile.tally.reached(&state.success, metric, None, state.device, self.walk.now);
        self.profile.and_then(reached) == Some(true)
    }

    fn inbox(&self) -> Option<InboxCounts> {
        let mut counts = InboxCounts::default();
        for card in self.profile?.cards.values() {
            counts.total += u32::from(card.stands(self.walk.now));
            counts.unread += u32::from(card.is_unread(self.walk.now));
        }
        Some(counts)
    }
}
