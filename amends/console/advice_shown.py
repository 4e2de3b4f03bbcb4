"""The advice of a flow for one situation, with all its reasons, as the page that tries a flow shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.console.words import cap
from amends.flows import recommend, why, why_not
from amends.flows.answers import mask_of, options_of
from amends.flows.explain import mid_sentence, reasons
from amends.flows.pivots import pivots
from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from amends.flows import Decision, Flow, Step, Traced
    from amends.flows.answers import Answers
    from amends.flows.pivots import Pivot
    from amends.policies.library import Cited, Library

DID = {
    "recommends": "advises",
    "adds": "adds",
    "forbids": "rules out",
    "applies": "applies and adds nothing new",
    "drops": "leaves out",
    "offers": "allows",
    "does not offer": "does not allow",
    "refuses": "had to refuse",
}
"""What a rule did, in words."""
_SECTION = {"gate": "gates", "row": "rows", "floor": "floors", "offer": "offers", "never": "never"}
MOST_REASONS = 4
"""More reasons against one thing than this are folded away."""


@dataclass(frozen=True)
class ShownStep:
    """One thing to do. `cleared_by` are the roles that clear its words first."""

    code: str
    label: str
    how: str
    person: bool
    optional: bool
    cleared_by: str


@dataclass(frozen=True)
class Fired:
    """One rule that fired, in words, with its place in the editor (`gates/B1`)."""

    rule: str
    title: str
    did: str
    why: str
    clauses: tuple[str, ...]
    place: str


@dataclass(frozen=True)
class Other:
    """Something that is not advised: why, and the one answer that would bring it in, if one does."""

    code: str
    label: str
    ruled_out: bool
    reasons: tuple[str, ...]
    pivot: Pivot | None
    looked_further: str = ""


@dataclass(frozen=True)
class Advice:
    """A decision, made ready to be shown."""

    decision: Decision
    steps: tuple[ShownStep, ...]
    refusals: tuple[tuple[str, str], ...]
    clauses: tuple[Cited, ...]
    fired: tuple[Fired, ...]
    why: tuple[str, ...]
    others: tuple[Other, ...]
    pivots: tuple[Pivot, ...]
    overruled: tuple[str, ...]

    @property
    def in_short(self) -> str:
        """The advice in one line, which is read out when it changes."""
        steps = either([mid_sentence(step.label) for step in self.steps], "and") or "nothing"
        return f"{cap(steps)}. Level {self.decision.level}."


def advice_for(
    flow: Flow, answers: Answers, settings: Collection[str], library: Library, look_further: str = ""
) -> Advice:
    """What `flow` advises for these answers, and why.

    Args:
        flow: the version that is tried.
        answers: those given.
        settings: the organisation's yes/no settings that are on.
        library: the clauses.
        look_further: a response or role for which changes of two answers are looked for, too.
    """
    decision = recommend(flow, answers, settings)
    given = {name: options_of(flow.questions[name], mask_of(flow.questions[name], a)) for name, a in answers.items()}
    changes = pivots(flow, answers, settings)
    titles = {rule.id: rule.title for rule in flow.never}
    return Advice(
        decision=decision,
        steps=tuple(_step(flow, step) for step in decision.steps),
        refusals=tuple((_label(flow, code), reason) for code, reason in decision.forbidden.items()),
        clauses=library.for_decision(decision.cites, given, decision.responses),
        fired=tuple(_fired(flow, decision.trace)),
        why=tuple(line for line in why(flow, answers, settings).split("\n") if line),
        others=tuple(_others(flow, answers, settings, decision, changes, look_further)),
        pivots=changes,
        overruled=tuple(titles.get(rule, rule) for rule in decision.refused),
    )


def _step(flow: Flow, step: Step) -> ShownStep:
    roles = either([_label(flow, role) for role in step.clear_first], "and")
    return ShownStep(step.code, _label(flow, step.code), step.how, step.kind == "person", step.optional, roles)


def _fired(flow: Flow, trace: Iterable[Traced]) -> Iterable[Fired]:
    """The rules in the order in which they had their say; each line of an offer stands under its offer."""
    offer_of = {line.id: offer.id for offer in flow.offers for line in offer.lines}
    section_of = dict.fromkeys(flow.gates, "gates") | {rule.id: "never" for rule in flow.never}
    for traced in trace:
        rule = offer_of.get(traced.rule, traced.rule)
        section = section_of[rule] if traced.kind == "forbidden" else _SECTION[traced.kind]
        names = either([mid_sentence(_label(flow, code)) for code in traced.codes], "and")
        did = f"{DID[traced.did]}: {names}" if names else DID[traced.did]
        yield Fired(traced.rule, traced.title, did, traced.why, traced.clauses, f"{section}/{rule}")


def _others(
    flow: Flow,
    answers: Answers,
    settings: Collection[str],
    decision: Decision,
    changes: tuple[Pivot, ...],
    look_further: str,
) -> Iterable[Other]:
    advised = {step.code for step in decision.steps}
    for code, known in flow.codes.items():
        if code in advised:
            continue
        pivot = next((one for one in changes if (known.kind, code) in one.gained), None)
        said = tuple(reasons(flow, answers, settings, decision, code))
        further = ""
        if code == look_further and pivot is None:
            further = why_not(flow, answers, code, settings).text.split("\n")[-1]
        yield Other(code, known.label, code in decision.forbidden, said, pivot, further)


def _label(flow: Flow, code: str) -> str:
    return flow.codes[code].label
