"""What two owners made of the same element, field by field and in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amends.console.editing.conditions import When
from amends.console.editing.fields import ABSENT, Field, Flag, Phrases
from amends.flows import telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amends.console.editing.pick import Picks
    from amends.console.editing.tree import Node


@dataclass(frozen=True)
class Difference:
    """A field that says one thing in the draft and another in the form."""

    field: str
    label: str
    theirs: str
    yours: str


def differences(fields: Sequence[Field], theirs: Node, yours: Node, picks: Picks) -> list[Difference]:
    """The fields that differ."""
    found = []
    for field in fields:
        one = field.read(theirs, ABSENT, picks)
        # Read against theirs, so that the same boxes ticked in another order are no difference.
        other = field.take(yours, one, picks)
        if one != other:
            found.append(Difference(field.name, field.label, _said(field, one, picks), _said(field, other, picks)))
    return found


def _said(field: Field, value: Any, picks: Picks) -> str:
    if isinstance(field, Flag):
        return "yes" if value == "yes" else "no"
    if isinstance(field, When):
        return telling.told(picks.content, None if value is ABSENT else value)
    if value is ABSENT or value == []:
        return "nothing"
    if isinstance(field, Phrases):
        return "\n".join(str(each) for each in value)
    return "\n".join(_lines(value, picks))


def _lines(value: Any, picks: Picks, depth: int = 0) -> list[str]:
    """Nested parts as indented lines: 'label: No'."""
    indent = "  " * depth
    if isinstance(value, dict):
        lines = []
        for name, part in value.items():
            if name in ("when", "unless"):
                lines.append(f"{indent}{name}: {telling.told(picks.content, part)}")
            elif isinstance(part, dict | list) and part:
                lines += [f"{indent}{name}:", *_lines(part, picks, depth + 1)]
            else:
                lines.append(f"{indent}{name}: {part}")
        return lines
    if isinstance(value, list):
        return [line for part in value for line in _lines(part, picks, depth)]
    return [f"{indent}{value if isinstance(value, str) else json.dumps(value)}"]
