"""Answers, pressed or typed: to the confirmation card and to the current question."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from amends.conversation import (
    advising,
    asides,
    cards,
    choosing,
    closing,
    digressions,
    drafting,
    keeping,
    letters,
    other_flow,
    steps,
    wording,
)
from amends.conversation.after_card import AFTER
from amends.conversation.replies import TextReply
from amends.conversation.reporting import details_of, report, take_in
from amends.flows import Answer, AnswerError, Times, parse_answers
from amends.incidents.record import State
from amends.incidents.references import SHAPE
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from amends.conversation.case import Case
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk

SURE_OF_INTENT = 0.6
"""Below, 'not sure' is Rasa's doubt and not the person's."""
CLEAR_INTENT = 0.8
"""From here Rasa is clear that a message is about something else than the question."""
CLEAR_ANSWER = 0.9
"""From here a few words answer the question where Rasa is not; docs/understanding.md says how that was measured."""
REPORT_WORDS = 6
"""A text of fewer words is hardly a new report."""

_about_a_case = ("correct_answer", "action_done", "add_note", "inform")
_correcting = re.compile(
    r"^\s*(no,? wait|wait|hang on|hold on|actually|correction|scrap that|i meant|sorry,? (i|it)|oops)\b", re.IGNORECASE
)
_reference = re.compile(rf"\b{SHAPE}\b", re.IGNORECASE)
_none_of_these = re.compile(
    r"^(?:(?:yes|yep|yeah|yup|all right|ok(?:ay)?|correct|right|sure)[ ,.!]*(?:and |but )?(?:none|nothing)"
    r"(?: (?:of|from) (?:these|those|them|the (?:rest|others?)))?|none of (?:these|those|them|the (?:rest|others)))"
    r"(?: (?:is|are|appl(?:y|ies)|else|in play))*[ .!]*$",
    re.IGNORECASE,
)
_finished = re.compile(
    r"\b(that'?s (all|everything|it)|all done|all finished|we'?re (all )?done|close (it|this|the incident))\b",
    re.IGNORECASE,
)


def is_report(talk: Talk) -> bool:
    """Whether words that sound like a correction, a note or a step tell of something, with nothing open to correct."""
    if talk.case is not None or talk.pending is not None or talk.turn.intent not in _about_a_case:
        return False
    return len(talk.turn.words.split()) >= REPORT_WORDS and bool(talk.reading.facts)


def is_finished(talk: Talk) -> bool:
    """Whether somebody says after the advice that this is all, however Rasa took it."""
    short = len(talk.turn.words.split()) <= REPORT_WORDS
    return (
        talk.case is not None and talk.case.state is State.ADVISED and short and bool(_finished.search(talk.turn.words))
    )


def is_plain_answer(talk: Talk) -> bool:
    """Whether typed words are an option of the current question, or a time it asks for, however Rasa took them.

    A few words that surely answer the question do so, too, where Rasa is not clear that they are about something else.
    """
    case, words = talk.case, talk.turn.words
    if case is None or case.state is not State.ASKING or not case.incident.asked or talk.pending is not None:
        return False
    asked = case.flow.questions[case.incident.asked]
    if len(words.split()) > REPORT_WORDS and asked.kind == "times":
        return False
    reading = talk.understanding.answer(asked.id, words, talk.turn.said_at, talk.tools.settings.zone)
    if asked.kind == "times":
        return reading.value is not None or bool(re.search(r"\d", words))
    doubtful = talk.turn.confidence < CLEAR_INTENT and talk.turn.intent != "correct_answer"
    few = len(words.split()) <= REPORT_WORDS and not words.endswith("?")
    return reading.value is not None and reading.confidence >= (CLEAR_ANSWER if doubtful and few else 1.0)


def named_incident(talk: Talk) -> str:
    """The reference that a short text names: who types it wants to go on with that incident."""
    named = _reference.search(talk.turn.words)
    return named[0].upper() if named and len(talk.turn.words.split()) <= REPORT_WORDS else ""


def answer(talk: Talk) -> list[Reply]:
    """Whatever comes while the assistant waits for an answer, and answers that come when it does not."""
    if talk.turn.pressed:
        return pressed(talk)
    if talk.pending is not None:
        settled = asides.answer_pending(talk)
        if settled is not None:
            return settled
    if talk.case is None:
        return _nothing_open(talk)
    if not re.search(r"[^\W_]", talk.turn.words):
        return [TextReply(text=wording.NOT_READABLE)]
    if talk.case.state is State.CONFIRMING:
        return _confirming(talk, talk.case)
    if talk.case.in_loop:
        return _asking(talk, talk.case)
    return _advised(talk, talk.case)


def report_or_answer(talk: Talk) -> list[Reply]:
    """What sounds like a report: in the middle of the questions it may as well be an answer."""
    return answer(talk) if talk.in_loop else report(talk)


def done_or_answer(talk: Talk) -> list[Reply]:
    """A step that was done; before there are steps, 'I deleted it' is an answer."""
    case = talk.case
    if case is not None and case.state is not State.ADVISED and not talk.turn.pressed:
        return answer(talk)
    return steps.step_done(talk)


def answer_or_out_of_scope(talk: Talk) -> list[Reply]:
    """Something else; while an answer is waited for, it may be one in unusual words."""
    if talk.in_loop:
        return answer(talk)
    return _unusual(talk)


def _unusual(talk: Talk) -> list[Reply]:
    """A plain question about the advice, or something that this is not for."""
    about = advising.about(talk.case, talk.turn.words) if talk.case and talk.case.state is State.ADVISED else []
    return about or digressions.out_of_scope(talk)


def pressed(talk: Talk) -> list[Reply]:
    """A pressed button. One that was drawn in another state changes nothing."""
    carried = talk.turn.entities
    question, value, state = (carried.get(name, "") for name in ("question", "value", "state"))
    if question in (cards.INCIDENT, cards.PENDING, cards.FLOW):
        return _pressed_beside(talk, question, value, state)
    if talk.turn.intent in ("affirm", "deny", "not_sure"):
        return _said_by_button(talk)
    if talk.turn.intent == "action_done":
        return _done_by_button(talk)
    case = _case_of(talk, state)
    if case is None:
        return keeping.stale(talk)
    if question == AFTER:
        return closing.answered(talk, case, value)
    talk.settle()
    if question == cards.CLOSE:
        return closing.close(talk)
    if question == cards.SHOW:
        return [cards.recommendation(case)] if case.state is State.ADVISED else []
    if question == cards.ADVISE:
        return advising.now(case)
    if question == cards.LETTERS:
        return letters.show(case, value)
    if question == cards.UNDERSTOOD:
        return _confirm(case, value) if case.state is State.CONFIRMING else keeping.stale(talk)
    if question == cards.LEFT_AS_IT_IS:
        return keeping.leave(case)
    return _press_answer(case, question, value)


def _pressed_beside(talk: Talk, question: str, value: str, state: str) -> list[Reply]:
    """A press that is no answer: to go on with another incident, to a question beside the triage, or to the flow."""
    if question == cards.INCIDENT:
        return keeping.go_on_with(talk, value)
    if question == cards.PENDING:
        return asides.press_pending(talk, value, state)
    reference = state.partition(":")[0]  # however old the button is, what it asks for is the same
    here = talk.case is not None and talk.case.incident.reference == reference
    return other_flow.ask(talk) if here else keeping.stale(talk)


def _confirm(case: Case, value: str) -> list[Reply]:
    """What was understood is right; `value` says what was done with the boxes."""
    if value == "yes":
        return keeping.confirm(case)
    ticked = [name for name in value.split(",") if name != cards.NONE_TICKED]
    if set(ticked) - {box.code for box in cards.ticks(case)}:
        return [TextReply(text=wording.BUTTON_UNKNOWN)]
    return keeping.confirm(case, ticked)


def _case_of(talk: Talk, state: str) -> Case | None:
    """The case that a button belongs to, if it was drawn in the state that the case is in now."""
    reference, _, _ = state.partition(":")
    if talk.case is not None and talk.case.incident.reference == reference:
        return talk.case if talk.case.state_id == state else None
    for incident in talk.open_incidents():
        if incident.reference == reference and f"{reference}:{incident.state_number}" == state:
            return talk.begin(incident)
    return None


def _press_answer(case: Case, question: str, value: str) -> list[Reply]:
    if case.state is not State.ASKING or question not in case.flow.questions:
        return [TextReply(text=wording.BUTTON_UNKNOWN)]
    asked = case.flow.questions[question]
    if value == "?":
        return keeping.not_sure(case, asked)
    try:
        if asked.kind == "times":
            said = case.talk.turn.said_at
            answer_ = Answer(Times(said, said)) if value == "now" else _times_of(case, value)
        else:
            raw: Any = value.split(",") if asked.kind == "many" else value
            answer_ = parse_answers(case.flow, {question: raw})[question]
    except (AnswerError, KeyError):
        unfit = wording.TIMES_UNFIT if asked.kind == "times" else wording.BUTTON_UNKNOWN
        return [TextReply(text=unfit)]
    return keeping.store(case, question, answer_)


def _times_of(case: Case, value: str) -> Answer:
    """Times that a picker sends: ISO 8601, posted and noticed with a comma between them."""
    names = ("posted", "noticed")
    raw = {name: text or None for name, text in zip(names, value.split(","), strict=False)}
    question = next(q for q in case.flow.questions.values() if q.kind == "times")
    found = parse_answers(case.flow, {question.id: raw})[question.id]
    assert isinstance(found.value, Times)
    if any(time and time > case.talk.at for time in (found.value.posted, found.value.noticed)):
        raise AnswerError("That time has not come yet.")
    return found


def _said_by_button(talk: Talk) -> list[Reply]:
    if talk.pending is not None:
        settled = asides.answer_pending(talk)
        if settled is not None:
            return settled
    if talk.case is None:
        return [TextReply(text=wording.NOTHING_OPEN)]
    if talk.case.state is State.CONFIRMING and talk.turn.intent == "affirm":
        return keeping.confirm(talk.case)
    if talk.case.state is State.ASKING and talk.case.in_loop and talk.turn.intent == "not_sure":
        return keeping.not_sure(talk.case, talk.case.flow.questions[talk.case.incident.asked or ""])
    return [TextReply(text=wording.NOT_UNDERSTOOD)]


def _done_by_button(talk: Talk) -> list[Reply]:
    """The button of a step, while something else is waited for: what is waited for is asked again."""
    waiting, case = talk.pending, talk.case
    if waiting is not None and waiting["kind"] == "wish":  # whoever presses a step did not wish for either
        talk.settle()
    elif waiting is not None and waiting["kind"] == "preserve_first" and case is not None:
        carried = talk.turn.entities
        if carried.get("step") == "preserve" and carried.get("state") == case.state_id:
            talk.settle()
            return steps.after_preserve(talk, case, waiting, saved=True)
    return steps.step_done(talk)


def _nothing_open(talk: Talk) -> list[Reply]:
    """Words with nothing open: a report, however Rasa took it, if they tell of something."""
    words = talk.turn.words
    if words and not re.search(r"[^\W_]", words):
        return [TextReply(text=f"{wording.NOT_READABLE} {wording.TELL_ME}")]
    tells = len(words.split()) >= REPORT_WORDS and bool(talk.reading.facts)
    if talk.turn.intent == "report_problem" or tells:
        return report(talk)
    return [TextReply(text=wording.NOTHING_OPEN)]


def _confirming(talk: Talk, case: Case) -> list[Reply]:
    """Words in answer to the confirmation card: yes, no, what is right instead, or more about it."""
    words, zone = talk.turn.words, talk.tools.settings.zone
    yes = talk.understanding.yes_no(words)
    short = len(words.split()) <= 3
    if _none_of_these.search(words.strip()) and cards.ticks(case):
        return keeping.confirm(case, ())
    if (yes is True or talk.turn.intent == "affirm") and (short or talk.turn.intent == "affirm"):
        return keeping.confirm(case)
    found = (
        None
        if short and yes is False
        else talk.understanding.correction(words, [q for q in case.understood if q], talk.turn.said_at, zone)
    )
    facts = {q: f for q, f in talk.reading.facts.items() if found is None or f.confidence > found[1].confidence}
    if take_in(case, {q: f for q, f in facts.items() if q not in case.understood}, details_of(talk.reading)):
        case.go_on()
        return []
    if found is not None and found[1].confidence >= keeping.SURE and found[1].value is not None:
        question, reading = found
        assert reading.value is not None
        return keeping.change_understood(case, question, Answer(reading.value), words)
    if yes is False or talk.turn.intent in ("deny", "correct_answer"):
        if choosing.meant(talk, words):
            return other_flow.ask(talk)
        return [TextReply(text=wording.WHICH_WRONG)]
    if talk.turn.intent == "report_problem" and len(words.split()) >= REPORT_WORDS:
        talk.wait_for("new_or_same", text=words)
        return []
    return [TextReply(text=wording.CONFIRM_HELP)]


def _asking(talk: Talk, case: Case) -> list[Reply]:
    """Words in answer to the current question."""
    asked = case.flow.questions[case.incident.asked or ""]
    words, said, zone = talk.turn.words, talk.turn.said_at, talk.tools.settings.zone
    if talk.turn.intent == "correct_answer" or _correcting.search(words):
        corrected = keeping.correct_typed(case, words)
        if corrected is not None:
            return corrected
    reading = talk.understanding.answer(asked.id, words, said, zone)
    if reading.value is not None and reading.confidence >= keeping.SURE:
        replies = keeping.store(case, asked.id, Answer(reading.value), words)
        more = len(words.split()) >= REPORT_WORDS or reading.confidence < keeping.QUITE_SURE
        return [*replies, *keeping.also_said(case, talk.reading.facts if more else {})]
    if reading.unsure or (talk.turn.intent == "not_sure" and talk.turn.confidence >= SURE_OF_INTENT):
        return keeping.not_sure(case, asked)
    if asked.kind == "times":
        return [TextReply(text=reading.problem or wording.TIME_AGAIN)]
    others = {q: f for q, f in talk.reading.facts.items() if q != asked.id and f.confidence > reading.confidence}
    kept = keeping.also_said(case, others)
    if kept:
        return kept
    if reading.value is not None:
        label = cards.label_of(case, asked.id, Answer(reading.value))
        value = cards.raw(Answer(reading.value), asked.id)
        talk.wait_for("did_you_mean", question=asked.id, value=value, label=label, words=words)
        return []
    if talk.turn.intent == "report_problem" and len(words.split()) >= REPORT_WORDS:
        talk.wait_for("new_or_same", text=words)
        return []
    if talk.turn.intent == "action_done":
        case.write(Kind.NOTE_ADDED, {"text": words})
        return [TextReply(text=wording.STEPS_LATER)]
    return [TextReply(text=wording.NOT_UNDERSTOOD)]


def _advised(talk: Talk, case: Case) -> list[Reply]:
    """Words after the advice that were taken for an answer."""
    words = talk.turn.words
    draft = drafting.introduced(words)
    if draft:
        return drafting.check(talk, draft)
    corrected = keeping.correct_typed(case, words) if _correcting.search(words) else None
    if corrected is not None:
        return corrected
    if steps.named_in(case, words):
        return steps.step_done(talk)
    if talk.turn.intent == "report_problem":
        return report(talk)
    if talk.turn.intent == "out_of_scope":
        return _unusual(talk)
    return [
        TextReply(
            text=wording.ADVICE_STANDS.format(reference=case.incident.reference),
            buttons=cards.recommendation(case).buttons,
        )
    ]
