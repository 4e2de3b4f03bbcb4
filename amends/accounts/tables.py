"""The tables of the register of accounts.

People stand in it once, so that somebody who has left is marked in one place. What changed stands in
`account_change`, which names people by their number alone: when somebody is erased, their name is gone there as well.
"""

from __future__ import annotations

from datetime import (
    date,  # noqa: TC003 - SQLAlchemy reads the annotations
    datetime,  # noqa: TC003
)

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from amends.incidents.models import Base


def label_of(platform: str, handle: str) -> str:
    """What an account is called in a sentence: '@example on Twitter / X', 'example.org (website)'."""
    if platform in {"website", "e-mail"}:
        return f"{handle} ({platform})"
    return f"{'' if ' ' in handle else '@'}{handle} on {platform}"


class AccountPerson(Base):
    """Somebody who owns an account, stands in for its owner, or holds its keys.

    `contact` is how they are reached: a Slack user id (U...), or the id of a participant; empty when nobody knows.
    `left_on` is the day their role ended, `away_until` the last day that they are away.
    """

    __tablename__ = "account_person"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    contact: Mapped[str] = mapped_column(String(120), index=True)
    left_on: Mapped[date | None] = mapped_column(Date)
    away_until: Mapped[date | None] = mapped_column(Date)
    revision: Mapped[int]


class OfficialAccount(Base):
    """One official account.

    `key` names it: platform and handle, without capitals. `called` are other names that people use for it, one a
    line. `two_factor` is yes, no or empty when nobody knows. `checked_on` is when its owner last said that all of this
    is right; `next_at` is when they are asked the next time, `reminded` how often they were since. `revision` goes up
    with every change.
    """

    __tablename__ = "official_account"
    __table_args__ = (Index("official_account_next", "next_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    platform: Mapped[str] = mapped_column(String(40))
    handle: Mapped[str] = mapped_column(String(120))
    called: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account_person.id"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("account_person.id"))
    two_factor: Mapped[str] = mapped_column(String(3))
    checked_on: Mapped[date | None] = mapped_column(Date)
    checked_by: Mapped[str | None] = mapped_column(String(120))
    next_at: Mapped[datetime]
    reminded: Mapped[int]
    revision: Mapped[int]

    @property
    def label(self) -> str:
        """What it is called in a sentence."""
        return label_of(self.platform, self.handle)

    @property
    def names(self) -> tuple[str, ...]:
        """What people call it, beside its handle."""
        return tuple(self.called.splitlines())


class AccountKey(Base):
    """Somebody who can sign in to an account."""

    __tablename__ = "account_key"
    account_id: Mapped[int] = mapped_column(ForeignKey("official_account.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("account_person.id"), primary_key=True, index=True)


class AccountNamed(Base):
    """An account that was named in an incident, and who was woken for it, once.

    `how` is owner, deputy or leads; `knows` when it was its owner who named it. Neither `account_id` nor `person_id`
    is a foreign key: that somebody was woken stays true when the account is gone.
    """

    __tablename__ = "account_named"
    __table_args__ = (Index("account_named_person", "person_id", "at"),)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int | None]
    how: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]


class AccountChange(Base):
    """Something that was changed in the register, or asked of somebody. `details` is JSON, before and after.

    `label` is what the account was called then. People stand in `details` by their numbers.
    """

    __tablename__ = "account_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(index=True)
    label: Mapped[str]
    what: Mapped[str] = mapped_column(String(20))
    details: Mapped[str]
    actor_id: Mapped[str] = mapped_column(String(120))
