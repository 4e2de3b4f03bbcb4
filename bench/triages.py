"""Triages to measure with: what people say, typed in words of their own or pressed, until the advice comes."""

from __future__ import annotations

import random
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from amends.conversation.presses import presses
from amends.conversation.replies import QuestionReply, RecommendationReply, UnderstoodReply, press_answer, read_reply
from amends.flows import USUAL, load_flow
from amends.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from amends.conversation.replies import Reply
    from bench.bots import Bot

REPORTS = (
    "I've just posted my night out photos on the uni account",
    "our scheduled tweet went out this morning and it jokes about a storm that has since killed people",
    "the newsletter went out with everybody's address in it",
    "we tweeted the wrong exam date and students are angry",
    "a colleague answered a complaint with a swear word from our account",
    "we published a picture of a pupil whose parents had said no",
)
BEFORE = ("well, ", "so, ", "I think ", "as far as I know ", "I just asked: ", "right, ", "it is like this: ", "")
AFTER = (", that is all I know", "", ", says my colleague", ", I looked twice", ", really", " as it seems", ", yes")
MOST_TURNS = 30


class Turn(NamedTuple):
    """One message that was answered.

    `kind` is report, confirm, typed or pressed; `answered` says whether the answer was taken, so that another question
    or the advice came.
    """

    kind: str
    ms: float
    answered: bool


class Triage:
    """Somebody who goes through a triage, the same for the same seed."""

    def __init__(self, bot: Bot, seed: int, *, typed: float = 0.5) -> None:
        self._random = random.Random(seed)
        self._bot = bot
        self._typed = typed
        self._flow = _flow()
        self._id = f"web:bench-{seed}-{uuid.uuid4().hex[:8]}"
        self._count = 0

    def turns(self) -> Iterator[Turn]:
        """Say one thing after the other until the advice is there."""
        took, replies = self._says(self._random.choice(REPORTS))
        yield Turn("report", took, answered=True)
        for _ in range(MOST_TURNS):
            card = next((r for r in reversed(replies) if isinstance(r, _CARDS)), None)
            if card is None or isinstance(card, RecommendationReply):
                return
            kind, text = self._reply_to(card)
            took, replies = self._says(text)
            yield Turn(kind, took, _went_on(card, replies))

    def _says(self, text: str) -> tuple[float, list[Reply]]:
        self._count += 1
        metadata = {
            "key": f"{self._id}-{self._count}",
            "actor_id": self._id,
            "actor_name": "Ada",
            "source": "web",
        }
        took, messages = self._bot.says(self._id, text, metadata=metadata)
        return took, [read_reply(message) for message in messages]

    def _reply_to(self, card: QuestionReply | UnderstoodReply) -> tuple[str, str]:
        if isinstance(card, UnderstoodReply):
            return "confirm", next(press.send for press in presses(card) if press.label == "All right")
        options = self._flow.questions[card.question].options
        code = self._random.choice([o.code for o in card.options] or [""])
        if code in options and options[code].says and self._random.random() < self._typed:
            words = self._random.choice(options[code].says)
            return "typed", f"{self._random.choice(BEFORE)}{words}{self._random.choice(AFTER)}"
        return "pressed", press_answer(card.question, code or "now", card.state)


_CARDS = (QuestionReply, RecommendationReply, UnderstoodReply)


def _went_on(card: Any, replies: Sequence[Reply]) -> bool:
    """Whether another question, or the advice, came."""
    if isinstance(card, UnderstoodReply):
        return True
    after = next((r for r in reversed(replies) if isinstance(r, _CARDS)), None)
    return after is not None and not (isinstance(after, QuestionReply) and after.question == card.question)


def _flow() -> Any:
    return load_flow(ROOT / "data" / "flows" / f"{USUAL}.yml")
