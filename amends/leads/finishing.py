"""A lead finishes the conversation with the public: answers what is asked after a reply, and keeps promises."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from amends.conversation import completing
from amends.incidents.asked_after import QUESTIONS
from amends.incidents.record import State
from amends.leads.opening import CannotAct, opened, still_open, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident
    from amends.settings import Settings

LONG_AGO = timedelta(days=7)
FAR_AHEAD = timedelta(days=366)
"""A promise for a time farther off than these is a slip of the pen."""


class NotFinished(CannotAct):
    """The conversation is not finished, and no reason is given why it is closed all the same. `left`: the questions."""

    def __init__(self, incident: Incident, left: tuple[str, ...]) -> None:
        names = "; ".join(QUESTIONS[code].open for code in left)
        super().__init__(
            f"{incident.reference} is not finished: {names}. Answer that first, or say why it is closed all the same."
        )
        self.left = left


def answer(
    session: Session, settings: Settings, incident: Incident, actor: Actor, answers: Mapping[str, str], at: datetime
) -> Incident:
    """Answer some of what is asked after a public reply.

    Args:
        answers: by question its option; by promise (`promise-1`) `kept` or `withdrawn`.

    Raises:
        CannotAct: nothing is answered, it cannot be answered so now, the incident is closed or not for this lead.
    """
    incident = opened(session, incident, actor, at)
    still_open(incident)
    if not answers:
        raise CannotAct("Nothing was chosen. Choose an answer, and send it again.")
    for name, said in answers.items():
        try:
            if name.startswith("promise-"):
                number, kept = int(name.removeprefix("promise-")), {"kept": True, "withdrawn": False}[said]
                new = completing.end(session, settings, incident, number, actor=actor, at=at, kept=kept)
            else:
                new = completing.answer(session, settings, incident, name, said, actor=actor, at=at)
        except (KeyError, ValueError) as error:
            raise CannotAct("That is not an answer to what is asked now. Load the page again, and choose.") from error
        if not new and len(answers) == 1:
            raise CannotAct("That is settled already, so nothing was changed.")
    return incident


def promise(
    session: Session, settings: Settings, incident: Incident, actor: Actor, words: str, due: datetime, at: datetime
) -> Incident:
    """Keep what was promised in public, and by when: a deadline from now on.

    Raises:
        CannotAct: there are no words, the time cannot be meant or is promised already, there is no advice yet, the
            incident is closed or not for this lead.
    """
    incident = opened(session, incident, actor, at)
    still_open(incident)
    if incident.state != State.ADVISED:
        raise CannotAct(f"{incident.reference} has no advice yet. Promises are kept once it has.")
    said = words_of(words, "What was promised")
    if not at - LONG_AGO < due < at + FAR_AHEAD:
        raise CannotAct("That time cannot be meant. Give the time by which it was promised.")
    if not completing.promise(session, settings, incident, said, due, actor=actor, at=at):
        raise CannotAct("An update is promised for that time already, so nothing was changed.")
    return incident
