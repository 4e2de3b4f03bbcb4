"""What one text of a document changes compared to another: in meaning, and line by line. Pure."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from amends.flows import FlowError, parse_flow
from amends.flows.diff import diff
from amends.flows.problems import either
from amends.policies import PolicyError, clauses_of

if TYPE_CHECKING:
    from amends.policies import Clause
    from amends.workshop.documents import Document

SHOWN_LINES = 3
"""Unchanged lines shown around a change."""

_FIELDS = {
    "title": "title",
    "text": "text",
    "keywords": "keywords",
    "applies_when": "when it applies",
    "supports": "what it argues for",
    "forbids": "what it argues against",
    "owner": "owner",
    "legal": "law",
    "mark": "mark",
    "beats": "clauses that give way to it",
}


@dataclass(frozen=True)
class Changes:
    """`meaning` says in sentences what changes for people; `lines` are those of a unified diff, without its head."""

    meaning: tuple[str, ...]
    lines: tuple[str, ...]


@lru_cache(maxsize=16)
def changes(document: Document, before: str | None, after: str, settings: frozenset[str] = frozenset()) -> Changes:
    """What `after` changes compared to `before`; a second or two for a whole flow.

    Args:
        before: None when there was none.
        settings: the organisation's yes/no settings that are on.
    """
    if before is None:
        return Changes((f"This {document.kind} is new.",), ())
    lines = line_diff(before, after)
    if not lines:
        return Changes(("Nothing changes.",), ())
    meaning = _of_flow(before, after, settings) if document.kind == "flow" else _of_policy(before, after)
    return Changes(tuple(meaning), lines)


def line_diff(before: str, after: str, name_before: str = "", name_after: str = "") -> tuple[str, ...]:
    """The lines of a unified diff; with names, also its head."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), name_before, name_after, lineterm="", n=SHOWN_LINES
    )
    found = tuple(lines)
    if not found and before != after:
        return ("Only line ends or the end of the file differ.",)
    return found if name_before else found[2:]


def _of_flow(before: str, after: str, settings: frozenset[str]) -> list[str]:
    try:
        old = parse_flow(before)
    except FlowError:
        return ["The version before cannot be read any more, so what changes in meaning cannot be said."]
    try:
        new = parse_flow(after)
    except FlowError:
        return ["What changes in meaning can be said once the mistakes are put right."]
    return diff(old, new, settings).told()


def _of_policy(before: str, after: str) -> list[str]:
    try:
        old, new = clauses_of(before), clauses_of(after)
    except PolicyError:
        return ["Which clauses change can be said once the mistakes are put right."]
    told = [f"New clause {id_}: {clause.title}." for id_, clause in new.items() if id_ not in old]
    told += [f"Clause {id_} ({clause.title}) is gone." for id_, clause in old.items() if id_ not in new]
    for id_, clause in new.items():
        if id_ in old and (named := changed_parts(old[id_], clause)):
            told.append(f"Clause {id_} ({clause.title}): the {either(named, 'and')} changed.")
    return told or ["No clause changes, only its surroundings, such as comments or the policy's title."]


def changed_parts(old: Clause, new: Clause) -> list[str]:
    """What differs between two versions of a clause, in words."""
    return [words for name, words in _FIELDS.items() if _plain(getattr(old, name)) != _plain(getattr(new, name))]


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, tuple) else value
