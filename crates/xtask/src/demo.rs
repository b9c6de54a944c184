//! `cargo xtask demo`: the example shop, from a bare checkout to a page.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::process::{self, Server};
use crate::repo::Repo;
use crate::{setup, web};

pub(crate) fn run(repo: &Repo, headless: bool, port: u16) -> Result<()> {
    build(repo)?;
    let mut node = process::command(repo.root(), "node");
    let mut server = Server::start(node.args(["examples/web/serve.mjs", "--port", &port.to_string()]))?;
    let url = server.first_line(|line| line.strip_prefix("listening on ").map(|url| url.trim().to_owned()))?;
    println!("{url}");
    if headless {
        return visit(repo, &url);
    }
    if !open(&url) {
        println!("open this address in a browser");
    }
    println!("Ctrl-C stops the server");
    server.wait()
}

/// The package, the shop's playbook by the command that people use, and the shop itself by Vite.
pub(crate) fn build(repo: &Repo) -> Result<()> {
    web::package(repo)?;
    let shop = repo.path("examples/web");
    setup::npm::ensure(&shop)?;
    let playbook = process::read(process::cargo(repo.root()).args([
        "run",
        "--quiet",
        "--locked",
        "-p",
        "hearken-cli",
        "--",
        "build",
        "examples/shop/playbook.yaml",
    ]))?;
    fs::write(shop.join("public/playbook.json"), playbook)?;
    process::run(process::command(&shop, "npm").args(["run", "build"]))
}

/// A whole visit in a headless browser, and its picture.
fn visit(repo: &Repo, url: &str) -> Result<()> {
    let chromium = setup::chromium::ensure()?;
    setup::npm::ensure(&repo.path("tests/e2e"))?;
    let dir = repo.target().join("demo");
    fs::create_dir_all(&dir)?;
    let picture = dir.join("shop.png");
    // The picture of an earlier visit must not pass for this one's.
    if picture.exists() {
        fs::remove_file(&picture)?;
    }
    process::run(
        process::command(repo.root(), "node")
            .args(["tests/e2e/visit.mjs", "--url", url, "--screenshot"])
            .arg(&picture)
            .env("CHROMIUM_PATH", chromium),
    )?;
    let size = fs::metadata(&picture).context("the visit saved no screenshot")?.len();
    println!("screenshot: {} ({size} bytes)", picture.display());
    Ok(())
}

/// Asks the desktop to open the address; whether somebody answered.
fn open(url: &str) -> bool {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some() {
        "xdg-open"
    } else {
        return false;
    };
    let quiet =
        |command: &mut Command| command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet(process::command(Path::new("/"), program).arg(url)).is_ok_and(|status| status.success())
}
