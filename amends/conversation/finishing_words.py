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
