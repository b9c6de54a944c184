"""How often each class of edge was met: counted on the rows as they are, whatever the generator meant by them."""

from collections import Counter, defaultdict

import oracle
from document import DAY, MINUTE, span
from generate import HOSTILE
from rows import EXACT, OFFSET_MAX, id_text

SIDES = {-1: "before", 0: "at", 1: "after"}
CLASSES = [
    *[f"{edge}.{side}" for edge in (
        "window.start", "previous.start", "cohort.start", "maturity", "within.end", "days.start", "days.end", "edge",
        "key.horizon", "history_from", "as_of", "grid.midnight",
    ) for side in SIDES.values()],
    "anchor.counts", "then.same_ts.earlier_id", "then.same_ts.later_id", "then.absent_match", "then.other_match",
    "key.absent", "key.within_horizon", "key.same_ts", "key.after_zero", "first.same_ts", "last.same_ts",
    "touch.same_ts", "touch.window.before", "touch.window.at", "touch.window.after",
    "id.identical", "id.conflicting", "id.copy_late", "id.copy_profile", "ts.equal",
    "offset.negative", "offset.positive", "offset.extreme", "offset.other_day",
    "value.zero", "value.absent", "value.fractional", "value.type", "value.range", "value.currency", "value.text", "value.negative",
    "property.float_integer", "property.fractional", "property.boolean", "property.null", "property.structured",
    "property.huge", "property.longest", "property.too_long", "property.negative", "property.empty", "property.leading_zero", "property.exponent_text", "property.hostile", "property.beyond_bmp",
    "ts.zero", "session.absent", "identity.merged", "identity.unmerged", "identity.tie", "late", "late.false", "future", "history",
    "id.empty", "user.empty", "event.empty", "ts.range", "offset.range",
]


def property_classes(x):
    if isinstance(x, bool):
        yield "boolean"
    elif isinstance(x, float):
        yield "float_integer" if x.is_integer() and abs(x) < 1e15 else "huge" if x.is_integer() else "fractional"
    elif isinstance(x, int) and abs(x) == EXACT:
        yield "longest"
    elif isinstance(x, int) and abs(x) == EXACT + 1:
        yield "too_long"
    elif isinstance(x, int) and -(10**12) <= x < 0:
        yield "negative"
    elif isinstance(x, int) and abs(x) > 10**12:
        yield "huge"
    elif x is None:
        yield "null"
    elif isinstance(x, (dict, list)):
        yield "structured"
    elif x == "":
        yield "empty"
    elif x == "07":
        yield "leading_zero"
    elif x == "1e3":
        yield "exponent_text"
    elif x in HOSTILE:
        yield "hostile"
        if any(ord(letter) > 0xFFFF for letter in x):
            yield "beyond_bmp"


def hits(definition, rows, as_of, history_from=None):
    """How often each class of edge was met: by events that count, as far as the class is one of events that count."""
    count = Counter()

    def edge(name, distance):
        if distance in SIDES:
            count[f"{name}.{SIDES[distance]}"] += 1

    for row in rows:
        edge("as_of", row["ts"] - as_of)
        count["ts.zero"] += row["ts"] == 0
        count["late.false"] += row.get("late") is False
        if history_from is not None:
            edge("history_from", row["ts"] - history_from)
        for x in row["data"].values():
            for kind in property_classes(x):
                count[f"property.{kind}"] += 1
    named = defaultdict(set)
    for row in rows:
        if row["type"] == "$identify" and row["data"]["merged"]:
            named[row.get("profile"), row["ts"]].add(row["user"])
    count["identity.tie"] += sum(1 for users in named.values() if len(users) > 1)
    by_id = defaultdict(list)
    for row in rows:
        by_id[row["id"]].append(row)
    count["id.copy_late"] += sum(1 for same in by_id.values() if len({"late" in row for row in same}) == 2)
    count["id.copy_profile"] += sum(1 for same in by_id.values() if len({"profile" in row for row in same}) == 2)

    dropped = Counter()
    users = oracle.by_user(rows, as_of, history_from, dropped)
    for reason in ("late", "future", "history", "id.empty", "user.empty", "event.empty", "ts.range", "offset.range"):
        count[reason] += dropped[reason]
    count["id.identical"] += dropped["duplicate.id"]
    count["id.conflicting"] += dropped["duplicate.conflict"]
    grid = oracle.grid_offset(definition)
    reasons = defaultdict(Counter)
    for mine in users.values():
        facts = {name: oracle.fact_of(definition, name, mine, reasons) for name in definition["facts"]}
        count_user(definition, facts, mine, as_of, grid, count, edge)
    for of_fact in reasons.values():
        for reason, times in of_fact.items():
            count[reason] += times
    return count


def count_user(definition, facts, mine, as_of, grid, count, edge):
    for before, event in zip([None, *mine], mine):
        edge("grid.midnight", (event.ts + grid * MINUTE + 1) % DAY - 1)
        count["ts.equal"] += before is not None and before.ts == event.ts
        count["offset.negative"] += event.offset < 0
        count["offset.positive"] += event.offset > 0
        count["offset.extreme"] += abs(event.offset) == OFFSET_MAX
        count["offset.other_day"] += oracle.grid_day(event.ts, event.offset) != oracle.grid_day(event.ts, grid)
        count["session.absent"] += event.session is None
        merged = event.user.startswith("u:") and event.user_id is None
        count["identity.merged"] += merged
        count["identity.unmerged"] += event.user.startswith("p:")
    for name, fact in definition["facts"].items():
        if "key" in fact:
            last = {}
            for event in mine:
                if event.name not in oracle.names(fact):
                    continue
                key = id_text(event.data.get(fact["key"]))
                count["key.absent"] += key is None
                if key in last and key is not None:
                    gap = event.ts - last[key] - span(fact.get("horizon", "400d"))
                    edge("key.horizon", gap)
                    count["key.within_horizon"] += gap < 0
                    count["key.same_ts"] += event.ts == last[key]
                last[key] = event.ts
        count["key.after_zero"] += key_after_zero(definition, fact, facts[name], mine)
        if fact.get("take") in ("first", "last"):
            every = every_event(definition, fact, facts, mine)
            ends = every[:2] if fact["take"] == "first" else every[-2:]
            count[f"{fact['take']}.same_ts"] += len(ends) == 2 and ends[0].ts == ends[1].ts
        if "value" in fact:
            for event in facts[name].events:
                count["value.zero"] += event.value == 0
                count["value.negative"] += event.value < 0
                count["value.text"] += isinstance(event.data[fact["value"]["property"]], str)
    for metric in definition["metrics"].values():
        count_metric(definition, metric, facts, as_of, count, edge)
    attribution = definition["attribution"]
    touches = facts[attribution["touch"]].events
    for fact in facts.values():
        for event in fact.events if fact.events and fact.events[0].value is not None else []:
            for touch in touches:
                edge("touch.window", touch.ts - (event.ts - span(attribution["window"])))
                count["touch.same_ts"] += touch.ts == event.ts


def every_event(definition, fact, facts, mine):
    """The events of a fact before its `take`."""
    if "of" in fact:
        return facts[fact["of"]].events
    base = {key: what for key, what in fact.items() if key != "take"}
    return oracle.fact_of({**definition, "facts": {"base": base}}, "base", mine, defaultdict(Counter)).events


def key_after_zero(definition, fact, counted, mine):
    """How often a key comes again, within its horizon, after an event of value 0."""
    if "key" not in fact or "value" not in fact:
        return 0
    zeros = [(event, id_text(event.data.get(fact["key"]))) for event in counted.events if event.value == 0]
    h = span(fact.get("horizon", "400d"))
    return sum(
        1
        for zero, key in zeros
        for event in mine
        if key is not None and event.name in oracle.names(fact) and id_text(event.data.get(fact["key"])) == key
        and event.order > zero.order and event.ts - zero.ts < h
    )


def count_metric(definition, metric, facts, as_of, count, edge):
    read = [event for fact in oracle.facts_read(definition, {**metric, "read": None}) for event in facts[fact].events]
    whole = oracle.window(definition, metric, as_of)
    if "after" not in metric and "each" not in metric:
        if whole.start is not None:
            for event in read:
                edge("window.start", event.ts - whole.start)
                edge("previous.start", event.ts - oracle.previous(definition, metric, as_of).start)
        return
    h = oracle.horizon(metric)
    anchor_fact = facts[metric.get("after") or metric["each"]]
    for anchor in anchor_fact.events:
        edge("maturity", anchor.ts + h - as_of)
        if whole.start is not None:
            edge("cohort.start", anchor.ts + h - whole.start)
    for anchor in oracle.anchors(definition, metric, as_of, anchor_fact):
        if "days" in metric:
            inside = oracle.after_range(metric, anchor)
            for event in read:
                edge("days.start", event.ts - inside.start)
                edge("days.end", event.ts - inside.end)
            continue
        followers = facts[metric["then"]].events if "then" in metric else read
        for event in followers:
            if "match" in metric:
                wanted, got = (id_text(one.data.get(metric["match"])) for one in (anchor, event))
                count["then.absent_match"] += wanted is None and got is None
                count["then.other_match"] += wanted != got
                if wanted != got:
                    continue
            edge("within.end", event.ts - anchor.ts - h)
            for one in metric.get("edges", []):
                edge("edge", event.ts - anchor.ts - span(one))
            if event.id == anchor.id:
                count["anchor.counts"] += 1
            elif event.ts == anchor.ts:
                count["then.same_ts." + ("later_id" if event.order > anchor.order else "earlier_id")] += 1
