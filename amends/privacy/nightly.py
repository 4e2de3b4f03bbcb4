"""Once a night what is past its time is let go of, by one process."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from amends.conversation import forgetting
from amends.incidents import record
from amends.incidents.database import RecordUnavailable
from amends.incidents.holds import Holds
from amends.incidents.models import Command
from amends.privacy import retention
from amends.privacy.scrub import scrub

if TYPE_CHECKING:
    from amends.incidents.database import Database
    from amends.settings import Settings

logger = logging.getLogger(__name__)

FROM = time(2, 30)
"""In the organisation's zone; not before, so that nobody is kept waiting by day."""
LEFT = timedelta(hours=1)
"""So long a draft that was checked waits whether somebody wants it kept."""
EVERY = 600.0
"""Seconds between two looks whether it is time."""


async def run(database: Database, settings: Settings, every: float = EVERY) -> None:
    """Look again and again whether tonight's is done, for as long as the process lives."""
    turns = Holds(database)
    while True:
        await asyncio.sleep(every)  # first, too: a desk that starts has enough to do
        try:
            async with turns.held("retention") as mine:
                if mine:
                    await asyncio.to_thread(forget_drafts, database, datetime.now(UTC))
                    await asyncio.to_thread(tonight, database, settings, datetime.now(UTC))
        except RecordUnavailable as error:
            logger.warning("Retention waits: %s", error)
        except Exception as error:  # noqa: BLE001 - it is tried again; its text can hold what somebody wrote
            logger.error("Retention failed: %s", type(error).__name__)  # noqa: TRY400


def forget_drafts(database: Database, at: datetime) -> int:
    """Forget the drafts that were checked an hour ago and that nobody came back to; how many."""
    with database.begin() as session:
        return forgetting.forget_left(session, at - LEFT)


def tonight(database: Database, settings: Settings, at: datetime) -> bool:
    """Let go of what is past its time, if it is night and was not done yet; whether it was done now."""
    here = at.astimezone(settings.zone)
    key = f"retention {here:%Y-%m-%d}"
    if here.time() < FROM:
        return False
    with database.read() as session:
        if session.get(Command, key) is not None:
            return False
    gone = retention.let_go(database, settings, at)
    if any(each.count for each in gone):
        scrub(database)
        logger.info("Retention let go: %s", ", ".join(f"{each.count} {each.sort}" for each in gone if each.count))
    with database.begin() as session:
        record.once(session, key, lambda: None, at)
    return True
