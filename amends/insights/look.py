"""Looking at the insights: the figures of a choice, for somebody, with the names of what is in them."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from amends.insights import counting
from amends.insights.figures import figures
from amends.insights.ledger import Ledger
from amends.insights.names import names_in
from amends.insights.sight import sight_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from amends.incidents.database import Database
    from amends.incidents.visible import Viewer
    from amends.insights.figures import Figures
    from amends.insights.ledger import Parts
    from amends.insights.names import Names
    from amends.insights.scope import Scope
    from amends.insights.sight import Sight

_Found: TypeAlias = "tuple[Figures, tuple[str, ...], tuple[str, ...]]"

MOST_KEPT = 64
"""So many figures are kept, until anything in the record changes."""
MANY = 100_000
"""Where there are so many incidents, one that changed hardly shows, and counting again takes a tenth of a second."""
KEPT_SECONDS = 10.0
"""So old figures of many incidents may be. What somebody may see is looked up each time all the same."""


@dataclass(frozen=True)
class Look:
    """What somebody sees: the figures, the names in them, and what there is to choose from."""

    figures: Figures
    names: Names
    channels: Sequence[str]
    months: Sequence[str]
    """From the first in which anything was reported to the last."""


class Insights:
    """The figures of a record, kept up to date in this process.

    Args:
        database: the record.
        zone: in which months begin.
        cache: a file in which what was counted is kept for the next process.
    """

    def __init__(self, database: Database, zone: ZoneInfo, cache: Path | None = None) -> None:
        self.ledger = Ledger(database, zone, cache)
        self._database = database
        self._zone = zone
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Sight, Scope], tuple[int, float, _Found]] = OrderedDict()

    def look(self, viewer: Viewer, scope: Scope) -> Look:
        """The figures of a choice, as somebody may see them now.

        Raises:
            StillCounting: the record is being read for the first time.
            RecordUnavailable: it cannot be read.
        """
        number, parts = self.ledger.parts()
        with self._database.read() as session:
            sight = sight_of(session, viewer)
            names = names_in(session, scope.flow)
        shown, months, channels = self._found(number, parts, sight, scope, names.pair(scope.version))
        return Look(shown, names, channels, months)

    def _found(self, number: int, parts: Parts, sight: Sight, scope: Scope, versions: tuple[str, str] | None) -> _Found:
        """The figures of a choice, counted now or kept from before, and all months and channels that somebody sees."""
        now = time.monotonic()
        with self._lock:
            kept = self._kept.get((sight, scope))
        if kept is not None:
            before, at, found = kept
            many = sum(len(block) for block, _ in parts) >= MANY
            if before == number or (many and now - at < KEPT_SECONDS):
                return found
        slices = counting.seen(parts, sight)
        found = (
            figures(slices, scope, versions),
            tuple(counting.by_month(slices)),
            tuple(sorted(counting.by(slices, "channel"))),
        )
        with self._lock:
            self._kept[sight, scope] = (number, now, found)
            self._kept.move_to_end((sight, scope))
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found
