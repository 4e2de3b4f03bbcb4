"""Twice a year owners are asked whether the register is right: weekly, and in time their deputies and the leads too."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.accounts.concerns import is_due
from amends.accounts.history import OURS, note, take_turn
from amends.accounts.people import in_slack, key_of_leaver, tell_of_keys
from amends.accounts.registered import has_left, is_away, registered, themselves
from amends.accounts.tables import AccountNamed, AccountPerson, OfficialAccount
from amends.accounts.whom import ROLES
from amends.incidents.database import RecordUnavailable
from amends.incidents.models import Incident
from amends.incidents.record import OPEN_STATES
from amends.incidents.visible import visible_to
from amends.outbox import hours, outgoing
from amends.outbox.tables import Outgoing

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from amends.accounts.registered import Registered
    from amends.incidents.database import Database
    from amends.incidents.visible import Viewer
    from amends.settings import Settings

logger = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two looks."""
AGAIN = timedelta(days=7)
"""How long after being asked somebody is asked again."""
A_DAY = timedelta(days=1)
LATEST = timedelta(days=14)
"""So long after somebody has left the leads still hear of it: over closed days, or while nothing ran."""
MOST_NAMED = 3
ALONE = 2
"""So often owners are asked alone; then their deputies and the leads are told as well."""


async def run(database: Database, settings: Settings, every: float = EVERY) -> None:
    """Look again and again whether somebody is to be asked, for as long as the process lives."""
    while True:
        try:
            await asyncio.to_thread(look, database, settings, datetime.now(UTC))
        except RecordUnavailable as error:
            logger.warning("Owners of accounts wait to be asked: %s", error)
        except Exception as error:  # noqa: BLE001 - it is tried again; its text can hold a name
            logger.error("Owners of accounts could not be asked: %s", type(error).__name__)  # noqa: TRY400
        await asyncio.sleep(every)


def look(database: Database, settings: Settings, at: datetime) -> int:
    """Ask those whose accounts are due, within office hours; how many accounts these were."""
    if not hours.parse(settings.office_hours).is_open(at, settings.zone):
        return 0
    now = select(OfficialAccount.id).where(OfficialAccount.next_at <= at)
    with database.read() as session:
        if session.scalars(now.limit(1)).first() is None and not _untold(session, settings, at):
            return 0
    with database.begin() as session:
        take_turn(session)
        due = set(session.scalars(now))
        if due:
            _ask(session, settings, due, at)
        for person in _untold(session, settings, at):
            tell_of_keys(session, settings, person, at)
    return len(due)


def to_be_asked(register: Registered, account: OfficialAccount, today: date) -> tuple[AccountPerson, ...]:
    """Who is asked about an account now: its owner, or who stands in; both, when it was in vain too often."""
    owner, deputy = register.owner(account), register.deputy(account)
    there = [each for each in (owner, deputy) if each is not None and each.contact and not has_left(each, today)]
    present = [each for each in there if not is_away(each, today)] or there
    return tuple(present if account.reminded >= ALONE else present[:1])


def redraw(session: Session, person: AccountPerson | None, at: datetime) -> None:
    """Draw what somebody was asked once more, as it stands now."""
    posted = outgoing.stands(session, f"accounts:{person.id}") if person is not None else None
    if posted is not None:
        outgoing.draw_again(session, posted, "accounts_due", json.loads(posted.body), None, at)


@dataclass(frozen=True)
class Pressing:
    """What the pages remind an owner of.

    Attributes:
        any: whether they have a part in an account at all.
        due: how many accounts they are to confirm now.
        named: references of open incidents in which an account of theirs was named within the last day.
    """

    any: bool = False
    due: int = 0
    named: tuple[str, ...] = ()


def pressing(session: Session, viewer: Viewer, at: datetime, today: date) -> Pressing:
    """What the pages remind somebody of, with or without Slack."""
    person = themselves(session, viewer.id)
    if person is None:
        return Pressing()
    register = registered(session)
    mine = register.of(person)
    due = sum(is_due(each, at) and person in to_be_asked(register, each, today) for each in mine)
    query = (
        select(Incident.reference)
        .join(AccountNamed, AccountNamed.incident_id == Incident.id)
        .where(AccountNamed.person_id == person.id, AccountNamed.how.in_(ROLES), AccountNamed.at > at - A_DAY)
        .where(Incident.state.in_(OPEN_STATES), Incident.drill.is_(False), visible_to(viewer))
    )
    named = session.scalars(query.distinct().order_by(Incident.reference).limit(MOST_NAMED)).all()
    return Pressing(bool(mine), due, tuple(named))


def _untold(session: Session, settings: Settings, at: datetime) -> list[AccountPerson]:
    """Those who have left and still have a part in an account, and of whom the leads have not heard.

    Of who leaves on a later day the leads hear on that day, or on the next one on which the office is open.
    """
    if not settings.slack_on or not settings.slack_leads_channel:
        return []
    today = at.astimezone(settings.zone).date()
    left = AccountPerson.left_on.between(today - LATEST, today)
    found = {key_of_leaver(each): each for each in session.scalars(select(AccountPerson).where(left)).all()}
    told = set(session.scalars(select(Outgoing.key).where(Outgoing.key.in_(found)))) if found else set()
    untold = [each for key, each in found.items() if key not in told]
    register = registered(session) if untold else None
    return [each for each in untold if register is not None and register.of(each)]


def _ask(session: Session, settings: Settings, due: set[int], at: datetime) -> None:
    today = at.astimezone(settings.zone).date()
    register = registered(session)
    asked: dict[str, int] = {}
    late = []
    for account in register.accounts:
        if account.id not in due:
            continue
        people = [each for each in to_be_asked(register, account, today) if in_slack(session, settings, each)]
        asked |= {in_slack(session, settings, each): each.id for each in people}
        if not people or account.reminded >= ALONE:
            late.append(account.id)
        account.reminded += 1
        account.next_at = hours.morning(today + AGAIN, settings.zone)
        note(session, "asked", OURS, at, {"to": [None, [each.id for each in people]]}, account=account)
    for user, person in sorted(asked.items()):
        slot = f"accounts:{person}"
        key = f"{slot}:{today.isoformat()}"
        outgoing.put(
            session, key, to=user, action="replace", draw="accounts_due", args={"person": person}, slot=slot, at=at
        )
    if late and settings.slack_leads_channel:
        key, args = f"accounts-late:{today.isoformat()}", {"accounts": late}
        outgoing.put(session, key, to=settings.slack_leads_channel, draw="accounts_late", args=args, at=at)
