"""Whether a draft for an official account sounds like one person's own life. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.drafts.finding import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

_own_life = re.compile(
    r"\bi(?: am|['\u2019]m)? (?:so |really |just )?(?:hate|love|hungover|drunk|bored|knackered|starving|binge\w*|going home|in bed|single|pregnant|off to the pub)\b|"
    r"\bi(?: am|['\u2019]m) (?:so |really )(?:\w+)\b|"
    r"\bmy (?:boyfriend|girlfriend|husband|wife|partner|ex|mum|dad|mother|father|kids?|son|daughter|cat|dog|boss|job|hangover|date|flatmate|bed)\b|"
    r"\b(?:omg|lol|can['\u2019]?t wait to see my|who wants to go to the pub|love you|xoxo|xx+)\b|\bi want to (?:go home|quit|sleep)\b",
    re.IGNORECASE,
)
_speaker = re.compile(r"[\"\u201c\u2018].{0,200}?\b(?:i|my)\b.{0,200}?[\"\u201d\u2019]", re.IGNORECASE | re.DOTALL)


def tone_marks(text: str) -> Iterator[Mark]:
    """Words of a private life, outside of what somebody is quoted with."""
    quoted = [match.span() for match in _speaker.finditer(text)]
    for match in _own_life.finditer(text):
        if not any(start <= match.start() < end for start, end in quoted):
            yield Mark("account", match.start(), match.end())
