"""What pictures consist of, before anything has a place or a size: cards, in stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from amends.flows.draw_svg import PERSON, TONES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.flows.draw_svg import Mark, Tone, Words
    from amends.flows.model import Flow


@dataclass(frozen=True)
class Item:
    """One card: its place in the file, what it says, and what it does to responses and roles."""

    section: str
    id: str
    title: str
    words: tuple[Words, ...] = ()
    marks: tuple[Mark, ...] = ()
    tone: Tone | None = None


@dataclass(frozen=True)
class Stage:
    """One step of the whole: `cards` side by side, `lanes` with their marks in the lanes of the responses."""

    title: str
    says: str
    items: tuple[Item, ...]
    shape: Literal["cards", "lanes", "foot"]
    in_order: bool = False
    always: bool = False
    """Shown even without items: its sentence says why there are none."""
    columns: int | None = None
    """How many cards stand side by side on the chart, if not as many as usual."""


@dataclass(frozen=True)
class Picture:
    """All of a picture; `lanes` are the responses in their order, each with its label and colour."""

    name: str
    title: str
    about: tuple[Words, ...]
    stages: tuple[Stage, ...]
    lanes: Mapping[str, tuple[str, Tone]]
    path: bool = False
    """Whether a lane is drawn only from where a response comes in to where it goes out."""


def tones(flow: Flow) -> dict[str, Tone]:
    """The colour of each response and role."""
    found = {code: TONES[n % len(TONES)] for n, code in enumerate(flow.responses)}
    return {code: found.get(code, PERSON) for code in flow.codes}


def nth(n: int) -> str:
    """'1st', '2nd', '3rd' and so on."""
    return f"{n}{'th' if 10 < n % 100 < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"
