"""Help with the words of a response: a frame first, then what is wrong with a draft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.conversation import cards, wording
from amends.conversation.replies import DraftReply, Finding, TextReply
from amends.drafts.reply import FRAMES, check_reply
from amends.incidents.record import State
from amends.incidents.trail import Kind
from amends.understanding.texts import quotations

if TYPE_CHECKING:
    from amends.conversation.case import Case
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk
    from amends.flows import Decision

SHORTEST_DRAFT = 5
"""A request of fewer words is no draft itself: 'check my apology'."""

_introduced = re.compile(
    r"^[^:\n]{0,80}\b(draft|check|reply|statement|apology|wording|words|say|saying|post|this)\b[^:\n]{0,40}[:\n]\s*",
    re.IGNORECASE,
)


def check_draft(talk: Talk) -> list[Reply]:
    """Asked to check words: with a draft in the message it is checked, without one it is asked for."""
    case = talk.case
    if case is None:
        return [TextReply(text=wording.DRAFT_FIRST)]
    if case.state is not State.ADVISED:
        return [TextReply(text=wording.DRAFT_LATER)]
    draft = _draft_in(talk.turn.words)
    if draft:
        return check(talk, draft)
    decision = cards.decision_of(case)
    frames = [f"{case.flow.codes[code].label}: {FRAMES[code]}" for code in decision.responses if code in FRAMES]
    rules = [f"- {rule}" for rule in decision.wording]
    lines = [wording.MODELS_FOR, *frames, *rules, wording.POINTS_ONLY] if frames or rules else []
    talk.wait_for("draft")
    return [TextReply(text="\n".join(lines))] if lines else []


def check(talk: Talk, draft: str) -> list[Reply]:
    """What is wrong with a draft, sentence by sentence. It is kept in the record, and goes nowhere else."""
    case = talk.case
    if case is None:
        return [TextReply(text=wording.DRAFT_FIRST)]
    decision = cards.decision_of(case)
    repeated = _not_to_repeat(case, decision)
    flaws = check_reply(draft, apology="apologise" in decision.responses, repeated=repeated)
    findings = tuple(Finding(sentence=f.sentence, problem=f.problem, instead=f.instead, rule=f.rule) for f in flaws)
    case.write(Kind.DRAFT_CHECKED, {"draft": draft, "findings": [finding.model_dump() for finding in findings]})
    if not re.search(r"\w", draft):
        return [TextReply(text=wording.DRAFT_EMPTY)]
    lines = [
        f"{f'{f.sentence!r}: ' if f.sentence else ''}{f.problem} {f.instead}".replace("\\n", " ") for f in findings
    ]
    return [DraftReply(text="\n".join(lines) or wording.DRAFT_CLEAN, findings=findings)]


def _not_to_repeat(case: Case, decision: Decision) -> tuple[str, ...]:
    """Three words in a row of what the person quoted from the post, where the flow says not to repeat it (N12)."""
    forbids = any(rule.id == "N12" and rule.says in decision.wording for rule in case.flow.wording)
    if not forbids:
        return ()
    told = [entry.payload or {} for entry in case.talk.trail_of(case.incident)]
    quoted = [words.split() for payload in told for words in quotations(str(payload.get("text", "")))]
    runs = [" ".join(words[n : n + 3]) for words in quoted for n in range(max(len(words) - 2, 1))]
    return tuple(dict.fromkeys(run.strip(" .,!?") for run in runs))


def introduced(text: str) -> str:
    """The draft in a text that begins by asking about it: 'is this apology ok: We are sorry...'; else nothing."""
    match = _introduced.match(text)
    draft = text[match.end() :].strip() if match else ""
    return draft if len(draft.split()) >= SHORTEST_DRAFT else ""


def _draft_in(text: str) -> str:
    """The draft that a request carries: after its colon or line break, in quotation marks, or all of it."""
    quoted = re.search(r"[\"\u201c](.{20,}?)[\"\u201d]", text, re.DOTALL)
    if quoted:
        return quoted[1].strip()
    if introduced(text):
        return introduced(text)
    return text if len(text.split()) >= SHORTEST_DRAFT and re.search(r"\b(we|our|sorry)\b", text, re.IGNORECASE) else ""
