//! Over generated rows: whatever changes nothing, changes nothing; and two evaluators agree.
#![allow(missing_docs)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use hearken_measure::Options;
use hearken_measure::explain::History;
use hearken_measure::report::group_name;
use proptest::prelude::*;
use support::{AS_OF, DAY, Files, Numbers, definition, lines, pairs, rows, run};

/// What is asked of, and what came out, without the names of files.
fn outcome(files: &[(&str, String)], options: &Options) -> (Vec<String>, serde_json::Value) {
    let folder = Files::new();
    let paths: Vec<_> = files.iter().map(|(name, text)| folder.put(name, text)).collect();
    let (report, lines) = run(&definition(), &paths, options);
    (lines, report.json())
}

#[test]
fn the_explanation_of_a_metric_comes_to_the_pair_of_the_fold() {
    let (definition, folder) = (definition(), Files::new());
    let mut compared = BTreeMap::new();
    for seed in 0..12 {
        let path = folder.put(&format!("{seed}.jsonl"), lines(&rows(seed, 350)));
        let options = Options {
            history_from: (seed % 3 == 0).then_some(AS_OF - 6 * DAY),
            ..Options::new(AS_OF + [0, 5_000_000][seed as usize % 2])
        };
        let (_, lines) = run(&definition, std::slice::from_ref(&path), &options);
        for line in &lines {
            let (user, folded) = pairs(line);
            let history = History::read(&definition, std::slice::from_ref(&path), &options, &user).unwrap();
            for metric in &definition.metrics {
                let why = history.explain(&metric.name).unwrap();
                let explained: BTreeMap<_, _> = why
                    .pairs
                    .iter()
                    .map(|(group, pair)| {
                        (group.as_ref().map(|group| group_name(group.as_deref()).to_owned()), (pair.num, pair.den))
                    })
                    .collect();
                let of_metric: BTreeMap<_, _> = folded
                    .iter()
                    .filter(|((name, _), _)| *name == metric.name)
                    .map(|((_, group), pair)| (group.clone(), *pair))
                    .collect();
                assert_eq!(explained, of_metric, "{} of {user}, seed {seed}", metric.name);
                *compared.entry(metric.name.clone()).or_insert(0) +=
                    of_metric.values().filter(|pair| pair.0 != 0).count();
            }
        }
    }
    let idle: Vec<_> = compared.iter().filter(|(_, times)| **times < 3).collect();
    assert!(idle.is_empty(), "too few users have anything in {idle:?}");
}

#[test]
fn rows_in_memory_and_on_disk_and_on_any_number_of_threads_are_the_same() {
    let text = lines(&rows(77, 3_000));
    let usual = outcome(&[("a.jsonl", text.clone())], &Options::new(AS_OF));
    assert!(usual.0.len() >= 6, "{} users", usual.0.len());
    for (budget, threads) in [(0, 1), (0, 2), (20_000, 2), (usize::MAX, 1), (usize::MAX, 3)] {
        let options = Options { budget, threads: Some(threads), ..Options::new(AS_OF) };
        assert_eq!(outcome(&[("a.jsonl", text.clone())], &options), usual, "{budget} bytes, {threads} threads");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn order_and_files_change_nothing(seed in any::<u64>(), cuts in prop::collection::vec(0usize..200, 0..4)) {
        let mut rows = rows(seed, 200);
        let usual = outcome(&[("a.jsonl", lines(&rows))], &Options::new(AS_OF));
        let mut numbers = Numbers(seed ^ 1);
        for place in (1..rows.len()).rev() {
            rows.swap(place, numbers.below(place + 1));
        }
        let cuts: BTreeSet<usize> = cuts.into_iter().map(|cut| cut.min(rows.len())).chain([0, rows.len()]).collect();
        let cuts: Vec<usize> = cuts.into_iter().collect();
        let names: Vec<String> = (0..cuts.len()).map(|part| format!("{part}.jsonl")).collect();
        let parts: Vec<(&str, String)> =
            cuts.windows(2).zip(&names).map(|(cut, name)| (name.as_str(), lines(&rows[cut[0]..cut[1]]))).collect();
        prop_assert_eq!(outcome(&parts, &Options::new(AS_OF)), usual);
    }

    #[test]
    fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), line in "[\\[\\]{}\":,a-z0-9.eE\\\\u$ -]{0,120}", spoiled in any::<usize>()) {
        let folder = Files::new();
        let mut text = lines(&rows(3, 20)).into_bytes();
        let at = spoiled % text.len();
        text.splice(at..at, bytes.iter().copied());
        text.extend_from_slice(line.as_bytes());
        for name in ["a.jsonl", "a.csv", "a.parquet"] {
            let path = folder.put(name, &text);
            let _ = hearken_measure::measure(&definition(), &[path], &Options::new(AS_OF), &hearken_measure::Silent, None);
        }
    }
}
