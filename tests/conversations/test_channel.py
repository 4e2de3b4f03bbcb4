"""The guarded channel, and what Rasa does with less around a turn, in Rasa's own environment."""

import json
import subprocess
import urllib.request

import numpy as np
import pytest
import yaml

from amends.settings import ROOT
from amends.understanding.encoder import load_encoder
from tests.waiting import LONGEST


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
import asyncio, json
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig
original = RemoteAction._validate_action_result
call, run = RemoteAction._action_call_format, DaskGraphRunner.run
from amends.rasa import bodies, channel, faster
found = {"replaced": [getattr(owner, name) is ours for owner, name, _, ours in faster.REPLACED]}
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
found["verdicts"] = [[verdict(original, a), verdict(faster.validate_action_result, a)] for a in answers]
tracker = DialogueStateTracker.from_events("x", [UserUttered("hello", {"name": "greet"}), SlotSet("answer", "a")])
domain = Domain.load("domain.yml")
theirs, ours = call(action, tracker, domain), faster.action_call(action, tracker, domain)
found["call"] = [{k: v for k, v in one.items() if k != "domain"} for one in (theirs, ours)]
found["domains"] = [bool(theirs["domain"]), ours["domain"]]
class Node:
    def __init__(self, name, *needs):
        self.name, self.needs = name, dict(zip(needs, needs))
    def __call__(self, *given):
        return self.name, [self.name, *given]
class Schema:
    target_names = ["d"]
    nodes = {n.name: n for n in (Node("d", "b", "c", "in"), Node("b", "a"), Node("c", "a"), Node("a", "in"))}
    def minimal_graph_schema(self, targets):
        return self
runner = object.__new__(DaskGraphRunner)
runner._graph_schema, runner._instantiated_nodes, runner._execution_context = Schema(), Schema.nodes, None
found["graph"] = [way(runner, {"in": 1}, targets) for way in (run, faster.run_graph) for targets in (None, ["c", "d"])]
found["clash"] = []
for way in (run, faster.run_graph):
    try:
        way(runner, {"in": "a"}, ["d"])
    except GraphRunError:
        found["clash"].append(True)
async def sessions():
    endpoint = EndpointConfig("http://127.0.0.1:9")
    async with endpoint.session() as one:
        pass
    async with endpoint.session() as two:
        same = one is two and not one.closed
    await one.close()
    async with endpoint.session() as three:
        await three.close()
    return [same, three is not one]
found["kept"] = asyncio.run(sessions()) + asyncio.run(sessions())
from tests.conversations.turns import turns
found["turns"] = asyncio.run(turns())
for owner, name, _, _ in faster.REPLACED:
    setattr(owner, name, lambda self, *more: True)
found["changed"] = list(faster.speed_up().values())
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


def test_all_is_replaced_and_the_check_judges_as_the_original_does(found):
    assert found["replaced"] == [True] * 4
    for original, ours in found["verdicts"]:
        assert original == ours
    assert [ours for _, ours in found["verdicts"]][:2] == [[True], [True]]
    assert any(ours != [True] for _, ours in found["verdicts"])


def test_a_rasa_that_does_it_in_another_way_is_left_as_it_is(found):
    assert found["changed"] == [False] * 4


def test_the_action_server_is_told_all_but_the_domain(found):
    theirs, ours = found["call"]
    assert ours == theirs
    assert found["domains"] == [True, {}]


def test_the_nodes_of_the_model_give_what_dask_would(found):
    by_dask, two_by_dask, ours, two_of_ours = found["graph"]
    assert (ours, two_of_ours) == (by_dask, two_by_dask)
    assert set(two_of_ours) == {"c", "d"}
    assert found["clash"] == [True, True]


def test_the_connection_to_the_action_server_is_kept_until_it_is_closed(found):
    assert found["kept"] == [True] * 4


def test_a_turn_in_which_an_action_could_not_be_called_is_noticed_and_names_the_first(found):
    assert found["turns"]["alone"] == [
        ["", []],
        ["", ["well"]],
        ["", ["rejected", "well"]],
        ["one", ["failed", "well"]],
        ["one", ["failed", "failed"]],
    ]


def test_a_turn_beside_it_is_whole(found):
    assert found["turns"]["beside"] == ["", "one", ""]


def test_of_a_turn_that_is_not_whole_no_tracker_is_kept(found):
    assert found["turns"]["kept"] == [[], ["looping"]]


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


def test_the_action_server_encodes_any_bytes_as_the_bot_would(servers):
    encoder = load_encoder()
    for body in (b"We tweeted the WRONG date. Nobody saw it, I think", b"", b"\xff\x00", b"x " * 10_000):
        request = urllib.request.Request(f"http://127.0.0.1:{servers.actions_port}/ahead", data=body, method="POST")
        with urllib.request.urlopen(request, timeout=LONGEST) as answer:
            assert answer.headers["X-Encoder"] == encoder.version
            vector = np.frombuffer(answer.read(), "<f4")
        own = encoder.encode([body.decode("utf-8", "replace").lower()])[0]
        assert float(abs(vector - own).max()) < 1e-5


def test_a_vector_is_used_once_and_only_by_the_encoder_that_made_it():
    assert (
        in_the_bots_environment(
            """
import json
import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.shared.nlu.training_data.message import Message
from amends.rasa import ahead
from amends.rasa.featurizer import SentenceFeaturizer
featurizer = SentenceFeaturizer({**SentenceFeaturizer.get_default_config(), "alias": None}, "x")
def features():
    message = Message({"text": "Hello there"})
    featurizer.process([message])
    return message.features[0].features[0, :384]
own = features()
other = np.zeros(384, "<f4").tobytes()
ahead._given["hello there"] = (featurizer._encoder.version, other)
used, again = features(), features()
ahead._given["hello there"] = ("another", other)
of_another = features()
ahead._given["hello there"] = (featurizer._encoder.version, other[:8])
found = [bool((one == own).all()) for one in (again, of_another, features())]
print(json.dumps([bool(own.any()), not used.any(), *found]))
"""
        )
        == [True] * 5
    )
