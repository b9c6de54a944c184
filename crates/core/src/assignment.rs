//! Who gets which arm, and when that is written down (engine.md 7).

use std::sync::Arc;

use crate::Purpose;
use crate::experiment::{Arm, BucketBy, Holdout, OnControl, Stored};
use crate::list::Listed as _;
use crate::playbook::{Campaign, Playbook};
use crate::record::{Assigned, Exposure, Ghost};
use crate::turn::Turn;

/// What a campaign that won comes to for this person.
pub(crate) struct Share {
    /// The place of the variant.
    pub(crate) variant: usize,
    /// It is decided and never drawn.
    pub(crate) ghost: Option<Ghost>,
    /// A ghost that leaves its turn to the next campaign.
    pub(crate) shows_next: bool,
    /// To be written once everything that the campaign could show was made.
    pub(crate) exposure: Option<Exposure>,
}

impl Turn<'_> {
    /// What is hashed: the user's id if there is one, else the profile's (engine.md 7.1).
    fn unit(&self, by: Option<BucketBy>) -> Option<(&'static str, String)> {
        let profile = self.state().profile()?;
        let user = || profile.user.clone().map(|user| ("user_id", user));
        let own = || self.state().current.map(|id| ("profile_id", id.to_string()));
        match by {
            Some(BucketBy::UserId) => user(),
            Some(BucketBy::ProfileId) => own(),
            None => user().or_else(own),
        }
    }

    /// Holdouts are assigned at the first step after the install that may be measured, for both arms (engine.md 7.2).
    pub(crate) fn assign_holdouts(&mut self) {
        let current = self.state().current;
        if self.engine.holdouts_known == current || !self.state().consent().has(Purpose::Analytics) {
            return;
        }
        let Some(playbook) = self.playbook.clone() else { return };
        let mut all = true;
        let offers: Vec<Arc<Campaign>> = self.engine.host_offers.values().cloned().listed();
        for holdout in playbook.holdouts.iter().chain(offers.iter().filter_map(|offer| offer.holdout.as_ref())) {
            if self.state().profile().is_some_and(|profile| profile.holdouts.contains_key(&holdout.seed)) {
                continue;
            }
            let Some((bucketed_by, unit)) = self.unit(holdout.bucket_by) else {
                // Before the person has a name.
                all = false;
                continue;
            };
            let (held_out, bucket) = holdout.held_out(&unit);
            let arm = if held_out { HOLDOUT } else { "in" };
            let (holdout, bucketed_by, arm) = (holdout.seed.clone(), bucketed_by.to_owned(), arm.to_owned());
            self.emit(Assigned { holdout, bucketed_by, unit, arm, bucket });
        }
        if all {
            self.engine.holdouts_known = current;
        }
    }

    fn is_held_out(&self, holdout: Option<&Holdout>) -> bool {
        let arm = holdout.and_then(|holdout| self.state().profile()?.holdouts.get(&holdout.seed));
        arm.is_some_and(|assigned| assigned.arm == HOLDOUT)
    }

    /// The arm only labels: it never decides who wins (engine.md 5.1). Without `analytics` there is none.
    pub(crate) fn share(&self, playbook: &Playbook, campaign: &Campaign) -> Share {
        let mut share = Share { variant: 0, ghost: None, shows_next: false, exposure: None };
        if !self.state().consent().has(Purpose::Analytics) {
            return share;
        }
        let global = playbook.holdouts.first().filter(|_| playbook.has_holdout);
        if !campaign.transactional && (self.is_held_out(global) || self.is_held_out(campaign.holdout.as_ref())) {
            share.ghost = Some(Ghost::Holdout);
            return share;
        }
        let Some(experiment) = &campaign.experiment else { return share };
        let before = self.state().profile().and_then(|profile| profile.arms.get(&campaign.id));
        // What was hashed once is hashed from then on: a name that comes later moves nobody.
        let (bucketed_by, unit) = match (before, self.unit(experiment.source.bucket_by)) {
            (Some(before), _) => (before.bucketed_by.clone(), Some(before.unit.clone())),
            (None, Some((by, unit))) => (by.to_owned(), Some(unit)),
            (None, None) => (String::new(), None),
        };
        let stored = before.map(|before| Stored { arm: &before.arm, bucket_version: before.version });
        let assignment = experiment.assign(unit.as_deref(), stored);
        match assignment.arm {
            Arm::Outside => return share,
            Arm::Variant(place) => share.variant = place,
            Arm::Control => {
                share.ghost = Some(Ghost::Control);
                share.shows_next = experiment.source.on_control == OnControl::ShowNext;
            }
        }
        let version = experiment.source.bucket_version;
        let known = before.is_some_and(|before| {
            before.version == version && experiment.arm_named(&before.arm) == Some(assignment.arm)
        });
        let arm = experiment.arm_id(assignment.arm).unwrap_or_default().to_owned();
        if !known && let Some((unit, bucket)) = unit.zip(assignment.bucket) {
            share.exposure = Some(Exposure {
                campaign: campaign.id.clone(),
                arm,
                version,
                bucketed_by,
                unit,
                bucket,
                reason: assignment.reason.name().to_owned(),
                fingerprint: campaign.fingerprint.clone(),
                message: match assignment.arm {
                    Arm::Variant(place) => {
                        campaign.variants.get(place).map(|variant| variant.message.fingerprint.clone())
                    }
                    _ => None,
                },
                success: campaign.goal.as_ref().map(|goal| goal.fingerprint.clone()),
            });
        }
        share
    }
}

/// The arm of a holdout whose members are shown nothing.
const HOLDOUT: &str = "holdout";
