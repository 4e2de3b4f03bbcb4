"""The clauses from the command line."""

import json
import subprocess
import sys

from tests.flows.small import ROOT


def amends(*arguments):
    command = [sys.executable, "-m", "amends.cli", "policy", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_search_gives_the_best_three_with_owner_and_law():
    found = json.loads(amends("search", "do we have to tell the ICO about a data breach", "--json").stdout)
    assert 1 <= len(found["clauses"]) <= 3
    assert found["clauses"][0]["id"].startswith("DP-5.")
    assert {"id", "title", "text", "owner", "legal", "mark", "verified", "note"} <= set(found["clauses"][0])


def test_nothing_relevant_gives_nothing_and_names_whom_to_ask():
    assert json.loads(amends("search", "recipe for banana bread", "--json").stdout) == {
        "clauses": [],
        "ask": "Head of communications",
    }
    assert "No clause found. Ask: Head of communications." in amends("search", "recipe for banana bread").stdout


def test_a_clause_is_shown_with_what_was_not_verified():
    clause = json.loads(amends("show", "dp-5.1", "--json").stdout)
    assert (clause["title"], clause["verified"]) == ("Report a breach at once", True)
    assert "(not verified)" in amends("show", "AU-1.2").stdout


def test_an_unknown_clause_gets_the_nearest_name():
    result = amends("show", "DP-5.9")
    assert result.returncode == 1
    assert "There is no clause called DP-5.9. Did you mean DP-5." in result.stderr


def test_all_clauses_are_listed_and_well_formed():
    assert len(json.loads(amends("list", "--json").stdout)) == 61
    assert "61 clauses" in amends("check").stdout
