"""One message of a person, as the conversation sees it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LONGEST_TEXT = 10_000
"""A longer message is cut, and the person is told."""
LONGEST_KEY = 200
"""Of what is done once, as the record takes it."""

_control = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")


@dataclass(frozen=True)
class Turn:
    """A message: who said what, under which key, and what Rasa took it for.

    The key names the delivery: however often it comes, what it asks for is done once. `entities` are what a
    pressed button carries; typed words carry none.
    """

    conversation_id: str
    actor_id: str
    actor_name: str
    key: str
    text: str
    intent: str
    said_at: datetime
    source: str
    entities: Mapping[str, str] = field(default_factory=dict)
    confidence: float = 1.0
    cut: bool = False
    rival: str = ""
    """Another intent that is about as likely."""

    @property
    def pressed(self) -> bool:
        """Whether a button was pressed, so that there are no words to understand."""
        return self.text.startswith("/")

    @property
    def words(self) -> str:
        """What was typed; nothing when a button was pressed."""
        return "" if self.pressed else self.text


def once_key(conversation_id: str, key: str) -> str:
    """Names what a message asks for, so that it is done once.

    Args:
        key: of its delivery.
    """
    whole = f"turn {conversation_id} {key}"
    return whole if len(whole) <= LONGEST_KEY else f"turn {hashlib.sha256(whole.encode()).hexdigest()}"


def clean(text: str) -> tuple[str, bool]:
    """The text without characters that nobody sees, and whether it had to be cut.

    Line breaks and tabs stay; other control characters, zero-width ones and those that turn the direction of
    writing are taken out, because they can make a record look other than it is. Halves of surrogate pairs are no text.
    """
    text = _control.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return text[:LONGEST_TEXT], len(text) > LONGEST_TEXT
