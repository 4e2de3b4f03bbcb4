"""What owners edit: flows and policies, each one text with a name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["flow", "policy"]
FOLDERS: dict[Kind, str] = {"flow": "flows", "policy": "policies"}


class WorkshopError(Exception):
    """Something an owner cannot do now. The message is a sentence for them."""


@dataclass(frozen=True, order=True)
class Document:
    """One file that owners edit: `data/flows/NAME.yml` or `data/policies/NAME.yml`."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        """`flow/problem_post`."""
        return f"{self.kind}/{self.name}"

    def path(self, data: Path) -> Path:
        """Where its file stands in a `data` folder."""
        return data / FOLDERS[self.kind] / f"{self.name}.yml"


@dataclass(frozen=True)
class Owner:
    """A policy owner: the id is theirs alone, the name is what they gave."""

    id: str
    name: str


def hash_of(text: str) -> str:
    """What identifies a text: the SHA-256 of it in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def in_folder(data: Path) -> list[Document]:
    """The documents whose files stand in a `data` folder."""
    return sorted(
        Document(kind, path.stem) for kind, folder in FOLDERS.items() for path in (data / folder).glob("*.yml")
    )
