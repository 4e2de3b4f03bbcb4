"""Who is to be woken for an account: its owner, else its deputy, and why it is not the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from amends.accounts.naming import speaks_of
from amends.accounts.people import in_slack, participant_of
from amends.accounts.registered import has_left, is_away
from amends.incidents import trail
from amends.incidents.trail import Kind
from amends.incidents.visible import may_be_told

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session

    from amends.accounts.registered import Registered
    from amends.accounts.tables import AccountPerson, OfficialAccount
    from amends.incidents.models import Incident
    from amends.settings import Settings

HEARD = frozenset({Kind.REPORTED, Kind.NOTE_ADDED})
"""What people write in their own words."""
ROLES = ("owner", "deputy")
"""Who is woken, the first of them who is there."""
OWN_ACCOUNTS = "personal_use"
"""The flow about people's own accounts. A report in it can be about anybody here, so only leads hear of it."""


class Whom(NamedTuple):
    """Who is to be woken, and as what; nobody when only the leads are left. `reasons`: why not those before."""

    person: AccountPerson | None
    role: str
    reasons: list[str]


def to_wake(
    session: Session,
    settings: Settings,
    incident: Incident,
    register: Registered,
    account: OfficialAccount,
    today: date,
    without: Collection[str] = (),
) -> Whom:
    """The first who is there, may be told, and is not spoken of in what was reported.

    Args:
        without: roles that were tried in vain.
    """
    if incident.flow_id == OWN_ACCOUNTS:
        return Whom(None, "", ["it is about somebody's own account"])
    reasons = []
    words = _words(session, incident)
    for role, person in zip(ROLES, (register.owner(account), register.deputy(account)), strict=True):
        if role in without:
            continue
        reason = _not_there(session, settings, role, person, today, words)
        if reason or person is None:
            reasons.append(reason)
        elif may_be_told(session, incident, participant_of(session, settings, person)):
            return Whom(person, role, reasons)
    return Whom(None, "", reasons)


def _words(session: Session, incident: Incident) -> str:
    """What people wrote in an incident so far, in their own words."""
    said = [each.payload for each in trail.entries(session, incident) if each.kind in HEARD]
    return "\n".join(str(payload.get("text", "")) for payload in said if payload)


def _not_there(
    session: Session, settings: Settings, role: str, person: AccountPerson | None, today: date, words: str
) -> str:
    """Why somebody is not woken, without their name, since it goes into the trail; empty when they can be."""
    if person is None:
        return f"no {role} is set down"
    if has_left(person, today):
        return f"its {role} has left"
    if is_away(person, today) and person.away_until is not None:
        return f"its {role} is away until {person.away_until.day} {person.away_until:%B}"
    if not in_slack(session, settings, person) and ":" not in person.contact:
        return f"its {role} cannot be reached from here"
    # It may be about them; who reports a mistake of somebody's must not be named to them by this.
    return f"its {role} is spoken of in it" if speaks_of(words, person.name) else ""
