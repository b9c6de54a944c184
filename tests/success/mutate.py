"""Whether the data sets notice a change of the SQL: mutants of what `hearken sql --dialect duckdb` prints, on DuckDB.

    python tests/success/mutate.py --hearken target/release/hearken
    python tests/success/mutate.py --self-test        # of the stub, whose survivors are known

One place of one statement is changed at a time: a comparison, an integer, what COALESCE falls back to, a key of ORDER BY
or PARTITION BY, NULLS FIRST, LEFT JOIN, DISTINCT. A mutant whose pairs still equal the oracle's survives, and the run
fails for it, unless `survivors.toml` proves that it means the same. A proof that no survivor needs fails too.
"""

import argparse
import fnmatch
import os
import re
import sys
import threading
import time
import tomllib
from collections import Counter
from dataclasses import dataclass

import document
import engines
import generate
import oracle
import run
import stub

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 60  # seconds, on a machine that may be busy; a mutant that takes longer is noticed


@dataclass(frozen=True)
class Edit:
    """Put `text` in place of sql[start:end]."""

    kind: str
    start: int
    end: int
    text: str

    def apply(self, sql):
        return sql[: self.start] + self.text + sql[self.end :]

    def table(self, sql):
        """The name in WITH of what it is in; `query` for what comes after WITH."""
        before = masked(sql)[: self.start]
        if before.count("(") == before.count(")"):
            return "query"
        return (re.findall(r"(?i)(?:WITH|\),)\s+(\w+) AS \(", before) or ["query"])[-1]

    def describe(self, sql):
        """Where it is, and what it does: the same words for the same SQL."""
        squeeze = lambda text: " ".join(text.split())
        before, after = squeeze(sql[: self.start])[-48:].strip(), squeeze(sql[self.end :])[:32].strip()
        return f"{self.kind} in {self.table(sql)}: {before} [{squeeze(sql[self.start : self.end])} -> {squeeze(self.text)}] {after}"


def masked(sql):
    """The statement with its strings and quoted names blanked: places stay what they are."""
    return "".join(piece if kind == "text" else piece[0] + "\x01" * (len(piece) - 2) + piece[0] for kind, piece in engines.tokens(sql))


def closing(mask, at):
    """Where the parenthesis that is open at `at` closes."""
    depth = 0
    for place in range(at, len(mask)):
        depth += {"(": 1, ")": -1}.get(mask[place], 0)
        if depth < 0:
            return place
    return len(mask)


def split(mask, start, end):
    """The parts between the commas of one level, as (start, end)."""
    parts, depth, begin = [], 0, start
    for place in range(start, end):
        depth += {"(": 1, ")": -1}.get(mask[place], 0)
        if mask[place] == "," and depth == 0:
            parts.append((begin, place))
            begin = place + 1
    parts.append((begin, end))
    return [(a + len(mask[a:b]) - len(mask[a:b].lstrip()), b - len(mask[a:b]) + len(mask[a:b].rstrip())) for a, b in parts]


def comparisons(sql, mask):
    change = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "=", "!=": "="}
    for found in re.finditer(r"(?<![-=|<>!])(<=|>=|<>|!=|<|>|=)(?![>=])", mask):
        yield Edit("comparison", found.start(), found.end(), change[found[0]])


def constants(sql, mask):
    types = [(found.end(), closing(mask, found.end())) for found in re.finditer(r"(?i)\b(DECIMAL|NUMERIC|VARCHAR|CHAR)\s*\(", mask)]
    for found in re.finditer(r"(?<![\w.\x01\"'])[0-9]+(?![\w.])", mask):
        if not any(start <= found.start() < end for start, end in types):
            for step in (1, -1):
                yield Edit("constant", found.start(), found.end(), f"({int(found[0]) + step})")


def fallbacks(sql, mask):
    for found in re.finditer(r"(?i)\bCOALESCE\s*\(", mask):
        start, end = split(mask, found.end(), closing(mask, found.end()))[-1]
        said = sql[start:end]
        if re.fullmatch(r"'.*'", said, re.S):
            yield Edit("fallback", start, end, "'mutant'")
        elif said.upper() in ("TRUE", "FALSE"):
            yield Edit("fallback", start, end, "FALSE" if said.upper() == "TRUE" else "TRUE")
        else:
            yield Edit("fallback", start, end, "NULL")


def reversed_key(key):
    if re.search(r"(?i)\bDESC\b", key):
        return re.sub(r"(?i)\bDESC\b", "ASC", key)
    if re.search(r"(?i)\bASC\b", key):
        return re.sub(r"(?i)\bASC\b", "DESC", key)
    return re.sub(r"(?i)(\s+NULLS\s+\w+)?$", r" DESC\1", key, count=1)


def keys(sql, mask):
    """Of ORDER BY and PARTITION BY inside parentheses: the order of a whole result says nothing."""
    for found in re.finditer(r"(?i)\b(ORDER|PARTITION)\s+BY\b", mask):
        if mask[: found.start()].count("(") == mask[: found.start()].count(")"):
            continue
        end = closing(mask, found.end())
        stop = re.search(r"(?i)\b(ORDER\s+BY|ROWS|RANGE|GROUPS|LIMIT)\b", mask[found.end() : end])
        end = found.end() + stop.start() if stop else end
        parts = split(mask, found.end(), end)
        for number, (a, b) in enumerate(parts):
            if len(parts) == 1:
                yield Edit("dropped key", found.start(), b, "")
            elif number == 0:
                yield Edit("dropped key", a, parts[1][0], "")
            else:
                yield Edit("dropped key", parts[number - 1][1], b, "")
            if found[1].upper() == "ORDER":
                yield Edit("reversed key", a, b, reversed_key(sql[a:b]))


def words(sql, mask):
    for pattern, text in [
        (r"NULLS\s+FIRST", "NULLS LAST"),
        (r"NULLS\s+LAST", "NULLS FIRST"),
        (r"LEFT\s+(OUTER\s+)?JOIN", "JOIN"),
        (r"IS\s+NOT\s+DISTINCT\s+FROM", "IS DISTINCT FROM"),
        (r"IS\s+DISTINCT\s+FROM", "IS NOT DISTINCT FROM"),
        (r"DISTINCT(?!\s+FROM)", ""),
    ]:
        for found in re.finditer(rf"(?i)\b{pattern}\b", mask):
            yield Edit("word", found.start(), found.end(), text)


def mutants(sql):
    mask = masked(sql)
    for kind in (comparisons, constants, fallbacks, keys, words):
        yield from kind(sql, mask)


# ---------------------------------------------------------------------------------------------------------------------
# Running them.


def replaceable(statement):
    return re.sub(r"(?i)^CREATE\s+(OR\s+REPLACE\s+)?", "CREATE OR REPLACE ", statement, count=1)


def created(statement):
    found = re.match(r'(?i)CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP(?:ORARY)?\s+)?(VIEW|TABLE)\s+"?(\w+)"?', statement)
    if not found:
        raise AssertionError(f"not a statement that creates something: {statement[:80]}")
    return found[1].upper(), found[2]


class Bench:
    """The statements, divided into the one that all metrics share and those of each query; the rows, loaded once.

    What a metric says of a person is a matter of that person's rows. So a mutant of the staging view is asked only about
    the people of whom it changes a row, and about nobody, and no metric, if it changes none.
    """

    def __init__(self, sql, rows, expected):
        self.engine = engines.DuckDb()
        self.engine.load(rows)
        self.connection = self.engine.connection
        self.connection.execute("SET threads = 1")
        # The first creates the staging view. After that, each query ends a group.
        self.shared, *others = engines.statements(sql)
        self.groups, group = [], []
        for statement in others:
            group.append(statement)
            if engines.is_query(statement):
                self.groups.append(group)
                group = []
        if group:
            raise AssertionError("the last statement is no query")
        self.stage(self.shared, "original")
        self.look_at('SELECT * FROM "original"')
        expected = engines.without_zeros(expected)
        self.metrics, self.expected = [], []
        for group in self.groups:
            got = engines.without_zeros(self.pairs(group, group[0]))
            names = {key[0] for key in got}
            wanted = {key: pair for key, pair in expected.items() if key[0] in names}
            if not names or got != wanted:
                raise AssertionError(f"{names} differs before anything is changed: {engines.differences(wanted, got)[:3]}")
            self.metrics.append(names)
            self.expected.append(wanted)

    def stage(self, statement, table):
        """What the staging view has, as a table."""
        kind, name = created(statement)
        self.connection.execute(replaceable(re.sub(rf'(?i)(VIEW|TABLE)(\s+)"?{name}"?', r'\1\2"unmaterialised"', statement, count=1)))
        self.connection.execute(f'CREATE OR REPLACE TABLE "{table}" AS SELECT * FROM "unmaterialised"')
        self.connection.execute(f'DROP {kind} "unmaterialised"')

    def look_at(self, query):
        """What the metrics read from now on."""
        self.connection.execute(f'CREATE OR REPLACE VIEW "{created(self.shared)[1]}" AS {query}')

    def pairs(self, group, start):
        """Runs a group from one of its statements on."""
        found = []
        for statement in group[group.index(start) :]:
            if engines.is_query(statement):
                found = self.connection.execute(statement).fetchall()
            else:
                self.connection.execute(replaceable(statement))
        return engines.collect(found)

    def noticed(self, attempt):
        """Why a mutant is no equal: `differs`, `error`, `slow`; nothing if it is."""
        timer = threading.Timer(PATIENCE, self.connection.interrupt)
        timer.start()
        try:
            return "differs" if attempt() else None
        except AssertionError:
            return "differs"
        except Exception as error:  # DuckDB's own
            return "slow" if "nterrupt" in str(error) else "error"
        finally:
            timer.cancel()

    def wrong(self, number, group, start):
        return engines.without_zeros(self.pairs(group, start)) != self.expected[number]

    def wrong_of_changed(self, statement):
        """Whether any metric differs for the people whose rows a mutant of the staging view changes."""
        self.stage(statement, "mutant")
        self.connection.execute(
            'CREATE OR REPLACE TABLE "changed" AS SELECT DISTINCT user_key FROM ((FROM "original" EXCEPT ALL FROM "mutant")'
            ' UNION ALL (FROM "mutant" EXCEPT ALL FROM "original"))'
        )
        users = {user for user, in self.connection.execute('FROM "changed"').fetchall()}
        if not users:
            return False
        self.look_at('SELECT * FROM "mutant" WHERE EXISTS (FROM "changed" WHERE "changed".user_key IS NOT DISTINCT FROM "mutant".user_key)')
        for group, everyone in zip(self.groups, self.expected):
            wanted = {key: pair for key, pair in everyone.items() if key[1] in users}
            if engines.without_zeros(self.pairs(group, group[0])) != wanted:
                return True
        return False

    def notices_in_group(self, number, at, edit):
        """Why a mutant of a group's statement is no equal. The statements before it have to stand."""
        group = self.groups[number]
        for statement in group[:at]:
            self.connection.execute(replaceable(statement))
        changed = [*group[:at], edit.apply(group[at]), *group[at + 1 :]]
        return self.noticed(lambda: self.wrong(number, changed, changed[at]))

    def notices_in_staging(self, edit):
        return self.noticed(lambda: self.wrong_of_changed(edit.apply(self.shared)))


def run_mutants(benches, only=None):
    """(metric, what was done, why it was noticed or nothing) of each mutant: the first bench is asked first."""
    groups, metrics, shared = benches[-1].groups, benches[-1].metrics, benches[-1].shared
    for number, group in enumerate(groups):
        if only and not set(only) & metrics[number]:
            continue
        for at, statement in enumerate(group):
            for edit in mutants(statement):
                why = (bench.notices_in_group(number, at, edit) for bench in benches)
                yield "+".join(sorted(metrics[number])), edit.describe(statement), next(filter(None, why), None)
    for edit in mutants(shared) if not only or "staging" in only else []:
        why = (bench.notices_in_staging(edit) for bench in benches)
        yield "staging", edit.describe(shared), next(filter(None, why), None)


def proofs():
    """Each for one metric and one mutation: an entry may list several of both."""
    several = lambda one: [one] if isinstance(one, str) else one
    with open(os.path.join(HERE, "survivors.toml"), "rb") as file:
        return [
            {"sql": one["sql"], "metric": metric, "mutation": mutation}
            for one in tomllib.load(file)["survivor"]
            if one["proof"]
            for metric in several(one["metric"])
            for mutation in several(one["mutation"])
        ]


def like(pattern, text):
    """Whether a text is like a pattern, in which `**` stands for anything."""
    first, *others = pattern.split("**")
    if not others:
        return pattern == text
    if not text.startswith(first):
        return False
    at, *middle, last = [len(first), *others]
    for part in middle:
        at = text.find(part, at) + len(part)
        if at < len(part):
            return False
    return text[at:].endswith(last)


def judge(name, benches, only, listed, verbose):
    """Prints what survives without a proof; (how many, which proofs were used)."""
    outcome, unproved, used, started = Counter(), 0, set(), time.time()
    for metric, what, why in run_mutants(benches, only):
        outcome[why or "survived"] += 1
        if why == "slow":
            print(f"  given up after {PATIENCE} s: {metric}: {what}", flush=True)
        if why:
            continue
        proof = [
            number
            for number, one in enumerate(listed)
            if one["sql"] == name and fnmatch.fnmatchcase(metric, one["metric"]) and like(one["mutation"], what)
        ]
        used |= set(proof)
        if not proof or verbose:
            print(f"  survives{' (proved)' if proof else ''}: {metric}: {what}", flush=True)
        unproved += not proof
    print(f"{name}: {sum(outcome.values())} mutants in {time.time() - started:.0f} s: {dict(outcome)}; {unproved} survive without a proof", flush=True)
    if not outcome["differs"]:
        print("  no mutant was noticed by its pairs: nothing was tested")
        unproved += 1
    return unproved, used


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hearken", default=os.path.join(run.ROOT, "target", "release", "hearken"))
    parser.add_argument("--data", default="", help="only this data set")
    parser.add_argument("--metrics", default="", help="only these, divided by commas; `staging` is what they share")
    parser.add_argument("--streams", type=int, default=16000, help="streams of each data set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--self-test", action="store_true", help="the stub instead of what Hearken prints")
    parser.add_argument("--verbose", action="store_true", help="survivors with a proof too")
    args = parser.parse_args()
    if args.data not in ("", *(one[0] for one in run.DATA_SETS)):
        parser.error(f"no such data set: {args.data}")
    only = [name for name in args.metrics.split(",") if name]
    listed = [one for one in proofs() if (one["sql"] == "stub") == args.self_test]
    failed, used = 0, set()
    try:
        hearken = None if args.self_test else engines.Hearken(args.hearken)
        for name, path, as_of, history_from in run.DATA_SETS[: 1 if args.self_test else None]:
            if args.data not in ("", name):
                continue
            definition = document.load(path)
            sql = stub.sql("duckdb", as_of) if args.self_test else hearken.sql("duckdb", path, as_of, history_from)
            benches = []
            # Most mutants are noticed by few streams, and need no more.
            for streams in (args.streams // 8, args.streams):
                rows = generate.generate(definition, args.seed, streams, as_of, history_from)
                expected = engines.from_oracle(oracle.evaluate(definition, rows, as_of, history_from))
                benches.append(Bench(sql, rows, expected))
            unproved, needed = judge("stub" if args.self_test else name, benches, only, listed, args.verbose)
            failed, used = failed + unproved, used | needed
    except engines.Missing as missing:
        sys.exit(str(missing))
    if not only:
        for number, one in enumerate(listed):
            if number not in used and args.data in ("", one["sql"]):
                failed += 1
                print(f"a proof that nothing needs: {one['sql']}: {one['metric']}: {one['mutation']}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
