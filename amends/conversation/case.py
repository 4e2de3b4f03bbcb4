"""An incident, opened: for a message that is handled, or only to be looked at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from amends.accounts import waking
from amends.flows import Answer, answers_json, next_question, parse_answers
from amends.incidents import record, trail
from amends.incidents.advice import override_of
from amends.incidents.record import State
from amends.incidents.trail import Kind
from amends.outbox import notices
from amends.register import shelving

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.accounts.waking import Woken
    from amends.conversation.talk import Talk, Tools
    from amends.incidents.models import Incident
    from amends.understanding import Understanding


class Look:
    """A look at the record: inside a transaction, at a time, with nobody speaking."""

    speaking = False

    def __init__(self, tools: Tools, session: Session, at: datetime) -> None:
        self.tools = tools
        self.session = session
        self.at = at


class Case:
    """An incident, opened: its answers and what is understood, read; in a talk each change is written."""

    def __init__(self, look: Look, incident: Incident) -> None:
        self.look = look
        self.incident = incident
        self.flow = look.tools.shelf.flow_of(look.session, incident.flow_version)
        self.answers = parse_answers(self.flow, json.loads(incident.answers))
        self.understood: dict[str, Any] = json.loads(incident.understood)
        """Understood and not confirmed: question -> {"value", "words"}, and under "" other details."""
        self.history: list[dict[str, Any]] = json.loads(incident.history)
        self.done: dict[str, dict[str, str]] = json.loads(incident.done)
        self.woken: list[Woken] = []
        """Who was woken for an official account that was named just now."""
        self._takes_part = False

    @property
    def talk(self) -> Talk:
        """The message that this case is handled for."""
        if not self.look.speaking:
            raise TypeError("This incident is only looked at; nobody speaks.")
        return cast("Talk", self.look)

    @property
    def override(self) -> Mapping[str, Any] | None:
        """What a comms lead decided instead of the flow's advice."""
        return override_of(self.incident)

    @property
    def state_id(self) -> str:
        """What buttons carry: the incident and the state they were drawn in."""
        return f"{self.incident.reference}:{self.incident.state_number}"

    @property
    def state(self) -> State:
        """Where the incident stands."""
        return State(self.incident.state)

    @property
    def settings(self) -> frozenset[str]:
        """The organisation's yes/no settings."""
        return self.look.tools.settings.flow_settings

    @property
    def understanding(self) -> Understanding:
        """What reads texts against this incident's flow."""
        return self.talk.tools.shelf.understanding(self.flow)

    @property
    def offered(self) -> dict[str, Answer]:
        """What is understood and not confirmed, as answers."""
        raw = {q: {"value": fact["value"], "inferred": True} for q, fact in self.understood.items() if q}
        return parse_answers(self.flow, raw)

    @property
    def near(self) -> tuple[str, ...]:
        """Questions of which the first message seemed to say something, but not surely: asked first."""
        reported = self.last_entry(Kind.REPORTED)
        return tuple(reported.payload.get("near", ())) if reported and reported.payload else ()

    @property
    def in_loop(self) -> bool:
        """Whether something has to be asked: a confirmation, or a question."""
        if self.state is State.CONFIRMING:
            return True
        return self.state is State.ASKING and self.incident.asked is not None

    @property
    def due(self) -> bool:
        """Whether nothing is left to ask and the advice was not given yet."""
        return self.state is State.ASKING and self.incident.asked is None

    def answer(self, question: str, answer: Answer | None, words: str = "") -> None:
        """Keep an answer, or take one away with None; both are remembered for going back.

        An answer that was there before is corrected: the entry names the one it supersedes.
        """
        before = self.answers.get(question)
        raw_before = answers_json({question: before})[question] if before else None
        self.history.append({"question": question, "before": raw_before})
        if answer is None:
            self.answers.pop(question, None)
            return
        self.answers[question] = answer
        self.understood.pop(question, None)
        payload = {"question": question, "value": answers_json({question: answer})[question], "words": words}
        if raw_before is None:
            self.write(Kind.ANSWERED, payload)
        else:
            self.write(Kind.CORRECTED, {**payload, "before": raw_before}, supersedes=self._entry_of(question))

    def go_on(self, ask: str | None = None) -> None:
        """Settle what comes next: `ask` when it is given, else a confirmation, else the next question."""
        if ask is None and any(self.understood):
            self.incident.asked = None
            self.to(State.CONFIRMING)
            return
        self.incident.asked = ask or next_question(self.flow, self.answers, self.settings, self.near)
        self.to(State.ASKING)

    def to(self, state: State) -> None:
        """Move to a state, or stay in it with something changed: buttons drawn before are stale now."""
        self.incident.state = state
        self.incident.state_number += 1
        self.save()

    def save(self) -> None:
        """Keep what was changed here in the incident's row."""
        self.incident.answers = as_text(answers_json(self.answers))
        self.incident.understood = as_text(self.understood)
        self.incident.history = as_text(self.history)
        self.incident.done = as_text(self.done)
        self.talk.session.flush()

    def write(
        self,
        kind: Kind,
        payload: Mapping[str, Any],
        *,
        supersedes: int | None = None,
        clauses: Iterable[str] = (),
    ) -> None:
        """Add an entry to the trail; who spoke takes part in the incident from now on."""
        turn = self.talk.turn
        trail.append(
            self.talk.session,
            self.incident,
            kind,
            payload,
            actor_id=turn.actor_id,
            source=turn.source,
            said_at=turn.said_at,
            recorded_at=self.talk.at,
            supersedes=supersedes,
            clauses=tuple(clauses),
        )
        if not self._takes_part:
            record.involve(self.talk.session, self.incident, turn.actor_id, self.talk.at)
            self._takes_part = True
        session, settings = self.talk.session, self.talk.tools.settings
        self.woken += waking.heard(session, settings, self.incident, kind, payload, turn.actor_id, self.talk.at)
        notices.happened(session, settings, self.incident, kind, self.talk.at)
        shelving.changed(self.talk.session, self.incident, self.talk.at)

    def last_entry(self, *kinds: Kind) -> trail.Entry | None:
        """The last trail entry of these kinds, or of any."""
        return trail.newest(self.talk.session, self.incident, kinds)

    def _entry_of(self, question: str) -> int | None:
        """The sequence of the entry that holds the answer to a question."""
        for entry in reversed(self.talk.trail_of(self.incident)):
            if entry.payload is None:
                continue
            if entry.kind in (Kind.ANSWERED, Kind.CORRECTED) and entry.payload.get("question") == question:
                return entry.sequence
            if entry.kind == Kind.CONFIRMED and question in entry.payload.get("answers", {}):
                return entry.sequence
        return None


def as_text(value: Any) -> str:
    """JSON as the record keeps it."""
    return json.dumps(value, ensure_ascii=False)
