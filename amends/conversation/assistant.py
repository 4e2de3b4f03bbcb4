"""The conversation's commands: each is one transaction, done once for each message however often it comes.

Rasa says which command a message is; the record says where the person is. Where the two do not agree, as after
an outage, the record decides: every command can be called at any time and gives a sensible reply.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from amends.conversation import (
    advising,
    answering,
    asides,
    before_posting,
    cards,
    choosing,
    closing,
    correcting,
    digressions,
    drafting,
    drill_words,
    drilling,
    finishing,
    keeping,
    other_flow,
    practising,
    reporting,
    wording,
)
from amends.conversation.draft_check import NoCheck
from amends.conversation.replies import FailureReply, Reply, TextReply
from amends.conversation.talk import Talk, Tools, waits
from amends.conversation.turn import clean, once_key
from amends.flows import next_question
from amends.incidents import record
from amends.incidents.record import State
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from amends.conversation.shelf import Shelf
    from amends.conversation.turn import Turn
    from amends.incidents.database import Database
    from amends.incidents.models import Incident
    from amends.settings import Settings
    from amends.understanding.encoder import Floats

logger = logging.getLogger(__name__)

AWAY = timedelta(minutes=30)
"""Somebody who was silent for so long is told where they were."""


def failed(settings: Settings, reason: str) -> FailureReply:
    """What to say when nothing could be recorded: that, the safe steps, and whom to ring."""
    reason = reason or wording.FAILED_INSIDE
    return FailureReply(text=wording.FAILED.format(reason=reason, contact=settings.emergency_contact))


_replies: TypeAdapter[list[Reply]] = TypeAdapter(list[Reply])
_opens = ("report_problem", "out_of_scope", "nlu_fallback", "handover", "", "affirm", "deny", "not_sure")
"""What an emergency may be taken for; in these cases it is kept as a report."""
_ANSWERS = (
    answering.answer,
    answering.answer_or_out_of_scope,
    answering.done_or_answer,
    answering.report_or_answer,
    drafting.check_draft,
)
"""What may go on with a draft that was looked at; whatever else is said leaves it."""
_AS_IT_STANDS = (reporting.report, other_flow.ask, finishing.promise, drafting.check_request, drilling.real_in_words)
"""What words surely ask for, whatever is open."""
_LOOKING = ("greet", "ask_status")
"""Whoever says this looks how it stands: a time to ask what is to be asked."""
_ends = ("stop", "start_over", "goodbye")
"""What is never meant by somebody who tells of danger."""


def _now() -> datetime:
    return datetime.now(UTC)


class Assistant:
    """Everything a message can ask for.

    Args:
        settings: contacts, zone, organisation.
        database: the record.
        shelf: flow, clauses, encoder.
        now: the clock.
    """

    def __init__(
        self, settings: Settings, database: Database, shelf: Shelf, now: Callable[[], datetime] = _now
    ) -> None:
        self._tools = Tools(settings, shelf)
        self._database = database
        self._now = now

    def do(self, command: str, turn: Turn) -> list[Reply]:
        """Do one of `COMMANDS`.

        Raises:
            RecordUnavailable: nothing was recorded.
            KeyError: there is no such command.
        """
        self._read_ahead(turn)
        with self._database.begin() as session:
            return self._once(session, turn, COMMANDS[command])[0]

    def go_on(self, turn: Turn, *, answers: bool, spoken: bool) -> tuple[list[Reply], bool]:
        """Go on with the triage: take an answer, then ask what comes next, or show the advice if it is due.

        All in one transaction: if the question cannot be recorded as asked, nor is the answer.

        Args:
            answers: whether this message is an answer that no command had.
            spoken: whether something was said to this message already; if nothing was, and there is nothing to ask,
                there is a word about where we are.

        Returns:
            What to say, and whether an answer is waited for now.

        Raises:
            RecordUnavailable: nothing was recorded.
        """
        if answers:
            self._read_ahead(turn)
        with self._database.begin() as session:
            replies, talk = self._once(session, turn, COMMANDS["answer"]) if answers else ([], None)
            talk = talk or Talk(self._tools, session, turn, self._now())
            if waits(session, turn.conversation_id):
                return [*replies, *self._story(talk), *_asked(talk)], True
            after = [*advising.recommend(talk), *self._story(talk)]
            if not after and not replies and not spoken:
                after = closing.where(talk)
            return [*replies, *after], False

    def _story(self, talk: Talk) -> list[Reply]:
        """What happens next in a drill, if it is time for it."""
        return practising.unfold(talk, once_key(talk.turn.conversation_id, f"{talk.turn.key} drill"))

    def in_loop(self, turn: Turn) -> bool:
        """Whether the assistant waits for an answer."""
        with self._database.read() as session:
            return waits(session, turn.conversation_id)

    def warm_up(self) -> None:
        """Make the first message as fast as the others: encode the phrases, set up the solver."""
        shelf = self._tools.shelf
        for flow in shelf.beginnings().values():
            shelf.understanding(flow)
            next_question(flow, {}, self._tools.settings.flow_settings)
        shelf.chooser()
        shelf.search()
        # What reads texts is loaded when it is first used, which takes a second.
        shelf.understanding(shelf.seen).facts("The first words.", self._now(), self._tools.settings.zone)
        try:
            shelf.drafts.warm_up(self._tools.settings)
        except NoCheck as error:  # everything else works; whoever wants a draft checked is told
            logger.warning("%s", error)

    def encode_ahead(self, text: str) -> tuple[str, Floats]:
        """Encode words that a turn will be about in a moment.

        Returns:
            What encodes here, and the vector of the text in small letters, as Rasa's pipeline makes it.
        """
        return self._tools.shelf.encode_ahead(clean(text)[0], text.lower())

    def _read_ahead(self, turn: Turn) -> None:
        """Encode the words before the transaction begins, which keeps the others waiting while it lasts."""
        words = turn.words or reporting.told_in_full(turn)
        if words:
            shelf = self._tools.shelf
            shelf.understanding(shelf.seen).facts(words, turn.said_at, self._tools.settings.zone)

    def _once(
        self, session: Session, turn: Turn, work: Callable[[Talk], list[Reply]]
    ) -> tuple[list[Reply], Talk | None]:
        """Do the work for a message; for one that was handled before, what was said then, and no talk."""
        talks: list[Talk] = []
        at = self._now()

        def once() -> list[object]:
            talk = Talk(self._tools, session, turn, at)
            talks.append(talk)
            replies = self._handle(talk, work) if talk.barred is None else self._barred(talk, talk.barred)
            return [reply.model_dump(mode="json") for reply in replies]

        stored = record.once(session, once_key(turn.conversation_id, turn.key), once, at)
        return _replies.validate_python(stored), talks[0] if talks else None

    def _barred(self, talk: Talk, incident: Incident) -> list[Reply]:
        """One sentence instead of a restricted incident; a conversation of somebody's own is free for another one."""
        replies: list[Reply] = []
        if talk.turn.words and talk.reading.emergency:
            contact = self._tools.settings.emergency_contact
            replies.append(TextReply(text=wording.EMERGENCY_UNRECORDED.format(contact=contact)))
        if talk.shared:
            return [*replies, TextReply(text=wording.RESTRICTED_HERE.format(reference=incident.reference))]
        talk.leave()
        return [*replies, TextReply(text=wording.RESTRICTED.format(reference=incident.reference))]

    def _handle(self, talk: Talk, work: Callable[[Talk], list[Reply]]) -> list[Reply]:
        first: list[Reply] = self._welcome_back(talk)
        done = set(talk.case.done) if talk.case is not None else set()
        back = bool(first) or talk.turn.intent in _LOOKING
        first = [*before_posting.answers(talk), *first]
        work = self._meant(talk, work)
        typed = bool(talk.turn.words)
        if typed and talk.reading.emergency:
            replies = self._emergency(talk, work)
        elif work in _AS_IT_STANDS:
            replies = work(talk)
        elif asides.takes_text(talk) or before_posting.is_answer(talk) or finishing.is_answer(talk):
            replies = answering.answer(talk)
        elif typed and answering.named_incident(talk):
            replies = keeping.go_on_with(talk, answering.named_incident(talk))
        elif typed and answering.is_plain_answer(talk):
            replies = answering.answer(talk)
        elif typed and (answering.is_report(talk) or practising.is_report(talk)):
            replies = reporting.report(talk)
        elif typed and answering.is_finished(talk):
            replies = closing.close(talk)
        elif asides.ask_which(talk):
            replies = []
        else:
            if work not in _ANSWERS:
                before_posting.passed_by(talk)
            replies = work(talk)
        if typed and talk.reading.worrying:
            first.append(TextReply(text=wording.IN_DANGER.format(contact=self._tools.settings.emergency_contact)))
        if talk.turn.cut:
            first.append(TextReply(text=wording.CUT))
        return [*first, *replies, *finishing.hear(talk, done, back=back)]

    def _meant(self, talk: Talk, work: Callable[[Talk], list[Reply]]) -> Callable[[Talk], list[Reply]]:
        """What is to be done, once words that a press carries, or that were said before, are heard."""
        if wish := asides.chosen_wish(talk):
            talk.settle()
            talk.hears(*wish)
            return COMMANDS[_BY_WISH[wish[0]]]
        if drilling.is_real(talk):
            return drilling.real_in_words
        if drafting.is_request(talk):
            return drafting.check_request
        if told := reporting.told_in_full(talk.turn):
            talk.hears("report_problem", told)
            return reporting.report
        if choosing.is_wanted(talk) and not asides.takes_text(talk):
            return other_flow.ask
        if finishing.is_promise(talk):
            return finishing.promise
        return answering.done_or_answer if finishing.is_posted(talk) else work

    def _emergency(self, talk: Talk, work: Callable[[Talk], list[Reply]]) -> list[Reply]:
        """The emergency line, before anything else; a person is asked for, and it is kept as a report."""
        contact = self._tools.settings.emergency_contact
        if asides.takes_text(talk):  # words that are to be looked at
            replies = answering.answer(talk)
        elif talk.case is None and talk.turn.intent in _opens and work is not drafting.check_request:
            replies = reporting.open_report(talk, talk.turn.words, ask=False)
        elif talk.turn.intent in _ends:
            replies = []
        else:
            replies = work(talk)
        if talk.case is None:
            return [TextReply(text=wording.EMERGENCY_UNRECORDED.format(contact=contact)), *replies]
        if talk.case.incident.drill:
            said = f"{wording.EMERGENCY_UNRECORDED.format(contact=contact)} {drill_words.NOBODY_TOLD}"
            return [TextReply(text=said), *replies]
        talk.case.write(Kind.HANDOVER_REQUESTED, {"role": "emergency", "contact": contact})
        return [TextReply(text=wording.EMERGENCY.format(contact=contact)), *replies]

    def _welcome_back(self, talk: Talk) -> list[Reply]:
        if talk.case is None or talk.turn.intent == "greet":
            return []
        last = talk.last_recorded(talk.case.incident)
        if last is None or talk.at - last < AWAY:
            return []
        talk.case.write(Kind.RESUMED, {"state": talk.case.state})
        return [TextReply(text=digressions.where(talk.case))]


COMMANDS: dict[str, Callable[[Talk], list[Reply]]] = {
    "report": answering.report_or_answer,
    "answer": answering.answer,
    "correct": correcting.correct,
    "go_back": correcting.go_back,
    "start_over": closing.start_over,
    "stop": closing.stop,
    "why": advising.explain,
    "alternative": advising.alternative,
    "policy": digressions.policy,
    "note": digressions.note,
    "handover": digressions.handover,
    "status": digressions.status,
    "step_done": answering.done_or_answer,
    "check_draft": drafting.check_draft,
    "greet": digressions.greet,
    "goodbye": digressions.goodbye,
    "thanks": digressions.thanks,
    "help": digressions.help_,
    "practise": drilling.practise,
    "out_of_scope": answering.answer_or_out_of_scope,
}
"""What a message can ask for, by the name of the action that asks."""


_BY_WISH = {
    "report_problem": "report",
    "check_draft": "check_draft",
    "ask_policy": "policy",
    "ask_why": "why",
    "ask_alternative": "alternative",
    "ask_status": "status",
    "ask_help": "help",
    "add_note": "note",
    "handover": "handover",
    "practise": "practise",
}
"""The command of each of `wording.WISHES`."""


def _asked(talk: Talk) -> list[Reply]:
    """What the assistant waits for: a question beside the triage, a confirmation, or a question."""
    if talk.barred is not None:
        return []
    if talk.pending is not None:
        if talk.pending["kind"] in before_posting.KINDS:
            return [before_posting.card(talk, talk.pending)]
        return [cards.pending(talk.case, talk.pending["kind"], talk.pending)]
    case = talk.case
    if case is None or not case.in_loop:
        return []
    if case.state is State.CONFIRMING:
        return [cards.understood(case)]
    card = cards.question(case)
    last = case.last_entry(Kind.ASKED, Kind.ANSWERED, Kind.CORRECTED, Kind.CONFIRMED, Kind.WENT_BACK)
    asked = last is not None and last.kind == Kind.ASKED and (last.payload or {}).get("state") == card.state
    if not asked:
        case.write(Kind.ASKED, {"question": card.question, "ask": card.text, "state": card.state})
    return [card]
