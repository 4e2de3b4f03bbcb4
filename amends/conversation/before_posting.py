"""Words looked at before they are posted, with no incident open: for which account, what was found, who reads it first.

The words are kept nowhere unless somebody wants that. Until the next message they wait with what is asked, and the
messages that brought them are named there (`keys`), so that they go when nothing waits for them any more.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final

from amends.accounts.registered import registered
from amends.conversation import forgetting, wording
from amends.conversation.cards import PENDING
from amends.conversation.draft_account import LONGEST_NAME, Whose, introduced, may_be_a_name, whose_said
from amends.conversation.draft_check import ROLES, NoCheck
from amends.conversation.draft_words import OTHER, value_of
from amends.conversation.replies import Button, DraftReply, Finding, TextReply, press_answer
from amends.conversation.reporting import open_report
from amends.drafts import Draft
from amends.drills import practice
from amends.outbox import readings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amends.conversation.draft_check import Looked
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk

ACCOUNT: Final = "draft_account"
NEXT: Final = "draft_next"
KINDS = (ACCOUNT, NEXT, OTHER)
"""What is waited for: for which account it is, what is to become of it, whether words after it are one, too."""
MOST_BUTTONS = 4
SMALL_TALK = ("greet", "goodbye", "thanks", "affirm", "deny", "not_sure", "stop", "start_over", "go_back")
"""What many words after a draft are taken for, and hardly are: they may be the next draft."""
ALIKE = 0.5
"""From here a text is the draft before it, changed: half of it stands in both, in the same order."""
LOOKED_AT = 600
"""Characters of both, for that: it takes a time that grows with their square."""
BEGINNING = 60
"""Characters by which somebody knows their draft again."""

never_mind = re.compile(r"^\s*(never ?mind|cancel|forget it|leave it|no( thanks)?|stop|go back)\b", re.IGNORECASE)


def take(talk: Talk, text: str, said: str = "") -> list[Reply]:
    """A draft was pasted: it is looked at if the account is known, and asked about if not.

    Args:
        text: the draft.
        said: what was said around it, which may name the account.
    """
    named, text = introduced(text)
    said = f"{said} {named}".strip()
    if not re.search(r"\w", text):
        return [TextReply(text=wording.DRAFT_EMPTY)]
    waiting = talk.pending or {}
    before = Whose(waiting["own"], waiting["account"]) if waiting.get("kind") == NEXT else None
    whose = whose_said(talk, said) or before
    if whose is None:
        talk.wait_for(ACCOUNT, text=text, keys=[talk.turn.key])
        return []
    return _look(talk, text, whose, [talk.turn.key])


def card(talk: Talk, waiting: Mapping[str, Any]) -> TextReply:
    """What is asked: for which account, or what is to become of the draft."""
    state = f"{waiting['kind']}@-"

    def button(label: str, value: str, style: Any = "plain") -> Button:
        return Button(label=label, send=press_answer(PENDING, value, state), style=style)

    if waiting["kind"] == ACCOUNT:
        accounts = registered(talk.session).accounts
        named = [button(f"@{each.handle} ({each.platform})", f"@{each.handle}") for each in accounts]
        few = named if len(named) <= MOST_BUTTONS else []
        official = button(wording.LABEL_OTHER_OFFICIAL if few else wording.LABEL_OFFICIAL, "official")
        never = button(wording.LABEL_NEVER_MIND, "no")
        return TextReply(
            text=wording.ASK_DRAFT_ACCOUNT, buttons=(*few, official, button(wording.LABEL_OWN, "own"), never)
        )
    if waiting["kind"] == OTHER:
        check, happened = button(wording.LABEL_CHECK_TOO, "check"), button(wording.LABEL_HAPPENED, "happened")
        return TextReply(
            text=wording.DRAFT_OR_REPORT, buttons=(check, happened, button(wording.LABEL_NEVER_MIND, "no"))
        )
    asks = [button(wording.LABEL_ASK.format(who=ROLES[role]), f"ask:{role}", "primary") for role in waiting["roles"]]
    keep, done = button(wording.LABEL_KEEP_DRAFT, "keep"), button(wording.LABEL_DRAFT_DONE, "done")
    return TextReply(text=wording.DRAFT_NEXT, buttons=(*asks, keep, done))


def settle(talk: Talk, waiting: Mapping[str, Any], value: str) -> list[Reply]:
    """A pressed answer."""
    if waiting["kind"] == ACCOUNT and value in ("official", "own"):
        return _look(talk, waiting["text"], Whose(own=value == "own"), _keys(talk, waiting))
    if waiting["kind"] == ACCOUNT and value.startswith("@"):
        return _look(talk, waiting["text"], Whose(own=False, name=value), _keys(talk, waiting))
    if waiting["kind"] == OTHER:
        return _draft_or_report(talk, waiting, value)
    role = value.removeprefix("ask:")
    if waiting["kind"] == NEXT and (value == "keep" or role in waiting["roles"]):
        return _keep_it(talk, waiting, "" if value == "keep" else role)
    talk.settle()
    return [TextReply(text=wording.DRAFT_DROPPED)]


def _draft_or_report(talk: Talk, waiting: Mapping[str, Any], value: str) -> list[Reply]:
    """What words after a draft are. Until that is said they may be a report, and are not forgotten."""
    if value == "check":
        keys = [waiting["said"], talk.turn.key]
        return _look(talk, waiting["text"], Whose(waiting["own"], waiting["account"]), keys)
    talk.settle()
    if value == "happened":
        return open_report(talk, waiting["text"])
    forgetting.forget(talk.session, talk.conversation.id, [waiting["said"]])
    return [TextReply(text=wording.DRAFT_DROPPED)]


def is_answer(talk: Talk) -> bool:
    """Whether typed words answer what is asked about a draft, however Rasa took them: 'for our main account'."""
    waiting, typed = talk.pending, talk.turn.words
    if waiting is None or waiting["kind"] not in KINDS or not typed or typed.endswith("?"):
        return False
    if waiting["kind"] == NEXT and _is_changed(typed, waiting["text"]):
        return True
    if len(typed.split()) > LONGEST_NAME:
        return waiting["kind"] == NEXT and talk.turn.intent in SMALL_TALK
    if waiting["kind"] == ACCOUNT:
        return bool(never_mind.search(typed)) or whose_said(talk, typed) is not None
    return bool(value_of(waiting, typed))


def answer(talk: Talk, waiting: Mapping[str, Any]) -> list[Reply] | None:
    """A typed answer; None when it is none, and the conversation goes on."""
    typed, short = talk.turn.words, len(talk.turn.words.split()) <= LONGEST_NAME
    if waiting["kind"] == NEXT and _is_changed(typed, waiting["text"]):
        return _look(talk, typed, Whose(waiting["own"], waiting["account"]), _keys(talk, waiting))
    if short and (talk.turn.intent == "deny" or never_mind.search(typed)):
        return settle(talk, waiting, "no")
    if waiting["kind"] == ACCOUNT:
        whose = whose_said(talk, typed) if short else None
        if whose is None and talk.turn.intent in ("not_sure", "affirm"):
            whose = Whose(own=False)
        if whose is None and typed and short and may_be_a_name(talk):
            whose = Whose(own=False, name=typed)
        if whose is not None:
            return _look(talk, waiting["text"], whose, _keys(talk, waiting))
        if typed and short and talk.turn.intent != "report_problem":  # a question: the account is asked for again
            return []
    elif short and (value := value_of(waiting, typed)):
        return settle(talk, waiting, value)
    elif waiting["kind"] == NEXT and waiting["roles"] and talk.turn.intent == "affirm":
        return settle(talk, waiting, f"ask:{waiting['roles'][0]}")
    elif waiting["kind"] == NEXT and not short:
        talk.wait_for(OTHER, text=typed, own=waiting["own"], account=waiting["account"], said=talk.turn.key)
        return []
    talk.settle()
    return None


def passed_by(talk: Talk) -> None:
    """Something else was said after the findings, so nothing more is asked about the draft."""
    if talk.pending is not None and talk.pending["kind"] in (NEXT, OTHER):
        talk.settle()


def answers(talk: Talk) -> list[Reply]:
    """What was answered about drafts of whoever speaks, told once; not where others read along."""
    if talk.shared or not readings.unseen(talk.session, talk.turn.actor_id):
        return []
    told: list[Reply] = []
    for row in readings.of(talk.session, talk.turn.actor_id):
        if row.answered_at is not None and row.seen_at is None:
            row.seen_at = talk.at
            said = wording.READ_FINE if row.answer == "fine" else wording.READ_CHANGE
            name, beginning = readings.name_of(talk.session, row.answered_by), row.text[:BEGINNING]
            told.append(TextReply(text=said.format(name=name, beginning=" ".join(beginning.split()), note=row.note)))
    return told


def shown(looked: Looked, heading: str = "") -> DraftReply:
    """What was found, as a reply.

    Args:
        heading: for which account.
    """
    findings = tuple(
        Finding(
            sentence="\n".join(part.places),
            problem=part.could,
            instead=part.instead,
            rule=part.title,
            clauses=part.clauses,
        )
        for part in looked.parts
    )
    lines = [heading] if heading else []
    for n, part in enumerate(looked.parts, 1):
        lines += [f"{n}. {part.title}", *part.places, part.could, f"Instead: {part.instead}", ", ".join(part.clauses)]
    text = "\n".join([*lines, *looked.after])
    return DraftReply(text=text, findings=findings, heading=heading, after=looked.after)


def _look(talk: Talk, text: str, whose: Whose, keys: Sequence[str]) -> list[Reply]:
    tools = talk.tools
    try:
        looked = tools.shelf.drafts.look(Draft(text, official=not whose.own), tools.settings, talk.at)
    except NoCheck as error:
        talk.settle()
        return [TextReply(text=str(error))]
    practised = practice.running(talk.session, talk.conversation.id) is not None  # then nobody is written to
    roles = [role for role in looked.read_first if readings.reachable(tools.settings, role) and not practised]
    held = {"text": text, "own": whose.own, "account": whose.name, "level": looked.level}
    talk.wait_for(NEXT, **held, roles=roles, keys=list(keys))
    return [shown(looked, wording.DRAFT_FOR.format(account=whose.in_words))]


def _keep_it(talk: Talk, waiting: Mapping[str, Any], role: str) -> list[Reply]:
    """Keep a draft because somebody wants it; with a role, that reads it first."""
    owner, settings = (talk.turn.actor_id, talk.turn.actor_name), talk.tools.settings
    draft = Draft(waiting["text"], official=not waiting["own"])
    talk.settle()
    try:
        row = readings.keep(talk.session, owner, draft, waiting["account"], waiting["level"], talk.at)
    except readings.CannotKeep as error:
        return [TextReply(text=str(error))]
    where = f"{settings.address}/check"
    if not role:
        return [TextReply(text=wording.DRAFT_KEPT.format(where=where))]
    readings.ask(talk.session, row, role, [readings.reachable(settings, role)], talk.at)
    return [TextReply(text=wording.DRAFT_ASKED.format(who=ROLES[role], where=where))]


def _keys(talk: Talk, waiting: Mapping[str, Any]) -> list[str]:
    """The messages that carry the draft or what was found in it: those so far, and this one."""
    return [*waiting["keys"], talk.turn.key]


def _is_changed(text: str, before: str) -> bool:
    """Whether a text is the draft before it, changed."""
    return bool(text) and SequenceMatcher(None, before[:LOOKED_AT], text[:LOOKED_AT]).ratio() >= ALIKE
