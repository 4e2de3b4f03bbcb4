"""What runs in an incident: deadlines, steps, promises, looks, and who asked for a human; and what ran out."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.incidents import completion
from amends.incidents.advice import open_steps_of
from amends.incidents.clocks import DEADLINE, LOOK, PROMISE, STEP, Clock, clocks_of, time_for_a_step
from amends.incidents.record import OPEN_STATES
from amends.register.tables import Running

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from amends.incidents.completion import Promise
    from amends.incidents.models import Incident

HUMAN = "human"
HUMAN_WITHIN = timedelta(minutes=10)
"""So soon a lead should have taken over when somebody asked for a human."""


def keep_running(
    session: Session, incident: Incident, asked_at: datetime | None, at: datetime
) -> tuple[datetime | None, list[Running]]:
    """Keep what runs as it is now; when the first runs out, and what runs no more.

    A deadline runs until the incident is closed. A step keeps the time it had, unless it became more serious. Who asked
    for a human waits until a lead takes over. A promise runs until it is kept, and a look until the questions are
    answered.

    Args:
        asked_at: when a human was asked for, if that is new.
    """
    wanted = {(one.kind, one.code): one for one in clocks_of(incident, at)}
    rows = session.scalars(select(Running).where(Running.incident_id == incident.id)).all()
    if incident.lead_id is None and incident.state in OPEN_STATES:
        human = next((row.due_at for row in rows if row.kind == HUMAN), asked_at and asked_at + HUMAN_WITHIN)
        if human:
            wanted[HUMAN, HUMAN] = Clock(HUMAN, HUMAN, "a human was asked for", human)
    gone = []
    for row in rows:
        one = wanted.pop((row.kind, row.code), None)
        if one is None:
            session.delete(row)
            gone.append(row)
        elif row.kind != STEP or one.due_at < row.due_at:
            row.title, row.due_at = one.title, one.due_at
    session.add_all(Running(incident_id=incident.id, **one._asdict()) for one in wanted.values())
    session.flush()
    query = select(Running.due_at).where(Running.incident_id == incident.id).order_by(Running.due_at).limit(1)
    return session.scalars(query).first(), gone


def is_too_late(incident: Incident, row: Running, at: datetime) -> bool:
    """Whether what runs no more had run out.

    A step that is advised no more does not count, nor does a promise that was none. Deadlines are looked at elsewhere,
    and when to look again is no deadline.
    """
    ended = row.kind == HUMAN or incident.closed_at is not None or row.code in json.loads(incident.done)
    if row.kind == PROMISE:
        ended = ended or any(one.code == row.code and one.kept for one in completion.of(incident).promises)
    return row.kind not in (DEADLINE, LOOK) and ended and row.due_at < at


def ran_out(incident: Incident, at: datetime) -> bool:
    """The same from the record alone: as if all steps had run from the last advice on, which was at `at`."""
    due_at = at + time_for_a_step(incident)
    done = [datetime.fromisoformat(each["at"]) for each in json.loads(incident.done).values()]
    if incident.closed_at is not None and open_steps_of(incident):
        done.append(incident.closed_at)
    promises = completion.of(incident).promises
    return any(time > due_at for time in done) or any(_broken(one, incident) for one in promises)


def _broken(promise: Promise, incident: Incident) -> bool:
    """Whether a promise was kept too late, or was still open when its time had passed and the incident was closed."""
    ended = promise.ended if promise.kept else incident.closed_at if promise.ended is None else None
    return ended is not None and ended > promise.due
