"""The engine from the command line: one line in, one line out, and a bad line harms no other."""

import json
import subprocess
import sys

from tests.flows.small import ROOT
from tests.flows.test_decide import HARMLESS


def amends(*arguments, stdin=b""):
    return subprocess.run(
        [sys.executable, "-m", "amends.cli", *arguments], cwd=ROOT, input=stdin, capture_output=True, check=False
    )


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_decide_reads_answers_line_by_line():
    stdin = b"\n".join(
        [
            json.dumps(HARMLESS).encode(),
            b'{"orign": "own_post"}',
            b"not json",
            b"\xff\xfe",
            b"[" * 5000,
            json.dumps({"origin": {"value": "hijack", "inferred": True}}).encode(),
        ]
    )
    result = amends("decide", "problem_post", "--jsonl", stdin=stdin)
    assert result.returncode == 0, result.stderr
    first, unknown, broken, bytes_, deep, last = lines(result)
    assert first["row"] == "P14"
    assert [step["code"] for step in first["steps"]] == ["preserve", "take_down", "respond", "make_light"]
    assert first["steps"][-1] == {**first["steps"][-1], "kind": "response", "optional": True}
    assert first["provisional"] is False
    assert first["missing"] == []
    assert first["clauses"][:2] == ["SM-2.3", "SM-2.2"]
    assert "Did you mean origin?" in unknown["error"]
    assert all("not a JSON object" in line["error"] for line in (broken, bytes_, deep))
    assert last["row"] == "P01"
    assert last["provisional"] is True
    assert "harm" in last["missing"]
    assert last["confidence"]["value"] == 0.8


def test_ask_says_the_next_question_or_null():
    result = amends("ask", "problem_post", "--jsonl", stdin=b"{}\n" + json.dumps(HARMLESS).encode())
    first, last = lines(result)
    assert first == {"question": "origin"}
    assert last == {"question": "evidence"}


def test_check_says_every_mistake_and_fails(tmp_path):
    broken = tmp_path / "broken.yml"
    text = (ROOT / "data" / "flows" / "problem_post.yml").read_text()
    broken.write_text(text.replace("add: [preserve, dpo]", "add: [preserve, dop]").replace("RF-11.1", "RF-11.11"))
    result = amends("flow", "check", str(broken))
    assert result.returncode == 1
    told = result.stderr.decode()
    assert "There is no response or role called dop. Did you mean dpo?" in told
    assert "There is no clause called RF-11.11." in told
    assert amends("flow", "check", "data/flows/problem_post.yml").returncode == 0


def test_a_flow_that_is_not_there_gets_a_sentence():
    result = amends("decide", "nowhere", "--jsonl", stdin=b"{}")
    assert result.returncode == 1
    assert "cannot be read" in result.stderr.decode()
