"""Where the sentences of a text are. Pure."""

from __future__ import annotations

import re

_end = re.compile(r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!Mr\.)(?<!Dr\.)(?<!Ms\.)(?<!St\.)(?<!Mrs\.)(?<!Prof\.)\s+|\n+")
_letter = re.compile(r"[^\W\d_]")


def spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence that has a letter in it."""
    cuts = [0]
    for match in _end.finditer(text):
        cuts += [match.start(), match.end()]
    cuts.append(len(text))
    return [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=True) if _letter.search(text, a, b)]
