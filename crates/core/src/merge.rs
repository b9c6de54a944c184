//! State of the same person from another device, or from before the storage was lost (engine.md 9.3).

use crate::state::Profile;
use crate::turn::Turn;
use crate::{Rejection, Timestamp, Value, Verdict};

impl Turn<'_> {
    pub(crate) fn import(&mut self, document: &str) -> Result<(), Verdict> {
        let _ = document;
        Err(crate::turn::rejected(Rejection::Document { what: "import".into(), message: "not yet".into() }))
    }
}

/// Folds what came into a profile.
pub(crate) fn apply(profile: &mut Profile, state: &Value, now: Timestamp) {
    let _ = (profile, state, now);
}
