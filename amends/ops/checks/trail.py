"""The keys of the record, and what its last check found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from amends.incidents.database import Database, RecordUnavailable
from amends.incidents.keys import Keys, NoKey
from amends.incidents.models import Seal
from amends.integrity.standing import standing
from amends.ops.checks.finding import fault, off, ok

if TYPE_CHECKING:
    from datetime import datetime

    from amends.ops.checks.finding import Finding
    from amends.settings import Settings

NAME = "trail"


def trail(settings: Settings, at: datetime) -> Finding:
    """Whether the key is there that seals, and the one that sealed last, and whether the record fits."""
    try:
        keys = Keys.of(settings)
    except NoKey as error:
        return fault(NAME, str(error), "Without a key nothing can be recorded.")
    place = Database(settings.database_url, keys)
    try:
        with place.read() as session:
            last = session.scalar(select(Seal.key).order_by(Seal.number.desc()).limit(1))
            stands = standing(session, at)
    except (RecordUnavailable, SQLAlchemyError):
        return off(NAME, "How the record stands cannot be read.", "Mend the database first.")
    finally:
        place.dispose()
    if last is not None and last not in keys.by_id:
        said = f"The record was sealed with the key {last}, which is not here, so that it cannot be checked."
        return fault(NAME, said, "Put that key into TRAIL_KEYS, behind the first.")
    if not stands.well:
        return fault(
            NAME, stands.sentence, "Keep everything as it is, and read docs/record.md, 'When it does not fit'."
        )
    return ok(NAME, stands.sentence)
