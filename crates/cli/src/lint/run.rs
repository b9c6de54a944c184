//! Which campaigns would run with these errors. One that is broken does not stop the others (engine.md 10.1).

use std::collections::BTreeSet;

use crate::codes::Severity;
use crate::report::Problem;
use crate::tree::{At, Node, Path, Span, Step};

use super::{Book, segment, text};

/// Whether there is a playbook at all.
pub(crate) fn usable(tree: &Node) -> bool {
    let text =
        |name: &str| tree.get(name).and_then(Node::as_text).is_some_and(|text| !text.is_empty() && text.len() <= 255);
    let whole = |name: &str| tree.get(name).and_then(Node::as_i64);
    text("id") && whole("spec") == Some(1) && whole("revision").is_some_and(|revision| revision >= 0)
}

/// How many campaigns would run, of how many.
pub(crate) fn campaigns_that_run(tree: &Node, problems: &mut [Problem]) -> (usize, usize) {
    let book = Book::of(tree);
    let all = book.campaigns.len();
    locate_all(tree, problems);
    if !usable(tree) {
        return (0, all);
    }
    // Quiet hours that nobody understands keep no campaign from running.
    let stops = |one: &&Problem| one.severity() == Severity::Error && one.code != "HK0608";
    let paths: Vec<&Path> = problems.iter().filter(stops).map(|one| &one.path).collect();
    if paths.iter().any(|path| concerns_all(path)) {
        return (0, all);
    }
    let broken = |kind: &str| -> BTreeSet<&str> {
        let mut broken = BTreeSet::new();
        for path in &paths {
            if let [Step::Field(of), Step::Field(name), ..] = path.0.as_slice()
                && of == kind
            {
                broken.insert(name.as_str());
            }
        }
        broken
    };
    let texts: BTreeSet<&str> = paths
        .iter()
        .filter_map(|path| match path.0.as_slice() {
            [Step::Field(of), _, Step::Field(key), ..] if of == "text" => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let (messages, caps, segments) = (broken("messages"), broken("caps"), broken("segments"));
    let runs = |(place, campaign): &(usize, &At<'_>)| {
        let own = |path: &&Path| matches!(path.0.as_slice(), [Step::Field(of), Step::Item(item), ..] if of == "campaigns" && item == place);
        let shows = Book::named_messages(campaign);
        let says_broken = |name: &str| {
            let mut found = Vec::new();
            if let Some(message) = book.message(name) {
                text::words(&message, &mut found);
            }
            found.iter().filter_map(text::key).filter_map(|key| key.text()).any(|key| texts.contains(key))
        };
        campaign.node.get("enabled").and_then(Node::as_bool) != Some(false)
            && !paths.iter().copied().any(|path| own(&path))
            && !shows.iter().filter_map(At::text).any(|name| messages.contains(name) || says_broken(name))
            && !campaign.items_of("caps").iter().filter_map(At::text).any(|name| caps.contains(name))
            && used_segments(&book, campaign).is_disjoint(&segments)
    };
    (book.campaigns.iter().enumerate().filter(runs).count(), all)
}

/// Whether a broken part breaks the whole; a theme does not, and what stands by itself does not.
fn concerns_all(path: &Path) -> bool {
    match path.0.first() {
        Some(Step::Field(name)) => {
            !["campaigns", "messages", "caps", "segments", "text", "theme", "retract"].contains(&name.as_str())
                || path.0.len() == 1
        }
        _ => true,
    }
}

fn used_segments<'a>(book: &Book<'a>, campaign: &At<'a>) -> BTreeSet<&'a str> {
    let mut used = BTreeSet::new();
    if let Some(audience) = campaign.get("audience") {
        segment::named(&audience, &mut used);
    }
    let mut open: Vec<&str> = used.iter().copied().collect();
    while let Some(name) = open.pop() {
        let mut inner = BTreeSet::new();
        if let Some(segment) = book.root.get("segments").and_then(|segments| segments.get(name)) {
            segment::named(&segment, &mut inner);
        }
        open.extend(inner.into_iter().filter(|name| used.insert(name)));
    }
    used
}

/// Gives a path to what was found while the text was read.
pub(super) fn locate_all(tree: &Node, problems: &mut [Problem]) {
    for problem in problems.iter_mut().filter(|problem| problem.path.0.is_empty()) {
        if let Some(span) = problem.span {
            problem.path = locate(&At::root(tree), span);
        }
    }
}

/// The deepest node that holds a place: what a problem belongs to that was found while the text was read.
fn locate(at: &At<'_>, span: Span) -> Path {
    let holds = |one: &At<'_>| {
        let from = one.key.map_or(one.node.span.start, |key| key.start.min(one.node.span.start));
        from <= span.start && span.start < one.node.span.end.max(one.name_span().end)
    };
    let fields = at.fields().into_iter().map(|(_, one)| one);
    let inner = fields.chain(at.items()).find(holds);
    inner.map_or_else(|| at.path.clone(), |inner| locate(&inner, span))
}
