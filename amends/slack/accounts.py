"""Official accounts in Slack: owners say that all is still right; when one cannot be woken, the next one is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from amends.accounts import confirming, waking
from amends.accounts.registered import themselves
from amends.accounts.reminding import redraw
from amends.accounts.rows import AccountsError
from amends.incidents import record
from amends.incidents.models import Incident
from amends.incidents.threads import in_thread
from amends.slack import announcing
from amends.slack.account_cards import RIGHT
from amends.slack.leading import carried
from amends.slack.pressing import UNREADABLE
from amends.slack.registry import EVERYBODY, HANDLERS, May, Refused

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from amends.outbox.settling import Then
    from amends.outbox.tables import Outgoing
    from amends.settings import Settings
    from amends.slack.desk import Desk
    from amends.slack.registry import Call


MOST_NUMBER = 2**31
"""No row has a number as high as this."""


@HANDLERS.on("press", RIGHT, May(EVERYBODY))
async def all_right(desk: Desk, call: Call) -> None:
    """An owner or deputy says that all is right as it was shown to them."""
    shown = _shown(call)

    def confirm() -> str:
        with desk.database.begin() as session:

            def work() -> str:
                at = datetime.now(UTC)
                record.ensure_participant(session, call.person.id, call.person.name, at)
                person = themselves(session, call.person.id)
                if person is None:
                    return confirming.NOT_THEIRS
                try:
                    confirming.confirm(session, desk.settings, person, shown, call.person.id, at)
                except AccountsError as error:
                    return str(error)
                finally:
                    # Whatever came of it, they are shown how it is now.
                    redraw(session, person, at)
                    announcing.draw_home(session, call)
                return ""

            return str(record.once(session, f"slack {call.key}", work, call.at))

    if sentence := await in_thread(confirm):
        raise Refused(sentence)
    desk.sender.nudge()


def _shown(call: Call) -> dict[int, int]:
    """The accounts that the button was drawn for, each with the revision that was shown."""
    try:
        pairs = [(int(account), int(revision)) for account, revision in carried(call).get("accounts", ())]
    except (TypeError, ValueError, OverflowError) as error:
        raise Refused(UNREADABLE) from error
    return {account: revision for account, revision in pairs if 0 < account < MOST_NUMBER}


def thens(settings: Settings) -> dict[str, Then]:
    """What is recorded when somebody was woken, or could not be."""

    def woken(session: Session, row: Outgoing, sent: bool, at: datetime) -> None:
        if sent or row.dead_at is None:
            return
        args = json.loads(row.body)
        incident = record.lock(session, session.get_one(Incident, args["incident"]).id)
        waking.pass_on(session, settings, incident, args["account"], args["person"], at)

    return {waking.WOKEN: woken}
