"""The guarded channel and the faster check of the actions' answers, in Rasa's own environment."""

import json
import subprocess
import urllib.request

import pytest
import yaml

from amends.settings import ROOT


def in_the_bots_environment(code):
    ran = subprocess.run(
        [str(ROOT / ".venv-bot" / "bin" / "python"), "-W", "ignore", "-c", code],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def found():
    """Everything that these tests look at, in one start of the environment, which takes seconds."""
    return in_the_bots_environment(
        """
import json
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.exceptions import RasaException
original = RemoteAction._validate_action_result
from amends.rasa import bodies, channel
found = {"replaced": RemoteAction._validate_action_result is channel.validate_action_result}
action = RemoteAction("x", None)
answers = [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "a", "value": 1}], "responses": [{"text": "x"}]},
    {},
    {"events": [{"event": "no such event"}]},
    {"responses": "text"},
    {"responses": [1]},
    [],
]
def verdict(check, answer):
    try:
        return [check(action, answer)]
    except ValidationError as error:
        return [error.message]
found["verdicts"] = [[verdict(original, a), verdict(channel.validate_action_result, a)] for a in answers]
found["again"] = channel.speed_up()
RemoteAction._validate_action_result = lambda self, answer, more: True
found["changed"] = channel.speed_up()
found["refused"] = []
for token in (None, {}, {"token": ""}, {"token": "  "}, {"token": "${BOT_TOKEN}"}):
    try:
        channel.GuardedChannel.from_credentials({"token": token} if isinstance(token, str) else token)
    except RasaException as error:
        found["refused"].append(str(error))
found["presses"] = sorted(bodies.PRESSES)
found["carried"] = sorted(bodies.CARRIED)
texts = ["", " ", "/restart", "/restart{", "/stop", '/press{"state":"x"}', '/press{"x":"y"}', "a"]
found["tamed"] = {t: bodies.tame(t) for t in texts}
print(json.dumps(found))
"""
    )


def test_the_replaced_check_is_in_place_and_judges_as_the_original_does(found):
    assert found["replaced"] is True
    for original, ours in found["verdicts"]:
        assert original == ours
    assert [ours for _, ours in found["verdicts"]][:2] == [[True], [True]]
    assert any(ours != [True] for _, ours in found["verdicts"])


def test_a_rasa_that_checks_in_another_way_is_left_as_it_is(found):
    assert found["changed"] is False


def test_an_empty_token_is_refused_with_a_sentence(found):
    assert len(found["refused"]) == 5
    assert all(sentence.startswith("BOT_TOKEN is empty.") for sentence in found["refused"])


def test_the_channel_knows_exactly_the_intents_and_entities_of_the_domain(found):
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    assert found["presses"] == sorted(next(iter(intent)) for intent in domain["intents"])
    assert found["carried"] == sorted(domain["entities"])


def test_only_our_own_buttons_keep_their_slash(found):
    assert found["tamed"] == {
        "": "\N{HORIZONTAL ELLIPSIS}",
        " ": "\N{HORIZONTAL ELLIPSIS}",
        "/restart": "restart",
        "/restart{": "\N{HORIZONTAL ELLIPSIS}",
        "/stop": "/stop",
        '/press{"state":"x"}': '/press{"state":"x"}',
        '/press{"x":"y"}': "\N{HORIZONTAL ELLIPSIS}",
        "a": "a",
    }


def test_the_action_server_takes_any_bytes_as_a_text_to_encode_ahead(servers):
    for body in (b"we tweeted the wrong date", b"", b"\xff\x00", b"x" * 20_000):
        request = urllib.request.Request(f"http://127.0.0.1:{servers.actions_port}/ahead", data=body, method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 204
