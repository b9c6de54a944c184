//! Sessions (engine.md 2.3): activity starts and prolongs one, 30 minutes without activity end it.

use crate::SessionId;
use crate::record::{AppOpen, Body, SessionEnd, SessionStart};
use crate::time::{Span, Timestamp};
use crate::turn::Turn;
use crate::wire::wire;

/// How long a session lasts without activity.
pub(crate) const TIMEOUT: Span = Span::minutes(30);

wire! {
    without schema;

    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Session {
        pub(crate) id: SessionId,
        /// Its last activity.
        pub(crate) last: Timestamp,
    }
}

impl Session {
    /// Over iff 30 minutes or more went by since its last activity (engine.md 1.10).
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.last) >= TIMEOUT
    }
}

impl Turn<'_> {
    /// Ends a session that is over. The end's instant is its last activity; the record is written by this input.
    pub(crate) fn expire_session(&mut self) {
        let Some(session) = self.state().session.clone().filter(|session| session.is_over(self.now)) else { return };
        self.emit_at(SessionEnd { session_id: session.id }.into(), session.last);
    }

    /// A person's activity: starts a session if none runs.
    pub(crate) fn activity(&mut self) {
        if !self.ctx.can_display {
            return;
        }
        if self.state().session.is_none() && self.may_record(&Body::from(SessionStart {})) {
            self.emit(SessionStart {});
            self.emit(AppOpen {});
        }
        self.is_activity = true;
    }
}
