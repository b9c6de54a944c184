//! A playbook comes in (engine.md 10.1): what it changes for what is open, waiting or on its way.

use std::sync::Arc;

use crate::history::{Counter, Ring};
use crate::list::Listed as _;
use crate::playbook::{self, Campaign, Playbook};
use crate::presentation::Presentation;
use crate::reason::Reason;
use crate::record::{Body, CardRemoved, PlaybookInstalled, Record};
use crate::state::Profile;
use crate::step::{Blob, Diagnostic, Verdict};
use crate::success::Standard;
use crate::table::Table;
use crate::turn::{Turn, rejected};
use crate::wire::to_json;
use crate::{CampaignId, Phase, Rejection, Value};

impl Turn<'_> {
    pub(crate) fn install(&mut self, document: &mut String, history: &[Record]) -> Result<(), Verdict> {
        let hash = playbook::hash(document);
        let in_force = self.playbook.clone().filter(|playbook| playbook.hash() == hash);
        if let Some(playbook) = in_force.filter(|_| self.engine.playbook_needed().is_none()) {
            // The usual start: the very document that the store already gave.
            self.tell_problems(&playbook);
            return Ok(());
        }
        let new = match self.engine.read.take().filter(|playbook| playbook.hash() == hash) {
            Some(read) => read,
            None => Arc::new(Playbook::compile(document).map_err(|error| self.refuse(error.to_string()))?),
        };
        if let Some(installed) = &self.state().playbook {
            if installed.hash == new.hash() {
                self.adopt(new);
                return Ok(());
            }
            let revision = installed.revision;
            if new.revision() < revision {
                let message = format!("revision {} is lower than the installed {revision}", new.revision());
                return Err(self.refuse(message));
            }
            if new.revision() == revision && !new.development {
                let message = format!(
                    "revision {revision} is installed with another content: raise it, or say `development: true`"
                );
                return Err(self.refuse(message));
            }
        }
        // Nobody knows what is missing before a gap.
        let gap = history.iter().rposition(|record| matches!(record.body, Body::JournalGap(_)));
        let history = history.get(gap.unwrap_or(0)..).unwrap_or_default();
        let old = self.playbook.clone();
        self.make_way(&new);
        let installed = PlaybookInstalled {
            playbook: new.id().to_owned(),
            revision: new.revision(),
            hash: new.hash().to_owned(),
            seeds: self.seeds(&new.counters, history),
            counters: new.counters.clone(),
            success: new.success.clone(),
            tally: self.tally(&new.success, history),
        };
        self.emit(installed);
        self.blob = Some(Blob { hash: new.hash().to_owned(), content: std::mem::take(document) });
        let known = |id: &CampaignId| old.as_ref().is_some_and(|old| old.campaign(id).is_some());
        let fresh: Vec<CampaignId> =
            new.campaigns.iter().map(|campaign| campaign.id.clone()).filter(|id| !known(id)).listed();
        let playbook = self.adopt(new);
        self.see_recent(&playbook, &fresh);
        Ok(())
    }

    fn refuse(&mut self, message: String) -> Verdict {
        self.diagnostics.push(Diagnostic::PlaybookRefused { message: message.clone() });
        rejected(Rejection::Playbook { message })
    }

    /// What the new playbook no longer has, or has otherwise, is taken back where nobody has seen it yet; what is
    /// retracted goes from the screen and the inbox too.
    fn make_way(&mut self, new: &Playbook) {
        self.withdraw(|presentation| {
            new.retract.contains(&presentation.campaign)
                || (presentation.phase == Phase::Offered
                    && new.campaign(&presentation.campaign).is_none_or(|campaign| differs(campaign, presentation)))
        });
        let Some(profile) = self.state().profile() else { return };
        let mut changed: Vec<CampaignId> = Vec::new();
        for (id, standing) in profile.campaigns.iter() {
            let trigger = standing.trigger.as_ref().filter(|_| standing.open.is_none()).map(|trigger| &trigger.key);
            let key = trigger.or(standing.progress.as_ref().map(|progress| &progress.key));
            let same = |key: &String| {
                // A trigger from before keys were kept.
                new.campaign(id).is_some_and(|campaign| key.is_empty() || campaign.trigger.key == *key)
            };
            if key.is_some_and(|key| !same(key))
                && new.problems().iter().all(|problem| problem.campaign.as_ref() != Some(id))
            {
                changed.push(id.clone());
            }
        }
        for campaign in changed {
            self.drop_trigger(campaign, Reason::Changed);
        }
        self.retract_cards(&new.retract);
    }

    /// What the playbook in force retracts goes also where it comes later: with a person who returns, or with what another
    /// device knows. Not what its campaign made since, if it still runs.
    pub(crate) fn retract(&mut self) {
        let Some(playbook) = self.playbook.clone().filter(|playbook| !playbook.retract.is_empty()) else { return };
        let runs = |id: &CampaignId| playbook.campaign(id).is_some_and(|campaign| campaign.enabled);
        let over: Vec<CampaignId> = playbook.retract.iter().filter(|id| !runs(id)).cloned().listed();
        self.retract_cards(&over);
    }

    fn retract_cards(&mut self, campaigns: &[CampaignId]) {
        let mut retracted = Vec::new();
        let Some(profile) = self.state().profile() else { return };
        for (card, of) in profile.cards.iter() {
            if of.removed.is_none() && campaigns.contains(&of.campaign) {
                retracted.push((card.clone(), of.campaign.clone()));
            }
        }
        for (card, campaign) in retracted {
            self.emit(CardRemoved { card, campaign, reason: "retracted".to_owned() });
            self.inbox_changed = true;
        }
    }

    /// Where counters start that were not kept before: with what the journal still has of the current profile.
    fn seeds(&self, counters: &[Counter], history: &[Record]) -> Table<String, Ring> {
        let mut seeds = Table::new();
        let Some(oldest) = history.first() else { return seeds };
        for counter in counters {
            if self.state().counters.iter().any(|known| known.key == counter.key) {
                continue;
            }
            let mut ring = Table::new();
            ring.insert(counter.key.clone(), Ring::starting(oldest.ts, counter.newest));
            for record in history.iter().filter(|record| Some(record.profile) == self.state().current) {
                if let Some((event, properties)) = record.body.occurrence() {
                    let counter = std::slice::from_ref(counter);
                    crate::history::count(counter, &mut ring, oldest.ts, event, &properties, record.ts);
                }
            }
            for (key, ring) in ring {
                seeds.insert(key, ring);
            }
        }
        seeds
    }

    /// Where the success metrics of the current profile start under another definition (success.md 3.25).
    fn tally(&self, success: &Standard, history: &[Record]) -> Value {
        let state = self.state();
        if state.success == *success || *success == Standard::default() {
            return Value::Null;
        }
        let none = Profile::default();
        let profile = state.profile().unwrap_or(&none);
        // What is exported to nobody any more counts no longer.
        let purged = state.purged;
        let own = |record: &&Record| Some(record.profile) == state.current && record.seq > purged;
        let own: Vec<&Record> = history.iter().filter(own).listed();
        // What is handed over begins with the journal's oldest, whatever it is; a profile has the id of its first record.
        let oldest = history.iter().find(|record| record.seq > purged);
        let is_all = oldest.is_some_and(|oldest| Some(oldest.id) <= state.current);
        // One that was handed over has a time of its own, before what was written before it; its id has the time that it was
        // written at.
        let oldest = (!is_all).then(|| oldest.map_or(self.now, |record| record.id.ms().min(self.now)));
        let tally = profile.tally.moved(&state.success, success, &own, oldest, state.device, self.now);
        crate::json::parse(&to_json(&tally)).unwrap_or_default()
    }

    fn tell_problems(&mut self, playbook: &Playbook) {
        for problem in playbook.problems() {
            let (path, message) = (problem.path.clone(), problem.message.clone());
            self.diagnostics.push(match problem.campaign {
                Some(_) => Diagnostic::CampaignDisabled { path, message },
                None => Diagnostic::PlaybookProblem { path, message },
            });
        }
    }

    fn adopt(&mut self, playbook: Arc<Playbook>) -> Arc<Playbook> {
        self.tell_problems(&playbook);
        self.engine.playbook = Some(Arc::clone(&playbook));
        self.engine.holdouts_known = None;
        for firing in &mut self.fired {
            firing.campaign = playbook.campaign(&firing.id).cloned();
        }
        self.playbook = Some(Arc::clone(&playbook));
        playbook
    }
}

/// Whether an undrawn offer no longer is what the new playbook would offer.
fn differs(campaign: &Campaign, presentation: &Presentation) -> bool {
    !campaign.enabled || !campaign.channels.iter().any(|channel| channel.name() == presentation.channel)
}
