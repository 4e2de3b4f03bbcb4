"""What a replay found, sifted and page by page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from amends.flows.explain import mid_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amends.flows import Flow
    from amends.flows.measure import Key
    from amends.flows.replay import Outcome

ON_A_PAGE = 25
_STEPS = ("response", "person")
VERDICTS = ("different", "cannot tell", "same")
Found = tuple[str, "Outcome"]


@dataclass(frozen=True)
class Result:
    """A whole replay: each incident's reference with its outcome, under `flow`."""

    flow: Flow
    outcomes: Sequence[Found]

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many of each verdict."""
        return Counter(outcome.verdict for _, outcome in self.outcomes)

    @cached_property
    def changes(self) -> list[tuple[str, str, int]]:
        """What changed in how many incidents, the most frequent first: its code, its words, the number."""
        counted: Counter[str] = Counter()
        for _, outcome in self.outcomes:
            counted.update(_codes(outcome))
        return [(code, told_change(self.flow, code), count) for code, count in counted.most_common()]

    @cached_property
    def questions(self) -> list[tuple[str, str, int]]:
        """What was not asked then and decides now, in how many incidents: id, topic, number."""
        counted = Counter(outcome.question for _, outcome in self.outcomes if outcome.question)
        return [(name, self.flow.questions[name].topic, count) for name, count in counted.most_common()]


@dataclass(frozen=True)
class Sieve:
    """Which incidents are shown: by verdict, by what changed, by the open question, by a part of the reference."""

    verdict: str = ""
    change: str = ""
    question: str = ""
    reference: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str], result: Result) -> Sieve:
        """The sieve in an address; without one, the most telling verdict that there is."""
        first = next((verdict for verdict in VERDICTS if result.counts.get(verdict)), "different")
        verdict = query.get("verdict", first)
        return cls(
            verdict if verdict in VERDICTS else "",
            query.get("change", "")[:200],
            query.get("question", "")[:40],
            query.get("reference", "").strip().upper()[:20],
        )

    def address(self, **more: str | int) -> str:
        """The part of an address after the question mark."""
        return urlencode({**vars(self), **more})

    def sift(self, result: Result) -> list[Found]:
        """The incidents that it lets through."""
        return [
            (reference, outcome)
            for reference, outcome in result.outcomes
            if self.verdict in ("", outcome.verdict)
            and self.question in ("", outcome.question)
            and self.reference in reference
            and (not self.change or self.change in _codes(outcome))
        ]


@dataclass(frozen=True)
class Row:
    """One incident side by side; what it is about is not shown. `visible`: its answers may be loaded into try."""

    reference: str
    verdict: str
    before: tuple[tuple[str, bool], ...]
    after: tuple[tuple[str, bool], ...]
    others: tuple[str, ...]
    reason: str
    visible: bool


def rows_of(flow: Flow, found: Sequence[Found], visible: set[str]) -> list[Row]:
    """Incidents ready to be shown; each step has its name, and whether only that side has it."""
    return [
        Row(
            reference,
            outcome.verdict,
            tuple((_name(flow, code), code not in outcome.after) for code in outcome.before),
            tuple((_name(flow, code), code not in outcome.before) for code in outcome.after),
            tuple(told_change(flow, code) for code in _codes(outcome) if code.split(" ")[1] not in _STEPS),
            outcome.reason,
            reference in visible,
        )
        for reference, outcome in found
    ]


def told_change(flow: Flow, code: str) -> str:
    """A change in words: 'no longer apologise', 'level 3'."""
    sign, kind, name = code.split(" ", 2)
    if kind == "ruled":
        kind, name = "ruled out", name.removeprefix("out ")
    titles = {rule.id: rule.title for rule in flow.deadlines}
    named = titles.get(name, name) if kind == "deadline" else _name(flow, name)
    words = {"level": "level ", "deadline": "the deadline ", "ruled out": "ruled out: "}.get(kind, "")
    return f"{'no longer' if sign == '-' else 'now'} {words}{mid_sentence(named)}"


def _codes(outcome: Outcome) -> list[str]:
    return [_code("-", key) for key in outcome.lost] + [_code("+", key) for key in outcome.gained]


def _code(sign: str, key: Key) -> str:
    return f"{sign} {key[0]} {key[1]}"


def _name(flow: Flow, code: str) -> str:
    return flow.codes[code].label if code in flow.codes else code
