//! What a device would say: the canonical document is compiled by the engine itself, and whatever is left to tell is told
//! where it was written.

use hearken_core::{Playbook, PlaybookError};

use crate::author::embed;
use crate::report::Problems;
use crate::tree::{Content, Node, Span};

const HELP: &str = "a device would leave this out";

/// Only where nothing else was found on the same lines: what is known already is told better there.
pub(crate) fn lint(tree: &Node, problems: &mut Problems) {
    let mut value = tree.to_value();
    embed::embed(&mut value);
    let found: Vec<(String, String)> = match Playbook::compile(&hearken_measure::jcs::to_string(&value)) {
        Ok(playbook) => {
            playbook.problems().iter().map(|problem| (problem.path.clone(), problem.message.clone())).collect()
        }
        Err(PlaybookError::Document { path, message }) => vec![(path, message)],
        Err(error) => vec![(String::new(), error.to_string())],
    };
    for (path, message) in found {
        let span = place(tree, &path);
        let known = problems
            .0
            .iter()
            .filter_map(|problem| problem.span)
            .any(|other| other.start.line <= span.end.line && span.start.line <= other.end.line);
        if !known {
            problems.span("HK0118", span, message, HELP);
        }
    }
}

/// Where the value of a path was written: as deep as the tree goes. Names may hold dots, so the longest that fits is taken.
fn place(node: &Node, path: &str) -> Span {
    let rest = path.strip_prefix('.').unwrap_or(path);
    match &node.content {
        Content::Map(fields) => {
            let fits =
                |name: &str| rest.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
            let field = fields.iter().filter(|(key, _)| !key.name.is_empty() && fits(&key.name).is_some());
            match field.max_by_key(|(key, _)| key.name.len()) {
                Some((key, value)) => place(value, fits(&key.name).unwrap_or_default()),
                None => node.span,
            }
        }
        Content::List(items) => {
            let index = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let item = index.and_then(|(index, rest)| Some((items.get(index.parse::<usize>().ok()?)?, rest)));
            item.map_or(node.span, |(item, rest)| place(item, rest))
        }
        _ => node.span,
    }
}
