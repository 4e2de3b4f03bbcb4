"""A backup is put back, or into a place of its own to see whether it could be; both ways the chains are recomputed."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from amends.backup import CannotBackUp, folder, postgres, sqlite_files
from amends.backup.making import ARRIVED, RECORD
from amends.incidents.database import Database
from amends.integrity import anchors, whole
from amends.integrity.anchors import Anchor, AnchorFile
from amends.slack import journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL

    from amends.backup.folder import Contents, Manifest
    from amends.incidents.walk import Damage
    from amends.settings import Settings


@dataclass(frozen=True)
class Restored:
    """What was put back.

    Attributes:
        damage: what does not fit in it: sentences.
        later: how many entries were noted outside (see `integrity.anchors`) that are not in it.
    """

    manifest: Manifest
    damage: tuple[str, ...]
    later: int


def check(source: Path, settings: Settings) -> Restored:
    """See whether a backup can be put back: it is, beside the record, which stays as it is, and taken away again.

    Raises:
        CannotBackUp: it cannot be put back.
    """
    manifest = folder.read(source)
    with _tried(source, manifest, make_url(settings.database_url)) as address:
        return _looked_through(manifest, address, settings)


def put_back(source: Path, settings: Settings) -> Restored:
    """Put a backup where there is no record yet.

    Raises:
        CannotBackUp: there is one, or the backup cannot be put back.
    """
    manifest = folder.read(source)
    address = make_url(settings.database_url)
    _of_one_kind(manifest, address)
    if manifest.kind == "postgresql":
        _as_promised(manifest, postgres.restore(source / RECORD["postgresql"], address))
    else:
        _put_files(source, manifest, address)
    return _looked_through(manifest, address, settings)


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


def _looked_through(manifest: Manifest, address: URL, settings: Settings) -> Restored:
    """Bring a copy to the newest version, and check all of it, also against what was noted outside of the record.

    What was noted later than the backup was made is no damage: a backup is an older record.
    """
    database = Database(address.render_as_string(hide_password=False))
    try:
        database.migrate()
        noted = [each for each in _anchors(settings) if isinstance(each, Anchor)]
        with database.read(still=True) as session:
            found = whole.check(session, database.keys(), AnchorFile(Path(os.devnull)))
            other = anchors.differs(session, [each for each in noted if each.number <= found.head.number])
    finally:
        database.dispose()
    damage = [*found.damage, *([other] if other else [])]
    later = max((each.number for each in noted), default=0) - found.head.number
    return Restored(manifest, tuple(_said(each) for each in damage), max(later, 0))


def _anchors(settings: Settings) -> Iterator[Anchor | int]:
    return AnchorFile.of(settings, make_url(settings.database_url)).read()


def _said(damage: Damage) -> str:
    entry = "" if damage.sequence is None else f", entry {damage.sequence}"
    return f"{damage.reference}{entry}: {damage.sentence}"
