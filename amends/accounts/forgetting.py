"""Somebody is erased: the register names them no more, and says what it held of them before, if they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, or_, select, update

from amends.accounts.history import take_turn
from amends.accounts.registered import registered, slack_user
from amends.accounts.tables import AccountKey, AccountPerson, OfficialAccount

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def forget(session: Session, participant_id: str, name: str) -> None:
    """Take somebody out of the register. In its history they are a number without a name from then on."""
    take_turn(session)
    for person in _those(session, participant_id, name):
        keys = select(AccountKey.account_id).where(AccountKey.person_id == person.id)
        theirs = or_(OfficialAccount.owner_id == person.id, OfficialAccount.deputy_id == person.id)
        theirs = or_(theirs, OfficialAccount.id.in_(keys))
        # What others were shown of these accounts is not what they would confirm now.
        session.execute(update(OfficialAccount).where(theirs).values(revision=OfficialAccount.revision + 1))
        for column in (OfficialAccount.owner_id, OfficialAccount.deputy_id):
            session.execute(update(OfficialAccount).where(column == person.id).values({column: None}))
        session.execute(delete(AccountKey).where(AccountKey.person_id == person.id))
        person.name, person.contact, person.left_on, person.away_until = "", "", None, None
    session.flush()


def held_of(session: Session, participant_id: str, name: str) -> list[dict[str, Any]]:
    """What the register says of somebody, as JSON."""
    register = registered(session)
    return [
        {
            "name": person.name,
            "reached_by": person.contact,
            "left_on": person.left_on.isoformat() if person.left_on else None,
            "away_until": person.away_until.isoformat() if person.away_until else None,
            "accounts": {account.label: list(register.parts(account, person)) for account in register.of(person)},
        }
        for person in _those(session, participant_id, name)
    ]


def _those(session: Session, participant_id: str, name: str) -> list[AccountPerson]:
    """Somebody as the register has them: by how they are reached, or by their name where nobody knows that."""
    contacts = [each for each in (participant_id, slack_user(participant_id)) if each]
    named = [and_(AccountPerson.name == name, AccountPerson.contact == "")] if name else []
    query = select(AccountPerson).where(or_(AccountPerson.contact.in_(contacts), *named))
    return list(session.scalars(query.order_by(AccountPerson.id)))
