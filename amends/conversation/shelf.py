"""The flow, the clauses and the encoder that the conversation works with: what the policy owners published last."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from amends.conversation.draft_check import DraftCheck
from amends.conversation.remembering import RememberingEncoder
from amends.incidents import record
from amends.policies import PolicySearch
from amends.understanding import Understanding, load_examples, texts
from amends.understanding.messages import parts_of
from amends.workshop.documents import Document
from amends.workshop.files import publish_first, warn_of_differences
from amends.workshop.in_use import Published

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from amends.flows import Flow
    from amends.incidents.database import Database
    from amends.policies import Library
    from amends.understanding.encoder import Encoder, Floats
    from amends.understanding.examples import Examples

logger = logging.getLogger(__name__)

MOST_FLOWS = 8
"""Versions whose texts can be read at once; open conversations rarely need more."""


class Shelf:
    """What is live, from the database. What is published is used from the next message on, without a restart.

    Args:
        database: the record, at its newest version.
        data: the directory with `flows/`, `policies/` and what is learnt from; its flows and policies are published
            when nothing ever was.
        encoder: shared by all that understand text. Without one there are flows and clauses, and nothing is read or
            searched.
        cache: where what was trained is kept.

    Raises:
        FlowError, PolicyError: nothing that was published can be used.
    """

    def __init__(
        self,
        database: Database,
        data: Path,
        encoder: Encoder | None = None,
        cache: Path | None = None,
        flow_id: str = "problem_post",
    ) -> None:
        self._reading = (RememberingEncoder(encoder), load_examples(data)) if encoder else None
        self._cache = cache
        self._lock = threading.Lock()
        publish_first(database, data)
        warn_of_differences(database, data)
        self._live = Published(database, Document("flow", flow_id))
        self._searched = self._live.library
        self._search = PolicySearch(self._searched, self._reading[0]) if self._reading else None
        self._readers: dict[str, Understanding] = {}
        self.drafts = DraftCheck(data, lambda: self._reads()[0], cache, lambda: self.clauses().clauses)
        self._learning: dict[str, threading.Thread] = {}

    def flow(self) -> Flow:
        """The flow that is live now: what a new incident begins with."""
        with self._lock:
            self._live.refresh()
            return self._live.flow

    def flow_of(self, session: Session, version: str) -> Flow:
        """The flow that an incident began with, whatever is live now."""
        seen = self.seen  # a version never changes, so there is no need to look what is live
        return seen if seen.version == version else record.flow_of(session, version)

    @property
    def seen(self) -> Flow:
        """The flow that was live when this was last looked up: for work ahead, on which nothing depends."""
        return self._live.flow

    def clauses(self) -> Library:
        """The clauses that are live now."""
        with self._lock:
            self._live.refresh()
            return self._live.library

    def search(self) -> PolicySearch:
        """The search in the clauses that are live now."""
        with self._lock:
            self._live.refresh()
            if self._search is None or self._live.library is not self._searched:
                self._searched = self._live.library
                self._search = PolicySearch(self._searched, self._reads()[0])
            return self._search

    def understanding(self, flow: Flow) -> Understanding:
        """What reads texts against this flow.

        A flow that just went live is read with what was learnt for the one before it, until what is new in it has
        been learnt, so that nobody waits.
        """
        with self._lock:
            there = self._readers.get(flow.version)
            if there is not None:
                return there
            before = next(reversed(self._readers.values()), None)
            reader = Understanding(flow, *self._reads(), self._cache, meanwhile=before)
            self._keep(flow, reader)
            if not reader.trained:
                learning = threading.Thread(target=self._learn, args=(flow,), daemon=True)
                self._learning[flow.version] = learning
                learning.start()
            return reader

    def encode_ahead(self, text: str, also: str) -> tuple[str, Floats]:
        """Encode the parts of a text that will be read in a moment, and another text with them.

        Returns:
            The version of the encoder, and the vector of the other text.
        """
        encoder = self._reads()[0]
        return encoder.version, encoder.encode([*parts_of(texts.clean(text)), also])[-1]

    def wait_until_learnt(self) -> None:
        """Wait until every flow that went live is read by what was learnt for it."""
        for learning in list(self._learning.values()):
            learning.join()

    def _reads(self) -> tuple[Encoder, Examples]:
        if self._reading is None:
            raise RuntimeError("This shelf has no encoder: it holds flows and clauses, and reads no texts.")
        return self._reading

    def _learn(self, flow: Flow) -> None:
        try:
            reader = Understanding(flow, *self._reads(), self._cache)
        except Exception:
            logger.exception("What is new in flow version %s could not be learnt.", flow.version[:12])
            return
        with self._lock:
            self._keep(flow, reader)
            self._learning.pop(flow.version, None)

    def _keep(self, flow: Flow, reader: Understanding) -> None:
        self._readers.pop(flow.version, None)
        self._readers[flow.version] = reader
        while len(self._readers) > MOST_FLOWS:
            del self._readers[next(iter(self._readers))]
