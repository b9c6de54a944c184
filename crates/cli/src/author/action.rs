//! An action's short forms.

use crate::tree::{Content, Node};

pub(crate) fn expand(action: &mut Node) {
    let span = action.span;
    if action.as_text() == Some("submit") {
        *action = Node::map(span, [("submit", Node::map(span, []))]);
        return;
    }
    if let Some(submit) = action.get_mut("submit") {
        match submit.content {
            Content::Text(_) => *submit = Node::map(submit.span, [("event", submit.clone())]),
            Content::Null => submit.content = Content::Map(Vec::new()),
            _ => {}
        }
    }
}
