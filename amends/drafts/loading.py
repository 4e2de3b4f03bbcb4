"""What drafts are held against, from the files in `data/drafts`; once for each process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.drafts.check import Knowledge
from amends.drafts.kinds import load_examples, load_kinds, load_organisation
from amends.drafts.meaning import Meaning

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from amends.understanding.encoder import Encoder


def load_knowledge(
    folder: Path,
    encoder: Encoder,
    cache: Path | None,
    organisation: Path | None = None,
    clauses: Collection[str] | None = None,
) -> Knowledge:
    """What drafts are held against.

    Args:
        folder: where kinds.yml, examples.yml and organisation.yml are.
        encoder: turns sentences into vectors.
        cache: where what was learnt is kept; None keeps none.
        organisation: a file instead of the organisation.yml in `folder`.
        clauses: ids of the clauses that there are, to check the kinds against.

    Raises:
        DraftsError: something in a file is wrong; it has every mistake of that file.
    """
    kinds = load_kinds(folder / "kinds.yml", clauses)
    examples = load_examples(folder / "examples.yml", kinds)
    own = load_organisation(organisation or folder / "organisation.yml")
    return Knowledge(kinds, own, Meaning(encoder, examples, cache))
