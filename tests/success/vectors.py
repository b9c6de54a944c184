"""Vectors: what a few rows give, worked out by hand from the rules. README.md says what a file holds."""

import json
import os
import tempfile

import engines
import oracle

# Rules that one evaluation of rows cannot show: state on a device (17, its seal; 24, 25), fingerprints (22) and what is
# exported (26). Of 17 the flag `late` can be seen.
RULES = [rule for rule in range(1, 27) if rule not in (22, 24, 25, 26)]


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def document(vector):
    """A definition that says little, with what every document says."""
    return {
        "spec": 1,
        "id": "vector",
        "version": 1,
        "owner": {"team": "tests", "contact": "tests@example.com"},
        "unit": "user",
        "calendar": {"offset": 0},
        **vector["definition"],
    }


def expected_pairs(vector):
    """{(metric, user, group): (num, den)}: a metric is `[num, den]`, or `{group: [num, den]}`."""
    pairs = {}
    for user, metrics in vector["expect"]["users"].items():
        for metric, said in metrics.items():
            for group, pair in said.items() if isinstance(said, dict) else [(None, said)]:
                pairs[(metric, user, group)] = tuple(pair)
    return pairs


def compare(vector, got):
    """What differs from the users' pairs, in words."""
    return [f"{key}: expected {want}, got {have}" for key, want, have in engines.differences(expected_pairs(vector), got)]


def flat(totals):
    return {metric: groups[None] if set(groups) == {None} else groups for metric, groups in totals.items()}


def as_tuples(said):
    return {key: as_tuples(one) if isinstance(one, dict) else tuple(one) for key, one in said.items()}


def check_oracle(vector):
    """What the oracle gives otherwise, in words. Here also (0, 0), the totals and the counters have to be equal."""
    definition, rows, as_of, since = document(vector), vector["rows"], vector["as_of"], vector.get("history_from")
    expect, result = vector["expect"], oracle.evaluate(definition, rows, as_of, since, vector.get("by"), vector.get("limits"))
    wrong = []

    def same(what, want, have):
        if want != have:
            wrong.append(f"{what}: expected {want}, got {have}")

    users = {user: flat(metrics) for user, metrics in result.users.items()}
    same("users", {user: as_tuples(metrics) for user, metrics in expect["users"].items()}, users)
    if "totals" in expect:
        same("totals", as_tuples(expect["totals"]), flat(result.totals))
    counters = {reason: times for reason, times in result.rows.items() if times}
    for fact, reasons in result.events.items():
        counters |= {f"{fact}: {reason}": times for reason, times in reasons.items() if times}
    for what in result.excluded:
        counters |= {f"{metric}: {what}": times for metric, times in result.excluded[what].items()}
    same("counters", expect.get("counters", {}), counters)
    for goal, verdict in zip(definition.get("goals", []), expect.get("goals", []), strict=True):
        same(f"goal {goal['metric']}", verdict, oracle.judge(goal, result.totals[goal["metric"]][None]))
    for said in expect.get("attribution", []):
        split = oracle.attribute(definition, rows, as_of, said["metric"], said["property"], since)
        same("attribution", {user: as_tuples(groups) for user, groups in said["users"].items()}, split)
    if "default_as_of" in expect:
        for now, midnight in expect["default_as_of"]:
            same(f"as_of at {now}", midnight, oracle.default_as_of(definition, now))
    for metric, text in expect.get("values", {}).items():
        value = oracle.value(result.totals[metric][None])
        same(f"value of {metric}", text, None if value is None else str(value))
    return wrong


def lines(vector):
    """The rows as whole lines of an export."""
    return [
        {"seq": seq, "consent": ["analytics"], **row} if isinstance(row, dict) else row
        for seq, row in enumerate(vector["rows"], 1)
    ]


def fits_columns(row):
    """Whether typed columns can hold the row."""
    types = {"id": str, "type": str, "ts": int, "offset": int, "profile": str, "user": str, "session": str, "data": dict}
    return (
        isinstance(row, dict)
        and "id" in row
        and "ts" in row
        and all(isinstance(row[key], kind) and not isinstance(row[key], bool) for key, kind in types.items() if key in row)
    )


def run_sql(engine, rows, sql):
    engine.load(rows)
    try:
        return engine.run(sql)
    finally:
        engine.close()


def check_computed(vector, hearken, dialects):
    """What `hearken measure` and SQL give otherwise, in words; a vector with `limits` or `by` is the oracle's alone."""
    if "limits" in vector or "by" in vector:
        return
    as_of, since = vector["as_of"], vector.get("history_from")
    rows = [row for row in lines(vector) if fits_columns(row)]
    # Line numbers stand in for absent ids where files are read; a table has a column of ids.
    dialects = dialects if all(isinstance(row, dict) and row.get("id") is not None and "type" in row for row in lines(vector)) else []
    with tempfile.TemporaryDirectory() as folder:
        definition, events = os.path.join(folder, "definition.json"), os.path.join(folder, "events.jsonl")
        with open(definition, "w", encoding="utf-8") as file:
            json.dump(document(vector), file)
        engines.write_lines(lines(vector), events)
        runs = {"hearken measure": lambda: hearken.measure(definition, events, as_of, since)}
        for dialect in dialects:
            engine = engines.ENGINES[dialect]()
            runs[engine.name] = lambda engine=engine: run_sql(engine, rows, hearken.sql(engine.dialect, definition, as_of, since))
        for who, run in runs.items():
            try:
                got = run()
            except Exception as error:  # every engine has its own
                yield f"{who}: {type(error).__name__}: {error}"
                continue
            for wrong in compare(vector, got):
                yield f"{who}: {wrong}"
