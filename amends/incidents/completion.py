"""How far the conversation with the public is: what is asked after a reply went out, and what was promised in it.

A reply is not the end of it: questions stay open, a correction is buried, "next update 15:00" is forgotten. So after
`respond` or `apologise` was done four questions are asked, at the times that the level names in the flow
(`look_again`), until each is settled. All of it is read from the incident's row; nothing is written here but that.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from amends.incidents.advice import steps_of
from amends.incidents.asked_after import QUESTIONS, UPDATE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from amends.incidents.asked_after import Option
    from amends.incidents.models import Incident

PUBLIC_REPLIES = ("respond", "apologise")
"""The steps that begin a conversation which has to be finished."""
LOOK_AGAIN = {3: timedelta(hours=1), 2: timedelta(hours=2), 1: timedelta(days=1), 0: timedelta(days=1)}
"""When to look again, by level, where the flow's own words name no time: the level table of the decision model."""

_length = re.compile(
    r"\b(?:(?P<count>\d{1,3})|an?|one)\s+(?P<unit>minute|hour|day|week)s?\b|\b(?:next|following) (?:working )?day\b",
    re.IGNORECASE,
)
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}


@dataclass(frozen=True)
class Given:
    """The last answer to a question. `count`: how often it was answered so far."""

    option: Option
    who: str
    at: datetime
    count: int


@dataclass(frozen=True)
class Promise:
    """Something that was promised in public, in the words that were used, and by when. One that is over has `ended`."""

    number: int
    words: str
    due: datetime
    who: str
    at: datetime
    ended: datetime | None = None
    kept: bool = False

    @property
    def code(self) -> str:
        """Names it among what runs in its incident."""
        return f"promise-{self.number}"


@dataclass(frozen=True)
class Completion:
    """How far the conversation of one incident is.

    `begun` is when the last public reply went out, or when it was all asked anew; None while there is no reply.
    `looks` are the times between two looks; the last one repeats.
    """

    begun: datetime | None
    looks: tuple[timedelta, ...]
    answers: Mapping[str, Given]
    promises: tuple[Promise, ...]

    @property
    def open_promises(self) -> tuple[Promise, ...]:
        """The promises that are neither kept nor taken back, the earliest first."""
        return tuple(sorted((one for one in self.promises if one.ended is None), key=lambda one: one.due))

    @property
    def left(self) -> tuple[str, ...]:
        """The questions that are not settled. Without a public reply only that of promises can be open."""
        return tuple(code for code in QUESTIONS if self._is_left(code))

    @property
    def open(self) -> tuple[str, ...]:
        """What is not settled, each in a few words."""
        return tuple(QUESTIONS[code].open for code in self.left)

    @property
    def next_look(self) -> datetime | None:
        """When it is asked again; None when nothing is left to ask. Open promises have their own times."""
        times = [self._asked_at(code) for code in self.left if code != UPDATE or not self.open_promises]
        return min(times, default=None)

    def due(self, now: datetime) -> tuple[str, ...]:
        """The questions whose time has come."""
        return tuple(code for code in self.left if self._asked_at(code) <= now)

    def options(self, code: str) -> tuple[Option, ...]:
        """The answers that a question has now: nobody can say that nothing was promised while a promise is open."""
        options = QUESTIONS[code].options
        return tuple(one for one in options if one.code != "none") if code == UPDATE and self.open_promises else options

    def _is_left(self, code: str) -> bool:
        if code == UPDATE and self.open_promises:
            return True
        given = self.answers.get(code)
        return self.begun is not None and (given is None or not given.option.settles)

    def _asked_at(self, code: str) -> datetime:
        given = self.answers.get(code)
        if given is not None and not given.option.settles:
            return given.at + self.looks[min(given.count, len(self.looks) - 1)]
        if code == UPDATE and self.open_promises:
            return self.open_promises[0].due
        assert self.begun is not None
        return self.begun + self.looks[0]


_NOTHING = Completion(None, (), {}, ())


def of(incident: Incident) -> Completion:
    """How far the conversation of an incident is. What was answered before the last public reply counts no more.

    Nobody outside was told anything in a drill, so nothing of it is left to finish.
    """
    if incident.drill:
        return Completion(None, _looks(incident), {}, ())
    if incident.completion is None and not any(f'"{code}"' in incident.done for code in PUBLIC_REPLIES):
        return _NOTHING  # most incidents of a long list: nothing has to be read for them
    kept = stored(incident)
    begun = _begun(incident, kept)
    given = {code: _given(code, one) for code, one in kept["answers"].items()}
    answers = {code: one for code, one in given.items() if begun is None or one.at >= begun}
    return Completion(begun, _looks(incident), answers, tuple(map(_promise, kept["promises"])))


def stored(incident: Incident) -> dict[str, Any]:
    """What the row holds: `since` (when it was asked anew), `answers` by question, `promises` in order."""
    kept: dict[str, Any] = json.loads(incident.completion) if incident.completion else {}
    return {"since": None, "answers": {}, "promises": [], **kept}


def store(incident: Incident, kept: Mapping[str, Any]) -> None:
    """Keep it in the row."""
    incident.completion = json.dumps(kept, ensure_ascii=False)


def forget(incident: Incident, instead: str, who: Collection[str] | None = None) -> None:
    """Take out the words of all promises; or, of these people (ids, names), their words and that they did it."""
    if incident.completion is None:
        return
    kept = stored(incident)
    for one in (*kept["answers"].values(), *kept["promises"]):
        if who is None or one["who"] in who:
            one.update({"words": instead} if "words" in one else {})
            one.update({"who": instead} if who is not None else {})
    store(incident, kept)


def _begun(incident: Incident, kept: Mapping[str, Any]) -> datetime | None:
    done = json.loads(incident.done)
    advised = {step["code"] for step in steps_of(incident)}
    times = [done[code]["at"] for code in PUBLIC_REPLIES if code in done and code in advised]
    if not times:
        return None
    return max(datetime.fromisoformat(time) for time in (*times, *filter(None, [kept["since"]])))


def _looks(incident: Incident) -> tuple[timedelta, ...]:
    """The times that the level of the advice names in words: 'in 2 hours, then in 24 hours'."""
    decision = json.loads(incident.decision) if incident.decision else {}
    found = []
    for length in _length.finditer(decision.get("look_again", "")):
        unit = _UNITS[(length["unit"] or "day").lower()]
        found.append(unit * int(length["count"] or 1))
    return tuple(found) or (LOOK_AGAIN[min(max(incident.level or 0, 0), 3)],)


def _given(code: str, one: Mapping[str, Any]) -> Given:
    option = next(each for each in QUESTIONS[code].options if each.code == one["option"])
    return Given(option, one["who"], datetime.fromisoformat(one["at"]), one["count"])


def _promise(one: Mapping[str, Any]) -> Promise:
    return Promise(
        number=one["number"],
        words=one["words"],
        due=datetime.fromisoformat(one["due"]),
        who=one["who"],
        at=datetime.fromisoformat(one["at"]),
        ended=datetime.fromisoformat(one["ended"]) if one["ended"] else None,
        kept=one["kept"],
    )
