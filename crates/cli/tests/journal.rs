//! `hearken replay --journal`: what an app stored, decided again.
#![allow(missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use hearken::engine::Input;
use hearken::{Client, Consent, Sqlite, Timestamp};
use serde_json::{Map, Value, json};
use support::{folder, hearken, printed, same_as};
use tempfile::TempDir;

/// A clock that stands at a moment of its own, with its own offset.
#[derive(Clone, Default)]
struct Clock(Arc<Mutex<(i64, i32)>>);

impl hearken::Clock for Clock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.lock().unwrap().0)
    }

    fn offset_min(&self) -> i32 {
        self.0.lock().unwrap().1
    }

    fn runs(&self) -> bool {
        false
    }
}

/// The example shop as an app: its playbook as it ships, and a store in a file.
struct App {
    folder: TempDir,
    clock: Clock,
    client: Option<Client>,
    newest: BTreeMap<String, String>,
    opened: u32,
}

fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop")
}

impl App {
    /// Plays the shop's visit; between its days the app ends, and is opened again.
    fn visited() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let playbook = shop().join("playbook.yaml");
        let arguments = ["build", playbook.to_str().unwrap(), "-o", "playbook.json"];
        assert_eq!(hearken(folder.path(), &arguments).status.code(), Some(0));
        let mut app = Self { folder, clock: Clock::default(), client: None, newest: BTreeMap::new(), opened: 0 };
        let visit = std::fs::read_to_string(shop().join("visit.jsonl")).unwrap();
        let mut day = String::new();
        for line in visit.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let at = chrono::DateTime::parse_from_rfc3339(line["now"].as_str().unwrap()).unwrap();
            app.at(at.timestamp_millis(), at.offset().local_minus_utc() / 60);
            if !line["now"].as_str().unwrap().starts_with(&day) || day.is_empty() {
                app.reopen();
                day = line["now"].as_str().unwrap()[..10].to_owned();
            }
            match &line["do"] {
                Value::String(name) => app.act(name, Value::Null),
                line => {
                    let (name, fields) = line.as_object().unwrap().iter().next().unwrap();
                    app.act(name, fields.clone());
                }
            }
        }
        app.client.take().unwrap().close().unwrap();
        app
    }

    fn at(&self, now: i64, offset_min: i32) {
        *self.clock.0.lock().unwrap() = (now, offset_min);
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }

    fn reopen(&mut self) {
        if let Some(client) = self.client.take() {
            client.close().unwrap();
        }
        self.opened += 1;
        let playbook = std::fs::read_to_string(self.folder.path().join("playbook.json")).unwrap();
        let builder = Client::builder(playbook).store(Sqlite::open(self.path()).unwrap()).consent(Consent::all());
        let builder = builder.clock(self.clock.clone()).channels(["in_browser", "in_app"]);
        let client = builder.seed(format!("app {}", self.opened)).open().unwrap();
        client.flush().unwrap();
        self.client = Some(client);
    }

    /// One line of a visit; messages and cards go by their campaigns.
    fn act(&mut self, name: &str, mut fields: Value) {
        let client = self.client.as_ref().unwrap();
        if name == "can_display" {
            client.set_can_display(fields == json!(true)).unwrap();
            return self.look();
        }
        let id = |campaign: &Value| json!(self.newest.get(campaign.as_str().unwrap_or_default()));
        let inputs = match name {
            "show" => {
                let of = json!({ "presentation_id": id(&fields) });
                vec![("displaying", of.clone()), ("visible", of)]
            }
            name => {
                for field in ["presentation_id", "card"] {
                    if let Some(campaign) = fields.get(field).cloned() {
                        fields[field] = id(&campaign);
                    }
                }
                vec![(name, fields)]
            }
        };
        for (name, fields) in inputs {
            let one = Map::from_iter([(name.to_owned(), fields.clone())]);
            let input = if fields.is_null() { json!(name) } else { Value::Object(one) };
            // What is not there in this telling is refused, as a host would be.
            let _ = Input::from_json(&input.to_string()).map(|input| client.handle(input));
        }
        self.look();
    }

    fn look(&mut self) {
        let client = self.client.as_ref().unwrap();
        client.flush().unwrap();
        while let Some(offer) = client.next_presentation().unwrap() {
            self.newest.insert(offer.campaign().to_owned(), offer.id().to_string());
        }
        let inbox: Value = serde_json::from_str(&client.inbox_json().unwrap()).unwrap();
        for card in inbox["cards"].as_array().unwrap().iter().rev() {
            self.newest
                .insert(card["campaign"].as_str().unwrap().to_owned(), card["card"].as_str().unwrap().to_owned());
        }
    }

    fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).unwrap()
    }

    fn all(&self, select: &str) -> Vec<String> {
        let database = self.database();
        let mut select = database.prepare(select).unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn rows(&self) -> Vec<String> {
        self.all("SELECT body FROM rows ORDER BY last")
    }

    /// Changes the first row that has a kind of record; answers with its key.
    fn tamper(&self, kind: &str, tamper: impl Fn(&mut Vec<Value>)) -> u64 {
        let row = self.rows().into_iter().find(|row| row.contains(&format!("\"type\":\"{kind}\""))).unwrap();
        let mut row: Value = serde_json::from_str(&row).unwrap();
        tamper(row["records"].as_array_mut().unwrap());
        let last = row["last"].as_u64().unwrap();
        self.database().execute("UPDATE rows SET body = ?1 WHERE last = ?2", (row.to_string(), last)).unwrap();
        last
    }

    fn replay(&self, arguments: &[&str]) -> Told {
        let mut all = vec!["replay", "--channels", "in_browser,in_app"];
        all.extend(arguments);
        let output = hearken(self.folder.path(), &all);
        Told {
            code: output.status.code().unwrap(),
            text: printed(&output),
            error: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

#[derive(Debug)]
struct Told {
    code: i32,
    text: String,
    error: String,
}

#[test]
fn what_an_app_stored_is_decided_again_to_the_same() {
    let app = App::visited();
    let before = std::fs::read(app.path()).unwrap();
    let told = app.replay(&["--journal", "shop.db"]);
    same_as(&folder("journal").join("shop.txt"), &told.text);
    assert_eq!((told.code, told.error.as_str()), (0, ""));
    let rows = app.rows().len();
    assert!(rows > 40 && told.text.contains(&format!("{rows} rows: {rows} same")), "{}", told.text);
    assert!(told.text.contains(", 0 different, 0 unknown"));
    let explained = app.replay(&["--journal", "shop.db", "--explain"]).text;
    same_as(&folder("journal").join("explained.txt"), &explained);
    assert!(explained.contains("    waits    "));

    let told = app.replay(&["--journal", "shop.db", "--format", "json", "--explain"]);
    let lines: Vec<Value> = told.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), rows);
    assert!(lines.iter().all(|line| line["verdict"] == "same" && line["decisions"].is_array()));
    assert!(told.error.contains("from record 1 on"), "{}", told.error);
    assert_eq!(std::fs::read(app.path()).unwrap(), before, "the file is only read");
}

#[test]
fn a_record_that_was_tampered_with_is_named_at_its_row() {
    let app = App::visited();
    let row = app.tamper("$trigger_dropped", |records| {
        records.iter_mut().for_each(|record| {
            if record["type"] == "$trigger_dropped" {
                record["data"]["reason"] = json!("limit");
            }
        });
    });
    let told = app.replay(&["--journal", "shop.db"]);
    assert_eq!(told.code, 1, "{told:?}");
    let difference = told.text.lines().skip_while(|line| !line.contains("  differs")).nth(1).unwrap();
    assert!(difference.contains("($trigger_dropped) data.reason: stored \"limit\", re-decided \""), "{difference}");
    let told = app.replay(&["--journal", "shop.db", "--format", "json"]);
    let lines: Vec<Value> = told.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let differs: Vec<&Value> = lines.iter().filter(|line| line["verdict"] == "differs").collect();
    assert_eq!(differs.len(), 1, "what follows does not rest on it: {differs:#?}");
    assert_eq!((&differs[0]["row"][1], &differs[0]["difference"]["field"]), (&json!(row), &json!("data.reason")));
}

#[test]
fn a_record_that_is_missing_is_named_at_its_row() {
    let app = App::visited();
    let row = app.tamper("$use_reserved", |records| records.retain(|record| record["type"] != "$use_reserved"));
    let told = app.replay(&["--journal", "shop.db"]);
    assert_eq!(told.code, 1, "{told:?}");
    let mut lines = told.text.lines().skip_while(|line| !line.contains("  differs"));
    assert!(lines.next().unwrap().contains(&format!("{row}  tick  ")));
    assert_eq!(
        lines.next().unwrap(),
        &format!("    differs  record {row} ($use_reserved) is decided again, and not stored")
    );
    assert!(told.text.contains(", 1 different, "), "the rest is followed as decided again: {}", told.text);
}

/// What a page keeps, as it is dumped: everything of the three stores, each value as JSON.
fn dump(app: &App, rows: &[String]) -> String {
    let mut lines = vec![json!({"v": 1, "journal": "j", "seq": 1, "checkpoint": 0, "base": 0}).to_string()];
    let kept = app.all("SELECT body FROM checkpoints UNION ALL SELECT body FROM blobs");
    lines.extend(kept.iter().chain(rows).map(|value| json!(value).to_string()));
    lines.join("\n")
}

#[test]
fn the_rows_of_a_page_are_decided_again_from_json_lines() {
    let app = App::visited();
    let file = app.folder.path().join("page.jsonl");
    std::fs::write(&file, dump(&app, &app.rows())).unwrap();
    let whole = app.replay(&["--journal", "page.jsonl"]);
    assert_eq!(whole.code, 0, "{whole:?}");
    // With a byte order mark, as some editors put before it.
    std::fs::write(&file, format!("\u{feff}{}", dump(&app, &app.rows()))).unwrap();
    assert_eq!(app.replay(&["--journal", "page.jsonl"]).text, whole.text);
    // The rows alone: the playbook is given.
    std::fs::write(&file, app.rows().join("\n")).unwrap();
    let playbook = shop().join("playbook.yaml");
    for playbook in ["playbook.json", playbook.to_str().unwrap()] {
        let told = app.replay(&["--journal", "page.jsonl", "--playbook", playbook]);
        assert_eq!((told.code, told.text), (0, whole.text.clone()));
    }
    let told = app.replay(&["--journal", "page.jsonl"]);
    assert_eq!(told.code, 2);
    assert!(told.error.starts_with("error: page.jsonl:2: the playbook "), "{told:?}");
    assert!(told.error.contains("--playbook") && told.text.contains("    unknown  the playbook "));
}

#[test]
fn a_pruned_journal_begins_at_its_base() {
    let app = App::visited();
    let mut engine = hearken_core::Engine::new("pruner", ["in_app"]).unwrap();
    for row in app.rows().iter().take(20) {
        engine.fold(&hearken_core::Row::from_json(row).unwrap()).unwrap();
    }
    let (base, seq) = (engine.checkpoint_json(), engine.seq());
    let database = app.database();
    database.execute("DELETE FROM rows WHERE last <= ?1", [seq]).unwrap();
    database.execute("INSERT INTO checkpoints (kind, seq, body) VALUES ('base', ?1, ?2)", (seq, &base)).unwrap();
    drop(database);
    let told = app.replay(&["--journal", "shop.db"]);
    assert_eq!(told.code, 0, "{told:?}");
    let first = seq + 1;
    let begins = format!("shop.db: from record {first} on, the base: what lies before {first} is pruned; ");
    assert!(told.text.starts_with(&begins), "{}", told.text);

    std::fs::write(app.folder.path().join("page.jsonl"), dump(&app, &app.rows())).unwrap();
    assert_eq!(app.replay(&["--journal", "page.jsonl"]).code, 0);
    std::fs::write(app.folder.path().join("page.jsonl"), app.rows().join("\n")).unwrap();
    let told = app.replay(&["--journal", "page.jsonl", "--playbook", "playbook.json"]);
    assert_eq!(told.code, 2);
    let begins = format!("page.jsonl:1: the journal begins at record {first}, and the base checkpoint");
    assert!(told.error.contains(&begins), "{told:?}");
}

#[test]
fn what_cannot_be_used_is_named_by_its_place() {
    let app = App::visited();
    let path = app.folder.path().join("bad");
    let told = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let told = app.replay(&["--journal", "bad", "--playbook", "playbook.json"]);
        assert_eq!(told.code, 2, "{told:?}");
        told
    };
    let rows = app.rows();
    let cut = rows[..3].join("\n") + "\n" + &rows[3][..50];
    let cut = told(cut.as_bytes());
    assert!(cut.error.starts_with("error: bad:4:51: the document ends"), "{cut:?}");
    assert_eq!(cut.text.lines().filter(|line| line.ends_with("  same")).count(), 3, "the rows before it are told");
    let gap = told([&rows[0], "\n", &rows[2]].concat().as_bytes());
    assert!(gap.error.contains("bad:2: the journal has a gap: after "), "{gap:?}");
    let newer = told(rows[0].replacen("\"v\":1", "\"v\":2", 1).as_bytes());
    assert!(newer.error.contains("bad:1: the journal is of format 2, newer than 1"), "{newer:?}");
    let damaged = told(rows[0].replacen("\"owner\":", "\"nobody\":", 1).as_bytes());
    assert!(damaged.error.contains("bad:1: the journal is damaged at row: row.owner: "), "{damaged:?}");
    assert!(told(b"\xff\xfe").error.contains("bad:1:1: this is not UTF-8 text"));
    let twice = told(rows[0].replacen("\"v\":1", "\"v\":1,\"v\":1", 1).as_bytes());
    assert!(twice.error.contains("the key `v` stands twice") && twice.error.contains("bad:1:"), "{twice:?}");
    let inside = told(json!(rows[0].replacen("\"v\":1", "\"v\":1,\"v\":1", 1)).to_string().as_bytes());
    assert!(inside.error.contains("bad:1: in its text, column "), "{inside:?}");
    assert!(told(b"{\"a\": 1}").error.contains("bad:1: it is no row, checkpoint or playbook"));
    assert!(told(b"").error.contains("bad: there is no row in it"));

    let whole = std::fs::read(app.path()).unwrap();
    let cut = told(&whole[..whole.len() / 2]);
    assert!(cut.error.contains("bad is damaged: "), "{cut:?}");
    assert!(told(&whole[..50]).error.contains("bad is damaged: "));
    let told = app.replay(&["--journal", "nowhere.db"]);
    assert!(told.code == 2 && told.error.contains("nowhere.db: "), "{told:?}");
}
