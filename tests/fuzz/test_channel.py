"""What comes to the bot's channel, in Rasa's own environment: read and tamed, or refused with a sentence."""

import base64
import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.settings import ROOT
from tests.fuzz.made_up import changed, texts, values
from tests.fuzz.trying import often, one

PROGRAM = """
import base64, json, sys
from amends.rasa.channel import is_press, read_body
for line in sys.stdin:
    try:
        sender, text, metadata = read_body(base64.b64decode(line))
        print(json.dumps({"sender": sender, "text": text, "metadata": metadata, "press": is_press(text)}), flush=True)
    except ValueError as error:
        print(json.dumps({"refused": str(error)}), flush=True)
"""
RIGHT = {
    "sender": "web:ada",
    "message": '/press{"question": "harm", "value": "upset", "state": "INC-2026-0001:3"}',
    "metadata": {"key": "k1", "actor_id": "web:ada", "actor_name": "Ada", "said_at": "", "source": "web"},
}
SENTENCES = ("The message is too long.", "The body is not ", "'sender' has ", "'message' has ", "'metadata' has ")
bodies = st.one_of(
    st.binary(max_size=60),
    values.map(lambda value: json.dumps(value).encode()),
    changed(st.just(RIGHT)).map(lambda value: json.dumps(value).encode()),
    texts.map(lambda text: json.dumps(RIGHT | {"message": text}).encode()),
    texts.map(lambda text: json.dumps(RIGHT | {"message": f"/press{{{text}}}"}).encode()),
)


@pytest.fixture(scope="module")
def channel():
    """Asks the channel, in one start of the environment, which takes seconds."""
    command = [str(ROOT / ".venv-bot" / "bin" / "python"), "-W", "ignore", "-c", PROGRAM]
    environment = {"PATH": "/usr/bin:/bin", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:

        def ask(body):
            running.stdin.write(base64.b64encode(body) + b"\n")
            running.stdin.flush()
            return json.loads(running.stdout.readline())

        yield ask
        running.stdin.close()


@often(20, short=150)
@given(body=bodies)
def test_a_body_is_tamed_or_refused_with_a_sentence(channel, body):
    with one("bodies to the channel"):
        found = channel(body)
    if "refused" in found:
        assert found["refused"].startswith(SENTENCES)
        return
    assert found["text"].strip()
    assert not found["text"].startswith("/") or found["press"]
    assert set(found["metadata"]) <= {"key", "actor_id", "actor_name", "said_at", "source", "cut"}
    found["text"].encode()
