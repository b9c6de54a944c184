//! Everything that can be said of a playbook before it runs. Each rule stands in one file and has a code (`codes.rs`).

mod campaign;
mod cap;
pub(crate) mod colour;
mod condition;
mod device;
mod experiment;
mod form;
mod lookup;
mod message;
mod names;
mod operands;
pub(crate) mod plan;
mod run;
mod schedule;
mod segment;
pub(crate) mod shape;
mod shapes;
mod template;
mod text;
mod theme;
mod trigger;
mod url;

use crate::report::Problems;
use crate::tree::{At, Node};

pub(crate) use names::{instead, nearest};
pub(crate) use operands::HOST;
pub(crate) use run::campaigns_that_run;
pub(crate) use shapes::LAYOUTS;

use plan::Plan;

/// A playbook with what the rules look up.
pub(crate) struct Book<'a> {
    pub(crate) root: At<'a>,
    pub(crate) plan: Plan<'a>,
    pub(crate) campaigns: Vec<At<'a>>,
}

impl<'a> Book<'a> {
    pub(crate) fn of(tree: &'a Node) -> Self {
        let root = At::root(tree);
        let campaigns = root.items_of("campaigns");
        Self { plan: Plan::of(tree), root, campaigns }
    }

    pub(crate) fn message(&self, name: &str) -> Option<At<'a>> {
        self.root.get("messages")?.get(name)
    }

    /// The places where a campaign names its messages.
    pub(crate) fn named_messages(campaign: &At<'a>) -> Vec<At<'a>> {
        let variants = campaign.get("experiment").map(|experiment| experiment.items_of("variants")).unwrap_or_default();
        let named = variants.into_iter().filter_map(|variant| variant.get("message"));
        campaign.get("message").into_iter().chain(named).collect()
    }

    /// The campaigns that show a message.
    pub(crate) fn shown_by(&self, message: &str) -> Vec<&At<'a>> {
        let shows =
            |campaign: &&At<'a>| Self::named_messages(campaign).iter().any(|named| named.text() == Some(message));
        self.campaigns.iter().filter(shows).collect()
    }
}

/// Checks the canonical tree.
pub(crate) fn lint(tree: &Node, problems: &mut Problems) {
    let book = Book::of(tree);
    shape::check(&book.root, &shapes::PLAYBOOK, problems);
    if book.root.node.as_map().is_none() {
        return;
    }
    names::lint(&book.root, problems);
    plan::lint(&book.root, problems);
    segment::lint(&book, problems);
    cap::lint(&book, problems);
    schedule::lint_playbook(&book, problems);
    theme::lint(&book, problems);
    text::lint(&book, problems);
    message::lint(&book, problems);
    template::lint(&book, problems);
    campaign::lint_playbook(&book, problems);
    for campaign in &book.campaigns {
        trigger::lint(&book, campaign, problems);
        trigger::lint_goal(&book, campaign, problems);
        trigger::lint_history(&book, campaign, problems);
        campaign::lint(&book, campaign, problems);
        cap::lint_campaign(&book, campaign, problems);
        schedule::lint(&book, campaign, problems);
        experiment::lint(&book, campaign, problems);
    }
    device::lint(tree, problems);
}
