"""What the start says of Slack, and that Slack does not keep anything from starting."""

import json

import pytest

from amends.ops.checks import desk
from amends.ops.run import about_slack
from amends.ops.services import Service, services
from amends.settings import ROOT, Settings
from tests.ops.test_doctor import answering

ON = {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"}


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def said(**more):
    return json.dumps({"status": "not ready", "bot": True, "database": True, **more}).encode()


def test_the_desk_counts_as_started_without_slack_and_not_without_bot_or_record():
    answers = [(503, said(slack="on")), (200, said(slack="off")), (503, said(bot=False)), (503, said(database=False))]
    with answering(*answers, (500, b"broken"), (200, b"[]")) as port:
        part = Service("desk", (), "127.0.0.1", port, "/readyz", ("bot", "database"))
        assert [part.is_ready() for _ in range(6)] == [True, True, False, False, False, False]
    assert not part.is_ready()


def test_the_desk_that_is_started_is_looked_at_so():
    every = services(ROOT, ROOT / "var", Settings(_env_file=None), ROOT / "model")
    (part,) = [each for each in every if each.name == "desk"]
    assert (part.path, part.needs) == ("/readyz", ("bot", "database"))


def test_slack_that_is_off_or_half_set_is_one_line():
    off = about_slack(Settings(_env_file=None))
    assert off.startswith("Slack is off. To turn it on, follow 'Slack, in ten minutes' in README.md")
    half = about_slack(Settings(_env_file=None, slack_bot_token="xoxb-1"))
    assert half.startswith("Note: Slack is off, because SLACK_APP_TOKEN is empty")
    assert "\n" not in off + half


def test_the_start_waits_a_moment_until_slack_is_connected():
    answers = [(503, said(slack="on", slack_says="The socket is not open yet.", slack_connections=0))] * 2
    with answering(*answers, (200, said(slack="connected", slack_connections=1))) as port:
        line = about_slack(Settings(_env_file=None, desk_port=port, **ON))
    assert line == "The desk is connected with Slack; connections of the app: 1."


def test_what_is_wrong_with_slack_is_said_and_where_to_read_more():
    trouble = "Slack cannot be reached: invalid_auth."
    with answering((503, said(slack="on", slack_says=trouble))) as port:
        line = about_slack(Settings(_env_file=None, desk_port=port, **ON), patience=0)
    assert line == f"Note: The desk is not connected with Slack. {trouble} 'amends doctor' says how to mend it."


@pytest.mark.parametrize(
    ("answer", "status", "sentence"),
    [
        (None, "off", "is not known"),
        ({"slack": "off"}, "fault", "was started without Slack"),
        ({}, "fault", "was started without Slack"),
        ({"slack": "on", "slack_says": "The socket was lost."}, "fault", "The socket was lost."),
        ({"slack": "connected", "slack_connections": 1}, "ok", "connections of the app: 1."),
        ({"slack": "connected", "slack_connections": 3, "slack_says": "3 are open."}, "warning", "3 are open."),
    ],
)
def test_what_the_desk_says_of_slack(answer, status, sentence):
    found = desk.connection(Settings(_env_file=None, **ON), answer)
    assert found.status == status
    assert sentence in found.said
    assert bool(found.mend) == (status != "ok")


def test_by_http_there_is_no_connection_to_count():
    http = Settings(_env_file=None, slack_mode="http", slack_bot_token="xoxb-1", slack_signing_secret="s")
    assert desk.connection(http, {"slack": "connected"}).status == "ok"
