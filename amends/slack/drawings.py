"""What is drawn when it is sent, so that it is never old: each reads the record and calls a pure drawing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from amends.conversation import drill_words, progress, standing
from amends.conversation.digressions import ROLES
from amends.conversation.talk import Tools
from amends.flows.problems import either
from amends.incidents import completion
from amends.incidents.clocks import LOOK, PROMISE
from amends.incidents.models import Conversation, Incident
from amends.incidents.record import OPEN_STATES, State
from amends.incidents.visible import Viewer, incidents_of, may_see
from amends.outbox import outgoing
from amends.outbox.tables import Place, Posted, Reminder
from amends.slack import account_drawings, draft_drawings, ids, left_over, look_up
from amends.slack import blocks as kit
from amends.slack.advice_card import advice
from amends.slack.home_tab import HomeIncident, HomeModel, home
from amends.slack.lead_card import LeadCard, lead_card
from amends.slack.reminder_card import DigestLine, ReminderModel, ToldModel, digest, reminder, told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from amends.conversation.replies import Button
    from amends.conversation.shelf import Shelf
    from amends.settings import Settings
    from amends.slack.blocks import Message

    Drawing = Callable[[Session, Mapping[str, Any], datetime], dict[str, Any] | None]

DANGER = "Somebody may be in danger. A person must take over now."
TOLD_ROLES = ("legal", "dpo", "security", "safeguarding", "hr", "comms")
A_DAY = timedelta(days=1)


def make(settings: Settings, shelf: Shelf) -> dict[str, Drawing]:
    """The drawings, by the names that the outbox knows them by.

    Their arguments: lead_card `{"incident", "here"}`; advice `{"slot"}`; home `{"participant", "lead"}`; reminder
    `{"reminder", "leads", "here"}`; digest `{"day"}`; told `{"incident", "role", "by"}`. Each returns None when
    there is nothing to send any more. Those of the register of accounts stand in `account_drawings`.
    """
    drawings = _Drawings(settings, shelf)
    return {
        "lead_card": drawings.lead_card,
        "advice": drawings.advice,
        "home": drawings.home,
        "reminder": drawings.reminder,
        "digest": drawings.digest,
        "told": drawings.told,
        **draft_drawings.make(settings, shelf),
        **account_drawings.make(settings),
    }


def roles_told(settings: Settings) -> frozenset[str]:
    """The roles that can be told with a button."""
    return frozenset(role for role in TOLD_ROLES if getattr(settings, f"slack_tell_{role}"))


class _Drawings:
    def __init__(self, settings: Settings, shelf: Shelf) -> None:
        self._settings = settings
        self._shelf = shelf
        self._zone = settings.zone

    def lead_card(self, session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
        """The card of an incident in the leads' channel."""
        incident = session.get(Incident, args["incident"])
        if incident is None:
            return None
        flow = look_up.flow_of(session, self._shelf, incident)
        place, link = look_up.place_of(session, incident)
        clock = progress.next_deadline(incident, now)
        card = LeadCard(
            reference=incident.reference,
            state=incident.state,
            state_id=_state_id(incident),
            title=incident.title,
            reporter=look_up.name_of(session, incident.reporter_id),
            reported_at=incident.reported_at,
            place=place,
            link=link,
            level=incident.level,
            level_name=progress.decision_of(incident).get("level_name", ""),
            lead=look_up.name_of(session, incident.lead_id),
            lead_id=incident.lead_id or "",
            asked_for=_asked_for(session, incident),
            advised=look_up.advised(flow, incident),
            decided=look_up.decided(flow, incident),
            open_steps=progress.open_steps(flow, incident),
            unfinished=completion.of(incident).open,
            deadline=clock.title if clock else "",
            due=clock.due if clock else None,
            evidence=look_up.evidence_count(session, incident),
            restricted=incident.restricted,
            drill=incident.drill,
            signed_off_at=incident.signed_off_at,
            signed_off_by=look_up.signed_off_by(session, incident),
        )
        return lead_card(card, zone=self._zone, now=now, here=bool(args.get("here")))

    def advice(self, session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
        """The advice in a slot, with what was done meanwhile."""
        posted = session.get(Posted, args["slot"])
        if posted is None:
            return None
        incident = session.get(Incident, int(args["slot"].split(":")[1]))
        if incident is None:
            return None
        if not _may_be_read(session, incident, posted):
            return kit.message([kit.section(text=f"{incident.reference} is restricted. Only those named see it.")])
        if incident.state == State.ABANDONED:
            return kit.message([kit.section(text=f"{incident.reference} was stopped. Everything is in the record.")])
        reply = standing.advice(session, Tools(self._settings, self._shelf), incident, now)
        if reply is None:
            return None
        ended = f"{incident.reference} is closed" if incident.state == State.CLOSED else ""
        drawn = advice(reply, zone=self._zone, now=now, tell=roles_told(self._settings), ended=ended)
        return {**drawn, "keep": {"reply": reply.model_dump(mode="json")}}

    def home(self, session: Session, args: Mapping[str, Any], now: datetime) -> Message:
        """Somebody's Home tab."""
        viewer = Viewer(args["participant"])
        incidents = []
        for incident in incidents_of(session, viewer, tuple(OPEN_STATES)):
            flow = look_up.flow_of(session, self._shelf, incident)
            clock = progress.next_deadline(incident, now)
            incidents.append(
                HomeIncident(
                    reference=incident.reference,
                    title=drill_words.marked(incident),
                    state=incident.state,
                    next_step=progress.next_step(flow, incident),
                    due=clock.due if clock else None,
                    deadline=clock.title if clock else "",
                    about=flow.title,
                )
            )
        dead = left_over.letters(session) if args.get("lead") else ()
        aside = left_over.set_aside(session) if args.get("lead") else 0
        accounts = account_drawings.mine(session, self._settings, args["participant"], now)
        model = HomeModel(tuple(incidents), dead, self._settings.emergency_contact, aside, accounts)
        drawn = home(model, zone=self._zone, now=now)["blocks"]
        return {"text": kit.spoken(drawn), "blocks": drawn}

    def reminder(self, session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
        """A reminder, or what became of it."""
        row = session.get(Reminder, args["reminder"])
        incident = session.get(Incident, row.incident_id) if row else None
        if row is None or incident is None:
            return None
        flow = look_up.flow_of(session, self._shelf, incident)
        in_leads = bool(args.get("leads"))
        title, how = look_up.reminded_of(flow, incident, row.kind, row.code)
        answers: tuple[Button, ...] = ()
        if row.kind in (PROMISE, LOOK) and not (incident.restricted and in_leads):
            tools = Tools(self._settings, self._shelf)
            how, answers = standing.asked_after(session, tools, incident, row.kind, row.code, now)
        model = ReminderModel(
            id=row.id,
            kind=row.kind,
            code=row.code,
            title=title or row.title,
            how=how,
            answers=() if in_leads else answers,
            due=row.due_at,
            again=row.next_at if row.state == "waiting" and row.next_at > now else None,
            settled=row.state == "done",
            reference=incident.reference,
            incident_title=incident.title,
            level=incident.level,
            state_id="" if in_leads else _state_id(incident),
            here=bool(args.get("here")),
            restricted=incident.restricted and in_leads,
        )
        return reminder(model, zone=self._zone, now=now)

    def digest(self, session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
        """What is not finished, and what was small and came in within the last day; None for nothing."""
        small = and_(or_(Incident.level.is_(None), Incident.level == 0), Incident.reported_at >= now - A_DAY)
        query = select(Incident).where(or_(Incident.state.in_(tuple(OPEN_STATES)), small), Incident.drill.is_(False))
        found = sorted(session.scalars(query), key=lambda one: (-(one.level or 0), one.id))
        if not found:
            return None
        lines = []
        for incident in found:
            clock = progress.next_deadline(incident, now) if incident.state in OPEN_STATES else None
            flow = look_up.flow_of(session, self._shelf, incident)
            lines.append(
                DigestLine(
                    reference=incident.reference,
                    title=incident.title,
                    state=incident.state,
                    level=incident.level,
                    next_step=progress.next_step(flow, incident),
                    due=clock.due if clock else None,
                    deadline=clock.title if clock else "",
                    lead=look_up.name_of(session, incident.lead_id),
                    restricted=incident.restricted,
                    card=outgoing.stands(session, f"lead:{incident.id}") is None,
                )
            )
        day = date.fromisoformat(args["day"])
        return digest(f"{day:%A} {day.day} {day:%B}", tuple(lines), zone=self._zone, now=now)

    def told(self, session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
        """What a role is told that is brought in."""
        incident = session.get(Incident, args["incident"])
        if incident is None:
            return None
        flow = look_up.flow_of(session, self._shelf, incident)
        known = flow.codes.get(args["role"])
        _, link = look_up.place_of(session, incident)
        model = ToldModel(
            reference=incident.reference,
            title=incident.title,
            level=incident.level,
            level_name=progress.decision_of(incident).get("level_name", ""),
            role=known.label if known else ROLES.get(args["role"], str(args["role"])),
            how=known.how if known else "",
            by=str(args.get("by") or look_up.name_of(session, incident.reporter_id)),
            deadlines=tuple((one.due, one.title) for one in progress.deadlines(incident)),
            link=link,
            restricted=incident.restricted,
        )
        return told(model, zone=self._zone, now=now)


def _asked_for(session: Session, incident: Incident) -> tuple[str, ...]:
    """What leads have to know first: that somebody may be in danger, or that a person was asked for."""
    roles = look_up.roles_asked_for(session, incident)
    danger = (DANGER,) if "emergency" in roles else ()
    named = [ROLES[role] for role in roles if role in ROLES]
    return (*danger, f"Somebody asked for {either(named, 'and')}.") if named else danger


def _state_id(incident: Incident) -> str:
    """What buttons carry, as the conversation's cards do."""
    return f"{incident.reference}:{incident.state_number}"


def _may_be_read(session: Session, incident: Incident, posted: Posted) -> bool:
    """Whether a card may go on standing where it is: of a restricted incident only with those who are named."""
    if not incident.restricted:
        return True
    if not ids.is_direct(posted.channel):
        return False
    owner = session.scalars(
        select(Conversation.participant_id)
        .join(Place, Place.conversation_id == Conversation.id)
        .where(Place.channel == posted.channel)
    ).first()
    return owner is None or may_see(session, Viewer(owner), incident)
