"""What becomes of a row after an attempt to send it: sent, tried again later, or given up."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from amends.incidents.database import RecordUnavailable
from amends.outbox import outgoing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database
    from amends.outbox.courier import Delivered
    from amends.outbox.tables import Outgoing
    from amends.outbox.wire import WireError

    Then = Callable[[Session, Outgoing, bool, datetime], None]
    Result: TypeAlias = "Delivered | Failed | None"
    """None: there was nothing to send any more."""

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 12
LONGEST_WAIT = 300.0
CLOSED_WAIT = 30.0
"""Seconds until it is tried again whether Slack takes anything from this app."""


class Failed(NamedTuple):
    """An attempt that failed. `sure`: it was not sent. `ts`: the part of it that is there."""

    error: WireError
    sure: bool
    ts: str | None = None


class Settler:
    """Keeps the results of attempts.

    Args:
        thens: by name, what is recorded in the transaction that settles a row.
        jitter: makes a delay somewhat longer or shorter.
    """

    def __init__(self, database: Database, thens: Mapping[str, Then], jitter: Callable[[float], float]) -> None:
        self._database = database
        self._thens = thens
        self._jitter = jitter

    def settle_alone(self, taken: Outgoing, result: Result, at: datetime) -> None:
        """Settle a row, and record what was to be recorded with it, in one transaction.

        When that cannot be recorded, the message becomes a dead letter although it was sent: to send it again is to
        record it only.
        """
        try:
            with self._database.begin() as session:
                self.settle(session, taken, result, at)
        except RecordUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the message was sent and is not sent again
            name = type(error).__name__
            # The error's own words could hold what people typed.
            logger.error("What follows a message could not be recorded: %s, %s", taken.key, name)  # noqa: TRY400
            with self._database.begin() as session:
                row = outgoing.held(session, taken)
                if row is None:
                    return
                if result is not None and not isinstance(result, Failed):
                    row.ts = result.ts[:20] or None
                outgoing.give_up(session, row, at, f"not recorded: {name}")

    def settle(self, session: Session, taken: Outgoing, result: Result, at: datetime) -> None:
        """Settle a row in the caller's transaction; nothing when somebody else has taken it over meanwhile."""
        row = outgoing.held(session, taken)
        if row is None:
            logger.warning("A message was sent by two: %s", taken.key)
            return
        if isinstance(result, Failed):
            self._failed(session, row, result, at)
        else:
            row.sent_at = at
            row.last_error = None
            if result is not None:
                row.ts = result.ts or None
                _stand(session, row, result, at)
        session.flush()
        if row.then and (row.sent_at or row.dead_at):
            went_out = row.sent_at is not None and result is not None
            self._thens[row.then](session, row, went_out, at)

    def _failed(self, session: Session, row: Outgoing, result: Failed, at: datetime) -> None:
        error, wait = result.error, result.error.retry_after
        row.ts = result.ts or row.ts
        reason = f"{error.kind}: {error.reason}"
        if error.kind == "limited":
            wait = min(1.0 if wait is None else wait, outgoing.FURTHEST.total_seconds())
            outgoing.put_off(row, at + timedelta(seconds=wait), reason, sure=result.sure, counts=False)
        elif error.kind == "closed":
            outgoing.put_off(row, at + timedelta(seconds=CLOSED_WAIT), reason, sure=result.sure, counts=False)
        else:
            wait = max(self._jitter(min(2.0 ** (row.attempts - 1), LONGEST_WAIT)), wait or 0.0)
            outgoing.put_off(row, at + timedelta(seconds=wait), reason, sure=result.sure)
            if error.kind in {"never", "invalid"} or row.attempts >= MOST_ATTEMPTS:
                outgoing.give_up(session, row, at, reason)
                logger.error("A message was given up: %s, %s", row.key, reason)


def _stand(session: Session, row: Outgoing, result: Delivered, at: datetime) -> None:
    """Remember what stands in the row's slot now."""
    if row.slot is None:
        return
    if result.gone:
        outgoing.clear(session, row.slot)
    elif result.ts:
        outgoing.stand(
            session,
            row.slot,
            channel=result.channel,
            ts=result.ts,
            thread=result.thread,
            body=result.body,
            at=at,
        )
