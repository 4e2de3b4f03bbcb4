"""Somebody tells us what happened: a new incident, the safe steps, and what was understood."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

from amends.conversation import cards, choosing, drill_words, practising, wording
from amends.conversation.case import Case
from amends.conversation.replies import TextReply
from amends.conversation.turn import clean
from amends.flows import Answer, Times, answers_json, safe_steps
from amends.incidents import record
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk
    from amends.conversation.turn import Turn
    from amends.understanding import Fact, Reading

OFFERED = 0.6
"""A fact this sure is offered for confirmation; what is less sure is asked."""
LONGEST_TITLE = 80

_letters = re.compile(r"[^\W\d_]{2}")


def report(talk: Talk) -> list[Reply]:
    """A first message; while an incident is open, a further one."""
    if talk.turn.pressed or not talk.turn.words:
        return [TextReply(text=wording.TELL_ME)]
    if not _letters.search(talk.turn.words):
        return [TextReply(text=f"{wording.NOT_READABLE} {wording.TELL_ME}")]
    if talk.case is not None:
        talk.wait_for("new_or_same", text=talk.turn.words)
        return []
    return open_report(talk, talk.turn.words)


def told_in_full(turn: Turn) -> str:
    """What a press reports that carries the words: a window that was filled in, a message that was pointed to."""
    return clean(turn.entities.get("about", ""))[0] if turn.intent == "report_problem" else ""


def open_report(talk: Talk, text: str, *, ask: bool = True) -> list[Reply]:
    """Open an incident with these words; what they already say is offered for confirmation.

    Args:
        ask: whether to ask what it is about, where the words do not say that surely.
    """
    tools = talk.tools
    drill = practising.told(talk)
    # What came of a drill is compared with a case that is told in the usual flow.
    flow, unsure = choosing.chosen(talk, text) if drill is None else (tools.shelf.flow(), ())
    reading = tools.shelf.understanding(flow).facts(text, talk.turn.said_at, tools.settings.zone)
    year = talk.at.astimezone(tools.settings.zone).year
    incident = record.open_incident(
        *(talk.session, talk.conversation, flow, _title(text), talk.turn.source, talk.at, year, talk.turn.actor_id),
        drill=drill is not None,
    )
    talk.settle()
    case = talk.case = Case(talk, incident)
    talk.__dict__.pop("flow", None)
    talk.__dict__.pop("understanding", None)
    near = {"near": list(reading.near)} if reading.near else {}
    case.write(Kind.REPORTED, {"text": text, "cut": talk.turn.cut, **near})
    if drill is not None:
        practising.opened(case, drill)
    details = details_of(reading)
    take_in(case, reading.facts, details)
    steps = first_steps(case)
    case.go_on()
    asks = bool(unsure) and ask
    if asks:
        talk.wait_for("which_flow", flows=unsure)
    taken = "" if asks else choosing.taken_for(case)
    intro = wording.reported(incident.reference, " ".join([*filter(None, [taken]), *map(wording.woken, case.woken)]))
    if not reading.english:
        intro = f"{wording.NOT_ENGLISH.format(contact=tools.settings.emergency_contact)} {intro}"
    if drill is not None:
        return [practising.marked(cards.safe_steps(case, steps, f"{drill_words.PRACTICE} {intro}"))]
    return [cards.safe_steps(case, steps, intro)]


def first_steps(case: Case) -> tuple[str, ...]:
    """The safe steps of the incident's flow, written down as shown."""
    steps = safe_steps(case.flow, case.offered)
    case.write(Kind.SAFE_STEPS_SHOWN, {"steps": list(steps)})
    return steps


def take_in(case: Case, facts: Mapping[str, Fact], details: list[str], *, only_open: bool = False) -> bool:
    """Keep what is sure enough to be offered for confirmation; whether there was anything.

    Args:
        facts: question -> what a text says of it.
        details: what else was noticed, in words.
        only_open: leave out questions that are answered, or whose answer cannot change the advice.
    """
    known = set(case.answers)
    wanted = set(cards.decision_of(case).missing) if only_open else set(case.flow.questions)
    fresh: dict[str, Any] = {}
    for question, fact in facts.items():
        if question in known or question not in wanted or fact.confidence < OFFERED:
            continue
        known_value = fact.value
        if isinstance(known_value, Times) and known_value.noticed is None:
            # Whoever tells us has noticed it, so this is the latest that it can be. The clock by which an earlier
            # message was said can be ahead of this one's.
            said_at = case.talk.turn.said_at
            known_value = Times(known_value.posted, max(known_value.posted or said_at, said_at))
        value = answers_json({question: Answer(known_value)})[question]
        fresh[question] = {"value": value, "words": fact.words, "confidence": round(fact.confidence, 3)}
    if not fresh:
        return False
    order = {name: n for n, name in enumerate(case.flow.questions)}
    whole = {**{q: f for q, f in case.understood.items() if q}, **fresh}
    kept = {q: whole[q] for q in sorted(whole, key=order.__getitem__)}
    more = [*case.understood.get("", {}).get("details", []), *details]
    if more:
        kept[""] = {"details": more}
    case.understood = kept
    case.write(Kind.UNDERSTOOD, {"facts": fresh, "details": details})
    return True


def details_of(reading: Reading) -> list[str]:
    """What a message says beside the answers, in words."""
    named = (("On", reading.platforms), ("Account", reading.accounts), ("Link", reading.links))
    details = [f"{name}: {', '.join(values)}" for name, values in named if values]
    if reading.counts:
        details.append(f"Seen so far: {', '.join(reading.counts)}")
    return details


def _title(text: str) -> str:
    """The first sentence of a report, short enough for a list."""
    first = re.split(r"(?<=[.!?])\s|\n", text.strip(), maxsplit=1)[0].strip()
    short = textwrap.shorten(first, LONGEST_TITLE, placeholder="\u2026")
    return short if len(short) > 1 else f"{first[: LONGEST_TITLE - 1]}\u2026"  # one long word
