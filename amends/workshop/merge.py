"""Two edits of one text brought together, line by line, where they do not touch the same lines. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import pairwise


def merge(base: str, mine: str, theirs: str) -> str | None:
    """The text with both edits of `base`, or None when they change the same or neighbouring lines differently."""
    lines = base.splitlines(keepends=True)
    edits = sorted({*_edits(lines, mine), *_edits(lines, theirs)})
    for (_, end, _), (begin, _, _) in pairwise(edits):
        if begin <= end:
            return None
    merged: list[str] = []
    done = 0
    for begin, end, new in edits:
        merged += [*lines[done:begin], *new]
        done = end
    return "".join([*merged, *lines[done:]])


def _edits(lines: list[str], other: str) -> list[tuple[int, int, tuple[str, ...]]]:
    """What `other` makes of the lines: from where to where, and what stands there instead."""
    new = other.splitlines(keepends=True)
    opcodes = SequenceMatcher(None, lines, new, autojunk=False).get_opcodes()
    return [(a, b, tuple(new[c:d])) for tag, a, b, c, d in opcodes if tag != "equal"]
