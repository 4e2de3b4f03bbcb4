"""The flow, the clauses and the encoder that the conversation works with, read again when files change."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from amends.conversation.remembering import RememberingEncoder
from amends.flows import FlowError, load_flow, parse_flow
from amends.incidents import record
from amends.policies import PolicyError, PolicySearch, load_library
from amends.understanding import Understanding, load_examples

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from amends.flows import Flow
    from amends.policies import Library
    from amends.understanding.encoder import Encoder

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Seen:
    """When files were last changed, and how long they were: enough to notice an edit."""

    marks: tuple[tuple[str, int, int], ...]

    @classmethod
    def of(cls, paths: list[Path]) -> _Seen:
        marks = []
        for path in sorted(paths):
            stat = path.stat()
            marks.append((str(path), stat.st_mtime_ns, stat.st_size))
        return cls(tuple(marks))


class Shelf:
    """What is read from `data/`. An edit is used from the next message on; a broken edit is not used at all.

    Args:
        data: the directory with `flows/` and `policies/`.
        encoder: shared by all that understand text.
        cache: where what was trained is kept.

    Raises:
        FlowError, PolicyError: what is there at the start cannot be used.
    """

    def __init__(self, data: Path, encoder: Encoder, cache: Path | None = None, flow_id: str = "problem_post") -> None:
        self._flow_path = data / "flows" / f"{flow_id}.yml"
        self._policies = data / "policies"
        self._encoder = RememberingEncoder(encoder)
        self._examples = load_examples(data)
        self._cache = cache
        self._lock = threading.Lock()
        self._flow = load_flow(self._flow_path)
        self._flow_seen = _Seen.of([self._flow_path])
        self._library = load_library(self._policies)
        self._library_seen = _Seen.of(list(self._policies.glob("*.yml")))
        self._search = PolicySearch(self._library, self._encoder)
        self._understanding = lru_cache(maxsize=8)(self._understand)

    def flow(self) -> Flow:
        """The flow as it stands in its file now: what a new incident begins with."""
        with self._lock:
            try:
                seen = _Seen.of([self._flow_path])
                if seen != self._flow_seen:
                    self._flow_seen = seen
                    self._flow = load_flow(self._flow_path)
            except (FlowError, OSError) as error:
                logger.error("The changed flow cannot be used, the one before stays in use: %s", error)  # noqa: TRY400
            return self._flow

    def flow_of(self, session: Session, version: str) -> Flow:
        """The flow that an incident began with, whatever the file says now."""
        now = self.flow()
        return now if now.version == version else parse_flow(record.flow_text(session, version))

    def library(self) -> tuple[Library, PolicySearch]:
        """The clauses as they stand in their files now, and the search in them."""
        with self._lock:
            try:
                seen = _Seen.of(list(self._policies.glob("*.yml")))
                if seen != self._library_seen:
                    self._library_seen = seen
                    self._library = load_library(self._policies)
                    self._search = PolicySearch(self._library, self._encoder)
            except (PolicyError, OSError) as error:
                logger.error("The changed clauses cannot be used, those before stay in use: %s", error)  # noqa: TRY400
            return self._library, self._search

    def understanding(self, flow: Flow) -> Understanding:
        """What reads texts against this flow."""
        return self._understanding(flow)

    def _understand(self, flow: Flow) -> Understanding:
        return Understanding(flow, self._encoder, self._examples, self._cache)
