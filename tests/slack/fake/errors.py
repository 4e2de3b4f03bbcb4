"""How Slack says no."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    @property
    def body(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.extra}


def invalid_arguments(*sentences: str) -> SlackError:
    return SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {each}" for each in sentences]})


def invalid_blocks(problems: list[str], error: str = "invalid_blocks") -> SlackError:
    """Each problem says its place as Slack does: `... [json-pointer:/blocks/0/text]`."""
    messages = [f"[ERROR] {each}" for each in problems]
    return SlackError(error, errors=problems, response_metadata={"messages": messages})
