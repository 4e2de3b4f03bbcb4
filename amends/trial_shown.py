"""A decision as lines for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from amends.flows.explain import mid_sentence
from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from amends.flows import Decision, Flow

_DID = {"adds": "adds", "forbids": "rules out", "drops": "leaves out", "offers": "allows", "refuses": "had to refuse"}


def advice_lines(flow: Flow, decision: Decision, zone: ZoneInfo, titles: Mapping[str, str]) -> Iterator[Text]:
    """The whole advice.

    Args:
        flow: what decided.
        decision: what it decided.
        zone: in which times are told.
        titles: those of the clauses, by id.
    """
    for number, step in enumerate(decision.steps, 1):
        bring = " (bring in)" if step.kind == "person" else " (only if you want to)" if step.optional else ""
        yield Text.assemble((f"{number}. {flow.codes[step.code].label}{bring}:", "bold"), f" {step.how}")
        if step.clear_first:
            yield Text(f"   Words cleared first by: {_named(flow, step.clear_first)}.")
    for code, reason in decision.forbidden.items():
        yield Text.assemble(("Ruled out: ", "red"), f"{_named(flow, [code])}. {reason}")
    for act in decision.do_not:
        yield Text.assemble(("Do not: ", "red"), act)
    yield Text(f"Level {decision.level}, {decision.level_name}. Decides: {decision.decider.rstrip('. ')}.")
    for deadline in decision.deadlines:
        due = f" by {deadline.due.astimezone(zone):%d %B %Y, %H:%M}" if deadline.due else ""
        yield Text(f"Deadline: {deadline.title}{due}. {deadline.limit} {deadline.reference}")
    for letter in flow.letters_for([step.code for step in decision.steps]):
        law = f" {letter.law}" if letter.law else ""
        yield Text.assemble((f"To begin from, {letter.title}:{law}", "bold"))
        yield from (Text(f"   {point}") for point in letter.points)
    yield Text(f"Confidence: {decision.confidence.label} ({decision.confidence.value}).")
    yield from _fired(flow, decision)
    for clause in decision.cites:
        yield Text(f"Clause {clause}{' ' if clause in titles else ''}{titles.get(clause, '')}.", style="dim")
    if decision.missing:
        topics = either([flow.questions[name].topic for name in decision.missing], "and")
        yield Text(f"Not settled: it can still change with {topics}.", style="yellow")
    for rule in decision.refused:
        yield Text(f"A mistake in the flow: never-rule {rule} had to overrule the rest of it.", style="red")


def _fired(flow: Flow, decision: Decision) -> Iterator[Text]:
    for traced in decision.trace:
        if traced.did != "does not offer":
            did = _DID.get(traced.did, traced.did)
            names = f": {_named(flow, traced.codes)}" if traced.codes else ""
            yield Text(f"Fired: {traced.rule}, {traced.title}, {did}{names}.", style="dim")


def _named(flow: Flow, codes: Iterable[str]) -> str:
    return either([mid_sentence(flow.codes[code].label) for code in codes], "and")
