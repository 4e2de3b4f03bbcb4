"""What comms leads do from Slack: each act is a press on a card, some with a window in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from amends.conversation.replies import Choice
from amends.incidents import record
from amends.incidents.advice import steps_of
from amends.incidents.models import Command, Incident, Involved
from amends.incidents.record import OPEN_STATES, State
from amends.incidents.threads import in_thread
from amends.leads import acts
from amends.slack import announcing, hints, ids, look_up, opening, views
from amends.slack.fields import chosen, field, filled
from amends.slack.registry import HANDLERS, LEADS, May, Refused
from amends.slack.talking import SOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.slack.blocks import View
    from amends.slack.desk import Desk
    from amends.slack.registry import Call

T = TypeVar("T")
Work = Callable[[Session, Incident, acts.Actor, datetime], Any]

OPEN = frozenset(OPEN_STATES)
ENDED = frozenset({State.CLOSED, State.ABANDONED})
MAY_WHILE_OPEN = May(LEADS, incident="seen", states=OPEN)
MAY_WHEN_ADVISED = May(LEADS, incident="seen", states=frozenset({State.ADVISED}))
MAY_WHEN_ENDED = May(LEADS, incident="seen", states=ENDED)
MAY_ALWAYS = May(LEADS, incident="seen")

STALE = "{reference} has changed since that was drawn, so nothing was done. Look at it again, then press once more."


async def act(desk: Desk, call: Call, work: Work, *, as_drawn: bool = False) -> Any:
    """Do something with the incident of a call, once, in one transaction.

    Args:
        as_drawn: only while the incident is as it was when what was pressed was drawn: two leads may press at once.

    Raises:
        Refused: it cannot be done now.
    """

    def do() -> Any:
        with desk.database.begin() as session:

            def once() -> Any:
                incident = record.find(session, call.reference)
                if as_drawn:
                    # Who speaks is known before the incident is locked, as everywhere.
                    record.ensure_participant(session, call.person.id, call.person.name, call.at)
                    incident = record.lock(session, incident.id)
                    if _is_stale(call, incident):
                        raise Refused(STALE.format(reference=call.reference))
                return work(session, incident, actor_of(call), datetime.now(UTC))

            try:
                return record.once(session, f"slack {call.key}", once, call.at)
            except acts.CannotAct as error:
                raise Refused(str(error)) from error

    return await in_thread(do)


def actor_of(call: Call) -> acts.Actor:
    """Who acts."""
    return acts.Actor(call.person.id, call.person.name, SOURCE, call.at)


@HANDLERS.on("press", "lead:take_over", MAY_WHILE_OPEN)
async def take_over(desk: Desk, call: Call) -> None:
    """Lead an incident from now on; those who talk about it are told."""
    await fresh(desk, call)

    def work(session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> None:
        acts.take_over(session, desk.settings, incident, actor, at)
        text = f"{actor.name}, comms lead, leads {incident.reference} from now on."
        announcing.announce(session, incident, f"taken-over:{call.key}", text, at)

    await act(desk, call, work, as_drawn=True)


@HANDLERS.on("press", "lead:override", MAY_WHEN_ADVISED)
async def ask_override(desk: Desk, call: Call) -> None:
    """Ask in a window what is to be done instead, and why."""
    state = await fresh(desk, call)

    def drawn(session: Session, incident: Incident) -> View:
        flow = look_up.flow_of(session, desk.shelf, incident)
        options = [Choice(code=each.code, label=each.label) for each in flow.responses.values()]
        now = [step["code"] for step in steps_of(incident) if step["kind"] == "response"]
        return views.override(incident.reference, options, now, state)

    await opening.show(desk, call, await look(desk, call, drawn))


def _check_override(payload: Mapping[str, Any]) -> dict[str, str] | None:
    wrong = {} if chosen(payload, "responses") else {"responses": "Choose what is to be done."}
    return {**wrong, **(filled(payload, "reason", "Say why. It goes into the record.") or {})} or None


@HANDLERS.on("submission", "override", MAY_WHEN_ADVISED, check=_check_override)
async def override(desk: Desk, call: Call) -> None:
    """Decide on something else than the advice; those who talk about it are told, and the advice is drawn again."""
    await fresh(desk, call)
    responses, reason = chosen(call.payload, "responses"), field(call.payload, "reason")

    def work(session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> None:
        flow = look_up.flow_of(session, desk.shelf, incident)
        acts.decide_otherwise(session, desk.settings, flow, incident, actor, responses, reason, at)
        text = f"{look_up.decided(flow, incident)} The advice for {incident.reference} says so now."
        announcing.announce(session, incident, f"decided:{call.key}", text, at)

    await act(desk, call, work, as_drawn=True)


@HANDLERS.on("press", "lead:note", MAY_ALWAYS)
async def ask_note(desk: Desk, call: Call) -> None:
    """Ask in a window for a note."""
    await opening.show(desk, call, views.note(call.reference))


@HANDLERS.on("submission", "note", MAY_ALWAYS, check=lambda payload: filled(payload, "text", "Write the note."))
async def note(desk: Desk, call: Call) -> None:
    """Put a note into the record."""
    text = field(call.payload, "text")

    def work(session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> None:
        acts.add_note(session, desk.settings, incident, actor, text, at)
        kept = f"Your note is in the record of {incident.reference}."
        hints.tell(session, call.key, call.kind, call.payload, kept, at, team=desk.team)

    await act(desk, call, work)


@HANDLERS.on("press", "lead:sign_off", MAY_WHEN_ENDED)
async def ask_sign_off(desk: Desk, call: Call) -> None:
    """Ask in a window for the statement with which the record is accepted."""
    await fresh(desk, call)

    def drawn(session: Session, incident: Incident) -> View:
        missing = acts.missing_pieces(session, incident, call.at)
        return views.sign_off(incident.reference, [piece.sentence for piece in missing])

    await opening.show(desk, call, await look(desk, call, drawn))


@HANDLERS.on(
    "submission",
    "sign_off",
    MAY_WHEN_ENDED,
    check=lambda payload: filled(payload, "statement", "Say what you looked at."),
)
async def sign_off(desk: Desk, call: Call) -> None:
    """Accept the record of an incident."""
    statement = field(call.payload, "statement")
    await act(
        desk,
        call,
        lambda session, incident, actor, at: _done(
            acts.sign_off(session, desk.settings, incident, actor, statement, at)
        ),
    )


@HANDLERS.on("press", "lead:restrict", MAY_ALWAYS)
async def ask_restrict(desk: Desk, call: Call) -> None:
    """Ask in a window who may see an incident."""

    def drawn(session: Session, incident: Incident) -> View:
        there = session.scalars(select(Involved.participant_id).where(Involved.incident_id == incident.id))
        users = [user for user in map(ids.user_of, sorted(there)) if user]
        return views.restrict(incident.reference, users, on=incident.restricted)

    await opening.show(desk, call, await look(desk, call, drawn))


def was_done(session: Session, call: Call) -> bool:
    """Whether this was done before, by a process that died before it could say so."""
    return session.get(Command, f"slack {call.key}") is not None


async def fresh(desk: Desk, call: Call) -> str:
    """The state that a card was drawn in, if the incident is still in it; else the card is drawn again.

    Raises:
        Refused: it is not.
    """

    def is_stale() -> bool:
        with desk.database.begin() as session:
            incident = record.find(session, call.reference)
            if was_done(session, call):
                return False
            if not _is_stale(call, incident):
                return False
            announcing.draw_lead_card(session, desk.settings, incident, call)
            return True

    if await in_thread(is_stale):
        raise Refused(STALE.format(reference=call.reference))
    return str(carried(call).get("state", ""))


def _is_stale(call: Call, incident: Incident) -> bool:
    """Whether an incident has changed since what was pressed was drawn, or somebody else leads it."""
    drawn = carried(call)
    state, lead = drawn.get("state"), drawn.get("lead")
    if state and state != f"{incident.reference}:{incident.state_number}":
        return True
    return lead is not None and incident.lead_id != call.person.id and lead != (incident.lead_id or "")


async def look(desk: Desk, call: Call, work: Callable[[Session, Incident], T]) -> T:
    """What `work` reads from the incident of a call."""

    def look() -> T:
        with desk.database.read() as session:
            return work(session, record.find(session, call.reference))

    return await in_thread(look)


def carried(call: Call) -> Mapping[str, Any]:
    """What the button carries."""
    return {} if isinstance(call.value, str) else call.value


def _done(_result: object) -> None:
    """The result of an act is no JSON, and nobody needs it."""
