//! A campaign's short forms.

use crate::report::Problems;
use crate::tree::{Content, Key, Node};

use super::document::{listed, without_nulls};
use super::{instant, percent, trigger};

pub(crate) fn expand(campaign: &mut Node, problems: &mut Problems) {
    without_nulls(campaign);
    listed(campaign, "channel");
    listed(campaign, "caps");
    // What stands in the trigger for the reader's sake belongs to the campaign (engine.md 4.4).
    for name in ["delay", "cancel_on"] {
        let Some((key, value)) = campaign.get_mut("trigger").and_then(|trigger| trigger.take(name)) else { continue };
        if campaign.get(name).is_some() {
            let message = format!("`{name}` stands in the trigger and in the campaign");
            problems.span("HK0106", key.span, message, "keep one of the two");
        }
        campaign.put(key, value);
    }
    if let Some(written) = campaign.get_mut("trigger") {
        trigger::expand(written, problems);
    }
    trigger::expand_events(campaign, "cancel_on", problems);
    if let Some(schedule) = campaign.get_mut("schedule") {
        without_nulls(schedule);
        listed(schedule, "days");
        listed(schedule, "windows");
        for name in ["start", "end"] {
            instant::to_milliseconds(schedule, name, problems);
        }
        without_nulls(schedule);
    }
    if let Some(screens) = campaign.get_mut("screens") {
        match &screens.content {
            Content::List(_) => *screens = Node::map(screens.span, [("only", screens.clone())]),
            Content::Text(_) => {
                *screens = Node::map(screens.span, [("only", Node::list(screens.span, vec![screens.clone()]))]);
            }
            _ => {}
        }
    }
    expand_limit(campaign, problems);
    if let Some(card) = campaign.get_mut("card") {
        without_nulls(card);
        instant::to_milliseconds(card, "expires_at", problems);
        without_nulls(card);
        trigger::expand_events(card, "remove_on", problems);
    }
    if let Some(holdout) = campaign.get_mut("holdout") {
        percent::holdout(holdout, problems);
    }
    if let Some(experiment) = campaign.get_mut("experiment") {
        expand_experiment(experiment, problems);
    }
}

fn expand_limit(campaign: &mut Node, problems: &mut Problems) {
    let Some(limit) = campaign.get_mut("limit") else { return };
    let times = match &limit.content {
        Content::Text(none) if none == "none" => Node::number(limit.span, 0),
        Content::Number(_) => limit.clone(),
        Content::Text(other) => {
            let message = format!("`{other}` is no limit");
            let help =
                if other.eq_ignore_ascii_case("none") { "did you mean `none`?" } else { "write a number, or none" };
            problems.span("HK0106", limit.span, message, help);
            campaign.take("limit");
            return;
        }
        _ => return,
    };
    *limit = Node::map(limit.span, [("times", times)]);
}

fn expand_experiment(experiment: &mut Node, problems: &mut Problems) {
    without_nulls(experiment);
    percent::to_basis_points(experiment, "control", "control_bp", problems);
    percent::to_basis_points(experiment, "coverage", "coverage_bp", problems);
    if let Some(namespace) = experiment.get_mut("namespace") {
        percent::to_basis_points(namespace, "from", "start_bp", problems);
        percent::to_basis_points(namespace, "to", "end_bp", problems);
    }
    for variant in experiment.get_mut("variants").and_then(Node::items_mut).into_iter().flatten() {
        without_nulls(variant);
        percent::to_basis_points(variant, "weight", "weight_bp", problems);
    }
}

pub(super) fn key(name: &str, span: crate::tree::Span) -> Key {
    Key { name: name.to_owned(), span }
}
