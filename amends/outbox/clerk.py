"""Looks every few seconds whether somebody has to be reminded, and whether the digest is due."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from amends.incidents.database import RecordUnavailable
from amends.incidents.threads import in_thread
from amends.outbox import digest, reminders
from amends.outbox.tables import Reminder

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from amends.incidents.database import Database
    from amends.settings import Settings

logger = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks."""


class Clerk:
    """Puts reminders and digests into the outbox when their time comes. All it knows is in the record.

    Several may run at once: each reminder and each digest is put by one of them.

    Args:
        nudge: called when something was put, so that it is sent at once.
        now: the clock.
        every: seconds between two looks.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        nudge: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        every: float = EVERY,
    ) -> None:
        self._database = database
        self._settings = settings
        self._nudge = nudge
        self._now = now
        self._every = every
        self._digested: date | None = None

    async def run(self) -> None:
        """Look again and again, for as long as the process lives."""
        while True:
            try:
                if await in_thread(self.look):
                    self._nudge()
            except RecordUnavailable as error:
                logger.warning("Reminders wait: %s", error)
            except Exception as error:  # noqa: BLE001 - the next look comes; its text can hold what somebody wrote
                logger.error("A look for reminders failed: %s", type(error).__name__)  # noqa: TRY400
            await asyncio.sleep(self._every)

    def look(self) -> int:
        """Put what is due now; how many reminders and digests that were."""
        at = self._now()
        with self._database.read() as session:
            due = [reminder.id for reminder in reminders.due(session, self._settings, at)]
        return sum(self._remind(each, at) for each in due) + self._digest(at)

    def _remind(self, reminder_id: int, at: datetime) -> bool:
        """One reminder in a transaction of its own, so that one that fails holds up no other."""
        try:
            with self._database.begin() as session:
                return reminders.remind(session, self._settings, session.get_one(Reminder, reminder_id), at)
        except RecordUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the others are still to be reminded
            logger.error("Reminder %s failed: %s", reminder_id, type(error).__name__)  # noqa: TRY400 - see settling
            return False

    def _digest(self, at: datetime) -> bool:
        day = digest.due(self._settings, at)
        if day is None or day == self._digested or not self._settings.slack_leads_channel:
            return False
        with self._database.begin() as session:
            put = digest.put(session, self._settings, day, at)
        self._digested = day
        return put
