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
PATIENCE = 20  # seconds; a mutant that takes longer is noticed


@dataclass(frozen=True)
class Edit:
    """Put `text` in place of sql[start:end]."""

    kind: str
    start: int
    end: int
    text: str

    def apply(self, sql):
        return sql[: self.start] + self.text + sql[self.end :]

    def describe(self, sql):
        """Where it is, and what it does: the same words for the same SQL."""
        squeeze = lambda text: " ".join(text.split())
        before, after = squeeze(sql[: self.start])[-48:].strip(), squeeze(sql[self.end :])[:32].strip()
        return f"{self.kind}: {before} [{squeeze(sql[self.start : self.end])} -> {squeeze(self.text)}] {after}"


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
    """The statements, divided into the ones that all metrics share and those of one query each; the data, loaded once."""

    def __init__(self, sql, rows, expected):
        self.engine = engines.DuckDb()
        self.engine.load(rows)
        self.connection = self.engine.connection
        self.expected = expected
        everything = engines.statements(sql)
        # The first creates the staging view. After that, each query ends a group.
        self.shared, self.groups, group = everything[:1], [], []
        for statement in everything[1:]:
            group.append(statement)
            if engines.is_query(statement):
                self.groups.append(group)
                group = []
        if group:
            raise AssertionError("the last statement is no query")
        self.stage(self.shared[0])
        self.metrics = []
        for group in self.groups:
            got = self.pairs(group, group[0])
            self.metrics.append({key[0] for key in got} or {"?"})
            wrong = engines.differences(expected, got, self.metrics[-1])
            if wrong:
                raise AssertionError(f"{self.metrics[-1]} differs before anything is changed: {wrong[:3]}")

    def stage(self, statement):
        """The staging view, computed once."""
        kind, name = created(statement)
        self.connection.execute('DROP TABLE IF EXISTS "materialised"')
        self.connection.execute(replaceable(re.sub(rf'(?i)(VIEW|TABLE)(\s+)"?{name}"?', r'\1\2"unmaterialised"', statement, count=1)))
        self.connection.execute('CREATE TABLE "materialised" AS SELECT * FROM "unmaterialised"')
        self.connection.execute(f'CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM "materialised"')
        self.connection.execute(f'DROP {kind} "unmaterialised"')

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
        return bool(engines.differences(self.expected, self.pairs(group, start), self.metrics[number]))

    def run(self, only=None):
        """(metric, what was done, why it was noticed or nothing) of each mutant."""
        for number, group in enumerate(self.groups):
            name = "+".join(sorted(self.metrics[number]))
            if only and not set(only) & self.metrics[number]:
                continue
            for at, statement in enumerate(group):
                for edit in mutants(statement):
                    changed = [*group[:at], edit.apply(statement), *group[at + 1 :]]
                    yield name, edit.describe(statement), self.noticed(lambda: self.wrong(number, changed, changed[at]))
                if not engines.is_query(statement):
                    self.connection.execute(replaceable(statement))
        if only and "staging" not in only:
            return
        for edit in mutants(self.shared[0]):
            def attempt():
                self.stage(edit.apply(self.shared[0]))
                return any(self.wrong(number, group, group[0]) for number, group in enumerate(self.groups))

            yield "staging", edit.describe(self.shared[0]), self.noticed(attempt)


def proofs():
    with open(os.path.join(HERE, "survivors.toml"), "rb") as file:
        return tomllib.load(file)["survivor"]


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


def judge(name, bench, only, listed, verbose):
    """Prints what survives without a proof; (how many, which proofs were used)."""
    outcome, unproved, used, started = Counter(), 0, set(), time.time()
    for metric, what, why in bench.run(only):
        outcome[why or "survived"] += 1
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
    parser.add_argument("--metrics", default="", help="only these, divided by commas; `staging` is what they share")
    parser.add_argument("--streams", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--self-test", action="store_true", help="the stub instead of what Hearken prints")
    parser.add_argument("--verbose", action="store_true", help="survivors with a proof too")
    args = parser.parse_args()
    only = [name for name in args.metrics.split(",") if name]
    listed = [one for one in proofs() if (one["sql"] == "stub") == args.self_test]
    failed, used = 0, set()
    try:
        hearken = None if args.self_test else engines.Hearken(args.hearken)
        for name, path, as_of, history_from in run.DATA_SETS[: 1 if args.self_test else None]:
            definition = document.load(path)
            rows = generate.generate(definition, args.seed, args.streams, as_of, history_from)
            expected = engines.from_oracle(oracle.evaluate(definition, rows, as_of, history_from))
            sql = stub.sql("duckdb", as_of) if args.self_test else hearken.sql("duckdb", path, as_of, history_from)
            unproved, needed = judge("stub" if args.self_test else name, Bench(sql, rows, expected), only, listed, args.verbose)
            failed, used = failed + unproved, used | needed
    except engines.Missing as missing:
        sys.exit(str(missing))
    if not only:
        for number, one in enumerate(listed):
            if number not in used:
                failed += 1
                print(f"a proof that nothing needs: {one['metric']}: {one['mutation']}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
