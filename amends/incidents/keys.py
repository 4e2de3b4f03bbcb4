"""The keys that the record is sealed with. The database never holds them.

A key is a line of text of at least 32 characters, from the setting TRAIL_KEYS or a file; the first one seals what is
new, and the others are there to check what they sealed. A key is known by its id: the first 12 hexadecimal digits of
the SHA-256 of "amends trail key " and the key. The id gives nothing of the key away, and cannot be given to another.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.settings import Settings

SHORTEST = 32
"""So many characters a key has at least."""


class NoKey(Exception):  # noqa: N818 - it reads as what it says
    """The keys are not there or cannot be used. The message is a sentence for the people who run this."""


@dataclass(frozen=True)
class Keys:
    """The keys by their ids, the one that seals what is new first."""

    by_id: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Keys:
        """The keys in a text, with commas or line ends between.

        Raises:
            NoKey: there is none, or one is too short.
        """
        keys = [each.strip() for each in text.replace("\n", ",").split(",") if each.strip()]
        if not keys:
            raise NoKey("There is no key to seal the record with. 'make run' makes one; or set TRAIL_KEYS in .env.")
        if any(len(key) < SHORTEST for key in keys):
            raise NoKey(f"A key in TRAIL_KEYS is shorter than {SHORTEST} characters. 'amends trail key new' makes one.")
        return cls({id_of(key): key.encode() for key in keys})

    @classmethod
    def of(cls, settings: Settings) -> Keys:
        """The keys that the settings name: those of the file, if one is named, else those of TRAIL_KEYS.

        Raises:
            NoKey: there is none, one is too short, or the file cannot be read.
        """
        if not settings.trail_keys_file:
            return cls.read(settings.trail_keys.get_secret_value())
        try:
            return cls.read(Path(settings.trail_keys_file).read_text("utf-8"))
        except (OSError, UnicodeError) as error:
            raise NoKey(
                "The file that TRAIL_KEYS_FILE names cannot be read. See that it is there and is text."
            ) from error

    @property
    def newest(self) -> str:
        """The id of the key that seals what is new."""
        return next(iter(self.by_id))


def id_of(key: str) -> str:
    """The id of a key."""
    return hashlib.sha256(f"amends trail key {key}".encode()).hexdigest()[:12]
