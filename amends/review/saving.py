"""What stories and reviews share: who saves over somebody else's newer words is shown those first."""

from __future__ import annotations

from amends.leads.opening import LONGEST_WORDS, CannotAct


class SavedMeanwhile(CannotAct):
    """Somebody else saved it since it was looked at. `by` is their name; what they saved stands in the record."""

    def __init__(self, what: str, by: str) -> None:
        super().__init__(
            f"{by} saved {what} since you opened it, so yours is not saved yet. Both stand below. Put them together, "
            "then save again."
        )
        self.by = by


def text_of(words: str) -> str:
    """What was typed, at a length that is kept."""
    return words.strip().replace("\r\n", "\n")[:LONGEST_WORDS]
