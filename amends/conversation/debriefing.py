"""The look back after a drill: what was done, what was judged right, what the organisation did, and why."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from amends.conversation import cards, drill_words, wording
from amends.conversation.replies import Button, DebriefReply, Section, press
from amends.drills.outcome import Outcome, facts, judged, otherwise
from amends.flows import recommend
from amends.incidents.advice import steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amends.cases import Case as Known
    from amends.conversation.case import Case
    from amends.drills.library import Drill
    from amends.drills.tables import Practice

MOST_CLAUSES = 6


def outcome_of(case: Case, go: Practice, known: Known) -> Outcome:
    """What came of a drill, as its incident stands now."""

    def after(time: datetime) -> int:
        return max(0, int((time - go.began_at).total_seconds()))

    steps = {code: after(datetime.fromisoformat(mark["at"])) for code, mark in case.done.items()}
    return Outcome(
        seconds=after(case.talk.at),
        steps=dict(sorted(steps.items(), key=lambda one: one[1])),
        judged=judged(known, case.done),
        otherwise=otherwise(known, case.flow, case.answers),
        stopped=case.incident.decision is None,
    )


def debrief(case: Case, drill: Drill, known: Known, outcome: Outcome) -> DebriefReply:
    """The look back: what was done, what the organisation did, what was judged right, and the clauses behind it."""
    sections = tuple(
        Section(title=title, lines=tuple(lines)) for title, lines in _sections(case, drill, known, outcome)
    )
    title = f"The drill is over: {drill.title}"
    text = "\n".join([f"{title}.", *(f"{each.title}: {' '.join(each.lines)}" for each in sections)])
    library = case.talk.tools.shelf.clauses()
    answers = facts(known, case.flow)
    decision = recommend(case.flow, answers, case.settings)
    codes = {question: cards.values_of(answer) for question, answer in answers.items()}
    cited = library.for_decision(decision.cites, codes, decision.responses)[:MOST_CLAUSES]
    return DebriefReply(
        text=text,
        buttons=(another(),),
        title=title,
        sections=sections,
        clauses=tuple(cards.clause_card(one.clause, one.note) for one in cited),
    )


def _sections(case: Case, drill: Drill, known: Known, outcome: Outcome) -> Iterator[tuple[str, list[str]]]:
    labels = {code: wording.labelled(role.label) for code, role in case.flow.codes.items()}
    yield "Time", [drill_words.took(outcome.seconds, drill, known)]
    yield "What you did", drill_words.steps(outcome.steps, labels)
    there = [each for each in outcome.judged if each.code in labels]
    advised = _advised(case, known)
    yield (
        f"What {drill_words.BASIS[known.basis]} held right",
        [drill_words.judged(each, labels[each.code], advised.get(each.code)) for each in there],
    )
    did = [wording.low(labels[code]) for code in known.what_they_did if code in labels]
    yield (
        "What the organisation did",
        [f"In this order: {', '.join(did)}." if did else "Nothing in public.", drill_words.RECEIVED[known.reception]],
    )
    yield "Why", [known.lesson]
    read = list(_read_otherwise(case, outcome))
    if read:
        yield "What you read otherwise", read
    yield "The case", [drill_words.was(known)]


def _advised(case: Case, known: Known) -> dict[str, bool]:
    """Which of the judged responses the answers led to; nothing when there was no advice, or a lead decided."""
    if case.incident.decision is None or case.incident.override is not None:
        return {}
    return {each.code: each.done for each in judged(known, [step["code"] for step in steps_of(case.incident)])}


def _read_otherwise(case: Case, outcome: Outcome) -> Iterator[str]:
    for each in outcome.otherwise:
        question = case.flow.questions[each.question]
        given, known = ([question.options[code].label for code in codes] for codes in (each.given, each.case))
        yield drill_words.read_otherwise(wording.labelled(question.topic), given, known)


def another() -> Button:
    """The way to the list of drills."""
    return Button(label=drill_words.LABEL_ANOTHER, send=press("practise"))
