"""How wide text is, and where its lines break, without a font at hand.

The pictures name no font but 'sans-serif', which is another one on each machine. So every character counts as
wide as it is in the widest of the common ones (measured in DejaVu Sans and Liberation Sans, which has the
measures of Arial and Helvetica), and lines get some slack on top.
"""

from __future__ import annotations

import unicodedata

LINE = 1.38
"""From one line to the next, in sizes of the letters."""

_SLACK = 1.02
_UNKNOWN = 105

# Hundredths of the size, from the space to the tilde.
_REGULAR = (
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
    84, 84, 56, 102, 69, 69, 73, 77, 67, 62, 78, 76, 30, 50, 67, 56, 87, 75, 79, 67, 79, 73, 67, 62, 74, 69, 99, 69, 67,
    69, 40, 34, 40, 84, 56, 50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60,
    82, 60, 60, 53, 64, 34, 64, 84,
)  # fmt: skip
_BOLD = (
    35, 46, 53, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84,
    84, 84, 62, 100, 78, 77, 74, 83, 69, 69, 83, 84, 38, 56, 78, 64, 100, 84, 85, 74, 85, 77, 73, 69, 82, 78, 111, 78,
    73, 73, 46, 37, 46, 84, 56, 50, 68, 72, 60, 72, 68, 44, 72, 72, 35, 35, 67, 35, 105, 72, 69, 72, 72, 50, 60, 48, 72,
    66, 93, 65, 66, 59, 72, 37, 72, 84,
)  # fmt: skip
_OTHERS = {
    "\u2013": 56, "\u2014": 100, "\u2018": 38, "\u2019": 38, "\u201c": 66, "\u201d": 66, "\u2026": 100, "·": 38,
    "£": 70, "€": 70, "§": 56,
}  # fmt: skip
"""Dashes, quotation marks, dots and what else is common."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide the text is at most, in pixels."""
    return sum(_advance(letter, _BOLD if bold else _REGULAR) for letter in text) * size * _SLACK / 100


def is_known(text: str) -> bool:
    """Whether every character's width was measured; of others it is only assumed."""
    return all(_base(letter) < "\x7f" or letter in _OTHERS for letter in text)


def wrap(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """The lines of a text that are at most `room` pixels wide; a word that is too long is broken."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, bold=bold) <= room:
            lines[-1] = longer
        elif width(word, size, bold=bold) <= room:
            lines.append(word)
        else:
            lines += _broken(word, room, size, bold=bold)
    return lines


def _broken(word: str, room: float, size: float, *, bold: bool) -> list[str]:
    pieces = [""]
    taken = 0.0
    room -= width("-", size, bold=bold)
    for letter, following in zip(word, [*word[1:], ""], strict=True):
        more = width(letter, size, bold=bold)
        if pieces[-1] and taken + more > room and more:
            if letter.isalpha() and pieces[-1][-1].isalpha() and following:
                pieces[-1] += "-"
            pieces.append("")
            taken = 0.0
        pieces[-1] += letter
        taken += more
    return pieces


def _advance(letter: str, table: tuple[int, ...]) -> int:
    if letter in _OTHERS:
        return _OTHERS[letter]
    if unicodedata.combining(letter):
        return 0
    base = _base(letter)
    return table[ord(base) - 32] if " " <= base < "\x7f" else _UNKNOWN


def _base(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0]
