"""What is checked before anything starts."""

import shutil
import socket
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values

from amends.ops import CannotRun
from amends.ops.setup import check_content, check_ports, ensure_env, read_settings
from amends.settings import Settings
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path):
    shutil.copy(ROOT / ".env.example", tmp_path)
    return tmp_path


@pytest.fixture
def own_environment(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_first_start_makes_long_secrets_that_only_the_owner_can_read(root):
    assert ensure_env(root)
    values = dotenv_values(root / ".env")
    assert len(values["BOT_TOKEN"]) >= 40
    assert len(values["SESSION_SECRET"]) >= 40
    assert values["BOT_TOKEN"] != values["SESSION_SECRET"]
    assert stat.S_IMODE((root / ".env").stat().st_mode) == 0o600


def test_the_second_start_leaves_the_file_alone(root):
    ensure_env(root)
    before = (root / ".env").read_bytes()
    assert not ensure_env(root)
    assert (root / ".env").read_bytes() == before
    assert sorted(file.name for file in root.iterdir()) == [".env", ".env.example"]


def test_every_line_of_the_example_is_kept(root):
    ensure_env(root)
    example = dotenv_values(root / ".env.example")
    made = dotenv_values(root / ".env")
    assert {**made, "BOT_TOKEN": "", "SESSION_SECRET": "", "TRAIL_KEYS": ""} == example


@pytest.mark.parametrize(
    "text",
    [
        "ORGANISATION=Ours\nBOT_TOKEN=\nSESSION_SECRET=kept-as-it-is",
        "ORGANISATION=Ours\nSESSION_SECRET=kept-as-it-is",
        "export BOT_TOKEN =  \r\nORGANISATION=Ours\r\nSESSION_SECRET=kept-as-it-is\r\n",
    ],
)
def test_an_empty_secret_is_filled_in_and_the_rest_stays(root, text):
    (root / ".env").write_bytes(text.encode())
    assert ensure_env(root)
    values = dotenv_values(root / ".env")
    assert len(values.pop("BOT_TOKEN")) >= 40
    assert len(values.pop("TRAIL_KEYS")) >= 40
    assert values == {"ORGANISATION": "Ours", "SESSION_SECRET": "kept-as-it-is"}
    assert stat.S_IMODE((root / ".env").stat().st_mode) == 0o600


def test_a_file_that_is_not_text_is_one_sentence(root):
    (root / ".env").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CannotRun, match=r"\.env cannot be used: it is not UTF-8 text\."):
        ensure_env(root)


def test_each_setting_of_the_example_is_one_that_is_read():
    """TRACKER_URL and the like would be listed here, if the example named them."""
    assert {name.lower() for name in dotenv_values(ROOT / ".env.example")} <= set(Settings.model_fields)


@pytest.mark.usefixtures("own_environment")
def test_a_wrong_setting_is_named_with_its_value(root):
    (root / ".env").write_text("BOT_PORT=five\nPUBLIC_BODY=perhaps\n")
    with pytest.raises(CannotRun) as error:
        read_settings(root)
    assert "BOT_PORT cannot be 'five'" in str(error.value)
    assert "PUBLIC_BODY cannot be 'perhaps'" in str(error.value)


@pytest.mark.usefixtures("own_environment")
def test_a_time_zone_that_does_not_exist_is_named(root):
    (root / ".env").write_text("TIMEZONE=Europe/Londn\n")
    with pytest.raises(CannotRun, match="Europe/Londn"):
        read_settings(root)


def test_a_port_that_is_taken_is_named_with_its_setting():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        settings = Settings(bot_port=taken, actions_port=free_port(), desk_port=free_port())
        with pytest.raises(CannotRun) as error:
            check_ports(settings)
    sentence = str(error.value)
    assert sentence.startswith(f"Port {taken} on 127.0.0.1 cannot be used: address already in use.")
    assert "BOT_PORT" in sentence
    assert "\n" not in sentence


def test_free_ports_are_fine():
    assert check_ports(Settings(bot_port=free_port(), actions_port=free_port(), desk_port=free_port())) is None


def test_one_port_for_two_processes_is_refused():
    one = free_port()
    with pytest.raises(CannotRun, match=f"ACTIONS_PORT and BOT_PORT are both {one}"):
        check_ports(Settings(bot_port=one, actions_port=one, desk_port=free_port()))


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_number_that_is_no_port_is_refused(port):
    with pytest.raises(CannotRun, match=f"DESK_PORT is {port}, which is no port"):
        check_ports(Settings(bot_port=free_port(), actions_port=free_port(), desk_port=port))


def test_the_content_that_ships_is_fine():
    assert check_content(ROOT) is None


def test_a_broken_flow_file_is_named_with_its_line(tmp_path):
    shutil.copytree(ROOT / "data", tmp_path / "data")
    flow = tmp_path / "data" / "flows" / "problem_post.yml"
    lines = flow.read_text("utf-8").splitlines()
    broken = next(number for number, line in enumerate(lines, 1) if line.startswith("questions:"))
    lines[broken - 1] = "qestions:"
    flow.write_text("\n".join(lines), "utf-8")
    with pytest.raises(CannotRun) as error:
        check_content(tmp_path)
    assert "problem_post.yml" in str(error.value)
    assert f":{broken}:" in str(error.value)
    assert "questions" in str(error.value)


def test_no_flow_at_all_is_said(tmp_path):
    shutil.copytree(ROOT / "data" / "policies", tmp_path / "data" / "policies")
    with pytest.raises(CannotRun, match="There is no flow in"):
        check_content(tmp_path)
