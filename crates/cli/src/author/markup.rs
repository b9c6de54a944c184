//! Markup in texts into spans: `**bold**`, `*italic*`, `[label](url)` and line breaks. Never HTML.

use crate::tree::{Key, Node, Span};

/// A run of text with one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Run {
    text: String,
    bold: bool,
    italic: bool,
    link: Option<String>,
    brk: bool,
}

/// The longest text that may have markup, and the longest run in it, in bytes: what is longer is no message.
const LONG: usize = 20_000;
const LONG_RUN: usize = 1_000;

/// The text, or a list of spans if it has markup.
pub(crate) fn expand(text: &str, span: Span) -> Node {
    if text.len() > LONG {
        return Node::text(span, text);
    }
    let mut runs = Vec::new();
    parse(text.trim_end_matches(['\n', '\r']), &Run::default(), &mut runs, 0);
    runs.retain(|run| run.brk || !run.text.is_empty());
    match runs.as_slice() {
        [] => Node::text(span, ""),
        [one] if *one == (Run { text: one.text.clone(), ..Run::default() }) => Node::text(span, one.text.clone()),
        _ => Node::list(span, runs.into_iter().map(|run| node(run, span)).collect()),
    }
}

fn node(run: Run, span: Span) -> Node {
    let yes = || Node::new(span, crate::tree::Content::Bool(true));
    if run.brk {
        return Node::map(span, [("break", yes())]);
    }
    let mut node = Node::map(span, [("text", Node::text(span, run.text))]);
    let mut put = |name: &str, value: Node| node.put(Key { name: name.to_owned(), span }, value);
    if run.bold {
        put("bold", yes());
    }
    if run.italic {
        put("italic", yes());
    }
    if let Some(link) = run.link {
        put("link", Node::text(span, link));
    }
    node
}

/// Looks nest a few levels deep and no further.
const DEEP: usize = 4;

fn parse(text: &str, look: &Run, runs: &mut Vec<Run>, depth: usize) {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix('\\')
            && let Some(escaped) = after.chars().next().filter(|c| matches!(c, '*' | '[' | ']' | '\\'))
        {
            plain.push(escaped);
            rest = after.get(escaped.len_utf8()..).unwrap_or("");
            continue;
        }
        if let Some(tag) = template(rest) {
            plain.push_str(tag);
            rest = rest.get(tag.len()..).unwrap_or("");
            continue;
        }
        if let Some(after) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) {
            flush(&mut plain, look, runs);
            runs.push(Run { brk: true, ..Run::default() });
            rest = after;
            continue;
        }
        let styled = (depth < DEEP).then(|| styled(rest, look)).flatten();
        if let Some((inside, inner, after)) = styled {
            flush(&mut plain, look, runs);
            parse(inside, &inner, runs, depth + 1);
            rest = after;
            continue;
        }
        plain.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or("");
    }
    flush(&mut plain, look, runs);
}

fn flush(plain: &mut String, look: &Run, runs: &mut Vec<Run>) {
    if !plain.is_empty() {
        runs.push(Run { text: std::mem::take(plain), ..look.clone() });
    }
}

/// What a marked run holds, its look, and what follows it.
fn styled<'a>(rest: &'a str, look: &Run) -> Option<(&'a str, Run, &'a str)> {
    if let Some(after) = rest.strip_prefix("**") {
        let (inside, rest) = closed(after, "**")?;
        return Some((inside, Run { bold: true, ..look.clone() }, rest));
    }
    if let Some(after) = rest.strip_prefix('*') {
        let (inside, rest) = closed(after, "*")?;
        return Some((inside, Run { italic: true, ..look.clone() }, rest));
    }
    if look.link.is_none()
        && let Some(after) = rest.strip_prefix('[')
    {
        let close = find(after, "](")?;
        let (label, target) = (after.get(..close)?, after.get(close + 2..)?);
        let end = find(target, ")")?;
        let url = target.get(..end)?;
        let fine = !label.is_empty() && !label.contains('\n') && !url.contains(['\n', ' ']);
        return fine
            .then(|| (label, Run { link: Some(url.to_owned()), ..look.clone() }, target.get(end + 1..).unwrap_or("")));
    }
    None
}

/// What stands before the mark that closes: neither begins nor ends with a blank, on one line.
fn closed<'a>(after: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let end = find(after, mark)?;
    let mut inside = after.get(..end)?;
    let mut rest = after.get(end + mark.len()..)?;
    // `***x***`: the inner mark closes first.
    if mark == "**" && rest.starts_with('*') && inside.contains('*') {
        inside = after.get(..=end)?;
        rest = rest.get(1..)?;
    }
    let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let fine = !blank(inside.chars().next()) && !blank(inside.chars().next_back()) && !inside.contains('\n');
    fine.then_some((inside, rest))
}

/// Where a mark stands, outside of template tags and escapes.
fn find(text: &str, mark: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty() && at <= LONG_RUN) {
        if rest.starts_with(mark) {
            // A single star is not half of a double one.
            if mark != "*" || !rest.starts_with("**") {
                return Some(at);
            }
            at += 2;
        } else if rest.starts_with('\\') {
            at += 1 + rest.chars().nth(1).map_or(0, char::len_utf8);
        } else if rest.starts_with('\n') {
            return None;
        } else {
            at += template(rest).map_or_else(|| rest.chars().next().map_or(1, char::len_utf8), str::len);
        }
    }
    None
}

/// The template tag that starts here.
fn template(text: &str) -> Option<&str> {
    let close = if text.starts_with("{{") { "}}" } else { "%}" };
    if !text.starts_with("{{") && !text.starts_with("{%") {
        return None;
    }
    let end = text.find(close)?;
    text.get(..end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn spans(text: &str) -> Value {
        expand(text, Span::default()).to_value()
    }

    #[test]
    fn marks_become_spans() {
        assert_eq!(
            spans("a **b** *c*"),
            json!([{"text": "a "}, {"text": "b", "bold": true}, {"text": " "}, {"text": "c", "italic": true}])
        );
        assert_eq!(
            spans("[go **on**](https://x.y/a)!"),
            json!([
            {"text": "go ", "link": "https://x.y/a"}, {"text": "on", "bold": true, "link": "https://x.y/a"}, {"text": "!"}])
        );
        assert_eq!(spans("***x***"), json!([{"text": "x", "bold": true, "italic": true}]));
        assert_eq!(spans("one\ntwo\n"), json!([{"text": "one"}, {"break": true}, {"text": "two"}]));
    }

    #[test]
    fn what_is_no_markup_stays_text() {
        for text in
            ["2 * 3 * 4", "a ** b", "[x] (y)", "**", "*", "[a](b c)", "", "{{ a | default: '*x*' }}", "<b>no</b>"]
        {
            assert_eq!(spans(text), json!(text));
        }
        assert_eq!(spans("\\*a\\*"), json!("*a*"));
    }

    #[test]
    fn long_rows_of_marks_end() {
        spans(&"*a ".repeat(2_000));
        spans(&"[".repeat(2_000));
        spans(&"**".repeat(2_000));
    }
}
