"""What a running process uses: the newest published versions that can be used, looked up again when any goes live."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from amends.flows import FlowError, parse_flow
from amends.incidents.database import Database
from amends.policies import PolicyError, parse_library
from amends.workshop.documents import WorkshopError
from amends.workshop.versions import UnknownVersion, live_hashes, published, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from amends.flows import Flow
    from amends.policies import Library
    from amends.workshop.documents import Document

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Published:
    """One flow and all clauses, as they are live.

    A version that cannot be used, because somebody changed its text in the database or an older program wrote it, is
    never used: the one before it stays, and the log says so.

    Raises:
        FlowError, PolicyError, UnknownVersion: there is none that can be used.
    """

    def __init__(self, database: Database, document: Document) -> None:
        self._database = database
        self._document = document
        with database.read() as session:
            self._seen = published(session)
            self.flow = self._newest(session, self._read_flow, "flow")
            self.library = self._newest(session, self._read_library, "clauses")

    def refresh(self) -> None:
        """Look whether anything went live since, and use it."""
        with self._database.read() as session:
            newest = published(session)
            if newest == self._seen:
                return
            self._seen = newest
            hashes = live_hashes(session)
            try:
                self.flow = self._read_flow(session, hashes)
            except (FlowError, WorkshopError) as error:
                self._complain("flow", error)
            try:
                self.library = self._read_library(session, hashes)
            except (PolicyError, WorkshopError) as error:
                self._complain("clauses", error)

    def _newest(self, session: Session, read: Callable[[Session, Mapping[Document, str]], T], what: str) -> T:
        """What was live last, or before that, and so on, until it can be used."""
        first: Exception | None = None
        upto = self._seen
        while upto:
            try:
                return read(session, live_hashes(session, upto=upto))
            except (FlowError, PolicyError, WorkshopError) as error:
                self._complain(what, error)
                first = first or error
            upto = published(session, before=upto)
        raise first or UnknownVersion("Nothing was published yet. Start Amends once with the files in data/.")

    def _read_flow(self, session: Session, hashes: Mapping[Document, str]) -> Flow:
        if self._document not in hashes:
            raise UnknownVersion(f"There is no flow called {self._document.name} that was published.")
        texts = texts_of(session, {self._document: hashes[self._document]})
        return parse_flow(texts[self._document])

    @staticmethod
    def _read_library(session: Session, hashes: Mapping[Document, str]) -> Library:
        policies = {document: hash_ for document, hash_ in hashes.items() if document.kind == "policy"}
        return parse_library([(f"{d.name}.yml", text) for d, text in texts_of(session, policies).items()])

    @staticmethod
    def _complain(what: str, error: Exception) -> None:
        logger.error("The published %s cannot be used, what was used before stays in use: %s", what, error)


def live_flows(url: str) -> list[Flow]:
    """The live flows of the record at an address, those that can be used."""
    database = Database(url)
    flows = []
    try:
        with database.read() as session:
            found = [document for document in live_hashes(session) if document.kind == "flow"]
        for document in found:
            try:
                flows.append(Published(database, document).flow)
            except (FlowError, PolicyError, WorkshopError) as error:  # noqa: PERF203 - each by itself
                logger.error("The flow %s cannot be used: %s", document.name, error)  # noqa: TRY400
    finally:
        database.dispose()
    return flows
