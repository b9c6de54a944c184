"""A device against the oracle, at every prefix of what happens on it.

    python tests/success/device.py --driver target/release/examples/success_device --hearken target/release/hearken
    python tests/success/device.py --scripts 1000 --seed 7

Each script is the life of one device: events, restarts, prunes, clocks that step, other definitions. After every step the
driver (crates/client/examples/success_device.rs) says each metric and what was exported; the oracle computes the metric
from the exported lines. A device counts its profile (rule 18), so the lines of other profiles, and users, are left out.
At the end `hearken measure` reads the whole journal in each encoding.
"""

import argparse
import functools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor

import document
import edge_classes
import engines
import oracle
from document import DAY, MINUTE, span
from generate import OFFSETS, Vocabulary
from rows import id_text

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
START = 1_748_736_000_000  # 2025-06-01T00:00:00Z
MIN_HITS = 50
MIN_AVAILABLE = 0.95
DEFINITIONS = {
    "success": os.path.join(ROOT, "presets", "success.yaml"),
    "edges": os.path.join(HERE, "edges.yaml"),
}
STEPS = [
    "track", "track.at", "screen", "tick", "identify", "identify.other", "reset", "delivered", "opened", "clicked", "show",
    "restart", "prune", "install", "consent.off", "consent.on", "purge", "offset", "gap", "burst",
    "clock.held", "clock.seconds", "clock.day", "clock.year", "clock.return", "sealed", "late",
]
SIDED = [
    "window.start", "previous.start", "cohort.start", "maturity", "within.end", "days.start", "days.end", "edge",
    "key.horizon", "grid.midnight",
]
EDGES = [f"{edge}.{side}" for edge in SIDED for side in edge_classes.SIDES.values()] + [
    "anchor.counts", "then.same_ts.later_id", "then.same_ts.earlier_id", "then.absent_match", "then.other_match",
    "key.absent", "key.within_horizon", "ts.equal", "waiting",
    "offset.negative", "offset.positive", "offset.extreme", "offset.other_day", "session.absent",
    "value.zero", "value.absent", "value.fractional", "value.type", "value.range", "value.currency", "value.text", "value.negative",
    "property.fractional", "property.boolean", "property.null", "property.structured",
    "property.huge", "property.empty", "property.leading_zero", "property.exponent_text", "property.hostile", "property.beyond_bmp",
]  # fmt: skip
REASONS = ["history_incomplete", "state_limit", "clock", "excluded"]


# ---------------------------------------------------------------------------------------------------------------------
# Playbooks.


def playbook(definition, revision):
    """The smallest one around a definition: any event may be tracked, and one message can be shown."""
    return {
        "spec": 1,
        "id": "device",
        "revision": revision,
        "plan": {"mode": "open"},
        "success": definition,
        "campaigns": [{"id": "promo", "channel": ["in_app"], "trigger": {"event": "promo"}, "limit": {"times": 0}, "message": "m"}],
        "messages": {"m": {"layout": "modal", "pages": [[{"heading": "Hello"}, {"button": {"label": "Go", "id": "go"}}]]}},
    }


@functools.cache
def definition_of(name):
    return document.load(DEFINITIONS[name])


def part_of(definition, rng):
    """A part of a definition: some metrics, and the facts that they name."""
    names = [name for name in definition["metrics"] if rng.random() < 0.6] or list(definition["metrics"])[:3]
    metrics = {name: definition["metrics"][name] for name in names}
    goals = [goal for goal in definition.get("goals", []) if goal["metric"] in metrics]
    return {**definition, "metrics": metrics, "goals": goals}


def changed(definition, rng):
    """Another definition: some metrics are gone, some mean something else, the grid of some has moved."""
    new = json.loads(json.dumps(part_of(definition, rng)))
    new["version"] = definition["version"] + 1
    kind = rng.random()
    if kind < 0.15:
        new["calendar"] = {"offset": rng.choice([0, 120, -300])}
    for metric in new["metrics"].values():
        if "window" in metric and rng.random() < 0.2:
            metric["window"] = f"{rng.choice([1, 3, 14, 21])}d"
        if "within" in metric and "edges" not in metric and rng.random() < 0.2:
            metric["within"] = rng.choice(["2h", "1d", "3d"])
    for fact in new["facts"].values():
        if "key" in fact and rng.random() < 0.2:
            fact["horizon"] = rng.choice(["1h", "2d", "20d"])
        if "value" in fact and rng.random() < 0.1:
            fact["value"]["max"] = 500
    return new


def is_live(metric):
    """Rule 6: `times`, `previous` and `distinct: day` are read as of midnight, if nothing else is said."""
    if "as_of" in metric:
        return metric["as_of"] == "live"
    todo = [metric[key] for key in ("num", "den", "given") if key in metric]
    while todo:
        operator = todo.pop()
        if isinstance(operator, str):
            continue
        if operator.get("times", 1) != 1 or operator.get("in") == "previous" or operator.get("distinct") == "day":
            return False
        if "minus" in operator:
            todo.append(operator["minus"])
    return True


def needed_from(definition, metric, as_of):
    """Rule 25: the instant from which everything is needed; nothing if it is all history."""
    facts = oracle.facts_read(definition, metric)
    firsts = [name for name in facts if definition["facts"][name].get("take") == "first"]
    if "window" not in metric or "after" in metric or firsts:
        return None
    operators = [metric[key] for key in ("num", "den", "given") if isinstance(metric.get(key), dict)]
    if any(operator.get("in") == "ever" for operator in operators):
        return None
    start = oracle.window(definition, metric, as_of).start
    if any(operator.get("in") == "previous" for operator in operators):
        start = oracle.previous(definition, metric, as_of).start
    if "each" in metric:
        start -= oracle.horizon(metric)
    longest = 0
    for name in facts:
        base = definition["facts"][name]
        base = definition["facts"][base["of"]] if "of" in base else base
        if "key" in base:
            longest = max(longest, span(base.get("horizon", "400d")))
    return start - longest


def closure(definition, name):
    """All that a metric's integers follow from."""
    metric = definition["metrics"][name]
    facts = set(oracle.facts_read(definition, metric))
    facts |= {definition["facts"][fact]["of"] for fact in facts if "of" in definition["facts"][fact]}
    return json.dumps([metric, {fact: definition["facts"][fact] for fact in sorted(facts)}, definition.get("calendar"), definition.get("money")], sort_keys=True)


# ---------------------------------------------------------------------------------------------------------------------
# Scripts.


class Script:
    """What happens on one device. Time moves to where something begins, ends, or is over."""

    def __init__(self, rng, number, name, definition):
        self.rng, self.number, self.name = rng, number, name
        self.definition, self.vocabulary = definition, Vocabulary(definition)
        self.now = START + rng.randint(0, 30) * DAY + rng.choice([0, rng.randint(0, DAY)])
        self.started, self.bursts = self.now, 0
        self.offset = rng.choice(OFFSETS)
        self.revision = 1
        self.steps, self.count = [], Counter()
        self.recent = []  # (ts, event, properties)
        self.plans = []  # (ts, what is to happen)
        # A few metrics at a time: what belongs together meets.
        metrics = list(definition["metrics"].values())
        weights = [1 + 2 * ("each" in metric or "after" in metric) + 6 * ("days" in metric) + 16 * ("edges" in metric) for metric in metrics]
        self.focus = rng.choices(metrics, weights, k=5)
        self.deliveries = []
        self.ahead = None  # the clock is wrong: where it was
        self.returning = None
        self.analytics = True
        self.users = []
        # Another definition comes late, so that most readings are of what was always kept.
        self.installs = False

    # -- time

    def next_time(self):
        """A bit later, or at an instant at which something changes."""
        rng, grid = self.rng, oracle.grid_offset(self.definition)
        kind = rng.random()
        if kind < 0.25:
            return self.now
        if kind < 0.40:
            return self.now + rng.choice([1, 1, 2, 999, rng.randint(1, 60_000)])
        if kind < 0.60:
            return self.now + rng.choice([5 * MINUTE, 30 * MINUTE, 29 * MINUTE, 45 * MINUTE, rng.randint(1, 180) * MINUTE])
        if kind < 0.85:
            day = oracle.grid_day(self.now, grid)
            return oracle.midnight(day + rng.choice([1, 1, 1, 2, 7]), grid) + rng.choice([-1, 0, 1])
        if kind < 0.93:
            # So that something is over at a midnight of the grid.
            horizons = [oracle.horizon(metric) for metric in self.focus if "after" in metric or "each" in metric] or [DAY]
            midnight = oracle.midnight(oracle.grid_day(self.now + 30 * DAY, grid) + rng.randint(0, 2), grid)
            return max(self.now, midnight - rng.choice(horizons) + rng.choice([-1, 0, 1]))
        if kind < 0.97:
            return self.now + rng.randint(1, 3 * DAY)
        self.count["gap"] += 1
        return self.now + rng.choice([10, 31, 46, 61, 100]) * DAY + rng.randint(0, DAY)

    def move(self):
        self.now = self.next_time()
        if self.rng.random() < 0.12:
            self.offset = self.rng.choice(OFFSETS)
            self.count["offset"] += 1

    # -- steps

    def add(self, kind, step, quiet=False):
        self.count[kind] += 1
        line = {"now": self.now, "offset": self.offset, **step}
        if quiet:
            line["quiet"] = True
        self.steps.append(line)

    def happened(self, name, ts, data):
        """Plans what lies on the edges that begin with this event."""
        rng, definition = self.rng, self.definition
        near = lambda: rng.choice([-1, 0, 1])
        self.recent = [*self.recent[-8:], (ts, name, data)]
        for metric in rng.sample(self.focus, 2):
            anchor = metric.get("after") or metric.get("each")
            if anchor is None or name not in oracle.names(self.vocabulary.facts[anchor]):
                continue
            others = [metric["then"]] if "then" in metric else [fact for fact in oracle.facts_read(definition, metric) if fact != anchor] or [anchor]
            if "days" in metric:
                day = oracle.grid_day(ts, self.offset)
                times = [oracle.midnight(day + at, self.offset) for at in (metric["days"][0], metric["days"][1] + 1)]
                times += [rng.randint(*times)]
            else:
                edges = [span(edge) for edge in metric.get("edges", [])]
                times = [ts, ts + span(metric["within"])] + [ts + edge for edge in rng.sample(edges, min(2, len(edges)))]
            for at in times:
                same = {metric["match"]: data[metric["match"]]} if metric.get("match") in data and rng.random() < 0.85 else {}
                self.plans.append((at + near(), rng.choice(oracle.names(self.vocabulary.facts[rng.choice(sorted(others))])), same))
            # It is over here; or for a reading as of midnight, there.
            self.plans.append((ts + oracle.horizon(metric) + rng.choice([-2, -1, 0]), None, {}))
            if "window" in metric:
                over = oracle.grid_day(ts + oracle.horizon(metric), oracle.grid_offset(definition)) + span(metric["window"]) // DAY
                self.plans.append((oracle.midnight(over, oracle.grid_offset(definition)) + near(), None, {}))
        for fact in {fact["event"]: fact for fact in self.vocabulary.facts.values() if "key" in fact and fact["event"] == name}.values():
            if id_text(data.get(fact["key"])) and rng.random() < 0.4:
                self.plans.append((ts + span(fact.get("horizon", "400d")) + near(), name, {fact["key"]: data[fact["key"]]}))
        for metric in self.focus:
            if "window" in metric and "each" not in metric and rng.random() < 0.05:
                over = oracle.grid_day(ts, oracle.grid_offset(definition)) + span(metric["window"]) // DAY
                self.plans.append((oracle.midnight(over, oracle.grid_offset(definition)) + near(), None, {}))

    def planned(self):
        """What was planned happens."""
        self.plans = sorted((plan for plan in self.plans if plan[0] >= self.now), key=lambda plan: plan[0])[:40]
        if not self.plans:
            return False
        self.now, name, same = self.plans.pop(self.rng.choice([0, 0, 0, len(self.plans) // 2]))
        if name is None:
            self.add("tick", {"tick": True})
        elif name == "$screen":
            self.add("screen", {"screen": "home"})
        elif name in ("$delivered", "$opened", "$clicked") and "delivery_id" in same:
            self.add(name[1:], {"touch": {"kind": name[1:], "channel": "email", "delivery_id": same["delivery_id"]}})
        elif not name.startswith("$"):
            self.track(name=name, same=same)
        else:
            self.track()
        return True

    def track(self, quiet=False, at=None, name=None, same=None):
        rng = self.rng
        if name is None:
            tracked = [event for event in self.vocabulary.events if not event.startswith("$")]
            few = {event for metric in self.focus for fact in oracle.facts_read(self.definition, metric) for event in oracle.names(self.vocabulary.facts[fact])}
            few = sorted(few & set(tracked))
            name = rng.choice(few) if few and rng.random() < 0.8 else rng.choice(tracked + ["other"])
        properties = {**self.vocabulary.data(name, rng), **(same or {})}
        step = {"name": name, "properties": properties}
        if at is not None:
            step["at"] = at
        self.add("track" if at is None else "track.at", {"track": step}, quiet)
        self.happened(name, self.now if at is None else min(at, self.now), properties)

    def late(self):
        """An event that comes after others, with its own time."""
        rng = self.rng
        known = rng.choice(self.recent)[0] if self.recent else self.now
        if self.bursts and rng.random() < 0.7:
            return self.track(at=self.started + rng.randint(0, DAY))
        ats = [known, known + 1, known - 1, self.now - rng.randint(0, 5 * DAY), self.now - rng.choice([1, 2, 3, 30, 60]) * DAY]
        self.track(at=rng.choice(ats))

    def touch(self):
        rng = self.rng
        kind = rng.choice(["delivered", "delivered", "opened", "clicked"])
        if kind == "delivered" or not self.deliveries or rng.random() < 0.1:
            self.deliveries.append(f"d{len(self.deliveries)}")
        delivery = rng.choice(self.deliveries[-4:])
        self.add(kind, {"touch": {"kind": kind, "channel": rng.choice(["email", "push", "é"]), "delivery_id": delivery}})
        self.happened("$" + kind, self.now, {"delivery_id": delivery})

    def show(self):
        self.add("track", {"track": {"name": "promo", "properties": {}}}, quiet=True)
        self.now += self.rng.choice([0, 0, 1])
        self.add("show", {"show": {"click": self.rng.random() < 0.7}})

    def person(self):
        rng = self.rng
        kind = rng.random()
        if kind < 0.3 or not self.users and kind < 0.5:
            user = f"s{self.number}-u{rng.randint(0, 2)}"
            self.users = [user]
            return self.add("identify", {"identify": user})
        if kind < 0.68:
            self.users.append(f"s{self.number}-u{rng.randint(3, 5)}")
            return self.add("identify.other", {"identify": self.users[-1]})
        self.users = []
        return self.add("reset", {"reset": True})

    def consent(self):
        self.analytics = not self.analytics
        self.add("consent.on" if self.analytics else "consent.off", {"consent": {"analytics": self.analytics}})

    def install(self):
        self.revision += 1
        base = definition_of(self.name)
        kind = self.rng.random()
        new = base if kind < 0.25 else part_of(base, self.rng) if kind < 0.65 else changed(base, self.rng)
        self.add("install", {"install": playbook(new, self.revision)})

    def step_clock(self):
        rng = self.rng
        if self.returning is not None:
            self.now, self.returning = self.returning, None
            return self.add("clock.return", {"tick": True})
        kind = rng.random()
        if kind < 0.25:
            self.now -= rng.choice([1, 500, 1000])
            self.add("clock.held", {"screen": "home"})
        elif kind < 0.50:
            self.now -= rng.choice([1001, 5000, 60_000, 3_600_000])
            self.add("clock.seconds", {"tick": True})
        elif kind < 0.75:
            self.now -= rng.choice([1, 1, 3]) * DAY + rng.choice([0, rng.randint(0, DAY)])
            self.add("clock.day", {"tick": True})
        else:
            self.returning = self.now + rng.randint(0, 60_000)
            self.now += rng.choice([365, 400, 3]) * DAY
            self.add("clock.year", {"tick": True})

    def burst(self):
        """Several hundred events within hours or days: enough for seals."""
        rng = self.rng
        self.count["burst"] += 1
        self.bursts += 1
        pace = rng.choice([1, 1000, 20 * MINUTE, 60 * MINUTE, 150 * MINUTE])
        for _ in range(rng.choice([40, 140, 200])):
            self.now += rng.choice([0, 1, pace, pace])
            if rng.random() < 0.15:
                self.add("screen", {"screen": rng.choice(["home", "cart"])}, quiet=True)
            elif rng.random() < 0.03:
                self.track(quiet=True, at=self.now - rng.randint(0, 3 * DAY))
            else:
                self.track(quiet=True)

    def one(self):
        rng = self.rng
        if self.returning is not None and rng.random() < 0.25:
            return self.step_clock()
        if rng.random() < 0.45 and self.planned():
            return None
        self.move()
        kind = rng.random()
        if kind < 0.45:
            self.track()
        elif kind < 0.52:
            self.add("screen", {"screen": rng.choice(["home", "cart", "é"])})
            self.happened("$screen", self.now, {})
        elif kind < (0.62 if self.bursts else 0.58):
            self.late()
        elif kind < 0.67:
            self.touch()
        elif kind < 0.70:
            self.show()
        elif kind < 0.755:
            self.person()
        elif kind < 0.80:
            self.add("restart", {"restart": True})
        elif kind < 0.84:
            self.add("prune", {"prune": True})
        elif kind < 0.87:
            self.consent()
        elif kind < 0.95:
            self.step_clock()
        elif self.installs and kind < 0.99:
            self.install()
        else:
            self.track()
        if not self.analytics and rng.random() < 0.3:
            self.consent()

    def make(self, length, bursts):
        for metric in self.focus:
            if "after" in metric and self.rng.random() < 0.7:
                name = self.rng.choice(oracle.names(self.vocabulary.facts[metric["after"]]))
                self.track(name=name)
        for place in range(length):
            if bursts and place % (length // bursts) == length // bursts // 2:
                self.burst()
            self.installs = place > length * 0.6
            self.one()
        if self.rng.random() < 0.4:
            self.install()
        if self.rng.random() < 0.65:
            self.add("purge", {"consent": {"analytics": True, "purge": True}})
            self.analytics = True
            self.one()
        return self.steps


# ---------------------------------------------------------------------------------------------------------------------
# What the oracle says of a prefix.


def expected(definition, names, mine, as_of, count):
    """What each of the metrics has to be: {name: {group: pair}}."""
    reasons = defaultdict(Counter)
    facts = {name: oracle.fact_of(definition, name, mine, reasons) for name in definition["facts"]}
    pairs = {}
    excluded = defaultdict(Counter)
    for name in names:
        metric = definition["metrics"][name]
        pairs |= oracle.metric_of_user(definition, name, metric, as_of, facts, oracle.LIMITS, excluded)

    def edge(name, distance):
        if distance in edge_classes.SIDES:
            count[f"{name}.{edge_classes.SIDES[distance]}"] += 1

    few = {**definition, "metrics": {name: definition["metrics"][name] for name in names}}
    edge_classes.count_user(few, facts, mine, as_of, oracle.grid_offset(definition), count, edge)
    for of_fact in reasons.values():
        count.update(of_fact)
    return pairs


def plain(groups):
    """Pairs as both sides write them; groups of nothing may be left out."""
    if None in groups:
        num, den = groups[None]
        return [num, den]
    return {group: list(pair) for group, pair in groups.items() if any(pair)}


class Outcome:
    def __init__(self):
        self.steps, self.edges, self.unavailable = Counter(), Counter(), Counter()
        self.scripts = self.prefixes = self.readings = self.compared = self.lines = self.measured = self.longest = 0
        self.wrong = []

    def add(self, other):
        for name in ("steps", "edges", "unavailable"):
            getattr(self, name).update(getattr(other, name))
        for name in ("scripts", "prefixes", "readings", "compared", "lines", "measured"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.longest = max(self.longest, other.longest)
        self.wrong += other.wrong


def run_driver(driver, script, folder):
    first = {
        "store": os.path.join(folder, "store.db"), "seed": f"s{script.number}", "now": script.steps[0]["now"],
        "offset": script.steps[0]["offset"], "playbook": playbook(script.definition, 1),
    }  # fmt: skip
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [first, *script.steps])
    done = subprocess.run([driver], input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"the driver ended with {done.returncode}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


class Check:
    """One script, run and compared."""

    def __init__(self, script, share, out):
        self.script, self.share, self.out = script, share, out
        self.rng = random.Random(f"prefixes of {script.number}")
        self.definition, self.mark = script.definition, 0
        self.lines = []
        self.since = {}  # by closure: from when on it is known to be kept; nothing where always
        self.changed_at = None  # when what is kept last began anew
        self.sealed = {}
        self.cache = {}

    def fail(self, text):
        self.out.wrong.append(f"script {self.script.number} ({self.script.name}): {text}")

    def run(self, told):
        loud = [line for line in self.script.steps if "quiet" not in line]
        if len(told) != len(loud) + 2:
            return self.fail(f"{len(told)} lines for {len(loud)} steps")
        kept = set(self.closures())
        for place, (step, said) in enumerate(zip([{}, *loud], told)):
            self.lines += said["lines"]
            self.out.lines += len(said["lines"])
            for line in said["lines"]:
                self.out.steps["late"] += bool(line.get("late"))
                for x in line.get("data", {}).values():
                    for kind in edge_classes.property_classes(x):
                        self.out.edges[f"property.{kind}"] += 1
            if said["reports"]:
                self.fail(f"step {place}: {said['reports']}")
            if "install" in step and not said["refused"]:
                self.definition, self.mark = step["install"]["success"], self.mark + 1
                for one in self.closures() - kept:
                    self.since[one] = self.newest(said)
                kept = self.closures()
            if step.get("consent", {}).get("purge"):
                for one in kept:
                    self.since[one] = self.newest(said)
            self.seal(place, said)
            last = place == len(loud)
            special = not {"track", "screen", "touch", "tick"} & set(step)
            if last or special or self.rng.random() < self.share:
                self.compare(place, step, said)
        self.out.longest = max(self.out.longest, len(self.lines))
        return told[-1]

    def newest(self, said):
        """After all that happened: what was pruned may lie ahead of a clock that was set back."""
        return max([said["now"], *(line["ts"] for line in self.lines)]) + 1

    def closures(self):
        return {closure(self.definition, name) for name in self.definition["metrics"]}

    def seal(self, place, said):
        before = self.sealed.get(said["profile"], 0)
        if said["sealed_to"] < before:
            self.fail(f"step {place}: the seal went back from {before} to {said['sealed_to']}")
        self.out.steps["sealed"] += said["sealed_to"] > before
        self.sealed[said["profile"]] = said["sealed_to"]

    def expected(self, live, profile, as_of):
        names = [name for name, metric in self.definition["metrics"].items() if is_live(metric) == live]
        rows = [{**line, "user": None} for line in self.lines if line["profile"] == profile and line["ts"] < as_of]
        relevant = set(Vocabulary(self.definition).events) if not hasattr(self, "events") or self.events[0] != self.mark else self.events[1]
        self.events = (self.mark, relevant)
        rows = [row for row in rows if row["type"] in relevant]
        key = (self.mark, as_of, profile, tuple(row["id"] for row in rows))
        if self.cache.get(live, (None,))[0] != key:
            mine = oracle.by_user(rows, as_of, None, Counter()).get(f"p:{profile}", [])
            self.cache[live] = (key, expected(self.definition, names, mine, as_of, self.out.edges))
        return self.cache[live][1]

    def compare(self, place, step, said):
        self.out.prefixes += 1
        want, as_ofs = {}, {}
        for live in (True, False):
            found = {reading[0] for reading in said["metrics"].values() if reading[1] == live}
            if not found:
                continue
            if len(found) > 1:
                return self.fail(f"step {place}: {found} as of")
            as_ofs[live] = as_of = found.pop()
            right = said["now"] + 1 if live else oracle.default_as_of(self.definition, said["now"])
            if as_of != right:
                self.fail(f"step {place}: as of {as_of} rather than {right}")
            want |= self.expected(live, said["profile"], as_of)
        self.out.edges["waiting"] += any(line["ts"] > said["now"] and line["profile"] == said["profile"] for line in self.lines)
        if set(said["metrics"]) != self.names():
            self.fail(f"step {place}: metrics {set(said['metrics']) ^ self.names()}")
        for name, (as_of, live, *reading) in said["metrics"].items():
            self.out.readings += 1
            base = self.definition["metrics"][name.split("[")[0]]
            if live != is_live(base):
                self.fail(f"step {place}: {name} is live: {live}")
            if isinstance(reading[0], str):
                self.out.unavailable[reading[0]] += 1
                why = self.is_wrongly_absent(name, base, as_of, reading[0], said, want)
                if why:
                    self.fail(f"step {place} ({', '.join(step)}): {name} is {reading[0]}: {why}")
                continue
            self.out.compared += 1
            right = plain(want[name])
            got = reading[0] if isinstance(reading[0], dict) else reading
            if got != right:
                self.fail(f"step {place} ({', '.join(step)}), as of {as_of}, now {said['now']}, sealed to {said['sealed_to']}: {name} is {got}, the oracle has {right}")

    def names(self):
        metrics = self.definition["metrics"].items()
        return {name for name, _ in metrics} | {document.edge_metric(name, edge) for name, metric in metrics for edge in metric.get("edges", [])}

    def is_wrongly_absent(self, name, base, as_of, reason, said, want):
        """Nothing, or why it has to be there."""
        if reason == "clock":
            return None if as_of < said["sealed_to"] else f"as of {as_of}, sealed to {said['sealed_to']}"
        if reason == "history_incomplete":
            since = self.since.get(closure(self.definition, name.split("[")[0]))
            if since is None:
                return "it was always kept"
            needed = needed_from(self.definition, base, as_of)
            return None if needed is None or needed < since else f"from {needed} on it needs what is kept since {since}"
        if reason == "state_limit":
            return None if name not in want else "there is room"
        return "never"

    def measure(self, hearken, told, folder):
        """The whole journal by `hearken measure`, in each encoding, as the device reads it at the end."""
        path = os.path.join(folder, "definition.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.definition, file)
        now, profile = told[-2]["now"], told[-2]["profile"]
        for live, as_of in ((True, now + 1), (False, oracle.default_as_of(self.definition, now))):
            want = engines.from_oracle(oracle.evaluate(self.definition, self.lines, as_of))
            everyone = oracle.by_user(self.lines, as_of, None, Counter())
            profiles = {user: {event.profile for event in mine} for user, mine in everyone.items()}
            owners = [user for user, own in profiles.items() if profile in own]
            for encoding in ("native", "segment", "cloud_events"):
                events = os.path.join(folder, f"{encoding}.jsonl")
                with open(events, "w", encoding="utf-8") as file:
                    file.write("".join(line + "\n" for line in told[-1][encoding]))
                got = hearken.measure(path, events, as_of)
                wrong = engines.differences(want, got)
                self.out.measured += len(engines.without_zeros(got))
                if wrong:
                    self.fail(f"{encoding} as of {as_of}: {len(wrong)} pairs of {len(want)} differ: {wrong[:3]}")
                # The profile has only this user, who has only this profile: the device says what the warehouse says.
                if len(owners) != 1 or profiles[owners[0]] != {profile}:
                    continue
                user = owners[0]
                for name, (_, reads_live, *reading) in told[-2]["metrics"].items():
                    if reads_live != live or isinstance(reading[0], str):
                        continue
                    pairs = reading[0] if isinstance(reading[0], dict) else {None: reading}
                    said = {(name, user, group): tuple(pair) for group, pair in pairs.items()}
                    mine = {key: pair for key, pair in got.items() if key[0] == name and key[1] == user}
                    for key, one, other in engines.differences(said, mine):
                        self.fail(f"{encoding} as of {as_of}: {key}: the device has {one}, measure {other}")


def run_script(job):
    number, seed, driver, binary, measured = job
    rng = random.Random(f"{seed}/{number}")
    name = ["success", "edges"][number % 2]
    definition = definition_of(name)
    long = number % 4 == 3
    script = Script(rng, number, name, definition)
    script.make(60 if long else rng.randint(25, 55), 3 if long else 0)
    out = Outcome()
    out.scripts = 1
    out.steps.update(script.count)
    check = Check(script, 0.15 if long else 1, out)
    with tempfile.TemporaryDirectory() as folder:
        try:
            told = run_driver(driver, script, folder)
            if check.run(told) and measured:
                check.measure(engines.Hearken(binary), told, folder)
        except (AssertionError, engines.Missing) as error:
            check.fail(str(error))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--driver", default=os.path.join(ROOT, "target", "release", "examples", "success_device"))
    parser.add_argument("--hearken", default=os.path.join(ROOT, "target", "release", "hearken"), help="the command")
    parser.add_argument("--scripts", type=int, default=120)
    parser.add_argument("--only", type=int, help="one script, by its number")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--shown", type=int, default=20, help="how many differences are printed")
    args = parser.parse_args()
    for path, build in ((args.driver, "-p hearken --example success_device"), (args.hearken, "-p hearken-cli")):
        if not os.access(path, os.X_OK):
            sys.exit(f"{path} is not there; build it: cargo build --release {build}")

    started, total = time.time(), Outcome()
    numbers = range(args.scripts) if args.only is None else [args.only]
    jobs = [(number, args.seed, args.driver, args.hearken, number % 4 < 2) for number in numbers]
    with ProcessPoolExecutor(args.jobs) as pool:
        for out in pool.map(run_script, jobs):
            total.add(out)
    failed = list(total.wrong)
    if args.only is None:
        for kinds, met in ((STEPS, total.steps), (EDGES, total.edges)):
            rare = {kind: met[kind] for kind in kinds if met[kind] < MIN_HITS}
            if rare:
                failed.append(f"met less than {MIN_HITS} times: {rare}")
    if total.compared < MIN_AVAILABLE * total.readings:
        failed.append(f"only {total.compared:,} of {total.readings:,} readings were there")
    print(f"{total.scripts} scripts, {total.lines:,} exported lines (at most {total.longest} of one), {time.time() - started:.1f} s")
    print(f"{total.prefixes:,} prefixes, {total.readings:,} readings, {total.compared:,} compared; unavailable: {dict(total.unavailable)}")
    print(f"{total.measured:,} pairs of hearken measure in three encodings")
    print("steps: " + ", ".join(f"{kind} {total.steps[kind]}" for kind in STEPS))
    print("rarest edges: " + ", ".join(f"{kind} {total.edges[kind]}" for kind in sorted(EDGES, key=total.edges.__getitem__)[:8]))
    for text in failed[: args.shown]:
        print(f"FAILED: {text}")
    print(f"{len(failed)} failures" if failed else "all equal")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
