"""PDFs are drawn in a process of its own, which has a limit, no secrets, and an end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from amends.exports import CannotExport
from amends.exports.press import FAILED, MISSING, Press, can_print
from amends.settings import ROOT
from tests.waiting import at_last


@pytest.fixture
def press():
    press = Press()
    yield press
    press.close()


def has_ended(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def is_gone(pid):
    """Whether a process ended; waits for it."""
    return at_last(lambda: has_ended(pid))


def test_one_process_draws_one_pdf_after_the_other(press):
    first, pid = press.draw("<p>One"), press.pid
    second = press.draw("<p>Two")
    assert (first[:5], second[:5]) == (b"%PDF-", b"%PDF-")
    assert first != second
    assert press.pid == pid != os.getpid()


def test_it_gives_way_and_knows_no_secrets(press):
    assert "TRAIL_KEYS" in os.environ
    press.draw("<p>x")
    environment = Path(f"/proc/{press.pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert not [name for name in (b"TRAIL_KEYS", b"SECRET", b"TOKEN") if name in environment]
    assert os.getpriority(os.PRIO_PROCESS, press.pid) > os.getpriority(os.PRIO_PROCESS, 0)


def test_what_takes_too_long_is_ended(caplog):
    press = Press(longest=0.01)  # no interpreter starts within that
    with pytest.raises(CannotExport) as failed:
        press.draw("<p>x")
    assert str(failed.value) == FAILED
    assert press.pid is None
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_mistake_is_told_without_words_and_the_next_is_drawn(press, caplog):
    with pytest.raises(CannotExport) as failed:
        press.draw(["wombat"])
    pid = press.pid
    assert str(failed.value) == FAILED
    assert "Error in " in caplog.text
    assert "wombat" not in caplog.text
    assert press.draw("<p>x").startswith(b"%PDF-")
    assert press.pid == pid


def test_another_is_started_when_it_was_killed(press):
    press.draw("<p>x")
    pid = press.pid
    os.kill(pid, signal.SIGKILL)
    assert is_gone(pid)
    assert press.draw("<p>x").startswith(b"%PDF-")
    assert press.pid != pid


def test_it_ends_when_nobody_needs_it_and_comes_back():
    press = Press(idle=0.01)
    press.draw("<p>x")
    assert is_gone(press.pid)
    assert press.draw("<p>y").startswith(b"%PDF-")
    press.close()
    assert press.pid is None


def test_it_ends_with_whoever_started_it():
    code = (
        "import os, signal\n"
        "from amends.exports.press import press\n"
        "press.draw('<p>x'); print(press.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == -signal.SIGKILL
    assert is_gone(int(ran.stdout))


def test_a_machine_without_the_libraries_gets_a_sentence(tmp_path, monkeypatch):
    """In processes in which the libraries cannot be loaded."""
    (tmp_path / "sitecustomize.py").write_text(
        "import ctypes.util, cffi\ndef fail(*_): raise OSError('cannot load library')\ncffi.FFI.dlopen = fail\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    press = Press()
    with pytest.raises(CannotExport) as failed:
        press.draw("<p>x")
    press.close()
    assert str(failed.value) == MISSING
    assert "apt-get install libpango" in MISSING
    assert can_print() == ""
