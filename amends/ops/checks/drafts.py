"""The files that drafts are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.drafts.kinds import DraftsError, load_examples, load_kinds, load_organisation
from amends.ops.checks.finding import fault, ok

if TYPE_CHECKING:
    from pathlib import Path

    from amends.ops.checks.finding import Finding
    from amends.settings import Settings


def files(root: Path, settings: Settings) -> Finding:
    """Whether drafts can be checked: what they are held against can be read."""
    folder = root / "data" / "drafts"
    own = root / settings.drafts_file if settings.drafts_file else folder / "organisation.yml"
    try:
        load_examples(folder / "examples.yml", load_kinds(folder / "kinds.yml"))
        load_organisation(own)
    except DraftsError as error:
        said = f"Drafts cannot be checked before they are posted: {str(error).splitlines()[0]}"
        return fault("drafts", said, "Put it right in that file, then start Amends again: it is read at the start.")
    return ok("drafts", "Drafts can be checked before they are posted.")
