//! Where things are: the checkout, cargo's target directory, the cache for downloaded tools.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use cargo_metadata::MetadataCommand;

pub(crate) struct Repo {
    root: PathBuf,
    target: PathBuf,
}

impl Repo {
    pub(crate) fn find() -> Result<Self> {
        // Set by `cargo run` at run time; the compiled-in value is for a binary that is started directly.
        let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&here).ancestors().nth(2).context("crates/xtask lies two folders deep")?.to_path_buf();
        let metadata = MetadataCommand::new().current_dir(&root).no_deps().exec()?;
        Ok(Self { target: metadata.target_directory.into_std_path_buf(), root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Cargo's target directory, wherever `CARGO_TARGET_DIR` put it.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }
}

/// Tools and the Swift root live here: outside the checkout, shared by all checkouts of one person.
pub(crate) fn cache() -> Result<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()) {
        Some(dir) => PathBuf::from(dir),
        None => {
            PathBuf::from(std::env::var_os("HOME").context("neither XDG_CACHE_HOME nor HOME is set")?).join(".cache")
        }
    };
    let dir = base.join("hearken");
    std::fs::create_dir_all(&dir).with_context(|| format!("creating {}", dir.display()))?;
    Ok(dir)
}

/// Held while something is built in the cache: a second command waits instead of building the same thing over it.
pub(crate) fn lock_cache() -> Result<File> {
    let path = cache()?.join("lock");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    file.lock().with_context(|| format!("locking {}", path.display()))?;
    Ok(file)
}
