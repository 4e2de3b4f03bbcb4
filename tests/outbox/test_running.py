"""The sender as it runs in the desk: woken, stopped, killed, with a record that goes away."""

import asyncio
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest

from amends.incidents.database import RecordUnavailable
from amends.outbox import outgoing
from tests.waiting import LONGEST, until


def running(box, work, sender=None):
    """Run the sender while `work` goes on."""

    async def both():
        task = asyncio.create_task((sender or box.sender).run())
        try:
            async with asyncio.timeout(LONGEST):
                await work(task)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(both())


def test_it_sends_what_was_put_by_anybody_without_being_told(small_box):
    async def work(_task):
        await asyncio.to_thread(small_box.put, "a")
        await until(lambda: small_box.line.texts() == ["a"])

    running(small_box, work)


def test_a_nudge_from_any_thread_sends_at_once(small_box, monkeypatch):
    monkeypatch.setattr("amends.outbox.sender.POLL", 3_600)
    small_box.sender.nudge()  # before it runs it does nothing

    async def work(_task):
        await asyncio.sleep(0.1)
        await asyncio.to_thread(small_box.put, "a")
        await asyncio.to_thread(small_box.sender.nudge)
        await until(lambda: small_box.line.texts() == ["a"])

    running(small_box, work)


def test_a_channel_that_does_not_answer_holds_up_no_other(small_box):
    async def work(_task):
        small_box.line.gates["C1"] = asyncio.Event()
        for key, to in (("a", "C1"), ("b", "C1"), ("c", "C2"), ("d", "C2"), ("e", "C3")):
            await asyncio.to_thread(small_box.put, key, to)
        await until(lambda: small_box.line.texts("C2") == ["c", "d"] and small_box.line.texts("C3") == ["e"])
        assert small_box.line.texts("C1") == []
        small_box.line.gates["C1"].set()
        await until(lambda: small_box.line.texts("C1") == ["a", "b"])

    running(small_box, work)


def test_messages_that_wait_in_many_channels_are_taken_and_kept_in_few_transactions(small_box, monkeypatch):
    small_box.line.channels |= {f"C{number}" for number in range(10, 26)}
    for number in range(160):
        small_box.put(f"m{number}", f"C{10 + number % 16}")
    begun = []
    real = small_box.database.begin
    monkeypatch.setattr(small_box.database, "begin", lambda: begun.append(1) or real())

    async def work(_task):
        await until(lambda: len(small_box.line.calls) == 160)

    running(small_box, work)
    assert len(begun) < 60


def test_when_the_record_is_away_nothing_is_lost_and_nothing_sent_twice(small_box, monkeypatch):
    real = small_box.database.begin
    away = []

    def begin():
        if small_box.line.calls and len(away) < 2:
            away.append(1)
            raise RecordUnavailable("The record is busy.")
        return real()

    small_box.put("a")
    small_box.put("b")
    monkeypatch.setattr(small_box.database, "begin", begin)
    monkeypatch.setattr("amends.outbox.sender.AWAY", 0.01)

    async def work(_task):
        await until(lambda: small_box.line.texts() == ["a", "b"])

    running(small_box, work)
    assert len(away) == 2
    assert small_box.line.called() == ["chat.postMessage", "chat.postMessage"]


def test_a_mistake_in_one_round_does_not_end_the_sending(small_box, monkeypatch, caplog):
    monkeypatch.setattr("amends.outbox.sender.AWAY", 0.01)
    real, failed = outgoing.take, []

    def take(*given):
        if not failed:
            failed.append(1)
            raise LookupError("a name")
        return real(*given)

    monkeypatch.setattr(outgoing, "take", take)
    small_box.put("a")

    async def work(_task):
        await until(lambda: small_box.line.texts() == ["a"])

    running(small_box, work)
    assert "LookupError" in caplog.text
    assert "a name" not in caplog.text


def test_a_message_under_way_is_brought_to_its_end_when_the_process_stops(small_box, monkeypatch):
    monkeypatch.setattr("amends.outbox.sender.GOODBYE", LONGEST)

    async def work(task):
        small_box.line.gates["C1"] = asyncio.Event()
        await asyncio.to_thread(small_box.put, "a")
        await until(lambda: small_box.line.calls)
        task.cancel()
        await asyncio.sleep(0.05)
        small_box.line.gates["C1"].set()
        await asyncio.gather(task, return_exceptions=True)

    running(small_box, work)
    assert small_box.row("a").sent_at


def test_a_message_that_never_ends_does_not_keep_the_process_from_stopping(small_box, monkeypatch):
    monkeypatch.setattr("amends.outbox.sender.GOODBYE", 0.05)

    async def work(_task):
        small_box.line.gates["C1"] = asyncio.Event()
        await asyncio.to_thread(small_box.put, "a")
        await until(lambda: small_box.line.calls)

    running(small_box, work)
    assert small_box.row("a").started_at
    assert not small_box.row("a").sent_at


def test_a_message_that_takes_too_long_is_perhaps_sent(small_box, monkeypatch):
    monkeypatch.setattr("amends.outbox.sender.PATIENCE", 0.05)

    async def work(_task):
        small_box.line.gates["C1"] = asyncio.Event()
        await asyncio.to_thread(small_box.put, "a")
        await until(lambda: small_box.row("a").last_error)

    running(small_box, work)
    assert small_box.row("a").last_error == "unknown: timeout"
    assert small_box.row("a").started_at


def test_what_was_taken_while_the_process_stopped_is_given_back(small_box, monkeypatch):
    """The stop comes between the transaction that takes a row and the call."""
    real = outgoing.take
    taken, stopping = threading.Event(), threading.Event()

    def slow(*given):
        rows = real(*given)
        taken.set()
        stopping.wait(LONGEST)
        return rows

    monkeypatch.setattr(outgoing, "take", slow)
    small_box.put("a")

    async def work(_task):
        await asyncio.to_thread(taken.wait, LONGEST)
        asyncio.get_running_loop().call_soon(stopping.set)  # the stop comes before the loop goes on

    running(small_box, work)
    assert small_box.line.calls == []
    assert small_box.row("a").started_at is None
    monkeypatch.setattr(outgoing, "take", real)
    small_box.send()
    assert small_box.line.texts() == ["a"]


KILLED = """
import asyncio, os, signal, sys
from amends.incidents.database import Database
from amends.outbox.sender import Sender

class Deadly:
    async def call(self, method, **arguments):
        open(sys.argv[2], "a").write(arguments["metadata"]["event_payload"]["key"])
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(Sender(Database(sys.argv[1]), Deadly(), {}, {}).run())
"""


@pytest.mark.parametrize("arrived", [True, False])
def test_a_process_that_is_killed_between_the_call_and_its_end_loses_and_doubles_nothing(database, tmp_path, arrived):
    from tests.outbox.conftest import Box

    box = Box(database)
    box.clock.at = datetime.now(UTC)
    box.put("a")
    box.put("b")
    url = database.engine.url.render_as_string(hide_password=False)
    killed = subprocess.run([sys.executable, "-c", KILLED, url, str(tmp_path / "sent")], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "sent").read_text() == "a"
    row = box.row("a")
    assert row.started_at
    assert not row.sent_at
    if arrived:
        key = {"event_type": "amends_outgoing", "event_payload": {"key": "a"}}
        box.line._chat_postmessage(channel="C1", text="a", metadata=key, unfurl_links=False, unfurl_media=False)
    box.clock.at = row.not_before
    box.send()
    assert box.line.texts() == ["a", "b"]
