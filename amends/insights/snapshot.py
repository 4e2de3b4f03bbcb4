"""The facts as they were last counted, in a file of the cache: a process that starts need not read the whole record.

The file can be thrown away at any time; all is then counted again. It names the last trail entry that it is made from,
by number and by hash: where the record has no such entry, it is of another record, or of one that was put back, and is
not used.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from amends.insights.columns import Block, Books, Codes, Pairs

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = 1
"""Goes up when what is counted changes, so that a file of an older program is not used."""


@dataclass(frozen=True)
class Snapshot:
    """The facts of a record up to a trail entry. `through` is its number, `hash` its hash."""

    block: Block
    books: Books
    through: int
    hash: str


def save(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot in the place of the one before. A disk that is full or may not be written to changes nothing."""
    about = {
        "shape": SHAPE,
        "through": snapshot.through,
        "hash": snapshot.hash,
        "books": {each.name: getattr(snapshot.books, each.name).words for each in fields(Books)},
    }
    arrays: dict[str, Any] = {"about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)}
    for each in fields(Block):
        value = getattr(snapshot.block, each.name)
        if isinstance(value, Pairs):
            arrays |= {f"{each.name}.at": value.at, f"{each.name}.what": value.what}
        else:
            arrays[each.name] = value
    written = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", delete=False) as file:
            written = file.name
            np.savez(file, **arrays)
        os.replace(written, path)  # noqa: PTH105 - from a name
    except OSError:
        if written:
            with contextlib.suppress(OSError):
                os.unlink(written)  # noqa: PTH108


def load(path: Path) -> Snapshot | None:
    """The snapshot that was written, None when there is none that can be used."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            if about["shape"] != SHAPE:
                return None
            books = Books(**{name: _codes(words) for name, words in about["books"].items()})
            parts = {each.name: _part(arrays, each.name) for each in fields(Block)}
            return Snapshot(Block(**parts), books, about["through"], about["hash"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
        return None


def _part(arrays: Any, name: str) -> Any:
    return Pairs(arrays[f"{name}.at"], arrays[f"{name}.what"]) if f"{name}.at" in arrays else arrays[name]


def _codes(words: list[str]) -> Codes:
    codes = Codes()
    for word in words:
        codes.number(word)
    return codes
