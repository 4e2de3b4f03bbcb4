"""`amends drill`: the list, the check, and a drill begun against a strict stand-in for the bot."""

import pytest
import typer
from typer.testing import CliRunner

from amends.drills import cli
from amends.drills.cli import drill
from tests.console.fake_bot import TOKEN, running_bot
from tests.console.triage import Triage
from tests.ports import free_port


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(drill)
    return lambda *arguments, typed=None: CliRunner().invoke(app, list(arguments), input=typed)


@pytest.fixture
def bot(tmp_path, monkeypatch):
    with running_bot() as bot:
        bot.answer = Triage()
        monkeypatch.setenv("BOT_PORT", str(bot.port))
        monkeypatch.setenv("BOT_TOKEN", TOKEN)
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'record.db'}")
        yield bot


def test_without_a_name_it_lists_the_ten_and_says_how_to_begin(run):
    result = run()
    assert result.exit_code == 0
    assert "The beer tasting" in result.stdout
    assert "hard" in result.stdout
    assert "amends drill 1" in result.stdout


def test_the_check_counts_them_or_says_what_is_wrong(run, tmp_path, monkeypatch):
    assert run("check").stdout == "10 drills, and nothing is wrong with them.\n"
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    result = run("check")
    assert result.exit_code == 1
    assert "There is no case file in this folder." in result.output


def test_a_name_that_there_is_none_of_gets_the_nearest(run):
    result = run("beer_tastin")
    assert result.exit_code == 1
    assert "There is no drill called beer_tastin. Did you mean beer_tasting?" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("1",), '/practise{"about": "beer_tasting"}'),
        (("The beer tasting", "--team"), '/practise{"about": "beer_tasting@team"}'),
    ],
)
def test_a_drill_is_begun_in_a_conversation_of_its_own_and_goes_on_by_typing(run, bot, arguments, said):
    result = run(*arguments, "--name", "Ada", typed="We posted something about beer\n")
    assert result.exit_code == 0, result.output
    assert bot.texts == [said, "We posted something about beer"]
    assert {body["sender"].rpartition(":")[2] for body in bot.calls} == {"drill"}


def test_without_the_assistant_it_says_how_to_start_it(run, tmp_path, monkeypatch):
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("BOT_PORT", str(free_port()))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'record.db'}")
    result = run("1")
    assert result.exit_code == 1
    assert "Start it with 'make run'" in result.output
