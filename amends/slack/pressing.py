"""What a press on a card says: the message that goes to the assistant."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from amends.conversation.cards import NONE_TICKED, UNDERSTOOD
from amends.conversation.presses import press_times
from amends.conversation.replies import press_answer
from amends.slack.registry import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

FAST_CLOCK = timedelta(minutes=2)
"""A time this little ahead is a clock that goes fast, not the future."""

NOTHING_CHOSEN = "Nothing is ticked yet. Tick what fits and send it again, or press 'Not sure'."
NO_TIME = "Give at least one of the two times, press 'Just now', or type when it was."
WRONG_ORDER = "It cannot have been noticed before it was posted. Look at the two times again."
AHEAD = "The time that it was {name} has not come yet. Look at its date again."
UNREADABLE = "That button cannot be read any more, so nothing was done. Type your answer instead."


def message_of(payload: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> str:
    """The message that a press on a card of the conversation sends.

    Args:
        payload: of the press, as Slack sent it; its first action, or `action`, is what was pressed.
        zone: in which picked times are written down.
        now: a time that was picked may not lie ahead of it.

    Raises:
        Refused: nothing was chosen, or what was picked cannot be right; it says what to do.
    """
    try:
        text = _message(payload, zone, now)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise Refused(UNREADABLE) from error
    if text is None:
        raise Refused(UNREADABLE)
    return text


def _message(payload: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> str | None:
    action = payload.get("action") or payload["actions"][0]
    id_, block = str(action["action_id"]), str(action.get("block_id", ""))
    if id_.startswith("say:"):
        return str(action["value"])
    if id_ == "pick":
        question, state = _named(block, "pick")
        return press_answer(question, str(action["selected_option"]["value"]), state)
    carried: dict[str, str] = json.loads(action["value"])
    if id_ == "submit_many":
        return _many(payload, carried["question"], carried["state"])
    if id_ == "submit_times":
        return _times(payload, carried["question"], carried["state"], zone, now)
    return _ticks(payload, carried["state"]) if id_ == "submit_ticks" else None


def _many(payload: Mapping[str, Any], question: str, state: str) -> str:
    codes = [
        option["value"]
        for block, element in _values(payload)
        if block.startswith("many") and block.split("|", 2)[1:] == [question, state]
        for option in element.get("selected_options") or ()
    ]
    if not codes:
        raise Refused(NOTHING_CHOSEN)
    return press_answer(question, ",".join(codes), state)


def _ticks(payload: Mapping[str, Any], state: str) -> str:
    codes = [
        option["value"]
        for block, element in _values(payload)
        if block.startswith("ticks") and block.partition("|")[2] == state
        for option in element.get("selected_options") or ()
    ]
    return press_answer(UNDERSTOOD, ",".join(codes) or NONE_TICKED, state)


def _times(payload: Mapping[str, Any], question: str, state: str, zone: ZoneInfo, now: datetime) -> str:
    picked: dict[str, datetime] = {}
    for block, element in _values(payload):
        name, _, of = block.partition("|")
        if name in ("posted", "noticed") and of == f"{question}|{state}" and element.get("selected_date_time"):
            picked[name] = _time(int(element["selected_date_time"]), name, zone, now)
    posted, noticed = picked.get("posted"), picked.get("noticed")
    if posted is None and noticed is None:
        raise Refused(NO_TIME)
    if posted and noticed and noticed < posted:
        raise Refused(WRONG_ORDER)
    return press_times(question, posted, noticed, state)


def _time(seconds: int, name: str, zone: ZoneInfo, now: datetime) -> datetime:
    time = datetime.fromtimestamp(seconds, UTC)
    if time > now + FAST_CLOCK:
        raise Refused(AHEAD.format(name=name))
    return min(time, now).astimezone(zone)


def _values(payload: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The elements of the message as they stand when something is pressed, each with its block's id."""
    values = (payload.get("state") or {}).get("values") or {}
    for block, elements in values.items():
        for element in elements.values():
            yield block, element


def _named(block: str, kind: str) -> tuple[str, str]:
    name, _, rest = block.partition("|")
    question, _, state = rest.partition("|")
    if name != kind or not question or not state:
        raise Refused(UNREADABLE)
    return question, state
