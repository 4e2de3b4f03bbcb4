"""An owner or deputy says that all the register says of an account is still right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.accounts.history import note, take_turn
from amends.accounts.keeping import CHANGED, HALF_A_YEAR, redraw_homes
from amends.accounts.rows import AccountsError
from amends.accounts.tables import OfficialAccount
from amends.outbox.hours import morning

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.accounts.tables import AccountPerson
    from amends.settings import Settings

NOT_THEIRS = "These accounts are not yours to confirm any more. Nothing was changed."


def confirm(
    session: Session,
    settings: Settings,
    person: AccountPerson,
    shown: Mapping[int, int],
    actor_id: str,
    at: datetime,
) -> list[str]:
    """Keep that an owner or deputy says that all is still right. The accounts for which that was kept.

    Args:
        shown: account -> revision that they were shown; one that was changed since is not confirmed.

    Raises:
        AccountsError: there is none that they may confirm as it stands.
    """
    take_turn(session)
    today = at.astimezone(settings.zone).date()
    mine = (OfficialAccount.owner_id == person.id) | (OfficialAccount.deputy_id == person.id)
    query = select(OfficialAccount).where(OfficialAccount.id.in_(shown), mine).order_by(OfficialAccount.key)
    found = session.scalars(query.execution_options(populate_existing=True)).all()
    if not found:
        raise AccountsError(NOT_THEIRS)
    done = [account for account in found if account.revision == shown[account.id]]
    if not done:
        raise AccountsError(CHANGED.format(label=" and ".join(account.label for account in found)))
    people: set[int | None] = set()
    for account in done:
        before = account.checked_on
        account.checked_on, account.checked_by = today, actor_id
        account.next_at, account.reminded = morning(today + HALF_A_YEAR, settings.zone), 0
        note(session, "confirmed", actor_id, at, {"checked_on": [before, today]}, account=account)
        people |= {account.owner_id, account.deputy_id}
    redraw_homes(session, settings, people, at)
    return [account.label for account in done]
