"""A message that is accepted is stored, goes to the bot by itself, and what becomes of it is passed on once."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from amends.bot import Gateway
from amends.incidents import deliveries
from amends.incidents.database import RecordUnavailable
from amends.incidents.models import Command
from tests.console.fake_bot import running_bot, settings_for
from tests.waiting import LONGEST, until

ADA = ("slack:T1:UADA", "Ada")


@pytest.fixture
def bot():
    with running_bot() as bot:
        yield bot


class Hooks:
    """Writes down what it was told, in the session that it was given."""

    def __init__(self):
        self.broken = False

    def answered(self, session, delivery, replies):
        text = " ".join(reply.text for reply in replies)
        session.add(Command(key=f"answered {delivery.key}: {text}", result="1", done_at=datetime.now(UTC)))
        if self.broken:
            raise LookupError("what somebody wrote")

    def late(self, session, delivery):
        session.add(Command(key=f"late {delivery.key}", result="1", done_at=datetime.now(UTC)))


@pytest.fixture
def hooks():
    return Hooks()


@asynccontextmanager
async def gateway(bot, database, hooks, limit=LONGEST):
    settings = settings_for(bot.port, str(database.engine.url))
    gateway = Gateway(settings, database, answered=hooks.answered, late=hooks.late, limit=limit)
    try:
        yield gateway
    finally:
        await gateway.close()


async def settled(database):
    await until(lambda: not deliveries.waiting(database))


def told(database):
    with database.read() as session:
        return sorted(session.scalars(select(Command.key)))


def test_an_accepted_message_reaches_the_bot_and_its_replies_are_passed_on_once(bot, database, hooks):
    async def work():
        async with gateway(bot, database, hooks) as gate:
            for _ in range(3):
                await gate.accept("slack:T1:D1", ADA, "It went wrong", "message:D1:1.1", "slack")
            await settled(database)
            await gate.accept("slack:T1:D1", ADA, "It went wrong", "message:D1:1.1", "slack")

    asyncio.run(work())
    assert bot.texts == ["It went wrong"]
    assert told(database) == ["answered message:D1:1.1: Heard: It went wrong"]


def test_accepting_does_not_wait_for_the_bot(bot, sqlite_database, hooks):
    async def work():
        async with gateway(bot, sqlite_database, hooks) as gate:
            with bot.holding():
                async with asyncio.timeout(LONGEST):
                    await gate.accept("slack:T1:D1", ADA, "Help", "k1", "slack")
                waiting = [each.key for each in deliveries.waiting(sqlite_database)]
            await settled(sqlite_database)
            return waiting

    assert asyncio.run(work()) == ["k1"]


def test_messages_accepted_one_after_another_reach_the_bot_in_that_order(bot, sqlite_database, hooks):
    bot.delay = 0.05

    async def work():
        async with gateway(bot, sqlite_database, hooks) as gate:
            for number in range(5):
                await gate.accept("slack:T1:D1", ADA, str(number), f"k{number}", "slack")
            await settled(sqlite_database)

    asyncio.run(work())
    assert bot.texts == ["0", "1", "2", "3", "4"]
    assert bot.mistakes == []


def test_what_comes_from_the_web_is_not_passed_on(bot, sqlite_database, hooks):
    async def work():
        async with gateway(bot, sqlite_database, hooks, limit=0.1) as gate:
            bot.delay = 0.3
            await gate.say("web:ada", ("web:ada", "Ada"), "Help", "k1", "web")
            await gate.send_waiting()
            await settled(sqlite_database)

    asyncio.run(work())
    assert told(sqlite_database) == []


def test_somebody_who_waits_too_long_is_told_once_and_gets_the_answer_later(bot, database, hooks):
    async def work():
        async with gateway(bot, database, hooks, limit=0.2) as gate:
            with bot.holding():
                await gate.accept("slack:T1:D1", ADA, "Help", "k1", "slack")
                waiting = await until(lambda: told(database))
            await gate.send_waiting()
            await settled(database)
            return waiting

    assert asyncio.run(work()) == ["late k1"]
    assert told(database) == ["answered k1: Heard: Help", "late k1"]


def test_of_several_messages_that_wait_only_the_first_is_told_of_until_it_is_handled(bot, sqlite_database, hooks):
    bot.stop()

    async def work():
        async with gateway(bot, sqlite_database, hooks, limit=0.2) as gate:
            for word in ("one", "two", "three"):
                await gate.accept("slack:T1:D1", ADA, word, word, "slack")
            await until(lambda: told(sqlite_database))
            await asyncio.sleep(0.4)  # the others have waited too long as well
            await gate.send_waiting()
            return told(sqlite_database)

    assert asyncio.run(work()) == ["late one"]


def test_the_limit_counts_from_when_it_was_said(bot, sqlite_database, hooks):
    async def work():
        async with gateway(bot, sqlite_database, hooks, limit=3600) as gate:
            said = datetime.now(UTC) - timedelta(seconds=3601)
            with bot.holding():
                await gate.accept("slack:T1:D1", ADA, "Help", "k1", "slack", at=said)
                waiting = await until(lambda: told(sqlite_database))
            await settled(sqlite_database)
            return waiting

    assert asyncio.run(work()) == ["late k1"]


def test_who_waited_when_the_desk_was_stopped_is_told_by_the_next_one(bot, sqlite_database, hooks):
    bot.stop()

    async def before():
        async with gateway(bot, sqlite_database, hooks) as gate:
            await gate.accept("slack:T1:D1", ADA, "Help", "k1", "slack")

    async def after():
        async with gateway(bot, sqlite_database, hooks, limit=0.3) as gate:
            await asyncio.sleep(0.4)
            await gate.send_waiting()
            await gate.send_waiting()

    asyncio.run(before())
    assert told(sqlite_database) == []
    asyncio.run(after())
    assert told(sqlite_database) == ["late k1"]


def test_replies_that_cannot_be_passed_on_are_not_kept_and_are_asked_for_again(bot, database, hooks, caplog):
    hooks.broken = True

    async def work():
        async with gateway(bot, database, hooks) as gate:
            await gate.accept("slack:T1:D1", ADA, "Help", "k1", "slack")
            await until(lambda: "LookupError in" in caplog.text)
            waiting = [each.key for each in deliveries.waiting(database)]
            hooks.broken = False
            for _ in range(3):
                await gate.send_waiting()
            return waiting

    assert asyncio.run(work()) == ["k1"]
    assert told(database) == ["answered k1: Heard: Help"]
    assert "LookupError in" in caplog.text
    assert "what somebody wrote" not in caplog.text


def test_a_message_that_the_bot_refuses_is_passed_on_with_what_to_do(bot, sqlite_database, hooks):
    bot.answer = lambda _: 400

    async def work():
        async with gateway(bot, sqlite_database, hooks) as gate:
            await gate.accept("slack:T1:D1", ADA, "odd", "k1", "slack")
            await settled(sqlite_database)

    asyncio.run(work())
    (only,) = told(sqlite_database)
    assert "nothing was done with it" in only


def test_a_message_that_cannot_be_stored_is_not_accepted(bot, sqlite_database, hooks, monkeypatch):
    def full(*_, **__):
        raise RecordUnavailable("The disk of the record is full. Nothing was recorded.")

    monkeypatch.setattr(deliveries, "receive", full)

    async def work():
        async with gateway(bot, sqlite_database, hooks) as gate:
            with pytest.raises(RecordUnavailable):
                await gate.accept("slack:T1:D1", ADA, "Help", "k1", "slack")

    asyncio.run(work())
    assert bot.calls == []
