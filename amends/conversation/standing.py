"""The advice of an incident as it stands now, drawn without anybody speaking: for cards that are kept up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation import after_card, cards
from amends.conversation.case import Case, Look
from amends.incidents import completion
from amends.incidents.record import State

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.conversation.replies import Button, RecommendationReply
    from amends.conversation.talk import Tools
    from amends.incidents.models import Incident


def advice(session: Session, tools: Tools, incident: Incident, at: datetime) -> RecommendationReply | None:
    """The advice as it stands, with what was done and what a lead decided; None while there is none.

    Nothing is written, so the session may be one that only reads.
    """
    case = Case(Look(tools, session, at), incident)
    stands = incident.decision is not None and case.state in (State.ADVISED, State.CLOSED)
    return cards.recommendation(case) if stands else None


def asked_after(
    session: Session, tools: Tools, incident: Incident, kind: str, code: str, at: datetime
) -> tuple[str, tuple[Button, ...]]:
    """What is asked in a reminder after a public reply: the first question whose time has come, or about a promise.

    Args:
        kind: look, or promise.
        code: of the promise.

    Returns:
        The words (of a promise: what was promised) and the answers; nothing when there is nothing to ask now.
    """
    case, state = Case(Look(tools, session, at), incident), completion.of(incident)
    if kind == "promise":
        found = next((one for one in state.open_promises if one.code == code), None)
        return (f'"{found.words}"', after_card.of_promise(case, found)) if found else ("", ())
    due = state.due(at)
    if not due:
        return after_card.asks_again(case).strip(), ()
    text, buttons = after_card.question(case, due[0])
    return text, tuple(buttons)
