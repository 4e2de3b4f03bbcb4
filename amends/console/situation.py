"""A situation in the address of a page: the answers, the switches and the version, so that it can be shared.

A question's answers stand under its own name. Everything else has a hyphen in its name, which no question has:
`of-version`, `set-NAME` for a setting of the organisation, `NAME-posted` and `NAME-noticed` for times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from amends.flows import AnswerError, answers_json, parse_answers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from zoneinfo import ZoneInfo

    from starlette.datastructures import QueryParams

    from amends.flows import Answer, Flow
    from amends.flows.answers import Answers
    from amends.flows.model import Question

VERSION = "of-version"
SWITCH = "set-"
BESIDE = "beside-version"
CLEAR = "clear-one"
LOADED = "loaded-from"
FIRST_YEAR, LAST_YEAR = 1990, 2100
_REFERENCE = re.compile(r"[\w.-]{1,60}")
_SHOWN_SETTINGS = ("on", "off")


@dataclass(frozen=True)
class Situation:
    """What is tried: answers, and the settings that are on.

    `version` names what is tried, `beside` a second version to hold against it, empty for none. `switches` are
    the settings that the address sets, whatever the organisation has; `notes` are sentences about what the
    address says and this version of the flow does not know.
    """

    version: str
    answers: Answers
    settings: frozenset[str]
    switches: Mapping[str, str] = field(default_factory=dict)
    beside: str = ""
    loaded: str = ""
    notes: tuple[str, ...] = ()

    def address(self, zone: ZoneInfo, **instead: Any) -> str:
        """The part of an address after the question mark.

        Args:
            zone: in which times are written.
            instead: fields of this situation that are different there.
        """
        there = replace(self, **instead)
        pairs = [(VERSION, there.version)] if there.version else []
        pairs += [(BESIDE, there.beside)] if there.beside else []
        pairs += [(LOADED, there.loaded)] if there.loaded else []
        pairs += [(f"{SWITCH}{name}", value) for name, value in there.switches.items()]
        return urlencode([*pairs, *pairs_of(answers_json(there.answers), zone)])


def pairs_of(raw: Mapping[str, Any], zone: ZoneInfo) -> list[tuple[str, str]]:
    """Answers in JSON as the fields of an address, whatever version they were given to.

    An answer that was only understood becomes one that counts as confirmed.
    """
    pairs: list[tuple[str, str]] = []
    for name, answer in raw.items():
        value = answer["value"] if isinstance(answer, dict) and "value" in answer else answer
        if isinstance(value, dict):
            times = ((key, datetime.fromisoformat(time)) for key, time in value.items() if time)
            pairs += [(f"{name}-{key}", local(time, zone)) for key, time in times]
        else:
            pairs += [(name, option) for option in (value if isinstance(value, list) else [value])]
    return pairs


def local(time: datetime, zone: ZoneInfo) -> str:
    """A time as a field for date and time writes it: in the organisation's zone, to the minute."""
    return time.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def read_situation(flow: Flow, query: QueryParams, zone: ZoneInfo, on: Collection[str] = ()) -> Situation:
    """The situation in an address. What cannot be used is left out, and a sentence says so.

    Args:
        flow: the version whose questions are answered.
        query: of the address.
        zone: in which times are written.
        on: the organisation's settings that are on.
    """
    notes: list[str] = []
    raw: dict[str, Any] = {}
    for question in flow.questions.values():
        if question.id == query.get(CLEAR):
            continue
        value = _times(question, query, zone, notes) if question.kind == "times" else _options(question, query)
        if value:
            raw[question.id] = value
    known = {*flow.questions, *(f"{q.id}-{key}" for q in flow.questions.values() for key in ("posted", "noticed"))}
    strange = [name for name in dict.fromkeys(query) if "-" not in name and name not in known]
    notes += [f"This version has no question {name[:40]}. Its answer is left out." for name in strange]
    answers = usable_answers(flow, raw, notes)
    switches = {name: query[f"{SWITCH}{name}"] for name in flow.settings if query.get(f"{SWITCH}{name}")}
    switches = {name: value for name, value in switches.items() if value in _SHOWN_SETTINGS}
    settings = {name for name in flow.settings if switches.get(name, "on" if name in on else "off") == "on"}
    loaded = query.get(LOADED, "")
    return Situation(
        query.get(VERSION, "")[:64],
        answers,
        frozenset(settings),
        switches,
        query.get(BESIDE, "")[:64],
        loaded if _REFERENCE.fullmatch(loaded) else "",
        tuple(notes),
    )


def usable_answers(flow: Flow, raw: Mapping[str, Any], notes: list[str]) -> dict[str, Answer]:
    """Those answers that this version of the flow knows; a sentence for each of the others goes to `notes`."""
    answers: dict[str, Answer] = {}
    for name, value in raw.items():
        if isinstance(value, list):
            known, gone = _known(flow, name, value)
            notes += [f"This version has no option {option[:40]} of {name}. It is left out." for option in gone]
        else:
            known = value
        try:
            answers |= parse_answers(flow, {name: known})
        except AnswerError as error:
            notes.append(f"{error} That answer is left out.")
    order = list(flow.questions)
    return dict(sorted(answers.items(), key=lambda pair: order.index(pair[0])))


def _known(flow: Flow, name: str, value: list[str]) -> tuple[list[str], list[str]]:
    question = flow.questions.get(name)
    if question is None:
        return value, []
    gone = [option for option in value if option not in question.options]
    return [option for option in value if option in question.options], gone


def _options(question: Question, query: QueryParams) -> Any:
    values = [value for value in query.getlist(question.id) if value]
    if question.kind == "many" or not values:
        return values
    return values[-1]


def _times(question: Question, query: QueryParams, zone: ZoneInfo, notes: list[str]) -> dict[str, str]:
    found = {}
    for key in ("posted", "noticed"):
        text = query.get(f"{question.id}-{key}", "")
        if not text:
            continue
        try:
            time = datetime.fromisoformat(text).replace(tzinfo=zone)
        except ValueError:
            time = None
        if time is None or not FIRST_YEAR <= time.year <= LAST_YEAR:
            notes.append(f"The time that it was {key} cannot be read, so it is left out. Pick it again.")
        else:
            found[key] = time.isoformat()
    return found
