"""What a card becomes when it was answered: the answer, and a button to change it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.conversation.cards import PENDING, label
from amends.conversation.presses import said
from amends.conversation.replies import QuestionReply, Reply, StatusReply, TextReply, press, read_reply
from amends.flows import parse_answers
from amends.incidents import record
from amends.incidents.models import Incident
from amends.outbox.tables import Outgoing
from amends.slack import cards

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.conversation.replies import UnderstoodReply
    from amends.conversation.shelf import Shelf
    from amends.settings import Settings

NOT_ANSWERED = "Not answered yet."
NOT_CONFIRMED = "Not confirmed yet."
ENDED = "Not answered."
CHANGED = "Changed; the new answer stands further down."
UNDERSTOOD = "What I understood"


def live_card(session: Session, slot: str) -> Reply | None:
    """The reply that the last message of a slot draws; None when nothing was said there, or it is settled."""
    query = select(Outgoing).where(Outgoing.slot == slot, Outgoing.draw.is_(None)).order_by(Outgoing.id.desc())
    last = session.scalars(query.limit(1)).first()
    kept = json.loads(last.body).get("keep") if last else None
    return read_reply({"custom": kept["reply"]}) if kept and "reply" in kept else None


def settle_asked(
    session: Session,
    shelf: Shelf,
    settings: Settings,
    asked: QuestionReply | UnderstoodReply,
    text: str,
    who: str,
    at: datetime,
) -> dict[str, Any]:
    """What a question, or the card of what was understood, becomes.

    Args:
        text: the message that came after it.
        who: the name of whoever answered, where several people talk; else empty.
        at: now, for times of today.
    """
    reference = asked.state.partition(":")[0]
    incident = session.scalars(select(Incident).where(Incident.reference == reference)).one()
    flow = shelf.flow_of(session, incident.flow_version)
    answers = parse_answers(flow, json.loads(incident.answers))
    open_ = incident.state in record.OPEN_STATES
    if isinstance(asked, QuestionReply):
        names, title = [asked.question], asked.text
    else:
        names, title = [fact.question for fact in asked.facts], UNDERSTOOD
    if any(name not in answers for name in names):
        not_yet = NOT_ANSWERED if isinstance(asked, QuestionReply) else NOT_CONFIRMED
        return dict(cards.settled(title, not_yet if open_ else ENDED, None))
    labels = {name: label(flow, name, answers[name], settings.zone, at) for name in names}
    if isinstance(asked, QuestionReply):
        change = press("correct_answer", question=asked.question, state=asked.state)
        return dict(cards.settled(title, labels[asked.question], change if open_ else None, who))
    lines = [f"{_cap(flow.questions[name].topic)}: {label}" for name, label in labels.items()]
    if text.startswith("/"):
        lines.append(said(text, [asked]))
    change = press("correct_answer", state=asked.state)
    return dict(cards.settled(title, "\n".join(lines), change if open_ else None, who))


def name_of(asked: QuestionReply) -> str:
    """What names a question of an incident among the answers of a conversation."""
    return f"{asked.state.partition(':')[0]} {asked.question}"


def older_answers(session: Session, slot: str, asked: QuestionReply) -> list[Outgoing]:
    """The cards on which an answer to the same question stands that may not hold any more, oldest first."""
    query = select(Outgoing).where(Outgoing.slot == slot, Outgoing.action == "update", Outgoing.ts.is_not(None))
    return [
        row
        for row in session.scalars(query.order_by(Outgoing.id))
        if (json.loads(row.body).get("keep") or {}).get("settled") == name_of(asked)
    ]


def settle_aside(asked: Reply, text: str) -> dict[str, Any] | None:
    """What something that was asked beside the triage becomes; None while its buttons are still good.

    Args:
        text: the message that came after it.
    """
    if not isinstance(asked, TextReply | StatusReply):
        return None
    sends = [button.send for button in asked.buttons]
    if text not in sends and not any(_is_pending(send) for send in sends):
        return None
    # What was pressed on another card is no answer to this.
    answer = ENDED if text.startswith("/") and text not in sends else said(text, [asked])
    return dict(cards.settled(asked.text, answer, None))


def _is_pending(send: str) -> bool:
    return send.startswith("/press{") and json.loads(send[len("/press") :]).get("question") == PENDING


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]
