//! RFC 3339 into milliseconds since the Unix epoch.

use chrono::DateTime;

use crate::report::Problems;
use crate::tree::{Content, Node};

/// Replaces an instant that is written as text by milliseconds.
pub(crate) fn to_milliseconds(node: &mut Node, field: &str, problems: &mut Problems) {
    let Some(value) = node.get_mut(field) else { return };
    let Some(text) = value.as_text() else { return };
    match DateTime::parse_from_rfc3339(text) {
        Ok(instant) => value.content = Content::Number(instant.timestamp_millis().into()),
        Err(_) => {
            let message = format!("`{text}` is not an instant");
            problems.span(
                "HK0113",
                value.span,
                message,
                "write date, time and offset, such as 2026-11-27T09:00:00+02:00",
            );
            value.content = Content::Null;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Span;

    fn read(text: &str) -> (Option<i64>, usize) {
        let mut node = Node::map(Span::default(), [("at", Node::text(Span::default(), text))]);
        let mut problems = Problems::default();
        to_milliseconds(&mut node, "at", &mut problems);
        (node.get("at").unwrap().as_i64(), problems.0.len())
    }

    #[test]
    fn an_instant_needs_a_date_a_time_and_an_offset() {
        assert_eq!(read("2026-11-21T10:00:00.250+02:00"), (Some(1_795_248_000_250), 0));
        assert_eq!(read("1970-01-01T00:00:00Z"), (Some(0), 0));
        for bad in ["2026-11-21", "2026-11-21T10:00:00", "tomorrow", "2026-13-01T00:00:00Z"] {
            assert_eq!(read(bad), (None, 1), "{bad}");
        }
    }
}
