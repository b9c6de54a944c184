//! What a playbook asks of its host: how messages look, how long one has to be seen, and what to watch for.

use crate::Value;
use crate::time::Span;
use crate::wire::put;

/// What a playbook asks of its host. Kept as it is written: the core reads none of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    /// How messages look: the playbook's `theme`.
    pub theme: Option<Value>,
    /// How long a message has to be seen to count as shown: `settings.impression`.
    pub impression: Span,
    /// The `where` of every `$cue` among the triggers, each once: a host watches for nothing else.
    pub cues: Vec<Value>,
}

impl Needs {
    pub(super) fn of(theme: Option<Value>, impression: Span, campaigns: &[Value]) -> Self {
        let mut cues = Vec::new();
        for campaign in campaigns {
            gather(campaign.get("trigger"), &mut cues);
            gather(campaign.get("cancel_on"), &mut cues);
        }
        Self { theme, impression, cues }
    }

    /// `{"theme": .., "impression": ms, "cues": [{"cue": .., "value": ..}]}`.
    pub(crate) fn to_json(&self) -> String {
        let mut to = String::from("{");
        put(&mut to, "theme", &self.theme);
        put(&mut to, "impression", &self.impression);
        put(&mut to, "cues", &self.cues);
        to.push('}');
        to
    }
}

/// Every `where` of a `$cue` in a trigger, its parts and what ends it.
fn gather(trigger: Option<&Value>, cues: &mut Vec<Value>) {
    match trigger {
        Some(Value::Array(inner)) => inner.iter().for_each(|one| gather(Some(one), cues)),
        Some(Value::Object(leaf)) => {
            let is_cue = leaf.get("event").and_then(Value::as_str) == Some("$cue");
            let cue = leaf.get("where").filter(|cue| is_cue && !cues.contains(cue));
            cues.extend(cue.cloned());
            for part in ["any", "all", "chain", "unless"] {
                gather(leaf.get(part), cues);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::Playbook;
    use serde_json::json;

    #[test]
    fn a_host_hears_of_the_theme_and_of_every_cue_once() {
        let cue = |cue: &str, value: serde_json::Value| json!({"event": "$cue", "where": {"cue": cue, "value": value}});
        let campaign = |id: &str, trigger: serde_json::Value| json!({"id": id, "channel": ["in_browser"], "trigger": trigger, "message": "m"});
        let document = json!({
            "spec": 1, "id": "p", "revision": 1,
            "theme": {"light": {"text": "#111111"}},
            "settings": {"impression": "2s"},
            "campaigns": [
                campaign("a", json!({"chain": [{"event": "cart"}, cue("scroll", json!(50))], "within": "1h"})),
                campaign("b", json!({"event": "cart", "unless": [cue("visible", json!("#deals"))], "within": "1h"})),
                campaign("c", cue("scroll", json!(50))),
            ],
        });
        let playbook = Playbook::compile(&document.to_string()).unwrap();
        assert_eq!(
            playbook.needs_json(),
            r##"{"theme":{"light":{"text":"#111111"}},"impression":2000,"cues":[{"cue":"scroll","value":50},{"cue":"visible","value":"#deals"}]}"##
        );
    }
}
