"""One process of a server: what it becomes, and with which variables. That it works is shown in tests/deploy."""

import pytest
import typer
from typer.testing import CliRunner

from amends.ops import serve

app = typer.Typer()
app.command()(serve.serve)


@pytest.fixture
def became(monkeypatch):
    became = []
    monkeypatch.setattr(serve.os, "execvpe", lambda *what: became.append(what))
    return became


def test_a_bot_without_a_model_says_what_to_do_first(became, monkeypatch, tmp_path):
    monkeypatch.setattr(serve, "model_id", lambda _root: "there-is-none")
    said = CliRunner().invoke(app, ["bot", "--port", "5005", "--var", str(tmp_path)])
    assert said.exit_code == 1
    assert said.output == "There is no model for these files yet. Run 'amends prepare' first.\n"
    assert became == []


def test_each_listens_on_its_own_port_and_asks_where_the_settings_say(became, monkeypatch, tmp_path):
    monkeypatch.setenv("BOT_PORT", "5000")
    monkeypatch.setenv("ACTIONS_PORT", "5050")
    for part, port in (("desk", "8001"), ("actions", "5056")):
        assert CliRunner().invoke(app, [part, "--port", port, "--var", str(tmp_path)]).exit_code == 0
    desk, actions = (variables for _, _, variables in became)
    assert (desk["DESK_PORT"], desk["BOT_PORT"]) == ("8001", "5000")
    assert actions["ACTIONS_PORT"] == "5056"


def test_a_setting_that_cannot_be_used_is_said(became, monkeypatch):
    monkeypatch.setenv("TIMEZONE", "Nowhere/Nothing")
    said = CliRunner().invoke(app, ["desk", "--port", "8001"])
    assert said.exit_code == 1
    assert "TIMEZONE" in said.output
    assert became == []
