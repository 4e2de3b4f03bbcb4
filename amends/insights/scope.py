"""Which incidents the figures are of: what was chosen, in the address and in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from amends.insights.facts import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

SPLITS = ("flow", "level", "row", "kind", "month")
"""What a time can be split by."""
LEVELS = range(10)
NAMES = {"since": "from", "until": "to"}
"""Parts of a choice that have another name in the address."""
FIRST_YEAR, LAST_YEAR = 1970, 9998

_month = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_code = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class NotAScope(ValueError):  # noqa: N818 - it reads as what it says
    """The address asks for something that cannot be shown. The message is a sentence for the person."""


@dataclass(frozen=True)
class Scope:
    """What was chosen. Months are written as 2026-03; `until` is the last month that counts."""

    since: str | None = None
    until: str | None = None
    level: int | None = None
    row: str | None = None
    kind: str | None = None
    channel: str | None = None
    span: Span = Span.ADVICE
    by: str = "level"
    version: str | None = None
    flow: str | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Scope:
        """What an address asks for; what it does not name, or leaves empty, is not chosen.

        Raises:
            NotAScope: a value that cannot be.
        """
        names = {each.name: NAMES.get(each.name, each.name) for each in fields(cls)}
        given = {name: query[key].strip() for name, key in names.items() if query.get(key, "").strip()}
        for name in ("since", "until"):
            if name in given and not _is_month(given[name]):
                raise NotAScope("A month is written as 2026-03, with the year first.")
        if given.get("since", "") > given.get("until", "9999"):
            raise NotAScope("The first month is after the last. Change one of them.")
        for name in ("flow", "row", "kind", "channel", "version"):
            if name in given and not _code.fullmatch(given[name]):
                raise NotAScope(f"'{given[name][:40]}' is not a {name} that there can be. Choose one from the list.")
        level = given.pop("level", None)
        if level is not None and (not level.isdecimal() or not level.isascii() or int(level) not in LEVELS):
            raise NotAScope("A level is a number such as 2. Choose one from the list.")
        span, by = given.pop("span", Span.ADVICE), given.pop("by", "level")
        if span not in list(Span) or by not in SPLITS:
            raise NotAScope("Choose from the lists which time to show, and what to split it by.")
        return cls(**given, level=None if level is None else int(level), span=Span(span), by=by)

    def query(self, **changed: str | None) -> str:
        """The choice as the query of an address, with some of it changed; None takes a part away."""
        usual = Scope()
        parts: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)} | changed
        return urlencode(
            {
                NAMES.get(name, name): str(value)
                for name, value in parts.items()
                if value is not None and value != getattr(usual, name)
            }
        )

    def wider(self) -> Iterator[Scope]:
        """The same choice without one thing that narrows it, for each of them."""
        for name in NARROWING:
            if getattr(self, name) is not None:
                without: dict[str, Any] = {name: None}
                yield replace(self, **without)


NARROWING = ("since", "until", "flow", "level", "row", "kind", "channel")


def begins(month: str, zone: ZoneInfo) -> int:
    """When a month begins, in seconds since 1970."""
    year, number = (int(part) for part in month.split("-"))
    return int(datetime(year, number, 1, tzinfo=zone).timestamp())


def next_month(month: str) -> str:
    """The month behind a month."""
    year, number = (int(part) for part in month.split("-"))
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def month_of(seconds: int, zone: ZoneInfo) -> str:
    """The month that a time lies in."""
    return f"{datetime.fromtimestamp(seconds, zone):%Y-%m}"


def _is_month(text: str) -> bool:
    return bool(_month.fullmatch(text)) and FIRST_YEAR <= int(text[:4]) <= LAST_YEAR
