"""When an official account is named in an incident, whoever answers for it is woken: once, and only if they may see it.

Its owner is woken; its deputy, when the owner is not known, cannot be reached, is away, has left, or is spoken of; the
comms leads, when there is neither. Whoever is woken takes part in the incident from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.accounts.history import OURS
from amends.accounts.naming import named_in
from amends.accounts.people import in_slack, participant_of
from amends.accounts.registered import registered, themselves
from amends.accounts.tables import AccountNamed, AccountPerson, OfficialAccount
from amends.accounts.whom import HEARD, ROLES, to_wake
from amends.incidents import record, trail
from amends.incidents.models import Participant
from amends.incidents.trail import Kind
from amends.outbox import outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.accounts.registered import Registered
    from amends.incidents.models import Incident
    from amends.settings import Settings

WOKEN = "account_woken"
"""What the outbox calls when the message to somebody was sent or given up."""
LEADS = "the comms leads"


@dataclass(frozen=True)
class Woken:
    """Who is woken for an account. `written` says whether they are written to; else they find it on their page."""

    account: str
    name: str
    role: str
    written: bool


def heard(
    session: Session,
    settings: Settings,
    incident: Incident,
    kind: Kind,
    payload: Mapping[str, Any],
    actor_id: str,
    at: datetime,
) -> list[Woken]:
    """Wake those who answer for the accounts that were named now; called with every trail entry, in its transaction.

    The incident must be locked. Nobody is woken for a drill.
    """
    if kind not in HEARD or incident.drill:
        return []
    if session.scalars(select(OfficialAccount.id).limit(1)).first() is None:
        return []
    register = registered(session)
    before = select(AccountNamed.account_id).where(AccountNamed.incident_id == incident.id)
    known = set(session.scalars(before))
    speaks = themselves(session, actor_id)
    found = [each for each in named_in(register.accounts, str(payload.get("text", ""))) if each.id not in known]
    woken = [_wake(session, settings, incident, register, account, speaks, at) for account in found]
    return [each for each in woken if each is not None]


def pass_on(
    session: Session, settings: Settings, incident: Incident, account_id: int, tried: int, at: datetime
) -> None:
    """Wake the next one, because the message to `tried` could not be sent. The incident must be locked."""
    row = session.get(AccountNamed, (incident.id, account_id))
    account = session.get(OfficialAccount, account_id)
    if row is None or account is None or row.person_id != tried:
        return
    role = row.how
    session.delete(row)
    session.flush()
    tried_roles = ROLES[: ROLES.index(role) + 1]
    why = f"no message reaches its {role}"
    _choose(session, settings, incident, registered(session), account, at, without=tried_roles, why=why)


def _wake(
    session: Session,
    settings: Settings,
    incident: Incident,
    register: Registered,
    account: OfficialAccount,
    speaks: AccountPerson | None,
    at: datetime,
) -> Woken | None:
    if speaks is not None and speaks.id == account.owner_id:
        session.add(
            AccountNamed(incident_id=incident.id, account_id=account.id, person_id=speaks.id, how="knows", at=at)
        )
        session.flush()
        return None
    return _choose(session, settings, incident, register, account, at)


def _choose(
    session: Session,
    settings: Settings,
    incident: Incident,
    register: Registered,
    account: OfficialAccount,
    at: datetime,
    *,
    without: tuple[str, ...] = (),
    why: str = "",
) -> Woken | None:
    found = to_wake(session, settings, incident, register, account, at.astimezone(settings.zone).date(), without)
    reasons = [*([why] if why else []), *found.reasons]
    if found.person is not None:
        return _tell(session, settings, incident, account, found.person, found.role, reasons, at)
    if not incident.restricted:
        _tell_leads(session, settings, incident, account, reasons, at)
    return None


def _tell(
    session: Session,
    settings: Settings,
    incident: Incident,
    account: OfficialAccount,
    person: AccountPerson,
    role: str,
    reasons: list[str],
    at: datetime,
) -> Woken:
    why = "; ".join(reasons)
    participant = participant_of(session, settings, person)
    if participant:
        if session.get(Participant, participant) is None:
            record.ensure_participant(session, participant, person.name, at)
        record.involve(session, incident, participant, at)
    user = in_slack(session, settings, person)
    if user:
        args = {"incident": incident.id, "account": account.id, "person": person.id, "role": role, "why": why}
        slot = f"account:{incident.id}:{account.id}:{person.id}"
        outgoing.put(
            session,
            slot,
            to=user,
            draw="account_named",
            args=args,
            slot=slot,
            then=WOKEN,
            incident_id=incident.id,
            at=at,
        )
    _keep(session, incident, account, person, role, at)
    _say(session, incident, {"account": account.label, "told": person.name, "as": role, **_because(why)}, at)
    return Woken(account.label, person.name, role, written=bool(user))


def _tell_leads(
    session: Session,
    settings: Settings,
    incident: Incident,
    account: OfficialAccount,
    reasons: list[str],
    at: datetime,
) -> None:
    _keep(session, incident, account, None, "leads", at)
    if not settings.slack_on or not settings.slack_leads_channel:
        return
    why = "; ".join(reasons)
    slot = f"account:{incident.id}:{account.id}:leads"
    args = {"incident": incident.id, "account": account.id, "person": None, "role": "leads", "why": why}
    to = settings.slack_leads_channel
    outgoing.put(session, slot, to=to, draw="account_named", args=args, slot=slot, incident_id=incident.id, at=at)
    _say(session, incident, {"account": account.label, "told": LEADS, **_because(why)}, at)


def _because(why: str) -> dict[str, str]:
    return {"because": why} if why else {}


def _keep(
    session: Session, incident: Incident, account: OfficialAccount, person: AccountPerson | None, how: str, at: datetime
) -> None:
    person_id = person.id if person is not None else None
    session.add(AccountNamed(incident_id=incident.id, account_id=account.id, person_id=person_id, how=how, at=at))
    session.flush()


def _say(session: Session, incident: Incident, payload: Mapping[str, Any], at: datetime) -> None:
    trail.append(
        session,
        incident,
        Kind.ACCOUNT_NAMED,
        payload,
        actor_id=OURS,
        source="outbox",
        said_at=at,
        recorded_at=at,
    )


def named_of(session: Session, incident: Incident) -> Iterator[tuple[OfficialAccount, AccountPerson | None, str]]:
    """The accounts that were named in an incident, who was woken for each, and as what."""
    query = (
        select(AccountNamed, OfficialAccount)
        .join(OfficialAccount, OfficialAccount.id == AccountNamed.account_id)
        .where(AccountNamed.incident_id == incident.id)
        .order_by(OfficialAccount.key)
    )
    for row, account in session.execute(query).all():
        person = session.get(AccountPerson, row.person_id) if row.person_id is not None else None
        yield account, person, row.how
