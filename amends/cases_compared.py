"""A flow held against the public cases: what it advises, what was done, and what is wrong with either."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amends.flows import decide, parse_answers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from amends.cases import Case, Judged, Verdict
    from amends.flows import Flow


@dataclass(frozen=True)
class Compared:
    """One case: what the flow advises and what was done, each with its mistakes.

    For a judged case a mistake is a response judged wrong, or a must that is left out. For any other it is a
    difference from the best practice, None where that is disputed.
    """

    case: Case
    row: str | None
    advised: tuple[str, ...]
    flow_mistakes: tuple[str, ...] | None
    organisation_mistakes: tuple[str, ...] | None

    def as_json(self) -> dict[str, Any]:
        """The case and both verdicts, ready for JSON."""
        case = self.case.model_dump(include=_SHOWN)
        return {
            **case,
            "row": self.row,
            "advised": list(self.advised),
            "flow_acceptable": _acceptable(self.flow_mistakes),
            "flow_mistakes": self.flow_mistakes,
            "organisation_acceptable": _acceptable(self.organisation_mistakes),
            "organisation_mistakes": self.organisation_mistakes,
        }


_SHOWN = {"id", "year", "organisation", "what_they_did", "judgement", "best_practice_response", "reception"}


def compare(case: Case, flow: Flow, settings: Collection[str] = frozenset()) -> Compared:
    """Hold the flow's advice and the organisation's own doing against what was judged right."""
    decision = decide(flow, parse_answers(flow, case.facts), frozenset(settings))
    advised = tuple(step.code for step in decision.steps)
    return Compared(
        case,
        decision.row,
        advised,
        mistakes(case, advised),
        mistakes(case, case.what_they_did),
    )


def mistakes(case: Case, done: Iterable[str], *, asking: bool = False) -> tuple[str, ...] | None:
    """What is wrong with having done this, in a few words each; None when there is nothing to hold it to.

    An apology counts as having responded: it carries the words. With `asking`, a recall or a request to the
    host (report_platform) counts as taking down, which is what the judged set means by it.
    """
    codes = {"take_down" if asking and code == "report_platform" else code for code in done}
    responded = _responded(codes)
    if case.judgement is not None:
        wrong = [f"{code} is wrong" for code in with_verdict(case.judgement, "wrong") if code in codes]
        left_out = [f"{code} is left out" for code in with_verdict(case.judgement, "must") if code not in responded]
        return (*wrong, *left_out)
    if case.best_practice_response is None:
        return None
    best = _responded(case.best_practice_response)
    more = [f"{code} is not best practice" for code in PUBLIC if code in responded - best]
    less = [f"{code} is left out" for code in PUBLIC if code in best - responded]
    return (*more, *less)


PUBLIC = ("take_down", "respond", "apologise")
"""What a best practice is compared by. A light line is always optional, and roles are seldom reported."""


def with_verdict(judgement: Mapping[Judged, Verdict], verdict: Verdict) -> list[str]:
    """The responses that were judged so."""
    return [code for code, given in judgement.items() if given == verdict]


def _responded(codes: Iterable[str]) -> set[str]:
    done = set(codes)
    return done | {"respond"} if "apologise" in done else done


def _acceptable(found: tuple[str, ...] | None) -> bool | None:
    return None if found is None else not found


@dataclass(frozen=True)
class Sum:
    """How many of `cases` were dealt with acceptably, by the flow and by the organisations themselves."""

    cases: int
    flow: int
    organisations: int

    def as_json(self) -> dict[str, int]:
        """The three numbers."""
        return {"cases": self.cases, "flow": self.flow, "organisations": self.organisations}


def in_sum(compared: Iterable[Compared], *, judged: bool, asking: bool = False) -> Sum:
    """The sum over the judged cases, or over the others: those that did the same as an undisputed best practice."""
    counts: Counter[str] = Counter()
    for one in compared:
        flow = mistakes(one.case, one.advised, asking=asking)
        organisation = mistakes(one.case, one.case.what_they_did, asking=asking)
        if flow is None or organisation is None or judged != (one.case.judgement is not None):
            continue
        counts["cases"] += 1
        counts["flow"] += not flow
        counts["organisations"] += not organisation
    return Sum(counts["cases"], counts["flow"], counts["organisations"])
