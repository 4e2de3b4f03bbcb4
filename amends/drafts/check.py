"""What could go wrong with a draft before it is posted. Text, account, calendar and time in, findings out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from amends.drafts.finding import report_of
from amends.drafts.form import form_marks
from amends.drafts.groups import group_marks
from amends.drafts.kinds import ABOUT_SOMEBODY
from amends.drafts.moments import moment_marks
from amends.drafts.personal import personal_marks
from amends.drafts.phrases import phrase_marks
from amends.drafts.reply import apology_marks
from amends.drafts.tone import tone_marks
from amends.drafts.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from amends.drafts.finding import Mark, Report
    from amends.drafts.kinds import Kind, Organisation
    from amends.drafts.meaning import Meaning

MOST_CHARACTERS = 10_000
"""A longer draft is no post; whoever takes one in says so."""
_OFFICIAL_ONLY = frozenset({"account", "political", "election", "swearing", "promise"})
"""What somebody may do on an account of their own: lawful speech is theirs (clauses AF-17.1, SM-2.7)."""


@dataclass(frozen=True)
class Draft:
    """What somebody is about to post, and where.

    `official` is whether the account speaks for the organisation; `picture`, whether a picture goes with it.
    """

    text: str
    official: bool = True
    picture: bool = False


@dataclass(frozen=True)
class Knowledge:
    """What drafts are held against; loaded once by `amends.drafts.loading`."""

    kinds: Mapping[str, Kind]
    organisation: Organisation
    meaning: Meaning


def check(draft: Draft, knowledge: Knowledge, now: datetime) -> Report:
    """Everything that was found in a draft; that nothing was found is no promise.

    What a rule found is not said again by what the sentence means, unless that is of another kind; of what is said of
    somebody a rule alone decides whether it is a private detail or an accusation.

    Args:
        draft: the words and where they go. More than `MOST_CHARACTERS` are not read.
        knowledge: what it is held against.
        now: the time, with a time zone.
    """
    text = draft.text[:MOST_CHARACTERS]
    organisation = knowledge.organisation
    by_rule = list(
        chain(
            personal_marks(text),
            phrase_marks(text),
            group_marks(text),
            moment_marks(text, organisation, now),
            apology_marks(text),
            form_marks(text, organisation.hosts, load_vocabulary(), picture=draft.picture),
            tone_marks(text),
        )
    )
    marks = [*by_rule, *(mark for mark in knowledge.meaning.marks(text) if not _is_said(mark, by_rule))]
    return report_of(
        draft.text, [mark for mark in marks if draft.official or mark.kind not in _OFFICIAL_ONLY], knowledge.kinds
    )


def _is_said(mark: Mark, by_rule: Sequence[Mark]) -> bool:
    """Whether a rule has found that already: it is of that kind, or what it found is the whole sentence."""
    return any(
        other.kind == mark.kind
        or (other.start <= mark.start and mark.end - other.end <= 1)
        or ({other.kind, mark.kind} <= ABOUT_SOMEBODY and other.start < mark.end and mark.start < other.end)
        for other in by_rule
    )
