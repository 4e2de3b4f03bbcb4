"""Names of files that are safe on every system, in a ZIP and in an address."""

from __future__ import annotations

import unicodedata

LONGEST = 100
"""Bytes of a name; some file systems take 255 for all of it."""
_PLAIN = frozenset(" .-_()")


def safe_name(number: int, name: str) -> str:
    """A file's name in a bundle, such as `0001-shot.png`: no folders, no marks that turn or hide text.

    The number makes it the only one, and keeps it from being a name that a system keeps for itself.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    kept = "".join(letter if _is_plain(letter) else "_" for letter in last).strip(" .") or "file"
    stem, dot, ending = kept.rpartition(".")
    if not stem or len(ending) > 10:
        stem, dot, ending = kept, "", ""
    room = LONGEST - len((dot + ending).encode())
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .")
    return f"{number:04d}-{stem}{dot}{ending}"


def _is_plain(letter: str) -> bool:
    return letter in _PLAIN or unicodedata.category(letter)[0] in "LMN"
