"""The pieces that pictures are made of: text in lines, chips, cards, arrows, as SVG elements.

Only presentation attributes are used, since the pages allow no styles in their text, and the ground is part of
the picture, so that it reads the same on a light and on a dark page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple
from xml.etree.ElementTree import Element, SubElement

from amends.flows.draw_text import LINE, is_known, width, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUND, PAPER, INK, SOFT, EDGE = "#f6f4ee", "#ffffff", "#1f2328", "#4a5158", "#a9a79f"

HOLDS, STOPPED = "#14532d", "#8f1d24"

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Look = Literal["always", "maybe", "added", "out", "not", "guard", "plain"]
"""The first three bring a response in, `out` and `guard` take it out, `not` and `plain` change nothing."""


class Tone(NamedTuple):
    """The colour of a response: dark for letters and edges, pale for grounds."""

    dark: str
    pale: str


TONES = (
    Tone("#0b5d5b", "#dff0ef"),
    Tone("#a4262c", "#fbe6e6"),
    Tone("#1d4f91", "#e2ecf8"),
    Tone("#6b2fa0", "#f0e5f8"),
    Tone("#7a4b00", "#faedd3"),
    Tone("#4a5158", "#e6e8ea"),
    Tone("#1a6334", "#e0f2e6"),
    Tone("#9c1f5e", "#fbe4ef"),
    Tone("#2f3e7e", "#e6e9f6"),
    Tone("#6b4226", "#f3e9e1"),
)
PERSON = Tone("#33393f", "#ffffff")


@dataclass(frozen=True)
class Words:
    """One paragraph: its text and how it looks; `gap` is the space above it."""

    text: str
    size: float = 12
    bold: bool = False
    ink: str = INK
    gap: float = 3
    struck: bool = False
    indent: float = 0


@dataclass(frozen=True)
class Laid:
    """Paragraphs broken into lines for a certain room."""

    words: tuple[tuple[Words, tuple[str, ...]], ...]
    height: float


@dataclass(frozen=True)
class Mark:
    """A response or role that something does something to: what, in the caption, and how that looks."""

    code: str
    label: str
    caption: str
    look: Look
    tone: Tone


def lay(words: Sequence[Words], room: float) -> Laid:
    """Break paragraphs into lines at most `room` pixels wide."""
    laid = []
    height = 0.0
    for n, one in enumerate(words):
        lines = tuple(wrap(one.text, room - one.indent, one.size, bold=one.bold))
        laid.append((one, lines))
        height += len(lines) * one.size * LINE + (one.gap if n else 0)
    return Laid(tuple(laid), height)


def clean(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


def add(parent: Element, name: str, /, text: str = "", **attributes: str | float) -> Element:
    """A new element in `parent`; an underscore in a name stands for a hyphen, one at the end for nothing."""
    named = {key.rstrip("_").replace("_", "-"): _written(value) for key, value in attributes.items()}
    element = SubElement(parent, name, named)
    element.text = clean(text)
    return element


def write(parent: Element, laid: Laid, x: float, y: float, *, middle: bool = False) -> None:
    """The lines of laid out paragraphs, the first with its top at `y`; in the `middle`, centred on `x`."""
    for n, (words, lines) in enumerate(laid.words):
        y += words.gap if n else 0
        if not lines:
            continue
        text = add(parent, "text", font_size=words.size, fill=words.ink)
        if words.bold:
            text.set("font-weight", "700")
        if words.struck:
            text.set("text-decoration", "line-through")
        if middle:
            text.set("text-anchor", "middle")
        for line in lines:
            # The space at the end parts the lines for a screen reader and when they are copied.
            span = add(text, "tspan", f"{line} ", x=x + words.indent, y=y + words.size * 1.02)
            if not is_known(line):
                span.set("textLength", _written(width(line, words.size, bold=words.bold)))
                span.set("lengthAdjust", "spacingAndGlyphs")
            y += words.size * LINE


def box(
    parent: Element,
    x: float,
    y: float,
    wide: float,
    high: float,
    *,
    fill: str = PAPER,
    edge: str = EDGE,
    round_: float = 7,
) -> Element:
    """A rectangle with round corners."""
    return add(parent, "rect", x=x, y=y, width=wide, height=high, rx=round_, fill=fill, stroke=edge)


def chip_size(mark: Mark, room: float, *, fill: bool = False) -> tuple[float, float]:
    """Width and height of a chip that may be `room` wide; with `fill` it takes all of it."""
    laid = _chip_words(mark, room)
    widest = max(width(line, words.size, bold=words.bold) for words, lines in laid.words for line in lines)
    return (room if fill else min(room, widest + 2 * _CHIP)), laid.height + 11


_CHIP = 8


def _chip_words(mark: Mark, room: float) -> Laid:
    letters = PAPER if mark.look in ("always", "guard") else mark.tone.dark
    words = [Words(mark.label, 11.5, bold=True, ink=letters, gap=1, struck=mark.look in ("out", "not"))]
    if mark.caption:
        words.insert(0, Words(mark.caption, 10.5, ink=letters))
    return lay(words, room - 2 * _CHIP)


def chip(parent: Element, mark: Mark, x: float, y: float, wide: float) -> float:
    """A response or role as a coloured chip. Returns its height."""
    high = chip_size(mark, wide, fill=True)[1]
    group = add(parent, "g", class_="box chip")
    fill = {"always": mark.tone.dark, "added": mark.tone.pale, "guard": INK}.get(mark.look, PAPER)
    shape = box(group, x, y, wide, high, fill=fill, edge=INK if mark.look == "guard" else mark.tone.dark, round_=10)
    shape.set("stroke-width", "1.5")
    if mark.look == "guard":
        shape.set("rx", "2")
    if mark.look == "maybe":
        shape.set("stroke-dasharray", "4 3")
    write(group, _chip_words(mark, wide), x + wide / 2, y + 5, middle=True)
    return high


def arrow(parent: Element, points: Sequence[tuple[float, float]], *, ink: str = SOFT, thick: float = 1.5) -> None:
    """A line through the points with a head at its end."""
    (x0, y0), (x1, y1) = points[-2], points[-1]
    far = max(abs(x1 - x0), abs(y1 - y0)) or 1
    dx, dy = (x1 - x0) / far, (y1 - y0) / far
    along = " ".join(f"{_written(x)},{_written(y)}" for x, y in (*points[:-1], (x1 - 5 * dx, y1 - 5 * dy)))
    add(parent, "polyline", points=along, fill="none", stroke=ink, stroke_width=thick)
    back = (x1 - 7 * dx, y1 - 7 * dy)
    corners = [(x1, y1), (back[0] - 4 * dy, back[1] + 4 * dx), (back[0] + 4 * dy, back[1] - 4 * dx)]
    add(parent, "polygon", points=" ".join(f"{_written(x)},{_written(y)}" for x, y in corners), fill=ink)


def _written(value: str | float) -> str:
    return clean(value) if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
