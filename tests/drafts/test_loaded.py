"""The check as a process loads it: what cannot be loaded is said to whoever wants a draft checked."""

from datetime import UTC, datetime

import pytest

from amends.conversation.draft_check import DraftCheck, NoCheck
from amends.drafts import Draft
from amends.settings import ROOT, Settings
from amends.understanding.encoder import EncoderError


def gone():
    raise EncoderError("The sentence encoder is not installed. Run 'make setup'.")


def test_without_what_reads_sentences_a_draft_is_not_checked_and_that_is_said(tmp_path):
    (tmp_path / "drafts").symlink_to(ROOT / "data" / "drafts")
    check = DraftCheck(tmp_path, gone, None, dict)
    with pytest.raises(NoCheck, match="Drafts cannot be checked now"):
        check.look(Draft("Come to our open day."), Settings(_env_file=None), datetime.now(UTC))
