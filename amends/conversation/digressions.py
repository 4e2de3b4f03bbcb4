"""What people ask and say beside the questions: policy, notes, a human, how things stand, hello and goodbye."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.conversation import after_card, cards, closing, codes, drill_words, progress, reporting, wording
from amends.conversation.replies import (
    Button,
    ClausesReply,
    IncidentLine,
    StatusReply,
    TextReply,
    press,
    press_answer,
)
from amends.incidents import completion
from amends.incidents.record import State
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from amends.conversation.case import Case
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk
    from amends.incidents.models import Incident

ROLES = {
    "legal": "legal services",
    "dpo": "the data protection officer",
    "security": "information security",
    "safeguarding": "the safeguarding lead",
    "hr": "HR",
    "comms": "the communications lead",
}
"""The roles that have a contact in the settings."""

_note = re.compile(
    r"^\s*(please )?(add|make|take|write)?\s*(a |this )?\s*(note|for the record)\b[^:\w]*(that|:)?\s*", re.IGNORECASE
)


def policy(talk: Talk) -> list[Reply]:
    """What does the policy say about something: typed, or carried by what was pressed."""
    about = talk.turn.words or talk.turn.entities.get("about", "").strip()
    if not about:
        talk.wait_for("policy")
        return []
    return search(talk, about)


def search(talk: Talk, text: str) -> list[Reply]:
    """The clauses that answer a question about policy; none is said to be none."""
    found = talk.tools.shelf.search().search(text)
    clauses = [hit.clause for hit in found.hits]
    if talk.case is not None:
        names = cards.remember(talk.case, clauses)
        talk.case.write(Kind.CLAUSE_SHOWN, {"asked": text, "clauses": [c.id for c in clauses]}, clauses=names)
    if not clauses:
        return [ClausesReply(text=wording.no_clause(found.ask_owner), clauses=())]
    text = wording.clauses_found([(c.id, c.title, c.text) for c in clauses])
    return [ClausesReply(text=text, clauses=tuple(cards.clause_card(c) for c in clauses))]


def note(talk: Talk) -> list[Reply]:
    """A note for the record: what the message says after 'note', or what comes next."""
    if talk.case is None:
        return [TextReply(text=wording.NO_INCIDENT_FOR_NOTE)]
    text = _note.sub("", talk.turn.words, count=1).strip()
    if not text:
        talk.wait_for("note")
        return []
    return keep_note(talk, text)


def keep_note(talk: Talk, text: str) -> list[Reply]:
    """Write a note into the record; what it says of open questions is offered for confirmation."""
    case = talk.case
    if case is None:
        return [TextReply(text=wording.NO_INCIDENT_FOR_NOTE)]
    case.write(Kind.NOTE_ADDED, {"text": text})
    if case.state is not State.ADVISED:
        reading = case.understanding.facts(text, talk.turn.said_at, talk.tools.settings.zone)
        facts = {q: f for q, f in reading.facts.items() if q != case.incident.asked}
        if reporting.take_in(case, facts, [], only_open=True):
            case.go_on()
    return [TextReply(text=wording.NOTE_KEPT.format(reference=case.incident.reference))]


def handover(talk: Talk) -> list[Reply]:
    """A human, now: the role that was named, else the communications lead; the request is recorded."""
    named = talk.turn.entities.get("role", "")
    roles = [named] if named in ROLES else list(codes.roles_said(talk.turn.words, ROLES))[:2] or ["comms"]
    reference = talk.case.incident.reference if talk.case else ""
    replies: list[Reply] = []
    for role in roles:
        contact = talk.tools.settings.contact_of(role)
        if talk.case is not None:
            talk.case.write(Kind.HANDOVER_REQUESTED, {"role": role, "contact": contact})
        said = wording.human(ROLES[role], contact, reference)
        drill = talk.case is not None and talk.case.incident.drill
        replies.append(TextReply(text=f"{said} {drill_words.NOBODY_TOLD}" if drill else said))
    others = [role for role in ROLES if role not in roles]
    if not named and len(roles) == 1 and isinstance(replies[0], TextReply):
        buttons = tuple(Button(label=_cap(ROLES[r]), send=press("handover", role=r)) for r in others)
        replies[0] = replies[0].model_copy(update={"buttons": buttons})
    return replies


def status(talk: Talk) -> list[Reply]:
    """How my incidents stand, with a button to go on with each; a reference that is named is gone on with."""
    mine = talk.open_incidents()
    current = talk.case.incident.id if talk.case else None
    lines = tuple(_line(talk, incident, current=incident.id == current) for incident in mine[:10])
    if not lines:
        button = Button(label=wording.LABEL_NEW_REPORT, send=press("report_problem"))
        return [TextReply(text=wording.NOTHING_OPEN, buttons=(button,))]
    text = "\n".join(f"{line.reference} ({line.state}): {line.title}. {line.next_step}" for line in lines)
    buttons = tuple(
        Button(label=f"Go on with {line.reference}", send=press_answer(cards.INCIDENT, line.reference, "-"))
        for line in lines
        if not line.current
    )
    return [StatusReply(text=text, buttons=buttons, incidents=lines)]


def greet(talk: Talk) -> list[Reply]:
    """Hello; with an incident open, where it was."""
    if talk.case is None:
        mine = talk.open_incidents()
        return [TextReply(text=wording.HELLO), *(status(talk) if mine else [])]
    talk.case.write(Kind.RESUMED, {"state": talk.case.state})
    incident = talk.case.incident
    text = wording.WELCOME_BACK.format(reference=incident.reference, title=incident.title)
    if talk.case.state is State.ADVISED:
        return [TextReply(text=text), cards.recommendation(talk.case)]
    return [TextReply(text=text)]


def goodbye(talk: Talk) -> list[Reply]:
    """Goodbye; what is open stays open, and is named."""
    if talk.case is None:
        return [TextReply(text=wording.GOODBYE)]
    finished = not completion.of(talk.case.incident).left
    if talk.case.state is State.ADVISED and not cards.open_steps(talk.case, cards.decision_of(talk.case)) and finished:
        return closing.close(talk)
    text = f"{wording.GOODBYE} {talk.case.incident.reference} stays open; we go on where we were."
    return [TextReply(text=text + after_card.asks_again(talk.case))]


def thanks(talk: Talk) -> list[Reply]:
    """You're welcome."""
    if talk.case is not None and talk.case.state is State.ADVISED:
        left = cards.open_steps(talk.case, cards.decision_of(talk.case))
        if left:
            return [TextReply(text=f"{wording.THANKS} {wording.next_step(left[0].label, left[0].how)}")]
    return [TextReply(text=wording.THANKS)]


def help_(talk: Talk) -> list[Reply]:
    """What the assistant is for, and what can be said."""
    contact = talk.tools.settings.contact_of("comms")
    return [TextReply(text=f"{wording.HELP} If you would rather talk to a person: {contact}.")]


def out_of_scope(talk: Talk) -> list[Reply]:
    """Something else: what this is for, and whom to ask."""
    contact = talk.tools.settings.contact_of("comms")
    if not re.search(r"[^\W_]", talk.turn.words):
        return [TextReply(text=f"{wording.NOT_READABLE} {wording.TELL_ME}")]
    if not talk.reading.english:
        return [TextReply(text=f"{wording.NOT_ENGLISH.format(contact=contact)} {wording.TELL_ME}")]
    if "?" in talk.turn.words and talk.tools.shelf.search().search(talk.turn.words).hits:
        return search(talk, talk.turn.words)
    return [TextReply(text=wording.OUT_OF_SCOPE.format(contact=contact))]


def _line(talk: Talk, incident: Incident, *, current: bool) -> IncidentLine:
    flow = talk.tools.shelf.flow_of(talk.session, incident.flow_version)
    clock = progress.next_deadline(incident, talk.at) if incident.state == State.ADVISED else None
    return IncidentLine(
        reference=incident.reference,
        state=incident.state,
        title=drill_words.marked(incident),
        next_step=progress.next_step(flow, incident),
        due=clock.due if clock else None,
        deadline=clock.title if clock else "",
        current=current,
    )


def where(case: Case) -> str:
    """One sentence about where an incident is."""
    return wording.WELCOME_BACK.format(reference=case.incident.reference, title=drill_words.marked(case.incident))


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]
