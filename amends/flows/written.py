"""How a part of a flow is written down anew: names plain, sentences in quotation marks, short things on one line."""

from __future__ import annotations

import io
import re
from copy import deepcopy
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from amends.flows.source import scalar

WIDTH = 120
"""A part is written on one line if it is not longer than this."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.+/-]*\Z")
SENTENCES = frozenset(
    (
        *("title", "about", "topic", "ask", "why", "infer", "says", "label", "how", "how_instead", "reason", "task"),
        *("do_not", "wording", "name", "decider", "first_public_line", "look_again", "limit", "starts", "reference"),
        *("options", "points"),
    )
)
"""Below these names stand words for people. A list of `options` has names; its labels are words."""
_LINES = frozenset(("options", "says", "lines", "instead"))
"""What stands in lines of its own, however short."""


def written(key: str | None, value: Any, column: int, *, element: bool = False) -> str:
    """A part as lines of YAML, each with its line break.

    Args:
        key: its name; None for an item of a list.
        value: plain values: mappings, lists, words, numbers, true or false.
        column: where its name or its dash stands.
        element: a whole question, row or other rule, which stands in lines.
    """
    name = key or ""
    part = _styled(value, name, column, lines=key is None or (element and len(value) > 1))
    data: Any = CommentedMap({key: part}) if key is not None else CommentedSeq([part])
    text = _dump(data, key is None)
    return "".join(" " * column + line for line in text.splitlines(keepends=True))


def word(value: Any, *, sentence: bool) -> str:
    """One value as it stands on its line."""
    return _dump(CommentedSeq([_scalar(value, sentence=sentence)]), dash=True)[2:].rstrip("\n")


def _dump(data: Any, dash: bool) -> str:
    yaml = YAML()
    yaml.width = 10**6
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(data, out)
    text = out.getvalue()
    if dash:  # the outer list stands at the margin
        text = "".join(line.removeprefix("  ") for line in text.splitlines(keepends=True))
    return text


def _scalar(value: Any, *, sentence: bool) -> Any:
    if not isinstance(value, str):
        return value
    if sentence or not _PLAIN.match(value) or not isinstance(scalar(value), str):
        return DoubleQuotedScalarString(value)
    return value


def _styled(value: Any, key: str, column: int, *, lines: bool = False) -> Any:
    """The value for ruamel: in lines where it is an element, a list of phrases, or too long for one line."""
    if isinstance(value, dict):
        styled: Any = CommentedMap()
        for name, part in value.items():
            inner = key if key in SENTENCES and isinstance(part, str) else name
            styled[name] = _styled(part, inner, column + 2, lines=key in _LINES and isinstance(part, dict))
        flow = not lines and not (key in _LINES and value) and _fits(styled, key, column)
    elif isinstance(value, list):
        styled = CommentedSeq(
            _styled(part, "" if key == "options" else key, column + 4, lines=isinstance(part, dict)) for part in value
        )
        flow = not _in_lines(value, key) and (_names(value, key) or _fits(styled, key, column))
    else:
        return _scalar(value, sentence=key in SENTENCES)
    if flow:
        _flow(styled)
    return styled


def _in_lines(value: list[Any], key: str) -> bool:
    if key in _LINES and key != "options":
        return bool(value)
    if key in ("do_not", "wording", "points") and len(value) > 1:
        return True
    return key == "do" and any(isinstance(part, dict) for part in value)


def _names(value: list[Any], key: str) -> bool:
    return key not in SENTENCES - {"options"} and all(isinstance(part, str) for part in value)


def _fits(styled: Any, key: str, column: int) -> bool:
    line = deepcopy(styled)
    _flow(line)
    return len(_dump(CommentedMap({key: line}), dash=False)) + column <= WIDTH


def _flow(styled: Any) -> None:
    if isinstance(styled, CommentedMap | CommentedSeq):
        styled.fa.set_flow_style()
        for part in styled.values() if isinstance(styled, CommentedMap) else styled:
            _flow(part)
