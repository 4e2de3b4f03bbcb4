"""The line to Slack, as the outbox sees it: a call that answers or fails in one of six ways."""

from __future__ import annotations

from typing import Any, Literal, Protocol

Failure = Literal["limited", "later", "unknown", "invalid", "never", "closed"]
"""limited: too many calls. later: not now. unknown: the call may have been carried out. invalid: Slack does not take
the message as it is. never: it will not go there. closed: Slack takes nothing from this app now."""


class WireError(Exception):
    """A call was not carried out, or nobody knows whether it was.

    Args:
        kind: what that means for the message.
        reason: Slack's error, or `timeout` or `connection`.
        retry_after: seconds that Slack asks to wait.
    """

    def __init__(self, kind: Failure, reason: str, retry_after: float | None = None) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind = kind
        self.reason = reason
        self.retry_after = retry_after


class Wire(Protocol):
    """Whatever calls Slack's methods."""

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a method of Slack's, such as `chat.postMessage`; its answer.

        `respond` is no method of the Web API: its argument `url` is a response URL, and the others are posted to it
        as JSON.

        Raises:
            WireError: it failed.
        """
        ...
