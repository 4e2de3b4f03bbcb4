"""What may be set is told to those who set it."""

import re
from pathlib import Path

import pytest
from dotenv import dotenv_values

from amends.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_every_setting_is_in_the_example_and_in_the_readme(name):
    assert re.search(rf"^(# )?{name}=", EXAMPLE, re.MULTILINE), f"{name} is not in .env.example"
    table = README[README.index("## Settings") :]
    assert f"`{name}`" in table[: table.index("\n## ", 5)], f"{name} is not in the settings of README.md"


def test_the_example_sets_what_is_set_without_it(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    assert Settings(_env_file=ROOT / ".env.example") == Settings(_env_file=None)


def test_the_example_holds_no_secret():
    values = dotenv_values(ROOT / ".env.example")
    assert not [name for name, value in values.items() if value and re.search("TOKEN|SECRET", name)]


@pytest.mark.parametrize("file", ["README.md", "docs/slack.md"])
def test_no_setting_is_told_of_that_is_not_there(file):
    told = set(re.findall(r"`([A-Z][A-Z_]{3,})[`=]", (ROOT / file).read_text("utf-8")))
    assert told
    assert told - {name.upper() for name in Settings.model_fields} <= {"TRACKER_URL"}
