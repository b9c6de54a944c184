"""Who computes the pairs: `hearken measure`, and the SQL engines.

Every runner gives `{(metric, user, group): (num, den)}`; the group of a metric without `by` is None.
"""

import glob
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

from rows import canonical, integer

HERE = os.path.dirname(os.path.abspath(__file__))


class Missing(Exception):
    """A tool that is not there, with the line that installs it."""


def module(name):
    try:
        return importlib.import_module(name)
    except ImportError as error:
        extra = "-spark" if name.startswith("pyspark") else ""
        raise Missing(f"{error}; install it: {sys.executable} -m pip install -r tests/success/requirements{extra}.txt") from error


# ---------------------------------------------------------------------------------------------------------------------
# Pairs.


def from_oracle(result):
    return {
        (metric, user, group): pair
        for user, metrics in result.users.items()
        for metric, groups in metrics.items()
        for group, pair in groups.items()
    }


def without_zeros(pairs):
    """Users and groups of (0, 0) add nothing and may be left out; a den that is not computed counts as 0 here."""
    full = {key: (int(num or 0), int(den or 0)) for key, (num, den) in pairs.items()}
    return {key: pair for key, pair in full.items() if pair != (0, 0)}


def differences(expected, got, metrics=None):
    """What two runners disagree on: (key, expected, got)."""
    expected, got = without_zeros(expected), without_zeros(got)
    keys = {key for key in expected.keys() | got.keys() if metrics is None or key[0] in metrics}
    text = lambda key: (key[0], key[1], key[2] or "")
    return [(key, expected.get(key), got.get(key)) for key in sorted(keys, key=text) if expected.get(key) != got.get(key)]


# ---------------------------------------------------------------------------------------------------------------------
# The raw table `events`, before the staging view.

COLUMNS = ["id", "event", "ts", "offset_min", "profile", "user_id", "session", "late", "properties"]


def raw(row):
    """A line as a row of the raw table. Properties are canonical JSON: an integral number has no fraction there.

    What a column's type cannot hold (an object as a user, a row that is no object) is not in the data sets.
    """
    return (
        row["id"],
        row["type"],
        row["ts"],
        row.get("offset", 0),
        row.get("profile"),
        row.get("user"),
        row.get("session"),
        row.get("late"),
        canonical(row.get("data") or {}),
    )


def properties_of(rows):
    return sorted({name for row in rows for name in row.get("data") or {}})


def kind_and_text(row, name):
    """For an engine without JSON functions: what a property is (`text int number bool null json`), and its text."""
    data = row.get("data") or {}
    if name not in data:
        return (None, None)
    x = data[name]
    if x is None:
        return ("null", "null")
    if isinstance(x, bool):
        return ("bool", "true" if x else "false")
    if isinstance(x, str):
        return ("text", x)
    if isinstance(x, (dict, list)):
        return ("json", canonical(x))
    return ("number" if integer(x) is None else "int", canonical(x))


def arrow_table(rows, dialect):
    """The raw table as Arrow: the columns of `raw`; for DataFusion also two of each property, `kind_and_text`."""
    pa = module("pyarrow")
    types = {"ts": pa.int64(), "offset_min": pa.int64(), "late": pa.bool_()}
    columns = list(zip(*map(raw, rows))) or [[] for _ in COLUMNS]
    arrays = {name: pa.array(column, types.get(name, pa.string())) for name, column in zip(COLUMNS, columns)}
    if dialect == "datafusion":
        for name in properties_of(rows):
            pairs = [kind_and_text(row, name) for row in rows]
            arrays[f"{name}__kind"] = pa.array([kind for kind, _ in pairs], pa.string())
            arrays[f"{name}__text"] = pa.array([text for _, text in pairs], pa.string())
    return pa.table(arrays)


# ---------------------------------------------------------------------------------------------------------------------
# SQL text.


def tokens(sql):
    """Pieces of SQL: ("text" | "string" | "name" | "comment", piece)."""
    at, start = 0, 0
    while at < len(sql):
        two = sql[at : at + 2]
        if sql[at] in "'\"`":
            end = at + 1
            while end < len(sql) and (sql[end] != sql[at] or sql[end : end + 2] == sql[at] * 2):
                end += 2 if sql[end] == sql[at] else 1
            end, kind = end + 1, "string" if sql[at] == "'" else "name"
        elif two == "--":
            end, kind = (sql.find("\n", at) + 1) or len(sql), "comment"
        elif two == "/*":
            end, kind = sql.index("*/", at) + 2, "comment"
        else:
            at += 1
            continue
        if at > start:
            yield ("text", sql[start:at])
        yield (kind, sql[at:end])
        at = start = end
    if at > start:
        yield ("text", sql[start:at])


def statements(sql):
    """The statements, without their `;` and without comments."""
    out, current = [], ""
    for kind, piece in tokens(sql):
        if kind == "text":
            *ended, piece = piece.split(";")
            for part in ended:
                out.append(current + part)
                current = ""
        current += " " if kind == "comment" else piece
    out.append(current)
    return [one.strip() for one in out if one.strip()]


def is_query(statement):
    return statement.lstrip("(").split(None, 1)[0].upper() in ("SELECT", "WITH")


def unparsed(sql, dialect):
    """What a dialect's parser, or the shape of the results, says against SQL that is not run; in words."""
    sqlglot = module("sqlglot")
    queries = 0
    for statement in statements(sql):
        try:
            tree = sqlglot.parse_one(statement, dialect=dialect, error_level=sqlglot.ErrorLevel.RAISE)
        except sqlglot.errors.SqlglotError as error:
            yield f"{error}: {statement[:200]}"
            continue
        if is_query(statement):
            queries += 1
            if tree.named_selects != ["metric", "user_key", "grp", "num", "den"]:
                yield f"selects {tree.named_selects}: {statement[:200]}"
    if not queries:
        yield "no query"


def collect(rows):
    """Pairs from rows of (metric, user_key, grp, num, den); a key that comes twice is a fault of the SQL."""
    pairs = {}
    for metric, user, group, num, den in rows:
        key = (metric, user, group if group not in (None, "") else None)
        if key in pairs:
            raise AssertionError(f"twice in the result: {key}")
        pairs[key] = (int(num or 0), int(den or 0))
    return pairs


# ---------------------------------------------------------------------------------------------------------------------
# Engines. `load` makes the table `events`, `run` executes SQL text and gives the pairs that its queries select.


class DuckDb:
    name, dialect = "DuckDB", "duckdb"

    def load(self, rows):
        self.connection = module("duckdb").connect()
        self.connection.execute("SET threads = 2")
        self.connection.register("loaded", arrow_table(rows, self.dialect))
        self.connection.execute("CREATE TABLE events AS SELECT * FROM loaded")
        self.connection.unregister("loaded")

    def run(self, sql):
        found = []
        for statement in statements(sql):
            result = self.connection.execute(statement)
            if is_query(statement):
                found += result.fetchall()
        return collect(found)

    def close(self):
        self.connection.close()


class Sqlite:
    name, dialect = "SQLite", "sqlite"

    def load(self, rows):
        import sqlite3

        self.connection = sqlite3.connect(":memory:")
        self.connection.execute(
            "CREATE TABLE events (id TEXT, event TEXT, ts INTEGER, offset_min INTEGER, profile TEXT, user_id TEXT,"
            " session TEXT, late INTEGER, properties TEXT)"
        )
        self.connection.executemany("INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?)", map(raw, rows))

    def run(self, sql):
        found = []
        for statement in statements(sql):
            result = self.connection.execute(statement)
            if is_query(statement):
                found += result.fetchall()
        return collect(found)

    def close(self):
        self.connection.close()


class ClickHouse:
    name, dialect = "ClickHouse", "clickhouse"

    def load(self, rows):
        parquet = module("pyarrow.parquet")
        self.session = module("chdb.session").Session()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "events.parquet")
            parquet.write_table(arrow_table(rows, self.dialect), path)
            self.session.query("CREATE DATABASE IF NOT EXISTS success")
            self.session.query("USE success")
            self.session.query(
                "CREATE TABLE events (id String, event String, ts Int64, offset_min Int64, profile Nullable(String),"
                " user_id Nullable(String), session Nullable(String), late Nullable(Bool), properties String) ENGINE = Memory"
            )
            self.session.query(f"INSERT INTO events SELECT * FROM file('{path}', Parquet)")

    def run(self, sql):
        found = []
        for statement in statements(sql):
            result = self.session.query(statement, "JSONCompactEachRow")
            if is_query(statement):
                found += [json.loads(line) for line in str(result).splitlines()]
        return collect(found)

    def close(self):
        self.session.query("DROP DATABASE success")
        self.session.close()


class DataFusion:
    name, dialect = "DataFusion", "datafusion"

    def load(self, rows):
        datafusion = module("datafusion")
        self.context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(2))
        table = arrow_table(rows, self.dialect)
        self.context.register_record_batches("events", [table.to_batches()])

    def run(self, sql):
        found = []
        for statement in statements(sql):
            batches = self.context.sql(statement).collect()
            if is_query(statement):
                for batch in batches:
                    found += zip(*(column.to_pylist() for column in batch.columns))
        return collect(found)

    def close(self):
        del self.context


class Postgres:
    """A cluster of its own, for as long as the run lasts. Its collation is no byte order, as in the field."""

    name, dialect = "PostgreSQL", "postgres"

    def programs(self):
        folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
        for folder in [*reversed(folders), *os.environ["PATH"].split(":")]:
            if all(os.access(os.path.join(folder, name), os.X_OK) for name in ("initdb", "postgres", "psql")):
                return folder
        raise Missing("PostgreSQL is not there; install it: apt-get install postgresql")

    def call(self, program, *arguments, **options):
        done = subprocess.run(
            [os.path.join(self.bin, program), *arguments],
            cwd=self.folder, env={**self.environment}, capture_output=True, text=True, **self.account, **options,
        )
        if done.returncode:
            raise AssertionError(f"{program}: {done.stderr}")
        return done.stdout

    def load(self, rows):
        self.bin = self.programs()
        # Named shortly: the path of a Unix socket has at most 107 bytes.
        self.folder = tempfile.mkdtemp(prefix="pg", dir="/tmp")
        self.environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PGHOST": self.folder, "PGUSER": "owner", "PGDATABASE": "postgres"}
        self.account = {}
        if os.geteuid() == 0:  # the server refuses to run as root
            self.account = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(self.folder, "nobody", "nogroup")
        data = os.path.join(self.folder, "data")
        self.call("initdb", "-D", data, "-U", "owner", "-E", "UTF8", "-A", "trust", "--no-sync", "--locale-provider=icu", "--icu-locale=en")
        self.server = subprocess.Popen(
            [os.path.join(self.bin, "postgres"), "-D", data, "-k", self.folder, "-c", "listen_addresses=", "-c", "fsync=off",
             "-c", "autovacuum=off", "-c", "work_mem=64MB"],
            cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.account,
        )
        self.wait()
        path = os.path.join(self.folder, "events.tsv")
        with open(path, "w", encoding="utf-8") as file:
            for row in rows:
                file.write("\t".join(map(self.copied, raw(row))) + "\n")
        os.chmod(path, 0o644)
        self.psql(
            "CREATE TABLE events (id text, event text, ts bigint, offset_min bigint, profile text, user_id text, session text,"
            f" late boolean, properties text);\n\\copy events from '{path}'\nANALYZE events;\n"
        )

    def copied(self, x):
        if x is None:
            return "\\N"
        if isinstance(x, bool):
            return "t" if x else "f"
        text = str(x)
        for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
            text = text.replace(plain, escaped)
        return text

    def wait(self):
        import time

        for _ in range(300):
            try:
                return self.call("psql", "-X", "-c", "SELECT 1")
            except AssertionError:
                if self.server.poll() is not None:
                    raise
                time.sleep(0.1)
        raise AssertionError("PostgreSQL did not start within 30 s")

    def psql(self, script):
        return self.call("psql", "-X", "-q", "-t", "--csv", "-v", "ON_ERROR_STOP=1", input=script)

    def run(self, sql):
        import csv
        import io

        script = "".join(statement + ";\n" for statement in statements(sql))
        return collect(csv.reader(io.StringIO(self.psql(script), newline="")))

    def close(self):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.folder)


class Spark:
    name, dialect = "Spark", "spark"

    def load(self, rows):
        self.folder = tempfile.mkdtemp()
        path = os.path.join(self.folder, "events.parquet")
        module("pyarrow.parquet").write_table(arrow_table(rows, self.dialect), path)
        if not shutil.which("java"):
            raise Missing("Spark needs Java 17; install it: apt-get install openjdk-17-jre-headless")
        builder = module("pyspark.sql").SparkSession.builder.master("local[2]")
        for key, value in {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.shuffle.partitions": "1",
            # A hundred queries of few rows: compiling a class for each takes longer than all of them, and the heap.
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.warehouse.dir": self.folder,
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.log.level": "ERROR",
            # Plans of many small queries fill the default heap.
            "spark.driver.memory": "4g",
        }.items():
            builder = builder.config(key, value)
        self.session = builder.getOrCreate()
        self.session.read.parquet(path).createOrReplaceTempView("events")

    def run(self, sql):
        found = []
        for statement in statements(sql):
            result = self.session.sql(statement)
            if is_query(statement):
                found += [tuple(row) for row in result.collect()]
        return collect(found)

    def close(self):
        self.session.stop()
        shutil.rmtree(self.folder)


ENGINES = {engine.dialect: engine for engine in (DuckDb, Sqlite, ClickHouse, DataFusion, Postgres)}
SLOW = {Spark.dialect: Spark}


# ---------------------------------------------------------------------------------------------------------------------
# Hearken itself.


class Hearken:
    """The command line: `measure` evaluates, `sql` prints what an engine is to run."""

    def __init__(self, binary):
        if not os.access(binary, os.X_OK):
            raise Missing(f"no command at {binary}; build it: cargo build --release -p hearken-cli, or say where by --hearken")
        self.binary = os.path.abspath(binary)

    def call(self, *arguments):
        done = subprocess.run([self.binary, *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"hearken {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout

    def common(self, definition, as_of, history_from):
        since = [] if history_from is None else ["--history-from", history_from]
        return ["--definition", definition, "--as-of", as_of, *since, "--per-user"]

    def measure(self, definition, events, as_of, history_from=None):
        out = self.call("measure", *self.common(definition, as_of, history_from), "--events", events, "--format", "json")
        pairs = {}
        for line in out.splitlines():
            said = json.loads(line)
            for metric, pair in said["metrics"].items():
                for group, one in pair["groups"].items() if "groups" in pair else [(None, pair)]:
                    key = (metric, said["user"], group)
                    if key in pairs:
                        raise AssertionError(f"twice in the result: {key}")
                    pairs[key] = (int(one["num"] or 0), int(one.get("den") or 0))
        return pairs

    def sql(self, dialect, definition, as_of, history_from=None):
        return self.call("sql", "--dialect", dialect, *self.common(definition, as_of, history_from))


def write_lines(rows, path):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
