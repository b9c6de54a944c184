//! Dependencies point one way. The rule is short enough to be a table.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::process;
use crate::repo::Repo;

/// Every edge between our crates that may exist, of any kind. What is not here fails.
const ALLOWED: [(&str, &str); 10] = [
    ("hearken", "hearken-core"),
    ("hearken-ffi", "hearken"),
    ("hearken-ffi", "hearken-core"),
    ("hearken-wasm", "hearken-core"),
    ("hearken-measure", "hearken-core"),
    ("hearken-cli", "hearken-core"),
    ("hearken-cli", "hearken"),
    ("hearken-cli", "hearken-measure"),
    ("hearken-example", "hearken"),
    ("xtask", "hearken-core"),
];

/// What the core must not reach, directly or through others: I/O, clocks, randomness, async, foreign interfaces.
const IMPURE: [&str; 17] = [
    "async-std",
    "getrandom",
    "hyper",
    "iana-time-zone",
    "js-sys",
    "libsqlite3-sys",
    "mio",
    "rand",
    "rand_core",
    "reqwest",
    "rusqlite",
    "socket2",
    "time",
    "tokio",
    "uniffi",
    "wasm-bindgen",
    "web-sys",
];

pub(crate) fn check(repo: &Repo) -> Result<()> {
    let metadata = MetadataCommand::new().current_dir(repo.root()).other_options(vec!["--locked".into()]).exec()?;
    let mut problems = edges(&metadata);
    problems.extend(impurities(&dependencies_of_core(repo)?));
    if !problems.is_empty() {
        bail!("layering:\n  {}", problems.join("\n  "));
    }
    Ok(())
}

/// Edges between our crates that the table does not allow.
fn edges(metadata: &Metadata) -> Vec<String> {
    let packages = metadata.workspace_packages();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut problems = Vec::new();
    for package in packages {
        for dependency in package.dependencies.iter().filter(|dependency| ours.contains(dependency.name.as_str())) {
            let edge = (package.name.as_str(), dependency.name.as_str());
            // A crate may depend on itself to switch its own features on in its tests.
            if edge.0 != edge.1 && !ALLOWED.contains(&edge) {
                problems.push(format!("{} must not depend on {} ({} dependency)", edge.0, edge.1, dependency.kind));
            }
        }
    }
    problems
}

/// Every crate that a user of the core compiles, one `name version features` a line. Asked of `cargo tree`, because
/// the features in `cargo metadata` are those of the whole workspace together.
fn dependencies_of_core(repo: &Repo) -> Result<String> {
    let arguments = ["tree", "--locked", "-p", "hearken-core", "--all-features", "--target", "all"];
    let shape = ["--edges", "normal,build", "--prefix", "none", "--format", "{p}|{f}"];
    let text = process::read(process::cargo(repo.root()).args(arguments).args(shape))?;
    text.lines()
        .find(|line| line.starts_with("hearken-core "))
        .context("`cargo tree` does not list the core itself")?;
    Ok(text)
}

fn impurities(tree: &str) -> BTreeSet<String> {
    let mut problems = BTreeSet::new();
    for line in tree.lines() {
        let (package, features) = line.split_once('|').unwrap_or((line, ""));
        let name = package.split(' ').next().unwrap_or_default();
        if IMPURE.contains(&name) {
            problems.insert(format!("hearken-core must not reach {package}"));
        }
        let clock = features.trim_end_matches(" (*)").split(',').any(|feature| matches!(feature, "clock" | "now"));
        if name == "chrono" && clock {
            problems.insert(format!("hearken-core must not reach {package} with its clock"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pure_tree_passes() {
        assert!(
            impurities("hearken-core v0.1.0 (/x)|\nchrono v0.4.45|alloc,std\nserde v1.0.228|derive (*)").is_empty()
        );
    }

    #[test]
    fn clocks_randomness_and_foreign_interfaces_are_found() {
        let tree = "getrandom v0.3.4|std\nchrono v0.4.45|alloc,clock (*)\nuniffi v0.32.2|";
        assert_eq!(
            impurities(tree).into_iter().collect::<Vec<_>>(),
            [
                "hearken-core must not reach chrono v0.4.45 with its clock",
                "hearken-core must not reach getrandom v0.3.4",
                "hearken-core must not reach uniffi v0.32.2",
            ]
        );
    }

    fn workspace(crates: &[(&str, &[&str])]) -> Metadata {
        let dir = tempfile::tempdir().unwrap();
        let list: Vec<_> = crates.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        std::fs::write(dir.path().join("Cargo.toml"), format!("[workspace]\nmembers = [{}]\n", list.join(",")))
            .unwrap();
        for (name, dependencies) in crates {
            let dir = dir.path().join(name);
            std::fs::create_dir_all(dir.join("src")).unwrap();
            std::fs::write(dir.join("src/lib.rs"), "").unwrap();
            let mut text =
                format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dev-dependencies]\n");
            for dependency in *dependencies {
                text.push_str(&format!("{dependency} = {{ path = \"../{dependency}\" }}\n"));
            }
            std::fs::write(dir.join("Cargo.toml"), text).unwrap();
        }
        MetadataCommand::new().current_dir(dir.path()).no_deps().exec().unwrap()
    }

    #[test]
    fn the_drawn_edges_pass_and_others_fail() {
        let right: &[(&str, &[&str])] =
            &[("hearken-core", &[]), ("hearken", &["hearken-core"]), ("hearken-ffi", &["hearken"])];
        assert!(edges(&workspace(right)).is_empty());
        let wrong: &[(&str, &[&str])] = &[("hearken-core", &["hearken"]), ("hearken", &[])];
        assert_eq!(edges(&workspace(wrong)), ["hearken-core must not depend on hearken (dev dependency)"]);
    }
}
