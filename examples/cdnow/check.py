"""`hearken measure` and DuckDB give the same integers, and docs/cdnow.md shows them.

    python check.py --hearken target/release/hearken --data FOLDER      # needs: pip install duckdb==2.0.0
"""

import argparse
import json
import os
import subprocess
import sys

import duckdb

from fetch import fetch

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(HERE, "..", "..", "docs", "cdnow.md")
AS_OF_DAY = 10_408  # 1998-07-01
ARGUMENTS = ["measure", "--definition", "success.yaml", "--as-of", "1998-07-01"]


def by_hand(path):
    """{metric: (num, den)} from orders.sql."""
    database = duckdb.connect()
    with open(path, encoding="ascii") as file:
        lines = file.read().splitlines()[1:]
    database.execute("CREATE TABLE lines AS SELECT unnest(?) AS content", [lines])
    with open(os.path.join(HERE, "orders.sql"), encoding="utf-8") as file:
        script = file.read().replace("$as_of", str(AS_OF_DAY))
    for statement in filter(str.strip, script.split(";\n")):
        database.execute(statement)
    return {metric: (int(num), int(den)) for metric, num, den in database.execute("FROM metrics").fetchall()}


def run(hearken, path, *arguments):
    command = [hearken, *ARGUMENTS, "--events", path, *arguments]
    return subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True).stdout


def shown():
    """The output that the document shows."""
    with open(DOCUMENT, encoding="utf-8") as file:
        blocks = file.read().split("```console\n$ hearken measure")
    return blocks[1].split("\n```")[0].split("\n", 1)[1] + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hearken", required=True)
    parser.add_argument("--data", required=True, help="where the file is, or is put")
    arguments = parser.parse_args()
    path, hearken = os.path.abspath(fetch(arguments.data)), os.path.abspath(arguments.hearken)
    report = json.loads(run(hearken, path, "--format", "json"))
    measured = {one["metric"]: (int(one["num"]), int(one["den"])) for one in report["metrics"]}
    expected = by_hand(path)
    failed = [f"{metric}: DuckDB {expected.get(metric)}, hearken {measured.get(metric)}"
              for metric in sorted(expected | measured) if expected.get(metric) != measured.get(metric)]
    if (report["users"], report["events"], report["rows"]) != (23_570, 69_659, {"read": 69_659, "skipped": {}}):
        failed.append(f"users, events, rows: {report['users']}, {report['events']}, {report['rows']}")
    table = run(hearken, path)
    if table != shown():
        failed.append(f"docs/cdnow.md shows something else than:\n{table}")
    for wrong in failed:
        print(f"FAILED: {wrong}")
    print(f"cdnow: {len(expected)} metrics, {len(failed)} failures")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
