"""For which account words are that somebody is about to post: one of their own, or an official one, by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.accounts.naming import named_in
from amends.accounts.registered import registered
from amends.conversation import wording

if TYPE_CHECKING:
    from amends.conversation.talk import Talk

LONGEST_NAME = 8
"""Words of an account's name, at most."""

_own = re.compile(r"\b(my own|mine|personal|private|myself)\b", re.IGNORECASE)
_official = re.compile(
    r"\b(official|work|corporate|company|university|uni|college|school|council|trust|department|our)\b", re.IGNORECASE
)
_handle = re.compile(r"(?<![\w.@/])@\w[\w.]{0,38}\w")
_for = re.compile(r"^\s*(?:(?:it'?s|this is)\s+)?for\s+([^:\n]{1,60})(?::|\n)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Whose:
    """The account that a draft is for. `name` is as it was said; empty for one that was not named."""

    own: bool
    name: str = ""

    @property
    def in_words(self) -> str:
        """As a heading says it."""
        return self.name or (wording.OWN_ACCOUNT if self.own else wording.OFFICIAL_ACCOUNT)


def whose_said(talk: Talk, words: str) -> Whose | None:
    """The account that words speak of; None when they speak of none."""
    handle = _handle.search(words)
    if _own.search(words):
        return Whose(own=True, name=handle[0] if handle else "")
    if handle:
        return Whose(own=False, name=handle[0])
    found = named_in(registered(talk.session).accounts, words) if words else []
    if found:
        return Whose(own=False, name=f"@{found[0].handle} ({found[0].platform})")
    return Whose(own=False) if _official.search(words) else None


def introduced(text: str) -> tuple[str, str]:
    """The account that a draft is begun with ('for @example: ...'), empty for none, and the draft without that."""
    begun = _for.match(text)
    draft = text[begun.end() :].strip() if begun else ""
    return (begun[1], draft) if begun and draft else ("", text)


def may_be_a_name(talk: Talk) -> bool:
    """Whether words can be what an account is called: no question, no report and no wish."""
    intent = talk.turn.intent
    return not talk.turn.words.endswith("?") and intent != "report_problem" and not intent.startswith("ask_")
