"""A backup is a folder: the record, what Slack has sent and is not in it yet, and a list that says what is there.

`manifest.json` is written last, and the folder gets its name when all of it is on the disk. So what looks like a
backup is a whole one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from amends.backup import CannotBackUp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FORMAT = 1
MANIFEST = "manifest.json"
PIECE = 1 << 20


COUNTED = (
    "SELECT version_num FROM alembic_version",
    "SELECT count(*) FROM incident",
    "SELECT count(*) FROM trail_entry",
)


@dataclass(frozen=True)
class Contents:
    """How much stands in a record, as `COUNTED` asks: its schema's version, incidents, entries of their trails."""

    schema: str
    incidents: int
    entries: int


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        kind: of the database: sqlite or postgresql.
        made_at: when it was begun, in UTC; what was recorded until then is in it.
        files: name -> SHA-256.
    """

    kind: str
    made_at: str
    contents: Contents
    files: Mapping[str, str]


@contextmanager
def being_made(folder: Path) -> Iterator[Path]:
    """A folder to write a backup into; it gets its name when the block ends well, and is taken away if not.

    Raises:
        CannotBackUp: it is there already, or cannot be written.
    """
    if folder.exists():
        raise CannotBackUp(f"{folder} is there already. Nothing was written. Choose another name.")
    part = folder.with_name(f"{folder.name}.part")
    try:
        part.mkdir(parents=True, mode=0o700)
        yield part
        part.rename(folder)
        _keep(folder.parent)
    except OSError as error:
        raise CannotBackUp(
            f"The backup could not be written to {folder}: {error.strerror}. It was taken away."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def finish(part: Path, kind: str, made_at: str, contents: Contents) -> Manifest:
    """Write the list of what is in a folder, and see that all of it is on the disk."""
    files = {}
    for path in sorted(part.iterdir()):
        path.chmod(0o600)
        files[path.name] = digest(path)
        _keep(path)
    manifest = Manifest(kind, made_at, contents, files)
    path = part / MANIFEST
    path.write_text(json.dumps({"format": FORMAT, **asdict(manifest)}, indent=2) + "\n", "utf-8")
    path.chmod(0o600)
    _keep(path)
    _keep(part)
    return manifest


def read(folder: Path) -> Manifest:
    """What a backup says of itself, once every file is found to be as it was written.

    Raises:
        CannotBackUp: it is no backup, or not as it was written.
    """
    try:
        said = json.loads((folder / MANIFEST).read_text("utf-8"))
        if said.pop("format") != FORMAT:
            raise CannotBackUp(f"{folder} was made by a version of Amends that is newer than this one.")
        manifest = Manifest(**{**said, "contents": Contents(**said["contents"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotBackUp(f"{folder} is no backup: its {MANIFEST} is missing or cannot be read.") from error
    for name, expected in manifest.files.items():
        path = folder / name
        if path.parent != folder or not path.is_file():
            raise CannotBackUp(f"{folder} is not whole: {name} is missing.")
        if digest(path) != expected:
            raise CannotBackUp(f"{folder} was changed or damaged: {name} is not as it was written.")
    return manifest


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            sha256.update(piece)
    return sha256.hexdigest()


def _keep(path: Path) -> None:
    """See that a file, or what a folder lists, is on the disk and not only on its way."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
