"""The register as it stands, read at once: accounts, the people in it, and who holds which keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from amends.accounts.tables import AccountKey, AccountPerson, OfficialAccount

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Registered:
    """All of the register. An organisation has some dozens of accounts, so it is read whole."""

    accounts: tuple[OfficialAccount, ...]
    people: Mapping[int, AccountPerson]
    keys: Mapping[int, tuple[AccountPerson, ...]]
    """Account -> who can sign in to it, by name."""

    def owner(self, account: OfficialAccount) -> AccountPerson | None:
        """Who answers for an account; None when nobody is set down, or they have been erased."""
        return self.people.get(account.owner_id) if account.owner_id is not None else None

    def deputy(self, account: OfficialAccount) -> AccountPerson | None:
        """Who stands in for its owner."""
        return self.people.get(account.deputy_id) if account.deputy_id is not None else None

    def holders(self, account: OfficialAccount) -> tuple[AccountPerson, ...]:
        """Who can sign in to it."""
        return self.keys.get(account.id, ())

    def parts(self, account: OfficialAccount, person: AccountPerson) -> tuple[str, ...]:
        """What somebody is to an account: owner, deputy, keys."""
        parts = (
            ("owner", account.owner_id == person.id),
            ("deputy", account.deputy_id == person.id),
            ("keys", person in self.holders(account)),
        )
        return tuple(name for name, is_so in parts if is_so)

    def of(self, person: AccountPerson) -> tuple[OfficialAccount, ...]:
        """The accounts that somebody has a part in."""
        return tuple(each for each in self.accounts if self.parts(each, person))


def registered(session: Session) -> Registered:
    """The register as it stands, accounts by platform and handle."""
    accounts = session.scalars(select(OfficialAccount).order_by(OfficialAccount.key)).all()
    people = {each.id: each for each in session.scalars(select(AccountPerson)).all()}
    keys: dict[int, list[AccountPerson]] = {}
    for key in session.scalars(select(AccountKey)).all():
        keys.setdefault(key.account_id, []).append(people[key.person_id])
    held = {account: tuple(sorted(found, key=lambda each: (each.name, each.id))) for account, found in keys.items()}
    return Registered(tuple(accounts), people, held)


def themselves(session: Session, participant_id: str) -> AccountPerson | None:
    """A participant as the register knows them, by how they are reached; None when it does not."""
    contacts = [participant_id, *filter(None, [slack_user(participant_id)])]
    query = select(AccountPerson).where(or_(*(AccountPerson.contact == each for each in contacts)))
    return session.scalars(query.order_by(AccountPerson.id).limit(1)).first()


def slack_user(contact: str) -> str:
    """The Slack user id in a contact or a participant's id; empty when they are reached another way."""
    parts = contact.split(":")
    if len(parts) == 3 and parts[0] == "slack":
        return parts[2]
    return contact if contact and len(parts) == 1 else ""


def has_left(person: AccountPerson, today: date) -> bool:
    """Whether somebody's role has ended."""
    return person.left_on is not None and person.left_on <= today


def is_away(person: AccountPerson, today: date) -> bool:
    """Whether somebody is away today."""
    return person.away_until is not None and today <= person.away_until
