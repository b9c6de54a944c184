//! What a device would say: the canonical document is compiled by the engine itself, and whatever is left to tell is told
//! where it was written.

use hearken_core::{Playbook, PlaybookError};

use crate::author::embed;
use crate::report::Problems;
use crate::tree::{At, Node};

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
        let span = At::root(tree).reach(&path).node.span;
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
