"""The register of official accounts: what is overdue in it, and whose keys should have been taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from amends.accounts.concerns import concerns
from amends.accounts.registered import registered
from amends.incidents.database import Database, RecordUnavailable
from amends.ops.checks.finding import off, ok, warning

if TYPE_CHECKING:
    from amends.ops.checks.finding import Finding
    from amends.settings import Settings

NAME = "accounts"
PATIENCE = timedelta(days=14)
"""An account that is to be confirmed is overdue after so long; two reminders have gone out by then."""


def accounts(settings: Settings, at: datetime) -> Finding:
    """Whether each account has an owner, was confirmed in time, and nobody who has left can sign in."""
    place = Database(settings.database_url)
    try:
        with place.read() as session:
            register = registered(session)
    except (RecordUnavailable, SQLAlchemyError):
        return off(NAME, "The register of accounts cannot be read.", "Mend the database first.")
    finally:
        place.dispose()
    if not register.accounts:
        return off(
            NAME, "The register of accounts is empty.", "Take it in: 'amends accounts import', docs/accounts.md."
        )
    found = concerns(register, at, at.astimezone(settings.zone).date())
    kinds = (
        ("leaver", "{} of people who have left", "key"),
        ("owner", "{} without an owner", "account"),
        ("confirm", "{} not confirmed for more than two weeks", "account"),
    )
    late = {each.id for each in register.accounts if each.reminded >= PATIENCE.days // 7}
    said = []
    for kind, words, what in kinds:
        of_kind = [each for each in found if each.kind == kind and (kind != "confirm" or each.account.id in late)]
        if of_kind:
            said.append(words.format(f"{len(of_kind)} {what}{'' if len(of_kind) == 1 else 's'}"))
    if said:
        mend = "Comms leads see to it on the page Accounts; 'amends accounts check' lists all."
        return warning(NAME, f"{', '.join(said).capitalize()}.", mend)
    return ok(NAME, f"{len(register.accounts)} in the register; none overdue, each has an owner.")
