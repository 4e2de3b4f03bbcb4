"""An incident goes by another flow: what was said is kept and read anew, and nothing has to be told twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.conversation import cards, choosing, wording
from amends.conversation.replies import TextReply
from amends.conversation.reporting import details_of, first_steps, open_report, take_in
from amends.flows import Answer, AnswerError, parse_answers
from amends.incidents import record
from amends.incidents.trail import Kind
from amends.understanding import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amends.conversation.case import Case
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk
    from amends.flows import Flow

NEW = "new"
"""What is pressed when it is another matter altogether."""
ENOUGH = 10
"""Words that say more than that it is something else."""
_SPOKEN = (Kind.REPORTED, Kind.NOTE_ADDED, Kind.ANSWERED, Kind.CORRECTED)
"""Entries that hold what people typed."""


def ask(talk: Talk) -> list[Reply]:
    """Somebody says that it is about something else: ask what; what a lead decided on stays as it is."""
    case = talk.case
    if case is None:
        return [TextReply(text=wording.NOTHING_OPEN)]
    if len(choosing.among(case)) < 2:
        return [TextReply(text=wording.FLOW_STAYS.format(title=case.flow.title))]
    if case.override is not None:
        return [TextReply(text=wording.DECIDED_STAYS.format(name=case.override["by"]))]
    choosing.ask(talk)
    return []


def answered(talk: Talk, waiting: dict[str, Any]) -> list[Reply]:
    """What it is about, typed: its title or number, or in words, which are kept as a note.

    A flow that was taken surely is only changed by words that surely speak of another.
    """
    case, words = talk.case, talk.turn.words
    talk.settle()
    if case is None:
        return [TextReply(text=wording.NOTHING_OPEN)]
    there = {flow.id: flow for flow in choosing.among(case)}
    flow_id = choosing.named([there[id_] for id_ in waiting["flows"] if id_ in there], words)
    if not flow_id and talk.turn.intent not in ("not_sure", "affirm", "deny", "stop"):
        case.write(Kind.NOTE_ADDED, {"text": words})
        if waiting.get("changing"):
            flow_id = choosing.meant(talk, words)
        else:
            flow_id = talk.tools.shelf.chooser().choose(f"{words} {choosing.first_words(case)}").flow
    return choose(case, flow_id or case.flow.id)


def picked(case: Case, waiting: dict[str, Any], value: str) -> list[Reply]:
    """What it is about, pressed: a flow, or something new, which the words that were said already may tell."""
    if value != NEW:
        return choose(case, value)
    text = str(waiting.get("text", ""))
    return open_report(case.talk, text) if len(text.split()) >= ENOUGH else [TextReply(text=wording.TELL_ME)]


def choose(case: Case, flow_id: str) -> list[Reply]:
    """Go by a flow that somebody chose; the one that the incident goes by already is confirmed."""
    flow = case.look.tools.shelf.beginnings().get(flow_id)
    if flow is None:
        return [TextReply(text=wording.BUTTON_UNKNOWN)]
    if flow.id == case.flow.id:
        case.write(Kind.FLOW_CHOSEN, {"flow": flow.id, "title": case.flow.title})
        return [TextReply(text=wording.FLOW_STAYS.format(title=case.flow.title))]
    return _change(case, flow)


def _change(case: Case, flow: Flow) -> list[Reply]:
    """Everything that was said is read with the questions of the other flow, and offered again."""
    talk, incident, was = case.talk, case.incident, case.flow
    facts, details = _said(case, flow)
    answers = {name: cards.raw(answer, name) for name, answer in case.answers.items()}
    what = {"flow": flow.id, "title": flow.title, "was": was.title, "was_flow": was.id, "answers": answers}
    case.write(Kind.FLOW_CHOSEN, what)
    record.remember_flow(talk.session, flow, talk.at)
    incident.flow_id, incident.flow_version = flow.id, flow.version
    incident.answers, incident.understood, incident.history = "{}", "{}", "[]"
    incident.decision, incident.level, incident.asked = None, None, None
    talk.session.flush()
    case = talk.begin(incident)
    take_in(case, facts, details)
    steps = first_steps(case)
    case.go_on()
    return [cards.safe_steps(case, steps, wording.flow_changed(incident.reference, flow.title))]


def _said(case: Case, flow: Flow) -> tuple[dict[str, Fact], list[str]]:
    """What all that was typed says in answer to the questions of a flow, and what was answered that both flows ask."""
    talk = case.talk
    reader, zone = talk.tools.shelf.understanding(flow), talk.tools.settings.zone
    facts: dict[str, Fact] = {}
    details: list[str] = []
    for said_at, words in _typed(case):
        reading = reader.facts(words, said_at, zone)
        facts |= reading.facts
        details += [detail for detail in details_of(reading) if detail not in details]
    known = {**_before(case, flow), **{name: cards.raw(answer, name) for name, answer in case.answers.items()}}
    for name, raw in known.items():
        answer = _answer(flow, name, raw)
        if answer is not None:
            facts[name] = Fact(answer.value, 1.0, "")
    return facts, details


def _typed(case: Case) -> Iterator[tuple[Any, str]]:
    for entry in case.talk.trail_of(case.incident):
        words = (entry.payload or {}).get("text") or (entry.payload or {}).get("words")
        if entry.kind in _SPOKEN and words:
            yield entry.said_at, str(words)


def _before(case: Case, flow: Flow) -> dict[str, Any]:
    """What was answered in a flow when the incident went by it earlier."""
    for entry in reversed(case.talk.trail_of(case.incident)):
        said = entry.payload or {}
        if entry.kind == Kind.FLOW_CHOSEN and said.get("was_flow") == flow.id:
            return dict(said.get("answers", {}))
    return {}


def _answer(flow: Flow, question: str, raw: Any) -> Answer | None:
    """An answer of another flow, where this one asks the same and knows it."""
    try:
        return parse_answers(flow, {question: raw}).get(question)
    except AnswerError:
        return None
