"""The one way into the bot: a channel that demands the shared secret and believes nothing else.

Rasa loads this module in its own environment (Python 3.10), so it keeps to Rasa, Sanic and the standard
library. Loading it also makes Rasa check the answers of the action server with a validator that is compiled
once; see `validate_action_result`.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.constants import DOCS_BASE_URL
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sanic.request import Request
    from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)

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


class GuardedChannel(InputChannel):
    """Takes messages only from who knows the token. Its name, and so its address, is `amends`.

    POST `/webhooks/amends/webhook` with `Authorization: Bearer TOKEN` and JSON
    `{"sender", "message", "metadata": {"key", "actor_id", "actor_name", "said_at", "source"}}`
    answers the list of what the bot says: `{"recipient_id", "text", "buttons"}` or
    `{"recipient_id", "custom"}`.
    """

    def __init__(self, token: str) -> None:
        if not token or token.startswith("${"):  # the second is what Rasa makes of a variable in quotes
            raise RasaException("BOT_TOKEN is empty. Set it in .env to a long random text, or let 'make run' do it.")
        self._token = token.encode()

    @classmethod
    def name(cls) -> str:
        """The channel's name in Rasa and in its addresses."""
        return "amends"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GuardedChannel:
        """The channel as `credentials.yml` describes it."""
        return cls(str((credentials or {}).get("token") or "").strip())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The two addresses of the channel."""
        blueprint = Blueprint("amends_channel")

        @blueprint.route("/", methods=["GET"])
        async def health(_request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not self._is_allowed(request):
                return _refusal("The token is missing or wrong.", 401)
            try:
                sender, text, metadata = read_body(request.body)
            except ValueError as error:
                return _refusal(str(error), 400)
            collector = CollectingOutputChannel()
            message = UserMessage(text, collector, sender, parsed(text), self.name(), metadata=metadata)
            try:
                await on_new_message(message)
            except asyncio.CancelledError:
                logger.warning("A message was given up half-way: the caller did not wait.")
                raise
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the caller gets an answer
                # Only the kind of error is logged: its text and its traceback can hold what somebody wrote.
                logger.error("A message could not be handled: %s.", type(error).__name__)  # noqa: TRY400
                return _refusal("The message could not be handled.", 500)
            return response.json(collector.messages)

        return blueprint

    def _is_allowed(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._token)


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
    kept = {key: metadata[key] for key in _metadata if key in metadata}
    if len(text) > LONGEST_TEXT:
        kept["cut"] = "yes"
    return sender, tame(text[:LONGEST_TEXT]), kept


def tame(text: str) -> str:
    """The text as Rasa may see it: only our own buttons start with a slash, and it is never empty.

    Rasa has commands of its own (`/restart`), writes what it cannot parse into its log, and fails at an empty
    text. Surrogates, which no database takes, and NUL are replaced.
    """
    text = text.encode("utf-8", "replace").decode().replace("\x00", " ").strip()
    if text.startswith("/") and not is_press(text):
        text = "" if "{" in text else text.lstrip("/ ")
    return text or NOTHING_READABLE


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


def _refusal(sentence: str, status: int) -> HTTPResponse:
    return response.json({"error": sentence}, status=status)


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def validate_action_result(_action: RemoteAction, result: dict[str, Any]) -> bool:
    """What `RemoteAction._validate_action_result` does, with its constant schema compiled once.

    Rasa 3.6.21 checks the schema itself again for every answer, which is most of the time of a turn. Beyond
    that nothing differs: the same schema, the same error.
    """
    for error in _validator().iter_errors(result):
        error.message += (
            ". Failed to validate Action server response from API, make sure your response from the Action "
            f"endpoint is valid. For more information about the format visit {DOCS_BASE_URL}/custom-actions"
        )
        raise error
    return True


def speed_up() -> bool:
    """Put `validate_action_result` in its place, if Rasa still has the method that it replaces."""
    original = getattr(RemoteAction, "_validate_action_result", None)
    code = getattr(original, "__code__", None)
    if code is None or code.co_varnames[:2] != ("self", "result") or "validate" not in code.co_varnames:
        logger.warning("Rasa checks the answers of actions in another way now; it is left as it is.")
        return False
    RemoteAction._validate_action_result = validate_action_result  # noqa: SLF001
    return True


__all__ = ["GuardedChannel", "is_press", "parsed", "read_body", "speed_up", "tame", "validate_action_result"]

speed_up()
