"""What a test sees of Slack, and how it waits for it."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, TypeVar

from tests.slack.fake.seen import Ack, Call, Message, Refused, View
from tests.waiting import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Value = TypeVar("Value")


class Seeing(ABC):
    """The half of the driver that only looks."""

    # what was logged, for type checkers and readers
    calls: Sequence[Call]
    acks: Sequence[Ack]
    refused: Sequence[Refused]
    given_up: Sequence[Ack]
    responses: Sequence[Call]

    @abstractmethod
    def ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Have the fake do or tell something."""

    def messages(self, channel: str, thread: str | None = None) -> list[Message]:
        """What stands in a channel (or in a thread, with its first message), oldest first; no ephemerals."""
        return list(self.ask("messages", channel, thread))

    def last(self, channel: str, thread: str | None = None) -> Message | None:
        """The app's last message there."""
        found = [each for each in self.messages(channel, thread) if each.by_app]
        return found[-1] if found else None

    def ephemerals(self, user: str, channel: str | None = None) -> list[Message]:
        """What only this person sees."""
        return list(self.ask("ephemerals", user, channel))

    def message(self, channel: str, ts: str) -> Message | None:
        """One message as it stands now."""
        result = self.ask("message", channel, ts)
        assert result is None or isinstance(result, Message)
        return result

    def view_of(self, user: str) -> View | None:
        """The modal on top."""
        result = self.ask("view_of", user)
        assert result is None or isinstance(result, View)
        return result

    def stack_of(self, user: str) -> list[View]:
        """All modals of a person, the lowest first."""
        return list(self.ask("stack_of", user))

    def home_of(self, user: str) -> View | None:
        result = self.ask("home_of", user)
        assert result is None or isinstance(result, View)
        return result

    def calls_of(self, method: str) -> list[Call]:
        return [each for each in self.calls if each.method == method]

    def forget(self) -> None:
        """Empties the logs."""
        self.ask("log.forget")

    @property
    def connections(self) -> int:
        """How many sockets are open."""
        return int(self.ask("about.connections"))

    def settle(self, seconds: float = LONGEST) -> bool:
        """Waits until no delivery is on its way, retries included."""
        return bool(self.ask("about.settled", seconds))

    def verify_url(self) -> bool:
        return bool(self.ask("about.verify_url"))

    def ssl_check(self) -> bool:
        return bool(self.ask("about.ssl_check"))

    def until(self, look: Callable[[], Value], seconds: float = LONGEST) -> Value:
        """Looks again and again until there is something (true), and returns it.

        Raises:
            AssertionError: there is nothing after so many seconds.
        """
        end = time.monotonic() + seconds
        while True:
            seen = look()
            if seen:
                return seen
            assert time.monotonic() < end, f"nothing after {seconds} s; refused: {self.refused}"
            time.sleep(0.02)
