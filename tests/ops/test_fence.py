"""The fence around the bot: real programs behind it try what they must not, and the kernel refuses it."""

import json
import os
import platform
import socket
import struct
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest

from amends.ops import fence
from amends.ops.fenced_bot import bot_command, make_room, tracker_url
from amends.settings import ROOT, Settings
from tests.waiting import LONGEST

REFUSED = "PermissionError"


@pytest.fixture
def tmp_path():
    """A folder on the disk: the memory that processes share is open behind the fence."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def listening():
    """Two ports on which something listens; the first is let through."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        yield one.getsockname()[1], other.getsockname()[1]


def behind(tmp_path, code, *gates, **environment):
    """What each expression of a program behind the fence gives: a value, or the name of its error."""
    python = Path(sys.executable).resolve()
    program = (
        "import json, os, socket, subprocess\n"
        "def tried(work):\n"
        "    try:\n"
        "        return work()\n"
        "    except Exception as error:\n"
        "        return type(error).__name__\n"
        f"print(json.dumps([{', '.join(f'tried(lambda: {each})' for each in code)}]))\n"
    )
    given = ["--own", str(tmp_path / "own"), "--run", str(python.parents[1]), *gates]
    run = subprocess.run(
        [sys.executable, "-m", "amends.ops.fence", *given, "--", str(python), "-I", "-c", program],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return json.loads(run.stdout)


def test_only_the_ports_that_are_named_can_be_reached_or_listened_on(tmp_path, listening):
    open_, shut = listening
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        own = probe.getsockname()[1]
    code = [
        f"socket.create_connection(('127.0.0.1', {open_}), 5).close()",
        f"socket.create_connection(('127.0.0.1', {shut}), 5).close()",
        f"socket.create_server(('127.0.0.1', {own})).close()",
        f"socket.socket().bind(('127.0.0.1', {own + 1 if own < 65535 else own - 1}))",
    ]
    assert behind(tmp_path, code, "--connect", str(open_), "--listen", str(own)) == [None, REFUSED, None, REFUSED]


@pytest.mark.parametrize(
    "call",
    [
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)",
        "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)",
    ],
)
def test_no_other_kind_of_socket_can_be_made(call, tmp_path):
    assert behind(tmp_path, [call]) == [REFUSED]


def test_sockets_that_are_files_and_plain_tcp_can_be_made(tmp_path):
    code = ["socket.socketpair() and 1", "socket.socket().close()", "socket.socket(socket.AF_INET6).close()"]
    assert behind(tmp_path, code) == [1, None, None]


def test_no_name_can_be_looked_up_but_that_of_this_machine(tmp_path):
    code = ["socket.getaddrinfo('amends.example.org', 443)", "socket.getaddrinfo('localhost', 80)[0][4][1]"]
    assert behind(tmp_path, code) == ["gaierror", 80]


def test_files_are_read_and_written_only_where_it_was_said(tmp_path):
    for name in ("secret", "shown"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    code = [
        f"open('{tmp_path}/secret/file').read()",
        f"open('{tmp_path}/shown/file').read()",
        f"open('{tmp_path}/shown/file', 'w')",
        f"os.rename('{tmp_path}/shown/file', '{tmp_path}/own/file')",
        f"os.listdir('{tmp_path}/secret')",
        f"os.listdir('{tmp_path}')",
        f"open('{tmp_path}/own/file', 'w').write('y')",
        "open(os.environ['TMPDIR'] + '/file', 'w').write('y')",
        "subprocess.run(['/bin/sh', '-c', 'true'])",
        f"os.access('{ROOT}/.env', os.F_OK) and open('{ROOT}/.env').read()",
        "len(open('/etc/hosts').read()) > 0",
        "open('/etc/shadow').read()",
    ]
    found = behind(tmp_path, code, "--read", str(tmp_path / "shown"), "--list", str(tmp_path))
    assert found[0] == REFUSED
    assert found[1] == "x"
    assert found[2:4] == [REFUSED, REFUSED]
    assert found[4] == ["file"]
    assert sorted(found[5]) == ["own", "secret", "shown"]
    assert found[6:8] == [1, 1]
    assert found[8] == REFUSED
    assert found[9] in {REFUSED, False}
    assert found[10:] == [True, REFUSED]


def test_other_processes_are_out_of_reach(tmp_path):
    mine = os.getpid()
    code = [f"open('/proc/{mine}/environ').read(0)", f"open('/proc/{mine}/mem', 'rb').read(0)", f"os.kill({mine}, 0)"]
    assert behind(tmp_path, code) == [REFUSED, REFUSED, REFUSED]


def test_of_the_environment_only_what_is_named_is_seen(tmp_path):
    found = behind(tmp_path, ["dict(os.environ)"], BOT_TOKEN="a", SESSION_SECRET="b", CLOUD_KEY="c", LOG_LEVEL="DEBUG")
    own = str(tmp_path / "own")
    (seen,) = found
    assert seen.pop("LC_CTYPE", None) in {None, "C.UTF-8"}
    assert seen == {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "BOT_TOKEN": "a",
        "HOME": own,
        "TMPDIR": f"{own}/tmp",
    }


def test_what_an_earlier_start_left_in_its_temporary_folder_is_gone(tmp_path):
    left = tmp_path / "own" / "tmp" / "model"
    left.mkdir(parents=True)
    assert behind(tmp_path, ["os.listdir(os.environ['TMPDIR'])"]) == [[]]


def test_where_the_system_has_no_fence_the_program_runs_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(fence, "version", lambda: 3)
    with pytest.raises(fence.NoFence, match=r"needs Linux 6\.7 or newer"):
        fence.put_up(fence.Gates())
    assert fence.visible({"BOT_TOKEN": "a", "SESSION_SECRET": "b"}, str(tmp_path)) == {
        "BOT_TOKEN": "a",
        "HOME": str(tmp_path),
        "TMPDIR": f"{tmp_path}/tmp",
    }


def test_the_filter_refuses_calls_by_other_numbers_too(tmp_path):
    """On x86-64 each call has a second number; by that one the filter must not be passed either."""
    if platform.machine() != "x86_64":
        assert fence.SOCKET_CALL[platform.machine()]
        return
    code = [
        "__import__('ctypes').CDLL(None, use_errno=True).syscall(0x40000000 + 41, 2, 2, 0)",
        "__import__('ctypes').CDLL(None, use_errno=True).syscall(425, 8, 0)",
    ]
    assert behind(tmp_path, code) == [-1, -1]


def test_the_bot_is_started_with_no_secret_in_its_command(tmp_path):
    settings = Settings(_env_file=None, bot_port=6005, actions_port=6055)
    tracker = "postgresql://rasa:hidden@127.0.0.1:6432/tracker"
    words = bot_command(ROOT, tmp_path, settings, tmp_path / "model.tar.gz", tracker)
    pairs = list(pairwise(words))
    assert [value for name, value in pairs if name == "--connect"] == ["6055", "6432"]
    assert [value for name, value in pairs if name == "--listen"] == ["6005"]
    assert "hidden" not in " ".join(words)
    assert [value for name, value in pairs if name == "--write"] == []
    words = bot_command(ROOT, tmp_path, settings, tmp_path / "model.tar.gz", "sqlite:///elsewhere/tracker.db")
    assert ("--write", str(ROOT / "elsewhere")) in list(pairwise(words))


def test_the_tracker_of_an_earlier_version_moves_to_the_bots_own_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("TRACKER_URL", raising=False)
    (tmp_path / "tracker.db").write_bytes(struct.pack("I", 1))
    make_room(tmp_path)
    assert (tmp_path / "bot" / "tracker.db").exists()
    assert not (tmp_path / "tracker.db").exists()
    assert (tmp_path / "bot").stat().st_mode & 0o077 == 0
    assert tracker_url(tmp_path, tmp_path, {}) == f"sqlite:///{tmp_path / 'bot' / 'tracker.db'}"
    make_room(tmp_path)
