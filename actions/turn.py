"""From Rasa's tracker to a `Turn`, and from replies to Rasa's dispatcher."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from amends.conversation.turn import Turn, clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    from amends.conversation.replies import Reply

logger = logging.getLogger(__name__)

SURE = 0.5
"""An intent this likely has no rival."""
CLOSE = 0.1
"""Two intents are rivals when they are no further apart."""


def read_turn(tracker: Tracker) -> Turn:
    """The latest message as the conversation sees it.

    The key is the delivery's; a message that came without one, as from `rasa shell`, has the id that Rasa
    gave it.
    """
    message: dict[str, Any] = tracker.latest_message or {}
    metadata: dict[str, Any] = message.get("metadata") or {}
    intent = message.get("intent") or {}
    text, cut = clean(str(message.get("text") or ""))
    entities = {str(e.get("entity")): clean(str(e.get("value")))[0] for e in message.get("entities") or []}
    return Turn(
        conversation_id=str(tracker.sender_id),
        actor_id=str(metadata.get("actor_id") or tracker.sender_id),
        actor_name=str(metadata.get("actor_name") or ""),
        key=str(metadata.get("key") or message.get("message_id") or len(tracker.events)),
        text=text,
        intent=str(intent.get("name") or ""),
        said_at=_time(metadata.get("said_at")),
        source=str(metadata.get("source") or "rasa"),
        entities=entities if text.startswith("/") else {},
        confidence=float(intent.get("confidence") or 0.0),
        cut=cut or metadata.get("cut") == "yes",
        rival=_rival(message.get("intent_ranking") or []),
    )


def _rival(ranking: list[dict[str, Any]]) -> str:
    """The second intent of Rasa's ranking, when it is close to a first that is not sure."""
    likely = [float(intent.get("confidence") or 0.0) for intent in ranking[:2]]
    if len(likely) < 2 or likely[0] >= SURE or likely[0] - likely[1] >= CLOSE:
        return ""
    return str(ranking[1].get("name") or "")


def events_of_turn(tracker: Tracker) -> list[dict[str, Any]]:
    """What happened since the latest message."""
    events: list[dict[str, Any]] = []
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        events.append(event)
    return events[::-1]


def was_handled(tracker: Tracker) -> bool:
    """Whether one of our commands already had this message, so that the loop must not take it as an answer."""
    names = (event.get("name") for event in events_of_turn(tracker) if event.get("event") == "action")
    return any(name and name.startswith("action_") and name not in _of_rasa for name in names)


def has_spoken(tracker: Tracker) -> bool:
    """Whether anything was said in answer to the latest message."""
    return any(event.get("event") == "bot" for event in events_of_turn(tracker))


def has_failed(tracker: Tracker) -> bool:
    """Whether the person was already told that this message could not be recorded."""
    said = (event.get("data") or {} for event in events_of_turn(tracker) if event.get("event") == "bot")
    return any((data.get("custom") or {}).get("type") == "failure" for data in said)


def say(dispatcher: CollectingDispatcher, replies: Iterable[Reply]) -> None:
    """Hand replies to Rasa."""
    for reply in replies:
        dispatcher.utter_message(json_message=reply.model_dump(mode="json"))


_of_rasa = ("action_listen", "action_session_start", "action_extract_slots")


def _time(text: Any) -> datetime:
    """When the message was said; a time that is missing, strange or ahead becomes now."""
    now = datetime.now(UTC)
    try:
        said = datetime.fromisoformat(str(text))
    except ValueError:
        return now
    return now if said.tzinfo is None else min(said, now)
