"""Answers, pressed or typed: to the confirmation card and to the current question."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from amends.conversation import cards, drafting, ending, steps, wording
from amends.conversation.replies import TextReply
from amends.conversation.reporting import details_of, open_report, report, take_in
from amends.flows import Answer, AnswerError, Times, parse_answers
from amends.flows.answers import options_of
from amends.incidents.record import OPEN_STATES, State, UnknownIncident
from amends.incidents.trail import Kind
from amends.understanding import find_time

if TYPE_CHECKING:
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Case, Talk
    from amends.flows import Question

SURE = 0.5
"""A typed answer this sure is taken; a nearer miss is asked about."""
REPORT_WORDS = 6
"""A text of fewer words is hardly a new report."""

_correcting = re.compile(
    r"^\s*(no,? wait|wait|hang on|hold on|actually|correction|scrap that|i meant|sorry,? (i|it)|oops)\b", re.IGNORECASE
)
_reference = re.compile(r"\bINC-\d{4}-\d{4,}\b", re.IGNORECASE)
_finished = re.compile(
    r"\b(that'?s (all|everything|it)|all done|all finished|we'?re (all )?done|close (it|this|the incident))\b",
    re.IGNORECASE,
)


def is_finished(talk: Talk) -> bool:
    """Whether somebody says after the advice that this is all, however Rasa took it."""
    short = len(talk.turn.words.split()) <= REPORT_WORDS
    return (
        talk.case is not None and talk.case.state is State.ADVISED and short and bool(_finished.search(talk.turn.words))
    )


def named_incident(talk: Talk) -> str:
    """The reference that a short text names: who types it wants to go on with that incident."""
    named = _reference.search(talk.turn.words)
    return named[0].upper() if named and len(talk.turn.words.split()) <= REPORT_WORDS else ""


def answer(talk: Talk) -> list[Reply]:
    """Whatever comes while the assistant waits for an answer, and answers that come when it does not."""
    if talk.turn.pressed:
        return pressed(talk)
    if talk.pending is not None:
        settled = ending.answer_pending(talk)
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


def pressed(talk: Talk) -> list[Reply]:
    """A pressed button. One that was drawn in another state changes nothing."""
    carried = talk.turn.entities
    question, value, state = (carried.get(name, "") for name in ("question", "value", "state"))
    if question == cards.INCIDENT:
        return go_on_with(talk, value)
    if question == cards.PENDING:
        return ending.press_pending(talk, value, state)
    if talk.turn.intent in ("affirm", "deny", "not_sure"):
        return _said_by_button(talk)
    case = _case_of(talk, state)
    if case is None:
        return stale(talk)
    talk.settle()
    if question == cards.CLOSE:
        return ending.close(talk)
    if question == cards.SHOW:
        return [cards.recommendation(case)] if case.state is State.ADVISED else []
    if question == cards.ADVISE:
        return ending.advise_now(case)
    if question == cards.UNDERSTOOD:
        return confirm(case) if case.state is State.CONFIRMING else stale(talk)
    if question == cards.LEFT_AS_IT_IS:
        return _leave(case)
    return _press_answer(case, question, value)


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


def confirm(case: Case) -> list[Reply]:
    """All that was understood is right."""
    confirmed = {q: Answer(a.value) for q, a in case.offered.items()}
    case.write(Kind.CONFIRMED, {"answers": {q: cards.raw(a, q) for q, a in confirmed.items()}})
    for question, kept in confirmed.items():
        case.history.append({"question": question, "before": None})
        case.answers[question] = kept
    case.understood = {}
    case.go_on()
    return []


def store(case: Case, question: str, answer_: Answer, words: str = "") -> list[Reply]:
    """Keep an answer and go on; a corrected one shows what changed."""
    before = case.answers.get(question)
    topic = case.flow.questions[question].topic
    if before is not None and before.value == answer_.value:
        return _leave(case)
    case.answer(question, answer_, words)
    case.go_on()
    if before is None:
        return [TextReply(text=wording.taken_as(topic, cards.label_of(case, question, answer_)))] if words else []
    lines = [wording.changed(topic, cards.label_of(case, question, before), cards.label_of(case, question, answer_))]
    if not case.due:
        decision = cards.decision_of(case)
        lines.append(wording.becomes([case.flow.codes[code].label for code in decision.responses]))
    return [TextReply(text=" ".join(lines))]


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
        return not_sure(case, asked)
    try:
        if asked.kind == "times":
            said = case.talk.turn.said_at
            answer_ = Answer(Times(said, said)) if value == "now" else _times_of(case, value)
        else:
            raw: Any = value.split(",") if asked.kind == "many" else value
            answer_ = parse_answers(case.flow, {question: raw})[question]
    except (AnswerError, KeyError):
        return [TextReply(text=wording.BUTTON_UNKNOWN)]
    return store(case, question, answer_)


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


def _leave(case: Case) -> list[Reply]:
    """The answer stays as it was."""
    case.go_on()
    if case.due and case.incident.decision:
        case.to(State.ADVISED)
        return [cards.recommendation(case, wording.ADVICE_SAME)]
    return [TextReply(text=wording.GO_ON)]


def _said_by_button(talk: Talk) -> list[Reply]:
    if talk.pending is not None:
        settled = ending.answer_pending(talk)
        if settled is not None:
            return settled
    if talk.case is None:
        return [TextReply(text=wording.NOTHING_OPEN)]
    if talk.case.state is State.CONFIRMING and talk.turn.intent == "affirm":
        return confirm(talk.case)
    if talk.case.state is State.ASKING and talk.case.in_loop and talk.turn.intent == "not_sure":
        return not_sure(talk.case, talk.case.flow.questions[talk.case.incident.asked or ""])
    return [TextReply(text=wording.NOT_UNDERSTOOD)]


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
    if (yes is True or talk.turn.intent == "affirm") and (short or talk.turn.intent == "affirm"):
        return confirm(case)
    found = (
        None
        if short and yes is False
        else talk.understanding.correction(words, [q for q in case.understood if q], talk.turn.said_at, zone)
    )
    if found is not None and found[1].confidence >= SURE and found[1].value is not None:
        question, reading = found
        assert reading.value is not None
        return change_understood(case, question, Answer(reading.value), words)
    if yes is False or talk.turn.intent == "deny":
        return [TextReply(text=wording.WHICH_WRONG)]
    if take_in(case, talk.reading.facts, details_of(talk.reading)):
        case.go_on()
        return []
    if talk.turn.intent == "report_problem" and len(words.split()) >= REPORT_WORDS:
        talk.wait_for("new_or_same", text=words)
        return []
    return [TextReply(text=wording.CONFIRM_HELP)]


def change_understood(case: Case, question: str, answer_: Answer, words: str) -> list[Reply]:
    """What was understood is corrected before it was confirmed."""
    before = case.offered[question]
    case.understood[question] = {"value": cards.raw(answer_, question), "words": words[:200], "confidence": 1.0}
    case.write(Kind.UNDERSTOOD, {"facts": {question: case.understood[question]}, "details": []})
    case.go_on()
    topic = case.flow.questions[question].topic
    text = wording.changed(topic, cards.label_of(case, question, before), cards.label_of(case, question, answer_))
    return [TextReply(text=text)]


def _asking(talk: Talk, case: Case) -> list[Reply]:
    """Words in answer to the current question."""
    asked = case.flow.questions[case.incident.asked or ""]
    words, said, zone = talk.turn.words, talk.turn.said_at, talk.tools.settings.zone
    if talk.turn.intent == "correct_answer" or _correcting.search(words):
        corrected = correct_typed(case, words)
        if corrected is not None:
            return corrected
    reading = talk.understanding.answer(asked.id, words, said, zone)
    if reading.value is not None and reading.confidence >= SURE:
        replies = store(case, asked.id, Answer(reading.value), words)
        return [*replies, *_also(case, reading.also)]
    if reading.unsure or talk.turn.intent == "not_sure":
        return not_sure(case, asked)
    if asked.kind == "times":
        return [TextReply(text=reading.problem or wording.TIME_AGAIN)]
    others = {q: f for q, f in {**talk.reading.facts, **reading.also}.items() if f.confidence > reading.confidence}
    kept = _also(case, others)
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


def _also(case: Case, facts: Any) -> list[Reply]:
    """Answers to other questions that were said along the way: kept, and confirmed next."""
    facts = {q: fact for q, fact in facts.items() if q != case.incident.asked}
    if not take_in(case, facts, [], only_open=True):
        return []
    case.go_on()
    return [TextReply(text=wording.KEPT_TOO)]


def _advised(talk: Talk, case: Case) -> list[Reply]:
    """Words after the advice that were taken for an answer."""
    words = talk.turn.words
    draft = drafting.introduced(words)
    if draft:
        return drafting.check(talk, draft)
    corrected = correct_typed(case, words) if _correcting.search(words) else None
    if corrected is not None:
        return corrected
    if steps.named_in(case, words):
        return steps.step_done(talk)
    if talk.turn.intent == "report_problem":
        return report(talk)
    return [
        TextReply(
            text=wording.ADVICE_STANDS.format(reference=case.incident.reference),
            buttons=cards.recommendation(case).buttons,
        )
    ]


def correct_typed(case: Case, words: str) -> list[Reply] | None:
    """A typed correction of an earlier answer; None when it fits none of them."""
    talk = case.talk
    earlier = [q for q in case.answers if q != case.incident.asked or case.state is State.ADVISED]
    found = case.understanding.correction(words, earlier, talk.turn.said_at, talk.tools.settings.zone)
    if found is None or found[1].value is None or found[1].confidence < SURE:
        return None
    question, reading = found
    assert reading.value is not None
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
        contact = cards.contact(case.talk.tools, "comms")
        return [TextReply(text=wording.STILL_NOT_SURE.format(contact=contact))]
    value: Any = cautious if asked.kind == "many" else cautious[0]
    kept = Answer(value, inferred=True)
    case.answer(asked.id, kept, words)
    case.go_on()
    return [TextReply(text=wording.CAUTIOUS.format(label=cards.label_of(case, asked.id, kept)))]


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


def time_of(talk: Talk, words: str) -> Any:
    """When something was done, as typed; now when nothing is said of it."""
    found = find_time(words, talk.turn.said_at, talk.tools.settings.zone) if words else None
    return found or talk.turn.said_at
