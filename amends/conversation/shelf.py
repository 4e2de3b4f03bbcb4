"""The flow, the clauses and the encoder that the conversation works with: what the policy owners published last."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from amends.conversation.draft_check import DraftCheck
from amends.conversation.remembering import RememberingEncoder
from amends.flows import USUAL
from amends.incidents import record
from amends.policies import PolicySearch
from amends.understanding import Understanding, load_examples, texts
from amends.understanding.choosing import FlowChooser
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

MOST_FLOWS = 12
"""Versions whose texts can be read at once; open conversations rarely need more."""

_CHOOSING = "choosing"


class Shelf:
    """What is live, from the database. What is published is used from the next message on, without a restart.

    Args:
        database: the record, at its newest version.
        data: the directory with `flows/`, `policies/` and what is learnt from; its flows and policies are published
            when nothing ever was.
        encoder: shared by all that understand text. Without one there are flows and clauses, and nothing is read or
            searched.
        cache: where what was trained is kept.
        flow_id: the flow that is taken where nothing else can be said.

    Raises:
        FlowError, PolicyError: nothing that was published can be used.
    """

    def __init__(
        self,
        database: Database,
        data: Path,
        encoder: Encoder | None = None,
        cache: Path | None = None,
        flow_id: str = USUAL,
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
        self._chooser: FlowChooser | None = None

    def flow(self) -> Flow:
        """The usual flow, as it is live now."""
        with self._lock:
            self._live.refresh()
            return self._live.flow

    def beginnings(self) -> dict[str, Flow]:
        """The flows that a new incident can go by, as they are live now: the usual one first.

        The others are those that say how people begin to tell of what they are for.
        """
        with self._lock:
            self._live.refresh()
            usual = self._live.flow
            others = (flow for flow in self._live.flows.values() if flow.says and flow.id != usual.id)
            return {flow.id: flow for flow in (usual, *others)}

    def chooser(self) -> FlowChooser:
        """What chooses among them by a first message; what was learnt before, until what is new has been learnt."""
        flows = list(self.beginnings().values())
        with self._lock:
            if self._chooser is None:
                self._chooser = FlowChooser(flows, *self._reads(), self._cache)
            elif not self._chooser.knows(flows) and _CHOOSING not in self._learning:
                learning = threading.Thread(target=self._learn_to_choose, args=(flows,), daemon=True)
                self._learning[_CHOOSING] = learning
                learning.start()
            return self._chooser

    def flow_of(self, session: Session, version: str) -> Flow:
        """The flow that an incident goes by, in the version that it began with, whatever is live now."""
        # A version never changes, so there is no need to look what is live.
        seen = next((flow for flow in self._live.flows.values() if flow.version == version), None)
        return seen or record.flow_of(session, version)

    @property
    def seen(self) -> Flow:
        """The usual flow as it was when this was last looked up: for work ahead, on which nothing depends."""
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
            before = next((one for one in reversed(self._readers.values()) if one.flow_id == flow.id), None)
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

    def _learn_to_choose(self, flows: list[Flow]) -> None:
        try:
            chooser = FlowChooser(flows, *self._reads(), self._cache)
        except Exception:
            logger.exception("How people begin to tell of the flows could not be learnt.")
            return
        with self._lock:
            self._chooser = chooser
            self._learning.pop(_CHOOSING, None)

    def _keep(self, flow: Flow, reader: Understanding) -> None:
        self._readers.pop(flow.version, None)
        self._readers[flow.version] = reader
        while len(self._readers) > MOST_FLOWS:
            del self._readers[next(iter(self._readers))]
