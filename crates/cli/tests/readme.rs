//! Runs what the README shows, in order, in one folder.
#![allow(missing_docs)]

mod support;

use support::hearken;

/// The fenced blocks of a document, each with its language.
fn blocks(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, Vec<&str>)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(language), None) => open = Some((language, Vec::new())),
            (None, Some((language, mut lines))) => {
                lines.push(line);
                open = Some((language, lines));
            }
            (None, None) => {}
        }
    }
    blocks
}

/// `[..]` stands for anything within a line.
fn fits(wanted: &str, seen: &str) -> bool {
    match wanted.split_once("[..]") {
        Some((before, after)) => {
            seen.len() >= before.len() + after.len() && seen.starts_with(before) && seen.ends_with(after)
        }
        None => wanted == seen,
    }
}

#[test]
fn the_readme_runs_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let playbook = folder.path().join("playbook.yaml");
    let mut ran = 0;
    for (language, lines) in blocks(include_str!("../README.md")) {
        if language == "yaml" {
            std::fs::write(&playbook, lines.join("\n")).unwrap();
        }
        if language == "jsonl" {
            std::fs::write(folder.path().join("visit.jsonl"), lines.join("\n")).unwrap();
        }
        if language == "ndjson" {
            std::fs::write(folder.path().join("events.jsonl"), lines.join("\n")).unwrap();
        }
        if language != "console" {
            continue;
        }
        let mut seen: Vec<String> = Vec::new();
        for line in lines {
            let Some(command) = line.strip_prefix("$ ") else {
                if line == "..." {
                    seen.clear();
                    continue;
                }
                assert!(!seen.is_empty(), "{line}");
                let next = seen.remove(0);
                assert!(fits(line, &next), "wanted {line}\nseen   {next}");
                continue;
            };
            assert_eq!(seen, Vec::<String>::new(), "before {command}");
            ran += 1;
            if command.starts_with("sed ") {
                let text = std::fs::read_to_string(&playbook).unwrap();
                std::fs::write(&playbook, text.replace("\"1\"", "1")).unwrap();
                continue;
            }
            let arguments: Vec<&str> = command.strip_prefix("hearken ").unwrap().split(' ').collect();
            let output = hearken(folder.path(), &arguments);
            seen = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        }
        assert_eq!(seen, Vec::<String>::new());
    }
    assert!(ran >= 9);
}
