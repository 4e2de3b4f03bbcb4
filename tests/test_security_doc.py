"""What docs/security.md says is shown by a test is: each test that it names exists."""

import ast
import re

import pytest

from amends import production
from amends.settings import ROOT, Settings

TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))


def functions_in(file):
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_it_names_tests():
    assert len(NAMED) > 30


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_each_test_that_is_named_exists(file, name):
    assert name in functions_in(file)


def test_nothing_in_its_tables_is_said_without_a_test():
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and line.count("|") == 4]
    bare = [row for row in rows if "::" not in row and "shown by" not in row and not row.startswith("| what |")]
    assert bare == []


def test_each_setting_that_production_refuses_is_listed():
    listed = TEXT[TEXT.index("## Production") :]
    source = (ROOT / "amends" / "production.py").read_text("utf-8")
    asked = {name.upper() for name in re.findall(r"settings\.(\w+)", source)} & {
        name.upper() for name in Settings.model_fields
    }
    shown = {"DATABASE_URL": "a database on another machine", "AMENDS_MODE": "AMENDS_MODE=production"}
    # The keys are read by what seals with them.
    asked |= {"TRAIL_KEYS", "TRAIL_KEYS_FILE", *production.TALKATIVE}
    missing = [name for name in sorted(asked) if shown.get(name, name) not in listed]
    assert missing == []
