"""The doctor over a desk that really runs, a record of each kind, and the strict Slack."""

import copy
import json
import os
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from amends import cli
from amends.accounts.importing import take_in
from amends.ops import doctor
from amends.ops.checks.desk import readiness
from amends.ops.train import MADE_FROM, model_id
from amends.settings import Settings
from amends.slack.manifest import manifest
from amends.workshop import publish_first
from tests.console.conftest import Desk
from tests.console.fake_bot import TOKEN, running_bot
from tests.ops.test_doctor import answering
from tests.ports import free_port
from tests.slack.fake import FakeSlack
from tests.slack.fake.core import SIGNING_SECRET
from tests.waiting import at_last

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8"))


def copy_of_the_project(folder):
    for pattern in (*MADE_FROM, ".env.example", "data/drafts/*.yml"):
        for file in ROOT.glob(pattern):
            target = folder / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    (folder / "var" / "models").mkdir(parents=True)
    (folder / "var" / "models" / f"{model_id(folder)}.tar.gz").touch()


@pytest.fixture
def slack():
    with FakeSlack(copy.deepcopy(MANIFEST)) as slack:
        yield slack


@pytest.fixture
def ada(slack):
    return slack.add_user("Ada")


@pytest.fixture
def installed(slack, ada, database, tmp_path, monkeypatch):
    """Everything set up and running; the settings are in the environment."""
    with _installed(slack, ada, database, tmp_path, monkeypatch):
        yield slack


@contextmanager
def _installed(slack, ada, database, tmp_path, monkeypatch, **more):
    copy_of_the_project(tmp_path)
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    publish_first(database, ROOT / "data")
    now = datetime.now(UTC)
    file = f"platform,handle,owner,last_checked\nX,example,Ada <{ada}>,{now.date()}\n"
    take_in(database, Settings(_env_file=None), file, "operator", now)
    with running_bot() as bot, answering((200, b"{}")) as actions:
        values = {
            "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "BOT_TOKEN": TOKEN,
            "SESSION_SECRET": "s" * 40,
            "TRAIL_KEYS": os.environ["TRAIL_KEYS"],
            "EMERGENCY_CONTACT": "Grace, 01234 555",
            "BOT_PORT": str(bot.port),
            "ACTIONS_PORT": str(actions),
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "SLACK_LEADS": ada,
            "SLACK_LEADS_CHANNEL": slack.add_channel("leads", [ada], private=True),
            "SLACK_TELL_COMMS": slack.add_group("comms", [ada]),
            **more,
        }
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        desk = Desk(Settings(_env_file=None))
        desk.start()
        monkeypatch.setenv("DESK_PORT", desk.url.rpartition(":")[2])
        yield desk
        desk.stop()


def examined():
    """The exit code, and what was found by check."""
    result = CliRunner().invoke(cli.app, ["doctor", "--json"], prog_name="amends")
    return result.exit_code, {each["check"]: each for each in json.loads(result.output)}


def until(looks_right):
    """Wait until the desk says this of itself."""
    at_last(lambda: (said := readiness(Settings(_env_file=None))) and looks_right(said))


def test_everything_is_right_then_one_thing_after_the_other_is_not(installed, ada, monkeypatch):
    until(lambda said: said["slack"] == "connected")
    code, found = examined()
    assert found["events"]["said"] == "Nothing has come from Slack yet."
    assert [each for each in found.values() if each["status"] != "ok"] == [found["events"]]
    assert code == 0

    installed.says(ada, "dm", "Hello")
    installed.settle()
    code, found = examined()
    assert (code, {each["status"] for each in found.values()}) == (0, {"ok"})
    assert list(found) == [
        "settings",
        "secrets",
        "mode",
        "database",
        "bot",
        "fence",
        "actions",
        "desk",
        "model",
        "pdf",
        "drafts",
        "flow",
        "trail",
        "accounts",
        "slack",
        "tokens",
        "clock",
        "bot token",
        "scopes",
        "leads channel",
        "leads",
        "to be told",
        "app token",
        "connection",
        "dead letters",
        "set aside",
        "events",
    ]
    shown = CliRunner().invoke(cli.app, ["doctor"], prog_name="amends").output
    assert shown.endswith("Nothing is wrong.\n")
    secrets = [installed.bot_token, installed.app_token, TOKEN, "s" * 40]
    assert not [secret for secret in secrets if secret in shown + json.dumps(found)]

    installed.faults.ghost(2)
    installed.faults.disconnect()
    until(lambda said: "slack_says" in said and said["slack"] == "connected")
    code, found = examined()
    assert (code, found["connection"]["status"]) == (0, "warning")

    installed.archive(Settings(_env_file=None).slack_leads_channel)
    code, found = examined()
    assert (code, found["leads channel"]["status"]) == (1, "fault")

    installed.revoked = "token_revoked"
    code, found = examined()
    assert (code, found["bot token"]["status"], found["workspace"]["status"]) == (1, "fault", "off")

    monkeypatch.setenv("SLACK_API_URL", f"http://127.0.0.1:{free_port()}/api/")
    code, found = examined()
    assert found["bot token"]["said"] == "Slack: it cannot be reached."
    assert found["clock"]["status"] in {"ok", "off"}
    assert code == 1


def test_everything_is_right_by_http_too(sqlite_database, tmp_path, monkeypatch):
    manifest_of_http = manifest("https://amends.example.org")
    by_http = {"SLACK_MODE": "http", "SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": SIGNING_SECRET}
    with FakeSlack(manifest_of_http) as slack:
        someone = slack.add_user("Bo")
        with _installed(slack, someone, sqlite_database, tmp_path, monkeypatch, **by_http) as desk:
            slack.transport, slack.http_url = "http", f"{desk.url}/slack/events"
            until(lambda said: said["slack"] == "connected")
            slack.says(someone, "dm", "Hello")
            slack.settle()
            code, found = examined()
    assert {name: each["status"] for name, each in found.items() if each["status"] != "ok"} == {
        "tokens": "warning",  # the secret of the stand-in is none of Slack's
        "app token": "off",
    }
    assert code == 0
