//! Definitions and events that sit on their edges, from a seed.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hearken_core::success::Definition;
use hearken_measure::{Options, Outcome, Report, Silent, measure};
use serde_json::{Value, json};

pub(crate) const DAY: i64 = 86_400_000;
/// A midnight of UTC.
pub(crate) const AS_OF: i64 = 20_000 * DAY;

/// Every operator with every option.
pub(crate) fn definition() -> Arc<Definition> {
    let source = json!({
        "spec": 1, "id": "edges", "version": 1, "calendar": {"offset": 120}, "money": {"currency": "USD"},
        "attribution": {"touch": "shown", "window": "2d"},
        "facts": {
            "active": {"event": ["$screen", "$session_start"]},
            "signup": {"event": "signup", "take": "first"},
            "buy": {"event": "buy", "key": "order", "horizon": "3d", "where": {"test": {"$ne": true}}, "value": {"property": "minor", "currency": "cur", "min": 0, "max": 1_000}},
            "back": {"event": "back", "value": {"property": "minor", "scale": 1, "min": -50, "max": 5_000}},
            "first_buy": {"of": "buy", "take": "first"},
            "last_buy": {"of": "buy", "take": "last"},
            "shown": {"event": "shown", "key": "p", "horizon": "2d"},
            "clicked": {"event": "clicked"},
        },
        "metrics": {
            "activation": {"after": "signup", "within": "3d", "num": {"has": "buy", "at_least": 2}, "den": "one"},
            "after_window": {"window": "4d", "after": "signup", "days": [1, 2], "num": {"count": "active", "distinct": "day"}, "den": "one"},
            "aov": {"window": "3d", "num": {"sum": "buy"}, "den": {"count": "buy"}},
            "net": {"num": {"sum": "buy", "minus": {"sum": "back"}}, "den": {"has": "buy"}},
            "life": {"num": {"span": "active"}, "den": {"has": "active"}, "read": "ms"},
            "churn": {"window": "2d", "given": {"has": "active", "in": "previous"}, "num": {"lacks": "active"}, "den": "one"},
            "sticky": {"window": "5d", "num": {"count": "active", "distinct": "day"}, "den": {"has": "active", "times": 5}},
            "sessions": {"window": "5d", "num": {"count": "active", "distinct": "session"}, "den": "one", "read": "total"},
            "orders": {"window": "5d", "num": {"count": "buy", "distinct": "order"}, "den": {"has": "buy", "in": "ever"}},
            "ctr": {"window": "4d", "each": "shown", "then": "clicked", "match": "p", "within": "1d", "num": "reached", "den": "each", "by": "channel", "edges": ["1ms", "1h", "1d"]},
            "wait": {"window": "4d", "each": "buy", "then": "back", "within": "12h", "num": "elapsed", "den": "reached"},
            "again": {"window": "6d", "each": "active", "then": "active", "within": "1d", "num": "reached", "den": "each"},
            "last": {"window": "6d", "num": {"sum": "last_buy", "where": {"$value": {"$gte": 5}}}, "den": {"count": "last_buy"}},
            "kinds": {"window": "6d", "num": {"count": "active"}, "den": {"has": "active", "at_least": 2}, "by": "$event"},
            "by_channel": {"window": "6d", "num": {"count": "buy", "minus": {"count": "back"}}, "den": {"sum": "buy"}, "by": "channel"},
            "repeat": {"after": "first_buy", "within": "2d", "num": {"has": "buy", "at_least": 2}, "den": "one"},
            "buyers": {"window": "2d", "num": {"has": "buy"}, "den": "one", "read": "total"},
        },
        "goals": [{"metric": "aov", "target": {"num": 1, "den": 100}}],
    });
    Arc::new(Definition::compile(&source, "").expect("the definition is right"))
}

/// Numbers from a seed (splitmix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Native lines: rows of some people, biased to edges, with every kind of fault and duplicate.
pub(crate) fn rows(seed: u64, count: usize) -> Vec<Value> {
    let mut numbers = Numbers(seed);
    let names = [
        "$screen",
        "$session_start",
        "signup",
        "buy",
        "buy",
        "back",
        "shown",
        "shown",
        "clicked",
        "clicked",
        "other",
        "$identify",
    ];
    let mut rows: Vec<Value> = Vec::new();
    for number in 0..count {
        let n = &mut numbers;
        if !rows.is_empty() && n.below(12) == 0 {
            // A row that comes again: as it was, or with something changed.
            let mut copy = n.pick(&rows).clone();
            match n.below(5) {
                0 => copy["offset"] = json!(60),
                1 if copy["data"].is_object() => copy["data"]["minor"] = json!(7),
                2 => copy["user"] = json!("bo"),
                _ => {}
            }
            rows.push(copy);
            continue;
        }
        let near = [0, 0, 1, -1, 3_600_000, -3_600_000, DAY, -DAY, 17_345][n.below(9)];
        let ts = match n.below(4) {
            0 if !rows.is_empty() => rows[n.below(rows.len())]["ts"].as_i64().unwrap_or(AS_OF) + near,
            1 => AS_OF - 7_200_000 - n.below(8) as i64 * DAY + near,
            _ => AS_OF - n.below(9 * DAY as usize) as i64,
        };
        let follows = rows.last().filter(|row| row["type"] == "shown" && n.below(3) > 0).cloned();
        // Some people come often, some hardly ever.
        let person = n.below(6).min(n.below(24));
        let person = if n.below(12) == 0 { 6 + n.below(12) } else { person };
        let name = *n.pick(&names);
        let mut row = json!({
            "id": format!("{:04}", n.below(count * 20)), "ts": ts, "type": name,
            "offset": n.pick(&[0, 0, 120, -600, 1_080, -1_080]), "profile": format!("p{person}"),
        });
        if person < 3 || name == "$identify" {
            row["user"] = json!(
                ["ann", "bo", "é", "ann", "cy", "7"]
                    .get(person)
                    .map_or(format!("few{person}"), |name| (*name).to_owned())
            );
        }
        if n.below(3) > 0 {
            row["session"] = json!(format!("s{}", n.below(9)));
        }
        if n.below(40) == 0 {
            row["late"] = json!(true);
        }
        let mut data = json!({});
        if name == "$identify" {
            data["merged"] = json!(n.below(3) > 0);
        }
        for (property, values) in [
            ("order", json!(["a", "b", 7, "7", "", true, null])),
            ("minor", json!([5, 10, 10, 0, -1, 1_001, "7.0", "3.5", 2.5, null, [], 1e300])),
            ("cur", json!(["USD", "USD", "USD", "EUR"])),
            ("test", json!([true, false, "true", null])),
            ("channel", json!(["email", "push", 7, "", null])),
            ("p", json!(["x", "y", "z", null])),
        ] {
            if n.below(4) > 0 {
                let values = values.as_array().expect("a list");
                data[property] = values[n.below(values.len())].clone();
            }
        }
        row["data"] = data;
        // What was shown is clicked soon, on an edge.
        if let Some(shown) = follows {
            row = json!({"id": row["id"], "type": "clicked", "profile": shown["profile"], "user": shown["user"], "data": shown["data"],
                "ts": shown["ts"].as_i64().unwrap_or(AS_OF) + n.pick(&[0, 0, 0, 1, 3_599_999, 3_600_000, DAY - 1, DAY])});
        }
        match n.below(60) {
            0 => row["id"] = json!(""),
            1 => row["type"] = json!(""),
            2 => row["user"] = json!(""),
            3 => row["ts"] = json!(-1),
            4 => row["offset"] = json!(1_081),
            5 => row["data"] = json!([1]),
            6 => drop(row.as_object_mut().expect("an object").remove("id")),
            _ => {}
        }
        // Rows without an id keep their place among the lines, whatever their order: those are compared elsewhere.
        if row.get("id").is_none() {
            row["id"] = json!(format!("no-id-{number}"));
        }
        rows.push(row);
    }
    rows
}

pub(crate) fn lines(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

/// A folder that goes away, with a file in it.
pub(crate) struct Files(tempfile::TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn put(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }
}

/// A run with every user's line.
pub(crate) fn run(definition: &Arc<Definition>, paths: &[PathBuf], options: &Options) -> (Report, Vec<String>) {
    let mut seen = String::new();
    let mut emit = |lines: &str| {
        seen.push_str(lines);
        Ok(())
    };
    let outcome = measure(definition, paths, options, &Silent, Some(&mut emit)).expect("it runs");
    let Outcome::Measured(report) = outcome else { panic!("it is not strict") };
    (*report, seen.lines().map(str::to_owned).collect())
}

pub(crate) fn report(definition: &Arc<Definition>, path: &Path, options: &Options) -> Report {
    run(definition, &[path.to_owned()], options).0
}

/// Metric and group, with numerator and denominator.
pub(crate) type Pairs = BTreeMap<(String, Option<String>), (i64, i64)>;

/// A user with the pairs of a line.
pub(crate) fn pairs(line: &str) -> (String, Pairs) {
    let line: Value = serde_json::from_str(line).expect("JSON");
    let number = |pair: &Value, name: &str| pair[name].as_str().map_or(0, |text| text.parse().expect("a number"));
    let pair = |of: &Value| (number(of, "num"), number(of, "den"));
    let mut pairs = BTreeMap::new();
    for (metric, of) in line["metrics"].as_object().expect("metrics") {
        match of.get("groups").and_then(Value::as_object) {
            Some(groups) => {
                for (group, of) in groups {
                    pairs.insert((metric.clone(), Some(group.clone())), pair(of));
                }
            }
            None => drop(pairs.insert((metric.clone(), None), pair(of))),
        }
    }
    (line["user"].as_str().expect("a user").to_owned(), pairs)
}
