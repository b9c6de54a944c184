//! Success definitions and `source` blocks as files: YAML or JSON, every problem with its line and column.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDate};
use clap::Args;
use hearken_core::success::{Definition, day, midnight};
use hearken_measure::Spec;
use serde_json::{Value, json};

use crate::author::{self, Authored};
use crate::commands::Failure;
use crate::lint::nearest;
use crate::report::{Holds, Problem, Problems, Report, excerpt, problem};
use crate::tree::{self, At, Node, Span, Step};

/// A success definition, and the `source` block that stood beside it.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) definition: Arc<Definition>,
    /// As it was written, without the `source` block.
    pub(crate) source: Value,
    pub(crate) spec: Option<Spec>,
}

/// Which definition, and which stretch of history: what every command that evaluates one is asked.
#[derive(Args, Debug)]
pub(crate) struct Asked {
    /// The success definition, in YAML or JSON.
    #[arg(long)]
    definition: PathBuf,
    /// The first instant that does not count any more; the last midnight of the definition's calendar if absent.
    #[arg(long, value_name = "INSTANT", allow_hyphen_values = true)]
    as_of: Option<String>,
    /// Events before this instant do not count.
    #[arg(long, value_name = "INSTANT", allow_hyphen_values = true)]
    history_from: Option<String>,
}

impl Asked {
    /// The definition.
    ///
    /// # Errors
    /// Every problem, told like a compiler does.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        load(&self.definition)
    }

    /// The instant up to which events count, and that from which they do.
    ///
    /// # Errors
    /// A text that is no instant.
    pub(crate) fn range(&self, definition: &Definition) -> Result<(i64, Option<i64>), Failure> {
        let read = |name: &str, text: &Option<String>| {
            let parsed = text.as_ref().map(|text| instant(text, definition)).transpose();
            parsed.map_err(|error| Failure::Unusable(format!("--{name}: {error}")))
        };
        let as_of = read("as-of", &self.as_of)?.unwrap_or_else(|| last_midnight(definition));
        Ok((as_of, read("history-from", &self.history_from)?))
    }
}

/// What the paths of problems begin with.
const ROOT: &str = "success";

/// Reads a definition.
///
/// # Errors
/// Every problem, told like a compiler does.
pub(crate) fn load(path: &Path) -> Result<Loaded, Failure> {
    let file = File::read(path)?;
    let mut tree = file.tree.clone();
    let block = tree.take("source").map(|(_, node)| node);
    let source = tree.to_value();
    let spec = block.map(|node| file.spec(&node, "source")).transpose()?;
    match Definition::compile(&source, ROOT) {
        Ok(definition) => Ok(Loaded { definition: Arc::new(definition), source, spec }),
        Err(errors) => {
            Err(file.refused(&tree, ROOT, errors.iter().map(|error| (error.path.as_str(), error.message.as_str()))))
        }
    }
}

/// Whether a document is a success definition rather than a playbook.
pub(crate) fn is_definition(tree: &Node) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| tree.get(name).is_some());
    has(&["facts", "metrics"]) && !has(&["campaigns", "messages", "revision"])
}

/// Everything that is wrong with a definition, and with the `source` block beside it.
pub(crate) fn check(path: &Path, authored: Authored) -> Report {
    let name = path.display().to_string();
    let Authored { source, tree, problems } = authored;
    let mut problems = Problems(problems);
    let Some(mut tree) = tree else { return Report::new(name, source, problems.0, Holds::Nothing) };
    let mut told = |tree: &Node, root: &str, path: &str, message: &str| {
        let inside = path.strip_prefix(root).unwrap_or(path);
        let told = problem("HK0119", place(tree, inside, message), message, words(path, message));
        problems.add(Problem { path: written(tree, inside, root), ..told });
    };
    if let Some((_, block)) = tree.take("source")
        && let Err(errors) = Spec::read(&block.to_value(), "source")
    {
        errors.iter().for_each(|error| told(&block, "source", &error.path, &error.message));
    }
    let (definition, errors) = Definition::compile_leniently(&tree.to_value(), ROOT);
    errors.iter().for_each(|error| told(&tree, ROOT, &error.path, &error.message));
    Report::new(name, source, problems.0, Holds::Success { metrics: definition.metrics.len() })
}

/// Reads a `source` block from a file of its own; it may stand there as `source:` or as the whole file.
pub(crate) fn load_spec(path: &Path) -> Result<Spec, Failure> {
    let file = File::read(path)?;
    match file.tree.get("source").filter(|node| node.as_map().is_some()) {
        Some(node) => file.spec(node, "source"),
        None => file.spec(&file.tree, "source"),
    }
}

/// A file with its tree.
struct File {
    name: String,
    text: String,
    tree: Node,
}

impl File {
    fn read(path: &Path) -> Result<Self, Failure> {
        let authored = author::plain(path);
        let name = path.display().to_string();
        match authored.tree {
            Some(tree) if authored.problems.is_empty() => Ok(Self { name, text: authored.source, tree }),
            _ => {
                let mut told = String::new();
                for problem in &authored.problems {
                    let help = &problem.help;
                    tell(&mut told, &name, &authored.source, problem.span, &problem.message, help);
                }
                Err(Failure::Unusable(if told.is_empty() { format!("{name}: the file is empty") } else { told }))
            }
        }
    }

    fn spec(&self, node: &Node, root: &str) -> Result<Spec, Failure> {
        Spec::read(&node.to_value(), root).map_err(|errors| {
            self.refused(node, root, errors.iter().map(|error| (error.path.as_str(), error.message.as_str())))
        })
    }

    /// Problems by their paths, with the places at which they are.
    fn refused<'e>(&self, tree: &Node, root: &str, errors: impl Iterator<Item = (&'e str, &'e str)>) -> Failure {
        let mut told = String::new();
        for (path, message) in errors {
            let inside = path.strip_prefix(root).unwrap_or(path);
            let span = Some(place(tree, inside, message));
            tell(&mut told, &self.name, &self.text, span, message, &words(path, message));
        }
        Failure::Unusable(told)
    }
}

fn tell(to: &mut String, name: &str, source: &str, span: Option<Span>, message: &str, words: &str) {
    let lines: Vec<&str> = source.lines().collect();
    if !to.is_empty() {
        to.push_str("error: ");
    }
    to.push_str(message);
    to.push('\n');
    match span.filter(|span| span.start.line > 0) {
        Some(span) => {
            to.push_str(&format!("  --> {name}:{}:{}\n", span.start.line, span.start.column));
            excerpt(to, &lines, span, words);
        }
        None => to.push_str(&format!("  --> {name}\n   = {words}\n")),
    }
}

/// Where a path such as `.metrics.aov.num.sum` or `.goals[1].metric` stands; what is missing, where it would be. Of what holds
/// more, and of a field that is not known, its name.
fn place(tree: &Node, path: &str, message: &str) -> Span {
    let (at, _) = At::root(tree).reach(path);
    let holds_more = at.node.as_map().is_some() || at.node.as_list().is_some();
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown;");
    if holds_more || unknown { at.name_span() } else { at.node.span }
}

/// The path in the file itself, where the definition is the whole.
fn written(tree: &Node, path: &str, root: &str) -> tree::Path {
    let (at, missing) = At::root(tree).reach(path);
    let field = |name: &str| Step::Field(name.to_owned());
    let above = (root != ROOT).then(|| field(root));
    let missing = (!missing.is_empty()).then(|| field(missing));
    tree::Path(above.into_iter().chain(at.path.0).chain(missing).collect())
}

/// What to do: the known name that was perhaps meant, or where the rules are.
fn words(path: &str, message: &str) -> String {
    let near = || {
        let (seen, known) = message.split_once("; known are ")?;
        let last = path.rsplit(['.', '[']).next();
        nearest(seen.split('`').nth(1).or(last)?, known.split(", "))
    };
    match near() {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("this is {path}; docs/success.md has the rules"),
    }
}

/// An instant as people and programs write it: milliseconds, RFC 3339, or a date, which is its midnight on the grid.
fn instant(text: &str, definition: &Definition) -> Result<i64, String> {
    if let Ok(ms) = text.parse::<i64>() {
        return Ok(ms);
    }
    if let Ok(date) = text.parse::<NaiveDate>() {
        let days = date.signed_duration_since(NaiveDate::default()).num_days();
        return Ok(midnight(days, definition.offset_min));
    }
    let instant = DateTime::parse_from_rfc3339(text).map(|instant| instant.timestamp_millis());
    instant.map_err(|_| format!("`{text}` is not an instant: write 2026-11-01, 2026-11-01T00:00:00Z or milliseconds"))
}

/// The last midnight of the grid (success.md 3.6).
fn last_midnight(definition: &Definition) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
    midnight(day(now, definition.offset_min), definition.offset_min)
}

/// An instant for people.
pub(crate) fn printed(ts: i64) -> String {
    DateTime::from_timestamp_millis(ts).map_or_else(
        || format!("{ts} ms"),
        |at| {
            at.to_rfc3339_opts(
                if ts % 1_000 == 0 { chrono::SecondsFormat::Secs } else { chrono::SecondsFormat::Millis },
                true,
            )
        },
    )
}

/// The definition with every metric split by a property that can be; nothing if none can be.
pub(crate) fn split(loaded: &Loaded, by: &str) -> Option<Arc<Definition>> {
    let mut source = loaded.source.clone();
    let written: Vec<(String, Option<Value>)> = source
        .get("metrics")?
        .as_object()?
        .iter()
        .map(|(name, metric)| (name.clone(), metric.get("by").cloned()))
        .collect();
    for (name, _) in &written {
        source["metrics"][name]["by"] = json!(by);
    }
    let (_, errors) = Definition::compile_leniently(&source, ROOT);
    let mut any = false;
    for (name, before) in written {
        let of_metric = format!("{ROOT}.metrics.{name}.");
        if errors.iter().any(|error| error.path.starts_with(&of_metric)) {
            match (before, source["metrics"][&name].as_object_mut()) {
                (Some(before), Some(metric)) => drop(metric.insert("by".to_owned(), before)),
                (None, Some(metric)) => drop(metric.remove("by")),
                (_, None) => {}
            }
        } else {
            any = true;
        }
    }
    Definition::compile(&source, ROOT).ok().filter(|_| any).map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.yaml");
        std::fs::write(&path, text).unwrap();
        match load(&path) {
            Ok(_) => panic!("it is taken"),
            Err(failure) => failure.to_string().replace(&folder.path().display().to_string(), ""),
        }
    }

    #[test]
    fn a_problem_has_its_line_and_column() {
        let text = "spec: 1\nid: a\nversion: 1\nfacts:\n  a.b: {event: x}\n  buy: {event: b, take: frist}\nmetrics:\n  m: {num: {has: buy}, dem: one}\ngoals:\n  - {metric: m}\n  - {metric: none}\n";
        let told = refused(text);
        for place in ["/d.yaml:5:3", "/d.yaml:6:25", "/d.yaml:8:24", "/d.yaml:8:3", "/d.yaml:11:14"] {
            assert!(told.contains(&format!("--> {place}\n")), "{place} of {told}");
        }
        // A field that is not known is told at its name, and what was perhaps meant is said.
        assert!(told.contains("^^^ did you mean `den`?") && told.contains("^^^^^ did you mean `first`?"), "{told}");
    }

    #[test]
    fn a_date_is_its_midnight_on_the_grid() {
        let source =
            json!({"spec": 1, "id": "a", "version": 1, "calendar": {"offset": 120}, "facts": {}, "metrics": {}});
        let definition = Definition::compile(&source, "").unwrap();
        assert_eq!(instant("1970-01-02", &definition), Ok(86_400_000 - 7_200_000));
        assert_eq!(instant("1970-01-02T00:00:00.005Z", &definition), Ok(86_400_005));
        assert_eq!(instant("-7", &definition), Ok(-7));
        assert!(instant("tomorrow", &definition).is_err());
        assert_eq!(last_midnight(&definition) % 86_400_000, 86_400_000 - 7_200_000);
    }

    #[test]
    fn what_can_be_split_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.json");
        let source = json!({"spec": 1, "id": "a", "version": 1, "facts": {"e": {"event": "e"}, "f": {"event": "e", "take": "first"}}, "metrics": {
            "n": {"num": {"count": "e"}, "den": {"has": "e"}},
            "span": {"num": {"span": "e"}, "den": {"has": "e"}},
            "own": {"num": {"count": "e"}, "den": {"has": "e"}, "by": "x"},
            "after": {"after": "f", "within": "1d", "num": {"has": "e"}, "den": "one"},
        }});
        std::fs::write(&path, source.to_string()).unwrap();
        let loaded = load(&path).unwrap();
        let with = split(&loaded, "p").unwrap();
        let by: Vec<(&str, bool)> =
            with.metrics.iter().map(|metric| (metric.name.as_str(), metric.by.is_some())).collect();
        assert_eq!(by, [("after", false), ("n", true), ("own", true), ("span", false)]);
        assert_ne!(with.metric("own").unwrap().fingerprint, loaded.definition.metric("own").unwrap().fingerprint);
        assert_eq!(with.metric("span").unwrap().fingerprint, loaded.definition.metric("span").unwrap().fingerprint);
    }
}
