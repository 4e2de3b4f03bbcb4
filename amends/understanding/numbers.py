"""How many, as people say it: '412', 'about three hundred', 'tens of thousands', '4k'."""

from __future__ import annotations

import re

_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_SMALL = {word: number for number, word in enumerate(_UNITS)}
_SMALL |= {"couple": 2, "few": 5, "several": 5, "tens": 20}
_SMALL |= dict(
    zip(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), range(20, 100, 10), strict=True)
)
_TIMES = {"dozen": 12, "hundred": 100, "k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}
_MANY = {f"{word}s": 2 for word in ("dozen", "hundred", "thousand", "million")}
"""'Hundreds' are at least two of them."""
_BETWEEN = frozenset(("a", "an", "and", "of"))
_MORE, _LESS = re.compile(r"\b(?:more than|over|above)\b"), re.compile(r"\b(?:less than|fewer than|under|below)\b")
_NOBODY_KNOWS = re.compile(r"\bknow|\bno one\b|\bone of\b")
MOST = 10**10
"""More than there are people in the world: what says more is taken as this."""
_TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?|[a-z]+")


def number_in(text: str) -> int | None:
    """The first number that a text says, in digits or in words; None when it says none.

    'More than a hundred' is 101, 'under a thousand' 999: the nearest that it can be.
    """
    lower = text.lower().replace("-", " ")
    if _NOBODY_KNOWS.search(lower):
        return None
    total, current = 0.0, None
    for token in _TOKEN.findall(lower):
        times = _TIMES.get(token.removesuffix("s"))
        if token[0].isdigit():
            if current is not None:
                break
            current = float(token.replace(",", ""))
        elif token in _SMALL:
            current = (current or 0) + _SMALL[token]
        elif times is not None and (current is not None or len(token) > 1):
            current = (_MANY.get(token, 1) if current is None else current) * times
            if times >= 1_000:
                total, current = total + current, 0
        elif token not in _BETWEEN and (current is not None or total):
            break
    if current is None:
        return None
    beyond = 1 if _MORE.search(lower) else -1 if _LESS.search(lower) else 0
    return int(min(total + current, MOST)) + beyond
