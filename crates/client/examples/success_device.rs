//! A device that does what a script says, and tells after every step what it says of its success metrics and what it
//! exported: `tests/success/device.py` holds the two against each other.
//!
//! The script is JSON Lines on standard input. The first line says where the store is, and how it starts:
//! `{"store": PATH, "seed": TEXT, "now": MS, "offset": MINUTES, "playbook": {..}}`. Each one after it may set the clock
//! (`now`, `offset`) and does one thing: `track {name, properties, at}`, `screen`, `identify`, `reset`, `touch {kind,
//! channel, delivery_id}`, `show {click}`, `consent {analytics, purge}`, `restart`, `prune`, `install`, `tick`. With `quiet`
//! nothing is told: the next line that is told has its records too.
//!
//! Standard output has one line of JSON for each that is told, and a last one with the whole journal in every encoding.

use std::error::Error;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};

use hearken::engine::Input;
use hearken::{
    Client, Clock, Consent, Encoding, ExportOptions, MetricReport, Purpose, Sqlite, SuccessReport, Timestamp, Touch,
    TouchKind, Value,
};
use serde_json::{Map, json};

/// A clock, and local time, that move by the script alone.
#[derive(Clone, Default)]
struct Scripted(Arc<(AtomicI64, AtomicI32)>);

impl Clock for Scripted {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.0.load(Ordering::SeqCst))
    }

    fn offset_min(&self) -> i32 {
        self.0.1.load(Ordering::SeqCst)
    }

    fn runs(&self) -> bool {
        false
    }
}

impl Scripted {
    fn set(&self, line: &Value) {
        if let Some(now) = line["now"].as_i64() {
            self.0.0.store(now, Ordering::SeqCst);
        }
        if let Some(offset) = line["offset"].as_i64() {
            self.0.1.store(offset as i32, Ordering::SeqCst);
        }
    }
}

struct Device {
    clock: Scripted,
    store: PathBuf,
    seed: String,
    playbook: String,
    opened: u32,
    client: Option<Client>,
    /// Everything that was exported, by encoding.
    exported: [Vec<String>; 3],
    told: usize,
}

const ENCODINGS: [Encoding; 3] = [Encoding::Native, Encoding::Segment, Encoding::CloudEvents];

impl Device {
    fn open(&mut self) -> Result<(), Box<dyn Error>> {
        // Another seed each time: ids follow from it.
        self.opened += 1;
        let client = Client::builder(self.playbook.clone())
            .store(Sqlite::open(&self.store)?)
            .clock(self.clock.clone())
            .seed(format!("{}/{}", self.seed, self.opened))
            .consent(Consent::all())
            .open()?;
        self.client = Some(client);
        Ok(())
    }

    fn client(&self) -> Result<&Client, &'static str> {
        self.client.as_ref().ok_or("not open")
    }

    /// Does what a line says. An input that is refused is told, and changes nothing.
    fn step(&mut self, line: &Value) -> Result<Option<String>, Box<dyn Error>> {
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let client = self.client()?;
        let done = if let Some(track) = line["track"].as_object() {
            let properties = track.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
            let name = track.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            let at = track.get("at").and_then(Value::as_i64).map(Timestamp);
            client.handle(Input::Track { name, properties, at })
        } else if line["screen"].is_string() {
            client.screen(text("screen"))
        } else if line["identify"].is_string() {
            client.identify(text("identify"))
        } else if line["reset"] == true {
            client.reset()
        } else if line["touch"].is_object() {
            let touch = &line["touch"];
            let kind = match touch["kind"].as_str() {
                Some("delivered") => TouchKind::Delivered,
                Some("opened") => TouchKind::Opened,
                Some("clicked") => TouchKind::Clicked,
                other => return Err(format!("no touch: {other:?}").into()),
            };
            let of = |name: &str| touch[name].as_str().unwrap_or_default().to_owned();
            client.touch(Touch::new(kind, of("channel"), of("delivery_id")))
        } else if line["show"].is_object() {
            show(client, line["show"]["click"] == true)?;
            Ok(())
        } else if line["consent"].is_object() {
            let analytics = line["consent"]["analytics"] == true;
            let purposes: Consent =
                Purpose::ALL.into_iter().filter(|purpose| analytics || *purpose != Purpose::Analytics).collect();
            if line["consent"]["purge"] == true {
                client.set_consent_and_purge(purposes)
            } else {
                client.set_consent(purposes)
            }
        } else if line["restart"] == true {
            if let Some(client) = self.client.take() {
                client.close()?;
            }
            self.open()?;
            Ok(())
        } else if line["prune"] == true {
            self.export()?;
            self.client()?.prune_exported()?;
            Ok(())
        } else if line["install"].is_object() {
            self.playbook = line["install"].to_string();
            self.client()?.install(self.playbook.clone())
        } else if line["tick"] == true {
            client.tick()
        } else {
            return Err(format!("nothing to do: {line}").into());
        };
        Ok(done.err().map(|error| error.to_string()))
    }

    /// Takes what is new out of the journal.
    fn export(&mut self) -> Result<(), Box<dyn Error>> {
        loop {
            let mut cursor = None;
            let client = self.client.as_ref().ok_or("not open")?;
            for (encoding, lines) in ENCODINGS.into_iter().zip(&mut self.exported) {
                if let Some(part) = client.export_with(ExportOptions { encoding, ..ExportOptions::default() })? {
                    lines.extend(part.lines);
                    cursor = Some(part.cursor);
                }
            }
            let Some(cursor) = cursor else { return Ok(()) };
            client.acknowledge(&cursor)?;
        }
    }

    fn tell(&mut self, refused: Option<String>) -> Result<Value, Box<dyn Error>> {
        self.export()?;
        let report = self.client()?.success()?;
        let lines: Vec<Value> =
            self.exported[0][self.told..].iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?;
        self.told = self.exported[0].len();
        let reports = self.client()?.take_reports();
        let state: Value = serde_json::from_str(&self.client()?.export_state()?)?;
        let mut told = said(&report);
        told["profile"] = state["profile"].clone();
        told["lines"] = lines.into();
        told["refused"] = refused.into();
        told["reports"] = reports.into();
        Ok(told)
    }
}

/// The next message is drawn and seen, and clicked or put away.
fn show(client: &Client, click: bool) -> Result<(), Box<dyn Error>> {
    let Some(offer) = client.next_presentation()? else { return Ok(()) };
    let drawn = offer.begin()?;
    drawn.visible()?;
    if click {
        drawn.click("go")?
    } else {
        drawn.dismiss()?
    }
    Ok(())
}

/// A report in few words: `[as_of, live, num, den]`, `[as_of, live, {group: [num, den]}]`, or `[as_of, live, reason]`.
fn said(report: &SuccessReport) -> Value {
    let metric = |metric: &MetricReport| {
        let mut said = vec![json!(metric.as_of), json!(metric.live)];
        match (&metric.unavailable, metric.num) {
            (Some(why), _) => said.push(json!(why)),
            (None, Some(num)) => said.extend([json!(num), json!(metric.den)]),
            (None, None) => {
                let groups = metric.groups.iter().map(|of| (of.group.clone(), json!([of.num, of.den])));
                said.push(Value::Object(groups.collect::<Map<_, _>>()));
            }
        }
        (metric.metric.clone(), Value::from(said))
    };
    json!({
        "now": report.at,
        "definition": report.definition,
        "sealed_to": report.sealed_to,
        "metrics": report.metrics.iter().map(metric).collect::<Map<_, _>>(),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut lines = std::io::stdin().lock().lines();
    let first: Value = serde_json::from_str(&lines.next().ok_or("no script")??)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut device = Device {
        clock: Scripted::default(),
        store: PathBuf::from(first["store"].as_str().ok_or("no store")?),
        seed: first["seed"].as_str().ok_or("no seed")?.to_owned(),
        playbook: first["playbook"].to_string(),
        opened: 0,
        client: None,
        exported: Default::default(),
        told: 0,
    };
    device.clock.set(&first);
    device.open()?;
    writeln!(out, "{}", device.tell(None)?)?;
    for line in lines {
        let line: Value = serde_json::from_str(&line?)?;
        device.clock.set(&line);
        let refused = device.step(&line)?;
        if line["quiet"] != true {
            writeln!(out, "{}", device.tell(refused)?)?;
        }
    }
    device.export()?;
    let [native, segment, cloud_events] = &device.exported;
    writeln!(out, "{}", json!({ "native": native, "segment": segment, "cloud_events": cloud_events }))?;
    Ok(())
}
