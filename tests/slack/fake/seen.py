"""What tests see of the fake: plain values, the same in the process and over HTTP."""

from __future__ import annotations

import base64
import dataclasses
from dataclasses import dataclass, field
from typing import Any


class NotPossible(AssertionError):  # noqa: N818 - it reads as what it says
    """A person could not do this in Slack: the button is not there, the field is empty, the channel is unknown."""


@dataclass
class File:
    """A file that somebody shares."""

    name: str
    content: bytes
    mimetype: str = "image/png"
    extra: dict[str, Any] = field(default_factory=dict)  # overrides of the file object that Slack sends


@dataclass
class Message:
    """A message as it stands now."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread: str | None = None
    by_app: bool = False
    only_for: str | None = None  # the one who sees an ephemeral message
    metadata: dict[str, Any] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    edited: str | None = None
    deleted: bool = False
    client_msg_id: str | None = None

    @property
    def labels(self) -> list[str]:
        """The labels of its buttons and choices, from top to bottom."""
        return labels(self.blocks)

    @property
    def shown(self) -> str:
        """Everything that its blocks say; the text where it has no blocks."""
        return shown(self.blocks) if self.blocks else self.text


@dataclass
class View:
    """A modal or a Home tab as it stands now."""

    id: str
    user: str
    view: dict[str, Any]  # as it was sent, block ids filled in
    hash: str
    root: str
    previous: str | None = None
    errors: dict[str, str] = field(default_factory=dict)  # from the last response_action "errors"

    @property
    def callback_id(self) -> str:
        return str(self.view.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        return str(self.view.get("private_metadata", ""))

    @property
    def blocks(self) -> list[dict[str, Any]]:
        return list(self.view["blocks"])

    @property
    def labels(self) -> list[str]:
        """The labels of its buttons and choices, from top to bottom."""
        return labels(self.blocks)

    @property
    def shown(self) -> str:
        """Everything that its blocks say."""
        return shown(self.blocks)


@dataclass
class Ack:
    """What came of one delivery to the app."""

    kind: str  # events_api, interactive, slash_commands
    what: str  # the event's type, or block_actions, view_submission, message_action, the command
    id: str  # event_id, or trigger_id
    ok: bool
    attempt: int = 0
    latency: float | None = None
    payload: dict[str, Any] | None = None
    reason: str = ""  # why not: timeout, no_connection, dropped, http_error ...


@dataclass
class Call:
    """One call of the Web API."""

    method: str
    args: dict[str, Any]
    at: float
    status: int = 200
    outcome: str = "ok"  # or Slack's error
    on_demand: bool = False  # a fault that the test asked for
    response: dict[str, Any] = field(default_factory=dict)
    took: float = 0.0


@dataclass
class Refused:
    """Something the real Slack would have refused."""

    what: str
    error: str
    detail: str = ""
    args: dict[str, Any] = field(default_factory=dict)


KINDS = {kind.__name__: kind for kind in (File, Message, View, Ack, Call, Refused)}


def pack(value: Any) -> Any:
    """A value for JSON."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inside = {each.name: pack(getattr(value, each.name)) for each in dataclasses.fields(value)}
        return {"=": type(value).__name__, **inside}
    if isinstance(value, bytes):
        return {"=": "bytes", "of": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {str(key): pack(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [pack(each) for each in value]
    return value


def unpack(value: Any) -> Any:
    """The value that `pack` has packed."""
    if isinstance(value, list):
        return [unpack(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("=") == "bytes":
        return base64.b64decode(value["of"])
    inside = {key: unpack(each) for key, each in value.items() if key != "="}
    return KINDS[value["="]](**inside) if "=" in value else inside


def labels(blocks: list[dict[str, Any]]) -> list[str]:
    found = []
    for block in blocks:
        for element in elements_of(block):
            if "text" in element and element.get("type") == "button":
                found.append(element["text"]["text"])
            found += [option["text"]["text"] for option in options_of(element)]
    return found


def elements_of(block: dict[str, Any]) -> list[dict[str, Any]]:
    """The interactive elements of a block."""
    held = list(block.get("elements", [])) if block.get("type") == "actions" else []
    return held + [block[name] for name in ("accessory", "element") if isinstance(block.get(name), dict)]


def options_of(element: dict[str, Any]) -> list[dict[str, Any]]:
    """The options of a select, radio buttons, checkboxes or an overflow menu, groups opened."""
    groups = [option for group in element.get("option_groups", []) for option in group["options"]]
    return list(element.get("options", [])) + groups


def shown(blocks: list[dict[str, Any]]) -> str:
    words: list[str] = []
    _words(blocks, words)
    return "\n".join(words)


def _words(value: Any, words: list[str]) -> None:
    if isinstance(value, list):
        for each in value:
            _words(each, words)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in {"text", "alt_text"} and isinstance(each, str):
                words.append(each)
            elif key not in {"confirm", "value", "block_id", "action_id"}:
                _words(each, words)
