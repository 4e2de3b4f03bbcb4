"""The people of the register: found by how they are named, and marked as reached here, away, or left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from amends.accounts.history import note, take_turn
from amends.accounts.registered import has_left, registered, slack_user
from amends.accounts.rows import AccountsError
from amends.accounts.tables import AccountPerson
from amends.incidents import record
from amends.incidents.models import Participant
from amends.outbox import outgoing
from amends.outbox.tables import SlackUser

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from amends.accounts.rows import Named, PersonRow
    from amends.settings import Settings

REACHABLE = frozenset({"member", "guest"})
"""What Slack says of those who can be written to."""


def person_for(session: Session, settings: Settings, named: Named, actor_id: str, at: datetime) -> AccountPerson:
    """Somebody as a row names them: known already, or new in the register.

    Raises:
        AccountsError: it cannot be told which of several people is meant, or the contact is somebody else's.
    """
    # Lowered by the database on both sides: SQLite, and PostgreSQL in some locales, leave letters such as Š alone.
    same_name = select(AccountPerson).where(func.lower(AccountPerson.name) == func.lower(named.name))
    found = list(session.scalars(same_name.order_by(AccountPerson.id)))
    if named.contact:
        theirs = session.scalars(select(AccountPerson).where(AccountPerson.contact == named.contact).limit(1)).first()
        if theirs is not None:
            if theirs not in found:
                raise AccountsError(f"{named.contact} is how {theirs.name} is reached, and not {named.name}.")
            return theirs
        without = [each for each in found if not each.contact]
        if without:
            _change(session, settings, without[0], actor_id, at, contact=named.contact)
            return without[0]
    elif len(found) > 1:
        raise AccountsError(
            f"There are {len(found)} people called {named.name}. Write how they are reached behind the name."
        )
    elif found:
        return found[0]
    person = AccountPerson(name=named.name, contact="", left_on=None, away_until=None, revision=1)
    session.add(person)
    session.flush()
    note(session, "person_added", actor_id, at, {}, person=person)
    contact = named.contact or _contact_of(session, named.name)
    if contact:
        _change(session, settings, person, actor_id, at, contact=contact)
    return person


def save_person(
    session: Session,
    settings: Settings,
    row: PersonRow,
    actor_id: str,
    at: datetime,
    *,
    person: AccountPerson | None = None,
) -> AccountPerson:
    """Keep what a file or a form says of somebody; without `person`, of whom the row names.

    When somebody has left, the leads are told at once which keys they still hold.

    Raises:
        AccountsError: see `person_for`.
    """
    take_turn(session)
    by_form = person is not None
    if person is None:
        person = person_for(session, settings, row.person, actor_id, at)
    elif row.person.contact:
        others = select(AccountPerson).where(AccountPerson.contact == row.person.contact, AccountPerson.id != person.id)
        if (theirs := session.scalars(others.limit(1)).first()) is not None:
            raise AccountsError(f"{row.person.contact} is how {theirs.name} is reached, and not {person.name}.")
    today = at.astimezone(settings.zone).date()
    had_left = has_left(person, today)
    changed: dict[str, str | date | None] = {name: getattr(row, name) for name in row.dated}
    if row.person.contact or by_form:  # a list of leavers without contacts takes nobody's away
        changed["contact"] = row.person.contact
    _change(session, settings, person, actor_id, at, **changed)
    if has_left(person, today) and not had_left:
        tell_of_keys(session, settings, person, at)
    return person


def participant_of(session: Session, settings: Settings, person: AccountPerson) -> str:
    """The id that somebody has as a participant; empty when they cannot be reached, or the workspace is not known."""
    user = slack_user(person.contact)
    if not user or ":" in person.contact:
        return person.contact
    team = settings.slack_team or session.scalars(select(SlackUser.team).limit(1)).first()
    return f"slack:{team}:{user}" if team else ""


def in_slack(session: Session, settings: Settings, person: AccountPerson) -> str:
    """The Slack user to write to; empty without Slack, and when Slack says that they are gone."""
    user = slack_user(person.contact)
    if not user or not settings.slack_on:
        return ""
    known = session.get(SlackUser, user)
    return user if known is None or known.standing in REACHABLE else ""


def tell_of_keys(session: Session, settings: Settings, person: AccountPerson, at: datetime) -> bool:
    """Tell the leads which accounts somebody who has left still has a part in; whether there was anything to tell."""
    held = registered(session).of(person)
    if not held or not settings.slack_on or not settings.slack_leads_channel:
        return False
    key, to = key_of_leaver(person), settings.slack_leads_channel
    return outgoing.put(session, key, to=to, draw="account_keys", args={"person": person.id}, at=at)


def key_of_leaver(person: AccountPerson) -> str:
    """Names the message about the keys of somebody who has left."""
    return f"account-left:{person.id}:{person.left_on}"


def _change(
    session: Session,
    settings: Settings,
    person: AccountPerson,
    actor_id: str,
    at: datetime,
    **to: str | date | None,
) -> None:
    """Change somebody, and say so in the history; there a contact is only changed, as erasure would not reach it."""
    details: dict[str, object] = {}
    for name, value in to.items():
        before = getattr(person, name)
        if before != value:
            setattr(person, name, value)
            details[name] = [] if name == "contact" else [before, value]
    if not details:
        return
    person.revision += 1
    session.flush()
    note(session, "person_changed", actor_id, at, details, person=person)
    if "contact" in details and (participant := participant_of(session, settings, person)):
        known = session.get(Participant, participant)
        # Known from now on, so that being woken later has to add nobody while an incident is locked.
        record.ensure_participant(session, participant, "" if known else person.name, at)


def _contact_of(session: Session, name: str) -> str:
    """How the one person of this name is reached whom the record knows; empty when there are none or several."""
    ways = or_(*(Participant.id.startswith(way) for way in ("slack:", "oidc:", "web:link-")))
    same = select(Participant.id).where(func.lower(Participant.name) == func.lower(name), ways)
    found = session.scalars(same.limit(2)).all()
    return (slack_user(found[0]) or found[0]) if len(found) == 1 else ""
