"""What a test wants to go wrong, on demand or at random with a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any


@dataclass
class Fault:
    """One way in which a call goes wrong; `method` is the Web API's name, `files`, `response_url` or `*`."""

    method: str
    times: int = 1
    status: int | None = None
    error: str | None = None
    retry_after: float | None = None
    probability: float = 1.0
    slow: float = 0.0
    swallow: bool = False  # acts, and drops the connection instead of answering


class Faults:
    """All public methods can be called through `slack.faults`."""

    def __init__(self) -> None:
        self.chance = random.Random(1)
        self.clear()

    def clear(self) -> None:
        """Everything goes well again."""
        self.planned: list[Fault] = []
        self.duplicates = self.dropped_acks = 0.0
        self.duplicated_kinds: list[str] = []
        self.delay_by = 0.0
        self.reordered = False
        self.ghosts = 0

    def seed(self, seed: int) -> None:
        """The same misfortunes again."""
        self.chance.seed(seed)

    def fail_next(
        self,
        method: str,
        *,
        status: int | None = None,
        error: str | None = None,
        retry_after: float | None = None,
        times: int = 1,
    ) -> None:
        """The next calls fail without effect: a status (429, 500), or `ok: false` with an error."""
        self.planned.append(Fault(method, times, status, error, retry_after))

    def fail_often(
        self,
        method: str,
        probability: float,
        *,
        status: int | None = None,
        error: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Each call fails with this probability, until `clear`."""
        self.planned.append(Fault(method, 10**9, status, error, retry_after, probability))

    def swallow_response(self, method: str, *, times: int = 1, probability: float = 1.0) -> None:
        """Acts, and drops the connection instead of answering."""
        self.planned.append(Fault(method, times, probability=probability, swallow=True))

    def slow(self, method: str, seconds: float, *, times: int = 1) -> None:
        """Answers late; the call takes effect at once."""
        self.planned.append(Fault(method, times, slow=seconds))

    def duplicate(self, probability: float = 1.0, kinds: Any = ("events_api",)) -> None:
        """Delivers twice at the same instant: `events_api`, `interactive`, `slash_commands`."""
        self.duplicates = probability
        self.duplicated_kinds = list(kinds)

    def delay(self, seconds: float) -> None:
        """Each delivery waits a random time up to this one."""
        self.delay_by = seconds

    def reorder(self, on: bool = True) -> None:
        """Events overtake each other."""
        self.reordered = on

    def drop_ack(self, probability: float = 1.0) -> None:
        """Acks get lost on their way: Slack delivers events again."""
        self.dropped_acks = probability

    def ghost(self, connections: int = 1) -> None:
        """Slack believes in connections that are dead: it counts them and sends them their share."""
        self.ghosts = connections

    def take(self, method: str) -> Fault | None:
        """The fault for this call, if there is one."""
        for fault in self.planned:
            if fault.method in {method, "*"} and fault.times > 0 and self.happens(fault.probability):
                fault.times -= 1
                return fault
        return None

    def happens(self, probability: float) -> bool:
        return probability >= 1 or (probability > 0 and self.chance.random() < probability)

    def waits(self, kind: str) -> float:
        """How long this delivery is held back."""
        wait = self.chance.uniform(0, self.delay_by) if self.delay_by else 0.0
        if self.reordered and kind == "events_api":
            wait += self.chance.uniform(0, 0.3)
        return wait

    def twice(self, kind: str) -> bool:
        return kind in self.duplicated_kinds and self.happens(self.duplicates)
