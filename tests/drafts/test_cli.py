"""A draft checked from the command line."""

import json
import os
import subprocess
import sys

import pytest

from amends.settings import ROOT


def amends(*arguments, words="", **env):
    command = [sys.executable, "-m", "amends.cli", "draft", "check", *arguments]
    given = words if isinstance(words, bytes) else words.encode()
    ran = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, check=False, env={**os.environ, **env})
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def test_a_draft_is_checked_with_its_clause_and_who_reads_it_first():
    words = "Eve Marlow is a thief [sic]. #openday"
    code, said, _ = amends("--account", "@example", words=words, CONTACT_LEGAL="Ana Lim, 0113 496 0002")
    assert code == 0
    assert said.startswith(
        "For @example:\n1. An accusation\n   \u201cEve Marlow is a thief\u201d (against Eve Marlow)\n"
    )
    assert "DF-7.1 No accusations" in said
    assert "(perhaps #OpenDay)" in said
    assert "Level 2, serious.\nLet legal services (Ana Lim, 0113 496 0002) read it before it goes out." in said


def test_nothing_found_is_no_promise():
    code, said, _ = amends(words="Our library is open until midnight.")
    assert (code, said) == (0, "I found nothing. That is not a promise: let a second person read it.\n")


def test_json_says_all_of_it(tmp_path):
    file = tmp_path / "draft.txt"
    file.write_text("\n  Ask bob.smith@example.com. \n", encoding="utf-8")
    row = json.loads(amends(str(file), "--json", "--account", "@example")[1])
    [finding] = row["findings"]
    assert (row["account"], row["level"], row["read_first"]) == ("@example", 2, ["dpo"])
    assert (finding["kind"], finding["start"], finding["end"]) == ("personal_data", 4, 25)
    assert (finding["words"], finding["role"]) == ("bob.smith@example.com", "the data protection officer")


def test_the_calendar_is_your_own(tmp_path):
    file = tmp_path / "own.yml"
    file.write_text('elections: [{from: 2027-03-22, to: 2027-05-06, name: "the poll"}]', encoding="utf-8")
    words = "The minister visits our laboratory."
    inside = json.loads(amends("--json", "--on", "2027-04-01", words=words, DRAFTS_FILE=str(file))[1])
    outside = json.loads(amends("--json", "--on", "2027-05-07", words=words, DRAFTS_FILE=str(file))[1])
    assert [finding["kind"] for finding in inside["findings"]] == ["election"]
    assert outside["findings"] == []


@pytest.mark.parametrize(
    ("arguments", "words", "says"),
    [
        ((), " \n", "There are no words in the draft."),
        (("none.txt",), "", "The file none.txt cannot be read."),
        ((), b"\xff\xfe", "The draft is not text in UTF-8."),
        ((), "a" * 10_001, "The draft has 10,001 characters; at most 10,000 are read."),
        (("--on", "tomorrow"), "Hello.", "tomorrow is no day."),
    ],
)
def test_what_cannot_be_checked_is_said(arguments, words, says):
    code, said, error = amends(*arguments, words=words)
    assert (code, said) == (1, "")
    assert error.startswith(says)


def test_a_calendar_with_a_mistake_is_said(tmp_path):
    file = tmp_path / "own.yml"
    file.write_text("elections: 3\n", encoding="utf-8")
    code, _, error = amends(words="Hello.", DRAFTS_FILE=str(file))
    assert code == 1
    assert error.startswith(f"{file}:1:12: ")
