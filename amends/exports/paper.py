"""An incident as a PDF that can be read aloud by a screen reader (PDF/UA) and printed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import category

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from amends.exports.press import press

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
_UNSEEN = frozenset(["Cc", "Cs", "Co", "Cn"])


@dataclass(frozen=True)
class Look:
    """Whose record it is, and in which time zone its times are told."""

    organisation: str
    zone: ZoneInfo

    def clock(self, time: datetime) -> str:
        """A time on paper: no 'today', because it is read on another day; the zone is named."""
        local = time.astimezone(self.zone)
        return f"{local:%A} {local.day} {local:%B %Y} at {local:%H:%M:%S} {local:%Z}"


def printed(
    told: Mapping[str, Any],
    trail: Sequence[Mapping[str, Any]],
    clauses: Sequence[Mapping[str, Any]],
    made_by: str,
    made_at: datetime,
    damage: Sequence[str],
    look: Look,
) -> bytes:
    """The PDF.

    Args:
        told: the incident in words, as `amends.console.book.Book` tells it.
        trail: the trail as it is stored, for the hashes.
        clauses: those that were shown, as they stood then.
        damage: what does not fit in the record, as sentences.

    Raises:
        CannotExport: this machine lacks what is needed, or it could not be drawn.
    """
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_drawable,
    )
    environment.filters["clock"] = look.clock
    environment.filters["cap"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["lead"] = _before_words
    hashes = {entry["sequence"]: entry["hash"] for entry in trail}
    html = environment.get_template("record.html").render(
        **told,
        hashes=hashes,
        head=trail[-1]["hash"] if trail else "",
        shown=clauses,
        made_by=made_by,
        made_at=made_at,
        damage=damage,
        organisation=look.organisation,
    )
    return press.draw(html)


def _drawable(value: Any) -> Any:
    """A text without what no font has: control characters and halves of characters."""
    if not isinstance(value, str):
        return value
    return type(value)("".join("\ufffd" if category(one) in _UNSEEN and one not in "\n\t" else one for one in value))


def _before_words(label: str) -> str:
    """What stands before words: 'Question:', but after a question mark no colon."""
    label = label.rstrip(". ")
    return label if label.endswith("?") else f"{label}:"
