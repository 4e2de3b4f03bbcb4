"""The check of drafts as the channels use it: loaded once in a process, when it is first needed."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.drafts import DraftsError, Report, check, load_knowledge
from amends.drafts.shown import MORE, NOTHING, ROLES, level, read_first, shown
from amends.settings import ROOT
from amends.understanding.encoder import EncoderError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime
    from pathlib import Path

    from amends.drafts import Draft, Knowledge
    from amends.drafts.shown import Shown
    from amends.policies import Clause
    from amends.settings import Settings
    from amends.understanding.encoder import Encoder

__all__ = ["NOTHING", "ROLES", "DraftCheck", "Looked", "NoCheck"]

BROKEN = (
    "Drafts cannot be checked now, because a file for it is missing or has a mistake in it. Tell the people who run "
    "this: 'amends draft check' says which. Until then let a second person read it."
)

_lock = threading.Lock()
_loaded: dict[tuple[Path, Path | None], Knowledge] = {}
"""What drafts are held against, by its files; all of a process share it."""


class NoCheck(Exception):  # noqa: N818 - it reads as what it says
    """Drafts cannot be checked. The message is a sentence for the person."""


@dataclass(frozen=True)
class Looked:
    """What was found in a draft, ready to be shown.

    Attributes:
        parts: the gravest first.
        level: that of the table of levels, 0 to 3.
        read_first: the roles that should read it before it goes out, each with whom to ask, as in the settings.
    """

    parts: tuple[Shown, ...]
    level: int
    read_first: Mapping[str, str]
    level_in_words: str

    @property
    def after(self) -> tuple[str, ...]:
        """What is said under the findings: the level, who reads it first, and that this is not all."""
        if not self.parts:
            return (NOTHING,)
        return (self.level_in_words, *(read_first(role, who) for role, who in self.read_first.items()), MORE)


class DraftCheck:
    """Checks drafts.

    Args:
        data: the directory with `drafts/`.
        encoder: gives what turns sentences into vectors.
        cache: where what was learnt is kept; None keeps none.
        clauses: gives the clauses that are live.
    """

    def __init__(
        self,
        data: Path,
        encoder: Callable[[], Encoder],
        cache: Path | None,
        clauses: Callable[[], Mapping[str, Clause]],
    ) -> None:
        self._folder = data / "drafts"
        self._encoder = encoder
        self._cache = cache
        self._clauses = clauses

    def look(self, draft: Draft, settings: Settings, at: datetime, without: Collection[str] = ()) -> Looked:
        """What is found in a draft.

        Args:
            draft: the words and where they go.
            settings: whose calendar it is, and whom to ask.
            at: the time, for what depends on the day.
            without: kinds of findings that are left out.

        Raises:
            NoCheck: a file of the check cannot be used.
        """
        found = check(draft, self._known(settings), at.astimezone(settings.zone))
        report = Report(tuple(each for each in found.findings if each.kind not in without))
        contacts = {role: getattr(settings, f"contact_{role}") for role in report.read_first}
        return Looked(shown(report, self._clauses()), report.level, contacts, level(report))

    def _known(self, settings: Settings) -> Knowledge:
        own = ROOT / settings.drafts_file if settings.drafts_file else None
        with _lock:
            if (self._folder, own) not in _loaded:
                try:
                    _loaded[self._folder, own] = load_knowledge(self._folder, self._encoder(), self._cache, own)
                except (DraftsError, EncoderError) as error:
                    raise NoCheck(BROKEN) from error
            return _loaded[self._folder, own]

    def warm_up(self, settings: Settings) -> None:
        """Load it now, so that the first draft does not wait.

        Raises:
            NoCheck: a file of the check cannot be used.
        """
        self._known(settings)
