"""What is not as it should be in the register, after clause SE-13.1. Pure: the same register gives the same list.

Each account has an owner and a deputy who can be reached, two-factor login, more than one person who can sign in, and
nobody among them who has left; and its owner said within half a year that all of this is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.accounts.registered import has_left

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from amends.accounts.registered import Registered
    from amends.accounts.tables import AccountPerson, OfficialAccount

CLAUSE = "SE-13.1"


@dataclass(frozen=True)
class Concern:
    """One thing that somebody should see to. `person_id` is of somebody who has left and still holds a key."""

    account: OfficialAccount
    kind: str
    sentence: str
    person_id: int | None = None


def concerns(register: Registered, at: datetime, today: date) -> list[Concern]:
    """Everything that is not as it should be, account by account."""
    return [each for account in register.accounts for each in concerns_of(register, account, at, today)]


def concerns_of(register: Registered, account: OfficialAccount, at: datetime, today: date) -> list[Concern]:
    """What is not as it should be with one account, what matters most first."""
    found = [
        *_leavers(register, account, today),
        *_responsible(register, account, today),
        *_keys(register, account),
        *_confirmed(account, at),
    ]
    return [Concern(account, kind, sentence, person_id) for kind, sentence, person_id in found]


def is_due(account: OfficialAccount, at: datetime) -> bool:
    """Whether its owner is to say now that all is still right."""
    return account.next_at <= at or account.reminded > 0


def _leavers(register: Registered, account: OfficialAccount, today: date) -> Iterator[tuple[str, str, int | None]]:
    for person in register.holders(account):
        if has_left(person, today):
            yield "leaver", f"{person.name} has left and can still sign in.", person.id


def _responsible(register: Registered, account: OfficialAccount, today: date) -> Iterator[tuple[str, str, None]]:
    owner, deputy = register.owner(account), register.deputy(account)
    if owner is None:
        yield "owner", "Nobody owns it.", None
    elif has_left(owner, today):
        yield "owner", f"Its owner, {owner.name}, has left.", None
    elif not owner.contact:
        yield "reach", _unreached("owner", owner), None
    if deputy is None:
        yield "deputy", "Nobody stands in for its owner.", None
    elif has_left(deputy, today):
        yield "deputy", f"Its deputy, {deputy.name}, has left.", None
    elif not deputy.contact:
        yield "reach", _unreached("deputy", deputy), None


def _unreached(what: str, person: AccountPerson) -> str:
    return f"It is not set down how its {what}, {person.name}, is reached."


def _keys(register: Registered, account: OfficialAccount) -> Iterator[tuple[str, str, None]]:
    holders = register.holders(account)
    if not holders:
        yield "keys", "It is not set down who can sign in.", None
    elif len(holders) == 1:
        yield "keys", f"Only {holders[0].name} can sign in.", None
    if account.two_factor == "no":
        yield "two_factor", "It has no two-factor login.", None
    elif not account.two_factor:
        yield "two_factor", "Nobody knows whether it has two-factor login.", None


def _confirmed(account: OfficialAccount, at: datetime) -> Iterator[tuple[str, str, None]]:
    if account.checked_on is None:
        yield "confirm", "Nobody has confirmed yet that all of this is right.", None
    elif is_due(account, at):
        day = f"{account.checked_on.day} {account.checked_on:%B %Y}"
        yield "confirm", f"It was confirmed last on {day}, and is to be confirmed now.", None
