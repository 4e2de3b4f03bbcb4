"""Keeps the register: adds an account, changes it, takes it out, takes a key back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from amends.accounts.history import note, take_turn
from amends.accounts.people import participant_of, person_for
from amends.accounts.rows import AccountsError
from amends.accounts.tables import AccountKey, AccountPerson, OfficialAccount
from amends.outbox import outgoing
from amends.outbox.hours import morning
from amends.outbox.tables import Posted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from amends.accounts.rows import AccountRow, Named
    from amends.settings import Settings

HALF_A_YEAR = timedelta(days=182)
"""After so long an owner is asked again whether all is still right."""
GONE = "There is no such account in the register any more. Load the page again."
CHANGED = "Somebody changed {label} since you looked, so nothing was done. Look at it, then send again."


@dataclass(frozen=True)
class Saved:
    """An account as it was kept. `what` is added, changed or same; `fields` are those that changed."""

    account: OfficialAccount
    what: str
    fields: tuple[str, ...] = ()


def save(
    session: Session,
    settings: Settings,
    row: AccountRow,
    actor_id: str,
    at: datetime,
    *,
    account: OfficialAccount | None = None,
) -> Saved:
    """Keep an account as a row has it; what the row does not say stays as it is.

    Whoever becomes its owner or deputy is asked the next morning whether it is right.

    Args:
        account: the one that is changed, and may get another handle; without it the one that the row names.

    Raises:
        AccountsError: somebody in it cannot be told, the owner is the deputy, or another account has this handle.
    """
    take_turn(session)
    same = find(session, row)
    if account is not None and same not in (None, account):
        raise AccountsError(f"{same.label if same else ''} is in the register already.")
    account = account or same
    new = account is None
    if account is None:
        account = _new(session, row, at, settings)
    before = _state(session, account)
    account.key, account.platform, account.handle = row.key, row.platform, row.handle
    _set(session, settings, account, row, actor_id, at)
    session.flush()
    after = _state(session, account)
    if account.owner_id is not None and account.owner_id == account.deputy_id:
        raise AccountsError("Its owner is its deputy. Name somebody who stands in, or leave the deputy empty.")
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if new:
        added = {name: values for name, values in changed.items() if values[1]}
        note(session, "added", actor_id, at, added, account=account)
    elif changed:
        account.revision += 1
        _ask_again(settings, account, changed, at)
        note(session, "changed", actor_id, at, changed, account=account)
    if new or changed:
        redraw_homes(session, settings, {before["owner"], before["deputy"], *before["keys"], *_people(after)}, at)
    what = "added" if new else "changed" if changed else "same"
    return Saved(account, what, tuple(changed))


def find(session: Session, row: AccountRow) -> OfficialAccount | None:
    """The account that a row names, if it is in the register."""
    return session.scalars(select(OfficialAccount).where(OfficialAccount.key == row.key)).first()


def remove(session: Session, settings: Settings, account_id: int, seen: int, actor_id: str, at: datetime) -> str:
    """Take an account out of the register; its history stays. What it was called.

    Raises:
        AccountsError: it is not there any more, or somebody changed it since.
    """
    account = taken(session, account_id, seen)
    before = _state(session, account)
    label = account.label
    gone = {name: [each, None] for name, each in before.items()}
    note(session, "removed", actor_id, at, gone, account=account)
    session.execute(delete(AccountKey).where(AccountKey.account_id == account.id))
    session.delete(account)
    session.flush()
    redraw_homes(session, settings, _people(before), at)
    return label


def take_key_back(
    session: Session, settings: Settings, account_id: int, person_id: int, actor_id: str, at: datetime
) -> str:
    """Keep that somebody cannot sign in to an account any more. What it is called.

    Raises:
        AccountsError: the account is not there, or they hold no key of it any more.
    """
    account = taken(session, account_id, None)
    key = session.get(AccountKey, (account_id, person_id))
    if key is None:
        raise AccountsError("That key was taken back before. Nothing was changed.")
    before = _state(session, account)["keys"]
    session.delete(key)
    account.revision += 1
    session.flush()
    after = _state(session, account)["keys"]
    note(session, "key_back", actor_id, at, {"keys": [before, after]}, account=account)
    redraw_homes(session, settings, {person_id}, at)
    return account.label


def taken(session: Session, account_id: int, seen: int | None) -> OfficialAccount:
    """An account, for changing it.

    Args:
        seen: the revision that was looked at; None when that does not matter.

    Raises:
        AccountsError: it is not there any more, or somebody changed it since.
    """
    take_turn(session)
    account = session.get(OfficialAccount, account_id, populate_existing=True)
    if account is None:
        raise AccountsError(GONE)
    if seen is not None and account.revision != seen:
        raise AccountsError(CHANGED.format(label=account.label))
    return account


def redraw_homes(session: Session, settings: Settings, people: Iterable[int | None], at: datetime) -> None:
    """Draw the Home tabs of these people again, of those who have opened theirs."""
    if not settings.slack_on:
        return
    slots = set()
    for id_ in people:
        person = session.get(AccountPerson, id_) if id_ is not None else None
        if person is not None and (participant := participant_of(session, settings, person)):
            slots.add(f"home:{participant}")
    # In one order, so that two transactions never wait for each other.
    for posted in session.scalars(select(Posted).where(Posted.slot.in_(slots)).order_by(Posted.slot)).all():
        outgoing.draw_again(session, posted, "home", json.loads(posted.body), None, at)


def _new(session: Session, row: AccountRow, at: datetime, settings: Settings) -> OfficialAccount:
    account = OfficialAccount(
        key=row.key,
        platform=row.platform,
        handle=row.handle,
        called="",
        owner_id=None,
        deputy_id=None,
        two_factor="",
        checked_on=None,
        checked_by=None,
        next_at=_tomorrow(settings, at),
        reminded=0,
        revision=1,
    )
    session.add(account)
    session.flush()
    return account


def _set(
    session: Session, settings: Settings, account: OfficialAccount, row: AccountRow, actor_id: str, at: datetime
) -> None:
    """Put into an account what a row says of it."""

    def id_of(named: Named | str) -> int | None:
        return None if isinstance(named, str) else person_for(session, settings, named, actor_id, at).id

    if row.called is not None:
        account.called = "\n".join(row.called)
    if row.owner is not None:
        account.owner_id = id_of(row.owner)
    if row.deputy is not None:
        account.deputy_id = id_of(row.deputy)
    if row.two_factor is not None:
        account.two_factor = row.two_factor
    if row.checked_on is not None and row.checked_on != account.checked_on:
        account.checked_on, account.checked_by = row.checked_on, None
        account.next_at, account.reminded = _due(settings, row.checked_on, at), 0
    if row.keys is not None:
        holders = {id_of(each) for each in row.keys}
        there = set(session.scalars(select(AccountKey.person_id).where(AccountKey.account_id == account.id)))
        gone = (AccountKey.account_id == account.id, AccountKey.person_id.not_in(holders))
        session.execute(delete(AccountKey).where(*gone))
        session.add_all(AccountKey(account_id=account.id, person_id=each) for each in holders - there)


def _state(session: Session, account: OfficialAccount) -> dict[str, Any]:
    """An account as the history has it; people by their numbers."""
    keys = select(AccountKey.person_id).where(AccountKey.account_id == account.id).order_by(AccountKey.person_id)
    return {
        "platform": account.platform,
        "handle": account.handle,
        "called": list(account.names),
        "owner": account.owner_id,
        "deputy": account.deputy_id,
        "keys": list(session.scalars(keys)),
        "two_factor": account.two_factor,
        "checked_on": account.checked_on,
    }


def _people(state: Mapping[str, Any]) -> set[int | None]:
    return {state["owner"], state["deputy"], *state["keys"]}


def _ask_again(settings: Settings, account: OfficialAccount, changed: Mapping[str, list[Any]], at: datetime) -> None:
    """Whoever is newly responsible is asked soon."""
    if any(name in changed and changed[name][1] is not None for name in ("owner", "deputy")):
        account.next_at, account.reminded = min(account.next_at, _tomorrow(settings, at)), 0


def _due(settings: Settings, checked_on: date, at: datetime) -> datetime:
    return max(morning(checked_on + HALF_A_YEAR, settings.zone), _tomorrow(settings, at))


def _tomorrow(settings: Settings, at: datetime) -> datetime:
    return morning(at.astimezone(settings.zone).date() + timedelta(days=1), settings.zone)
