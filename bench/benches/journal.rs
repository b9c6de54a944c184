//! The durable journal beside raw SQLite with the same bytes, the same schema, sync and batch; the two in turn, medians
//! of five runs, in rows per second.

use std::time::Instant;

use hearken::store::{Batch, Store, StoredRow};
use hearken::{Client, Consent, Sqlite};
use hearken_bench::{percentile, playbook, properties};
use rusqlite::{Connection, params};

const ROWS: usize = 20_000;
const GROUP: usize = 1_000;

/// The rows that a real client writes for `ROWS` events.
fn rows() -> Vec<StoredRow> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bench.db");
    let client = Client::builder(playbook(100))
        .store(Sqlite::open(&path).expect("a store"))
        .consent(Consent::all())
        .open()
        .expect("a client");
    for _ in 0..ROWS {
        while client.track("viewed", properties()).is_err() {
            client.flush().expect("flushed");
        }
    }
    client.close().expect("closed");
    let connection = Connection::open(&path).expect("the file");
    let mut select = connection.prepare("SELECT last, body FROM rows ORDER BY last").expect("the rows");
    let read = select.query_map([], |row| Ok(StoredRow { last: row.get(0)?, body: row.get(1)? })).expect("the rows");
    read.collect::<Result<_, _>>().expect("the rows")
}

fn through_the_store(rows: &[StoredRow]) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Sqlite::open(folder.path().join("bench.db")).expect("a store");
    store.open().expect("open");
    let started = Instant::now();
    for group in rows.chunks(GROUP) {
        store.append(&Batch { rows: group.to_vec(), ..Batch::default() }).expect("appended");
    }
    rows.len() as f64 / started.elapsed().as_secs_f64()
}

fn raw(rows: &[StoredRow]) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut connection = Connection::open(folder.path().join("raw.db")).expect("a file");
    connection.pragma_update(None, "journal_mode", "WAL").expect("WAL");
    connection.pragma_update(None, "synchronous", "NORMAL").expect("sync");
    connection.execute_batch("CREATE TABLE rows (last INTEGER PRIMARY KEY, body TEXT NOT NULL)").expect("a table");
    let started = Instant::now();
    for group in rows.chunks(GROUP) {
        let transaction = connection.transaction().expect("begin");
        {
            let mut insert =
                transaction.prepare_cached("INSERT INTO rows (last, body) VALUES (?1, ?2)").expect("insert");
            for row in group {
                insert.execute(params![row.last, row.body]).expect("inserted");
            }
        }
        transaction.commit().expect("commit");
    }
    rows.len() as f64 / started.elapsed().as_secs_f64()
}

/// From `track` to the disk, engine and all.
fn through_the_client() -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Sqlite::open(folder.path().join("bench.db")).expect("a store");
    let client = Client::builder(playbook(100)).store(store).consent(Consent::all()).open().expect("a client");
    let started = Instant::now();
    for _ in 0..ROWS {
        while client.track("viewed", properties()).is_err() {
            client.flush().expect("flushed");
        }
    }
    client.flush().expect("flushed");
    ROWS as f64 / started.elapsed().as_secs_f64()
}

fn main() {
    let rows = rows();
    let bytes: usize = rows.iter().map(|row| row.body.len()).sum();
    println!(
        "{} rows of {} bytes on average, {GROUP} per transaction, WAL, synchronous NORMAL",
        rows.len(),
        bytes / rows.len()
    );
    let (mut ours, mut theirs, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..5 {
        ours.push(through_the_store(&rows) as u128);
        theirs.push(raw(&rows) as u128);
        whole.push(through_the_client() as u128);
    }
    let [ours, theirs, whole] = [&mut ours, &mut theirs, &mut whole].map(|rates| percentile(rates, 0.5));
    println!("raw SQLite            {theirs:>9} rows/s");
    println!("through the store     {ours:>9} rows/s   {:.2} x raw", ours as f64 / theirs as f64);
    println!("track() to the disk   {whole:>9} rows/s   {:.2} x raw", whole as f64 / theirs as f64);
}
