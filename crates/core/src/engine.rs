//! The engine (engine.md 1.1): state that the journal tells, one playbook, one owner.

use std::cell::RefCell;
use std::sync::Arc;

use crate::arbitration::disabled;
use crate::explain::Decided;
use crate::input::{Context, Input};
use crate::journal::{Checkpoint, FORMAT, JournalError, Row};
use crate::list::Listed as _;
use crate::plan::Rejection;
use crate::playbook::{self, Campaign, Channel, Playbook, PlaybookError};
use crate::reason::Reason;
use crate::render::Speaker;
use crate::state::State;
use crate::step::{Step, Verdict, Withdrawn};
use crate::success::{SuccessReport, Tally};
use crate::table::Table;
use crate::turn::{Turn, rejected};
use crate::wire::put;
use crate::{CampaignId, EndCause, OwnerId, PresentationId, ProfileId, Properties, Purposes, Timestamp, Value};

/// Decides which message a person sees, when and why. Inputs in, [`Step`]s out; no I/O, no clock, no randomness.
///
/// ```
/// use hearken_core::{Context, Engine, Input, Purposes, Timestamp};
///
/// let mut engine = Engine::new("owner-1", ["in_app"])?;
/// let ctx = Context {
///     now: Timestamp(1_763_719_200_000), offset_min: 120, entropy: [7; 16],
///     locale: "en".into(), can_display: true, ..Context::default()
/// };
/// let step = engine.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None }, &ctx);
/// assert_eq!(step.row.map(|row| row.records.len()), Some(1));
/// # Ok::<(), hearken_core::EngineError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) owner: OwnerId,
    pub(crate) channels: Vec<Channel>,
    pub(crate) state: State,
    pub(crate) playbook: Option<Arc<Playbook>>,
    /// What [`Engine::history_needed`] read last, so that installing it does not read it again.
    pub(crate) read: Option<Arc<Playbook>>,
    /// Messages that are offered and not drawn yet: this owner's own, never stored.
    pub(crate) drafts: Table<PresentationId, Arc<Value>>,
    /// What the host brought itself and is not given yet: never stored.
    pub(crate) host_offers: Table<CampaignId, Arc<Campaign>>,
    /// The values of `$host`, as the host last said; and those that this step's conditions read.
    pub(crate) host: Properties,
    pub(crate) host_read: RefCell<Properties>,
    /// The host holds messages back.
    pub(crate) paused: bool,
    /// Nothing that happens is kept.
    pub(crate) volatile: bool,
    /// The places in the page that are there.
    pub(crate) mounted: Vec<String>,
    /// Since when the screen cannot be seen.
    pub(crate) hidden_since: Option<Timestamp>,
    /// Whether the screen could be seen at the last input.
    pub(crate) could_display: bool,
    /// The profile whose holdouts are known to be assigned, under the playbook in force.
    pub(crate) holdouts_known: Option<ProfileId>,
    /// The last decision on each campaign, for `explain`: this owner's own, never stored.
    pub(crate) decided: Table<CampaignId, Decided>,
}

/// An engine that cannot be made as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The owner's id is empty.
    #[error("owner: an id that the host draws at random is needed")]
    Owner,
    /// A channel that this version cannot show anything on.
    #[error("channels: `{0}` is none of in_app, in_browser, inbox")]
    Channel(String),
}

/// Who is there now, as a preference centre shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// The profile; none before the first record.
    pub profile: Option<ProfileId>,
    /// The id that the host identified the person by.
    pub user: Option<String>,
    /// What the person agreed to.
    pub consent: Purposes,
    /// The attributes that are set, by name.
    pub attributes: Properties,
}

impl Engine {
    /// An engine without a past. `owner` names the running process or tab, `channels` what its host can draw.
    ///
    /// # Errors
    /// An empty owner, or a channel that does not exist.
    pub fn new<C: AsRef<str>>(
        owner: impl Into<OwnerId>,
        channels: impl IntoIterator<Item = C>,
    ) -> Result<Self, EngineError> {
        let owner = owner.into();
        if owner.is_empty() {
            return Err(EngineError::Owner);
        }
        let mut known = Vec::new();
        for name in channels {
            known.push(match name.as_ref() {
                "in_app" => Channel::InApp,
                "in_browser" => Channel::InBrowser,
                "inbox" => Channel::Inbox,
                other => return Err(EngineError::Channel(other.to_owned())),
            });
        }
        Ok(Self {
            owner,
            channels: known,
            state: State::default(),
            playbook: None,
            drafts: Table::new(),
            host_offers: Table::new(),
            host: Properties::new(),
            host_read: RefCell::default(),
            paused: false,
            volatile: false,
            mounted: Vec::new(),
            hidden_since: None,
            could_display: false,
            read: None,
            holdouts_known: None,
            decided: Table::new(),
        })
    }

    /// Starts from a checkpoint instead of nothing. The rows after it are folded next.
    pub fn load(&mut self, checkpoint: Checkpoint) {
        self.state = checkpoint.state;
    }

    /// Folds a row that a store kept: recorded outcomes, nothing is decided again (engine.md 1.4). Answers with the
    /// presentations of this owner that the row ended.
    ///
    /// # Errors
    /// A gap, or a row that is not whole; the engine is to be discarded then.
    pub fn fold(&mut self, row: &Row) -> Result<Vec<Withdrawn>, JournalError> {
        let (before, person) = (self.own_open(), self.state.current);
        self.state.fold(row)?;
        if self.state.current != person {
            self.forget_person();
        }
        let playbook = self.state.playbook.as_ref().map(|playbook| playbook.hash.as_str());
        if self.playbook.as_deref().map(Playbook::hash) != playbook {
            self.playbook = None;
        }
        let after = self.own_open();
        let gone = before.into_iter().filter(|id| !after.contains(id));
        Ok(gone
            .map(|presentation_id| {
                self.drafts.remove(&presentation_id);
                Withdrawn { presentation_id, cause: EndCause::Withdrawn }
            })
            .listed())
    }

    /// Somebody else is here: what the host brought for the one before, and what was decided on them, is not theirs.
    pub(crate) fn forget_person(&mut self) {
        self.host_offers = Table::new();
        self.decided = Table::new();
    }

    /// The hash of the installed playbook, if the engine still needs its document: until it has it, inputs are
    /// recorded and nothing is decided (engine.md 10.1).
    #[must_use]
    pub fn playbook_needed(&self) -> Option<&str> {
        let installed = self.state.playbook.as_ref()?;
        self.playbook.is_none().then_some(installed.hash.as_str())
    }

    /// Hands over the installed playbook's document, as the store kept it.
    ///
    /// # Errors
    /// A document that cannot be used; one of another hash than the installed one is refused as well.
    pub fn supply_playbook(&mut self, document: &str) -> Result<(), PlaybookError> {
        let playbook = Playbook::compile(document)?;
        if self.state.playbook.as_ref().is_none_or(|installed| installed.hash != playbook.hash()) {
            let message = "this is not the document that the journal names".to_owned();
            return Err(PlaybookError::Document { path: "hash".into(), message });
        }
        self.playbook = Some(Arc::new(playbook));
        Ok(())
    }

    /// Handles one input at one moment. The step is to be stored in one atomic write; what it offers is released to
    /// the host only after that.
    pub fn handle(&mut self, input: Input, ctx: &Context) -> Step {
        let stored = self.state.owners.get(&self.owner).map_or(0, |owner| owner.n);
        if ctx.n > 0 && ctx.n <= stored {
            let verdict: Verdict = rejected(Rejection::Repeated { n: ctx.n });
            return Step { verdict, ..Step::default() };
        }
        Turn::new(self, ctx).run(input)
    }

    /// The whole state, to store as a checkpoint.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { v: FORMAT, seq: self.state.seq, state: self.state.clone() }
    }

    /// The same, as a store keeps it, without a copy of the state in between.
    #[must_use]
    pub fn checkpoint_json(&self) -> String {
        crate::journal::checkpoint_json(self.state.seq, &self.state)
    }

    /// The place of the last record.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.state.seq
    }

    /// The last number of this owner's inputs that was stored.
    #[must_use]
    pub fn last_n(&self) -> u64 {
        self.state.owners.get(&self.owner).map_or(0, |owner| owner.n)
    }

    /// This owner's id.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The playbook in force.
    #[must_use]
    pub fn playbook(&self) -> Option<&Playbook> {
        self.playbook.as_deref()
    }

    /// The events that a playbook's new counters count and the installed one's do not: the host hands over what the
    /// journal still has of them with [`Input::InstallPlaybook`] (engine.md 3.3). Nothing for the very document that is in
    /// force. Gaps of the journal are among them: what lies before one is not looked at.
    ///
    /// # Errors
    /// A document that cannot be used.
    pub fn history_needed(&mut self, document: &str) -> Result<Vec<String>, PlaybookError> {
        let hash = playbook::hash(document);
        if self.playbook.as_ref().is_some_and(|playbook| playbook.hash() == hash) {
            return Ok(Vec::new());
        }
        let playbook = Arc::new(Playbook::compile(document)?);
        self.read = Some(Arc::clone(&playbook));
        let known = |key: &str| self.state.counters.iter().any(|counter| counter.key == key);
        let fresh = playbook.counters.iter().filter(|counter| !known(&counter.key));
        let mut events: Vec<String> = fresh.map(|counter| counter.event.clone()).listed();
        if playbook.success != self.state.success {
            events.extend_from_slice(playbook.success.events());
        }
        if !events.is_empty() {
            events.push("$journal_gap".to_owned());
        }
        events.sort_unstable();
        events.dedup();
        Ok(events)
    }

    /// The last place that is delivered to nobody any more, because the person asked for that: an export starts after it
    /// (engine.md 2.4).
    #[must_use]
    pub fn purged(&self) -> u64 {
        self.state.purged
    }

    /// The page of a message that follows another, given the answers so far; nothing after the last.
    #[must_use]
    pub fn next_page(&self, presentation: PresentationId, page: &str, answers: &Properties) -> Option<String> {
        let shown = self.state.presentations.get(&presentation).and_then(|presentation| presentation.message.as_ref());
        crate::message::next_page(shown.or_else(|| self.drafts.get(&presentation).map(Arc::as_ref))?, page, answers)
    }

    /// What a campaign would show this person, variant by variant, whatever its stages say; nothing is recorded.
    ///
    /// # Errors
    /// Why it cannot be shown: unknown, disabled, or a text that fails.
    pub fn preview(&self, campaign: &str, variant: Option<&str>, ctx: &Context) -> Result<Value, Reason> {
        let Some(playbook) = self.playbook.clone() else { return Err(Reason::Unknown) };
        let Some(of) = playbook.campaign(campaign) else { return Err(disabled(&playbook, campaign)) };
        let Some(variant) = of.variant(variant) else { return Err(Reason::Unknown) };
        Speaker { engine: self, ctx, now: ctx.now }.render_one(&playbook, of, variant)
    }

    /// The same as JSON: `{"message": ..}`, or `{"reason": ..}`.
    #[must_use]
    pub fn preview_json(&self, campaign: &str, variant: Option<&str>, ctx: &Context) -> String {
        let mut to = String::from("{");
        match self.preview(campaign, variant, ctx) {
            Ok(message) => put(&mut to, "message", &message),
            Err(reason) => put(&mut to, "reason", &reason),
        }
        to.push('}');
        to
    }

    /// The library's own words in a locale, as a JSON object: `close`, `back`, `next`, `send`, `required`, `email`, `other`,
    /// `unread`, `pinned`, `inbox`, `empty`, `remove`; in English where the playbook brings no others.
    #[must_use]
    pub fn words_json(&self, locale: &str) -> String {
        crate::texts::words(self.playbook.as_ref().map(|playbook| &playbook.texts), locale)
    }

    /// The current person.
    #[must_use]
    pub fn person(&self) -> Person {
        let profile = self.state.profile();
        Person {
            profile: self.state.current.filter(|_| profile.is_some()),
            user: profile.and_then(|profile| profile.user.clone()),
            consent: self.state.consent(),
            attributes: profile.map(|profile| profile.attributes.clone()).unwrap_or_default(),
        }
    }

    /// The current person as JSON: `{"profile", "user", "consent": [..], "attributes": {..}}`.
    #[must_use]
    pub fn person_json(&self) -> String {
        let mut to = String::from("{");
        if let Some((id, profile)) = self.state.current.zip(self.state.profile()) {
            put(&mut to, "profile", &id);
            put(&mut to, "user", &profile.user);
            put(&mut to, "attributes", &profile.attributes);
        }
        put(&mut to, "consent", &self.state.consent());
        to.push('}');
        to
    }

    /// Whether the host is an app, not a page.
    pub(crate) fn is_app(&self) -> bool {
        self.channels.contains(&Channel::InApp)
    }

    /// The inbox at an instant, as JSON: `{"cards": [..], "unread": n}`; pinned first, then the newest (engine.md 9.1).
    #[must_use]
    pub fn inbox_json(&self, now: Timestamp) -> String {
        let none = Table::new();
        let cards = self.state.profile().map_or(&none, |profile| &profile.cards);
        crate::card::inbox(cards, now.max(self.state.now))
    }

    /// Every metric of the success definition, for the current profile at an instant (success.md 4).
    #[must_use]
    pub fn success_report(&self, now: Timestamp) -> SuccessReport {
        let none = Tally::default();
        let tally = self.state.profile().map_or(&none, |profile| &profile.tally);
        SuccessReport::of(tally, &self.state.success, now.max(self.state.now))
    }

    /// Other owners that have something on a screen, or offered: whoever is gone among them has to be proven so.
    #[must_use]
    pub fn foreign_owners(&self) -> Vec<OwnerId> {
        let mut owners: Vec<OwnerId> = self
            .state
            .open_presentations()
            .filter(|p| p.placement.is_none())
            .map(|p| p.owner.clone())
            .filter(|owner| *owner != self.owner)
            .listed();
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    /// The presentations of this owner that are offered or on its screen.
    #[must_use]
    pub fn own_open(&self) -> Vec<PresentationId> {
        self.state
            .open_presentations()
            .filter(|p| p.owner == self.owner || p.placement.is_some())
            .map(|p| p.id)
            .listed()
    }

    /// Whether any trigger waits: what another tab did may let it pass.
    #[must_use]
    pub fn has_waiting(&self) -> bool {
        self.state.profile().is_some_and(|profile| !profile.waiting.is_empty())
    }
}
