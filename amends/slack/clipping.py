"""Texts for Slack: clipped between words, escaped, so that nothing is read into what people typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
BULLET = "\N{BULLET}"
SHORTEST = 20
"""So much of a line of a list is always there."""

_entity_begun = re.compile(r"&[a-z]*$")


def clip(text: str, most: int) -> str:
    """At most so many characters, cut between words and with an ellipsis."""
    text = text.strip()
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    border = max(cut.rfind(" "), cut.rfind("\n"))
    if border >= most // 2:
        cut = cut[:border]
    return f"{cut.rstrip(' ,.;:-')}{ELLIPSIS}"


def escape(text: str) -> str:
    """A text that Slack does not read anything into."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escaped(text: str, most: int) -> str:
    """A text escaped, and clipped so that it has at most so many characters after that."""
    room = most
    while len(done := escape(clip(text, room))) > most and room > 1:
        room -= max((len(done) - most) // 5, 1)
    return done


def cut_escaped(text: str, most: int) -> str:
    """Text that is escaped already, cut between words and never within an entity."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    border = max(cut.rfind(" "), cut.rfind("\n"))
    cut = cut[:border] if border >= most // 2 else _entity_begun.sub("", cut)
    return f"{cut.rstrip()}{ELLIPSIS}"


def paragraphs(text: str, most: int) -> list[str]:
    """A text in parts, none longer than this when it is escaped, cut between lines or words."""
    parts, rest = [], text.strip()
    while len(escape(rest)) > most:
        room = most
        while len(escape(rest[:room])) > most:
            room -= max((len(escape(rest[:room])) - most) // 5, 1)
        border = rest.rfind("\n", room // 2, room)
        border = border if border > 0 else rest.rfind(" ", room // 2, room)
        cut = border if border > 0 else room
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [part for part in (*parts, rest) if part]


def one_line(text: str) -> str:
    """A text without line breaks."""
    return " ".join(text.split())


def quoted(text: str) -> str:
    """Somebody's words, in quotation marks."""
    return f"\N{LEFT DOUBLE QUOTATION MARK}{one_line(text)}\N{RIGHT DOUBLE QUOTATION MARK}"


def bold(text: str, most: int = 300) -> str:
    """A line in bold, escaped."""
    inner = escaped(one_line(text.replace("*", "")), most)
    return f"*{inner}*" if inner else ""


def bullets(lines: Sequence[str], most: int, room: int = 2_700) -> str:
    """A list, escaped; at most so many characters for each line, and `room` for all: the longest lines give way."""
    lines = [one_line(line) for line in lines]
    lengths = [len(escape(line)) for line in lines]
    while most > SHORTEST and sum(min(length, most) + 3 for length in lengths) > room:
        most = max(most * 9 // 10, SHORTEST)
    return "\n".join(f"{BULLET} {escaped(line, most)}" for line in lines)
