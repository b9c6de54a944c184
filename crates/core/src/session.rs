//! Sessions (engine.md 2.3): activity starts and prolongs one, 30 minutes without activity end it.

use crate::presentation::Signal;
use crate::record::{AppOpen, Body, SessionCause, SessionEnd, SessionStart};
use crate::time::{Span, Timestamp};
use crate::turn::Turn;
use crate::wire::wire;
use crate::{EndCause, SessionId};

/// How long a session lasts without activity, unless the playbook says otherwise.
const TIMEOUT: Span = Span::minutes(30);

wire! {
    without schema;

    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Session {
        pub(crate) id: SessionId,
        /// Its last activity.
        pub(crate) last: Timestamp,
    }
}

impl Turn<'_> {
    pub(crate) fn session_timeout(&self) -> Span {
        self.playbook.as_ref().map_or(TIMEOUT, |playbook| playbook.settings.session_timeout)
    }

    /// Ends a session that is over: iff so long or longer went by since its last activity (engine.md 1.10). The end's
    /// instant is its last activity; the record is written by this input.
    pub(crate) fn expire_session(&mut self) {
        let timeout = self.session_timeout();
        let Some(session) = self.state().session.clone().filter(|session| self.now.since(session.last) >= timeout)
        else {
            return;
        };
        self.end_placements();
        let ended = SessionEnd { session_id: session.id, cause: SessionCause::Timeout };
        self.emit_at(ended.into(), session.last);
    }

    /// What fills places in the page does so for one session (engine.md 5.6).
    pub(crate) fn end_placements(&mut self) {
        let mut placed = Vec::new();
        for presentation in self.state().open_presentations() {
            if presentation.placement.is_some() {
                placed.push(presentation.id);
            }
        }
        for id in placed {
            self.signal(id, Signal::Vanish, EndCause::Unmounted, Vec::new());
        }
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
