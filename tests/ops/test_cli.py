"""The command line as a whole."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from amends import cli

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ["run", "train", "migrate", *cli.ELSEWHERE]


def amends(*words):
    return CliRunner().invoke(cli.app, list(words), prog_name="amends")


def test_help_names_every_command():
    result = amends("--help")
    assert result.exit_code == 0
    for name in COMMANDS:
        assert f" {name} " in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name):
    result = amends(name, "--help")
    assert result.exit_code == 0, result.output
    assert f"Usage: amends {name}" in result.output
    assert "completion" not in result.output


def test_help_loads_none_of_the_commands():
    code = (
        "import sys; from amends.cli import app\n"
        "try: app(['--help'], prog_name='amends')\n"
        "except SystemExit: pass\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in "
        "{'sqlalchemy', 'z3', 'numpy', 'fastapi', 'supervisor', 'alembic'}))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_a_command_that_is_broken_says_so_and_leaves_the_others_alone(monkeypatch):
    monkeypatch.setitem(cli.ELSEWHERE, "cases", cli.Place("amends.nowhere", "cases", "Broken."))
    broken = amends("cases")
    assert broken.exit_code == 1
    assert "The command 'cases' cannot be loaded: No module named 'amends.nowhere'." in broken.output
    assert amends("policy", "--help").exit_code == 0
    assert amends("--help").exit_code == 0


def test_an_unknown_command_is_refused():
    result = amends("publish")
    assert result.exit_code == 2
    assert "publish" in result.output


def test_migrate_makes_the_record(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'record.db'}")
    assert amends("migrate").exit_code == 0
    assert (tmp_path / "new" / "record.db").stat().st_size
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    refused = amends("migrate")
    assert refused.exit_code == 1
    assert "DATABASE_URL" in refused.output
    assert "Traceback" not in refused.output


def test_the_command_is_installed():
    run = subprocess.run([ROOT / ".venv/bin/amends", "--help"], cwd="/", capture_output=True, text=True, check=True)
    assert "Amends" in run.stdout


def test_help_waits_for_no_library_that_only_the_commands_need():
    asks = """
import sys
from typer.testing import CliRunner
from amends.cli import app
assert CliRunner().invoke(app, ["--help"]).exit_code == 0
print(*{name.partition(".")[0] for name in sys.modules})
"""
    run = subprocess.run([sys.executable, "-c", asks], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "typer" in loaded
    assert loaded.isdisjoint({"numpy", "sklearn", "z3", "sqlalchemy", "fastapi", "slack_sdk", "weasyprint", "rasa_sdk"})
