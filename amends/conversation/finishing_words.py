"""How people answer the four questions after a public reply in their own words. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.incidents.asked_after import UPDATE

if TYPE_CHECKING:
    from amends.incidents.completion import Completion

_said = {
    "unanswered": (
        (
            "some",
            r"\bstill\b|\b(?:some|a few|several|many|a couple|one|two|three|\d+) (?:are |of |more |open |left|quest)",
        ),
        ("none", r"\b(?:all|every\w+)\b.*\b(?:answer\w*|done)|\bnone\b|\bno (?:more|open|further)\b"),
    ),
    "quiet": (
        ("no", r"\b(?:not|still|growing|spreading|worse|louder)\b|n't\b"),
        ("yes", r"\b(?:quiet|quietened|died down|calm(?:ed)?|over|stopped|nobody|moved on)\b"),
    ),
    "pinned": (
        ("none", r"\b(?:none|no need|no correction|not needed|not necessary|nothing to (?:pin|correct|mark))\b"),
        ("open", r"\b(?:not|still|to do)\b|n't\b"),
        ("pinned", r"\b(?:pinned|marked|done)\b"),
    ),
    "update": (
        ("none", r"(?:\b(?:none|nothing|never|not|no)\b|n't\b).*\bpromis|\bno (?:promise|update)\b"),
        ("open", r"\b(?:not|still)\b|n't\b"),
        ("given", r"\b(?:given|posted|published|out|done|sent|up|live)\b"),
    ),
}
"""For each question the answers in the order in which they are looked for, with the words that give them."""
_compiled = {
    question: tuple((option, re.compile(words, re.IGNORECASE)) for option, words in options)
    for question, options in _said.items()
}
_yes = {"unanswered": "some", "quiet": "yes", "pinned": "open", "update": "given"}
_no = {"unanswered": "none", "quiet": "no", "pinned": "none", "update": "open"}
LONGEST = 12
"""A text of more words is hardly an answer."""

TAKEN_FOR = ("correct_answer", "goodbye", "action_done", "add_note", "out_of_scope", "greet", "thanks")
"""What answers such as 'no, everybody got an answer' are taken for; what asks for something is no answer."""

posted = re.compile(
    r"\b(?:i|we)(?:'ve| have)?(?: just)? (?:posted|published|sent|replied|responded|answered|tweeted|apologi[sz]ed"
    r"|put (?:it |that |this )?(?:out|up))\b|\b(?:is|went|has gone|it'?s) (?:out|up|live)\b",
    re.IGNORECASE,
)
"""Somebody tells that words went out."""
_words_follow = re.compile(r":(?=[\s\"'\u2018\u201c])")
"""A colon that is none of a time."""
_update_out = re.compile(
    r"\b(?:the|our|that|promised|next) update (?:is|was|has been|went|has gone|'s)(?: now)? (?:out|given|posted"
    r"|published|up|live|sent|done)\b"
    r"|\b(?:posted|published|gave|sent|put out|given) (?:the|our|that)(?: promised| next)? update\b",
    re.IGNORECASE,
)


def option_said(question: str, words: str, *, yes: bool | None) -> str | None:
    """The answer that words give to a question; None when they give none.

    Args:
        yes: whether the words say yes or no, if they do.
    """
    if len(words.split()) > LONGEST:
        return None
    said = next((option for option, pattern in _compiled[question] if pattern.search(words)), None)
    if said is not None or yes is None:
        return said
    return _yes[question] if yes else _no[question]


def says_given(words: str, state: Completion) -> bool:
    """Whether words say that the promised update was given, while that is open."""
    return UPDATE in state.left and bool(_update_out.search(words))


def told_and_posted(words: str) -> tuple[str, str]:
    """What somebody tells, and the words behind it that went out, if they tell that words did: 'we replied: ...'."""
    parts = _words_follow.split(words, maxsplit=1) if posted.search(words) else [words]
    return parts[0], parts[1] if len(parts) > 1 else ""
