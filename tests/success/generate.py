"""Streams of events that sit on the edges of a definition, seeded: the same seed gives the same rows.

    data = generate(definition, seed=1, streams=1000, as_of=..., history_from=...)

A stream is the life of a few people; many streams, each with its own users, make one data set, so that one run of an
engine evaluates thousands. One of three is a life with all that can happen in it; the others are scenes: a few rows of one
person, each of which counts but for the edge that one of them is on, so that nothing else hides it. edge_classes.py counts
afterwards which edges were met.
"""

import json
import random
from collections import defaultdict

import oracle
from document import DAY, span
from rows import EXACT, Event, id_text

HOSTILE = ["é", "Z", "a", "o'x", 'say "hi"', "100%", "a_b", "\\", "😀", "𝒜", "--", "x;\ny", "NULL", "E", "e", "e\u0301", " a", "a "]
OFFSETS = [0, 0, 0, 60, 120, 330, -1, -300, 720, -720, 1080, -1080]
ODD = ["07", 7, 7.0, 7.5, True, False, None, {}, [], "1e3", 1e3, 10**13, 1e300, -1, 0, "", "7", "7.0", " 7", "7.", "-7", "+7", "٧"]
NEAR = [-1, 0, 0, 1]
# The whole numbers that are just ids, and the ones next to them, which are not (rule 14).
LONG = [EXACT, -EXACT, EXACT + 1, -EXACT - 1]
IDS = ["k1", "k2", "K1", *HOSTILE, 12, -1, -12, *LONG]
ZEROS = [0, "0", "-0", "-0.0", "0.00"]
SCENES = 3  # a full life, and two scenes


class Vocabulary:
    """What a definition reads of each event: its properties, and values worth giving them."""

    def __init__(self, definition):
        self.definition = definition
        self.facts = {name: self.base(name) for name in definition["facts"]}
        self.properties = defaultdict(lambda: defaultdict(list))
        self.values = defaultdict(lambda: defaultdict(list))
        for fact in self.facts.values():
            for event in oracle.names(fact):
                if "key" in fact:
                    self.note(event, fact["key"], IDS)
                if "value" in fact:
                    spec = fact["value"]
                    self.values[event][spec["property"]].append((spec, self.bounds(spec)))
                    if "currency" in spec:
                        money = definition["money"]["currency"]
                        self.note(event, spec["currency"], [money] * 12 + [money.lower(), "", None, 7])
                self.condition(event, fact.get("where"))
        for metric in definition["metrics"].values():
            for fact in self.read_by(metric):
                for event in oracle.names(self.facts[fact]):
                    for key in ("match", "by"):
                        if metric.get(key, "$event") != "$event":
                            self.note(event, metric[key], IDS)
            todo = [metric[key] for key in ("num", "den", "given") if not isinstance(metric.get(key, "one"), str)]
            while todo:
                operator = todo.pop()
                fact = self.facts[oracle.fact_name(operator)]
                for event in oracle.names(fact):
                    self.condition(event, operator.get("where"))
                    if "$value" in operator.get("where", {}):
                        near = [limit + step for limit in operator["where"]["$value"].values() for step in NEAR]
                        self.values[event][fact["value"]["property"]].append((fact["value"], near))
                    if operator.get("distinct", "day") not in ("day", "session"):
                        self.note(event, operator["distinct"], IDS)
                if "minus" in operator:
                    todo.append(operator["minus"])
        self.events = sorted({event for fact in self.facts.values() for event in oracle.names(fact)})

    def base(self, name):
        fact = self.definition["facts"][name]
        return self.base(fact["of"]) if "of" in fact else fact

    def read_by(self, metric):
        return sorted(oracle.facts_read(self.definition, {**metric, "read": None}))

    def bounds(self, spec):
        low, high = spec.get("min", 0), spec.get("max", oracle.VALUE_MAX)
        return [low, high, low - 1, high + 1]

    def note(self, event, property, values):
        self.properties[event][property] += values

    def condition(self, event, where):
        for property, test in (where or {}).items():
            if property == "$value":
                continue
            literals = []
            for one in test.values() if isinstance(test, dict) else [test]:
                literals += one if isinstance(one, list) else [one]
            near = [one + step for one in literals if isinstance(one, int) and not isinstance(one, bool) for step in (-1, 1)]
            near += [-12, *LONG] if near else []
            self.note(event, property, literals * 3 + near + [not one for one in literals if isinstance(one, bool)])

    def data(self, event, rng):
        data = {}
        for property, pool in self.properties[event].items():
            if rng.random() < 0.9:
                data[property] = rng.choice(pool if rng.random() < 0.8 else ODD)
        for property, specs in self.values[event].items():
            spec, edges = rng.choice(specs)
            unit = 10 ** spec.get("scale", 0)
            kind = rng.random()
            if kind < 0.5:
                data[property] = rng.randint(max(spec.get("min", 0), -50), min(spec.get("max", 900), 900)) // unit
            elif kind < 0.75:
                edge = rng.choice(edges)
                data[property] = edge / unit if unit > 1 else edge
            elif kind < 0.85:
                data[property] = rng.choice(["7", "12.50", "-3", "0.1", "0", "19.99", "7.000", "-0", "-0.5", 19.99, 0.07, -0.5, -0.0])
            elif kind < 0.97:
                data[property] = rng.choice(ODD)
        return data


    def takes(self, fact, data, where=None):
        """Whether the fact, and an operator's `where`, count an event with these properties."""
        value = oracle.read_value(fact["value"], self.definition.get("money"), data) if "value" in fact else 0
        event = Event("", 0, 0, "", None, None, None, False, data, value=value)
        return isinstance(value, int) and oracle.passes(fact.get("where"), event) and oracle.passes(where, event)


class Stream:
    def __init__(self, vocabulary, rng, number, as_of, history_from):
        self.vocabulary, self.rng, self.number = vocabulary, rng, number
        self.definition = vocabulary.definition
        self.as_of, self.history_from = as_of, history_from
        self.rows = []
        self.profiles = [f"s{number}-p{i}" for i in range(rng.choice([1, 1, 2]))]
        self.user = f"s{number}-{rng.choice(['u', 'é', 'Z', chr(39), '%', '😀'])}"
        # Most people are anonymous first and identified at some point; some are always known, some never.
        self.kind = rng.choice(["known", "known", "anonymous", "identified"])
        self.identified_at = self.some_time() if self.kind == "identified" else None

    # -- times

    def near(self):
        return self.rng.choice(NEAR)

    def offset(self):
        return self.rng.choice(OFFSETS)

    def window_edges(self, metric):
        whole = oracle.window(self.definition, metric, self.as_of)
        if whole.start is None:
            return []
        return [whole.start, oracle.previous(self.definition, metric, self.as_of).start]

    def some_time(self):
        """Somewhere near the present, often an edge."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.02:
            return 0
        if kind < 0.15 and self.history_from is not None:
            return self.history_from + self.near()
        if kind < 0.30:
            return self.as_of + rng.choice([-1, -1, -1, 0, 1, -DAY])
        if kind < 0.45:
            grid = oracle.grid_offset(self.definition)
            return oracle.midnight(oracle.grid_day(self.as_of, grid) - rng.randint(0, 40), grid) + self.near()
        if kind < 0.6 and self.rows:
            return rng.choice(self.rows)["ts"] + rng.choice([0, 0, 1, -1])
        return self.as_of - rng.randint(1, rng.choice([2, 10, 40, 120, 800]) * DAY)

    def anchor_time(self, metric):
        h = oracle.horizon(metric)
        edges = [self.as_of - h]
        whole = oracle.window(self.definition, metric, self.as_of)
        if whole.start is not None:
            edges.append(whole.start - h)
        kind = self.rng.random()
        if kind < 0.5:
            return self.rng.choice(edges) + self.near()
        if kind < 0.9:
            low = edges[1] if len(edges) > 1 else edges[0] - 30 * DAY
            return self.rng.randint(low, edges[0] - 1)
        return self.some_time()

    # -- rows

    def add(self, event, ts, data=None, offset=None):
        rng, number = self.rng, len(self.rows)
        profile = rng.choice(self.profiles)
        # The first letters are in no order: at one instant the order is that of the ids' bytes, not of the file.
        row = {"id": f"{rng.choice('aZé_09z')}-s{self.number}-{number}", "ts": ts}
        row["offset"] = self.offset() if offset is None else offset
        row["type"], row["profile"] = event, profile
        known = self.kind == "known" or (self.kind == "identified" and ts >= self.identified_at)
        if known and rng.random() < 0.95:
            row["user"] = self.user
        if event == "$session_start":
            row["session"] = row["id"]
        elif rng.random() < 0.7:
            row["session"] = f"s{self.number}-{rng.choice(['1', '2', '3', 'é'])}"
        row["data"] = self.vocabulary.data(event, rng) if data is None else data
        self.rows.append(row)
        return row

    def event_of(self, fact):
        return self.rng.choice(oracle.names(self.vocabulary.facts[fact]))

    def follow(self, row, fact):
        """The same key again, about when its horizon is over."""
        base = self.vocabulary.facts[fact]
        if "key" in base and id_text(row["data"].get(base["key"])) and self.rng.random() < 0.5:
            gap = span(base.get("horizon", "400d"))
            for step in self.rng.sample([-1, 0, 1, -gap + 5, -gap], self.rng.choice([1, 2])):
                data = self.vocabulary.data(row["type"], self.rng)
                data[base["key"]] = row["data"][base["key"]]
                ts = row["ts"] + self.rng.choice([1, -1, -1]) * (gap + step)
                again = self.add(row["type"], ts, data)
                if "user" in row:
                    again["user"] = row["user"]
                else:
                    again.pop("user", None)
                again["profile"] = row["profile"]

    def same_person(self, row, other):
        row["profile"] = other["profile"]
        row.pop("user", None)
        if "user" in other:
            row["user"] = other["user"]

    def aim(self, metric):
        """Rows on the edges of one metric."""
        rng, facts = self.rng, self.vocabulary.read_by(metric)
        if "after" in metric or "each" in metric:
            anchor_fact = metric.get("after") or metric["each"]
            anchor = self.add(self.event_of(anchor_fact), self.anchor_time(metric))
            self.follow(anchor, anchor_fact)
            followers = [metric["then"]] if "then" in metric else [fact for fact in facts if fact != metric["after"]] or facts
            if "days" in metric:
                a, b = metric["days"]
                if rng.random() < 0.4:
                    # Where the anchor's own day begins; and another start at that instant, on another clock.
                    begins = oracle.midnight(oracle.grid_day(anchor["ts"], anchor["offset"]), anchor["offset"])
                    anchor["ts"] = begins + self.near()
                    if rng.random() < 0.4:
                        self.same_person(self.add(anchor["type"], anchor["ts"]), anchor)
                day = oracle.grid_day(anchor["ts"], anchor["offset"])
                times = [oracle.midnight(day + at, anchor["offset"]) for at in (a, b + 1)]
                times.append(rng.randint(times[0], times[1] - 1))
            else:
                h = oracle.horizon(metric)
                times = [anchor["ts"], anchor["ts"], anchor["ts"] + h, anchor["ts"] + h, anchor["ts"] + rng.randint(0, h)]
                edges = [span(edge) for edge in metric.get("edges", [])]
                times += [anchor["ts"] + edge for edge in rng.sample(edges, min(2, len(edges)))]
            for _ in range(rng.choice([1, 1, 2, 3, 5])):
                fact = rng.choice(followers)
                row = self.add(self.event_of(fact), rng.choice(times) + self.near())
                if rng.random() < 0.9:
                    self.same_person(row, anchor)
                match = metric.get("match")
                if match and rng.random() < 0.85:
                    row["data"].pop(match, None)
                    if match in anchor["data"]:
                        row["data"][match] = anchor["data"][match]
                self.follow(row, fact)
        for _ in range(rng.randint(0, 3)):
            fact = rng.choice(facts) if facts else None
            event = self.event_of(fact) if fact else rng.choice(self.vocabulary.events)
            edges = self.window_edges(metric)
            ts = rng.choice(edges) + self.near() if edges and rng.random() < 0.6 else self.some_time()
            row = self.add(event, ts)
            if fact:
                self.follow(row, fact)

    def attribute(self):
        """A touch and a conversion, about the window apart."""
        attribution = self.definition.get("attribution")
        if not attribution:
            return
        buys = [name for name, fact in self.vocabulary.facts.items() if "value" in fact]
        conversion = self.add(self.event_of(self.rng.choice(buys)), self.some_time())
        for _ in range(self.rng.randint(1, 3)):
            ts = conversion["ts"] - self.rng.choice([0, 1, span(attribution["window"])]) + self.near()
            self.same_person(self.add(self.event_of(attribution["touch"]), ts), conversion)

    def identify(self):
        rng = self.rng
        if self.kind != "identified":
            return
        for profile in self.profiles:
            for _ in range(rng.choice([1, 2, 2, 3])):
                row = self.add("$identify", self.identified_at + rng.choice([0, 0, 1, DAY]))
                row["profile"], row["user"] = profile, self.user
                if rng.random() < 0.4:
                    row["user"] = self.user + "-other"
                if rng.random() < 0.03:
                    row["ts"], row["user"] = 0, self.user + "-zero"
                row["data"] = {"profile_id": profile, "user_id": row["user"], "merged": rng.random() < 0.8}

    def spoil(self):
        """Copies, late rows, rows that are none."""
        rng = self.rng
        for row in list(self.rows):
            kind = rng.random() * (0.3 if row["type"] == "$identify" else 1)
            if kind < 0.03:
                self.rows.append(json.loads(json.dumps(row)))
            elif kind < 0.09:
                copy = json.loads(json.dumps(row))
                what = rng.choice(["ts", "type", "data", "user", "profile", "offset", "late"])
                if what == "ts":
                    copy["ts"] += rng.choice([-1, 1, DAY, -DAY, 30 * DAY, -30 * DAY])
                elif what == "type":
                    copy["type"] = rng.choice(self.vocabulary.events)
                elif what == "data" and row["type"] == "$identify":
                    copy["data"]["merged"] = not row["data"]["merged"]
                elif what == "data":
                    copy["data"] = self.vocabulary.data(row["type"], rng)
                elif what == "user" and row["type"] == "$identify":
                    copy["user"] = copy["data"]["user_id"] = self.user + rng.choice(["-other", "0"])
                elif what == "user" and rng.random() < 0.5:
                    copy["user"] = self.user + rng.choice(["-other", "0"])
                elif what == "user" and copy.pop("user", None) is None:
                    copy["user"] = self.user
                elif what == "profile" and "user" in copy and rng.random() < 0.5:
                    del copy["profile"]
                elif what == "profile":
                    copy["profile"] = f"s{self.number}-p9"
                elif what == "offset":
                    copy["offset"] = self.offset()
                elif what == "late" and row["type"] != "$identify":
                    copy["late"] = True
                self.rows.append(copy)
            elif kind < 0.12 and row["type"] != "$identify":
                row["late"] = True
            elif kind > 0.95:
                row["late"] = False
            elif kind < 0.15:
                bad = json.loads(json.dumps(row))
                bad["id"] += "-bad"
                what, x = rng.choice([("id", ""), ("user", ""), ("type", ""), ("ts", -1), ("ts", 2**43), ("offset", 1081), ("offset", -1081)])
                if row["type"] == "$identify":  # were it read, it would matter
                    bad["user"] = bad["data"]["user_id"] = row["user"] + "-bad"
                    bad["data"]["merged"] = True
                bad[what] = x
                self.rows.append(bad)
        rng.shuffle(self.rows)

    # -- scenes

    def counted(self, fact, ts, where=None):
        """A row that counts, of the scene's one person."""
        base, event = self.vocabulary.facts[fact], self.event_of(fact)
        data = self.vocabulary.data(event, self.rng)
        while not self.vocabulary.takes(base, data, where):
            data = self.vocabulary.data(event, self.rng)
        row = self.add(event, ts, data)
        self.same_person(row, self.rows[0])
        return row

    def share(self, property, row, other):
        """Gives a row another's property, so that both have one id."""
        if not id_text(other["data"].get(property)):
            other["data"][property] = self.rng.choice(IDS)
        row["data"][property] = other["data"][property]

    def ranges(self, metric):
        """Where the metric looks for events: (fact, from, until, where, how many at least). Makes those of `given`."""
        if "after" in metric or "each" in metric:
            return self.ranges_of_anchor(metric)
        whole = oracle.window(self.definition, metric, self.as_of)
        long_ago = self.as_of - 500 * DAY if self.history_from is None else self.history_from
        found = []
        for place in ("given", "num", "den"):
            operator = metric.get(place, "one")
            while not isinstance(operator, str):
                low, high = long_ago if whole.start is None or "in" in operator else whole.start, self.as_of
                if operator.get("in") == "previous":
                    before = oracle.previous(self.definition, metric, self.as_of)
                    low, high = before.start, before.end
                fact, where = oracle.fact_name(operator), operator.get("where")
                least = operator.get("at_least", 1)
                found.append((fact, low, high, where, least))
                for _ in range(least - self.rng.choice([0, 0, 0, 1]) if place == "given" else 0):
                    self.counted(fact, self.rng.randint(low, high - 1), where)
                minus = operator.get("minus", "one")
                operator = {**minus, "in": operator["in"]} if "in" in operator and minus != "one" else minus
        return found

    def ranges_of_anchor(self, metric):
        rng, h, fact = self.rng, oracle.horizon(metric), metric.get("after") or metric["each"]
        whole = oracle.window(self.definition, metric, self.as_of)
        low, high = self.as_of - h - 25 * DAY if whole.start is None else whole.start - h, self.as_of - h
        if self.history_from is not None:
            low = max(low, self.history_from)
        if rng.random() < 0.15:
            return [(fact, low, high, None, 1)]
        anchor = self.counted(fact, rng.choice([low, high - 1, rng.randint(low, high - 1), rng.randint(low, high - 1)]))
        facts = [metric["then"]] if "then" in metric else [one for one in self.vocabulary.read_by(metric) if one != fact] or [fact]
        if "days" in metric:
            a, b = metric["days"]
            if rng.random() < 0.5:
                begins = oracle.midnight(oracle.grid_day(anchor["ts"], anchor["offset"]), anchor["offset"])
                anchor["ts"] = begins + self.near()
            day = oracle.grid_day(anchor["ts"], anchor["offset"])
            spans = [tuple(oracle.midnight(day + at, anchor["offset"]) for at in (a, b + 1))]
        else:
            spans = [(anchor["ts"], anchor["ts"] + h) for h in (h, h, *map(span, metric.get("edges", [])))]
        leasts = [metric[place].get("at_least", 1) for place in ("num", "den") if not isinstance(metric.get(place, "one"), str)]
        if rng.random() < 0.4:
            self.twin(anchor, fact)
            if "days" not in metric and rng.random() < 0.6:
                # All at one instant: the order is that of the ids.
                spans = [(anchor["ts"], anchor["ts"] + 1)]
        return [(one, *ends, None, max(leasts, default=1)) for one in facts for ends in spans]

    def twin(self, row, fact, where=None):
        """Another at the same instant, often of the same key."""
        twin, key = self.counted(fact, row["ts"], where), self.vocabulary.facts[fact].get("key")
        if key and self.rng.random() < 0.8:
            self.share(key, twin, row)
        return twin

    def again(self, row, fact):
        """One before it with the same key, about the horizon earlier, and sometimes one before that."""
        base, rng = self.vocabulary.facts[fact], self.rng
        if rng.random() < 0.3:
            row["data"][base["key"]] = rng.choice([-1, -12, *LONG])
        for _ in range(rng.choice([1, 1, 1, 2])):
            gap = span(base.get("horizon", "400d"))
            before = self.counted(fact, row["ts"] - rng.choice([gap - 1, gap, gap + 1, 1, rng.randint(1, gap)]))
            if "value" in base and rng.random() < 0.3:
                before["data"][base["value"]["property"]] = rng.choice(ZEROS)
            if rng.random() < 0.8:
                before["data"][base["key"]] = row["data"].get(base["key"])
            row = before

    def at_bound(self, row, fact):
        """A value at a bound, a zero, or one of the finest fractions that still count, and that do not."""
        spec = self.vocabulary.facts[fact]["value"]
        scale, edge = spec.get("scale", 0), self.rng.choice(self.vocabulary.bounds(spec) * 3)
        others = [*ZEROS, *[f"1.{'0' * (scale - 1)}1", f"1.{'0' * scale}1"] * 5] if scale else ZEROS
        row["data"][spec["property"]] = self.rng.choice(others) if self.rng.random() < 0.3 else edge / 10**scale if scale else edge

    def scene(self, metric):
        """A few rows where the metric looks, the last of them on some edge."""
        rng, ranges = self.rng, self.ranges(metric)
        anchor = self.rows[0] if "match" in metric and self.rows else None
        for _ in range(rng.choice([1, 1, 2, 2, 3]) if ranges else 0):
            fact, low, high, where, least = rng.choice(ranges)
            base, where = self.vocabulary.facts[fact], where if rng.random() < 0.75 else None
            edge = rng.choice([low - 1, low, low, low, high - 1, high, high + 1])
            row = self.counted(fact, edge if rng.random() < 0.6 else rng.randint(low, high - 1), where)
            made = [row, *(self.counted(fact, rng.randint(low, high - 1), where) for _ in range(1, least))]
            act = rng.random()
            if act < 0.35 and "key" in base:
                self.again(row, fact)
            elif act < 0.55 and "value" in base:
                self.at_bound(row, fact)
            elif act < 0.8 or high == low + 1:
                made += [self.twin(row, fact, where) for _ in range(rng.choice([1, 1, 2]))]
            for one in made:
                if anchor:
                    self.share(metric["match"], one, anchor)
                elif metric.get("by", "$event") != "$event" and rng.random() < 0.7:
                    self.share(metric["by"], one, row)
        if self.rows and rng.random() < (0.3 if "days" in metric else 0.05):
            copy = json.loads(json.dumps(self.rows[0]))
            copy["offset"] = self.offset()
            self.rows.append(copy)

    # -- all of it

    def make(self):
        metrics = list(self.definition["metrics"].values())
        if self.number % SCENES:
            self.kind, self.profiles = self.rng.choice(["known", "anonymous"]), self.profiles[:1]
            self.scene(metrics[self.number // SCENES % len(metrics)])
            self.rng.shuffle(self.rows)
            return self.rows
        # Horizons have more edges than windows.
        weights = [2 if "after" in metric or "each" in metric else 1 for metric in metrics]
        for metric in self.rng.choices(metrics, weights, k=2):
            self.aim(metric)
        if self.rng.random() < 0.15:
            self.attribute()
        for _ in range(self.rng.randint(0, 3)):
            self.add(self.rng.choice(self.vocabulary.events + ["other"]), self.some_time())
        self.identify()
        self.spoil()
        return self.rows


def generate(definition, seed, streams, as_of, history_from=None):
    vocabulary = Vocabulary(definition)
    rows = []
    for number in range(streams):
        rng = random.Random(f"{seed}/{number}")
        rows += Stream(vocabulary, rng, number, as_of, history_from).make()
    for seq, row in enumerate(rows, 1):
        row["seq"] = seq
        row["consent"] = ["analytics"]
    return rows
