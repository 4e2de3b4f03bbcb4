"""Reminders of deadlines, open steps, promises, and to look again: planned, sent in three stages, put off."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from amends.incidents import record, trail
from amends.incidents.clocks import DEADLINE, LOOK, PROMISE, STEP, clocks_of, time_for_a_step
from amends.incidents.models import Conversation, Incident
from amends.incidents.trail import Kind
from amends.incidents.visible import Viewer, may_see
from amends.outbox import hours, outgoing
from amends.outbox.tables import Place, Posted, Reminder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from amends.settings import Settings

OURS = "amends"
"""Who reminds, in the trail."""

LEAST_LEAD = timedelta(minutes=10)
MOST_LEAD = timedelta(hours=1)
GRACE = timedelta(minutes=5)
"""Nobody is reminded of what they were told a moment ago."""
OVERDUE = timedelta(minutes=30)
"""How long after a deadline the last reminder goes out."""
LAST_STAGE = 2
AT_ANY_TIME_FROM = 2
"""The level from which reminders do not wait for office hours."""


class _Wanted(NamedTuple):
    """Something to be reminded of: what it is, when it is due, when the first reminder goes out."""

    kind: str
    code: str
    title: str
    due_at: datetime
    next_at: datetime


def plan(session: Session, settings: Settings, incident: Incident, at: datetime) -> None:
    """Keep the reminders of an incident as its advice, its steps and its state want them.

    What is new is added. What is no longer open is done. A deadline that moved begins anew; a step of an incident
    that became more serious comes sooner.
    """
    del settings
    wanted = {(one.kind, one.code): one for one in _wanted(incident, at)}
    known = session.scalars(select(Reminder).where(Reminder.incident_id == incident.id).order_by(Reminder.id)).all()
    for reminder in known:
        one = wanted.pop((reminder.kind, reminder.code), None)
        if one is None:
            _settle(session, incident, reminder, at)
        elif _begins_anew(reminder, one):
            reminder.title, reminder.due_at, reminder.next_at = one.title, one.due_at, one.next_at
            reminder.stage, reminder.state = 0, "waiting"
            if reminder.kind == LOOK:  # what was asked is answered for now
                _redraw(session, incident, reminder, at)
    for one in wanted.values():
        session.add(Reminder(incident_id=incident.id, **one._asdict(), stage=0, state="waiting"))
    session.flush()


def due(session: Session, settings: Settings, at: datetime) -> list[Reminder]:
    """The reminders whose time has come; outside office hours only those of serious incidents."""
    query = (
        select(Reminder)
        .join(Incident, Incident.id == Reminder.incident_id)
        .where(Reminder.state == "waiting", Reminder.next_at <= at)
        .order_by(Reminder.next_at, Reminder.id)
    )
    if not hours.parse(settings.office_hours).is_open(at, settings.zone):
        query = query.where(Incident.level >= AT_ANY_TIME_FROM)
    return list(session.scalars(query))


def remind(session: Session, settings: Settings, reminder: Reminder, at: datetime) -> bool:
    """Send a reminder to those whose turn it is, and say so in the trail.

    Returns:
        Whether it was sent; not when somebody was quicker, or there is nobody to send it to.
    """
    incident = record.lock(session, reminder.incident_id)
    current = _locked(session, reminder.id)
    if current.state != "waiting" or current.next_at > at:
        return False
    stage = current.stage
    loud = stage == LAST_STAGE and (incident.level or 0) >= AT_ANY_TIME_FROM
    told = []
    for place, to, thread in _places(session, settings, incident, stage):
        told.append(place)
        outgoing.put(
            session,
            f"reminder:{current.id}:{place}:{stage}:{current.next_at.isoformat()}",
            to=to,
            thread=thread,
            action="replace",
            draw="reminder",
            args={"reminder": current.id, "leads": place == "leads", "here": loud and place == "leads"},
            slot=f"reminder:{current.id}:{place}",
            incident_id=incident.id,
            at=at,
        )
    _next_stage(current, incident, at)
    if told:
        what = {"kind": current.kind, "code": current.code, "title": current.title, "due": current.due_at.isoformat()}
        _write(session, incident, Kind.REMINDED, {**what, "stage": stage, "told": told}, OURS, "outbox", at)
    return bool(told)


def snooze(
    session: Session,
    settings: Settings,
    reminder_id: int,
    until: datetime,
    actor_id: str,
    source: str,
    at: datetime,
) -> Reminder:
    """Put a reminder off until a time; one that is done stays done."""
    del settings
    incident = record.lock(session, session.get_one(Reminder, reminder_id).incident_id)
    reminder = _locked(session, reminder_id)
    if reminder.state == "done":
        return reminder
    reminder.state = "waiting"
    reminder.stage = min(reminder.stage, LAST_STAGE)
    reminder.next_at = until
    what = {"kind": reminder.kind, "code": reminder.code, "title": reminder.title, "until": until.isoformat()}
    _write(session, incident, Kind.SNOOZED, what, actor_id, source, at)
    _redraw(session, incident, reminder, at)
    return reminder


def _wanted(incident: Incident, at: datetime) -> Iterable[_Wanted]:
    for clock in () if incident.drill else clocks_of(incident, at):
        first = {STEP: clock.due_at, LOOK: max(clock.due_at, at + GRACE)}
        yield _Wanted(*clock, first.get(clock.kind) or _ahead_of(clock.due_at, at))


def _ahead_of(due_at: datetime, at: datetime) -> datetime:
    """When the first reminder of something goes out that has a time: a quarter of what is left before it."""
    lead = min(max((due_at - at) / 4, LEAST_LEAD), MOST_LEAD)
    return max(due_at - lead, at + GRACE)


def _begins_anew(reminder: Reminder, wanted: _Wanted) -> bool:
    if reminder.state == "done":
        return True
    if reminder.kind != STEP:
        return reminder.due_at != wanted.due_at
    # `due_at` of a step is when it was first to be reminded of: a later plan of the same level is always later.
    return reminder.due_at > wanted.due_at


def _settle(session: Session, incident: Incident, reminder: Reminder, at: datetime) -> None:
    if reminder.state == "done":
        return
    reminder.state = "done"
    _redraw(session, incident, reminder, at)


def redraw(session: Session, incident: Incident, at: datetime) -> None:
    """Draw the reminders of an incident that stand once more: their buttons are stale, or others may read them now."""
    of_incident = select(Reminder).where(Reminder.incident_id == incident.id, Reminder.state != "done")
    for reminder in session.scalars(of_incident.order_by(Reminder.id)).all():
        _redraw(session, incident, reminder, at)


def _redraw(session: Session, incident: Incident, reminder: Reminder, at: datetime) -> None:
    """The messages of a reminder that stand say what has become of it."""
    session.flush()
    slots = select(Posted).where(Posted.slot.startswith(f"reminder:{reminder.id}:")).order_by(Posted.slot)
    for posted in session.scalars(slots).all():
        args = json.loads(posted.body)
        args["leads"] = posted.slot.endswith(":leads") or not _may_be_read(session, incident)
        outgoing.draw_again(session, posted, "reminder", args, incident.id, at)


def _places(
    session: Session, settings: Settings, incident: Incident, stage: int
) -> Iterable[tuple[str, str, str | None]]:
    """Where a reminder goes: to the people of the incident, then to the leads as well, at last to the leads alone."""
    leads = settings.slack_leads_channel
    place = session.get(Place, incident.conversation_id) if _may_be_read(session, incident) else None
    if place is not None and stage < LAST_STAGE:
        yield "talk", place.channel, place.thread
    if leads and (place is None or stage > 0):
        card = outgoing.stands(session, f"lead:{incident.id}")
        in_thread = card is not None and card.channel == leads and stage < LAST_STAGE
        yield "leads", leads, card.ts if card is not None and in_thread else None


def _may_be_read(session: Session, incident: Incident) -> bool:
    """Whether all who read along where an incident is talked about may see it."""
    if not incident.restricted:
        return True
    place = session.get(Place, incident.conversation_id)
    if place is None or place.thread is not None:
        return False
    owner = session.get_one(Conversation, incident.conversation_id).participant_id
    return may_see(session, Viewer(owner), incident)


def _next_stage(reminder: Reminder, incident: Incident, at: datetime) -> None:
    reminder.stage += 1
    if reminder.stage > LAST_STAGE:
        reminder.state = "spent"
    elif reminder.kind in (DEADLINE, PROMISE):
        planned = reminder.due_at + (OVERDUE if reminder.stage == LAST_STAGE else timedelta())
        reminder.next_at = max(planned, at + LEAST_LEAD)
    else:
        reminder.next_at = at + time_for_a_step(incident) * 2**reminder.stage


def _locked(session: Session, reminder_id: int) -> Reminder:
    query = select(Reminder).where(Reminder.id == reminder_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _write(
    session: Session, incident: Incident, kind: Kind, payload: dict[str, Any], actor_id: str, source: str, at: datetime
) -> None:
    trail.append(session, incident, kind, payload, actor_id=actor_id, source=source, said_at=at, recorded_at=at)
