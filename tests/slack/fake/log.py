"""Everything that was called, acknowledged and refused, for tests to assert on."""

from __future__ import annotations

from typing import Any

from tests.slack.fake.seen import Ack, Call, Refused


class Log:
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.acks: list[Ack] = []
        self.refused: list[Refused] = []
        self.given_up: list[Ack] = []  # events that Slack no longer tries to deliver
        self.responses: list[Call] = []  # uses of response addresses

    def refuse(self, what: str, error: str, detail: str = "", args: dict[str, Any] | None = None) -> None:
        self.refused.append(Refused(what, error, detail, args or {}))

    def forget(self) -> None:
        """Starts anew, between the parts of a test."""
        for each in (self.calls, self.acks, self.refused, self.given_up, self.responses):
            each.clear()
