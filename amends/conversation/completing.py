"""What is answered about the conversation after a public reply, and what is promised in it: kept, with its trail entry.

Each works on an incident that is locked, in the caller's transaction; chat, web and Slack all go through here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.conversation import recording
from amends.incidents import completion
from amends.incidents.asked_after import QUESTIONS, UPDATE
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.completion import Promise
    from amends.incidents.models import Incident
    from amends.settings import Settings

LONGEST_WORDS = 300
"""So much of the words of a promise is kept."""


def answer(
    session: Session, settings: Settings, incident: Incident, question: str, option: str, *, actor: Actor, at: datetime
) -> bool:
    """Keep the answer to one of the four questions; whether it was still open.

    That the promised update was given ends the promises that are due, or, when none is due yet, all that are open.

    Raises:
        KeyError: there is no such question, or it has no such answer now.
    """
    state = completion.of(incident)
    chosen = {one.code: one for one in state.options(question)}[option]
    if question not in state.left:
        return False
    if question == UPDATE and chosen.settles:
        there = state.open_promises
        for promise in [one for one in there if one.due <= at] or there:
            _end(session, settings, incident, promise, actor, at, kept=True)
    kept, before = completion.stored(incident), state.answers.get(question)
    count = before.count + 1 if before else 1
    kept["answers"][question] = _marked(actor, at) | {"option": option, "count": count}
    completion.store(incident, kept)
    payload = {
        "code": question,
        "chosen": option,
        "about": QUESTIONS[question].ask,
        "answer": chosen.label,
        "settled": chosen.settles,
    }
    recording.write(session, settings, incident, Kind.LOOKED_AGAIN, payload, actor=actor, at=at)
    return True


def promise(
    session: Session,
    settings: Settings,
    incident: Incident,
    words: str,
    due: datetime,
    *,
    actor: Actor,
    at: datetime,
    found_in: str = "",
) -> bool:
    """Keep what was promised in public, and by when; whether it is new: the same time is promised once.

    Args:
        words: as it was promised, not empty.
        due: aware.
        found_in: where it was found, if nobody set it: in a draft that was checked, in what was said.
    """
    if any(one.due == due for one in completion.of(incident).open_promises):
        return False
    kept = completion.stored(incident)
    number = len(kept["promises"]) + 1
    said = " ".join(words.split())[:LONGEST_WORDS]
    new = {"number": number, "words": said, "due": due.isoformat(), "ended": None, "kept": False}
    kept["promises"].append(new | _marked(actor, at))
    completion.store(incident, kept)
    payload = {"promise": number, "text": said, "due": due.isoformat()} | ({"found_in": found_in} if found_in else {})
    recording.write(session, settings, incident, Kind.PROMISED, payload, actor=actor, at=at)
    return True


def end(
    session: Session, settings: Settings, incident: Incident, number: int, *, actor: Actor, at: datetime, kept: bool
) -> bool:
    """A promise is kept, or, with `kept` false, was never made; whether it was still open.

    When the last one is kept, the question whether the promised update was given is settled with it.
    """
    there = completion.of(incident).open_promises
    found = next((one for one in there if one.number == number), None)
    if found is None:
        return False
    if kept and len(there) == 1:
        return answer(session, settings, incident, UPDATE, "given", actor=actor, at=at)
    _end(session, settings, incident, found, actor, at, kept=kept)
    return True


def ask_anew(incident: Incident, at: datetime) -> None:
    """Ask all four questions again from now on, as when an incident was opened again; promises stay as they are."""
    kept = completion.stored(incident)
    if kept["answers"]:
        completion.store(incident, {**kept, "since": at.isoformat()})


def _end(
    session: Session,
    settings: Settings,
    incident: Incident,
    promise: Promise,
    actor: Actor,
    at: datetime,
    *,
    kept: bool,
) -> None:
    state = completion.stored(incident)
    one = next(each for each in state["promises"] if each["number"] == promise.number)
    one.update({"ended": at.isoformat(), "kept": kept})
    completion.store(incident, state)
    kind = Kind.PROMISE_KEPT if kept else Kind.PROMISE_WITHDRAWN
    payload = {"promise": promise.number, "due": promise.due.isoformat()}
    recording.write(session, settings, incident, kind, payload, actor=actor, at=at)


def _marked(actor: Actor, at: datetime) -> dict[str, Any]:
    """Who, and when, as the row keeps it."""
    return {"who": actor.name or actor.id, "at": at.isoformat()}
