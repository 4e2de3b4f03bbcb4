"""Promises in what is said in public: 'Next update 15:00', 'We will post again by noon'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.understanding.ahead import read_ahead
from amends.understanding.texts import quotations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

_NEWS = r"(?:updates?|news|information|statements?|details|answers?|reply|replies|posts?)"
_TELL = (
    r"(?:update|post|publish|report back|come back|be back|get back|let you know|let everyone know|tell you|confirm"
    r"|answer|reply|share|write|say more|give (?:an|another|a further) update|have (?:an|another|a further|more) \w+)"
)
_announced = re.compile(
    rf"\b(?:next|further|another|more|fresh|new)\s+{_NEWS}\b|^\W*more (?:to follow |to come |from us )?(?:at|by) ",
    re.IGNORECASE,
)
"""As a reply announces it; nobody says this of anything else."""
_will = re.compile(
    rf"\b(?:will|shall|'ll|going to|aim to|hope to|expect to)\s+(?:\w+\s+){{0,3}}?{_TELL}\b", re.IGNORECASE
)
"""As a reply says what we will do. Of oneself it can be a plan, and no promise."""
_told = re.compile(
    rf"\bpromis\w+\b.*\b(?:{_NEWS}|{_TELL})\b|\b{_NEWS}\b.*\bpromised\b"
    rf"|\b(?:said|told|wrote|announced)\b.*\b(?:we|i)(?:'d|'ll| would| will)\b.*\b{_TELL}\b"
    rf"|\b(?:said|told|wrote|announced)\b.*\b(?:there (?:would|will) be|expect)\b.*\b{_NEWS}\b",
    re.IGNORECASE,
)
"""As people tell of it."""
_sentence = re.compile(r"(?<=[.!?;])\s+(?=\S)|\n+")


_AROUND = " \t\"'\u201c\u201d\u2018\u2019"
"""What stands around a sentence and is no part of it."""


@dataclass(frozen=True)
class Promised:
    """What was promised: the sentence, and by when."""

    words: str
    due: datetime


def in_reply(text: str, now: datetime, zone: ZoneInfo) -> tuple[Promised, ...]:
    """The promises with a time in words that are said in public, in their order.

    Args:
        now: aware; when they are said.
        zone: where people here live.
    """
    return tuple(_found(text, now, zone, (_announced, _will)))


def in_telling(text: str, now: datetime, zone: ZoneInfo) -> tuple[Promised, ...]:
    """The promises that somebody tells of: 'we promised an update by 3', 'I replied: next update 15:00'.

    What they plan themselves, such as 'I will answer at three', is none; what they quote is read as said in public.
    """
    quoted = {one.due: one for part in quotations(text) for one in in_reply(part, now, zone)}
    told = (one for one in _found(text, now, zone, (_announced, _told)) if one.due not in quoted)
    return (*quoted.values(), *told)


def _found(text: str, now: datetime, zone: ZoneInfo, kinds: tuple[re.Pattern[str], ...]) -> Iterator[Promised]:
    times = set()
    for sentence in _sentence.split(text):
        said = next((match for kind in kinds if (match := kind.search(sentence))), None)
        if said is None:
            continue
        # The time stands behind the promise, or else at the beginning: 'At 15:00 we will post again.'
        due = read_ahead(sentence[said.start() :], now, zone) or read_ahead(sentence[: said.start()], now, zone)
        if due is not None and due not in times:
            times.add(due)
            yield Promised(sentence.strip(_AROUND), due)
