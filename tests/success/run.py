"""The same definition, the same rows, the same integers: the oracle, `hearken measure`, and SQL on every engine.

    python tests/success/run.py --hearken target/release/hearken      # vectors, measure, SQL on five engines
    python tests/success/run.py --fast                                # without the engines
    python tests/success/run.py --engines all                         # with Spark
    python tests/success/run.py --self-test                           # the harness itself, without Hearken

Whatever is missing is a failure that says how to install it.
"""

import argparse
import glob
import os
import sys
import tempfile
import time
from collections import Counter

import document
import edge_classes
import engines
import generate
import oracle
import stub
import vectors

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MIDNIGHT = 1_748_736_000_000  # 2025-06-01T00:00:00Z
MIN_HITS = 50

# name, definition, as_of, history_from
DATA_SETS = [
    ("success", os.path.join(ROOT, "presets", "success.yaml"), MIDNIGHT, None),
    ("edges", os.path.join(HERE, "edges.yaml"), MIDNIGHT + 37_123_456, MIDNIGHT - 30 * document.DAY + 5),
]


class Report:
    def __init__(self):
        self.failed = 0
        self.started = time.time()

    def ok(self, text):
        print(f"[{time.time() - self.started:6.1f} s] {text}", flush=True)

    def fail(self, text):
        self.failed += 1
        self.ok(f"FAILED: {text}")

    def agree(self, title, expected, got, metrics=None):
        """Fails with the first users of each metric that differs."""
        wrong = engines.differences(expected, got, metrics)
        if not wrong:
            compared = {key for key in engines.without_zeros(expected) if metrics is None or key[0] in metrics}
            if not compared:
                return self.fail(f"{title}: nothing was compared")
            return self.ok(f"{title}: {len(compared):,} pairs of {len({key[0] for key in compared})} metrics are equal")
        by_metric = Counter(key[0] for key, _, _ in wrong)
        self.fail(f"{title}: {len(wrong)} pairs differ")
        for metric, times in by_metric.most_common():
            print(f"    {metric}: {times}")
            for key, want, have in [one for one in wrong if one[0][0] == metric][:3]:
                print(f"        {key[1]} {key[2] or ''}: oracle {want}, got {have}")


def run_vectors(report, hearken, dialects):
    paths = sorted(glob.glob(os.path.join(HERE, "vectors", "*.json")))
    covered = Counter()
    for path in paths:
        name = os.path.basename(path)
        vector = vectors.load(path)
        covered.update(vector["rule"])
        for wrong in vectors.check_oracle(vector):
            report.fail(f"{name}: {wrong}")
        for wrong in vectors.check_computed(vector, hearken, dialects) if hearken else []:
            report.fail(f"{name}: {wrong}")
    missing = set(vectors.RULES) - set(covered)
    if missing:
        report.fail(f"no vector for rules {sorted(missing)}")
    report.ok(f"{len(paths)} vectors, for {len(covered)} rules")


def check_yaml(report):
    """The documents are read by YAML 1.2's core schema."""
    read = document.yaml.load("{a: on, b: n, c: 0o17, d: 1:30, e: 2025-01-01, f: true, g: 017, h: ~, i: 1_000, j: -7, k: 0x1F}", document.Yaml12)
    want = {"a": "on", "b": "n", "c": 15, "d": "1:30", "e": "2025-01-01", "f": True, "g": 17, "h": None, "i": "1_000", "j": -7, "k": 31}
    if read != want:
        report.fail(f"YAML 1.2: {read}")


def make(report, args):
    """The data sets with the oracle's pairs; every class of edge is met often enough."""
    met, made = Counter(), []
    for name, path, as_of, history_from in DATA_SETS:
        definition = document.load(path)
        rows = generate.generate(definition, args.seed, args.streams, as_of, history_from)
        result = oracle.evaluate(definition, rows, as_of, history_from)
        met.update(edge_classes.hits(definition, rows, as_of, history_from))
        made.append((name, path, as_of, history_from, rows, result))
        report.ok(f"{name}: {len(rows):,} rows of {args.streams:,} streams, {len(result.users):,} users, {len(result.totals)} metrics")
        idle = [metric for metric, groups in result.totals.items() if not any(num for num, _ in groups.values())]
        absent = set(definition["metrics"]) - set(result.totals)
        if idle or absent:
            report.fail(f"{name}: no user counts in {sorted(idle) + sorted(absent)}")
    for kind in edge_classes.CLASSES:
        if met[kind] < MIN_HITS:
            report.fail(f"the edge {kind} was met {met[kind]} times, {MIN_HITS} are needed")
    report.ok(f"{len(edge_classes.CLASSES)} classes of edges; the rarest: {min((met[kind], kind) for kind in edge_classes.CLASSES)}")
    return made


def on_engine(report, engine, title, rows, sql, check):
    """Loads, runs, hands the pairs to `check`. A failure of an engine does not keep the others from running."""
    runner, started = engine(), time.time()
    try:
        runner.load(rows)
        got = runner.run(sql())
    except engines.Missing as missing:
        return report.fail(f"{engine.name}: {missing}")
    except Exception as error:  # every engine has its own
        return report.fail(f"{title} on {engine.name}: {type(error).__name__}: {str(error)[:2000]}")
    finally:
        try:
            runner.close()
        except AttributeError:
            pass  # it never opened
    check(f"{title} on {engine.name} ({time.time() - started:.1f} s)", got)


def parse_only(report, title, sql, dialect="spark"):
    """Spark takes long to start, and BigQuery runs nowhere here: what is not run is at least read."""
    try:
        wrong = list(engines.unparsed(sql, dialect))
    except engines.Missing as missing:
        return report.fail(str(missing))
    for one in wrong:
        report.fail(f"{title}: {one}")
    if not wrong:
        how = "--engines all runs them" if dialect == "spark" else "not executed"
        report.ok(f"{title} for {dialect}: {len(engines.statements(sql))} statements are read by a parser; {how}")


def self_test(report, made, chosen):
    """The stub's SQL equals the oracle; a wrong edge in it does not."""
    name, path, as_of, history_from, rows, result = made[0]
    expected = engines.from_oracle(result)
    start = str(as_of - 30 * document.DAY)

    def noticed(title, got):
        if engines.differences(expected, got, stub.METRICS):
            report.ok(f"{title}: a wrong window is noticed")
        else:
            report.fail(f"{title}: a wrong window is not noticed")

    for engine in chosen.values():
        right = stub.sql(engine.dialect, as_of)
        on_engine(report, engine, "stub", rows, lambda: right, lambda title, got: report.agree(title, expected, got, stub.METRICS))
    if "spark" not in chosen:
        parse_only(report, "stub", stub.sql("spark", as_of))
    wrong = stub.sql("sqlite", as_of).replace(f">= {start}", f"> {start}")
    on_engine(report, engines.Sqlite, "wrong stub", rows, lambda: wrong, noticed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hearken", default=os.path.join(ROOT, "target", "release", "hearken"), help="the command")
    parser.add_argument("--fast", action="store_true", help="no SQL engines")
    parser.add_argument("--engines", default="", help="all, or dialects divided by commas; the five that are quick if not said")
    parser.add_argument("--streams", type=int, default=6000, help="streams of each data set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--self-test", action="store_true", help="the harness with a stub of three metrics, without Hearken")
    args = parser.parse_args()

    every = {**engines.ENGINES, **engines.SLOW}
    unknown = set(filter(None, args.engines.split(","))) - set(every) - {"all"}
    if unknown:
        parser.error(f"no such engine: {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    chosen = {} if args.fast else every if args.engines == "all" else {
        name: engine for name, engine in every.items() if name in args.engines.split(",")
    } if args.engines else engines.ENGINES

    report = Report()
    try:
        hearken = None if args.self_test else engines.Hearken(args.hearken)
    except engines.Missing as missing:
        report.fail(str(missing))
        hearken = None
    run_vectors(report, hearken, [] if args.fast else ["duckdb", "sqlite"])
    check_yaml(report)
    made = make(report, args)
    if args.self_test:
        self_test(report, made, chosen)
    for name, path, as_of, history_from, rows, result in made if hearken else []:
        expected = engines.from_oracle(result)
        agree = lambda title, got: report.agree(title, expected, got)
        with tempfile.TemporaryDirectory() as folder:
            events = os.path.join(folder, "events.jsonl")
            engines.write_lines(rows, events)
            try:
                agree(f"{name} by hearken measure", hearken.measure(path, events, as_of, history_from))
            except AssertionError as error:
                report.fail(str(error))
        for engine in chosen.values():
            on_engine(report, engine, name, rows, lambda: hearken.sql(engine.dialect, path, as_of, history_from), agree)
        for dialect in ["spark", "bigquery"] if chosen else []:
            if dialect in chosen:
                continue
            try:
                parse_only(report, name, hearken.sql(dialect, path, as_of, history_from), dialect)
            except (AssertionError, engines.Missing) as error:
                report.fail(str(error))
    report.ok(f"{report.failed} failures" if report.failed else "all equal")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
