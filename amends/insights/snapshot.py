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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from amends.insights.columns import Block

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = 2
"""Goes up when what is counted changes, so that a file of an older program is not used."""


@dataclass(frozen=True)
class Snapshot:
    """The facts of a record up to a trail entry. `through` is its number, `hash` its hash."""

    block: Block
    zone: str
    through: int
    hash: str


def save(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot in the place of the one before. A disk that is full or may not be written to changes nothing."""
    block = snapshot.block
    about = {
        "shape": SHAPE,
        "zone": snapshot.zone,
        "through": snapshot.through,
        "hash": snapshot.hash,
        "marks": list(block.marks),
    }
    arrays: dict[str, Any] = {
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "ids": block.ids,
        "spans": block.spans,
        "answered": block.answered,
        "marks": np.stack(list(block.marks.values())),
    }
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
            marks = {(kind, value): bits for (kind, value), bits in zip(about["marks"], arrays["marks"], strict=True)}
            block = Block(arrays["ids"], arrays["spans"], arrays["answered"], marks)
            return Snapshot(block, about["zone"], about["through"], about["hash"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
        return None
