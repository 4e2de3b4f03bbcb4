"""What a lead's forms say about the conversation after a public reply."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from amends.incidents.asked_after import QUESTIONS
from amends.leads import acts

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from amends.console.forms import Form
    from amends.incidents.models import Incident
    from amends.settings import Settings


def answer(
    session: Session, settings: Settings, incident: Incident, actor: acts.Actor, form: Form, at: datetime
) -> None:
    """Answer what was chosen in the form; what was left as it is stays open.

    Raises:
        CannotAct: nothing was chosen, or it cannot be answered so now.
    """
    chosen = {
        name: said
        for name, said in form.fields.items()
        if said and (name in QUESTIONS or (name.startswith("promise-") and name.removeprefix("promise-").isdecimal()))
    }
    acts.answer(session, settings, incident, actor, chosen, at)


def promise(
    session: Session, settings: Settings, incident: Incident, actor: acts.Actor, form: Form, at: datetime
) -> None:
    """Keep what was promised.

    Raises:
        CannotAct: the form is not complete, or it cannot be promised so.
    """
    acts.promise(session, settings, incident, actor, form["text"], _time(form["due"], settings.zone), at)


def _time(text: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError as error:
        raise acts.CannotAct("Say by when it was promised: the day and the time.") from error
