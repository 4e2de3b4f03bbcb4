"""What the assistant says once the public has had a reply: four questions, promises, and why it does not close yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Sequence

RECORDED = "Recorded."
STAYS_OPEN = "{reference} stays open."
SETTLED_BEFORE = "That is settled already, so nothing was changed."
ALL_FINISHED = "Recorded. Nobody is left without an answer, and nothing that was promised is open."
HINTS = {
    "unanswered": "Answer each person once, with facts. Do not argue.",
    "quiet": "Say nothing more until there is something new to say.",
    "pinned": "Pin it, or put it at the top of the post that was wrong, so that nobody sees only the mistake.",
    "update": "Give it in the same place. If there is nothing new, say that, and when you will write next.",
}
"""What helps when a question is not settled, by question."""
PROMISE_TITLE = "The update that was promised"
PROMISE_KEPT = "Recorded: the promised update was given."
NO_PROMISE = "Then nothing was promised, and I keep no time."
ASK_PROMISE = 'The words that I checked say "{words}". Did they go out like that? Then I keep {at} as a promise.'
ONLY_LEADS = "If a question cannot be settled, a comms lead can close it and say why."

LABEL_LATER = "Ask me later"
LABEL_UPDATE_OUT = "The update is out"
LABEL_NO_PROMISE = "That was not promised"
LABEL_SO_POSTED = "Yes, it went out"
LABEL_NOT_POSTED = "No"


def before_close(count: int) -> str:
    """Why it does not close at once."""
    questions = "one short question" if count == 1 else f"{count} short questions"
    return f"Before it closes, {questions}, so that nobody is left without an answer. {ONLY_LEADS}"


def question(ask: str, due: Sequence[str]) -> str:
    """One of the four questions; with the times that were promised."""
    return f"{ask} It was promised for {either(list(due), 'and')}." if due else ask


def asks_again(at: str) -> str:
    """When it is asked again."""
    return f"I ask again at {at}."


def not_finished(left: Sequence[str]) -> str:
    """What is not settled."""
    return f"Not finished yet: {'; '.join(left)}."


def promised(at: str, words: str, *, is_new: bool) -> str:
    """A promise was kept in the record."""
    if not is_new:
        return f"I have that already: an update is promised for {at}."
    return f'I keep that as a promise, and remind you before {at}: "{words}"'
