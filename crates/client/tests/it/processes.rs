//! Several processes on one file. The test binary starts itself again with a role in its environment.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use hearken::{Client, Consent, Error, Sqlite, props};

use crate::slice::PLAYBOOK;

/// The environment variable that says what a started process does.
pub(crate) const ROLE: &str = "HEARKEN_TEST_ROLE";
pub(crate) const FILE: &str = "HEARKEN_TEST_FILE";

/// Starts this binary again, running only `test`, with a role.
pub(crate) fn start(test: &str, role: &str, file: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env(FILE, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

pub(crate) fn client(file: &Path) -> Client {
    Client::builder(PLAYBOOK).store(Sqlite::open(file).unwrap()).consent(Consent::all()).open().unwrap()
}

#[test]
fn one_process_owns_the_file_and_the_others_events_arrive() {
    if let Some(file) = std::env::var_os(FILE).filter(|_| std::env::var_os(ROLE).is_some()) {
        let guest = client(Path::new(&file));
        assert!(guest.is_guest());
        for _ in 0..3 {
            guest.track("cart_updated", props! { "items": 2 }).unwrap();
        }
        assert!(guest.next_presentation().unwrap().is_none(), "a guest decides nothing");
        assert!(guest.set_attribute("tier", "gold").is_err());
        guest.flush().unwrap();
        guest.close().unwrap();
        println!("guest done");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hearken.db");
    let owner = client(&file);
    assert!(!owner.is_guest());
    let guest = start("processes::one_process_owns_the_file_and_the_others_events_arrive", "guest", &file);
    let output = guest.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("guest done"));
    owner.flush().unwrap();
    assert!(owner.next_presentation().unwrap().is_some(), "an idle owner takes the events over when it flushes");
    let lines = owner.export(100).unwrap().unwrap().lines;
    let kinds: Vec<String> = lines
        .iter()
        .map(|line| serde_json::from_str::<hearken::Value>(line).unwrap()["type"].as_str().unwrap().into())
        .collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "cart_updated").count(), 3, "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| *kind == "$use_reserved").count(), 1, "the owner decides on them, once");
    let second = owner.export(100).unwrap().unwrap().lines;
    assert_eq!(lines, second, "what was taken over is not taken again");
}

#[test]
fn a_guest_owns_the_file_once_its_owner_has_gone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hearken.db");
    let owner = client(&file);
    let guest = client(&file);
    assert!(guest.is_guest());
    guest.track("cart_updated", props! { "items": 2 }).unwrap();
    guest.flush().unwrap();
    assert_eq!(guest.set_attribute("tier", "gold"), Err(Error::NotOwner));
    assert!(guest.is_guest(), "while the owner is there");
    owner.close().unwrap();
    // What is refused is refused, and makes it look.
    while guest.set_attribute("tier", "gold") == Err(Error::NotOwner) {
        std::thread::yield_now();
    }
    guest.flush().unwrap();
    assert!(!guest.is_guest());
    assert!(guest.next_presentation().unwrap().is_some(), "it decides, also on what was handed over");
    let told = "the process that owned the store is gone: it is owned here now";
    assert_eq!(guest.take_reports().iter().filter(|report| *report == told).count(), 1);
    assert!(client(&file).is_guest(), "and is the only one");
}
