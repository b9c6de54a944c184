//! Theme tokens: colours that read as colours, and text that can be read on its ground.

use crate::report::Problems;

use super::Book;
use super::colour;

/// What stands on what. WCAG 2.2 AA asks for 4.5:1 for text.
const PAIRS: [(&str, &str, &str); 8] = [
    ("text", "background", "text"),
    ("heading", "background", "headings"),
    ("muted", "background", "muted text"),
    ("link", "background", "links"),
    ("error", "background", "errors"),
    ("button_text", "button", "button text"),
    ("secondary_text", "secondary", "secondary button text"),
    ("field_text", "field", "text in fields"),
];
const ENOUGH: f64 = 4.5;

pub(crate) fn lint(book: &Book<'_>, problems: &mut Problems) {
    for mode in ["light", "dark"] {
        let Some(theme) = book.root.dig(&["theme", mode]) else { continue };
        for token in PAIRS.iter().flat_map(|(text, ground, _)| [text, ground]) {
            let Some(value) = theme.get(token) else { continue };
            if value.text().and_then(colour::parse).is_none() {
                let message = format!("`{token}` is {}, which is no colour", value.node.to_value());
                problems.at("HK0403", &value, message, "write #rgb, #rrggbb, #rrggbbaa or rgb(), in quotes");
            }
        }
        for (text, ground, what) in PAIRS {
            let colour = |token: &str| theme.text_of(token).and_then(colour::parse);
            let (Some(above), Some(under), Some(at)) = (colour(text), colour(ground), theme.get(text)) else {
                continue;
            };
            let ratio = colour::contrast(above, under);
            if ratio < ENOUGH {
                // Rounded down: 4.49 must not read as enough.
                let shown = (ratio * 10.0).floor() / 10.0;
                let on = theme.text_of(ground).unwrap_or("");
                let message = format!("contrast {shown:.1}:1 of {what} on `{on}` in the {mode} theme; 4.5:1 is needed");
                problems.at("HK0402", &at, message, format!("make `{text}` or `{ground}` darker or lighter"));
            }
        }
    }
}
