"""What the doctor sees of Slack: held against a strict fake, with each thing wrong in turn."""

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from amends.ops.checks import tokens, workspace
from amends.ops.checks.api import ask
from amends.settings import Settings
from tests.ops.test_doctor import answering
from tests.ports import free_port
from tests.slack.fake import FakeSlack

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8"))
SCOPES = frozenset(MANIFEST["oauth_config"]["scopes"]["bot"])


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def slack():
    with FakeSlack(MANIFEST) as slack:
        yield slack


def settings(slack, **more):
    named = {
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.api_url,
    }
    return Settings(_env_file=None, **{**named, **more})


def with_scopes(change):
    manifest = copy.deepcopy(MANIFEST)
    change(manifest["oauth_config"]["scopes"]["bot"])
    return FakeSlack(manifest)


def test_everything_that_is_right_is_ok_and_slack_refuses_nothing(slack):
    ada, bo = slack.add_user("Ada"), slack.add_user("Bo")
    channel, group = slack.add_channel("leads", [ada], private=True), slack.add_group("leads", [ada])
    right = settings(
        slack,
        slack_leads_channel=channel,
        slack_leads_group=group,
        slack_leads=f"{ada}, {bo}",
        slack_tell_legal=bo,
        slack_tell_dpo=slack.add_channel("data", [bo]),
        slack_tell_hr=group,
    )
    answer = ask(right, "auth.test")
    found = [
        tokens.switched_on(right),
        workspace.bot(answer),
        workspace.scopes(answer, SCOPES),
        workspace.leads_channel(right),
        workspace.leads(right),
        *workspace.targets(right),
        workspace.socket(right, slack.bot),
    ]
    assert [each.said for each in found if each.status != "ok"] == []
    assert slack.refused == []
    assert slack.connections == 0
    assert found[-2].said == "Those who are told by a button are there: legal, dpo, hr."
    assert abs(datetime.now(UTC) - answer.date) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({}, "off", "Slack is off."),
        ({"slack_bot_token": "xoxb-1"}, "fault", "SLACK_APP_TOKEN is empty"),
        ({"slack_app_token": "xapp-1"}, "fault", "SLACK_BOT_TOKEN is empty"),
        ({"slack_bot_token": "xoxb-1", "slack_mode": "http"}, "fault", "SLACK_SIGNING_SECRET is empty"),
        ({"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"}, "ok", "by Socket Mode"),
        ({"slack_bot_token": "xoxb-1", "slack_signing_secret": "s", "slack_mode": "http"}, "ok", "by HTTP"),
    ],
)
def test_slack_is_on_or_off_or_something_is_missing(given, status, said):
    found = tokens.switched_on(Settings(_env_file=None, **given))
    assert found.status == status
    assert said in found.said
    assert bool(found.mend) == (status != "ok")


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"bot_token": "xoxb-1", "app_token": "xapp-1"}, "ok", "look as they should"),
        ({"bot_token": "xapp-1", "app_token": "xoxb-1"}, "fault", "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are swapped."),
        ({"bot_token": "xoxp-1"}, "fault", "SLACK_BOT_TOKEN is a user token, and should begin with xoxb-."),
        ({"bot_token": "secret"}, "fault", "SLACK_BOT_TOKEN does not begin with xoxb-."),
        ({"app_token": "xoxb-1"}, "fault", "SLACK_APP_TOKEN is a bot token, and should begin with xapp-."),
        ({"bot_token": "xoxb-1 "}, "fault", "SLACK_BOT_TOKEN has a space in it."),
        ({"signing_secret": "xoxb-1"}, "fault", "SLACK_SIGNING_SECRET is a bot token, not the signing secret."),
        ({"signing_secret": "0123456789abcdef" * 2}, "ok", "look as they should"),
        ({"signing_secret": "hidden"}, "warning", "32 of 0-9 and a-f"),
    ],
)
def test_tokens_are_known_by_their_looks_and_never_shown(given, status, said):
    found = tokens.shapes(Settings(_env_file=None, **{f"slack_{name}": value for name, value in given.items()}))
    assert found[0].status == status
    assert said in found[0].said
    whole = " ".join(each.said + each.mend for each in found)
    assert not [value for value in given.values() if value.strip() in {"secret", "hidden"} and value in whole]


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive"])
def test_a_token_that_was_revoked_is_a_fault(slack, error):
    slack.revoked = error
    found = workspace.bot(ask(settings(slack), "auth.test"))
    assert (found.status, found.said) == ("fault", f"Slack does not take SLACK_BOT_TOKEN: {error}.")
    assert "Install the app again" in found.mend


def test_a_wrong_token_is_a_fault(slack):
    found = workspace.bot(ask(settings(slack, slack_bot_token="xoxb-9"), "auth.test"))
    assert "invalid_auth" in found.said
    assert "xoxb-9" not in found.said + found.mend


def test_the_app_token_in_the_bot_tokens_place_is_seen_also_where_it_answers(slack):
    found = workspace.bot(ask(settings(slack, slack_bot_token=slack.app_token), "auth.test"))
    assert found.status == "fault"


def test_slack_that_cannot_be_reached_or_is_broken_is_a_fault_and_no_exception(slack):
    def look(**given):
        found = workspace.bot(ask(settings(slack, **given), "auth.test"))
        assert found.status == "fault"
        return found

    gone = look(slack_api_url=f"http://127.0.0.1:{free_port()}/api/")
    assert "cannot be reached" in gone.said
    assert "SLACK_API_URL" in gone.mend
    slack.faults.fail_next("auth.test", status=500)
    broken = look()
    assert broken.said == "Slack: what came back is no answer of Slack's."
    slack.faults.fail_next("auth.test", status=429)
    assert "in a minute" in look().mend
    slack.faults.swallow_response("auth.test", times=9)
    assert "cannot be reached" in look().said


def test_something_that_answers_in_slacks_place_is_a_fault(slack):
    with answering((200, b"<html>Sign in to the network</html>")) as port:
        answer = ask(settings(slack, slack_api_url=f"http://127.0.0.1:{port}/api/"), "auth.test")
    assert answer.error
    assert "html" not in answer.error


def test_scopes_that_are_missing_are_named_with_how_to_add_them():
    with with_scopes(lambda scopes: (scopes.remove("files:read"), scopes.remove("im:write"))) as slack:
        found = workspace.scopes(ask(settings(slack), "auth.test"), SCOPES)
    assert found.status == "fault"
    assert "files:read, im:write are missing" in found.said
    assert "Reinstall" in found.mend


def test_scopes_that_are_not_needed_are_named_and_no_fault():
    with with_scopes(lambda scopes: scopes.append("chat:write.public")) as slack:
        found = workspace.scopes(ask(settings(slack), "auth.test"), SCOPES)
    assert found.status == "ok"
    assert "It does not need chat:write.public." in found.said


def test_a_socket_that_cannot_be_opened_is_a_fault(slack):
    for given, said in (("xapp-1-A0AMENDS1-9", "invalid_auth"), ("xoxb-9", "not_allowed_token_type|invalid_auth")):
        found = workspace.socket(settings(slack, slack_app_token=given), slack.bot)
        assert found.status == "fault"
        assert any(each in found.said for each in said.split("|"))
    slack.faults.fail_next("apps.connections.open", error="missing_scope")
    assert "connections:write" in workspace.socket(settings(slack), slack.bot).mend
    assert workspace.socket(settings(slack, slack_mode="http"), slack.bot).status == "off"


def test_socket_mode_that_is_switched_off_is_a_fault():
    manifest = copy.deepcopy(MANIFEST)
    manifest["settings"]["socket_mode_enabled"] = False
    with FakeSlack(manifest) as slack:
        found = workspace.socket(settings(slack), slack.bot)
    assert found.status == "fault"
    assert "Socket Mode is on" in found.mend


def test_tokens_of_two_apps_are_a_fault(slack, monkeypatch):
    monkeypatch.setattr("tests.slack.fake.people.APP", "A0OTHERAPP")
    found = workspace.socket(settings(slack), slack.bot)
    assert found.status == "fault"
    assert "A0OTHERAPP" in found.said
    assert slack.app in found.said


def test_the_leads_channel_has_to_be_there_with_the_bot_in_it(slack):
    def look(channel):
        return workspace.leads_channel(settings(slack, slack_leads_channel=channel))

    assert look("").status == "off"
    without, private = slack.add_channel("one", app=False), slack.add_channel("two", private=True, app=False)
    old = slack.add_channel("three")
    slack.archive(old)
    for channel, said in ((without, "not in"), (private, "private"), (old, "archived"), ("C0NOBODY", "not there")):
        found = look(channel)
        assert found.status == "fault", channel
        assert said in found.said
        assert channel in found.said
        assert found.mend


def test_each_one_who_is_to_be_told_has_to_be_there(slack):
    gone, robot = slack.add_user("Gone", deleted=True), slack.add_user("Robot", bot=True)
    found = workspace.targets(
        settings(
            slack,
            slack_tell_legal="U0NOBODY",
            slack_tell_dpo=gone,
            slack_tell_security=robot,
            slack_tell_hr=slack.add_group("empty"),
            slack_tell_safeguarding="S0NOBODY",
            slack_tell_comms=slack.add_channel("out", app=False),
        )
    )
    assert {each.status for each in found} == {"fault"}
    assert [each.said.split(" ")[0] for each in found] == [
        "SLACK_TELL_LEGAL",
        "SLACK_TELL_DPO",
        "SLACK_TELL_SECURITY",
        "SLACK_TELL_SAFEGUARDING",
        "SLACK_TELL_HR",
        "SLACK_TELL_COMMS",
    ]
    assert "has left the workspace" in found[1].said
    assert workspace.targets(settings(slack))[0].status == "off"


def test_it_has_to_be_known_who_the_leads_are(slack):
    def look(**given):
        return workspace.leads(settings(slack, **given))

    ada, empty = slack.add_user("Ada"), slack.add_group("empty")
    assert look().status == "off"
    assert look(slack_leads=ada).said == "1 named as comms lead."
    assert look(slack_leads="U0NOBODY").status == "fault"
    assert look(slack_leads_group="S0NOBODY").status == "fault"
    assert look(slack_leads_group=empty).said.endswith("has no members.")
    assert look(slack_leads_group=empty, slack_leads=ada).status == "ok"


def test_a_user_group_without_the_scope_for_it_says_which():
    with with_scopes(lambda scopes: scopes.remove("usergroups:read")) as slack:
        found = workspace.leads(settings(slack, slack_leads_group=slack.add_group("leads", ["U1"])))
    assert found.status == "fault"
    assert "usergroups:read" in found.mend


def test_a_proxy_of_the_environment_does_not_stand_before_an_address_on_this_machine(slack, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert ask(settings(slack), "auth.test").error == ""
