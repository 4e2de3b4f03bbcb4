"""What the assistant answered, put where its conversation takes place: one outgoing message for each reply."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.conversation import wording
from amends.conversation.replies import (
    QuestionReply,
    RecommendationReply,
    StatusReply,
    TextReply,
    UnderstoodReply,
)
from amends.incidents.models import Conversation, Delivery, Incident, Participant
from amends.outbox import outgoing
from amends.outbox.tables import Inbound
from amends.slack import cards, ids
from amends.slack.parts import map_of, slack_id_of
from amends.slack.settling import CHANGED, live_card, name_of, older_answers, settle_aside, settle_asked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from amends.conversation.replies import Reply
    from amends.conversation.shelf import Shelf
    from amends.settings import Settings

HINTS = frozenset({wording.BUTTON_OLD, wording.BUTTON_UNKNOWN})
"""What concerns only whoever pressed; the others in a thread do not see it."""
TOLD_ROLES = ("legal", "dpo", "security", "safeguarding", "hr", "comms")


@dataclass(frozen=True)
class Spot:
    """Where the replies to one message go.

    Attributes:
        to: a channel, or a user for their direct message.
        thread: `ts` of the message whose thread it is; None at the top of a direct message.
        direct: whether only one person and the app are here.
        private: whether what is said is for the person alone, though others read along here.
        user: who said what is answered.
        pressed: `ts` of the message whose button was pressed, if one was.
        slots: what names the cards of this conversation.
    """

    to: str
    thread: str | None
    direct: bool
    private: bool
    user: str
    pressed: str | None
    slots: str


class Replying:
    """Writes the outgoing messages of a conversation, in the transaction that keeps its replies.

    Its methods are the hooks of `Gateway`.

    Args:
        settings: who can be told by a button; the zone of times.
        shelf: flows, for the labels of answers.
        failure: what to do while the assistant does not answer: `gateway.failure(kept=True)`.
        now: the clock.
    """

    def __init__(
        self,
        settings: Settings,
        shelf: Shelf,
        failure: Callable[[], Reply],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._shelf = shelf
        self._failure = failure
        self._now = now
        roles = (role for role in TOLD_ROLES if getattr(settings, f"slack_tell_{role}"))
        self._tell = frozenset(roles)

    def answered(self, session: Session, delivery: Delivery, replies: Sequence[Reply]) -> None:
        """Send the replies to a message; those to words that were typed into a window go back to that window."""
        if not _is_for_a_window(session, delivery):
            self.send(session, delivery, replies)

    def send(self, session: Session, delivery: Delivery, replies: Sequence[Reply]) -> None:
        """Send the replies to a message, in order; what it answered is settled first."""
        spot, at = _spot_of(session, delivery), self._now()
        if spot is None:
            return
        self._settle(session, spot, delivery, replies, at)
        for n, reply in enumerate(replies):
            self._send(session, spot, f"reply:{delivery.key}:{n}", reply, at)

    def late(self, session: Session, delivery: Delivery) -> None:
        """Say that the answer takes longer: once, for the first of the messages that wait."""
        spot, at = _spot_of(session, delivery), self._now()
        if spot is None or delivery.handled_at is not None:
            return
        earlier = select(Delivery.id).where(
            Delivery.conversation_id == delivery.conversation_id,
            Delivery.handled_at.is_(None),
            Delivery.id < delivery.id,
        )
        if session.scalars(earlier.limit(1)).first() is None:
            self._put(session, spot, f"late:{delivery.key}", self._drawn(self._failure(), at), at)

    def _settle(self, session: Session, spot: Spot, delivery: Delivery, replies: Sequence[Reply], at: datetime) -> None:
        """What was asked before and is not asked again becomes its answer."""
        asked = live_card(session, f"question:{spot.slots}")
        if isinstance(asked, QuestionReply | UnderstoodReply) and not _asked_again(asked, replies):
            who = "" if spot.direct else session.get_one(Participant, delivery.participant_id).name
            message = settle_asked(session, self._shelf, self._settings, asked, delivery.text, who, at)
            if isinstance(asked, QuestionReply):
                self._outdate(session, spot, delivery.key, asked, at)
                message["keep"] = {"settled": name_of(asked)}
            self._put(session, spot, f"settled:{delivery.key}", message, at, "update", f"question:{spot.slots}")
        aside = live_card(session, f"aside:{spot.slots}")
        message_ = settle_aside(aside, delivery.text) if aside else None
        if message_ is not None:
            self._put(session, spot, f"aside:{delivery.key}", message_, at, "update", f"aside:{spot.slots}")

    def _outdate(self, session: Session, spot: Spot, key: str, asked: QuestionReply, at: datetime) -> None:
        """An answer that stands on an older card, and was given again since, points to the new one."""
        for n, row in enumerate(older_answers(session, f"question:{spot.slots}", asked)):
            slot = f"older:{row.ts}:{spot.slots}"
            if outgoing.stands(session, slot) is None and row.ts is not None:
                outgoing.stand(session, slot, channel=spot.to, ts=row.ts, thread=spot.thread, body="{}", at=at)
                message = dict(cards.settled(asked.text, CHANGED, None))
                self._put(session, spot, f"older:{key}:{n}", message, at, "update", slot)

    def _send(self, session: Session, spot: Spot, key: str, reply: Reply, at: datetime) -> None:
        message = self._drawn(reply, at)
        kept = {**message, "keep": {"reply": reply.model_dump(mode="json")}}
        if spot.private or (not spot.direct and reply.text in HINTS):
            self._put(session, spot, key, {**message, "user": spot.user}, at, "ephemeral")
        elif isinstance(reply, RecommendationReply):
            self._send_advice(session, spot, key, reply, at)
        elif isinstance(reply, QuestionReply | UnderstoodReply):
            slot = f"question:{spot.slots}"
            again = live_card(session, slot) is not None
            self._put(session, spot, key, kept, at, "replace" if again else "post", slot)
        elif isinstance(reply, TextReply | StatusReply) and reply.buttons:
            self._put(session, spot, key, kept, at, "post", f"aside:{spot.slots}")
        else:
            self._put(session, spot, key, message, at)

    def _send_advice(self, session: Session, spot: Spot, key: str, reply: RecommendationReply, at: datetime) -> None:
        """The advice: one card stands; the one before points to it, unless it is that very card that was pressed."""
        incident_id = session.scalars(select(Incident.id).where(Incident.reference == reply.reference)).one()
        slot = f"advice:{incident_id}:{spot.slots}"
        kept = {**self._drawn(reply, at), "keep": {"reply": reply.model_dump(mode="json")}}
        stands = outgoing.stands(session, slot)
        if stands is not None and spot.pressed == stands.ts:
            self._put(session, spot, key, kept, at, "update", slot)
            return
        if live_card(session, slot) is not None:
            self._put(session, spot, f"{key}:before", cards.stands_below(reply.reference), at, "update", slot)
        self._put(session, spot, key, kept, at, "post", slot)

    def _drawn(self, reply: Reply, at: datetime) -> dict[str, Any]:
        return dict(cards.draw(reply, zone=self._settings.zone, now=at, tell=self._tell))

    def _put(
        self,
        session: Session,
        spot: Spot,
        key: str,
        message: dict[str, Any],
        at: datetime,
        action: outgoing.Action = "post",
        slot: str | None = None,
    ) -> None:
        outgoing.put(session, key, to=spot.to, thread=spot.thread, action=action, body=message, slot=slot, at=at)


def _asked_again(asked: Reply, replies: Sequence[Reply]) -> bool:
    """Whether the replies draw the same thing once more, so that it takes the place of the old card."""
    for reply in replies:
        if isinstance(asked, QuestionReply) and isinstance(reply, QuestionReply):
            same_incident = asked.state.partition(":")[0] == reply.state.partition(":")[0]
            return same_incident and asked.question == reply.question
        if isinstance(asked, UnderstoodReply) and isinstance(reply, UnderstoodReply):
            return asked.state.partition(":")[0] == reply.state.partition(":")[0]
    return False


def _is_for_a_window(session: Session, delivery: Delivery) -> bool:
    """Whether a message comes from the window in which words are checked: its handler says what was found."""
    if not delivery.key.startswith("submission:"):
        return False
    key = ":".join(delivery.key.split(":")[:3])
    came = session.scalars(select(Inbound.payload).where(Inbound.key == key)).first()
    view = map_of(json.loads(came), "view") if came else {}
    return bool(view.get("callback_id") == "draft")


def _spot_of(session: Session, delivery: Delivery) -> Spot | None:
    """Where the replies to a message go; None when it did not come from Slack."""
    place = ids.where(delivery.conversation_id)
    if place is None:
        return None
    user = ids.user_of(delivery.participant_id)
    came = session.scalars(select(Inbound.payload).where(Inbound.key == delivery.key)).first()
    payload = json.loads(came) if came else {}
    message = map_of(payload, "message")
    pressed = slack_id_of(message, "ts") if payload.get("type") == "block_actions" else ""
    direct = ids.is_direct(place.channel)
    thread = place.thread or (slack_id_of(payload, "thread_ts") or slack_id_of(message, "thread_ts") if direct else "")
    return Spot(
        place.channel,
        thread or None,
        direct=direct,
        private=not direct and _is_restricted(session, delivery.conversation_id),
        user=user,
        pressed=pressed or None,
        slots=delivery.conversation_id,
    )


def _is_restricted(session: Session, conversation_id: str) -> bool:
    """Whether a conversation is about an incident that not everybody who reads a channel may see."""
    query = (
        select(Incident.restricted)
        .join(Conversation, Conversation.incident_id == Incident.id)
        .where(Conversation.id == conversation_id)
    )
    return bool(session.scalars(query).first())
