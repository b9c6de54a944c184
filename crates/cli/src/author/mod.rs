//! What people write, into what a device reads: YAML or JSON with short forms becomes the canonical tree.

mod action;
mod campaign;
mod document;
pub(crate) mod embed;
mod instant;
pub(crate) mod markup;
mod message;
mod percent;
mod prepare;
mod read;
mod scalar;
mod trigger;

use std::path::Path;

use crate::report::{Problem, Problems};
use crate::tree::Node;

pub(crate) use read::MAX_BYTES;

/// A document as it was read.
pub(crate) struct Authored {
    /// Its text, without a byte order mark.
    pub(crate) source: String,
    /// The canonical tree, if there is any.
    pub(crate) tree: Option<Node>,
    /// What was wrong on the way.
    pub(crate) problems: Vec<Problem>,
}

/// Reads a file and expands it.
pub(crate) fn load(path: &Path) -> Authored {
    let mut problems = Problems::default();
    let Some(source) = text_of(path, &mut problems) else {
        return Authored { source: String::new(), tree: None, problems: problems.0 };
    };
    let tree = read::read(&source, is_json(path), &mut problems);
    let folder = path.parent().unwrap_or(Path::new(""));
    let tree = tree.map(|tree| document::expand(tree, folder, &mut problems));
    Authored { source, tree, problems: problems.0 }
}

/// Reads a file as it stands, without any short form.
pub(crate) fn plain(path: &Path) -> Authored {
    let mut problems = Problems::default();
    let source = text_of(path, &mut problems).unwrap_or_default();
    let tree = if problems.0.is_empty() { read::read(&source, is_json(path), &mut problems) } else { None };
    Authored { source, tree, problems: problems.0 }
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// Reads another file that the playbook names; it must be right by itself.
fn inlined(path: &Path) -> Result<serde_json::Value, String> {
    let mut problems = Problems::default();
    let tree = text_of(path, &mut problems).and_then(|text| read::read(&text, is_json(path), &mut problems));
    if let Some(problem) = problems.0.first() {
        let place = problem.span.map(|span| format!("line {}, column {}: ", span.start.line, span.start.column));
        return Err(place.unwrap_or_default() + &problem.message);
    }
    tree.map(|tree| tree.to_value()).ok_or_else(|| "it is empty".to_owned())
}

fn text_of(path: &Path, problems: &mut Problems) -> Option<String> {
    let told = |problems: &mut Problems, why: String, help: &str| {
        problems.add(Problem {
            code: "HK0101",
            message: why,
            span: None,
            path: crate::tree::Path::default(),
            help: help.to_owned(),
            also: None,
        });
    };
    let bytes = match read_bounded(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            told(problems, format!("`{}` cannot be read: {error}", path.display()), "check the path");
            return None;
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(_) => {
            told(problems, format!("`{}` is not UTF-8 text", path.display()), "save it as UTF-8");
            None
        }
    }
}

fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    // One more than may be read, so that the size is told rather than the text cut.
    std::fs::File::open(path)?.take(MAX_BYTES as u64 + 8).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_BYTES {
        // A cut in the middle of a character must not look like another problem.
        while std::str::from_utf8(&bytes).is_err_and(|error| error.error_len().is_none()) {
            bytes.pop();
        }
    }
    Ok(bytes)
}
