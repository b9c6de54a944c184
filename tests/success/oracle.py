"""The success definition, evaluated naively.

A second implementation of docs/success.md, written from its text alone, to be compared with the evaluators that ship.
It shares no code with them and does nothing to be fast: every metric of every user walks that user's events again.
"Rule n" is rule n of section 3 of that document.

    result = evaluate(definition, rows, as_of)
    result.users["u:ann"]["aov"]            -> {None: (num, den)}
    result.users["u:ann"]["open_rate"]      -> {"email": (num, den), "(absent)": (num, den)}
    result.totals["aov"]                    -> {None: (num, den)}
    result.rows["id.empty"]                 -> rows that were rejected or dropped, by reason
    result.events["purchase"]["value.range"] -> events that left a fact, by reason

`definition` is a document (a dict), `rows` are exported native lines (dicts). A den of None is one that is not computed.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from document import DAY, MINUTE, Refused, edge_metric, span
from rows import ABSENT, Event, accept, id_text, integer

# ---------------------------------------------------------------------------------------------------------------------
# Rule 12: conditions.


def same_type(x, literal):
    """`x` as something to compare with the literal: within one JSON type, else absent."""
    if isinstance(literal, bool):
        return x if isinstance(x, bool) else ABSENT
    if isinstance(literal, int):
        return integer(x)
    if isinstance(literal, str):
        return x if isinstance(x, str) else ABSENT
    raise Refused(f"not a literal to compare with: {literal!r}")


def equals(x, literal):
    x = same_type(x, literal)
    return x is not ABSENT and x == literal


def compares(x, literal, test):
    """Text by its bytes, integers by value; booleans have no order."""
    if isinstance(literal, bool):
        raise Refused("booleans have no order")
    x = same_type(x, literal)
    if x is ABSENT:
        return False
    if isinstance(x, str):
        return test(x.encode(), literal.encode())
    return test(x, literal)


OPERATORS = {
    "$eq": lambda x, a: equals(x, a),
    "$ne": lambda x, a: not equals(x, a),
    "$in": lambda x, a: any(equals(x, one) for one in a),
    "$nin": lambda x, a: not any(equals(x, one) for one in a),
    "$lt": lambda x, a: compares(x, a, lambda p, q: p < q),
    "$lte": lambda x, a: compares(x, a, lambda p, q: p <= q),
    "$gt": lambda x, a: compares(x, a, lambda p, q: p > q),
    "$gte": lambda x, a: compares(x, a, lambda p, q: p >= q),
    "$exists": lambda x, a: (x is not None) == a,
}


def passes(condition, event):
    for name, test in (condition or {}).items():
        if name == "$and":
            held = all(passes(one, event) for one in test)
        elif name == "$or":
            held = any(passes(one, event) for one in test)
        elif name == "$nor":
            held = not any(passes(one, event) for one in test)
        else:
            x = event.value if name == "$value" else event.data.get(name)
            tests = test if isinstance(test, dict) else {"$eq": test}
            held = all(OPERATORS[operator](x, argument) for operator, argument in tests.items())
        if not held:
            return False
    return True


# ---------------------------------------------------------------------------------------------------------------------
# Rule 13: values. Rule 16: no larger than 10^12.

VALUE_MAX = 10**12


def read_value(spec, money, data):
    """The value, or the reason why the event leaves the fact."""
    x = data.get(spec["property"])
    if x is None:
        return "value.absent"
    if isinstance(x, bool):
        return "value.type"
    if isinstance(x, str):
        if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", x):
            return "value.type"
        exact = Fraction(x)
    elif isinstance(x, int):
        exact = Fraction(x)
    elif isinstance(x, float):
        exact = Fraction(repr(x))
    else:
        return "value.type"
    scaled = exact * 10 ** spec.get("scale", 0)
    if scaled.denominator != 1:
        return "value.fractional"
    low, high = max(spec.get("min", 0), -VALUE_MAX), min(spec.get("max", VALUE_MAX), VALUE_MAX)
    if not low <= scaled <= high:
        return "value.range"
    if "currency" in spec and data.get(spec["currency"]) != money["currency"]:
        return "value.currency"
    return int(scaled)


# ---------------------------------------------------------------------------------------------------------------------
# Facts of one user.


@dataclass
class Fact:
    events: list  # in order; `first` already taken
    take: str | None
    seen: int = 0  # events before `first`, rule 16


def names(fact):
    return [fact["event"]] if isinstance(fact["event"], str) else fact["event"]


def dedupe_by_key(fact, events, reasons):
    """Rule 4."""
    if "key" not in fact:
        return events
    horizon = span(fact.get("horizon", "400d"))
    kept = []
    for at, event in enumerate(events):
        key = id_text(event.data.get(fact["key"]))
        before = [other for other in events[:at] if key is not ABSENT and id_text(other.data.get(fact["key"])) == key]
        if before and event.ts - before[-1].ts < horizon:
            reasons["duplicate.key"] += 1
        else:
            kept.append(event)
    return kept


def fact_of(definition, name, mine, counters):
    """Rule 2, its steps from the fact's `where` to `first`. `mine` are the user's events, in order."""
    fact = definition["facts"][name]
    if "of" in fact:
        base = fact_of(definition, fact["of"], mine, defaultdict(Counter))
        events, seen, take = base.events, base.seen, fact.get("take", base.take)
    else:
        events, reasons = [], counters[name]
        for event in mine:
            if event.name not in names(fact) or not passes(fact.get("where"), event):
                continue
            if "value" in fact:
                value = read_value(fact["value"], definition.get("money"), event.data)
                if isinstance(value, str):
                    reasons[value] += 1
                    continue
                event = Event(**{**vars(event), "value": value})
            events.append(event)
        events = dedupe_by_key(fact, events, reasons)
        seen, take = len(events), fact.get("take")
    if take == "first":
        events = events[:1]  # rule 5: over all history
    return Fact(events, take, seen)


# ---------------------------------------------------------------------------------------------------------------------
# Time.


def grid_day(ts, offset):
    """Rule 10."""
    return (ts + offset * MINUTE + 86_400_000_000_000) // DAY - 1_000_000


def midnight(day, offset):
    """The instant at which that day begins."""
    return day * DAY - offset * MINUTE


def default_as_of(definition, now):
    """Rule 6: the last grid midnight."""
    offset = grid_offset(definition)
    return midnight(grid_day(now, offset), offset)


def grid_offset(definition):
    return (definition.get("calendar") or {}).get("offset", 0)


@dataclass
class Range:
    """Events with start <= ts < end; with `since`, none before it in (ts, id)."""

    start: int | None = None
    end: int | None = None
    since: tuple | None = None

    def holds(self, event):
        return (
            (self.start is None or event.ts >= self.start)
            and (self.end is None or event.ts < self.end)
            and (self.since is None or event.order >= self.since)
        )


def window(definition, metric, as_of):
    """Rule 7."""
    if "window" not in metric:
        return Range()
    offset = grid_offset(definition)
    days = span(metric["window"]) // DAY
    return Range(midnight(grid_day(as_of, offset) - days, offset), as_of)


def previous(definition, metric, as_of):
    """Rule 7."""
    start = window(definition, metric, as_of).start
    return Range(start - span(metric["window"]), start)


def horizon(metric):
    """Rule 8."""
    if "days" in metric:
        return (metric["days"][1] + 1) * DAY
    return span(metric["within"])


def anchors(definition, metric, as_of, fact):
    """Rule 8: the mature events of the cohort, both edges of the window moved back by the horizon."""
    h = horizon(metric)
    whole = window(definition, metric, as_of)
    cohort = Range() if whole.start is None else Range(whole.start - h, whole.end - h)
    return last(fact, [event for event in fact.events if cohort.holds(event) and event.ts + h < as_of])


def after_range(metric, anchor):
    """Rule 11, and rule 9: by the anchor's own offset."""
    if "days" in metric:
        a, b = metric["days"]
        day = grid_day(anchor.ts, anchor.offset)
        return Range(midnight(day + a, anchor.offset), midnight(day + b + 1, anchor.offset))
    return Range(anchor.ts, anchor.ts + span(metric["within"]), anchor.order)


# ---------------------------------------------------------------------------------------------------------------------
# Operators of one user.


def last(fact, events):
    """Rule 5: the last inside the range."""
    return events[-1:] if fact.take == "last" else events


@dataclass
class Scope:
    """What an operator sees of one user: the facts, the metric's range, the anchors of `each`."""

    definition: dict
    metric: dict
    as_of: int
    facts: dict
    range: Range
    anchors: list

    def events(self, operator):
        """The fact's events in the operator's range: `last`, then `where` (rule 2)."""
        fact = self.facts[fact_name(operator)]
        range = self.range
        if operator.get("in") == "previous":
            range = previous(self.definition, self.metric, self.as_of)
        elif operator.get("in") == "ever":
            range = Range()
        inside = last(fact, [event for event in fact.events if range.holds(event)])
        return [event for event in inside if passes(operator.get("where"), event)]


def fact_name(operator):
    for kind in ("has", "lacks", "count", "sum", "span"):
        if kind in operator:
            return operator[kind]
    raise Refused(f"not an operator: {operator}")


def counted(definition, operator, events):
    """How many events; or how many days, sessions, values of a property."""
    distinct = operator.get("distinct")
    if distinct is None:
        return len(events)
    if distinct == "day":
        of = [grid_day(event.ts, grid_offset(definition)) for event in events]
    elif distinct == "session":
        of = [event.session for event in events]
    else:
        of = [id_text(event.data.get(distinct)) for event in events]
    return len({one for one in of if one is not ABSENT})


def first_match(scope, anchor):
    """Rule 11: the first `then` after its anchor, of the same `match`, within the horizon."""
    metric = scope.metric
    end = anchor.ts + span(metric["within"])
    for event in scope.facts[metric["then"]].events:
        if not (event.order > anchor.order and event.ts < end):
            continue
        if "match" in metric:
            wanted = id_text(anchor.data.get(metric["match"]))
            if wanted is ABSENT or id_text(event.data.get(metric["match"])) != wanted:
                continue
        return event
    return None


def amount(scope, operator, keep=lambda event: True, edge=None):
    """The integer of an operator over the events (or anchors) to keep."""
    if isinstance(operator, str):
        if operator == "one":
            return 1
        mine = [anchor for anchor in scope.anchors if keep(anchor)]
        if operator == "each":
            return len(mine)
        matched = [(anchor, first_match(scope, anchor)) for anchor in mine]
        waits = [match.ts - anchor.ts for anchor, match in matched if match]
        if operator == "reached":
            return len([wait for wait in waits if edge is None or wait < edge])
        if operator == "elapsed":
            return sum(waits)
        raise Refused(f"not an operator: {operator}")
    events = [event for event in scope.events(operator) if keep(event)]
    if "has" in operator or "lacks" in operator:
        enough = counted(scope.definition, operator, events) >= operator.get("at_least", 1)
        value = int(enough if "has" in operator else not enough)
    elif "count" in operator:
        value = counted(scope.definition, operator, events)
    elif "sum" in operator:
        value = sum(event.value for event in events)
    elif "span" in operator:
        value = events[-1].ts - events[0].ts if events else 0
    value *= operator.get("times", 1)
    if "minus" in operator:
        less = operator["minus"]
        if not isinstance(less, str) and "in" in operator:
            less = {**less, "in": operator["in"]}  # over the same range
        value -= amount(scope, less, keep, edge)
    return value


def group_of(by, event):
    """Section 2: the event's name, or a property as id text."""
    if by == "$event":
        return event.name
    return id_text(event.data.get(by)) or "(absent)"


def groups(scope, operator):
    """The groups that an operator's events are in."""
    if operator == "one":
        return set()
    if isinstance(operator, str):
        return {group_of(scope.metric["by"], anchor) for anchor in scope.anchors}
    found = {group_of(scope.metric["by"], event) for event in scope.events(operator)}
    if "minus" in operator:
        found |= groups(scope, {**operator["minus"], **({"in": operator["in"]} if "in" in operator else {})})
    return found


def total_only(metric):
    return metric.get("read") == "total"


def pair(scope, keep=lambda event: True, edge=None):
    """Rule 20: under `read: total` there is no den."""
    if edge is not None:
        return (amount(scope, "reached", keep, edge), amount(scope, "each", keep))
    num = amount(scope, scope.metric["num"], keep)
    return (num, None if total_only(scope.metric) else amount(scope, scope.metric["den"], keep))


def scope_of(definition, metric, as_of, facts):
    """Where a metric looks, or nothing if it gives (0, 0)."""
    scope = Scope(definition, metric, as_of, facts, window(definition, metric, as_of), [])
    if "given" in metric and amount(scope, metric["given"]) == 0:
        return None
    if "after" in metric:
        cohort = anchors(definition, metric, as_of, facts[metric["after"]])
        if not cohort:
            return None
        scope.range = after_range(metric, cohort[0])
    elif "each" in metric:
        scope.anchors = anchors(definition, metric, as_of, facts[metric["each"]])
    return scope


def facts_read(definition, metric):
    """The facts that a metric reads."""
    found = {metric[key] for key in ("after", "each", "then") if key in metric}
    todo = [metric[key] for key in ("num", "den", "given") if key in metric and not (key == "den" and total_only(metric))]
    while todo:
        operator = todo.pop()
        if not isinstance(operator, str):
            found.add(fact_name(operator))
            if "minus" in operator:
                todo.append(operator["minus"])
    return found


def metric_of_user(definition, name, metric, as_of, facts, limits, counters):
    """{metric: {group: pair}}: one metric, or with `edges` one for each."""
    if any(facts[fact].seen > limits["events"] for fact in facts_read(definition, metric)):
        counters["limit"][name] += 1  # rule 16
        return {}
    scope = scope_of(definition, metric, as_of, facts)
    variants = {name: None}
    if "edges" in metric:
        variants |= {edge_metric(name, edge): span(edge) for edge in metric["edges"]}
    if "by" not in metric:
        zero = (0, None if total_only(metric) else 0)
        return {variant: {None: pair(scope, edge=edge) if scope else zero} for variant, edge in variants.items()}
    if scope is None:
        return {variant: {} for variant in variants}
    found = groups(scope, metric["num"]) | (set() if total_only(metric) else groups(scope, metric["den"]))
    if len(found) > limits["groups"]:
        counters["state_limit"][name] += 1
        return {}
    by = metric["by"]
    return {
        variant: {group: pair(scope, lambda event: group_of(by, event) == group, edge) for group in found}
        for variant, edge in variants.items()
    }


# ---------------------------------------------------------------------------------------------------------------------
# Everything.

LIMITS = {"events": 10**6, "groups": 256}


@dataclass
class Result:
    users: dict = field(default_factory=dict)
    totals: dict = field(default_factory=dict)
    rows: Counter = field(default_factory=Counter)
    events: dict = field(default_factory=dict)
    excluded: dict = field(default_factory=dict)


def add_pair(totals, metric, group, pair):
    """Rule 21."""
    num, den = totals.setdefault(metric, {}).get(group, (0, None if pair[1] is None else 0))
    totals[metric][group] = (num + pair[0], None if pair[1] is None else den + pair[1])


def by_user(rows, as_of, history_from, counters):
    users = defaultdict(list)
    for event in accept(rows, as_of, history_from, counters):
        users[event.user].append(event)
    return users


def evaluate(definition, rows, as_of, history_from=None, by=None, limits=None):
    """All metrics of all users. `by` splits every metric that does not split itself."""
    limits = {**LIMITS, **(limits or {})}
    result = Result(events=defaultdict(Counter), excluded=defaultdict(Counter))
    for user, mine in sorted(by_user(rows, as_of, history_from, result.rows).items()):  # rule 20: no events, no row
        facts = {name: fact_of(definition, name, mine, result.events) for name in definition["facts"]}
        result.users[user] = {}
        for name, metric in definition["metrics"].items():
            if by is not None:
                metric = {"by": by, **metric}
            got = metric_of_user(definition, name, metric, as_of, facts, limits, result.excluded)
            result.users[user] |= got
            for variant, groups in got.items():
                for group, pair in groups.items():
                    add_pair(result.totals, variant, group, pair)
    return result


def value(pair):
    """Rule 15: one division at the end; without a den there is no value."""
    return Fraction(pair[0], pair[1]) if pair[1] else None


# ---------------------------------------------------------------------------------------------------------------------
# Rule 19: attribution.


def touch_of(facts, attribution, conversion):
    """The latest touch of the window before a conversion."""
    start = conversion.ts - span(attribution["window"])
    before = [
        touch
        for touch in facts[attribution["touch"]].events
        if touch.ts > start and touch.order < conversion.order and touch.data.get("ghost") is None
    ]
    return before[-1] if before else None


def attribute(definition, rows, as_of, metric, property, history_from=None):
    """{user: {group: (num, den)}}: the metric's `sum` or `count`, split by a property of the touch."""
    attribution, metric = definition["attribution"], definition["metrics"][metric]
    operator = metric["num"]
    if attribution["model"] != "last_touch" or not ({"sum", "count"} & set(operator)) or {"minus", "distinct"} & set(operator):
        raise Refused("attribution splits a sum or a count")
    result = {}
    for user, mine in sorted(by_user(rows, as_of, history_from, Counter()).items()):
        facts = {name: fact_of(definition, name, mine, defaultdict(Counter)) for name in definition["facts"]}
        scope = scope_of(definition, metric, as_of, facts)
        result[user] = {}
        for conversion in scope.events(operator) if scope else []:
            touch = touch_of(facts, attribution, conversion)
            group = group_of(property, touch) if touch else "(none)"
            num, den = result[user].get(group, (0, 0))
            share = (conversion.value if "sum" in operator else 1) * operator.get("times", 1)
            result[user][group] = (num + share, den + 1)
    return result


# ---------------------------------------------------------------------------------------------------------------------
# Rule 23: goals.


def judge(goal, pair):
    """`met`, `not_met`, `no_data`; nothing for a goal without a target."""
    if "target" not in goal:
        return None
    num, den = pair
    if den is None or den <= 0 or den < goal.get("min_den", 0):
        return "no_data"
    left, right = num * goal["target"]["den"], goal["target"]["num"] * den
    return "met" if (left <= right if goal["direction"] == "down" else left >= right) else "not_met"
