"""The manifest says what the code handles and calls: no more, and no less."""

import ast
import inspect
import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from slack_sdk.web import async_client
from typer.testing import CliRunner

from amends import cli
from amends.slack import cli as slack_cli
from amends.slack import manifest as made
from amends.slack import service
from amends.slack.handlers import HANDLERS
from amends.slack.manifest import APP_METHODS, EVENT_SCOPES, METHODS, manifest, manifest_yaml, scopes
from amends.slack.registry import Registry
from tests.slack.fake import web as strict_slack

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "manifest.yml"
URL = "https://amends.example.org"

HANDLED_BY = {
    "app_home_opened": ("home", "home"),
    "app_mention": ("message", "mention"),
    "message.channels": ("message", "message"),
    "message.groups": ("message", "message"),
    "message.im": ("message", "message"),
    "message.mpim": ("message", "message"),
}
"""Which handler an event of Slack's comes to; beside `amends.slack.manifest`, not from it."""


def listed():
    return yaml.safe_load(FILE.read_text("utf-8"))


def handled(kind):
    return {entry.id for entry in HANDLERS.entries() if entry.kind == kind}


def test_the_file_is_what_the_code_makes():
    assert FILE.read_text("utf-8") == manifest_yaml(), "Run 'amends slack manifest --write'."


def test_the_same_code_makes_the_same_text_and_it_can_be_read_back():
    assert manifest_yaml() == manifest_yaml()
    assert yaml.safe_load(manifest_yaml()) == manifest()
    assert yaml.safe_load(manifest_yaml(URL)) == manifest(URL)


def test_every_shortcut_and_command_has_a_handler_and_every_handler_its_shortcut_or_command():
    features = listed()["features"]
    assert {each["callback_id"] for each in features["shortcuts"]} == handled("shortcut")
    assert {each["command"] for each in features["slash_commands"]} == handled("command")


def test_every_event_has_a_handler_and_every_handler_its_events():
    events = listed()["settings"]["event_subscriptions"]["bot_events"]
    handlers = {(entry.kind, entry.id) for entry in HANDLERS.entries() if entry.kind in {"message", "home"}}
    assert {HANDLED_BY[event] for event in events} == handlers
    assert set(events) == {event for event, handler in HANDLED_BY.items() if handler in handlers}
    assert len(events) == len(set(events))


def test_buttons_and_modals_and_the_home_tab_are_switched_on_for_their_handlers():
    assert handled("press")
    assert handled("submission")
    assert listed()["settings"]["interactivity"]["is_enabled"]
    assert listed()["features"]["app_home"]["home_tab_enabled"] == bool(handled("home"))
    assert not listed()["features"]["app_home"]["messages_tab_read_only_enabled"]


def test_nothing_is_said_of_a_handler_that_is_not_there():
    assert set(made.COMMANDS) == handled("command")
    assert set(made.SHORTCUTS) == handled("shortcut")
    assert set(made.EVENTS) == {(e.kind, e.id) for e in HANDLERS.entries() if e.kind in {"message", "home", "file"}}
    assert set(EVENT_SCOPES) == set(HANDLED_BY)


@pytest.mark.parametrize(("kind", "id_"), [("command", "/other"), ("shortcut", "other"), ("message", "other")])
def test_a_handler_about_which_nothing_is_said_is_an_error(monkeypatch, kind, id_):
    async def handler(_desk, _call):
        pass

    registry = Registry()
    registry.on(kind, id_)(handler)
    monkeypatch.setattr(made, "HANDLERS", registry)
    with pytest.raises(made.Unsaid, match=id_):
        manifest()


@cache
def names_in_the_sdk():
    """What each function of the SDK's client calls: its name and the methods of the Web API."""
    tree = ast.parse(inspect.getsource(async_client))
    (client,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    direct, through = {}, {}
    for function in client.body:
        if isinstance(function, ast.AsyncFunctionDef):
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            named = [call for call in calls if isinstance(call.func, ast.Attribute)]
            direct[function.name] = {
                call.args[0].value
                for call in named
                if call.func.attr == "api_call" and call.args and isinstance(call.args[0], ast.Constant)
            }
            through[function.name] = {call.func.attr for call in named} & {
                f.name for f in client.body if hasattr(f, "name")
            }
    return {
        name: methods | {method for other in through[name] for method in direct.get(other, ())}
        for name, methods in direct.items()
        if "_" in name and methods | through[name]
    }


def methods_called(*packages):
    """The methods that code calls, by the SDK's functions or by name, and where."""
    table = names_in_the_sdk()
    families = {method.split(".")[0] for methods in table.values() for method in methods}
    looks_like_one = re.compile(rf"(?:{'|'.join(sorted(families))})(?:\.[a-zA-Z]+)+")
    begins_like_one = re.compile(rf"(?:{'|'.join(sorted(families))})\.[a-zA-Z.]*")
    found = {}
    for package in packages:
        for file in sorted((ROOT / "amends" / package).rglob("*.py")):
            if file == ROOT / "amends" / "slack" / "manifest.py":
                continue
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                where = f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
                if isinstance(node, ast.Attribute):
                    for method in table.get(node.attr, ()):
                        found.setdefault(method, where)
                elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                    assert not begins_like_one.fullmatch(node.values[0].value), f"{where}: write the whole method"
                elif isinstance(node, ast.Constant) and looks_like_one.fullmatch(str(node.value)):
                    found.setdefault(node.value, where)
    return found


def test_the_sdk_is_read_rightly():
    table = names_in_the_sdk()
    assert table["chat_postMessage"] == {"chat.postMessage"}
    assert table["users_info"] == {"users.info"}
    assert {"files.getUploadURLExternal", "files.completeUploadExternal"} <= table["files_upload_v2"]
    assert len(table) > 200


def test_every_method_that_is_called_is_known_with_its_scopes_and_every_known_one_is_called():
    called = methods_called("slack", "outbox", "ops")
    known = {**METHODS, **APP_METHODS}
    assert {method: where for method, where in called.items() if method not in known} == {}
    assert set(known) - set(called) == set()


def test_the_strict_slack_knows_each_method_and_asks_for_no_other_scope():
    strict = strict_slack.METHODS
    assert set(METHODS) | set(APP_METHODS) <= set(strict)
    assert {name: strict[name].scope for name in METHODS if strict[name].scope not in {*METHODS[name], ""}} == {}
    assert {name: scopes for name, scopes in APP_METHODS.items() if scopes != (strict[name].scope,)} == {}


def test_a_file_is_only_fetched_where_the_scope_for_it_is_asked_for():
    fetches = [
        file.name for file in (ROOT / "amends" / "slack").glob("*.py") if "url_private" in file.read_text("utf-8")
    ]
    assert set(fetches) - {"manifest.py"}
    assert made.DOWNLOAD_SCOPE in scopes()
    assert handled("file")


def test_each_scope_is_needed_by_something_and_each_need_has_its_scope():
    asked = listed()["oauth_config"]["scopes"]["bot"]
    needed = {scope for methods in METHODS.values() for scope in methods}
    needed |= {
        scope for event in listed()["settings"]["event_subscriptions"]["bot_events"] for scope in EVENT_SCOPES[event]
    }
    needed |= {"commands", "files:read"}
    assert asked == sorted(needed)
    assert not set(asked) & {"chat:write.public", "users:read.email", "channels:join", "files:write"}


def test_socket_mode_is_on_and_the_other_variant_has_addresses_instead():
    assert listed()["settings"]["socket_mode_enabled"] is True
    assert "url" not in FILE.read_text("utf-8")
    assert made.PATH == service.PATH
    http = manifest(f"{URL}/")
    assert http["settings"]["socket_mode_enabled"] is False
    assert http["settings"]["event_subscriptions"]["request_url"] == f"{URL}/slack/events"
    assert http["settings"]["interactivity"]["request_url"] == f"{URL}/slack/events"
    assert {each["url"] for each in http["features"]["slash_commands"]} == {f"{URL}/slack/events"}
    assert http["oauth_config"] == manifest()["oauth_config"]


@pytest.mark.parametrize("url", [None, URL])
def test_what_slack_allows_in_a_manifest_is_kept(url):
    """The limits of Slack's own types and documentation."""
    whole = manifest(url)
    said, features = whole["display_information"], whole["features"]
    assert len(said["name"]) <= 35
    assert len(said["description"]) <= 140
    assert 174 <= len(said["long_description"]) <= 4000
    assert len(features["bot_user"]["display_name"]) <= 80
    assert len(features["shortcuts"]) <= 10
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["callback_id"]) <= 255
        assert len(shortcut["description"]) <= 150
        assert shortcut["type"] in {"message", "global"}
    assert len({each["callback_id"] for each in features["shortcuts"]}) == len(features["shortcuts"])
    assert len(features["slash_commands"]) <= 50
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    assert len(whole["settings"]["event_subscriptions"]["bot_events"]) <= 100
    assert len(whole["oauth_config"]["scopes"]["bot"]) <= 255


def amends(*words):
    return CliRunner().invoke(cli.app, ["slack", "manifest", *words], prog_name="amends")


def test_the_command_prints_either_variant():
    assert amends().output == manifest_yaml()
    assert amends("--http", URL).output == manifest_yaml(URL)


def test_the_command_writes_the_file(monkeypatch, tmp_path):
    monkeypatch.setattr(slack_cli, "FILE", tmp_path / "manifest.yml")
    assert amends("--write").output == "Wrote manifest.yml.\n"
    assert (tmp_path / "manifest.yml").read_text("utf-8") == manifest_yaml()


@pytest.mark.parametrize("url", ["amends.example.org", "http://amends.example.org", "https://", f"{URL}?a=b"])
def test_an_address_that_slack_cannot_reach_is_refused(url):
    refused = amends("--http", url)
    assert refused.exit_code == 1
    assert "no address that Slack can reach" in refused.output


def test_the_file_is_never_overwritten_with_the_other_variant(monkeypatch, tmp_path):
    monkeypatch.setattr(slack_cli, "FILE", tmp_path / "manifest.yml")
    refused = amends("--write", "--http", URL)
    assert refused.exit_code == 1
    assert not (tmp_path / "manifest.yml").exists()
