"""Looking at the insights: the figures of a choice, for somebody, with the names of what is in them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    from amends.insights.names import Names
    from amends.insights.scope import Scope
    from amends.insights.sight import Sight

MOST_KEPT = 64
"""So many figures are kept, until anything in the record changes."""


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
        self.ledger = Ledger(database, cache)
        self._database = database
        self._zone = zone
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, Sight, Scope], tuple[Figures, tuple[str, ...]]] = OrderedDict()

    def look(self, viewer: Viewer, scope: Scope) -> Look:
        """The figures of a choice, as somebody may see them now.

        Raises:
            StillCounting: the record is being read for the first time.
            RecordUnavailable: it cannot be read.
        """
        number, parts = self.ledger.parts()
        with self._database.read() as session:
            sight = sight_of(session, viewer)
            names = names_in(session)
        key = (number, sight, scope)
        with self._lock:
            found = self._kept.get(key)
        books = self.ledger.books
        if found is None:
            slices = counting.seen(parts, sight)
            shown = figures(slices, scope, books, self._zone, names.pair(scope.version))
            found = (shown, tuple(counting.by_month(slices, self._zone)))
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        return Look(found[0], names, tuple(sorted(books.channels.words)), found[1])
