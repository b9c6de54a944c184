//! A message gets its texts for one person (engine.md 8): everything that a campaign could show, once it has won.

use crate::locale;
use crate::message;
use crate::playbook::{Campaign, Draft, Playbook, Variant};
use crate::reason::Reason;
use crate::template::{RenderError, Scope};
use crate::time::Timestamp;
use crate::value::number;
use crate::{Context, Engine, Properties, RecordId, Value};

/// What templates may speak of: `event`, `user`, `campaign`, `metrics`.
struct Moment {
    event: Value,
    user: Value,
    campaign: Value,
    metrics: Value,
    now: Timestamp,
    offset_min: i32,
}

impl Scope for Moment {
    fn root(&self, name: &str) -> Option<&Value> {
        match name {
            "event" => Some(&self.event),
            "user" => Some(&self.user),
            "campaign" => Some(&self.campaign),
            "metrics" => Some(&self.metrics),
            _ => None,
        }
    }

    fn now(&self) -> (Timestamp, i32) {
        (self.now, self.offset_min)
    }
}

/// An engine at one moment, of which texts speak. It changes nothing.
#[derive(Clone, Copy)]
pub(crate) struct Speaker<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) ctx: &'a Context,
    pub(crate) now: Timestamp,
}

impl Speaker<'_> {
    /// All variants, control's too: if one fails, no arm is shown, so that arms cannot drift apart (engine.md 5.3). `fired`
    /// is the event of a trigger that fired in this step.
    pub(crate) fn render(
        &self,
        playbook: &Playbook,
        campaign: &Campaign,
        fired: Option<RecordId>,
    ) -> Result<Vec<Value>, Reason> {
        let moment = self.moment(campaign, fired);
        let mut messages = Vec::with_capacity(campaign.variants.len());
        for variant in &campaign.variants {
            messages.push(self.resolve(playbook, &variant.message, &moment)?);
        }
        Ok(messages)
    }

    /// One of them, for a preview.
    pub(crate) fn render_one(&self, playbook: &Playbook, campaign: &Campaign, of: &Variant) -> Result<Value, Reason> {
        self.resolve(playbook, &of.message, &self.moment(campaign, None))
    }

    /// One of them once more. Of what set it off nothing is known any more once it is over.
    pub(crate) fn render_again(
        &self,
        playbook: &Playbook,
        campaign: &Campaign,
        of: &Variant,
        is_open: bool,
    ) -> Result<Value, Reason> {
        let mut moment = self.moment(campaign, None);
        if !is_open {
            moment.event = Value::Object(Properties::new());
        }
        self.resolve(playbook, &of.message, &moment)
    }

    fn moment(&self, campaign: &Campaign, fired: Option<RecordId>) -> Moment {
        let event = if campaign.speaks_of_event { self.event_of(campaign, fired) } else { None };
        let user = self.engine.state.profile().map(|profile| profile.attributes.clone());
        let mut about = Properties::new();
        about.insert("id".to_owned(), Value::String(campaign.id.clone()));
        Moment {
            event: Value::Object(event.unwrap_or_default()),
            user: Value::Object(user.unwrap_or_default()),
            campaign: Value::Object(about),
            metrics: if campaign.speaks_of_metrics { self.metrics() } else { Value::Null },
            now: self.now,
            offset_min: self.ctx.offset_min,
        }
    }

    /// The pairs and values of the metrics that are one number and known, by name.
    fn metrics(&self) -> Value {
        let mut metrics = Properties::new();
        for report in self.engine.success_report(self.now).metrics {
            if let Some(num) = report.num {
                let mut pair = Properties::new();
                pair.insert("num".to_owned(), num.into());
                pair.insert("den".to_owned(), report.den.into());
                pair.insert("value".to_owned(), report.value.map_or(Value::Null, number));
                metrics.insert(report.metric, Value::Object(pair));
            }
        }
        Value::Object(metrics)
    }

    /// The newest event that matched.
    fn event_of(&self, campaign: &Campaign, fired: Option<RecordId>) -> Option<Properties> {
        let standing = self.engine.state.standing(&campaign.id);
        let trigger = standing.and_then(|standing| standing.trigger.as_ref()?.held.as_ref());
        let progress = standing.and_then(|standing| standing.progress.as_ref()?.event.as_ref());
        let recent = self.engine.state.recent.iter().rev().find(|held| Some(held.id) == fired);
        recent.or(trigger).or(progress).map(|held| Properties::clone(&held.properties))
    }

    fn resolve(&self, playbook: &Playbook, draft: &Draft, moment: &Moment) -> Result<Value, Reason> {
        let failed = |message: String| Reason::Render { message };
        let resolved = draft.resolver.resolve(&playbook.texts, moment, &self.ctx.locale);
        let (mut message, locale) = resolved.map_err(|error| {
            failed(match error {
                RenderError::Abort(why) => why,
                RenderError::Limit(what) => ["too much is asked for: ", what].concat(),
                RenderError::Text(key) => ["there is no text `", &key, "`"].concat(),
                RenderError::Wrong(why) => why,
            })
        })?;
        if let Some(why) = message::unsafe_address(&message, &playbook.schemes) {
            return Err(failed(why));
        }
        if let Some(object) = message.as_object_mut() {
            let lang = playbook.texts.tag(locale);
            let dir = if locale::is_right_to_left(lang) { "rtl" } else { "ltr" };
            object.insert("dir".to_owned(), Value::String(dir.to_owned()));
            object.insert("lang".to_owned(), Value::String(lang.to_owned()));
        }
        Ok(message)
    }
}
