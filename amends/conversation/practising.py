"""A drill in the conversation: its story goes on while somebody works, and at the end there is a look back."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from amends.conversation import cards, debriefing, drill_words, wording
from amends.conversation.replies import Button, TextReply, press, press_answer
from amends.drills import practice
from amends.drills.library import DrillError, load_drills
from amends.incidents import record
from amends.incidents.record import State
from amends.incidents.trail import Kind
from amends.settings import ROOT

if TYPE_CHECKING:
    from amends.conversation.case import Case
    from amends.conversation.replies import Reply, SafeStepsReply
    from amends.conversation.talk import Talk
    from amends.drills.library import Drill, Drills
    from amends.drills.tables import Practice

logger = logging.getLogger(__name__)

DATA = ROOT / "data"
REAL, END = "real", "end"
"""What is pressed instead of the name of a drill: something real has happened; the drill is to end."""
FORGOTTEN = timedelta(hours=1)
"""A drill whose story nobody has answered for so long is over: what is told then is real."""
REPORT_WORDS = 6
"""A text of fewer words is hardly a report."""
BESIDE = ("stop", "start_over", "practise", "ask_help", "ask_policy", "ask_status", "handover", "goodbye", "thanks")
"""What is meant as it is said, also when a story was just told."""


def there_are() -> Drills | None:
    """The drills; None when their files cannot be read, which is the owners' to mend."""
    try:
        return load_drills(DATA)
    except DrillError as error:
        logger.error("The drills cannot be read: %s mistakes, see 'amends drill check'.", len(error.problems))  # noqa: TRY400
        return None


def under_way(talk: Talk) -> Practice | None:
    """The drill that is under way in this conversation and waits to be reported, or is worked on."""
    go = practice.running(talk.session, talk.conversation.id)
    if go is not None and go.incident_id is None and talk.at - go.began_at > FORGOTTEN:
        practice.end(go, talk.at)
        return None
    return go


def told(talk: Talk) -> Practice | None:
    """The drill whose story has begun, while nobody has said yet what happened in it: what is reported is practice."""
    go = under_way(talk)
    return go if go is not None and go.incident_id is None else None


def is_report(talk: Talk) -> bool:
    """Whether words are what somebody says to the story that was just told, whatever Rasa took them for."""
    turn = talk.turn
    if talk.case is not None or talk.pending is not None or turn.intent in BESIDE:
        return False
    return len(turn.words.split()) >= REPORT_WORDS and told(talk) is not None


def opened(case: Case, go: Practice) -> None:
    """An incident was opened as practice: it is marked, and what was told of the story stands in its trail.

    Alone it is for those who take part, and nobody else.
    """
    go.incident_id = case.incident.id
    case.incident.restricted = not go.team
    drill = _drill(go)
    case.write(Kind.DRILL_MARKED, {"now": "a drill", "drill": drill.title if drill else go.drill})
    for part in drill.told[: go.told] if drill else ():
        case.write(Kind.DRILL_TOLD, {"clock": part.clock, "text": part.text})


def marked(reply: SafeStepsReply) -> SafeStepsReply:
    """The first answer, with the way out for somebody who is not practising."""
    return reply.model_copy(update={"buttons": (*reply.buttons, real_button())})


def real_button() -> Button:
    """The way out for somebody to whom something real has happened."""
    return Button(label=drill_words.LABEL_REAL, send=press("practise", about=REAL))


def unfold(talk: Talk, key: str) -> list[Reply]:
    """The next part of the story, when it is time for it: at most one for each message, and once for each key."""
    case = talk.case
    if case is None or not case.incident.drill or talk.pending is not None:
        return []
    go = practice.of_incident(talk.session, case.incident)
    drill = _drill(go) if go else None
    if go is None or go.ended_at is not None or drill is None:
        return []

    def once() -> list[object]:
        if go.told < len(drill.told) and _is_time(talk, case, go, drill):
            return [_tell(case, go, drill)]
        return []

    stored = record.once(talk.session, key, once, talk.at)
    return [TextReply.model_validate(each) for each in stored]


def before_close(case: Case) -> list[Reply]:
    """What would not be told any more if the incident was closed now."""
    go = practice.of_incident(case.talk.session, case.incident) if case.incident.drill else None
    drill = _drill(go) if go else None
    if go is None or go.ended_at is not None or drill is None or go.told >= len(drill.told):
        return []
    reply = TextReply.model_validate(_tell(case, go, drill))
    return [reply.model_copy(update={"text": f"{drill_words.BEFORE_YOU_CLOSE} {reply.text}"})]


def over(case: Case) -> list[Reply]:
    """The look back, when a practice incident was closed; nothing for a real one."""
    go = practice.of_incident(case.talk.session, case.incident) if case.incident.drill else None
    drills = there_are()
    drill = drills.drills.get(go.drill) if go and drills else None
    if go is None or go.ended_at is not None:
        return []
    if drills is None or drill is None:
        practice.end(go, case.talk.at)
        return [TextReply(text=drill_words.LEFT)]
    known = drills.case_of(drill)
    outcome = debriefing.outcome_of(case, go, known)
    practice.end(go, case.talk.at, outcome)
    case.write(Kind.DRILL_ENDED, outcome.as_json())
    return [debriefing.debrief(case, drill, known, outcome)]


def left(talk: Talk) -> list[Reply]:
    """The drill ends before anything was said to its story; nothing when there is none."""
    go = told(talk)
    if go is None:
        return []
    practice.end(go, talk.at)
    return [TextReply(text=drill_words.LEFT, buttons=(debriefing.another(),))]


def _drill(go: Practice) -> Drill | None:
    drills = there_are()
    return drills.drills.get(go.drill) if drills else None


def _is_time(talk: Talk, case: Case, go: Practice, drill: Drill) -> bool:
    """Whether a facilitator wants the next part told, its time has come, or the work has come so far."""
    if go.cued > go.told or talk.at - go.began_at >= timedelta(minutes=drill.begins_after(go.told)):
        return True
    if drill.told[go.told].when == "reported":
        return case.last_entry(Kind.CONFIRMED, Kind.ANSWERED, Kind.CORRECTED) is not None
    advised = case.last_entry(Kind.RECOMMENDED)
    return case.state is State.ADVISED and advised is not None and advised.recorded_at < talk.at


def _tell(case: Case, go: Practice, drill: Drill) -> dict[str, object]:
    """Tell the next part, and say so in the trail; as JSON."""
    part = drill.told[go.told]
    go.told += 1
    minutes = int((case.talk.at - go.began_at).total_seconds() // 60)
    text = drill_words.story(part, minutes)
    buttons: tuple[Button, ...] = ()
    if case.state is State.ADVISED:
        text = f"{text} {drill_words.CHANGED}"
        show = press_answer(cards.SHOW, "yes", case.state_id)
        buttons = (
            Button(label=wording.LABEL_CHANGE, send=press("correct_answer")),
            Button(label=wording.LABEL_ADVICE, send=show),
        )
    case.write(Kind.DRILL_TOLD, {"clock": part.clock, "text": part.text})
    return TextReply(text=text, buttons=buttons).model_dump(mode="json")
