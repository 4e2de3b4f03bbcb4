"""What incidents are called: INC-2026-0042, or DRILL-2026-0042 when it was begun as practice. They share their numbers.

So a gap among the real ones is never a loss, and whoever reads the name of a drill anywhere knows that it is one.
"""

from __future__ import annotations

REAL, DRILL = "INC", "DRILL"
PREFIXES = (REAL, DRILL)
SHAPE = rf"(?:{REAL}|{DRILL})-\d{{4}}-\d{{4,}}"
"""What a reference looks like, as a regular expression."""


def reference(year: int, number: int, *, drill: bool = False) -> str:
    """The reference of an incident."""
    return f"{DRILL if drill else REAL}-{year}-{number:04d}"


def is_practice(text: str) -> bool:
    """Whether a reference is that of an incident that was begun as practice."""
    return text.upper().startswith(f"{DRILL}-")
