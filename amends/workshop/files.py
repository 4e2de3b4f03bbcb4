"""The files in `data/`: the first published versions, and afterwards what git users work on."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from amends.flows import FlowError, Problem, parse_flow
from amends.policies import PolicyError, parse_library
from amends.workshop import trail
from amends.workshop.documents import Document, Owner, hash_of, in_folder
from amends.workshop.versions import keep, live_hashes

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database

logger = logging.getLogger(__name__)

FILES = Owner("files", "the files in data/")
FIRST_NOTE = "First start: taken from the files in data/."


@dataclass(frozen=True)
class Difference:
    """A file that is not what is live: it was edited, it is new, or it is gone."""

    document: Document
    file: str | None
    live: str | None

    @property
    def sentence(self) -> str:
        """What the difference is and what to do about it."""
        name = f"data/{'flows' if self.document.kind == 'flow' else 'policies'}/{self.document.name}.yml"
        command = f"'amends {self.document.kind} publish {self.document.name}'"
        if self.file is None:
            return f"{name} is gone, but its last published version stays in use."
        if self.live is None:
            return f"{name} was never published, so it is not in use. {command} publishes it."
        return f"{name} differs from what is live, so the file is not in use. {command} publishes it."


def any_published(database: Database) -> bool:
    """Whether anything was ever published."""
    with database.read() as session:
        return trail.count(session) > 0


def publish_first(database: Database, data: Path) -> int:
    """Publish the files of a `data` folder if nothing was ever published. Safe to call at every start, by several.

    Returns:
        How many were published: none when something was before.

    Raises:
        FlowError, PolicyError: a file cannot be used; nothing was published.
    """
    if any_published(database):
        return 0
    texts = read_files(data)
    _refuse_unusable(texts)
    with database.begin() as session:
        trail.lock(session)
        if trail.count(session):
            return 0
        now = datetime.now(UTC)
        for document, text in texts.items():
            trail.append(
                session,
                trail.Kind.PUBLISHED,
                document,
                FILES,
                at=now,
                version=keep(session, document, text, now),
                note=FIRST_NOTE,
                details={"source": "file"},
            )
    return len(texts)


def differences(session: Session, data: Path) -> list[Difference]:
    """The files of a `data` folder that are not what is live."""
    live = live_hashes(session)
    files = {document: hash_of(text) for document, text in read_files(data).items()}
    return [
        Difference(document, files.get(document), live.get(document))
        for document in sorted({*live, *files})
        if files.get(document) != live.get(document)
    ]


def warn_of_differences(database: Database, data: Path) -> list[Difference]:
    """Log a warning for each file that is not what is live, and return them."""
    with database.read() as session:
        found = differences(session, data)
    for difference in found:
        logger.warning("%s", difference.sentence)
    return found


def read_files(data: Path) -> dict[Document, str]:
    """The text of every document in a `data` folder."""
    # Without newline="" a text from Windows would have another hash than its file.
    return {document: read_text(document.path(data)) for document in in_folder(data)}


def read_text(path: Path) -> str:
    """The text of a file as it is, with its own line ends."""
    with path.open(encoding="utf-8", newline="") as stream:
        return stream.read()


def _refuse_unusable(texts: dict[Document, str]) -> None:
    policies = [(f"{document.name}.yml", text) for document, text in texts.items() if document.kind == "policy"]
    if not policies:
        raise PolicyError([])
    clauses = frozenset(parse_library(policies).clauses)
    problems: list[Problem] = []
    for document, text in texts.items():
        if document.kind == "flow":
            try:
                parse_flow(text, f"{document.name}.yml", clauses)
            except FlowError as error:
                problems += error.problems
    if problems:
        raise FlowError(problems)
