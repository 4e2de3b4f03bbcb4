"""Words that were said in passing and are not to be kept: taken out of what carried them here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update

from amends.conversation import wording
from amends.conversation.replies import TextReply
from amends.conversation.turn import once_key
from amends.incidents.models import Command, Conversation, Delivery
from amends.outbox.tables import Inbound, Outgoing

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session


def forget(session: Session, conversation_id: str, keys: Collection[str]) -> None:
    """Take the words out of messages that were handled, and out of their answers.

    Args:
        keys: of the messages.
    """
    if not keys:
        return
    said = (Delivery.conversation_id == conversation_id, Delivery.key.in_(keys), Delivery.handled_at.is_not(None))
    answered = json.dumps([TextReply(text=wording.FOUND_NOT_KEPT).model_dump(mode="json")])
    session.execute(update(Delivery).where(*said).values(text=wording.SAID_NOT_KEPT, replies=answered))
    turns = [once_key(conversation_id, key) for key in keys]
    session.execute(update(Command).where(Command.key.in_(turns)).values(result="[]"))
    came = (Inbound.key.in_(keys), Inbound.handled_at.is_not(None))
    session.execute(update(Inbound).where(*came).values(payload="{}"))
    sent = or_(*(Outgoing.key.startswith(f"reply:{key}:", autoescape=True) for key in keys))
    session.execute(update(Outgoing).where(sent, Outgoing.sent_at.is_not(None)).values(body="{}"))


def nothing_waits(session: Session, conversation_id: str) -> None:
    """Nothing is waited for in a conversation any more: words that waited, and are not to be kept, go."""
    conversation = session.get_one(Conversation, conversation_id, populate_existing=True, with_for_update=True)
    keys = json.loads(conversation.pending or "{}").get("keys") or []
    conversation.pending = None
    session.flush()
    forget(session, conversation_id, keys)


def forget_left(session: Session, before: datetime) -> int:
    """Forget what nobody came back to; how many conversations that were.

    Args:
        before: said before this time.
    """
    waiting = select(Conversation).where(Conversation.pending.contains('"keys"'))
    count = 0
    for conversation in session.scalars(waiting.order_by(Conversation.id).with_for_update()).all():
        keys = json.loads(conversation.pending or "{}").get("keys") or []
        newer = select(Delivery.id).where(Delivery.key.in_(keys), Delivery.received_at >= before)
        if keys and session.scalars(newer.limit(1)).first() is None:
            conversation.pending = None
            forget(session, conversation.id, keys)
            count += 1
    return count
