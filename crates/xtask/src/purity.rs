//! The core is total and takes its clock as an argument: a scan of its source for what would break either.
//!
//! Works on tokens, so comments, strings and documentation never count and code inside macros does. Code under `#[cfg(test)]` is
//! left out, and so are the files of modules declared under it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use anyhow::{Result, anyhow, bail};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::files;
use crate::repo::Repo;

const SOURCES: &str = "crates/core/src";

/// Fails with every place in the core's own code that can panic by choice or reads a clock.
pub(crate) fn check(repo: &Repo) -> Result<()> {
    let tree = files::read_tree(&repo.path(SOURCES))?;
    let sources: Vec<(PathBuf, String)> = tree
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|(path, bytes)| Ok((path, String::from_utf8(bytes)?)))
        .collect::<Result<_>>()?;
    if sources.is_empty() {
        bail!("{SOURCES} holds no source");
    }
    let places = scan(&sources)?;
    if !places.is_empty() {
        bail!("{} places in {SOURCES} that can panic or read a clock:\n  {}", places.len(), places.join("\n  "));
    }
    Ok(())
}

fn scan(sources: &[(PathBuf, String)]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut test_modules = BTreeSet::new();
    for (path, text) in sources {
        let tokens = TokenStream::from_str(text).map_err(|error| anyhow!("{}: {error}", path.display()))?;
        let mut scan = Scan { children: children_dir(path), places: Vec::new(), test_modules: &mut test_modules };
        scan.stream(tokens);
        found.extend(scan.places.into_iter().map(|(line, what)| (path, line, what)));
    }
    found.retain(|(path, ..)| {
        !test_modules.iter().any(|module| path.starts_with(module) || **path == module.with_extension("rs"))
    });
    Ok(found.into_iter().map(|(path, line, what)| format!("{SOURCES}/{}:{line}: {what}", path.display())).collect())
}

/// The folder in which the modules declared in `path` lie.
fn children_dir(path: &Path) -> PathBuf {
    let dir = path.parent().unwrap_or(Path::new(""));
    match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("lib" | "main" | "mod") | None => dir.to_path_buf(),
        Some(stem) => dir.join(stem),
    }
}

struct Scan<'a> {
    children: PathBuf,
    places: Vec<(usize, &'static str)>,
    /// Paths, without extension, of modules that exist in tests only.
    test_modules: &'a mut BTreeSet<PathBuf>,
}

impl Scan<'_> {
    fn stream(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match test_attribute(&tokens[at..]) {
                Some(Attribute::Outer) => at = self.skip_item(&tokens, at),
                // The rest of this file or block is for tests.
                Some(Attribute::Inner) => return,
                None => {
                    if let Some(what) = forbidden(&tokens, at) {
                        self.places.push((tokens[at].span().start().line, what));
                    }
                    if let TokenTree::Group(group) = &tokens[at] {
                        self.stream(group.stream());
                    }
                    at += 1;
                }
            }
        }
    }

    /// Steps over the attributes at `at` and what they belong to: up to a body, a semicolon, or the comma after a field or match arm.
    fn skip_item(&mut self, tokens: &[TokenTree], mut at: usize) -> usize {
        while is_punct(tokens.get(at), '#') {
            at += 2;
        }
        if let (Some(mut name), true) =
            (tokens.get(at + 1), is_ident(tokens.get(at), "mod") || is_ident(tokens.get(at), "pub"))
        {
            let mut after = at + 2;
            if let Some(position) = tokens[at..].iter().take(3).position(|token| is_ident(Some(token), "mod")) {
                name = tokens.get(at + position + 1).unwrap_or(name);
                after = at + position + 2;
            }
            if is_punct(tokens.get(after), ';') {
                self.test_modules.insert(self.children.join(name.to_string()));
            }
        }
        let is_item =
            matches!(tokens.get(at), Some(TokenTree::Ident(word)) if ITEMS.contains(&word.to_string().as_str()));
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
                TokenTree::Punct(punct) if punct.as_char() == ';' || (punct.as_char() == ',' && !is_item) => break,
                _ => {}
            }
        }
        at
    }
}

/// Words that begin an item or statement; a comma does not end those.
const ITEMS: [&str; 15] = [
    "async",
    "const",
    "enum",
    "extern",
    "fn",
    "impl",
    "let",
    "macro_rules",
    "mod",
    "pub",
    "static",
    "struct",
    "trait",
    "type",
    "use",
];

enum Attribute {
    Outer,
    Inner,
}

/// `#[cfg(test)]` or `#[cfg(all(.., test, ..))]`: code that no user compiles.
fn test_attribute(tokens: &[TokenTree]) -> Option<Attribute> {
    if !is_punct(tokens.first(), '#') {
        return None;
    }
    let inner = is_punct(tokens.get(1), '!');
    let Some(TokenTree::Group(group)) = tokens.get(1 + usize::from(inner)) else { return None };
    let attribute: Vec<TokenTree> = group.stream().into_iter().collect();
    let (true, Some(TokenTree::Group(condition))) = (is_ident(attribute.first(), "cfg"), attribute.get(1)) else {
        return None;
    };
    implies_test(condition).then_some(if inner { Attribute::Inner } else { Attribute::Outer })
}

fn implies_test(condition: &Group) -> bool {
    let words: Vec<TokenTree> = condition.stream().into_iter().collect();
    match words.as_slice() {
        [word] => is_ident(Some(word), "test"),
        [all, TokenTree::Group(list)] if is_ident(Some(all), "all") => {
            let list: Vec<TokenTree> = list.stream().into_iter().collect();
            list.split(|token| is_punct(Some(token), ',')).any(|item| item.len() == 1 && is_ident(item.first(), "test"))
        }
        _ => false,
    }
}

fn forbidden(tokens: &[TokenTree], at: usize) -> Option<&'static str> {
    let TokenTree::Ident(word) = &tokens[at] else { return None };
    let after = |offset: usize| tokens.get(at + offset);
    let method = at > 0 && is_punct(tokens.get(at - 1), '.') && matches!(after(1), Some(TokenTree::Group(_)));
    let a_macro = is_punct(after(1), '!') && matches!(after(2), Some(TokenTree::Group(_)));
    let path_to_now = is_punct(after(1), ':') && is_punct(after(2), ':') && is_ident(after(3), "now");
    match word.to_string().as_str() {
        "unwrap" if method => Some(".unwrap()"),
        "expect" if method => Some(".expect()"),
        "panic" if a_macro => Some("panic!"),
        "unreachable" if a_macro => Some("unreachable!"),
        "todo" if a_macro => Some("todo!"),
        "unimplemented" if a_macro => Some("unimplemented!"),
        "SystemTime" => Some("SystemTime"),
        "Instant" if path_to_now => Some("Instant::now"),
        _ => None,
    }
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn is_ident(token: Option<&TokenTree>, wanted: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<_> = files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect();
        scan(&sources).unwrap().iter().map(|place| place.replace("crates/core/src/", "")).collect()
    }

    #[test]
    fn finds_each_of_them_with_its_line() {
        let text = "fn a() {\n x.unwrap();\n y.expect(\"e\");\n panic!(\"p\");\n unreachable!();\n}\nuse std::time::SystemTime;\nfn b() { Instant::now(); vec![q.unwrap()]; }";
        assert_eq!(
            found(&[("a.rs", text)]),
            [
                "a.rs:2: .unwrap()",
                "a.rs:3: .expect()",
                "a.rs:4: panic!",
                "a.rs:5: unreachable!",
                "a.rs:7: SystemTime",
                "a.rs:8: Instant::now",
                "a.rs:8: .unwrap()",
            ]
        );
    }

    #[test]
    fn leaves_comments_strings_and_harmless_names_alone() {
        let text = "/// Use `.unwrap()`.\n// panic!()\nfn unwrap() { s(\".unwrap()\"); x.unwrap_or(1); expect(2); }\nstruct Instant;";
        assert!(found(&[("a.rs", text)]).is_empty());
    }

    #[test]
    fn leaves_test_code_alone_but_not_what_follows_it() {
        let text = "#[cfg(test)]\nmod tests { fn a() { x.unwrap(); } }\n#[cfg(all(test, unix))]\nfn b() { x.unwrap() }\nfn c() { x.unwrap() }";
        assert_eq!(found(&[("a.rs", text)]), ["a.rs:5: .unwrap()"]);
    }

    #[test]
    fn a_condition_that_is_not_only_for_tests_counts() {
        let text =
            "#[cfg(not(test))]\nfn a() { x.unwrap() }\n#[cfg(any(test, feature = \"x\"))]\nfn b() { x.unwrap() }";
        assert_eq!(found(&[("a.rs", text)]).len(), 2);
    }

    #[test]
    fn a_test_arm_does_not_hide_the_next_one() {
        let text = "fn a() { match x {\n #[cfg(test)]\n A => y.unwrap(),\n B => z.unwrap(),\n} }";
        assert_eq!(found(&[("a.rs", text)]), ["a.rs:4: .unwrap()"]);
    }

    #[test]
    fn files_of_test_modules_are_left_out() {
        let files = [
            ("lib.rs", "mod engine;\n#[cfg(test)]\npub(crate) mod fixtures;"),
            ("engine.rs", "#[cfg(test)]\nmod tests;"),
            ("engine/tests.rs", "fn a() { x.unwrap(); }"),
            ("fixtures/deep.rs", "fn a() { x.unwrap(); }"),
            ("tests.rs", "fn a() { x.unwrap(); }"),
        ];
        assert_eq!(found(&files), ["tests.rs:1: .unwrap()"]);
    }
}
