//! Folders of generated files: read whole, written only where they differ, so that no build starts for nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The files below a folder, by relative path.
pub(crate) type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// Reads every file below `dir`; a folder that does not exist is empty.
pub(crate) fn read_tree(dir: &Path) -> Result<Tree> {
    let mut tree = Tree::new();
    if dir.exists() {
        collect(dir, dir, &mut tree)?;
    }
    Ok(tree)
}

fn collect(root: &Path, dir: &Path, tree: &mut Tree) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, tree)?;
        } else {
            let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            tree.insert(path.strip_prefix(root)?.to_path_buf(), bytes);
        }
    }
    Ok(())
}

/// Makes `dir` hold exactly `wanted`. Files that are right already keep their time stamp. Returns how many changed.
pub(crate) fn write_tree(dir: &Path, wanted: &Tree) -> Result<usize> {
    let present = read_tree(dir)?;
    let mut changed = 0;
    for path in present.keys().filter(|path| !wanted.contains_key(*path)) {
        fs::remove_file(dir.join(path))?;
        changed += 1;
    }
    for (path, bytes) in wanted.iter().filter(|(path, bytes)| present.get(*path) != Some(*bytes)) {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))?;
        changed += 1;
    }
    Ok(changed)
}

/// What is different between two trees, one line each; empty when they are the same byte for byte.
pub(crate) fn differences(present: &Tree, wanted: &Tree) -> Vec<String> {
    let gone = present.keys().filter(|path| !wanted.contains_key(*path)).map(|path| (path, "no longer generated"));
    let other = wanted.iter().filter_map(|(path, bytes)| match present.get(path) {
        None => Some((path, "missing")),
        Some(have) if have != bytes => Some((path, "out of date")),
        Some(_) => None,
    });
    gone.chain(other).map(|(path, what)| format!("{}: {what}", path.display())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn differences_name_every_kind() {
        let present = tree(&[("same", "1"), ("old", "1"), ("changed", "1")]);
        let wanted = tree(&[("same", "1"), ("new", "1"), ("changed", "2")]);
        assert_eq!(
            differences(&present, &wanted),
            ["old: no longer generated", "changed: out of date", "new: missing"]
        );
        assert!(differences(&present, &present).is_empty());
    }

    #[test]
    fn writing_twice_changes_nothing_the_second_time() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("stale"), "x").unwrap();
        let wanted = tree(&[("a", "1"), ("b/c", "2")]);
        assert_eq!(write_tree(dir.path(), &wanted).unwrap(), 3);
        assert_eq!(write_tree(dir.path(), &wanted).unwrap(), 0);
        assert_eq!(read_tree(dir.path()).unwrap(), wanted);
    }
}
