"""Production refuses what is unsafe, with a sentence for each thing; local mode starts with all of it."""

import subprocess
import sys

import pytest
from pydantic import SecretStr

from actions import __main__ as actions
from amends import production
from amends.console.app import create_app
from amends.console.checks_at_start import SettingsError
from amends.ops.checks import here
from amends.settings import ROOT, Settings
from tests.conftest import own_logging
from tests.waiting import LONGEST

SECRET = "Zq3vXw9LkT7bNc2RjYh5MfPd8sGaUe4oBi6C"
SAFE = {
    "amends_mode": "production",
    "bot_token": SecretStr(SECRET),
    "session_secret": SecretStr(SECRET[::-1]),
    "trail_keys": SecretStr(SECRET.swapcase()),
    "emergency_contact": "Sam Reeve, 020 7946 0000",
    "desk_url": "https://amends.example.org",
    "oidc_issuer": "https://sign-in.example.org",
    "oidc_client_id": "amends",
}
SLACK = {"slack_bot_token": SecretStr("xoxb-1"), "slack_app_token": SecretStr("xapp-1")}
SERVER = "postgresql+psycopg://desk:Rt5wQz1n@10.0.0.7/amends"
UNSAFE = [
    ({"bot_token": SecretStr("secret")}, "BOT_TOKEN has fewer than 32 characters"),
    ({"bot_token": SecretStr("")}, "BOT_TOKEN has fewer than 32 characters"),
    ({"session_secret": SecretStr("change me! " * 5)}, "SESSION_SECRET repeats a few characters"),
    ({"session_secret": SecretStr(SECRET)}, "BOT_TOKEN and SESSION_SECRET are the same"),
    ({"trail_keys": SecretStr(" , ")}, "There is no key to seal the record with"),
    ({"trail_keys": SecretStr(f"{SECRET},short")}, "A key in TRAIL_KEYS is shorter than 32 characters"),
    ({"trail_keys_file": "/nowhere/keys"}, "The file that TRAIL_KEYS_FILE names cannot be read"),
    ({"oidc_issuer": "", "oidc_client_id": ""}, "Nobody has to sign in"),
    ({"emergency_contact": "your head of communications"}, "EMERGENCY_CONTACT names nobody"),
    ({"desk_url": ""}, "DESK_URL is empty"),
    ({"desk_url": "http://127.0.0.1:8000"}, "DESK_URL is http://127.0.0.1:8000"),
    ({"desk_host": "0.0.0.0"}, "DESK_HOST is 0.0.0.0"),
    ({"desk_host": "::"}, "DESK_HOST is ::"),
    ({"desk_host": "0.0.0.0", "desk_proxy": "*"}, "DESK_PROXY is *"),
    ({"oidc_issuer": "http://127.0.0.1:9000"}, "OIDC_ISSUER is http://127.0.0.1:9000"),
    ({**SLACK, "slack_api_url": "http://slack.com/api/"}, "SLACK_API_URL is http://slack.com/api/"),
    (
        {
            "slack_client_id": "1",
            "slack_client_secret": SecretStr("2"),
            "slack_team": "T1",
            "slack_issuer": "http://slack.com",
        },
        "SLACK_ISSUER is http://slack.com",
    ),
    ({"slack_connections": 2}, "SLACK_CONNECTIONS is 2"),
    ({"database_url": "nonsense"}, "DATABASE_URL cannot be read"),
    ({"database_url": SERVER}, "DATABASE_URL leads to another machine without TLS"),
    ({"database_url": f"{SERVER}?sslmode=prefer"}, "DATABASE_URL leads to another machine without TLS"),
    (
        {"database_url": "postgresql+psycopg://desk:secret@10.0.0.7/amends?sslmode=require"},
        "The password in DATABASE_URL",
    ),
    (
        {"database_url": "postgresql+psycopg://desk:desk@10.0.0.7/amends?sslmode=require"},
        "The password in DATABASE_URL",
    ),
    (
        {"database_url": "postgresql+psycopg://desk@10.0.0.7/amends?sslmode=require"},
        "The password in DATABASE_URL",
    ),
]
FINE = [
    {},
    SLACK,
    {"desk_host": "0.0.0.0", "desk_proxy": "10.0.0.2"},
    {"database_url": f"{SERVER}?sslmode=verify-full", "slack_connections": 2},
    {"database_url": "postgresql+psycopg:///amends?host=/run/postgresql", "slack_connections": 3},
    {"database_url": "postgresql+psycopg://amends@127.0.0.1/amends"},
]


def settings(**more):
    return Settings(_env_file=None, **(SAFE | more))


def found(tmp_path, **more):
    return production.problems(settings(**more), {}, tmp_path / ".env")


@pytest.mark.parametrize(("more", "begins"), UNSAFE, ids=[f"{n}-{begins[:24]}" for n, (_, begins) in enumerate(UNSAFE)])
def test_what_is_unsafe_is_refused_with_one_sentence_that_says_what_to_do(more, begins, tmp_path):
    (sentence,) = [each for each in found(tmp_path, **more) if each.startswith(begins)]
    assert sentence.endswith(".")
    assert SECRET not in sentence
    with pytest.raises(production.Unsafe) as refused:
        production.check(settings(**more), {}, tmp_path / ".env")
    assert f"- {sentence}" in str(refused.value).splitlines()
    production.check(settings(**more, amends_mode="local"), {}, tmp_path / ".env")


@pytest.mark.parametrize("more", FINE)
def test_what_is_safe_starts(more, tmp_path):
    assert found(tmp_path, **more) == ()
    production.check(settings(**more), {}, tmp_path / ".env")


def test_a_python_that_logs_what_it_handles_is_refused(tmp_path):
    (sentence,) = production.problems(settings(), {"PYTHONASYNCIODEBUG": "1"}, tmp_path / ".env")
    assert sentence.startswith("PYTHONASYNCIODEBUG is set")


def test_a_file_of_secrets_that_others_can_read_is_refused(tmp_path):
    file = tmp_path / ".env"
    file.write_text("")
    file.chmod(0o640)
    (sentence,) = production.problems(settings(), {}, file)
    assert "chmod 600" in sentence
    file.chmod(0o600)
    assert production.problems(settings(), {}, file) == ()


def test_what_make_run_fills_in_is_long_enough(tmp_path):
    from amends.ops.setup import ensure_env

    (tmp_path / ".env.example").write_text("BOT_TOKEN=\nSESSION_SECRET=\n")
    ensure_env(tmp_path)
    made = Settings(_env_file=tmp_path / ".env")
    sentences = production.problems(made, {}, tmp_path / ".env")
    assert not [each for each in sentences if each.startswith(("BOT_TOKEN", "SESSION_SECRET"))]


def test_the_desk_does_not_start_with_it(tmp_path):
    with pytest.raises(SettingsError, match=r"not safe there:\n- DESK_URL is empty"):
        create_app(settings(desk_url="", database_url=f"sqlite:///{tmp_path / 'record.db'}"))
    assert list(tmp_path.iterdir()) == []


def test_the_actions_do_not_start_with_it(monkeypatch, capsys):
    monkeypatch.setattr(actions, "Settings", lambda: settings(desk_url=""))
    with own_logging():
        assert actions.main() == 1
    assert "- DESK_URL is empty" in capsys.readouterr().err


def test_make_run_does_not_start_with_it_and_says_all_of_it_at_once(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "amends.cli", "run", "--var", str(tmp_path / "var")],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "AMENDS_MODE": "production", "DESK_URL": "", "OIDC_ISSUER": ""},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith("AMENDS_MODE is production, and this is not safe there:\n- ")
    assert "- Nobody has to sign in" in run.stderr
    assert "- DESK_URL is empty" in run.stderr
    assert not (tmp_path / "var" / "supervisord.conf").exists()


def test_the_doctor_names_each_as_a_fault_in_production_and_tells_of_them_before(tmp_path):
    unsafe = settings(desk_url="", slack_connections=2)
    findings = here.mode(unsafe, tmp_path / ".env")
    assert [each.status for each in findings] == ["fault", "fault"]
    (told,) = here.mode(settings(desk_url="", slack_connections=2, amends_mode="local"), tmp_path / ".env")
    assert told.status == "ok"
    assert "Production would refuse 2 settings" in told.said
    assert [each.status for each in here.mode(settings(), tmp_path / ".env")] == ["ok"]
    assert [each.status for each in here.mode(settings(amends_mode="local"), tmp_path / ".env")] == ["ok"]
