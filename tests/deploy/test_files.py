"""The shipped files fit each other, and what reads them takes them."""

import configparser
import re
import shutil
import subprocess

import pytest
from dotenv import dotenv_values

from amends.ops.fence import SEEN
from amends.settings import ROOT, Settings
from tests.waiting import LONGEST

SHIPPED = ROOT / "deploy"
UNITS = sorted((SHIPPED / "systemd").glob("*.service"))
NGINX = (SHIPPED / "nginx" / "amends.conf").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def service(unit):
    found = configparser.RawConfigParser(strict=False)
    found.optionxform = str
    found.read(unit)
    return found["Service"]


def test_systemd_takes_the_units_and_would_say_what_it_does_not_take(tmp_path):
    # The commands are where the packages go; here others stand for them.
    for unit in (*UNITS, SHIPPED / "systemd" / "amends.target"):
        text = unit.read_text().replace("/opt/amends/.venv/bin/amends", "/bin/true")
        (tmp_path / unit.name.replace("@", "@5005")).write_text(text)
    assert len(UNITS) == 4
    analyze = shutil.which("systemd-analyze")
    if not analyze:  # docs/operations.md has whoever sets it up look with theirs
        assert "systemd-analyze verify" in OPERATIONS
        return

    def complaints():
        units = sorted(map(str, tmp_path.iterdir()))
        said = subprocess.run([analyze, "verify", *units], capture_output=True, text=True, timeout=LONGEST, check=False)
        return [line for line in said.stderr.splitlines() if "amends" in line]

    assert complaints() == []
    (tmp_path / "amends-odd.service").write_text("[Service]\nExecStart=/bin/true\nRestart=allways\n")
    assert any("allways" in line for line in complaints())


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_a_command_of_ours_as_nobody_special(unit):
    found = service(unit)
    words = found["ExecStart"].split()
    assert words[0] == "/opt/amends/.venv/bin/amends"
    assert words[1] in {"prepare", "serve"}
    assert found["User"] in {"amends", "amends-bot"}
    assert found["NoNewPrivileges"] == "yes"
    assert found["ProtectSystem"] == "strict"


def test_the_bot_sees_neither_the_desks_variables_nor_anything_but_this_machine():
    bot = service(SHIPPED / "systemd" / "amends-bot@.service")
    assert (bot["User"], bot["EnvironmentFile"]) == ("amends-bot", "/etc/amends/bot.env")
    assert (bot["IPAddressDeny"], bot["IPAddressAllow"]) == ("any", "localhost")
    assert "/etc/amends/amends.env" in bot["InaccessiblePaths"]
    values = dotenv_values(SHIPPED / "bot.env.example")
    # The mode is for `amends serve`, which starts the bot; the bot itself does not see it.
    assert values.pop("AMENDS_MODE") == "production"
    assert set(values) <= SEEN


def test_each_variable_that_is_shipped_is_a_setting():
    known = {name.upper() for name in Settings.model_fields}
    assert set(dotenv_values(SHIPPED / "amends.env.example")) <= known


def test_the_ports_of_the_variables_are_those_of_the_proxy():
    values = dotenv_values(SHIPPED / "amends.env.example")
    listens = set(re.findall(r"listen 127\.0\.0\.1:(\d+);", NGINX))
    assert listens == {values["BOT_PORT"], values["ACTIONS_PORT"]}
    assert values["ACTIONS_PORT"] == dotenv_values(SHIPPED / "bot.env.example")["ACTIONS_PORT"]


def test_the_processes_that_are_told_of_are_those_that_the_proxy_asks():
    told = set(re.findall(r"amends-(?:bot|actions|desk)@(\d+)", OPERATIONS))
    assert set(re.findall(r"server 127\.0\.0\.1:(\d+) ", NGINX)) <= told


def test_a_log_of_the_proxy_holds_neither_a_query_nor_a_secret_nor_who_it_was():
    formats = " ".join(re.findall(r"log_format.*?;", NGINX, re.DOTALL))
    assert not re.search(
        r"\$(request|request_uri|args|query_string|uri|remote_addr|http_cookie|http_referer)\b", formats
    )
    assert all(" amends" in line or line.endswith("off;") for line in re.findall(r"access_log .*", NGINX))
