"""docs/api.md: each example is run with the real curl against a real desk, and what it says is true."""

import json
import re
import shutil
import subprocess

import pytest

from amends.access.tokens import NEEDS, Scope
from amends.settings import ROOT
from tests.api.test_permissions import api_of
from tests.api.world import token_for
from tests.console.conftest import bot, database_url, desk, record  # noqa: F401 - fixtures
from tests.console.whole import PNG, whole_incident

TEXT = (ROOT / "docs" / "api.md").read_text("utf-8")
USED = (r'\b\d{3}, "([a-z-]+)"', r'^    \d{3}: \(".*?", "([a-z-]+)"')
"""How the code writes a kind of problem."""
EXAMPLES = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)


def test_each_example_is_answered(desk, record, tmp_path):  # noqa: F811
    reference = whole_incident(record)
    curl = shutil.which("curl")
    if curl is None:
        pytest.fail("This test needs curl. Install it: apt-get install curl.", pytrace=False)
    known = {"DESK": desk.url, "TOKEN": token_for(record, "lead"), "PATH": "/usr/bin:/bin"}
    assert len(EXAMPLES) == 7
    said = []
    for example in EXAMPLES:
        script = example.replace("INC-2026-0001", reference)
        script = script.replace("curl ", "curl --fail-with-body --max-time 60 -w '\\n' ")
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", script], env=known, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said += [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    me, board, found, personal, one, trail, figures, of_flow, policy = said
    assert me["person"]["name"] == "Lea Lead"
    assert board["needs_me"]["count"] == len(found["incidents"]) == 1
    assert personal["incidents"] == []
    assert one["reference"] == trail["reference"] == reference
    assert figures["chosen"]["from"] == "2026-10"
    assert of_flow["chosen"]["flow"] == "third_party"
    assert policy["clauses"]
    assert (tmp_path / "post.png").read_bytes() == PNG
    assert (tmp_path / "bundle.zip").read_bytes().startswith(b"PK")
    assert reference in (tmp_path / "incidents.csv").read_text("utf-8")


def test_every_scope_and_every_kind_of_problem_stands_there():
    assert set(re.findall(r"^\| `(\w+)` \| [a-z]", TEXT, re.MULTILINE)) >= set(map(str, Scope)) == set(map(str, NEEDS))
    code = "".join(file.read_text("utf-8") for file in (ROOT / "amends" / "console" / "api").glob("*.py"))
    used = set(re.findall(r'\b\d{3}, "([a-z-]+)"', code)) | set(
        re.findall(r'^    \d{3}: \(".*?", "([a-z-]+)"', code, re.MULTILINE)
    )
    assert set(re.findall(r"^\| `([a-z-]+)` \| \d{3} \|", TEXT, re.MULTILINE)) == used


def test_the_examples_of_the_description_have_the_shape_that_it_names(world):
    from jsonschema import Draft202012Validator

    described = api_of(world).openapi()
    tried = 0
    for item in described["paths"].values():
        for answer in item["get"]["responses"].values():
            for content in answer.get("content", {}).values():
                if "example" in content:
                    schema = {**content["schema"], "components": described["components"]}
                    Draft202012Validator(schema).validate(content["example"])
                    tried += 1
    assert tried >= len(described["paths"])
