"""Conditions as lines of pick lists: a question, how it is compared, and options to tick. No expressions to type.

`any_of`, `all_of` and `not` are groups of lines inside. Groups nested deeper than two are shown in words and kept as
they are; they are changed in the YAML.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amends.console.editing.fields import ABSENT, Field, in_order
from amends.console.editing.pick import Pick
from amends.console.editing.tree import Node, inside, items, leaf, leaves, numbered
from amends.flows import telling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amends.console.editing.pick import Picks

NESTED = 2
"""Groups within groups that can be edited in a form."""
GROUPS = {"any_of": "At least one of these holds", "all_of": "All of these hold", "not": "This does not hold"}
STAGES = {"gate": "gates", "row": "rows", "recommended": ""}
COMPARED = {
    "any": "is any of",
    "not": "is none of",
    "only": "is nothing but",
    "all": "has all of",
    "exactly": "is exactly",
    "at_least": "is at least",
    "at_most": "is at most",
}
_BY_KIND = {
    "many": ("any", "not", "only", "all", "exactly"),
    "scale": ("any", "not", "at_least", "at_most"),
}


@dataclass(frozen=True)
class When(Field):
    """A condition. `stages`: which of gate, row and recommended are known where it is used."""

    kind: str = "when"
    stages: tuple[str, ...] = ()
    folded: bool = False

    def fill(self, raw: Any, picks: Picks) -> Any:
        """See `Field.fill`."""
        return _fill(raw if isinstance(raw, dict) else {}, picks, 0)

    def read(self, node: Node, old: Any, picks: Picks) -> Any:
        """See `Field.read`."""
        before = old if isinstance(old, dict) else {}
        raw = _read(inside(node, self.name), before, picks, 0)
        return raw if raw or self.required else ABSENT

    def new_lines(self, picks: Picks) -> list[Pick]:
        """What a new line can look at."""
        lines = [Pick(each.value, each.label, "Questions") for each in picks.questions()]
        for section, heading in (("terms", "Named conditions"), ("settings", "Settings of the organisation")):
            for name, part in picks.names(section).items():
                says = part.get("says", name) if isinstance(part, dict) else name
                lines.append(Pick(name, str(says), heading))
        words = {"gate": "A gate applies", "row": "A row applies", "recommended": "Something is recommended so far"}
        lines += [Pick(name, words[name], "What the flow does") for name in self.stages]
        return [*lines, *(Pick(name, label, "Groups of lines") for name, label in GROUPS.items())]


def kind_of(picks: Picks, what: str) -> str:
    """How a line is drawn: question, yes_no, stage, group or words."""
    if what in GROUPS:
        return "group"
    if what in STAGES:
        return "stage"
    if what in picks.names("questions"):
        return "question"
    return "yes_no" if what in picks.names("terms") or what in picks.names("settings") else "words"


def compared(picks: Picks, question: str) -> list[Pick]:
    """How a question can be compared."""
    return [Pick(each, COMPARED[each]) for each in _BY_KIND.get(picks.kind(question), ("any", "not"))]


def options(picks: Picks, what: str) -> Sequence[Pick]:
    """What can be ticked in a line."""
    if what == "recommended":
        return picks.codes()
    if what in STAGES:
        return picks.rules(STAGES[what])
    return [*picks.options(what), *picks.groups(what)]


def says(picks: Picks, what: str) -> str:
    """What a line is about, as its heading."""
    for section in ("terms", "settings"):
        part = picks.names(section).get(what)
        if isinstance(part, dict):
            return str(part.get("says", what))
    headings = {"gate": "A gate applies", "row": "A row applies", "recommended": "Recommended so far", **GROUPS}
    return headings.get(what) or telling.topic(picks.content, what)


def in_words(picks: Picks, line: Node) -> str:
    """A line that is too deep for a form, in words."""
    value = _value(line, leaf(line, "what"), ABSENT, picks, 0)
    return " and ".join(telling.lines(picks.content, {leaf(line, "what"): None if value is ABSENT else value}))


def _fill(raw: Mapping[str, Any], picks: Picks, depth: int) -> Node:
    lines: list[Node] = []
    for name, value in raw.items():
        lines += _lines(str(name), value, picks, depth)
    return {"lines": numbered(lines)}


def _lines(name: str, value: Any, picks: Picks, depth: int) -> list[Node]:
    kind = kind_of(picks, name)
    words = {"what": [name], "raw": [json.dumps(value)]}
    if kind == "group":
        parts = [value] if name == "not" else value
        if depth >= NESTED or not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            return [words]
        return [{"what": [name], "parts": numbered(_fill(part, picks, depth + 1) for part in parts)}]
    if kind == "yes_no" and value in ("yes", "no", True, False):
        return [{"what": [name], "how": ["yes" if value in ("yes", True) else "no"]}]
    if kind == "stage" and (ticked := _named(value)) is not None:
        return [{"what": [name], "options": ticked}]
    if kind == "question":
        operators = value if isinstance(value, dict) else {"any": value}
        lines = [
            {"what": [name], "how": [str(how)], "options": ticked}
            for how, part in operators.items()
            if how in {each.value for each in compared(picks, name)} and (ticked := _named(part)) is not None
        ]
        if lines and len(lines) == len(operators):
            return lines
    return [words]


def _named(value: Any) -> list[str] | None:
    if isinstance(value, str):
        return [value]
    good = isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)
    return [str(each) for each in value] if good else None


def _read(node: Node, old: Mapping[str, Any], picks: Picks, depth: int) -> dict[str, Any]:
    """All lines have to hold. A question that stands in two lines is written as one, or as a list of `all_of`."""
    raw: dict[str, Any] = {}
    more: list[dict[str, Any]] = []
    for line in items(node, "lines"):
        name = leaf(line, "what")
        value = _value(line, name, old.get(name, ABSENT), picks, depth)
        if value is ABSENT:
            continue
        if name in raw and (both := _both(raw[name], value, picks.kind(name))) is not None:
            raw[name] = both
        elif name in raw:
            more.append({name: value})
        else:
            raw[name] = value
    if more:
        raw["all_of"] = [*raw.get("all_of", []), *more]
    return _as_it_was(raw, old)


def _as_it_was(raw: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """What says the same as before is written as before, in the order in which it stood."""
    same = {name for name, value in raw.items() if name in old and _plain(value) == _plain(old[name])}
    return {name: old[name] if name in same else raw[name] for name in in_order(list(raw), list(old))}


def _value(line: Node, name: str, old: Any, picks: Picks, depth: int) -> Any:
    if "raw" in line:
        try:
            return json.loads(leaf(line, "raw"))
        except (ValueError, RecursionError):
            return ABSENT
    kind = kind_of(picks, name)
    if kind == "group":
        before = [old] if name == "not" else old if isinstance(old, list) else []
        parts = []
        for n, part in enumerate(items(line, "parts")):
            was = before[n] if n < len(before) and isinstance(before[n], dict) else {}
            if read := _read(part, was, picks, depth + 1):
                parts.append(read)
        if name == "not":
            return parts[0] if parts else ABSENT
        return parts or ABSENT
    if kind == "yes_no":
        return "no" if leaf(line, "how") == "no" else "yes"
    if not name or kind == "words":
        return ABSENT
    ticked = in_order(list(dict.fromkeys(leaves(line, "options"))), _ticked(old))
    value: Any = ticked[0] if len(ticked) == 1 else ticked
    how = leaf(line, "how")
    return value if kind == "stage" or how in ("any", "") else {how: value}


def _ticked(old: Any) -> list[str]:
    if isinstance(old, dict):
        return [each for part in old.values() for each in _ticked(part)]
    return [str(each) for each in old] if isinstance(old, list) else [old] if isinstance(old, str) else []


def _both(one: Any, other: Any, kind: str) -> dict[str, Any] | None:
    """Two comparisons of one question as one, when they are different ones."""
    first = one if isinstance(one, dict) else {"any": one}
    second = other if isinstance(other, dict) else {"any": other}
    allowed = _BY_KIND.get(kind, ("not",)) if kind == "many" else ("at_least", "at_most", "not")
    if set(first) & set(second) or not {*first, *second} <= {*allowed}:
        return None
    return {**first, **second}


def _plain(value: Any) -> Any:
    """A comparison in one way of writing, so that two can be told to be the same."""
    if isinstance(value, dict):
        plain = {name: _plain(part) for name, part in value.items()}
        return plain.get("any") if set(plain) == {"any"} else plain
    if isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            return sorted(value) if len(value) > 1 else value[0] if value else value
        return [_plain(each) for each in value]
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


__all__ = ["GROUPS", "NESTED", "When", "compared", "in_words", "kind_of", "options", "says"]
