"""What must still be sent: written in the transaction that caused it, taken by one sender at a time, finished once.

A row that waits has neither `sent_at` nor `dead_at`. Whoever takes it sets `started_at` and moves `not_before` to
the end of the lease: until then nobody else takes it, nor a later row of the same `to`. A row that is still started
when its lease has run out may have been sent: it is looked for before it is sent again.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from amends.outbox.tables import Outgoing, Posted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

Action = Literal["post", "update", "replace", "delete", "ephemeral", "respond", "home"]
"""post: a new message. update: change the message of the slot in place, or post it when there is none yet. replace:
a new message, then the old one of the slot goes away. delete: the message of the slot goes away. ephemeral: only
`body["user"]` sees it. respond: through the response URL in `to`. home: the Home tab of the user in `to`."""

LEASE = timedelta(seconds=30)
"""How long a row belongs to the process that took it; more than one delivery may take."""

FURTHEST = timedelta(minutes=10)
"""Nothing waits longer for its next attempt. A row that says so was written by a clock that was ahead and was put right
since; it would wait for as long as the clock was wrong."""
SKEW = timedelta(minutes=1)
"""How far the clocks of several desks may be apart."""

_waiting = and_(Outgoing.sent_at.is_(None), Outgoing.dead_at.is_(None))
_tried = or_(Outgoing.started_at.is_not(None), Outgoing.last_error.is_not(None))
"""A row that was tried holds its place in front of the later ones; one that waits for its time does not."""


def put(
    session: Session,
    key: str,
    *,
    to: str,
    at: datetime,
    action: Action = "post",
    body: Mapping[str, Any] | None = None,
    draw: str | None = None,
    args: Mapping[str, Any] | None = None,
    thread: str | None = None,
    slot: str | None = None,
    then: str | None = None,
    incident_id: int | None = None,
    not_before: datetime | None = None,
) -> bool:
    """Have a message sent, once for each key, when the caller's transaction is kept.

    A drawing of a slot that already waits is not added a second time, unless something is to be recorded with it: it
    is drawn when it is sent, with the newest `args` and `thread`. When it is being sent already, a new row is added,
    so that no change is missed.

    Args:
        key: names the message, at most 200 characters.
        to: a channel or user id; a URL for `respond`.
        body: the message `{"text", "blocks"}` with further arguments of Slack's method. `keep`, if it is there, is
            not sent; it becomes the `body` of `Posted`.
        draw: name of the drawing that makes the message when it is sent, instead of `body`.
        args: JSON; what it is drawn from.
        thread: `ts` of the message that it is an answer to.
        slot: names the message that stands, for a later update, replacement or deletion.
        then: what is recorded when it was sent or given up.
        not_before: it waits until then; later rows of the same `to` do not wait for it.

    Returns:
        Whether a row was added.
    """
    kept = json.dumps(dict((args if draw else body) or {}), ensure_ascii=False)
    if draw and slot and then is None:
        same = select(Outgoing).where(
            _waiting, Outgoing.slot == slot, Outgoing.draw == draw, Outgoing.action == action, Outgoing.to == to
        )
        waits = session.scalars(same.where(Outgoing.started_at.is_(None)).with_for_update()).first()
        if waits is not None:
            waits.body, waits.thread = kept, thread
            return False
    values = {
        "key": key,
        "to": to,
        "thread": thread,
        "action": action,
        "slot": slot,
        "draw": draw,
        "body": kept,
        "then": then,
        "incident_id": incident_id,
        "created_at": at,
        "not_before": not_before or at,
        "attempts": 0,
    }
    statement = insert(session)(Outgoing).values(**values).on_conflict_do_nothing(index_elements=["key"])
    return session.execute(statement.returning(Outgoing.id)).first() is not None


def draw_again(
    session: Session, posted: Posted, draw: str, args: Mapping[str, Any], incident_id: int | None, at: datetime
) -> None:
    """Draw a message that stands once more, in place."""
    action: Action = "home" if draw == "home" else "update"
    key = key_for(posted.slot)
    to = posted.channel
    put(session, key, to=to, at=at, action=action, draw=draw, args=args, slot=posted.slot, incident_id=incident_id)


def key_for(slot: str) -> str:
    """A new key for a message that is put again whenever something changes."""
    return f"{slot}:{secrets.token_hex(8)}"


def is_due(session: Session, at: datetime, without: Collection[str] = ()) -> bool:
    """Whether there is something to take now; only looked at."""
    return session.execute(_due(at, without).limit(1)).first() is not None


def take(session: Session, at: datetime, most: int, without: Collection[str] = ()) -> list[Outgoing]:
    """Take the first waiting row of each `to`, oldest first; they are started when the transaction is kept.

    Args:
        most: how many at most.
        without: the `to` that are to wait.
    """
    # A row that somebody changes at this instant is left for the next round, and its later ones with it.
    rows = list(session.scalars(_due(at, without).limit(most).with_for_update(skip_locked=True, of=Outgoing)))
    for row in rows:
        row.started_at = row.started_at or at
        row.not_before = at + LEASE
        row.attempts += 1
    return rows


def held(session: Session, taken: Outgoing) -> Outgoing | None:
    """The row again, locked, if it still belongs to whoever took it; None when its lease ran out meanwhile."""
    query = select(Outgoing).where(Outgoing.id == taken.id, _waiting, Outgoing.not_before == taken.not_before)
    return session.scalars(query.with_for_update()).first()


def may_be_sent(taken: Outgoing) -> bool:
    """Whether a row that was taken was started before, and nobody knows how that ended."""
    # Whoever begins sets both from one clock. The clock may have been put back since, so neither need be the earlier.
    return taken.started_at is not None and taken.started_at != taken.not_before - LEASE


def put_off(row: Outgoing, until: datetime, error: str, *, sure: bool, counts: bool = True) -> None:
    """Try a row again later.

    Args:
        row: as `held` gave it.
        error: why it was not sent.
        sure: whether it is sure that it was not sent; else it is looked for first.
        counts: whether this was one of the attempts after which it is given up.
    """
    row.not_before = until
    row.last_error = error
    if sure:
        row.started_at = None
    if not counts:
        row.attempts -= 1


def give_up(session: Session, row: Outgoing, at: datetime, error: str) -> None:
    """Make a row a dead letter. The Home tabs of leads show it."""
    row.dead_at = at
    row.last_error = error
    session.flush()
    if row.action != "home":  # or a Home tab that cannot be drawn would be drawn for ever
        _show_leads(session, at)


def dead(session: Session) -> list[Outgoing]:
    """What was given up and is not sent any more by itself, newest first.

    A drawing that was put again since is left out: the newer row draws the same message.
    """
    newer = aliased(Outgoing)
    again = exists().where(newer.slot == Outgoing.slot, newer.draw == Outgoing.draw, newer.id > Outgoing.id)
    query = select(Outgoing).where(Outgoing.dead_at.is_not(None), Outgoing.sent_at.is_(None))
    query = query.where(or_(Outgoing.draw.is_(None), Outgoing.then.is_not(None), ~again))
    return list(session.scalars(query.order_by(Outgoing.dead_at.desc(), Outgoing.id.desc())))


def resend(session: Session, id_: int, at: datetime) -> bool:
    """Send something that was given up once more; False when there is no such row, or somebody was quicker."""
    query = select(Outgoing).where(Outgoing.id == id_, Outgoing.dead_at.is_not(None), Outgoing.sent_at.is_(None))
    row = session.scalars(query.with_for_update()).first()
    if row is None:
        return False
    row.dead_at = None
    row.attempts = 0
    row.not_before = at
    session.flush()
    _show_leads(session, at)
    return True


def stands(session: Session, slot: str) -> Posted | None:
    """The message that stands in a slot."""
    return session.get(Posted, slot)


def stand(session: Session, slot: str, *, channel: str, ts: str, thread: str | None, body: str, at: datetime) -> None:
    """Remember the message that stands in a slot from now on."""
    values = {"channel": channel, "ts": ts, "thread": thread, "body": body, "updated_at": at}
    statement = insert(session)(Posted).values(slot=slot, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["slot"], set_=values))
    session.refresh(session.get_one(Posted, slot))


def clear(session: Session, slot: str) -> None:
    """Nothing stands in a slot any more."""
    session.execute(delete(Posted).where(Posted.slot == slot))


def insert(session: Session) -> Any:
    """The `insert` of this database that knows of conflicts."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


def _show_leads(session: Session, at: datetime) -> None:
    for posted in session.scalars(select(Posted).where(Posted.slot.startswith("home:")).order_by(Posted.slot)).all():
        args = json.loads(posted.body)
        if args.get("lead"):
            draw_again(session, posted, "home", args, None, at)


def _due(at: datetime, without: Collection[str]) -> Select[Outgoing]:
    at_once = Outgoing.not_before == Outgoing.created_at
    on_time = or_(
        Outgoing.not_before <= at,
        and_(_tried, Outgoing.not_before > at + FURTHEST),
        and_(at_once, Outgoing.created_at > at + SKEW),
    )
    conditions: list[ColumnElement[bool]] = [_waiting, or_(on_time, _tried)]
    if without:
        conditions.append(Outgoing.to.not_in(without))
    # The Home tab of somebody is no part of what is said to them: the two do not wait for each other.
    first = select(func.min(Outgoing.id)).where(*conditions).group_by(Outgoing.to, Outgoing.action == "home")
    due = select(Outgoing).where(Outgoing.id.in_(first), _waiting, on_time)
    return due.order_by(Outgoing.id)
