"""The safe steps of the live flow, at hand even while the record cannot be reached."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from amends.flows import USUAL, FlowError, parse_flow, safe_steps
from amends.settings import ROOT
from amends.workshop.documents import Document, WorkshopError
from amends.workshop.files import read_text
from amends.workshop.versions import live, published

if TYPE_CHECKING:
    from pathlib import Path

    from amends.incidents.database import Database

logger = logging.getLogger(__name__)


class SafeSteps:
    """What to do when the assistant cannot answer. Reads nothing by itself: `refresh` does.

    Args:
        database: the record.
        file: the flow file whose steps are said until the record was read once.
    """

    def __init__(
        self,
        database: Database,
        document: Document = Document("flow", USUAL),  # noqa: B008 - frozen
        file: Path = ROOT / "data" / "flows" / f"{USUAL}.yml",
    ) -> None:
        self._database = database
        self._document = document
        self._seen = 0
        self.steps: tuple[str, ...] = ()
        try:
            self.steps = tuple(safe_steps(parse_flow(read_text(file), str(file)), {}))
        except (FlowError, OSError, UnicodeError) as error:
            logger.warning("The safe steps could not be read from the file: %s", error)

    def refresh(self) -> None:
        """Take the steps of what is live now.

        Raises:
            RecordUnavailable: it cannot be looked up; the steps stay.
        """
        with self._database.read() as session:
            newest = published(session)
            if newest == self._seen:
                return
            try:
                self.steps = tuple(safe_steps(parse_flow(live(session, self._document).text), {}))
            except (FlowError, WorkshopError) as error:
                logger.error("The published safe steps cannot be used: %s", error)  # noqa: TRY400
            self._seen = newest
