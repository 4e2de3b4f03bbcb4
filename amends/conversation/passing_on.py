"""What becomes of a message is passed on to those who do not wait for it: its replies, or that it takes longer."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from amends import measures
from amends.conversation.replies import Reply
from amends.incidents import deliveries
from amends.incidents.database import RecordUnavailable
from amends.incidents.models import Delivery
from amends.incidents.threads import in_thread

if TYPE_CHECKING:
    from amends.incidents.database import Database

logger = logging.getLogger(__name__)

Answered = Callable[[Session, Delivery, Sequence[Reply]], None]
Late = Callable[[Session, Delivery], None]

SOURCES = frozenset({"slack"})
"""Where people do not wait for the replies as on a web page."""


class NotPassedOn(Exception):  # noqa: N818 - it reads as what it says
    """The replies could not be passed on, so they were not kept either."""


class PassingOn:
    """Calls the hooks.

    Args:
        limit: seconds after which a message is late.
        answered: called in the transaction that keeps the replies to a message, by the one process that keeps them.
        late: called in a transaction of its own with the first message of a conversation that waits; once for a
            message, and once more after a restart.
    """

    def __init__(
        self, database: Database, limit: float, *, answered: Answered | None = None, late: Late | None = None
    ) -> None:
        self._database = database
        self._limit = limit
        self._answered = answered
        self._late = late
        self._told: set[str] = set()

    async def finish(self, delivery: Delivery, replies: Sequence[Reply]) -> None:
        """Keep the replies to a message and pass them on: both, or neither.

        Raises:
            NotPassedOn: the hook failed.
            RecordUnavailable: they could not be kept.
        """
        answered = self._answered

        def pass_on(session: Session, kept: Delivery) -> None:
            if answered is not None and kept.source in SOURCES:
                answered(session, kept, replies)

        stored = [reply.model_dump(mode="json") for reply in replies]
        try:
            await in_thread(deliveries.finish, self._database, delivery.key, stored, datetime.now(UTC), then=pass_on)
        except RecordUnavailable:
            raise
        except Exception as error:
            _log(error)
            raise NotPassedOn("its replies could not be passed on") from error
        self._told.discard(delivery.key)
        measures.ANSWER.labels(delivery.source).observe(max(0.0, _age(delivery)))

    async def tell_when_late(self, delivery: Delivery) -> None:
        """Wait until a message is late, and tell of it unless it was handled meanwhile."""
        await asyncio.sleep(max(0.0, self._limit - _age(delivery)))
        await self.tell_of([delivery])

    async def tell_of(self, waiting: Sequence[Delivery]) -> None:
        """Tell of those that are late and still wait."""
        if self._late is None:
            return
        for delivery in waiting:
            if delivery.source in SOURCES and delivery.key not in self._told and _age(delivery) >= self._limit:
                try:
                    if await in_thread(self._tell, delivery):
                        self._told.add(delivery.key)
                except RecordUnavailable as error:
                    logger.warning("Somebody could not be told that their message waits: %s", error)
                except Exception as error:  # noqa: BLE001 - the other messages have to go on
                    _log(error)

    def _tell(self, delivery: Delivery) -> bool:
        """Whether this is what its conversation waits for; then it was told."""
        first = deliveries.first_waiting(self._database, delivery.conversation_id)
        if self._late is None or first is None or first.key != delivery.key:
            return False
        with self._database.begin() as session:
            kept = deliveries.find(session, delivery.key)
            if kept is not None and kept.handled_at is None:
                self._late(session, kept)
        return True


def _age(delivery: Delivery) -> float:
    """Seconds since a message came. One from a time to come came by a clock that was wrong: it counts as old."""
    return abs((datetime.now(UTC) - delivery.received_at).total_seconds())


def _log(error: Exception) -> None:
    """Say where something broke. The error's text can hold what somebody wrote."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    logger.error("%s in %s, line %s", type(error).__name__, place.filename, place.lineno)
