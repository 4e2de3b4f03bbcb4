"""Answers kept: stored, confirmed, corrected, left as they are; what several parts of the conversation need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.conversation import cards, wording
from amends.conversation.replies import TextReply
from amends.conversation.reporting import details_of, open_report, take_in
from amends.flows import Answer, Times
from amends.flows.answers import options_of
from amends.incidents.record import OPEN_STATES, State, UnknownIncident
from amends.incidents.trail import Kind
from amends.understanding import find_time

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from amends.conversation.case import Case
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk
    from amends.flows import Question

SURE = 0.5
"""A typed answer this sure is taken; a nearer miss is asked about."""
QUITE_SURE = 0.62
"""A short answer this sure says nothing else."""


def stale(talk: Talk) -> list[Reply]:
    """The answer to a press that came too late."""
    replies: list[Reply] = [TextReply(text=wording.BUTTON_OLD if talk.case else wording.NOTHING_OPEN)]
    if talk.case is not None and talk.case.state is State.ADVISED and not talk.in_loop:
        replies.append(cards.recommendation(talk.case))
    return replies


def go_on_with(talk: Talk, reference: str) -> list[Reply]:
    """Go on with another incident of the same person."""
    try:
        case = talk.switch_to(reference)
    except UnknownIncident as error:
        return [TextReply(text=str(error))]
    if case.state not in OPEN_STATES:
        talk.leave()
        return [TextReply(text=f"{case.incident.reference} is closed.")]
    case.write(Kind.RESUMED, {"state": case.state})
    text = wording.BACK_TO.format(reference=case.incident.reference, title=case.incident.title)
    if case.state is State.ADVISED:
        return [TextReply(text=text), cards.recommendation(case)]
    return [TextReply(text=text)]


def confirm(case: Case, ticked: Collection[str] | None = None) -> list[Reply]:
    """All that was understood is right; with `ticked`, the boxes that fit, the others do not."""
    confirmed = {q: Answer(a.value) for q, a in case.offered.items()}
    if ticked is not None:
        confirmed |= _by_boxes(case, ticked)
    case.write(Kind.CONFIRMED, {"answers": {q: cards.raw(a, q) for q, a in confirmed.items()}})
    for question, kept in confirmed.items():
        case.history.append({"question": question, "before": None})
        case.answers[question] = kept
    case.understood = {}
    case.go_on()
    return []


def _by_boxes(case: Case, ticked: Collection[str]) -> dict[str, Answer]:
    """The answers that boxes give; a ticked one without an answer of its own is left to be asked."""
    answers = {}
    for box in cards.ticks(case):
        question = case.flow.questions[box.code]
        assert question.tick is not None
        value = question.tick.yes if box.code in ticked else question.tick.no
        if value is not None:
            answers[box.code] = Answer((value,) if question.kind == "many" else value)
    return answers


def store(case: Case, question: str, answer_: Answer, words: str = "") -> list[Reply]:
    """Keep an answer and go on; a corrected one shows what changed."""
    before = case.answers.get(question)
    topic = case.flow.questions[question].topic
    if before is not None and before.value == answer_.value:
        return leave(case)
    case.answer(question, answer_, words)
    case.go_on()
    if before is None:
        return [TextReply(text=wording.taken_as(topic, cards.label_of(case, question, answer_)))] if words else []
    lines = [wording.changed(topic, cards.label_of(case, question, before), cards.label_of(case, question, answer_))]
    if not case.due:
        decision = cards.decision_of(case)
        lines.append(wording.becomes([case.flow.codes[code].label for code in decision.responses]))
    return [TextReply(text=" ".join(lines))]


def leave(case: Case) -> list[Reply]:
    """The answer stays as it was; advice that was given stays too."""
    case.go_on()
    if case.due and case.incident.decision:
        case.to(State.ADVISED)
        return [cards.recommendation(case, wording.ADVICE_SAME)]
    return [TextReply(text=wording.GO_ON)]


def change_understood(case: Case, question: str, answer_: Answer, words: str) -> list[Reply]:
    """What was understood is corrected before it was confirmed."""
    before = case.offered[question]
    if before.value == answer_.value:
        return [TextReply(text=wording.CONFIRM_HELP)]
    case.understood[question] = {"value": cards.raw(answer_, question), "words": words[:200], "confidence": 1.0}
    case.write(Kind.UNDERSTOOD, {"facts": {question: case.understood[question]}, "details": []})
    case.go_on()
    topic = case.flow.questions[question].topic
    text = wording.changed(topic, cards.label_of(case, question, before), cards.label_of(case, question, answer_))
    return [TextReply(text=text)]


def also_said(case: Case, facts: Any) -> list[Reply]:
    """Answers to other questions that were said along the way: kept, and confirmed next."""
    if not take_in(case, facts, [], only_open=True):
        return []
    case.go_on()
    return [TextReply(text=wording.KEPT_TOO)]


def correct_typed(case: Case, words: str) -> list[Reply] | None:
    """A typed correction of an earlier answer; None when it fits none of them, or the current question better."""
    talk, zone = case.talk, case.talk.tools.settings.zone
    asked = case.incident.asked if case.state is State.ASKING else None
    earlier = [q for q in case.answers if q != asked]
    found = case.understanding.correction(words, earlier, talk.turn.said_at, zone)
    if found is None or found[1].value is None or found[1].confidence < SURE:
        return None
    question, reading = found
    assert reading.value is not None
    if asked:
        here = case.understanding.answer(asked, words, talk.turn.said_at, zone)
        if here.value is not None and (
            here.confidence > reading.confidence or reading.value == case.answers[question].value
        ):
            return None
    return store(case, question, Answer(reading.value), words)


def not_sure(case: Case, asked: Question) -> list[Reply]:
    """Nobody knows: the answer 'not sure' where there is one, else the cautious reading, said openly."""
    words = case.talk.turn.words or "not sure"
    for code in ("unsure", "unknown"):
        if code in asked.options:
            return store(case, asked.id, Answer((code,) if asked.kind == "many" else code), words)
    if asked.kind == "times":
        case.answer(asked.id, Answer(Times(None, case.incident.reported_at)), words)
        case.go_on()
        return [TextReply(text=wording.NOT_SURE_OF_TIME)]
    cautious = options_of(asked, asked.when_missing or 0)
    if not cautious and asked.ask_before is not None:
        case.answer(asked.id, Answer(list(asked.options)[-1]), words)
        case.go_on()
        return [TextReply(text=wording.SAVE_HOW)]
    if not cautious:
        contact = case.talk.tools.settings.contact_of("comms")
        return [TextReply(text=wording.STILL_NOT_SURE.format(contact=contact))]
    value: Any = cautious if asked.kind == "many" else cautious[0]
    kept = Answer(value, inferred=True)
    case.answer(asked.id, kept, words)
    case.go_on()
    return [TextReply(text=wording.CAUTIOUS.format(label=cards.label_of(case, asked.id, kept)))]


def time_of(talk: Talk, words: str) -> datetime:
    """When something was done, as typed; now when nothing is said of it."""
    found = find_time(words, talk.turn.said_at, talk.tools.settings.zone) if words else None
    return found or talk.turn.said_at


def new_or_same(talk: Talk, text: str, *, new: bool) -> list[Reply]:
    """A further report: its own incident, or more about the open one."""
    if new or talk.case is None:
        return open_report(talk, text)
    case = talk.case
    case.write(Kind.NOTE_ADDED, {"text": text})
    reading = case.understanding.facts(text, talk.turn.said_at, talk.tools.settings.zone)
    if case.state is not State.ADVISED and take_in(case, reading.facts, details_of(reading), only_open=True):
        case.go_on()
    return [TextReply(text=wording.NOTE_KEPT.format(reference=case.incident.reference))]
