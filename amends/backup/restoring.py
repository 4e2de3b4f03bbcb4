"""A backup is put back, or into a place of its own to see whether it could be; both ways the chains are recomputed."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from amends.access import audit
from amends.backup import CannotBackUp, folder, postgres, sqlite_files
from amends.backup.making import ARRIVED, RECORD
from amends.incidents.database import Database
from amends.incidents.verify import verify
from amends.slack import journal
from amends.workshop import trail as policy_trail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL

    from amends.backup.folder import Contents, Manifest


@dataclass(frozen=True)
class Restored:
    """What was put back, and what does not fit in it: sentences."""

    manifest: Manifest
    damage: tuple[str, ...]


def check(source: Path, url: str) -> Restored:
    """See whether a backup can be put back: it is, beside the record, which stays as it is, and taken away again.

    Args:
        url: of the record; a backup of PostgreSQL is tried out on its server.

    Raises:
        CannotBackUp: it cannot be put back.
    """
    manifest = folder.read(source)
    with _tried(source, manifest, make_url(url)) as address:
        return Restored(manifest, _damage(address))


def put_back(source: Path, url: str) -> Restored:
    """Put a backup where there is no record yet.

    Raises:
        CannotBackUp: there is one, or the backup cannot be put back.
    """
    manifest = folder.read(source)
    address = make_url(url)
    _of_one_kind(manifest, address)
    if manifest.kind == "postgresql":
        _as_promised(manifest, postgres.restore(source / RECORD["postgresql"], address))
    else:
        _put_files(source, manifest, address)
    return Restored(manifest, _damage(address))


def _put_files(source: Path, manifest: Manifest, address: URL) -> None:
    record, arrived = Path(address.database or ""), journal.place_of(address)
    assert arrived is not None
    # Files of another record that were left beside it would be taken for parts of this one.
    beside = [path for each in (record, arrived) for path in each.parent.glob(f"{each.name}*")]
    if beside:
        raise CannotBackUp(f"{beside[0]} is there already. Nothing was changed. Move it away, and restore again.")
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        if ARRIVED in manifest.files:
            shutil.copy(source / ARRIVED, arrived)
        shutil.copy(source / RECORD["sqlite"], record)
    except OSError as error:
        for each in (record, arrived):
            each.unlink(missing_ok=True)
        raise CannotBackUp(f"The backup could not be put to {record}: {error.strerror}. It was taken away.") from error
    _as_promised(manifest, sqlite_files.contents(record))


@contextmanager
def _tried(source: Path, manifest: Manifest, record: URL) -> Iterator[URL]:
    """The address of a copy that was put back beside the record; taken away at the end."""
    if manifest.kind == "sqlite":
        with tempfile.TemporaryDirectory(dir=source.parent, prefix=".restore-check-") as place:
            address = make_url(f"sqlite:///{Path(place).absolute() / 'record.db'}")
            _put_files(source, manifest, address)
            yield address
        return
    _of_one_kind(manifest, record)
    name = f"amends_check_{secrets.token_hex(4)}"
    address = postgres.create(record, name)
    try:
        _as_promised(manifest, postgres.restore(source / RECORD["postgresql"], address))
        yield address
    finally:
        postgres.drop(record, name)


def _of_one_kind(manifest: Manifest, address: URL) -> None:
    if manifest.kind != address.get_backend_name():
        raise CannotBackUp(
            f"This is a backup of a record in {manifest.kind}, and DATABASE_URL names one in "
            f"{address.get_backend_name()}. Set DATABASE_URL to a database of the same kind."
        )


def _as_promised(manifest: Manifest, found: Contents) -> None:
    if found != manifest.contents:
        raise CannotBackUp(f"The backup holds {found}, but was made of {manifest.contents}. Use another one.")


def _damage(address: URL) -> tuple[str, ...]:
    """What does not fit when every chain is recomputed; the copy is brought to the newest version before."""
    database = Database(address.render_as_string(hide_password=False))
    try:
        database.migrate()
        with database.read() as session:
            incidents, policies = verify(session).damage, policy_trail.verify(session).damage
            looks = audit.verify(session).damage
    finally:
        database.dispose()
    return (
        *(f"{found.reference}, entry {found.sequence}: {found.sentence}" for found in incidents),
        *(f"Policy trail, entry {found.sequence}: {found.sentence}" for found in policies),
        *([str(looks)] if looks else []),
    )
