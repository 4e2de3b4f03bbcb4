"""Which version of a flow a page shows: the draft, the live one, or any from its history, by their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.flows import Flow, FlowError, parse_flow
from amends.workshop.documents import Document
from amends.workshop.drafts import draft_of
from amends.workshop.versions import UnknownVersion, history, live, version

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.workshop.versions import Publication

DRAFT, LIVE = "draft", "live"
SHORT = 12
"""So much of a version's hash is shown."""
MOST_NAMED = 200
"""So many publications can be picked from a list; older ones are reached through the history."""


@dataclass(frozen=True)
class Shown:
    """One version that a page shows.

    `key` names it in addresses, `label` in sentences ('the draft'); `detail` says who changed it last and when.
    """

    key: str
    label: str
    hash: str
    text: str
    detail: str = ""

    def flow(self) -> Flow:
        """The flow itself.

        Raises:
            FlowError: it is a draft with mistakes.
        """
        return parse_flow(self.text, self.label)


@dataclass(frozen=True)
class Choice:
    """One line in a list of versions to pick from."""

    key: str
    label: str


def flow_document(name: str) -> Document:
    """The document of a flow."""
    return Document("flow", name)


def show(session: Session, name: str, key: str, clock: Callable[[datetime], str]) -> Shown:
    """The version that `key` names; with an empty key the draft if there is one, else the live version.

    Args:
        key: `draft`, `live`, or at least six characters of a version's hash.
        clock: says a time in words.

    Raises:
        UnknownVersion: there is no such flow, draft or version; a sentence.
    """
    document = flow_document(name)
    draft = draft_of(session, document) if key in ("", DRAFT) else None
    if draft is not None:
        detail = f"last changed by {draft.owner.name} {clock(draft.at)}"
        return Shown(DRAFT, "the draft", draft.version, draft.text, detail)
    if key == DRAFT:
        raise UnknownVersion(f"There is no draft of {name} now. Try the live version.")
    current = live(session, document)
    if key in ("", LIVE):
        return Shown(LIVE, "the live version", current.hash, current.text)
    chosen = version(session, document, key)
    label = "the live version" if chosen.hash == current.hash else f"version {chosen.hash[:SHORT]}"
    return Shown(chosen.hash[:SHORT], label, chosen.hash, chosen.text)


def choices(session: Session, name: str, clock: Callable[[datetime], str]) -> list[Choice]:
    """The versions that can be picked: the draft, the live one, and those of the history, newest first."""
    document = flow_document(name)
    found = [Choice(DRAFT, "The draft")] if draft_of(session, document) is not None else []
    found.append(Choice(LIVE, "The live version"))
    for publication in _distinct(history(session, document))[1 : MOST_NAMED + 1]:
        note = publication.note if len(publication.note) <= 40 else f"{publication.note[:39]}…"
        label = f"{publication.version[:SHORT]}, {clock(publication.at)}, {note}"
        found.append(Choice(publication.version[:SHORT], label))
    return found


def mistakes(error: FlowError) -> list[str]:
    """What is wrong with a draft, a sentence for each mistake, with its line."""
    return [f"Line {problem.line}: {problem.message}" for problem in error.problems]


def _distinct(publications: Sequence[Publication]) -> list[Publication]:
    """The newest publication of each version."""
    newest: dict[str, Publication] = {}
    for publication in publications:
        newest.setdefault(publication.version, publication)
    return list(newest.values())
