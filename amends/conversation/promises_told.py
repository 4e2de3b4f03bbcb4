"""What people tell of promises after the advice: which were made, and when something was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation import drafting, keeping
from amends.conversation.finishing_words import posted, told_and_posted
from amends.understanding.promises import in_reply, in_telling

if TYPE_CHECKING:
    from datetime import datetime

    from amends.conversation.talk import Talk
    from amends.understanding.promises import Promised

_not_heard = ("check_draft", "ask_policy", "ask_why", "ask_alternative", "ask_help")
"""What asks for something tells of no promise."""


def found(talk: Talk) -> list[Promised]:
    """The promises in what was typed; what was posted is read as words to the public."""
    words, said, zone = talk.turn.words, talk.turn.said_at, talk.tools.settings.zone
    told = {one.due: one for one in in_telling(words, said, zone)}
    return list(({one.due: one for one in in_reply(told_and_posted(words)[1], said, zone)} | told).values())


def is_heard(talk: Talk) -> bool:
    """Whether words may tell of a promise: not those of a draft, nor a question."""
    words = talk.turn.words
    if not words or talk.turn.intent in _not_heard or words.rstrip().endswith("?"):
        return False
    return not drafting.introduced(words) or bool(posted.search(words))


def done_at(talk: Talk) -> datetime:
    """When something was done, as somebody tells it: the times in what they posted or promised are others."""
    words = told_and_posted(talk.turn.words)[0]
    for one in in_telling(words, talk.turn.said_at, talk.tools.settings.zone):
        words = words.replace(one.words, " ")
    return keeping.time_of(talk, words)
