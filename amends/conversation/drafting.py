"""Help with the words of a response: a frame first, then what is wrong with a draft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.conversation import before_posting, cards, wording
from amends.conversation.draft_check import NoCheck
from amends.conversation.replies import DraftReply, Finding, TextReply
from amends.drafts import Draft
from amends.drafts.reply import FRAMES, check_reply
from amends.incidents.record import State
from amends.incidents.trail import Kind
from amends.understanding.texts import quotations

if TYPE_CHECKING:
    from collections.abc import Collection

    from amends.conversation.case import Case
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk
    from amends.flows import Decision

SHORTEST_DRAFT = 5
"""A request of fewer words is no draft itself: 'check my apology'."""
OWN_ACCOUNTS = "personal_use"
"""The flow for people's own accounts, where lawful speech is theirs."""
_SAME = {
    "N10": "apology",
    "N11": "apology",
    "apology": "apology",
    "N12": "personal_data",
    "N14": "insult",
    "N16": "promise",
}
"""What a rule for replies says, and the kind of finding that says the same."""

_introduced = re.compile(
    r"^[^:\n]{0,80}\b(draft|check|reply|statement|apology|wording|words|say|saying|post|this)\b[^:\n]{0,40}[:\n]\s*",
    re.IGNORECASE,
)

_request = re.compile(
    r"^\W*(?:(?:hi|hello|please|can|could|would|you|just|quickly)\b\W*)*"
    r"(?:check|look over|look at|read|proofread|review)\s+(?:this|my|the|our|a)\b[^:\n]{0,60}(?::\s|\n)",
    re.IGNORECASE,
)


def check_draft(talk: Talk) -> list[Reply]:
    """Asked to check words: with a draft in the message it is checked, without one it is asked for."""
    case, words = talk.case, talk.turn.words
    if case is not None and case.state is not State.ADVISED:
        return [TextReply(text=wording.DRAFT_LATER)]
    if case is None:
        draft = _quoted_in(words) or introduced(words) or _asked_about(words)
        if draft:
            return before_posting.take(talk, draft, words[: words.find(draft)])
        talk.wait_for("draft")
        return []
    draft = _draft_in(words)
    if draft:
        return check(talk, draft)
    talk.wait_for("draft")
    decision = cards.decision_of(case)
    frames = [f"{case.flow.codes[code].label}: {FRAMES[code]}" for code in decision.responses if code in FRAMES]
    rules = [f"- {rule}" for rule in decision.wording]
    lines = [wording.MODELS_FOR, *frames, *rules, wording.POINTS_ONLY] if frames or rules else []
    return [TextReply(text="\n".join(lines))] if lines else []


def check(talk: Talk, draft: str) -> list[Reply]:
    """What is wrong with a draft.

    In an incident it is a reply: its sentences are held against the rules for that, and then against what any post is.
    It is kept in the record, and goes nowhere else. With nothing open it is kept nowhere.
    """
    case = talk.case
    if case is None:
        return before_posting.take(talk, draft)
    decision = cards.decision_of(case)
    repeated = _not_to_repeat(case, decision)
    flaws = check_reply(draft, apology="apologise" in decision.responses, repeated=repeated)
    found = tuple(Finding(sentence=f.sentence, problem=f.problem, instead=f.instead, rule=f.rule) for f in flaws)
    general, after = _as_a_post(case, draft, {_SAME[flaw.rule] for flaw in flaws if flaw.rule in _SAME})
    findings = (*found, *general)
    case.write(Kind.DRAFT_CHECKED, {"draft": draft, "findings": [finding.model_dump() for finding in findings]})
    if not re.search(r"\w", draft):
        return [TextReply(text=wording.DRAFT_EMPTY)]
    lines = [f"{f'{f.sentence!r}: ' if f.sentence else ''}{f.problem} {f.instead}".replace("\\n", " ") for f in found]
    lines += [f"{one.sentence}: {one.rule}. {one.problem} {one.instead} ({'; '.join(one.clauses)})" for one in general]
    return [DraftReply(text="\n".join([*lines, *after]) or wording.DRAFT_CLEAN, findings=findings, after=after)]


def _as_a_post(case: Case, draft: str, said: Collection[str]) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """What is found in a reply as in any post, and who reads it first.

    Args:
        said: kinds of which the rules for replies have spoken already.
    """
    tools = case.talk.tools
    official = case.flow.id != OWN_ACCOUNTS
    try:
        looked = tools.shelf.drafts.look(Draft(draft, official=official), tools.settings, case.talk.at, without=said)
    except NoCheck as error:
        return (), (str(error),)
    reply = before_posting.shown(looked)
    return reply.findings, reply.after if reply.findings else ()


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


def is_request(talk: Talk) -> bool:
    """Whether words ask for a draft that they carry to be checked, however Rasa took them: it reads the draft, too."""
    there = talk.case is None or talk.case.state is State.ADVISED
    free = talk.pending is None or talk.pending["kind"] == before_posting.NEXT
    return there and free and bool(_asked_about(talk.turn.words))


def check_request(talk: Talk) -> list[Reply]:
    """Words that ask for it by themselves."""
    return check_draft(talk)


def _asked_about(text: str) -> str:
    """What stands after 'please check this for @example:'."""
    match = _request.match(text)
    return text[match.end() :].strip() if match else ""


def _quoted_in(text: str) -> str:
    quoted = re.search(r"[\"\u201c](.{20,}?)[\"\u201d]", text, re.DOTALL)
    return quoted[1].strip() if quoted else ""


def _draft_in(text: str) -> str:
    """The draft that a request carries: in quotation marks, after its colon or line break, or all of it."""
    if found := _quoted_in(text) or introduced(text):
        return found
    return text if len(text.split()) >= SHORTEST_DRAFT and re.search(r"\b(we|our|sorry)\b", text, re.IGNORECASE) else ""
