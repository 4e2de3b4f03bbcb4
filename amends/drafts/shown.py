"""What was found in a draft, as people read it: one part for each kind, the same in every channel. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.drafts.finding import Finding, Report
    from amends.policies import Clause

NOTHING = "I found nothing. That is not a promise: let a second person read it."
MORE = "What I did not find may still be wrong."
LEVELS = ("0, fix it and post", "1, minor", "2, serious", "3, crisis")
ROLES = {
    "comms": "the head of communications",
    "legal": "legal services",
    "dpo": "the data protection officer",
    "security": "information security",
    "safeguarding": "the safeguarding lead",
    "hr": "HR",
}
"""Who reads it first, by the names that `data/drafts/kinds.yml` uses."""


@dataclass(frozen=True)
class Shown:
    """All findings of one kind.

    `places` are the words with what they are; `clauses` have an id and a title each.
    """

    title: str
    places: tuple[str, ...]
    could: str
    instead: str
    clauses: tuple[str, ...]


def shown(report: Report, clauses: Mapping[str, Clause]) -> tuple[Shown, ...]:
    """What was found, the gravest first.

    Args:
        report: of the check.
        clauses: those that there are. One that was taken out of the policies since is named by its id alone.
    """
    parts = []
    for title, group in groupby(report.findings, lambda finding: finding.title):
        found = list(group)
        names = (f"{id_} {clauses[id_].title}" if id_ in clauses else id_ for id_ in found[0].clauses)
        places = tuple(dict.fromkeys(_place(each) for each in found))
        parts.append(Shown(title, places, found[0].could, found[0].instead, tuple(names)))
    return tuple(parts)


def level(report: Report) -> str:
    """The level in words."""
    return f"Level {LEVELS[report.level]}."


def read_first(role: str, contact: str) -> str:
    """That somebody should read it before it goes out.

    Args:
        contact: whom to ask, as in the settings; empty if that is not said.
    """
    return f"Let {ROLES[role]}{f' ({contact})' if contact else ''} read it before it goes out."


def _place(finding: Finding) -> str:
    """The words, on one line, and what they are."""
    words = " ".join(finding.words.split())
    if not words:
        return finding.what
    return f"\u201c{words}\u201d{f' ({finding.what})' if finding.what else ''}"
