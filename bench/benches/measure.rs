//! `measure`: the whole preset over Parquet files, decoding included, beside the same metrics in SQL written by hand for DuckDB
//! (bench/measure), with as many threads. Both run in processes of their own, several rounds each, and their numbers are compared.
//!
//! `cargo xtask bench` says in `HEARKEN_PYTHON` where a Python with `duckdb` is; without one only ours is run. Its `--large` is
//! `HEARKEN_BENCH_LARGE=1`, which adds 10,000,000 events.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use hearken_bench::events::{AS_OF, PROPERTIES, write};
use hearken_core::success::Definition;
use hearken_measure::{Options, Outcome, Report, Silent, Spec, measure};
use serde_json::{Value, json};

const THREADS: usize = 2;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(place) = arguments.iter().position(|argument| argument == "--one") {
        return one(Path::new(&arguments[place + 1]), arguments[place + 2].parse().expect("rounds"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut sizes = vec![(100_000, 1_000), (1_000_000, 10_000)];
    if std::env::var_os("HEARKEN_BENCH_LARGE").is_some() {
        sizes.extend([(10_000_000, 10_000), (10_000_000, 1_000_000)]);
    }
    println!("the preset of success.md over Parquet, {THREADS} threads each; medians");
    println!("{:>11} {:>10} {:>9} {:>12} {:>10} {:>14} {:>9} {:>10} {:>8}", "events", "users", "file MiB", "measure ms", "peak MiB", "events/s", "duck ms", "duck MiB", "ratio");
    for (events, users) in sizes {
        let path = folder.path().join(format!("{events}-{users}.parquet"));
        write(&path, events, users);
        let rounds = if events > 1_000_000 { 3 } else { 7 };
        let ours = said(Command::new(std::env::current_exe().expect("itself")).arg("--one").arg(&path).arg(rounds.to_string()));
        let duck = std::env::var_os("HEARKEN_PYTHON").map(|python| {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("measure/duck.py");
            said(Command::new(python).arg(script).arg(&path).args([AS_OF.to_string(), THREADS.to_string(), rounds.to_string()]))
        });
        let (ms, peak) = (median(&ours), ours["peak_mib"].as_f64().unwrap_or_default());
        let size = std::fs::metadata(&path).map_or(0.0, |data| data.len() as f64 / 1_048_576.0);
        print!("{events:>11} {users:>10} {size:>9.1} {ms:>12.1} {peak:>10.0} {:>14.0}", events as f64 / ms * 1_000.0);
        match duck {
            Some(duck) => {
                let of_duck = median(&duck);
                println!(" {of_duck:>9.1} {:>10.0} {:>8.2}", duck["peak_mib"].as_f64().unwrap_or_default(), ms / of_duck);
                compare(&ours["metrics"], &duck["metrics"]);
            }
            None => println!("   (HEARKEN_PYTHON is not set: no DuckDB)"),
        }
        std::fs::remove_file(&path).expect("the file goes");
    }
}

/// What a process printed, as JSON.
fn said(command: &mut Command) -> Value {
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn median(said: &Value) -> f64 {
    let mut times: Vec<f64> = said["times"].as_array().expect("times").iter().filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Both say the same integers, or the times are worth nothing.
fn compare(ours: &Value, duck: &Value) {
    let sorted = |of: &Value| {
        let mut all: Vec<String> = of.as_array().expect("metrics").iter().map(Value::to_string).collect();
        all.sort();
        all
    };
    let (ours, duck) = (sorted(ours), sorted(duck));
    let differing: Vec<_> = ours.iter().filter(|one| !duck.contains(one)).chain(duck.iter().filter(|one| !ours.contains(one))).collect();
    assert!(differing.is_empty(), "measure and DuckDB differ: {differing:#?}");
    assert!(ours.iter().filter(|one| !one.contains("\"0\"")).count() > 30, "too little is counted");
}

/// Some rounds of ours, in a process of its own; prints times, memory and numbers.
fn one(path: &Path, rounds: usize) {
    let text = include_str!("../../presets/success.yaml");
    let definition: Value = serde_yaml_ng::from_str(text).expect("YAML");
    let definition = Arc::new(Definition::compile(&definition, "success").expect("the preset is right"));
    let columns: serde_json::Map<String, Value> = PROPERTIES.iter().map(|name| ((*name).to_owned(), json!(name))).collect();
    let source = json!({
        "id": "id", "ts": "ts", "offset": "offset", "event": "type", "profile": "profile", "user": "user",
        "session": "session", "late": "late", "properties": columns,
    });
    let source = Some(Spec::read(&source, "source").expect("the block is right"));
    let options = Options { source, threads: Some(THREADS), ..Options::new(AS_OF) };
    let paths: [PathBuf; 1] = [path.to_owned()];
    let (mut times, mut metrics) = (Vec::new(), Value::Null);
    for _ in 0..rounds {
        let started = Instant::now();
        let outcome = measure(&definition, &paths, &options, &Silent, None).expect("it runs");
        let Outcome::Measured(report) = outcome else { panic!("it is not strict") };
        times.push(started.elapsed().as_secs_f64() * 1_000.0);
        metrics = numbers(&report);
    }
    println!("{}", json!({"times": times, "peak_mib": peak(), "metrics": metrics}));
}

fn numbers(report: &Report) -> Value {
    let mut all = Vec::new();
    for (metric, total) in report.metrics() {
        let groups = total.groups.iter().map(|(group, sum)| (Some(hearken_measure::report::group_name(group.as_deref())), *sum));
        let sums: Vec<_> = if report.is_split(metric) { groups.collect() } else { vec![(None, total.sum)] };
        for (group, sum) in sums {
            let den = report.has_den(metric).then(|| sum.den.to_string());
            all.push(json!([metric.name, group, sum.num.to_string(), den]));
        }
    }
    all.into()
}

/// The most memory that this process ever had, in MiB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok()).map_or(0.0, |kib| kib / 1_024.0)
}
