//! What a host says of the person: who they are, what they agreed to, what is known of them (engine.md 2).

use crate::input::TouchKind;
use crate::list::Listed as _;
use crate::plan::{Plan, Rejection};
use crate::presentation::Signal;
use crate::record::{
    Attribute, AttributeOp, Body, Clicked, Consent, ConsentSource, Cue, Delivered, Erase, Identify, Opened, Reset,
    Screen, SessionCause, SessionEnd, Switched, Unsubscribed,
};
use crate::step::Verdict;
use crate::turn::{Turn, rejected};
use crate::value::{check_length, check_name, normalise_value};
use crate::{CampaignId, EndCause, ProfileId, Purpose, Purposes, Value};

impl Turn<'_> {
    /// The person has a name: the anonymous profile gets it, or the profile of that name becomes current, or a new one
    /// is made (engine.md 2.1).
    pub(crate) fn identify(&mut self, user: &str) -> Result<(), Verdict> {
        check_name("user", user).map_err(rejected)?;
        let current = self.state().profile().and_then(|profile| profile.user.as_deref());
        if current == Some(user) {
            return Ok(());
        }
        let known = self.state().profiles.iter().find(|(_, profile)| profile.user.as_deref() == Some(user));
        let known = known.map(|(id, _)| *id);
        if known.is_none() && current.is_none() {
            let profile_id = self.state().current.unwrap_or_default();
            let identify = Identify { profile_id, user_id: user.to_owned(), merged: true };
            self.write(identify.into(), self.now, None);
            return Ok(());
        }
        self.leave_profile();
        // The first record of a new profile names it.
        let profile_id = known.unwrap_or_else(|| self.next_id());
        let identify = Identify { profile_id, user_id: user.to_owned(), merged: false };
        self.enter_profile(profile_id, identify.into());
        self.retract();
        Ok(())
    }

    /// The person left: a new, anonymous profile.
    pub(crate) fn reset(&mut self) {
        self.leave_profile();
        self.enter_profile(self.next_id(), Reset {}.into());
    }

    /// What is open, queued or waiting belongs to the profile that is left: it is taken back in this step, and the session
    /// ends (engine.md 2.2).
    fn leave_profile(&mut self) {
        self.withdraw(|_| true);
        let profile = self.state().profile();
        let mut waiting = profile.map(|profile| profile.waiting.clone()).unwrap_or_default();
        waiting.extend(profile.into_iter().flat_map(|profile| profile.armed.iter().cloned()));
        for campaign in waiting {
            self.drop_trigger(campaign, crate::Reason::Cancelled);
        }
        if let Some(session) = self.state().session.clone() {
            self.end_placements();
            let ended = SessionEnd { session_id: session.id, cause: SessionCause::Switch };
            self.emit_at(ended.into(), session.last);
        }
        self.engine.forget_person();
        self.inbox_changed = true;
    }

    /// Another profile is current from this record on, which carries what its person agreed to. One without a choice of its own
    /// takes over what was in force; what was refused in this session stays refused (engine.md 2.4).
    fn enter_profile(&mut self, profile: ProfileId, first: Body) {
        let state = self.state();
        let chosen = state.profiles.get(&profile).filter(|profile| !profile.choices.is_empty());
        let own = chosen.map(|profile| profile.consent);
        let held = own.unwrap_or_else(|| state.consent());
        let purposes: Purposes = held.iter().filter(|purpose| !state.refused.has(*purpose)).collect();
        self.write(first, self.now, Some((profile, purposes)));
        if own != Some(purposes) {
            self.emit(Consent { purposes, source: ConsentSource::Carried, purge: false });
        }
    }

    /// Withdrawing `messaging` takes back what is open in the same step (engine.md 2.4).
    pub(crate) fn consent(&mut self, purposes: Purposes, purge: bool) {
        if !purposes.has(Purpose::Messaging) {
            self.withdraw(|_| true);
        }
        self.emit(Consent { purposes, source: ConsentSource::Person, purge });
    }

    pub(crate) fn attribute(&mut self, op: AttributeOp, name: String, value: Value) -> Result<(), Verdict> {
        let open = Plan::open();
        let playbook = self.playbook.clone();
        let plan = playbook.as_ref().map_or(&open, |playbook| &playbook.plan);
        check_name("attribute", &name).map_err(rejected)?;
        let before = self.state().profile().and_then(|profile| profile.attributes.get(&name));
        let changed = changed(op, &name, before, value).map_err(rejected)?;
        let mut value = changed.unwrap_or_default();
        plan.check_attribute(&name, &mut value).map_err(rejected)?;
        if !self.state().consent().meets(plan.attribute_purposes(&name)) {
            return Err(Verdict::NotConsented);
        }
        let change = match value {
            Value::Null => Attribute { op: AttributeOp::Unset, name, value: None },
            value => Attribute { op, name, value: Some(value) },
        };
        self.write(change.into(), self.now, None);
        Ok(())
    }

    /// The host switches the library off: what is open is taken back, and nothing is recorded until it is on again.
    pub(crate) fn switch(&mut self, enabled: bool) {
        if self.state().disabled != enabled {
            return;
        }
        if !enabled {
            self.withdraw(|_| true);
        }
        self.emit(Switched { enabled });
    }

    pub(crate) fn screen(&mut self, name: &str) -> Result<(), Verdict> {
        check_length("screen", name).map_err(rejected)?;
        let screen = Screen { screen: name.to_owned(), owner: self.engine.owner.clone() };
        if !self.may_record(&Body::from(screen.clone())) {
            return Err(Verdict::NotConsented);
        }
        self.activity();
        self.emit(screen);
        Ok(())
    }

    /// A cue is recorded only where something waits for it: a page that scrolls would fill the journal.
    pub(crate) fn cue(&mut self, cue: &str, value: Option<Value>) -> Result<(), Verdict> {
        check_length("cue", cue).map_err(rejected)?;
        let mut value = value;
        if let Some(value) = &mut value {
            normalise_value("value", value).map_err(rejected)?;
        }
        if !self.listens_to("$cue") {
            return Ok(());
        }
        match self.emit(Cue { cue: cue.to_owned(), value }) {
            Some(_) => Ok(()),
            None => Err(Verdict::NotConsented),
        }
    }

    /// A touch counts once for each kind and delivery (engine.md 6.1).
    pub(crate) fn touch(
        &mut self,
        kind: TouchKind,
        delivery_id: &str,
        channel: &str,
        campaign: Option<CampaignId>,
        target: Option<String>,
    ) -> Result<(), Verdict> {
        check_length("delivery_id", delivery_id).map_err(rejected)?;
        check_length("channel", channel).map_err(rejected)?;
        let (name, link) = match kind {
            TouchKind::Delivered => ("delivered ", None),
            TouchKind::Opened => ("opened ", None),
            TouchKind::Clicked => ("click ", Some(target.clone().unwrap_or_default())),
            TouchKind::Unsubscribed => ("unsubscribed ", None),
        };
        let mut touch = [name, delivery_id].concat();
        if let Some(link) = link {
            touch.push(' ');
            touch.push_str(&link);
        }
        if self.state().touches.contains(&touch) {
            return Ok(());
        }
        let (delivery_id, channel) = (delivery_id.to_owned(), channel.to_owned());
        let recorded = match kind {
            TouchKind::Delivered => {
                let spends =
                    self.playbook.as_ref().map(|playbook| playbook.spent_by(&[], &channel)).unwrap_or_default();
                self.emit(Delivered { delivery_id, channel, campaign, spends })
            }
            TouchKind::Opened => self.emit(Opened { delivery_id, channel, campaign }),
            TouchKind::Unsubscribed => self.emit(Unsubscribed { delivery_id, channel, campaign }),
            TouchKind::Clicked => self.emit(Clicked {
                presentation_id: None,
                delivery_id: Some(delivery_id),
                campaign: campaign.unwrap_or_default(),
                variant: None,
                channel,
                target,
            }),
        };
        recorded.map(|_| ()).ok_or(Verdict::NotConsented)
    }

    /// Everything is forgotten: the journal starts anew, with the profiles by whose ids a warehouse forgets them too
    /// (engine.md 2.5). The host empties its store in the same write. What the person refused stays refused.
    pub(crate) fn erase(&mut self) {
        for id in self.engine.own_open() {
            self.signal(id, Signal::Withdraw, EndCause::Withdrawn, Vec::new());
        }
        let purposes = self.state().consent();
        let before = std::mem::take(&mut self.engine.state);
        self.engine.state.last_id = before.last_id;
        self.engine.playbook = None;
        self.playbook = None;
        self.engine.drafts = Default::default();
        self.engine.forget_person();
        self.begin_anew();
        let profiles = before.profiles.keys().copied().listed();
        self.write(Erase { profiles }.into(), self.now, None);
        self.emit(Consent { purposes, source: ConsentSource::Carried, purge: false });
        if before.disabled {
            self.emit(Switched { enabled: false });
        }
    }
}

/// What an attribute becomes.
fn changed(op: AttributeOp, name: &str, before: Option<&Value>, value: Value) -> Result<Option<Value>, Rejection> {
    let wrong = |expected: &str, seen: &Value| Rejection::WrongType {
        path: name.to_owned(),
        expected: expected.to_owned(),
        seen: crate::value::type_name(seen).to_owned(),
    };
    let list = |before: Option<&Value>| match before {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => Ok(items.clone()),
        Some(other) => Err(wrong("a list", other)),
    };
    Ok(match op {
        AttributeOp::Set => Some(value),
        AttributeOp::Unset => None,
        AttributeOp::Increment => {
            let by = value.as_f64().ok_or_else(|| wrong("a number", &value))?;
            let from = match before {
                None | Some(Value::Null) => 0.0,
                Some(before) => before.as_f64().ok_or_else(|| wrong("a number", before))?,
            };
            let sum = serde_json::Number::from_f64(from + by).ok_or(Rejection::Number { path: name.to_owned() })?;
            Some(Value::Number(sum))
        }
        AttributeOp::Append => {
            let mut items = list(before)?;
            if !items.contains(&value) {
                items.push(value);
            }
            Some(Value::Array(items))
        }
        AttributeOp::Remove => {
            let items = list(before)?;
            Some(Value::Array(items.into_iter().filter(|item| *item != value).listed()))
        }
    })
}
