"""Who does something, from where, and when they say they did it: what every trail entry carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Actor:
    """Somebody who acts on an incident. `id` is a participant's, `source` is where they act: slack, web."""

    id: str
    name: str
    source: str
    said_at: datetime
