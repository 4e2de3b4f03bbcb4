"""What a body to the channel says, and what of it Rasa may see. Pure, so that it can be tried without Rasa."""

from __future__ import annotations

import json
import re
from typing import Any

MOST_BYTES = 1_000_000
"""A body longer than this is refused: 40,000 characters of any script and their metadata fit well."""
LONGEST_SENDER = 200
"""Rasa's tracker table takes 255."""
LONGEST_TEXT = 10_000
"""A longer message is cut, and its metadata says so."""
PRESSES = frozenset(
    (
        *("report_problem", "check_draft", "ask_policy", "ask_why", "ask_alternative", "correct_answer"),
        *("go_back", "start_over", "stop", "inform", "affirm", "deny", "not_sure", "ask_help", "ask_status"),
        *("action_done", "add_note", "handover", "greet", "goodbye", "thanks", "practise", "out_of_scope"),
        "press",
    )
)
"""The intents that a button may carry: those of `domain.yml`, none of Rasa's own such as `restart`."""
CARRIED = frozenset(["question", "value", "state", "step", "role", "code", "about"])
"""What a button may carry: the entities of `domain.yml`."""

NOTHING_READABLE = "\N{HORIZONTAL ELLIPSIS}"

_press = re.compile(r"/([a-z_]+)(\{.*\})?", re.DOTALL)
_metadata = ("key", "actor_id", "actor_name", "said_at", "source")


def read_body(body: bytes) -> tuple[str, str, dict[str, str]]:
    """Sender, text and metadata of a message.

    Raises:
        ValueError: a sentence that says what is wrong with it.
    """
    if len(body) > MOST_BYTES:
        raise ValueError("The message is too long.")
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError("The body is not JSON.") from error
    if not isinstance(raw, dict):
        raise ValueError("The body is not a JSON object.")  # noqa: TRY004 - one kind of error for the caller
    sender, text, metadata = raw.get("sender"), raw.get("message"), raw.get("metadata", {})
    if not isinstance(sender, str) or not 0 < len(sender) <= LONGEST_SENDER:
        raise ValueError(f"'sender' has to be a text of 1 to {LONGEST_SENDER} characters.")
    if not isinstance(text, str):
        raise ValueError("'message' has to be a text.")  # noqa: TRY004
    if not isinstance(metadata, dict) or not all(isinstance(metadata.get(k, ""), str) for k in _metadata):
        raise ValueError("'metadata' has to be an object of texts.")
    kept = {key: storable(metadata[key]) for key in _metadata if key in metadata}
    if len(text) > LONGEST_TEXT:
        kept["cut"] = "yes"
    return storable(sender), tame(text[:LONGEST_TEXT]), kept


def tame(text: str) -> str:
    """The text as Rasa may see it: only our own buttons start with a slash, and it is never empty.

    Rasa has commands of its own (`/restart`), writes what it cannot parse into its log, and fails at an empty
    text.
    """
    text = storable(text).strip()
    if text.startswith("/") and not is_press(text):
        text = "" if "{" in text else text.lstrip("/ ")
    return text or NOTHING_READABLE


def storable(text: str) -> str:
    """The text without surrogates and NUL, which no database takes."""
    return text.encode("utf-8", "replace").decode().replace("\x00", " ")


def is_press(text: str) -> bool:
    """Whether a text is one of our buttons, exactly."""
    return parsed(text) is not None


def parsed(text: str) -> dict[str, Any] | None:
    """What a button means, as Rasa's pipeline would say it after it had looked for words in it; None for words."""
    match = _press.fullmatch(text)
    if match is None or match[1] not in PRESSES:
        return None
    try:
        carried = json.loads(match[2] or "{}")
    except (ValueError, RecursionError):
        return None
    if not set(carried) <= CARRIED or not all(isinstance(value, str) for value in carried.values()):
        return None
    start, end = match.span(2)
    intent = {"name": match[1], "confidence": 1.0}
    entities = [{"entity": name, "value": value, "start": start, "end": end} for name, value in carried.items()]
    return {"text": text, "intent": intent, "intent_ranking": [intent], "entities": entities}
