"""How well messages are understood: pure functions from held-out texts and what was read to measures.

`bench/understanding.py` reads the files, asks Rasa for the intents, and writes docs/understanding.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from amends.flows import Times
from amends.understanding.reading import SURE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from amends.understanding.choosing import FlowChooser
    from amends.understanding.examples import FirstMessage
    from amends.understanding.reading import Understanding, Value

TURNED_AWAY = "out_of_scope"
TIMES = "noticed_at"
NEAR = timedelta(minutes=15)
"""'About twenty past nine' may be off by this much."""


@dataclass(frozen=True)
class Said:
    """A held-out text: what it means, and the stratum it belongs to (for answers: the question)."""

    text: str
    expected: tuple[str, ...]
    stratum: str


@dataclass(frozen=True)
class Measure:
    """A share of texts, beside its goal. `misses` are the texts that count against it."""

    name: str
    count: int
    of: int
    goal: float
    better: Literal["more", "less"]
    misses: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The measured share; of nothing, none."""
        return self.count / self.of if self.of else 0.0

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.share >= self.goal if self.better == "more" else self.share <= self.goal


def read_intents(document: Mapping[str, Mapping[str, str]]) -> list[Said]:
    """The texts of intents.yml."""
    return [
        Said(text, (intent,), stratum)
        for intent, strata in document.items()
        for stratum, block in strata.items()
        for text in block.splitlines()
    ]


def read_answers(document: Mapping[str, Mapping[str, str]]) -> list[Said]:
    """The texts of answers.yml; nothing is expected of a text that does not answer."""
    return [
        Said(text, () if options == "null" else tuple(options.split("+")), question)
        for question, by_options in document.items()
        for options, block in by_options.items()
        for text in block.splitlines()
    ]


def intents(texts: Sequence[Said], got: Sequence[str]) -> list[Measure]:
    """Accuracy in scope, out-of-scope texts turned away, in-scope texts turned away."""
    pairs = list(zip(texts, got, strict=True))
    inside = [(said, intent) for said, intent in pairs if said.expected != (TURNED_AWAY,)]
    outside = [(said, intent) for said, intent in pairs if said.expected == (TURNED_AWAY,)]
    right = sum(said.expected == (intent,) for said, intent in inside)
    away = sum(intent == TURNED_AWAY for _, intent in outside)
    wrongly = [said.text for said, intent in inside if intent == TURNED_AWAY]
    wrong = tuple(f"{said.text} -> {intent}" for said, intent in inside if said.expected != (intent,))
    kept = tuple(f"{said.text} -> {intent}" for said, intent in outside if intent != TURNED_AWAY)
    return [
        Measure("intent accuracy, in scope", right, len(inside), 0.95, "more", wrong),
        Measure("out-of-scope texts turned away", away, len(outside), 0.95, "more", kept),
        Measure("in-scope texts turned away", len(wrongly), len(inside), 0.03, "less", tuple(wrongly)),
    ]


def answers(texts: Sequence[Said], reader: Understanding, now: datetime, zone: ZoneInfo) -> list[Measure]:
    """Typed answers: the right option, a wrong one taken as sure, and taking what is no answer as one."""
    right = 0
    wrong: list[str] = []
    sure: list[str] = []
    taken: list[str] = []
    meant = [said for said in texts if said.expected]
    for said in texts:
        reading = reader.answer(said.stratum, said.text, now, zone)
        note = f"{said.stratum}: {said.text} -> {_shown(reading.value)} ({reading.confidence:.2f})"
        if not said.expected:
            if reading.value is not None:
                taken.append(note)
        elif _same(reading.value, said.expected, zone) or (reading.unsure and "unsure" in said.expected):
            right += 1
        else:
            wrong.append(note)
            if reading.value is not None and reading.confidence >= SURE:
                sure.append(note)
    nothing = len(texts) - len(meant)
    return [
        Measure("typed answers: right option", right, len(meant), 0.92, "more", tuple(wrong)),
        Measure("a wrong option taken as sure", len(sure), len(meant), 0.03, "less", tuple(sure)),
        Measure("no answer, taken as one", len(taken), nothing, 0.05, "less", tuple(taken)),
    ]


def read_flows(document: Mapping[str, str]) -> list[Said]:
    """The texts of flows.yml; nothing is expected of a text that does not say what it is about."""
    return [
        Said(text, () if flow == "null" else (flow,), flow)
        for flow, block in document.items()
        for text in block.splitlines()
    ]


def flows(texts: Sequence[Said], chooser: FlowChooser) -> list[Measure]:
    """The flow that first messages choose: the right one at once, a wrong one at once, or asked about.

    Whoever is asked has the right one first or second; of a text that does not say it, being asked is right.
    """
    right = 0
    wrong: list[str] = []
    asked: list[str] = []
    late: list[str] = []
    unasked: list[str] = []
    meant = [said for said in texts if said.expected]
    for said in texts:
        chosen = chooser.choose(said.text)
        note = f"{said.stratum}: {said.text} -> {chosen.flow} ({chosen.likely[chosen.flow]:.2f})"
        if not said.expected:
            unasked += [note] if chosen.sure else []
        elif not chosen.sure:
            asked.append(note)
            late += [note] if said.expected[0] not in list(chosen.likely)[:2] else []
        elif chosen.flow == said.expected[0]:
            right += 1
        else:
            wrong.append(note)
    measures = [
        Measure("the right flow at once", right, len(meant), 0.8, "more", (*wrong, *asked)),
        Measure("a wrong flow at once", len(wrong), len(meant), 0.05, "less", tuple(wrong)),
        Measure("asked, and the right one third or fourth", len(late), len(meant), 0.02, "less", tuple(late)),
    ]
    if vague := len(texts) - len(meant):
        taken = Measure("taken, though nobody can say", len(unasked), vague, 0.2, "less", tuple(unasked))
        measures.append(taken)
    return measures


def facts(messages: Sequence[FirstMessage], reader: Understanding, now: datetime, zone: ZoneInfo) -> list[Measure]:
    """Precision and recall over single facts; what may or may not be read counts in neither."""
    right = stated = read = 0
    wrong: list[str] = []
    missed: list[str] = []
    for message in messages:
        got = {
            (question, option)
            for question, fact in reader.facts(message.text, now, zone).facts.items()
            for option in _options(question, fact.value, message, zone)
        }
        want = {(question, option) for question, options in message.facts.items() for option in options}
        may = {(question, option) for question, options in message.allowed.items() for option in options}
        right += len(got & want)
        stated += len(want)
        read += len(got - (may - want))
        wrong += [f"{message.text} -> {pair}" for pair in sorted(got - want - may)]
        missed += [f"{message.text} -> {pair}" for pair in sorted(want - got)]
    return [
        Measure("facts from first messages: precision", right, read, 0.95, "more", tuple(wrong)),
        Measure("facts from first messages: recall", right, stated, 0.75, "more", tuple(missed)),
    ]


def emergencies(
    dangerous: Sequence[str], harmless: Sequence[str], reader: Understanding, now: datetime, zone: ZoneInfo
) -> list[Measure]:
    """Emergencies that are recognised, and false alarms."""
    missed = tuple(text for text in dangerous if not reader.facts(text, now, zone).emergency)
    alarms = tuple(text for text in harmless if reader.facts(text, now, zone).emergency)
    found = len(dangerous) - len(missed)
    return [
        Measure("emergency messages recognised", found, len(dangerous), 1.0, "more", missed),
        Measure("false alarms", len(alarms), len(harmless), 1 / 500, "less", alarms),
    ]


def _same(value: Value | None, expected: tuple[str, ...], zone: ZoneInfo) -> bool:
    if isinstance(value, Times):
        want = datetime.fromisoformat(expected[0]).replace(tzinfo=zone)
        return value.posted is not None and abs(value.posted - want) <= NEAR
    given = (value,) if isinstance(value, str) else value or ()
    return set(given) == set(expected)


def _options(question: str, value: Value, message: FirstMessage, zone: ZoneInfo) -> tuple[str, ...]:
    """The options of a fact; a time near the stated one counts as that one."""
    if not isinstance(value, Times):
        return (value,) if isinstance(value, str) else value
    posted = value.posted
    if posted is None:
        return ()
    for stated in (*message.facts.get(question, ()), *message.allowed.get(question, ())):
        hour, minute = map(int, stated.split(":"))
        local = posted.astimezone(zone)
        if abs(local - local.replace(hour=hour, minute=minute)) <= NEAR:
            return (stated,)
    return (posted.isoformat(),)


def _shown(value: Value | None) -> str:
    if isinstance(value, Times):
        return f"{value.posted:%d %H:%M}" if value.posted else "-"
    return value if isinstance(value, str) else "+".join(value or ("nothing",))
