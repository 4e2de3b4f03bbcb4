"""What a list of incidents is narrowed to: read from an address, said in words, written into an address again."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from amends.incidents.record import OPEN_STATES, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LONGEST_TEXT = 200
MOST_VALUES = 20
"""Values of one part, such as clauses."""
LEVELS = (0, 1, 2, 3)
NOBODY = "none"
"""As the lead: incidents that nobody leads."""

_code = re.compile(r"[^\s\x00-\x1f\ud800-\udfff]{1,120}")


class BadFilter(ValueError):  # noqa: N818 - it reads as what it says
    """An address that no filter can be read from. The message is a sentence for the person."""


class Drill(StrEnum):
    """Whether practice incidents are in a list; they are mixed with real ones only when that is asked for."""

    LEFT_OUT = "no"
    ONLY = "yes"
    TOO = "any"


@dataclass(frozen=True)
class Filter:
    """What to show. Parts hold together; of the values of one part, any will do; an empty part leaves all in.

    `since` and `until` are days on which it was reported, both included, in the organisation's zone. `roles` are those
    that the advice brings in. `lead` is a participant's id, or `NOBODY`. `late` are those with a deadline or a step
    that ran out before it was done. `flows` are those that the incidents go by.
    """

    text: str = ""
    since: date | None = None
    until: date | None = None
    levels: tuple[int, ...] = ()
    responses: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    lead: str = ""
    restricted: bool | None = None
    drill: Drill = Drill.LEFT_OUT
    late: bool = False
    flows: tuple[str, ...] = ()

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Filter:
        """The filter of an address's query, such as `request.query_params.multi_items()`.

        Empty values and names that are no part of a filter are passed over.

        Raises:
            BadFilter: a value cannot be read, or there are too many.
        """
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            if name in _PARTS and value.strip():
                given.setdefault(name, []).append(value.strip())
        for name, values in given.items():
            if len(values) > MOST_VALUES:
                raise BadFilter(f"That is too much to filter by: at most {MOST_VALUES} values of '{name}'.")
        read: dict[str, Any] = {_PARTS[name]: _READ[_PARTS[name]](name, values) for name, values in given.items()}
        return cls(**read)

    def pairs(self) -> list[tuple[str, str]]:
        """The names and values of an address, always in the same order; nothing for what leaves all in."""
        pairs: list[tuple[str, str]] = []
        for part in fields(self):
            value = getattr(self, part.name)
            if value != part.default:
                several = value if isinstance(value, tuple) else (value,)
                pairs += [(_NAMES[part.name], _written(each)) for each in several]
        return pairs

    def query(self, **more: str) -> str:
        """The filter as the query of an address, without the question mark; `more` is added where it is not empty."""
        return urlencode([*self.pairs(), *((name, value) for name, value in more.items() if value)])

    def without(self, part: str, value: Any = None) -> Filter:
        """The filter without a part, or without one of its values."""
        now = getattr(self, part)
        left: Any = _DEFAULTS[part]
        if isinstance(now, tuple) and value is not None:
            left = tuple(each for each in now if each != value)
        changed: dict[str, Any] = {part: left}
        return replace(self, **changed)

    def __bool__(self) -> bool:
        """Whether anything is left out, beside the drills."""
        return self != Filter()


_NAMES = {
    "text": "q",
    "since": "from",
    "until": "to",
    "levels": "level",
    "responses": "response",
    "rows": "row",
    "clauses": "clause",
    "roles": "role",
    "channels": "channel",
    "states": "state",
    "lead": "lead",
    "restricted": "restricted",
    "drill": "drill",
    "late": "late",
    "flows": "flow",
}
_PARTS = {name: part for part, name in _NAMES.items()}
_DEFAULTS = {part.name: part.default for part in fields(Filter)}
OPEN = "open"
"""As a state: all that are not closed or stopped."""


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


def _text(_name: str, values: list[str]) -> str:
    text = " ".join(values)
    if len(text) > LONGEST_TEXT:
        raise BadFilter(f"That is too long to search for. Use at most {LONGEST_TEXT} characters.")
    return text.encode("utf-8", "replace").decode().replace("\x00", " ").strip()


def _day(name: str, values: list[str]) -> date:
    try:
        return date.fromisoformat(values[-1])
    except ValueError as error:
        raise BadFilter(f"'{values[-1][:40]}' is not a day for '{name}'. Write it such as 2026-11-25.") from error


def _level(_name: str, values: list[str]) -> tuple[int, ...]:
    strange = [value for value in values if value not in {str(level) for level in LEVELS}]
    if strange:
        raise BadFilter(f"There is no level {strange[0][:40]}. Levels go from {LEVELS[0]} to {LEVELS[-1]}.")
    return tuple(sorted({int(value) for value in values}))


def _codes(name: str, values: list[str]) -> tuple[str, ...]:
    strange = [value for value in values if not _code.fullmatch(value)]
    if strange:
        raise BadFilter(f"'{strange[0][:40]}' cannot be a value of '{name}'.")
    return tuple(sorted(set(values)))


def _state(_name: str, values: list[str]) -> tuple[str, ...]:
    known = [str(state) for state in State]
    strange = [value for value in values if value not in {*known, OPEN}]
    if strange:
        raise BadFilter(f"There is no state {strange[0][:40]}. There are: {', '.join([OPEN, *known])}.")
    wanted = {*values, *(OPEN_STATES if OPEN in values else ())}
    return tuple(state for state in known if state in wanted)


def _one(name: str, values: list[str]) -> str:
    return _codes(name, values[-1:])[0]


def _yes(name: str, values: list[str]) -> bool:
    if values[-1] not in {"yes", "no"}:
        raise BadFilter(f"'{values[-1][:40]}' cannot be a value of '{name}': say yes or no.")
    return values[-1] == "yes"


def _drill(_name: str, values: list[str]) -> Drill:
    try:
        return Drill(values[-1])
    except ValueError as error:
        raise BadFilter(f"'{values[-1][:40]}' cannot be a value of 'drill': say yes, no or any.") from error


_READ: dict[str, Callable[[str, list[str]], Any]] = {
    "text": _text,
    "since": _day,
    "until": _day,
    "levels": _level,
    "responses": _codes,
    "rows": _codes,
    "clauses": _codes,
    "roles": _codes,
    "channels": _codes,
    "states": _state,
    "lead": _one,
    "restricted": _yes,
    "drill": _drill,
    "late": _yes,
    "flows": _codes,
}
