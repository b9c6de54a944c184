"""A definition's document: YAML by the 1.2 core schema, spans of time."""

import re

try:
    import yaml
except ImportError as error:
    raise SystemExit(f"{error}; install it: python3 -m pip install -r tests/success/requirements.txt") from error

DAY = 86_400_000
MINUTE = 60_000


class Refused(Exception):
    """The definition says something that has no meaning here."""


class Yaml12(yaml.SafeLoader):
    """YAML read by the 1.2 core schema: `on`, `n`, `1:30` and `2026-01-01` are text; a key stands once."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise Refused(f"a key stands twice: {node.start_mark}")
        return super().construct_mapping(node, deep)


Yaml12.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", list("-+.0123456789")),
]:
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)
Yaml12.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value.replace("+", ""), 0 if node.value[:2] in ("0o", "0x") else 10))


def load(path):
    """A definition from a file: JSON is YAML too."""
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Yaml12)


UNITS = {"ms": 1, "s": 1000, "m": MINUTE, "h": 60 * MINUTE, "d": DAY}


def span(text):
    """Milliseconds of `30d`, `5m`."""
    match = re.fullmatch(r"([0-9]+)(ms|s|m|h|d)", text)
    if not match:
        raise Refused(f"not a span of time: {text}")
    return int(match[1]) * UNITS[match[2]]


def edge_metric(name, edge):
    """What the metric of one edge is called."""
    return f"{name}[{edge}]"
