//! A Linux root with Swift in it, made of Debian packages: no installer, no container.
//!
//! Debian has Swift from trixie on. The root is built once from the mirror that this machine's apt already uses and
//! then stripped of what a package build never loads. Whatever is mounted is mounted in a private namespace, which ends with the
//! command: nothing stays mounted below a folder that somebody may delete.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::apt;
use crate::{process, repo};

const RELEASE: &str = "trixie";
const PACKAGES: &str = "swiftlang,ca-certificates,libc6-dev,libstdc++-14-dev,git,binutils-gold,pkg-config";

/// The root's path; built when it is not in the cache.
pub(crate) fn ensure() -> Result<PathBuf> {
    let _lock = repo::lock_cache()?;
    let root = repo::cache()?.join(format!("swift-{RELEASE}"));
    if root.join("usr/libexec/swift/bin/swift-frontend").is_file() {
        return Ok(root);
    }
    if !Path::new("/etc/debian_version").exists() || !apt::is_root()? {
        bail!(
            "there is no Swift on PATH. Install Swift 6.0 or newer, or run this as root on Debian, where a root with \
             Swift is built in {}",
            root.display()
        );
    }
    apt::ensure(&["mmdebstrap", "ca-certificates", "util-linux"])?;
    eprintln!("  building a Debian {RELEASE} root with Swift in {} (once; a few minutes)", root.display());
    let partial = root.with_extension("partial");
    remove(&partial)?;
    bootstrap(&partial)?;
    slim(&partial)?;
    fs::rename(&partial, &root).context("moving the finished root into place")?;
    Ok(root)
}

fn bootstrap(dir: &Path) -> Result<()> {
    let mut command = process::command(Path::new("/"), "unshare");
    command.args(["--mount", "--propagation", "private", "mmdebstrap", "--quiet", "--mode=root", "--variant=minbase"]);
    command.arg("--aptopt=APT::Install-Recommends \"false\"");
    for unused in ["doc", "man", "locale"] {
        command.arg(format!("--dpkgopt=path-exclude=/usr/share/{unused}/*"));
    }
    process::run(command.arg(format!("--include={PACKAGES}")).arg(RELEASE).arg(dir).arg(mirror()?))
}

/// The address from which this machine itself gets Debian's main archive.
fn mirror() -> Result<String> {
    let format = "$(ORIGIN) $(COMPONENT) $(CODENAME) $(REPO_URI)";
    let text = process::read(process::command(Path::new("/"), "apt-get").args([
        "indextargets",
        "--format",
        format,
        "Created-By: Packages",
    ]))?;
    main_archive(&text).context("apt's sources name no main archive of Debian; add one and run `apt-get update`")
}

/// Prefers the plain release over `-updates` and `-security`, which live elsewhere or are incomplete.
fn main_archive(targets: &str) -> Option<String> {
    targets.lines().find_map(|line| {
        let mut words = line.split(' ');
        let (origin, component, codename, uri) = (words.next()?, words.next()?, words.next()?, words.next()?);
        (origin == "Debian" && component == "main" && !codename.contains('-')).then(|| uri.to_owned())
    })
}

/// Deletes what neither a build nor a test loads: 2.6 GB become 1.2 GB.
fn slim(root: &Path) -> Result<()> {
    let swift = "usr/libexec/swift";
    let triple = format!("{}-linux-gnu", std::env::consts::ARCH);
    if !root.join(swift).join("bin/swift-frontend").is_file() {
        bail!("the new root in {} has no Swift compiler", root.display());
    }
    for (dir, prefixes) in [
        (format!("{swift}/lib"), &["liblldb", "libsourcekitd", "libLTO", "swift_static"][..]),
        (format!("{swift}/lib/swift"), &["embedded", "FrameworkABIBaseline", "migrator"]),
        (
            format!("{swift}/bin"),
            &["lldb", "clangd", "sourcekit-lsp", "repl_swift", "lld", "wasm-ld", "ld.lld", "ld64.lld"],
        ),
        (format!("usr/libexec/gcc/{triple}/14"), &["cc1", "lto1"]),
        ("usr/share".into(), &["doc", "man", "locale", "info", "perl"]),
        (format!("usr/lib/{triple}"), &["perl", "gconv"]),
        ("var/cache/apt".into(), &[""]),
        ("var/lib/apt/lists".into(), &[""]),
    ] {
        remove_starting_with(&root.join(dir), prefixes)?;
    }
    Ok(())
}

fn remove_starting_with(dir: &Path, prefixes: &[&str]) -> Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        if prefixes.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes a file or folder, and refuses while anything is mounted below it.
fn remove(path: &Path) -> Result<()> {
    let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(()) };
    let path = path
        .parent()
        .context("not the root of the file system")?
        .canonicalize()?
        .join(path.file_name().unwrap_or_default());
    let mounts = fs::read_to_string("/proc/self/mounts").context("reading the mount table")?;
    if mounted_below(&mounts, &path) {
        bail!("something is mounted below {}; unmount it first", path.display());
    }
    if metadata.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }
        .with_context(|| format!("removing {}", path.display()))
}

fn mounted_below(mounts: &str, path: &Path) -> bool {
    mounts.lines().filter_map(|line| line.split(' ').nth(1)).any(|point| Path::new(point).starts_with(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_archive_is_found_and_nothing_else() {
        let targets = "Other main bookworm http://a/\nDebian contrib bookworm http://b/\n\
                       Debian main bookworm-security http://c/\nDebian main bookworm http://d/";
        assert_eq!(main_archive(targets).as_deref(), Some("http://d/"));
        assert_eq!(main_archive("Debian main bookworm-updates http://c/"), None);
    }

    #[test]
    fn a_mount_below_a_folder_is_seen() {
        let mounts = "proc /cache/swift/proc proc rw 0 0\n/dev/vda / ext4 rw 0 0";
        assert!(mounted_below(mounts, Path::new("/cache/swift")));
        assert!(!mounted_below(mounts, Path::new("/cache/swift-2")));
    }
}
