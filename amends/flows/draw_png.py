"""An SVG picture as PNG, with the fonts of this machine (resvg)."""

from __future__ import annotations

from functools import cache

import resvg_py

FAMILIES = (
    "Arial",
    "Liberation Sans",
    "DejaVu Sans",
    "Helvetica",
    "Helvetica Neue",
    "Segoe UI",
    "Noto Sans",
    "Roboto",
    "Open Sans",
    "Ubuntu",
    "Cantarell",
    "Nimbus Sans",
    "FreeSans",
    "Verdana",
    "Tahoma",
    "Lato",
)
"""What a machine may have as its sans-serif font, the ones that the pictures look best in first."""

MOST_PIXELS = 150_000_000
"""A picture of more would need more than half a gigabyte while it is made."""

_SAMPLE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" font-family="sans-serif">'
    '<text x="4" y="30" font-size="24">{}</text></svg>'
)


class CannotPaint(Exception):  # noqa: N818 - it reads as what it says
    """The picture cannot be made on this machine; the message says why and what to do."""


def paint(svg: str, *, scale: float = 1, families: tuple[str, ...] = FAMILIES) -> bytes:
    """The picture as PNG, `scale` times as large.

    Raises:
        CannotPaint: there is no font to write with, or the picture would be too large.
    """
    family = _family(families)
    if family is None:
        raise CannotPaint(
            "There is no font on this machine to write the picture with. Install one, as in "
            "'apt-get install fonts-dejavu-core', or take --format svg, which is written with the font of the reader."
        )
    wide, high = (float(part) for part in svg.partition('viewBox="0 0 ')[2].partition('"')[0].split())
    if wide * high * scale * scale > MOST_PIXELS:
        raise CannotPaint("The picture would be too large for a PNG. Take a smaller --scale, or --format svg.")
    return resvg_py.svg_to_bytes(svg_string=svg, zoom=scale, sans_serif_family=family)


@cache
def _family(families: tuple[str, ...]) -> str | None:
    """The first font that is there; or any at all; None if nothing can be written."""
    empty = _sample("", "")
    stranger = _sample("A", "No font of this name")
    found = next((family for family in families if _sample("A", family) not in (empty, stranger)), None)
    return found or (None if stranger == empty else families[0])


def _sample(text: str, family: str) -> bytes:
    return resvg_py.svg_to_bytes(svg_string=_SAMPLE.format(text), sans_serif_family=family)
