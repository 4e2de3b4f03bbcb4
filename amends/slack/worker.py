"""Handles what came in: who did it is looked up, whether they may is checked, and then its handler is called."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from amends.incidents.database import RecordUnavailable
from amends.incidents.record import UnknownIncident
from amends.incidents.threads import in_thread
from amends.leads.opening import CannotAct
from amends.outbox import outgoing
from amends.slack import arrivals, hints, inbox, permission
from amends.slack.clients import NOT_REACHED
from amends.slack.inbox import Outcome
from amends.slack.logs import log_error
from amends.slack.people import SlackAway
from amends.slack.registry import HANDLERS, Call, NotYet, Refused
from amends.slack.wire import failure_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from amends.outbox.tables import Inbound
    from amends.slack.desk import Desk
    from amends.slack.people import Person
    from amends.slack.registry import Entry, Registry

logger = logging.getLogger(__name__)

LANES = 16
"""How much is handled side by side."""
POLL = 0.5
"""Seconds between two looks when nobody nudges."""
GATHER = 0.01
"""Seconds in which results are gathered, so that one transaction settles many."""
PATIENCE = 45.0
"""Seconds that a handler may take."""
MOST_ATTEMPTS = 8
SENTENCES = (Refused, CannotAct, UnknownIncident)
"""Errors that are a sentence for the person."""
BROKEN = (
    "That did not work. It is our mistake, not yours; it is kept, and somebody will look at it. "
    "If it cannot wait, ring {}."
)
SET_ASIDE = "Something from Slack could not be handled and was set aside: number {id} ({kind}), {error}."


class Worker:
    """Handles what waits. Several may run at once, in one process or in many.

    Args:
        registry: the handlers.
        now: the clock.
        attempts: after so many it is set aside.
    """

    def __init__(
        self,
        desk: Desk,
        registry: Registry = HANDLERS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        attempts: int = MOST_ATTEMPTS,
    ) -> None:
        self._desk = desk
        self._database = desk.database
        self._registry = registry
        self._now = now
        self._attempts = attempts
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._claimed: set[int] = set()
        self._outcomes: list[Outcome] = []
        self._woken = asyncio.Event()

    def nudge(self) -> None:
        """There is something to handle now. From the loop's own thread."""
        self._woken.set()

    async def run(self) -> None:
        """Handle what waits until cancelled; what is in hand then is given back."""
        renewing = asyncio.create_task(self._renew())
        try:
            while True:
                self._woken.clear()
                await self.round()
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await self._woken.wait()
                    await asyncio.sleep(GATHER)
        finally:
            renewing.cancel()
            await self._give_back()

    async def round(self) -> int:
        """Settle what was handled, and begin with what is due; how many rows these were."""
        outcomes, self._outcomes = self._outcomes, []
        work = asyncio.create_task(in_thread(self._exchange, outcomes))
        try:
            rows = await asyncio.shield(work)
        except asyncio.CancelledError:
            # The process stops. What was claimed meanwhile is given back as well.
            await asyncio.wait({work})
            if work.exception() is None:
                self._claimed = {row.id for row in work.result()}
            else:
                self._outcomes = [*outcomes, *self._outcomes]
            raise
        except Exception as error:  # noqa: BLE001 - one mistake must not end the handling of everything
            self._outcomes = [*outcomes, *self._outcomes]
            if isinstance(error, RecordUnavailable):
                logger.warning("What came from Slack cannot be read now: %s", error)
            else:
                log_error(logger, error)
            return 0
        for outcome in outcomes:
            self._in_hand.pop(outcome.row.id, None)
        for row in rows:
            self._in_hand[row.id] = asyncio.create_task(self._attempt(row))
        if outcomes:
            self._desk.sender.nudge()
        return len(rows)

    async def settle(self) -> None:
        """Wait until what is in hand is handled, and settle it. For tests."""
        while self._in_hand:
            await asyncio.gather(*self._in_hand.values())
            await self.round()

    def _exchange(self, outcomes: list[Outcome]) -> list[Inbound]:
        at = self._now()
        in_hand = set(self._in_hand) - {each.row.id for each in outcomes}
        room = LANES - len(in_hand)
        if not outcomes and (room <= 0 or not inbox.waits(self._database, at)):
            return []
        return inbox.exchange(self._database, outcomes, room, at, without=in_hand, log=logger)

    async def _attempt(self, row: Inbound) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                outcome = await self._handle(row)
        except NotYet:
            outcome = Outcome(row, until=self._later(row, at_least=1.0), error="waits", counts=False)
        except (SlackAway, RecordUnavailable) as error:
            logger.info("Something from Slack waits: %s", type(error).__name__)
            outcome = Outcome(row, until=self._later(row), error=type(error).__name__, counts=False)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next ones have to go on
            outcome = self._failed(row, error)
        self._outcomes.append(outcome)
        self._woken.set()

    async def _handle(self, row: Inbound) -> Outcome:
        payload = json.loads(row.payload)
        id_ = arrivals.id_of(row.kind, payload, self._registry)
        entry = self._registry.find(row.kind, id_)
        user = arrivals.user_of(row.kind, payload)
        if entry is None or not user:
            return Outcome(row, error="not handled")
        person = await self._desk.people.get(user)
        if person.role in permission.SILENT:
            self._desk.people.forget(user)
            return Outcome(row, error=f"from a user that is {person.role}")
        try:
            call = await in_thread(self._allowed, row, id_, entry, person, payload)
            await entry.handler(self._desk, call)
        except SENTENCES as error:
            self._desk.people.forget(user)  # they may have become what they have to be for this
            return Outcome(row, error="refused", also=self._telling(row, payload, str(error)))
        return Outcome(row)

    def _allowed(self, row: Inbound, id_: str, entry: Entry, person: Person, payload: Mapping[str, Any]) -> Call:
        """The call, if this person may do it now.

        Raises:
            Refused: they may not.
        """
        value = arrivals.value_of(row.kind, payload)
        with self._database.read() as session:
            reference = permission.named(session, value)
            permission.check(session, self._desk.settings, entry.may, person, reference)
        return Call(row.key, row.kind, id_, payload, person, row.received_at, reference, value)

    def _failed(self, row: Inbound, error: Exception) -> Outcome:
        kind = type(error).__name__
        if isinstance(error, NOT_REACHED):
            failure = failure_of(error)
            kind = failure.reason
            if failure.kind in {"limited", "later"}:
                return Outcome(row, until=self._later(row), error=kind, counts=False)
        log_error(logger, error)
        if row.attempts + 1 < self._attempts:
            until = self._now() + timedelta(seconds=0.5 * 2**row.attempts)
            return Outcome(row, until=until, error=kind)
        logger.error("Number %s (%s) from Slack was set aside: %s", row.id, row.kind, kind)
        return Outcome(row, error=kind, aside=True, also=self._lamenting(row, kind))

    def _later(self, row: Inbound, at_least: float = 0.5) -> datetime:
        """When something that is nobody's fault is tried again: less often, the longer it waits."""
        waited = (self._now() - row.received_at).total_seconds()
        return self._now() + timedelta(seconds=min(max(at_least, waited / 10), 30.0))

    def _telling(self, row: Inbound, payload: Mapping[str, Any], sentence: str) -> Callable[[Session], None]:
        def tell(session: Session) -> None:
            hints.tell(session, row.key, row.kind, payload, sentence, self._now(), team=self._desk.team)

        return tell

    def _lamenting(self, row: Inbound, error: str) -> Callable[[Session], None]:
        """Tell the person, and the comms leads, that something was set aside."""
        settings = self._desk.settings

        def lament(session: Session) -> None:
            sentence = BROKEN.format(settings.emergency_contact)
            self._telling(row, json.loads(row.payload), sentence)(session)
            if settings.slack_leads_channel:
                line = {"text": SET_ASIDE.format(id=row.id, kind=row.kind, error=error)}
                outgoing.put(session, f"aside:{row.key}", to=settings.slack_leads_channel, body=line, at=self._now())

        return lament

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(inbox.LEASE.total_seconds() / 4)
            if self._in_hand:
                try:
                    await in_thread(inbox.renew, self._database, list(self._in_hand), self._now())
                except Exception as error:  # noqa: BLE001 - the next renewal comes
                    logger.warning("What is in hand could not be renewed: %s", type(error).__name__)

    async def _give_back(self) -> None:
        for task in self._in_hand.values():
            task.cancel()
        await asyncio.gather(*self._in_hand.values(), return_exceptions=True)
        settled = {each.row.id for each in self._outcomes}
        outcomes, self._outcomes = self._outcomes, []
        try:
            if outcomes:
                await in_thread(inbox.exchange, self._database, outcomes, 0, self._now(), log=logger)
            rest = (set(self._in_hand) | self._claimed) - settled
            if rest:
                await in_thread(inbox.release, self._database, rest)
        except RecordUnavailable as error:
            logger.warning("What was in hand could not be given back: %s", error)
        self._in_hand.clear()
