"""What a running process uses: the newest published versions that can be used, looked up again when any goes live."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from amends.flows import FlowError, parse_flow
from amends.incidents.database import Database
from amends.policies import PolicyError, parse_library
from amends.workshop.documents import WorkshopError
from amends.workshop.versions import UnknownVersion, live_hashes, published, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy.orm import Session

    from amends.flows import Flow
    from amends.policies import Library
    from amends.workshop.documents import Document

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Published:
    """The flows and all clauses, as they are live.

    A version that cannot be used, because somebody changed its text in the database or an older program wrote it, is
    never used: the one before it stays, and the log says so.

    Args:
        document: the flow that has to be there. Others of which no version can be used are left out.

    Raises:
        FlowError, PolicyError, UnknownVersion: there is none that can be used.
    """

    def __init__(self, database: Database, document: Document) -> None:
        self._database = database
        self._document = document
        with database.read() as session:
            self._seen = published(session)
            self.flows = {document.name: _newest(session, self._seen, partial(_read_flow, document), "flow")}
            """By name; the one that has to be there comes first."""
            for other in _flows_among(live_hashes(session)):
                if other != document:
                    with suppress(FlowError, WorkshopError):
                        self.flows[other.name] = _newest(session, self._seen, partial(_read_flow, other), "flow")
            self.library = _newest(session, self._seen, _read_library, "clauses")

    @property
    def flow(self) -> Flow:
        """The flow that has to be there."""
        return self.flows[self._document.name]

    def refresh(self) -> None:
        """Look whether anything went live since, and use it."""
        with self._database.read() as session:
            newest = published(session)
            if newest == self._seen:
                return
            self._seen = newest
            hashes = live_hashes(session)
            flows = dict(self.flows)
            for document in _flows_among(hashes):
                try:
                    flows[document.name] = _read_flow(document, session, hashes)
                except (FlowError, WorkshopError) as error:  # noqa: PERF203 - each by itself
                    _complain("flow", error)
            self.flows = flows
            try:
                self.library = _read_library(session, hashes)
            except (PolicyError, WorkshopError) as error:
                _complain("clauses", error)


def live_flows(url: str) -> list[Flow]:
    """The live flows of the record at an address, those that can be used."""
    database = Database(url)
    flows = []
    try:
        with database.read() as session:
            seen = published(session)
            for document in _flows_among(live_hashes(session)):
                with suppress(FlowError, WorkshopError):  # the log says why
                    flows.append(_newest(session, seen, partial(_read_flow, document), "flow"))
    finally:
        database.dispose()
    return flows


def _newest(session: Session, upto: int, read: Callable[[Session, Mapping[Document, str]], T], what: str) -> T:
    """What was live last, or before that, and so on, until it can be used."""
    errors: list[Exception] = []
    while upto:
        try:
            return read(session, live_hashes(session, upto=upto))
        except (FlowError, PolicyError, WorkshopError) as error:
            if not errors or str(error) != str(errors[-1]):
                _complain(what, error)
            errors.append(error)
        upto = published(session, before=upto)
    raise (
        errors[0] if errors else UnknownVersion("Nothing was published yet. Start Amends once with the files in data/.")
    )


def _flows_among(documents: Iterable[Document]) -> list[Document]:
    return sorted(document for document in documents if document.kind == "flow")


def _read_flow(document: Document, session: Session, hashes: Mapping[Document, str]) -> Flow:
    if document not in hashes:
        raise UnknownVersion(f"There is no flow called {document.name} that was published.")
    return parse_flow(texts_of(session, {document: hashes[document]})[document])


def _read_library(session: Session, hashes: Mapping[Document, str]) -> Library:
    policies = {document: hash_ for document, hash_ in hashes.items() if document.kind == "policy"}
    return parse_library([(f"{d.name}.yml", text) for d, text in texts_of(session, policies).items()])


def _complain(what: str, error: Exception) -> None:
    logger.error("The published %s cannot be used, what was used before stays in use: %s", what, error)
