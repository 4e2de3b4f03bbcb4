"""What comes once more: a message that was given up, and a reminder that was put off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from amends.incidents import record
from amends.incidents.models import Incident
from amends.incidents.threads import in_thread
from amends.incidents.visible import Viewer, may_see
from amends.outbox import outgoing, reminders
from amends.outbox.tables import Outgoing, Reminder
from amends.slack import announcing
from amends.slack.leading import carried
from amends.slack.parts import number_of
from amends.slack.pressing import UNREADABLE
from amends.slack.registry import EVERYBODY, HANDLERS, LEADS, May, Refused
from amends.slack.talking import SOURCE

if TYPE_CHECKING:
    from amends.slack.desk import Desk
    from amends.slack.registry import Call

MOST_MINUTES = 7 * 24 * 60

RESENT_ALREADY = "That is being sent again already, or it was sent."
NO_REMINDER = "There is no such reminder any more."


@HANDLERS.on("press", "lead:resend", May(LEADS))
async def resend(desk: Desk, call: Call) -> None:
    """Send once more what was given up."""
    id_ = number_of(carried(call), "outgoing")
    if id_ is None:
        raise Refused(UNREADABLE)

    def again() -> None:
        with desk.database.begin() as session:

            def work() -> None:
                row = session.get(Outgoing, id_)
                incident = session.get(Incident, row.incident_id) if row is not None and row.incident_id else None
                seen = incident is None or may_see(session, Viewer(call.person.id, lead=True), incident)
                if not seen or not outgoing.resend(session, id_, datetime.now(UTC)):
                    raise Refused(RESENT_ALREADY)
                announcing.draw_home(session, call)

            record.once(session, f"slack {call.key}", work, call.at)

    await in_thread(again)
    desk.sender.nudge()


@HANDLERS.on("press", "snooze", May(EVERYBODY))
async def snooze(desk: Desk, call: Call) -> None:
    """Be reminded later."""
    number, minutes = number_of(carried(call), "reminder"), number_of(carried(call), "minutes")
    if number is None or minutes is None:
        raise Refused(UNREADABLE)
    until = call.at + timedelta(minutes=min(max(minutes, 1), MOST_MINUTES))

    def put_off() -> None:
        with desk.database.begin() as session:

            def work() -> None:
                reminder = session.get(Reminder, number)
                incident = session.get(Incident, reminder.incident_id) if reminder else None
                viewer = Viewer(call.person.id, lead=call.person.lead)
                if reminder is None or incident is None or not may_see(session, viewer, incident):
                    raise Refused(NO_REMINDER)
                record.ensure_participant(session, call.person.id, call.person.name, call.at)
                reminders.snooze(session, desk.settings, reminder.id, until, call.person.id, SOURCE, datetime.now(UTC))

            record.once(session, f"slack {call.key}", work, call.at)

    await in_thread(put_off)
