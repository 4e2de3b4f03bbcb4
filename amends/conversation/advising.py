"""The advice: given when nothing is left to ask; explained; and why not something else."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any

from amends.conversation import cards, codes, evidence, letters, steps, wording
from amends.conversation.replies import Button, TextReply, press
from amends.flows import otherwise, why, why_not
from amends.incidents.models import Participant
from amends.incidents.record import State
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from amends.conversation.case import Case
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk
    from amends.flows import Decision, WhyNot

logger = logging.getLogger(__name__)

MOST_REASONS = 4
"""More reasons against one thing than this are only counted."""

_asks_when = re.compile(
    r"\b(how (long|soon|fast|quickly)|deadlines?|by when|when (do|must|should)|what time)\b", re.IGNORECASE
)
_why_not = re.compile(r"\bwhy (?:can(?:'?t|not)|not|couldn'?t|shouldn'?t|don'?t|won'?t)\b", re.IGNORECASE)
_asks_who = re.compile(r"\bwho (decides|signs|approves|is in charge|has to)\b", re.IGNORECASE)
_asks_next = re.compile(
    r"\b(what (now|next)|what (do|should) (i|we) do|next step|show (me )?(the )?advice)\b", re.IGNORECASE
)
_asks_letter = re.compile(r"\b(letter|template|skeleton|notice|message)s?\b", re.IGNORECASE)


def recommend(talk: Talk) -> list[Reply]:
    """The advice, if it is due."""
    return give(talk.case) if talk.case is not None and talk.case.due else []


def now(case: Case) -> list[Reply]:
    """Advice with what is known so far: provisional, and it says what is missing."""
    case.understood = {}
    return give(case)


def give(case: Case) -> list[Reply]:
    """Decide, record the whole decision, and show it."""
    decision = cards.flow_decision(case)
    _note_saved(case, decision)
    before = case.incident.decision
    kept = cards.decision_json(decision)
    names = cards.remember(case, [one.clause for one in cards.cited(case, decision)])
    payload = {
        "decision": decision.as_json(),
        "answers": {q: cards.raw(a, q) for q, a in case.answers.items()},
        "settings": sorted(case.settings),
        **_decided_by_lead(case, decision),
    }
    case.write(Kind.RECOMMENDED, payload, clauses=names)
    case.incident.decision = kept
    case.incident.level = decision.level
    case.incident.asked = None
    case.to(State.ADVISED)
    remarks = [wording.ADVICE_SAME] if before == kept else []
    for rule in case.flow.never:
        if rule.id in decision.refused:
            logger.error("Never-rule %s overruled flow version %s.", rule.id, case.flow.version)
            remarks.append(wording.OVERRULED.format(title=rule.title))
    return [cards.recommendation(case, " ".join(remarks))]


def _decided_by_lead(case: Case, decision: Decision) -> dict[str, Any]:
    """A lead's decision stands when the answers change; what it means now is kept, and what it goes against now."""
    if case.override is None:
        return {}
    responses = case.override["responses"]
    decided = otherwise(case.flow, case.answers, case.settings, decision, responses)
    steps = decided.decision.as_json()["steps"]
    changed = {**case.override, "steps": steps, "against": list(decided.against)}
    case.incident.override = json.dumps(changed, ensure_ascii=False)
    return {"decided_by_lead": responses, "against": list(decided.against)}


def _few(answer: WhyNot) -> str:
    """An explanation with no more reasons than somebody under stress reads."""
    if len(answer.ruled_out_by) <= MOST_REASONS:
        return answer.text
    left_out = set(answer.ruled_out_by[MOST_REASONS:])
    kept = [line for line in answer.text.split("\n") if line not in left_out]
    return "\n".join([*kept, wording.MORE_REASONS.format(count=len(left_out))])


def _note_saved(case: Case, decision: Decision) -> None:
    """Whoever said that the evidence is saved, or sent it, need not say so again."""
    if "preserve" not in decision.responses or "preserve" in case.done:
        return
    if sent := evidence.copies_for(case.talk.session, case.incident):
        sender = case.talk.session.get_one(Participant, sent[0].participant_id)
        steps.note(case, "preserve", sender.name or sender.id, sent[0].stored_at)
        return
    answer = case.answers.get("evidence")
    if answer is not None and answer.value == "saved" and not answer.inferred:
        steps.mark(case, ["preserve"], case.talk.turn.said_at)


def explain(talk: Talk) -> list[Reply]:
    """Why a question is asked, or why the advice is what it is."""
    if _why_not.search(talk.turn.words) and codes.said(talk.turn.words, talk.flow.codes):
        return alternative(talk)
    case = talk.case
    if case is None:
        return [TextReply(text=wording.WHY_NOTHING)]
    if case.state is State.ADVISED and _asks_of_another(talk, case):
        return alternative(talk)
    if case.state is State.ADVISED:
        text = why(case.flow, case.answers, case.settings)
        if case.override is not None:
            text = f"{cards.decided_by_lead(case)}\n{wording.RULES_SAY}\n{text}"
        case.write(Kind.EXPLAINED, {"what": "advice", "text": text})
        return [TextReply(text=text)]
    if case.state is State.CONFIRMING or case.incident.asked is None:
        text = wording.WHY_CONFIRM
        case.write(Kind.EXPLAINED, {"what": "confirmation", "text": text})
        return [TextReply(text=text)]
    asked = case.flow.questions[case.incident.asked]
    case.write(Kind.EXPLAINED, {"what": "question", "question": asked.id, "text": asked.why})
    return [TextReply(text=asked.why)]


def _asks_of_another(talk: Talk, case: Case) -> bool:
    """Whether 'why' is about something that is not advised: 'why don't we apologise'."""
    named = codes.said(talk.turn.words, case.flow.codes)
    return bool(named) and not set(named) & {step.code for step in cards.decision_of(case).steps}


def alternative(talk: Talk) -> list[Reply]:
    """Why not just delete it, joke about it, say nothing: what rules it out, and what would change that."""
    case = talk.case
    if case is None:
        return [TextReply(text=wording.WHY_NOTHING)]
    named = talk.turn.entities.get("code", "")
    found = [named] if named in case.flow.codes else list(codes.said(talk.turn.words, case.flow.codes))
    if not found:
        advised = {step.code for step in cards.decision_of(case).steps}
        others = [code for code in case.flow.responses.values() if code.code not in advised]
        buttons = tuple(Button(label=c.label, send=press("ask_alternative", code=c.code)) for c in others)
        return [TextReply(text=wording.WHY_NOT_WHAT, buttons=buttons)]
    replies: list[Reply] = []
    left_out = set(cards.flow_decision(case).responses) - set(cards.decision_of(case).responses)
    for code in found[:2]:
        if code in left_out:
            text = cards.decided_by_lead(case)
        else:
            text = _few(why_not(case.flow, case.answers, code, case.settings))
        if case.state is not State.ADVISED:
            text = f"{wording.SO_FAR} {text[:1].lower()}{text[1:]}"
        case.write(Kind.EXPLAINED, {"what": "why_not", "code": code, "text": text})
        replies.append(TextReply(text=text))
    return replies


def about(case: Case, words: str) -> list[Reply]:
    """Plain questions about the advice: how long there is, who decides, what to do next; nothing for others."""
    decision = cards.decision_of(case)
    if _asks_when.search(words):
        lines = cards.clock_lines(case, decision)
        lines.append(wording.pace(decision.first_public_line, decision.look_again))
        return [TextReply(text="\n".join(lines))]
    if _asks_who.search(words):
        return [TextReply(text=wording.decides(decision.decider, decision.clear_first))]
    if _asks_next.search(words):
        return [cards.recommendation(case)]
    if _asks_letter.search(words) and case.flow.letters:
        return letters.show(case)
    return []
