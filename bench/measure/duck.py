"""Runs preset.sql on DuckDB and prints times, memory and the numbers as JSON.

    python duck.py FILE AS_OF THREADS ROUNDS        # needs: duckdb, as in tests/success/requirements.txt
"""

import json
import os
import re
import resource
import sys
import time

import duckdb

FOLLOWING = """
SELECT a.channel, min(t.ts) - a.ts AS waited
FROM (SELECT row_number() OVER () AS n, * FROM {anchors} WHERE ts >= $as_of - d({days}) - {within} AND ts < $as_of - {within}) a
LEFT JOIN (SELECT u, ts, id, {key} AS k FROM e WHERE type = {event} AND ts >= $as_of - d({days}) - {within}) t
  ON t.u = a.u AND t.k = a.k AND (t.ts > a.ts OR t.ts = a.ts AND t.id > a.id) AND t.ts < a.ts + {within}
GROUP BY a.n, a.ts, a.channel"""


def script(file, as_of):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "preset.sql")
    with open(path, encoding="utf-8") as source:
        text = source.read()
    pattern = r"\$following\((\w+), ('[^']+'), (\w+), (d\(\d+\)), d\((\d+)\)\)"
    names = ("anchors", "event", "key", "within", "days")
    text = re.sub(pattern, lambda found: FOLLOWING.format(**dict(zip(names, found.groups()))), text)
    return text.replace("$file", f"'{file}'").replace("$as_of", str(as_of))


def main():
    file, as_of, threads, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    times = []
    for _ in range(rounds):
        database = duckdb.connect()
        database.execute(f"SET threads = {threads}")
        started = time.perf_counter()
        for statement in filter(str.strip, script(file, as_of).split(";\n")):
            database.execute(statement)
        numbers = database.execute("FROM metrics").fetchall()
        times.append((time.perf_counter() - started) * 1000)
        database.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    metrics = [[metric, group, str(int(num or 0)), None if den is None else str(int(den))] for metric, group, num, den in numbers]
    print(json.dumps({"times": times, "peak_mib": peak, "metrics": metrics}))


if __name__ == "__main__":
    main()
