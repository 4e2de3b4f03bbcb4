"""Earlier answers changed: by button, in words, or by going back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation import answering, cards, keeping, wording
from amends.conversation.replies import Button, TextReply
from amends.flows import Answer, parse_answers
from amends.incidents.record import State
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from amends.conversation.case import Case
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk

SHORT = 4
"""'Can I change something' names nothing; a longer text may say what is right."""


def correct(talk: Talk) -> list[Reply]:
    """Change an answer: the one a button names, the one that typed words mean, or ask which."""
    case = talk.case
    if case is None:
        return [TextReply(text=wording.NOTHING_OPEN)]
    talk.settle()
    question = talk.turn.entities.get("question", "")
    if question:
        return _ask_again(talk, case, question)
    words = talk.turn.words
    if words:
        if case.state is State.CONFIRMING:
            return answering.answer(talk)
        corrected = keeping.correct_typed(case, words)
        if corrected is not None:
            return corrected
        if case.in_loop and len(words.split()) > SHORT:
            return answering.answer(talk)
    return _which(case)


def go_back(talk: Talk) -> list[Reply]:
    """Take the last answer away and ask again, with what was answered before beside it."""
    case = talk.case
    if case is None:
        return [TextReply(text=wording.NOTHING_OPEN)]
    if talk.pending is not None:
        talk.settle()
        return [TextReply(text=wording.GO_ON)]
    while case.history:
        last = case.history.pop()
        question = last["question"]
        if question not in case.answers:
            continue
        case.write(
            Kind.WENT_BACK,
            {"question": question, "before": cards.raw(case.answers[question], question)},
        )
        if last["before"] is None:
            del case.answers[question]
        else:
            case.answers.update(parse_answers(case.flow, {question: last["before"]}))
        case.go_on(ask=question)
        return [TextReply(text=f"Back to {case.flow.questions[question].topic}.")]
    return [TextReply(text=wording.AT_THE_BEGINNING)]


def _ask_again(talk: Talk, case: Case, question: str) -> list[Reply]:
    """Ask for an answer again. However old the button is, its question is the one to change."""
    reference = talk.turn.entities.get("state", "").partition(":")[0]
    if reference and reference != case.incident.reference:
        return keeping.stale(talk)
    if question == case.incident.asked and case.state is State.ASKING:
        return []
    if question not in case.flow.questions or (question not in case.answers and question not in case.understood):
        return [TextReply(text=wording.BUTTON_UNKNOWN)]
    if question in case.understood:
        del case.understood[question]
        if not any(case.understood):
            case.understood = {}
    case.go_on(ask=question)
    return [TextReply(text=wording.THEN_CHANGE)]


def _which(case: Case) -> list[Reply]:
    known: dict[str, Answer] = {**case.offered, **case.answers}
    about = [Button(label=wording.about(case.flow.title), send=one.send) for one in cards.something_else(case)]
    if not known and not about:
        return [TextReply(text=wording.NOTHING_TO_CHANGE)]
    buttons = tuple(
        Button(
            label=f"{case.flow.questions[q].topic[:1].upper()}{case.flow.questions[q].topic[1:]}: "
            f"{cards.label_of(case, q, a)}",
            send=cards.change(q, case),
        )
        for q, a in known.items()
    )
    return [TextReply(text=wording.WHICH_TO_CHANGE, buttons=(*buttons, *about))]
