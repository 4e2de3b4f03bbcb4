"""Where somebody's words and name stand, and how they are taken out of there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, or_, select, update

from amends.access.tables import ApiToken, SessionRow, SignInLink
from amends.incidents import completion
from amends.incidents.models import Command, Conversation, Delivery, Evidence, TrailEntry, TrailPayload
from amends.outbox import readings
from amends.outbox.tables import DraftReading, Inbound, Outgoing, Place, Posted, SlackUser
from amends.privacy.orders import GONE
from amends.privacy.tables import LegalHold
from amends.privacy.words import WORDLESS, let_go
from amends.register import shelving
from amends.register.tables import SavedView
from amends.review.tables import FollowUp, Review, Story
from amends.slack.ids import user_of
from amends.workshop.tables import DraftRow, PublishRequest

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from amends.access.people import SignedIn
    from amends.incidents.models import Incident
    from amends.privacy.orders import Order


def from_incident(
    session: Session,
    incident: Incident,
    id_: str,
    name: str,
    by: SignedIn,
    order: Order,
    at: datetime,
    source: str,
) -> bool:
    """Take somebody out of one locked incident; whether there was anything of theirs."""
    mine = (Evidence.incident_id == incident.id, Evidence.participant_id == id_)
    files = session.scalars(select(Evidence.sha256).where(*mine)).all()
    rows = session.execute(
        select(TrailEntry.sequence, TrailEntry.actor_id, TrailPayload.body)
        .join(TrailPayload, TrailPayload.entry_id == TrailEntry.id)
        .where(TrailEntry.incident_id == incident.id, TrailEntry.kind.not_in(WORDLESS))
        .order_by(TrailEntry.sequence)
    )
    sequences = [seq for seq, actor, body in rows if actor == id_ or _names(json.loads(body), {id_, name} - {""})]
    changed = _state(session, incident, id_, name)
    if sequences or files or changed:
        let_go(session, incident, sequences, files, by, order, "person", at, source)
        session.execute(delete(Evidence).where(*mine))
    shelving.shelve(session, incident, at, anew=True)
    return bool(sequences or files or changed)


def _names(value: Any, who: set[str]) -> bool:
    """Whether a part of a payload is somebody's name or id, and nothing else."""
    if isinstance(value, str):
        return value in who
    if isinstance(value, dict):
        return any(_names(each, who) for each in value.values())
    return isinstance(value, list) and any(_names(each, who) for each in value)


def _state(session: Session, incident: Incident, id_: str, name: str) -> bool:
    """Take them out of the incident as it stands; whether there was anything of theirs."""
    before = _as_it_stands(incident)
    if incident.reporter_id == id_:
        incident.title, incident.understood, incident.history = GONE, "{}", "[]"
    done = json.loads(incident.done)
    if any(mark.get("who") in {id_, name} for mark in done.values()):
        marks = {code: mark | ({"who": GONE} if mark.get("who") in {id_, name} else {}) for code, mark in done.items()}
        incident.done = json.dumps(marks, ensure_ascii=False)
    override = json.loads(incident.override) if incident.override else {}
    if override.get("by_id") == id_:
        incident.override = json.dumps({**override, "by": GONE, "reason": GONE}, ensure_ascii=False)
    completion.forget(incident, GONE, {id_, name} - {""})
    for table in (Story, Review):
        session.execute(delete(table).where(table.incident_id == incident.id, table.saved_by == id_))
    theirs = (FollowUp.incident_id == incident.id, follow_ups_of(id_, name))
    for row in session.scalars(select(FollowUp).where(*theirs)).all():
        if row.agreed_by == id_:
            row.what = GONE
        if row.owner_id == id_ or row.owner_name == name:
            row.owner_name, row.owner_id = GONE, None
        if row.done_by in {id_, name}:
            row.done_by = GONE
    session.flush()
    return before != _as_it_stands(incident)


def _as_it_stands(incident: Incident) -> tuple[str | None, ...]:
    state = (incident.title, incident.understood, incident.history, incident.done)
    return (*state, incident.override, incident.completion)


def follow_ups_of(id_: str, name: str) -> ColumnElement[bool]:
    """Those that are for somebody, that they agreed on, or that they did."""
    named = (FollowUp.owner_name == name, FollowUp.done_by == name) if name else ()
    return or_(FollowUp.owner_id == id_, FollowUp.agreed_by == id_, FollowUp.done_by == id_, *named)


def from_conversations(session: Session, id_: str, at: datetime) -> None:
    """Take out what they said, the answers, their drafts, and what is waited for in their conversations."""
    handled = (Delivery.participant_id == id_, Delivery.handled_at.is_not(None))
    session.execute(update(Delivery).where(*handled).values(text=GONE, replies="[]"))
    part = or_(DraftReading.owner_id == id_, DraftReading.answered_by == id_)
    drafts = session.scalars(select(DraftReading.id).where(part).order_by(DraftReading.id)).all()
    session.execute(delete(DraftReading).where(DraftReading.owner_id == id_))
    session.execute(update(DraftReading).where(DraftReading.answered_by == id_).values(note=GONE))
    for draft in drafts:
        readings.draw_again(session, draft, at)
    for conversation in session.scalars(select(Conversation).where(Conversation.participant_id == id_)).all():
        conversation.pending = None
    spoke_in = select(Delivery.conversation_id).where(Delivery.participant_id == id_).distinct()
    for conversation_id in session.scalars(spoke_in).all():
        turns = Command.key.startswith(f"turn {conversation_id} ", autoescape=True)
        session.execute(update(Command).where(turns).values(result="[]"))


def from_slack(session: Session, id_: str, name: str, at: datetime) -> None:
    """Take out what came from them and went to them, and what stands there with their name or in their conversations.

    What still waits to be sent there is not sent any more.
    """
    user = user_of(id_)
    marks = [each for each in (user, name) if each]
    theirs = select(Conversation.id).where(Conversation.participant_id == id_)
    arrived = [Inbound.lane.in_(theirs), *(Inbound.payload.contains(each, autoescape=True) for each in marks)]
    session.execute(update(Inbound).where(Inbound.handled_at.is_not(None), or_(*arrived)).values(payload="{}"))
    there = (
        select(Place.conversation_id)
        .where(Place.conversation_id.in_(theirs), Place.channel == Outgoing.to)
        .where(or_(Place.thread == Outgoing.thread, and_(Place.thread.is_(None), Outgoing.thread.is_(None))))
        .exists()
    )
    sent = or_(there, *(Outgoing.body.contains(each, autoescape=True) for each in marks), Outgoing.to == (user or None))
    waits = and_(Outgoing.sent_at.is_(None), Outgoing.dead_at.is_(None))
    session.execute(update(Outgoing).where(there, waits).values(dead_at=at))
    session.execute(update(Outgoing).where(sent, ~waits).values(body="{}"))
    slots = (f":{conversation_id}" for conversation_id in session.scalars(theirs).all())
    cards = [Posted.body.contains(each, autoescape=True) for each in marks]
    cards += [Posted.slot.endswith(each, autoescape=True) for each in slots]
    if cards:
        session.execute(delete(Posted).where(or_(*cards)))
    if user:
        session.execute(delete(SlackUser).where(SlackUser.id == user))


def from_accounts(session: Session, id_: str, name: str, at: datetime) -> None:
    """End their sessions, links, views and tokens; take their name out of what they were editing."""
    session.execute(update(LegalHold).where(LegalHold.participant_id == id_).values(reason=GONE))
    session.execute(delete(SessionRow).where(SessionRow.participant_id == id_))
    session.execute(delete(SavedView).where(SavedView.owner_id == id_))
    session.execute(update(DraftRow).where(DraftRow.owner_id == id_).values(owner_name=GONE))
    session.execute(update(PublishRequest).where(PublishRequest.owner_id == id_).values(owner_name=GONE, note=GONE))
    session.execute(
        update(PublishRequest).where(PublishRequest.decided_by_id == id_).values(decided_by_name=GONE, reason=GONE)
    )
    tokens = update(ApiToken).where(ApiToken.participant_id == id_)
    session.execute(tokens.where(ApiToken.revoked_at.is_(None)).values(revoked_at=at))
    session.execute(tokens.values(person=GONE))
    if name:
        session.execute(delete(SignInLink).where(SignInLink.name == name))
        session.execute(update(ApiToken).where(ApiToken.made_by == name).values(made_by=GONE))
