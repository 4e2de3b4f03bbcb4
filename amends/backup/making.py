"""A backup is made while everything runs: nobody waits for it, and what was acknowledged before it began is in it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from amends.backup import CannotBackUp, folder, postgres, sqlite_files
from amends.incidents.models import utc_text
from amends.slack import journal

if TYPE_CHECKING:
    from amends.backup.folder import Manifest

RECORD = {"sqlite": "record.db", "postgresql": "record.dump"}
ARRIVED = "inbound.db"
"""What Slack sent and what was acknowledged, but does not stand in the record yet."""


def make(url: str, target: Path, now: datetime | None = None) -> Manifest:
    """Back up the record at an address into a new folder.

    Raises:
        CannotBackUp: the record cannot be read, or the folder cannot be written. Then there is no folder.
    """
    address = make_url(url)
    kind = address.get_backend_name()
    at = utc_text(now or datetime.now(UTC))
    with folder.being_made(target) as part:
        record = part / RECORD[kind]
        if kind == "postgresql":
            contents = postgres.dump(address, record)
        else:
            source = Path(address.database or "").absolute()
            if not source.is_file():
                raise CannotBackUp(f"There is no record at {source}. Look at DATABASE_URL.")
            # What is moved from the journal into the record meanwhile stands in one of them at least; the record knows
            # its key, so that twice is once.
            arrived = journal.place_of(address)
            if arrived is not None and arrived.is_file():
                sqlite_files.copy(arrived.absolute(), part / ARRIVED)
            sqlite_files.copy(source, record)
            contents = sqlite_files.contents(record)
        return folder.finish(part, kind, at, contents)
