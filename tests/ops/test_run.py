"""`amends run`, the real one: from nothing to Ready, a killed process, and back to nothing."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from amends.ops.fence import SEEN
from tests.ports import free_port
from tests.waiting import LONGEST, at_last

ROOT = Path(__file__).resolve().parents[2]
LONGEST_START = 4 * LONGEST


class Started:
    """A running `amends run` with ports and a directory of its own."""

    def __init__(self, var: Path, command=(sys.executable, "-m", "amends.cli", "run"), **environment):
        self.var = var
        self.ports = dict(zip(["BOT_PORT", "ACTIONS_PORT", "DESK_PORT"], [free_port() for _ in range(3)], strict=True))
        own = {name: str(port) for name, port in self.ports.items()}
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "TRACKER_URL"}}
        self.process = subprocess.Popen(
            [*command, "--var", str(var)],
            cwd=ROOT,
            env={**kept, **own, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, pattern: str, seconds: float) -> str:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for line in list(self.lines):
                if re.fullmatch(pattern, line):
                    return line
            if self.process.poll() is not None and not self._reader.is_alive():
                break
            time.sleep(0.1)
        raise AssertionError(f"{pattern!r} was not said:\n" + "\n".join(self.lines))

    def end(self, number=signal.SIGTERM) -> int:
        """Send a signal, unless it has ended by itself, and wait for the end."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(LONGEST)
        self._reader.join(LONGEST)
        self.process.stdout.close()
        return code

    def members(self) -> dict[int, str]:
        """All processes that this start has begun, by what their environment says."""
        mark = f"BOT_PORT={self.ports['BOT_PORT']}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                variables = (folder / "environ").read_bytes().split(b"\0")
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if mark in variables and words:
                found[int(folder.name)] = words
        return found

    def pid_of(self, words: str) -> int:
        (pid,) = [pid for pid, command in self.members().items() if words in command]
        return pid

    def listens_on(self, port: int) -> set[str]:
        """The local addresses that listen on a port, from the kernel's own table."""
        found = set()
        for table in ("tcp", "tcp6"):
            for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                local, state = line.split()[1], line.split()[3]
                address, number = local.split(":")
                if int(number, 16) == port and state == "0A":
                    found.add(address)
        return found


def status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=LONGEST) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    started = Started(tmp_path_factory.mktemp("run") / "var")
    try:
        started.wait_for(r"Ready: .*", LONGEST_START)
        yield started
    finally:
        started.end()


def test_it_says_where_it_is_when_everything_answers(started):
    assert started.lines[-1] == f"Ready: http://127.0.0.1:{started.ports['DESK_PORT']}"
    assert started.lines[-2].startswith("Slack is off. To turn it on, follow 'Slack, in ten minutes'")
    for name in ("bot", "actions", "desk"):
        assert any(re.fullmatch(rf"  {name}: ready after [\d.]+ s", line) for line in started.lines), name
    assert status(started.ports["DESK_PORT"], "/readyz") == 200
    assert status(started.ports["ACTIONS_PORT"], "/health") == 200
    assert status(started.ports["BOT_PORT"], "/webhooks/amends/") == 200


def test_it_says_how_whoever_runs_it_comes_in(started):
    line = next(line for line in started.lines if line.startswith("Sign in as lead and admin, once: "))
    address = f"http://127.0.0.1:{started.ports['DESK_PORT']}"
    assert line.rpartition(" ")[2].startswith(f"{address}/sign-in/")
    assert status(started.ports["DESK_PORT"], line.rpartition(address)[2]) == 200


def test_everything_listens_on_loopback_alone(started):
    for name, port in started.ports.items():
        assert started.listens_on(port) == {"0100007F"}, name


def variables_of(pid: int) -> dict[str, str]:
    parts = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return dict(part.decode().split("=", 1) for part in parts if part)


def sockets_of(pid: int) -> set[tuple[str, str, int]]:
    """The open sockets of a process: kind, and for those of the network the address and port of both ends."""
    inodes = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            leads_to = str(handle.readlink())
        except OSError:
            continue
        if leads_to.startswith("socket:["):
            inodes.add(leads_to[8:-1])
    found = set()
    for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[9] in inodes:
                inodes.discard(words[9])
                found |= {(table, *end(words[1])), (table, *end(words[2]))}
    pairs = {line.split()[6] for line in Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]}
    return found | {("other", inode, 0) for inode in inodes - pairs}


def end(text: str) -> tuple[str, int]:
    address, port = text.split(":")
    return address, int(port, 16)


def test_the_bot_sees_no_secret_but_its_own(started):
    variables = variables_of(started.pid_of("rasa run"))
    assert set(variables) <= SEEN | {"HOME", "TMPDIR"}
    own = str(started.var / "bot")
    assert (variables["HOME"], variables["TMPDIR"]) == (own, f"{own}/tmp")
    assert {name for name in variables if re.search("TOKEN|SECRET|KEY|PASS|URL|DSN", name)} == {
        "BOT_TOKEN",
        "TRACKER_URL",
    }


def test_the_bot_has_no_socket_open_but_on_loopback(started):
    question = {"sender": "web:sockets", "message": "/greet", "metadata": {}}
    request = urllib.request.Request(
        f"http://127.0.0.1:{started.ports['BOT_PORT']}/webhooks/amends/webhook",
        data=json.dumps(question).encode(),
        headers={"Authorization": f"Bearer {variables_of(started.pid_of('rasa run'))['BOT_TOKEN']}"},
    )
    with urllib.request.urlopen(request, timeout=LONGEST) as answer:
        assert answer.status == 200
    sockets = sockets_of(started.pid_of("rasa run"))
    assert ("tcp", "0100007F", started.ports["BOT_PORT"]) in sockets
    assert {kind for kind, *_ in sockets} == {"tcp"}
    assert {address for _, address, _ in sockets} <= {"0100007F", "00000000"}
    assert all(port == 0 for _, address, port in sockets if address == "00000000"), (
        "a listening socket has no other end"
    )


def test_the_bot_runs_behind_its_fence(started):
    status_ = Path(f"/proc/{started.pid_of('rasa run')}/status").read_text()
    held = dict(line.split(":\t", 1) for line in status_.splitlines() if ":\t" in line)
    assert (held["NoNewPrivs"], held["Seccomp"]) == ("1", "2")
    assert int(held["CapEff"], 16) == int(held["CapPrm"], 16) == 0


def test_the_bot_keeps_its_tracker_in_its_own_folder(started):
    assert (started.var / "bot" / "tracker.db").exists()
    assert not (started.var / "tracker.db").exists()


def test_the_secrets_are_not_in_the_configuration(started):
    text = (started.var / "supervisord.conf").read_text()
    values = dict(
        line.split("=", 1) for line in (ROOT / ".env").read_text().splitlines() if re.match(r"[A-Z_]+=.", line)
    )
    assert values["BOT_TOKEN"] not in text
    assert values["SESSION_SECRET"] not in text


def test_a_second_start_with_the_same_directory_is_refused(started):
    second = subprocess.run(
        [sys.executable, "-m", "amends.cli", "run", "--var", str(started.var)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr.startswith("Amends is already running with ")
    assert second.stderr.count("\n") == 1


def test_a_killed_process_is_started_again_and_reported(started):
    before = started.pid_of("-m actions")
    os.kill(before, signal.SIGKILL)
    started.wait_for(r"actions stopped unexpectedly and was started again\.", LONGEST)
    started.wait_for(r"actions is ready again after [\d.]+ s\.", LONGEST_START)
    assert started.pid_of("-m actions") != before
    assert status(started.ports["ACTIONS_PORT"], "/health") == 200


def test_stopping_leaves_nothing_behind(started):
    assert len(started.members()) >= 4
    assert started.end(signal.SIGINT) == 0
    assert started.lines[-1] == "Stopped."
    assert started.members() == {}
    for port in started.ports.values():
        assert started.listens_on(port) == set()


def test_what_a_killed_start_left_behind_is_stopped_by_the_next_one(tmp_path):
    first = Started(tmp_path / "var")
    first.wait_for(r"Starting .*", LONGEST_START)
    at_last(lambda: len(first.members()) > 4)
    time.sleep(1)
    first.end(signal.SIGKILL)
    assert len(first.members()) >= 3
    second = Started(tmp_path / "var")
    try:
        second.wait_for(r"Starting .*", LONGEST_START)
        at_last(lambda: not first.members())  # supervisord closes its socket a moment before it ends
    finally:
        code = second.end()
    assert code == 0
    assert second.members() == {}


def test_a_process_that_cannot_start_is_named_with_the_end_of_its_log(tmp_path):
    tracker = f"sqlite:///{tmp_path}/no/such/directory/tracker.db"
    started = Started(tmp_path / "var", TRACKER_URL=tracker, DESK_HOST="127.0.0.1", SESSION_SECRET="")
    said = started.wait_for(r"'\w+' cannot start\. The last lines of its log \(.*\):", LONGEST_START)
    assert started.wait() == 1
    name = said.split("'")[1]
    assert (tmp_path / "var" / "log" / f"{name}.log").stat().st_size
    assert "SESSION_SECRET" in "\n".join(started.lines[started.lines.index(said) + 1 :])
    assert started.members() == {}


def test_a_taken_port_stops_it_before_anything_is_started(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        run = subprocess.run(
            [sys.executable, "-m", "amends.cli", "run", "--var", str(tmp_path / "var")],
            cwd=ROOT,
            env={**os.environ, "DESK_PORT": port},
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
    assert run.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in run.stderr
    assert "DESK_PORT" in run.stderr
    assert not (tmp_path / "var" / "supervisord.conf").exists()
