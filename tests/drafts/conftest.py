"""What drafts are held against, as it ships, with domains and a calendar of our own."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from amends.drafts import Draft, check, load_knowledge
from amends.settings import CACHE, ROOT
from amends.understanding.encoder import load_encoder

NOW = datetime(2026, 8, 19, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def knowledge():
    shipped = load_knowledge(ROOT / "data" / "drafts", load_encoder(CACHE), CACHE)
    return replace(shipped, organisation=shipped.organisation.model_copy(update={"hosts": ("example.ac.uk",)}))


@pytest.fixture
def found(knowledge):
    """The findings in a draft: (kind, words)."""

    def look(text, *, now=NOW, own=None, **about):
        held = replace(knowledge, organisation=own) if own else knowledge
        return [(each.kind, each.words) for each in check(Draft(text, **about), held, now).findings]

    return look
