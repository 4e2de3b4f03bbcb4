"""A conversation as the page draws it: what was said, what was answered, and what can still be pressed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from amends.bot import stored_replies
from amends.conversation.presses import live, said
from amends.conversation.replies import Done, RecommendationReply, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from amends.incidents.models import Delivery


@dataclass(frozen=True)
class Card:
    """One reply; `live` when its buttons still do something."""

    reply: Reply
    live: bool


@dataclass(frozen=True)
class Exchange:
    """One message and its answer. `waiting`: it was sent and not answered yet."""

    id: int
    said: str
    at: datetime
    cards: tuple[Card, ...]
    waiting: bool


@dataclass(frozen=True)
class Meanwhile:
    """What became of an incident since its advice was given: the steps that are done, and who decided otherwise."""

    done: Mapping[str, Done] = field(default_factory=dict)
    decided_by_lead: str = ""


def exchanges(
    deliveries: Sequence[Delivery], meanwhile: Callable[[str], Meanwhile] = lambda _: Meanwhile()
) -> tuple[Exchange, ...]:
    """The conversation, oldest first. Only the last answer's cards are live, and none while one is awaited.

    Args:
        meanwhile: what became of an incident, by its reference: live advice shows it.
    """
    answered = [(each, stored_replies(each)) for each in deliveries]
    waiting = any(each.handled_at is None for each in deliveries)
    pressable = () if waiting else live([replies for _, replies in answered])
    alive = {id(reply) for reply in pressable}
    before: list[Reply] = []
    drawn = []
    for delivery, replies in answered:
        drawn.append(
            Exchange(
                id=delivery.id,
                said=said(delivery.text, before),
                at=delivery.received_at,
                cards=tuple(
                    Card(_as_it_stands(reply, meanwhile), live=True) if id(reply) in alive else Card(reply, live=False)
                    for reply in replies
                ),
                waiting=delivery.handled_at is None,
            )
        )
        # A press may belong to a card further up: the newest that has it names it.
        before = [*replies, *before][:30]
    return tuple(drawn)


def _as_it_stands(reply: Reply, meanwhile: Callable[[str], Meanwhile]) -> Reply:
    """Advice with what was done, or decided otherwise, since it was given."""
    if not isinstance(reply, RecommendationReply):
        return reply
    now = meanwhile(reply.reference)
    steps = tuple(step.model_copy(update={"done": step.done or now.done.get(step.code)}) for step in reply.steps)
    return reply.model_copy(update={"steps": steps, "decided_by_lead": now.decided_by_lead or reply.decided_by_lead})
