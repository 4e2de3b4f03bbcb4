"""Messages as they came in: stored before they are handled, handled once, answered from what was stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from amends.incidents import record
from amends.incidents.models import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database


class StrangeKey(ValueError):  # noqa: N818 - it reads as what it says
    """A message key that belongs to somebody else's message."""


def receive(
    database: Database,
    key: str,
    *,
    conversation_id: str,
    person: tuple[str, str],
    source: str,
    text: str,
    at: datetime,
) -> Delivery:
    """Store a message under its key; the same key again returns what was stored the first time.

    Args:
        person: id and name of who sent it.

    Raises:
        RecordUnavailable: it could not be stored.
        StrangeKey: the key was used in another conversation.
    """
    try:
        with database.begin() as session:
            record.ensure_participant(session, *person, at)
            record.ensure_conversation(session, conversation_id, person[0], at)
            before = find(session, key)
            if before is None:
                before = Delivery(
                    key=key,
                    conversation_id=conversation_id,
                    participant_id=person[0],
                    source=source,
                    text=text,
                    received_at=at,
                )
                session.add(before)
    except IntegrityError:  # the same key arrived at the same instant, and was quicker
        with database.read() as session:
            before = find(session, key)
            assert before is not None
    if before.conversation_id != conversation_id:
        raise StrangeKey("This message belongs to another conversation.")
    return before


def finish(
    database: Database,
    key: str,
    replies: list[dict[str, Any]],
    at: datetime,
    *,
    then: Callable[[Session, Delivery], None] | None = None,
) -> None:
    """Keep the replies to a message; it is handled now.

    Args:
        then: called in the same transaction, and only by the one that was first to finish this message.
    """
    with database.begin() as session:
        finished = session.execute(
            update(Delivery)
            .where(Delivery.key == key, Delivery.handled_at.is_(None))
            .values(replies=json.dumps(replies, ensure_ascii=False), handled_at=at)
            .returning(Delivery.id)
        ).first()
        if then is not None and finished is not None:
            then(session, session.get_one(Delivery, finished.id))


def waiting(database: Database, conversation_id: str | None = None) -> list[Delivery]:
    """The messages that were stored and not handled yet, oldest first."""
    query = select(Delivery).where(Delivery.handled_at.is_(None)).order_by(Delivery.id)
    if conversation_id is not None:
        query = query.where(Delivery.conversation_id == conversation_id)
    with database.read() as session:
        return list(session.scalars(query))


def first_waiting(database: Database, conversation_id: str) -> Delivery | None:
    """The oldest message of a conversation that was not handled yet."""
    query = select(Delivery).where(Delivery.conversation_id == conversation_id, Delivery.handled_at.is_(None))
    with database.read() as session:
        return session.scalars(query.order_by(Delivery.id).limit(1)).first()


def transcript(database: Database, conversation_id: str) -> list[Delivery]:
    """A conversation as it went: each message with its replies, oldest first."""
    query = select(Delivery).where(Delivery.conversation_id == conversation_id).order_by(Delivery.id)
    with database.read() as session:
        return list(session.scalars(query))


def before(database: Database, delivery: Delivery, most: int) -> list[Delivery]:
    """The last messages of a conversation before this one that were handled, oldest first."""
    query = select(Delivery).where(
        Delivery.conversation_id == delivery.conversation_id,
        Delivery.id < delivery.id,
        Delivery.handled_at.is_not(None),
    )
    with database.read() as session:
        return list(session.scalars(query.order_by(Delivery.id.desc()).limit(most)))[::-1]


def find(session: Session, key: str) -> Delivery | None:
    """The message with this key, if it came in."""
    return session.scalars(select(Delivery).where(Delivery.key == key)).first()
