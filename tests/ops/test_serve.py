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
    monkeypatch.chdir(serve.ROOT)  # a process that becomes another moves; the tests after this are where they were
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


def test_in_production_a_bot_refuses_a_guessed_secret_and_a_tracker_in_the_open(became, monkeypatch, tmp_path):
    monkeypatch.setattr(serve, "model_id", lambda _root: "there-is-one")
    monkeypatch.setattr(serve, "ROOT", tmp_path)
    (tmp_path / "var" / "models").mkdir(parents=True)
    (tmp_path / "var" / "models" / "there-is-one.tar.gz").touch()
    monkeypatch.setenv("BOT_TOKEN", "secret")
    monkeypatch.setenv("TRACKER_URL", "postgresql://amends_bot:postgres@10.0.0.7/amends_tracker")
    bot = ["bot", "--port", "5005", "--var", str(tmp_path / "bot")]

    monkeypatch.setenv("AMENDS_MODE", "production")
    said = CliRunner().invoke(app, bot)
    assert said.exit_code == 1
    assert [line.partition(" ")[2].partition(".")[0] for line in said.output.splitlines()[1:]] == [
        "BOT_TOKEN has fewer than 32 characters, so it could be guessed",
        "TRACKER_URL leads to another machine without TLS, so what is in it could be read on the way",
        "The password in TRACKER_URL is none, or one that everybody tries first",
    ]
    assert became == []
    assert not (tmp_path / "bot").exists()

    monkeypatch.setenv("BOT_TOKEN", "Zq3vXw9LkT7bNc2RjYh5MfPd8sGaUe4oBi6C")
    monkeypatch.setenv("TRACKER_URL", "postgresql://amends_bot:Rt5wQz1n@10.0.0.7/amends_tracker?sslmode=require")
    (tmp_path / ".venv-bot" / "bin").mkdir(parents=True)
    (tmp_path / ".venv-bot" / "bin" / "rasa").touch()
    assert CliRunner().invoke(app, bot).exit_code == 0
    assert len(became) == 1


def test_in_production_nothing_is_prepared_with_what_is_unsafe(monkeypatch, tmp_path):
    preparing = typer.Typer()
    preparing.command()(serve.prepare)
    monkeypatch.setenv("AMENDS_MODE", "production")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'record.db'}")
    said = CliRunner().invoke(preparing, [])
    assert said.exit_code == 1
    assert "- EMERGENCY_CONTACT names nobody" in said.output
    assert list(tmp_path.iterdir()) == []
