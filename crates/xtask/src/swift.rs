//! Swift: generated sources, and `swift test` with the system's Swift or in a root of our own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::count::{Count, SwiftCount};
use crate::files::Tree;
use crate::repo::Repo;
use crate::{files, native, process, setup};

const PACKAGE: &str = "bindings/swift";

/// Writes the generated header, module map and Swift file into the package.
pub(crate) fn generate(repo: &Repo) -> Result<()> {
    let out = native::bindings(repo, "swift")?;
    let mut header = Tree::new();
    let mut swift = Tree::new();
    for (path, bytes) in files::read_tree(out.path())? {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("swift") => swift.insert(path, bytes),
            // The Swift package manager looks for exactly this name.
            Some("modulemap") => header.insert("module.modulemap".into(), linking(&bytes)?),
            _ => header.insert(path, bytes),
        };
    }
    for (dir, tree) in [("Sources/HearkenFFI", header), ("Sources/HearkenGenerated", swift)] {
        let dir = repo.path(PACKAGE).join(dir);
        native::say_written(&dir, files::write_tree(&dir, &tree)?);
    }
    Ok(())
}

/// Adds the library's name to the module map, so that whoever imports the module links it.
fn linking(module_map: &[u8]) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(module_map)?.trim_end();
    let body = text.strip_suffix('}').context("the generated module map does not end with a brace")?;
    Ok(format!("{}\n    link \"hearken_ffi\"\n}}\n", body.trim_end()).into_bytes())
}

/// Builds and tests the package against the debug library. A warning is an error.
pub(crate) fn test(repo: &Repo) -> Result<Count> {
    generate(repo)?;
    let place =
        if process::exists("swift") { Place::here(repo) } else { Place::in_root(repo, setup::swift::ensure()?) };
    let mut count = SwiftCount::default();
    process::watch(&mut place.command(repo, "test"), |line| count.see(line))?;
    Ok(count.total())
}

/// Where Swift runs, and how it sees the checkout and the target directory from there.
struct Place {
    root: Option<PathBuf>,
    checkout: PathBuf,
    target: PathBuf,
}

/// Mounts the checkout and the target directory in the root, for this process and its children only, and goes there.
/// Without `/proc` the compiler does not find its own libraries.
const ENTER: &str = r#"
set -e
root=$1 checkout=$2 target=$3; shift 3
mkdir -p "$root/mnt/checkout" "$root/mnt/target"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind "$checkout" "$root/mnt/checkout"
mount --bind "$target" "$root/mnt/target"
exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/libexec/swift/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
"#;

impl Place {
    fn here(repo: &Repo) -> Self {
        Self { root: None, checkout: repo.root().into(), target: repo.target().into() }
    }

    fn in_root(_: &Repo, root: PathBuf) -> Self {
        Self { root: Some(root), checkout: "/mnt/checkout".into(), target: "/mnt/target".into() }
    }

    fn command(&self, repo: &Repo, subcommand: &str) -> Command {
        let library = self.target.join("debug");
        let mut command = match &self.root {
            None => process::command(repo.root(), "env"),
            Some(root) => {
                let mut command = process::command(Path::new("/"), "unshare");
                command.args(["--mount", "--propagation", "private", "bash", "-c", ENTER, "enter"]);
                command.arg(root).arg(repo.root()).arg(repo.target());
                command.arg("env");
                command
            }
        };
        command.arg(format!("LD_LIBRARY_PATH={}", library.display()));
        command.args(["swift", subcommand, "--disable-sandbox", "--package-path"]).arg(self.checkout.join(PACKAGE));
        command.arg("--scratch-path").arg(self.target.join("swift"));
        command.args(["-Xswiftc", "-warnings-as-errors", "-Xlinker"]).arg(format!("-L{}", library.display()));
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_map_links_the_library() {
        let map = b"module x {\n    header \"x.h\"\n    export *\n}";
        let linked = String::from_utf8(linking(map).unwrap()).unwrap();
        assert_eq!(linked, "module x {\n    header \"x.h\"\n    export *\n    link \"hearken_ffi\"\n}\n");
        assert!(linking(b"nothing").is_err());
    }
}
