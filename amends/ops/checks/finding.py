"""What a check found: a status, one sentence, and one sentence how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "fault", "off"]


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        check: what was looked at.
        status: ok; warning: works, but look at it; fault: something does not work; off: not used or not looked at.
        said: one sentence about what was found.
        mend: one sentence what to do; empty when there is nothing to do.
    """

    check: str
    status: Status
    said: str
    mend: str = ""


def ok(check: str, said: str) -> Finding:
    """It is as it should be."""
    return Finding(check, "ok", said)


def warning(check: str, said: str, mend: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(check, "warning", said, mend)


def fault(check: str, said: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(check, "fault", said, mend)


def off(check: str, said: str, mend: str = "") -> Finding:
    """It is not used, or cannot be looked at."""
    return Finding(check, "off", said, mend)
