"""Why something is erased or held, and what keeps it from being erased."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from amends.access.people import SignedIn
from amends.outbox.reminders import OURS

if TYPE_CHECKING:
    from collections.abc import Mapping

GONE = "(erased)"
"""What stands where words stood, so that nobody takes an empty place for a fault."""
RETENTION = SignedIn(OURS, "Amends", frozenset())
"""Who erases what is past its time: nobody in particular."""
_number = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,39}")


class CannotErase(Exception):  # noqa: N818 - it reads as what it says
    """It may not be erased, or not now. The message is a sentence for the person."""


class Ground(StrEnum):
    """On which ground something is erased (UK GDPR and EU GDPR, article 17(1), and 5(1)(e) for the last)."""

    NOT_NEEDED = "not_needed"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    UNLAWFUL = "unlawful"
    DUTY = "duty"
    RETENTION = "retention"


GROUNDS: Mapping[Ground, str] = {
    Ground.NOT_NEEDED: "It is no longer needed for what it was kept for (17(1)(a))",
    Ground.WITHDRAWN: "Consent was withdrawn (17(1)(b))",
    Ground.OBJECTED: "The person objects, and nothing outweighs that (17(1)(c))",
    Ground.UNLAWFUL: "It was not lawful to keep it (17(1)(d))",
    Ground.DUTY: "The law says that it must be erased (17(1)(e))",
}
"""Those that a person can choose, in words."""


@dataclass(frozen=True)
class Order:
    """On which ground, and the number of the request in the organisation's own register.

    The number stays in the record for ever, so it holds no words: see `order_of`.
    """

    ground: Ground
    request: str = ""


def order_of(ground: str, request: str) -> Order:
    """An order as it was typed.

    Raises:
        CannotErase: there is no such ground, or the number holds words.
    """
    if ground not in GROUNDS:
        raise CannotErase(f"Choose a ground. There are: {', '.join(GROUNDS)}.")
    number = request.strip()
    if number and not _number.fullmatch(number):
        raise CannotErase(
            "The number of the request stays in the record for ever, so it takes letters, digits and . / _ - only, "
            "at most 40, and no name. Write it again, such as DSR-2026-014."
        )
    return Order(Ground(ground), number)
