//! One campaign, compiled: every fault of it is told, and it is disabled alone.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::source::{
    CampaignSource, CardRules, Channel, LeafSource, Limit, PatternSource, Rearm, Screens, StopOnSuccess, TriggerSource,
};
use super::{Faults, Messages, Playbook, check_id, condition_faults, decode, fault};
use crate::condition::{Condition, Scope};
use crate::experiment::{Experiment, Holdout};
use crate::id::hex;
use crate::message;
use crate::resolve::Resolver;
use crate::schedule::Schedule;
use crate::success::Standard;
use crate::time::Span;
use crate::trigger::{Leaf, MOST_HITS, Pattern, Trigger, TriggerKind};
use crate::wire::to_json;
use crate::{CampaignId, Value};

/// A campaign, compiled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Campaign {
    pub(crate) id: CampaignId,
    pub(crate) enabled: bool,
    pub(crate) channels: Vec<Channel>,
    pub(crate) trigger: Trigger,
    pub(crate) delay: Option<Span>,
    pub(crate) cancel_on: Vec<Pattern>,
    pub(crate) ttl: Option<Span>,
    pub(crate) audience: Condition,
    pub(crate) schedule: Schedule,
    pub(crate) quiet_hours: bool,
    pub(crate) screens: Screens,
    pub(crate) placement: Option<String>,
    pub(crate) caps: Vec<String>,
    pub(crate) limit: Limit,
    pub(crate) priority: u32,
    pub(crate) transactional: bool,
    /// Where it stops.
    pub(crate) goal: Option<Goal>,
    pub(crate) card: CardRules,
    pub(crate) layout: String,
    pub(crate) interruptive: bool,
    pub(crate) experiment: Option<Experiment>,
    pub(crate) holdout: Option<Holdout>,
    /// What it may show; the first is the default.
    pub(crate) variants: Vec<Variant>,
    /// Whether its texts speak of the event that set it off.
    pub(crate) speaks_of_event: bool,
    /// Whether they speak of metrics.
    pub(crate) speaks_of_metrics: bool,
    /// Names the campaign as it was authored.
    pub(crate) fingerprint: String,
}

/// The metric at which a campaign stops (engine.md 5.2).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Goal {
    pub(crate) name: String,
    /// Its place in the success definition.
    pub(crate) metric: usize,
    /// SHA-256 of what it means.
    pub(crate) fingerprint: String,
    /// Whether reaching it ends the campaign, and whether only what came after it was first shown counts.
    pub(crate) stops: Option<After>,
}

/// What counts for a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Events after the campaign's first commit.
    Shown,
    /// All of them.
    Ever,
}

/// One of the messages that a campaign may show.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variant {
    /// Its name, in an experiment.
    pub(crate) id: Option<String>,
    pub(crate) message: Arc<Draft>,
}

/// A message as it is authored, whose texts are not filled in yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Draft {
    /// Checked and complete.
    pub(crate) message: Value,
    pub(crate) resolver: Resolver,
    pub(crate) speaks_of_event: bool,
    pub(crate) speaks_of_metrics: bool,
    /// Names the message as it was authored.
    pub(crate) fingerprint: String,
}

impl Campaign {
    /// Whether it fills a place in the page.
    pub(crate) fn is_inline(&self) -> bool {
        self.layout == "inline"
    }

    /// Whether it makes cards.
    pub(crate) fn is_card(&self) -> bool {
        self.layout == "card"
    }

    /// One of its variants; the default, if none is named.
    pub(crate) fn variant(&self, id: Option<&str>) -> Option<&Variant> {
        match id {
            None => self.variants.first(),
            id => self.variants.iter().find(|variant| variant.id.as_deref() == id),
        }
    }

    /// The patterns that take it back while it is not on the screen yet.
    pub(crate) fn exits(&self) -> impl Iterator<Item = &Pattern> {
        self.trigger.unless.iter().chain(&self.cancel_on)
    }

    /// The names of every event that concerns it.
    pub(super) fn events(&self) -> impl Iterator<Item = &str> {
        self.trigger.leaves.iter().map(|leaf| &leaf.pattern).chain(self.exits()).map(|pattern| pattern.event.as_str())
    }
}

/// Collects the faults of one campaign, and reads on.
struct Reading<'a> {
    at: &'a str,
    scope: &'a mut Scope,
    faults: Faults,
}

impl Reading<'_> {
    fn fault(&mut self, path: &str, message: &[&str]) {
        self.faults.append(&mut fault(self.at, path, message));
    }

    /// A condition on an event.
    fn filter(&mut self, source: Option<&Value>, path: &str) -> Condition {
        let Some(source) = source else { return Condition::default() };
        let mut scope = self.scope.of_event();
        let compiled = Condition::compile_in(source, &[self.at, path].concat(), &mut scope);
        self.kept(compiled.map_err(condition_faults))
    }

    /// A condition on the person.
    fn audience(&mut self, source: Option<&Value>) -> Condition {
        let Some(source) = source else { return Condition::default() };
        let compiled = Condition::compile_in(source, &[self.at, ".audience"].concat(), self.scope);
        self.kept(compiled.map_err(condition_faults))
    }

    fn kept<T: Default>(&mut self, read: Result<T, Faults>) -> T {
        read.unwrap_or_else(|mut faults| {
            self.faults.append(&mut faults);
            T::default()
        })
    }

    /// A metric of the success definition whose numerator is `has`.
    fn goal(&mut self, success: &Standard, name: String, stop: StopOnSuccess) -> Option<Goal> {
        let Some(metric) = success.metric(&name) else {
            self.fault(".goal", &["`", &name, "` is not a metric of the success definition"]);
            return None;
        };
        if !success.is_goal(metric) {
            self.fault(".goal", &["`", &name, "` cannot be reached: its numerator has to be `has`, of plain events"]);
        }
        let stops = match stop {
            StopOnSuccess::AfterShown => Some(After::Shown),
            StopOnSuccess::Ever => Some(After::Ever),
            StopOnSuccess::Never => None,
        };
        Some(Goal { metric, fingerprint: success.fingerprint(metric), name, stops })
    }

    fn pattern(&mut self, source: &PatternSource, path: &str) -> Pattern {
        if source.event.is_empty() {
            self.fault(&[path, ".event"].concat(), &["an event is needed here"]);
        }
        let filter = self.filter(source.filter.as_ref(), &[path, ".where"].concat());
        Pattern { event: source.event.clone(), filter }
    }

    fn patterns(&mut self, sources: &[PatternSource], path: &str) -> Vec<Pattern> {
        let mut patterns = Vec::new();
        for (place, source) in sources.iter().enumerate() {
            patterns.push(self.pattern(source, &format!("{path}[{place}]")));
        }
        patterns
    }

    fn leaf(&mut self, source: &LeafSource, path: &str) -> Leaf {
        if source.count == 0 || source.count > MOST_HITS {
            self.fault(&[path, ".count"].concat(), &["a count is 1 to 100"]);
        }
        let pattern = PatternSource { event: source.event.clone(), filter: source.filter.clone() };
        Leaf { pattern: self.pattern(&pattern, path), count: source.count, within: source.within }
    }

    fn leaves(&mut self, sources: &[LeafSource], path: &str) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        for (place, source) in sources.iter().enumerate() {
            leaves.push(self.leaf(source, &format!("{path}[{place}]")));
        }
        leaves
    }

    fn trigger(&mut self, source: &TriggerSource, authored: &Value) -> Trigger {
        let groups = [!source.any.is_empty(), !source.all.is_empty(), !source.chain.is_empty()];
        let kinds = groups.iter().filter(|given| **given).count() + usize::from(source.event.is_some());
        if kinds != 1 {
            self.fault(".trigger", &["exactly one of `event`, `any`, `all` and `chain` is needed here"]);
        }
        let is_silence = !source.unless.is_empty();
        let (kind, leaves) = match &source.event {
            Some(event) => {
                let leaf = LeafSource {
                    event: event.clone(),
                    filter: source.filter.clone(),
                    count: source.count,
                    within: source.within.filter(|_| !is_silence),
                };
                (TriggerKind::Any, vec![self.leaf(&leaf, ".trigger")])
            }
            None if !source.any.is_empty() => (TriggerKind::Any, self.leaves(&source.any, ".trigger.any")),
            None if !source.all.is_empty() => (TriggerKind::All, self.leaves(&source.all, ".trigger.all")),
            None => (TriggerKind::Chain, self.leaves(&source.chain, ".trigger.chain")),
        };
        if source.event.is_none() && (is_silence || source.filter.is_some() || source.count != 1) {
            self.fault(".trigger", &["`where`, `count` and `unless` stand beside `event`, or in the parts of a group"]);
        }
        if !source.any.is_empty() && source.within.is_some() {
            self.fault(".trigger.within", &["`any` takes its `within` in each of its parts"]);
        }
        if kind == TriggerKind::Chain {
            for place in leaves.iter().enumerate().filter_map(|(place, leaf)| leaf.within.map(|_| place)) {
                self.fault(&format!(".trigger.chain[{place}].within"), &["a chain has one `within`, beside `chain`"]);
            }
            let links: u32 = leaves.iter().fold(0, |sum, leaf| sum.saturating_add(leaf.count));
            if links > MOST_HITS {
                self.fault(".trigger.chain", &["a chain has at most 100 links"]);
            }
        }
        if is_silence && source.within.is_none() {
            self.fault(".trigger.within", &["how long nothing of `unless` may happen is needed here"]);
        }
        if is_silence && source.count != 1 {
            self.fault(".trigger.count", &["inaction counts from one event"]);
        }
        Trigger {
            kind,
            leaves,
            within: if source.event.is_none() { source.within } else { None },
            silence: if is_silence { source.within } else { None },
            rearm_latest: source.rearm == Rearm::Latest,
            unless: self.patterns(&source.unless, ".trigger.unless"),
            key: short_hash(&to_json(authored)),
        }
    }

    /// The messages of a campaign, and the layout that they share.
    fn variants(&mut self, names: &[(Option<String>, String, String)], messages: &Messages) -> (Vec<Variant>, String) {
        let mut variants: Vec<Variant> = Vec::new();
        for (id, name, path) in names {
            match messages.get(name) {
                None => self.fault(path, &["`", name, "` is not a message of this playbook"]),
                Some(Err(faults)) => self.faults.extend(faults.iter().cloned()),
                Some(Ok(message)) => variants.push(Variant { id: id.clone(), message: Arc::clone(message) }),
            }
        }
        let layout = variants.first().map_or("", |first| message::layout(&first.message.message)).to_owned();
        let class = |message: &Value| {
            let layout = message::layout(message);
            (layout == "inline", layout == "card", layout == "custom")
        };
        let first = variants.first().map(|first| class(&first.message.message));
        if variants.iter().any(|variant| Some(class(&variant.message.message)) != first) {
            self.fault(
                ".experiment.variants",
                &["variants that differ in how they interrupt would differ in who sees them"],
            );
        }
        (variants, layout)
    }
}

impl Playbook {
    /// Reads one campaign.
    pub(super) fn read_campaign(
        &self,
        place: usize,
        source: &Value,
        earlier: Option<usize>,
        messages: &Messages,
        bad_caps: &[String],
        scope: &mut Scope,
    ) -> Result<Campaign, Faults> {
        let at = format!("campaigns[{place}]");
        let authored = source.get("trigger").unwrap_or(&Value::Null);
        let fingerprint = short_hash(&to_json(source));
        let source: CampaignSource = decode(source, &at)?;
        check_id(&[&at, ".id"].concat(), &source.id)?;
        let mut reading = Reading { at: &at, scope, faults: Faults::new() };
        if earlier.is_some() {
            reading.fault(".id", &["`", &source.id, "` is the id of an earlier campaign"]);
        }
        if source.channel.is_empty() {
            reading.fault(".channel", &["at least one channel is needed"]);
        }
        for (n, cap) in source.caps.iter().enumerate() {
            let path = format!(".caps[{n}]");
            if bad_caps.contains(cap) {
                reading.fault(&path, &["`", cap, "` cannot be used: see caps.", cap]);
            } else if !self.caps.contains_key(cap) {
                reading.fault(&path, &["`", cap, "` is not a frequency constraint of this playbook"]);
            }
        }
        let mut names = Vec::new();
        let mut experiment = None;
        let id = source.id.clone();
        match (&source.message, &source.experiment) {
            (Some(message), None) => names.push((None, message.clone(), ".message".to_owned())),
            (None, Some(source)) => match Experiment::compile(source, &[&at, ".experiment"].concat(), &id) {
                Ok(compiled) => {
                    for (place, variant) in compiled.source.variants.iter().enumerate() {
                        let path = format!(".experiment.variants[{place}].message");
                        names.push((Some(variant.id.clone()), variant.message.clone(), path));
                    }
                    experiment = Some(compiled);
                }
                Err(mut faults) => reading.faults.append(&mut faults),
            },
            _ => reading.fault(".message", &["either a message or an experiment is needed"]),
        }
        let (variants, layout) = reading.variants(&names, messages);
        if layout == "inline" && source.placement.is_none() {
            reading.fault(".placement", &["an inline message needs the place that it fills"]);
        }
        let is_inbox = source.channel.contains(&Channel::Inbox);
        if !variants.is_empty() && (layout == "card") != is_inbox {
            reading.fault(".channel", &["cards, and only cards, go to the `inbox`"]);
        }
        let holdout = source.holdout.as_ref().map(|source| Holdout::compile(source, &[&at, ".holdout"].concat()));
        let holdout = match holdout.transpose() {
            Ok(holdout) => holdout,
            Err(mut faults) => {
                reading.faults.append(&mut faults);
                None
            }
        };
        // The journal keeps what removes a card, without the playbook's semantics.
        let mut kept = Reading { at: &at, scope: &mut Scope::default(), faults: Faults::new() };
        kept.patterns(&source.card.remove_on, ".card.remove_on");
        reading.faults.append(&mut kept.faults);
        let goal = source.goal.and_then(|name| reading.goal(&self.success, name, source.stop_on_success));
        let limit = source.limit.unwrap_or(Limit { times: u32::from(layout != "inline"), again_after: None });
        let campaign = Campaign {
            trigger: reading.trigger(&source.trigger, authored),
            cancel_on: reading.patterns(&source.cancel_on, ".cancel_on"),
            audience: reading.audience(source.audience.as_ref()),
            id: source.id,
            enabled: source.enabled,
            channels: source.channel,
            delay: source.delay,
            ttl: source.ttl,
            schedule: source.schedule,
            quiet_hours: source.quiet_hours,
            screens: source.screens,
            placement: source.placement,
            caps: source.caps,
            limit,
            priority: source.priority,
            transactional: source.transactional,
            goal,
            card: source.card,
            experiment,
            holdout,
            interruptive: match source.interruptive {
                Some(interruptive) if layout == "custom" => interruptive,
                _ => message::interrupts(&layout),
            },
            layout,
            speaks_of_event: variants.iter().any(|variant| variant.message.speaks_of_event),
            speaks_of_metrics: variants.iter().any(|variant| variant.message.speaks_of_metrics),
            variants,
            fingerprint,
        };
        if reading.faults.is_empty() { Ok(campaign) } else { Err(reading.faults) }
    }
}

/// The first 16 hex digits of SHA-256: a name, not a promise.
pub(super) fn short_hash(text: &str) -> String {
    let mut hash = hex(&Sha256::digest(text.as_bytes()));
    hash.truncate(16);
    hash
}
