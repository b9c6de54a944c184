//! Why a campaign is, or is not, shown: the very walk that decides, with a visitor that writes down what passed
//! (engine.md 5.4).

use crate::arbitration::disabled;
use crate::eligibility::{Visitor, Walk};
use crate::engine::Engine;
use crate::input::Context;
use crate::reason::{Outcome, Reason, Stage};
use crate::time::Timestamp;
use crate::wire::{Write, put, serialize_as_written, to_json};
use crate::{CampaignId, Phase};

/// What would become of a campaign at an instant, stage by stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The campaign.
    pub campaign: CampaignId,
    /// The instant.
    pub at: Timestamp,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The stages that passed, in their order.
    pub passed: Vec<StageLine>,
    /// When the failing stage can pass, where that is known.
    pub next_eligible_at: Option<Timestamp>,
    /// The last decision on it since the client opened: what became of its last trigger.
    pub last: Option<Decided>,
}

/// A decision and its instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// The instant.
    pub at: Timestamp,
    /// What became of the campaign.
    pub outcome: Outcome,
}

/// One stage that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageLine {
    /// The stage.
    pub stage: Stage,
    /// What was found there.
    pub detail: String,
}

impl Write for Explanation {
    fn write(&self, to: &mut String) {
        to.push('{');
        put(to, "campaign", &self.campaign);
        put(to, "at", &self.at);
        self.outcome.write_fields(to);
        put(to, "passed", &self.passed);
        put(to, "next_eligible_at", &self.next_eligible_at);
        put(to, "last", &self.last);
        to.push('}');
    }
}

impl Write for Decided {
    fn write(&self, to: &mut String) {
        to.push('{');
        put(to, "at", &self.at);
        self.outcome.write_fields(to);
        to.push('}');
    }
}

impl Write for StageLine {
    fn write(&self, to: &mut String) {
        to.push('{');
        put(to, "stage", &self.stage);
        put(to, "detail", &self.detail);
        to.push('}');
    }
}

serialize_as_written!(Explanation, Decided, StageLine);

impl Explanation {
    /// The explanation as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

impl Visitor for Vec<StageLine> {
    fn passed(&mut self, stage: Stage, detail: impl FnOnce() -> String) {
        self.push(StageLine { stage, detail: detail() });
    }
}

impl Engine {
    /// Explains a campaign at a moment. Changes nothing.
    #[must_use]
    pub fn explain(&self, campaign: &str, ctx: &Context) -> Explanation {
        let mut passed = Vec::new();
        let outcome = self.outcome(campaign, ctx, &mut passed);
        let next_eligible_at = match &outcome {
            Outcome::Waiting { reason, .. } | Outcome::Stopped { reason, .. } => reason.next_eligible_at(),
            Outcome::Offered | Outcome::Displaying | Outcome::Eligible => None,
        };
        let last = self.decided.get(campaign).cloned();
        Explanation { campaign: campaign.to_owned(), at: ctx.now, outcome, passed, next_eligible_at, last }
    }

    fn outcome(&self, id: &str, ctx: &Context, passed: &mut Vec<StageLine>) -> Outcome {
        let standing = self.state.standing(id);
        let open = standing.and_then(|standing| self.state.presentations.get(&standing.open?));
        match open.map(|presentation| presentation.phase) {
            Some(Phase::Offered) => return Outcome::Offered,
            Some(Phase::Displaying) => return Outcome::Displaying,
            Some(Phase::Ended) | None => {}
        }
        let Some(playbook) = self.playbook.as_deref() else {
            return Outcome::Stopped { stage: Stage::Enabled, reason: Reason::Unknown };
        };
        let Some(campaign) = playbook.campaign(id).or_else(|| self.host_offers.get(id)) else {
            return Outcome::Stopped { stage: Stage::Enabled, reason: disabled(playbook, id) };
        };
        let Some(fired) = standing.and_then(|standing| standing.trigger.as_ref()) else {
            return Outcome::Stopped { stage: Stage::Triggered, reason: Reason::NotTriggered };
        };
        let now = ctx.now.max(self.state.now);
        if fired.deadline().is_some_and(|deadline| deadline <= now) {
            return Outcome::of(Stage::Triggered, Reason::Expired);
        }
        if let Some(until) = fired.due.filter(|due| *due > now) {
            return Outcome::of(Stage::Triggered, Reason::Delayed { until });
        }
        passed.passed(Stage::Triggered, || format!("triggered at {} by {}", fired.at.0, fired.event));
        let walk = Walk { playbook, state: &self.state, engine: self, ctx, now, except: None };
        match walk.all_stages(campaign, passed) {
            Err((stage, reason)) => Outcome::of(stage, reason),
            Ok(()) => Outcome::Eligible,
        }
    }
}
