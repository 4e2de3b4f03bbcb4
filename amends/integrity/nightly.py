"""The check of each night, the anchors between, and the alarm when a check fails or stays away."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from amends.incidents import seals
from amends.incidents.database import RecordUnavailable
from amends.incidents.keys import NoKey
from amends.incidents.threads import in_thread
from amends.integrity import beside
from amends.integrity.anchors import AnchorFile
from amends.integrity.stamps import NoStamp
from amends.integrity.standing import AGAIN, BrokenOff, standing
from amends.integrity.tables import RecordCheck
from amends.outbox import hours, outgoing

if TYPE_CHECKING:
    from collections.abc import Callable

    from amends.incidents.database import Database
    from amends.integrity.whole import Whole
    from amends.settings import Settings

logger = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two looks; the first is so long after the start."""
ANCHOR_EVERY = timedelta(minutes=10)
MOST_KEPT = 20
"""So many things that were found are kept with a check."""


class Watchman:
    """Checks the record once a night, whichever desk comes first, and tells the leads.

    A check that breaks off is an alarm at once, and is made again until it ends.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        every: float = EVERY,
    ) -> None:
        self._database = database
        self._settings = settings
        self._now = now
        self._every = every
        self._file = AnchorFile.of(settings, database.engine.url)
        self._anchored = now() - ANCHOR_EVERY
        self._broke_off: tuple[date, str] | None = None

    async def run(self) -> None:
        """Look again and again, for as long as the process lives."""
        checking = asyncio.create_task(self._again(self._check_when_due))
        try:
            await self._again(lambda: in_thread(self.look))
        finally:
            checking.cancel()

    async def _again(self, work: Callable[[], Any]) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await work()
            except (RecordUnavailable, NoKey, OSError) as error:
                logger.warning("The record could not be watched: %s", error)
            except Exception as error:  # noqa: BLE001 - the next look comes
                logger.error("The record could not be watched: %s", type(error).__name__)  # noqa: TRY400 - no words

    def look(self) -> None:
        """Note the end of the record, and raise the alarm when something is wrong with it."""
        at = self._now()
        if at - self._anchored >= ANCHOR_EVERY:
            with self._database.read() as session:
                end = seals.head(session)
            self._file.note(end, at)
            self._anchored = at
        with self._database.read() as session:
            stands = standing(session, at)
        if not stands.well:
            # A check that broke off may find something when it is made again: that is told as well.
            self._tell(f"record-alarm:{stands.alarm}:{self._day(at)}", f"<!here> {stands.sentence}", at, at)

    async def _check_when_due(self) -> None:
        await self._note_breaking_off()
        at = self._now()
        day = self._day(at)
        if not await in_thread(lambda: self.claim(day, at)):
            return
        try:
            found = await beside.check(self._database, self._file)
            await in_thread(lambda: self.keep(day, found))
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody has to know that the check did not end
            self._broke_off = (day, beside.why(error))
        await self._note_breaking_off()

    async def _note_breaking_off(self) -> None:
        """Raise the alarm that a check broke off; at the next look, when the record is away."""
        if self._broke_off is not None:
            day, why = self._broke_off
            await in_thread(lambda: self.break_off(day, why))
            self._broke_off = None

    def break_off(self, day: date, why: str) -> None:
        """Note that a check came to no end, so that it is made again, and tell the leads."""
        logger.error("The check of the record broke off: %s", why)
        note = BrokenOff(self._now(), why).as_json()
        unended = (RecordCheck.day == day.isoformat(), RecordCheck.ended_at.is_(None))
        with self._database.begin() as session:
            session.execute(update(RecordCheck).where(*unended).values(damage=note))
        self.look()

    def claim(self, day: date, at: datetime) -> bool:
        """Whether the check of a day is to be made now, and by this desk."""
        if at.astimezone(self._settings.zone).time() < hours.clock_time(self._settings.check_record_at):
            return False
        values = {"day": day.isoformat(), "began_at": at, "entries": 0, "number": 0, "seal": "", "damage": "[]"}
        row = RecordCheck
        unended = select(row).where(row.day == day.isoformat(), row.ended_at.is_(None))
        with self._database.begin() as session:
            new = outgoing.insert(session)(row).values(**values).on_conflict_do_nothing(index_elements=["day"])
            if session.execute(new.returning(row.day)).first() is not None:
                return True
            left = session.scalars(unended.with_for_update(skip_locked=True)).first()
            if left is None or not _to_be_made_again(left, at):
                return False
            left.began_at = at
            return True

    def keep(self, day: date, found: Whole) -> None:
        """Keep what a check found, note the end of the record, and tell the leads both."""
        at = self._now()
        damage = [
            {"where": each.reference, "entry": each.sequence, "kind": each.kind, "sentence": each.sentence}
            for each in found.damage
        ]
        entries = found.entries + found.policy + found.audit
        self._file.note(found.head, at, **self._stamp(found.head))
        with self._database.begin() as session:
            values = {"ended_at": at, "entries": entries, "damage": json.dumps(damage[:MOST_KEPT])}
            values |= {"number": found.head.number, "seal": found.head.seal}
            session.execute(update(RecordCheck).where(RecordCheck.day == day.isoformat()).values(**values))
        if damage:
            logger.error("The record does not fit any more: %d places. See 'amends trail verify'.", len(damage))
            self.look()
            return
        end = f"`{found.head.number}:{found.head.seal}`"
        text = f"The record was checked: {entries} entries, nothing wrong. Keep this, its end: {end}"
        if found.head.number:
            morning = datetime.combine(day, hours.clock_time(self._settings.digest_at), self._settings.zone)
            self._tell(f"record:{day}", text, at, max(at, morning.astimezone(UTC)))

    def _stamp(self, head: seals.Head) -> dict[str, str]:
        """The stamp of an authority, if one is set and gives one; the end of the record is noted in any case."""
        stamps = self._file.stamps
        if stamps is None or not stamps.url or head.number == 0:
            return {}
        try:
            return {"stamp": stamps.ask(head)}
        except NoStamp as error:
            logger.warning("The end of the record was noted without a time stamp. %s", error)
            return {}

    def _tell(self, key: str, text: str, at: datetime, not_before: datetime) -> None:
        """Have the leads' channel told, once for each key."""
        channel = self._settings.slack_leads_channel
        if not (self._settings.slack_on and channel):
            return
        with self._database.begin() as session:
            outgoing.put(session, key, to=channel, body={"text": text}, at=at, not_before=not_before)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._settings.zone).date()


def _to_be_made_again(row: RecordCheck, at: datetime) -> bool:
    """Whether nobody is at a check that did not end: it broke off a while ago, or its process died."""
    broken = BrokenOff.of(row)
    if broken is not None and broken.at >= row.began_at:
        return at - broken.at >= AGAIN
    return row.began_at < at - beside.LONGEST
