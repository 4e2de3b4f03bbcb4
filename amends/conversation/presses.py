"""What can be pressed on the cards that a conversation ended with, and what each press sends.

The terminal finds a press by its label or value here; the web chat says with it, in words, what was pressed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from amends.conversation.replies import (
    QuestionReply,
    RecommendationReply,
    Reply,
    UnderstoodReply,
    press_answer,
    press_done,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_press = re.compile(r"/[a-z_]+(\{.*\})?", re.DOTALL)

JUST_NOW = "Just now"
"""The quick answer to a question for times."""


@dataclass(frozen=True)
class Press:
    """One thing that can be pressed: found by its label or its value, it sends `send`."""

    label: str
    value: str
    send: str


class NoSuchPress(LookupError):  # noqa: N818 - it reads as what it says
    """Nothing that can be pressed now has this label. The message names those there are."""


def presses(reply: Reply) -> tuple[Press, ...]:
    """Everything that can be pressed on one reply, in the order it is drawn."""
    found: list[Press] = []
    if isinstance(reply, QuestionReply):
        found += (
            Press(option.label, option.code, press_answer(reply.question, option.code, reply.state))
            for option in reply.options
        )
        if reply.kind == "times" and not any(_same(b.label, JUST_NOW) for b in reply.buttons):
            found.append(Press(JUST_NOW, "now", press_answer(reply.question, "now", reply.state)))
    if isinstance(reply, RecommendationReply):
        found += (
            Press(f"Done: {step.label}", f"Done: {step.code}", press_done(step.code, reply.state))
            for step in reply.steps
            if step.done is None
        )
    sends = {press.send for press in found}
    found += (Press(b.label, b.send, b.send) for b in reply.buttons if b.send not in sends)
    return tuple(found)


def live(turns: Sequence[Sequence[Reply]]) -> tuple[Reply, ...]:
    """The replies that can still be pressed: the last answer, and the advice while nothing newer stands.

    Args:
        turns: the replies to each message that was answered, oldest first.
    """
    last = tuple(turns[-1]) if turns else ()
    if any(_stands(reply) for reply in last):
        return last
    for replies in reversed(turns[:-1]):
        standing = [reply for reply in replies if _stands(reply)]
        if standing:
            return (*(r for r in standing if isinstance(r, RecommendationReply)), *last)
    return last


def choose(replies: Iterable[Reply], label: str) -> str:
    """What to send for pressing `label`: a label or a value, or several of a many-choice with commas.

    Raises:
        NoSuchPress: there is no such press now.
    """
    replies = list(replies)
    everything = [press for reply in replies for press in presses(reply)]
    for press in reversed(everything):
        if _same(label, press.label) or _same(label, press.value):
            return press.send
    many = [r for r in replies if isinstance(r, QuestionReply) and r.kind == "many"]
    if many:
        codes = _several(many[-1], label)
        if codes:
            return press_answer(many[-1].question, ",".join(codes), many[-1].state)
    there = "; ".join(press.label for press in everything) or "nothing"
    raise NoSuchPress(f"There is nothing called '{label}' to press. What there is: {there}")


def labelled(replies: Iterable[Reply], text: str) -> str | None:
    """What to send when somebody types a label of several words instead of pressing it; None if it is none."""
    if len(text.split()) < 2:  # 'yes' and 'done' mean what they say
        return None
    everything = [press for reply in replies for press in presses(reply)]
    return next((press.send for press in reversed(everything) if _same(text, press.label)), None)


def press_times(question: str, posted: datetime | None, noticed: datetime | None, state: str) -> str:
    """Answer a question for times: both in ISO 8601 with their zone, one of them may be left out."""
    value = ",".join(time.isoformat() if time else "" for time in (posted, noticed))
    return press_answer(question, value, state)


def said(text: str, replies: Iterable[Reply]) -> str:
    """A message in words: what was typed, or the label of what was pressed on these replies."""
    if not _press.fullmatch(text):
        return text
    replies = list(replies)
    for reply in replies:
        for press in presses(reply):
            if press.send == text:
                return press.label
    intent, carried = _carried(text)
    for reply in replies:
        if isinstance(reply, QuestionReply) and carried.get("question") == reply.question:
            if reply.kind == "times":
                return _times_in_words(carried.get("value", ""))
            labels = {option.code: option.label for option in reply.options}
            codes = carried.get("value", "").split(",")
            if all(code in labels for code in codes):
                return "; ".join(labels[code] for code in codes)
        if isinstance(reply, UnderstoodReply) and (on_card := _on_card(reply, carried)):
            return on_card
    value = carried.get("value") or carried.get("step") or carried.get("code") or ""
    return f"{intent.replace('_', ' ').capitalize()} {value.replace('_', ' ')}".strip()


def _on_card(reply: UnderstoodReply, carried: dict[str, str]) -> str:
    """What was pressed on a confirmation card beside its buttons."""
    ticked = [box.label for box in reply.ticks if box.code in carried.get("value", "").split(",")]
    if ticked:
        return f"All right, and: {'; '.join(ticked)}"
    return next((f"Change: {fact.label}" for fact in reply.facts if fact.question == carried.get("question")), "")


def _stands(reply: Reply) -> bool:
    return isinstance(reply, (QuestionReply, RecommendationReply, UnderstoodReply))


def _several(question: QuestionReply, label: str) -> list[str]:
    codes = []
    for part in label.split(","):
        match = [o.code for o in question.options if _same(part, o.label) or _same(part, o.code)]
        if not match:
            return []
        codes += match[:1]
    return codes


def _times_in_words(value: str) -> str:
    try:
        times = [datetime.fromisoformat(part) if part else None for part in value.split(",")]
    except ValueError:
        return value
    named = zip(("Posted", "first noticed"), times, strict=False)
    return ", ".join(f"{name} at {time:%H:%M on} {time.day} {time:%B %Y}" for name, time in named if time)


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _carried(text: str) -> tuple[str, dict[str, str]]:
    intent, brace, rest = text[1:].partition("{")
    try:
        carried = json.loads(brace + rest) if brace else {}
    except ValueError:
        return text[1:], {}
    if not isinstance(carried, dict):
        return intent, {}
    return intent, {key: str(value) for key, value in carried.items()}
