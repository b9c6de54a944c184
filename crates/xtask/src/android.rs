//! A link gate for Android without its NDK: does the library link, with a name and for 16 KiB pages, and how large is it?
//!
//! What comes out is measured and thrown away. It is linked against empty stand-ins for the system's libraries and lacks the
//! unwinder, a few dozen KB, which the NDK links statically. A release is built with the NDK.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use object::elf::{DT_SONAME, FileHeader64, PT_LOAD};
use object::read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _};
use object::{Endianness, StringTable};

use crate::repo::Repo;
use crate::{process, setup};

const TARGET: &str = "aarch64-linux-android";
const LIBRARY: &str = "libhearken_ffi.so";
/// Devices that ship with Android 15 or later may have pages of 16 KiB; the loader refuses a smaller alignment there.
const PAGE: u64 = 16 * 1024;

/// Links the release library and returns its path, once its name and its alignment are proven.
pub(crate) fn link(repo: &Repo) -> Result<PathBuf> {
    setup::rust::ensure_target(repo.root(), TARGET)?;
    // SQLite is C: a compiler that knows the target, and headers of the same architecture.
    setup::apt::ensure(&["clang", "libc6-dev-arm64-cross"])?;
    let stubs = stubs(repo)?;
    let flags = [
        "-Clinker=rust-lld".to_owned(),
        "-Clinker-flavor=ld.lld".to_owned(),
        format!("-Clink-arg=-L{}", stubs.display()),
        format!("-Clink-arg=-soname={LIBRARY}"),
        format!("-Clink-arg=-zmax-page-size={PAGE}"),
        "-Clink-arg=--strip-all".to_owned(),
    ];
    // The C library's name for the place of `errno` differs.
    let c_flags = "--target=aarch64-linux-android24 -nostdlibinc -isystem /usr/aarch64-linux-gnu/include -D__errno_location=__errno";
    process::run(
        process::cargo(repo.root())
            .args(["build", "--locked", "--release", "-p", "hearken-ffi", "--target", TARGET])
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
            .env("CC_aarch64_linux_android", "clang")
            .env("CFLAGS_aarch64_linux_android", c_flags)
            .env("AR_aarch64_linux_android", "ar"),
    )?;
    let library = repo.target().join(TARGET).join("release").join(LIBRARY);
    let bytes = fs::read(&library).with_context(|| format!("reading {}", library.display()))?;
    verify(&bytes).with_context(|| format!("{} is not fit for a device", library.display()))?;
    Ok(library)
}

/// Empty libraries under the names that Rust's standard library asks for.
fn stubs(repo: &Repo) -> Result<PathBuf> {
    let dir = repo.target().join("size/android-stubs");
    fs::create_dir_all(&dir)?;
    let clang = || process::command(&dir, "clang");
    let target = "--target=aarch64-linux-android24";
    process::run(clang().args([target, "-c", "-x", "c", "/dev/null", "-o", "empty.o"]))?;
    let lld = setup::rust::sysroot(repo.root())?
        .join(format!("lib/rustlib/{}/bin/rust-lld", setup::rust::host(repo.root())?));
    for name in ["c", "m", "dl", "log"] {
        let file = format!("lib{name}.so");
        let link = ["-flavor", "gnu", "-shared", "-soname", &file, "-o", &file, "empty.o"];
        process::run(process::command(&dir, &lld).args(link))?;
    }
    // An archive of nothing.
    fs::write(dir.join("libunwind.a"), "!<arch>\n")?;
    Ok(dir)
}

/// Every loaded segment is aligned for large pages, and the library knows its own name: without one, the loader records the path
/// that the app was linked with.
fn verify(bytes: &[u8]) -> Result<()> {
    let header = FileHeader64::<Endianness>::parse(bytes).context("not an ELF file")?;
    let endian = header.endian()?;
    let segments = header.program_headers(endian, bytes)?;
    let loaded: Vec<u64> = segments
        .iter()
        .filter(|segment| segment.p_type(endian) == PT_LOAD)
        .map(|segment| segment.p_align(endian))
        .collect();
    if loaded.is_empty() {
        bail!("it has no loaded segment");
    }
    if let Some(align) = loaded.iter().find(|align| **align < PAGE) {
        bail!("a loaded segment is aligned to {align} bytes, not to {PAGE}");
    }
    match soname(header, endian, bytes)? {
        Some(name) if name == LIBRARY => Ok(()),
        Some(name) => bail!("its SONAME is {name}, not {LIBRARY}"),
        None => bail!("it has no SONAME"),
    }
}

fn soname(header: &FileHeader64<Endianness>, endian: Endianness, bytes: &[u8]) -> Result<Option<String>> {
    let sections = header.sections(endian, bytes)?;
    let Some((dynamic, link)) = sections.dynamic(endian, bytes)? else { return Ok(None) };
    let strings: StringTable<'_, &[u8]> = sections.strings(endian, bytes, link)?;
    let Some(entry) = dynamic.iter().find(|entry| entry.tag(endian) == DT_SONAME) else { return Ok(None) };
    Ok(Some(String::from_utf8_lossy(entry.string(endian, strings)?).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ELF file of one loaded segment and no sections.
    fn elf(align: u64) -> Vec<u8> {
        let mut bytes = vec![0; 64 + 56];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[6] = 1;
        let mut put =
            |at: usize, value: u64, width: usize| bytes[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
        put(16, 3, 2); // a shared object
        put(20, 1, 4);
        put(32, 64, 8); // the program headers' place, size and number
        put(52, 64, 2);
        put(54, 56, 2);
        put(56, 1, 2);
        put(64, 1, 4); // PT_LOAD
        put(64 + 48, align, 8);
        bytes
    }

    #[test]
    fn small_pages_a_missing_name_and_other_files_are_refused() {
        let error = |bytes: &[u8]| verify(bytes).unwrap_err().to_string();
        assert_eq!(error(&elf(4096)), "a loaded segment is aligned to 4096 bytes, not to 16384");
        assert_eq!(error(&elf(PAGE)), "it has no SONAME");
        assert_eq!(error(b"MZ"), "not an ELF file");
    }
}
