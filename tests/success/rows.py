"""From exported lines to events that count: rules 1 to 3, 14 and 18, and the first steps of rule 2."""

import json
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

# Rule 14: what a row must have, what its properties count as. Rule 10: the ranges of ts and offset.

ABSENT = None
TS_END = 2**43
OFFSET_MAX = 1080
EXACT = 2**53 - 1  # the largest integer that JSON holds everywhere (engine.md 1.6)


@dataclass
class Event:
    id: str
    ts: int
    offset: int
    name: str
    profile: str | None
    user_id: str | None
    session: str | None
    late: bool
    data: dict
    user: str = ""
    value: int | None = None

    @property
    def order(self):
        """Rule 1."""
        return (self.ts, self.id.encode())


def integer(x):
    """The integer that a JSON number is, by its value: 7 and 7.0 are the same number. Nothing for all else."""
    if isinstance(x, (int, float)) and not isinstance(x, bool) and abs(x) <= EXACT and x == int(x):
        return int(x)
    return None


def id_text(x):
    """Rule 14: text as it is, an integer as decimal text; empty, boolean, fractional, structured: absent."""
    if isinstance(x, str):
        return x or ABSENT
    number = integer(x)
    return ABSENT if number is None else str(number)


def read_row(row, fallback_id):
    """An event, or the reason why the row is rejected."""
    if not isinstance(row, dict):
        return "row.type"
    id = row.get("id")
    if id is None:
        id = fallback_id
    if not isinstance(id, str):
        return "id.type"
    if id == "":
        return "id.empty"
    name = row.get("type")
    if name is None or name == "":
        return "event.empty"
    if not isinstance(name, str):
        return "event.type"
    user_id = row.get("user")
    if user_id == "":
        return "user.empty"
    if user_id is not None:
        user_id = id_text(user_id)
        if user_id is ABSENT:
            return "user.type"
    profile = row.get("profile")
    if profile is not None and not isinstance(profile, str):
        return "profile.type"
    if not profile:
        profile = None
        if user_id is None:
            return "profile.empty"
    ts = row.get("ts")
    if isinstance(ts, bool) or not isinstance(ts, int):
        return "ts.type"
    if not 0 <= ts < TS_END:
        return "ts.range"
    offset = row.get("offset", 0)
    if isinstance(offset, bool) or not isinstance(offset, int):
        return "offset.type"
    if not -OFFSET_MAX <= offset <= OFFSET_MAX:
        return "offset.range"
    data = row.get("data")
    if data is None:
        data = {}
    if not isinstance(data, dict):
        return "data.type"
    return Event(id, ts, offset, name, profile, user_id, id_text(row.get("session")), row.get("late") is True, data)


# ---------------------------------------------------------------------------------------------------------------------
# Canonical JSON (RFC 8785): the bytes by which conflicting payloads are ordered.


def canonical_number(x):
    x = float(x)
    if x == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(x)).normalize().as_tuple()
    text, point = "".join(map(str, digits)), len(digits) + exponent
    if len(digits) <= point <= 21:
        body = text + "0" * (point - len(digits))
    elif 0 < point <= 21:
        body = text[:point] + "." + text[point:]
    elif -6 < point <= 0:
        body = "0." + "0" * -point + text
    else:
        body = text[0] + ("." + text[1:] if len(text) > 1 else "") + f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return ("-" if sign else "") + body


def canonical(x):
    if isinstance(x, dict):
        keys = sorted(x, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(canonical(key) + ":" + canonical(x[key]) for key in keys) + "}"
    if isinstance(x, list):
        return "[" + ",".join(map(canonical, x)) + "]"
    if isinstance(x, (int, float)) and not isinstance(x, bool):
        return canonical_number(x)
    return json.dumps(x, ensure_ascii=False)


# ---------------------------------------------------------------------------------------------------------------------
# Rule 2: the pipeline, up to identity.


def absent_first(text):
    return (text is not None, (text or "").encode())


def payload(event):
    """Rule 3: by this, absent first. The session is last: the rule is silent on it, and something has to be kept."""
    return (
        event.ts,
        event.name.encode(),
        canonical(event.data).encode(),
        absent_first(event.user_id),
        absent_first(event.profile),
        event.offset,
        absent_first(event.session),
    )


def dedupe_by_id(events, counters):
    """Rule 3: one of each id, whoever's it is; of conflicting payloads the least."""
    by_id = defaultdict(list)
    for event in events:
        by_id[event.id].append(event)
    kept = []
    for same in by_id.values():
        least = min(same, key=payload)
        kept.append(least)
        differing = sum(1 for event in same if payload(event) != payload(least))
        counters["duplicate.conflict"] += differing
        counters["duplicate.id"] += len(same) - 1 - differing
    return kept


def identify(events):
    """Rule 18: `u:` and the row's user, else the user of the profile's first merging `$identify`, else `p:`."""
    for event in events:
        if event.user_id is not None:
            event.user = "u:" + event.user_id
            continue
        merges = [
            other
            for other in events
            if other.profile == event.profile
            and other.name == "$identify"
            and other.data.get("merged") is True
            and other.user_id is not None
        ]
        first = min(merges, key=lambda other: other.order, default=None)
        event.user = "u:" + first.user_id if first else "p:" + event.profile


def accept(rows, as_of, history_from, counters):
    """Rule 2, its first steps, in their order. Rule 17: `$identify` is never late."""
    events = []
    for number, row in enumerate(rows, 1):
        event = read_row(row, f"#{number:012}")
        if isinstance(event, str):
            counters[event] += 1
        elif event.late and event.name != "$identify":
            counters["late"] += 1
        elif history_from is not None and event.ts < history_from:
            counters["history"] += 1
        elif not event.ts < as_of:
            counters["future"] += 1
        else:
            events.append(event)
    events = dedupe_by_id(events, counters)
    by_profile = defaultdict(list)
    for event in events:
        by_profile[event.profile].append(event)
    for same_profile in by_profile.values():
        identify(same_profile)
    return sorted(events, key=lambda event: event.order)
