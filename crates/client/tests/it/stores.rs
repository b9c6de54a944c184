//! The store suite on both stores, and what only SQLite promises.

use std::io::Write as _;
use std::path::PathBuf;

use hearken::store::{Role, Store, StoreError};
use hearken::testing::{Harness, Hook, store_suite};
use hearken::{Client, Consent, Error, Memory, Sqlite, StoredJournal};
use tempfile::TempDir;

use crate::slice::PLAYBOOK;

struct InMemory(Memory);

impl Harness for InMemory {
    fn open(&self, hook: Hook) -> Box<dyn Store> {
        Box::new(self.0.clone().hooked(hook))
    }
}

struct InFile(TempDir);

impl InFile {
    fn fresh() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("hearken.db")
    }

    fn client(&self) -> Result<Client, Error> {
        Client::builder(PLAYBOOK).store(Sqlite::open(self.path())?).consent(Consent::all()).open()
    }
}

impl Harness for InFile {
    fn open(&self, hook: Hook) -> Box<dyn Store> {
        Box::new(Sqlite::open(self.path()).unwrap().hooked(hook))
    }
}

#[test]
fn memory_passes_the_suite() {
    store_suite(|| InMemory(Memory::new()));
}

#[test]
fn sqlite_passes_the_suite() {
    store_suite(InFile::fresh);
}

#[test]
fn a_newer_file_is_refused_and_not_touched() {
    let place = InFile::fresh();
    place.client().unwrap().close().unwrap();
    rusqlite_set_version(&place.path(), 99);
    let before = std::fs::read(place.path()).unwrap();
    let error = place.client().err();
    let path = place.path().display().to_string();
    assert_eq!(error, Some(Error::Store(StoreError::Newer { path, seen: 99, known: 1 })));
    assert_eq!(std::fs::read(place.path()).unwrap(), before);
}

/// `user_version` stands in the header of the file, big-endian, at byte 60.
fn rusqlite_set_version(path: &std::path::Path, version: u32) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[60..64].copy_from_slice(&version.to_be_bytes());
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_file_is_kept_aside_reported_and_recorded() {
    for damage in [b"this is no database, and never was one, whatever its name".as_slice(), &[0xff; 5000]] {
        let place = InFile::fresh();
        std::fs::File::create(place.path()).unwrap().write_all(damage).unwrap();
        let client = place.client().unwrap();
        client.track("cart_updated", hearken::props! { "items": 1 }).unwrap();
        let lines = client.export(100).unwrap().unwrap().lines;
        assert!(
            lines.iter().any(|line| line.contains("$journal_gap") && line.contains("damaged, kept as")),
            "{lines:?}"
        );
        assert!(client.take_reports().iter().any(|report| report.contains("damaged")));
        let kept: Vec<_> = std::fs::read_dir(place.0.path())
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_name().to_string_lossy().contains(".damaged-"))
            .collect();
        assert_eq!(kept.len(), 1);
        assert_eq!(std::fs::read(kept[0].path()).unwrap(), damage);
    }
}

#[test]
fn a_row_that_is_no_row_sets_the_file_aside() {
    let place = InFile::fresh();
    let client = place.client().unwrap();
    client.track("cart_updated", hearken::props! { "items": 0 }).unwrap();
    client.close().unwrap();
    {
        let mut store = Sqlite::open(place.path()).unwrap();
        let Role::Owner(opened) = store.open().unwrap() else { panic!("the owner") };
        let last = opened.tail.len() as u64 + 100;
        let torn = hearken::store::StoredRow { last, body: "{\"v\":1,\"first\":".into() };
        store.append(&hearken::store::Batch { rows: vec![torn], ..Default::default() }).unwrap();
    }
    let client = place.client().unwrap();
    assert!(client.take_reports().iter().any(|report| report.contains("damaged, kept as")));
    client.track("cart_updated", hearken::props! { "items": 0 }).unwrap();
    client.flush().unwrap();
}

#[test]
fn a_row_of_a_newer_format_is_refused_and_not_touched() {
    let place = InFile::fresh();
    place.client().unwrap().close().unwrap();
    {
        let mut store = Sqlite::open(place.path()).unwrap();
        assert!(matches!(store.open().unwrap(), Role::Owner(_)));
        let row = hearken::store::StoredRow { last: 1_000, body: "{\"v\":2,\"of\":\"the future\"}".into() };
        store.append(&hearken::store::Batch { rows: vec![row], ..Default::default() }).unwrap();
    }
    assert!(matches!(place.client().err(), Some(Error::Store(StoreError::Newer { seen: 2, known: 1, .. }))));
    let mut store = Sqlite::open(place.path()).unwrap();
    store.open().unwrap();
    assert_eq!(store.rows(999, 9).unwrap(), ["{\"v\":2,\"of\":\"the future\"}"]);
}

#[test]
fn a_place_that_cannot_be_written_is_a_typed_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no/such/folder/hearken.db");
    let error = Client::builder(PLAYBOOK).store(Sqlite::open(&path).unwrap()).consent(Consent::all()).open().err();
    let Some(Error::Store(StoreError::Unavailable { path: seen, .. })) = error else { panic!("{error:?}") };
    assert_eq!(seen, path.display().to_string());
}

/// The file and its log, byte by byte, and what lies beside them.
fn bytes(place: &InFile) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(place.0.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
        // The index of the log is SQLite's scratch memory.
        .filter(|(name, _)| !name.ends_with("-shm"))
        .collect();
    files.sort();
    files
}

fn read(place: &InFile) -> Vec<u64> {
    let journal = StoredJournal::open(place.path()).unwrap();
    assert_eq!(journal.documents().unwrap(), [PLAYBOOK]);
    let mut places = vec![journal.base().unwrap().map_or(0, |base| base.seq)];
    while let Some(row) = journal.next(places[places.len() - 1]).unwrap() {
        assert!(row.body.contains(&format!("\"last\":{}", row.last)));
        places.push(row.last);
    }
    places
}

#[test]
fn a_journal_is_read_while_its_app_writes_and_nothing_of_it_changes() {
    let place = InFile::fresh();
    let client = place.client().unwrap();
    client.track("cart_updated", hearken::props! { "items": 1 }).unwrap();
    client.flush().unwrap();
    let before = bytes(&place);
    assert!(before.iter().any(|(name, bytes)| name.ends_with("-wal") && !bytes.is_empty()), "the rows are in the log");
    let rows = read(&place);
    assert!(rows.len() > 2);
    assert!(bytes(&place) == before);
    client.track("cart_updated", hearken::props! { "items": 2 }).unwrap();
    client.flush().unwrap();
    assert!(read(&place).len() > rows.len(), "the app goes on");

    client.close().unwrap();
    let before = bytes(&place);
    assert!(!before.iter().any(|(name, _)| name.ends_with("-wal")), "the log is gone");
    assert!(read(&place).len() > rows.len());
    assert!(bytes(&place) == before && !place.path().with_extension("db-shm").exists());
}

#[test]
fn what_is_no_journal_is_not_read_as_one() {
    let place = InFile::fresh();
    let open = || StoredJournal::open(place.path()).err();
    assert!(matches!(open(), Some(StoreError::Unavailable { .. })));
    assert!(!place.path().exists(), "nothing is made");
    std::fs::write(place.path(), b"this is no database, and never was one, whatever its name").unwrap();
    assert!(matches!(open(), Some(StoreError::Damaged { .. })));
    std::fs::write(place.path(), b"").unwrap();
    assert!(matches!(open(), Some(StoreError::Damaged { .. })));
    std::fs::remove_file(place.path()).unwrap();
    place.client().unwrap().close().unwrap();
    rusqlite_set_version(&place.path(), 99);
    assert!(matches!(open(), Some(StoreError::Newer { seen: 99, known: 1, .. })));
}

#[test]
fn what_a_guest_hands_over_while_the_owner_writes_is_there_afterwards() {
    let memory = Memory::new();
    let mut guest = memory.clone();
    let hook = Hook::new(move |place| match place {
        "commit" => guest.hand_over(&["meanwhile".into()]).map_err(|error| error.to_string()),
        _ => Ok(()),
    });
    let mut owner = memory.hooked(hook);
    assert!(matches!(owner.open().unwrap(), Role::Owner(_)));
    for (write, handed_over) in [(false, 1), (false, 2), (true, 1)] {
        let batch = hearken::store::Batch::default();
        if write {
            drop(owner.erase(&batch).unwrap())
        } else {
            owner.append(&batch).unwrap()
        }
        assert_eq!(owner.pending().unwrap().len(), handed_over);
    }
}
